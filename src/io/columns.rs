//! What the columns of a table hold, told by their content: ids, measurements, or what is no measurement.

use super::{
    names,
    number::{is_missing, is_numeric, whole_number},
};
use std::collections::HashSet;

/// What a column of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The ids of the rows: one column.
    Id,
    /// Measurements.
    Value,
    /// Neither: it is not read.
    Aside,
}

/// What the columns of a file are.
#[derive(Debug)]
pub(super) struct Columns {
    /// One a column of the file.
    pub roles: Vec<Role>,
    /// The column of the ids.
    pub id: usize,
}

/// Which column holds the ids.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// This one.
    Column(usize),
    /// One of these two, the likelier first.
    Either(usize, usize),
}

/// Rows that are looked at.
pub(super) const ROWS: usize = 5_000;

/// What the first rows say of one column.
///
/// There is one for each of up to ten million columns.
#[derive(Clone, Copy, Default)]
struct Content {
    numbers: u32,
    texts: u32,
    /// Numbers that are whole.
    whole: u32,
    /// The first of them, and how many from there on are one more than the one above.
    first: i32,
    in_sequence: u32,
}

/// The first rows of a table and their columns.
pub(super) struct Look<'a> {
    names: &'a [String],
    rows: &'a [csv::ByteRecord],
    contents: Vec<Content>,
}

impl<'a> Look<'a> {
    /// Looks at these rows; those with another number of columns than there are names are passed over.
    pub fn new(names: &'a [String], rows: &'a [csv::ByteRecord]) -> Self {
        let mut contents = vec![Content::default(); names.len()];
        for row in rows.iter().take(ROWS).filter(|r| r.len() == names.len()) {
            for (content, cell) in contents.iter_mut().zip(row) {
                content.add(cell.trim_ascii());
            }
        }
        Self {
            names,
            rows,
            contents,
        }
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &'a [u8]> {
        let (rows, width) = (self.rows, self.names.len());
        let rows = rows.iter().take(ROWS).filter(move |r| r.len() == width);
        rows.map(move |row| row.get(column).unwrap_or_default().trim_ascii())
    }

    /// Whether no two rows hold the same.
    fn distinct(&self, column: usize) -> bool {
        let mut seen = HashSet::new();
        self.cells(column).all(|cell| seen.insert(cell))
    }

    /// Whether all that is there is text.
    fn is_text(&self, column: usize) -> bool {
        let content = self.contents[column];
        content.texts > 0 && content.numbers == 0
    }

    fn is_whole(&self, column: usize) -> bool {
        let content = self.contents[column];
        content.numbers > 0 && content.texts == 0 && content.whole == content.numbers
    }

    /// Whether a column counts the rows.
    fn is_row_numbers(&self, column: usize) -> bool {
        let content = self.contents[column];
        self.is_whole(column) && content.numbers > 1 && content.in_sequence == content.numbers
    }

    /// The column of the ids.
    pub fn ids(&self) -> Ids {
        let candidate = |column: &usize| {
            let named = names::is_id_column(&self.names[*column]);
            (self.is_text(*column) || named && self.is_whole(*column)) && self.distinct(*column)
        };
        let first_is_text = self.contents[0].texts > 0;
        if first_is_text && self.distinct(0) {
            return Ids::Column(0);
        }
        let few = 1..self.names.len().min(64);
        let others: Vec<usize> = few.filter(candidate).collect();
        let named = others
            .iter()
            .find(|c| names::is_id_column(&self.names[**c]));
        let Some(&other) = named.or(others.first()) else {
            return Ids::Column(0);
        };
        let first = self.names[0].as_str();
        let first_is_ids = names::is_id_column(first) && self.distinct(0);
        if first_is_text
            || self.is_row_numbers(0) && !first_is_ids
            || !self.is_whole(0)
            || names::is_annotation(first)
        {
            return Ids::Column(other);
        }
        if first_is_ids {
            return match self.is_row_numbers(0) {
                true => Ids::Either(other, 0),
                false => Ids::Column(0),
            };
        }
        match self.distinct(0) {
            true => Ids::Either(other, 0),
            false => Ids::Column(other),
        }
    }

    /// What every column is, given that of the ids.
    pub fn roles(&self, id: usize) -> Columns {
        // What could have been ids as well is no measurement.
        let other = match self.ids() {
            Ids::Either(a, b) if a == id => Some(b),
            Ids::Either(a, b) if b == id => Some(a),
            _ => None,
        };
        let role = |column: usize| {
            if column == id {
                return Role::Id;
            }
            let name = self.names[column].as_str();
            let aside = self.is_text(column)
                || other == Some(column)
                || names::is_annotation(name)
                || self.is_whole(column) && names::is_grouping(name)
                || self.is_row_numbers(column) && names::counts_rows(name)
                || self.is_alignment(column);
            if aside { Role::Aside } else { Role::Value }
        };
        let mut roles: Vec<Role> = (0..self.names.len()).map(role).collect();
        // A table of nothing but text is no table with annotations: its cells are told.
        if !roles.contains(&Role::Value) {
            let all = |column| if column == id { Role::Id } else { Role::Value };
            roles = (0..self.names.len()).map(all).collect();
        }
        Columns { roles, id }
    }

    /// Whether this is one of the columns that featureCounts puts between the genes and the counts.
    fn is_alignment(&self, column: usize) -> bool {
        const NAMES: [&str; 6] = ["Geneid", "Chr", "Start", "End", "Strand", "Length"];
        column < NAMES.len() && self.names.iter().zip(NAMES).take(6).all(|(a, b)| a == b)
    }

    /// The columns of sample, feature and value, if every row holds a single value.
    pub fn long(&self) -> Option<[usize; 3]> {
        let columns = self.names.len();
        if !(3..=8).contains(&columns) || self.cells(0).count() < 4 {
            return None;
        }
        let values: Vec<usize> = (0..columns)
            .filter(|&c| self.contents[c].numbers > 0 && self.contents[c].texts == 0)
            .filter(|&c| !names::is_id_column(&self.names[c]))
            .filter(|&c| !(names::counts_rows(&self.names[c]) && self.is_row_numbers(c)))
            .collect();
        let keys: Vec<usize> = (0..columns).filter(|&c| self.is_text(c)).collect();
        let numbered = |c: &usize| self.is_whole(*c) && names::is_id_column(&self.names[*c]);
        let samples = (0..columns).filter(numbered).chain(keys.iter().copied());
        let is_value = |c: &&usize| names::is_value_column(&self.names[**c]);
        let value = match values.as_slice() {
            [value] => *value,
            several => *several.iter().find(is_value)?,
        };
        for sample in samples {
            let Some(&feature) = keys.iter().find(|&&c| {
                c != sample && self.repeats(c) && self.repeats(sample) && self.cross(sample, c)
            }) else {
                continue;
            };
            // Whichever is called like features is the feature.
            return Some(match names::is_feature_corner(&self.names[sample]) {
                true => [feature, sample, value],
                false => [sample, feature, value],
            });
        }
        None
    }

    fn repeats(&self, column: usize) -> bool {
        !self.distinct(column)
    }

    /// Whether no two rows agree in both columns.
    fn cross(&self, a: usize, b: usize) -> bool {
        let mut seen = HashSet::new();
        self.cells(a)
            .zip(self.cells(b))
            .all(|pair| seen.insert(pair))
    }
}

impl Content {
    fn add(&mut self, cell: &[u8]) {
        if is_missing(cell) {
            return;
        }
        if !is_numeric(cell) {
            self.texts += 1;
            return;
        }
        self.numbers += 1;
        let text = std::str::from_utf8(cell).unwrap_or_default();
        if let Some(number) = whole_number(text) {
            self.whole += 1;
            let number: i32 = number.parse().unwrap_or(-1);
            if self.numbers == 1 {
                self.first = number;
            }
            // Rows are counted from 0 or from 1.
            let expected = self.first + self.in_sequence as i32;
            if (0..=1).contains(&self.first) && number == expected {
                self.in_sequence += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests;
