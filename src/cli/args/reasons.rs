//! Why samples lie between clusters.

use std::path::PathBuf;

use clap::Args;

/// `hdumec reasons`
#[derive(Debug, Args)]
pub struct ReasonsArguments {
    /// The folder of the results, or its run.json
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The data, if they are elsewhere now: files or folders, with the labels beside them
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Of the samples between two clusters, by their names or numbers [default: the most ambiguous tenth of all]
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub between: Vec<String>,
    /// Table of the samples, with what was seen of each (CSV) [default: none is written]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace an earlier file of that name
    #[arg(long, requires = "out")]
    pub force: bool,
}
