//! Which features vary most, by several measures.

use rayon::prelude::*;

use super::{PrepareError, Ranking, loess, stats::Moments, view::View};
use crate::job::CancelToken;

/// Share of the features that the expected variance at a mean is fitted to: as Seurat and scanpy have it.
const SPAN: f64 = 0.3;

/// Overdispersion that Pearson residuals assume: as scanpy has it.
const THETA: f64 = 100.0;

/// What a choice of variable features rests on; one number a feature, before the choice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variability {
    /// Mean of the values that were ranked.
    pub means: Vec<f32>,
    /// Their variance, or, where it is standardised, that.
    pub scores: Vec<f32>,
    /// Which features were kept.
    pub kept: Vec<bool>,
}

/// Mean and score of every feature; those of larger scores vary more.
pub(super) fn scores(
    view: &View,
    by: Ranking,
    cancel: &CancelToken,
) -> Result<(Vec<f64>, Vec<f64>), PrepareError> {
    match by {
        Ranking::Variance => {
            let moments = Moments::of(view, cancel)?;
            let means = moments.iter().map(|m| m.mean).collect();
            Ok((means, moments.iter().map(Moments::variance).collect()))
        }
        Ranking::SeuratV3 => seurat_v3(&view.as_read(), cancel),
        Ranking::PearsonResiduals => pearson_residuals(&view.as_read(), cancel),
    }
}

/// Sums and sums of squares of every feature; of counts they are exact, in whatever order.
pub(super) fn sums(
    view: &View,
    most: Option<&[f64]>,
    cancel: &CancelToken,
) -> Result<Vec<[f64; 2]>, PrepareError> {
    view.fold(
        || vec![[0.0; 2]; view.features()],
        |sums, row| {
            for (feature, x) in row.iter() {
                let x = f64::from(x);
                let x = most.map_or(x, |most| x.min(most[feature]));
                let [sum, squares] = &mut sums[feature];
                *sum += x;
                *squares += x * x;
            }
        },
        |all, part| add_up(all, part),
        cancel,
    )
}

/// The variance of counts that are standardised by the variance expected at their mean and cut off at the square root of the number of samples.
fn seurat_v3(view: &View, cancel: &CancelToken) -> Result<(Vec<f64>, Vec<f64>), PrepareError> {
    let samples = view.samples() as f64;
    let degrees = (samples - 1.0).max(1.0);
    let of_counts = sums(view, None, cancel)?;
    let means: Vec<f64> = of_counts.iter().map(|[sum, _]| sum / samples).collect();
    let variances: Vec<f64> = of_counts
        .iter()
        .zip(&means)
        .map(|([sum, squares], mean)| ((squares - sum * mean) / degrees).max(0.0))
        .collect();
    let varies = |at: &usize| variances[*at] > 0.0 && means[*at] > 0.0;
    let varying: Vec<usize> = (0..means.len()).filter(varies).collect();
    let log = |of: &[f64]| -> Vec<f64> { varying.iter().map(|&at| of[at].log10()).collect() };
    let expected = loess::curve(&log(&means), &log(&variances), SPAN);
    let mut deviations = vec![0.0; means.len()];
    for (&at, log) in varying.iter().zip(expected) {
        deviations[at] = 10_f64.powf(log).sqrt();
    }
    let reach = samples.sqrt();
    let most: Vec<f64> = means
        .iter()
        .zip(&deviations)
        .map(|(mean, d)| mean + reach * d)
        .collect();
    let cut = sums(view, Some(&most), cancel)?;
    let score = |at: usize| {
        let ([sum, squares], mean, deviation) = (cut[at], means[at], deviations[at]);
        let standardised = samples * mean * mean + squares - 2.0 * sum * mean;
        if deviation > 0.0 {
            standardised / (degrees * deviation * deviation)
        } else {
            0.0
        }
    };
    let scores = (0..means.len()).map(score).collect();
    Ok((means, scores))
}

/// The variance of Pearson residuals under a negative binomial distribution of the counts, cut off at the square root of the number
/// of samples.
fn pearson_residuals(
    view: &View,
    cancel: &CancelToken,
) -> Result<(Vec<f64>, Vec<f64>), PrepareError> {
    let samples = view.samples() as f64;
    let totals = view.totals(cancel)?;
    let of_features = sums(view, None, cancel)?;
    let all: f64 = of_features.iter().map(|[sum, _]| sum).sum();
    let shares: Vec<f64> = of_features
        .iter()
        .map(|[sum, _]| sum / all.max(f64::MIN_POSITIVE))
        .collect();
    let reach = samples.sqrt();
    let residual = |x: f64, expected: f64| {
        let spread = (expected + expected * expected / THETA).sqrt();
        // Nothing is expected of a sample or a feature without counts, and nothing is there.
        let residual = (x - expected) / spread.max(f64::MIN_POSITIVE);
        residual.clamp(-reach, reach)
    };
    // Zeros have a residual of their own in every sample, so that every value is looked at.
    let features = view.features();
    let totals = &totals;
    let (sums, _) = view.fold_samples(
        || (vec![[0.0; 2]; features], vec![0.0_f32; features]),
        |(sums, values), sample, row| {
            values.fill(0.0);
            row.iter().for_each(|(feature, x)| values[feature] = x);
            let total = totals[sample];
            for ((sums, &x), &share) in sums.iter_mut().zip(&*values).zip(&shares) {
                let z = residual(f64::from(x), total * share);
                sums[0] += z;
                sums[1] += z * z;
            }
        },
        |(all, _), (part, _)| add_up(all, part),
        cancel,
    )?;
    let variance =
        |[sum, squares]: [f64; 2]| (squares / samples - (sum / samples).powi(2)).max(0.0);
    let means = of_features.iter().map(|[sum, _]| sum / samples).collect();
    Ok((means, sums.into_iter().map(variance).collect()))
}

fn add_up(all: &mut [[f64; 2]], part: Vec<[f64; 2]>) {
    for (all, part) in all.iter_mut().zip(part) {
        all[0] += part[0];
        all[1] += part[1];
    }
}

/// The features of the largest scores, so many at most; of equal ones the first.
pub(super) fn largest(scores: &[f64], features: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    // A stable sort: of equal ones the first stays first.
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut kept = vec![false; scores.len()];
    order.iter().take(features).for_each(|&at| kept[at] = true);
    kept
}

/// Two quantiles of every feature, by linear interpolation between the values on either side.
pub(super) fn quantiles(
    view: &View,
    of: [f64; 2],
    cancel: &CancelToken,
) -> Result<Vec<[f64; 2]>, PrepareError> {
    /// Numbers that are held at once.
    const HELD: usize = 1 << 26;
    let (samples, features) = (view.samples(), view.features());
    let step = (HELD / samples.max(1)).max(1);
    let mut found = Vec::with_capacity(features);
    for start in (0..features).step_by(step) {
        let end = features.min(start + step);
        let mut columns = vec![0.0_f32; samples * (end - start)];
        // Sample by sample, and then feature by feature.
        view.gather(start..end, &mut columns, cancel)?;
        let of_feature = |column: &mut [f32]| {
            column.sort_unstable_by(f32::total_cmp);
            of.map(|share| {
                let place = share * (samples - 1) as f64;
                let (low, part) = (place as usize, place.fract());
                let [a, b] = [low, (low + 1).min(samples - 1)].map(|at| f64::from(column[at]));
                a + part * (b - a)
            })
        };
        let columns: Vec<[f64; 2]> = columns.par_chunks_mut(samples).map(of_feature).collect();
        found.extend(columns);
    }
    Ok(found)
}
