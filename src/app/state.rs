//! Everything the window shows.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
};

use super::{
    Checking, Command, Comparing, LoadedData, Page, Preview, RunState, Servers, SessionFile,
    Settings, Source, Suggestion, Then, describing::DescribedRuns, sessions::Kept, tasks::Tasks,
    train_on::Model,
};
use crate::{
    document::{
        DataId, Document, History, RunId, Shelf,
        autosave::{Autosave, LeftSession},
        session,
    },
    error::{Error, UserMessage},
    model::device::Adapter,
    pipeline::{
        self, AnalysisResult, AnalysisSpec, Estimate, LeftRun, Lens, RestingRun, RunError, TrainOn,
    },
};

/// What a worker has opened.
#[derive(Debug)]
pub(super) enum Opened {
    Data(LoadedData, DescribedRuns, Option<Box<TrainOn>>),
    Results(OpenedResults),
    Session(Box<session::Opened>),
}

/// Results that were saved, with their data.
#[derive(Debug)]
pub(super) struct OpenedResults {
    pub data: LoadedData,
    /// The kind of uncertainty to look at first.
    pub lens: Lens,
    /// Their folder.
    pub folder: PathBuf,
    pub result: Arc<AnalysisResult>,
    /// Whether the data have the values that they had then.
    pub same_values: bool,
}

/// What is known about this machine's devices.
#[derive(Clone, Debug, Default)]
pub enum Devices {
    /// Not looked yet, or still looking.
    #[default]
    Probing,
    /// These adapters were found.
    Known(Vec<Adapter>),
    /// The driver did not answer.
    Failed(String),
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good to know.
    Info,
    /// Something did not work.
    Problem,
    /// Something is asked before it is done.
    Question,
}

/// What a notice waits for: it goes once that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The user has read it.
    Dismissed,
    /// Other data are being opened.
    Opened,
    /// A new run, or other data.
    NextRun,
    /// The training has ended.
    TrainingEnds,
    /// What it says is missing for a training is there.
    Ready,
    /// What it says is at stake is so no more.
    NothingAtStake,
    /// Results are saved, or could not be.
    SavingEnds,
}

/// A card with a message.
#[derive(Clone, Debug)]
pub struct Notice {
    /// For [`super::Command::Dismiss`].
    pub id: u64,
    /// How it is meant.
    pub kind: NoticeKind,
    /// What it says.
    pub message: UserMessage,
    /// Its buttons: what they say, and what they do.
    pub answers: Vec<(String, Command)>,
    /// When it goes by itself.
    pub until: Until,
}

impl Notice {
    /// Whether it asks if the window may close.
    pub(super) fn asks_to_close(&self) -> bool {
        self.has_answer(|command| matches!(command, Command::Anyway(c) if **c == Command::Close))
    }

    /// Whether one of its buttons does such a thing.
    pub(super) fn has_answer(&self, does: impl Fn(&Command) -> bool) -> bool {
        self.answers.iter().any(|(_, command)| does(command))
    }
}

/// As what results are saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedAs {
    /// Into the folder that was asked for.
    Folder,
    /// Into another folder, as that one could not be used.
    Elsewhere,
    /// Into one file for Python, which holds less than a folder.
    ForPython,
}

/// Where results are, or are being, saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The folder or file; while they are saved elsewhere, the folder that could not be used.
    pub directory: PathBuf,
    /// As what.
    pub saved_as: SavedAs,
    /// Which results; they need not be kept for this.
    pub(super) result: Weak<AnalysisResult>,
}

/// The state of the application; owned by the main thread alone.
#[derive(Default)]
pub struct AppState {
    /// The page shown.
    pub page: Page,
    /// Remembered settings.
    pub settings: Settings,
    /// What the user makes; changed by edits alone.
    pub document: Document,
    /// The edits so far.
    pub history: History,
    /// The data and results that both speak of.
    pub(super) shelf: Shelf,
    /// While a drag or a text may still go on: which.
    pub gesture: Option<u64>,
    /// The session's file.
    pub session: SessionFile,
    /// What is kept of it should the window be killed.
    pub(super) kept: Kept,
    /// A session of a window that was killed, while it is being opened.
    pub(super) recovering: Option<(Arc<Autosave>, LeftSession)>,
    /// One whose data were not where they had been.
    pub(super) unrecovered: Option<LeftSession>,
    /// Where to look for the data of what is being loaded.
    pub(super) moved_to: Vec<PathBuf>,
    /// Of a session or results whose data are to be shown: the window opens a dialog.
    pub looking_for: Option<PathBuf>,
    /// What can compute.
    pub devices: Devices,
    /// Machines that lend a device.
    pub servers: Servers,
    /// The data of the document, if any.
    pub data: Option<LoadedData>,
    /// The run at work, or else the one that is shown, or that ended without results.
    pub run: Option<RunState>,
    /// The data that the run at work is on.
    pub(super) training_on: Option<DataId>,
    /// What trainings have left should the window be killed, until their results are saved.
    pub(super) resting: Vec<(RunId, RestingRun)>,
    /// Numbers of clusters being tried, or tried.
    pub suggestion: Option<Suggestion>,
    /// Steps of the preparation being tried, or tried.
    pub preview: Option<Preview>,
    /// The uncertainty being checked.
    pub checking: Option<Checking>,
    /// Other methods at work on the same data.
    pub comparing: Option<Comparing>,
    /// Messages, the oldest first.
    pub notices: Vec<Notice>,
    /// What is being loaded.
    pub loading: Option<Source>,
    /// Where results are being saved to.
    pub saving: Option<Saved>,
    /// Where results were saved, one entry for each that is.
    pub(super) saved: Vec<Saved>,
    /// What follows once that is there.
    pub(super) then: Then,
    /// Whether the next training takes nothing over from earlier ones.
    pub(super) live: bool,
    /// Settings to take over once these data are there, of a training that goes on.
    pub(super) spec_when_loaded: Option<(Source, AnalysisSpec)>,
    /// A run whose model is to be trained on once its samples are there.
    pub(super) model: Option<Model>,
    /// Every worker.
    pub(super) tasks: Tasks,
    /// A training that was cut off, to be offered after a session that was.
    pub(super) left_run: Option<LeftRun>,
    pub(super) next_notice: u64,
    /// What is opened once the training has ended that was told to end for it.
    pub(super) opened_next: Option<Command>,
    /// While a command is carried out that may lose unsaved results.
    pub(super) anyway: bool,
    /// Whether the window may close.
    pub closing: bool,
    /// Whether it closes once the results are saved.
    pub(super) close_when_saved: bool,
    pub(super) wake: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl AppState {
    /// A state with remembered settings. `wake` is called from workers when there is news.
    pub fn new(settings: Settings, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let spec = AnalysisSpec {
            // The number of clusters belongs to the data, not to the habits of the user.
            clusters: None,
            ..settings.spec.clone()
        };
        Self {
            document: Document {
                spec,
                ..Document::default()
            },
            settings,
            wake: Some(wake),
            ..Self::default()
        }
    }

    /// Whether anything is going on that the window should watch.
    pub fn is_busy(&self) -> bool {
        self.tasks.are_busy() || self.is_keeping() || self.is_training()
    }

    /// Whether the user holds the run at work.
    pub fn is_held(&self) -> bool {
        let run = self.run.as_ref();
        run.is_some_and(|run| run.status == super::Status::Paused)
    }

    /// Whether a run is at work, paused or stopping.
    pub fn is_training(&self) -> bool {
        self.run.as_ref().is_some_and(RunState::is_active)
    }

    /// Whether a page has something to show, and what it shows or waits for.
    pub fn page_is_open(&self, page: Page) -> Result<&'static str, &'static str> {
        let result = self.result().is_some();
        match page {
            Page::Data => Ok("What is loaded"),
            Page::Prepare if self.data.is_none() => Err("Load data first"),
            Page::Prepare if self.data.as_ref().is_some_and(|data| data.report.is_none()) => {
                Err("The demo needs no preparation")
            }
            Page::Prepare => Ok("What is done with the values before the model gets them"),
            Page::Train if self.data.is_none() => Err("Load data first"),
            Page::Train => Ok("Settings and live curves"),
            Page::Explore if !result => Err("Opens when stage 1 is done"),
            Page::Explore => Ok("The maps, by label and by uncertainty"),
            Page::Check if !result => Err("Opens when stage 1 is done"),
            Page::Check => Ok("Whether the uncertainty means what it says"),
            Page::Compare if !result => Err("Opens when stage 1 is done"),
            Page::Compare => Ok("Other methods on the same data"),
            Page::Results if !result => Err("Opens when stage 1 is done"),
            Page::Results => Ok("Scores and saving"),
        }
    }

    /// Whether the data can be trained on as things are, or what is missing.
    pub fn ready_to_train(&self) -> Result<(usize, Estimate), UserMessage> {
        self.ready_with(&self.document.spec)
    }

    /// The same with other settings.
    pub fn ready_with(&self, spec: &AnalysisSpec) -> Result<(usize, Estimate), UserMessage> {
        let Some(data) = &self.data else {
            let text = "Open files, or try the demo.";
            return Err(UserMessage::new("No data yet", text, ""));
        };
        let check = || {
            let (network, estimate) = spec.check(&data.dataset)?;
            estimate.fits(pipeline::recently_available_memory())?;
            Ok::<_, Error>((network.clusters, estimate))
        };
        check().map_err(|error| {
            let mut message = error.message();
            if matches!(error, Error::Run(RunError::ClustersNeeded)) {
                message.hint += " 'How many?' tries some on the data.";
            }
            message
        })
    }

    /// Shows a card that stays until it is dismissed; problems and questions go with the next piece of work.
    pub(super) fn notify(
        &mut self,
        kind: NoticeKind,
        message: UserMessage,
        answer: Option<(&'static str, Command)>,
    ) {
        self.notify_until(Until::Dismissed, kind, message, answer);
    }

    /// Shows a card for as long as it holds. A new problem or question takes the place of the one before.
    pub(super) fn notify_until(
        &mut self,
        until: Until,
        kind: NoticeKind,
        message: UserMessage,
        answer: Option<(&'static str, Command)>,
    ) {
        let answer = answer.map(|(text, command)| (text.to_string(), command));
        self.notify_with(until, kind, message, answer.into_iter().collect());
    }

    /// The same with any number of buttons.
    pub(super) fn notify_with(
        &mut self,
        until: Until,
        kind: NoticeKind,
        message: UserMessage,
        answers: Vec<(String, Command)>,
    ) {
        self.notices.retain(|n| {
            n.message != message && (n.kind == NoticeKind::Info || kind == NoticeKind::Info)
        });
        self.next_notice += 1;
        self.notices.push(Notice {
            id: self.next_notice,
            kind,
            message,
            answers,
            until,
        });
    }

    /// Takes the notices away that waited for this.
    pub(super) fn forget(&mut self, until: Until) {
        self.notices.retain(|n| n.until != until);
    }

    /// Takes the notices away whose reason is gone as things are.
    pub(super) fn forget_what_is_over(&mut self) {
        if self.notices.is_empty() {
            return;
        }
        // The same matter may be told with other numbers by now: its title says what it is.
        let title = |message: UserMessage| message.title;
        let training = self.is_training();
        let stakes = [self.at_stake(), self.work_at_stake()].map(|stake| stake.map(title));
        let missing = self.ready_to_train().err().map(title);
        self.notices.retain(|n| match n.until {
            Until::TrainingEnds => training,
            Until::NothingAtStake => stakes
                .iter()
                .flatten()
                .any(|title| *title == n.message.title),
            Until::SavingEnds => self.tasks.save.is_busy() || self.tasks.session.is_busy(),
            Until::Ready => missing.as_ref() == Some(&n.message.title),
            Until::Dismissed | Until::Opened | Until::NextRun => true,
        });
    }

    /// Whether a finished training can be looked at further, by a check or a comparison, or what has to come first.
    pub fn ready_for_more(&self) -> Result<(), &'static str> {
        match self.at_work_beside() {
            _ if self.is_training() => Err("Possible when the training is done"),
            Some("check") => Err("Possible when the check is done"),
            Some(_) => Err("Possible when the comparison is done"),
            None if self.result().is_some() => Ok(()),
            None => Err("Train first"),
        }
    }

    pub(super) fn waker(&self) -> impl Fn() + Send + 'static {
        let wake = self.wake.clone();
        move || {
            if let Some(wake) = &wake {
                wake();
            }
        }
    }
}
