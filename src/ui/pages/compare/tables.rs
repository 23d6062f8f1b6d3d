//! Methods as rows, and every two of them as a cell.

use eframe::egui::{self, Align2, FontId, RichText, Sense, Ui};

use crate::{
    method::Method,
    pipeline::{Compared, Comparison},
    ui::theme,
};

/// Width of a bar at 100 %.
const BAR: f32 = 96.0;

/// Canvases narrower than this have no bars.
const WIDE: f32 = 760.0;

/// Width and height of a cell of the table of every two.
const CELL: egui::Vec2 = egui::vec2(44.0, 28.0);

/// Scores by labels: the name, what it is, and its value.
const SCORES: [(&str, &str); 3] = [
    (
        "ACC",
        "Share of samples in the cluster that matches their class best",
    ),
    (
        "NMI",
        "Normalised mutual information of clusters and classes",
    ),
    (
        "ARI",
        "Adjusted Rand index: agreement of pairs with the classes, corrected for chance",
    ),
];

/// A row for every method; what is known once all are done is left out before.
pub(super) fn methods(
    ui: &mut Ui,
    methods: &[Compared],
    with_hdumec: Option<&[Option<f64>]>,
    labelled: bool,
) {
    let scores: Vec<[Option<f64>; 3]> = methods
        .iter()
        .map(|compared| {
            let scores = compared.clusters().map(|found| found.scores);
            scores.map_or([None; 3], |s| [s.acc, s.nmi, s.ari])
        })
        .collect();
    let best = |column: usize| {
        let values = scores.iter().filter_map(|row| row[column]);
        values.fold(f64::NEG_INFINITY, f64::max)
    };
    let best = [best(0), best(1), best(2)];
    let wide = ui.available_width() > WIDE;
    egui::Grid::new("methods")
        .spacing([if wide { 24.0 } else { 14.0 }, 8.0])
        .show(ui, |ui| {
            header(ui, labelled, labelled && wide, with_hdumec.is_some());
            for (row, compared) in methods.iter().enumerate() {
                let (method, found) = (compared.method, compared.clusters());
                let name = RichText::new(method.to_string());
                let name = match method {
                    Method::Hdumec => name.strong().color(theme::colours(ui).accent),
                    _ => name,
                };
                ui.label(name).on_hover_text(method.about());
                let Some(found) = found else {
                    let why = compared.outcome.as_ref().err().cloned();
                    ui.label(theme::weak(ui, "not run"))
                        .on_hover_text(why.unwrap_or_default());
                    ui.end_row();
                    continue;
                };
                if labelled && wide {
                    bar(ui, scores[row][2]);
                }
                if labelled {
                    for (value, best) in scores[row].into_iter().zip(best) {
                        let text = value.map_or("\u{2013}".into(), |v| format!("{v:.3}"));
                        let text = RichText::new(text).monospace();
                        ui.label(match value {
                            Some(value) if value > best - 5e-4 => text.strong(),
                            _ => text,
                        });
                    }
                }
                if let Some(agreement) = with_hdumec {
                    match (method, agreement.get(row).copied().flatten()) {
                        (Method::Hdumec, _) | (_, None) => ui.label("\u{2013}"),
                        (_, Some(value)) => ui.monospace(format!("{:.0} %", 100.0 * value)),
                    };
                }
                ui.monospace(found.scores.clusters.to_string());
                ui.monospace(format!("{:.1} s", found.seconds));
                ui.end_row();
            }
        });
}

fn header(ui: &mut Ui, labelled: bool, bars: bool, agreement: bool) {
    ui.label("");
    if bars {
        ui.label("");
    }
    if labelled {
        for (name, tip) in SCORES {
            ui.label(theme::weak(ui, name)).on_hover_text(tip);
        }
    }
    if agreement {
        let tip = "How far it agrees with hdumec, without looking at labels (adjusted Rand index)";
        ui.label(theme::weak(ui, "Like hdumec")).on_hover_text(tip);
    }
    ui.label(theme::weak(ui, "Clusters"))
        .on_hover_text("Clusters that hold at least one sample");
    ui.label(theme::weak(ui, "Time"))
        .on_hover_text("Without maps; the runs of the paper's network share their first stage, which counts for each");
    ui.end_row();
}

/// A share as a bar.
fn bar(ui: &mut Ui, value: Option<f64>) {
    let c = theme::colours(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(BAR, 10.0), Sense::hover());
    ui.painter().rect_filled(rect, 2.0, c.track);
    let value = value.unwrap_or(0.0).clamp(0.0, 1.0);
    let mut filled = rect;
    filled.set_width(BAR * value as f32);
    ui.painter().rect_filled(filled, 2.0, c.accent);
    response.on_hover_text("ARI: 0 is chance, full is the classes");
}

/// How far every two methods agree: the stronger the colour, the more.
pub(super) fn agreement(ui: &mut Ui, comparison: &Comparison) {
    egui::Grid::new("agreement")
        .spacing([2.0, 2.0])
        .min_col_width(CELL.x)
        .show(ui, |ui| {
            ui.label("");
            for number in 1..=comparison.methods.len() {
                ui.vertical_centered(|ui| ui.label(theme::weak(ui, number.to_string())));
            }
            ui.end_row();
            for (row, compared) in comparison.methods.iter().enumerate() {
                let name = format!("{}  {}   ", row + 1, compared.method);
                ui.label(name).on_hover_text(compared.method.about());
                for (column, value) in comparison.agreement[row].iter().enumerate() {
                    let other = comparison.methods[column].method;
                    cell(ui, compared.method, other, *value);
                }
                ui.end_row();
            }
        });
}

fn cell(ui: &mut Ui, method: Method, other: Method, value: Option<f64>) {
    let c = theme::colours(ui);
    let (rect, response) = ui.allocate_exact_size(CELL, Sense::hover());
    let text = match value {
        _ if method == other => String::new(),
        Some(value) => format!("{:.0}", 100.0 * value),
        None => "\u{2013}".into(),
    };
    let strength = match value {
        Some(value) if method != other => value.clamp(0.0, 1.0) as f32,
        _ => 0.0,
    };
    let fill = c.track.lerp_to_gamma(c.accent, strength);
    ui.painter().rect_filled(rect, 3.0, fill);
    // What is read on the colour of most.
    let colour = if strength > 0.5 { c.on_accent } else { c.text };
    let font = FontId::proportional(13.0);
    ui.painter()
        .text(rect.center(), Align2::CENTER_CENTER, &text, font, colour);
    if method != other {
        let words = format!("{method} and {other}: {text} %");
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
        response.on_hover_text(words);
    }
}
