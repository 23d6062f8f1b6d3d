//! What a line was drawn around.

use super::cloud::{Cloud, Colors, Emphasis, is_visible};

/// An outline that was closed, and the plot it was drawn on. Which samples lie inside takes a while to find where there are
/// many; a worker can.
#[derive(Clone, Debug)]
pub struct Enclosed {
    /// Its corners, in the units of the points.
    pub(super) outline: Vec<[f32; 2]>,
    pub(super) cloud: Cloud,
    pub(super) colors: Colors,
    pub(super) emphasis: Option<Emphasis>,
}

impl Enclosed {
    /// The visible samples inside, in rising order.
    pub fn samples(&self) -> Vec<u32> {
        let points = &self.cloud.points;
        let emphasis = self.emphasis.as_ref();
        let visible = |index| is_visible(index, &self.colors, emphasis);
        points
            .grid
            .inside(&points.positions, &self.outline, visible)
    }
}
