//! Simulated data of other makes than the [demo](super::demo), for tests and comparisons: a method that was tuned on one
//! of them can be held to the others.
//!
//! | module | simulates |
//! |---|---|
//! | [`bulk`] | cohorts of a few hundred samples with thousands of features, batches, purity and outliers |
//! | [`counts`] | single cells: sparse counts of genes, counts of surface proteins, open peaks |
//!
//! Everything follows from the specification and its seed, whatever the number of threads. Another seed gives other classes,
//! not only other samples. What is known to be true stands in [`Truth`](super::Truth).

pub mod bulk;
pub mod counts;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use super::{Axis, Labels, TruthColumn};
use crate::limit::Limit;

/// Name of the truth column of features that is 1 where a feature shows the classes and 0 where it does not.
pub const INFORMATIVE: &str = "informative";

/// Why nothing was simulated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// Nothing of a kind was asked for.
    #[error("a simulation needs at least one of {0}")]
    None(&'static str),
    /// A setting is too large.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// A setting is out of its range.
    #[error("{name} must be {low} to {high}, not {value}")]
    Range {
        /// The setting.
        name: &'static str,
        /// Its smallest value.
        low: f64,
        /// Its largest value.
        high: f64,
        /// What it is.
        value: f64,
    },
}

/// The number of values of one modality.
const VALUES: Limit = Limit::new(
    "the samples times the features of a simulated modality",
    5e8,
    "they are made in memory, in 2 GB",
);

/// The number of classes.
const CLASSES: Limit = Limit::new("the simulated classes", 1e3, "no more can be told apart");

fn at_least_one(name: &'static str, count: usize) -> Result<(), SimulationError> {
    match count {
        0 => Err(SimulationError::None(name)),
        _ => Ok(()),
    }
}

fn within(name: &'static str, value: f64, low: f64, high: f64) -> Result<(), SimulationError> {
    match (low..=high).contains(&value) {
        true => Ok(()),
        false => Err(SimulationError::Range {
            name,
            low,
            high,
            value,
        }),
    }
}

/// The class of every sample, drawn so that each class has `ratio` times the share of the one before.
fn draw_classes(samples: usize, classes: usize, ratio: f64, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let shares: Vec<f64> = (0..classes as i32).map(|class| ratio.powi(class)).collect();
    let total: f64 = shares.iter().sum();
    let draw = |_| {
        let mut left = rng.random::<f64>() * total;
        let found = shares.iter().position(|share| {
            left -= share;
            left < 0.0
        });
        found.unwrap_or(0)
    };
    (0..samples).map(draw).collect()
}

/// Names `prefix_1`, `prefix_2` ..
fn numbered(prefix: &str, count: usize) -> Axis {
    let names = (1..=count).map(|number| format!("{prefix}_{number}"));
    Axis::told_apart(names.collect(), None).0
}

fn labels(classes: &[usize], prefix: &str) -> Labels {
    let names: Vec<String> = classes
        .iter()
        .map(|class| format!("{prefix} {}", class + 1))
        .collect();
    Labels::from_names(names.iter().map(|name| Some(name.as_str())))
}

fn column(name: &str, values: Vec<f32>) -> TruthColumn {
    TruthColumn {
        name: name.to_owned(),
        values,
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// What tests of simulations ask for.
#[cfg(test)]
mod learning {
    use crate::data::Dataset;

    /// Share of every second sample that is nearest to the mean of its class, the means taken over the other samples and
    /// the features standardised: of those features of a modality that show the classes, or of all.
    pub(super) fn nearest_mean(data: &Dataset, modality: usize, informative: bool) -> f64 {
        let values = data.modalities[modality].values.array().unwrap();
        let shows = &data.truth.feature[modality][0].values;
        let features = (0..shows.len()).filter(|&j| !informative || shows[j] == 1.0);
        let labels = data.labels.as_ref().unwrap();
        let (classes, class) = (labels.classes.len(), |i: usize| {
            labels.codes[i].unwrap() as usize
        });
        let samples = data.samples();
        let learnt: Vec<usize> = (0..samples).step_by(2).collect();
        let mut distances = vec![vec![0.0; classes]; samples];
        for j in features {
            let x = |i: usize| f64::from(values[[i, j]]);
            let mean = learnt.iter().map(|&i| x(i)).sum::<f64>() / learnt.len() as f64;
            let squares: f64 = learnt.iter().map(|&i| (x(i) - mean).powi(2)).sum();
            let variance = (squares / learnt.len() as f64).max(1e-12);
            let (mut sums, mut counts) = (vec![0.0; classes], vec![0.0; classes]);
            for &i in &learnt {
                sums[class(i)] += x(i);
                counts[class(i)] += 1.0;
            }
            for (i, distances) in distances.iter_mut().enumerate() {
                for (k, distance) in distances.iter_mut().enumerate() {
                    *distance += (x(i) - sums[k] / counts[k]).powi(2) / variance;
                }
            }
        }
        let right = |&i: &usize| {
            let nearest = |best: usize, k: usize| match distances[i][k] < distances[i][best] {
                true => k,
                false => best,
            };
            (0..classes).fold(0, nearest) == class(i)
        };
        let asked: Vec<usize> = (0..samples).skip(1).step_by(2).collect();
        asked.iter().filter(|i| right(i)).count() as f64 / asked.len() as f64
    }

    /// Share of the most common class: what guessing achieves.
    pub(super) fn chance(data: &Dataset) -> f64 {
        let counts = data.labels.as_ref().unwrap().counts();
        *counts.iter().max().unwrap() as f64 / data.samples() as f64
    }

    /// The data set made on some threads.
    pub(super) fn on<T: Send>(threads: usize, make: impl Fn() -> T + Send + Sync) -> T {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(make)
    }
}
