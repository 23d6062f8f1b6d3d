//! What the user can ask for.

use std::path::PathBuf;

use super::{Page, Theme};
use crate::{
    document::{Edit, autosave::LeftSession},
    io::Source,
    method::Method,
    model::remote::KnownServer,
    pipeline::{LeftRun, NoiseInjectionSpec},
    prepare::Recipe,
};

/// What follows once data are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    /// The user looks at them.
    #[default]
    Nothing,
    /// They are trained on.
    Train,
    /// A quick look at them is trained, which the whole training then replaces by itself.
    MapsFirst,
}

/// Everything a page can ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Load data.
    Open {
        /// What to load.
        source: Source,
        /// What follows once it is there.
        then: Then,
    },
    /// Do it although results that were not saved are lost by it.
    Anyway(Box<Command>),
    /// The same for results or a session whose data are no longer where they were.
    OpenMoved {
        /// The results or the session.
        path: PathBuf,
        /// Files or folders in which the data are now.
        moved_to: Vec<PathBuf>,
    },
    /// Ask the user where the data of results or of a session are now.
    LookFor(PathBuf),
    /// Write the session into a file.
    SaveSession {
        /// The file.
        file: PathBuf,
        /// Whether the files of the data go along.
        carry: bool,
        /// Whether another file that is there may be replaced.
        replace: bool,
    },
    /// Open what a window that was killed has left.
    Recover(Box<LeftSession>),
    /// Delete it.
    ForgetLeft(Box<LeftSession>),
    /// Whether unsaved work is kept on this computer, should the window be killed.
    KeepWork(bool),
    /// Try steps on some samples of a modality.
    Preview {
        /// The modality, by its place.
        modality: usize,
        /// The steps.
        recipe: Recipe,
    },
    /// Go on with a training that was cut off.
    GoOn(Box<LeftRun>),
    /// Delete what a training that was cut off has left.
    ForgetRun(Box<LeftRun>),
    /// Start training with the present settings.
    Train,
    /// The same with fewer votes and a rougher uncertainty, for maps that come soon.
    QuickLook,
    /// Start the whole training that what is shown is a quick look of.
    Refine,
    /// Leave these samples out, by their ids, and train on with the model of the run that is shown.
    TrainOn(Vec<String>),
    /// Compute what is shown once more, and say whether it comes out the same.
    Repeat,
    /// Hold the training.
    Pause,
    /// Let it go on.
    Resume,
    /// Stop what runs; what is finished is kept.
    Cancel,
    /// Go on with an interrupted run, on the CPU.
    ContinueOnCpu,
    /// Write the results to a folder.
    Save {
        /// The folder.
        directory: PathBuf,
        /// Whether earlier results in it may be replaced.
        replace: bool,
    },
    /// Write the results to the first place that takes them, as the folder asked for does not.
    SaveElsewhere {
        /// The folder asked for.
        directory: PathBuf,
    },
    /// Write what was measured and what was found into one file for Python.
    SaveForPython {
        /// The file, `.h5ad` or `.h5mu`.
        file: PathBuf,
        /// Whether a file that is there may be replaced.
        replace: bool,
    },
    /// Change the document, as a step that can be undone.
    Do(Edit),
    /// Take so many steps back.
    Undo(usize),
    /// Make so many steps again that were undone.
    Redo(usize),
    /// Know a machine that lends a device, and compute on it.
    AddServer(Box<KnownServer>),
    /// Forget one, by its name.
    ForgetServer(String),
    /// Ask one whether it answers.
    AskServer(String),
    /// Try numbers of clusters on the present data.
    Suggest,
    /// Stop trying, and forget what was found.
    ForgetSuggestion,
    /// Put noise into a copy of the data, and see whether the uncertainty follows.
    CheckNoise(NoiseInjectionSpec),
    /// Cluster the data of the result by these methods too.
    Compare(Vec<Method>),
    /// Show another page.
    Show(Page),
    /// Change the appearance.
    SetTheme(Theme),
    /// Propose names by these sets of markers; nothing for those that come with hdumec.
    SetMarkerSets(Option<String>),
    /// Tell the user something.
    Tell {
        /// In a few words.
        title: String,
        /// In a sentence.
        text: String,
    },
    /// Take a notice away.
    Dismiss(u64),
    /// Empty the list of recent data.
    ForgetRecent,
    /// Close the window.
    Close,
}
