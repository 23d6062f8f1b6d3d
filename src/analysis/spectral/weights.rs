//! Networks of samples, dense or sparse, as spectral clustering asks for them.

use super::SpectralError;
use crate::{
    analysis::{
        eigen::Row,
        graph::{Graph, connected},
    },
    job::CancelToken,
};
use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};
use ndarray::{ArrayView2, s};
use rayon::prelude::*;
use std::ops::Range;

/// Weights in the two directions may differ by this share: rounding errors of 32 bits.
const ASYMMETRY: f64 = 1e-5;

/// Rows of a product that one task makes.
const ROWS: usize = 64;

/// Symmetric weights between samples.
pub(super) trait Weights: Sync {
    /// Rows and columns.
    fn dim(&self) -> (usize, usize);

    /// One weight; 0 without an edge.
    fn weight(&self, row: usize, column: usize) -> f64;

    /// The other samples that a sample may be joined to, and the weights.
    fn others(&self, row: usize) -> impl Iterator<Item = (usize, f64)>;

    /// Some rows of the product with a block of vectors, without what samples are joined to themselves by.
    fn multiply<const W: usize>(&self, rows: Range<usize>, block: &[Row<W>]) -> Vec<Row<W>> {
        rows.map(|row| sum_of(self.others(row), block)).collect()
    }

    /// How many samples there are.
    fn samples(&self) -> usize {
        self.dim().0
    }
}

impl Weights for ArrayView2<'_, f64> {
    fn dim(&self) -> (usize, usize) {
        self.dim()
    }

    fn multiply<const W: usize>(&self, rows: Range<usize>, block: &[Row<W>]) -> Vec<Row<W>> {
        let Some(values) = self.slice(s![rows.clone(), ..]).to_slice() else {
            return rows.map(|row| sum_of(self.others(row), block)).collect();
        };
        // Weights on the diagonal can be larger than all others by far: they are left out, not subtracted.
        let near = |row| self.others(row).filter(|(column, _)| rows.contains(column));
        let mut out: Vec<Row<W>> = rows.clone().map(|row| sum_of(near(row), block)).collect();
        let values = MatRef::from_row_major_slice(values, rows.len(), block.len());
        let mut to = MatMut::from_row_major_slice_mut(out.as_flattened_mut(), rows.len(), W);
        for part in [0..rows.start, rows.end..block.len()] {
            let vectors = block[part.clone()].as_flattened();
            let vectors = MatRef::from_row_major_slice(vectors, part.len(), W);
            let values = values.subcols(part.start, part.len());
            matmul(to.as_mut(), Accum::Add, values, vectors, 1.0, Par::Seq);
        }
        out
    }

    fn weight(&self, row: usize, column: usize) -> f64 {
        self[[row, column]]
    }

    fn others(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let weights = self.row(row).into_iter().copied().enumerate();
        weights.filter(move |&(column, _)| column != row)
    }
}

impl Weights for Graph {
    fn dim(&self) -> (usize, usize) {
        (Graph::samples(self), Graph::samples(self))
    }

    fn weight(&self, row: usize, column: usize) -> f64 {
        let (columns, weights) = self.row(row);
        let found = columns.binary_search(&(column as u32));
        found.map_or(0.0, |at| f64::from(weights[at]))
    }

    fn others(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let (columns, weights) = self.row(row);
        let weights = columns.iter().zip(weights);
        weights.map(|(&column, &weight)| (column as usize, f64::from(weight)))
    }
}

/// Whether this is a network at all.
pub(super) fn check(network: &impl Weights, cancel: &CancelToken) -> Result<(), SpectralError> {
    let (rows, columns) = network.dim();
    if rows != columns {
        return Err(SpectralError::NotSquare { rows, columns });
    }
    let wrong = |row: usize| {
        cancel.check()?;
        for (column, weight) in network.others(row) {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Err(SpectralError::Weight {
                    row,
                    column,
                    weight,
                });
            }
            let back = network.weight(column, row);
            if (weight - back).abs() > ASYMMETRY * weight.max(back) {
                return Err(SpectralError::NotSymmetric { row, column });
            }
        }
        Ok(())
    };
    // The first of all errors, whichever thread meets one first.
    let checked: Vec<_> = (0..rows).into_par_iter().map(wrong).collect();
    checked.into_iter().collect()
}

/// The sum of every sample's weights.
pub(super) fn degrees(network: &impl Weights) -> Vec<f64> {
    let degree = |row| network.others(row).map(|(_, weight)| weight).sum();
    (0..network.samples()).into_par_iter().map(degree).collect()
}

/// The connected pieces in order of their first sample. Samples without edges belong to none.
pub(super) fn pieces(network: &impl Weights, degrees: &[f64]) -> Vec<Vec<u32>> {
    let apart = degrees.iter().map(|&degree| degree <= 0.0).collect();
    connected(apart, |sample| {
        let joined = network.others(sample as usize);
        joined
            .filter(|&(_, weight)| weight > 0.0)
            .map(|(other, _)| other as u32)
    })
}

/// `(1 + D^-1/2 A D^-1/2) / 2` times a block of vectors; `inverse` holds the diagonal of `D^-1/2`.
pub(super) fn lazy_walk<const W: usize>(
    network: &impl Weights,
    inverse: &[f64],
    block: &[Row<W>],
) -> Vec<Row<W>> {
    let scaled: Vec<Row<W>> = block
        .iter()
        .zip(inverse)
        .map(|(row, &scale)| row.map(|x| x * scale))
        .collect();
    let mut out = vec![[0.0; W]; block.len()];
    let chunks = out.par_chunks_mut(ROWS).enumerate();
    chunks.for_each(|(chunk, out)| {
        let first = chunk * ROWS;
        let sums = network.multiply(first..first + out.len(), &scaled);
        for (i, (out, sums)) in (first..).zip(out.iter_mut().zip(sums)) {
            *out =
                std::array::from_fn(|column| (block[i][column] + inverse[i] * sums[column]) / 2.0);
        }
    });
    out
}

/// The sum of some vectors of a block, each times a weight.
fn sum_of<const W: usize>(weights: impl Iterator<Item = (usize, f64)>, block: &[Row<W>]) -> Row<W> {
    let mut sums = [0.0; W];
    for (at, weight) in weights {
        for (sum, x) in sums.iter_mut().zip(&block[at]) {
            *sum += weight * x;
        }
    }
    sums
}
