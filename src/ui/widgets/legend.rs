//! The legend that is also the control.

use std::collections::BTreeSet;

use eframe::egui::{self, Color32, Sense, Ui};

use super::name;
use crate::{
    figure::{Rgb, category},
    ui::theme,
    words::thousands,
};

/// Height of a group's row, and of the gap below it.
const ROW: f32 = 24.0;
const GAP: f32 = 1.0;

/// How high a legend of so many groups is.
pub(crate) fn height(ui: &Ui, groups: usize) -> f32 {
    theme::CONTROL + ui.spacing().item_spacing.y + groups as f32 * (ROW + GAP)
}

/// A group.
pub(crate) struct Entry<'a> {
    pub name: &'a str,
    pub colour: Color32,
    pub samples: usize,
    /// Its number on the map, where names would not fit.
    pub number: Option<usize>,
}

/// What the user does with a legend.
#[derive(Default)]
pub(crate) struct Answer {
    /// The group under the pointer.
    pub pointed: Option<usize>,
    /// A group that gets another colour, or its own again.
    pub recoloured: Option<(usize, Option<Rgb>)>,
}

/// Colours to choose from, in rows of so many.
const SWATCHES: usize = 24;
const IN_ROW: usize = 8;

/// Shows the groups. A click switches a group off and on, a double click shows it alone, the other button gives it a colour.
pub(crate) fn show(
    ui: &mut Ui,
    data: impl std::hash::Hash + std::fmt::Debug,
    entries: &[Entry<'_>],
    hidden: &mut BTreeSet<usize>,
) -> Answer {
    let mut answer = Answer::default();
    ui.horizontal(|ui| {
        ui.strong("Groups").on_hover_text(
            "Click hides a group, double-click shows it alone, the other button gives it a colour",
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let all = hidden.is_empty();
            if ui
                .add_enabled(!all, egui::Button::new("All"))
                .on_hover_text("Show all groups")
                .clicked()
            {
                hidden.clear();
            }
        });
    });
    egui::ScrollArea::vertical()
        .id_salt(("groups", data))
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = GAP;
            for (i, entry) in entries.iter().enumerate() {
                let response = row(ui, entry, hidden.contains(&i));
                if response.hovered() && !hidden.contains(&i) {
                    answer.pointed = Some(i);
                }
                if response.double_clicked() {
                    *hidden = (0..entries.len()).filter(|&k| k != i).collect();
                } else if response.clicked() && !hidden.remove(&i) {
                    hidden.insert(i);
                }
                response.context_menu(|ui| {
                    ui.label(format!("Colour of {}", entry.name));
                    if let Some(colour) = swatches(ui) {
                        answer.recoloured = Some((i, colour));
                        ui.close();
                    }
                });
            }
        });
    answer
}

/// The colours to choose from; gives the one that was chosen, or nothing in the place of a colour for the usual one.
fn swatches(ui: &mut Ui) -> Option<Option<Rgb>> {
    let mut chosen = None;
    for row in 0..SWATCHES / IN_ROW {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::GRID;
            for at in row * IN_ROW..(row + 1) * IN_ROW {
                let colour = category(at);
                let size = egui::Vec2::splat(20.0);
                let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                ui.painter().rect_filled(rect, 4.0, theme::colour(colour));
                if response.hovered() || response.has_focus() {
                    let line = egui::Stroke::new(2.0, theme::colours(ui).text);
                    ui.painter()
                        .rect_stroke(rect, 4.0, line, egui::StrokeKind::Inside);
                }
                response.widget_info(|| {
                    let name = format!("Colour {}", at + 1);
                    egui::WidgetInfo::labeled(egui::Role::Button, true, name)
                });
                if response.clicked() {
                    chosen = Some(Some(colour));
                }
            }
        });
    }
    if ui.button("The usual colour").clicked() {
        chosen = Some(None);
    }
    chosen
}

fn row(ui: &mut Ui, entry: &Entry<'_>, off: bool) -> egui::Response {
    let c = theme::colours(ui);
    let size = egui::vec2(ui.available_width() - 10.0, ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 4.0, c.card);
    }
    let middle = rect.center().y;
    let dot = egui::pos2(rect.left() + 10.0, middle);
    if off {
        ui.painter()
            .circle_stroke(dot, 5.0, egui::Stroke::new(1.5, c.weak));
    } else {
        ui.painter().circle_filled(dot, 5.5, entry.colour);
    }
    let count = ui.painter().layout_no_wrap(
        thousands(entry.samples as u64),
        egui::FontId::proportional(12.0),
        c.weak,
    );
    let number = entry.number.map_or(String::new(), |n| format!("{n}  "));
    let room = rect.width() - 26.0 - count.size().x - 8.0;
    let room = room - name::width(ui, number.as_str().into());
    let name = name::cut(ui, entry.name, room, |text| text.into());
    let text = ui.painter().layout_no_wrap(
        format!("{number}{name}"),
        egui::TextStyle::Body.resolve(ui.style()),
        if off { c.weak } else { c.text },
    );
    let place = egui::pos2(rect.left() + 24.0, middle - text.size().y / 2.0);
    ui.painter().galley(place, text, c.text);
    let place = egui::pos2(
        rect.right() - count.size().x - 2.0,
        middle - count.size().y / 2.0,
    );
    ui.painter().galley(place, count, c.weak);
    response.widget_info(|| {
        egui::WidgetInfo::selected(
            egui::Role::CheckBox,
            true,
            !off,
            format!("Group {}", entry.name),
        )
    });
    let tip = "Click hides or shows this group, double-click shows it alone, the other button gives it a colour";
    if name == entry.name {
        response.on_hover_text(tip)
    } else {
        response.on_hover_text(format!("{}\n{tip}", entry.name))
    }
}
