//! What the user can ask for.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Theme;
use crate::{
    io::Source,
    method::Method,
    pipeline::{AnalysisSpec, InjectionSpec, LeftRun},
    prepare::Recipe,
};

/// The steps of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// What is loaded, or how to load something.
    #[default]
    Data,
    /// What is done with values before the model gets them.
    Prepare,
    /// Settings and live curves.
    Train,
    /// The maps.
    Explore,
    /// Whether the uncertainty means what it says.
    Check,
    /// Other methods on the same data.
    Compare,
    /// Scores and saving.
    Results,
}

impl Page {
    /// All pages in their order.
    pub const ALL: [Self; 7] = [
        Self::Data,
        Self::Prepare,
        Self::Train,
        Self::Explore,
        Self::Check,
        Self::Compare,
        Self::Results,
    ];
}

impl std::fmt::Display for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Data => "Data",
            Self::Prepare => "Prepare",
            Self::Train => "Train",
            Self::Explore => "Explore",
            Self::Check => "Check",
            Self::Compare => "Compare",
            Self::Results => "Results",
        })
    }
}

/// A training that was cut off; the same as another if it is in the same file.
#[derive(Clone, Debug)]
pub struct Left(pub LeftRun);

impl PartialEq for Left {
    fn eq(&self, other: &Self) -> bool {
        self.0.file() == other.0.file()
    }
}

impl From<LeftRun> for Left {
    fn from(run: LeftRun) -> Self {
        Self(run)
    }
}

/// Everything a page can ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Load data; `train` starts training as soon as it is there.
    Open {
        /// What to load.
        source: Source,
        /// Whether to train at once.
        train: bool,
    },
    /// Do it although results that were not saved are lost by it.
    Anyway(Box<Command>),
    /// Try steps on some samples of a modality.
    Preview {
        /// The modality, by its place.
        modality: usize,
        /// The steps.
        recipe: Recipe,
    },
    /// Go on with a training that was cut off.
    GoOn(Box<Left>),
    /// Delete what a training that was cut off has left.
    ForgetRun(Box<Left>),
    /// Start training with the present settings.
    Train,
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
    /// Change the settings of the analysis.
    SetSpec(Box<AnalysisSpec>),
    /// Try numbers of clusters on the present data.
    Suggest,
    /// Stop trying, and forget what was found.
    ForgetSuggestion,
    /// Put noise into a copy of the data, and see whether the uncertainty follows.
    CheckNoise(InjectionSpec),
    /// Cluster the data of the result by these methods too.
    Compare(Vec<Method>),
    /// Show another page.
    Show(Page),
    /// Change the appearance.
    SetTheme(Theme),
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
