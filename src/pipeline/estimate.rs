//! What a run will need, told before it starts: memory and time, from the shapes alone.
//!
//! Measured on the demo with two threads, as estimated / seen: see `MEASURED` in the tests.

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
    data::{Dataset, Mask, Modality, Storage, allowed_memory, available_memory},
    model::NetworkSpec,
    words::memory_in_words,
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
            Self::Samples => "Use fewer samples or features: they take most.",
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
        let advice = self.largest.advice();
        match allowed_memory() {
            Some(_) => format!("{advice} Or allow more memory (--memory)."),
            None => advice.into(),
        }
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

    /// Bytes that an engine takes with the samples that a start is trained on.
    pub(super) fn of_a_start(spec: &AnalysisSpec, network: &NetworkSpec, samples: usize) -> u64 {
        let costs = Costs::of(spec, network, samples, Storage::Memory);
        costs.start_engine() as u64
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
        let mut estimate = Self::of(spec, network, dataset.samples(), storage);
        // What values were made of stays in memory beside them.
        let beside: u64 = dataset.modalities.iter().map(Modality::bytes_beside).sum();
        estimate.bytes += beside;
        estimate.loaded += beside;
        if spec.train.masked {
            estimate.bytes += dataset.modalities.iter().map(Mask::bytes_for).sum::<u64>();
        }
        estimate
    }

    /// Whether so much free memory may be enough: an estimate is refused only where it is beyond its own error.
    ///
    /// # Errors
    /// What is lacking, if it is not. No memory at all means that the system does not tell.
    pub fn fits(&self, available: u64) -> Result<(), MemoryShortage> {
        let needed = self.bytes.saturating_sub(self.loaded);
        if available == 0 || needed / ERROR <= available {
            return Ok(());
        }
        Err(MemoryShortage {
            needed,
            available,
            largest: self.largest,
        })
    }
}

/// What is needed may be so many times less than what is estimated, as measured.
const ERROR: u64 = 2;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Recipe;

    /// Peak memory in MiB (`/usr/bin/time`) and seconds of `hdumec run --demo` with two threads: samples, change, both.
    type Measured = (usize, Change, f64, f64);
    type Change = fn(&mut AnalysisSpec);
    const MEASURED: [Measured; 4] = [
        (2_000, |_| {}, 153.0, 26.0),
        (
            20_000,
            |spec| {
                *spec = AnalysisSpec::of(Recipe::Published);
                spec.train.epochs = [20, 10, 10];
            },
            185.0,
            11.3,
        ),
        (
            3_000,
            |spec| {
                (spec.train.hidden, spec.train.embedding, spec.train.heads) = (8_192, 64, 8);
                (spec.train.starts, spec.train.epochs) = (4, [2, 2, 2]);
            },
            1_220.0,
            25.7,
        ),
        (
            60_000,
            |spec| {
                (spec.train.starts, spec.train.epochs) = (4, [4, 4, 4]);
                spec.clusters = Some(60);
            },
            468.0,
            32.9,
        ),
    ];

    fn estimate(samples: usize, change: impl FnOnce(&mut AnalysisSpec)) -> Estimate {
        let mut spec = AnalysisSpec::default();
        change(&mut spec);
        let clusters = spec.clusters.unwrap_or(12);
        let network = spec.train.check(samples, vec![30, 47, 50], clusters);
        Estimate::of(&spec, &network.unwrap(), samples, Storage::Memory)
    }

    #[test]
    fn what_was_measured_is_estimated() {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build();
        threads.unwrap().install(|| {
            for (samples, change, mebibytes, seconds) in MEASURED {
                let estimate = estimate(samples, change);
                let memory = estimate.bytes as f64 / f64::from(1 << 20) / mebibytes;
                assert!(
                    (0.5..2.0).contains(&memory),
                    "{estimate}, not {mebibytes} MiB"
                );
                let time = estimate.seconds / seconds;
                assert!(
                    (1.0 / 3.0..3.0).contains(&time),
                    "{estimate}, not {seconds} s"
                );
            }
        });
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_to_lower() {
        let cases: [(Change, Contributor, &str); 5] = [
            (|s| s.train.hidden = 16_384, Contributor::Hidden, "--hidden"),
            (
                |s| (s.train.hidden, s.train.starts) = (4_096, 1_000),
                Contributor::Starts,
                "--starts",
            ),
            (
                |s| s.clusters = Some(2_000),
                Contributor::Clusters,
                "--clusters",
            ),
            (
                |s| (s.train.epochs[0], s.train.starts) = (100_000, 1_000),
                Contributor::Epochs,
                "--epochs",
            ),
            (
                |s| s.umap.neighbours = 1_000,
                Contributor::Neighbours,
                "--umap-neighbours",
            ),
        ];
        for (change, largest, flag) in cases {
            let estimate = estimate(100_000, change);
            let shortage = estimate.fits(1 << 20).unwrap_err();
            assert_eq!(shortage.largest, largest, "{estimate}");
            assert!(shortage.advice().contains(flag), "{}", shortage.advice());
            assert!(shortage.to_string().contains("1 MiB is free"), "{shortage}");
            assert!(estimate.fits(u64::MAX).is_ok());
        }
        let many = estimate(100_000_000, |_| {});
        let shortage = many.fits(1 << 30).unwrap_err();
        assert_eq!(shortage.largest, Contributor::Samples);
        // A system that tells nothing forbids nothing; loaded data are there already.
        assert!(many.fits(0).is_ok());
        assert!(shortage.needed < many.bytes);
    }

    #[test]
    fn an_estimate_reads_as_a_sentence() {
        let estimate = Estimate {
            bytes: 3 << 29,
            seconds: 12_000.0,
            loaded: 0,
            largest: Contributor::Samples,
        };
        let expected = "about 3 h 20 min and 1.5 GiB on this processor (a rough estimate)";
        assert_eq!(estimate.to_string(), expected);
        // The largest settings there can be neither overflow nor panic.
        let most = self::estimate(1 << 40, |spec| {
            let train = &mut spec.train;
            (train.hidden, train.embedding, train.heads) = (16_384, 1_024, 1);
            (train.starts, train.epochs) = (1_000, [100_000; 3]);
            spec.clusters = Some(2_000);
        });
        assert!(most.to_string().contains("more than a century"), "{most}");
    }
}
