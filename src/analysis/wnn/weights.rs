//! How much every sample relies on every modality.

use super::modality::Modality;
use crate::job::{CancelToken, Cancelled};
use ndarray::Array2;
use rayon::prelude::*;

/// Keeps the ratios of affinities finite, as in the article.
const EPSILON: f64 = 1e-4;

/// The weights, `n x V`: softmax of how much better a sample is predicted, within each modality, by its neighbours
/// there than by its neighbours in the best of the others.
pub(super) fn of_modalities(
    modalities: &[Modality],
    cancel: &CancelToken,
) -> Result<Array2<f64>, Cancelled> {
    let samples = modalities.first().map_or(0, Modality::samples);
    let row = |sample: usize| {
        cancel.check()?;
        let ratio = |at: usize| {
            let measured = modalities[at].measured(sample);
            measured.then(|| ratio(modalities, at, sample))
        };
        let ratios: Vec<_> = (0..modalities.len()).map(ratio).collect();
        Ok(softmax(&ratios))
    };
    let rows = (0..samples).into_par_iter().map(row);
    let rows = rows.collect::<Result<Vec<_>, Cancelled>>()?;
    let weight = |(sample, modality): (usize, usize)| rows[sample][modality];
    Ok(Array2::from_shape_fn((samples, modalities.len()), weight))
}

/// In the modality `at`, the affinity of a sample to its own neighbours over that to those of the best other
/// modality. 0 where either has no neighbours: then nothing speaks for the modality.
fn ratio(modalities: &[Modality], at: usize, sample: usize) -> f64 {
    let affinity =
        |from: usize| modalities[at].affinity(sample, modalities[from].predictors(sample));
    let others = (0..modalities.len()).filter(|&other| other != at);
    let across = others.filter_map(affinity).reduce(f64::max);
    match (affinity(at), across) {
        (Some(within), Some(across)) => within / (across + EPSILON),
        _ => 0.0,
    }
}

/// Shares that sum to 1 over what there is; 0 for the rest.
fn softmax(ratios: &[Option<f64>]) -> Vec<f64> {
    let largest = ratios.iter().flatten().copied().fold(0.0, f64::max);
    let shares = ratios
        .iter()
        .map(|ratio| ratio.map_or(0.0, |x| (x - largest).exp()));
    let shares: Vec<f64> = shares.collect();
    let sum: f64 = shares.iter().sum();
    let share = |x: f64| if sum > 0.0 { x / sum } else { 0.0 };
    shares.into_iter().map(share).collect()
}
