//! Every colour, size and distance of the window.

use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Id, Key, Margin, Modifiers, RichText, Shadow,
    Stroke, TextStyle, Ui, Visuals, response::Flags,
};

use crate::app::Theme;

/// Unit of all distances.
pub const GRID: f32 = 4.0;
/// Width of the step panel on the left.
pub const STEP_PANEL: f32 = 268.0;
/// Width of the inspector on the right.
pub const INSPECTOR: f32 = 236.0;
/// Height of the top bar.
pub const TOP_BAR: f32 = 48.0;
/// Height of the bottom bar.
pub const BOTTOM_BAR: f32 = 44.0;
/// Height of all other controls.
pub const CONTROL: f32 = 7.0 * GRID;
/// Height of the primary button.
pub const PRIMARY: f32 = 36.0;
/// Windows narrower than this do without the inspector's full width.
pub const NARROW: f32 = 1080.0;

/// The colours that egui's own visuals do not name.
#[derive(Clone, Copy, Debug)]
pub struct Colours {
    /// The one accent.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Cards and wells.
    pub card: Color32,
    /// Thin lines between things.
    pub line: Color32,
    /// Text that steps back.
    pub weak: Color32,
    /// Text.
    pub text: Color32,
    /// Problems.
    pub problem: Color32,
    /// Background of the plots.
    pub canvas: Color32,
    /// What is still to be done of a progress bar.
    pub track: Color32,
}

const LIGHT: Colours = Colours {
    accent: Color32::from_rgb(0x0A, 0x6C, 0x80),
    on_accent: Color32::WHITE,
    card: Color32::from_rgb(0xF2, 0xF4, 0xF5),
    line: Color32::from_rgb(0xDA, 0xDE, 0xE1),
    weak: Color32::from_rgb(0x5C, 0x66, 0x6E),
    text: Color32::from_rgb(0x1B, 0x21, 0x26),
    problem: Color32::from_rgb(0xB2, 0x3A, 0x2A),
    canvas: Color32::WHITE,
    track: Color32::from_rgb(0xC4, 0xCC, 0xD2),
};

const DARK: Colours = Colours {
    accent: Color32::from_rgb(0x4F, 0xBD, 0xCE),
    on_accent: Color32::from_rgb(0x06, 0x22, 0x28),
    card: Color32::from_rgb(0x23, 0x29, 0x2E),
    line: Color32::from_rgb(0x37, 0x3F, 0x45),
    weak: Color32::from_rgb(0x9A, 0xA6, 0xAE),
    text: Color32::from_rgb(0xE6, 0xEA, 0xED),
    problem: Color32::from_rgb(0xF0, 0x8A, 0x75),
    canvas: Color32::from_rgb(0x15, 0x19, 0x1C),
    track: Color32::from_rgb(0x46, 0x50, 0x58),
};

/// The colours of the present appearance.
pub fn colours(ui: &Ui) -> Colours {
    of(ui.visuals().dark_mode)
}

/// The colours of an appearance.
pub fn of_visuals(visuals: &Visuals) -> Colours {
    of(visuals.dark_mode)
}

fn of(dark: bool) -> Colours {
    if dark { DARK } else { LIGHT }
}

/// Sets up both appearances.
pub fn install(ctx: &egui::Context) {
    for theme in [egui::Theme::Light, egui::Theme::Dark] {
        ctx.set_visuals_of(theme, visuals(theme == egui::Theme::Dark));
    }
    ctx.all_styles_mut(|style| {
        let font = |size| FontId::new(size, FontFamily::Proportional);
        style.text_styles = [
            (TextStyle::Small, font(12.0)),
            (TextStyle::Body, font(14.0)),
            (TextStyle::Button, font(14.0)),
            (TextStyle::Heading, font(19.0)),
            (
                TextStyle::Monospace,
                FontId::new(13.0, FontFamily::Monospace),
            ),
        ]
        .into();
        let spacing = &mut style.spacing;
        spacing.item_spacing = egui::vec2(2.0 * GRID, 2.0 * GRID);
        spacing.button_padding = egui::vec2(3.0 * GRID, 1.5 * GRID);
        spacing.interact_size.y = CONTROL;
        spacing.slider_width = 120.0;
        spacing.combo_width = 132.0;
        spacing.tooltip_width = 320.0;
        spacing.menu_margin = Margin::same(6);
    });
}

/// Follows the user's choice of appearance.
pub fn choose(ctx: &egui::Context, theme: Theme) {
    ctx.set_theme(match theme {
        Theme::System => egui::ThemePreference::System,
        Theme::Light => egui::ThemePreference::Light,
        Theme::Dark => egui::ThemePreference::Dark,
    });
}

fn visuals(dark: bool) -> Visuals {
    let c = of(dark);
    let mut v = if dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    let (panel, well, hover, press) = if dark {
        (0x1B_20_24, 0x12_15_18, 0x33_3B_41, 0x3D_46_4D)
    } else {
        (0xFB_FC_FC, 0xFF_FF_FF, 0xE7_EB_ED, 0xDC_E2_E5)
    };
    let rgb = |hex: u32| Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8);
    v.panel_fill = rgb(panel);
    v.window_fill = rgb(panel);
    v.extreme_bg_color = rgb(well);
    v.faint_bg_color = c.card;
    v.override_text_color = None;
    v.weak_text_color = Some(c.weak);
    v.hyperlink_color = c.accent;
    v.error_fg_color = c.problem;
    v.selection.bg_fill = c.accent.gamma_multiply(if dark { 0.45 } else { 0.25 });
    v.selection.stroke = Stroke::new(1.0, c.text);
    v.window_stroke = Stroke::new(1.0, c.line);
    v.window_corner_radius = CornerRadius::same(8);
    v.menu_corner_radius = CornerRadius::same(6);
    v.popup_shadow = Shadow {
        offset: [0, 4],
        blur: 16,
        spread: 0,
        color: Color32::from_black_alpha(if dark { 120 } else { 30 }),
    };
    v.window_shadow = v.popup_shadow;
    v.slider_trailing_fill = true;
    v.widgets.noninteractive.bg_stroke = Stroke::new(1.0, c.line);
    v.widgets.noninteractive.fg_stroke = Stroke::new(1.0, c.text);
    for (widget, fill, edge) in [
        (&mut v.widgets.inactive, c.card, c.line),
        (&mut v.widgets.hovered, rgb(hover), c.weak),
        (&mut v.widgets.active, rgb(press), c.accent),
        (&mut v.widgets.open, rgb(hover), c.line),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, edge);
        widget.fg_stroke = Stroke::new(1.0, c.text);
        widget.corner_radius = CornerRadius::same(5);
        widget.expansion = 0.0;
    }
    // Slider rails and check boxes need more than a card's contrast.
    v.widgets.inactive.bg_fill = rgb(press);
    v
}

/// A heading.
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).heading().strong()
}

/// The title of a group.
pub fn title(ui: &mut Ui, text: &str) -> egui::Response {
    ui.add_space(GRID);
    ui.label(RichText::new(text).strong())
}

/// Text that steps back.
pub fn weak(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(colours(ui).weak)
}

/// Buttons that stand close, for a row of them in a narrow panel.
pub fn tight(ui: &mut Ui) {
    let spacing = ui.spacing_mut();
    spacing.item_spacing.x = GRID;
    spacing.button_padding.x = 1.5 * GRID;
}

/// A card: a filled, rounded frame.
pub fn card(ui: &Ui) -> egui::Frame {
    egui::Frame::new()
        .fill(colours(ui).card)
        .corner_radius(8)
        .inner_margin(Margin::same(16))
}

/// A card with something to mind.
pub fn warning(ui: &Ui) -> egui::Frame {
    card(ui).stroke(Stroke::new(1.0, colours(ui).problem))
}

/// The frame of the side panels.
pub fn side(ui: &Ui) -> egui::Frame {
    egui::Frame::new()
        .fill(ui.visuals().panel_fill)
        .inner_margin(Margin::symmetric(16, 12))
}

/// The one primary button of a page or sheet, as wide as there is room; Ctrl+Enter presses it.
pub fn primary(ui: &mut Ui, text: &str, enabled: bool) -> egui::Response {
    let c = colours(ui);
    let button = egui::Button::new(RichText::new(text).strong().color(if enabled {
        c.on_accent
    } else {
        c.weak
    }))
    .fill(if enabled { c.accent } else { c.card })
    .stroke(Stroke::NONE);
    let size = egui::vec2(ui.available_width(), PRIMARY);
    let mut response = ui
        .add_enabled_ui(enabled, |ui| ui.add_sized(size, button))
        .inner
        .on_hover_text("Ctrl+Enter");
    // Under a sheet it is out of reach.
    let reached = response.enabled() && ui.memory(|m| m.allows_interaction(ui.layer_id()));
    if reached && ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter)) {
        response.flags.insert(Flags::FAKE_PRIMARY_CLICKED);
    }
    response
}

/// A thin progress bar; `share` is from 0 to 1.
pub fn progress(ui: &mut Ui, share: f32) -> egui::Response {
    let c = colours(ui);
    ui.scope(|ui| {
        ui.visuals_mut().extreme_bg_color = c.track;
        ui.add(
            egui::ProgressBar::new(share)
                .desired_width(180.0)
                .desired_height(2.0 * GRID)
                .fill(c.accent),
        )
    })
    .inner
}

/// Shows where the keyboard is: a ring around whatever has the focus, unless a click brought it there.
pub fn focus_ring(ctx: &egui::Context) {
    let Some(id) = ctx.memory(|memory| memory.focused()) else {
        return;
    };
    let pressed = ctx.input(|i| i.pointer.any_down() || i.pointer.any_released());
    let (_, clicked) = ctx.data_mut(|data| {
        let last = data.get_temp_mut_or_insert_with(Id::unique("focus"), || (id, pressed));
        if last.0 != id {
            *last = (id, pressed);
        }
        *last
    });
    let Some(response) = ctx.read_response(id).filter(|_| !clicked) else {
        return;
    };
    let ring = response.rect.intersect(response.interact_rect).expand(1.0);
    ctx.layer_painter(response.layer_id).rect_stroke(
        ring,
        6.0,
        Stroke::new(2.0, of(ctx.global_style().visuals.dark_mode).text),
        egui::StrokeKind::Outside,
    );
}

/// A colour of the shared palette.
pub fn colour(rgb: crate::figure::palette::Rgb) -> Color32 {
    let [r, g, b] = rgb.0;
    Color32::from_rgb(r, g, b)
}

/// How far apart two colours are in brightness, from 1 to 21 (WCAG 2).
fn contrast(one: Color32, other: Color32) -> f32 {
    let brightness = |colour: Color32| {
        let [r, g, b, _] = egui::Rgba::from(colour).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
    };
    let (one, other) = (brightness(one), brightness(other));
    one.max(other) / one.min(other)
}

/// Black or white, whichever can be read on a colour.
pub(crate) fn ink_on(colour: Color32) -> Color32 {
    let [black, white] = [Color32::BLACK, Color32::WHITE];
    match contrast(black, colour) > contrast(white, colour) {
        true => black,
        false => white,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_can_be_told_from_what_it_is_drawn_on() {
        for dark in [false, true] {
            let (c, visuals) = (of(dark), visuals(dark));
            for ground in [c.canvas, c.card, visuals.panel_fill] {
                for words in [c.text, c.weak, c.problem] {
                    assert!(contrast(words, ground) > 4.5, "{words:?} on {ground:?}");
                }
                assert!(contrast(c.track, ground) > 1.4, "{ground:?}");
            }
            assert!(contrast(c.on_accent, c.accent) > 4.5);
            assert!(contrast(c.track, c.accent) > 2.0);
        }
    }
}
