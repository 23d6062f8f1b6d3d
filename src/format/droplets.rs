//! Droplets without a cell, of which an unfiltered 10x matrix is full.

use std::io;

use rayon::prelude::*;

use crate::data::Matrix;

/// Counts below which a droplet is taken to be empty: the `lower` of EmptyDrops (Lun et al., Genome Biology 20:63, 2019).
pub const FEWEST_COUNTS: f64 = 100.0;

/// How many times as many counts the cells must have, in the median.
const TIMES: f64 = 10.0;

/// Which samples of a count matrix look like droplets without a cell, in order; none if the matrix looks as if it were
/// filtered.
///
/// The rule is simple, and no test of every droplet. A sample looks empty if its counts add up to less than
/// [`FEWEST_COUNTS`]. The matrix looks unfiltered if most samples look empty and the median of the others is ten times
/// theirs or more: a matrix of few features or of shallow sequencing has low counts in every sample, but no two groups.
///
/// # Errors
/// If values on disk cannot be read.
pub fn empty_droplets(counts: &Matrix) -> io::Result<Vec<u32>> {
    let totals = totals(counts)?;
    let (few, many): (Vec<f64>, Vec<f64>) =
        totals.iter().partition(|total| **total < FEWEST_COUNTS);
    let unfiltered =
        few.len() > many.len() && !many.is_empty() && median(many) >= TIMES * median(few).max(1.0);
    let empty = |at: &u32| totals[*at as usize] < FEWEST_COUNTS;
    Ok(match unfiltered {
        true => (0..totals.len() as u32).filter(empty).collect(),
        false => Vec::new(),
    })
}

/// The sum of every sample's values.
fn totals(counts: &Matrix) -> io::Result<Vec<f64>> {
    let sum = |values: &[f32]| values.iter().copied().map(f64::from).sum::<f64>();
    match counts {
        Matrix::Sparse(sparse) => {
            let rows = (0..sparse.samples()).into_par_iter();
            Ok(rows.map(|row| sum(sparse.row(row).1)).collect())
        }
        Matrix::Dense(values) => {
            let features = values.features().max(1);
            let pieces = values.fold(Vec::new, |totals: &mut Vec<f64>, rows| {
                totals.extend(rows.chunks_exact(features).map(sum));
            })?;
            Ok(pieces.concat())
        }
    }
}

/// The upper median; there is at least one value.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn of(totals: &[f32]) -> Matrix {
        Matrix::Dense(Array2::from_shape_fn((totals.len(), 1), |(row, _)| totals[row]).into())
    }

    #[test]
    fn only_a_matrix_of_two_groups_has_empty_droplets() {
        let raw = of(&[0.0, 3.0, 900.0, 1.0, 700.0, 0.0, 2.0]);
        assert_eq!(empty_droplets(&raw).unwrap(), [0, 1, 3, 5, 6]);
        // Few features: low counts everywhere, one above the line.
        let shallow = of(&[20.0, 30.0, 40.0, 120.0, 25.0]);
        assert!(empty_droplets(&shallow).unwrap().is_empty());
        let filtered = of(&[900.0, 5_000.0, 40.0]);
        assert!(empty_droplets(&filtered).unwrap().is_empty());
        assert!(empty_droplets(&of(&[1.0, 2.0])).unwrap().is_empty());
    }
}
