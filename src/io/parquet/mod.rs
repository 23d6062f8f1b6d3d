//! Tables in Parquet files, as pandas, polars, R and DuckDB write them, read as text.
//!
//! A Parquet file is a table, and there is one way to read tables: as text, in `table`, which tells ids from measurements and
//! rows from columns. So [`open`] gives the file as comma-separated text: a line of names, then a line per row. Only one page
//! of each column is held at a time.
//!
//! The reader is our own, since tables need little of the format: columns without parts, read once from the beginning to the
//! end. `thrift` and `footer` read the file's description, `schema` what its columns mean, `pages` and `unpack` one page after
//! another, `values` (with `hybrid` and `delta`) one value after another, `written` makes them text. Nothing is believed:
//! whatever the file claims is checked against its size, and against the memory there is, before memory is taken.
//!
//! The format: <https://parquet.apache.org/docs/file-format/> and the `parquet-format` repository of the Apache Foundation.

mod delta;
mod fault;
mod footer;
mod hybrid;
mod memory;
mod pages;
mod schema;
#[cfg(test)]
mod tests;
mod thrift;
mod unpack;
mod values;
mod written;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    vec,
};

use crate::{format::FormatError, job::CancelToken};
use fault::Fault;
use footer::{ENCRYPTED, Footer, Group, MAGIC};
use memory::Memory;
use pages::Cells;
use schema::Column;

/// Bytes of text that are made at once, about.
const BAND: usize = 1 << 21;

/// Rows that are read together, at most, and how many times as many as in the band before: texts may be long where none were.
const MOST_ROWS: u64 = 4096;
const GROWTH: u64 = 8;

/// Whether a file is a Parquet file, by how it begins.
pub(super) fn recognises(head: &[u8]) -> bool {
    head.starts_with(MAGIC) || head.starts_with(ENCRYPTED)
}

/// Opens a Parquet file as comma-separated text, within so many bytes of memory.
///
/// The first line holds the names of the columns, those that pandas calls the index first: an index without a name has an
/// empty one. An empty cell is a null; dates and times are written as ISO 8601 has it, categories as their names.
///
/// # Errors
/// If the file is damaged or encrypted, or has columns that hold lists or structures. What is found later comes out of
/// [`Read::read`] as an [`io::Error`] around a [`FormatError`].
pub(super) fn open(
    file: File,
    path: &Path,
    memory: u64,
    cancel: &CancelToken,
) -> Result<ParquetText, FormatError> {
    let mut text = ParquetText {
        path: path.to_owned(),
        file,
        memory: Memory {
            most: memory,
            held: 0,
        },
        cancel: cancel.clone(),
        columns: Vec::new(),
        order: Vec::new(),
        groups: Vec::new().into_iter(),
        group: 0,
        rows: 0,
        cells: Vec::new(),
        band: 1,
        text: Vec::new(),
        ends: Vec::new(),
        ready: Vec::new(),
        at: 0,
        failed: false,
    };
    text.begin().map_err(|fault| fault.at(path, "the footer"))?;
    Ok(text)
}

/// The text of a Parquet file.
pub(super) struct ParquetText {
    path: PathBuf,
    file: File,
    memory: Memory,
    cancel: CancelToken,
    columns: Vec<Column>,
    /// The columns as they are written.
    order: Vec<usize>,
    /// Row groups that are still to be read, the number of the present one, and its rows left.
    groups: vec::IntoIter<Group>,
    group: usize,
    rows: u64,
    /// The columns of the present row group.
    cells: Vec<Cells>,
    /// Rows that are read together, and the text of their cells, column by column: a column's dictionary stays in the processor's
    /// cache.
    band: u64,
    text: Vec<u8>,
    /// Where each cell ends.
    ends: Vec<usize>,
    /// Text that is made, and how much of it was handed out.
    ready: Vec<u8>,
    at: usize,
    /// Whether an error was found: what follows it is lost.
    failed: bool,
}

impl ParquetText {
    /// Reads the footer and makes the line of names.
    fn begin(&mut self) -> Result<(), Fault> {
        let footer = Footer::read(&mut self.file, &mut self.memory)?;
        let is_index =
            |column: &Column| unnamed_index(&column.name) || footer.index.contains(&column.name);
        let (index, others): (Vec<_>, Vec<_>) =
            (0..footer.columns.len()).partition(|&at| is_index(&footer.columns[at]));
        self.order = [index, others].concat();
        self.groups = footer.groups.into_iter();
        self.columns = footer.columns;
        for at in 0..self.order.len() {
            let name = &self.columns[self.order[at]].name;
            if !unnamed_index(name) {
                written::text(name, &mut self.ready);
            }
            self.end_cell(at, 0);
        }
        Ok(())
    }

    /// Makes some more text ready; none at the end.
    fn more(&mut self) -> Result<(), FormatError> {
        self.ready.clear();
        self.at = 0;
        if self.rows > 0 || self.next_group()? {
            self.read_band()?;
        }
        Ok(())
    }

    /// Goes on to the next row group; whether there is one.
    fn next_group(&mut self) -> Result<bool, FormatError> {
        for (at, cells) in self.cells.drain(..).enumerate() {
            let end = cells.finish(&mut self.memory);
            end.map_err(|fault| fault.at(&self.path, &place(self.group, &self.columns[at])))?;
        }
        let Some(group) = self.groups.next() else {
            return Ok(false);
        };
        (self.group, self.rows) = (self.group + 1, group.rows);
        for (column, chunk) in self.columns.iter().zip(&group.chunks) {
            let cells = Cells::new(column.physical, column.optional, chunk);
            let cells = cells.map_err(|fault| fault.at(&self.path, &place(self.group, column)))?;
            self.cells.push(cells);
        }
        Ok(true)
    }

    /// Makes the next rows.
    fn read_band(&mut self) -> Result<(), FormatError> {
        let rows = self.band.min(self.rows);
        self.text.clear();
        self.ends.clear();
        for at in 0..self.order.len() {
            let column = self.order[at];
            let cells = self.read_cells(column, rows);
            cells
                .map_err(|fault| fault.at(&self.path, &place(self.group, &self.columns[column])))?;
        }
        let count = self.ends.len() / self.order.len();
        for row in 0..count {
            let start = self.ready.len();
            for at in 0..self.order.len() {
                let cell = at * count + row;
                let from = cell.checked_sub(1).map_or(0, |before| self.ends[before]);
                let text = &self.text[from..self.ends[cell]];
                self.ready.extend_from_slice(text);
                self.end_cell(at, start);
            }
        }
        self.rows -= rows;
        let wanted = BAND as u64 * rows / self.ready.len().max(1) as u64;
        self.band = wanted.clamp(1, MOST_ROWS.min(rows * GROWTH));
        Ok(())
    }

    /// Writes the next cells of a column.
    fn read_cells(&mut self, column: usize, rows: u64) -> Result<(), Fault> {
        let cells = &mut self.cells[column];
        let meaning = self.columns[column].meaning;
        for _ in 0..rows {
            if cells.wants_page() {
                self.cancel.check()?;
                cells.read_page(&mut self.file, &mut self.memory)?;
            }
            if let Some(value) = cells.next()? {
                // The text is held twice, as cells and as rows.
                let text = self.text.len() + value.len();
                self.memory.check(2 * text as u64)?;
                written::write(meaning, value, &mut self.text)?;
            }
            self.ends.push(self.text.len());
        }
        Ok(())
    }

    /// Ends the cell in this place of a row that began at `start`.
    fn end_cell(&mut self, at: usize, start: usize) {
        let last = at + 1 == self.order.len();
        // A line without anything would be no row.
        if last && self.ready.len() == start {
            self.ready.extend_from_slice(b"\"\"");
        }
        self.ready.push(if last { b'\n' } else { b',' });
    }
}

impl Read for ParquetText {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failed {
            return Err(io::Error::other("the file could not be read to its end"));
        }
        if self.at == self.ready.len() {
            let more = self.more();
            self.failed = more.is_err();
            more.map_err(io::Error::other)?;
        }
        let read = (&self.ready[self.at..]).read(out)?;
        self.at += read;
        Ok(read)
    }
}

/// Whether pandas calls a column so because it has no name: `__index_level_0__`.
fn unnamed_index(name: &str) -> bool {
    let level = name.strip_prefix("__index_level_");
    let level = level.and_then(|rest| rest.strip_suffix("__"));
    level.is_some_and(|level| !level.is_empty() && level.bytes().all(|b| b.is_ascii_digit()))
}

fn place(group: usize, column: &Column) -> String {
    format!("row group {group}, column \"{}\"", column.name)
}
