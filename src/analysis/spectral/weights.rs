//! Networks of samples, dense or sparse, as spectral clustering asks for them.

use super::SpectralError;
use crate::{analysis::eigen::Row, data::Sparse, job::CancelToken};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// Weights in the two directions may differ by this share: rounding errors of 32 bits.
const ASYMMETRY: f64 = 1e-5;

/// Symmetric weights between samples.
pub(super) trait Weights: Sync {
    /// Rows and columns.
    fn dim(&self) -> (usize, usize);

    /// One weight; 0 without an edge.
    fn weight(&self, row: usize, column: usize) -> f64;

    /// The other samples that a sample may be joined to, and the weights.
    fn others(&self, row: usize) -> impl Iterator<Item = (usize, f64)>;

    /// How many samples there are.
    fn samples(&self) -> usize {
        self.dim().0
    }
}

impl Weights for ArrayView2<'_, f64> {
    fn dim(&self) -> (usize, usize) {
        self.dim()
    }

    fn weight(&self, row: usize, column: usize) -> f64 {
        self[[row, column]]
    }

    fn others(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let weights = self.row(row).into_iter().copied().enumerate();
        weights.filter(move |&(column, _)| column != row)
    }
}

impl Weights for Sparse {
    fn dim(&self) -> (usize, usize) {
        (self.samples(), self.features())
    }

    fn weight(&self, row: usize, column: usize) -> f64 {
        let (columns, weights) = self.row(row);
        let found = columns.binary_search(&(column as u32));
        found.map_or(0.0, |at| f64::from(weights[at]))
    }

    fn others(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let (columns, weights) = self.row(row);
        let weights = columns.iter().zip(weights);
        let weights = weights.map(|(&column, &weight)| (column as usize, f64::from(weight)));
        weights.filter(move |&(column, _)| column != row)
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
    let mut seen: Vec<bool> = degrees.iter().map(|&degree| degree <= 0.0).collect();
    let mut pieces = Vec::new();
    for first in 0..degrees.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut piece = vec![first as u32];
        let mut next = 0;
        while let Some(&sample) = piece.get(next) {
            next += 1;
            for (other, weight) in network.others(sample as usize) {
                if weight > 0.0 && !std::mem::replace(&mut seen[other], true) {
                    piece.push(other as u32);
                }
            }
        }
        pieces.push(piece);
    }
    pieces
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
    let row = |i: usize| {
        let mut sums = [0.0; W];
        for (other, weight) in network.others(i) {
            for (sum, x) in sums.iter_mut().zip(&scaled[other]) {
                *sum += weight * x;
            }
        }
        std::array::from_fn(|column| (block[i][column] + inverse[i] * sums[column]) / 2.0)
    };
    let rows = (0..block.len()).into_par_iter().with_min_len(64);
    rows.map(row).collect()
}
