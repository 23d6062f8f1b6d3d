//! The place of one run: how far it is, written down by a worker.

use std::{
    fs, io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{AnalysisSpec, Checkpoint, Milestone, Node, products::Products};
use crate::{
    data::{Dataset, available_memory},
    job::Latest,
    store::{
        atomic,
        capsule::{self, Kind},
        left::{self, ABOUT},
        lock::Lock,
    },
};

/// How the names of the files of checkpoints end.
pub(super) const RUN: &str = "run";

/// Version of the files of checkpoints.
pub(super) const VERSION: u32 = 1;

/// Files of checkpoints.
const KIND: Kind = Kind {
    name: *b"run     ",
    version: VERSION,
};

/// Time between two checkpoints within a part.
const EVERY: Duration = Duration::from_secs(10);

/// Writing takes at most one part in so many of the time.
const SHARE: u32 = 50;

/// The place of one run, held by this process.
#[derive(Debug)]
pub struct RunSlot {
    file: PathBuf,
    writer: Latest<Offered>,
    products: Products,
    /// The keys of its parts, in their order.
    keys: Vec<(Node, String)>,
    pace: Arc<Pace>,
    /// When the last checkpoint was made, as milliseconds since the slot was taken.
    last: AtomicU64,
    since: Instant,
    _lock: Lock,
}

/// A checkpoint, and where it is to be kept.
#[derive(Debug)]
struct Offered {
    checkpoint: Checkpoint,
    /// As how far this run is.
    as_run: bool,
    /// As what a part came to, for other runs: its key.
    as_product: Option<String>,
}

/// How long the last write took, and what went wrong.
#[derive(Debug, Default)]
struct Pace {
    took: AtomicU64,
    failed: std::sync::OnceLock<String>,
}

/// Writes what is offered, wherever it is to be kept.
struct Writer {
    file: PathBuf,
    /// What the run is of, until it is written.
    about: Option<Vec<u8>>,
    products: Products,
    pace: Arc<Pace>,
}

impl Writer {
    fn write(&mut self, offered: Offered) {
        let begun = Instant::now();
        let Offered {
            checkpoint,
            as_run,
            as_product,
        } = offered;
        // Without it, later runs compute it again.
        if let Some(key) = as_product
            && let Err(error) = self.products.put(&key, &checkpoint)
        {
            tracing::warn!("what a part came to could not be kept: {error}");
        }
        if as_run && let Err(error) = self.write_run(&checkpoint) {
            tracing::warn!("a checkpoint could not be written: {error}");
            _ = self.pace.failed.set(error.to_string());
        }
        let took = begun.elapsed().as_millis() as u64;
        self.pace.took.store(took, Ordering::Relaxed);
    }

    fn write_run(&mut self, checkpoint: &Checkpoint) -> io::Result<()> {
        // It says what it is of once there is something to come back to.
        if let Some(about) = self.about.take() {
            atomic::write(self.file.with_extension(ABOUT), |out| out.write_all(&about))?;
        }
        capsule::write(&self.file, KIND, checkpoint)
    }
}

impl RunSlot {
    /// The place in a file that is locked.
    pub(super) fn new(
        file: PathBuf,
        lock: Lock,
        about: Option<Vec<u8>>,
        products: Products,
        keys: Vec<(Node, String)>,
    ) -> io::Result<Self> {
        let pace = Arc::new(Pace::default());
        let mut writer = Writer {
            file: file.clone(),
            about,
            products: products.clone(),
            pace: pace.clone(),
        };
        Ok(Self {
            file,
            writer: Latest::spawn("checkpoint", move |offered| writer.write(offered))?,
            products,
            keys,
            pace,
            last: AtomicU64::new(0),
            since: Instant::now(),
            _lock: lock,
        })
    }

    /// How far this run was when it was cut off, or else, if such `products` are wanted, what parts of earlier runs came to that are the
    /// same here. What is torn, damaged or of other data is deleted.
    pub fn resume(
        &self,
        dataset: &Arc<Dataset>,
        spec: &AnalysisSpec,
        clusters: usize,
        products: bool,
    ) -> Option<Checkpoint> {
        let most = match available_memory() {
            0 => u64::MAX,
            free => free,
        };
        let of_products = || {
            let found = self.keys.iter().rev().find_map(|(node, key)| {
                let found = self.products.get(key, most)?;
                let found = found.taken_over(*node, spec, clusters);
                found.inspect_err(|error| tracing::warn!("{error}")).ok()
            })?;
            found.with(dataset, clusters).ok()
        };
        let own = self.own(dataset, clusters, most);
        own.or_else(|| products.then(of_products).flatten())
    }

    fn own(&self, dataset: &Arc<Dataset>, clusters: usize, most: u64) -> Option<Checkpoint> {
        if !self.file.exists() {
            return None;
        }
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

    /// Takes a checkpoint if one is due: after a part, and within parts when ten seconds have passed since the last; less often where
    /// writing takes more than a fiftieth of the time. What a part came to is kept unless it is there.
    pub fn offer(&self, at: Milestone, make: &mut dyn FnMut() -> Option<Checkpoint>) {
        let now = self.since.elapsed();
        let passed = now.saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)));
        let took = Duration::from_millis(self.pace.took.load(Ordering::Relaxed));
        let least = took.saturating_mul(SHARE).max(match at {
            Milestone::Within => EVERY,
            Milestone::Done | Milestone::After(_) => Duration::ZERO,
        });
        let as_product = self.wanted(at);
        // Of starts alone a run would go on with less than it has.
        let as_run = passed >= least && at != Milestone::After(Node::Starts);
        if !as_run && as_product.is_none() {
            return;
        }
        let Some(checkpoint) = make() else { return };
        if as_run {
            self.last.store(now.as_millis() as u64, Ordering::Relaxed);
        }
        let offered = Offered {
            checkpoint,
            as_run,
            as_product,
        };
        match offered.as_product {
            Some(_) => self.writer.put_all(offered),
            None => self.writer.put(offered),
        }
    }

    /// The key of a part whose product is not there yet.
    fn wanted(&self, at: Milestone) -> Option<String> {
        let Milestone::After(node) = at else {
            return None;
        };
        let key = self.keys.iter().find(|(of, _)| *of == node);
        let key = key
            .map(|(_, key)| key)
            .filter(|key| !self.products.has(key));
        key.filter(|_| self.products.are_kept()).cloned()
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
        left::delete(&self.file, &[]);
    }
}
