//! Drawing around samples: with a lasso, a rectangle, or a polygon.

use eframe::egui::{Context, Id, Key, PointerButton, Pos2, Response, Ui};

use super::camera::Camera;
use crate::document::Outline;

/// Distance between the corners of a lasso, in logical points: finer than one
/// can draw, coarse enough that a long line stays cheap to test.
const LASSO_STEP: f32 = 3.0;
/// How near to its first corner a click closes a polygon, in logical points.
const CLOSES: f32 = 9.0;

/// An outline being drawn, or the finished one, in data units: it stays on the
/// same samples when the view changes underneath.
pub(super) enum Lasso {
    /// None.
    Idle,
    /// Not closed yet.
    Drawing(Vec<[f32; 2]>),
    /// Closed in this frame.
    Closed(Vec<[f32; 2]>),
}

/// How outlines are drawn.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    /// Whether one begins without the shift key.
    pub always: bool,
    /// What is drawn.
    pub outline: Outline,
}

/// Continue or begin an outline.
pub(super) fn draw(ui: &Ui, response: &Response, camera: Camera, drawn: Drawn) -> Lasso {
    let line = ui.data_mut(|data| data.remove_temp::<Vec<[f32; 2]>>(response.id));
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        return Lasso::Idle;
    }
    let begins = drawn.always || ui.input(|input| input.modifiers.shift);
    match drawn.outline {
        Outline::Polygon => polygon(ui, response, camera, line, begins),
        Outline::Lasso | Outline::Box => {
            let upright = drawn.outline == Outline::Box;
            dragged(ui, response, camera, line, [begins, upright])
        }
    }
}

/// Whether a polygon is being drawn, which the next key or click may be for.
pub(super) fn is_begun(ui: &Ui, id: Id) -> bool {
    ui.data(|data| data.get_temp::<Vec<[f32; 2]>>(id).is_some())
}

/// Whether an outline is being drawn anywhere, so that Escape is for it.
pub fn is_drawing(ctx: &Context) -> bool {
    let last = ctx.data(|data| data.get_temp::<u64>(drawing()));
    last.is_some_and(|frame| frame + 1 >= ctx.cumulative_frame_nr())
}

/// Where the frame stands in which an outline was drawn last.
fn drawing() -> Id {
    Id::unique("outline is drawn")
}

/// Keeps an outline for the next frame.
fn go_on(ui: &Ui, id: Id, line: &[[f32; 2]]) {
    let frame = ui.ctx().cumulative_frame_nr();
    ui.data_mut(|data| {
        data.insert_temp(id, line.to_vec());
        data.insert_temp(drawing(), frame);
    });
}

/// A line along the pointer; if `upright`, a rectangle from where the drag began.
fn dragged(
    ui: &Ui,
    response: &Response,
    camera: Camera,
    line: Option<Vec<[f32; 2]>>,
    [begins, upright]: [bool; 2],
) -> Lasso {
    let rect = response.rect;
    let mut line = match line {
        Some(line) => line,
        None if begins && response.drag_started_by(PointerButton::Primary) => {
            let origin = ui.input(|input| input.pointer.press_origin());
            origin
                .map(|place| camera.to_data(rect, place))
                .into_iter()
                .collect()
        }
        None => return Lasso::Idle,
    };
    if let Some(place) = response.interact_pointer_pos() {
        if upright {
            let (first, last) = (line.first().copied(), camera.to_data(rect, place));
            let [x, y] = first.unwrap_or(last);
            line = vec![[x, y], [last[0], y], last, [x, last[1]]];
        }
        let far = line
            .last()
            .is_none_or(|&last| camera.to_screen(rect, last).distance(place) >= LASSO_STEP);
        if far && !upright {
            line.push(camera.to_data(rect, place));
        }
    }
    if response.drag_stopped() {
        return Lasso::Closed(line);
    }
    if !response.dragged() {
        return Lasso::Idle;
    }
    go_on(ui, response.id, &line);
    Lasso::Drawing(line)
}

/// A corner a click; a click on the first one, a double click or Enter closes it, Backspace takes the last one back.
fn polygon(
    ui: &Ui,
    response: &Response,
    camera: Camera,
    line: Option<Vec<[f32; 2]>>,
    begins: bool,
) -> Lasso {
    let rect = response.rect;
    let click = response
        .clicked_by(PointerButton::Primary)
        .then(|| response.interact_pointer_pos())
        .flatten();
    let mut line = match (line, click) {
        (Some(line), _) => line,
        (None, Some(_)) if begins => Vec::new(),
        (None, _) => return Lasso::Idle,
    };
    let near = |corner: Option<&[f32; 2]>, place: Pos2| {
        corner.is_some_and(|&at| camera.to_screen(rect, at).distance(place) <= CLOSES)
    };
    if response.double_clicked() && line.len() < 3 {
        // It shows everything, as ever.
        return Lasso::Idle;
    }
    let mut closes = response.has_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if let Some(place) = click {
        // The second click of two is where the first one was.
        match response.double_clicked() || line.len() > 2 && near(line.first(), place) {
            true => closes = true,
            false => line.push(camera.to_data(rect, place)),
        }
    }
    if closes && line.len() > 2 {
        return Lasso::Closed(line);
    }
    if response.has_focus() && ui.input(|input| input.key_pressed(Key::Backspace)) {
        line.pop();
    }
    if line.is_empty() {
        return Lasso::Idle;
    }
    go_on(ui, response.id, &line);
    // The edge that the next click would make.
    let hover = response.hover_pos();
    line.extend(hover.map(|place| camera.to_data(rect, place)));
    Lasso::Drawing(line)
}
