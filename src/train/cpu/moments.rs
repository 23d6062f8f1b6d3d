//! Mean and covariance of what a block gets: all that its batch norm needs to know of the samples.
//!
//! With `z = x W + b`, the mean of `z` is `mean(x) W + b` and its variance `diag(W^T C W)`, with `C` the
//! covariance of `x`. So the statistics of 512 hidden units cost a product of small matrices instead
//! of a pass over `samples x 512` values, in double precision. Where there are many features, `C W` is
//! computed from the samples themselves, as `x^T (x W) / n`.

use std::io;

use pulp::Arch;
use rayon::prelude::*;

use crate::data::Values;

use super::products::{self, End, Start, WIDTH, panel_index, whole_panels};

/// Samples looked at together. Fixed, so that sums do not depend on the number of threads.
const SAMPLES: usize = 256;

/// Bytes that the sums of all tasks may take together.
const SUMS_MEMORY: usize = 256 << 20;

/// Moments of the inputs of a block.
pub(super) struct Moments {
    pub samples: usize,
    /// Mean of every feature.
    pub mean: Vec<f64>,
    covariance: Covariance,
}

/// Whether the covariance is worth its cost: it is made once and then used in every step, or for one
/// step only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matrix {
    ForManySteps,
    ForOneStep,
}

impl Matrix {
    /// Features up to which it is.
    fn most(self) -> usize {
        match self {
            Self::ForManySteps => 1_024,
            Self::ForOneStep => 512,
        }
    }
}

enum Covariance {
    /// `features x features`, biased.
    Matrix(Vec<f64>),
    /// Not worth it: the samples are gone through instead.
    OfSamples,
}

impl Moments {
    /// Moments of samples, and the samples centred.
    pub fn centre(arch: Arch, values: Values, matrix: Matrix) -> io::Result<(Values, Self)> {
        let (samples, features) = values.dim();
        let sums = parts(&values, features, |rows, sums: &mut [f64]| {
            for row in rows.chunks_exact(features) {
                for (sum, &x) in sums.iter_mut().zip(row) {
                    *sum += f64::from(x);
                }
            }
        });
        let mean = in_all(&sums, samples);
        values.check()?;
        let values = values.map(|rows| {
            for row in rows.chunks_exact_mut(features) {
                for (x, mean) in row.iter_mut().zip(&mean) {
                    *x = (f64::from(*x) - mean) as f32;
                }
            }
        })?;
        let covariance = if features <= matrix.most().min(samples) {
            Covariance::Matrix(covariance(arch, &values))
        } else {
            Covariance::OfSamples
        };
        values.check()?;
        let moments = Self {
            samples,
            mean,
            covariance,
        };
        Ok((values, moments))
    }

    /// `C W` for `weights` in panels of `features` rows; `values` are the centred samples.
    pub fn covariance_times(&self, arch: Arch, weights: &[f32], values: &Values) -> Vec<f64> {
        let features = self.mean.len();
        match &self.covariance {
            Covariance::Matrix(matrix) => {
                let weights: Vec<f64> = weights.iter().map(|&w| f64::from(w)).collect();
                let mut out = vec![0.0; weights.len()];
                let panel = features * WIDTH;
                out.par_chunks_mut(panel)
                    .zip(weights.par_chunks(panel))
                    .for_each(|(out, panel)| {
                        products::spread_double(arch, matrix, features, panel, out);
                    });
                out
            }
            Covariance::OfSamples => {
                let panels = weights.len() / features / WIDTH;
                let sums = parts(values, weights.len(), |rows, sums: &mut [f32]| {
                    let mut z = vec![0.0; rows.len() / features * panels * WIDTH];
                    let (start, end) = (Start::Zero, End::Keep);
                    products::spread(arch, rows, features, weights, start, end, &mut z);
                    products::gather(arch, rows, features, &z, sums);
                });
                in_all(&sums, self.samples)
            }
        }
    }
}

/// The biased covariance of centred samples.
fn covariance(arch: Arch, values: &Values) -> Vec<f64> {
    let (samples, features) = values.dim();
    let width = whole_panels(features);
    let sums = parts(values, features * width, |data, sums: &mut [f64]| {
        // Few samples at a time, turned: features x samples, times panels of samples.
        let rows = data.len() / features;
        let mut turned = vec![0.0; features * rows];
        let mut panels = vec![0.0; rows * width];
        for (r, row) in data.chunks_exact(features).enumerate() {
            for (f, &x) in row.iter().enumerate() {
                let x = f64::from(x);
                turned[f * rows + r] = x;
                panels[panel_index(rows, r, f)] = x;
            }
        }
        let mut product = vec![0.0; features * width];
        products::spread_double(arch, &turned, rows, &panels, &mut product);
        for (sum, product) in sums.iter_mut().zip(&product) {
            *sum += product;
        }
    });
    let mut covariance = vec![0.0; features * features];
    for part in sums {
        for (i, row) in covariance.chunks_exact_mut(features).enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                *value += part[panel_index(features, i, j)] / samples as f64;
            }
        }
    }
    covariance
}

/// Adds up `count` sums over all samples, a few samples at a time, in parts that have sums of their own: few
/// where the sums are large. The number of threads has no say in it.
fn parts<T: Clone + Default + Send>(
    values: &Values,
    count: usize,
    add: impl Fn(&[f32], &mut [T]) + Sync,
) -> Vec<Vec<T>> {
    let samples = values.samples();
    let tasks = (SUMS_MEMORY / (count * size_of::<T>()).max(1)).clamp(1, 64);
    let each = SAMPLES.max(samples.div_ceil(tasks));
    (0..samples.div_ceil(each))
        .into_par_iter()
        .map_init(Vec::new, |buffer, part| {
            let mut sums = vec![T::default(); count];
            let end = samples.min((part + 1) * each);
            for start in (part * each..end).step_by(SAMPLES) {
                add(
                    values.rows(start..end.min(start + SAMPLES), buffer),
                    &mut sums,
                );
            }
            sums
        })
        .collect()
}

/// The parts' sums, over the number of samples.
fn in_all<T: Copy + Into<f64>>(parts: &[Vec<T>], samples: usize) -> Vec<f64> {
    let mut total = vec![0.0; parts.first().map_or(0, Vec::len)];
    for part in parts {
        for (total, &x) in total.iter_mut().zip(part) {
            *total += x.into() / samples as f64;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn both_ways_follow_the_definition() {
        // Several parts, chunks and panels.
        let (samples, features, units) = (700, 40, 2 * WIDTH);
        let original: Vec<f32> = (0..samples * features)
            .map(|i| ((i * 31 + i / 40 * 7) % 17) as f32 / 4.0)
            .collect();
        let data = Array2::from_shape_vec((samples, features), original.clone()).unwrap();
        let arch = Arch::new();
        let centred = Moments::centre(arch, data.into(), Matrix::ForManySteps);
        let (data, moments) = centred.unwrap();
        assert!(matches!(moments.covariance, Covariance::Matrix(_)));
        let weights: Vec<f32> = (0..features * units)
            .map(|i| (i % 7) as f32 - 3.0)
            .collect();

        let x = |s: usize, f: usize| f64::from(original[s * features + f]);
        let over_samples =
            |value: &dyn Fn(usize) -> f64| (0..samples).map(value).sum::<f64>() / samples as f64;
        let mean: Vec<f64> = (0..features).map(|f| over_samples(&|s| x(s, f))).collect();
        for (a, b) in mean.iter().zip(&moments.mean) {
            assert!((a - b).abs() < 1e-9);
        }
        let covariance =
            |i: usize, j: usize| over_samples(&|s| (x(s, i) - mean[i]) * (x(s, j) - mean[j]));
        let matrix: Vec<f64> = (0..features * features)
            .map(|at| covariance(at / features, at % features))
            .collect();
        let by_matrix = moments.covariance_times(arch, &weights, &data);
        let of_samples = Moments {
            covariance: Covariance::OfSamples,
            ..moments
        };
        let by_samples = of_samples.covariance_times(arch, &weights, &data);
        for i in 0..features {
            for unit in 0..units {
                let at = |f: usize| panel_index(features, f, unit);
                let expected: f64 = (0..features)
                    .map(|j| matrix[i * features + j] * f64::from(weights[at(j)]))
                    .sum();
                let (a, b) = (by_matrix[at(i)], by_samples[at(i)]);
                assert!((a - expected).abs() < 1e-4, "{a}, not {expected}");
                assert!((b - expected).abs() < 1e-3, "{b}, not {expected}");
            }
        }
    }
}
