//! What the user has chosen to see of a run.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::pipeline::Lens;

/// What the colours of the left map mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Groups {
    /// The known classes.
    #[default]
    Label,
    /// What was found.
    Cluster,
}

/// What is compared on the table of markers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkersOf {
    /// A group of the left map, counted from 0.
    Group(u32),
    /// The samples selected; the first group where there are none.
    #[default]
    Selection,
}

/// The table of markers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarkersView {
    /// Whether it stands in the place of the maps.
    pub shown: bool,
    /// Whose markers.
    pub of: MarkersOf,
    /// The group of the left map that they are held against, counted from 0; all other samples where there is none.
    pub against: Option<u32>,
    /// The modality, counted from 0; the first whose features have a meaning of their own where none is chosen.
    pub modality: Option<usize>,
}

/// What the user has chosen to see. Samples are named by their ids, so that a selection holds for other runs and other preparations too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Which embedding: after stage 1 or 2.
    pub stage: u8,
    /// Colours of the left map.
    pub groups: Groups,
    /// Colours of the right map.
    pub lens: Lens,
    /// Labels and clusters switched off in the legend, counted from 0.
    pub hidden: [BTreeSet<usize>; 2],
    /// Part of the colour bar that stands out, as shares of it.
    pub range: (f32, f32),
    /// Whether only the least certain samples stand out ...
    pub ambiguous: bool,
    /// ... and how many percent of them.
    pub percent: f32,
    /// Ids of the samples selected on a map.
    pub selection: Option<Arc<Vec<String>>>,
    /// Id of the sample that was clicked, whose values stay in view.
    pub pinned: Option<String>,
    /// The table of markers.
    pub markers: MarkersView,
}

impl Default for View {
    fn default() -> Self {
        Self {
            stage: 2,
            groups: Groups::default(),
            lens: Lens::default(),
            hidden: Default::default(),
            range: (0.0, 1.0),
            ambiguous: false,
            percent: 5.0,
            selection: None,
            pinned: None,
            markers: MarkersView::default(),
        }
    }
}

impl View {
    /// A fresh view of data with or without labels.
    pub(super) fn of(labelled: bool) -> Self {
        Self {
            groups: match labelled {
                true => Groups::Label,
                false => Groups::Cluster,
            },
            ..Self::default()
        }
    }

    /// The same for another run: cluster numbers and values mean something else there; labels and samples do not.
    pub(super) fn of_another_run(&mut self) {
        self.hidden[1].clear();
        (self.markers.of, self.markers.against) = Default::default();
        self.range = (0.0, 1.0);
        self.stage = 2;
    }

    /// Groups of the left map that are switched off.
    pub fn hidden(&self) -> &BTreeSet<usize> {
        &self.hidden[self.groups as usize]
    }

    /// To switch groups off and on: labels and clusters each keep theirs.
    pub fn hidden_mut(&mut self) -> &mut BTreeSet<usize> {
        &mut self.hidden[self.groups as usize]
    }

    /// What is otherwise than before, in a few words.
    pub(super) fn change_from(&self, before: &Self) -> &'static str {
        // Every field has to say what it is called.
        let Self {
            stage,
            groups,
            lens,
            hidden,
            range,
            ambiguous,
            percent,
            selection,
            pinned,
            markers,
        } = self;
        let changes = [
            (*selection != before.selection, "Select samples"),
            (*lens != before.lens, "Colour the right map"),
            (*groups != before.groups, "Colour the left map"),
            (*stage != before.stage, "Show another embedding"),
            (*hidden != before.hidden, "Show and hide groups"),
            (*range != before.range, "Bring out a range"),
            (
                *ambiguous != before.ambiguous,
                "Bring out the least certain",
            ),
            (*percent != before.percent, "Share of the least certain"),
            (*pinned != before.pinned, "Keep a sample in view"),
            (
                markers.shown != before.markers.shown,
                "Show maps or markers",
            ),
            (*markers != before.markers, "Choose markers"),
        ];
        let changed = changes.iter().find(|(changed, _)| *changed);
        changed.map_or("Change the view", |(_, name)| name)
    }
}
