//! How values are distributed in each group.

use eframe::egui::{self, Align2, Color32, Mesh, Rect, Sense, Stroke, TextStyle, Ui, pos2, vec2};

use super::{Scene, ShowPanel, instead};
use crate::{
    analysis::distribution::{self, Distribution as Found},
    document::Panel,
    ui::{
        later::{AT_ONCE, Later, Same},
        pages::explore::scale::{self, Span},
        theme,
        widgets::name,
    },
    words::thousands,
};

/// Places at which densities are drawn.
const PLACES: usize = 96;
/// Height of a group's row: at least, and at most.
const ROW: [f32; 2] = [24.0, 64.0];
const AXIS: f32 = 20.0;
const NAMES: f32 = 150.0;

/// A violin for each group.
pub struct Distribution {
    found: Later<Depends, Vec<Found>>,
    /// Whether groups stand in the order of their medians.
    sorted: bool,
}

#[derive(Clone, PartialEq)]
struct Depends {
    values: Same<Vec<f32>>,
    groups: Same<Vec<Option<u32>>>,
    count: usize,
    span: Span,
}

impl Distribution {
    pub fn new(sorted: bool) -> Self {
        Self {
            found: Later::default(),
            sorted,
        }
    }
}

impl ShowPanel for Distribution {
    fn kept(&self) -> Panel {
        Panel::Distribution {
            sorted: self.sorted,
        }
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let dataset = &scene.result.dataset;
        let [value, groups] = [
            scene.view.lens.name(dataset),
            scene.view.groups.name(dataset),
        ];
        format!("{value} by {groups}")
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let colouring = scene.colouring;
        let Some(lens) = &colouring.lens else {
            instead(ui, scene.view.lens.missing_because());
            return;
        };
        let depends = Depends {
            values: Same(lens.values.clone()),
            groups: Same(colouring.group_of.clone()),
            count: colouring.groups.len(),
            span: lens.span,
        };
        let at_once = depends.values.0.len() <= AT_ONCE;
        let Depends {
            values,
            groups,
            count,
            span,
        } = depends.clone();
        let make = move |_| found(&values.0, &groups.0, count, span);
        let Some(found) = self.found.get(ui.ctx(), &depends, at_once, make) else {
            ui.centered_and_justified(egui::Ui::spinner);
            return;
        };
        ui.horizontal(|ui| {
            if scene.on_paper {
                return;
            }
            ui.checkbox(&mut self.sorted, "Highest median first");
            let text = "Box: middle half; line: median.";
            ui.add(egui::Label::new(theme::weak(ui, text)).truncate());
        });
        let mut order: Vec<usize> = (0..found.len().min(count))
            .filter(|&group| found[group].count > 0)
            .collect();
        if self.sorted {
            let median = |group: usize| found[group].quartiles.map_or(f32::NAN, |q| q[1]);
            order.sort_by(|&a, &b| median(b).total_cmp(&median(a)));
        }
        let clicked = egui::ScrollArea::vertical()
            .auto_shrink(false)
            .show(ui, |ui| violins(ui, scene, &found, &order))
            .inner;
        if let Some(group) = clicked {
            scene.select_group(ui, group);
        }
    }
}

/// Densities at places of the colours' scale, quartiles in units of the values.
fn found(values: &[f32], groups: &[Option<u32>], count: usize, span: Span) -> Vec<Found> {
    if !span.is_log() {
        return distribution::by_group(values, groups, count, span.ends, PLACES);
    }
    let places: Vec<f32> = values.iter().map(|&value| span.place(value)).collect();
    let mut found = distribution::by_group(&places, groups, count, (0.0, 1.0), PLACES);
    for of in &mut found {
        of.quartiles = of.quartiles.map(|all| all.map(|place| span.at(place)));
    }
    found
}

/// Shows the groups in this order; gives the one that was clicked.
fn violins(ui: &mut Ui, scene: &Scene<'_>, found: &[Found], order: &[usize]) -> Option<usize> {
    let c = theme::colours(ui);
    let colouring = scene.colouring;
    let span = colouring.lens.as_ref()?.span;
    let (low, high) = span.ends;
    let groups = &colouring.groups;
    let widest = order.iter().map(|&group| groups[group].name.as_str());
    let widest = widest.map(|text| name::width(ui, text.into()));
    let all = ui.available_width();
    let names = (widest.fold(0.0, f32::max) + 12.0)
        .min(NAMES)
        .min(0.4 * all);
    let height = (ui.available_height() - AXIS) / order.len().max(1) as f32;
    let height = height.clamp(ROW[0], ROW[1]);
    let font = TextStyle::Small.resolve(ui.style());
    let (axis, _) = ui.allocate_exact_size(vec2(all, AXIS), Sense::hover());
    let plot = axis.left() + names..=axis.right() - 12.0;
    let across = |value: f32| egui::lerp(plot.clone(), span.share(value));
    for (align, value) in [(Align2::LEFT_CENTER, low), (Align2::RIGHT_CENTER, high)] {
        let place = pos2(across(value), axis.center().y);
        let text = scale::on_scale(value, (low, high));
        ui.painter().text(place, align, text, font.clone(), c.weak);
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut clicked = None;
    for &group in order {
        let (rect, response) = ui.allocate_exact_size(vec2(all, height), Sense::click());
        let of = &found[group];
        let title = &groups[group].name;
        if ui.is_rect_visible(rect) {
            if response.hovered() || response.has_focus() {
                ui.painter().rect_filled(rect, 4.0, c.card);
            }
            let short = name::cut(ui, title, names - 10.0, |text| text.into());
            ui.painter().text(
                rect.left_center(),
                Align2::LEFT_CENTER,
                short,
                TextStyle::Body.resolve(ui.style()),
                c.text,
            );
            let place = Rect::from_x_y_ranges(plot.clone(), rect.y_range()).shrink2(vec2(0.0, 2.0));
            violin(ui, place, &of.density, groups[group].colour);
            if let Some(quartiles) = of.quartiles {
                let [lower, median, upper] = quartiles.map(across);
                let middle = rect.center().y;
                let bar = Rect::from_min_max(pos2(lower, middle - 2.5), pos2(upper, middle + 2.5));
                ui.painter().rect_filled(bar, 1.0, c.text);
                let line = egui::Rangef::new(middle - 7.0, middle + 7.0);
                ui.painter().vline(median, line, Stroke::new(3.0, c.canvas));
                ui.painter().vline(median, line, Stroke::new(1.5, c.text));
            }
        }
        let of_values = of.quartiles.map_or(String::new(), |quartiles| {
            let [lower, median, upper] = quartiles.map(scale::in_short);
            format!("median {median}, middle half from {lower} to {upper}\n")
        });
        let count = thousands(of.count as u64);
        let tip = format!("{title}, {count} samples\n{of_values}Click selects them");
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Values of {title}"))
        });
        if response.clicked() {
            clicked = Some(group);
        }
        response.on_hover_text_at_pointer(tip);
    }
    clicked
}

/// Draws a density, mirrored; its highest place is as high as there is room.
fn violin(ui: &Ui, rect: Rect, density: &[f32], colour: Color32) {
    let most = density.iter().copied().fold(0.0, f32::max);
    if most <= 0.0 || density.len() < 2 {
        return;
    }
    let mut mesh = Mesh::default();
    for (at, &value) in density.iter().enumerate() {
        let x = egui::lerp(rect.x_range(), at as f32 / (density.len() - 1) as f32);
        let half = 0.5 * rect.height() * value / most;
        mesh.colored_vertex(pos2(x, rect.center().y - half), colour);
        mesh.colored_vertex(pos2(x, rect.center().y + half), colour);
        if at > 0 {
            let at = 2 * at as u32;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at, at + 1);
        }
    }
    ui.painter().add(mesh);
}
