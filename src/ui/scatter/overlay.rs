//! What is drawn over the points: labels, the hovered ring, the lasso, the
//! corner arrows, and the note that replaces the points without a renderer.

use eframe::egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, TextStyle, Ui, Vec2, pos2, vec2,
};

use super::printed;
use crate::ui::bidi;

/// Length of the corner arrows, in logical points.
const ARROW: f32 = 28.0;
/// Their distance from the corner.
const INSET: f32 = 12.0;

/// Width of the halo around a label.
const HALO: f32 = 2.0;

/// A text at a place of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// The text.
    pub text: String,
    /// Where, in data units.
    pub place: [f32; 2],
    /// How far what it names reaches from there, in data units.
    pub reach: f32,
}

/// A label on the screen: its text, and the place and the reach of what it names in logical points.
pub(super) type Placed<'a> = (&'a str, Pos2, f32);

/// Directions in which a label may move aside.
const ASIDE: [Vec2; 8] = [
    vec2(1.0, 0.0),
    vec2(-1.0, 0.0),
    vec2(0.0, -1.0),
    vec2(0.0, 1.0),
    vec2(0.7, -0.7),
    vec2(-0.7, -0.7),
    vec2(0.7, 0.7),
    vec2(-0.7, 0.7),
];

/// Where labels of these sizes go. One that would hide most of what it names stands beside it, and so does one that
/// would cover an earlier label or a small group of points; without room a label is left out, until zooming in makes
/// some. Put the important ones first.
fn places(labels: &[Placed<'_>], sizes: &[Vec2], clip: Rect) -> Vec<Option<Rect>> {
    let small = |reach: f32, size: Vec2| reach < size.max_elem();
    let groups: Vec<Option<Rect>> = labels
        .iter()
        .zip(sizes)
        .map(|(&(_, at, reach), &size)| {
            small(reach, size).then(|| Rect::from_center_size(at, Vec2::splat(2.0 * reach)))
        })
        .collect();
    let mut taken: Vec<Rect> = Vec::new();
    let mut place = |(i, (&(_, at, reach), &size)): (usize, (&Placed<'_>, &Vec2))| {
        if !clip.contains(at) {
            return None;
        }
        let aside = ASIDE.map(|way| {
            let away = way * (0.5 * size + Vec2::splat(reach + 1.0));
            Rect::from_center_size(at + away, size)
        });
        let over = Rect::from_center_size(at, size);
        let over = (!small(reach, size)).then_some(over);
        let free = |rect: &Rect| {
            let mut others = groups.iter().enumerate();
            clip.contains_rect(*rect)
                && !taken.iter().any(|other| other.intersects(*rect))
                && !others.any(|(k, group)| k != i && group.is_some_and(|g| g.intersects(*rect)))
        };
        let rect = over.into_iter().chain(aside).find(free)?;
        taken.push(rect);
        Some(rect)
    };
    labels
        .iter()
        .zip(sizes)
        .enumerate()
        .map(&mut place)
        .collect()
}

/// Text with a halo in the background's colour, readable over any points.
pub(super) fn labels(ui: &Ui, painter: &Painter, background: Color32, labels: &[Placed<'_>]) {
    let font = TextStyle::Small.resolve(ui.style());
    let ink = ui.visuals().strong_text_color();
    let text = |text: &str, colour| {
        let seen = bidi::shown(ui.ctx(), text).into_owned();
        painter.layout_no_wrap(seen, font.clone(), colour)
    };
    let galleys: Vec<_> = labels.iter().map(|(name, ..)| text(name, ink)).collect();
    let sizes: Vec<Vec2> = galleys.iter().map(|galley| galley.size()).collect();
    let places = places(labels, &sizes, painter.clip_rect());
    for ((place, galley), (name, ..)) in places.into_iter().zip(galleys).zip(labels) {
        let Some(rect) = place else { continue };
        let halo = text(name, background);
        // On paper, words have a rim of their own.
        let rim = if printed::is_printing(ui.ctx()) { 0 } else { 8 };
        for direction in 0..rim {
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

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Vec2 = vec2(14.0, 12.0);

    fn places_of(groups: &[(Pos2, f32)]) -> Vec<Option<Rect>> {
        let labels: Vec<Placed<'_>> = groups.iter().map(|&(at, reach)| ("1", at, reach)).collect();
        let clip = Rect::from_min_size(Pos2::ZERO, Vec2::splat(400.0));
        places(&labels, &vec![SIZE; groups.len()], clip)
    }

    #[test]
    fn a_label_does_not_hide_what_it_names() {
        let (large, small) = (pos2(100.0, 100.0), pos2(300.0, 300.0));
        let places = places_of(&[(large, 60.0), (small, 5.0)]);
        assert_eq!(places[0].unwrap().center(), large);
        let disc = Rect::from_center_size(small, Vec2::splat(10.0));
        let beside = places[1].unwrap();
        assert!(!beside.intersects(disc), "{beside:?}");
        assert!(beside.distance_to_pos(small) < 20.0, "{beside:?}");
    }

    #[test]
    fn labels_cover_neither_each_other_nor_small_groups() {
        let at = |i: usize| pos2(12.0 + 22.0 * (i % 16) as f32, 20.0 + 25.0 * (i / 16) as f32);
        let groups: Vec<(Pos2, f32)> = (0..160).map(|i| (at(i), 4.0)).collect();
        let places = places_of(&groups);
        let shown: Vec<Rect> = places.iter().copied().flatten().collect();
        assert!(shown.len() > 20, "{}", shown.len());
        for (i, rect) in shown.iter().enumerate() {
            assert!(!shown[..i].iter().any(|other| other.intersects(*rect)));
            for &(centre, reach) in &groups {
                let disc = Rect::from_center_size(centre, Vec2::splat(1.9 * reach));
                assert!(!disc.intersects(*rect), "{rect:?} covers {disc:?}");
            }
        }
        // Zoomed in, there is room for all that are in sight.
        let apart: Vec<(Pos2, f32)> = (0..9)
            .map(|i| {
                (
                    pos2(50.0 + 120.0 * (i % 3) as f32, 50.0 + 120.0 * (i / 3) as f32),
                    12.0,
                )
            })
            .collect();
        assert!(places_of(&apart).iter().all(Option::is_some));
        assert!(places_of(&[(pos2(900.0, 0.0), 1.0)])[0].is_none());
    }
}
