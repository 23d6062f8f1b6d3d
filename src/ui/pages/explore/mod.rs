//! Two linked maps: by label or cluster, and by uncertainty.

mod colouring;
mod groups;
mod inspector;
mod markers;
mod naming;
mod panel;
mod picker;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::canvas;
use crate::{
    app::Command,
    data::Storage,
    document::{Edit, Groups, View},
    pipeline::{AnalysisResult, Lens},
    ui::{
        context::Context,
        later::{AT_ONCE, Later},
        scatter::{Camera, Cloud, Colors, Label, ScatterResponse, ScatterView},
        theme,
    },
};
use colouring::{Colouring, Key};
use inspector::Noisiest;
use markers::Markers;
use naming::Naming;
use picker::Picker;

/// Height of what stands around the table of markers, and of the table at least.
const MARKERS: f32 = 120.0;
const LEAST_TABLE: f32 = 110.0;

#[derive(Default)]
pub(super) struct ExplorePage {
    result: Option<Arc<AnalysisResult>>,
    colouring: Later<Key, Colouring>,
    /// Of a result, by the address of its uncertainty, and a sample.
    noisiest: Later<(usize, usize), Noisiest>,
    camera: Camera,
    /// Group under the pointer in the legend.
    pointed: Option<usize>,
    hovered: Option<usize>,
    picker: Picker,
    markers: Markers,
    naming: Naming,
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
        let key = Key::new(&result, &view, names.clone(), self.pointed, dark);
        // A feature is read from all values that were measured.
        let read = matches!(view.lens, Lens::Feature(..));
        let at_once = result.dataset.samples.len() <= AT_ONCE && !read;
        let wanted = key.clone();
        let make = move |kept: Option<Arc<Colouring>>| Colouring::new(kept.as_deref(), wanted);
        let Some(colouring) = self.colouring.get(ui.ctx(), &key, at_once, make) else {
            canvas(ui, |ui| {
                ui.centered_and_justified(egui::Ui::spinner);
            });
            return;
        };
        let tools = panel::Tools {
            picker: &mut self.picker,
            naming: &mut self.naming,
        };
        panel::show(ui, context, &result, &colouring, &mut view, tools);
        if let Some(run) = run
            && let Some(edit) = self.naming.show(ui, run, &result, &view, &names)
        {
            context.ask(Command::Do(edit));
        }
        let pinned = pinned(&result, &view);
        let shown = self.hovered.or(pinned);
        let noisiest = shown.and_then(|sample| self.noisiest(ui, &result, sample));
        let noisiest = noisiest.as_deref();
        self.pointed = inspector::show(ui, &result, &colouring, &mut view, shown, noisiest);
        let active = context.state.is_training();
        canvas(ui, |ui| {
            if view.markers.shown {
                // The maps below stay large enough to be read.
                let height = (0.5 * ui.available_height() - MARKERS).max(LEAST_TABLE);
                self.markers
                    .show(ui, &result, &colouring, &mut view, height);
                ui.add_space(theme::GRID);
            }
            self.maps(ui, &result, &colouring, &mut view, active)
        });
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
        let key = (Arc::as_ptr(&uncertainty).addr(), sample);
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
            self.camera = Camera::default();
            self.hovered = None;
        }
        self.result = Some(result.clone());
    }

    fn maps(
        &mut self,
        ui: &mut Ui,
        result: &AnalysisResult,
        colouring: &Colouring,
        view: &mut View,
        active: bool,
    ) {
        let Some(cloud) = &colouring.cloud else {
            ui.centered_and_justified(|ui| {
                ui.label(theme::weak(
                    ui,
                    if active {
                        "The map is still settling: watch it on the page Train"
                    } else {
                        "The map was not finished. Train again to get it."
                    },
                ));
            });
            return;
        };
        let size = ui.available_size();
        let gap = 4.0 * theme::GRID;
        let title = 24.0;
        // Whichever way leaves each map the larger square.
        let beside =
            ((size.x - gap) / 2.0).min(size.y - title) >= size.x.min((size.y - gap) / 2.0 - title);
        let each = if beside {
            egui::vec2((size.x - gap) / 2.0, size.y - title)
        } else {
            egui::vec2(size.x, (size.y - gap) / 2.0 - title)
        };
        let n = crate::words::thousands(result.dataset.samples.len() as u64);
        let linked = self.hovered.or(pinned(result, view));
        let left = Map {
            id: "groups",
            title: match view.groups {
                Groups::Label => "By label".into(),
                Groups::Cluster => "By cluster".into(),
            },
            cloud,
            colours: &colouring.left,
            names: &colouring.names,
        };
        let lens = view.lens;
        let name = lens.name(&result.dataset);
        let lensed = colouring.lens.as_ref();
        let right = lensed.and_then(|lensed| {
            Some(Map {
                id: "lens",
                title: format!("By {name}"),
                cloud: lensed.cloud.as_ref()?,
                colours: &lensed.colours,
                names: &[],
            })
        });
        let mut show = |ui: &mut Ui, map: Option<&Map<'_>>| match map {
            Some(map) => Some(map.show(ui, colouring, &mut self.camera, linked, &n, each)),
            None => {
                not_computed(ui, &name, lens.missing_because(), each);
                None
            }
        };
        let answers = if beside {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = gap;
                [show(ui, Some(&left)), show(ui, right.as_ref())]
            })
            .inner
        } else {
            ui.spacing_mut().item_spacing.y = 4.0;
            [show(ui, Some(&left)), show(ui, right.as_ref())]
        };
        self.answer(answers, result, view);
    }

    fn answer(
        &mut self,
        answers: [Option<ScatterResponse>; 2],
        result: &AnalysisResult,
        view: &mut View,
    ) {
        let id = |&sample: &usize| result.dataset.samples.get(sample).cloned();
        self.hovered = answers.iter().flatten().find_map(|a| a.hovered);
        for answer in answers.into_iter().flatten() {
            if let Some(sample) = answer.clicked {
                view.pinned = id(&sample);
            }
            if answer.clicked_background {
                (view.pinned, view.selection) = (None, None);
            }
            if let Some(samples) = answer.lasso {
                let ids: Vec<String> = samples.iter().filter_map(id).collect();
                view.selection = (!ids.is_empty()).then(|| Arc::new(ids));
            }
        }
    }
}

/// The sample that stays in view, if these data have it.
fn pinned(result: &AnalysisResult, view: &View) -> Option<usize> {
    result.dataset.samples.position(view.pinned.as_deref()?)
}

/// In the place of a map: its values were not computed, and why.
fn not_computed(ui: &mut Ui, name: &str, why: &str, size: egui::Vec2) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        ui.set_max_width(size.x);
        ui.strong(format!("By {name}"));
        ui.allocate_ui(size, |ui| {
            ui.set_min_size(size);
            ui.centered_and_justified(|ui| {
                let text = format!("Not computed in this run. {why}");
                ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
            });
        });
    });
}

/// One of the two maps.
struct Map<'a> {
    id: &'static str,
    title: String,
    cloud: &'a Cloud,
    colours: &'a Colors,
    names: &'a [Label],
}

impl Map<'_> {
    fn show(
        &self,
        ui: &mut Ui,
        colouring: &Colouring,
        camera: &mut Camera,
        linked: Option<usize>,
        samples: &str,
        size: egui::Vec2,
    ) -> ScatterResponse {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.set_max_width(size.x);
            ui.strong(&self.title);
            let summary = format!("Map of {samples} samples, {}", self.title.to_lowercase());
            ScatterView::new(self.id, self.cloud, self.colours, camera)
                .emphasis(colouring.emphasis.as_ref())
                .labels(self.names)
                .axes(["UMAP 1", "UMAP 2"])
                .summary(&summary)
                .linked_hover(linked)
                .background(theme::colours(ui).canvas)
                .size(size)
                .show(ui)
        })
        .inner
    }
}
