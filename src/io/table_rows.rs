//! Rows of a table: from bytes to ids and numbers.

use super::{
    columns::Role,
    number::{Cell, NumberStyle, classify, number_prefix},
    text::decoded,
};
use crate::words::cell;
use std::borrow::Cow;

/// Parsed rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The id of every row.
    pub ids: Vec<String>,
    /// Line of every row in the file.
    pub lines: Vec<u64>,
    /// Values row by row, NaN where missing.
    pub values: Vec<f32>,
    /// Cells of the columns that are no measurement, row by row.
    pub aside: Vec<String>,
    /// Rows without any content that were skipped.
    pub empty: usize,
    /// Line breaks passed.
    pub line_breaks: u64,
    /// Ids that are not UTF-8 and were read as Windows-1252.
    pub latin: usize,
}

/// Why a row cannot be read; the line is known to the caller.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another number of columns than the header.
    Ragged { found: usize },
    /// Values, but no id.
    NoId,
    /// No number that can be used, in this column of the file (from 0).
    Cell { column: usize, text: Vec<u8> },
    /// The row goes on in the next line; nothing read after it can be trusted.
    LineBreakInQuotes,
}

/// How to read rows.
#[derive(Clone, Copy)]
pub(super) struct RowReader<'r> {
    pub separator: u8,
    pub style: NumberStyle,
    /// What every column is.
    pub roles: &'r [Role],
    /// Columns of values among them.
    pub values: usize,
}

impl RowReader<'_> {
    /// Reads whole lines. Lines of the rows count from 0; after a fault, `line_breaks` is the faulty line.
    pub(super) fn read(&self, text: &[u8]) -> (Rows, Option<Fault>) {
        let mut rows = Rows::default();
        let first_line = text.iter().position(|&b| b == b'\n').unwrap_or(text.len());
        let expected = text.len() / first_line.max(8) + 8;
        rows.ids.reserve(expected);
        rows.lines.reserve(expected);
        rows.values
            .reserve(expected.saturating_mul(self.values).min(text.len()));
        let mut at = 0;
        while at < text.len() {
            match self.read_row(text, at, &mut rows) {
                Ok(next) => at = next,
                Err(fault) => return (rows, Some(fault)),
            }
            rows.line_breaks += u64::from(text.get(at - 1) == Some(&b'\n'));
        }
        (rows, None)
    }

    /// Reads the row at `at`; returns where the next begins (always further on).
    fn read_row(&self, text: &[u8], at: usize, rows: &mut Rows) -> Result<usize, Fault> {
        if is_space(text[at]) || text[at] == self.separator {
            let line = line_at(text, at);
            if line
                .iter()
                .all(|&b| b == self.separator || b.is_ascii_whitespace())
            {
                rows.empty += usize::from(line.contains(&self.separator));
                return Ok(after_line(text, at + line.len()));
            }
        }
        let mut id = Cow::Borrowed(&text[..0]);
        let mut start = at;
        let mut end = at;
        for (column, role) in self.roles.iter().enumerate() {
            if column > 0 {
                if text.get(end) != Some(&self.separator) {
                    return Err(self.ragged(text, at));
                }
                start = end + 1;
            }
            match role {
                Role::Value => {
                    let value;
                    (value, end) = match number_prefix(&text[start..]) {
                        Some((value, length))
                            if self.ends(text, start + length)
                                && self.is_plain(&text[start..start + length]) =>
                        {
                            (value, start + length)
                        }
                        _ => self.odd_value(text, at, column, start)?,
                    };
                    rows.values.push(value);
                }
                Role::Id => (id, end) = self.cell(text, start)?,
                Role::Aside => {
                    let cell;
                    (cell, end) = self.cell(text, start)?;
                    rows.add_aside(&cell);
                }
            }
        }
        if text.get(end) == Some(&self.separator) {
            return Err(self.ragged(text, at));
        }
        rows.add_id(&id, rows.line_breaks)?;
        Ok(after_line(text, end))
    }

    /// The value of a cell that is not just digits, and where it ends; of the row at `at`.
    #[inline(never)]
    fn odd_value(
        &self,
        text: &[u8],
        at: usize,
        column: usize,
        start: usize,
    ) -> Result<(f32, usize), Fault> {
        let (cell, end) = self.cell(text, start)?;
        if let Some(value) = self.value(&cell) {
            return Ok((value, end));
        }
        Err(if self.count(line_at(text, at)) == self.roles.len() {
            Fault::Cell {
                column,
                text: cell.into_owned(),
            }
        } else {
            self.ragged(text, at)
        })
    }

    /// Reads one record of the `csv` crate.
    pub(super) fn read_record(
        &self,
        record: &csv::ByteRecord,
        line: u64,
        rows: &mut Rows,
    ) -> Result<(), Fault> {
        if record.iter().all(|f| f.trim_ascii().is_empty()) {
            rows.empty += usize::from(record.len() > 1);
            return Ok(());
        }
        if record.len() != self.roles.len() {
            return Err(Fault::Ragged {
                found: record.len(),
            });
        }
        for (column, (cell, role)) in record.iter().zip(self.roles).enumerate() {
            match role {
                Role::Value => {
                    let value = self.value(cell).ok_or_else(|| Fault::Cell {
                        column,
                        text: cell.to_vec(),
                    })?;
                    rows.values.push(value);
                }
                Role::Aside => rows.add_aside(cell),
                Role::Id => {}
            }
        }
        let id = self.roles.iter().position(|role| *role == Role::Id);
        let id = id.and_then(|at| record.get(at)).unwrap_or_default();
        rows.add_id(id, line)
    }

    /// Whether a number means the same in the style of the file: with a decimal comma, a point stands between thousands.
    #[inline]
    fn is_plain(&self, number: &[u8]) -> bool {
        self.style != NumberStyle::Comma || !number.contains(&b'.')
    }

    fn value(&self, cell: &[u8]) -> Option<f32> {
        match classify(cell, self.style) {
            Cell::Number(value) => Some(value),
            Cell::Missing => Some(f32::NAN),
            Cell::Infinite | Cell::TooLarge | Cell::Text => None,
        }
    }

    /// Whether a cell ends here.
    #[inline]
    fn ends(&self, text: &[u8], at: usize) -> bool {
        match text.get(at) {
            Some(&b) if b == self.separator => true,
            None | Some(b'\n') => true,
            Some(b'\r') => matches!(text.get(at + 1), None | Some(b'\n')),
            Some(_) => false,
        }
    }

    /// The cell that begins at `at`, without its quotes, and where it ends.
    fn cell<'a>(&self, text: &'a [u8], at: usize) -> Result<(Cow<'a, [u8]>, usize), Fault> {
        if text.get(at) != Some(&b'"') {
            let mut end = at;
            while !self.ends(text, end) {
                end += 1;
            }
            return Ok((Cow::Borrowed(&text[at..end]), end));
        }
        let mut content = Vec::new();
        let mut next = at + 1;
        let mut quoted = true;
        while let Some(&b) = text.get(next) {
            if quoted {
                match b {
                    b'\n' => return Err(Fault::LineBreakInQuotes),
                    b'"' if text.get(next + 1) == Some(&b'"') => {
                        content.push(b);
                        next += 1;
                    }
                    b'"' => quoted = false,
                    _ => content.push(b),
                }
            } else if self.ends(text, next) {
                break;
            } else {
                content.push(b);
            }
            next += 1;
        }
        if quoted {
            return Err(Fault::LineBreakInQuotes);
        }
        Ok((Cow::Owned(content), next))
    }

    fn ragged(&self, text: &[u8], at: usize) -> Fault {
        Fault::Ragged {
            found: self.count(line_at(text, at)),
        }
    }

    /// Columns of a line.
    fn count(&self, line: &[u8]) -> usize {
        let mut quoted = false;
        let separators = line.iter().filter(|&&b| {
            quoted ^= b == b'"';
            b == self.separator && !quoted
        });
        separators.count() + 1
    }
}

impl Rows {
    fn add_aside(&mut self, cell: &[u8]) {
        let (text, _) = decoded(cell.trim_ascii());
        self.aside.push(cell::read(&text).to_owned());
    }

    fn add_id(&mut self, id: &[u8], line: u64) -> Result<(), Fault> {
        let (id, latin) = decoded(id.trim_ascii());
        if id.is_empty() {
            return Err(Fault::NoId);
        }
        self.latin += usize::from(latin);
        self.ids.push(cell::read(&id).to_owned());
        self.lines.push(line);
        Ok(())
    }
}

fn is_space(b: u8) -> bool {
    matches!(b, b'\n' | b'\r' | b' ' | b'\t')
}

/// The line from `at` to before its line break.
fn line_at(text: &[u8], at: usize) -> &[u8] {
    let rest = &text[at..];
    let end = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
    &rest[..end]
}

/// Where the next line begins, if this one ends at `end`.
fn after_line(text: &[u8], end: usize) -> usize {
    let end = end + usize::from(text.get(end) == Some(&b'\r'));
    (end + 1).min(text.len()).max(end)
}
