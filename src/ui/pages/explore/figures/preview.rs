//! The figure as it will be, small, before it is saved.

use eframe::egui::{self, ColorImage, TextureHandle, TextureOptions, Ui, Vec2, vec2};

use super::{Seen, wanted::Wanted};
use crate::{
    figure::{FigureError, Vision},
    job::CancelToken,
    ui::{later::Later, theme, widgets::form},
};

/// Dots of the preview for a point of the screen.
const FINE: f32 = 2.0;

/// The last preview, and whose eyes look at it.
#[derive(Default)]
pub(super) struct Preview {
    eyes: Vision,
    drawn: Later<Of, Result<Picture, String>>,
    shown: Option<(Of, Vision, TextureHandle)>,
    opened: u64,
}

/// What it is of: the page does not change while the sheet is open.
#[derive(Clone, PartialEq)]
struct Of {
    wanted: Wanted,
    opened: u64,
}

/// Its size, and red, green, blue and opacity of each pixel.
struct Picture {
    size: [usize; 2],
    pixels: Vec<u8>,
}

impl Preview {
    /// What it was of is over.
    pub fn forget(&mut self) {
        self.opened += 1;
        self.shown = None;
    }

    /// Shows it in `room`, and whose eyes it is shown to.
    pub fn show(&mut self, ui: &mut Ui, wanted: &Wanted, seen: &Seen<'_>, room: Vec2) {
        let of = Of {
            wanted: wanted.clone(),
            opened: self.opened,
        };
        self.draw(ui, &of, seen, room);
        let (place, response) = ui.allocate_exact_size(room, egui::Sense::hover());
        let c = theme::colours(ui);
        match (&self.shown, self.drawn.last().as_deref()) {
            (_, Some(Err(why))) if self.drawn.is_of(&of) => {
                let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(place));
                inside.add(egui::Label::new(theme::weak(ui, why)).wrap());
            }
            (Some((_, _, texture)), _) => {
                let size = texture.size_vec2();
                let size = size * (room / size).min_elem();
                let image = egui::Rect::from_center_size(place.center(), size);
                egui::Image::new(texture).paint_at(ui, image);
                let info = egui::Role::Image;
                response
                    .widget_info(|| egui::WidgetInfo::labeled(info, true, "Preview of the figure"));
                let line = egui::Stroke::new(1.0, c.line);
                let inside = egui::StrokeKind::Outside;
                ui.painter().rect_stroke(image, 0.0, line, inside);
            }
            (None, _) => {
                let spinner = egui::Rect::from_center_size(place.center(), Vec2::splat(24.0));
                // Painted, as `Ui::put` would have what follows begin in the middle of the room.
                egui::Spinner::new().paint_at(ui, spinner);
            }
        }
        let all = Vision::ALL.map(|eyes| (eyes, eyes.to_string()));
        let tip = "Colours of the preview as others see them: what is saved keeps its colours";
        form::choice(ui, "Seen by", tip, &mut self.eyes, &all);
    }

    fn draw(&mut self, ui: &Ui, of: &Of, seen: &Seen<'_>, room: Vec2) {
        if !self.drawn.is_of(of) {
            let request = of.wanted.request(seen);
            let [width, height] = of.wanted.millimetres(seen).map(|mm| mm / 25.4);
            let fits = (room / vec2(width, height)).min_elem();
            let make = move |_| {
                let drawing = request.draw(&CancelToken::new());
                let drawing = drawing.map_err(|cancelled| cancelled.to_string())?;
                let pixels = drawing.to_pixels(FINE * fits);
                let picture = pixels.map(|(size, pixels)| Picture { size, pixels });
                picture.map_err(|error: FigureError| error.to_string())
            };
            self.drawn.get(ui.ctx(), of, false, make);
        }
        let known = self.shown.as_ref();
        let known = known.is_some_and(|(shown, eyes, _)| shown == of && *eyes == self.eyes);
        if !known
            && self.drawn.is_of(of)
            && let Some(Ok(picture)) = self.drawn.last().as_deref()
        {
            let mut pixels = picture.pixels.clone();
            self.eyes.sees_pixels(&mut pixels);
            let image = ColorImage::from_rgba_premultiplied(picture.size, &pixels);
            let options = TextureOptions::LINEAR;
            let texture = ui.ctx().load_texture("preview", image, options);
            self.shown = Some((of.clone(), self.eyes, texture));
        }
    }
}
