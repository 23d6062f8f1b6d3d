//! The sheet that helps to choose the number of clusters.

use eframe::egui;
use egui_plot::{Legend, Line, PlotBounds, PlotPoints, Points, VLine};

use super::{theme, widgets::live_plot::still};
use crate::{
    app::{AppState, Command, Suggestion},
    document::Edit,
    figure::palette::score,
    pipeline::{
        AnalysisSpec,
        suggest::{Candidate, UNCLEAR, Verdict, peaks},
    },
};

/// Numbers on the horizontal axis from the start, so that nothing is rescaled.
const NUMBERS: std::ops::RangeInclusive<f64> = 1.5..=20.5;

/// Shows the sheet while there is a suggestion.
pub(crate) fn show(
    ctx: &egui::Context,
    state: &AppState,
    picked: &mut Option<usize>,
    commands: &mut Vec<Command>,
) {
    let Some(suggestion) = &state.suggestion else {
        *picked = None;
        return;
    };
    let best = peaks(&suggestion.candidates);
    let sheet = egui::Modal::new(egui::Id::unique("suggestion")).show(ctx, |ui| {
        ui.set_width(560.0);
        ui.label(theme::heading("How many clusters?"));
        let text = "Several quick embeddings are clustered with every number, without looking at labels. \
                    Where they agree, the number fits the data; there may be more than one good answer.";
        ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
        ui.add_space(theme::GRID);
        plot(ui, &suggestion.candidates, picked);
        if suggestion.is_active() {
            progress(ui, suggestion);
        } else {
            numbers(ui, &best, picked);
        }
        ui.add_space(theme::GRID);
        ui.horizontal(|ui| {
            ui.set_width(ui.available_width());
            let use_it = match picked {
                Some(clusters) => format!("Use {clusters} clusters"),
                None => "Click on a number".into(),
            };
            if theme::primary(ui, &use_it, picked.is_some()).clicked()
                && let Some(clusters) = *picked
            {
                commands.push(Command::Do(Edit::Settings(Box::new(AnalysisSpec {
                    clusters: Some(clusters),
                    ..state.document.spec.clone()
                }))));
                commands.push(Command::ForgetSuggestion);
            }
        });
        let name = if suggestion.is_active() { "Cancel" } else { "Close" };
        if ui.button(name).clicked() {
            commands.push(Command::ForgetSuggestion);
        }
    });
    if sheet.should_close() {
        commands.push(Command::ForgetSuggestion);
    }
}

/// The best numbers, each with what it is worth; what is not clear steps back.
fn numbers(ui: &mut egui::Ui, best: &[Candidate], picked: &mut Option<usize>) {
    let clear = best.iter().any(|peak| peak.verdict() == Verdict::Clear);
    let weak = theme::colours(ui).weak;
    if clear {
        ui.label("They agree best on these numbers:");
    } else {
        ui.add(egui::Label::new(egui::RichText::new(UNCLEAR).strong()).wrap());
    }
    for row in best[..best.len().min(4)].chunks(2) {
        ui.horizontal(|ui| {
            for peak in row {
                let tip = format!(
                    "Agreement {:.0} %, separation {:.0} %",
                    100.0 * peak.agreement,
                    100.0 * peak.separation
                );
                let (number, verdict) = (peak.clusters.to_string(), peak.verdict());
                let (number, word) = match verdict {
                    Verdict::Clear => (
                        egui::RichText::new(number).strong(),
                        verdict.to_string().into(),
                    ),
                    _ => (
                        egui::RichText::new(number).color(weak),
                        theme::weak(ui, verdict.to_string()),
                    ),
                };
                let chosen = *picked == Some(peak.clusters);
                if ui
                    .selectable_label(chosen, number)
                    .on_hover_text(&tip)
                    .clicked()
                {
                    *picked = Some(peak.clusters);
                }
                ui.label(word).on_hover_text(tip);
                ui.add_space(3.0 * theme::GRID);
            }
        });
    }
}

fn progress(ui: &mut egui::Ui, suggestion: &Suggestion) {
    ui.horizontal(|ui| {
        theme::progress(ui, suggestion.share);
        ui.label(theme::weak(ui, "trying"));
    });
}

/// Agreement and separation against the number of clusters; a click picks the number.
fn plot(ui: &mut egui::Ui, candidates: &[Candidate], picked: &mut Option<usize>) {
    let series = |value: fn(&Candidate) -> f64| -> Vec<[f64; 2]> {
        let each = candidates.iter();
        each.map(|c| [c.clusters as f64, 100.0 * value(c)])
            .collect()
    };
    let (low, high) = (*NUMBERS.start(), *NUMBERS.end());
    let accent = theme::colours(ui).accent;
    let answer = still(ui, "suggestion")
        .sense(egui::Sense::click())
        .height(220.0)
        .legend(Legend::default())
        .x_axis_label("clusters")
        .y_axis_label("%")
        .show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max([low, 0.0], [high, 104.0]));
            if let Some(clusters) = *picked {
                plot.vline(VLine::new("", clusters as f64).color(accent).width(2.0));
            }
            for (name, colour, points) in [
                ("agreement", score::AGREEMENT, series(|c| c.agreement)),
                ("separation", score::ASW, series(|c| c.separation.max(0.0))),
            ] {
                let colour = theme::colour(colour);
                let path = PlotPoints::from(points.clone());
                plot.line(Line::new(name, path).color(colour).width(2.0));
                let marks = PlotPoints::from(points);
                plot.points(Points::new(name, marks).color(colour).radius(3.0));
            }
            plot.pointer_coordinate()
        });
    answer.response.widget_info(|| {
        let text = format!("Plot of {} numbers of clusters", candidates.len());
        egui::WidgetInfo::labeled(egui::Role::Image, true, text)
    });
    if answer.response.clicked()
        && let Some(at) = answer.inner
    {
        let near = at.x.round();
        let tried = candidates.iter().find(|c| c.clusters as f64 == near);
        *picked = tried.map(|c| c.clusters).or(*picked);
    }
}
