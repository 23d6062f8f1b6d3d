//! Linked maps and other panels: by groups, and by anything that has a value for each sample.

mod colouring;
mod figures;
mod groups;
mod inspector;
mod lensed;
mod marker_sets;
mod naming;
mod panel;
mod panels;
mod picker;
mod picking;
mod scale;
mod selecting;
mod selections;
mod tables;
mod tiles;
mod verdict;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::canvas;
use crate::{
    analysis::uncertainty::UncertaintySummary,
    app::Command,
    data::Storage,
    document::{Edit, View},
    pipeline::{AnalysisResult, Given},
    ui::{
        context::Context,
        later::{AT_ONCE, Later, Same},
        scatter::Camera,
    },
};
use colouring::{Colouring, Key};
use figures::{Figures, Seen};
use inspector::Noisiest;
use naming::Naming;
use panels::Scene;
use picker::Picker;
use picking::Picking;
use selecting::Selecting;
use tables::Tables;
use tiles::Arrangement;
use verdict::Verdict;

#[derive(Default)]
pub(super) struct ExplorePage {
    result: Option<Arc<AnalysisResult>>,
    colouring: Later<Key, Colouring>,
    /// Of an uncertainty, and a sample.
    noisiest: Later<(Same<UncertaintySummary>, usize), Noisiest>,
    /// Where the maps look, after stage 1 and 2.
    cameras: [Camera; 2],
    /// Group under the pointer in the legend.
    pointed: Option<usize>,
    hovered: Option<usize>,
    picker: Picker,
    arrangement: Arrangement,
    naming: Naming,
    figures: Figures,
    tables: Tables,
    verdict: Verdict,
    selecting: Selecting,
    picking: Picking,
}

impl ExplorePage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(result) = context.state.result().cloned() else {
            return;
        };
        self.take(&result);
        let mut view = context.state.document.view.clone();
        let document = &context.state.document;
        let run = document.shown;
        let names = run.and_then(|run| document.cluster_names_of(run));
        let names = names.cloned().unwrap_or_default();
        let dark = ui.visuals().dark_mode;
        let given = Given {
            cluster_names: names.clone(),
            selections: document.kept_selections(),
            colours: document.colours.clone(),
        };
        let key = Key::new(&result, &view, given, self.pointed, dark);
        // A feature is read from all values that were measured.
        let at_once = result.dataset.samples.len() <= AT_ONCE && !view.lens.is_read();
        let wanted = key.clone();
        let make = move |kept: Option<Arc<Colouring>>| Colouring::new(kept.as_deref(), wanted);
        let Some(colouring) = self.colouring.get(ui.ctx(), &key, at_once, make) else {
            canvas(ui, |ui| {
                ui.centered_and_justified(egui::Ui::spinner);
            });
            return;
        };
        let samples = &result.dataset.samples;
        if let Some(text) = self.picking.take(ui.ctx(), samples, &mut view) {
            context.ask(Command::Tell {
                title: "The samples could not be picked".into(),
                text,
            });
        }
        let tools = panel::Tools {
            picker: &mut self.picker,
            naming: &mut self.naming,
            figures: &mut self.figures,
            tables: &mut self.tables,
            verdict: &mut self.verdict,
            selecting: &mut self.selecting,
            picking: &mut self.picking,
        };
        panel::show(ui, context, &result, &colouring, &mut view, tools);
        if let Some(run) = run
            && let Some(edit) = self.naming.show(ui, context, run, &result, &view, &names)
        {
            context.ask(Command::Do(edit));
        }
        let picking = &mut self.picking;
        self.selecting
            .show(ui, &result, &colouring, &mut view, picking);
        let pinned = pinned(&result, &view);
        let shown = self.hovered.or(pinned);
        let noisiest = shown.and_then(|sample| self.noisiest(ui, &result, sample));
        let noisiest = noisiest.as_deref();
        let picking = &mut self.picking;
        let legend = inspector::show(ui, &result, &colouring, &mut view, shown, noisiest, picking);
        self.pointed = legend.pointed;
        if let Some((group, colour)) = legend.recoloured
            && let Some(group) = colouring.groups.get(group)
        {
            let (by, group) = (view.groups, group.name.clone());
            context.ask(Command::Do(Edit::Colour { by, group, colour }));
        }
        let mut scene = Scene {
            result: &result,
            colouring: &colouring,
            view: &mut view,
            picking: &mut self.picking,
            cameras: &mut self.cameras,
            marked: shown,
            hovered: None,
            at_work: context.state.is_training(),
            on_paper: false,
        };
        canvas(ui, |ui| self.arrangement.show(ui, &mut scene));
        self.hovered = scene.hovered;
        let tables = match self.tables.is_open() {
            true => self.arrangement.tables(&scene),
            false => Vec::new(),
        };
        let shown = match self.figures.is_open() {
            true => self.arrangement.shown(&scene),
            false => Vec::new(),
        };
        let seen = Seen {
            key: &key,
            view: &view,
            colouring: &colouring,
            cameras: self.cameras,
            shown,
        };
        self.figures.show(ui, context, &seen);
        let (shown, of) = (&result, &colouring);
        self.tables.show(ui, context, shown, of, &view, tables);
        if view != context.state.document.view {
            context.ask(Command::Do(Edit::View(Box::new(view))));
        }
    }

    /// The least certain values of a sample; read by a worker where they are on disk.
    fn noisiest(
        &mut self,
        ui: &Ui,
        result: &AnalysisResult,
        sample: usize,
    ) -> Option<Arc<Noisiest>> {
        let uncertainty = result.uncertainty.clone();
        let mut values = uncertainty.feature.iter();
        let at_once = values.all(|values| values.storage() == Storage::Memory);
        let key = (Same(uncertainty.clone()), sample);
        let make = move |_| Noisiest::of(&uncertainty, sample);
        self.noisiest.get(ui.ctx(), &key, at_once, make)
    }

    /// What belongs to another run, or to other data, is not looked at any more.
    fn take(&mut self, result: &Arc<AnalysisResult>) {
        let same = |old: &Arc<AnalysisResult>| Arc::ptr_eq(&old.dataset, &result.dataset);
        let same_run = |old: &Arc<AnalysisResult>| {
            Arc::ptr_eq(&old.stage1.embedding, &result.stage1.embedding)
        };
        if !self.result.as_ref().is_some_and(same_run) {
            self.noisiest = Later::default();
        }
        if !self.result.as_ref().is_some_and(same) {
            self.colouring = Later::default();
            self.picking.forget();
            self.cameras = Default::default();
            self.hovered = None;
        }
        self.result = Some(result.clone());
    }
}

/// The sample that stays in view, if these data have it.
fn pinned(result: &AnalysisResult, view: &View) -> Option<usize> {
    result.dataset.samples.position(view.pinned.as_deref()?)
}
