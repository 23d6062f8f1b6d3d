//! What to train on with.

use std::path::PathBuf;

use clap::Args;

use super::{ForPythonArguments, SamplesArguments, StoreArguments};
use crate::model::DeviceChoice;

/// Saved results, and which of their samples to go on with.
#[derive(Debug, Args)]
pub struct TrainOnArguments {
    /// Folder of results
    #[arg(value_name = "RESULTS")]
    pub results: PathBuf,
    /// Where their data are now [default: where they were]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub samples: SamplesArguments,
    /// Folder to write the new results to
    #[arg(short, long, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace earlier results there
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub for_python: ForPythonArguments,
    /// Device to compute on, as 'hdumec run' takes it [default: that of the results]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceChoice>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub kept: StoreArguments,
    /// Print results and progress as JSON lines
    #[arg(long)]
    pub json: bool,
    /// Print errors and the scores alone
    #[arg(short, long)]
    pub quiet: bool,
}
