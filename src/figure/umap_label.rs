//! The map by label and by cluster.

use ndarray::ArrayView2;

use super::{
    drawing::{Anchor, Cloud, Drawing, Item, Position, Text},
    legend::{Entry, Legend},
    palette::{Rgb, UNLABELLED, category},
    scatter::{CAPTION, Map, Panel, heading, shuffled, widths},
    style::{GAP, INK, MARGIN, SMALL},
};
use crate::words::thousands;

/// Beyond so many groups, colours alone no longer tell which is which.
const NUMBERED_FROM: usize = 16;

/// One way to divide the samples into groups.
#[derive(Clone, Copy, Debug)]
pub struct Grouping<'a> {
    /// What the groups are: `Cell type`, `Cluster`.
    pub title: &'a str,
    /// What a group is called when counted: `classes`, `clusters`.
    pub plural: &'a str,
    /// Names of the groups.
    pub names: &'a [String],
    /// The group of every sample, an index into `names`.
    pub codes: &'a [Option<u32>],
    /// The colour of each group; by default that of its index, see [`category`].
    pub colours: Option<&'a [Rgb]>,
}

impl Grouping<'_> {
    fn code(&self, sample: usize) -> Option<usize> {
        let code = self.codes.get(sample).copied().flatten()? as usize;
        (code < self.names.len()).then_some(code)
    }

    fn colour(&self, code: Option<usize>) -> Rgb {
        code.map_or(UNLABELLED, |code| {
            let own = self.colours.and_then(|colours| colours.get(code).copied());
            own.unwrap_or_else(|| category(code))
        })
    }
}

/// A map of the samples (n x 2) coloured by group: one panel for each grouping, two at most, each with a legend.
///
/// The title may be empty.
pub fn umap_label(points: ArrayView2<'_, f32>, groupings: &[Grouping<'_>], title: &str) -> Drawing {
    let groupings = &groupings[..groupings.len().min(2)];
    let (width, panel_width) = widths(groupings.len());
    let map = Map::fit(points, panel_width);
    let order = shuffled(map.len());
    let (title_item, top) = heading(title);
    let mut drawing = Drawing {
        title: describe(title, groupings),
        width,
        items: title_item.into_iter().collect(),
        ..Drawing::default()
    };
    let mut legend_height = 0.0f32;
    for (i, grouping) in groupings.iter().enumerate() {
        let panel = Panel {
            at: [MARGIN + i as f32 * (panel_width + GAP), top + CAPTION],
            size: map.size,
        };
        let members = members(&map, &order, grouping);
        let used = members.iter().filter(|m| !m.is_empty()).count();
        let letter = (groupings.len() > 1).then_some(if i == 0 { 'a' } else { 'b' });
        let remark = format!("{} {}", thousands(used), grouping.plural);
        drawing
            .items
            .extend(panel.caption(letter, grouping.title, &remark));
        drawing.clouds.push(cloud(&map, &order, grouping, panel.at));
        drawing.items.push(panel.arrows());
        let numbered = used >= NUMBERED_FROM;
        if numbered {
            drawing.items.push(Item::Group {
                id: format!("numbers-{}", i + 1),
                items: numbers(&map, &members, panel.at),
            });
        }
        let legend = Legend::new(entries(&map, grouping, &members, numbered), panel_width);
        let below = panel.at[1] + panel.size[1] + 7.0;
        drawing.items.push(Item::Group {
            id: format!("legend-{}", i + 1),
            items: legend.items([panel.at[0], below]),
        });
        legend_height = legend_height.max(legend.height());
    }
    drawing.height = top + CAPTION + map.size[1] + 7.0 + legend_height + MARGIN;
    drawing
}

fn describe(title: &str, groupings: &[Grouping<'_>]) -> String {
    let by: Vec<String> = groupings.iter().map(|g| g.title.to_lowercase()).collect();
    format!("{title}: UMAP by {}", by.join(" and by "))
        .trim_start_matches(": ")
        .to_owned()
}

/// The samples of every group that have a position.
fn members(map: &Map, order: &[usize], grouping: &Grouping<'_>) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); grouping.names.len()];
    for &sample in order {
        if let Some(code) = grouping.code(sample)
            && map.position(sample, [0.0; 2]).is_some()
        {
            members[code].push(sample);
        }
    }
    members
}

fn cloud(map: &Map, order: &[usize], grouping: &Grouping<'_>, at: Position) -> Cloud {
    // Samples without a label lie beneath those with one.
    let (known, unknown): (Vec<usize>, Vec<usize>) =
        order.iter().partition(|&&s| grouping.code(s).is_some());
    let (centres, colours) = unknown
        .into_iter()
        .chain(known)
        .filter_map(|s| Some((map.position(s, at)?, grouping.colour(grouping.code(s)))))
        .unzip();
    Cloud {
        centres,
        colours,
        radius: map.radius,
        opacity: map.opacity,
    }
}

fn entries(
    map: &Map,
    grouping: &Grouping<'_>,
    members: &[Vec<usize>],
    numbered: bool,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = members
        .iter()
        .enumerate()
        .filter(|(_, members)| !members.is_empty())
        .map(|(code, members)| {
            let name = &grouping.names[code];
            Entry {
                // A cluster's name is its number already.
                number: (numbered && *name != (code + 1).to_string()).then_some(code + 1),
                name: name.clone(),
                count: members.len(),
                colour: grouping.colour(Some(code)),
            }
        })
        .collect();
    let shown = (0..map.len()).filter(|&s| map.position(s, [0.0; 2]).is_some());
    let unknown = shown.count() - members.iter().map(Vec::len).sum::<usize>();
    if unknown > 0 {
        entries.push(Entry {
            number: None,
            name: "no label".into(),
            count: unknown,
            colour: UNLABELLED,
        });
    }
    entries
}

/// The groups' numbers at their median positions, moved apart where they would overlap.
fn numbers(map: &Map, members: &[Vec<usize>], at: Position) -> Vec<Item> {
    let median = |members: &[usize], axis: usize| {
        let mut values: Vec<f32> = members
            .iter()
            .filter_map(|&s| Some(map.position(s, at)?[axis]))
            .collect();
        let middle = values.len() / 2;
        (middle < values.len()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
    };
    let mut placed: Vec<(usize, Position)> = members
        .iter()
        .enumerate()
        .filter_map(|(code, m)| Some((code, [median(m, 0)?, median(m, 1)?])))
        .collect();
    separate(&mut placed);
    placed
        .into_iter()
        .map(|(code, [x, y])| {
            Text::new(
                [x, y + SMALL * 0.35],
                (code + 1).to_string(),
                SMALL + 0.5,
                INK,
            )
            .bold()
            .with_halo()
            .anchored(Anchor::Middle)
            .into()
        })
        .collect()
}

/// Pushes overlapping numbers apart, along the way that is shorter.
fn separate(placed: &mut [(usize, Position)]) {
    const ROOM: [f32; 2] = [9.5, 7.5];
    for _ in 0..40 {
        let mut moved = false;
        for i in 0..placed.len() {
            for j in 0..i {
                let (a, b) = (placed[i].1, placed[j].1);
                let overlap = [0, 1].map(|axis| ROOM[axis] - (a[axis] - b[axis]).abs());
                if overlap.iter().any(|&o| o <= 0.0) {
                    continue;
                }
                moved = true;
                let axis = usize::from(overlap[1] < overlap[0]);
                let push = overlap[axis] / 2.0 * if a[axis] < b[axis] { -1.0 } else { 1.0 };
                placed[i].1[axis] += push;
                placed[j].1[axis] -= push;
            }
        }
        if !moved {
            break;
        }
    }
}
