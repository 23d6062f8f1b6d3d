//! Distances by the shape of clusters.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// Samples of one task; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 1024;

/// Takes points to where the covariance within clusters is one in every direction, so that distances count what tells
/// clusters apart and not the directions in which they are wide anyway (Fisher's linear discriminants).
#[derive(Debug)]
pub struct Whitening {
    /// Lower triangle of the Cholesky factor, row by row.
    factor: Array2<f64>,
}

impl Whitening {
    /// For points (`n x d`) in clusters with these centres; `ridge` times the mean variance is added to every direction,
    /// so that none is without.
    pub fn of(
        points: ArrayView2<'_, f32>,
        labels: &[u32],
        centres: &[Option<Vec<f64>>],
        ridge: f64,
    ) -> Self {
        let width = points.ncols();
        let sums: Vec<Array2<f64>> = points
            .axis_chunks_iter(Axis(0), ROWS)
            .into_par_iter()
            .zip(labels.par_chunks(ROWS))
            .map(|(rows, labels)| {
                let mut sum = Array2::zeros((width, width));
                for (point, &label) in rows.rows().into_iter().zip(labels) {
                    let Some(centre) = &centres[label as usize] else {
                        continue;
                    };
                    let off = |i: usize| f64::from(point[i]) - centre[i];
                    for i in 0..width {
                        let x = off(i);
                        for j in 0..=i {
                            sum[[i, j]] += x * off(j);
                        }
                    }
                }
                sum
            })
            .collect();
        let mut covariance = Array2::<f64>::zeros((width, width));
        for sum in &sums {
            covariance.scaled_add(1.0 / points.nrows().max(1) as f64, sum);
        }
        let mean = covariance.diag().sum() / width.max(1) as f64;
        // Points that are all alike have no variance at all: they stay as they are.
        let ridge = if mean > 0.0 { ridge * mean } else { 1.0 };
        covariance.diag_mut().mapv_inplace(|x| x + ridge);
        Self {
            factor: cholesky(covariance),
        }
    }

    /// One point.
    pub fn apply(&self, point: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut out: Vec<f64> = point.collect();
        for i in 0..out.len() {
            let known: f64 = (0..i).map(|j| self.factor[[i, j]] * out[j]).sum();
            out[i] = (out[i] - known) / self.factor[[i, i]];
        }
        out
    }

    /// All points, `n x d`.
    pub fn apply_all(&self, points: ArrayView2<'_, f32>) -> Array2<f32> {
        let mut white = points.to_owned();
        white
            .axis_chunks_iter_mut(Axis(0), ROWS)
            .into_par_iter()
            .for_each(|mut rows| {
                for mut row in rows.rows_mut() {
                    let moved = self.apply(row.iter().map(|&x| f64::from(x)));
                    row.iter_mut().zip(moved).for_each(|(x, y)| *x = y as f32);
                }
            });
        white
    }
}

/// The lower Cholesky factor of a positive definite matrix given by its lower triangle.
fn cholesky(mut a: Array2<f64>) -> Array2<f64> {
    for i in 0..a.nrows() {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| a[[i, k]] * a[[j, k]]).sum();
            let rest = a[[i, j]] - known;
            a[[i, j]] = if i == j {
                // Rounding may leave a little less than nothing.
                rest.max(f64::MIN_POSITIVE).sqrt()
            } else {
                rest / a[[j, j]]
            };
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::clusters::centres;
    use ndarray::array;

    #[test]
    fn factors_multiply_back() {
        let matrix = array![[4.0, 0.0], [2.0, 5.0]];
        assert_eq!(cholesky(matrix), array![[2.0, 0.0], [1.0, 2.0]]);
    }

    #[test]
    fn clusters_become_round() {
        // Two clusters, ten times as wide as high.
        let points = Array2::from_shape_fn((400, 2), |(i, j)| {
            let angle = i as f32 * 0.7;
            let round = [10.0 * angle.sin(), angle.cos()];
            round[j] + if i % 2 == 0 { 0.0 } else { 5.0 }
        });
        let labels: Vec<u32> = (0..400).map(|i| i % 2).collect();
        let found = centres(points.view(), &labels, 2);
        let white = Whitening::of(points.view(), &labels, &found, 0.0).apply_all(points.view());
        let again = centres(white.view(), &labels, 2);
        for axis in 0..2 {
            let square = |i: usize| {
                let centre = again[labels[i] as usize].as_ref().unwrap()[axis];
                (f64::from(white[[i, axis]]) - centre).powi(2)
            };
            let variance = (0..400).map(square).sum::<f64>() / 400.0;
            assert!((variance - 1.0).abs() < 1e-3, "{variance}");
        }
    }
}
