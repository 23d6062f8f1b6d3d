//! Buttons that copy, and say that they have.

use std::time::Duration;

use eframe::egui::{self, Response, Ui};

use super::name;

/// How long a button says so, in seconds.
const SAID: f64 = 2.0;

/// What it says.
const DONE: &str = "Copied";

/// A button that copies what `what` gives to the clipboard; its place in `ui` tells it from others.
pub(crate) fn copy_button(
    ui: &mut Ui,
    text: &str,
    tip: &str,
    what: impl FnOnce() -> String,
) -> Response {
    let id = ui.next_auto_id().with("copied");
    let now = ui.input(|input| input.time);
    let left = ui
        .data(|data| data.get_temp::<f64>(id))
        .map_or(0.0, |at| at + SAID - now);
    let shown = if left > 0.0 {
        ui.request_repaint_after(Duration::from_secs_f64(left));
        DONE
    } else {
        text
    };
    // As wide as the wider of both texts, so that nothing beside it moves.
    let widest = [text, DONE].map(|text| name::width(ui, text.into()));
    let width = widest[0].max(widest[1]) + 2.0 * ui.spacing().button_padding.x;
    let button = egui::Button::new(shown).min_size(egui::vec2(width, 0.0));
    let response = ui.add(button).on_hover_text(tip);
    if response.clicked() {
        ui.copy_text(what());
        ui.data_mut(|data| data.insert_temp(id, now));
        ui.request_repaint();
    }
    response
}
