//! Where a run leaves how far it is.

use std::path::PathBuf;

use clap::Args;

use crate::pipeline::RunStore;

/// Where a run leaves how far it is.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "A run that is cut off")]
pub struct StoreArguments {
    /// Folder in which it leaves how far it is, so that the same command goes on there [default: in hdumec's folder for data]
    #[arg(long, value_name = "DIR", conflicts_with = "no_store")]
    pub store: Option<PathBuf>,
    /// Leave nothing: what is cut off begins anew
    #[arg(long)]
    pub no_store: bool,
    /// Begin anew, even if a run of the same data and settings was cut off
    #[arg(long)]
    pub fresh: bool,
}

impl StoreArguments {
    /// The folder, if there is to be one.
    pub fn store(&self) -> Option<RunStore> {
        match (&self.store, self.no_store) {
            (_, true) => None,
            (Some(folder), false) => Some(RunStore::at(folder)),
            (None, false) => RunStore::of_user(),
        }
    }
}

/// `hdumec kept`
#[derive(Debug, Args)]
pub struct KeptArguments {
    /// Folder to look into [default: hdumec's folder for data]
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Delete what no hdumec at work has
    #[arg(long)]
    pub delete: bool,
}
