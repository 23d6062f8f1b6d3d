//! What computes: the one interface between the recipe and whatever does the arithmetic.

use std::collections::BTreeMap;
use std::io;

use ndarray::{Array2, ArrayD, ArrayView2};
use serde::{Deserialize, Serialize};

use super::Batches;
use crate::data::Values;
use crate::job::Cancelled;
use crate::model::{Weights, WeightsError};

/// Soft assignment and the embedding it was computed from, in evaluation mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Soft assignment q, samples x clusters, rows summing to 1.
    pub q: Array2<f32>,
    /// Embedding, samples x d.
    pub embedding: Array2<f32>,
}

impl Assignment {
    /// Hard labels: the cluster with the largest q, the first of equals.
    pub fn labels(&self) -> Vec<u32> {
        self.q
            .rows()
            .into_iter()
            .map(|row| {
                let mut best = 0;
                for (k, &value) in row.iter().enumerate() {
                    if value > row[best] {
                        best = k;
                    }
                }
                best as u32
            })
            .collect()
    }
}

/// What a training step minimises. Means over values are those of the values of a modality that were measured: of the others
/// the loss knows nothing (see [`Masked`](crate::data::Masked)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// The squared error `sum_v mean((m_v - X_v)^2)`.
    SquaredError,
    /// The likelihood `sum_v 0.5 mean((m_v - X_v)^2 exp(-s_v) + s_v)`.
    Likelihood,
    /// The squared error for everything but the log-variance networks, which learn by the likelihood on what they are
    /// given: the uncertainty of the data cannot disturb the embedding (Stirn et al. 2023). The loss told is the likelihood.
    Faithful,
    /// The divergence of the soft assignment from the target distribution of the last [`Engine::assign`].
    Divergence,
    /// The squared error plus `weight` times the divergence, with the norms' running statistics (IDEC, Guo et al.
    /// 2017): the embedding keeps what it knows of the data.
    KeptDivergence {
        /// Weight of the divergence.
        weight: f64,
    },
}

impl Objective {
    /// Whether a target distribution is part of it.
    pub fn has_target(self) -> bool {
        matches!(self, Self::Divergence | Self::KeptDivergence { .. })
    }
}

/// The networks that a modality has on top of the embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoder {
    /// The reconstruction, in scaled units.
    Mean,
    /// The log variance of the data around it.
    LogVariance,
}

/// The tensor of the clusters' centres, `K x d`.
pub(super) const CENTRES: &str = "centres";

/// Everything needed to go on with training elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Parameters and running statistics.
    pub weights: Weights,
    /// Adam's first moments by parameter; parameters without a gradient so far are absent.
    #[serde(with = "crate::store::bits::named")]
    pub first_moments: BTreeMap<String, ArrayD<f32>>,
    /// Adam's second moments.
    #[serde(with = "crate::store::bits::named")]
    pub second_moments: BTreeMap<String, ArrayD<f32>>,
    /// Adam's step count.
    pub steps: u32,
}

impl Snapshot {
    /// Weights alone, for a fresh optimiser.
    pub fn from_weights(weights: Weights) -> Self {
        Self {
            weights,
            ..Self::default()
        }
    }

    /// The number of clusters, if it has centres.
    pub(super) fn centres(&self) -> Option<usize> {
        self.weights.tensors.get(CENTRES)?.shape().first().copied()
    }

    /// Makes the state one for another number of clusters, of whose centres nothing is known yet.
    pub(crate) fn forget_centres(&mut self, clusters: usize) {
        let Some(centres) = self.weights.tensors.get_mut(CENTRES) else {
            return;
        };
        let shape = centres.shape();
        if let [known, width] = *shape
            && known != clusters
        {
            *centres = ArrayD::zeros(vec![clusters, width]);
            self.first_moments.remove(CENTRES);
            self.second_moments.remove(CENTRES);
        }
    }
}

/// A device that failed at its work.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The device was lost, ran out of memory or panicked.
    #[error("the device failed: {0}")]
    Device(String),
    /// Not a failure: the user stopped it between two mini-batches.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Weights of another network.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The data did not fit in memory, and only the CPU works from disk.
    #[error(
        "the data are held on disk, as they do not fit in memory, and only the CPU computes from there"
    )]
    TooLarge,
    /// Values held on disk cannot be read or written.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// One network with its data on one device. A step looks at all samples at once, or with mini-batches
/// goes through them all, one mini-batch after the other; evaluation looks at all samples and never
/// changes anything. Losses are those before the step, of mini-batches their mean over the samples.
pub trait Engine {
    /// From now on uses mini-batches, where there are more samples than one holds.
    fn use_batches(&mut self, batches: Batches);

    /// From now on trains on so many threads of the processor, or on all if none is given. Means nothing on other devices. What
    /// comes out is the same.
    fn use_threads(&mut self, _threads: Option<usize>) {}

    /// Samples of a training step at most, where the device cannot take all at once: then mini-batches are used.
    fn most_samples(&self) -> Option<usize> {
        None
    }

    /// Starts a fresh Adam (betas 0.9 and 0.999, epsilon 1e-8).
    fn reset_optimiser(&mut self);

    /// An epoch: one training step on the objective, or one for each mini-batch.
    fn step(&mut self, objective: Objective, learning_rate: f64) -> Result<f64, EngineError>;

    /// The embedding, samples x d, in evaluation mode.
    fn embed(&mut self) -> Result<Array2<f32>, EngineError>;

    /// What a network of every modality says of all samples (samples x features each), in evaluation mode.
    fn decode(&mut self, decoder: Decoder) -> Result<Vec<Values>, EngineError>;

    /// Sets the cluster centres, K x d.
    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError>;

    /// Sets what is known of the samples' clusters, samples x K: from now on soft assignments and their target
    /// distribution are multiplied by it and normalised again. Nothing is known at first.
    fn set_prior(&mut self, prior: ArrayView2<'_, f32>) -> Result<(), EngineError>;

    /// Soft assignment and embedding in evaluation mode; keeps their target distribution for the
    /// next step on a divergence.
    fn assign(&mut self) -> Result<Assignment, EngineError>;

    /// Parameters and running statistics.
    fn weights(&mut self) -> Result<Weights, EngineError>;

    /// Keeps the present state where it is, in the place of what was kept before.
    fn keep(&mut self);

    /// Takes up the state that was kept; the one of now stays if none was.
    fn go_back(&mut self);

    /// The state that was kept, or the one of now if none was, on the host.
    fn kept(&mut self) -> Result<Snapshot, EngineError>;

    /// Everything [`Engine::restore`] needs, on the host.
    fn snapshot(&mut self) -> Result<Snapshot, EngineError>;

    /// Takes up the state of a snapshot, made by this or any other engine.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), EngineError>;
}
