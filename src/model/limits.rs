//! The most that the shape of a network may be.

use crate::limit::Limit;

/// The most clusters, whatever the number of samples.
pub(crate) const MOST_CLUSTERS: usize = 2_000;

pub(crate) const EMBEDDING: Limit = Limit::new(
    "the width of the embedding",
    1_024.0,
    "a wider one sums the data up no more",
);
pub(crate) const HIDDEN: Limit = Limit::new(
    "the width of the hidden layers",
    16_384.0,
    "wider ones cost memory and time and find nothing more in such data",
);
pub(crate) const HEADS: Limit = Limit::new(
    "the number of attention heads",
    1_024.0,
    "they share the width of the embedding",
);
pub(crate) const CLUSTERS: Limit = Limit::new(
    "the number of clusters",
    MOST_CLUSTERS as f64,
    "more can neither be told apart on a map nor be matched between starts in reasonable time",
);
pub(crate) const ALPHA: Limit = Limit::new(
    "alpha",
    1_000.0,
    "beyond it the soft assignment does not change any more",
);

/// The least degrees of freedom.
pub(crate) const LEAST_ALPHA: f64 = 1e-3;
