//! Rows of a form: a label with a tooltip, and a control that carries the label's name.

use std::ops::RangeInclusive;

use eframe::egui::{self, Response, Ui};

use super::name;
use crate::ui::theme;

/// Below this width, menus in one line are short.
const NARROW: f32 = 640.0;
/// Width of an entry of a menu at most.
const ENTRY: f32 = 320.0;

/// A row: the label on the left, the control at the right edge of the panel.
pub(crate) fn row(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    control: impl FnOnce(&mut Ui) -> Response,
) -> Response {
    ui.horizontal(|ui| {
        let label = ui.label(name).on_hover_text(tip);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            control(ui).labelled_by(label.id).on_hover_text(tip)
        })
        .inner
    })
    .inner
}

/// A row with a number.
pub(crate) fn number<N: egui::emath::Numeric>(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    value: &mut N,
    range: RangeInclusive<N>,
) -> Response {
    let speed = if N::INTEGRAL {
        0.2
    } else {
        (value.to_f64().abs() * 0.02).max(1e-5)
    };
    row(ui, name, tip, |ui| {
        let mut drag = egui::DragValue::new(value).range(range).speed(speed);
        if !N::INTEGRAL {
            drag = drag.max_decimals(6);
        }
        ui.add_sized([84.0, theme::CONTROL], drag)
    })
}

/// A row with a menu of choices.
pub(crate) fn choice<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    tip: &str,
    value: &mut T,
    choices: &[(T, String)],
) {
    let chosen = choices.iter().find(|(choice, _)| choice == value);
    let shown = chosen.map_or("", |(_, text)| text.as_str());
    choice_called(ui, (name, shown), tip, value, choices);
}

/// A row with a menu of choices, which shows another text than the chosen entry's while it is closed.
pub(crate) fn choice_called<T: PartialEq + Clone>(
    ui: &mut Ui,
    (name, shown): (&str, &str),
    tip: &str,
    value: &mut T,
    choices: &[(T, String)],
) {
    row(ui, name, tip, |ui| {
        let spacing = ui.spacing();
        let room = spacing.combo_width
            - 2.0 * spacing.button_padding.x
            - spacing.icon_width
            - spacing.icon_spacing;
        egui::ComboBox::from_id_salt(name)
            .selected_text(name::cut(ui, shown, room, |text| text.into()))
            .truncate()
            // Tall enough for all but very many choices: what is cut off is not found.
            .height(420.0)
            .show_ui(ui, |ui| {
                for (choice, text) in choices {
                    let short = name::cut(ui, text, ENTRY, |text| text.into());
                    let entry = ui.selectable_value(value, choice.clone(), &short);
                    name::whole(entry, text, &short, egui::Role::Button);
                }
            })
            .response
    });
}

/// Whether there is little room for menus in one line.
pub(crate) fn is_narrow(ui: &Ui) -> bool {
    ui.max_rect().width() < NARROW
}

/// A word, and a menu after it, in one line.
pub(crate) fn menu<T: PartialEq + Clone>(
    ui: &mut Ui,
    word: &str,
    value: &mut T,
    choices: &[(T, String)],
) {
    let chosen = choices.iter().find(|(choice, _)| choice == value);
    let shown = chosen.map_or("", |(_, text)| text.as_str());
    let room = if is_narrow(ui) { 78.0 } else { 136.0 };
    ui.horizontal(|ui| {
        let label = ui.label(word);
        let short = name::cut(ui, shown, room, |text| text.into());
        egui::ComboBox::from_id_salt(word)
            .width(room + 30.0)
            .selected_text(short)
            .height(420.0)
            .show_ui(ui, |ui| {
                for (choice, text) in choices {
                    let short = name::cut(ui, text, 300.0, |text| text.into());
                    let entry = ui.selectable_value(value, choice.clone(), &short);
                    name::whole(entry, text, &short, egui::Role::Button);
                }
            })
            .response
            .labelled_by(label.id);
    });
}

/// A field for one line of text, as high as every other control.
pub(crate) fn field(ui: &mut Ui, text: &mut String, hint: &str, width: f32) -> Response {
    ui.add(
        egui::TextEdit::singleline(text)
            .hint_text(hint)
            .desired_width(width)
            .min_size(egui::vec2(0.0, theme::CONTROL))
            .align(egui::Align2::LEFT_CENTER),
    )
}
