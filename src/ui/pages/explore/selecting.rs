//! The sheet on which samples are selected otherwise than on a map, and the one that asks for the name of a selection.

use std::{collections::HashSet, sync::Arc};

use eframe::egui::{self, Ui};
use ndarray::Axis;

use super::{colouring::Colouring, selections};
use crate::{
    analysis::neighbours,
    document::{Ids, View},
    job::CancelToken,
    pipeline::AnalysisResult,
    ui::{
        later::{AT_ONCE, Later, Same},
        theme,
        widgets::form,
    },
    words::thousands,
};

/// Width of both sheets.
const WIDTH: f32 = 420.0;
/// Longest name of a selection, in characters.
const LONGEST: usize = 80;

/// How samples are found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum How {
    /// Those that are most undecided between two clusters.
    #[default]
    Between,
    /// Those whose values are high, or low.
    Value,
    /// Those nearest to the ones that are selected.
    Near,
    /// Those of a list.
    List,
}

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
    /// The name of a selection to keep, and the frames since it was asked for.
    name: Option<(String, usize)>,
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
            name: None,
            found: Later::default(),
        }
    }
}

/// What the samples found depend on.
#[derive(Clone, PartialEq)]
struct Depends {
    result: Same<AnalysisResult>,
    /// Those that are chosen.
    values: Option<Same<Vec<f32>>>,
    stage: u8,
    how: How,
    between: [u32; 2],
    most: usize,
    threshold: f32,
    above: bool,
    /// Ids of those that are selected, and how many nearest of each.
    near: Option<(Same<Vec<String>>, usize)>,
    list: String,
}

/// The samples found.
struct Found {
    places: Vec<usize>,
    /// In words: how many, and what is not there.
    said: String,
}

impl Selecting {
    /// Opens the sheet.
    pub fn open(&mut self) {
        self.open = true;
        self.threshold = None;
    }

    /// Asks for the name of a selection to keep, where there are so many already.
    pub fn keep(&mut self, kept: usize) {
        self.name = Some((format!("Selection {}", kept + 1), 0));
    }

    /// Shows the sheet that asks for a name, if it is open; gives the selection to keep.
    pub fn kept(&mut self, ui: &Ui, view: &View) -> Option<(String, Ids)> {
        let ids = view.selection.clone()?;
        let (name, frames) = self.name.as_mut()?;
        let (mut done, mut keep) = (false, false);
        let id = egui::Id::unique("keep selection");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(0.8 * WIDTH);
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
            ui.add_space(theme::GRID);
            done = ui.button("Cancel").clicked();
            ui.add_space(theme::GRID);
            let named = !name.trim().is_empty();
            keep = named && (theme::primary(ui, "Keep", named).clicked() || entered);
        });
        let name = name.chars().take(LONGEST).collect();
        if keep || done || sheet.should_close() {
            self.name = None;
        }
        keep.then_some((name, ids))
    }

    /// Shows the sheet, if it is open, and selects what was found on it.
    pub fn show(
        &mut self,
        ui: &Ui,
        result: &Arc<AnalysisResult>,
        colouring: &Colouring,
        view: &mut View,
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
            selections::pick(ui, result, view, found.places.iter().copied());
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
        let (low, high) = lens.span;
        form::row(ui, "Threshold", "In units of the values", |ui| {
            let threshold = self.threshold.get_or_insert(0.5 * (low + high));
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
        let near = || Some((Same(view.selection.clone()?), self.nearest));
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

impl Found {
    fn of(depends: &Depends) -> Self {
        let result = &depends.result.0;
        match depends.how {
            How::Between => between(result, depends.stage, depends.between, depends.most),
            How::Value => {
                let values = depends.values.as_ref();
                let values = values.map_or(&[][..], |values| values.0.as_slice());
                let threshold = depends.threshold;
                let side = |value: f32| match depends.above {
                    true => value >= threshold,
                    false => value <= threshold,
                };
                let all = values.iter().enumerate();
                let places: Vec<usize> = all
                    .filter(|(_, value)| side(**value))
                    .map(|(at, _)| at)
                    .collect();
                let said = format!("{} samples", thousands(places.len() as u64));
                Self { places, said }
            }
            How::Near => near(result, depends.stage, depends.near.as_ref()),
            How::List => of_list(result, &depends.list),
        }
    }
}

/// The samples nearest to some, by the embedding, without these.
fn near(result: &AnalysisResult, stage: u8, of: Option<&(Same<Vec<String>>, usize)>) -> Found {
    let Some((ids, count)) = of else {
        return Found {
            places: Vec::new(),
            said: "Nothing is selected".into(),
        };
    };
    let place = |id: &String| result.dataset.samples.position(id);
    let own: Vec<usize> = ids.0.iter().filter_map(place).collect();
    let points = &result.stage(stage).embedding;
    let queries = points.select(Axis(0), &own);
    let numbers: Vec<Option<u32>> = own.iter().map(|&at| Some(at as u32)).collect();
    // Nothing cancels this: what it made is passed over when something else is asked for.
    let cancel = CancelToken::new();
    let found = neighbours::among(points.view(), queries.view(), &numbers, *count, &cancel);
    let mut places: Vec<usize> = found
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .map(|(_, at)| at as usize)
        .collect();
    places.sort_unstable();
    places.dedup();
    let inside: HashSet<usize> = own.iter().copied().collect();
    places.retain(|at| !inside.contains(at));
    let said = format!(
        "{} samples near the {} that are selected; Add keeps these as well",
        thousands(places.len() as u64),
        thousands(own.len() as u64)
    );
    Found { places, said }
}

/// The samples that are most undecided between two clusters, so many at most.
fn between(result: &AnalysisResult, stage: u8, [one, other]: [u32; 2], most: usize) -> Found {
    let stage = result.stage(stage);
    let doubt = &stage.ambiguity;
    let is = |pair: &[u32; 2]| *pair == [one, other] || *pair == [other, one];
    let all = doubt.between.iter().enumerate();
    let mut places: Vec<usize> = all
        .filter(|(_, pair)| one != other && is(pair))
        .map(|(at, _)| at)
        .collect();
    places.sort_by(|&a, &b| doubt.value[b].total_cmp(&doubt.value[a]));
    let all = places.len();
    places.truncate(most);
    let said = match (all, places.last()) {
        _ if one == other => "Choose two clusters that differ".into(),
        (0, _) | (_, None) => "No sample has these two as its nearest clusters".into(),
        (all, Some(&last)) => format!(
            "{} of the {} samples whose two nearest clusters these are; ambiguity {:.3} and above",
            thousands(places.len() as u64),
            thousands(all as u64),
            doubt.value[last],
        ),
    };
    Found { places, said }
}

/// The samples of a list of ids, and how many ids no sample has.
fn of_list(result: &AnalysisResult, list: &str) -> Found {
    let samples = &result.dataset.samples;
    // Names with spaces stand on lines of their own.
    let split = |line: &str| -> Vec<String> {
        let whole = line.trim().trim_matches('"');
        if whole.is_empty() || samples.position(whole).is_some() {
            return vec![whole.to_owned()];
        }
        let parts = line.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        let parts = parts.map(|part| part.trim_matches('"').to_owned());
        parts.collect()
    };
    let mut ids: Vec<String> = list.lines().flat_map(split).collect();
    ids.retain(|id| !id.is_empty());
    let mut places: Vec<usize> = ids.iter().filter_map(|id| samples.position(id)).collect();
    let missing = ids.len() - places.len();
    places.sort_unstable();
    places.dedup();
    let unknown = ids.iter().find(|id| samples.position(id).is_none());
    let said = match unknown {
        Some(first) => format!(
            "{} samples; {} ids are of no sample, the first of them '{first}'",
            thousands(places.len() as u64),
            thousands(missing as u64),
        ),
        None => format!("{} samples", thousands(places.len() as u64)),
    };
    Found { places, said }
}
