//! Where a scatter plot looks: data bounds and the camera that maps them to
//! the screen. Equal aspect always, y up in data and down on the screen.

use eframe::egui::{Pos2, Rect, Vec2, pos2};

/// Empty border kept around fitted data, in logical points.
const MARGIN: f32 = 18.0;

/// Coordinates larger than this are treated as "not placed": past it, squared
/// distances and the shader's products would leave the range of `f32`.
const LARGEST: f32 = 1e15;

/// Whether a position can be drawn and picked at all.
pub(super) fn is_placed(point: [f32; 2]) -> bool {
    // `NaN` fails the comparison, so one test covers every bad value.
    point[0].abs() <= LARGEST && point[1].abs() <= LARGEST
}

/// An axis-aligned box in data units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Smallest x and y.
    pub min: [f32; 2],
    /// Largest x and y.
    pub max: [f32; 2],
}

impl Bounds {
    /// The box around every finite point; `None` when there is none.
    pub fn of(points: &[[f32; 2]]) -> Option<Self> {
        points
            .iter()
            .filter(|&&point| is_placed(point))
            .map(|&point| Self {
                min: point,
                max: point,
            })
            .reduce(Self::union)
    }

    /// The smallest box that holds both. Growing a box with each new frame of
    /// a layout keeps the plot from jumping while the layout settles.
    pub fn union(self, other: Self) -> Self {
        Self {
            min: [self.min[0].min(other.min[0]), self.min[1].min(other.min[1])],
            max: [self.max[0].max(other.max[0]), self.max[1].max(other.max[1])],
        }
    }

    /// The middle of the box.
    pub fn center(self) -> [f32; 2] {
        [
            0.5 * (self.min[0] + self.max[0]),
            0.5 * (self.min[1] + self.max[1]),
        ]
    }

    /// Width and height.
    pub fn size(self) -> [f32; 2] {
        [self.max[0] - self.min[0], self.max[1] - self.min[1]]
    }
}

/// What part of the plane a scatter plot shows.
///
/// A plain value: hand the same one to two plots and they stay linked.
/// The default shows everything and keeps doing so while the window is
/// resized, until the user pans or zooms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// The data position in the middle of the plot.
    pub center: [f32; 2],
    /// Logical points on the screen per data unit.
    pub scale: f32,
    /// Fit to the data at every frame; cleared by the first pan or zoom.
    pub fitted: bool,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            center: [0.0; 2],
            scale: 1.0,
            fitted: true,
        }
    }
}

impl Camera {
    /// The camera that shows all of `bounds` inside `rect`.
    pub fn fit(bounds: Bounds, rect: Rect) -> Self {
        let [width, height] = bounds.size();
        let room = (rect.size() - Vec2::splat(2.0 * MARGIN)).max(Vec2::splat(1.0));
        let across = room.x / width.max(f32::MIN_POSITIVE);
        let up = room.y / height.max(f32::MIN_POSITIVE);
        let scale = across.min(up);
        Self {
            center: bounds.center(),
            // One point, or all points in one place: any finite scale will do.
            scale: if width.max(height) > 0.0 && scale.is_finite() {
                scale
            } else {
                1.0
            },
            fitted: true,
        }
    }

    /// Whether the numbers, which anyone may set, describe a view at all.
    pub(super) fn is_usable(self) -> bool {
        self.scale.is_normal() && self.scale > 0.0 && is_placed(self.center)
    }

    /// Where a data position falls on the screen.
    pub fn to_screen(self, rect: Rect, point: [f32; 2]) -> Pos2 {
        let middle = rect.center();
        pos2(
            middle.x + (point[0] - self.center[0]) * self.scale,
            middle.y - (point[1] - self.center[1]) * self.scale,
        )
    }

    /// The data position under a place on the screen.
    pub fn to_data(self, rect: Rect, place: Pos2) -> [f32; 2] {
        let from_middle = place - rect.center();
        [
            self.center[0] + from_middle.x / self.scale,
            self.center[1] - from_middle.y / self.scale,
        ]
    }

    /// Move the content by `delta` logical points on the screen.
    pub fn pan(&mut self, delta: Vec2) {
        self.center[0] -= delta.x / self.scale;
        self.center[1] += delta.y / self.scale;
        self.fitted = false;
    }

    /// Magnify by `factor`; what lies under `place` stays there.
    pub fn zoom_about(&mut self, rect: Rect, place: Pos2, factor: f32) {
        let scale = self.scale * factor;
        if !scale.is_normal() || scale <= 0.0 {
            return;
        }
        let held = self.to_data(rect, place);
        self.scale = scale;
        let moved = self.to_screen(rect, held);
        self.pan(place - moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECT: Rect = Rect {
        min: pos2(100.0, 50.0),
        max: pos2(500.0, 250.0),
    };

    #[test]
    fn a_fitted_camera_shows_everything_with_equal_aspect() {
        let bounds = Bounds {
            min: [-3.0, 2.0],
            max: [5.0, 10.0],
        };
        let camera = Camera::fit(bounds, RECT);
        let low = camera.to_screen(RECT, bounds.min);
        let high = camera.to_screen(RECT, bounds.max);
        assert!(RECT.contains(low) && RECT.contains(high));
        assert!((high.x - low.x - (low.y - high.y)).abs() < 1e-3);
        assert!(low.y > high.y, "y must point up");
    }

    #[test]
    fn screen_and_data_are_inverse() {
        let camera = Camera {
            center: [3.0, -7.0],
            scale: 12.5,
            fitted: false,
        };
        let place = pos2(177.0, 63.0);
        let back = camera.to_screen(RECT, camera.to_data(RECT, place));
        assert!(back.distance(place) < 1e-3);
    }

    #[test]
    fn zoom_holds_the_pointer_and_pan_follows_it() {
        let mut camera = Camera {
            center: [3.0, -7.0],
            scale: 12.5,
            fitted: true,
        };
        let place = pos2(177.0, 63.0);
        let held = camera.to_data(RECT, place);
        camera.zoom_about(RECT, place, 2.5);
        assert!(camera.to_screen(RECT, held).distance(place) < 1e-2);
        assert!(!camera.fitted);
        camera.pan(Vec2::new(10.0, -4.0));
        assert!(camera.to_screen(RECT, held).distance(pos2(187.0, 59.0)) < 1e-2);
    }

    #[test]
    fn degenerate_input_stays_finite() {
        let one = Bounds {
            min: [4.0, 4.0],
            max: [4.0, 4.0],
        };
        for rect in [RECT, Rect::ZERO] {
            let camera = Camera::fit(one, rect);
            assert!(camera.scale.is_finite() && camera.scale > 0.0);
        }
        let mut camera = Camera::fit(one, RECT);
        for factor in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            camera.zoom_about(RECT, RECT.center(), factor);
            assert_eq!(camera.scale, 1.0);
        }
        assert_eq!(Bounds::of(&[[f32::NAN, 1.0], [f32::INFINITY, 0.0]]), None);
    }
}
