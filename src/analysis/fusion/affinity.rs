//! The scaled exponential similarity kernel.

use super::FusionSpec;
use crate::{
    analysis::tiles::{CHUNK, LANES, Real as _, Tiles},
    job::{CancelToken, Cancelled},
};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Features whose distances are added up at a time: their standardised copy stays small.
const FEATURES: usize = 256;

/// The affinity of the samples `points` (`n x d`, finite).
///
/// With `r` the squared distance of two samples, and `m` the mean of a sample's `r` to its nearest neighbours,
/// it is the density at `r` of a normal distribution of mean 0 and standard deviation
/// `mu (m_i + m_j + r) / 3`.
pub(super) fn scaled_exponential(
    points: ArrayView2<'_, f32>,
    spec: &FusionSpec,
    cancel: &CancelToken,
) -> Result<Array2<f64>, Cancelled> {
    let mut affinity = squared_distances(points, cancel)?;
    let nearby = mean_nearest(&affinity, spec.neighbours, cancel)?;
    let root = (2.0 * std::f64::consts::PI).sqrt();
    let rows = affinity.axis_iter_mut(Axis(0)).into_par_iter();
    rows.zip(&nearby).try_for_each(|(row, own)| {
        cancel.check()?;
        for (x, other) in row.into_iter().zip(&nearby) {
            let near = (own + other + *x) / 3.0;
            // Samples that are all alike have no scale: any will do, but for 0.
            let near = if near > f64::EPSILON { near } else { 0.0 };
            let width = spec.mu * (near + f64::EPSILON);
            *x = (-(*x / width).powi(2) / 2.0).exp() / (root * width);
        }
        Ok(())
    })?;
    Ok(affinity)
}

/// Squared Euclidean distances of the standardised samples, `n x n`.
fn squared_distances(
    points: ArrayView2<'_, f32>,
    cancel: &CancelToken,
) -> Result<Array2<f64>, Cancelled> {
    let (samples, features) = points.dim();
    let mut distances = Array2::zeros((samples, samples));
    for first in (0..features).step_by(FEATURES) {
        let last = features.min(first + FEATURES);
        let tiles = Tiles::new(standardised(points.slice(s![.., first..last])).view());
        let rows = distances.axis_chunks_iter_mut(Axis(0), LANES);
        rows.into_par_iter()
            .enumerate()
            .try_for_each(|(tile, mut rows)| {
                cancel.check()?;
                let mut squares = [[0.0; LANES]; CHUNK];
                for start in (0..samples).step_by(CHUNK) {
                    let range = start..samples.min(start + CHUNK);
                    let squares = &mut squares[..range.len()];
                    f64::squared_distances(tiles.tile(tile), tiles.rows(range.clone()), squares);
                    for (lane, mut row) in rows.outer_iter_mut().enumerate() {
                        let sums = row.slice_mut(s![range.clone()]).into_iter();
                        sums.zip(&*squares)
                            .for_each(|(sum, square)| *sum += square[lane]);
                    }
                }
                Ok(())
            })?;
    }
    Ok(distances)
}

/// Every feature with mean 0 and variance 1 (divided by `n - 1`); constant features are 0.
fn standardised(points: ArrayView2<'_, f32>) -> Array2<f64> {
    let mut scaled = points.mapv(f64::from);
    for mut column in scaled.columns_mut() {
        let first = column.first().copied().unwrap_or(0.0);
        if column.iter().all(|&x| x == first) {
            column.fill(0.0);
            continue;
        }
        let mean = column.sum() / column.len() as f64;
        let squares: f64 = column.iter().map(|x| (x - mean).powi(2)).sum();
        let deviation = (squares / (column.len() - 1) as f64).sqrt();
        column.mapv_inplace(|x| (x - mean) / deviation);
    }
    scaled
}

/// The mean distance of every sample to its nearest ones, itself left out.
fn mean_nearest(
    distances: &Array2<f64>,
    neighbours: usize,
    cancel: &CancelToken,
) -> Result<Vec<f64>, Cancelled> {
    let others = distances.nrows().saturating_sub(1);
    let count = neighbours.max(1).min(others);
    let mean = |row: ArrayView1<'_, f64>| {
        cancel.check()?;
        if count == 0 {
            return Ok(f64::EPSILON);
        }
        let mut row = row.to_vec();
        // The smallest is 0, the sample itself or its double.
        let (nearest, ..) = row.select_nth_unstable_by(count, f64::total_cmp);
        nearest.sort_unstable_by(f64::total_cmp);
        let last = row[count];
        let sum: f64 = row[1..count].iter().sum::<f64>() + last;
        Ok(sum / count as f64 + f64::EPSILON)
    };
    distances
        .axis_iter(Axis(0))
        .into_par_iter()
        .map(mean)
        .collect()
}
