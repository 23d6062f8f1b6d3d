//! Whether an uncertainty means what it says: against known noise, and against known errors.
use serde::{Deserialize, Serialize};

use super::rank;

/// Known and predicted noise of the same things, features or samples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// What is known; 0 for things that were given no noise, NaN where nothing is known.
    #[serde(with = "crate::store::bits")]
    pub known: Vec<f32>,
    /// What the model says.
    #[serde(with = "crate::store::bits")]
    pub predicted: Vec<f32>,
}

impl Pairs {
    /// Rank correlation (Spearman) of the known and the predicted noise of the things that have some.
    pub fn correlation(&self) -> Option<f64> {
        let pairs = self.known.iter().zip(&self.predicted);
        let (known, predicted): (Vec<f64>, Vec<f64>) = pairs
            .filter(|&(&known, _)| known > 0.0)
            .map(|(&known, &predicted)| (f64::from(known), f64::from(predicted)))
            .unzip();
        rank::spearman(&known, &predicted)
    }

    /// How many things have noise.
    pub fn noisy(&self) -> usize {
        self.known.iter().filter(|&&known| known > 0.0).count()
    }

    /// How well the prediction tells the things with noise from those without (AUROC); `None` without both.
    pub fn found(&self) -> Option<f64> {
        let pairs = self.known.iter().zip(&self.predicted);
        let (noisy, predicted): (Vec<bool>, Vec<f64>) = pairs
            .filter(|(known, _)| !known.is_nan())
            .map(|(&known, &predicted)| (known > 0.0, f64::from(predicted)))
            .unzip();
        rank::auroc(&predicted, &noisy)
    }
}

/// How far values lie from what was predicted, in predicted standard deviations: a histogram, precise to 0.001.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deviations {
    counts: Vec<u64>,
    total: u64,
}

/// Bins for a deviation of 1; and the bin for all that are far out.
const BINS: f64 = 1_000.0;
const FAR_OUT: f64 = 100_000.0;

impl Deviations {
    /// Counts one, 0 or above; what is no number counts as far out.
    pub fn push(&mut self, deviation: f64) {
        let bin = match deviation.is_nan() {
            true => FAR_OUT,
            false => (deviation * BINS).min(FAR_OUT),
        } as usize;
        if bin >= self.counts.len() {
            self.counts.resize(bin + 1, 0);
        }
        self.counts[bin] += 1;
        self.total += 1;
    }

    /// Counts those of `other` too.
    pub fn add(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (own, count) in self.counts.iter_mut().zip(&other.counts) {
            *own += count;
        }
        self.total += other.total;
    }

    /// How many were counted.
    pub fn count(&self) -> f64 {
        self.total as f64
    }

    /// The deviation within which such a share lies; 0 of none.
    pub fn quantile(&self, share: f64) -> f64 {
        let wanted = share * self.count();
        let mut sum = 0.0;
        let bin = self.counts.iter().position(|&count| {
            sum += count as f64;
            sum >= wanted
        });
        match (self.total, bin) {
            (0, _) | (_, None) => 0.0,
            (_, Some(bin)) => (bin + 1) as f64 / BINS,
        }
    }

    /// The share within a deviation; 0 of none.
    pub fn within(&self, deviation: f64) -> f64 {
        let bins = (deviation * BINS).round().clamp(0.0, FAR_OUT) as usize;
        let inside: u64 = self.counts.iter().take(bins).sum();
        inside as f64 / self.count().max(1.0)
    }
}

/// How many errors are left when the most doubtful samples are left out (El-Yaniv and Wiener 2010).
#[derive(Clone, Debug, PartialEq)]
pub struct RiskCoverage {
    /// Coverage, the share of the samples that are kept (above 0 to 1), and risk, the share of errors among these.
    pub points: Vec<[f64; 2]>,
    /// Area under the curve: the mean risk over all coverages. The share of all errors if the doubt knows nothing.
    pub area: f64,
}

/// Points of a curve at most.
const POINTS: usize = 200;

/// The risk for every coverage when samples are left out in order of their `doubt`, the highest first. Samples of equal
/// doubt go in no order: each carries the errors of all of them in equal parts. `None` without samples, or with NaN.
pub fn risk_coverage(doubt: &[f32], wrong: &[bool]) -> Option<RiskCoverage> {
    let samples = doubt.len();
    if samples == 0 || samples != wrong.len() || doubt.iter().any(|x| x.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..samples).collect();
    order.sort_by(|&a, &b| doubt[a].total_cmp(&doubt[b]));
    let mut errors = 0.0;
    let mut risks = Vec::with_capacity(samples);
    for tied in order.chunk_by(|&a, &b| doubt[a] == doubt[b]) {
        let each = tied.iter().filter(|&&i| wrong[i]).count() as f64 / tied.len() as f64;
        for _ in tied {
            errors += each;
            risks.push(errors / (risks.len() + 1) as f64);
        }
    }
    let count = POINTS.min(samples);
    let kept = (1..=count).map(|point| point * samples / count);
    Some(RiskCoverage {
        points: kept
            .map(|kept| [kept as f64 / samples as f64, risks[kept - 1]])
            .collect(),
        area: risks.iter().sum::<f64>() / samples as f64,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn shares_and_quantiles_of_deviations_undo_each_other() {
        let mut found = Deviations::default();
        assert_eq!((found.quantile(0.9), found.within(1.0)), (0.0, 0.0));
        (0..1_000).for_each(|i| found.push(f64::from(i) / 500.0));
        assert!((found.quantile(0.9) - 1.8).abs() < 0.003);
        assert!((found.within(found.quantile(0.9)) - 0.9).abs() < 0.003);
        let mut both = found.clone();
        for far in [f64::NAN, f64::INFINITY, 1e9] {
            both.push(far);
        }
        found.add(&both);
        assert_eq!(
            (found.count(), found.within(99.0)),
            (2_003.0, 2_000.0 / 2_003.0)
        );
    }

    use super::*;

    #[test]
    fn noise_is_ranked_and_found() {
        let pairs = Pairs {
            known: vec![0.0, 1.0, 2.0, 0.0, f32::NAN],
            predicted: vec![0.1, 0.3, 0.9, 0.2, 7.0],
        };
        assert_eq!(pairs.correlation(), Some(1.0));
        assert_eq!(pairs.found(), Some(1.0));
        let without = Pairs {
            known: vec![1.0, 2.0],
            predicted: vec![2.0, 1.0],
        };
        assert_eq!((without.correlation(), without.found()), (Some(-1.0), None));
        assert_eq!(Pairs::default().correlation(), None);
    }

    #[test]
    fn errors_go_first_where_the_doubt_is_right() {
        let wrong = [false, true, false, false];
        let right = risk_coverage(&[0.1, 0.9, 0.2, 0.3], &wrong).unwrap();
        let expected = [[0.25, 0.0], [0.5, 0.0], [0.75, 0.0], [1.0, 0.25]];
        assert_eq!(right.points, expected);
        assert_eq!(right.area, 0.0625);
        // A doubt that is the same for all knows nothing: a flat line.
        let flat = risk_coverage(&[1.0; 4], &wrong).unwrap();
        assert!(flat.points.iter().all(|p| (p[1] - 0.25).abs() < 1e-12));
        assert_eq!(risk_coverage(&[], &[]), None);
        assert_eq!(risk_coverage(&[f32::NAN], &[true]), None);
    }

    #[test]
    fn curves_of_many_samples_have_few_points() {
        let doubt: Vec<f32> = (0..1003).map(|i| i as f32).collect();
        let curve = risk_coverage(&doubt, &vec![true; 1003]).unwrap();
        assert_eq!(curve.points.len(), POINTS);
        assert_eq!(curve.points.last(), Some(&[1.0, 1.0]));
        assert!(curve.points[0][0] > 0.0);
    }
}
