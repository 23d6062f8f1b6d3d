//! What the user makes, as one value: which data and how they are prepared, the parameters of the next run, the runs, and what is
//! shown of them.
//!
//! A [`Document`] is small: what is large and never changes, data and results, stands on a [`Shelf`] and is spoken of by number. Every
//! change is an [`Edit`]. As documents are cheap to copy, the [`History`] holds those that were before each edit, and going back is
//! exact by construction. A [`session`] file holds a document with what it speaks of.

pub mod autosave;
pub mod carried;
mod edit;
mod history;
mod layout;
mod mend;
mod selection;
pub mod session;
mod shelf;
mod view;

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

pub use edit::{Described, Edit};
pub use history::{History, Step};
pub use layout::{Colour, Layout, Map, Panel, Shares};
pub use selection::{Combine, NamedSelection, Outline};
pub use shelf::{DataId, LoadedData, RunId, Shelf};
pub use view::{ColourScale, Ends, Hidden, LensBy, MOST_RARE, MarkersOf, MarkersView, View};

use crate::{
    data::SampleSet,
    method::Method,
    pipeline::{AnalysisSpec, NoiseInjectionSpec, OwnColour},
    prepare::Recipe,
};

/// What the user makes. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// The data, if any are open.
    pub data: Option<DataId>,
    /// Steps of the preparation that were changed but not used yet, by modality.
    pub steps: BTreeMap<String, Recipe>,
    /// The parameters of the next run.
    pub spec: AnalysisSpec,
    /// The runs, the earliest first.
    pub runs: Vec<NamedRun>,
    /// The one whose results are shown.
    pub shown: Option<RunId>,
    /// What is shown of it.
    pub view: View,
    /// Colours of groups, in the place of those that they have by themselves.
    pub colours: Vec<OwnColour>,
    /// Selections that were kept, the earliest first.
    pub selections: Vec<NamedSelection>,
    /// The noise of the next check.
    pub noise: NoiseInjectionSpec,
    /// Methods that the next comparison leaves out.
    pub left_out: Vec<Method>,
}

/// A run with the name that the user knows it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRun {
    /// Where its results are on the shelf.
    pub id: RunId,
    /// Its name.
    pub name: String,
    /// What the user calls its clusters, counted from 0; those without a name go by their number.
    #[serde(default)]
    pub cluster_names: BTreeMap<u32, String>,
}

impl NamedRun {
    /// A run whose clusters have no names.
    pub fn new(id: RunId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            cluster_names: BTreeMap::new(),
        }
    }
}

impl Document {
    /// The selections that were kept: their names, and samples.
    pub fn kept_selections(&self) -> Vec<(String, SampleSet)> {
        let kept = self.selections.iter();
        kept.map(|kept| (kept.name.clone(), kept.samples.clone()))
            .collect()
    }

    /// What the user calls the clusters of a run that is listed.
    pub fn cluster_names_of(&self, run: RunId) -> Option<&BTreeMap<u32, String>> {
        let run = self.runs.iter().find(|known| known.id == run);
        run.map(|run| &run.cluster_names)
    }

    /// The name of a run that is listed.
    pub fn name_of(&self, run: RunId) -> Option<&str> {
        let run = self.runs.iter().find(|known| known.id == run);
        run.map(|run| run.name.as_str())
    }

    /// A name for a new run that no other has.
    pub fn free_name(&self) -> String {
        let names = (self.runs.len() + 1..).map(|number| format!("Run {number}"));
        self.first_free(names)
    }

    /// The same that begins otherwise, with a number only where it needs one.
    pub fn free_name_like(&self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted} {number}"));
        self.first_free(std::iter::once(wanted.to_owned()).chain(numbered))
    }

    fn first_free(&self, mut names: impl Iterator<Item = String>) -> String {
        let taken = |name: &String| self.runs.iter().any(|run| run.name == *name);
        names.find(|name| !taken(name)).unwrap_or_default()
    }
}

/// The steps of the window. Not part of the document, as to look elsewhere changes nothing; every step of the history knows the page
/// that it was made on.
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

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
