//! The umbrella error, and the one place where errors become words for the user.

use std::{path::PathBuf, sync::Arc};

use crate::{
    analysis::{consensus::Consensus, kmeans::KMeansError, umap::UmapError},
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

/// What is said of every setting that is.
const OUT_OF_RANGE: &str = "A setting is out of range";

/// What to do about a setting beyond its bound.
fn lower(limit: &Limit) -> String {
    format!("Lower {}; without it the default is used.", limit.name)
}

/// An error as the user reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserMessage {
    /// What did not work, in a few words.
    pub title: String,
    /// What happened, in one sentence.
    pub text: String,
    /// What to do about it.
    pub hint: String,
    /// What the machine said, for whoever can use it; shown when asked for.
    pub details: String,
}

impl UserMessage {
    /// A message without details.
    pub fn new(title: impl Into<String>, text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            hint: hint.into(),
            details: String::new(),
        }
    }
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
            Self::Disk(_) | Self::Write { .. } | Self::Exists(_) | Self::Foreign(_) => 6,
            Self::Train(_) | Self::Umap(_) => 7,
            Self::Differs { .. } => 9,
            Self::Panicked(_) => 70,
        }
    }

    /// Whether the same work may go on, on the CPU.
    pub fn is_device_failure(&self) -> bool {
        matches!(self, Self::Device(_) | Self::Engine { .. })
    }

    /// The error in words.
    pub fn message(&self) -> UserMessage {
        let (title, hint) = match self {
            Self::Cancelled(_) => ("Cancelled", String::new()),
            Self::Usage(_) => ("That is not how it is used", "See 'hdumec --help'.".into()),
            Self::Limit(limit) | Self::Load(LoadError::Limit(limit)) => {
                (OUT_OF_RANGE, lower(limit))
            }
            Self::Load(error) => ("The data could not be loaded", error.advice()),
            Self::Memory(shortage) => ("There is not enough memory", shortage.advice()),
            Self::Spec(error) => (
                OUT_OF_RANGE,
                match error {
                    TrainSpecError::Clusters { .. } => "Set another number of clusters.".into(),
                    TrainSpecError::Limit(limit) => lower(limit),
                    _ => "Change it; without it the value of the recipe is used.".into(),
                },
            ),
            Self::ClustersNeeded => (
                "How many clusters?",
                "There are no labels of two classes or more to go by: set it before training.".into(),
            ),
            Self::Device(DeviceError::NoSuchAdapter { .. }) => (
                "There is no such device",
                "Choose one of these, or auto, gpu or cpu.".into(),
            ),
            Self::Device(_) => (
                "The GPU could not be used",
                "Choose the CPU instead, or update the graphics driver.".into(),
            ),
            Self::Engine {
                source: EngineError::TooLarge,
                ..
            }
            | Self::Train(TrainError::Engine(EngineError::TooLarge)) => (
                "The data do not fit on the GPU",
                "Choose the CPU: it reads them from the disk.".into(),
            ),
            Self::Engine { interrupted, .. } => (
                "The device failed while training",
                match &interrupted.point {
                    Some(point) => format!(
                        "Training can go on, on the CPU, from {} epoch {}.",
                        point.position.stage.key().replace('_', " "),
                        point.position.epoch
                    ),
                    None => "Training can start again on the CPU.".into(),
                },
            ),
            Self::Train(
                TrainError::NotFinite { .. } | TrainError::KMeans(KMeansError::NotFinite { .. }),
            ) => (
                "Training broke down",
                "Lower the learning rate, and look for extreme values in the data.".into(),
            ),
            Self::Train(_) => (
                "Training failed",
                "Choose fewer clusters, or check the data for samples that are all alike.".into(),
            ),
            Self::Umap(UmapError::Diverged) => (
                "The map could not be drawn",
                "Lower the learning rate of the map.".into(),
            ),
            Self::Umap(_) => (
                "The map could not be drawn",
                "Choose at least 2 neighbours but fewer than there are samples, and a smallest distance below the spread.".into(),
            ),
            Self::Disk(_) => (
                "The disk did not keep up",
                "Make room on it: the values do not fit in memory and are kept in your cache folder.".into(),
            ),
            Self::Write { .. } => (
                "The results could not be saved",
                "Choose a folder you may write to, with enough room.".into(),
            ),
            Self::Exists(_) => (
                "There are results already",
                "Choose another folder, or allow replacing them.".into(),
            ),
            Self::Foreign(_) => (
                "That folder is in use",
                "Choose a new or empty folder, so that nothing of yours is replaced.".into(),
            ),
            Self::Differs { reasons, .. } => ("Not the same", reasons.join("\n  ")),
            Self::Panicked(_) => (
                "Something went wrong inside hdumec",
                "Your data is unharmed. Please report this with the details.".into(),
            ),
        };
        let said = self.to_string();
        let (text, details) = match self.in_plain_words() {
            Some(plain) => (plain, said),
            None => (sentence(&said), String::new()),
        };
        UserMessage {
            title: title.into(),
            text,
            hint,
            details,
        }
    }

    /// A sentence in place of what only the machine's makers understand.
    fn in_plain_words(&self) -> Option<String> {
        Some(match self {
            Self::Device(DeviceError::Start { name, .. }) => {
                format!("'{name}' did not start.")
            }
            Self::Engine {
                source: EngineError::Device(_),
                ..
            }
            | Self::Train(TrainError::Engine(EngineError::Device(_))) => {
                "The device that computes stopped working.".into()
            }
            Self::Panicked(_) => "A fault in the program stopped this piece of work.".into(),
            _ => return None,
        })
    }
}

fn difference(furthest: Option<f64>) -> String {
    match furthest {
        Some(far) => format!("a score or a cluster's share differs by {far:.4}"),
        None => "not the same scores are known".into(),
    }
}

/// Begins with a capital letter, unless it begins with a path or a name, and ends with a full stop.
fn sentence(text: &str) -> String {
    let word = text.split([' ', ',', ':']).next().unwrap_or_default();
    let mut letters = text.chars();
    let mut sentence: String = match letters.next() {
        Some(first) if word.chars().all(char::is_alphabetic) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_string(),
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_a_sentence_with_advice() {
        for error in [
            Error::ClustersNeeded,
            Error::Device(DeviceError::NoGpu),
            Error::Disk(std::io::Error::other("it is full")),
            Error::Exists(PathBuf::from("out")),
            Error::Foreign(PathBuf::from("out")),
            Error::Panicked("a reason".into()),
        ] {
            let message = error.message();
            assert!(message.text.ends_with('.'), "{message:?}");
            assert!(!message.hint.is_empty() && !message.title.is_empty());
            let first = message.text.chars().next();
            assert!(first.is_some_and(|c| c.is_uppercase() || !c.is_alphabetic()));
            assert_ne!(error.exit_code(), 0);
        }
    }

    #[test]
    fn paths_stay_as_they_are() {
        assert_eq!(sentence("data/a.csv is empty."), "data/a.csv is empty.");
        assert_eq!(sentence("no number"), "No number.");
    }

    #[test]
    fn what_the_machine_said_is_kept_apart() {
        let message = Error::Panicked("index 3 out of range".into()).message();
        assert!(!message.text.contains("index 3"), "{message:?}");
        assert!(message.details.contains("index 3"), "{message:?}");
        assert!(Error::ClustersNeeded.message().details.is_empty());
        let cancelled = Error::from(DeviceError::Cancelled(Cancelled));
        assert!(cancelled.is_cancelled() && cancelled.exit_code() == 130);
    }
}
