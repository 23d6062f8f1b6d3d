//! How clustering converged: scores against epochs.

use super::{
    drawing::{Anchor, Drawing, Item, Position, Stroke, Text},
    palette::{Rgb, score},
    scatter::heading,
    style::{AXIS, BODY, GRID, HAIR, INK, MARGIN, MUTED, ONE_COLUMN, SMALL},
    ticks::Ticks,
};

/// One epoch of clustering.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CurvePoint {
    /// Counted from 1.
    pub epoch: usize,
    /// Accuracy in %, where labels are known.
    pub acc: Option<f64>,
    /// Normalised mutual information in %, where labels are known.
    pub nmi: Option<f64>,
    /// Mean silhouette width in %.
    pub asw: Option<f64>,
    /// Adjusted Rand index in %, where labels are known.
    pub ari: Option<f64>,
    /// Share of labels that changed in %.
    pub label_change: Option<f64>,
    /// KL divergence.
    pub loss: Option<f64>,
}

/// One line.
struct Series {
    name: &'static str,
    colour: Rgb,
    /// Epoch and value.
    points: Vec<(f64, Option<f64>)>,
    decimals: usize,
}

/// Room left of the axes, for labels.
const LEFT: f32 = 34.0;
const MAIN: f32 = 118.0;
const SECOND: f32 = 46.0;

/// Scores in % against the epochs of clustering, the loss below them, and the epoch of convergence marked. Without
/// labels, the silhouette width and the share of changed labels (from the second epoch on: before the first there is
/// nothing to compare with). The title may be empty.
pub fn convergence(curve: &[CurvePoint], converged: Option<usize>, title: &str) -> Drawing {
    let series = |name, colour, decimals, pick: fn(&CurvePoint) -> Option<f64>| Series {
        name,
        colour,
        points: curve
            .iter()
            .map(|p| (p.epoch as f64, pick(p).filter(|v| v.is_finite())))
            .collect(),
        decimals,
    };
    let labelled = curve.iter().any(|p| p.acc.is_some());
    let scores = if labelled {
        vec![
            series("ACC", score::ACC, 1, |p| p.acc),
            series("NMI", score::NMI, 1, |p| p.nmi),
            series("ASW", score::ASW, 1, |p| p.asw),
            series("ARI", score::ARI, 1, |p| p.ari),
        ]
    } else {
        vec![
            series("ASW", score::ASW, 1, |p| p.asw),
            series("changed", score::CHANGE, 2, |p| {
                p.label_change.filter(|_| p.epoch > 1)
            }),
        ]
    };
    let loss = [series("KL", Rgb::hex(0x3B_424C), 3, |p| p.loss)];

    let (title_item, top) = heading(title);
    let first = curve.iter().map(|p| p.epoch).min().unwrap_or(1);
    let last = curve.iter().map(|p| p.epoch).max().unwrap_or(1);
    let epochs = (first as f64, (last as f64).max(first as f64 + 1.0));
    // Right of the axes stand the names of the lines and their last values.
    let right = if labelled { 45.0 } else { 60.0 };
    let width = ONE_COLUMN - LEFT - right;
    let upper = Plot {
        at: [LEFT, top + 13.0],
        size: [width, MAIN],
        x: epochs,
        y: axis(&scores, 5),
    };
    let lower = Plot {
        at: [LEFT, upper.at[1] + MAIN + 13.0],
        size: [width, SECOND],
        x: epochs,
        y: axis(&loss, 2),
    };
    let mut items: Vec<Item> = title_item.into_iter().collect();
    items.extend(upper.frame(if labelled {
        "Score (%)"
    } else {
        "ASW, labels changed (%)"
    }));
    items.extend(lower.frame("KL loss"));
    items.extend(lower.epoch_axis());
    if let Some(epoch) = converged {
        items.extend(mark(&upper, &lower, epoch));
    }
    items.extend(upper.lines(&scores, converged));
    items.extend(lower.lines(&loss, None));
    Drawing {
        title: format!("{title}: convergence of clustering")
            .trim_start_matches(": ")
            .to_owned(),
        width: ONE_COLUMN,
        height: lower.at[1] + SECOND + 22.0 + MARGIN,
        items,
        ..Drawing::default()
    }
}

/// The vertical line at the epoch of convergence, with its words above, where no curve can be.
fn mark(upper: &Plot, lower: &Plot, epoch: usize) -> Vec<Item> {
    let x = upper.place_x(epoch as f64);
    let stroke = Stroke {
        dash: 2.0,
        ..Stroke::new(MUTED, 0.6)
    };
    let late = x > upper.at[0] + upper.size[0] * 0.5;
    let anchor = if late { Anchor::End } else { Anchor::Start };
    let words = format!("converged at epoch {epoch}");
    let bottom = lower.at[1] + lower.size[1];
    vec![
        stroke.line([x, upper.at[1] - 3.0], [x, bottom]),
        Text::new([x, upper.at[1] - 6.0], words, BODY, INK)
            .anchored(anchor)
            .into(),
    ]
}

/// Round numbers around all values, with a little air.
fn axis(series: &[Series], wanted: usize) -> Ticks {
    let values = series
        .iter()
        .flat_map(|s| s.points.iter().filter_map(|p| p.1));
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    Ticks::around(low, high, wanted)
}

/// A pair of axes.
struct Plot {
    at: Position,
    size: [f32; 2],
    x: (f64, f64),
    y: Ticks,
}

impl Plot {
    fn place_x(&self, epoch: f64) -> f32 {
        let share = (epoch - self.x.0) / (self.x.1 - self.x.0);
        self.at[0] + share.clamp(0.0, 1.0) as f32 * self.size[0]
    }

    fn place_y(&self, value: f64) -> f32 {
        let (low, high) = self.y.span();
        let share = (value - low) / (high - low);
        self.at[1] + (1.0 - share.clamp(0.0, 1.0) as f32) * self.size[1]
    }

    /// Grid, axes and the labels of the upward axis.
    fn frame(&self, name: &str) -> Vec<Item> {
        let [left, top] = self.at;
        let (right, bottom) = (left + self.size[0], top + self.size[1]);
        let mut items = Vec::new();
        for &value in &self.y.values {
            let y = self.place_y(value);
            items.push(Stroke::new(GRID, HAIR).line([left, y], [right, y]));
            let label = Text::new(
                [left - 4.0, y + SMALL * 0.35],
                self.y.label(value),
                SMALL,
                MUTED,
            );
            items.push(label.anchored(Anchor::End).into());
        }
        items.push(Item::Line {
            points: vec![[left, top], [left, bottom], [right, bottom]],
            stroke: Stroke::new(AXIS, HAIR),
        });
        let middle = [MARGIN + SMALL - 4.0, (top + bottom) / 2.0];
        let name = Text::new(middle, name, BODY, INK).upwards();
        items.push(name.anchored(Anchor::Middle).into());
        items
    }

    /// Ticks and labels of the epochs.
    fn epoch_axis(&self) -> Vec<Item> {
        let bottom = self.at[1] + self.size[1];
        let mut ticks = Ticks::around(self.x.0, self.x.1, 5);
        // Epochs are whole and begin at one.
        ticks
            .values
            .retain(|v| v.fract() == 0.0 && *v > self.x.0 && *v <= self.x.1);
        ticks.values.insert(0, self.x.0);
        ticks.decimals = 0;
        let mut items = Vec::new();
        let mut free = f32::NEG_INFINITY;
        for &value in &ticks.values {
            let x = self.place_x(value);
            if x < free {
                continue;
            }
            free = x + 11.0;
            items.push(Stroke::new(AXIS, HAIR).line([x, bottom], [x, bottom + 2.5]));
            let label = Text::new([x, bottom + 9.5], ticks.label(value), SMALL, MUTED);
            items.push(label.anchored(Anchor::Middle).into());
        }
        let middle = self.at[0] + self.size[0] / 2.0;
        let name = Text::new([middle, bottom + 19.5], "Epoch", BODY, INK);
        items.push(name.anchored(Anchor::Middle).into());
        items
    }

    /// The lines, a mark where they converged, and their names with their last values at the right.
    fn lines(&self, series: &[Series], marked: Option<usize>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut ends: Vec<End> = Vec::new();
        for one in series {
            for piece in one.points.split(|p| p.1.is_none()) {
                let points: Vec<Position> = piece
                    .iter()
                    .filter_map(|&(x, y)| Some([self.place_x(x), self.place_y(y?)]))
                    .collect();
                match points.as_slice() {
                    [] => {}
                    [alone] => items.push(dot(*alone, one.colour)),
                    _ => items.push(Item::Line {
                        points,
                        stroke: Stroke::new(one.colour, 1.1),
                    }),
                }
            }
            let known = one.points.iter().rev().find_map(|&(x, y)| Some((x, y?)));
            if let Some((x, value)) = known {
                let end = [self.place_x(x), self.place_y(value)];
                ends.push(End {
                    line: end,
                    label: end[1],
                    colour: one.colour,
                    name: one.name,
                    value: super::number::minus(format!("{value:.*}", one.decimals)),
                });
            }
        }
        for one in series {
            let at = one.points.iter().find(|p| Some(p.0 as usize) == marked);
            if let Some(&(x, Some(value))) = at {
                items.push(dot([self.place_x(x), self.place_y(value)], one.colour));
            }
        }
        spread(&mut ends, BODY + 1.2, self.at[1], self.at[1] + self.size[1]);
        items.extend(
            ends.iter()
                .flat_map(|end| end.items(self.at[0] + self.size[0])),
        );
        items
    }
}

fn dot(centre: Position, fill: Rgb) -> Item {
    Item::Circle {
        centre,
        radius: 1.7,
        fill,
        rim: 0.8,
    }
}

/// The label of a line.
struct End {
    line: Position,
    label: f32,
    colour: Rgb,
    name: &'static str,
    value: String,
}

impl End {
    fn items(&self, right: f32) -> Vec<Item> {
        let x = right + 8.0;
        let baseline = self.label + BODY * 0.35;
        let mut items = vec![
            Text::new([x, baseline], self.name, BODY, self.colour)
                .bold()
                .into(),
            Text::new(
                [ONE_COLUMN - MARGIN, baseline],
                self.value.as_str(),
                BODY,
                self.colour,
            )
            .anchored(Anchor::End)
            .into(),
        ];
        // A thin line leads to a label that had to move away. From farther off it would look like a part of the curve.
        let moved = (self.label - self.line[1]).abs() > 1.5 || self.line[0] < right - 0.5;
        if moved && self.line[0] > right - 8.0 {
            let from = [self.line[0] + 3.0, self.line[1]];
            items.push(Stroke::new(self.colour, 0.35).line(from, [x - 1.5, self.label]));
        }
        items
    }
}

/// Moves labels apart until they are `room` from each other, as little as possible and within the bounds.
fn spread(ends: &mut [End], room: f32, top: f32, bottom: f32) {
    ends.sort_by(|a, b| a.label.total_cmp(&b.label));
    // Neighbours that are too close share the way: half up, half down, until nothing moves.
    for _ in 0..60 {
        let mut moved = false;
        for i in 1..ends.len() {
            let lacking = room - (ends[i].label - ends[i - 1].label);
            if lacking > 0.01 {
                ends[i - 1].label -= lacking / 2.0;
                ends[i].label += lacking / 2.0;
                moved = true;
            }
        }
        for (i, end) in ends.iter_mut().enumerate() {
            end.label = end.label.clamp(top + i as f32 * 0.01, bottom);
        }
        if !moved {
            break;
        }
    }
}
