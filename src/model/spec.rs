//! The shape of the network, checked once.

use serde::{Deserialize, Serialize};

use crate::limit::Limit;

/// The most clusters, whatever the number of samples.
pub(crate) const MOST_CLUSTERS: usize = 2_000;

/// What is most of every width, and why.
const EMBEDDING: Limit = Limit::new(
    "the width of the embedding",
    1_024.0,
    "a wider one sums the data up no more",
);
const HIDDEN: Limit = Limit::new(
    "the width of the hidden layers",
    16_384.0,
    "wider ones cost memory and time and find nothing more in such data",
);
const HEADS: Limit = Limit::new(
    "the number of attention heads",
    1_024.0,
    "they share the width of the embedding",
);
const CLUSTERS: Limit = Limit::new(
    "the number of clusters",
    MOST_CLUSTERS as f64,
    "more can neither be told apart on a map nor be matched between starts in reasonable time",
);
const ALPHA: Limit = Limit::new(
    "alpha",
    1_000.0,
    "beyond it the soft assignment does not change any more",
);

/// The least degrees of freedom.
const LEAST_ALPHA: f64 = 1e-3;

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
