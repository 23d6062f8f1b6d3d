//! Known classes, the columns that could hold them, and what else is known of the samples.

use eframe::egui::{self, Label, Ui};

use super::notes;
use crate::{
    data::Dataset,
    figure::palette,
    io::{Answer, Choice, LabelSource, LoadNotice, LoadReport},
    ui::{theme, widgets::name},
    words::thousands,
};

/// Shows them; another column may be chosen.
pub(super) fn show(
    ui: &mut Ui,
    dataset: &Dataset,
    report: &LoadReport,
    notices: &[&LoadNotice],
) -> Option<Answer> {
    classes(ui, dataset);
    // Which columns there are is told below, and how many samples have no label above.
    let told = |notice: &LoadNotice| {
        matches!(
            notice,
            LoadNotice::LabelsFound { .. }
                | LoadNotice::ClassesPossible { .. }
                | LoadNotice::Unlabelled { .. }
        )
    };
    let rest: Vec<&LoadNotice> = notices.iter().copied().filter(|n| !told(n)).collect();
    let mut chosen = None;
    if !rest.is_empty() {
        ui.add_space(2.0 * theme::GRID);
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            chosen = notes::show(ui, report, &rest);
        });
    }
    let chosen = chosen.or(candidates(ui, report));
    if !dataset.obs.is_empty() {
        ui.add_space(3.0 * theme::GRID);
        theme::title(ui, "Columns of the samples")
            .on_hover_text("What else is known of every sample; the model does not see it");
        let column =
            |(name, column): (&str, &crate::data::Column)| format!("{name} ({})", column.kind());
        let columns: Vec<String> = dataset.obs.columns().map(column).collect();
        ui.add(Label::new(columns.join(", ")).wrap());
    }
    chosen
}

/// The columns that could hold the classes, each with a button.
fn candidates(ui: &mut Ui, report: &LoadReport) -> Option<Answer> {
    if report.label_columns.is_empty() {
        return None;
    }
    let now = match &report.labels_from {
        Some(LabelSource::File { column, .. }) => Some(column),
        _ => None,
    };
    ui.add_space(3.0 * theme::GRID);
    theme::title(ui, "Columns that could be the labels");
    let room = (ui.available_width() - 340.0).max(80.0);
    let mut chosen = None;
    egui::Grid::new("label columns")
        .num_columns(5)
        .spacing([20.0, 6.0])
        .show(ui, |ui| {
            for text in ["column", "values", "classes", "missing", ""] {
                ui.label(theme::weak(ui, text));
            }
            ui.end_row();
            for candidate in &report.label_columns {
                name::show(ui, &candidate.column, room, |text| text.into());
                ui.label(&candidate.kind);
                ui.label(thousands(candidate.classes as u64));
                ui.label(thousands(candidate.missing as u64));
                if Some(&candidate.column) == now {
                    ui.label(theme::weak(ui, "in use"));
                } else if ui.button("Use").on_hover_text(&candidate.column).clicked() {
                    chosen = Some(Answer {
                        text: candidate.column.clone(),
                        choice: Choice::LabelColumn(candidate.column.clone()),
                    });
                }
                ui.end_row();
            }
        });
    chosen
}

/// The classes and their samples.
pub(super) fn classes(ui: &mut Ui, dataset: &Dataset) {
    theme::title(ui, "Labels").on_hover_text("The known class of each sample");
    let Some(labels) = &dataset.labels else {
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "None. Everything works without them but ACC, NMI, ARI and purity; set the number \
                 of clusters before training (there, 'How many?' tries some on the data).",
            ))
            .wrap(),
        );
        return;
    };
    let counts = labels.counts();
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    // Names may take half of the width; what they leave is for the bars.
    let names = labels
        .classes
        .iter()
        .map(|c| name::width(ui, c.as_str().into()));
    let room = names.fold(0.0, f32::max).min(0.5 * ui.available_width());
    let bar_width = (ui.available_width() - room - 100.0).clamp(40.0, 260.0);
    egui::Grid::new("classes")
        .num_columns(3)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            for (i, (class, count)) in labels.classes.iter().zip(&counts).enumerate() {
                name::show(ui, class, room, |text| text.into());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(thousands(*count as u64));
                });
                let (rect, _) =
                    ui.allocate_exact_size(egui::vec2(bar_width, 12.0), egui::Sense::hover());
                let width = rect.width() * *count as f32 / most as f32;
                let bar = egui::Rect::from_min_size(rect.min, egui::vec2(width.max(2.0), 12.0));
                ui.painter()
                    .rect_filled(bar, 3.0, theme::colour(palette::category(i)));
                ui.end_row();
            }
        });
    let without = labels.unlabelled();
    if without > 0 {
        let text = format!("{} samples have no label", thousands(without as u64));
        ui.label(theme::weak(ui, text));
    }
}
