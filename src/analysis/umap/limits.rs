//! The most that the settings of a map may be.

use crate::limit::Limit;

pub(crate) const NEIGHBOURS: Limit = Limit::new(
    "the neighbours of the map",
    1e3,
    "with more the map shows only the whole, and each takes memory for every sample",
);
pub(crate) const SPREAD: Limit = Limit::new(
    "the spread of the map",
    100.0,
    "a larger one draws the same map on another scale",
);
pub(crate) const EPOCHS: Limit = Limit::new(
    "the epochs of the map",
    1e5,
    "it settles with some hundreds, and each costs time",
);
pub(crate) const NEGATIVE_SAMPLES: Limit = Limit::new(
    "the negative samples of the map",
    1e3,
    "some are enough, and each costs time",
);
pub(crate) const LEARNING_RATE: Limit = Limit::new(
    "the learning rate of the map",
    10.0,
    "larger steps are wider than the map itself",
);
