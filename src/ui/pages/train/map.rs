//! The map while it settles.

use std::sync::Arc;

use eframe::egui::{self, Ui};
use ndarray::Array2;

use crate::{
    app::RunState,
    data::Dataset,
    figure::palette,
    ui::{
        scatter::{Bounds, Camera, Cloud, Colors, ScatterView},
        theme,
    },
};

/// What the buffers were made from; held, so that nothing else can take its place in memory.
struct Shown {
    dataset: Arc<Dataset>,
    stage: u8,
    layout: Arc<Array2<f32>>,
    labels: Option<Arc<Vec<u32>>>,
}

/// The embedding as it settles, coloured by the clusters of the moment.
#[derive(Default)]
pub(super) struct LiveMap {
    shown: Option<Shown>,
    cloud: Option<Cloud>,
    colours: Option<Colors>,
    bounds: Option<Bounds>,
    camera: Camera,
}

impl LiveMap {
    pub fn show(&mut self, ui: &mut Ui, run: Option<&RunState>) {
        ui.vertical(|ui| {
            let stage = run.and_then(|r| r.layout.as_ref()).map(|(stage, _)| *stage);
            let title = match stage {
                Some(0) => "First look".into(),
                Some(stage) => format!("Map after stage {stage}"),
                None => "Map".into(),
            };
            ui.strong(title).on_hover_text(
                "The embedding as it settles: first its principal components, then its UMAP. \
                 Coloured by label, then by the clusters of the moment",
            );
            let Some(run) = run.filter(|r| r.layout.is_some()) else {
                *self = Self::default();
                let rect = ui.available_rect_before_wrap();
                ui.painter().text(
                    rect.center(),
                    egui::Align2::CENTER_CENTER,
                    "settles here while training",
                    egui::FontId::proportional(14.0),
                    theme::colours(ui).weak,
                );
                return;
            };
            self.update(run);
            if let (Some(cloud), Some(colours)) = (&self.cloud, &self.colours) {
                ScatterView::new("live map", cloud, colours, &mut self.camera)
                    .bounds(self.bounds)
                    .background(theme::colours(ui).canvas)
                    .summary("Live map of the embedding")
                    .show(ui);
            }
        });
    }

    /// Makes new buffers only when the worker has sent new coordinates or labels.
    fn update(&mut self, run: &RunState) {
        let Some((stage, layout)) = &run.layout else {
            return;
        };
        let same_data = |s: &Shown| Arc::ptr_eq(&s.dataset, &run.dataset);
        if !self.shown.as_ref().is_some_and(same_data) {
            *self = Self::default();
        }
        let labels = run.labels.clone();
        let (same_layout, same_labels, same_stage) = match &self.shown {
            Some(s) => (
                Arc::ptr_eq(&s.layout, layout),
                match (&s.labels, &labels) {
                    (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                },
                s.stage == *stage,
            ),
            None => (false, false, false),
        };
        if !same_layout {
            let points = layout.rows().into_iter().map(|p| [p[0], p[1]]).collect();
            let cloud = match &self.cloud {
                Some(cloud) if cloud.len() == layout.nrows() => cloud.moved(points),
                _ => Cloud::new(points),
            };
            // The view only grows while one map settles, so that nothing jumps.
            let now = cloud.bounds();
            self.bounds = match (self.bounds, now) {
                (Some(before), Some(now)) if same_stage && run.is_active() => {
                    Some(before.union(now))
                }
                _ => now,
            };
            self.cloud = Some(cloud);
        }
        if !same_labels || self.colours.is_none() {
            self.colours = Some(match &labels {
                Some(labels) => cluster_colours(run, labels),
                None => label_colours(run),
            });
        }
        self.shown = Some(Shown {
            dataset: run.dataset.clone(),
            stage: *stage,
            layout: layout.clone(),
            labels,
        });
    }
}

/// Colours of the known classes, grey without any.
fn label_colours(run: &RunState) -> Colors {
    let grey = theme::colour(palette::UNLABELLED).to_array();
    let colour = |code: &Option<u32>| match code {
        Some(class) => theme::colour(palette::category(*class as usize)).to_array(),
        None => grey,
    };
    match &run.dataset.labels {
        Some(labels) => Colors::new(labels.codes.iter().map(colour).collect()),
        None => Colors::uniform(run.dataset.sample_ids.len(), grey),
    }
}

/// Colours of the clusters; a cluster has the colour of the class it mostly consists of.
fn cluster_colours(run: &RunState, clusters: &[u32]) -> Colors {
    let codes: Vec<Option<u32>> = clusters.iter().map(|&k| Some(k)).collect();
    let count = clusters.iter().max().map_or(0, |&k| k as usize + 1);
    let colours = match &run.dataset.labels {
        Some(labels) => {
            palette::match_to_classes(&labels.codes, labels.classes.len(), &codes, count)
        }
        None => (0..count).collect(),
    };
    let colours: Vec<[u8; 4]> = colours
        .into_iter()
        .map(|c| theme::colour(palette::category(c)).to_array())
        .collect();
    Colors::new(clusters.iter().map(|&k| colours[k as usize]).collect())
}
