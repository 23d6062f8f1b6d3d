//! The plots of the page: errors against coverage, predicted against known noise.

use eframe::egui::{self, Color32, Ui};
use egui_plot::{HoverPosition, Line, LineStyle, Plot, PlotBounds, PlotPoints, Points};

use super::reading::{Cloud, Clouds};
use crate::{
    figure::palette,
    pipeline::check::Check,
    ui::{
        theme,
        widgets::live_plot::{still, tick},
    },
};

/// Height of a plot with its title.
#[derive(Clone, Copy)]
pub(super) struct Height(pub f32);

/// Colour of a lens by its number.
pub(super) fn lens_colour(number: usize) -> Color32 {
    theme::colour(palette::category(number))
}

/// Colour of a modality by its number; not those of the lenses.
fn modality_colour(number: usize) -> Color32 {
    theme::colour(palette::category(number + 3))
}

/// A plot without interaction, whose axes are those given.
fn frame<'a>(ui: &Ui, name: &'a str, x: &str, y: &str) -> Plot<'a> {
    still(ui, name)
        .x_axis_formatter(|mark, _| tick(mark.value))
        .y_axis_formatter(|mark, _| tick(mark.value))
        .y_axis_min_width(44.0)
        .x_axis_label(x)
        .y_axis_label(y)
}

/// The share of errors against the share of samples that is kept.
pub(super) fn coverage(ui: &mut Ui, check: &Check, size: egui::Vec2) {
    let percent = |points: &[[f64; 2]]| -> Vec<[f64; 2]> {
        points.iter().map(|p| p.map(|x| 100.0 * x)).collect()
    };
    let curves: Vec<(String, Color32, Vec<[f64; 2]>)> = check
        .lenses
        .iter()
        .enumerate()
        .filter_map(|(number, lens)| {
            let curve = lens.curve.as_ref()?;
            let colour = lens_colour(number);
            Some((lens.lens.to_string(), colour, percent(&curve.points)))
        })
        .collect();
    let highest = curves.iter().flat_map(|(.., points)| points);
    let highest = highest.fold(1.0, |high: f64, p| high.max(p[1]));
    let weak = theme::colours(ui).weak;
    ui.allocate_ui(size, |ui| {
        ui.set_min_size(size);
        let plot = frame(
            ui,
            "Errors left",
            "samples kept, the surest first, %",
            "of them wrong, %",
        )
        .height(size.y)
        .label_formatter(|at| match at {
            HoverPosition::NearDataPoint {
                plot_name,
                position,
                ..
            } => Some(format!(
                "{plot_name}\n{:.1} % wrong of the surest {:.0} %",
                position.y, position.x
            )),
            HoverPosition::Elsewhere { .. } => None,
        });
        let answer = plot.show(ui, |plot| {
            plot.set_plot_bounds(PlotBounds::from_min_max(
                [0.0, 0.0],
                [101.0, 1.08 * highest],
            ));
            if let (Some(best), false) = (&check.best, curves.is_empty()) {
                let path = PlotPoints::from(percent(&best.points));
                let line = Line::new("best possible", path).color(weak).width(1.0);
                plot.line(line.style(LineStyle::dashed_loose()));
            }
            for (name, colour, points) in &curves {
                let path = PlotPoints::from(points.clone());
                plot.line(Line::new(name, path).color(*colour).width(2.0));
            }
        });
        answer.response.widget_info(|| {
            let each = check.lenses.iter().filter_map(|lens| {
                let found = lens.errors?;
                Some(format!(
                    ", {} finds errors with {:.0} %",
                    lens.lens,
                    100.0 * found
                ))
            });
            let text = format!("Plot: errors left{}", each.collect::<String>());
            egui::WidgetInfo::labeled(egui::Role::Image, true, text)
        });
    });
}

/// Predicted against known noise: of features on the left, of samples on the right.
pub(super) fn noise(
    ui: &mut Ui,
    clouds: Option<&Clouds>,
    modalities: &[&str],
    injected: bool,
    waiting: &str,
    height: Height,
) {
    let gap = 6.0 * theme::GRID;
    let size = egui::vec2(0.5 * (ui.available_width() - gap), height.0);
    let features: Vec<(&str, Color32, &Cloud)> = clouds
        .map_or(&[][..], |clouds| &clouds.features)
        .iter()
        .enumerate()
        .map(|(at, cloud)| (modalities[at], modality_colour(at), cloud))
        .filter(|(.., cloud)| !cloud.points.is_empty())
        .collect();
    let accent = theme::colours(ui).accent;
    let samples: Vec<(&str, Color32, &Cloud)> = clouds
        .map(|clouds| ("samples", accent, &clouds.samples))
        .into_iter()
        .collect();
    let known = match injected {
        true => ["noise put in", "noise put in"],
        false => ["true noise of a feature", "true noise of a cell"],
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = gap;
        for (title, known, clouds) in [
            ("Features", known[0], features),
            ("Samples", known[1], samples),
        ] {
            // Noise that was put in is predicted in its own units; so is the true noise of features.
            let diagonal = injected || title == "Features";
            scatter(ui, title, known, &clouds, diagonal, waiting, size);
        }
    });
}

fn scatter(
    ui: &mut Ui,
    title: &str,
    known: &str,
    clouds: &[(&str, Color32, &Cloud)],
    diagonal: bool,
    waiting: &str,
    size: egui::Vec2,
) {
    let points = clouds.iter().flat_map(|(.., cloud)| &cloud.points);
    let high = points.fold([0.0_f64; 2], |high, p| {
        [high[0].max(p[0]), high[1].max(p[1])]
    });
    let high = high.map(|high| if high > 0.0 { 1.08 * high } else { 1.0 });
    let weak = theme::colours(ui).weak;
    ui.allocate_ui(size, |ui| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * theme::GRID;
            ui.set_min_size(size);
            header(ui, title, clouds);
            let plot = frame(ui, title, known, "noise predicted")
                .height(ui.available_height())
                .label_formatter(|hovered| name_of(hovered, clouds));
            let answer =
                plot.show(ui, |plot| {
                    plot.set_plot_bounds(PlotBounds::from_min_max(
                        [-0.02 * high[0], -0.02 * high[1]],
                        high,
                    ));
                    if diagonal && !clouds.is_empty() {
                        let end = high[0].min(high[1]);
                        let path = PlotPoints::from(vec![[0.0, 0.0], [end, end]]);
                        plot.line(
                            Line::new("", path)
                                .color(weak)
                                .style(LineStyle::dashed_loose()),
                        );
                    }
                    for (name, colour, cloud) in clouds {
                        let many = cloud.points.len() > 300;
                        let marks = PlotPoints::from(cloud.points.clone());
                        let marks = Points::new(*name, marks)
                            .color(colour.gamma_multiply(if many { 0.6 } else { 0.9 }));
                        plot.points(marks.radius(if many { 1.5 } else { 3.0 }));
                    }
                });
            let rect = answer.response.rect;
            answer.response.widget_info(|| {
                let each = clouds.iter().filter_map(|(name, _, cloud)| {
                    Some(format!(
                        ", {name}: rank correlation {:.2}",
                        cloud.correlation?
                    ))
                });
                let text = format!(
                    "Plot: noise of {}{}",
                    title.to_lowercase(),
                    each.collect::<String>()
                );
                egui::WidgetInfo::labeled(egui::Role::Image, true, text)
            });
            if clouds.is_empty() {
                ui.painter().text(
                    rect.center(),
                    egui::Align2::CENTER_CENTER,
                    waiting,
                    egui::FontId::proportional(14.0),
                    weak,
                );
            }
        });
    });
}

/// What the dot under the pointer is of, with its noise.
fn name_of(hovered: &HoverPosition<'_>, clouds: &[(&str, Color32, &Cloud)]) -> Option<String> {
    let HoverPosition::NearDataPoint {
        plot_name,
        position,
        index,
    } = *hovered
    else {
        return None;
    };
    let (.., cloud) = clouds.iter().find(|(name, ..)| *name == plot_name)?;
    let (name, known) = (cloud.names.get(index)?, position.x);
    Some(format!(
        "{name}\nknown {known:.3}, predicted {:.3}",
        position.y
    ))
}

/// The title, and how well each cloud is ranked and found.
fn header(ui: &mut Ui, title: &str, clouds: &[(&str, Color32, &Cloud)]) {
    ui.horizontal(|ui| {
        ui.strong(title).on_hover_text(
            "The noise that the model predicts against the noise that is known; the dashed line is where they are equal. \
             The number is their rank correlation (Spearman): 1 if the prediction orders them all rightly, 0 if by chance. \
             What was left alone is not at 0 in a plot of injected noise: that of the others blurs the embedding which explains it.",
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            for (name, colour, cloud) in clouds.iter().rev() {
                let value = cloud.correlation.map_or("\u{2013}".into(), |c| format!("{c:.2}"));
                let tip = match cloud.found {
                    Some(found) => format!(
                        "Those with noise are told from those without with {:.1} % (AUROC)",
                        100.0 * found
                    ),
                    None => "Rank correlation of known and predicted noise".into(),
                };
                ui.label(egui::RichText::new(value).monospace()).on_hover_text(&tip);
                ui.label(egui::RichText::new(*name).color(*colour).strong()).on_hover_text(tip);
                ui.add_space(theme::GRID);
            }
        });
    });
}
