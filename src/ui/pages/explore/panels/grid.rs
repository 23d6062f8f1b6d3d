//! Tiles in rows and columns with names.

use eframe::egui::{self, Align2, Color32, Rect, Sense, TextStyle, Ui, pos2, vec2};

use crate::ui::{theme, widgets::name};

/// Sizes of a tile between which it fits the room there is, and the widest name of a row.
const WIDTH: [f32; 2] = [16.0, 64.0];
const HEIGHT: [f32; 2] = [18.0, 32.0];
const NAMES: f32 = 150.0;
const HEADING: f32 = 22.0;
/// Narrower tiles have no text.
const READABLE: f32 = 30.0;

/// What rows and columns are called.
pub struct Grid {
    pub rows: Vec<String>,
    /// With the number that stands there where the name is too long.
    pub columns: Vec<(String, usize)>,
}

/// How a tile looks.
pub struct Tile {
    pub fill: Color32,
    pub ink: Color32,
    pub text: String,
}

impl Grid {
    /// Draws the tiles, each at its row and column, with what is said of the one under the pointer; gives the one that was clicked.
    pub fn show(
        &self,
        ui: &mut Ui,
        summary: &str,
        tile: impl Fn([usize; 2]) -> Tile,
        tip: impl Fn([usize; 2]) -> String,
    ) -> Option<[usize; 2]> {
        let c = theme::colours(ui);
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let widest = self.rows.iter();
        let widest = widest.map(|text| name::width(ui, text.as_str().into()));
        let names = (widest.fold(0.0, f32::max) + 12.0)
            .min(NAMES)
            .min(0.4 * ui.available_width());
        let room = ui.available_size() - vec2(names, HEADING + 4.0);
        let cell = vec2(
            (room.x / columns.max(1) as f32).clamp(WIDTH[0], WIDTH[1]),
            (room.y / rows.max(1) as f32).clamp(HEIGHT[0], HEIGHT[1]),
        );
        let size = vec2(
            names + columns as f32 * cell.x,
            HEADING + rows as f32 * cell.y,
        );
        let (area, response) = ui.allocate_exact_size(size, Sense::click());
        let painter = ui.painter_at(area.intersect(ui.clip_rect()));
        let corner = area.min + vec2(names, HEADING);
        let font = TextStyle::Small.resolve(ui.style());
        for (column, (text, number)) in self.columns.iter().enumerate() {
            let place = pos2(corner.x + (column as f32 + 0.5) * cell.x, corner.y - 4.0);
            let fits = name::width(ui, text.as_str().into()) <= cell.x - 4.0;
            // A name that is too long is told by a number, as on maps, with the name at the pointer.
            let text = if fits {
                text.clone()
            } else {
                number.to_string()
            };
            painter.text(place, Align2::CENTER_BOTTOM, text, font.clone(), c.weak);
        }
        let seen = ui.clip_rect();
        for (row, text) in self.rows.iter().enumerate() {
            let top = corner.y + row as f32 * cell.y;
            if top > seen.bottom() || top + cell.y < seen.top() {
                continue;
            }
            let short = name::cut(ui, text, names - 10.0, |text| text.into());
            let place = pos2(area.left(), top + 0.5 * cell.y);
            let body = TextStyle::Body.resolve(ui.style());
            painter.text(place, Align2::LEFT_CENTER, short, body, c.text);
            for column in 0..columns {
                let min = pos2(corner.x + column as f32 * cell.x, top);
                let rect = Rect::from_min_size(min, cell).shrink(0.5);
                let Tile { fill, ink, text } = tile([row, column]);
                painter.rect_filled(rect, 2.0, fill);
                if !text.is_empty() && cell.x >= READABLE {
                    painter.text(
                        rect.center(),
                        Align2::CENTER_CENTER,
                        text,
                        font.clone(),
                        ink,
                    );
                }
            }
        }
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, summary));
        let place = response.hover_pos().or(response.interact_pointer_pos());
        let under = place.and_then(|place| {
            let away = place - corner;
            let at = [(away.y / cell.y).floor(), (away.x / cell.x).floor()];
            let inside = at[0] >= 0.0 && at[1] >= 0.0;
            let [row, column] = at.map(|at| at as usize);
            (inside && row < rows && column < columns).then_some([row, column])
        });
        let clicked = response.clicked();
        if let Some(cell) = under {
            response.on_hover_text_at_pointer(tip(cell));
        }
        under.filter(|_| clicked)
    }
}
