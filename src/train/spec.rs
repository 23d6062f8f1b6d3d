//! Every hyperparameter of the method, with the defaults of both recipes, checked once.

use serde::{Deserialize, Serialize};

use super::{EpochStats, Stage, limits};
use crate::{
    limit::Limit,
    model::{MOST_CLUSTERS, NetworkSpec, NetworkSpecError},
};

/// Fewer samples say too little of mean and variance; evened out, mini-batches hold half as many at least.
const LEAST_BATCH: usize = 32;

/// Hyperparameters; the default is the published recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainSpec {
    /// Width of the embedding.
    pub embedding: usize,
    /// Width of the hidden layers.
    pub hidden: usize,
    /// Attention heads of the fusion layer.
    pub heads: usize,
    /// Degrees of freedom of the soft assignment.
    pub alpha: f64,
    /// Samples of a training step, at most; `None` for all at once, as published.
    pub batch: Option<usize>,
    /// Starts of the reconstruction, each from other weights. With several, their votes decide the clusters of stage 1 and
    /// guide stage 2, and training goes on from the start that shows these clusters most plainly.
    pub starts: usize,
    /// Samples, drawn at random, that each of several starts is trained on at most.
    pub start_samples: usize,
    /// Clusterings of neighbour graphs that vote beside several starts, each on another look at the data (see
    /// [`graph_votes`](crate::method::graph_votes)). With them, a vote weighs the more the more of them agree with it. 0 for none.
    pub graph_votes: usize,
    /// Data of up to so many samples get four times the graph votes, each on features of its own: small data leave more to
    /// chance, and votes on them cost little. 0 for never.
    pub small_data: usize,
    /// Data of more than so many samples get half of the graph votes: they leave less to chance, and votes on them cost much. 0 for never.
    pub large_data: usize,
    /// Samples that an epoch of the uncertainty looks at, at most, drawn in turn; of more, each epoch is a step on the next of them.
    /// `None` for all in every epoch.
    pub finetune_samples: Option<usize>,
    /// Epochs of reconstruction (of each start), uncertainty fine-tuning and clustering.
    pub epochs: [usize; 3],
    /// Adam's learning rate in each of the three.
    pub learning_rates: [f64; 3],
    /// Of several starts, so many learn the uncertainty at most, which is averaged over them.
    pub ensemble: usize,
    /// Whether the uncertainty learns without changing the embedding, and is fitted to each sample's own residuals.
    pub faithful: bool,
    /// Whether values that were not measured are left out of the losses and of the fit of the uncertainty. Otherwise the mean of
    /// the feature, which stands in for each, is learned as if it had been measured, as published.
    pub masked: bool,
    /// Share of the samples held out (of up to 10,000) to find out how many of its epochs the uncertainty should learn,
    /// before it learns from all of them; 0 for all epochs.
    pub held_out: f64,
    /// Share of the samples held out that is passed over at either end of their likelihoods, so that no outlier decides; 0 for
    /// the mean of all.
    pub held_out_trim: f64,
    /// Weight of the clustering beside the reconstruction, which stage 2 keeps with frozen norms; `None` clusters alone,
    /// as published.
    pub clustering_weight: Option<f64>,
    /// Whether stage 2 goes back to its last sound epoch before a cluster is lost.
    pub guard: bool,
    /// Stage 2 multiplies its learning rate by this ...
    pub decay: f64,
    /// ... every so many epochs.
    pub decay_every: usize,
    /// Stage 2 has converged when a smaller share of labels changes; 0 never stops early ...
    pub tolerance: f64,
    /// ... in so many epochs, one after the other.
    pub patience: usize,
    /// Restarts of k-means, which starts stage 2.
    pub kmeans_restarts: usize,
    /// Iterations of each restart at most.
    pub kmeans_iterations: usize,
    /// k-means stops when its centres move less than this share of the mean variance.
    pub kmeans_tolerance: f64,
}

impl Default for TrainSpec {
    fn default() -> Self {
        Self {
            embedding: 20,
            hidden: 512,
            heads: 10,
            alpha: 1.0,
            batch: None,
            starts: 1,
            start_samples: 4096,
            graph_votes: 0,
            small_data: 0,
            large_data: 0,
            finetune_samples: None,
            ensemble: 1,
            faithful: false,
            masked: false,
            held_out: 0.0,
            held_out_trim: 0.0,
            clustering_weight: None,
            guard: false,
            epochs: [200, 100, 100],
            learning_rates: [5e-3, 1e-3, 1e-3],
            decay: 0.9,
            decay_every: 20,
            tolerance: 1e-3,
            patience: 1,
            kmeans_restarts: 20,
            kmeans_iterations: 300,
            kmeans_tolerance: 1e-4,
        }
    }
}

impl TrainSpec {
    /// The robust recipe: votes of many short starts and of neighbour graphs, nothing learned of values that were not measured or
    /// decided by outliers among what is held out, and what [`TrainSpec::robust_0_1`] has besides.
    pub fn robust() -> Self {
        Self {
            large_data: 8192,
            finetune_samples: Some(4096),
            ..Self::robust_0_2()
        }
    }

    /// Its second version, in which every epoch of the uncertainty looks at all samples, and large data get as many graph votes as
    /// others.
    pub fn robust_0_2() -> Self {
        Self {
            graph_votes: 96,
            small_data: 1024,
            held_out_trim: 0.05,
            masked: true,
            ..Self::robust_0_1()
        }
    }

    /// The first version of the robust recipe: many short starts, uncertainty that cannot disturb the embedding, a gentle stage 2 that
    /// keeps the reconstruction, and a guard over its clusters.
    pub fn robust_0_1() -> Self {
        Self {
            starts: 16,
            ensemble: 4,
            epochs: [40, 200, 40],
            learning_rates: [3e-3, 1e-3, 3e-4],
            faithful: true,
            held_out: 0.2,
            clustering_weight: Some(0.1),
            guard: true,
            patience: 10,
            ..Self::default()
        }
    }

    /// The votes of neighbour graphs on `samples` samples: how many clusterings, and how many sets of features they share.
    pub fn graph_votes_of(&self, samples: usize) -> [usize; 2] {
        if samples <= self.small_data {
            [4 * self.graph_votes, 16]
        } else if self.large_data > 0 && samples > self.large_data {
            [self.graph_votes.div_ceil(2), 4]
        } else {
            [self.graph_votes, 4]
        }
    }

    /// The share of so many samples that an epoch of the uncertainty looks at, 0 to 1.
    pub fn finetune_share(&self, samples: usize) -> f64 {
        let part = self.finetune_samples.unwrap_or(usize::MAX).max(1);
        1.0 / samples.div_ceil(part).max(1) as f64
    }

    /// How many models learn the uncertainty.
    pub fn models(&self) -> usize {
        self.ensemble.min(self.starts)
    }

    /// How often a stage is run: the reconstruction for every start, the uncertainty for every model.
    pub fn turns(&self, stage: Stage) -> usize {
        match stage {
            Stage::Pretrain => self.starts,
            Stage::UncertaintyFinetune => self.models(),
            Stage::Clustering => 1,
        }
    }

    /// Which turn of its stage an epoch belongs to, its number there, both counted from 1, and how many epochs each has.
    pub fn turn_of(&self, stats: &EpochStats) -> [usize; 3] {
        let each = (stats.epochs / self.turns(stats.stage).max(1)).max(1);
        let before = stats.epoch.saturating_sub(1);
        [before / each + 1, before % each + 1, each]
    }

    /// Epochs of the three stages in all, every turn included.
    pub fn planned(&self) -> [usize; 3] {
        Stage::ALL.map(|stage| self.epochs[stage as usize].saturating_mul(self.turns(stage)))
    }
}

/// Which hyperparameter is out of range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainSpecError {
    /// The network's shape.
    #[error(transparent)]
    Network(NetworkSpecError),
    /// A count that must not be zero.
    #[error("{0} must be at least 1")]
    Zero(&'static str),
    /// A number outside its range.
    #[error("{name} must be {range}, not {value}")]
    Range {
        /// The hyperparameter.
        name: &'static str,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        value: f64,
    },
    /// A setting beyond its bound.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// More clusters than samples, or fewer than two.
    #[error("{clusters} clusters cannot be made of {samples} samples: choose between 2 and {most}")]
    Clusters {
        /// Clusters asked for.
        clusters: usize,
        /// Samples there are.
        samples: usize,
        /// The most clusters possible.
        most: usize,
    },
}

impl From<NetworkSpecError> for TrainSpecError {
    fn from(error: NetworkSpecError) -> Self {
        match error {
            NetworkSpecError::Limit(limit) => Self::Limit(limit),
            other => Self::Network(other),
        }
    }
}

impl TrainSpec {
    /// Checks everything against a data set of `samples` samples and these feature counts and
    /// gives the network's shape.
    pub fn check(
        &self,
        samples: usize,
        features: Vec<usize>,
        clusters: usize,
    ) -> Result<NetworkSpec, TrainSpecError> {
        self.check_numbers()?;
        self.check_counts()?;
        for (name, size) in [
            ("the size of a mini-batch", self.batch),
            ("the samples of the uncertainty", self.finetune_samples),
        ] {
            if let Some(size) = size.filter(|&size| size < LEAST_BATCH) {
                return Err(TrainSpecError::Range {
                    name,
                    range: "at least 32, as norms need that many samples",
                    value: size as f64,
                });
            }
        }
        if clusters < 2 || clusters > samples {
            return Err(TrainSpecError::Clusters {
                clusters,
                samples,
                most: samples.clamp(2, MOST_CLUSTERS),
            });
        }
        if self.starts > 1 && self.start_samples < clusters.max(LEAST_BATCH) {
            return Err(TrainSpecError::Range {
                name: "the samples of a start",
                range: "at least 32 and as many as clusters",
                value: self.start_samples as f64,
            });
        }
        let network = NetworkSpec {
            features,
            embedding: self.embedding,
            hidden: self.hidden,
            heads: self.heads,
            clusters,
            alpha: self.alpha,
        };
        Ok(network.check()?)
    }

    fn check_numbers(&self) -> Result<(), TrainSpecError> {
        for rate in self.learning_rates {
            positive(limits::LEARNING_RATE, rate)?;
        }
        positive(limits::DECAY, self.decay)?;
        if let Some(weight) = self.clustering_weight {
            positive(limits::CLUSTERING_WEIGHT, weight)?;
        }
        for (name, range, most, value) in [
            ("the tolerance", "between 0 and 1", 1.0, self.tolerance),
            (
                "the k-means tolerance",
                "between 0 and 1",
                1.0,
                self.kmeans_tolerance,
            ),
            (
                "the share of samples held out",
                "between 0 and 0.5",
                limits::HELD_OUT,
                self.held_out,
            ),
            (
                "the share passed over of what is held out",
                "between 0 and 0.4",
                limits::HELD_OUT_TRIM,
                self.held_out_trim,
            ),
        ] {
            if !(0.0..=most).contains(&value) {
                return Err(TrainSpecError::Range { name, range, value });
            }
        }
        Ok(())
    }

    fn check_counts(&self) -> Result<(), TrainSpecError> {
        for (limit, count) in [
            (limits::RECONSTRUCTION_EPOCHS, self.epochs[0]),
            (limits::STARTS, self.starts),
            (limits::ENSEMBLE, self.ensemble),
            (limits::DECAY_EVERY, self.decay_every),
            (limits::PATIENCE, self.patience),
            (limits::KMEANS_RESTARTS, self.kmeans_restarts),
            (limits::KMEANS_ITERATIONS, self.kmeans_iterations),
        ] {
            if count == 0 {
                return Err(TrainSpecError::Zero(limit.name));
            }
            limit.check_count(count)?;
        }
        for (limit, count) in [
            (limits::UNCERTAINTY_EPOCHS, self.epochs[1]),
            (limits::CLUSTERING_EPOCHS, self.epochs[2]),
            (limits::START_SAMPLES, self.start_samples),
            (limits::GRAPH_VOTES, self.graph_votes),
            (limits::SMALL_DATA, self.small_data),
            (limits::LARGE_DATA, self.large_data),
            (limits::BATCH, self.batch.unwrap_or_default()),
            (
                limits::FINETUNE_SAMPLES,
                self.finetune_samples.unwrap_or_default(),
            ),
        ] {
            limit.check_count(count)?;
        }
        Ok(())
    }

    /// Learning rate of stage 2 in an epoch counted from 0.
    pub(crate) fn clustering_rate(&self, epoch: usize) -> f64 {
        let decays = epoch / self.decay_every;
        self.learning_rates[2] * self.decay.powi(decays.try_into().unwrap_or(i32::MAX))
    }
}

/// Whether a number is above 0 and within its bound.
fn positive(limit: Limit, value: f64) -> Result<(), TrainSpecError> {
    if value.is_nan() || value <= 0.0 {
        return Err(TrainSpecError::Range {
            name: limit.name,
            range: "a positive number",
            value,
        });
    }
    Ok(limit.check(value)?)
}

#[cfg(test)]
mod tests;
