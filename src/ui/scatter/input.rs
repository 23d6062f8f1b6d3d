//! Pointer and keyboard: panning, zooming and fitting.

use eframe::egui::{
    EventFilter, Key, Modifiers, PointerButton, Pos2, Rect, Response, Ui, Vec2, vec2,
};

use super::{camera::Camera, outline::Lasso};

/// Scrolled points that magnify by e. One notch of a wheel is about 40.
const SCROLL_PER_E: f32 = 220.0;
/// Magnification of one press of plus or minus.
const KEY_ZOOM: f32 = 1.25;
/// Part of the plot's shorter side that one press of an arrow moves.
const KEY_PAN: f32 = 0.1;
/// How far out and in from the fitted scale one can zoom.
const ZOOM_OUT: f32 = 0.2;
const ZOOM_IN: f32 = 2_000.0;

/// Apply this frame's input to the camera; true if the user moved it.
/// `fit` is the camera that shows everything; `lasso` takes the drag for itself.
pub(super) fn navigate(
    ui: &Ui,
    response: &Response,
    camera: &mut Camera,
    fit: Camera,
    lasso: &Lasso,
) -> bool {
    let before = *camera;
    let rect = response.rect;
    let drags =
        response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle);
    let delta = response.drag_delta();
    if drags && matches!(lasso, Lasso::Idle) && delta != Vec2::ZERO {
        camera.pan(delta);
    }
    if response.contains_pointer()
        && let Some(place) = response.hover_pos()
    {
        let factor = ui.input_mut(|input| {
            let scrolled = input.smooth_scroll_delta.y;
            // Taken, so that a surrounding scroll area stays where it is.
            input.smooth_scroll_delta = Vec2::ZERO;
            input.zoom_delta() * (scrolled / SCROLL_PER_E).exp()
        });
        zoom(camera, rect, place, factor, fit);
    }
    if response.has_focus() {
        keyboard(ui, response, camera, fit);
    }
    if response.double_clicked() && matches!(lasso, Lasso::Idle) {
        *camera = fit;
    }
    *camera != before
}

/// Zoom within sensible limits around the fitted scale.
fn zoom(camera: &mut Camera, rect: Rect, place: Pos2, factor: f32, fit: Camera) {
    let wanted = camera.scale * factor;
    // Beyond the limits one may still come back.
    let low = (fit.scale * ZOOM_OUT).min(camera.scale);
    let high = (fit.scale * ZOOM_IN).max(camera.scale);
    if factor != 1.0 && wanted.is_finite() && low <= high {
        camera.zoom_about(rect, place, wanted.clamp(low, high) / camera.scale);
    }
}

fn keyboard(ui: &Ui, response: &Response, camera: &mut Camera, fit: Camera) {
    // The arrows move the view, not the focus.
    let arrows = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));

    let rect = response.rect;
    let presses = |key| ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key)) as f32;
    let step = KEY_PAN * rect.size().min_elem();
    // The arrow names where the eye goes; the content moves the other way.
    let pan = vec2(
        presses(Key::ArrowLeft) - presses(Key::ArrowRight),
        presses(Key::ArrowUp) - presses(Key::ArrowDown),
    );
    if pan != Vec2::ZERO {
        camera.pan(step * pan);
    }
    let magnify = presses(Key::Plus) + presses(Key::Equals) - presses(Key::Minus);
    zoom(camera, rect, rect.center(), KEY_ZOOM.powf(magnify), fit);
    if presses(Key::Num0) > 0.0 {
        *camera = fit;
    }
}
