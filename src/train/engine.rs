//! What computes: the one interface between the recipe and whatever does the arithmetic.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD, ArrayView2};

use super::Batches;
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

/// What a modality's decoders say, in evaluation mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction {
    /// Mean, samples x features, in scaled units.
    pub mean: Array2<f32>,
    /// Log variance, samples x features.
    pub log_variance: Array2<f32>,
}

/// Everything needed to go on with training elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Parameters and running statistics.
    pub weights: Weights,
    /// Adam's first moments by parameter; parameters without a gradient so far are absent.
    pub first_moments: BTreeMap<String, ArrayD<f32>>,
    /// Adam's second moments.
    pub second_moments: BTreeMap<String, ArrayD<f32>>,
    /// Adam's step count.
    pub steps: u32,
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
}

/// One network with its data on one device. A step looks at all samples at once, or with mini-batches
/// goes through them all, one mini-batch after the other; evaluation looks at all samples and never
/// changes anything. Losses are those before the step, of mini-batches their mean.
pub trait Engine {
    /// From now on uses mini-batches, where there are more samples than one holds.
    fn use_batches(&mut self, batches: Batches);

    /// Starts a fresh Adam (betas 0.9 and 0.999, epsilon 1e-8).
    fn reset_optimiser(&mut self);

    /// An epoch on `sum_v mean((m_v - X_v)^2)`: one training step, or one for each mini-batch.
    fn reconstruction_step(&mut self, learning_rate: f64) -> Result<f64, EngineError>;

    /// An epoch on `sum_v 0.5 mean((m_v - X_v)^2 exp(-s_v) + s_v)`.
    fn uncertainty_step(&mut self, learning_rate: f64) -> Result<f64, EngineError>;

    /// An epoch on the KL divergence between the target distribution of the last
    /// [`Engine::assign`] and the soft assignment.
    fn clustering_step(&mut self, learning_rate: f64) -> Result<f64, EngineError>;

    /// The embedding, samples x d, in evaluation mode.
    fn embed(&mut self) -> Result<Array2<f32>, EngineError>;

    /// All reconstructions, in evaluation mode.
    fn decode(&mut self) -> Result<Vec<Reconstruction>, EngineError>;

    /// Sets the cluster centres, K x d.
    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError>;

    /// Soft assignment and embedding in evaluation mode; keeps their target distribution for the
    /// next [`Engine::clustering_step`].
    fn assign(&mut self) -> Result<Assignment, EngineError>;

    /// Parameters and running statistics.
    fn weights(&mut self) -> Result<Weights, EngineError>;

    /// Everything [`Engine::restore`] needs, on the host.
    fn snapshot(&mut self) -> Result<Snapshot, EngineError>;

    /// Takes up the state of a snapshot, made by this or any other engine.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), EngineError>;
}
