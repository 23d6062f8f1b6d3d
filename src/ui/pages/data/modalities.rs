//! The modalities: what their files hold, and what becomes of it.

use eframe::egui::{self, Label, RichText, Ui};

use super::notes;
use crate::{
    data::Dataset,
    figure,
    io::{Answer, LoadNotice, LoadReport, ModalityReport, Preview},
    ui::{theme, widgets::name},
    words::thousands,
};

/// Width of the column of questions.
const LABELS: f32 = 92.0;

/// Height of a line of answers.
const ROW: f32 = 5.0 * theme::GRID;

/// Shows one of a file; another of its matrices may be chosen.
pub(super) fn show(
    ui: &mut Ui,
    report: &LoadReport,
    modality: &ModalityReport,
    notices: &[&LoadNotice],
) -> Option<Answer> {
    let count = |n: usize| thousands(n as u64);
    let mut chosen = None;
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let room = ui.available_width();
        name::show(ui, &modality.name, room, |text| {
            RichText::new(text).size(16.0).strong()
        });
        let grid = egui::Grid::new(("modality", &modality.name));
        grid.num_columns(2)
            .min_col_width(LABELS)
            .max_col_width((room - LABELS - 24.0).max(120.0))
            .min_row_height(ROW)
            .spacing([16.0, theme::GRID])
            .show(ui, |ui| {
                ui.spacing_mut().interact_size.y = ROW;
                let row = |ui: &mut Ui, what: &str, tip: &str, text: String| {
                    ui.label(theme::weak(ui, what)).on_hover_text(tip);
                    ui.add(Label::new(text).wrap());
                    ui.end_row();
                };
                let turned = match modality.turned {
                    true => ", features in rows",
                    false => "",
                };
                let held = format!(
                    "{}: {} samples x {} features{turned}",
                    of_file(modality),
                    count(modality.samples_in_file),
                    count(modality.features_in_file)
                );
                row(
                    ui,
                    "file",
                    "What was read, before anything was left out",
                    held,
                );
                if modality.matrices.len() > 1 {
                    ui.label(theme::weak(ui, "matrix"))
                        .on_hover_text("Which of the matrices of the file is taken");
                    chosen = matrix(ui, modality);
                    ui.end_row();
                }
                row(ui, "values", "What the values look like", values(modality));
                let used = format!(
                    "{} samples x {} features",
                    count(report.samples),
                    count(modality.features)
                );
                row(
                    ui,
                    "the model gets",
                    "Samples that all modalities have",
                    used,
                );
            });
        if !notices.is_empty() {
            ui.add_space(theme::GRID);
            let choice = notes::show(ui, report, notices);
            chosen = chosen.take().or(choice);
        }
        egui::CollapsingHeader::new("First values")
            .id_salt(("preview", &modality.name))
            .default_open(report.modalities.len() < 3)
            .show(ui, |ui| preview(ui, &modality.preview));
    });
    chosen
}

fn of_file(modality: &ModalityReport) -> String {
    let file = modality
        .file
        .file_name()
        .unwrap_or(modality.file.as_os_str());
    format!("{}, {}", file.to_string_lossy(), modality.format)
}

fn values(modality: &ModalityReport) -> String {
    let facts = &modality.facts;
    let mut text = modality.looks.to_string();
    if facts.low <= facts.high {
        text += &format!(
            ", {} to {}; {:.1} % are not zero",
            short(facts.low),
            short(facts.high),
            100.0 * facts.density()
        );
    }
    if facts.missing > 0 {
        text += &format!("; {} missing", thousands(facts.missing));
    }
    text
}

/// The matrices of the file, to choose from.
fn matrix(ui: &mut Ui, modality: &ModalityReport) -> Option<Answer> {
    let mut chosen = modality.matrix.clone();
    egui::ComboBox::from_id_salt(("matrix", &modality.name))
        .selected_text(name::cut(ui, &chosen, 200.0, |text| text.into()))
        .show_ui(ui, |ui| {
            for matrix in &modality.matrices {
                ui.selectable_value(&mut chosen, matrix.clone(), matrix);
            }
        });
    (chosen != modality.matrix).then(|| Answer {
        text: chosen.clone(),
        choice: modality.choose(&chosen),
    })
}

/// The first values, as they stand in the file.
fn preview(ui: &mut Ui, preview: &Preview) {
    let short_name = |text: &String| figure::name::cut(text, |text| text.chars().count() <= 16);
    egui::ScrollArea::horizontal().show(ui, |ui| {
        egui::Grid::new("preview")
            .striped(true)
            .min_row_height(ROW)
            .spacing([16.0, 0.0])
            .show(ui, |ui| {
                ui.spacing_mut().interact_size.y = ROW;
                ui.label("");
                for feature in &preview.features {
                    let label = ui.label(theme::weak(ui, short_name(feature)));
                    name::whole(label, feature, &short_name(feature), egui::Role::Label);
                }
                ui.end_row();
                for (sample, values) in preview.samples.iter().zip(&preview.values) {
                    let label = ui.label(theme::weak(ui, short_name(sample)));
                    name::whole(label, sample, &short_name(sample), egui::Role::Label);
                    for value in values {
                        let text = match value.is_nan() {
                            true => "missing".to_owned(),
                            false => short(*value),
                        };
                        ui.label(text);
                    }
                    ui.end_row();
                }
            });
    });
}

/// Modalities that are of no file.
pub(super) fn made(ui: &mut Ui, dataset: &Dataset, ranges: &[(f32, f32)]) {
    theme::title(ui, "Modalities").on_hover_text("Kinds of measurement of the same samples");
    let room = (ui.available_width() - 260.0).max(80.0);
    egui::Grid::new("modalities")
        .num_columns(3)
        .spacing([32.0, 8.0])
        .show(ui, |ui| {
            for text in ["name", "features", "values"] {
                ui.label(theme::weak(ui, text));
            }
            ui.end_row();
            for (m, (low, high)) in dataset.modalities.iter().zip(ranges) {
                name::show(ui, &m.name, room, |text| RichText::new(text).strong());
                ui.label(thousands(m.features.len() as u64))
                    .on_hover_text(some(&m.features));
                ui.label(format!("{} to {}", short(*low), short(*high)));
                ui.end_row();
            }
        });
}

/// The first names of a list, each in so many signs at most that all can be read.
fn some(names: &[String]) -> String {
    let short = |name: &String| figure::name::cut(name, |text| text.chars().count() <= 40);
    let shown: Vec<String> = names.iter().take(12).map(short).collect();
    let shown = shown.join(", ");
    if names.len() > 12 {
        format!("{shown}, ...")
    } else {
        shown
    }
}

/// A value in a few digits; whole numbers as such.
fn short(x: f32) -> String {
    if x.fract() == 0.0 && x.abs() < 1e7 {
        format!("{x:.0}")
    } else if !(1e-2..1e5).contains(&x.abs()) {
        format!("{x:.1e}")
    } else if x.abs() >= 100.0 {
        format!("{x:.0}")
    } else {
        format!("{x:.2}")
    }
}
