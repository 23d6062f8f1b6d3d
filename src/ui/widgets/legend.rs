//! The legend that is also the control.

use std::collections::BTreeSet;

use eframe::egui::{self, Color32, RichText, Sense, Ui};

use crate::{io::thousands, ui::theme};

/// A group.
pub(crate) struct Entry<'a> {
    pub name: &'a str,
    pub colour: Color32,
    pub samples: usize,
    /// Its number on the map, where names would not fit.
    pub number: Option<usize>,
}

/// Shows the groups. A click switches a group off and on, a double click shows it alone; gives the
/// group under the pointer.
pub(crate) fn show(
    ui: &mut Ui,
    data: impl std::hash::Hash + std::fmt::Debug,
    entries: &[Entry<'_>],
    hidden: &mut BTreeSet<usize>,
) -> Option<usize> {
    let mut pointed = None;
    ui.horizontal(|ui| {
        ui.strong("Groups")
            .on_hover_text("Click hides a group, double-click shows it alone");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let all = hidden.is_empty();
            if ui
                .add_enabled(!all, egui::Button::new("All").small())
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
            ui.spacing_mut().item_spacing.y = 1.0;
            for (i, entry) in entries.iter().enumerate() {
                let response = row(ui, entry, hidden.contains(&i));
                if response.hovered() && !hidden.contains(&i) {
                    pointed = Some(i);
                }
                if response.double_clicked() {
                    *hidden = (0..entries.len()).filter(|&k| k != i).collect();
                } else if response.clicked() && !hidden.remove(&i) {
                    hidden.insert(i);
                }
            }
        });
    pointed
}

fn row(ui: &mut Ui, entry: &Entry<'_>, off: bool) -> egui::Response {
    let c = theme::colours(ui);
    let size = egui::vec2(ui.available_width() - 10.0, 24.0);
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
    let name = match entry.number {
        Some(number) => format!("{number}  {}", entry.name),
        None => entry.name.to_string(),
    };
    let room = rect.width() - 26.0 - count.size().x - 8.0;
    let text = egui::WidgetText::from(RichText::new(name).color(if off { c.weak } else { c.text }))
        .into_galley(
            ui,
            Some(egui::TextWrapMode::Truncate),
            room,
            egui::TextStyle::Body,
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
    response.on_hover_text("Click hides or shows this group, double-click shows it alone")
}
