//! Which features the model is unsure of in which group.

use std::io;

use rayon::prelude::*;

use super::uncertainty::UncertaintySummary;
use crate::data::Values;

/// Parts that are summed up side by side, whatever the number of threads, and rows read at a time.
const PARTS: usize = 16;
const ROWS: usize = 64;
/// Bytes that their sums take at most, about.
const BYTES: usize = 1 << 27;

/// Predicted standard deviations of one modality, averaged over groups of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupNoise {
    /// Groups x features, row by row; NaN where a group has no sample.
    means: Vec<f32>,
    /// The same over all samples, feature by feature.
    overall: Vec<f32>,
    /// Samples of every group.
    samples: Vec<usize>,
}

impl GroupNoise {
    /// Number of features.
    pub fn features(&self) -> usize {
        self.overall.len()
    }

    /// The mean of a feature in a group; NaN without samples.
    pub fn mean(&self, group: usize, feature: usize) -> f32 {
        let at = group * self.features() + feature;
        self.means.get(at).copied().unwrap_or(f32::NAN)
    }

    /// How many times as noisy a feature is in a group as in all samples; NaN without samples, or of what is never noisy.
    pub fn ratio(&self, group: usize, feature: usize) -> f32 {
        let overall = self.overall.get(feature).copied().unwrap_or(f32::NAN);
        self.mean(group, feature) / overall
    }

    /// The mean over all features in a group, and how many times that over all samples it is.
    pub fn whole(&self, group: usize) -> (f32, f32) {
        let features = self.features();
        let sum = |values: &[f32]| values.iter().map(|&x| f64::from(x)).sum::<f64>();
        let own = self.means.get(group * features..(group + 1) * features);
        let (own, all) = (own.map_or(f64::NAN, sum), sum(&self.overall));
        ((own / features as f64) as f32, (own / all) as f32)
    }

    /// The features whose noise differs most between groups, the first first: by the largest ratio, or the smallest turned over, of a
    /// group of some size.
    pub fn most_uneven(&self, most: usize) -> Vec<usize> {
        /// Means of fewer samples are chance.
        const LEAST: usize = 10;
        let groups: Vec<usize> = (0..self.samples.len())
            .filter(|&group| self.samples[group] >= LEAST)
            .collect();
        let uneven = |feature: usize| {
            let ratios = groups.iter().map(|&group| self.ratio(group, feature));
            let known = ratios.filter(|ratio| ratio.is_finite() && *ratio > 0.0);
            known.map(|ratio| ratio.ln().abs()).fold(0.0, f32::max)
        };
        let mut all: Vec<(usize, f32)> = (0..self.features()).map(|f| (f, uneven(f))).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        all.truncate(most);
        all.into_iter().map(|(feature, _)| feature).collect()
    }
}

impl UncertaintySummary {
    /// The noise of every feature in each of `count` groups, modality by modality; `groups` gives the group of every sample, counted
    /// from 0, if it has one.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn by_group(&self, groups: &[Option<u32>], count: usize) -> io::Result<Vec<GroupNoise>> {
        let of = |sigma: &Values| by_group(sigma, groups, count);
        self.feature.iter().map(of).collect()
    }
}

fn by_group(sigma: &Values, groups: &[Option<u32>], count: usize) -> io::Result<GroupNoise> {
    let features = sigma.features();
    let mut samples = vec![0; count];
    for &group in groups.iter().flatten() {
        if let Some(samples) = samples.get_mut(group as usize) {
            *samples += 1;
        }
    }
    let all = groups.len().min(sigma.samples());
    // Samples without a group are summed up after the groups.
    let slots = count + 1;
    let parts = (BYTES / (8 * slots * features).max(1)).clamp(1, PARTS);
    let part = all.div_ceil(parts).max(1);
    let parts: Vec<Vec<f64>> = (0..all.div_ceil(part))
        .into_par_iter()
        .map_init(Vec::new, |buffer, index| {
            let mut sums = vec![0.0; slots * features];
            let end = all.min((index + 1) * part);
            for start in (index * part..end).step_by(ROWS) {
                let rows = start..end.min(start + ROWS);
                let values = sigma.rows(rows.clone(), buffer);
                let rows = rows.zip(values.chunks_exact(features.max(1)));
                for (sample, row) in rows {
                    let group = groups[sample].map_or(count, |group| group as usize);
                    let group = group.min(count);
                    let own = &mut sums[group * features..(group + 1) * features];
                    let own = own.iter_mut().zip(row);
                    own.for_each(|(sum, &x)| *sum += f64::from(x));
                }
            }
            sums
        })
        .collect();
    sigma.check()?;
    let mut sums = vec![0.0; slots * features];
    for part in parts {
        sums.iter_mut()
            .zip(part)
            .for_each(|(sum, more)| *sum += more);
    }
    let overall = (0..features).map(|feature| {
        let of_groups = sums.iter().skip(feature).step_by(features);
        (of_groups.sum::<f64>() / all as f64) as f32
    });
    let means = sums.iter().enumerate().take(count * features);
    let means = means.map(|(at, sum)| {
        // Nothing over nothing is not a number.
        (sum / samples[at / features] as f64) as f32
    });
    Ok(GroupNoise {
        overall: overall.collect(),
        means: means.collect(),
        samples,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn noise_is_averaged_in_each_group() {
        // The second feature is three times as noisy in the first group.
        let n = 40;
        let sigma = Array2::from_shape_fn((n, 2), |(sample, feature)| {
            if feature == 1 && sample % 2 == 0 {
                3.0
            } else {
                1.0
            }
        });
        let summary = UncertaintySummary {
            feature: vec![sigma.into()],
            ..UncertaintySummary::default()
        };
        let groups: Vec<Option<u32>> = (0..n as u32).map(|i| Some(i % 2)).collect();
        let found = summary.by_group(&groups, 3).unwrap();
        let [noise] = found.as_slice() else { panic!() };
        assert_eq!(noise.features(), 2);
        assert_eq!((noise.mean(0, 1), noise.mean(1, 1)), (3.0, 1.0));
        assert_eq!((noise.ratio(0, 1), noise.ratio(1, 1)), (1.5, 0.5));
        assert_eq!((noise.ratio(0, 0), noise.ratio(1, 0)), (1.0, 1.0));
        assert!(noise.mean(2, 0).is_nan(), "a group without samples");
        assert_eq!(noise.most_uneven(5), [1, 0]);
        assert_eq!(noise.whole(0), (2.0, 4.0 / 3.0));
        assert!(noise.whole(2).1.is_nan() && noise.whole(9).0.is_nan());
        // All samples are those without a group, too.
        let some: Vec<Option<u32>> = (0..n as u32).map(|i| (i % 2 == 0).then_some(0)).collect();
        let found = summary.by_group(&some, 1).unwrap();
        assert_eq!((found[0].mean(0, 1), found[0].ratio(0, 1)), (3.0, 1.5));
        let none = summary.by_group(&vec![None; n], 1).unwrap();
        assert!(none[0].ratio(0, 0).is_nan());
        assert_eq!(none[0].most_uneven(1).len(), 1);
        let lost = UncertaintySummary {
            feature: vec![Values::lost()],
            ..UncertaintySummary::default()
        };
        assert!(lost.by_group(&[Some(0); 10], 1).is_err());
    }
}
