//! The umbrella error, and the one place where errors become words for the user.

mod words;

use std::path::PathBuf;

pub use words::UserMessage;

use crate::{
    analysis::umap::UmapError,
    io::LoadError,
    job::{Cancelled, MaybeCancelled},
    limit::Limit,
    model::device::DeviceError,
    pipeline::{MemoryShortage, RunError},
    train::{TrainError, TrainSpecError},
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
    /// A run ended.
    #[error(transparent)]
    Run(RunError),
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
    /// Results that were saved could not be opened again.
    #[error("the results in '{}' cannot be opened: {why}", path.display())]
    Reopen {
        /// Their folder or file.
        path: PathBuf,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
    /// A session could not be opened again.
    #[error("the session '{}' cannot be opened: {why}", path.display())]
    Session {
        /// Its file.
        path: PathBuf,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
    /// The data of results, or of a session, are no longer where they were.
    #[error("the data of '{}' are no longer at '{}'", path.display(), gone.display())]
    Moved {
        /// The results, or the session.
        path: PathBuf,
        /// What is gone.
        gone: PathBuf,
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

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            RunError::Internal(fault) => Self::Panicked(fault),
            other => Self::Run(other),
        }
    }
}

/// What ends a run ends other work as well.
macro_rules! as_of_a_run {
    ($($error:ty),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                RunError::from(error).into()
            }
        }
    )*};
}

as_of_a_run!(
    DeviceError,
    Limit,
    MemoryShortage,
    TrainError,
    TrainSpecError,
    UmapError,
    std::io::Error
);

impl MaybeCancelled for Error {
    fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled(_) | Self::Load(LoadError::Cancelled(_))
        )
    }
}

impl Error {
    /// The exit code of the command line: one for each kind of failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) | Self::Load(LoadError::Cancelled(_)) => 130,
            Self::Usage(_) => 2,
            Self::Load(LoadError::Limit(_) | LoadError::Memory { .. }) => 4,
            Self::Load(_) | Self::Reopen { .. } | Self::Session { .. } | Self::Moved { .. } => 3,
            Self::Run(error) => match error {
                RunError::Cancelled(_) => 130,
                RunError::Noise(_) => 2,
                RunError::Spec(_)
                | RunError::Limit(_)
                | RunError::Memory(_)
                | RunError::EarlierNeeded
                | RunError::TrainOn(_)
                | RunError::ClustersNeeded => 4,
                RunError::Device(_) | RunError::Engine { .. } => 5,
                RunError::Disk(_) => 6,
                RunError::Umap(error) if error.is_setting() => 4,
                RunError::Train(_) | RunError::Umap(_) => 7,
                RunError::Internal(_) => 70,
            },
            Self::Write { .. }
            | Self::Exists(_)
            | Self::Foreign(_)
            | Self::Busy(_)
            | Self::InTheWay(_)
            | Self::Elsewhere { .. } => 6,
            Self::Differs { .. } => 9,
            Self::Panicked(_) => 70,
        }
    }

    /// Whether the same work may go on, on the CPU.
    pub fn is_device_failure(&self) -> bool {
        matches!(
            self,
            Self::Run(RunError::Device(_) | RunError::Engine { .. })
        )
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
