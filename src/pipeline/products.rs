//! What parts of earlier runs came to, kept by what it depends on, so that later runs take it over.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::{AnalysisSpec, Checkpoint, Node};
use crate::{
    store::capsule::{self, CapsuleError, Kind},
    train::{Resting, Snapshot},
};

/// Files of products.
const KIND: Kind = Kind {
    name: *b"product ",
    version: 1,
};

/// How their names end.
const ENDING: &str = "part";

/// The most that one may take of the limit: larger ones are not kept.
const SHARE: u64 = 2;

/// A folder of products.
#[derive(Clone, Debug)]
pub(super) struct Products {
    folder: PathBuf,
    /// Bytes that all of them may take.
    limit: u64,
}

impl Products {
    pub fn at(folder: &Path, limit: u64) -> Self {
        Self {
            folder: folder.to_owned(),
            limit,
        }
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(key).with_extension(ENDING)
    }

    /// Whether anything is to be kept.
    pub fn are_kept(&self) -> bool {
        self.limit > 0
    }

    /// Whether what a part came to is there.
    pub fn has(&self, key: &str) -> bool {
        self.file(key).exists()
    }

    /// What a part came to, if it is there. What is torn or damaged is deleted.
    pub fn get(&self, key: &str, most: u64) -> Option<Checkpoint> {
        let file = self.file(key);
        match capsule::read::<Checkpoint>(&file, KIND, most) {
            Ok((found, _)) => {
                // The oldest go first: by when they were of use.
                let used = fs::File::options().append(true).open(&file);
                _ = used.and_then(|file| file.set_modified(SystemTime::now()));
                Some(found)
            }
            Err(CapsuleError::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
            Err(CapsuleError::TooLarge) => None,
            Err(error) => {
                tracing::warn!("what a part of an earlier run came to was left out: {error}");
                _ = fs::remove_file(&file);
                None
            }
        }
    }

    /// Keeps what a part came to, and clears the oldest where all take more than they may.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put(&self, key: &str, found: &Checkpoint) -> io::Result<()> {
        if found.bytes() > self.limit / SHARE {
            return Ok(());
        }
        capsule::write(&self.file(key), KIND, found)?;
        self.clear_down_to(self.limit);
        Ok(())
    }

    /// Deletes the oldest until all take so many bytes at most.
    pub fn clear_down_to(&self, bytes: u64) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            // The folder may be one of the user's, with other files that end so.
            .filter(|entry| entry.path().extension().is_some_and(|end| end == ENDING))
            .filter(|entry| capsule::is_one(&entry.path(), KIND))
            .filter_map(|entry| {
                let about = entry.metadata().ok()?;
                Some((about.modified().ok()?, about.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut all: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, length, file) in files {
            if all <= bytes {
                return;
            }
            if fs::remove_file(file).is_ok() {
                all -= length;
            }
        }
    }
}

impl Checkpoint {
    /// Bytes that it takes, but for what is small.
    fn bytes(&self) -> u64 {
        let weights = |snapshot: &Snapshot| {
            let moments = [&snapshot.first_moments, &snapshot.second_moments];
            let moments = moments.into_iter().flat_map(|all| all.values());
            snapshot.weights.len() + moments.map(|moments| moments.len()).sum::<usize>()
        };
        let trained = self.trained.iter().map(Resting::values);
        let point = self.point.iter().map(|point| weights(&point.snapshot));
        let consensus = self.consensus.iter();
        let votes = consensus.map(|c| c.votes.len() * (2 + c.kinds.len()) + c.support.len());
        let said = self.ensemble.bytes();
        let result = self.result.iter().map(|result| {
            let values = result.uncertainty.feature.iter();
            let values = values.map(|values| values.samples() * values.features());
            values.sum::<usize>() + result.weights.len() + 4 * result.stage1.q.len()
        });
        let numbers: usize = trained.chain(point).chain(votes).chain(result).sum();
        4 * numbers as u64 + said
    }

    /// Makes what was taken from elsewhere that of these settings: centres of another number of clusters, and maps by other settings, are
    /// left out.
    ///
    /// # Errors
    /// If weights that rest on the disk cannot be read or written.
    pub(super) fn taken_over(
        mut self,
        node: Node,
        spec: &AnalysisSpec,
        k: usize,
    ) -> io::Result<Self> {
        for start in &mut self.trained {
            start.forget_centres(k)?;
        }
        if let Some(point) = &mut self.point {
            point.snapshot.forget_centres(k);
        }
        // The data are prepared, and a device opened, again.
        let again = |part: &str| ["prepare", "device"].contains(&part);
        self.seconds.retain(|part| !again(&part.part));
        if let Some(result) = &mut self.result {
            let result = std::sync::Arc::make_mut(result);
            if result.spec.umap != spec.umap {
                let stages = [Some(&mut result.stage1), result.stage2.as_mut()];
                for stage in stages.into_iter().flatten() {
                    (stage.umap, stage.umap_recall) = (None, None);
                }
                self.seconds.retain(|part| !part.part.starts_with("umap"));
            }
            result.spec = spec.clone();
            result.taken_over = Some(node);
            result.seconds.clone_from(&self.seconds);
        }
        self.from = Some(node);
        Ok(self)
    }
}
