//! What to time.

use clap::Args;

/// `hdumec bench`
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// Numbers of samples
    #[arg(
        long,
        value_name = "N,..",
        value_delimiter = ',',
        default_value = "2000,25517"
    )]
    pub samples: Vec<usize>,
    /// How often each part is run; the fastest counts
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub repeats: usize,
    /// Print one JSON object a line instead of a table
    #[arg(long)]
    pub json: bool,
    /// Only draw a map of the first number of samples; the command calls itself with this
    #[cfg(feature = "gui")]
    #[arg(long, hide = true)]
    pub map: bool,
}
