//! What training tells while it runs and how it ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::EngineError;
use crate::{
    analysis::{kmeans::KMeansError, scores::ClusterScores},
    job::Cancelled,
};

/// The three parts of training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Stage 1, first part: mean squared error.
    Pretrain,
    /// Stage 1, second part: negative log-likelihood.
    UncertaintyFinetune,
    /// Stage 2: deep embedded clustering.
    Clustering,
}

impl Stage {
    /// All stages in their order.
    pub const ALL: [Self; 3] = [Self::Pretrain, Self::UncertaintyFinetune, Self::Clustering];

    /// Key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pretrain => "pretrain",
            Self::UncertaintyFinetune => "uncertainty_finetune",
            Self::Clustering => "clustering",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pretrain => "Stage 1: reconstruction",
            Self::UncertaintyFinetune => "Stage 1: uncertainty",
            Self::Clustering => "Stage 2: clustering",
        })
    }
}

/// What one epoch of stage 2 found, before its step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusteringStats {
    /// Scores of the hard labels.
    pub scores: ClusterScores,
    /// Share of hard labels that changed since the epoch before; 1 in the first epoch.
    pub label_change: f64,
    /// Wall-clock seconds that the scores took.
    pub seconds: f64,
}

/// One finished epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochStats {
    /// The stage it belongs to.
    pub stage: Stage,
    /// Counted from 1.
    pub epoch: usize,
    /// Epochs planned for this stage.
    pub epochs: usize,
    /// The loss before the step; `None` in the epoch that found stage 2 converged.
    pub loss: Option<f64>,
    /// Wall-clock seconds it took, scores included.
    pub seconds: f64,
    /// Stage 2 only.
    pub clustering: Option<ClusteringStats>,
    /// Samples in every cluster; stage 2 only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<usize>,
}

/// What one of several starts found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartStats {
    /// Counted from 1.
    pub start: usize,
    /// Starts planned.
    pub starts: usize,
    /// Mean agreement (adjusted Rand index) of all pairs of starts so far; not known of a single one.
    pub agreement: Option<f64>,
    /// Scores of its clusters, without the silhouette.
    pub scores: ClusterScores,
}

/// Why stage 2 ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "epoch")]
pub enum StopReason {
    /// Fewer labels changed than the tolerance, found in this epoch.
    Converged(usize),
    /// All planned epochs were run.
    MaxEpochs(usize),
    /// The guard went back to this epoch: after it a cluster lost half of its samples.
    Guarded(usize),
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged(epoch) => write!(f, "converged at epoch {epoch}"),
            Self::MaxEpochs(epoch) => write!(f, "all {epoch} epochs run, not converged"),
            Self::Guarded(epoch) => {
                write!(
                    f,
                    "kept as of epoch {epoch}: a cluster was about to be lost"
                )
            }
        }
    }
}

impl From<EngineError> for TrainError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            EngineError::Disk(error) => Self::Disk(error),
            other => Self::Engine(other),
        }
    }
}

impl From<KMeansError> for TrainError {
    fn from(error: KMeansError) -> Self {
        match error {
            KMeansError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::KMeans(other),
        }
    }
}

/// Why training could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The user asked.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The device failed.
    #[error(transparent)]
    Engine(EngineError),
    /// Values held on disk could not be read or written.
    #[error(transparent)]
    Disk(std::io::Error),
    /// k-means could not start stage 2.
    #[error("k-means on the embedding: {0}")]
    KMeans(KMeansError),
    /// The loss, a weight, the embedding or what is made of it is infinite, not a number, or too large to be squared.
    #[error("{stage}, epoch {epoch}: {what} is no longer a number that can be used")]
    NotFinite {
        /// What it is: `the loss`.
        what: &'static str,
        /// Where it happened.
        stage: Stage,
        /// Counted from 1.
        epoch: usize,
    },
}

impl TrainError {
    /// Whether all numbers can be used, squared and summed, after an epoch of a stage.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`] if training broke down there.
    pub(crate) fn unless_sound<'a>(
        what: &'static str,
        numbers: impl IntoIterator<Item = &'a f32>,
        stage: Stage,
        epoch: usize,
    ) -> Result<(), Self> {
        // As k-means and the map have it. Whatever is no number is not below it either.
        const LARGEST: f32 = 1e16;
        match numbers.into_iter().all(|x| x.abs() <= LARGEST) {
            true => Ok(()),
            false => Err(Self::NotFinite { what, stage, epoch }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_used_are_those_of_training_that_broke_down() {
        let sound = |x: f32| TrainError::unless_sound("the embedding", &[1.0, x], STAGE, 7);
        const STAGE: Stage = Stage::Pretrain;
        for x in [f32::NAN, f32::INFINITY, -1e17] {
            let said = sound(x).unwrap_err().to_string();
            let expected = "Stage 1: reconstruction, epoch 7: the embedding is no longer a number that can be used";
            assert_eq!(said, expected);
        }
        assert!(sound(-1e15).is_ok());
    }

    #[test]
    fn a_cancel_is_no_error_wherever_it_is_heard() {
        let heard: [TrainError; 2] = [
            KMeansError::Cancelled(Cancelled).into(),
            EngineError::Cancelled(Cancelled).into(),
        ];
        for error in heard {
            assert!(matches!(error, TrainError::Cancelled(_)), "{error}");
        }
    }
}
