//! What the model is unsure of: values, modalities, samples, and cluster assignments.

use std::{cmp::Ordering, io, ops::Range};

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::data::{Mask, Values};

/// The three levels of uncertainty, as standard deviations on the scale of the scaled input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UncertaintySummary {
    /// For each modality the standard deviation of every value, `n x f_v`.
    pub feature: Vec<Values>,
    /// The mean over the features of each modality, `n x V`. Values that were not measured count like all others, by what the
    /// model predicts of them.
    #[serde(with = "crate::store::bits")]
    pub modality: Array2<f32>,
    /// The sum over modalities, `n`.
    #[serde(with = "crate::store::bits")]
    pub sample: Array1<f32>,
}

/// Why no summary was made.
#[derive(Debug, thiserror::Error)]
pub enum UncertaintyError {
    /// The modalities do not describe the same samples.
    #[error("modality {modality} has {found} samples, the first has {expected}")]
    SampleCounts {
        /// Which modality, from 0.
        modality: usize,
        /// Samples of the first modality.
        expected: usize,
        /// Samples of this one.
        found: usize,
    },
    /// Values on disk could not be read or written.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl UncertaintySummary {
    /// Sums up predicted log variances, `n x f_v` values per modality: the standard deviation is
    /// `exp(s / 2)`. A modality without features counts as 0. Nothing is copied where nobody else holds the values.
    ///
    /// # Errors
    /// When the modalities have different numbers of samples, or values on disk cannot be read or written.
    pub fn from_log_variance(log_variance: Vec<Values>) -> Result<Self, UncertaintyError> {
        let expected = log_variance.first().map_or(0, Values::samples);
        for (modality, values) in log_variance.iter().enumerate() {
            let found = values.samples();
            if found != expected {
                return Err(UncertaintyError::SampleCounts {
                    modality,
                    expected,
                    found,
                });
            }
        }
        let mut modality = Array2::zeros((expected, log_variance.len()));
        let mut feature = Vec::with_capacity(log_variance.len());
        for (values, mut means) in log_variance.into_iter().zip(modality.columns_mut()) {
            let sigma = values.map(|s| s.iter_mut().for_each(|s| *s = (*s / 2.0).exp()))?;
            let features = sigma.features().max(1);
            let pieces = sigma.fold(Vec::new, |means, rows| {
                means.extend(rows.chunks_exact(features).map(|row| {
                    let sum: f64 = row.iter().map(|&x| f64::from(x)).sum();
                    (sum / features as f64) as f32
                }));
            })?;
            let all = pieces.into_iter().flatten();
            means.iter_mut().zip(all).for_each(|(to, mean)| *to = mean);
            feature.push(sigma);
        }
        let sample = modality.sum_axis(Axis(1));
        Ok(Self {
            feature,
            modality,
            sample,
        })
    }

    /// The `count` most uncertain values of one sample as (modality, feature, standard deviation),
    /// the most uncertain first; ties and NaN (last) in order of modality and feature. Empty for a
    /// sample that does not exist.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn top_features(
        &self,
        sample: usize,
        count: usize,
    ) -> io::Result<Vec<(usize, usize, f32)>> {
        let mut all = Vec::new();
        let mut buffer = Vec::new();
        for (modality, sigma) in self.feature.iter().enumerate() {
            if sample < sigma.samples() {
                let row = sigma.rows(sample..sample + 1, &mut buffer);
                sigma.check()?;
                all.extend(row.iter().enumerate().map(|(f, &x)| (modality, f, x)));
            }
        }
        all.sort_by(|a, b| nan_last(a.2, b.2, |x, y| y.total_cmp(&x)));
        all.truncate(count);
        Ok(all)
    }
}

/// Features that count as fitted already when log variances are fitted to a sample: few features say little.
const PRIOR_FEATURES: f64 = 10.0;

/// Shifts the predicted log variances of one modality so that they fit the residuals of every sample.
///
/// A network sees how noisy a feature is, but the noise of a single sample hardly reaches the embedding. So the
/// deviations of each sample are multiplied by one factor, `sqrt((10 + sum z^2) / (10 + features))`, with `z` its residuals over the
/// predicted deviations: a maximum-likelihood scale, drawn towards 1. `data` copies the scaled values of a range of samples.
///
/// With a mask only values that were measured have residuals, and count as features. What was not measured keeps its log
/// variance: that of a prediction, as nothing is there to fit it to.
///
/// # Errors
/// If values held on disk cannot be read or written.
pub fn fit_to_samples(
    log_variance: &Values,
    mean: &Values,
    mask: Option<&Mask>,
    data: impl Fn(Range<usize>, &mut [f32]) + Sync,
) -> io::Result<Values> {
    let (samples, features) = log_variance.dim();
    let fitted = Values::generate(log_variance.storage(), samples, features, |rows, out| {
        let (mut means, mut log_variances) = (Vec::new(), Vec::new());
        data(rows.clone(), out);
        let width = features.max(1);
        let means = mean.rows(rows.clone(), &mut means).chunks_exact(width);
        let log_variances = log_variance.rows(rows.clone(), &mut log_variances);
        let each = out.chunks_exact_mut(width).zip(means);
        for (sample, ((out, mean), s)) in rows.zip(each.zip(log_variances.chunks_exact(width))) {
            let runs = || Mask::runs_or_all(mask, sample, features);
            let (mut squares, mut measured) = (0.0, 0);
            for run in runs() {
                measured += run.len();
                let each = out[run.clone()].iter().zip(&mean[run.clone()]).zip(&s[run]);
                squares += each
                    .map(|((x, m), s)| f64::from(x - m).powi(2) * f64::from(-s).exp())
                    .sum::<f64>();
            }
            let factor = (PRIOR_FEATURES + squares) / (PRIOR_FEATURES + measured as f64);
            let shift = factor.ln() as f32;
            out.copy_from_slice(s);
            for run in runs() {
                out[run].iter_mut().for_each(|out| *out += shift);
            }
        }
    })?;
    log_variance.check()?;
    mean.check()?;
    Ok(fitted)
}

/// The mean variance of several models, the first `before` of which have the mean variance whose logarithm is `mean`: the
/// logarithm of that with `another` (log variances of the same shape). What is noise in the data they see alike; what one of
/// them learned by heart, the others do not know (deep ensembles, Lakshminarayanan et al. 2017).
///
/// # Errors
/// If values held on disk cannot be read or written.
pub fn mean_variance(mean: &Values, before: usize, another: &Values) -> io::Result<Values> {
    let (samples, features) = mean.dim();
    let share = 1.0 / (before + 1) as f32;
    let joined = Values::generate(mean.storage(), samples, features, |rows, out| {
        let mut buffer = Vec::new();
        mean.copy_rows(rows.clone(), out);
        for (out, &s) in out.iter_mut().zip(another.rows(rows, &mut buffer)) {
            // Relative to the larger one, so that nothing overflows.
            let most = out.max(s);
            let of = |log: f32| (log - most).exp();
            *out = most + ((1.0 - share) * of(*out) + share * of(s)).ln();
        }
    })?;
    mean.check()?;
    another.check()?;
    Ok(joined)
}

/// How clearly each sample belongs to its cluster: the best minus the second-best entry of each row
/// of the soft assignment `q` (`n x K`). 1 for a single cluster, 0 for none; NaN stays NaN.
pub fn margin(q: ArrayView2<'_, f32>) -> Vec<f32> {
    let margin = |row: ndarray::ArrayView1<'_, f32>| match row.len() {
        0 => 0.0,
        1 => 1.0,
        _ => {
            let (mut best, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
            for &x in row {
                if x.is_nan() {
                    return f32::NAN;
                }
                if x > best {
                    (best, second) = (x, best);
                } else if x > second {
                    second = x;
                }
            }
            best - second
        }
    };
    q.rows().into_iter().map(margin).collect()
}

/// The least certain `share` (0 to 1, rounded to whole samples, but never none of some) of the samples `among` by their
/// `values`, of which higher are less certain: the least certain first, ties in the order given, NaN last.
pub fn least_certain(values: &[f32], among: &[usize], share: f64) -> Vec<usize> {
    // A NaN share becomes 0.
    let count = (share.clamp(0.0, 1.0) * among.len() as f64).round() as usize;
    let mut order = among.to_vec();
    let value = |sample: usize| values.get(sample).copied().unwrap_or(f32::NAN);
    order.sort_by(|&a, &b| nan_last(value(a), value(b), |x, y| y.total_cmp(&x)));
    order.truncate(count.max(1));
    order
}

fn nan_last(a: f32, b: f32, otherwise: impl FnOnce(f32, f32) -> Ordering) -> Ordering {
    match a.is_nan().cmp(&b.is_nan()) {
        Ordering::Equal if a.is_nan() || a == b => Ordering::Equal,
        Ordering::Equal => otherwise(a, b),
        unequal => unequal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn deviations_that_cannot_be_read_back_have_no_order() {
        let summary = UncertaintySummary {
            feature: vec![Values::lost()],
            ..UncertaintySummary::default()
        };
        assert!(summary.top_features(1, 3).is_err());
    }

    fn summary() -> UncertaintySummary {
        let ln = |x: f32| 2.0 * x.ln();
        UncertaintySummary::from_log_variance(vec![
            array![[ln(1.0), ln(3.0)], [ln(2.0), ln(2.0)]].into(),
            array![[ln(0.5)], [ln(4.0)]].into(),
        ])
        .unwrap()
    }

    #[test]
    fn levels_follow_from_log_variances() {
        let summary = summary();
        let close = |a: &Array2<f32>, b: Array2<f32>| (a - &b).iter().all(|x| x.abs() < 1e-6);
        assert!(close(
            summary.feature[0].array().unwrap(),
            array![[1.0, 3.0], [2.0, 2.0]]
        ));
        assert!(close(&summary.modality, array![[2.0, 0.5], [2.0, 4.0]]));
        assert!((summary.sample[0] - 2.5).abs() < 1e-6);
        assert!((summary.sample[1] - 6.0).abs() < 1e-6);
    }

    #[test]
    fn variances_of_models_are_averaged() {
        let values = |x: f32| -> Values { array![[x, 200.0]].into() };
        let two = mean_variance(&values(2f32.ln()), 1, &values(4f32.ln())).unwrap();
        let three = mean_variance(&two, 2, &values(9f32.ln())).unwrap();
        let found = three.array().unwrap();
        assert!((found[[0, 0]].exp() - 5.0).abs() < 1e-5);
        assert!((found[[0, 1]] - 200.0).abs() < 1e-3, "nothing overflows");
    }

    #[test]
    fn top_features_are_ordered() {
        let top = summary().top_features(1, 2).unwrap();
        assert_eq!((top[0].0, top[0].1), (1, 0));
        assert_eq!((top[1].0, top[1].1), (0, 0), "ties by position");
        assert_eq!(summary().top_features(7, 2).unwrap(), []);
        assert_eq!(summary().top_features(0, 99).unwrap().len(), 3);
    }

    #[test]
    fn noisy_samples_get_larger_deviations() {
        // Predicted alike; the second sample is three times as far off.
        let log_variance = Array2::zeros((2, 40)).into();
        let mean = Array2::zeros((2, 40)).into();
        let data = |rows: Range<usize>, out: &mut [f32]| {
            for (row, out) in rows.zip(out.chunks_exact_mut(40)) {
                out.fill(if row == 0 { 1.0 } else { 3.0 });
            }
        };
        let fitted = fit_to_samples(&log_variance, &mean, None, data).unwrap();
        let fitted = fitted.array().unwrap();
        assert!(fitted[[0, 0]].abs() < 1e-6);
        // (10 + 40 * 9) / 50.
        assert!((fitted[[1, 39]] - 7.4_f32.ln()).abs() < 1e-6);

        // Of half of the second sample nothing is known, whatever stands in for it.
        let mask = Mask::new(2, 40, |sample, feature| sample == 1 && feature < 20);
        let data = |rows: Range<usize>, out: &mut [f32]| {
            data(rows.clone(), out);
            for (_, out) in rows
                .zip(out.chunks_exact_mut(40))
                .filter(|(row, _)| *row == 1)
            {
                out[..20].fill(1e6);
            }
        };
        let fitted = fit_to_samples(&log_variance, &mean, mask.as_ref(), data).unwrap();
        let fitted = fitted.array().unwrap();
        assert!(fitted[[0, 0]].abs() < 1e-6);
        assert_eq!(fitted[[1, 19]], 0.0, "a prediction");
        // (10 + 20 * 9) / 30.
        assert!((fitted[[1, 20]] - (190.0_f32 / 30.0).ln()).abs() < 1e-6);
    }

    #[test]
    fn odd_shapes() {
        let empty = UncertaintySummary::from_log_variance(Vec::new()).unwrap();
        assert_eq!(empty.sample.len(), 0);
        let ragged = [(2, 1), (3, 1)].map(|shape| Array2::zeros(shape).into());
        let error = UncertaintySummary::from_log_variance(ragged.to_vec()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "modality 1 has 3 samples, the first has 2"
        );
        let none =
            UncertaintySummary::from_log_variance(vec![Array2::zeros((2, 0)).into()]).unwrap();
        assert_eq!(none.sample, array![0.0, 0.0]);
    }

    #[test]
    fn margins() {
        let q = array![[0.25f32, 0.75], [0.5, 0.5]];
        assert_eq!(margin(q.view()), [0.5, 0.0]);
        assert_eq!(margin(array![[1.0f32], [1.0]].view()), [1.0, 1.0]);
        assert!(margin(array![[f32::NAN, 1.0]].view())[0].is_nan());
    }

    #[test]
    fn the_least_certain_come_first() {
        let values = [0.3, f32::NAN, 0.9, 0.1, 0.9];
        let all = [0, 1, 2, 3, 4];
        assert_eq!(least_certain(&values, &all, 0.6), [2, 4, 0]);
        assert_eq!(least_certain(&values, &all, 9.0), [2, 4, 0, 3, 1]);
        assert_eq!(least_certain(&values, &[3, 0, 1], 1.0), [0, 3, 1]);
        assert_eq!(least_certain(&values, &[3, 0, 1], f64::NAN), [0]);
        assert!(least_certain(&values, &[], 1.0).is_empty());
    }
}
