//! The shape of the network, checked once.

use serde::{Deserialize, Serialize};

/// Shape of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkSpec {
    /// Number of features of each modality.
    pub features: Vec<usize>,
    /// Width `d` of the embedding.
    pub embedding: usize,
    /// Width of every hidden layer.
    pub hidden: usize,
    /// Attention heads of the fusion layer; divides `embedding`.
    pub heads: usize,
    /// Number of cluster centres `K`.
    pub clusters: usize,
    /// Degrees of freedom of the soft assignment.
    pub alpha: f64,
}

/// Why a network cannot have the asked-for shape.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NetworkSpecError {
    /// There is nothing to encode.
    #[error("the network needs at least one modality with at least one feature")]
    NoFeatures,
    /// A width is zero.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// The heads cannot share the embedding evenly.
    #[error(
        "an embedding of {embedding} dimensions cannot be split over {heads} attention heads: \
         choose heads that divide it"
    )]
    Heads {
        /// Width of the embedding.
        embedding: usize,
        /// Number of heads.
        heads: usize,
    },
    /// `alpha` is not a positive number.
    #[error("alpha must be a positive number, not {0}")]
    Alpha(f64),
}

impl NetworkSpec {
    /// Checks every field.
    pub fn check(self) -> Result<Self, NetworkSpecError> {
        if self.features.is_empty() || self.features.contains(&0) {
            return Err(NetworkSpecError::NoFeatures);
        }
        for (name, value) in [
            ("the embedding width", self.embedding),
            ("the hidden width", self.hidden),
            ("the number of attention heads", self.heads),
            ("the number of clusters", self.clusters),
        ] {
            if value == 0 {
                return Err(NetworkSpecError::Zero(name));
            }
        }
        if !self.embedding.is_multiple_of(self.heads) {
            return Err(NetworkSpecError::Heads {
                embedding: self.embedding,
                heads: self.heads,
            });
        }
        if !(self.alpha.is_finite() && self.alpha > 0.0) {
            return Err(NetworkSpecError::Alpha(self.alpha));
        }
        Ok(self)
    }

    /// Number of modalities `V`.
    pub fn modalities(&self) -> usize {
        self.features.len()
    }
}
