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
    /// GiB that what parts of runs came to may take there, for later runs that differ in later parts only; 0 takes over nothing
    #[arg(long, value_name = "GIB")]
    pub store_limit: Option<f64>,
    /// Begin anew, even if a run of the same data and settings was cut off or parts of it are known
    #[arg(long)]
    pub fresh: bool,
}

impl StoreArguments {
    /// The folder, if there is to be one.
    pub fn store(&self) -> Option<RunStore> {
        let store = match (&self.store, self.no_store) {
            (_, true) => None,
            (Some(folder), false) => Some(RunStore::at(folder)),
            (None, false) => RunStore::of_user(),
        };
        store.map(|store| store.with_limit(self.store_limit))
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
