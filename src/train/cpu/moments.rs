//! Mean and covariance of what a block gets: all that its batch norm needs to know of the samples.
//!
//! With `z = x W + b`, the mean of `z` is `mean(x) W + b` and its variance `diag(W^T C W)`, with `C` the
//! covariance of `x`. So the statistics of 512 hidden units cost a product of small matrices instead
//! of a pass over `samples x 512` values, in double precision. Where there are many features, `C W` is
//! computed from the samples themselves, as `x^T (x W) / n`.

use pulp::Arch;
use rayon::prelude::*;

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
    /// Moments of samples and the samples centred, `samples x features` row by row.
    pub fn centre(arch: Arch, features: usize, data: &mut [f32], matrix: Matrix) -> Self {
        let samples = data.len() / features;
        let sums = sum_over_samples(data, features, features, |row, sums| {
            for (sum, &x) in sums.iter_mut().zip(row) {
                *sum += f64::from(x);
            }
        });
        let mean: Vec<f64> = sums.iter().map(|s| s / samples as f64).collect();
        data.par_chunks_mut(features).for_each(|row| {
            for (x, mean) in row.iter_mut().zip(&mean) {
                *x = (f64::from(*x) - mean) as f32;
            }
        });
        let covariance = if features <= matrix.most().min(samples) {
            Covariance::Matrix(covariance(arch, data, features))
        } else {
            Covariance::OfSamples
        };
        Self {
            samples,
            mean,
            covariance,
        }
    }

    /// `C W` for `weights` in panels of `features` rows; `data` are the centred samples.
    pub fn covariance_times(&self, arch: Arch, weights: &[f32], data: &[f32]) -> Vec<f64> {
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
                let each = part(self.samples, size_of_val(weights));
                let parts: Vec<Vec<f32>> = data
                    .par_chunks(each * features)
                    .map(|data| {
                        let mut part = vec![0.0; weights.len()];
                        let mut z = vec![0.0; SAMPLES * panels * WIDTH];
                        for data in data.chunks(SAMPLES * features) {
                            let rows = data.len() / features;
                            let z = &mut z[..rows * panels * WIDTH];
                            let (start, end) = (Start::Zero, End::Keep);
                            products::spread(arch, data, features, weights, start, end, z);
                            products::gather(arch, data, features, z, &mut part);
                        }
                        part
                    })
                    .collect();
                let mut sum = vec![0.0; weights.len()];
                for part in parts {
                    for (sum, x) in sum.iter_mut().zip(part) {
                        *sum += f64::from(x) / self.samples as f64;
                    }
                }
                sum
            }
        }
    }
}

/// The biased covariance of centred samples.
fn covariance(arch: Arch, data: &[f32], features: usize) -> Vec<f64> {
    let samples = data.len() / features;
    let width = whole_panels(features);
    let parts: Vec<Vec<f64>> = data
        .par_chunks(part(samples, features * width * size_of::<f64>()) * features)
        .map(|data| {
            let mut sums = vec![0.0; features * width];
            let mut product = vec![0.0; features * width];
            for data in data.chunks(SAMPLES * features) {
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
                products::spread_double(arch, &turned, rows, &panels, &mut product);
                for (sum, product) in sums.iter_mut().zip(&product) {
                    *sum += product;
                }
            }
            sums
        })
        .collect();
    let mut covariance = vec![0.0; features * features];
    for part in parts {
        for (i, row) in covariance.chunks_exact_mut(features).enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                *value += part[panel_index(features, i, j)] / samples as f64;
            }
        }
    }
    covariance
}

/// Samples of one task that has sums of its own, of so many bytes: few tasks where there are many samples or
/// large sums. The number of threads has no say in it.
fn part(samples: usize, bytes: usize) -> usize {
    let tasks = (SUMS_MEMORY / bytes.max(1)).clamp(1, 64);
    SAMPLES.max(samples.div_ceil(tasks))
}

/// Adds up `count` values over all samples, in an order that does not depend on the threads.
fn sum_over_samples(
    data: &[f32],
    features: usize,
    count: usize,
    add: impl Fn(&[f32], &mut [f64]) + Sync,
) -> Vec<f64> {
    let samples = data.len() / features;
    let parts: Vec<Vec<f64>> = data
        .par_chunks(part(samples, count * size_of::<f64>()) * features)
        .map(|rows| {
            let mut sums = vec![0.0; count];
            for row in rows.chunks_exact(features) {
                add(row, &mut sums);
            }
            sums
        })
        .collect();
    let mut total = vec![0.0; count];
    for part in parts {
        for (total, x) in total.iter_mut().zip(part) {
            *total += x;
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_follow_the_definition() {
        // Several parts, chunks and panels.
        let (samples, features, units) = (700, 40, 2 * WIDTH);
        let original: Vec<f32> = (0..samples * features)
            .map(|i| ((i * 31 + i / 40 * 7) % 17) as f32 / 4.0)
            .collect();
        let mut data = original.clone();
        let arch = Arch::new();
        let moments = Moments::centre(arch, features, &mut data, Matrix::ForManySteps);
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
