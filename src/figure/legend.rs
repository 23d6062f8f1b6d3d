//! Legends: which colour is what, in as many columns as fit.

use super::{
    drawing::{Anchor, Item, Position, Text},
    palette::Rgb,
    style::{BODY, INK, MUTED},
    text,
};
use crate::words::thousands;

const ROW: f32 = 9.6;
const DOT: f32 = 2.5;
const BETWEEN: f32 = 18.0;

/// One line of a legend.
pub(super) struct Entry {
    /// The number drawn in the panel, if any.
    pub number: Option<usize>,
    /// What it is.
    pub name: String,
    /// How many samples.
    pub count: usize,
    /// Its colour.
    pub colour: Rgb,
}

/// The lines of a legend with their top left corner at the origin, and how high they are.
pub(super) struct Legend {
    rows: usize,
    column_width: f32,
    number_width: f32,
    entries: Vec<Entry>,
}

impl Legend {
    /// Lays the entries out in columns, down first.
    pub fn new(entries: Vec<Entry>, width: f32) -> Self {
        let counts = entries.iter().map(|e| thousands(e.count));
        let counts: Vec<String> = counts.collect();
        let count_width = text::widths(counts.iter().map(String::as_str), BODY)
            .into_iter()
            .fold(0.0, f32::max);
        let number_width = if entries.iter().any(|e| e.number.is_some()) {
            BODY * 1.8
        } else {
            0.0
        };
        let around = 2.0 * DOT + 3.5 + number_width + 8.0 + count_width;
        // At least two columns where a few very long names would otherwise leave one.
        let longest = if entries.len() > 6 {
            (width - BETWEEN) / 2.0 - around
        } else {
            width - around
        };
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(|e| Entry {
                name: text::shortened(&e.name, BODY, longest),
                ..e
            })
            .collect();
        let widest = text::widths(entries.iter().map(|e| e.name.as_str()), BODY)
            .into_iter()
            .fold(0.0, f32::max);
        let column_width = around + widest + BETWEEN;
        let columns = ((width + BETWEEN) / column_width).floor().max(1.0) as usize;
        let rows = entries.len().div_ceil(columns);
        Self {
            rows,
            column_width,
            number_width,
            entries,
        }
    }

    /// How high it is.
    pub fn height(&self) -> f32 {
        self.rows as f32 * ROW
    }

    /// Its lines, from this corner on.
    pub fn items(&self, at: Position) -> Vec<Item> {
        let mut items = Vec::with_capacity(self.entries.len() * 3);
        for (i, entry) in self.entries.iter().enumerate() {
            let (column, row) = (i / self.rows.max(1), i % self.rows.max(1));
            let x = at[0] + column as f32 * self.column_width;
            let y = at[1] + row as f32 * ROW;
            let baseline = y + ROW * 0.72;
            items.push(Item::Circle {
                centre: [x + DOT, baseline - BODY * 0.34],
                radius: DOT,
                fill: entry.colour,
                rim: 0.0,
            });
            let mut from = x + 2.0 * DOT + 3.5;
            if let Some(number) = entry.number {
                let number = Text::new(
                    [from + self.number_width - 4.0, baseline],
                    number.to_string(),
                    BODY,
                    INK,
                );
                items.push(number.bold().anchored(Anchor::End).into());
            }
            from += self.number_width;
            items.push(Text::new([from, baseline], entry.name.as_str(), BODY, INK).into());
            let count = thousands(entry.count);
            let end = [x + self.column_width - BETWEEN, baseline];
            items.push(
                Text::new(end, count, BODY, MUTED)
                    .anchored(Anchor::End)
                    .into(),
            );
        }
        items
    }
}
