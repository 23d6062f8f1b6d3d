//! The rows of a table as they are read, within the memory there is.

use super::{error::LoadError, table_rows::Rows};
use crate::{
    data::{MemoryLimit, TooManyNames, ValuesWriter, Words},
    format::FormatError,
};
use std::path::Path;

/// Bytes that a row takes beside its values and its id: while rows are matched, each is looked up by its id and named anew.
const ROW: usize = 128;

/// Bytes that a cell of a column that is no measurement takes beside its text.
const CELL: usize = 8;

/// What the rows add up to.
pub(super) struct Sink<'a> {
    path: &'a Path,
    limit: &'a MemoryLimit,
    /// Bytes taken from the limit for names, and those that all rows will take, as far as that is known.
    pub taken: u64,
    expected: u64,
    pub ids: Vec<String>,
    pub lines: Vec<u64>,
    pub values: ValuesWriter,
    /// The columns that are no measurement.
    pub aside: Vec<Words>,
    pub empty: usize,
    pub line_breaks: u64,
    /// Ids that are not UTF-8.
    pub latin: usize,
}

impl<'a> Sink<'a> {
    /// Room for so many columns of values, and so many others.
    pub fn new(path: &'a Path, (features, aside): (usize, usize), limit: &'a MemoryLimit) -> Self {
        Self {
            path,
            limit,
            taken: 0,
            expected: 0,
            ids: Vec::new(),
            lines: Vec::new(),
            values: ValuesWriter::new(features, limit.clone()),
            aside: (0..aside).map(|_| Words::default()).collect(),
            empty: 0,
            line_breaks: 0,
            latin: 0,
        }
    }

    /// Makes room for so many times the rows there are.
    pub fn expect(&mut self, times: f64) {
        // A little more: later rows may be shorter.
        let more = |have: usize| (have as f64 * (1.02 * times - 1.0).max(0.0)) as usize;
        // The length of the file may lie: it may end in nothing but zeros.
        self.expected = (self.taken as f64 * times) as u64;
        let most = self.limit.names_left() / ROW as u64;
        let rows = more(self.ids.len()).min(usize::try_from(most).unwrap_or(usize::MAX));
        self.ids.reserve(rows);
        self.lines.reserve(rows);
        self.values.expect(rows);
    }

    /// Adds the rows of the next piece, which begins at `line`.
    pub fn append(&mut self, rows: Rows, line: u64) -> Result<(), LoadError> {
        let bytes: usize = rows.ids.iter().map(|id| id.len() + ROW).sum();
        let aside: usize = rows.aside.iter().map(|cell| cell.len() + CELL).sum();
        self.take((bytes + aside) as u64)?;
        self.ids.extend(rows.ids);
        self.lines.extend(rows.lines.iter().map(|l| l + line));
        for row in rows.aside.chunks_exact(self.aside.len().max(1)) {
            for (column, cell) in self.aside.iter_mut().zip(row) {
                column.push(cell);
            }
        }
        self.empty += rows.empty;
        self.latin += rows.latin;
        self.line_breaks += rows.line_breaks;
        self.values.append(&rows.values).map_err(LoadError::Disk)
    }

    /// Takes memory for ids; what is told of too many is what all of them would take.
    fn take(&mut self, bytes: u64) -> Result<(), LoadError> {
        let taken = self.limit.take_names(bytes);
        let (so_far, expected) = (self.taken, self.expected);
        let all = taken.map_err(|lack| TooManyNames {
            needed: expected.max(so_far + bytes),
            left: so_far + lack.left,
        });
        all.map_err(|lack| too_many(self.path, "the names of its rows", lack))?;
        self.taken += bytes;
        Ok(())
    }
}

/// Takes memory for the names of rows or columns, before there are too many.
pub(super) fn take_names(
    limit: &MemoryLimit,
    path: &Path,
    what: &str,
    bytes: usize,
) -> Result<(), LoadError> {
    let taken = limit.take_names(bytes as u64);
    taken.map_err(|lack| too_many(path, what, lack))
}

fn too_many(path: &Path, what: &str, lack: TooManyNames) -> LoadError {
    let error = FormatError::TooLarge {
        path: path.to_owned(),
        place: what.to_owned(),
        needed: lack.needed,
        allowed: lack.left,
    };
    error.into()
}
