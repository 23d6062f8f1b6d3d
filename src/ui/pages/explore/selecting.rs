//! The sheet on which samples are selected otherwise than on a map, and the one that asks for the name of a selection.

mod found;
mod keep;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{
    colouring::Colouring,
    picking::{self, Picking},
};
use crate::{
    data::SampleSet,
    document::View,
    pipeline::AnalysisResult,
    ui::{
        later::{AT_ONCE, Later, Same},
        theme,
        widgets::form,
    },
};

use found::{Depends, Found, How};
use keep::Keep;

/// Width of the sheet.
const WIDTH: f32 = 420.0;

/// The sheets, while they are open.
pub(super) struct Selecting {
    open: bool,
    how: How,
    /// Two clusters, counted from 0.
    between: [u32; 2],
    /// How many, the most undecided first.
    most: usize,
    /// The threshold of values, in the middle of their range at first, and whether those above it are meant.
    threshold: Option<f32>,
    above: bool,
    /// How many nearest of every selected sample.
    nearest: usize,
    list: String,
    pub keep: Keep,
    found: Later<Depends, Found>,
}

impl Default for Selecting {
    fn default() -> Self {
        Self {
            open: false,
            how: How::default(),
            between: [0, 1],
            most: 50,
            threshold: None,
            above: true,
            nearest: 5,
            list: String::new(),
            keep: Keep::default(),
            found: Later::default(),
        }
    }
}

impl Selecting {
    /// Opens the sheet.
    pub fn open(&mut self) {
        self.open = true;
        self.threshold = None;
    }

    /// Shows the sheet, if it is open, and selects what was found on it.
    pub fn show(
        &mut self,
        ui: &Ui,
        result: &Arc<AnalysisResult>,
        colouring: &Colouring,
        view: &mut View,
        picking: &mut Picking,
    ) {
        if !self.open {
            return;
        }
        let (mut select, mut close, mut found) = (false, false, None);
        let id = egui::Id::unique("select samples");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().combo_width = 0.5 * WIDTH;
            ui.label(theme::heading("Select samples"));
            ui.horizontal(|ui| {
                for (how, text) in [
                    (How::Between, "Between two clusters"),
                    (How::Value, "By value"),
                    (How::Near, "Nearest"),
                    (How::List, "By a list"),
                ] {
                    ui.selectable_value(&mut self.how, how, text);
                }
            });
            ui.add_space(theme::GRID);
            match self.how {
                How::Between => self.between(ui, colouring, result),
                How::Value => self.value(ui, result, colouring, view),
                How::Near => {
                    let text = "Samples that are nearest to those selected, by the embedding";
                    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
                    let tip = "How many of every selected sample";
                    form::number(ui, "Nearest", tip, &mut self.nearest, 1..=50);
                }
                How::List => self.list(ui),
            }
            ui.add_space(theme::GRID);
            found = self.find(ui, result, colouring, view);
            let said = match &found {
                Some(found) => found.said.as_str(),
                None => "They are being looked for \u{2026}",
            };
            ui.add(egui::Label::new(said).wrap());
            ui.add_space(theme::GRID);
            close = ui.button("Cancel").clicked();
            ui.add_space(theme::GRID);
            let any = found.as_ref().is_some_and(|found| !found.places.is_empty());
            let text = format!("Select ({})", view.combine.to_string().to_lowercase());
            select = theme::primary(ui, &text, any).clicked();
        });
        if select && let Some(found) = &found {
            let (found, how) = (found.clone(), picking::combine(ui, view));
            let samples = &result.dataset.samples;
            picking.pick(ui.ctx(), samples, view, how, move |samples| {
                SampleSet::at(samples, found.places.iter().copied())
            });
        }
        if select || close || sheet.should_close() {
            self.open = false;
            self.found = Later::default();
        }
    }

    fn between(&mut self, ui: &mut Ui, colouring: &Colouring, result: &AnalysisResult) {
        let clusters = result.clusters as u32;
        let named: Vec<(u32, String)> = (0..clusters)
            .map(|cluster| {
                (
                    cluster,
                    format!("cluster {}", colouring.cluster_name(cluster)),
                )
            })
            .collect();
        for (at, word) in ["One", "Other"].into_iter().enumerate() {
            self.between[at] = self.between[at].min(clusters.saturating_sub(1));
            form::choice(ui, word, "A cluster", &mut self.between[at], &named);
        }
        let all = result.dataset.samples.len();
        let tip = "The most undecided samples between both, so many at most";
        form::number(ui, "At most", tip, &mut self.most, 1..=all.max(1));
    }

    fn value(&mut self, ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, view: &View) {
        let name = view.lens.name(&result.dataset);
        let text = format!("By {name}, which the page is coloured by");
        ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
        let sides = [(true, "at least".to_owned()), (false, "at most".to_owned())];
        form::choice(ui, "Values", "Which side", &mut self.above, &sides);
        let Some(lens) = &colouring.lens else { return };
        let (low, high) = lens.span.ends;
        form::row(ui, "Threshold", "In units of the values", |ui| {
            let threshold = self.threshold.get_or_insert(lens.span.at(0.5));
            let drag = egui::DragValue::new(threshold);
            ui.add(drag.speed((high - low) / 200.0).max_decimals(4))
        });
    }

    fn list(&mut self, ui: &mut Ui) {
        let text = "Ids of samples, as barcodes: one a line, or with commas, semicolons or spaces between.";
        ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
        egui::ScrollArea::vertical()
            .max_height(160.0)
            .show(ui, |ui| {
                let edit = egui::TextEdit::multiline(&mut self.list).desired_rows(6);
                let edit = ui.add(edit.desired_width(f32::INFINITY));
                edit.widget_info(|| {
                    egui::WidgetInfo::labeled(
                        egui::Role::MultilineTextInput,
                        true,
                        "Ids of samples",
                    )
                });
            });
    }

    /// The samples, once they are found.
    fn find(
        &mut self,
        ui: &Ui,
        result: &Arc<AnalysisResult>,
        colouring: &Colouring,
        view: &View,
    ) -> Option<Arc<Found>> {
        let lens = colouring.lens.as_ref();
        let near = || Some((view.selection.clone()?, self.nearest));
        let depends = Depends {
            result: Same(result.clone()),
            values: lens.map(|lens| Same(lens.values.clone())),
            stage: view.stage,
            how: self.how,
            between: self.between,
            most: self.most,
            threshold: self.threshold.unwrap_or_default(),
            above: self.above,
            near: near().filter(|_| self.how == How::Near),
            list: self.list.clone(),
        };
        let at_once = result.dataset.samples.len() <= AT_ONCE && self.how != How::Near;
        let wanted = depends.clone();
        let found = self
            .found
            .get(ui.ctx(), &depends, at_once, move |_| Found::of(&wanted));
        found.filter(|_| self.found.is_of(&depends))
    }
}
