//! The map while it settles.

use std::sync::Arc;

use eframe::egui::{self, Ui};
use ndarray::Array2;

use crate::{
    app::RunState,
    data::Dataset,
    figure::palette,
    ui::{
        later::{AT_ONCE, Later},
        scatter::{Bounds, Camera, Cloud, Colors, ScatterView},
        theme,
    },
};

/// What a picture is made from; held, so that nothing else can take its place in memory.
#[derive(Clone)]
struct Key {
    dataset: Arc<Dataset>,
    layout: Arc<Array2<f32>>,
    labels: Option<Arc<Vec<u32>>>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let labels = match (&self.labels, &other.labels) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        labels
            && Arc::ptr_eq(&self.dataset, &other.dataset)
            && Arc::ptr_eq(&self.layout, &other.layout)
    }
}

/// Places and colours, with what they were made from.
struct Picture {
    key: Key,
    cloud: Cloud,
    colours: Colors,
}

/// The embedding as it settles, coloured by the clusters of the moment.
#[derive(Default)]
pub(super) struct LiveMap {
    picture: Later<Key, Picture>,
    /// The stage shown, and the bounds of its pictures so far.
    stage: Option<(Arc<Dataset>, u8)>,
    bounds: Option<Bounds>,
    camera: Camera,
    /// The number of the map that is looked at once more; the last one where there is none.
    again: Option<usize>,
    /// When the next one follows by itself, in seconds.
    playing: Option<f64>,
}

/// What is drawn: of which stage, where, and in which clusters.
struct Shown<'a> {
    stage: u8,
    layout: &'a Arc<Array2<f32>>,
    labels: &'a Option<Arc<Vec<u32>>>,
}

/// Seconds for which a map is seen while they follow each other.
const EACH: f64 = 0.15;

impl LiveMap {
    pub fn show(&mut self, ui: &mut Ui, run: Option<&RunState>) {
        ui.vertical(|ui| {
            let again = run.and_then(|run| run.replay.frames().get(self.place(run)?));
            let stage = run.and_then(|r| r.layout.as_ref()).map(|(stage, _)| *stage);
            let title = match again.map(|frame| frame.stage).or(stage) {
                Some(0) => "First look".into(),
                Some(stage) => format!("Map after stage {stage}"),
                None => "Map".into(),
            };
            let title = match again.and_then(|frame| frame.epoch.as_ref()) {
                Some(epoch) => format!("{title}. {epoch}"),
                None => title,
            };
            ui.add(egui::Label::new(egui::RichText::new(title).strong()).truncate())
                .on_hover_text(
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
            self.choose(ui, run);
            if let Some(picture) = self.update(ui, run) {
                ScatterView::new(
                    "live map",
                    &picture.cloud,
                    &picture.colours,
                    &mut self.camera,
                )
                .bounds(self.bounds)
                .background(theme::colours(ui).canvas)
                .summary("Live map of the embedding")
                .show(ui);
            }
        });
    }

    /// The row that goes through the maps once more.
    fn choose(&mut self, ui: &mut Ui, run: &RunState) {
        let frames = run.replay.frames();
        let last = frames.len().saturating_sub(1);
        let place = self.place(run).filter(|&at| at < last);
        if place.is_none() {
            self.again = None;
        }
        let number = |at: usize| Some(at).filter(|&at| at < last).map(|at| frames[at].number);
        ui.horizontal(|ui| {
            if frames.len() < 2 {
                // The map stays where it is when there is something to go through.
                ui.allocate_space(egui::vec2(0.0, ui.spacing().interact_size.y));
                return;
            }
            let (text, tip) = match self.playing {
                Some(_) => ("Stop", "Stay at this map"),
                None => ("Play", "Go through the maps of this training once more"),
            };
            if ui.button(text).on_hover_text(tip).clicked() {
                self.playing = match self.playing {
                    Some(_) => None,
                    None => Some(ui.input(|input| input.time) + EACH),
                };
                if self.playing.is_some() {
                    self.again = number(place.unwrap_or(0));
                }
            }
            let mut at = place.unwrap_or(last);
            ui.spacing_mut().slider_width = ui.available_width() - 8.0;
            let slider = egui::Slider::new(&mut at, 0..=last).show_value(false);
            let slider = ui.add(slider);
            slider
                .widget_info(|| egui::WidgetInfo::slider(true, at as f64, "Maps of this training"));
            if slider
                .on_hover_text("Maps of this training, the first at the left")
                .changed()
            {
                (self.again, self.playing) = (number(at), None);
            }
        });
        self.play(ui, place, number);
    }

    /// The place of the map that is looked at once more among those that are kept.
    fn place(&self, run: &RunState) -> Option<usize> {
        run.replay.place(self.again?)
    }

    /// Goes on to the next map when it is time.
    fn play(&mut self, ui: &Ui, place: Option<usize>, number: impl Fn(usize) -> Option<usize>) {
        let Some(next) = self.playing else { return };
        let now = ui.input(|input| input.time);
        if now >= next {
            self.again = place.and_then(|at| number(at + 1));
            self.playing = self.again.map(|_| now + EACH);
        }
        let wait = std::time::Duration::from_secs_f64(EACH);
        ui.ctx().request_repaint_after(wait);
    }

    /// What is to be drawn.
    fn shown<'a>(&self, run: &'a RunState) -> Option<Shown<'a>> {
        let again = self.place(run).and_then(|at| run.replay.frames().get(at));
        if let Some(frame) = again {
            return Some(Shown {
                stage: frame.stage,
                layout: &frame.coordinates,
                labels: &frame.labels,
            });
        }
        let (stage, layout) = run.layout.as_ref()?;
        Some(Shown {
            stage: *stage,
            layout,
            labels: &run.labels,
        })
    }

    /// The picture, made anew only when the worker has sent new coordinates or labels.
    fn update(&mut self, ui: &Ui, run: &RunState) -> Option<Arc<Picture>> {
        let Shown {
            stage,
            layout,
            labels,
        } = self.shown(run)?;
        let known = self.stage.as_ref();
        if !known.is_some_and(|(dataset, _)| Arc::ptr_eq(dataset, &run.dataset)) {
            *self = Self {
                stage: Some((run.dataset.clone(), stage)),
                ..Self::default()
            };
        }
        let same_stage = self.stage.as_ref().is_some_and(|(_, s)| *s == stage);
        let key = Key {
            dataset: run.dataset.clone(),
            layout: layout.clone(),
            labels: labels.clone(),
        };
        let wanted = key.clone();
        let at_once = layout.nrows() <= AT_ONCE;
        let make = move |last: Option<Arc<Picture>>| Picture::new(last.as_deref(), wanted);
        let picture = self.picture.get(ui.ctx(), &key, at_once, make)?;
        // The view only grows while one map settles, so that nothing jumps.
        let now = picture.cloud.bounds();
        self.bounds = match (self.bounds, now) {
            (Some(before), Some(now))
                if same_stage && (run.is_active() || self.again.is_some()) =>
            {
                Some(before.union(now))
            }
            _ => now,
        };
        self.stage = Some((run.dataset.clone(), stage));
        Some(picture)
    }
}

impl Picture {
    /// What of the last picture still holds is taken over.
    fn new(last: Option<&Self>, key: Key) -> Self {
        let same_places = last.filter(|l| Arc::ptr_eq(&l.key.layout, &key.layout));
        let cloud = match (same_places, last) {
            (Some(last), _) => last.cloud.clone(),
            (None, last) => {
                let points = key
                    .layout
                    .rows()
                    .into_iter()
                    .map(|p| [p[0], p[1]])
                    .collect();
                match last {
                    Some(last) if last.cloud.len() == key.layout.nrows() => {
                        last.cloud.moved(points)
                    }
                    _ => Cloud::new(points),
                }
            }
        };
        let same_labels = last.filter(|l| {
            let layout = key.layout.clone();
            let other = Key {
                layout,
                ..l.key.clone()
            };
            other == key
        });
        let colours = match (same_labels, &key.labels) {
            (Some(last), _) => last.colours.clone(),
            (None, Some(labels)) => cluster_colours(&key.dataset, labels),
            (None, None) => label_colours(&key.dataset),
        };
        Self {
            key,
            cloud,
            colours,
        }
    }
}

/// Colours of the known classes, grey without any.
fn label_colours(dataset: &Dataset) -> Colors {
    let grey = theme::colour(palette::UNLABELLED).to_array();
    let colour = |code: &Option<u32>| match code {
        Some(class) => theme::colour(palette::category(*class as usize)).to_array(),
        None => grey,
    };
    match &dataset.labels {
        Some(labels) => Colors::new(labels.codes.iter().map(colour).collect()),
        None => Colors::uniform(dataset.samples.len(), grey),
    }
}

/// Colours of the clusters; a cluster has the colour of the class it mostly consists of.
fn cluster_colours(dataset: &Dataset, clusters: &[u32]) -> Colors {
    let codes: Vec<Option<u32>> = clusters.iter().map(|&k| Some(k)).collect();
    let count = clusters.iter().max().map_or(0, |&k| k as usize + 1);
    let colours = match &dataset.labels {
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
