//! Whose markers.

use std::path::PathBuf;

use clap::Args;

/// `hdumec markers`
#[derive(Debug, Args)]
pub struct MarkersArguments {
    /// The folder of the results, or its run.json
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// The data, if they are elsewhere now: files or folders, with the labels beside them
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Whose markers: cluster, label, or the name of a column of groups that describes the samples
    #[arg(long, default_value = "cluster", value_name = "GROUPS")]
    pub of: String,
    /// Only of this modality [default: all]
    #[arg(long, value_name = "NAME")]
    pub modality: Option<String>,
    /// Also test on half of the counts, with clusters found on the other half: p-values that are not owed to clusters having been found on
    /// what is tested (count splitting)
    #[arg(long)]
    pub split_counts: bool,
    /// How many of each group to print
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub top: usize,
    /// Table of all features of all groups (CSV) [default: none is written]
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace an earlier file of that name
    #[arg(long, requires = "out")]
    pub force: bool,
}
