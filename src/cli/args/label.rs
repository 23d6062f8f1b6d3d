//! Labels that come later.

use std::path::PathBuf;

use clap::Args;

/// `hdumec label`
#[derive(Debug, Args)]
pub struct LabelArguments {
    /// The folder of the results, or its run.json
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The data, if they are elsewhere now: files or folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// File with the known class of every sample, or with other columns that describe them
    #[arg(long, value_name = "FILE")]
    pub labels: PathBuf,
    /// Column of that file that holds the classes
    #[arg(long, value_name = "NAME")]
    pub label_column: Option<String>,
    /// Column of that file that holds the ids [default: found by its content]
    #[arg(long, value_name = "COLUMN")]
    pub label_ids: Option<String>,
    /// Folder for the results with these labels
    #[arg(long, short, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace earlier results in that folder
    #[arg(long)]
    pub force: bool,
}
