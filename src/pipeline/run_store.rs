//! Where runs leave how far they are, so that a process that is killed loses little.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{AnalysisSpec, Checkpoint};
use crate::{
    data::{Dataset, available_memory},
    io::Source,
    job::Latest,
    store::{
        atomic,
        capsule::{self, Kind},
        lock::Lock,
    },
    words::hex,
};

/// Files of checkpoints.
const KIND: Kind = Kind {
    name: *b"run     ",
    version: 1,
};

/// Time between two checkpoints within a part.
const EVERY: Duration = Duration::from_secs(10);

/// Writing takes at most one part in so many of the time.
const SHARE: u32 = 50;

/// What nobody came back to in this time is deleted.
const FORGOTTEN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

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
#[derive(Clone, Debug)]
pub struct LeftRun {
    /// What it is of.
    pub about: AboutRun,
    /// Since when nothing came of it.
    pub since: Duration,
    file: PathBuf,
}

impl LeftRun {
    /// The file that holds how far it is.
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// A folder in which runs leave how far they are.
#[derive(Clone, Debug)]
pub struct RunStore {
    folder: PathBuf,
}

/// The place of one run, held by this process.
#[derive(Debug)]
pub struct RunSlot {
    file: PathBuf,
    writer: Latest<Checkpoint>,
    pace: Arc<Pace>,
    /// When the last checkpoint was made, as milliseconds since the slot was taken.
    last: AtomicU64,
    since: Instant,
    _lock: Lock,
}

/// How long the last write took, and what went wrong.
#[derive(Debug, Default)]
struct Pace {
    took: AtomicU64,
    failed: std::sync::OnceLock<String>,
}

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
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs that were cut off, the latest first. What cannot be read is left out.
    pub fn left(&self) -> Vec<LeftRun> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut left: Vec<LeftRun> = entries.filter_map(|entry| left_at(&entry.path())).collect();
        left.sort_by_key(|run| run.since);
        left
    }

    /// Deletes everything that no process has.
    pub fn clear(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for file in entries.map(|entry| entry.path()) {
            let ours = ["run", "json"].map(|ending| file.with_extension(ending));
            if ours.contains(&file)
                && let Ok(Some(_lock)) = Lock::take(&file.with_extension("lock"))
            {
                ours.iter().for_each(|file| _ = fs::remove_file(file));
            }
        }
    }

    /// Deletes a run that was cut off, unless a process has it.
    pub fn forget(run: &LeftRun) {
        if let Ok(Some(_lock)) = Lock::take(&run.file.with_extension("lock")) {
            for ending in ["run", "json"] {
                _ = fs::remove_file(run.file.with_extension(ending));
            }
        }
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
        let forgotten = |run: &LeftRun| run.since > FORGOTTEN;
        self.left()
            .iter()
            .filter(|run| forgotten(run))
            .for_each(Self::forget);
        let mut hash = Sha256::new();
        let fingerprint = dataset.fingerprint()?;
        let labels = dataset.labels.as_ref().map(|labels| &labels.codes);
        // Another version may compute otherwise.
        hash.update(
            json!([
                env!("CARGO_PKG_VERSION"),
                KIND.version,
                fingerprint,
                labels,
                spec
            ])
            .to_string(),
        );
        let key = hex(&hash.finalize()[..16]);
        let lock = self.folder.join(format!("{key}.lock"));
        let Some(lock) = Lock::take(&lock)? else {
            return Ok(None);
        };
        let file = self.folder.join(format!("{key}.run"));
        // A path that is not Unicode cannot be written: then the run is found by the same command alone.
        let mut about = source.and_then(|source| {
            let about = AboutRun {
                name: dataset.name.clone(),
                samples: dataset.samples(),
                source: source.clone(),
                spec: spec.clone(),
            };
            serde_json::to_vec(&about).ok()
        });
        let pace = Arc::new(Pace::default());
        let (path, told) = (file.clone(), pace.clone());
        let writer = Latest::spawn("checkpoint", move |checkpoint: Checkpoint| {
            let begun = Instant::now();
            // It says what it is of once there is something to come back to.
            let told_of = match about.take() {
                Some(about) => {
                    atomic::write(path.with_extension("json"), |out| out.write_all(&about))
                }
                None => Ok(()),
            };
            let written = told_of.and_then(|()| capsule::write(&path, KIND, &checkpoint));
            if let Err(error) = written {
                tracing::warn!("a checkpoint could not be written: {error}");
                _ = told.failed.set(error.to_string());
            }
            told.took
                .store(begun.elapsed().as_millis() as u64, Ordering::Relaxed);
        })?;
        Ok(Some(RunSlot {
            file,
            writer,
            pace,
            last: AtomicU64::new(0),
            since: Instant::now(),
            _lock: lock,
        }))
    }
}

impl RunSlot {
    /// How far a run was that left something here. What is torn, damaged or of other data is deleted.
    pub fn resume(&self, dataset: &Arc<Dataset>, clusters: usize) -> Option<Checkpoint> {
        if !self.file.exists() {
            return None;
        }
        let most = match available_memory() {
            0 => u64::MAX,
            free => free,
        };
        let read = capsule::read::<Checkpoint>(&self.file, KIND, most);
        let read = read
            .map_err(|error| error.to_string())
            .and_then(|(found, _)| {
                found
                    .with(dataset, clusters)
                    .map_err(|what| format!("{what} does not fit the data"))
            });
        match read {
            Ok(found) => (!found.is_empty()).then_some(found),
            Err(error) => {
                tracing::warn!("a checkpoint was left out: {error}");
                self.forget();
                None
            }
        }
    }

    /// Takes a checkpoint if one is due: after a part (`milestone`), and within parts when ten seconds have passed since the last; less
    /// often where writing takes more than a fiftieth of the time.
    pub fn offer(&self, milestone: bool, make: &mut dyn FnMut() -> Checkpoint) {
        let now = self.since.elapsed();
        let passed = now.saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)));
        let took = Duration::from_millis(self.pace.took.load(Ordering::Relaxed));
        let least = took
            .saturating_mul(SHARE)
            .max(if milestone { Duration::ZERO } else { EVERY });
        if passed >= least {
            self.last.store(now.as_millis() as u64, Ordering::Relaxed);
            self.writer.put(make());
        }
    }

    /// Why checkpoints could not be written, if they could not.
    pub fn failed(&self) -> Option<&str> {
        self.pace.failed.get().map(String::as_str)
    }

    /// Deletes what is here.
    pub fn forget(&self) {
        if let Err(error) = fs::remove_file(&self.file)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!("a checkpoint could not be deleted: {error}");
        }
    }

    /// Deletes what is here, for the run is done and saved.
    pub fn finish(self) {
        self.rest().forget();
    }

    /// The run is done, but not saved: what is here stays until [`RestingRun::forget`]. Waits for what is still being written.
    pub fn rest(self) -> RestingRun {
        let Self {
            file,
            writer,
            _lock: lock,
            ..
        } = self;
        drop(writer);
        RestingRun { file, _lock: lock }
    }
}

/// The place of a run that is done and may not be saved yet, held by this process.
#[derive(Debug)]
pub struct RestingRun {
    file: PathBuf,
    _lock: Lock,
}

impl RestingRun {
    /// Deletes what is here.
    pub fn forget(self) {
        for ending in ["run", "json"] {
            _ = fs::remove_file(self.file.with_extension(ending));
        }
    }
}

/// What was left in a file of a checkpoint, if no process has it.
fn left_at(file: &Path) -> Option<LeftRun> {
    if file.extension()? != "run" || Lock::held(&file.with_extension("lock")) {
        return None;
    }
    let about = fs::read(file.with_extension("json")).ok()?;
    let written = fs::metadata(file).and_then(|found| found.modified()).ok()?;
    Some(LeftRun {
        about: serde_json::from_slice(&about).ok()?,
        since: SystemTime::now()
            .duration_since(written)
            .unwrap_or_default(),
        file: file.to_owned(),
    })
}
