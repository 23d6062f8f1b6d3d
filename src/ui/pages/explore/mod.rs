//! Two linked maps: by label or cluster, and by uncertainty.

mod colouring;
mod inspector;
mod panel;

use std::{collections::BTreeSet, sync::Arc};

use eframe::egui::{self, Ui};

use super::canvas;
use crate::{
    pipeline::AnalysisResult,
    ui::{
        context::Context,
        later::{AT_ONCE, Later},
        scatter::{Camera, Cloud, Colors, Label, ScatterResponse, ScatterView},
        theme,
    },
};
use colouring::{Colouring, Key};

/// What the left map's colours mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Groups {
    #[default]
    Label,
    Cluster,
}

/// What the right map's colours mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Lens {
    /// Noise of the data: the sum of the modalities' uncertainties.
    #[default]
    Sample,
    /// Noise of one modality.
    Modality(usize),
    /// How undecided a sample is between two clusters.
    Ambiguity,
    /// Share of the starts that put a sample elsewhere.
    Disagreement,
    /// A column of the demo's truth.
    Truth(usize),
}

/// What the user has chosen to see.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    pub stage: u8,
    pub groups: Groups,
    pub lens: Lens,
    /// Groups switched off in the legend.
    pub hidden: BTreeSet<usize>,
    /// Part of the colour bar that stands out, as shares of it.
    pub range: (f32, f32),
    /// Whether only the most ambiguous samples stand out, and how many percent.
    pub ambiguous: bool,
    pub percent: f32,
    /// By which lens they are found.
    pub by: Lens,
    /// Samples in a lasso.
    pub lasso: Option<Arc<Vec<usize>>>,
}

impl Default for View {
    fn default() -> Self {
        Self {
            stage: 2,
            groups: Groups::default(),
            lens: Lens::default(),
            hidden: BTreeSet::new(),
            range: (0.0, 1.0),
            ambiguous: false,
            percent: 5.0,
            by: Lens::Ambiguity,
            lasso: None,
        }
    }
}

#[derive(Default)]
pub(super) struct ExplorePage {
    view: View,
    result: Option<Arc<AnalysisResult>>,
    colouring: Later<Key, Colouring>,
    camera: Camera,
    /// Group under the pointer in the legend.
    pointed: Option<usize>,
    hovered: Option<usize>,
    pinned: Option<usize>,
}

impl ExplorePage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(result) = context.state.run.as_ref().and_then(|r| r.result.clone()) else {
            return;
        };
        self.take(&result);
        let key = Key {
            result: result.clone(),
            view: self.view.clone(),
            pointed: self.pointed,
            dark: ui.visuals().dark_mode,
        };
        let at_once = result.dataset.sample_ids.len() <= AT_ONCE;
        let wanted = key.clone();
        let make = move |kept: Option<Arc<Colouring>>| Colouring::new(kept.as_deref(), wanted);
        let Some(colouring) = self.colouring.get(ui.ctx(), &key, at_once, make) else {
            canvas(ui, |ui| {
                ui.centered_and_justified(egui::Ui::spinner);
            });
            return;
        };
        panel::show(
            ui,
            context,
            &result,
            &colouring,
            &mut self.view,
            &mut self.pinned,
        );
        let shown = self.hovered.or(self.pinned);
        self.pointed = inspector::show(ui, &result, &colouring, &mut self.view, shown);
        let active = context.state.is_training();
        canvas(ui, |ui| self.maps(ui, &result, &colouring, active));
    }

    /// A new data set starts with a fresh view; a new result of the same data keeps it.
    fn take(&mut self, result: &Arc<AnalysisResult>) {
        let same = |old: &Arc<AnalysisResult>| Arc::ptr_eq(&old.dataset, &result.dataset);
        let same_run = |old: &Arc<AnalysisResult>| {
            Arc::ptr_eq(&old.stage1.embedding, &result.stage1.embedding)
        };
        if !self.result.as_ref().is_some_and(same_run) {
            // Cluster numbers and values of another run mean something else.
            self.view = View {
                groups: self.view.groups,
                lens: self.view.lens,
                by: self.view.by,
                percent: self.view.percent,
                ..View::default()
            };
            self.pinned = None;
        }
        if !self.result.as_ref().is_some_and(same) {
            self.view = View::default();
            if result.dataset.labels.is_none() {
                self.view.groups = Groups::Cluster;
            }
            self.colouring = Later::default();
            self.camera = Camera::default();
            self.hovered = None;
            self.pinned = None;
        }
        self.result = Some(result.clone());
    }

    fn maps(&mut self, ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, active: bool) {
        let Some((left_cloud, right_cloud)) = &colouring.clouds else {
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
        let n = crate::io::thousands(result.dataset.sample_ids.len() as u64);
        let linked = self.hovered.or(self.pinned);
        let left = Map {
            id: "groups",
            title: match self.view.groups {
                Groups::Label => "By label".into(),
                Groups::Cluster => "By cluster".into(),
            },
            cloud: left_cloud,
            colours: &colouring.left,
            names: &colouring.names,
        };
        let right = Map {
            id: "lens",
            title: format!("By {}", panel::lens_name(result, self.view.lens)),
            cloud: right_cloud,
            colours: &colouring.right,
            names: &[],
        };
        let mut show = |ui: &mut Ui, map: &Map<'_>| {
            map.show(ui, colouring, &mut self.camera, linked, &n, each)
        };
        let answers = if beside {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = gap;
                [show(ui, &left), show(ui, &right)]
            })
            .inner
        } else {
            ui.spacing_mut().item_spacing.y = 4.0;
            [show(ui, &left), show(ui, &right)]
        };
        self.answer(answers);
    }

    fn answer(&mut self, answers: [ScatterResponse; 2]) {
        self.hovered = answers.iter().find_map(|a| a.hovered);
        for answer in answers {
            if let Some(sample) = answer.clicked {
                self.pinned = Some(sample);
            }
            if answer.clicked_background {
                self.pinned = None;
                self.view.lasso = None;
            }
            if let Some(samples) = answer.lasso {
                self.view.lasso = (!samples.is_empty()).then(|| Arc::new(samples));
            }
        }
    }
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
