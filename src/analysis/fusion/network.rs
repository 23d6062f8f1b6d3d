//! Networks of samples, and their nearest neighbours as a sparse matrix.

use crate::job::{CancelToken, Cancelled};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Zip, s};
use rayon::prelude::*;

/// Rows that are multiplied side by side: one cache line.
const LANES: usize = 8;

/// Columns of a product that one task makes.
const COLUMNS: usize = 64;

/// Divides every row of a symmetric network by its sum and makes it symmetric again.
pub(super) fn normalise(network: &mut Array2<f64>) {
    let sums = row_sums(network.view());
    Zip::indexed(network).par_for_each(|(i, j), x| *x = (*x / sums[i] + *x / sums[j]) / 2.0);
}

/// Writes to `out` what [`normalise`] would make of a network that is symmetric but for rounding errors; this one is
/// symmetric to the bit.
pub(super) fn shares(network: ArrayView2<'_, f64>, out: &mut Array2<f64>) {
    let sums = row_sums(network);
    Zip::indexed(out).par_for_each(|(i, j), x| {
        *x = (network[[i, j]] / sums[i] + network[[j, i]] / sums[j]) / 2.0;
    });
}

fn row_sums(network: ArrayView2<'_, f64>) -> Vec<f64> {
    let rows = network.axis_iter(Axis(0)).into_par_iter();
    rows.map(|row| row.iter().sum()).collect()
}

/// The strongest edges of every sample, as shares that add up to 1: a sparse `n x n` matrix `S`.
///
/// Products with it take `n^2` times the neighbours, where those of dense matrices would take `n^3`.
pub(super) struct Neighbourhood {
    rows: Vec<Vec<(u32, f64)>>,
}

impl Neighbourhood {
    /// Keeps the edges that are not weaker than the `neighbours`-th of their row, the sample's own among them.
    pub(super) fn of(
        network: ArrayView2<'_, f64>,
        neighbours: usize,
        cancel: &CancelToken,
    ) -> Result<Self, Cancelled> {
        let samples = network.nrows();
        let kept = neighbours.max(1).min(samples.saturating_sub(1).max(1));
        let strongest = |row: ArrayView1<'_, f64>| {
            cancel.check()?;
            let mut sorted = row.to_vec();
            let (_, &mut bar, _) = sorted.select_nth_unstable_by(samples - kept, f64::total_cmp);
            let edges = (0..).zip(row.iter().copied());
            let edges = edges.filter(|&(_, x)| x >= bar && x > 0.0);
            let mut edges: Vec<(u32, f64)> = edges.collect();
            let sum: f64 = edges.iter().map(|edge| edge.1).sum();
            edges.iter_mut().for_each(|edge| edge.1 /= sum);
            Ok(edges)
        };
        let rows = network.axis_iter(Axis(0)).into_par_iter().map(strongest);
        Ok(Self {
            rows: rows.collect::<Result<_, Cancelled>>()?,
        })
    }

    /// `out = M S'`, where `M` is `n x n` and given by its values.
    pub(super) fn multiply_right(
        &self,
        matrix: impl Fn(usize, usize) -> f64 + Sync,
        out: &mut Array2<f64>,
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        let chunks = out.axis_chunks_iter_mut(Axis(0), LANES).into_par_iter();
        chunks
            .enumerate()
            .try_for_each_init(Vec::new, |lanes, (chunk, mut rows)| {
                cancel.check()?;
                let used = rows.nrows();
                let value = |lane: usize, j| match lane < used {
                    true => matrix(chunk * LANES + lane, j),
                    false => 0.0,
                };
                lanes.clear();
                let columns = 0..self.rows.len();
                lanes.extend(columns.map(|j| std::array::from_fn(|lane| value(lane, j))));
                for (edges, mut column) in self.rows.iter().zip(rows.columns_mut()) {
                    let mut sums = [0.0; LANES];
                    for &(j, share) in edges {
                        let values: &[f64; LANES] = &lanes[j as usize];
                        for (sum, value) in sums.iter_mut().zip(values) {
                            *sum += share * value;
                        }
                    }
                    column.iter_mut().zip(sums).for_each(|(x, sum)| *x = sum);
                }
                Ok(())
            })
    }

    /// `out = S M`.
    pub(super) fn multiply_left(
        &self,
        matrix: ArrayView2<'_, f64>,
        out: &mut Array2<f64>,
        cancel: &CancelToken,
    ) -> Result<(), Cancelled> {
        // Some columns at a time: all their rows stay in a cache.
        let blocks = out.axis_chunks_iter_mut(Axis(1), COLUMNS).into_par_iter();
        blocks.enumerate().try_for_each(|(block, mut out)| {
            cancel.check()?;
            let first = block * COLUMNS;
            let matrix = matrix.slice(s![.., first..first + out.ncols()]);
            for (mut row, edges) in out.rows_mut().into_iter().zip(&self.rows) {
                row.fill(0.0);
                for &(j, share) in edges {
                    row.scaled_add(share, &matrix.row(j as usize));
                }
            }
            Ok(())
        })
    }
}
