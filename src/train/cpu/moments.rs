//! Mean and covariance of what a block gets: all that its batch norm needs to know of the samples.
//!
//! With `z = x W + b`, the mean of `z` is `mean(x) W + b` and its variance `diag(W^T C W)`, with `C` the
//! covariance of `x`. So the statistics of 512 hidden units cost a product of small matrices instead
//! of a pass over `samples x 512` values, in double precision. Where there are more features than
//! samples, `C W` is computed from the samples themselves, as `x^T (x W) / n`.

use pulp::Arch;
use rayon::prelude::*;

use super::products::{self, End, Start, WIDTH, whole_panels};

/// Samples looked at together. Fixed, so that sums do not depend on the number of threads.
const SAMPLES: usize = 256;

/// Moments of the inputs of a block.
pub(super) struct Moments {
    pub samples: usize,
    /// Mean of every feature.
    pub mean: Vec<f64>,
    covariance: Covariance,
}

enum Covariance {
    /// `features x features`, biased.
    Matrix(Vec<f64>),
    /// Too large to be held.
    OfSamples,
}

impl Moments {
    /// Moments of samples and the samples centred, `samples x features` row by row.
    pub fn centre(arch: Arch, features: usize, data: &mut [f32]) -> Self {
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
        let covariance = if features <= samples {
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
                let parts: Vec<Vec<f32>> = data
                    .par_chunks(SAMPLES * features)
                    .map(|data| {
                        let rows = data.len() / features;
                        let mut z = vec![0.0; rows * panels * WIDTH];
                        let mut part = vec![0.0; weights.len()];
                        let (start, end) = (Start::Zero, End::Keep);
                        products::spread(arch, data, features, weights, start, end, &mut z);
                        products::gather(arch, data, features, &z, &mut part);
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
        .par_chunks(part(samples) * features)
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
                        panels[(f / WIDTH * rows + r) * WIDTH + f % WIDTH] = x;
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
                *value += part[(j / WIDTH * features + i) * WIDTH + j % WIDTH] / samples as f64;
            }
        }
    }
    covariance
}

/// Samples of one task that has sums of its own: few tasks where there are many samples.
fn part(samples: usize) -> usize {
    SAMPLES.max(samples / 64)
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
        .par_chunks(part(samples) * features)
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
    fn both_ways_to_the_covariance_agree() {
        let (samples, features) = (40, 3);
        let mut data: Vec<f32> = (0..samples * features)
            .map(|i| ((i * 31) % 17) as f32 / 4.0)
            .collect();
        let moments = Moments::centre(Arch::new(), features, &mut data);
        assert!(matches!(moments.covariance, Covariance::Matrix(_)));
        let weights: Vec<f32> = (0..features * 2 * WIDTH).map(|i| (i % 7) as f32).collect();
        let arch = Arch::new();
        let by_matrix = moments.covariance_times(arch, &weights, &data);
        let of_samples = Moments {
            covariance: Covariance::OfSamples,
            ..moments
        };
        let by_samples = of_samples.covariance_times(arch, &weights, &data);
        for (a, b) in by_matrix.iter().zip(&by_samples) {
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
}
