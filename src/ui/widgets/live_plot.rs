//! Curves that grow while training runs, and never jump.

use eframe::egui::{self, Color32, Ui};
use egui_plot::{
    GridInput, GridMark, HoverPosition, Line, Plot, PlotBounds, PlotPoints, Points, VLine,
};

use crate::ui::theme;

/// One curve.
pub(crate) struct Curve {
    pub name: String,
    pub colour: Color32,
    pub points: Vec<[f64; 2]>,
}

/// How a plot is set up.
pub(crate) struct Frame<'a> {
    /// Also its accessible name.
    pub title: &'a str,
    /// Said by the tooltip of the title.
    pub tip: &'a str,
    pub y_label: &'a str,
    /// What is counted on the horizontal axis: "epoch".
    pub step: &'static str,
    /// How many of them, fixed from the start so that nothing is rescaled.
    pub epochs: f64,
    /// Fixed vertical range; `None` follows the curves.
    pub y: Option<(f64, f64)>,
    /// Logarithmic vertical axis; every value must be positive.
    pub log: bool,
    /// An epoch to mark, with its text.
    pub mark: Option<(f64, String)>,
    /// Said beside the title in place of the curves' names and values.
    pub remark: Option<String>,
    /// Shown while there is no curve.
    pub waiting: &'a str,
}

/// Draws a plot in the space given.
pub(crate) fn show(ui: &mut Ui, frame: &Frame<'_>, curves: &[Curve], size: egui::Vec2) {
    ui.allocate_ui(size, |ui| {
        ui.vertical(|ui| {
            ui.set_min_size(size);
            header(ui, frame, curves);
            let empty = curves.iter().all(|c| c.points.is_empty());
            let response = plot(ui, frame, curves);
            let summary = summary(frame, curves);
            response.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Image, true, summary.as_str())
            });
            if empty {
                ui.painter().text(
                    response.rect.center(),
                    egui::Align2::CENTER_CENTER,
                    frame.waiting,
                    egui::FontId::proportional(14.0),
                    theme::colours(ui).weak,
                );
            }
        });
    });
}

/// The title and, beside it, the curves' names with their last values.
fn header(ui: &mut Ui, frame: &Frame<'_>, curves: &[Curve]) {
    ui.horizontal(|ui| {
        ui.strong(frame.title).on_hover_text(frame.tip);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if let Some(remark) = &frame.remark {
                ui.label(theme::weak(ui, remark));
                return;
            }
            for curve in curves.iter().rev() {
                let Some([_, last]) = curve.points.last() else {
                    continue;
                };
                let narrow = curves.len() > 2 && ui.max_rect().width() < 420.0;
                let value = if narrow {
                    String::new()
                } else if frame.y_label == "%" {
                    format!("{last:.1}")
                } else {
                    format!("{last:.4}")
                };
                ui.label(egui::RichText::new(value).monospace());
                ui.label(
                    egui::RichText::new(&curve.name)
                        .color(curve.colour)
                        .strong(),
                );
                ui.add_space(theme::GRID);
            }
        });
    });
}

fn plot(ui: &mut Ui, frame: &Frame<'_>, curves: &[Curve]) -> egui::Response {
    let c = theme::colours(ui);
    let unit = frame.y_label.to_string();
    let (log, step) = (frame.log, frame.step);
    let mut plot = still(ui, frame.title)
        .height(ui.available_height())
        .y_grid_spacer(if log { decades } else { sparse })
        .y_axis_min_width(44.0)
        .y_axis_formatter(move |mark, _| {
            let value = if log {
                10f64.powf(mark.value)
            } else {
                mark.value
            };
            tick(value)
        })
        .label_formatter(move |at| match at {
            HoverPosition::NearDataPoint {
                plot_name,
                position,
                ..
            } => Some(format!(
                "{plot_name} {}\n{step} {:.0}",
                value_text(
                    if log {
                        10f64.powf(position.y)
                    } else {
                        position.y
                    },
                    &unit
                ),
                position.x
            )),
            HoverPosition::Elsewhere { .. } => None,
        });
    if curves.iter().all(|c| c.points.is_empty()) && frame.y.is_none() {
        plot = plot.show_axes([true, false]).show_grid(false);
    }
    // Of our own making: automatic bounds follow everything drawn, the mark's text included.
    let (low, high) = vertical(frame, curves);
    let bounds = PlotBounds::from_min_max([-0.01 * frame.epochs, low], [1.02 * frame.epochs, high]);
    plot.show(ui, |plot| {
        plot.set_plot_bounds(bounds);
        if let Some((epoch, text)) = &frame.mark {
            plot.vline(VLine::new(text.as_str(), *epoch).color(c.weak).width(1.0));
            let (anchor, text) = if *epoch > 0.5 * frame.epochs {
                (egui::Align2::RIGHT_TOP, format!("{text} "))
            } else {
                (egui::Align2::LEFT_TOP, format!(" {text}"))
            };
            let place = egui_plot::PlotPoint::new(*epoch, high);
            let text = egui::RichText::new(text).color(c.weak);
            plot.text(egui_plot::Text::new("mark", place, text).anchor(anchor));
        }
        for curve in curves {
            // A line of one point is none.
            if curve.points.len() == 1 {
                let dot = Points::new(
                    curve.name.as_str(),
                    PlotPoints::from(placed(curve, frame.log)),
                );
                plot.points(dot.color(curve.colour).radius(2.0));
            }
            plot.line(
                Line::new(
                    curve.name.as_str(),
                    PlotPoints::from(placed(curve, frame.log)),
                )
                .color(curve.colour)
                .width(2.0),
            );
        }
    })
    .response
}

/// A plot that does not move under the pointer, with few and round grid lines.
pub(crate) fn still<'a>(ui: &Ui, name: &'a str) -> Plot<'a> {
    Plot::new(name)
        // Nothing happens on a click, so the keyboard has no business there.
        .sense(egui::Sense::hover())
        .show_background(false)
        .show_crosshair(false)
        .show_grid([false, true])
        .grid_color(theme::colours(ui).line)
        .grid_fade(0.0)
        .x_grid_spacer(sparse)
        .y_grid_spacer(sparse)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
}

fn placed(curve: &Curve, log: bool) -> Vec<[f64; 2]> {
    let points = curve.points.iter();
    if log {
        points
            .filter(|p| p[1] > 0.0)
            .map(|p| [p[0], p[1].log10()])
            .collect()
    } else {
        points.copied().collect()
    }
}

/// A number at an axis: three digits at most, no zeros behind.
pub(crate) fn tick(value: f64) -> String {
    let digits = if value == 0.0 || value.abs() >= 10.0 {
        0
    } else {
        (1.0 - value.abs().log10().floor()).clamp(1.0, 6.0) as usize
    };
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

/// What the vertical axis shows: the fixed range, or all of the curves, with a little air.
fn vertical(frame: &Frame<'_>, curves: &[Curve]) -> (f64, f64) {
    let fixed = frame.y.map(|(low, high)| match frame.log {
        true => (low.log10(), high.log10()),
        false => (low, high),
    });
    let (low, high) = fixed.unwrap_or_else(|| {
        let values = curves
            .iter()
            .flat_map(|c| placed(c, frame.log))
            .map(|p| p[1]);
        let range = (f64::INFINITY, f64::NEG_INFINITY);
        values.fold(range, |(low, high), y| (low.min(y), high.max(y)))
    });
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let air = ((high - low) * 0.06).max(high.abs() * 1e-3).max(1e-9);
    (low - air, high + air)
}

/// About five round steps over what is shown.
fn sparse(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let step = round_step((high - low) / 6.0);
    if !(step.is_finite() && step > 0.0) {
        return Vec::new();
    }
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last.min(first + 20))
        .map(|k| GridMark {
            value: k as f64 * step,
            step_size: step,
        })
        .collect()
}

/// On a logarithmic axis: powers of ten, with twice and five times these where there is room, or three times.
fn decades(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    if !(low.is_finite() && high.is_finite() && high - low < 100.0) {
        return Vec::new();
    }
    let steps: &[f64] = match high - low {
        range if range > 2.0 => &[1.0],
        // The base step is that of lines 8 points apart; words need 20.
        _ if 2.5 * input.base_step_size > 2f64.log10() => &[1.0, 3.0],
        _ => &[1.0, 2.0, 5.0],
    };
    let powers = low.floor() as i64..=high.ceil() as i64;
    powers
        .flat_map(|power| steps.iter().map(move |step| power as f64 + step.log10()))
        .filter(|at| (low..=high).contains(at))
        .map(|value| GridMark {
            value,
            // That of their words, which would vanish if it were less.
            step_size: 1.0,
        })
        .collect()
}

/// The next step of 1, 2 or 5 times a power of ten.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let share = rough / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|&r| share <= r + 1e-9);
    round.unwrap_or(10.0) * power
}

fn value_text(value: f64, unit: &str) -> String {
    if unit == "%" {
        format!("{value:.1} %")
    } else if unit == "samples" {
        format!("{value:.0} samples")
    } else {
        format!("{value:.5}")
    }
}

fn summary(frame: &Frame<'_>, curves: &[Curve]) -> String {
    let mut text = format!("Plot: {}", frame.title);
    if let Some(remark) = &frame.remark {
        return format!("{text}, {remark}");
    }
    for curve in curves {
        if let Some([epoch, value]) = curve.points.last() {
            text += &format!(
                ", {} {} at {} {epoch:.0}",
                curve.name,
                value_text(*value, frame.y_label),
                frame.step
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(round_step(20.0), 20.0);
        assert_eq!(round_step(0.3), 0.5);
        assert!((round_step(0.011) - 0.02).abs() < 1e-12);
        assert_eq!(round_step(60.0), 100.0);
        assert_eq!(tick(20.0), "20");
        assert_eq!(tick(0.5), "0.5");
        assert_eq!(tick(-2.0), "-2");
        assert_eq!(tick(0.0316), "0.032");
        let marks_at = |low, high, base_step_size| -> Vec<String> {
            let input = GridInput {
                bounds: (low, high),
                base_step_size,
            };
            let marks = decades(input).into_iter();
            marks.map(|m| tick(10f64.powf(m.value))).collect()
        };
        let marks = |low, high| marks_at(low, high, 0.1);
        assert_eq!(marks(1.7, 2.5), ["100", "200"]);
        assert_eq!(marks_at(-1.6, 0.2, 0.15), ["0.03", "0.1", "0.3", "1"]);
        assert_eq!(marks(-2.5, 1.2), ["0.01", "0.1", "1", "10"]);
    }
}
