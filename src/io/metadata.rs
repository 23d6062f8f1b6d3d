//! Tables that describe samples: labels, metadata of cells, clinical data.
//!
//! People and programs write them in many ways; all of them are read here: separated by tabs, commas, semicolons or blanks,
//! with or without a header, with a header that leaves out the first column (R), with comments above, in UTF-8 or Latin-1.
//! Whether the first record is a header cannot be known from the table alone; [`Sheet`] keeps it apart until the samples
//! are known.

mod layout;

use super::{error::LoadError, notice::LoadNotice, table::csv_reader, text::decoded};
use crate::{
    data::{Category, Frame, Words, typed},
    job::CancelToken,
    words::cell,
};
use layout::Layout;
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    path::Path,
};

/// Columns that such a table may have: clinical tables have some thousand.
pub(super) const MOST_COLUMNS: usize = 20_000;

/// Records between two looks at the cancel token.
const BLOCK: usize = 4096;

/// A table of words whose first record may be a header or a row.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The first record; a header of R has an empty name in front.
    pub first: Vec<String>,
    /// Whether the first record has one field less than the others, as only a header has.
    pub short_header: bool,
    /// The last comment above the first record, if it has as many fields: the header of some programs.
    comment: Option<Vec<String>>,
    /// The words of all other records, column by column.
    pub columns: Vec<Category>,
    /// Line of the first record and of all others in the file.
    pub lines: Vec<u64>,
    /// Whether columns are separated by blanks, which words may hold too.
    pub blanks: bool,
}

/// A table with names for its columns.
#[derive(Debug)]
pub(super) struct Table {
    /// Names of the columns, each once.
    pub names: Vec<String>,
    /// The words of every column.
    pub columns: Vec<Category>,
    /// Line of every row in the file.
    pub lines: Vec<u64>,
}

impl Sheet {
    /// Reads the text of a file; as a single column if so wished.
    pub fn read(
        path: &Path,
        text: &[u8],
        single: bool,
        notices: &mut Vec<LoadNotice>,
        cancel: &CancelToken,
    ) -> Result<Self, LoadError> {
        let text = decode(path, text, notices);
        let (comments, body) = layout::comments(&text);
        let layout = match single {
            true => Layout::single(),
            false => layout::find(body),
        };
        let width = layout::most_columns(body, layout.separator);
        if width > MOST_COLUMNS {
            return Err(LoadError::MetadataTooWide {
                path: path.to_owned(),
                columns: width,
            });
        }
        let above = text[..text.len() - body.len()].matches('\n').count() as u64;
        let mut reader = csv_reader(body.as_bytes(), layout.separator);
        let mut record = csv::StringRecord::new();
        let mut first: Option<Vec<String>> = None;
        let mut short_header = false;
        let mut columns: Vec<Words> = Vec::new();
        let mut lines = Vec::new();
        while matches!(reader.read_record(&mut record), Ok(true)) {
            if lines.len() % BLOCK == 0 {
                cancel.check()?;
            }
            if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            let line = above + record.position().map_or(0, |at| first_line(body, at));
            let field = |field: &str| cell::read(field.trim()).to_owned();
            let Some(names) = &mut first else {
                first = Some(record.iter().map(field).collect());
                lines.push(line);
                continue;
            };
            if columns.is_empty() {
                short_header = layout.short_header && record.len() == names.len() + 1;
                if short_header {
                    names.insert(0, String::new());
                }
                columns.resize_with(names.len(), Words::default);
                // Types of columns that QIIME 2 writes below the names.
                if record.get(0).is_some_and(|id| id.starts_with("#q2:")) {
                    continue;
                }
            }
            let extra = record.iter().skip(columns.len());
            if record.len() < columns.len() || !extra.clone().all(|f| f.trim().is_empty()) {
                return Err(LoadError::Ragged {
                    path: path.to_owned(),
                    line,
                    expected: columns.len(),
                    found: record.len(),
                });
            }
            lines.push(line);
            for (column, word) in columns.iter_mut().zip(&record) {
                column.push(cell::read(word.trim()));
            }
        }
        let Some(first) = first else {
            return Err(LoadError::Empty {
                path: path.to_owned(),
            });
        };
        columns.resize_with(first.len(), Words::default);
        let comment = comments.last().map(|line| {
            let mut reader = csv_reader(line.as_bytes(), layout.separator);
            let fields = reader.records().next().and_then(Result::ok);
            let fields = fields.unwrap_or_default();
            fields.iter().map(|field| field.trim().to_owned()).collect()
        });
        Ok(Self {
            comment: comment.filter(|names: &Vec<String>| names.len() == first.len()),
            first,
            short_header,
            columns: columns.into_iter().map(Words::finish).collect(),
            lines,
            blanks: layout.separator == b' ',
        })
    }

    /// Records below the first.
    pub fn rows(&self) -> usize {
        self.lines.len() - 1
    }

    /// The place of a column by the name it would have with a header, in any case, or by its number from 1.
    pub fn position(&self, column: &str) -> Option<usize> {
        position(&names(&self.first), column)
    }

    /// The table if the first record is its header.
    pub fn with_header(mut self) -> Table {
        self.lines.remove(0);
        Table {
            names: names(&self.first),
            columns: self.columns,
            lines: self.lines,
        }
    }

    /// The table if the first record is a row; whether a comment above named the columns.
    pub fn without_header(mut self) -> (Table, bool) {
        for (column, word) in self.columns.iter_mut().zip(&self.first) {
            push_front(column, word);
        }
        let unnamed = vec![String::new(); self.first.len()];
        let commented = self.comment.is_some();
        let table = Table {
            names: names(&self.comment.unwrap_or(unnamed)),
            columns: self.columns,
            lines: self.lines,
        };
        (table, commented)
    }
}

impl Table {
    /// The place of a column by its name, in any case, or by its number from 1.
    pub fn position(&self, column: &str) -> Option<usize> {
        position(&self.names, column)
    }

    /// Its columns with their types, without one of them.
    pub fn frame(&self, without: Option<usize>) -> Frame {
        let mut frame = Frame::default();
        for (at, (name, words)) in self.names.iter().zip(&self.columns).enumerate() {
            if Some(at) != without {
                frame.set(name.clone(), typed(words.clone()));
            }
        }
        frame
    }

    /// The word in a row of a column.
    pub fn word(&self, column: usize, row: usize) -> Option<&str> {
        let column = self.columns.get(column)?;
        let code = column.codes.get(row).copied().flatten()?;
        column.names.get(code as usize).map(String::as_str)
    }
}

/// The line of a record: before it may be empty lines, which its position does not count.
fn first_line(body: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = body.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| b"\r\n".contains(byte));
    at.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

fn position(names: &[String], column: &str) -> Option<usize> {
    let number = column.parse::<usize>().ok();
    let numbered = number.filter(|n| (1..=names.len()).contains(n));
    names
        .iter()
        .position(|name| name == column)
        .or_else(|| {
            names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(column))
        })
        .or(numbered.map(|n| n - 1))
}

/// Names as they are used: `column_3` where there is none, `x.1` for the second `x`.
fn names(header: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = header.iter().cloned().collect();
    let mut seen = HashSet::new();
    // The last number that every name got: none is tried twice.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let unique = header.iter().enumerate().map(|(at, name)| {
        let wished = match name.is_empty() {
            true => format!("column_{}", at + 1),
            false => name.clone(),
        };
        let first = !name.is_empty() && seen.insert(name);
        if first || taken.insert(wished.clone()) {
            return wished;
        }
        let last = numbers.entry(wished.clone()).or_default();
        loop {
            *last += 1;
            let new = format!("{wished}.{last}");
            if taken.insert(new.clone()) {
                return new;
            }
        }
    });
    unique.collect()
}

/// Puts a word in front of a column.
fn push_front(column: &mut Category, word: &str) {
    let code = match crate::data::is_missing(word) {
        true => None,
        false => {
            let known = column.names.iter().position(|name| name == word);
            let code = known.unwrap_or_else(|| {
                column.names.push(word.to_owned());
                column.names.len() - 1
            });
            Some(code as u32)
        }
    };
    column.codes.insert(0, code);
}

/// UTF-8, or else the Latin-1 of Windows, in which every byte is a character.
fn decode<'t>(path: &Path, text: &'t [u8], notices: &mut Vec<LoadNotice>) -> Cow<'t, str> {
    let error = match std::str::from_utf8(text) {
        Ok(text) => return text.into(),
        Err(error) => error,
    };
    let before = &text[..error.valid_up_to()];
    notices.push(LoadNotice::ReadAsLatin1 {
        file: path.to_owned(),
        line: before.iter().filter(|&&b| b == b'\n').count() as u64 + 1,
    });
    decoded(text).0
}

#[cfg(test)]
mod tests;
