//! What a scatter plot draws: points, their colours and their emphasis.
//!
//! All three are immutable handles around an `Arc`. The identity of the handle
//! is its version: the same handle means the same data, so nothing is uploaded
//! again; a new handle means new data. GPU buffers die with the last handle.

use std::sync::Arc;

use super::camera::{Bounds, is_placed};
use super::grid::Grid;

/// Seed of the draw order. Fixed, so that a picture can be drawn again.
const ORDER_SEED: u64 = 0x5EED;

/// Positions of all samples in the plane, and the order they are drawn in.
///
/// Building one costs a sort by place, a few milliseconds per 100,000 points;
/// it knows nothing of the window, so a worker can do it.
#[derive(Clone, Debug)]
pub struct Cloud {
    pub(super) points: Arc<Points>,
    /// Sample indices from bottom to top; samples without a place are left out.
    pub(super) order: Arc<Vec<u32>>,
}

/// Positions with everything derived from them alone.
#[derive(Debug)]
pub(super) struct Points {
    pub positions: Vec<[f32; 2]>,
    pub bounds: Option<Bounds>,
    pub grid: Grid,
}

impl Points {
    fn new(positions: Vec<[f32; 2]>) -> Arc<Self> {
        let bounds = Bounds::of(&positions);
        let grid = Grid::build(&positions, bounds);
        Arc::new(Self {
            positions,
            bounds,
            grid,
        })
    }
}

impl Cloud {
    /// A cloud drawn in a shuffled order, so that no class hides another only
    /// because it came later in the file. Samples whose position is not finite
    /// are neither drawn nor picked.
    pub fn new(positions: Vec<[f32; 2]>) -> Self {
        let mut order = placed(&positions);
        SplitMix::new(ORDER_SEED).shuffle(&mut order);
        Self {
            points: Points::new(positions),
            order: Arc::new(order),
        }
    }

    /// The same samples elsewhere, as in the next frame of a settling layout.
    /// The draw order is kept, so points do not flicker over one another and
    /// colours need no new upload.
    pub fn moved(&self, positions: Vec<[f32; 2]>) -> Self {
        let same = positions.len() == self.points.positions.len()
            && positions.iter().filter(|&&point| is_placed(point)).count() == self.order.len()
            && self
                .order
                .iter()
                .all(|&index| is_placed(positions[index as usize]));
        if !same {
            return Self::new(positions);
        }
        Self {
            points: Points::new(positions),
            order: Arc::clone(&self.order),
        }
    }

    /// The same points with the highest `priority` drawn on top; equal ones
    /// stay shuffled, samples without a priority go to the bottom.
    pub fn ordered_by(&self, priority: &[f32]) -> Self {
        let rank = |index: u32| {
            let value = priority.get(index as usize).copied().unwrap_or(f32::NAN);
            if value.is_nan() {
                f32::NEG_INFINITY
            } else {
                value
            }
        };
        let mut order = placed(&self.points.positions);
        SplitMix::new(ORDER_SEED).shuffle(&mut order);
        order.sort_by(|&a, &b| rank(a).total_cmp(&rank(b)));
        Self {
            points: Arc::clone(&self.points),
            order: Arc::new(order),
        }
    }

    /// Number of samples, those without a place included.
    pub fn len(&self) -> usize {
        self.points.positions.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.points.positions.is_empty()
    }

    /// The positions, by sample index.
    pub fn positions(&self) -> &[[f32; 2]] {
        &self.points.positions
    }

    /// The box around all samples that have a place.
    pub fn bounds(&self) -> Option<Bounds> {
        self.points.bounds
    }
}

/// One colour per sample: straight (not premultiplied) sRGB with alpha.
/// Alpha 0 hides the sample, from the picture and from the pointer.
#[derive(Clone, Debug)]
pub struct Colors(pub(super) Arc<Vec<[u8; 4]>>);

impl Colors {
    /// Colours by sample index. Samples past the end are drawn mid-grey.
    pub fn new(rgba: Vec<[u8; 4]>) -> Self {
        Self(Arc::new(rgba))
    }

    /// The same colour for every sample.
    pub fn uniform(count: usize, rgba: [u8; 4]) -> Self {
        Self::new(vec![rgba; count])
    }

    /// The colour of one sample.
    pub fn get(&self, index: usize) -> [u8; 4] {
        self.0.get(index).copied().unwrap_or([128, 128, 128, 255])
    }
}

/// How strongly one sample is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// As coloured.
    #[default]
    Normal = 0,
    /// Faded into the background and drawn below all others.
    Dimmed = 1,
    /// A little larger and drawn above all others.
    Highlighted = 2,
    /// Not drawn and not picked.
    Hidden = 3,
}

/// One [`Mark`] per sample, on top of the colours: a selection or a filter
/// changes this alone.
#[derive(Clone, Debug)]
pub struct Emphasis(pub(super) Arc<Vec<Mark>>);

impl Emphasis {
    /// Marks by sample index. Samples past the end are [`Mark::Normal`].
    pub fn new(marks: Vec<Mark>) -> Self {
        Self(Arc::new(marks))
    }

    /// The `selected` samples stand out, the other ones are dimmed.
    pub fn only(count: usize, selected: &[usize]) -> Self {
        let mut marks = vec![Mark::Dimmed; count];
        for &index in selected {
            if let Some(mark) = marks.get_mut(index) {
                *mark = Mark::Highlighted;
            }
        }
        Self::new(marks)
    }

    /// The mark of one sample.
    pub fn get(&self, index: usize) -> Mark {
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// Whether a sample is drawn and can be picked.
pub(super) fn is_visible(index: usize, colors: &Colors, emphasis: Option<&Emphasis>) -> bool {
    colors.get(index)[3] > 0 && emphasis.is_none_or(|marks| marks.get(index) != Mark::Hidden)
}

/// Indices of the samples that have a place.
fn placed(positions: &[[f32; 2]]) -> Vec<u32> {
    (0_u32..)
        .zip(positions)
        .filter_map(|(index, &point)| is_placed(point).then_some(index))
        .collect()
}

/// The SplitMix64 generator (Steele, Lea and Flood 2014): enough for a
/// shuffle, and the same on every platform and in every version.
pub(super) struct SplitMix(u64);

impl SplitMix {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to 1.
    #[cfg(test)]
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Fisher and Yates; the bias of the remainder is far below one in 2^32.
    fn shuffle(&mut self, items: &mut [u32]) {
        for last in (1..items.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_shuffled_once_and_kept() {
        let positions: Vec<[f32; 2]> = (0..100).map(|i| [i as f32, 0.0]).collect();
        let cloud = Cloud::new(positions.clone());
        let mut sorted = cloud.order.to_vec();
        assert_ne!(sorted, (0..100).collect::<Vec<u32>>());
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<u32>>());
        assert_eq!(cloud.order, Cloud::new(positions.clone()).order);
        assert!(Arc::ptr_eq(&cloud.order, &cloud.moved(positions).order));
    }

    #[test]
    fn a_lost_point_leaves_the_order() {
        let cloud = Cloud::new(vec![[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]);
        let moved = cloud.moved(vec![[0.0, 0.0], [f32::NAN, 1.0], [2.0, 2.0]]);
        assert_eq!(moved.order.len(), 2);
        assert!(!moved.order.contains(&1));
        assert_eq!(moved.len(), 3);
    }

    #[test]
    fn priority_puts_the_highest_on_top() {
        let cloud = Cloud::new(vec![[0.0, 0.0]; 4]);
        let ordered = cloud.ordered_by(&[0.5, f32::NAN, 2.0]);
        assert_eq!(ordered.order.last(), Some(&2));
        assert_eq!(ordered.order.get(2), Some(&0));
        assert!(Arc::ptr_eq(&cloud.points, &ordered.points));
    }

    #[test]
    fn missing_values_have_defaults() {
        assert_eq!(Colors::new(vec![]).get(3), [128, 128, 128, 255]);
        let emphasis = Emphasis::only(2, &[1, 9]);
        let marks: Vec<Mark> = (0..3).map(|index| emphasis.get(index)).collect();
        assert_eq!(marks, [Mark::Dimmed, Mark::Highlighted, Mark::Normal]);
    }
}
