//! Errors as the user reads them: what did not work, what happened, what to do.

use super::Error;
use crate::{
    analysis::{kmeans::KMeansError, umap::UmapError},
    io::LoadError,
    limit::Limit,
    model::device::DeviceError,
    pipeline::RunError,
    store::room,
    train::{EngineError, TrainError, TrainSpecError},
};

/// What is said of every setting that is.
const OUT_OF_RANGE: &str = "A setting is out of range";

/// What to do about a fault of the program.
const REPORT: &str = "Your data is unharmed. Please report this with the details.";

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
    /// The error in words.
    pub fn message(&self) -> UserMessage {
        let (title, hint) = match self {
            Self::Cancelled(_) => ("Cancelled", String::new()),
            Self::Usage(_) => ("That is not how it is used", "See 'hdumec --help'.".into()),
            Self::Load(LoadError::Limit(limit)) => (OUT_OF_RANGE, lower(limit)),
            Self::Load(error) => ("The data could not be loaded", error.advice()),
            Self::Run(error) => run(error),
            Self::Write { source, .. } => ("The results could not be saved", room::advice(source).into()),
            Self::Exists(_) => (
                "There are results already",
                "Choose another folder, or allow replacing them.".into(),
            ),
            Self::Foreign(_) => (
                "That folder is in use",
                "Choose a new or empty folder, so that nothing of yours is replaced.".into(),
            ),
            Self::Busy(_) => (
                "Another hdumec is writing there",
                "Choose another folder, or wait until it has finished.".into(),
            ),
            Self::InTheWay(_) => (
                "Something of yours is in the way",
                "Move it or rename it, or choose another folder: hdumec replaces nothing but its own files.".into(),
            ),
            Self::Elsewhere { .. } => (
                "The results are saved in another place",
                "Nothing is lost: move that folder to where you want it.".into(),
            ),
            Self::Reopen { hint, .. } => ("These results could not be opened", hint.clone()),
            Self::Session { hint, .. } => ("This session could not be opened", hint.clone()),
            Self::Moved { .. } => (
                "The data are not where they were",
                "Show where they are now; or open them from there first, then this again.".into(),
            ),
            Self::Differs { reasons, .. } => ("Not the same", reasons.join("\n  ")),
            Self::Panicked(_) => ("Something went wrong inside hdumec", REPORT.into()),
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
            Self::Run(RunError::Device(DeviceError::Start { name, .. })) => {
                format!("'{name}' did not start.")
            }
            Self::Run(RunError::Engine {
                source: EngineError::Device(_),
                ..
            }) => "The device that computes stopped working.".into(),
            Self::Panicked(_) => "A fault in the program stopped this piece of work.".into(),
            _ => return None,
        })
    }
}

/// What did not work, and what to do, where a run ended.
fn run(error: &RunError) -> (&'static str, String) {
    match error {
        RunError::Cancelled(_) => ("Cancelled", String::new()),
        RunError::Noise(_) => ("That is not how it is used", "See 'hdumec --help'.".into()),
        RunError::Limit(limit) => (OUT_OF_RANGE, lower(limit)),
        RunError::Memory(shortage) => ("There is not enough memory", shortage.advice()),
        RunError::Spec(error) => (
            OUT_OF_RANGE,
            match error {
                TrainSpecError::Clusters { .. } => "Set another number of clusters.".into(),
                TrainSpecError::Limit(limit) => lower(limit),
                _ => "Change it; without it the value of the recipe is used.".into(),
            },
        ),
        RunError::EarlierNeeded => (
            "The run that this goes on from is missing",
            "'hdumec rerun' repeats both from a run.json; 'hdumec train-on' goes on from saved results.".into(),
        ),
        RunError::TrainOn(_) => (
            "That model cannot be trained on",
            "Train anew on these samples.".into(),
        ),
        RunError::ClustersNeeded => (
            "How many clusters?",
            "There are no labels of two classes or more, that at least half of the samples have, to go by: set it before training.".into(),
        ),
        RunError::Device(DeviceError::NoSuchAdapter { .. }) => (
            "There is no such device",
            "Choose one of these, or auto, gpu or cpu.".into(),
        ),
        RunError::Device(DeviceError::Remote { reason, .. }) => (
            "The device of another machine could not be used",
            reason.advice().into(),
        ),
        RunError::Device(DeviceError::Servers { .. }) => (
            "The list of other machines cannot be used",
            "Mend the file, or delete it and add the machines again.".into(),
        ),
        RunError::Device(DeviceError::Serve { .. }) => (
            "No device can be lent",
            "Choose another port with --port, and check the files of the key and the token.".into(),
        ),
        RunError::Device(_) => (
            "The GPU could not be used",
            "Choose the CPU instead, or update the graphics driver.".into(),
        ),
        RunError::Engine {
            source: EngineError::TooLarge,
            ..
        } => (
            "The data do not fit on the GPU",
            "Choose the CPU: it reads them from the disk.".into(),
        ),
        RunError::Engine { interrupted, .. } => (
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
        RunError::Train(
            TrainError::NotFinite { .. } | TrainError::KMeans(KMeansError::NotFinite { .. }),
        ) => (
            "Training broke down",
            "Lower the learning rate, and look for extreme values in the data.".into(),
        ),
        RunError::Train(_) => (
            "Training failed",
            "Choose fewer clusters, or check the data for samples that are all alike.".into(),
        ),
        RunError::Umap(UmapError::Diverged) => (
            "The map could not be drawn",
            "Lower the learning rate of the map.".into(),
        ),
        RunError::Umap(error) if error.is_setting() => (
            OUT_OF_RANGE,
            "Change it; without it the default is used.".into(),
        ),
        RunError::Umap(_) => (
            "The map could not be drawn",
            "Look for extreme values in the data, or lower the learning rates.".into(),
        ),
        RunError::Disk(error) => ("The disk did not keep up", room::advice_on_cache(error)),
        RunError::Internal(_) => ("Something went wrong inside hdumec", REPORT.into()),
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
    use std::path::PathBuf;

    use super::*;
    use crate::job::{Cancelled, MaybeCancelled as _};

    #[test]
    fn every_message_is_a_sentence_with_advice() {
        for error in [
            RunError::ClustersNeeded.into(),
            RunError::Device(DeviceError::NoGpu).into(),
            RunError::Disk(std::io::Error::other("it is full")).into(),
            Error::Exists(PathBuf::from("out")),
            Error::Foreign(PathBuf::from("out")),
            Error::Busy(PathBuf::from("out")),
            Error::InTheWay(PathBuf::from("out")),
            Error::Elsewhere {
                directory: PathBuf::from("out-2"),
                source: Box::new(Error::Busy(PathBuf::from("out"))),
            },
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
        assert!(
            Error::from(RunError::ClustersNeeded)
                .message()
                .details
                .is_empty()
        );
        let cancelled = Error::from(RunError::from(DeviceError::Cancelled(Cancelled)));
        assert!(cancelled.is_cancelled() && cancelled.exit_code() == 130);
    }
}
