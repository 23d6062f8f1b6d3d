//! Features whose values tell a group of samples from others.
//!
//! The test is Wilcoxon's rank sum (Mann and Whitney 1947) with the normal approximation, corrected for ties and for continuity as in
//! `scipy.stats.mannwhitneyu`, adjusted for many features after Benjamini and Hochberg (1995). The effect is the area under the ROC curve:
//! how often a sample of the group has the higher value. Fold changes are those of scanpy's `rank_genes_groups`.
//!
//! Clusters were found on the same data, so small p-values are to be expected of them even where there is nothing to find (Zhang, Kamath
//! and Tse 2019): the effect ranks features, the p-value does not prove a cluster.

mod columns;
pub mod sets;
pub mod settling;
#[cfg(test)]
mod tests;

use std::f64::consts::SQRT_2;

use rayon::prelude::*;

use crate::job::{CancelToken, Cancelled};
pub(super) use columns::totals;
pub use columns::{Columns, ColumnsError, Measure};

/// What keeps a fold change finite, as in scanpy.
const LEAST_MEAN: f64 = 1e-9;

/// How the values of a feature in a group differ from those of the other samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marker {
    /// The feature, counted from 0.
    pub feature: u32,
    /// How often a sample of the group has the higher value, ties half: 0 to 1, 0.5 where values tell nothing.
    pub auroc: f64,
    /// Standardised rank sum, without the correction for continuity; positive where the group has the higher values.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// The same, adjusted for all features that were tested.
    pub adjusted: f64,
    /// Mean in the group, and in the others.
    pub mean: [f64; 2],
    /// Share of values above 0 in the group, and in the others.
    pub share: [f64; 2],
    /// Logarithm to base 2 of the ratio of both means, of log-normalised values before their logarithm; NaN where values can be negative.
    pub fold_change: f64,
}

/// Markers of one group after the other, each with all features in their order. `groups` tells the group of every sample, below `count`;
/// samples of none are left out, and so are values that are missing.
///
/// # Errors
/// When cancelled.
pub fn markers(
    columns: &Columns,
    groups: &[Option<u32>],
    count: usize,
    cancel: &CancelToken,
) -> Result<Vec<Vec<Marker>>, Cancelled> {
    let mut sizes = vec![0_usize; count];
    groups
        .iter()
        .flatten()
        .for_each(|&group| sizes[group as usize] += 1);
    let features = 0..columns.features();
    let each = features.into_par_iter().map(|feature| {
        cancel.check()?;
        let sums = Sums::of(columns, feature, groups, sizes.clone());
        Ok((0..count)
            .map(|group| sums.marker(columns, feature, group))
            .collect())
    });
    let each: Vec<Vec<Marker>> = each.collect::<Result<_, Cancelled>>()?;
    let mut found: Vec<Vec<Marker>> = (0..count)
        .map(|group| each.iter().map(|markers| markers[group]).collect())
        .collect();
    found.par_iter_mut().for_each(|markers| adjust(markers));
    Ok(found)
}

/// Shares of the samples, the most doubtful of all, that are left out to see which markers survive it.
const LEFT_OUT: [f64; 3] = [0.05, 0.1, 0.2];

/// A marker, and how it fares without the samples that are most doubtful.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Survivor {
    /// The marker, by all samples.
    pub marker: Marker,
    /// Least and largest area under the ROC curve: by all samples, and without the 5, 10 and 20 % most doubtful, by each kind of doubt.
    pub range: [f64; 2],
}

/// [`markers`] with their ranges when the samples of the largest doubt are left out, by each kind of `doubts`: what holds only by samples
/// that may not belong to the group has a wide range. Doubts are, say, how ambiguous samples are, and how far starts disagree about them.
///
/// # Errors
/// When cancelled.
pub fn surviving(
    columns: &Columns,
    groups: &[Option<u32>],
    count: usize,
    doubts: &[&[f32]],
    cancel: &CancelToken,
) -> Result<Vec<Vec<Survivor>>, Cancelled> {
    let whole = markers(columns, groups, count, cancel)?;
    let survivor = |marker: Marker| Survivor {
        marker,
        range: [marker.auroc; 2],
    };
    let of_group = |markers: Vec<Marker>| markers.into_iter().map(survivor).collect();
    let mut found: Vec<Vec<Survivor>> = whole.into_iter().map(of_group).collect();
    for doubt in doubts {
        let mut order: Vec<usize> = (0..groups.len().min(doubt.len())).collect();
        order.sort_by(|&a, &b| doubt[b].total_cmp(&doubt[a]));
        let mut sure = groups.to_vec();
        for share in LEFT_OUT {
            let left_out = (share * order.len() as f64).round() as usize;
            order[..left_out]
                .iter()
                .for_each(|&sample| sure[sample] = None);
            let without = markers(columns, &sure, count, cancel)?;
            let pairs = found.iter_mut().flatten().zip(without.iter().flatten());
            for (Survivor { range, .. }, marker) in pairs {
                *range = [range[0].min(marker.auroc), range[1].max(marker.auroc)];
            }
        }
    }
    Ok(found)
}

/// What the values of a feature add up to, by group.
struct Sums {
    /// Samples with a value.
    sizes: Vec<usize>,
    /// Of ranks, from 1, of tied values their mean.
    ranks: Vec<f64>,
    /// Of values.
    values: Vec<f64>,
    /// Values above 0.
    positive: Vec<usize>,
    /// Of `t^3 - t` over all that are tied, `t` at a time.
    ties: f64,
}

impl Sums {
    fn of(
        columns: &Columns,
        feature: usize,
        groups: &[Option<u32>],
        mut sizes: Vec<usize>,
    ) -> Self {
        let column = columns.column(feature);
        let group_of = |sample: u32| groups[sample as usize].map(|group| group as usize);
        for &sample in column.missing {
            if let Some(group) = group_of(sample) {
                sizes[group] -= 1;
            }
        }
        let count = sizes.len();
        let mut sums = Self {
            ranks: vec![0.0; count],
            values: vec![0.0; count],
            positive: vec![0; count],
            ties: 0.0,
            sizes,
        };
        // Values that are held are not zero.
        let mut zeros = sums.sizes.clone();
        for &sample in column.samples {
            if let Some(group) = group_of(sample) {
                zeros[group] -= 1;
            }
        }
        let negative = column.values.partition_point(|&x| x < 0.0);
        let (below, above) = column.samples.split_at(negative);
        let mut before = 0;
        sums.add(below, &column.values[..negative], groups, &mut before);
        sums.tie(&mut zeros, &mut before);
        sums.add(above, &column.values[negative..], groups, &mut before);
        sums
    }

    /// Adds samples in the order of their values.
    fn add(&mut self, samples: &[u32], values: &[f32], groups: &[Option<u32>], before: &mut usize) {
        let mut tied = vec![0_usize; self.sizes.len()];
        for (at, (&sample, &value)) in samples.iter().zip(values).enumerate() {
            if let Some(group) = groups[sample as usize] {
                let group = group as usize;
                tied[group] += 1;
                self.values[group] += f64::from(value);
                self.positive[group] += usize::from(value > 0.0);
            }
            if values.get(at + 1) != Some(&value) {
                self.tie(&mut tied, before);
            }
        }
    }

    /// Gives values that are alike their mean rank, after those before.
    fn tie(&mut self, tied: &mut [usize], before: &mut usize) {
        let all: usize = tied.iter().sum();
        if all == 0 {
            return;
        }
        let rank = *before as f64 + (all as f64 + 1.0) / 2.0;
        for (sum, tied) in self.ranks.iter_mut().zip(tied) {
            *sum += rank * *tied as f64;
            *tied = 0;
        }
        let all_tied = all as f64;
        self.ties += all_tied.powi(3) - all_tied;
        *before += all;
    }

    fn marker(&self, columns: &Columns, feature: usize, group: usize) -> Marker {
        let total = |all: &[usize]| all.iter().sum::<usize>();
        let all = total(&self.sizes);
        let (n, others) = (self.sizes[group] as f64, (all - self.sizes[group]) as f64);
        let u = self.ranks[group] - n * (n + 1.0) / 2.0;
        let middle = n * others / 2.0;
        let size = n + others;
        let variance =
            n * others / 12.0 * (size + 1.0 - self.ties / (size * (size - 1.0)).max(1.0));
        let deviation = variance.max(0.0).sqrt();
        let tested = deviation > 0.0;
        let sum: f64 = self.values.iter().sum();
        let mean = [self.values[group] / n, (sum - self.values[group]) / others];
        let positive = total(&self.positive) - self.positive[group];
        let share = [self.positive[group] as f64 / n, positive as f64 / others];
        Marker {
            feature: feature as u32,
            auroc: match middle > 0.0 {
                true => u / (2.0 * middle),
                false => f64::NAN,
            },
            z: match tested {
                true => (u - middle) / deviation,
                false => 0.0,
            },
            p: match tested {
                true => two_sided(((u - middle).abs() - 0.5) / deviation),
                false => 1.0,
            },
            adjusted: 1.0,
            mean,
            share,
            fold_change: columns.fold_change(mean),
        }
    }
}

/// How likely a standard normal variable is as far from 0 on either side.
fn two_sided(z: f64) -> f64 {
    libm::erfc(z / SQRT_2).min(1.0)
}

/// Adjusts p-values so that of all features with at most `q` a share of `q` is expected to be there by chance.
fn adjust(markers: &mut [Marker]) {
    let mut order: Vec<usize> = (0..markers.len()).collect();
    order.sort_by(|&a, &b| markers[b].p.total_cmp(&markers[a].p));
    let tests = markers.len() as f64;
    let mut least = 1.0_f64;
    for (at, &place) in order.iter().enumerate() {
        least = least.min(markers[place].p * tests / (tests - at as f64));
        markers[place].adjusted = least;
    }
}
