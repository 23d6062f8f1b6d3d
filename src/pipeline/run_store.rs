//! Where runs leave how far they are, so that a process that is killed loses little.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    AnalysisSpec, Node,
    products::Products,
    run_slot::{RUN, RunSlot, VERSION},
};
use crate::{
    data::Dataset,
    io::Source,
    store::{
        left::{self, LOCK, Left},
        lock::Lock,
    },
    words::hex,
};

/// What a run is of, to offer it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AboutRun {
    /// The data's name.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// Where the data came from.
    pub source: Source,
    /// The settings.
    pub spec: AnalysisSpec,
}

/// A run that was cut off, whose process is gone.
pub type LeftRun = Left<AboutRun>;

/// A folder in which runs leave how far they are.
#[derive(Clone, Debug)]
pub struct RunStore {
    folder: PathBuf,
    /// Bytes that what parts of runs came to may take.
    limit: u64,
}

/// Bytes that what parts of runs came to may take unless the user says otherwise.
const LIMIT: u64 = 2 << 30;

impl RunStore {
    /// The folder of the user's data; none for users without a home.
    pub fn of_user() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"))?;
        Some(Self::at(&folders.data_local_dir().join("runs")))
    }

    /// A folder, made when it is needed.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            limit: LIMIT,
        }
    }

    /// The same, where what parts of runs came to may take so many GiB in all; with 0 nothing is taken over from earlier runs.
    pub fn with_limit(self, gibibytes: Option<f64>) -> Self {
        let bytes = gibibytes.map(|gibibytes| (gibibytes.max(0.0) * f64::from(1 << 30)) as u64);
        Self {
            limit: bytes.unwrap_or(self.limit),
            ..self
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs that were cut off, the latest first. What cannot be read is left out; what nobody came back to in 30 days is deleted.
    pub fn left(&self) -> Vec<LeftRun> {
        left::all(&self.folder, RUN, &[])
    }

    /// Deletes everything that no process has.
    pub fn clear(&self) {
        Products::at(&self.folder, 0).clear_down_to(0);
        left::clear(&self.folder, RUN, &[]);
    }

    /// Deletes a run that was cut off, unless a process has it.
    pub fn forget(run: &LeftRun) {
        run.delete(&[]);
    }

    /// Takes the place of a run on data from somewhere with these settings; `None` if another process has it. Runs that nobody came back
    /// to in 30 days are deleted.
    ///
    /// # Errors
    /// If the folder cannot be written to, or values on disk cannot be read.
    pub fn take(
        &self,
        dataset: &Dataset,
        spec: &AnalysisSpec,
        source: Option<&Source>,
    ) -> io::Result<Option<RunSlot>> {
        fs::create_dir_all(&self.folder)?;
        // What is too old goes.
        self.left();
        let mut hash = Sha256::new();
        let fingerprint = dataset.fingerprint()?;
        let labels = dataset.labels.as_ref().map(|labels| &labels.codes);
        // Another version may compute otherwise.
        hash.update(
            json!([
                env!("CARGO_PKG_VERSION"),
                VERSION,
                fingerprint,
                labels,
                spec
            ])
            .to_string(),
        );
        let key = hex(&hash.finalize()[..16]);
        let lock = self.folder.join(format!("{key}.{LOCK}"));
        let Some(lock) = Lock::take(&lock)? else {
            return Ok(None);
        };
        let file = self.folder.join(format!("{key}.{RUN}"));
        // A path that is not Unicode cannot be written: then the run is found by the same command alone.
        let about = source.and_then(|source| {
            let about = AboutRun {
                name: dataset.name.clone(),
                samples: dataset.samples(),
                source: source.clone(),
                spec: spec.clone(),
            };
            serde_json::to_vec(&about).ok()
        });
        let products = Products::at(&self.folder, self.limit);
        let clusters = spec.clusters_for(dataset).unwrap_or_default();
        let labels = dataset.labels.as_ref();
        let key = |node: Node| (node, node.key(&fingerprint, labels, spec, clusters));
        let keys = Node::ALL.map(key).to_vec();
        RunSlot::new(file, lock, about, products, keys).map(Some)
    }
}
