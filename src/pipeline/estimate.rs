//! What a run will need, told before it starts: memory and time, from the shapes alone.
//!
//! Measured on demo data with 2 threads (`/usr/bin/time -v hdumec run`): see the tests of this module for what is compared.

mod costs;

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::{AnalysisSpec, time_in_words};
use crate::{
    data::{Dataset, Storage, available_memory},
    limit::memory_in_words,
    model::NetworkSpec,
};
use costs::Costs;

/// What a run needs on the processor, roughly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Most memory it holds at a time, the data included.
    pub bytes: u64,
    /// How long it takes on all cores.
    pub seconds: f64,
    /// Of the memory, the data that are loaded already.
    loaded: u64,
    largest: Contributor,
}

/// What takes most of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contributor {
    /// The network's weights, with what training keeps beside them.
    Hidden,
    /// The starts that are kept until they have voted.
    Starts,
    /// Samples x clusters.
    Clusters,
    /// What is told of every epoch.
    Epochs,
    /// The neighbours of the map.
    Neighbours,
    /// The values and what is as large.
    Samples,
}

impl Contributor {
    /// What to do about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Hidden => "Lower the width of the hidden layers (--hidden): it takes most.",
            Self::Starts => "Lower the number of starts (--starts): they take most.",
            Self::Clusters => "Lower the number of clusters (--clusters): they take most.",
            Self::Epochs => "Lower the epochs or the starts (--epochs, --starts): they take most.",
            Self::Neighbours => {
                "Lower the neighbours of the map (--umap-neighbours): they take most."
            }
            Self::Samples => {
                "Use fewer samples or features: they take most. Values that were loaded with a lower limit on memory \
                 (--memory) are kept on disk."
            }
        }
    }
}

/// A run needs more memory than there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the analysis would need about {} more memory, and {} is free",
    memory_in_words(*needed),
    memory_in_words(*available)
)]
pub struct MemoryShortage {
    /// Bytes needed besides the data that are loaded.
    pub needed: u64,
    /// Bytes that are free.
    pub available: u64,
    /// What takes most.
    pub largest: Contributor,
}

impl MemoryShortage {
    /// Which setting to lower.
    pub fn advice(&self) -> String {
        self.largest.advice().into()
    }
}

impl Estimate {
    /// What a run takes of data of this shape: the network's, so many samples held in memory or on disk.
    pub fn of(
        spec: &AnalysisSpec,
        network: &NetworkSpec,
        samples: usize,
        storage: Storage,
    ) -> Self {
        let costs = Costs::of(spec, network, samples, storage);
        let parts = costs.memory();
        let total: f64 = parts.iter().map(|(_, bytes)| bytes).sum();
        let largest = parts.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        Self {
            bytes: (total + PROGRAM) as u64,
            seconds: costs.seconds(),
            loaded: costs.loaded() as u64,
            largest: largest.map_or(Contributor::Samples, |&(largest, _)| largest),
        }
    }

    /// The same for a data set.
    pub(super) fn for_dataset(
        spec: &AnalysisSpec,
        network: &NetworkSpec,
        dataset: &Dataset,
    ) -> Self {
        let mut held = dataset.modalities.iter().map(|m| m.values.storage());
        let storage = match held.any(|storage| storage == Storage::Disk) {
            true => Storage::Disk,
            false => Storage::Memory,
        };
        Self::of(spec, network, dataset.samples(), storage)
    }

    /// Whether so much free memory is enough.
    ///
    /// # Errors
    /// What is lacking, if it is not. No memory at all means that the system does not tell.
    pub fn fits(&self, available: u64) -> Result<(), MemoryShortage> {
        let needed = self.bytes.saturating_sub(self.loaded);
        if available == 0 || needed <= available {
            return Ok(());
        }
        Err(MemoryShortage {
            needed,
            available,
            largest: self.largest,
        })
    }
}

/// The program itself, its threads and their stacks.
const PROGRAM: f64 = 60e6;

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Anything longer is not worth telling apart.
        const CENTURY: f64 = 3.2e9;
        let time = match self.seconds < CENTURY {
            true => time_in_words(Duration::from_secs_f64(self.seconds)),
            false => "more than a century".into(),
        };
        let memory = memory_in_words(self.bytes);
        write!(
            f,
            "{time} and {memory} on this processor (a rough estimate)"
        )
    }
}

/// The free memory as it was within the last seconds: for whoever asks in every frame.
pub fn recently_available_memory() -> u64 {
    const FRESH: u64 = 5;
    static SINCE: OnceLock<Instant> = OnceLock::new();
    // When it was measured, in seconds after the first time and counted from 1, and what.
    static AT: AtomicU64 = AtomicU64::new(0);
    static BYTES: AtomicU64 = AtomicU64::new(0);
    let now = SINCE.get_or_init(Instant::now).elapsed().as_secs() + 1;
    let at = AT.load(Ordering::Acquire);
    if at == 0 || now > at + FRESH {
        BYTES.store(available_memory(), Ordering::Release);
        AT.store(now, Ordering::Release);
    }
    BYTES.load(Ordering::Acquire)
}
