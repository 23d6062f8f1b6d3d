//! Leading principal components of wide matrices, by subspace iteration from random vectors (Halko, Martinsson and Tropp
//! 2011): good enough to look for neighbours in, and quick where exact eigenvectors would take long.

use faer::{Mat, MatRef, Side};
use ndarray::{Array2, ArrayView2, Axis, s};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;

use crate::job::{CancelToken, Cancelled};

/// Vectors besides those that are wanted, so that these settle soon.
const SPARE: usize = 10;

/// Iterations; the leading components are settled after two or three.
const ROUNDS: usize = 5;

/// Samples of one task; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 256;

/// Features of one task.
const COLUMNS: usize = 64;

/// How far from the mean a clipped value can be, in standard deviations.
const CLIP: f64 = 2.5;

/// How features are made comparable before components are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Their means are taken off: features that vary more count more.
    Centred,
    /// They are also divided by their standard deviations: all features count alike.
    Standardised,
    /// As [`Scaling::Standardised`], but values that are far out are pulled in (to 2.5 deviations from the mean) first.
    Clipped,
}

impl Scaling {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standardised, Self::Centred, Self::Clipped];
}

/// How one feature is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct FeatureScale {
    /// What values are pulled in to.
    bounds: Option<[f64; 2]>,
    mean: f64,
    /// What the difference from the mean is multiplied by; 0 for a feature that does not vary.
    factor: f64,
}

impl FeatureScale {
    fn of(values: &[f32], scaling: Scaling) -> Self {
        let plain = Self {
            bounds: None,
            mean: 0.0,
            factor: 1.0,
        };
        let (mean, deviation) = plain.moments(values);
        let bounded = match scaling {
            Scaling::Clipped => Self {
                bounds: Some([-CLIP, CLIP].map(|bound| mean + bound * deviation)),
                ..plain
            },
            _ => plain,
        };
        let (mean, deviation) = bounded.moments(values);
        Self {
            mean,
            factor: match scaling {
                // A mean of many equal values may differ from them by rounding.
                _ if deviation <= 1e-12 * mean.abs() => 0.0,
                Scaling::Centred => 1.0,
                Scaling::Standardised | Scaling::Clipped => 1.0 / deviation,
            },
            ..bounded
        }
    }

    /// Mean and standard deviation of the scaled values.
    fn moments(&self, values: &[f32]) -> (f64, f64) {
        let scaled = || values.iter().map(|&x| self.apply(x));
        let count = values.len().max(1) as f64;
        let mean = scaled().sum::<f64>() / count;
        let squares: f64 = scaled().map(|x| (x - mean) * (x - mean)).sum();
        (mean, (squares / count).sqrt())
    }

    fn apply(&self, x: f32) -> f64 {
        let x = f64::from(x);
        let x = self.bounds.map_or(x, |[low, high]| x.clamp(low, high));
        (x - self.mean) * self.factor
    }
}

/// Leading principal components of a modality.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    scales: Vec<FeatureScale>,
    /// Features x components, the component with the largest variance first.
    loadings: Array2<f32>,
}

impl Components {
    /// The `most` components with the largest variance of `points` (samples x features, finite), or as many as vary.
    ///
    /// # Errors
    /// When cancelled.
    pub fn fit(
        points: ArrayView2<'_, f32>,
        scaling: Scaling,
        most: usize,
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<Self, Cancelled> {
        let (samples, features) = points.dim();
        let scales: Vec<FeatureScale> = (0..features)
            .into_par_iter()
            .map(|feature| FeatureScale::of(&points.column(feature).to_vec(), scaling))
            .collect();
        let width = (most + SPARE).min(samples).min(features);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut components = Self {
            scales,
            loadings: Array2::from_shape_simple_fn((features, width), || {
                let x: f64 = StandardNormal.sample(&mut rng);
                x as f32
            }),
        };
        for _ in 0..ROUNDS {
            components.loadings = orthonormal(components.loadings.view());
            let scores = components.apply(points, cancel)?;
            components.loadings = components.back(points, scores.view(), cancel)?;
        }
        components.loadings = orthonormal(components.loadings.view());
        let scores = components.apply(points, cancel)?;
        let turned = leading(scores.view(), most);
        components.loadings = components.loadings.dot(&turned);
        Ok(components)
    }

    /// How many components there are.
    pub fn width(&self) -> usize {
        self.loadings.ncols()
    }

    /// The scores of samples (samples x features) on the components, samples x components.
    ///
    /// # Errors
    /// When cancelled.
    pub fn apply(
        &self,
        points: ArrayView2<'_, f32>,
        cancel: &CancelToken,
    ) -> Result<Array2<f32>, Cancelled> {
        let mut scores = Array2::zeros((points.nrows(), self.width()));
        scores
            .axis_chunks_iter_mut(Axis(0), ROWS)
            .into_par_iter()
            .zip(points.axis_chunks_iter(Axis(0), ROWS).into_par_iter())
            .try_for_each(|(mut scores, rows)| {
                cancel.check()?;
                scores.assign(&self.scaled(rows, 0).dot(&self.loadings));
                Ok(())
            })?;
        Ok(scores)
    }

    /// The sums over samples of their scaled values times their scores, features x components.
    fn back(
        &self,
        points: ArrayView2<'_, f32>,
        scores: ArrayView2<'_, f32>,
        cancel: &CancelToken,
    ) -> Result<Array2<f32>, Cancelled> {
        let mut sums = Array2::zeros((points.ncols(), scores.ncols()));
        sums.axis_chunks_iter_mut(Axis(0), COLUMNS)
            .into_par_iter()
            .zip(points.axis_chunks_iter(Axis(1), COLUMNS).into_par_iter())
            .enumerate()
            .try_for_each(|(tile, (mut sums, columns))| {
                for (rows, scores) in columns
                    .axis_chunks_iter(Axis(0), ROWS)
                    .zip(scores.axis_chunks_iter(Axis(0), ROWS))
                {
                    cancel.check()?;
                    sums += &self.scaled(rows, tile * COLUMNS).t().dot(&scores);
                }
                Ok(())
            })?;
        Ok(sums)
    }

    /// Values of the features from `first` on, scaled.
    fn scaled(&self, values: ArrayView2<'_, f32>, first: usize) -> Array2<f32> {
        let mut scaled = values.to_owned();
        for mut row in scaled.rows_mut() {
            for (x, scale) in row.iter_mut().zip(&self.scales[first..]) {
                *x = scale.apply(*x) as f32;
            }
        }
        scaled
    }
}

/// Orthonormal columns that span what the columns of a matrix span.
fn orthonormal(columns: ArrayView2<'_, f32>) -> Array2<f32> {
    let (rows, width) = columns.dim();
    let matrix = Mat::from_fn(rows, width, |i, j| f64::from(columns[[i, j]]));
    let q = matrix.qr().compute_thin_Q();
    Array2::from_shape_fn((rows, width), |(i, j)| q[(i, j)] as f32)
}

/// The turn that takes scores to their principal axes, at most `most` of those along which anything varies.
fn leading(scores: ArrayView2<'_, f32>, most: usize) -> Array2<f32> {
    let width = scores.ncols();
    let none = Array2::zeros((width, 0));
    let columns: Vec<f64> = scores.t().iter().map(|&x| f64::from(x)).collect();
    let columns = MatRef::from_column_major_slice(&columns, scores.nrows(), width);
    let products = columns.transpose() * columns;
    let Ok(found) = products.self_adjoint_eigen(Side::Lower) else {
        return none;
    };
    let variances: Vec<f64> = found.S().column_vector().iter().copied().rev().collect();
    // Less is rounding in 32 bits.
    let least = variances.first().map_or(0.0, |largest| largest * 1e-9);
    let kept = variances
        .iter()
        .take(most)
        .take_while(|&&v| v > least)
        .count();
    let vectors = found.U();
    let turned = Array2::from_shape_fn((width, kept), |(i, j)| vectors[(i, width - 1 - j)] as f32);
    turned.slice_move(s![.., ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt as _;

    /// Two strong directions and one weak in twelve features, of different units.
    fn points(samples: usize) -> Array2<f32> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut normal = || -> f32 { rng.sample(StandardNormal) };
        let hidden = Array2::from_shape_simple_fn((samples, 3), &mut normal);
        let mixing = Array2::from_shape_simple_fn((3, 12), &mut normal);
        let noise = Array2::from_shape_simple_fn((samples, 12), &mut normal);
        let strengths = ndarray::arr1(&[5.0, 3.0, 1.0]);
        (hidden * strengths).dot(&mixing) + noise * 0.1 + 7.0
    }

    #[test]
    fn components_are_those_of_the_covariance() {
        let points = points(500);
        let cancel = CancelToken::new();
        let fit = Components::fit(points.view(), Scaling::Centred, 3, 0, &cancel).unwrap();
        let scores = fit.apply(points.view(), &cancel).unwrap();
        let centred = &points - &points.mean_axis(Axis(0)).unwrap();
        let exact = Mat::from_fn(12, 12, |i, j| {
            f64::from(centred.column(i).dot(&centred.column(j)))
        });
        let exact = exact.self_adjoint_eigenvalues(Side::Lower).unwrap();
        for (component, variance) in exact.iter().rev().take(3).enumerate() {
            let found = f64::from(scores.column(component).dot(&scores.column(component)));
            assert!((found / variance - 1.0).abs() < 1e-4, "{found}, {variance}");
        }
        let off = scores.column(0).dot(&scores.column(1)) / scores.column(0).dot(&scores.column(0));
        assert!(off.abs() < 1e-4);
    }

    #[test]
    fn units_count_only_where_features_are_centred() {
        let plain = points(300);
        let mut other = plain.clone();
        other.column_mut(4).mapv_inplace(|x| x * 1000.0);
        let cancel = CancelToken::new();
        for (scaling, same) in [
            (Scaling::Standardised, true),
            (Scaling::Clipped, true),
            (Scaling::Centred, false),
        ] {
            let [a, b] = [&plain, &other].map(|points| {
                let fit = Components::fit(points.view(), scaling, 2, 0, &cancel).unwrap();
                let scores = fit.apply(points.view(), &cancel).unwrap();
                scores.column(0).mapv(f32::abs).sum()
            });
            assert_eq!((a / b - 1.0).abs() < 1e-3, same, "{scaling:?}: {a}, {b}");
        }
    }

    #[test]
    fn an_outlier_does_not_take_a_component_where_values_are_clipped() {
        let mut points = points(300);
        points[[7, 3]] = 1e6;
        let cancel = CancelToken::new();
        let share = |scaling| {
            let fit = Components::fit(points.view(), scaling, 1, 0, &cancel).unwrap();
            let scores = fit.apply(points.view(), &cancel).unwrap();
            let squares = scores.column(0).mapv(|x| x * x);
            squares[7] / squares.sum()
        };
        assert!(share(Scaling::Centred) > 0.9);
        assert!(share(Scaling::Clipped) < 0.1);
    }

    #[test]
    fn nothing_that_varies_and_nothing_at_all_have_no_components() {
        let cancel = CancelToken::new();
        for (samples, features) in [(0, 3), (1, 3), (9, 0), (9, 3)] {
            for scaling in Scaling::ALL {
                let points = Array2::from_elem((samples, features), 0.1);
                let fit = Components::fit(points.view(), scaling, 2, 0, &cancel).unwrap();
                let scores = fit.apply(points.view(), &cancel).unwrap();
                assert_eq!(scores.dim(), (samples, 0));
            }
        }
    }
}
