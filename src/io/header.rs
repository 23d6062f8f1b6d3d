//! The head of a table: how it is written, the names of its columns, and what they hold.

use super::{
    columns::{Columns, Ids, Look, ROWS, Role},
    error::{LoadError, TableError},
    names,
    number::{NumberStyle, is_numeric},
    preamble::{Preamble, preamble},
    question::{Answer, Choice, Question},
    separator::{self, Layout, MOST_COLUMNS},
    sink::take_names,
    table::{csv_reader, shown},
    table_rows::RowReader,
    text::decoded,
};
use crate::{data::MemoryLimit, words::cell};
use std::path::Path;

/// Bytes of rows that are looked at, about.
const LOOKED_AT: usize = 64 << 20;

/// Bytes that a column takes: its name, several times, and what is told of it.
const COLUMN: usize = 256;

/// Everything known of a table before its rows are read.
pub(super) struct Header {
    pub layout: Layout,
    pub preamble: Preamble,
    /// Names of all columns, that of the ids included; the latter is empty where the header leaves it out.
    pub names: Vec<String>,
    pub columns: Columns,
    /// Whether there is no column of ids as it was asked for: it may be in another file.
    pub lacks_ids_asked_for: bool,
    /// How numbers are written; plain until the caller knows better.
    pub style: NumberStyle,
    /// Names that are not UTF-8.
    pub latin: usize,
    /// Where the rows begin, and the line there.
    pub body: usize,
    pub line: u64,
    /// The first rows.
    pub rows: Vec<csv::ByteRecord>,
}

impl Header {
    /// Reads the head in the first block of a file; `ids` is the column of the ids, by its name or its number. The names of
    /// the columns take from `limit`.
    pub fn read(
        path: &Path,
        text: &[u8],
        ids: Option<&str>,
        limit: &MemoryLimit,
    ) -> Result<Self, LoadError> {
        let preamble = preamble(text);
        let table = &text[preamble.bytes..];
        let no_feature = || LoadError::NoFeatureColumn {
            path: path.to_owned(),
            first_line: shown(
                table
                    .split(|&b| b == b'\n')
                    .find(|l| !l.trim_ascii().is_empty())
                    .unwrap_or_default(),
            ),
        };
        let layout = separator::sniff_table(table, preamble.separator).ok_or_else(no_feature)?;
        let columns = separator::columns(table, layout.separator);
        if columns > MOST_COLUMNS {
            return Err(LoadError::TooManyColumns {
                path: path.to_owned(),
                columns,
            });
        }
        take_names(limit, path, "the names of its columns", columns * COLUMN)?;
        let mut reader = csv_reader(table, layout.separator);
        let mut record = csv::ByteRecord::new();
        // Reading from memory without a fixed record length cannot fail; an empty record is handled below.
        let _ = reader.read_byte_record(&mut record);
        let mut latin = 0;
        let mut names = Vec::with_capacity(record.len() + 1);
        names.extend(layout.unnamed_ids.then(String::new));
        for name in &record {
            let (name, is_latin) = decoded(name);
            latin += usize::from(is_latin);
            names.push(cell::read(name.trim()).to_owned());
        }
        if names.len() < 2 {
            return Err(no_feature());
        }
        let line = record.position().map_or(1, csv::Position::line) + preamble.lines;
        let body = usize::try_from(reader.position().byte()).unwrap_or(table.len());
        let body_line = reader.position().line();
        let rows = first_rows(&mut reader);
        if let Some(cell) = no_names(&names) {
            return Err(TableError::NoHeader {
                path: path.to_owned(),
                line,
                cell: shown(cell.as_bytes()),
            }
            .into());
        }
        let look = Look::new(&names, &rows);
        let asked_for = ids.and_then(|wish| column_called(&names, wish));
        let id = match asked_for {
            Some(at) => at,
            None => match look.ids() {
                Ids::Column(at) => at,
                Ids::Either(a, b) => return Err(which_ids(path, &names, a, b)),
            },
        };
        if asked_for.is_none()
            && let Some([sample, feature, value]) = look.long()
        {
            let name = |at: usize| names[at].clone();
            return Err(TableError::Long {
                path: path.to_owned(),
                sample: name(sample),
                feature: name(feature),
                value: name(value),
            }
            .into());
        }
        let columns = look.roles(id);
        Ok(Self {
            layout,
            preamble,
            columns,
            lacks_ids_asked_for: ids.is_some() && asked_for.is_none(),
            style: NumberStyle::Plain,
            latin,
            body: preamble.bytes + body,
            line: preamble.lines + body_line,
            rows,
            names,
        })
    }

    /// What reads the rows.
    pub fn row_reader(&self) -> RowReader<'_> {
        let roles = &self.columns.roles;
        RowReader {
            separator: self.layout.separator,
            style: self.style,
            roles,
            values: self.width(),
        }
    }

    /// How many columns hold values.
    pub fn width(&self) -> usize {
        self.with_role(Role::Value).count()
    }

    /// How many columns hold values, and how many are no measurement.
    pub fn widths(&self) -> (usize, usize) {
        (self.width(), self.with_role(Role::Aside).count())
    }

    /// The name of the column of the ids.
    pub fn corner(&self) -> &str {
        &self.names[self.columns.id]
    }

    /// Names of the columns of this role.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &String> {
        self.numbered(role).map(|(_, name)| name)
    }

    /// The same with the place of every column in the file, from 0.
    pub fn numbered(&self, role: Role) -> impl Iterator<Item = (usize, &String)> {
        let all = self.names.iter().zip(&self.columns.roles).enumerate();
        all.filter(move |(_, (_, r))| **r == role)
            .map(|(at, (name, _))| (at, name))
    }
}

/// The first rows, so many that there is room for.
fn first_rows(reader: &mut csv::Reader<&[u8]>) -> Vec<csv::ByteRecord> {
    let (mut rows, mut row, mut room) = (Vec::new(), csv::ByteRecord::new(), LOOKED_AT);
    while room > 0 && rows.len() < ROWS && matches!(reader.read_byte_record(&mut row), Ok(true)) {
        let bytes = row.as_slice().len();
        room = room.saturating_sub(bytes + size_of::<usize>() * row.len());
        // A record that was read into, and every clone of it, is as large as the largest before it.
        let mut own = csv::ByteRecord::with_capacity(bytes, row.len());
        row.iter().for_each(|cell| own.push_field(cell));
        own.set_position(row.position().cloned());
        rows.push(own);
    }
    rows
}

/// The column that the user names, by its name or its number.
fn column_called(names: &[String], wish: &str) -> Option<usize> {
    let exact = names.iter().position(|name| name == wish);
    let alike = || names.iter().position(|n| n.eq_ignore_ascii_case(wish));
    let number = || {
        let number = wish.trim().parse::<usize>().ok()?.checked_sub(1)?;
        (number < names.len()).then_some(number)
    };
    exact.or_else(alike).or_else(number)
}

fn which_ids(path: &Path, names: &[String], likelier: usize, other: usize) -> LoadError {
    let name = |at: usize| match names[at].as_str() {
        "" => format!("{}", at + 1),
        name => name.to_owned(),
    };
    let answer = |at: usize| Answer {
        text: format!("The ids are in column {} (\"{}\")", at + 1, names[at]),
        choice: Choice::IdColumn(name(at)),
    };
    LoadError::Ask(Box::new(Question {
        file: path.to_owned(),
        text: format!(
            "both column {} (\"{}\") and column {} (\"{}\") could name the rows.",
            likelier + 1,
            names[likelier],
            other + 1,
            names[other]
        ),
        answers: vec![answer(likelier), answer(other)],
    }))
}

/// A number of the first line that no one would take for a name, if it is a row of values rather than a header.
fn no_names(names: &[String]) -> Option<&str> {
    let (corner, others) = names.split_first()?;
    // Numbers may be names: masses, wavelengths, Entrez ids. Then something stands above the ids, or they are in order.
    if corner.is_empty() || names::is_id_column(corner) || names::is_feature_corner(corner) {
        return None;
    }
    let numbers = others.iter().filter(|name| is_numeric(name.as_bytes()));
    if numbers.count() * 2 <= others.len() {
        return None;
    }
    let values: Vec<f64> = others.iter().filter_map(|n| n.parse().ok()).collect();
    let in_order = values.windows(2).all(|pair| pair[0] < pair[1]);
    let counted = values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
        && values.first().is_some_and(|v| *v == 0.0 || *v == 1.0);
    let all = values.len() == others.len();
    let named = all && in_order && (counted && values.len() >= 3 || values.len() >= 8);
    let number = others.iter().find(|name| is_numeric(name.as_bytes()));
    (!named).then(|| number.map(String::as_str)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_names() {
        let none = |names: &str| {
            let names: Vec<String> = names.split(',').map(String::from).collect();
            no_names(&names).map(str::to_owned)
        };
        assert_eq!(none("s0,0.5,1.25").as_deref(), Some("0.5"));
        assert_eq!(none("TCGA-A1,574,1444,2584,162").as_deref(), Some("574"));
        assert_eq!(none("AAAC,5.1,NA,0.3").as_deref(), Some("5.1"));
        assert_eq!(none("s1,3").as_deref(), Some("3"));
        assert_eq!(none("s1,0,1").as_deref(), Some("0"));
        assert_eq!(none("5.08,6.45,6.1").as_deref(), Some("6.45"));
        for names in [
            "sample,0.5,1.25",
            ",7157,672",
            "gene_id,1.5,0.3",
            "mine,0,1,2",
            "mz,100.1,200.2,300.3,400.4,500.5,600.6,700.7,800.8",
            "s,a,1,b",
        ] {
            assert_eq!(none(names), None, "{names}");
        }
    }
}
