//! Greedy k-means++: of a few candidates drawn in proportion to the squared distance to the nearest
//! centre so far, the one that lowers the sum of those distances most becomes the next centre.

use crate::{
    analysis::tiles::{CHUNK, LANES, Lanes, Real as _, Tiles},
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
    // Far below a chunk, whatever the number of clusters.
    let trials = (2 + (clusters as f64).ln() as usize).min(CHUNK);
    let mut centres = Vec::new();
    let first = rng.random_range(0..samples);
    centres.extend_from_slice(tiles.rows(first..first + 1));
    let mut nearest = vec![f32::INFINITY; samples];
    lower(tiles, first, &mut nearest);
    let (mut candidates, mut rows) = (Vec::with_capacity(trials), Vec::new());
    let mut cumulative = vec![0.0; samples];
    for _ in 1..clusters {
        cancel.check()?;
        let mut total = 0.0;
        for (cumulative, &distance) in cumulative.iter_mut().zip(&nearest) {
            total += f64::from(distance);
            *cumulative = total;
        }
        candidates.clear();
        rows.clear();
        for _ in 0..trials {
            let sample = if total > 0.0 {
                let at = rng.random::<f64>() * total;
                cumulative.partition_point(|&c| c <= at).min(samples - 1)
            } else {
                // Every sample already sits on a centre.
                rng.random_range(0..samples)
            };
            candidates.push(sample);
            rows.extend_from_slice(tiles.rows(sample..sample + 1));
        }
        let mut best: Option<(f64, usize)> = None;
        let potentials = potentials(tiles, &rows, trials, &nearest);
        for (potential, &sample) in potentials.into_iter().zip(&candidates) {
            if best.is_none_or(|(lowest, _)| potential < lowest) {
                best = Some((potential, sample));
            }
        }
        if let Some((_, sample)) = best {
            centres.extend_from_slice(tiles.rows(sample..sample + 1));
            lower(tiles, sample, &mut nearest);
        }
    }
    Ok(centres)
}

/// Lowers `nearest` to the squared distance to `sample` where that is smaller.
fn lower(tiles: &Tiles<f32>, sample: usize, nearest: &mut [f32]) {
    let row = tiles.rows(sample..sample + 1);
    let mut distances = [[0.0; LANES]];
    for (tile, nearest) in nearest.chunks_mut(LANES).enumerate() {
        f32::squared_distances(tiles.tile(tile), row, &mut distances);
        for (near, &distance) in nearest.iter_mut().zip(&distances[0]) {
            *near = near.min(distance);
        }
    }
}

/// What the sum of the distances to the nearest centre would be with each of so many candidates, at most [`CHUNK`], row by row.
fn potentials(tiles: &Tiles<f32>, rows: &[f32], candidates: usize, nearest: &[f32]) -> Vec<f64> {
    let mut sums: [Lanes<f64>; CHUNK] = [[0.0; LANES]; CHUNK];
    let mut distances = [[0.0; LANES]; CHUNK];
    for (tile, nearest) in nearest.chunks(LANES).enumerate() {
        f32::squared_distances(tiles.tile(tile), rows, &mut distances[..candidates]);
        for (distances, sums) in distances.iter().zip(&mut sums[..candidates]) {
            for ((near, distance), sum) in nearest.iter().zip(distances).zip(sums) {
                *sum += f64::from(near.min(*distance));
            }
        }
    }
    let sums = sums[..candidates].iter();
    sums.map(|sums| sums.iter().sum()).collect()
}
