//! What the choice of features and the components look like.

use eframe::egui::{self, Ui};
use egui_plot::{Bar, BarChart, HLine, PlotBounds, PlotPoints, Points};

use crate::{
    prepare::{StepReport, StepTaken, Variability},
    ui::{
        theme,
        widgets::live_plot::{still, tick},
    },
};

/// Features that are drawn at most, evenly spaced: more are not told apart.
const DOTS: usize = 4_000;

/// What is drawn, made once of what steps did.
pub(super) struct Pictures {
    /// Logarithm of the mean, and what features were ranked by, of features left out and kept.
    dots: Option<[Vec<[f64; 2]>; 2]>,
    bounds: [[f64; 2]; 2],
    /// Share of the variance of every component, in percent.
    shares: Vec<f64>,
    /// How far each follows the depth.
    depth: Vec<f64>,
}

impl Pictures {
    pub fn of(taken: &[StepTaken], variability: Option<&Variability>) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        let dots = variability.map(|found| {
            let step = found.means.len().div_ceil(DOTS).max(1);
            let mut dots = [Vec::new(), Vec::new()];
            let of = found.means.iter().zip(&found.scores).zip(&found.kept);
            // Every one that was kept would be seen by itself; of the others many lie on each other.
            for (at, ((&mean, &score), &kept)) in of.enumerate() {
                if (at % step == 0 || (kept && at % step.min(4) == 0)) && mean > 0.0 && score > 0.0
                {
                    let dot = [f64::from(mean).log10(), f64::from(score).log10()];
                    for axis in 0..2 {
                        low[axis] = low[axis].min(dot[axis]);
                        high[axis] = high[axis].max(dot[axis]);
                    }
                    dots[usize::from(kept)].push(dot);
                }
            }
            dots
        });
        let components = taken.iter().find_map(|taken| match &taken.report {
            StepReport::Pca { shares, depth, .. } => {
                Some((shares, depth.clone().unwrap_or_default()))
            }
            StepReport::Lsi { shares, depth, .. } => Some((shares, depth.clone())),
            _ => None,
        });
        let (shares, depth) = components.map_or_else(Default::default, |(shares, depth)| {
            (shares.iter().map(|share| 100.0 * share).collect(), depth)
        });
        Self {
            dots,
            bounds: [low, high],
            shares,
            depth,
        }
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.dots.is_none() && self.shares.is_empty()
    }

    /// The plots that there is something for, side by side.
    pub fn show(&self, ui: &mut Ui, height: f32) {
        type Draw = fn(&Pictures, &mut Ui);
        let plots: [(bool, Draw); 3] = [
            (self.dots.is_some(), Self::variability),
            (!self.shares.is_empty(), Self::variance),
            (!self.depth.is_empty(), Self::depth),
        ];
        let shown: Vec<_> = plots.into_iter().filter(|(there, _)| *there).collect();
        let gap = 4.0 * theme::GRID;
        let width =
            (ui.available_width() - gap * (shown.len() as f32 - 1.0)) / shown.len().max(1) as f32;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (_, plot) in shown {
                let size = egui::vec2(width, height);
                ui.allocate_ui(size, |ui| {
                    ui.vertical(|ui| {
                        ui.set_min_size(size);
                        plot(self, ui);
                    });
                });
            }
        });
    }

    fn variability(&self, ui: &mut Ui) {
        let Some([others, kept]) = &self.dots else {
            return;
        };
        let colours = theme::colours(ui);
        ui.strong("Variable features").on_hover_text(
            "What features were ranked by, against their mean; the coloured ones are kept",
        );
        let [low, high] = self.bounds;
        let plot = still(ui, "Variable features")
            .height(ui.available_height())
            .y_axis_min_width(36.0)
            .x_axis_formatter(|mark, _| power(mark.value))
            .y_axis_formatter(|mark, _| power(mark.value));
        let answer = plot.show(ui, |plot| {
            if low[0] < high[0] {
                let air = [
                    0.04 * (high[0] - low[0]),
                    0.06 * (high[1] - low[1]).max(0.1),
                ];
                plot.set_plot_bounds(PlotBounds::from_min_max(
                    [low[0] - air[0], low[1] - air[1]],
                    [high[0] + air[0], high[1] + air[1]],
                ));
            }
            let dots = [
                ("left out", others, colours.line),
                ("kept", kept, colours.accent),
            ];
            for (name, dots, colour) in dots {
                plot.points(
                    Points::new(name, PlotPoints::from(dots.clone()))
                        .radius(1.5)
                        .color(colour),
                );
            }
        });
        called(&answer.response, "Plot: mean and variability of features");
    }

    fn variance(&self, ui: &mut Ui) {
        let colours = theme::colours(ui);
        ui.strong("Variance of the components, %").on_hover_text(
            "The share of the variance of the chosen features that every component holds",
        );
        let highest = self.shares.iter().copied().fold(0.1, f64::max);
        bars(
            ui,
            "Variance of the components",
            &self.shares,
            colours.accent,
            [0.0, 1.08 * highest],
            false,
        );
    }

    fn depth(&self, ui: &mut Ui) {
        let colours = theme::colours(ui);
        ui.strong("Depth in the components").on_hover_text(
            "How far every component follows the logarithm of the total counts of the samples (correlation): one near 1 or -1 \
             tells how deep a sample was sequenced, not what it is",
        );
        bars(
            ui,
            "Depth in the components",
            &self.depth,
            colours.text,
            [-1.05, 1.05],
            true,
        );
    }
}

/// A bar a component.
fn bars(
    ui: &mut Ui,
    name: &str,
    values: &[f64],
    colour: egui::Color32,
    range: [f64; 2],
    zero: bool,
) {
    let line = theme::colours(ui).line;
    let plot = still(ui, name)
        .height(ui.available_height())
        .y_axis_min_width(36.0)
        .x_axis_formatter(|mark, _| tick(mark.value))
        .y_axis_formatter(|mark, _| tick(mark.value));
    let answer = plot.show(ui, |plot| {
        let last = values.len() as f64;
        plot.set_plot_bounds(PlotBounds::from_min_max(
            [0.3, range[0]],
            [last + 0.7, range[1]],
        ));
        if zero {
            plot.hline(HLine::new("0", 0.0).color(line).width(1.0));
        }
        let bars = values.iter().enumerate();
        let bars = bars.map(|(at, &value)| {
            Bar::new(at as f64 + 1.0, value)
                .width(0.7)
                .fill(colour)
                .stroke(egui::Stroke::NONE)
        });
        plot.bar_chart(BarChart::new(name, bars.collect()));
    });
    called(&answer.response, &format!("Plot: {name}"));
}

fn called(response: &egui::Response, text: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, text));
}

/// A power of ten at an axis.
fn power(exponent: f64) -> String {
    match exponent {
        -3.0..=4.0 => tick(10_f64.powf(exponent)),
        _ => format!("1e{exponent:.0}"),
    }
}
