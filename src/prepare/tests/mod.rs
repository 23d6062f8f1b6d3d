//! Prepared values against those of Python, and against themselves.

mod errors;
mod golden;
mod published;
mod same_bits;

use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::data::Sparse;

fn axis(features: usize) -> Axis {
    Axis::new((0..features).map(|at| format!("f{at}")).collect()).unwrap()
}

fn dense(values: Array2<f32>) -> Matrix {
    Matrix::Dense(values.into())
}

fn on_disk(values: &Array2<f32>) -> Matrix {
    let features = values.ncols();
    let all = values.as_slice().unwrap();
    let copy = |range: std::ops::Range<usize>, out: &mut [f32]| {
        out.copy_from_slice(&all[range.start * features..range.end * features]);
    };
    let made = Values::generate(Storage::Disk, values.nrows(), features, copy);
    Matrix::Dense(made.unwrap())
}

fn sparse(values: &Array2<f32>) -> Matrix {
    let (mut starts, mut indices, mut numbers) = (vec![0], vec![], vec![]);
    for row in values.rows() {
        for (at, &x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            indices.push(at as u32);
            numbers.push(x);
        }
        starts.push(indices.len());
    }
    Matrix::Sparse(Sparse::new(values.ncols(), starts, indices, numbers).unwrap())
}

/// Counts of two kinds of samples, most of them 0, some samples and features without any.
fn counts(samples: usize, features: usize, seed: u64) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_fn((samples, features), |(sample, feature)| {
        let likely = 0.1 + 0.3 * f64::from(u8::from(sample % 2 == feature % 3));
        match rng.random_bool(likely) && sample % 50 != 7 && feature % 60 != 9 {
            true => rng.random_range(1..30_u8).into(),
            false => 0.0,
        }
    })
}

fn recipe(steps: &[Step]) -> Recipe {
    Recipe::of(steps.iter().cloned())
}

fn run(matrix: &Matrix, recipe: &Recipe) -> Result<Prepared, PrepareError> {
    let (features, cancel) = (axis(matrix.features()), CancelToken::new());
    prepare(matrix, &features, recipe, Storage::Memory, &cancel)
}

/// All values, row by row.
fn all(values: &Values) -> Vec<f32> {
    values.rows(0..values.samples(), &mut Vec::new()).to_vec()
}

fn bits(values: &Values) -> Vec<u32> {
    all(values).into_iter().map(f32::to_bits).collect()
}

fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let far = (found - expected).abs();
        let allowed = 1e-6 * expected.abs().max(1.0);
        assert!(far <= allowed, "{found} for {expected} at {at}");
    }
}

fn said(prepared: &Prepared) -> Vec<String> {
    let taken = prepared.report.iter();
    taken.map(|taken| taken.report.to_string()).collect()
}
