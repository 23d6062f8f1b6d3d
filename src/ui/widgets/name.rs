//! Names of the user's beside something else: cut in the middle to the room there is, whole in the tooltip and for
//! screen readers.

use std::borrow::Cow;

use eframe::egui::{self, Label, Response, RichText, TextStyle, TextWrapMode, Ui, WidgetText};

use crate::{figure::name, ui::bidi};

/// How wide a text is in one line.
pub(crate) fn width(ui: &Ui, text: RichText) -> f32 {
    let mode = Some(TextWrapMode::Extend);
    let text = WidgetText::from(text).into_galley(ui, mode, f32::INFINITY, TextStyle::Body);
    text.size().x
}

/// The name as it is to be shown, cut to a width in points in the font that `look` gives it.
pub(crate) fn cut(ui: &Ui, name: &str, room: f32, look: impl Fn(&str) -> RichText) -> String {
    let cut = name::cut(name, |text| width(ui, look(text)) <= room);
    match bidi::shown(ui.ctx(), &cut) {
        Cow::Borrowed(_) => cut,
        Cow::Owned(seen) => seen,
    }
}

/// Shows a name of this width at most.
pub(crate) fn show(
    ui: &mut Ui,
    name: &str,
    room: f32,
    look: impl Fn(&str) -> RichText,
) -> Response {
    let text = cut(ui, name, room, &look);
    let label = Label::new(look(&text)).wrap_mode(TextWrapMode::Extend);
    let response = ui.add(label);
    whole(response, name, &text, egui::Role::Label)
}

/// Tells the whole of a name, of which `shown` is on the screen.
pub(crate) fn whole(response: Response, name: &str, shown: &str, role: egui::Role) -> Response {
    if name == shown {
        return response;
    }
    response.widget_info(|| egui::WidgetInfo::labeled(role, true, name));
    let seen = bidi::shown(&response.ctx, name).into_owned();
    response.on_hover_text(seen)
}
