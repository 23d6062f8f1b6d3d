//! Weighted nearest neighbours (Hao et al., Cell 2021): neighbours across modalities, each sample weighing
//! the modalities by how well they tell its neighbours.
//!
//! Settings and formulas follow the article and muon's `pp.neighbors`, which generalises it to any number of
//! modalities (Swanson et al., eLife 2021). What muon searches by chance is exact here:
//! neighbours up to [`EXACT_SAMPLES`](super::neighbours::EXACT_SAMPLES), and the samples that set a bandwidth.

mod fusion;
mod modality;
mod weights;

use super::{graph::Graph, neighbours::Neighbours};
use crate::job::{CancelToken, Cancelled};
use modality::Modality;
use ndarray::{Array2, ArrayView2};

/// How many neighbours to look at; more than there are counts as all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WnnSpec {
    /// Nearest samples within a modality from which a sample is predicted, itself included; at least 2.
    pub neighbours: usize,
    /// Samples whose mean distance is the bandwidth of a sample: those that share fewest neighbours
    /// with it, but at least one. At least 1.
    pub bandwidth_neighbours: usize,
    /// Nearest others within each modality, all of which may become neighbours across modalities.
    pub candidates: usize,
    /// Neighbours across modalities of every sample, itself not counted.
    pub fused: usize,
}

impl WnnSpec {
    /// The usual settings: 20, 20, 200 and 20, fewer of few samples.
    pub fn for_samples(samples: usize) -> Self {
        let neighbours = (samples / 5).clamp(2, 20);
        Self {
            neighbours,
            bandwidth_neighbours: 20,
            candidates: (samples / 2).clamp(1, 200),
            fused: neighbours,
        }
    }
}

/// Neighbours across modalities.
#[derive(Clone, Debug, PartialEq)]
pub struct Wnn {
    /// How much each sample relies on each modality, `n x V`; rows sum to 1, or to 0 for a sample
    /// that was measured in none.
    pub weights: Array2<f32>,
    /// The nearest samples of every sample, itself first. The distance is `sqrt((1 - s) / 2)`, where `s` is the
    /// weighted mean over modalities of how near the other lies, from 1 (in the same place) down to 0.
    /// The recall is the lowest of the searches within the modalities.
    pub neighbours: Neighbours,
    /// The fuzzy graph of these neighbours.
    pub graph: Graph,
}

/// Why there are no neighbours across modalities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WnnError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// No modality was given.
    #[error("weighted nearest neighbours need at least one modality")]
    NoModality,
    /// The modalities do not describe the same samples.
    #[error("modality {modality} has {found} samples, not {samples}")]
    Samples {
        /// The modality concerned, from 0.
        modality: usize,
        /// Its samples.
        found: usize,
        /// Samples of the first modality.
        samples: usize,
    },
}

/// Finds the neighbours across modalities, each given as `n x d_v` values whose Euclidean distances mean
/// something: principal components, say.
///
/// A sample with a value that is not a usable number was not measured in that modality: its weight there
/// is 0, and others are compared with it in the remaining ones. A sample measured nowhere has no neighbours but
/// itself, infinitely far away.
///
/// Takes memory for `n x (V x candidates)` numbers.
///
/// # Errors
/// See [`WnnError`].
pub fn fit(
    modalities: &[ArrayView2<'_, f32>],
    spec: &WnnSpec,
    cancel: &CancelToken,
) -> Result<Wnn, WnnError> {
    let samples = modalities.first().ok_or(WnnError::NoModality)?.nrows();
    for (modality, points) in modalities.iter().enumerate() {
        let found = points.nrows();
        if found != samples {
            return Err(WnnError::Samples {
                modality,
                found,
                samples,
            });
        }
    }
    let modalities = modalities
        .iter()
        .map(|points| Modality::learn(*points, spec, cancel))
        .collect::<Result<Vec<_>, _>>()?;
    let weights = weights::of_modalities(&modalities, cancel)?;
    let neighbours = fusion::nearest(&modalities, &weights, spec.fused, cancel)?;
    cancel.check()?;
    Ok(Wnn {
        graph: Graph::fuzzy(&neighbours),
        weights: weights.mapv(|weight| weight as f32),
        neighbours,
    })
}

#[cfg(test)]
mod tests;
