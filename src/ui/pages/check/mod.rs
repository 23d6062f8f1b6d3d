//! Whether the uncertainty means what it says: against labels, against the demo's truth, and against noise put in.

mod plots;
mod reading;

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{canvas, step_panel};
use crate::{
    app::{Command, Page},
    data::Dataset,
    document::Edit,
    pipeline::{AnalysisResult, GOES_ON, LEVEL, NoiseInjectionSpec, check::Check},
    ui::{
        context::Context,
        later::{AT_ONCE, Later},
        theme,
        widgets::{form, name},
    },
    words::thousands,
};
use plots::Height;
use reading::Reading;

/// Height of a plot at least.
const LEAST: f32 = 190.0;

/// Canvases narrower than this have the table under the plot.
const NARROW: f32 = 860.0;

/// Where the known noise comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Injected,
    Truth,
}

/// Results are the same if they are the same object.
#[derive(Clone)]
struct Key(Arc<AnalysisResult>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Default)]
pub(super) struct CheckPage {
    dataset: Option<Arc<Dataset>>,
    reading: Later<Key, Reading>,
    /// Which known noise is looked at, if the user has picked one.
    known: Option<Known>,
}

impl CheckPage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(result) = context.state.result().cloned() else {
            return;
        };
        let dataset = &result.dataset;
        if !self
            .dataset
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, dataset))
        {
            self.dataset = Some(dataset.clone());
            self.known = None;
            self.reading = Later::default();
        }
        self.panel(ui, context, &result);
        let key = Key(result.clone());
        let at_once = dataset.samples() <= AT_ONCE;
        let of = result.clone();
        let make = move |_| Reading::of(&of);
        let reading = self.reading.get(ui.ctx(), &key, at_once, make);
        let checking = context.state.checking.is_some();
        canvas(ui, |ui| match reading {
            Some(reading) => self.canvas(ui, &result, &reading, checking),
            None => {
                ui.centered_and_justified(egui::Ui::spinner);
            }
        });
    }

    /// What to inject.
    fn panel(&mut self, ui: &mut Ui, context: &mut Context<'_>, result: &AnalysisResult) {
        let dataset = &*result.dataset;
        let checking = context.state.checking.is_some();
        let ready = match result.spec.earlier {
            Some(_) => Err(GOES_ON),
            None => context.state.ready_for_more(),
        };
        let mut draft = context.state.document.noise.clone();
        let mut shared = (&mut *context, &mut draft, &mut self.known);
        step_panel(
            ui,
            Page::Check,
            &mut shared,
            |ui, (context, draft, _)| {
                ui.label(theme::heading("Check"));
                let text = "Does the uncertainty mean what it says? Noise of known strength is put into a copy of your \
                            data, stage 1 learns from it, and the noise it then sees is held against what was put in. \
                            Your results stay as they are.";
                ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
                ui.add_space(theme::GRID);
                ui.add_enabled_ui(context.state.checking.is_none(), |ui| {
                    noise(ui, draft, dataset);
                });
            },
            |ui, (context, draft, known)| {
                if let (Err(why), false) = (ready, checking) {
                    ui.add(egui::Label::new(theme::weak(ui, why)).wrap());
                }
                if checking {
                    theme::primary(ui, "Checking\u{2026}", false);
                } else if theme::primary(ui, "Inject noise", ready.is_ok())
                    .on_hover_text("Train stage 1 once more, on a noisy copy of the data")
                    .clicked()
                {
                    **known = Some(Known::Injected);
                    context.ask(Command::CheckNoise((**draft).clone()));
                }
            },
        );
        if draft != context.state.document.noise {
            context.ask(Command::Do(Edit::Noise(Box::new(draft))));
        }
    }

    fn canvas(&mut self, ui: &mut Ui, result: &AnalysisResult, reading: &Reading, checking: bool) {
        let check = match &reading.check {
            Ok(check) => check,
            Err(why) => {
                ui.label(why);
                return;
            }
        };
        // Two rows of plots with a heading each, and the beginning of what follows.
        let height = (ui.available_height() - 54.0 * theme::GRID) / 2.0;
        let height = Height(height.max(LEAST));
        egui::ScrollArea::vertical()
            .id_salt("check")
            .auto_shrink(false)
            .show(ui, |ui| {
                ui.label(theme::heading("Does it find the errors?"));
                errors(ui, check, height);
                ui.add_space(2.0 * theme::GRID);
                self.noise(ui, result, reading, checking, height);
                ui.add_space(2.0 * theme::GRID);
                intervals(ui, result);
            });
    }

    fn noise(
        &mut self,
        ui: &mut Ui,
        result: &AnalysisResult,
        reading: &Reading,
        checking: bool,
        height: Height,
    ) {
        let there = [
            (Known::Injected, "injected", reading.injected.as_ref()),
            (Known::Truth, "of the demo", reading.truth.as_ref()),
        ];
        let first = there.iter().find(|(.., clouds)| clouds.is_some());
        let known = self.known.or(first.map(|(known, ..)| *known));
        let known = known.unwrap_or(Known::Injected);
        ui.horizontal(|ui| {
            ui.label(theme::heading("Does it follow known noise?"));
            if reading.truth.is_some() {
                for (of, name, _) in there {
                    let tip = match of {
                        Known::Injected => "Noise that was put in with the button on the left",
                        Known::Truth => "Noise that the demo was simulated with",
                    };
                    if ui
                        .selectable_label(of == known, name)
                        .on_hover_text(tip)
                        .clicked()
                    {
                        self.known = Some(of);
                    }
                }
            }
        });
        let clouds = there.iter().find(|(of, ..)| *of == known);
        let clouds = clouds.and_then(|(.., clouds)| *clouds);
        let names: Vec<&str> = result
            .dataset
            .modalities
            .iter()
            .map(|m| m.name.as_str())
            .collect();
        if let Some(few) = clouds.and_then(|clouds| clouds.few.as_ref()) {
            ui.add(egui::Label::new(few).wrap());
        }
        let waiting = match checking {
            true => "being computed: its progress is at the bottom",
            false => "inject noise to see",
        };
        let injected = known == Known::Injected;
        plots::noise(ui, clouds, &names, injected, waiting, height);
    }
}

fn noise(ui: &mut Ui, draft: &mut NoiseInjectionSpec, dataset: &Dataset) {
    let mut choices = vec![(None, "all".to_string())];
    let names = dataset.modalities.iter().enumerate();
    choices.extend(names.map(|(at, modality)| (Some(at), modality.name.clone())));
    let tip = "The modality that the noise is put into";
    form::choice(ui, "Modality", tip, &mut draft.modality, &choices);
    let percent = |ui: &mut Ui, name, tip, share: &mut f64| {
        let mut percent = (*share * 100.0).round() as u32;
        if form::number(ui, name, tip, &mut percent, 0..=50).changed() {
            *share = f64::from(percent) / 100.0;
        }
    };
    let tip = "Percent of the features that get noise, drawn at random, each of another strength";
    percent(ui, "Features, %", tip, &mut draft.features);
    let tip = "Percent of the samples that get noise, drawn at random, each of another strength";
    percent(ui, "Samples, %", tip, &mut draft.samples);
    let tip = "The strongest noise; 1 is as much as the feature varies over the samples";
    form::number(ui, "Strength", tip, &mut draft.strength, 0.05..=10.0);
    let tip = "Decides which features and samples, and the noise itself";
    form::number(ui, "Seed", tip, &mut draft.seed, 0..=u64::from(u32::MAX));
}

/// What intervals of values hold.
fn intervals(ui: &mut Ui, result: &AnalysisResult) {
    ui.label(theme::heading("Do its intervals hold?"));
    let Some(intervals) = &result.intervals else {
        let text = "Injecting noise also predicts samples that were not learned from, and counts how many of their values lie \
                    where they are said to.";
        ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
        return;
    };
    let text = format!(
        "Values of {} samples, of which a quarter at a time was held out: how many of them lie in the intervals that should hold \
         {:.0} %.",
        thousands(intervals.samples as u64),
        100.0 * LEVEL
    );
    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
    let columns = [
        (
            "Hold",
            "With the factor, found on other samples than those it is tried on",
        ),
        (
            "As they are",
            "1.645 predicted standard deviations to both sides, without the factor",
        ),
        (
            "Factor",
            "What the predicted standard deviation of a new sample's value, or of one that was not measured, is to be multiplied by",
        ),
    ];
    egui::Grid::new("intervals")
        .spacing([20.0, 8.0])
        .show(ui, |ui| {
            ui.label("");
            for (name, tip) in columns {
                ui.label(theme::weak(ui, name)).on_hover_text(tip);
            }
            ui.end_row();
            let names = result.dataset.modalities.iter().map(|m| &m.name);
            for (name, found) in names.zip(&intervals.modalities) {
                name::show(ui, name, 160.0, |text| text.into());
                ui.monospace(format!("{:.1} %", 100.0 * found.covered));
                ui.monospace(format!("{:.1} %", 100.0 * found.before));
                ui.monospace(format!("{:.2}", found.factor));
                ui.end_row();
            }
        });
}

/// Errors against coverage, and what every lens is worth.
fn errors(ui: &mut Ui, check: &Check, height: Height) {
    let text = match check.labelled {
        0 => "Without labels of two classes or more it is not known which samples are in a wrong cluster.".into(),
        labelled => format!(
            "{} of {} labelled samples ({:.1} %) are in a cluster of another class.",
            thousands(check.wrong as u64),
            thousands(labelled as u64),
            100.0 * check.wrong as f64 / labelled as f64
        ),
    };
    ui.label(theme::weak(ui, text));
    let width = ui.available_width();
    if width < NARROW {
        plots::coverage(ui, check, egui::vec2(width, height.0));
        table(ui, check);
        return;
    }
    ui.horizontal_top(|ui| {
        plots::coverage(ui, check, egui::vec2(0.55 * width, height.0));
        ui.add_space(4.0 * theme::GRID);
        ui.vertical(|ui| table(ui, check));
    });
}

/// Rows of lenses, columns of what they find.
fn table(ui: &mut Ui, check: &Check) {
    let columns = [
        (
            "Finds errors",
            "The chance that a sample in a wrong cluster is more uncertain than one in the right cluster (AUROC): \
             50 % is a guess, 100 % finds all",
        ),
        (
            "Errors left",
            "Errors among the samples that are kept, averaged over all shares that may be kept (area under the curve): \
             less is better",
        ),
        (
            "Between types",
            "The chance that a cell simulated between two types is more uncertain than another (AUROC)",
        ),
    ];
    // Only simulated data tell which samples lie between types.
    let shown = match check.lenses.iter().any(|lens| lens.between.is_some()) {
        true => &columns[..],
        false => &columns[..2],
    };
    egui::Grid::new("lenses")
        .num_columns(shown.len() + 1)
        .spacing([20.0, 8.0])
        .show(ui, |ui| {
            ui.label("");
            for (name, tip) in shown {
                ui.label(theme::weak(ui, *name)).on_hover_text(*tip);
            }
            ui.end_row();
            for (number, lens) in check.lenses.iter().enumerate() {
                let name = egui::RichText::new(lens.lens.to_string()).strong();
                ui.label(name.color(plots::lens_colour(number)));
                let area = lens.curve.as_ref().map(|curve| curve.area);
                for value in [lens.errors, area, lens.between]
                    .into_iter()
                    .take(shown.len())
                {
                    let text = value.map_or("\u{2013}".into(), |v| format!("{:.1} %", 100.0 * v));
                    ui.monospace(text);
                }
                ui.end_row();
            }
            if let Some(best) = &check.best {
                let tip = "If every error were more uncertain than all the rest: the dashed line";
                ui.label(theme::weak(ui, "best possible"))
                    .on_hover_text(tip);
                ui.label("");
                let text = format!("{:.1} %", 100.0 * best.area);
                ui.label(theme::weak(ui, text).monospace());
                ui.end_row();
            }
        });
}
