//! Components of a view: as exact as the eigenvectors of a small symmetric matrix are, or, where that would take long, by iteration.

mod exact;
mod krylov;

use std::io;

use faer::MatRef;

use super::{PrepareError, stats::Moments, view::View};
use crate::{
    data::{Matrix, Storage, Values},
    job::CancelToken,
};

/// The most samples or features, whichever are fewer: eigenvectors of so many take 20 seconds, in which nobody can cancel, and
/// 600 MiB; both grow fast.
const MOST: usize = 4_000;

/// Multiplications up to which components are exact: a few seconds of them.
const MOST_WORK: f64 = 1e11;

/// Components of samples.
pub(super) struct Components {
    /// The scores, samples x components.
    pub(super) scores: Values,
    /// The loadings, feature by feature: features x components.
    pub(super) loadings: Vec<f64>,
    /// The share of the variance of every component, 0 to 1; without centring, that of the sum of squares.
    pub(super) shares: Vec<f64>,
}

impl Components {
    /// These components, in this order.
    pub(super) fn select(&self, kept: &[usize]) -> io::Result<Self> {
        let all = self.shares.len();
        let columns: Vec<u32> = kept.iter().map(|&at| at as u32).collect();
        let Matrix::Dense(scores) = Matrix::Dense(self.scores.clone()).select_columns(&columns)?
        else {
            unreachable!("dense values stay dense");
        };
        let of_features = self.loadings.chunks_exact(all);
        let loadings = of_features.flat_map(|loadings| kept.iter().map(|&at| loadings[at]));
        Ok(Self {
            scores,
            loadings: loadings.collect(),
            shares: kept.iter().map(|&at| self.shares[at]).collect(),
        })
    }
}

/// The largest components, at most so many: none if nothing varies. Features are centred for principal components, and else not. `at` is the
/// number of the step.
pub(super) fn components(
    view: &View,
    centre: bool,
    most: usize,
    at: usize,
    storage: Storage,
    cancel: &CancelToken,
) -> Result<Option<Components>, PrepareError> {
    let (samples, features) = (view.samples(), view.features());
    let fewer = samples.min(features);
    let work = samples as f64 * features as f64 * fewer as f64;
    let small = fewer <= MOST && work <= MOST_WORK;
    // Iteration passes over the values many times: they are made once.
    let held = (!small).then(|| view.held(storage, cancel)).transpose()?;
    let view = held.as_ref().unwrap_or(view);
    let moments = Moments::of(view, cancel)?;
    let total: f64 = match centre {
        true => moments.iter().map(|m| m.squares).sum(),
        false => moments
            .iter()
            .map(|m| m.squares + samples as f64 * m.mean * m.mean)
            .sum(),
    };
    let means = match centre {
        true => moments.iter().map(|m| m.mean).collect(),
        false => vec![0.0; features],
    };
    let most = most.min(samples - usize::from(centre)).min(features);
    let found = match small {
        true => exact::components(view, means, most, at, storage, cancel)?,
        false => krylov::components(view, &means, most, storage, cancel)?,
    };
    Ok(found.map(|found| Components {
        shares: found
            .shares
            .iter()
            .map(|variance| variance / total)
            .collect(),
        ..found
    }))
}

/// How many of these variances, the largest first, are no rounding errors.
fn varying(variances: &[f64], samples: usize, features: usize) -> usize {
    let largest = variances.first().copied().unwrap_or(0.0);
    let smallest = largest * f64::EPSILON * samples.max(features) as f64;
    variances.iter().filter(|&&v| v > smallest).count()
}

/// The numbers of a matrix, row by row.
fn rows_of(matrix: MatRef<'_, f64>) -> Vec<f64> {
    let rows = 0..matrix.nrows();
    rows.flat_map(|row| (0..matrix.ncols()).map(move |column| matrix[(row, column)]))
        .collect()
}

/// Makes the loading of largest size positive in every component, the first of equal ones.
fn fix_signs(loadings: &mut [f64], components: usize) {
    for component in 0..components {
        let largest =
            loadings[component..]
                .iter()
                .step_by(components)
                .fold(
                    0.0_f64,
                    |largest, &x| if x.abs() > largest.abs() { x } else { largest },
                );
        if largest < 0.0 {
            let these = loadings[component..].iter_mut().step_by(components);
            these.for_each(|x| *x = -*x);
        }
    }
}

/// The scores on the leading principal components, found by iteration however few samples there are.
#[cfg(test)]
pub(super) fn iterated(
    view: &View,
    most: usize,
    cancel: &CancelToken,
) -> Result<Values, PrepareError> {
    let moments = Moments::of(view, cancel)?;
    let means: Vec<f64> = moments.iter().map(|m| m.mean).collect();
    let found = krylov::components(view, &means, most, Storage::Memory, cancel)?;
    Ok(found.expect("something varies").scores)
}
