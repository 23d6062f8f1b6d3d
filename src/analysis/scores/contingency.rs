//! The table behind every label-based score.

use pathfinding::kuhn_munkres::{Weights, kuhn_munkres};
use std::collections::BTreeMap;

/// How many samples of each class fell into each cluster. Only pairs that occur are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contingency {
    /// (class, cluster, samples), sorted; both numbered from 0 without gaps.
    cells: Vec<(usize, usize, u64)>,
    class_sizes: Vec<u64>,
    cluster_sizes: Vec<u64>,
    samples: u64,
}

impl Contingency {
    /// Counts the pairs of class and cluster; one entry per sample, any numbers.
    pub fn new(truth: &[u32], predicted: &[u32]) -> Self {
        let samples = truth.len().min(predicted.len());
        let (classes, class_sizes) = numbered(&truth[..samples]);
        let (clusters, cluster_sizes) = numbered(&predicted[..samples]);
        let mut cells = BTreeMap::new();
        for pair in classes.into_iter().zip(clusters) {
            *cells.entry(pair).or_insert(0u64) += 1;
        }
        let cells = cells
            .into_iter()
            .map(|((class, cluster), count)| (class, cluster, count));
        Self {
            cells: cells.collect(),
            class_sizes,
            cluster_sizes,
            samples: samples as u64,
        }
    }

    /// See [`accuracy`](super::accuracy). Takes time in `s^2 * l` for `s` groups on the smaller and
    /// `l` on the larger side.
    pub fn accuracy(&self) -> f64 {
        let matched = self.matched();
        let correct = self
            .cells
            .iter()
            .filter(|&&(class, cluster, _)| matched[cluster] == Some(class));
        let correct: u64 = correct.map(|&(.., count)| count).sum();
        correct as f64 / self.samples.max(1) as f64
    }

    /// The class that every cluster stands for, one to one, so that as many samples as possible are correct; of the
    /// larger side some are left without a partner.
    fn matched(&self) -> Vec<Option<usize>> {
        let (classes, clusters) = (self.class_sizes.len(), self.cluster_sizes.len());
        let mut matched = vec![None; clusters];
        if self.samples == 0 {
            return matched;
        }
        let transposed = classes > clusters;
        // The matching wants at least as many columns as rows.
        let mut table = Table {
            rows: classes.min(clusters),
            columns: classes.max(clusters),
            counts: vec![0; classes * clusters],
        };
        for &(class, cluster, count) in &self.cells {
            let (row, column) = if transposed {
                (cluster, class)
            } else {
                (class, cluster)
            };
            table.counts[row * table.columns + column] = count as i64;
        }
        for (row, column) in kuhn_munkres(&table).1.into_iter().enumerate() {
            if transposed {
                matched[row] = Some(column);
            } else {
                matched[column] = Some(row);
            }
        }
        matched
    }

    /// See [`correct`](super::correct).
    pub(super) fn correct(truth: &[u32], predicted: &[u32]) -> Vec<bool> {
        let matched = Self::new(truth, predicted).matched();
        let pairs = numbered(truth).0.into_iter().zip(numbered(predicted).0);
        pairs
            .map(|(class, cluster)| matched[cluster] == Some(class))
            .collect()
    }

    /// See [`normalized_mutual_information`](super::normalized_mutual_information).
    pub fn normalized_mutual_information(&self) -> f64 {
        if self.class_sizes.len() <= 1 && self.cluster_sizes.len() <= 1 {
            return 1.0;
        }
        let samples = self.samples as f64;
        let terms = self.cells.iter().map(|&(class, cluster, count)| {
            let expected = self.class_sizes[class] as f64 * self.cluster_sizes[cluster] as f64;
            let count = count as f64;
            count / samples * (count * samples / expected).ln()
        });
        let information: f64 = terms.sum();
        if information <= f64::EPSILON {
            return 0.0;
        }
        let entropies = entropy(&self.class_sizes) + entropy(&self.cluster_sizes);
        (2.0 * information / entropies).clamp(0.0, 1.0)
    }

    /// See [`adjusted_rand_index`](super::adjusted_rand_index).
    pub fn adjusted_rand_index(&self) -> f64 {
        let Pairs {
            both,
            classes,
            clusters,
            all,
        } = self.pairs();
        if both == classes && both == clusters {
            return 1.0;
        }
        let expected = classes * clusters / all;
        (both - expected) / (0.5 * (classes + clusters) - expected)
    }

    /// See [`rand_index`](super::rand_index).
    pub fn rand_index(&self) -> f64 {
        let Pairs {
            both,
            classes,
            clusters,
            all,
        } = self.pairs();
        if all == 0.0 {
            return 1.0;
        }
        (all + 2.0 * both - classes - clusters) / all
    }

    /// See [`purity`](super::purity).
    pub fn purity(&self) -> f64 {
        let mut largest = vec![0; self.cluster_sizes.len()];
        for &(_, cluster, count) in &self.cells {
            largest[cluster] = count.max(largest[cluster]);
        }
        largest.iter().sum::<u64>() as f64 / self.samples.max(1) as f64
    }

    fn pairs(&self) -> Pairs {
        // Sums of whole numbers: exact in f64 for fewer than some 10^8 samples.
        let pairs = |count: u64| count as f64 * count.saturating_sub(1) as f64 / 2.0;
        Pairs {
            both: self.cells.iter().map(|&(.., count)| pairs(count)).sum(),
            classes: self.class_sizes.iter().map(|&size| pairs(size)).sum(),
            clusters: self.cluster_sizes.iter().map(|&size| pairs(size)).sum(),
            all: pairs(self.samples),
        }
    }
}

/// Numbers of sample pairs: together in both, in the same class, in the same cluster, and all.
struct Pairs {
    both: f64,
    classes: f64,
    clusters: f64,
    all: f64,
}

/// The labels renumbered from 0 without gaps in their order, and how often each occurs.
fn numbered(labels: &[u32]) -> (Vec<usize>, Vec<u64>) {
    let mut distinct = labels.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let mut sizes = vec![0; distinct.len()];
    let numbers = labels.iter().map(|label| {
        let number = distinct.partition_point(|other| other < label);
        sizes[number] += 1;
        number
    });
    (numbers.collect(), sizes)
}

/// The entropy of a partition in nats.
fn entropy(sizes: &[u64]) -> f64 {
    let total = sizes.iter().sum::<u64>() as f64;
    let shares = sizes.iter().map(|&size| size as f64 / total);
    -shares.map(|share| share * share.ln()).sum::<f64>()
}

/// Counts as weights of the matching, row by row.
struct Table {
    rows: usize,
    columns: usize,
    counts: Vec<i64>,
}

impl Weights<i64> for Table {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn at(&self, row: usize, column: usize) -> i64 {
        self.counts[row * self.columns + column]
    }

    fn neg(&self) -> Self {
        let counts = self.counts.iter().map(|count| -count).collect();
        Self { counts, ..*self }
    }
}
