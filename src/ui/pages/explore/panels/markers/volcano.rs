//! Markers as a volcano: how large their difference is against how unlikely it is by chance.

use eframe::egui::{self, Ui, pos2};
use egui_plot::{HLine, PlotBounds, PlotPoint, PlotPoints, PlotTransform, Points, Text, VLine};

use super::table::Shown;
use crate::{
    analysis::markers::{Marker, Survivor},
    pipeline::Lens,
    ui::{
        theme,
        widgets::live_plot::{still, tick},
    },
};

/// Adjusted p below which a feature is coloured.
const SMALL: f64 = 0.05;

/// The largest exponent that is told apart: smaller p-values are 0 in 64 bits.
const MOST: f64 = 300.0;

/// Features that are named: the farthest out on each side.
const NAMED: usize = 8;

/// How much of the plot a name takes, across from the middle and up.
const WORD: f64 = 0.3;
const LINE: f64 = 0.12;

/// How near the pointer must be to a feature, in points.
const NEAR: f32 = 12.0;

/// Shows the plot; gives the feature that was clicked.
pub(super) fn show(ui: &mut Ui, shown: &Shown<'_>, lens: Lens, height: f32) -> Option<Lens> {
    // Without fold changes, where values can be negative, the effect is that of the ranks.
    let folds = shown.rows.iter().map(|&row| &shown.markers[row].marker);
    let has_folds = folds.clone().any(|marker| marker.fold_change.is_finite());
    let across = match has_folds {
        true => "log2 fold change",
        false => "2 AUROC − 1",
    };
    let place = |marker: &Marker| {
        let x = match has_folds {
            true => marker.fold_change,
            false => 2.0 * marker.auroc - 1.0,
        };
        [x, (-marker.adjusted.log10()).min(MOST)]
    };
    let there = shown.rows.iter().copied();
    let is_finite = |row: &usize| {
        place(&shown.markers[*row].marker)
            .iter()
            .all(|x| x.is_finite())
    };
    let there: Vec<usize> = there.filter(is_finite).collect();
    let (mut wide, mut high) = (0.1_f64, 1.0_f64);
    for &row in &there {
        let marker = &shown.markers[row].marker;
        let [x, y] = place(marker);
        // What one side does not have at all differs without end: it stands at the edge.
        if marker.share.iter().all(|&share| share > 0.0) || !has_folds {
            wide = wide.max(x.abs());
        }
        high = high.max(y);
    }
    let at = |row: usize| {
        let [x, y] = place(&shown.markers[row].marker);
        [x.clamp(-wide, wide), y]
    };
    let c = theme::colours(ui);
    let is_small = |row: &usize| shown.markers[*row].marker.adjusted < SMALL;
    let (small, large): (Vec<usize>, Vec<usize>) = there.iter().partition(|row| is_small(row));
    let mut named = named(shown.markers, &small);
    apart(&mut named, &at, [wide, high]);
    let chosen = there.iter().copied().find(|&row| {
        let feature = shown.markers[row].marker.feature;
        lens == Lens::Feature(shown.modality, feature)
    });
    let plot = still(ui, "Volcano")
        .sense(egui::Sense::click())
        .height(height)
        .y_axis_min_width(44.0)
        .x_axis_label(across)
        .y_axis_label("−log10 adjusted p")
        .x_axis_formatter(|mark, _| tick(mark.value))
        .y_axis_formatter(|mark, _| tick(mark.value));
    let answer = plot.show(ui, |plot| {
        plot.set_plot_bounds(PlotBounds::from_min_max(
            [-1.08 * wide, -0.02 * high],
            [1.08 * wide, 1.25 * high],
        ));
        plot.vline(VLine::new("0", 0.0).color(c.line).width(1.0));
        let bar = HLine::new("p", -SMALL.log10()).color(c.line).width(1.0);
        plot.hline(bar);
        for (name, rows, colour) in [("others", &large, c.line), ("small p", &small, c.accent)] {
            let points: Vec<[f64; 2]> = rows.iter().map(|&row| at(row)).collect();
            let points = Points::new(name, PlotPoints::from(points));
            plot.points(points.radius(2.0).color(colour));
        }
        if let Some(row) = chosen {
            let point = Points::new("chosen", PlotPoints::from(vec![at(row)]));
            plot.points(point.radius(5.0).color(c.text));
        }
        for &row in &named {
            let [x, y] = at(row);
            let anchor = match x > 0.0 {
                true => egui::Align2::RIGHT_BOTTOM,
                false => egui::Align2::LEFT_BOTTOM,
            };
            let name = shown.names[row].as_str();
            let text = egui::RichText::new(name).color(c.text).small();
            plot.text(Text::new("name", PlotPoint::new(x, y), text).anchor(anchor));
        }
    });
    let response = answer.response;
    let summary = format!("Volcano of {} features", there.len());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &summary));
    let pointer = response.hover_pos()?;
    let row = nearest(&answer.transform, &there, at, pointer)?;
    let marker = &shown.markers[row].marker;
    let tip = format!(
        "{}\nAUROC {:.3}, adjusted p {:.1e}\nClick colours the maps",
        shown.names[row], marker.auroc, marker.adjusted
    );
    let feature = marker.feature;
    let clicked = response.clicked();
    response.on_hover_text_at_pointer(tip);
    clicked.then_some(Lens::Feature(shown.modality, feature))
}

/// The features that are farthest out, on each side.
fn named(markers: &[Survivor], small: &[usize]) -> Vec<usize> {
    let z = |row: usize| markers[row].marker.z;
    let mut order = small.to_vec();
    order.sort_by(|&a, &b| z(b).total_cmp(&z(a)));
    let up = order.iter().copied().filter(|&row| z(row) > 0.0);
    let down = order.iter().rev().copied().filter(|&row| z(row) < 0.0);
    up.take(NAMED).chain(down.take(NAMED)).collect()
}

/// Leaves those out whose names would lie over one before.
fn apart(rows: &mut Vec<usize>, at: &impl Fn(usize) -> [f64; 2], [wide, high]: [f64; 2]) {
    let mut kept: Vec<[f64; 2]> = Vec::new();
    rows.retain(|&row| {
        let [x, y] = at(row);
        let over = |[a, b]: &[f64; 2]| (x - a).abs() < WORD * wide && (y - b).abs() < LINE * high;
        let free = !kept.iter().any(over);
        if free {
            kept.push([x, y]);
        }
        free
    });
}

/// The row whose point is nearest to the pointer, if one is near.
fn nearest(
    transform: &PlotTransform,
    rows: &[usize],
    at: impl Fn(usize) -> [f64; 2],
    pointer: egui::Pos2,
) -> Option<usize> {
    let far = |row: usize| {
        let [x, y] = at(row);
        let place = transform.position_from_point(&PlotPoint::new(x, y));
        pos2(place.x, place.y).distance(pointer)
    };
    let all = rows.iter().map(|&row| (far(row), row));
    let nearest = all.min_by(|a, b| a.0.total_cmp(&b.0))?;
    (nearest.0 <= NEAR).then_some(nearest.1)
}
