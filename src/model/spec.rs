//! The shape of the network, checked once.

use serde::{Deserialize, Serialize};

use super::limits::{ALPHA, CLUSTERS, EMBEDDING, HEADS, HIDDEN, LEAST_ALPHA};
use crate::limit::Limit;

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
    /// `alpha` is not a positive number, or next to 0.
    #[error("alpha must be at least 0.001, not {0}: with less the soft assignment is no number")]
    Alpha(f64),
    /// A setting beyond its bound.
    #[error(transparent)]
    Limit(#[from] Limit),
}

impl NetworkSpec {
    /// Checks every field.
    pub fn check(self) -> Result<Self, NetworkSpecError> {
        if self.features.is_empty() || self.features.contains(&0) {
            return Err(NetworkSpecError::NoFeatures);
        }
        for (limit, value) in [
            (EMBEDDING, self.embedding),
            (HIDDEN, self.hidden),
            (HEADS, self.heads),
            (CLUSTERS, self.clusters),
        ] {
            if value == 0 {
                return Err(NetworkSpecError::Zero(limit.name));
            }
            limit.check_count(value)?;
        }
        if !self.embedding.is_multiple_of(self.heads) {
            return Err(NetworkSpecError::Heads {
                embedding: self.embedding,
                heads: self.heads,
            });
        }
        if self.alpha.is_nan() || self.alpha < LEAST_ALPHA {
            return Err(NetworkSpecError::Alpha(self.alpha));
        }
        ALPHA.check(self.alpha)?;
        Ok(self)
    }

    /// Number of modalities `V`.
    pub fn modalities(&self) -> usize {
        self.features.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> NetworkSpec {
        NetworkSpec {
            features: vec![3],
            embedding: 20,
            hidden: 64,
            heads: 10,
            clusters: 4,
            alpha: 1.0,
        }
    }

    #[test]
    fn absurd_shapes_are_refused_with_a_reason() {
        let said = |change: &dyn Fn(&mut NetworkSpec)| {
            let mut spec = spec();
            change(&mut spec);
            spec.check().unwrap_err().to_string()
        };
        for most in [1 << 40, usize::MAX] {
            for (error, expected) in [
                (
                    said(&|s| s.embedding = most),
                    "embedding must be at most 1,024: ",
                ),
                (
                    said(&|s| s.hidden = most),
                    "hidden layers must be at most 16,384: ",
                ),
                (said(&|s| s.heads = most), "heads must be at most 1,024: "),
                (
                    said(&|s| s.clusters = most),
                    "clusters must be at most 2,000: ",
                ),
            ] {
                assert!(error.contains(expected), "{error}");
            }
        }
        for alpha in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-300, 1e30] {
            assert!(said(&|s| s.alpha = alpha).starts_with("alpha must be at"));
        }
        assert!(spec().check().is_ok());
    }
}
