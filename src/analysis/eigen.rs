//! The largest eigenvectors of big symmetric operators by Chebyshev-filtered subspace iteration
//! (Zhou, Saad, Tiago & Chelikowsky 2006), and all those of small matrices by Jacobi rotations.

use crate::job::{CancelToken, Cancelled};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

/// One row of `W` vectors that are iterated together; eight of them fill a cache line.
pub(super) type Row<const W: usize> = [f64; W];

/// Smaller residuals are rounding errors.
const SMALLEST_RESIDUAL: f64 = 1e-9;

/// Rows a task sums at a time; fixed, so that sums do not depend on the number of threads.
const CHUNK: usize = 1_024;

/// What to find: the largest eigenvalues of a symmetric operator whose eigenvalues lie in
/// `lowest..=1`.
pub(super) struct Largest<'a> {
    /// Rows of the operator.
    pub(super) size: usize,
    /// A lower bound of its eigenvalues.
    pub(super) lowest: f64,
    /// A unit eigenvector to leave out.
    pub(super) without: Option<&'a [f64]>,
    /// How many eigenvectors must be accurate.
    pub(super) wanted: usize,
    /// How accurate: the residual, as a share of the distance of the eigenvalue from 1.
    pub(super) tolerance: f64,
    /// How much a filter may magnify an eigenvector of eigenvalue 1, as a power of e; infinite where many
    /// eigenvalues lie near 1. Where few do, much more than 10 would leave nothing but their eigenvectors.
    pub(super) steepest: f64,
    /// Most applications of the operator.
    pub(super) budget: usize,
    /// Seed of the start.
    pub(super) seed: u64,
}

/// What was found.
pub(super) struct Eigenvectors<const W: usize> {
    /// The eigenvalues, the largest first.
    pub(super) values: [f64; W],
    /// The unit eigenvectors, one a column. Columns beyond the rank are 0.
    pub(super) vectors: Vec<Row<W>>,
    /// Whether those that were wanted are as accurate as they should be.
    pub(super) converged: bool,
}

impl Largest<'_> {
    /// The `W` largest eigenvalues and their eigenvectors, the first `wanted` of them to the tolerance or as
    /// far as the budget goes. The more are found beside the wanted ones, the fewer applications it takes.
    pub(super) fn find<const W: usize>(
        &self,
        apply: impl Fn(&[Row<W>]) -> Vec<Row<W>>,
        cancel: &CancelToken,
    ) -> Result<Eigenvectors<W>, Cancelled> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let mut random = || std::array::from_fn(|_| StandardNormal.sample(&mut rng));
        let mut block: Vec<Row<W>> = (0..self.size).map(|_| random()).collect();
        let mut used = 0;
        loop {
            cancel.check()?;
            for _ in 0..2 {
                self.leave_out(&mut block);
                orthonormalise(&mut block);
            }
            let image = apply(&block);
            used += 1;
            let (values, vectors) = symmetric(gram(&block, &image));
            multiply(&mut block, &vectors);
            let mut residual = image;
            multiply(&mut residual, &vectors);
            residual.par_iter_mut().zip(&block).for_each(|(r, b)| {
                for column in 0..W {
                    r[column] -= values[column] * b[column];
                }
            });
            let squares = gram(&residual, &residual);
            let accurate = |i: usize| {
                squares[i][i].sqrt() <= self.tolerance * (1.0 - values[i]) + SMALLEST_RESIDUAL
            };
            let converged = (0..self.wanted.min(W)).all(accurate);
            // Dead columns have the value 0; the filter's edge is the lowest of the others.
            let live = values.iter().filter(|v| **v != 0.0);
            let edge = live.fold(values[0], |edge, &v| edge.min(v));
            if converged || used >= self.budget || edge.is_nan() {
                return Ok(Eigenvectors {
                    values,
                    vectors: block,
                    converged,
                });
            }
            // Everything from `lowest` to the edge is damped, what lies above grows.
            let edge = edge.clamp(self.lowest + 0.1 * (1.0 - self.lowest), 1.0 - 1e-7);
            let (centre, half) = ((edge + self.lowest) / 2.0, (edge - self.lowest) / 2.0);
            let growth = |value: f64| ((value - centre) / half).acosh();
            // The first values are those of random vectors, far below the largest eigenvalues.
            let degree =
                (7.0 / growth(values[0].max(edge + 1e-7))).min(self.steepest / growth(1.0));
            let degree = (degree as usize).clamp(2, 80);
            let step = |block: &[Row<W>], before: Option<&[Row<W>]>, factor: f64| {
                let mut next = apply(block);
                next.par_iter_mut().enumerate().for_each(|(i, next)| {
                    for column in 0..W {
                        next[column] = factor * (next[column] - centre * block[i][column])
                            - before.map_or(0.0, |before| before[i][column]);
                    }
                });
                next
            };
            let mut before = block;
            block = step(&before, None, 1.0 / half);
            for _ in 1..degree {
                cancel.check()?;
                let next = step(&block, Some(&before), 2.0 / half);
                before = std::mem::replace(&mut block, next);
            }
            used += degree;
        }
    }

    fn leave_out<const W: usize>(&self, block: &mut [Row<W>]) {
        let Some(without) = self.without else { return };
        let mut shares = [0.0; W];
        for (row, &x) in block.iter().zip(without) {
            for column in 0..W {
                shares[column] += x * row[column];
            }
        }
        for (row, &x) in block.iter_mut().zip(without) {
            for column in 0..W {
                row[column] -= x * shares[column];
            }
        }
    }
}

/// The products of every column of `a` with every column of `b`.
fn gram<const W: usize>(a: &[Row<W>], b: &[Row<W>]) -> [Row<W>; W] {
    let parts: Vec<[Row<W>; W]> = a
        .par_chunks(CHUNK)
        .zip(b.par_chunks(CHUNK))
        .map(|(a, b)| {
            let mut sums = [[0.0; W]; W];
            for (a, b) in a.iter().zip(b) {
                for (sums, a) in sums.iter_mut().zip(a) {
                    for (sum, b) in sums.iter_mut().zip(b) {
                        *sum += a * b;
                    }
                }
            }
            sums
        })
        .collect();
    let mut total = [[0.0; W]; W];
    for part in &parts {
        for (total, part) in total.iter_mut().flatten().zip(part.iter().flatten()) {
            *total += part;
        }
    }
    total
}

/// `block` times a small matrix whose columns are given as rows.
fn multiply<const W: usize>(block: &mut [Row<W>], columns: &[Row<W>; W]) {
    block.par_iter_mut().for_each(|row| {
        *row = std::array::from_fn(|to| (0..W).map(|from| row[from] * columns[to][from]).sum());
    });
}

/// Makes the columns an orthonormal basis of what they span; columns beyond the rank become 0.
fn orthonormalise<const W: usize>(block: &mut [Row<W>]) {
    let mut gram = gram(block, block);
    // Unit lengths first: columns may differ by many orders of magnitude.
    let scale: Row<W> = std::array::from_fn(|i| {
        if gram[i][i] > 0.0 {
            1.0 / gram[i][i].sqrt()
        } else {
            0.0
        }
    });
    for (i, row) in gram.iter_mut().enumerate() {
        for (j, value) in row.iter_mut().enumerate() {
            *value *= scale[i] * scale[j];
        }
    }
    let (values, mut columns) = symmetric(gram);
    for (column, &value) in columns.iter_mut().zip(&values) {
        let length = if value > 1e-13 {
            1.0 / value.sqrt()
        } else {
            0.0
        };
        for (x, scale) in column.iter_mut().zip(&scale) {
            *x *= length * scale;
        }
    }
    multiply(block, &columns);
}

/// Eigenvalues of a small symmetric matrix, the largest first, and their unit eigenvectors, one in
/// each row of the result (cyclic Jacobi rotations).
fn symmetric<const N: usize>(mut a: [[f64; N]; N]) -> ([f64; N], [[f64; N]; N]) {
    let mut vectors = [[0.0; N]; N];
    for (i, vector) in vectors.iter_mut().enumerate() {
        vector[i] = 1.0;
    }
    for _ in 0..50 {
        let diagonal = a.iter().enumerate().map(|(i, row)| row[i].abs());
        let largest = diagonal.fold(0.0, f64::max);
        let mut rotated = false;
        for p in 0..N {
            for q in p + 1..N {
                if a[p][q].abs() <= 1e-17 * largest || a[p][q] == 0.0 {
                    continue;
                }
                rotated = true;
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                for matrix in [&mut a, &mut vectors] {
                    let (x, y) = (matrix[p], matrix[q]);
                    matrix[p] = std::array::from_fn(|i| c * x[i] - s * y[i]);
                    matrix[q] = std::array::from_fn(|i| s * x[i] + c * y[i]);
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut order: [usize; N] = std::array::from_fn(|i| i);
    order.sort_by(|&i, &j| a[j][j].total_cmp(&a[i][i]));
    (order.map(|i| a[i][i]), order.map(|i| vectors[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_matrices() {
        let (values, vectors) = symmetric([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, -5.0]]);
        assert!((values[0] - 3.0).abs() < 1e-12 && (values[1] - 1.0).abs() < 1e-12);
        assert!((values[2] + 5.0).abs() < 1e-12);
        assert!((vectors[0][0] - vectors[0][1]).abs() < 1e-12);
        assert!((vectors[1][0] + vectors[1][1]).abs() < 1e-12);
    }

    #[test]
    fn a_gap_loses_no_eigenvector() {
        // A few eigenvalues in a crowd that is far below: random vectors look like the crowd.
        let value = |i: usize| [1.0, 0.7, 0.7, 0.69, 0.4].get(i).copied().unwrap_or(0.1);
        let apply = |block: &[Row<8>]| -> Vec<Row<8>> {
            let rows = block.iter().enumerate();
            rows.map(|(i, row)| row.map(|x| x * value(i))).collect()
        };
        let problem = Largest {
            size: 2_000,
            lowest: 0.0,
            without: None,
            wanted: 5,
            tolerance: 1e-6,
            steepest: 10.0,
            budget: 1_000,
            seed: 0,
        };
        let found = problem.find(apply, &CancelToken::new()).unwrap();
        assert!(found.converged);
        for (i, x) in found.values[..5].iter().enumerate() {
            assert!((x - value(i)).abs() < 1e-9, "{i}: {x}");
        }
    }

    #[test]
    fn the_path_graph_has_cosines() {
        // Adjacency of a path of n: eigenvalues 2 cos(pi j / (n + 1)).
        let size = 300;
        let apply = |block: &[Row<8>]| -> Vec<Row<8>> {
            let at = |i: usize, c: usize| block.get(i).map_or(0.0, |row: &Row<8>| row[c]);
            let row =
                |i: usize| std::array::from_fn(|c| (at(i.wrapping_sub(1), c) + at(i + 1, c)) / 2.0);
            (0..size).map(row).collect()
        };
        let problem = Largest {
            size,
            lowest: -1.0,
            without: None,
            wanted: 2,
            tolerance: 0.01,
            steepest: f64::INFINITY,
            budget: 3_000,
            seed: 1,
        };
        let block = problem.find(apply, &CancelToken::new()).unwrap().vectors;
        for column in 0..2 {
            let angle = std::f64::consts::PI * (column + 1) as f64 / (size + 1) as f64;
            let wave = |i: usize| (angle * (i + 1) as f64).sin();
            let products = block
                .iter()
                .enumerate()
                .map(|(i, row)| wave(i) * row[column]);
            let product: f64 = products.sum();
            let cosine = product.abs() / ((size + 1) as f64 / 2.0).sqrt();
            assert!(cosine > 0.999, "{column}: {cosine}");
        }
    }
}
