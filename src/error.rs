//! The umbrella error, and the one place where errors become words for the user.

mod words;

use std::{path::PathBuf, sync::Arc};

pub use words::UserMessage;

use crate::{
    analysis::{consensus::Consensus, umap::UmapError},
    io::LoadError,
    job::{Cancelled, MaybeCancelled},
    limit::Limit,
    model::device::DeviceError,
    pipeline::{AnalysisResult, Ensemble, MemoryShortage, PartSeconds},
    train::{EngineError, EpochStats, ResumePoint, TrainError, TrainSpecError},
};

/// Everything that can end a piece of work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Flags that do not fit together.
    #[error("{0}")]
    Usage(String),
    /// The data cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
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
        interrupted: Box<Interrupted>,
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
    /// Results could not be written.
    #[error("cannot write '{}': {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Results are there already.
    #[error("'{}' exists and is not empty", .0.display())]
    Exists(PathBuf),
    /// A folder with other things than results.
    #[error("'{}' is not empty and holds no results of hdumec", .0.display())]
    Foreign(PathBuf),
    /// Another run is to write there.
    #[error("another hdumec is writing to '{}'", .0.display())]
    Busy(PathBuf),
    /// A folder or a link where a result is to be written.
    #[error("'{}' has the name of a result, but is no file", .0.display())]
    InTheWay(PathBuf),
    /// Results are saved, but not where they were asked for.
    #[error("{source}; the results are in '{}' instead", directory.display())]
    Elsewhere {
        /// Where they are.
        directory: PathBuf,
        /// Why.
        source: Box<Error>,
    },
    /// An analysis that was repeated came out otherwise.
    #[error("the repeated analysis came out otherwise: {}", difference(*furthest))]
    Differs {
        /// The largest difference of two scores; `None` if some are known in one of the two only.
        furthest: Option<f64>,
        /// What is not as it was, as sentences.
        reasons: Vec<String>,
    },
    /// A fault of the program.
    #[error("internal fault: {0}")]
    Panicked(String),
}

impl From<TrainError> for Error {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            TrainError::Disk(error) => Self::Disk(error),
            other => Self::Train(other),
        }
    }
}

impl From<UmapError> for Error {
    fn from(error: UmapError) -> Self {
        match error {
            UmapError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            UmapError::Limit(limit) => Self::Limit(limit),
            other => Self::Umap(other),
        }
    }
}

impl From<DeviceError> for Error {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Device(other),
        }
    }
}

impl MaybeCancelled for Error {
    fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled(_) | Self::Load(LoadError::Cancelled(_))
        )
    }
}

/// What is left of a run whose device failed: enough to go on elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Interrupted {
    /// The last saved state of training.
    pub point: Option<ResumePoint>,
    /// What several starts agreed on, if they are done.
    pub consensus: Option<Arc<Consensus>>,
    /// The models that learn the uncertainty, besides the one of the last saved state.
    pub ensemble: Ensemble,
    /// The epochs so far.
    pub history: Vec<EpochStats>,
    /// The result of stage 1, if it was finished.
    pub result: Option<Arc<AnalysisResult>>,
    /// Time spent so far.
    pub seconds: Vec<PartSeconds>,
}

impl Error {
    /// The exit code of the command line: one for each kind of failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) | Self::Load(LoadError::Cancelled(_)) => 130,
            Self::Usage(_) => 2,
            Self::Load(LoadError::Limit(_) | LoadError::Memory { .. }) => 4,
            Self::Load(_) => 3,
            Self::Spec(_) | Self::Limit(_) | Self::Memory(_) | Self::ClustersNeeded => 4,
            Self::Device(_) | Self::Engine { .. } => 5,
            Self::Disk(_)
            | Self::Write { .. }
            | Self::Exists(_)
            | Self::Foreign(_)
            | Self::Busy(_)
            | Self::InTheWay(_)
            | Self::Elsewhere { .. } => 6,
            Self::Umap(error) if error.is_setting() => 4,
            Self::Train(_) | Self::Umap(_) => 7,
            Self::Differs { .. } => 9,
            Self::Panicked(_) => 70,
        }
    }

    /// Whether the same work may go on, on the CPU.
    pub fn is_device_failure(&self) -> bool {
        matches!(self, Self::Device(_) | Self::Engine { .. })
    }
}

fn difference(furthest: Option<f64>) -> String {
    match furthest {
        Some(far) => {
            format!("a score, a cluster's share or the relative uncertainty differs by {far:.4}")
        }
        None => "not the same scores are known".into(),
    }
}
