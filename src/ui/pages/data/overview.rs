//! What is loaded: modalities, classes, and what loading had to repair.

use eframe::egui::{self, RichText, Ui};

use crate::{
    app::LoadedData,
    data::Dataset,
    figure::{self, palette},
    ui::{theme, widgets::name},
    words::thousands,
};

/// Shows it.
pub(super) fn show(ui: &mut Ui, data: &LoadedData) {
    let dataset = &data.dataset;
    heading(ui, dataset);
    ui.add_space(2.0 * theme::GRID);
    modalities(ui, dataset, &data.ranges);
    if let Some(report) = &data.report
        && !report.notices.is_empty()
    {
        ui.add_space(3.0 * theme::GRID);
        theme::title(ui, "What you should know");
        for notice in &report.notices {
            ui.horizontal_wrapped(|ui| {
                ui.label(theme::weak(ui, "\u{2022}"));
                ui.label(notice.to_string());
            });
        }
    }
    ui.add_space(3.0 * theme::GRID);
    classes(ui, dataset);
}

/// What the data are called, and how many of what they hold.
fn heading(ui: &mut Ui, dataset: &Dataset) {
    let look = |text: &str| RichText::new(text).size(22.0).strong();
    let counts = format!(
        ": {} samples, {} {}",
        thousands(dataset.sample_ids.len() as u64),
        dataset.modalities.len(),
        if dataset.modalities.len() == 1 {
            "modality"
        } else {
            "modalities"
        },
    );
    let room = ui.available_width() - name::width(ui, look(&counts));
    let short = name::cut(ui, &dataset.name, room, look);
    let all = format!("{}{counts}", dataset.name);
    let shown = format!("{short}{counts}");
    let label = ui.label(look(&shown));
    name::whole(label, &all, &shown, egui::Role::Label);
}

fn modalities(ui: &mut Ui, dataset: &Dataset, ranges: &[(f32, f32)]) {
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

fn short(x: f32) -> String {
    if x != 0.0 && !(1e-2..1e5).contains(&x.abs()) {
        format!("{x:.1e}")
    } else if x.abs() >= 100.0 {
        format!("{x:.0}")
    } else {
        format!("{x:.2}")
    }
}

fn classes(ui: &mut Ui, dataset: &Dataset) {
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
