//! Networks of samples, and their nearest neighbours as a sparse matrix.

use crate::job::{CancelToken, Cancelled};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Zip};
use rayon::prelude::*;

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
        let rows = out.axis_iter_mut(Axis(0)).into_par_iter().enumerate();
        rows.try_for_each_init(Vec::new, |buffer, (i, row)| {
            cancel.check()?;
            buffer.clear();
            buffer.extend((0..self.rows.len()).map(|j| matrix(i, j)));
            for (x, edges) in row.into_iter().zip(&self.rows) {
                *x = edges
                    .iter()
                    .map(|&(j, share)| share * buffer[j as usize])
                    .sum();
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
        let rows = out.axis_iter_mut(Axis(0)).into_par_iter();
        rows.zip(&self.rows).try_for_each(|(mut row, edges)| {
            cancel.check()?;
            row.fill(0.0);
            for &(j, share) in edges {
                row.scaled_add(share, &matrix.row(j as usize));
            }
            Ok(())
        })
    }
}
