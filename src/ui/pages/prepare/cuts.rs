//! Which samples are left out by how well they were measured: numbers on the left, histograms with cuts to drag in the middle.

use eframe::egui::{self, Ui};
use egui_plot::{Bar, BarChart, PlotBounds, VLine};

use crate::{
    io::SampleQuality,
    prepare::{Cuts, Histogram, Measure, Quality},
    ui::{
        theme,
        widgets::{
            form,
            live_plot::{still, tick},
        },
    },
    words::thousands,
};

fn name(measure: Measure) -> &'static str {
    match measure {
        Measure::Counts => "Counts",
        Measure::Features => "Features",
        Measure::Mitochondrial => "Mitochondrial, %",
    }
}

fn tip(measure: Measure) -> &'static str {
    match measure {
        Measure::Counts => {
            "The sum of the counts of a sample: few in empty droplets, very many in two cells at once"
        }
        Measure::Features => "Features with a count above 0",
        Measure::Mitochondrial => {
            "Share of the counts that are of mitochondrial genes (MT-): large in cells that died"
        }
    }
}

/// What the page remembers of the samples.
#[derive(Default)]
pub(super) struct Sifting {
    /// How many samples some cuts keep, of the last cuts asked for.
    kept: Option<(*const Quality, Cuts, usize)>,
    /// The line that is being dragged: of which measure, and whether it is the upper one.
    dragged: Option<(Measure, bool)>,
}

impl Sifting {
    /// Numbers to set.
    pub fn form(&mut self, ui: &mut Ui, quality: &SampleQuality, cuts: &mut Cuts) {
        theme::title(ui, "Samples")
            .on_hover_text("Samples that were measured badly are left out of all modalities");
        for (measure, histogram) in &quality.histograms {
            let measure = *measure;
            let [low, high] = [histogram.low, histogram.high()].map(|place| measure.value(place));
            let mut bounds = measure.bounds(cuts);
            let factor = if measure == Measure::Mitochondrial {
                100.0
            } else {
                1.0
            };
            form::row(ui, name(measure), tip(measure), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let field = |ui: &mut Ui, bound: &mut Option<f64>, none: f64, name: &str| {
                    let mut shown = factor * bound.unwrap_or(none);
                    let drag = egui::DragValue::new(&mut shown)
                        .range(0.0..=1e12)
                        .speed((factor * (high - low) * 0.004).max(0.01))
                        .max_decimals(if factor > 1.0 { 1 } else { 0 });
                    let response = ui
                        .add_sized([64.0, theme::CONTROL], drag)
                        .on_hover_text(name);
                    if response.changed() {
                        *bound = (shown != factor * none).then_some(shown / factor);
                    }
                    response
                };
                // From right to left.
                let [lower, upper] = &mut bounds;
                let response = field(ui, upper, high, "At most");
                if measure != Measure::Mitochondrial {
                    ui.label("to");
                    field(ui, lower, low, "At least");
                }
                response
            });
            measure.set(cuts, bounds);
        }
        let all = quality.quality.samples();
        let kept = self.kept(&quality.quality, cuts);
        let text = match all - kept {
            0 => format!("All {} samples stay", thousands(all as u64)),
            cut => format!(
                "{} of {} samples are left out",
                thousands(cut as u64),
                thousands(all as u64)
            ),
        };
        ui.label(theme::weak(ui, text));
        ui.horizontal(|ui| {
            let tip = "Five median absolute deviations around the median of counts and features, three above that of the \
                       mitochondrial share: a kind of cell that is unusual as a whole would be left out, too";
            let suggested = quality.suggestion;
            if ui.add_enabled(*cuts != suggested, egui::Button::new("Suggest")).on_hover_text(tip).clicked() {
                *cuts = suggested;
            }
            if ui.add_enabled(!cuts.is_none(), egui::Button::new("Keep all")).clicked() {
                *cuts = Cuts::default();
            }
        });
    }

    fn kept(&mut self, quality: &Quality, cuts: &Cuts) -> usize {
        match self.kept {
            Some((of, at, kept)) if of == std::ptr::from_ref(quality) && at == *cuts => kept,
            _ => {
                let kept = cuts.kept(quality);
                self.kept = Some((quality, *cuts, kept));
                kept
            }
        }
    }

    /// Histograms side by side, the cuts as lines to drag.
    pub fn plots(&mut self, ui: &mut Ui, quality: &SampleQuality, cuts: &mut Cuts, height: f32) {
        let count = quality.histograms.len();
        let gap = 4.0 * theme::GRID;
        let width = (ui.available_width() - gap * (count as f32 - 1.0)) / count as f32;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for (measure, histogram) in &quality.histograms {
                let measure = *measure;
                let size = egui::vec2(width, height);
                ui.allocate_ui(size, |ui| {
                    ui.vertical(|ui| {
                        ui.set_min_size(size);
                        ui.strong(name(measure)).on_hover_text(tip(measure));
                        plot(ui, (measure, histogram), cuts, &mut self.dragged);
                    });
                });
            }
        });
    }
}

fn plot(
    ui: &mut Ui,
    (measure, histogram): (Measure, &Histogram),
    cuts: &mut Cuts,
    dragged: &mut Option<(Measure, bool)>,
) {
    let colours = theme::colours(ui);
    let mut bounds = measure.bounds(cuts);
    let within = |place: f64| {
        let value = measure.value(place);
        bounds[0].is_none_or(|low| value >= low) && bounds[1].is_none_or(|high| value <= high)
    };
    let bars = histogram.counts.iter().enumerate().map(|(bin, &count)| {
        let place = histogram.middle(bin);
        let colour = if within(place) {
            colours.accent
        } else {
            colours.line
        };
        Bar::new(place, count as f64)
            .width(histogram.width)
            .fill(colour)
            .stroke(egui::Stroke::NONE)
    });
    let highest = histogram.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let [low, high] = [histogram.low, histogram.high()];
    let margin = 0.04 * (high - low);
    let plot = still(ui, name(measure))
        .sense(egui::Sense::drag())
        .height(ui.available_height())
        .y_axis_min_width(36.0)
        .y_axis_formatter(|mark, _| tick(mark.value))
        .x_axis_formatter(move |mark, _| match measure {
            Measure::Mitochondrial => tick(mark.value),
            // At 1 + x: the marks are powers of ten.
            _ => short(10_f64.powf(mark.value)),
        });
    let answer = plot.show(ui, |plot| {
        plot.set_plot_bounds(PlotBounds::from_min_max(
            [low - margin, 0.0],
            [high + margin, 1.08 * highest],
        ));
        plot.bar_chart(BarChart::new("samples", bars.collect()));
        for cut in bounds.into_iter().flatten() {
            plot.vline(
                VLine::new("cut", measure.place(cut))
                    .color(colours.text)
                    .width(2.0),
            );
        }
        plot.pointer_coordinate()
    });
    let response = answer
        .response
        .on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    if let (Some(at), true) = (answer.inner, response.drag_started()) {
        // The nearer of the two, where those not set stand at the ends.
        let ends = [low, high];
        let far = |upper: bool| {
            let end = ends[usize::from(upper)];
            (bounds[usize::from(upper)].map_or(end, |cut| measure.place(cut)) - at.x).abs()
        };
        let upper = measure == Measure::Mitochondrial || far(true) < far(false);
        *dragged = Some((measure, upper));
    }
    if let (Some((of, upper)), Some(at)) = (*dragged, answer.inner)
        && of == measure
    {
        let out = match upper {
            true => at.x >= high,
            false => at.x <= low,
        };
        bounds[usize::from(upper)] = (!out).then(|| measure.value(at.x));
        if let [Some(low), Some(high)] = bounds
            && low > high
        {
            bounds = [Some(high), Some(high)];
        }
        measure.set(cuts, bounds);
        if response.drag_stopped() {
            *dragged = None;
        }
    }
    let summary = format!("Histogram: {} of the samples; drag to cut", name(measure));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, summary.as_str()));
}

/// A count at an axis.
fn short(value: f64) -> String {
    match value {
        ..1_000.0 => format!("{value:.0}"),
        ..1_000_000.0 => format!("{:.0}k", value / 1e3),
        _ => format!("{:.0}M", value / 1e6),
    }
}
