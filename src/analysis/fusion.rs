//! Similarity network fusion (Wang, Mezlini, Demir, Fiume, Tu, Brudno, Haibe-Kains & Goldenberg, Nature
//! Methods 2014): one affinity of samples from several modalities.
//!
//! Every modality becomes a network of samples. Over some iterations each network takes over what the others
//! say, along its own nearest neighbours, so that edges survive which are strong in one network or weak but
//! common to all. Settings and details are those of snfpy: features are standardised, distances are *squared*
//! Euclidean, the neighbours of a sample include itself, and ties keep all of their samples.

mod affinity;
mod network;

use crate::{
    job::{CancelToken, Cancelled},
    limit::Limit,
};
use ndarray::{Array2, ArrayView2, Zip};
use network::Neighbourhood;
use serde::{Deserialize, Serialize};

/// Settings of the fusion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FusionSpec {
    /// Neighbours that set the scale of a sample's distances, and along which networks learn from each other;
    /// 0 counts as 1. With few samples it is lowered to one less than there are.
    pub neighbours: usize,
    /// Width of the similarity kernel as a share of the mean distance nearby, 0.001 to 1,000; the paper advises 0.3
    /// to 0.8.
    pub mu: f64,
    /// How often the networks learn from each other.
    pub iterations: usize,
}

impl Default for FusionSpec {
    fn default() -> Self {
        Self {
            neighbours: 20,
            mu: 0.5,
            iterations: 20,
        }
    }
}

/// Why nothing was fused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FusionError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There are too many samples.
    #[error(transparent)]
    Samples(#[from] Limit),
    /// There is nothing to fuse.
    #[error("similarity network fusion needs at least one modality")]
    NoModality,
    /// The width of the kernel makes no sense.
    #[error("mu of similarity network fusion must be 0.001 to 1,000, not {0}")]
    Mu(f64),
    /// A modality has other samples than the first.
    #[error("modality {modality} has {samples} samples, the first one {expected}")]
    Unequal {
        /// The modality, from 1.
        modality: usize,
        /// Samples it has.
        samples: usize,
        /// Samples the first modality has.
        expected: usize,
    },
    /// A value is NaN or infinite.
    #[error(
        "modality {modality} has a value that is no number in sample {sample}, column {feature}"
    )]
    NotFinite {
        /// The modality, from 1.
        modality: usize,
        /// The first sample concerned, from 0.
        sample: usize,
        /// Its first column concerned, from 0.
        feature: usize,
    },
}

/// How many samples can be fused.
pub const SAMPLES: Limit = Limit::new(
    "the number of samples of similarity network fusion",
    5_000.0,
    "memory grows with its square: 5,000 take 200 MB a modality and 400 MB besides",
);

/// Fuses the affinities of several `modalities`, each `n x` its features, to one: `n x n`, symmetric, 0 or
/// more, at least 1/2 on the diagonal. Of a single modality it is that modality's [`affinity`].
///
/// # Errors
/// See [`FusionError`].
pub fn fuse(
    modalities: &[ArrayView2<'_, f32>],
    spec: &FusionSpec,
    cancel: &CancelToken,
) -> Result<Array2<f64>, FusionError> {
    check(modalities, spec)?;
    let mut networks = Vec::with_capacity(modalities.len());
    for points in modalities {
        networks.push(affinity::scaled_exponential(*points, spec, cancel)?);
    }
    if networks.len() == 1 {
        return Ok(networks.swap_remove(0));
    }
    let mut neighbourhoods = Vec::with_capacity(networks.len());
    for network in &mut networks {
        network::normalise(network);
        neighbourhoods.push(Neighbourhood::of(network.view(), spec.neighbours, cancel)?);
    }

    let others = (networks.len() - 1) as f64;
    let mut total = Array2::zeros(networks[0].dim());
    let mut through = Array2::zeros(total.dim());
    sum(&networks, &mut total);
    for _ in 0..spec.iterations {
        for (network, neighbourhood) in networks.iter_mut().zip(&neighbourhoods) {
            // S x (mean of the other networks) x S', plus the identity, which keeps every sample most similar to
            // itself.
            let mean = |i: usize, j: usize| (total[[i, j]] - network[[i, j]]) / others;
            neighbourhood.multiply_right(mean, &mut through, cancel)?;
            neighbourhood.multiply_left(through.view(), network, cancel)?;
            network.diag_mut().map_inplace(|x| *x += 1.0);
        }
        sum(&networks, &mut total);
    }
    cancel.check()?;
    network::shares(total.view(), &mut through);
    through.diag_mut().map_inplace(|x| *x += 0.5);
    Ok(through)
}

/// The affinity of the samples of one modality, `n x n`, symmetric and above 0 (0 where a narrow kernel underflows):
/// the scaled exponential similarity kernel, whose width follows the distances nearby.
///
/// # Errors
/// See [`FusionError`].
pub fn affinity(
    points: ArrayView2<'_, f32>,
    spec: &FusionSpec,
    cancel: &CancelToken,
) -> Result<Array2<f64>, FusionError> {
    fuse(&[points], spec, cancel)
}

fn check(modalities: &[ArrayView2<'_, f32>], spec: &FusionSpec) -> Result<(), FusionError> {
    let expected = modalities.first().ok_or(FusionError::NoModality)?.nrows();
    SAMPLES.check_count(expected)?;
    if !(1e-3..=1e3).contains(&spec.mu) {
        return Err(FusionError::Mu(spec.mu));
    }
    for (modality, points) in (1..).zip(modalities) {
        if points.nrows() != expected {
            let samples = points.nrows();
            return Err(FusionError::Unequal {
                modality,
                samples,
                expected,
            });
        }
        let bad = points.indexed_iter().find(|(_, x)| !x.is_finite());
        if let Some(((sample, feature), _)) = bad {
            return Err(FusionError::NotFinite {
                modality,
                sample,
                feature,
            });
        }
    }
    Ok(())
}

fn sum(networks: &[Array2<f64>], total: &mut Array2<f64>) {
    total.fill(0.0);
    for network in networks {
        Zip::from(&mut *total)
            .and(network)
            .par_for_each(|total, x| *total += x);
    }
}

#[cfg(test)]
mod tests;
