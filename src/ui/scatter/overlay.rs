//! What is drawn over the points: labels, the hovered ring, the lasso, the
//! corner arrows, and the note that replaces the points without a renderer.

use eframe::egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, TextStyle, Ui, Vec2, pos2, vec2,
};

/// Length of the corner arrows, in logical points.
const ARROW: f32 = 28.0;
/// Their distance from the corner.
const INSET: f32 = 12.0;

/// Width of the halo around a label.
const HALO: f32 = 2.0;

/// Where a label may go, in multiples of its own size: at its place if free,
/// else next to it.
const PLACES: [Vec2; 9] = [
    vec2(0.0, 0.0),
    vec2(0.0, -1.1),
    vec2(0.0, 1.1),
    vec2(0.6, -1.1),
    vec2(-0.6, -1.1),
    vec2(0.6, 1.1),
    vec2(-0.6, 1.1),
    vec2(1.05, 0.0),
    vec2(-1.05, 0.0),
];

/// Text with a halo in the background's colour, readable over any points.
/// A label that would cover an earlier one moves aside; without room it is
/// left out, so put the important ones first.
pub(super) fn labels<'a>(
    ui: &Ui,
    painter: &Painter,
    background: Color32,
    labels: impl Iterator<Item = (&'a str, Pos2)>,
) {
    let font = TextStyle::Body.resolve(ui.style());
    let ink = ui.visuals().strong_text_color();
    let mut taken: Vec<Rect> = Vec::new();
    for (text, anchor) in labels {
        if !painter.clip_rect().contains(anchor) {
            continue;
        }
        let galley = painter.layout_no_wrap(text.to_owned(), font.clone(), ink);
        let size = galley.size();
        let free = PLACES
            .iter()
            .map(|&place| Rect::from_center_size(anchor + place * size, size))
            .find(|rect| !taken.iter().any(|other| other.intersects(*rect)));
        let Some(rect) = free else {
            continue;
        };
        taken.push(rect);
        let halo = painter.layout_no_wrap(text.to_owned(), font.clone(), background);
        for direction in 0..8 {
            let offset = HALO * Vec2::angled(direction as f32 * std::f32::consts::FRAC_PI_4);
            painter.galley(rect.min + offset, halo.clone(), background);
        }
        painter.galley(rect.min, galley, ink);
    }
}

/// A ring around one point; two strokes, so it shows on any colour.
pub(super) fn ring(painter: &Painter, place: Pos2, radius: f32, ink: Color32, paper: Color32) {
    let radius = radius.max(2.0) + 2.5;
    painter.circle_stroke(place, radius, Stroke::new(4.0, paper));
    painter.circle_stroke(place, radius, Stroke::new(2.0, ink));
}

/// The lasso's line so far and the edge that will close it.
pub(super) fn lasso(painter: &Painter, line: Vec<Pos2>, ink: Color32) {
    let (Some(&first), Some(&last)) = (line.first(), line.last()) else {
        return;
    };
    painter.extend(Shape::dashed_line(
        &[last, first],
        Stroke::new(1.0, ink),
        4.0,
        4.0,
    ));
    painter.line(line, Stroke::new(1.5, ink));
}

/// Two short arrows in the lower left corner, with the axes' names.
pub(super) fn corner_axes(ui: &Ui, painter: &Painter, rect: Rect, names: [&str; 2]) {
    let ink = ui.visuals().weak_text_color();
    let font = TextStyle::Small.resolve(ui.style());
    let stroke = Stroke::new(1.0, ink);
    let corner = pos2(rect.left() + INSET, rect.bottom() - INSET);
    painter.arrow(corner, vec2(ARROW, 0.0), stroke);
    painter.arrow(corner, vec2(0.0, -ARROW), stroke);
    let [across, up] = names;
    let beside = corner + vec2(ARROW + 4.0, 0.0);
    painter.text(beside, Align2::LEFT_CENTER, across, font.clone(), ink);
    let above = corner - vec2(4.0, ARROW + 2.0);
    painter.text(above, Align2::LEFT_BOTTOM, up, font, ink);
}

/// Said in place of the points when the window has no renderer for them.
pub(super) fn missing_renderer(ui: &Ui, painter: &Painter, rect: Rect) {
    let text = "This plot needs Vulkan, Metal or DirectX 12: update the graphics driver";
    let ink = ui.visuals().weak_text_color();
    let font: FontId = TextStyle::Body.resolve(ui.style());
    let galley = painter.layout(
        text.to_owned(),
        font,
        ink,
        (rect.width() - 2.0 * INSET).max(0.0),
    );
    let at = rect.center() - galley.size() / 2.0;
    painter.galley(at, galley, ink);
}
