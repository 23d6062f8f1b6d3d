//! The nearest neighbours across modalities.

use super::modality::Modality;
use crate::{
    analysis::neighbours::Neighbours,
    job::{CancelToken, Cancelled},
};
use ndarray::Array2;
use rayon::prelude::*;

/// The `k` others nearest to every sample by the weighted mean of their nearness in each modality (the first of
/// equals), among those that are near in any; the sample itself is first, and fills rows that fall short
/// at an infinite distance.
pub(super) fn nearest(
    modalities: &[Modality],
    weights: &Array2<f64>,
    k: usize,
    cancel: &CancelToken,
) -> Result<Neighbours, Cancelled> {
    let samples = weights.nrows();
    let k = k.min(samples.saturating_sub(1));
    let of_sample = |sample: usize| {
        cancel.check()?;
        let near = modalities
            .iter()
            .flat_map(|modality| modality.nearest(sample));
        let mut candidates: Vec<usize> = near.collect();
        candidates.sort_unstable();
        candidates.dedup();
        let mut near: Vec<(f64, usize)> = candidates
            .into_iter()
            .map(|other| (similarity(modalities, weights, sample, other), other))
            .collect();
        let nearer = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if (1..near.len()).contains(&k) {
            near.select_nth_unstable_by(k - 1, nearer);
        }
        near.truncate(k);
        near.sort_unstable_by(nearer);
        Ok(near)
    };
    let found = (0..samples)
        .into_par_iter()
        .map(of_sample)
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let mut indices = Array2::from_shape_fn((samples, k + 1), |(sample, _)| sample as u32);
    let mut distances = Array2::from_elem((samples, k + 1), f32::INFINITY);
    for (sample, near) in found.iter().enumerate() {
        distances[[sample, 0]] = 0.0;
        for (&(similarity, other), rank) in near.iter().zip(1..) {
            indices[[sample, rank]] = other as u32;
            distances[[sample, rank]] = (0.5 * (1.0 - similarity)).max(0.0).sqrt() as f32;
        }
    }
    let recalls = modalities.iter().filter_map(|modality| modality.recall);
    Ok(Neighbours {
        indices,
        distances,
        recall: recalls.reduce(f64::min),
    })
}

/// The weighted sum of how near another sample lies in the modalities that both were measured in: one in
/// which it was not measured counts as far.
fn similarity(modalities: &[Modality], weights: &Array2<f64>, sample: usize, other: usize) -> f64 {
    let weighed = modalities.iter().zip(weights.row(sample));
    let both = weighed.filter(|(modality, weight)| **weight > 0.0 && modality.measured(other));
    both.map(|(modality, weight)| weight * modality.nearness(sample, other))
        .sum()
}
