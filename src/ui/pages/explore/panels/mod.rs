//! The panels of the page: one a file. To add one, write its file as `table.rs` is written, and name it in [`make`] and in [`KINDS`]; what a
//! session is to keep of it goes into [`document::Panel`](crate::document::Panel).

mod composition;
mod distribution;
mod dots;
mod gate;
mod grid;
mod map;
mod markers;
mod noise;
mod reasons;
mod table;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{
    colouring::Colouring,
    picking::{self, Picking},
};
use crate::{
    data::{Axis, SampleSet},
    document::{Panel, View},
    export::Sheet,
    pipeline::{AnalysisResult, GroupBy, Lens},
    ui::{scatter::Camera, theme},
};

pub(super) use map::pinned;

/// Makes a table, on a worker.
pub(super) type MakeTable = Box<dyn FnOnce() -> Sheet + Send>;

/// A panel.
pub(super) trait ShowPanel: Send {
    /// What a session keeps of it.
    fn kept(&self) -> Panel;

    /// What stands on its tab.
    fn title(&self, scene: &Scene<'_>) -> String;

    /// The same panel with what it has found, and with what a session does not keep: that is what a figure draws. Without it a figure
    /// makes the panel anew from what a session keeps.
    fn twin(&self) -> Option<Box<dyn ShowPanel>> {
        None
    }

    /// What it shows as a table, if that is one and is there.
    fn table(&self, _: &Scene<'_>) -> Option<MakeTable> {
        None
    }

    /// Draws it into all the room there is.
    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>);
}

/// What panels show, and what they may change.
pub(super) struct Scene<'a> {
    pub result: &'a Arc<AnalysisResult>,
    /// The groups and the values that are chosen for the page, and what stands out.
    pub colouring: &'a Colouring,
    /// A change of it is a step of the history.
    pub view: &'a mut View,
    /// Finds the samples that are picked.
    pub picking: &'a mut Picking,
    /// Where the maps look, after stage 1 and 2.
    pub cameras: &'a mut [Camera; 2],
    /// The sample that every map marks.
    pub marked: Option<usize>,
    /// The sample under the pointer, once a panel has found one.
    pub hovered: Option<usize>,
    /// Whether a training is at work.
    pub at_work: bool,
    /// Whether it is a figure: then nothing is there to be clicked.
    pub on_paper: bool,
}

impl Scene<'_> {
    /// Shows other values on the page.
    pub fn look_through(&mut self, lens: Lens) {
        if lens != self.view.lens {
            self.view.colour_by(lens);
        }
    }

    /// Picks the samples at the places that `find` finds; a worker does where there are many samples.
    pub fn select(&mut self, ui: &Ui, find: impl FnOnce() -> Vec<u32> + Send + 'static) {
        let how = picking::combine(ui, self.view);
        let samples = &self.result.dataset.samples;
        let find = move |samples: &Axis| SampleSet::at(samples, find());
        self.picking.pick(ui.ctx(), samples, self.view, how, find);
    }

    /// Picks the samples of a group, counted from 0.
    pub fn select_group(&mut self, ui: &Ui, group: usize) {
        let group_of = self.colouring.group_of.clone();
        self.select(ui, move || {
            let all = (0..).zip(group_of.iter());
            let inside = all.filter(|(_, of)| **of == Some(group as u32));
            inside.map(|(sample, _)| sample).collect()
        });
    }
}

/// The panel that shows what a session kept; `serial` is a number that no other panel of the window has.
pub(super) fn make(panel: &Panel, serial: u64) -> Box<dyn ShowPanel> {
    match panel {
        Panel::Map(map) => Box::new(map::MapPanel::new(*map, serial)),
        Panel::Markers => Box::new(markers::Markers::default()),
        Panel::Reasons => Box::new(reasons::Reasons::default()),
        Panel::Noise => Box::new(noise::Noise::default()),
        Panel::Table => Box::new(table::Table::default()),
        Panel::Composition { against } => Box::new(composition::Composition::new(*against)),
        Panel::Distribution { sorted } => Box::new(distribution::Distribution::new(*sorted)),
        Panel::Dots { features, tiles } => Box::new(dots::Dots::new(features.clone(), *tiles)),
        Panel::Gate { axes } => Box::new(gate::Gate::new(*axes, serial)),
    }
}

/// A kind of panel that can be added.
pub(super) struct Kind {
    pub name: &'static str,
    pub tip: &'static str,
    /// A new one, as it begins.
    pub new: fn(&AnalysisResult, &View) -> Panel,
    /// Whether there may be several.
    pub several: bool,
}

/// All kinds, in the order of the menu.
pub(super) const KINDS: [Kind; 10] = [
    Kind {
        name: "Map of groups",
        tip: "A map in the colours of the groups that are chosen",
        new: |_, _| Panel::Map(crate::document::Map::Groups),
        several: false,
    },
    Kind {
        name: "Map of values",
        tip: "A map in the colours of the values that are chosen",
        new: |_, _| Panel::Map(crate::document::Map::Values),
        several: false,
    },
    Kind {
        name: "Table of markers",
        tip: "Which features tell a group, or what is selected, from others",
        new: |_, _| Panel::Markers,
        several: false,
    },
    Kind {
        name: "Why between",
        tip: "Why samples lie between two clusters: doublets, transitions, too little measured, clusters that are halves of one, modalities that contradict each other; and what would settle it",
        new: |_, _| Panel::Reasons,
        several: false,
    },
    Kind {
        name: "Table of groups",
        tip: "How many samples each group has, and how high the values that are chosen are in it",
        new: |_, _| Panel::Table,
        several: false,
    },
    Kind {
        name: "Values by group",
        tip: "How the values that are chosen are distributed in each group",
        new: |_, _| Panel::Distribution { sorted: false },
        several: true,
    },
    Kind {
        name: "Groups against groups",
        tip: "How many samples of each group are in each cluster, or in the groups of a column",
        new: |_, view| Panel::Composition {
            against: match view.groups {
                GroupBy::Cluster => GroupBy::Label,
                _ => GroupBy::Cluster,
            },
        },
        several: true,
    },
    Kind {
        name: "Features by group",
        tip: "Mean of chosen features in each group, and the share of samples that have them",
        new: |_, view| Panel::Dots {
            features: match view.lens {
                Lens::Feature(modality, feature) => vec![(modality, feature)],
                _ => Vec::new(),
            },
            tiles: false,
        },
        several: true,
    },
    Kind {
        name: "Noise by group",
        tip: "Which features the model is unsure of in which group, by modality",
        new: |_, _| Panel::Noise,
        several: false,
    },
    Kind {
        name: "Value against value",
        tip: "One number of each sample against another, such as two proteins: a drag selects samples, as gates do",
        new: |result, view| Panel::Gate {
            axes: gate::first_axes(result, view),
        },
        several: true,
    },
];

/// Said in the place of a panel's contents.
fn instead(ui: &mut Ui, text: &str) {
    ui.centered_and_justified(|ui| {
        ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
    });
}
