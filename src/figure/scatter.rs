//! What the UMAP figures share: the panel, its points and its arrows.

use ndarray::ArrayView2;

use super::{
    drawing::{Item, MM, Position, Stroke, Text},
    style,
};

/// Room left and below the points for the arrows.
const GUTTER: f32 = 13.0;

/// Where samples lie in a panel.
pub(super) struct Panel {
    /// Top left corner.
    pub at: Position,
    /// Width and height.
    pub size: [f32; 2],
}

/// A map in the coordinates of a panel whose top left corner is the origin.
pub(super) struct Map {
    /// A position for every sample; NaN where it has none.
    positions: Vec<Position>,
    /// Width and height of the panel.
    pub size: [f32; 2],
    /// Radius of a point.
    pub radius: f32,
    /// Opacity of a point.
    pub opacity: f32,
}

impl Map {
    /// Fits a map into a panel of this width, both axes to the same scale. The height follows the map, within bounds.
    pub fn fit(points: ArrayView2<'_, f32>, width: f32) -> Self {
        let both = points.ncols() >= 2;
        let raw: Vec<Position> = points
            .rows()
            .into_iter()
            .map(|row| {
                if both {
                    [row[0], row[1]]
                } else {
                    [f32::NAN; 2]
                }
            })
            .collect();
        let shown = |p: &&Position| p.iter().all(|c| c.is_finite());
        let extent = |axis: usize| {
            raw.iter()
                .filter(shown)
                .map(|p| p[axis])
                .fold(None, |range: Option<(f32, f32)>, v| {
                    let (low, high) = range.unwrap_or((v, v));
                    Some((low.min(v), high.max(v)))
                })
                .unwrap_or((0.0, 1.0))
        };
        let ((left, right), (bottom, top)) = (extent(0), extent(1));
        let count = raw.iter().filter(shown).count();
        let [data_width, data_height] =
            [right - left, top - bottom].map(|x| if x > 0.0 && x.is_finite() { x } else { 1.0 });
        let aspect = (data_height / data_width).clamp(0.62, 1.0);
        let room = [width - GUTTER, (width - GUTTER) * aspect];
        let radius = radius(count, room[0] * room[1]);
        let inner = room.map(|r| r - 2.0 * radius);
        let scale = (inner[0] / data_width).min(inner[1] / data_height);
        // The map is centred in what room is left.
        let place = |v: f32, low: f32, extent: f32, room: f32| {
            (v - low) * scale + (room - extent * scale) / 2.0
        };
        let positions = raw
            .iter()
            .map(|&[x, y]| {
                [
                    GUTTER + place(x, left, data_width, room[0]),
                    // Upwards in the map is downwards on paper.
                    room[1] - place(y, bottom, data_height, room[1]),
                ]
            })
            .collect();
        Self {
            positions,
            size: [width, room[1] + GUTTER],
            radius,
            opacity: if count > 5000 { 0.8 } else { 0.9 },
        }
    }

    /// Where a sample lies on the page, if it has a position.
    pub fn position(&self, sample: usize, panel: Position) -> Option<Position> {
        let [x, y] = self.positions.get(sample).copied()?;
        (x.is_finite() && y.is_finite()).then_some([x + panel[0], y + panel[1]])
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.positions.len()
    }
}

/// Points cover about a third of the panel, were they spread evenly; within bounds.
fn radius(count: usize, area: f32) -> f32 {
    (0.36 * area / (std::f32::consts::PI * count.max(1) as f32))
        .sqrt()
        .clamp(0.3, 2.0)
}

/// All indices in random order, the same for the same count: no class lies on top of the others by its position in
/// the file.
pub(super) fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    for i in (1..count).rev() {
        // SplitMix64; its slight bias for counts that are no power of two does not matter here.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let pick = (z ^ (z >> 31)) % (i as u64 + 1);
        order.swap(i, pick as usize);
    }
    order
}

/// How wide a figure of so many panels is, and each of them.
pub(super) fn widths(panels: usize) -> (f32, f32) {
    use style::{GAP, MARGIN, ONE_COLUMN, TWO_COLUMNS};
    let whole = if panels > 1 { TWO_COLUMNS } else { ONE_COLUMN };
    let gaps = panels.saturating_sub(1) as f32 * GAP;
    let each = (whole - 2.0 * MARGIN - gaps) / panels.max(1) as f32;
    (whole, each)
}

/// The heading of a figure and the height it takes.
pub(super) fn heading(title: &str) -> (Option<Item>, f32) {
    use style::{HEADING, INK, MARGIN};
    if title.is_empty() {
        return (None, MARGIN);
    }
    let text = Text::new([MARGIN, MARGIN + HEADING], title, HEADING, INK).bold();
    (Some(text.into()), MARGIN + HEADING + 9.0)
}

/// Height of a panel's own heading.
pub(super) const CAPTION: f32 = 14.0;

impl Panel {
    /// Letter, name and a remark above the panel.
    pub fn caption(&self, letter: Option<char>, name: &str, remark: &str) -> Vec<Item> {
        use style::{BODY, HEADING, INK, MUTED, SMALL};
        let [x, y] = [self.at[0], self.at[1] - CAPTION + HEADING];
        let mut items: Vec<Item> = Vec::new();
        let mut from = x;
        if let Some(letter) = letter {
            items.push(Text::new([x, y], letter, HEADING, INK).bold().into());
            from += HEADING + 1.0;
        }
        items.push(Text::new([from, y], name, BODY + 0.5, INK).bold().into());
        let end = [x + self.size[0], y];
        let remark = Text::new(end, remark, SMALL, MUTED).anchored(super::drawing::Anchor::End);
        items.push(remark.into());
        items
    }

    /// Two small arrows instead of axes: a UMAP has directions but no scale.
    pub fn arrows(&self) -> Item {
        use style::{AXIS, GAP, MARGIN, MUTED, SMALL};
        let corner = [self.at[0] + 8.0, self.at[1] + self.size[1] - 8.0];
        let [x, y] = corner;
        let length = 8.5 * MM;
        let stroke = Stroke::new(AXIS, 0.6);
        let (tip_x, tip_y) = (x + length, y - length);
        let label = |at: Position, text: &str| Text::new(at, text, SMALL - 0.5, MUTED);
        let number = ((self.at[0] - MARGIN) / (self.size[0] + GAP)).round() as usize;
        Item::Group {
            id: format!("axes-{}", number + 1),
            items: vec![
                Item::Line {
                    points: vec![[x, tip_y + 2.0], corner, [tip_x - 2.0, y]],
                    stroke,
                },
                Item::Polygon {
                    points: vec![[tip_x, y], [tip_x - 3.2, y - 1.4], [tip_x - 3.2, y + 1.4]],
                    fill: AXIS,
                },
                Item::Polygon {
                    points: vec![[x, tip_y], [x - 1.4, tip_y + 3.2], [x + 1.4, tip_y + 3.2]],
                    fill: AXIS,
                },
                label([x, y + 6.6], "UMAP 1").into(),
                label([x - 2.6, y], "UMAP 2").upwards().into(),
            ],
        }
    }
}
