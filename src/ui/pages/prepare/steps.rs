//! The steps of a modality, to be changed.

use eframe::egui::{self, RichText, Ui};

use super::words;
use crate::{
    prepare::{Ranking, Recipe, Step},
    ui::{theme, widgets::form},
};

/// What is done with a list.
enum Change {
    Up(usize),
    Down(usize),
    Remove(usize),
    Add(Step),
}

/// Shows the steps; those changed run at once on some samples.
pub(super) fn show(ui: &mut Ui, recipe: &mut Recipe) {
    let mut change = None;
    let count = recipe.steps.len();
    for (at, step) in recipe.steps.iter_mut().enumerate() {
        theme::card(ui).inner_margin(8.0).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                let title = format!("{}  {}", at + 1, words::title(step));
                ui.label(RichText::new(title).strong())
                    .on_hover_text(words::tip(step));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    let name = words::title(step);
                    if button(ui, "\u{2716}", &format!("Leave out: {name}"), true) {
                        change = Some(Change::Remove(at));
                    }
                    if button(ui, "\u{25BC}", &format!("Later: {name}"), at + 1 < count) {
                        change = Some(Change::Down(at));
                    }
                    if button(ui, "\u{25B2}", &format!("Earlier: {name}"), at > 0) {
                        change = Some(Change::Up(at));
                    }
                });
            });
            if words::has_settings(step) {
                ui.push_id(at, |ui| settings(ui, step));
            }
        });
        ui.add_space(0.5 * theme::GRID);
    }
    egui::ComboBox::from_id_salt("add a step")
        .selected_text("Add a step")
        .width(ui.available_width())
        .height(480.0)
        .show_ui(ui, |ui| {
            // Names of features to leave out are written in a file of recipes.
            let usual = Step::usual().into_iter();
            for step in usual.filter(|step| !matches!(step, Step::DropFeatures { .. })) {
                let entry = ui.selectable_label(false, words::title(&step));
                if entry.on_hover_text(words::tip(&step)).clicked() {
                    change = Some(Change::Add(step));
                }
            }
        });
    let steps = &mut recipe.steps;
    match change {
        Some(Change::Up(at)) => steps.swap(at, at - 1),
        Some(Change::Down(at)) => steps.swap(at, at + 1),
        Some(Change::Remove(at)) => drop(steps.remove(at)),
        Some(Change::Add(step)) => steps.push(step),
        None => {}
    }
}

fn button(ui: &mut Ui, sign: &str, name: &str, enabled: bool) -> bool {
    let button = egui::Button::new(RichText::new(sign).size(11.0)).frame(false);
    let response = ui.add_enabled(enabled, button).on_hover_text(name);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, enabled, name));
    response.clicked()
}

/// The settings of a step, if it has some.
fn settings(ui: &mut Ui, step: &mut Step) {
    match step {
        Step::DropFeatures { names } => {
            ui.label(theme::weak(ui, names.join(", ")));
        }
        Step::DropRare { samples } => {
            let tip = "Features that fewer samples have a count of are left out";
            form::number(ui, "Samples", tip, samples, 1..=1_000_000);
        }
        Step::ImputeNearest { neighbours } => {
            form::number(
                ui,
                "Neighbours",
                "Samples that the mean is taken of",
                neighbours,
                1..=1_000,
            );
        }
        Step::Normalise { target } | Step::TfIdf { scale: target } => {
            let tip = "What the counts of every sample add up to; 10,000 is usual";
            form::number(ui, "Total", tip, target, 1.0..=1e12);
        }
        Step::SelectVariable { features, by } => {
            form::number(ui, "Features", "How many are kept", features, 1..=1_000_000);
            let choices = Ranking::ALL.map(|by| (by, words::ranking(by).to_owned()));
            let tip = "What makes a feature variable; Seurat v3 and Pearson residuals need counts";
            form::choice(ui, "By", tip, by, &choices);
        }
        Step::Pca {
            components,
            standardised,
        } => {
            form::number(ui, "Components", "How many are kept", components, 1..=1_000);
            let tip = "Divides every feature by its standard deviation first, as Seurat does: a gene then counts by how it varies";
            form::row(ui, "Standardised", tip, |ui| ui.checkbox(standardised, ""));
        }
        Step::Lsi { components } => {
            form::number(ui, "Components", "How many are kept", components, 1..=1_000);
        }
        Step::Standardise { most } => {
            let tip = "Values farther from 0 than this become this";
            form::number(ui, "At most", tip, most, 0.1..=1e6);
        }
        Step::ScaleQuantiles { low, high } => {
            form::number(
                ui,
                "From quantile",
                "The quantile that becomes 0",
                low,
                0.0..=0.5,
            );
            form::number(
                ui,
                "To quantile",
                "The quantile that becomes 1",
                high,
                0.5..=1.0,
            );
        }
        Step::DropConstant
        | Step::FillMissing
        | Step::Log1p
        | Step::Log2
        | Step::MValues
        | Step::Binarise
        | Step::Clr => {}
    }
}
