//! What can end a run.

use super::{Checkpoint, MemoryShortage, TrainOnError};
use crate::{
    analysis::{kmeans::KMeansError, umap::UmapError, uncertainty::UncertaintyError},
    job::{Cancelled, MaybeCancelled},
    limit::Limit,
    method::SpaceError,
    model::device::DeviceError,
    train::{EngineError, TrainError, TrainSpecError},
};

/// What can end a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The user asked.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A hyperparameter is out of range.
    #[error(transparent)]
    Spec(#[from] TrainSpecError),
    /// A setting is beyond its bound.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// The analysis would need more memory than there is.
    #[error(transparent)]
    Memory(#[from] MemoryShortage),
    /// There are no labels to count.
    #[error("the number of clusters is not known")]
    ClustersNeeded,
    /// The device did not start.
    #[error(transparent)]
    Device(DeviceError),
    /// The device failed at work; what was done is kept.
    #[error("{source}")]
    Engine {
        /// What happened.
        source: EngineError,
        /// The means to go on.
        interrupted: Box<Checkpoint>,
    },
    /// Training failed for a reason of its own.
    #[error(transparent)]
    Train(TrainError),
    /// The map could not be computed.
    #[error("UMAP: {0}")]
    Umap(UmapError),
    /// Values held on disk because of their number could not be read or written.
    #[error("the values held on disk: {0}")]
    Disk(#[from] std::io::Error),
    /// The settings are those of a run that goes on with the model of another, which is not there.
    #[error("these settings go on with the model of an earlier run, which is not there")]
    EarlierNeeded,
    /// It cannot go on with that model.
    #[error(transparent)]
    TrainOn(#[from] TrainOnError),
    /// Noise cannot be injected so.
    #[error("{0}")]
    Noise(String),
    /// A fault of the program.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl From<TrainError> for RunError {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            TrainError::Disk(error) => Self::Disk(error),
            // How far the run was is put in by whoever knows.
            TrainError::Engine(source) => Self::Engine {
                source,
                interrupted: Box::default(),
            },
            other => Self::Train(other),
        }
    }
}

impl From<EngineError> for RunError {
    fn from(error: EngineError) -> Self {
        TrainError::from(error).into()
    }
}

impl From<KMeansError> for RunError {
    fn from(error: KMeansError) -> Self {
        TrainError::from(error).into()
    }
}

impl From<UncertaintyError> for RunError {
    fn from(error: UncertaintyError) -> Self {
        match error {
            UncertaintyError::Disk(error) => Self::Disk(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<UmapError> for RunError {
    fn from(error: UmapError) -> Self {
        match error {
            UmapError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            UmapError::Limit(limit) => Self::Limit(limit),
            other => Self::Umap(other),
        }
    }
}

impl From<SpaceError> for RunError {
    fn from(error: SpaceError) -> Self {
        match error {
            SpaceError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            SpaceError::Disk(error) => Self::Disk(error),
        }
    }
}

impl From<DeviceError> for RunError {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Device(other),
        }
    }
}

impl MaybeCancelled for RunError {
    fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }
}
