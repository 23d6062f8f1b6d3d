//! The most that the hyperparameters may be.

use crate::limit::Limit;

const ENOUGH_EPOCHS: &str = "every recipe converges long before, and each costs time";
const ENOUGH_SAMPLES: &str = "no data set has more samples";

pub(crate) const RECONSTRUCTION_EPOCHS: Limit =
    Limit::new("the epochs of reconstruction", 1e5, ENOUGH_EPOCHS);
pub(crate) const UNCERTAINTY_EPOCHS: Limit =
    Limit::new("the epochs of uncertainty", 1e5, ENOUGH_EPOCHS);
pub(crate) const CLUSTERING_EPOCHS: Limit =
    Limit::new("the epochs of clustering", 1e5, ENOUGH_EPOCHS);
pub(crate) const STARTS: Limit = Limit::new(
    "the number of starts",
    1e3,
    "their votes settle with some tens, and each is trained and kept",
);
pub(crate) const GRAPH_VOTES: Limit = Limit::new(
    "the number of votes of neighbour graphs",
    1e3,
    "they settle with some tens, and each is a clustering of its own",
);
pub(crate) const SMALL_DATA: Limit = Limit::new(
    "the samples of small data",
    1e5,
    "votes on more take long, and settle without being four times as many",
);
pub(crate) const LARGE_DATA: Limit = Limit::new("the samples of large data", 1e9, ENOUGH_SAMPLES);
pub(crate) const FINETUNE_SAMPLES: Limit =
    Limit::new("the samples of the uncertainty", 1e9, ENOUGH_SAMPLES);
pub(crate) const ENSEMBLE: Limit = Limit::new(
    "the number of models of the uncertainty",
    1e3,
    "their mean settles with a few, and each is trained",
);
pub(crate) const DECAY_EVERY: Limit = Limit::new(
    "the epochs between two decays",
    1e5,
    "there are no more epochs",
);
pub(crate) const PATIENCE: Limit = Limit::new("the patience", 1e5, "there are no more epochs");
pub(crate) const KMEANS_RESTARTS: Limit = Limit::new(
    "the restarts of k-means",
    1e4,
    "the best of fewer is as good, and each costs time",
);
pub(crate) const KMEANS_ITERATIONS: Limit = Limit::new(
    "the iterations of k-means",
    1e5,
    "it has settled long before",
);
pub(crate) const START_SAMPLES: Limit = Limit::new("the samples of a start", 1e9, ENOUGH_SAMPLES);
pub(crate) const BATCH: Limit = Limit::new("the size of a mini-batch", 1e9, ENOUGH_SAMPLES);
pub(crate) const LEARNING_RATE: Limit = Limit::new(
    "the learning rate",
    10.0,
    "every step moves the weights by about so much, and the loss is soon no longer a number",
);
pub(crate) const DECAY: Limit = Limit::new(
    "the learning-rate decay",
    1.0,
    "a larger one would raise the learning rate",
);
pub(crate) const CLUSTERING_WEIGHT: Limit = Limit::new(
    "the weight of the clustering",
    1e3,
    "the reconstruction would no longer count; 0 clusters alone",
);

/// Most of the share of samples that is held out.
pub(crate) const HELD_OUT: f64 = 0.5;

/// Most of what is passed over of it, at either end.
pub(crate) const HELD_OUT_TRIM: f64 = 0.4;
