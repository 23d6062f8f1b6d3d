//! Legend, colour bar and what is known of one sample.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{
    View,
    colouring::{self, Colouring},
    panel,
};
use crate::{
    pipeline::AnalysisResult,
    ui::{
        theme,
        widgets::legend::{self, Entry},
    },
};

/// Features listed for a sample.
const TOP_FEATURES: usize = 5;

/// Shows the inspector; gives the group under the pointer.
pub(super) fn show(
    ui: &mut Ui,
    result: &AnalysisResult,
    colouring: &Colouring,
    view: &mut View,
    sample: Option<usize>,
) -> Option<usize> {
    let narrow = ui.ctx().content_rect().width() < theme::NARROW;
    let width = if narrow {
        0.78 * theme::INSPECTOR
    } else {
        theme::INSPECTOR
    };
    let frame = theme::side(ui);
    egui::Panel::right("inspector")
        .exact_size(width)
        .frame(frame)
        .show(ui, |ui| {
            egui::Panel::bottom("sample card")
                .frame(egui::Frame::new())
                .show_separator_line(false)
                .exact_size((ui.available_height() * 0.34).min(290.0))
                .show(ui, |ui| card(ui, result, view, sample));
            egui::Panel::bottom("colour bar")
                .frame(egui::Frame::new().inner_margin(egui::Margin {
                    top: 10,
                    ..Default::default()
                }))
                .show_separator_line(false)
                .exact_size(116.0)
                .show(ui, |ui| bar(ui, result, colouring, view));
            let entries: Vec<Entry<'_>> = colouring
                .groups
                .iter()
                .enumerate()
                .map(|(i, g)| Entry {
                    name: &g.name,
                    colour: g.colour,
                    samples: g.samples,
                    number: (!colouring.names.is_empty()).then_some(i + 1),
                })
                .collect();
            let data = Arc::as_ptr(&result.dataset).addr();
            legend::show(ui, data, &entries, &mut view.hidden)
        })
        .inner
}

/// The colour bar with its two handles.
fn bar(ui: &mut Ui, result: &AnalysisResult, colouring: &Colouring, view: &mut View) {
    let dark = ui.visuals().dark_mode;
    let look = colouring::look(result, view.lens);
    let name = panel::lens_name(result, view.lens);
    let mut title = name.clone();
    if let Some(first) = title.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    ui.strong(title)
        .on_hover_text("Drag the handles: samples outside step back");
    let (rect, _) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), 12.0), egui::Sense::hover());
    let mut mesh = egui::Mesh::default();
    const STEPS: u32 = 48;
    for step in 0..=STEPS {
        let share = step as f32 / STEPS as f32;
        let x = egui::lerp(rect.x_range(), share);
        let colour = theme::colour(colouring::colour(look.colours, share, dark));
        mesh.colored_vertex(egui::pos2(x, rect.top()), colour);
        mesh.colored_vertex(egui::pos2(x, rect.bottom()), colour);
        if step > 0 {
            let at = 2 * step;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    ui.painter().add(mesh);
    let (low, high) = &mut view.range;
    ui.spacing_mut().slider_width = ui.available_width() - 4.0;
    let slider = ui
        .add(egui::RangeSlider::new(low, high, 0.0..=1.0).show_value(false))
        .on_hover_text("Samples outside this range step back; double-click shows all again");
    if slider.double_clicked() {
        (*low, *high) = (0.0, 1.0);
    }
    let (from, to) = colouring.span;
    let at = |share: f32| from + share * (to - from);
    let [least, most] = look.ends;
    let (low, high) = (at(view.range.0), at(view.range.1));
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(format!("{least} {low:.2}")).small());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(egui::RichText::new(format!("{high:.2} {most}")).small());
        });
    });
}

/// What is known of a sample.
fn card(ui: &mut Ui, result: &AnalysisResult, view: &View, sample: Option<usize>) {
    ui.separator();
    let Some(i) = sample.filter(|&i| i < result.dataset.sample_ids.len()) else {
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "Point at a sample to see it here; click to keep it.",
            ))
            .wrap(),
        );
        return;
    };
    let stage = result.stage(view.stage);
    egui::ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            ui.add(
                egui::Label::new(egui::RichText::new(&result.dataset.sample_ids[i]).strong())
                    .truncate(),
            );
            let mut line = |name: &str, value: String| {
                ui.horizontal(|ui| {
                    ui.label(theme::weak(ui, name));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(value).truncate());
                    });
                });
            };
            if let Some(labels) = &result.dataset.labels {
                line("label", labels.name_of(i).unwrap_or("none").to_string());
            }
            line("cluster", (stage.clusters[i] + 1).to_string());
            let [first, second] = stage.ambiguity.between[i].map(|k| k + 1);
            line(
                "ambiguity",
                format!("{:.3} ({first} or {second})", stage.ambiguity.value[i]),
            );
            if let Some(disagreement) = &stage.disagreement {
                line("disagreement", format!("{:.0} %", 100.0 * disagreement[i]));
            }
            line("data noise", format!("{:.3}", result.uncertainty.sample[i]));
            if result.dataset.modalities.len() > 1 {
                for (v, modality) in result.dataset.modalities.iter().enumerate() {
                    line(
                        &modality.name,
                        format!("{:.3}", result.uncertainty.modality[[i, v]]),
                    );
                }
            }
            for column in &result.dataset.truth.sample {
                line(
                    &format!("true {}", column.name),
                    format!("{:.3}", column.values[i]),
                );
            }
            line("noisiest features", String::new());
            let Ok(noisiest) = result.uncertainty.top_features(i, TOP_FEATURES) else {
                let text = "They could not be read back from the disk.";
                ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
                return;
            };
            for (v, f, sigma) in noisiest {
                let modality = &result.dataset.modalities[v];
                let name = modality.features.get(f).map_or("", String::as_str);
                line(name, format!("{sigma:.3}"));
            }
        });
}
