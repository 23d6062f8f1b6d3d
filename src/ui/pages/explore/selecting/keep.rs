//! The sheet that keeps a selection under a name, whole or in parts.

use std::sync::Arc;

use eframe::egui::{self, Ui};
use ndarray::Axis;

use crate::{
    analysis::kmeans::{self, KMeansError, KMeansSpec},
    data::SampleSet,
    document::{NamedSelection, View},
    job::{CancelToken, EventSink, JobOutcome, Task},
    pipeline::AnalysisResult,
    ui::{theme, widgets::form},
};

/// Width of the sheet.
const WIDTH: f32 = 336.0;
/// Longest name of a selection, in characters.
const LONGEST: usize = 80;
/// Parts at most.
const MOST_PARTS: usize = 24;

/// The sheet, while it is open.
#[derive(Default)]
pub struct Keep {
    /// The name, and the frames since it was asked for.
    name: Option<(String, usize)>,
    parts: usize,
    splitting: Task<(), Vec<NamedSelection>, KMeansError>,
    /// Why it could not be split.
    problem: Option<String>,
}

impl Keep {
    /// Asks for the name of a selection, where there are so many already.
    pub fn open(&mut self, kept: usize) {
        self.name = Some((format!("Selection {}", kept + 1), 0));
        self.parts = 1;
        self.problem = None;
    }

    /// Shows the sheet, if it is open; gives what is to be kept.
    pub fn show(
        &mut self,
        ui: &Ui,
        result: &Arc<AnalysisResult>,
        view: &View,
    ) -> Vec<NamedSelection> {
        if let Some(outcome) = self.splitting.drain(|()| {}) {
            match outcome {
                JobOutcome::Finished(parts) => {
                    self.name = None;
                    return parts;
                }
                JobOutcome::Failed(error) => self.problem = Some(error.to_string()),
                JobOutcome::Panicked(why) => self.problem = Some(why),
                JobOutcome::Cancelled => {}
            }
        }
        let busy = self.splitting.is_busy();
        let (Some(samples), Some((name, frames))) = (view.selection.clone(), self.name.as_mut())
        else {
            return Vec::new();
        };
        let (mut done, mut keep) = (false, false);
        let id = egui::Id::unique("keep selection");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.label(theme::heading("Keep the selection"));
            let label = ui.label("Name");
            let width = ui.available_width();
            let field = form::field(ui, name, "name", width).labelled_by(label.id);
            // The click that opens it is one elsewhere for the field, which takes the focus away again.
            if *frames < 2 {
                field.request_focus();
            }
            *frames += 1;
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
            let most = samples.len().clamp(1, MOST_PARTS);
            let tip = "More than one splits it by the embedding (k-means), and keeps every part by itself: to look for groups within a cluster";
            form::number(ui, "Parts", tip, &mut self.parts, 1..=most);
            if let Some(problem) = &self.problem {
                let text = format!("It could not be split: {problem}");
                ui.add(egui::Label::new(text).wrap());
            }
            ui.add_space(theme::GRID);
            done = ui.button("Cancel").clicked();
            ui.add_space(theme::GRID);
            let named = !name.trim().is_empty() && !busy;
            keep = named && (theme::primary(ui, "Keep", named).clicked() || entered);
        });
        let name: String = name.trim().chars().take(LONGEST).collect();
        if done || sheet.should_close() {
            self.name = None;
            self.splitting.forget();
        } else if keep && self.parts > 1 {
            self.split(ui, result, view, (name, samples));
        } else if keep {
            self.name = None;
            return vec![NamedSelection { name, samples }];
        }
        Vec::new()
    }

    /// Has a worker split it.
    fn split(
        &mut self,
        ui: &Ui,
        result: &Arc<AnalysisResult>,
        view: &View,
        (name, samples): (String, SampleSet),
    ) {
        let (result, stage, parts) = (result.clone(), view.stage, self.parts);
        let repaint = ui.ctx().clone();
        let wake = move || repaint.request_repaint();
        self.splitting
            .start("split", wake, move |_: &EventSink<()>, cancel| {
                split(&result, stage, (&name, &samples), parts, cancel)
            });
    }
}

/// A selection in so many parts at most, the largest first, by k-means on the embedding after a stage.
fn split(
    result: &AnalysisResult,
    stage: u8,
    (name, samples): (&str, &SampleSet),
    parts: usize,
    cancel: &CancelToken,
) -> Result<Vec<NamedSelection>, KMeansError> {
    let list = &result.dataset.samples;
    let places = samples.places_in(list);
    let rows: Vec<usize> = places.iter().map(|&place| place as usize).collect();
    let points = result.stage(stage).embedding.select(Axis(0), &rows);
    let spec = KMeansSpec::new(parts.min(places.len()), result.spec.seed);
    let fit = kmeans::fit(points.view(), &spec, cancel)?;
    let mut found: Vec<Vec<u32>> = vec![Vec::new(); spec.clusters];
    for (&place, &part) in places.iter().zip(&fit.assignment) {
        found[part as usize].push(place);
    }
    found.retain(|part| !part.is_empty());
    found.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let named = |(at, part): (usize, Vec<u32>)| NamedSelection {
        name: format!("{name} {}", at + 1),
        samples: SampleSet::at(list, part),
    };
    Ok(found.into_iter().enumerate().map(named).collect())
}
