//! Rows of a table: from bytes to ids and numbers.

use super::number::{Cell, classify, number_prefix};
use crate::words::cell;
use std::borrow::Cow;

/// Parsed rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// First column of every row.
    pub ids: Vec<String>,
    /// Line of every row in the file.
    pub lines: Vec<u64>,
    /// Values row by row, NaN where missing.
    pub values: Vec<f32>,
    /// Rows without any content that were skipped.
    pub empty: usize,
    /// Line breaks passed.
    pub line_breaks: u64,
}

/// Why a row cannot be read; the line is known to the caller.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another number of columns than the header.
    Ragged { found: usize },
    /// Values, but no id.
    NoId,
    /// The id is not UTF-8.
    NotUtf8,
    /// No number that can be used, in this feature column (from 0).
    Cell { column: usize, text: Vec<u8> },
    /// The row goes on in the next line; nothing read after it can be trusted.
    LineBreakInQuotes,
}

/// How to read rows.
#[derive(Clone, Copy)]
pub(super) struct RowReader {
    pub separator: u8,
    pub decimal_comma: bool,
    /// Feature columns (without the ids).
    pub columns: usize,
}

impl RowReader {
    /// Reads whole lines. Lines of the rows count from 0; after a fault, `line_breaks` is the faulty line.
    pub(super) fn read(&self, text: &[u8]) -> (Rows, Option<Fault>) {
        let mut rows = Rows::default();
        let first_line = text.iter().position(|&b| b == b'\n').unwrap_or(text.len());
        let expected = text.len() / first_line.max(8) + 8;
        rows.ids.reserve(expected);
        rows.lines.reserve(expected);
        rows.values
            .reserve(expected.saturating_mul(self.columns).min(text.len()));
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
        let (id, mut end) = self.cell(text, at)?;
        let id = id.trim_ascii();
        for column in 0..self.columns {
            if text.get(end) != Some(&self.separator) {
                return Err(self.ragged(text, at));
            }
            let start = end + 1;
            if let Some((value, length)) = number_prefix(&text[start..])
                && self.ends(text, start + length)
            {
                rows.values.push(value);
                end = start + length;
            } else {
                let (cell, next) = self.cell(text, start)?;
                match self.value(&cell) {
                    Some(value) => rows.values.push(value),
                    None => {
                        return Err(if self.count(line_at(text, at)) == self.columns + 1 {
                            Fault::Cell {
                                column,
                                text: cell.into_owned(),
                            }
                        } else {
                            self.ragged(text, at)
                        });
                    }
                }
                end = next;
            }
        }
        if text.get(end) == Some(&self.separator) {
            return Err(self.ragged(text, at));
        }
        let id = std::str::from_utf8(id).map_err(|_| Fault::NotUtf8)?;
        if id.is_empty() {
            return Err(Fault::NoId);
        }
        rows.ids.push(cell::read(id).to_owned());
        rows.lines.push(rows.line_breaks);
        Ok(after_line(text, end))
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
        if record.len() != self.columns + 1 {
            return Err(Fault::Ragged {
                found: record.len(),
            });
        }
        let id = record.get(0).unwrap_or_default().trim_ascii();
        let id = std::str::from_utf8(id).map_err(|_| Fault::NotUtf8)?;
        if id.is_empty() {
            return Err(Fault::NoId);
        }
        for (column, cell) in record.iter().skip(1).enumerate() {
            let value = self.value(cell).ok_or_else(|| Fault::Cell {
                column,
                text: cell.to_vec(),
            })?;
            rows.values.push(value);
        }
        rows.ids.push(cell::read(id).to_owned());
        rows.lines.push(line);
        Ok(())
    }

    fn value(&self, cell: &[u8]) -> Option<f32> {
        match classify(cell, self.decimal_comma) {
            Cell::Number(value) => Some(value),
            Cell::Missing => Some(f32::NAN),
            Cell::Infinite | Cell::TooLarge | Cell::Text => None,
        }
    }

    /// Whether a cell ends here.
    #[inline]
    fn ends(&self, text: &[u8], at: usize) -> bool {
        match text.get(at) {
            None | Some(b'\n') => true,
            Some(b'\r') => matches!(text.get(at + 1), None | Some(b'\n')),
            Some(&b) => b == self.separator,
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
