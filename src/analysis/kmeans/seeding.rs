//! Greedy k-means++: of a few candidates drawn in proportion to the squared distance to the nearest
//! centre so far, the one that lowers the sum of those distances most becomes the next centre.

use crate::{
    analysis::tiles::{LANES, Lanes, Real as _, Tiles},
    job::{CancelToken, Cancelled},
};
use rand::{Rng, RngExt as _};

/// `clusters` starting centres (`K x d`, row by row), taken from the samples.
pub(super) fn plus_plus(
    tiles: &Tiles<f32>,
    clusters: usize,
    rng: &mut impl Rng,
    cancel: &CancelToken,
) -> Result<Vec<f32>, Cancelled> {
    let samples = tiles.samples();
    let trials = 2 + (clusters as f64).ln() as usize;
    let mut centres = Vec::new();
    let first = rng.random_range(0..samples);
    centres.extend_from_slice(tiles.rows(first..first + 1));
    let mut nearest = vec![f32::INFINITY; samples];
    lower(tiles, first, &mut nearest);
    let mut candidate = Vec::with_capacity(samples);
    let mut cumulative = vec![0.0; samples];
    for _ in 1..clusters {
        cancel.check()?;
        let mut total = 0.0;
        for (cumulative, &distance) in cumulative.iter_mut().zip(&nearest) {
            total += f64::from(distance);
            *cumulative = total;
        }
        let mut best: Option<(f64, usize, Vec<f32>)> = None;
        for _ in 0..trials {
            let sample = if total > 0.0 {
                let at = rng.random::<f64>() * total;
                cumulative.partition_point(|&c| c <= at).min(samples - 1)
            } else {
                // Every sample already sits on a centre.
                rng.random_range(0..samples)
            };
            candidate.clone_from(&nearest);
            let potential = lower(tiles, sample, &mut candidate);
            if best.as_ref().is_none_or(|(lowest, ..)| potential < *lowest) {
                let spare = best.map_or_else(Vec::new, |(.., spare)| spare);
                best = Some((potential, sample, std::mem::replace(&mut candidate, spare)));
            }
        }
        if let Some((_, sample, distances)) = best {
            centres.extend_from_slice(tiles.rows(sample..sample + 1));
            nearest = distances;
        }
    }
    Ok(centres)
}

/// Lowers `nearest` to the squared distance to `sample` where that is smaller; the sum afterwards.
fn lower(tiles: &Tiles<f32>, sample: usize, nearest: &mut [f32]) -> f64 {
    let row = tiles.rows(sample..sample + 1);
    let mut sums: Lanes<f64> = [0.0; LANES];
    let mut distances = [[0.0; LANES]];
    for (tile, nearest) in nearest.chunks_mut(LANES).enumerate() {
        f32::squared_distances(tiles.tile(tile), row, &mut distances);
        for ((near, &distance), sum) in nearest.iter_mut().zip(&distances[0]).zip(&mut sums) {
            *near = near.min(distance);
            *sum += f64::from(*near);
        }
    }
    sums.iter().sum()
}
