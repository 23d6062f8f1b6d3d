//! k-means clustering: greedy k-means++ seeding (Arthur & Vassilvitskii 2007) and Lloyd's
//! iterations, with the settings and stopping rules of scikit-learn.

mod lloyd;
mod seeding;

use super::tiles::Tiles;
use crate::job::{CancelToken, Cancelled, MaybeCancelled};
use ndarray::{Array2, ArrayView2};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// What to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KMeansSpec {
    /// How many clusters, at least 1 and at most the number of samples.
    pub clusters: usize,
    /// Independent starts, of which the one with the lowest inertia is kept; 0 counts as 1.
    pub restarts: usize,
    /// Most Lloyd iterations of one start.
    pub max_iterations: usize,
    /// A start has converged when its centres moved, in squares summed over all centres, by no more
    /// than this share of the mean variance of the features.
    pub tolerance: f64,
    /// Seed of all starts.
    pub seed: u64,
}

impl KMeansSpec {
    /// The published settings: 20 restarts, 300 iterations, tolerance 1e-4.
    pub fn new(clusters: usize, seed: u64) -> Self {
        Self {
            clusters,
            restarts: 20,
            max_iterations: 300,
            tolerance: 1e-4,
            seed,
        }
    }
}

/// A fitted clustering.
#[derive(Clone, Debug, PartialEq)]
pub struct KMeans {
    /// The centres, `K x d`.
    pub centres: Array2<f32>,
    /// The nearest centre of each sample, `n` numbers below `K`. With fewer than `K` distinct samples
    /// some clusters stay empty.
    pub assignment: Vec<u32>,
    /// The sum over samples of the squared distance to their centre.
    pub inertia: f64,
    /// Lloyd iterations of the start that was kept.
    pub iterations: usize,
}

/// Why no clustering was fitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KMeansError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Zero clusters were asked for.
    #[error("k-means needs at least one cluster")]
    NoClusters,
    /// There are more clusters than samples.
    #[error("k-means cannot make {clusters} clusters of {samples} samples")]
    TooFewSamples {
        /// Samples there are.
        samples: usize,
        /// Clusters asked for.
        clusters: usize,
    },
    /// The points hold NaN, infinity, or values whose squares overflow.
    #[error("k-means met a value that is not a usable number in sample {sample}, column {feature}")]
    NotFinite {
        /// The first sample concerned, from 0.
        sample: usize,
        /// Its first column concerned, from 0.
        feature: usize,
    },
}

impl MaybeCancelled for KMeansError {
    fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}

/// Values beyond this could overflow `f32` when squared and summed.
const LARGEST: f32 = 1e16;

/// Clusters `points` (`n x d`) into `spec.clusters` groups.
///
/// Restarts run in parallel; each is sequential and draws from its own random stream, so the result
/// depends on the seed alone. Empty clusters are given the samples farthest from their centres.
///
/// # Errors
/// See [`KMeansError`].
pub fn fit(
    points: ArrayView2<'_, f32>,
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<KMeans, KMeansError> {
    cancel.check()?;
    let (samples, clusters) = (points.nrows(), spec.clusters);
    if clusters == 0 {
        return Err(KMeansError::NoClusters);
    }
    if samples < clusters {
        return Err(KMeansError::TooFewSamples { samples, clusters });
    }
    let unusable = |value: f32| value.is_nan() || value.abs() > LARGEST;
    if let Some(((sample, feature), _)) = points.indexed_iter().find(|&(_, &x)| unusable(x)) {
        return Err(KMeansError::NotFinite { sample, feature });
    }

    let tiles = Tiles::new(points);
    let tolerance = spec.tolerance * mean_variance(points);
    let fits = (0..spec.restarts.max(1) as u64)
        .into_par_iter()
        .map(|restart| {
            let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
            rng.set_stream(restart);
            let centres = seeding::plus_plus(&tiles, clusters, &mut rng, cancel)?;
            lloyd::run(&tiles, centres, spec.max_iterations, tolerance, cancel)
        })
        .collect::<Result<Vec<_>, Cancelled>>()?;
    let best = fits
        .into_iter()
        .min_by(|a, b| a.inertia.total_cmp(&b.inertia));
    let best = best.ok_or(KMeansError::NoClusters)?;
    let centres = Array2::from_shape_fn((clusters, points.ncols()), |(cluster, feature)| {
        best.centres[cluster * points.ncols() + feature]
    });
    Ok(KMeans {
        centres,
        assignment: best.assignment,
        inertia: best.inertia,
        iterations: best.iterations,
    })
}

/// The variance of each feature (divided by `n`), averaged.
fn mean_variance(points: ArrayView2<'_, f32>) -> f64 {
    let samples = points.nrows() as f64;
    let variances = points.columns().into_iter().map(|column| {
        let mean = column.iter().map(|&x| f64::from(x)).sum::<f64>() / samples;
        let squares = column.iter().map(|&x| (f64::from(x) - mean).powi(2));
        squares.sum::<f64>() / samples
    });
    variances.sum::<f64>() / points.ncols().max(1) as f64
}

#[cfg(test)]
mod tests;
