//! A table of numbers with an id column, parsed on all cores.

use super::{
    error::{LoadError, Place},
    number::{Cell, classify},
    separator::{self, Layout},
    table_rows::{Fault, RowReader, Rows},
};
use crate::job::CancelToken;
use rayon::prelude::*;
use std::path::Path;

/// A parsed table.
#[derive(Debug)]
pub(super) struct Table {
    /// Names of the feature columns as written, not yet unique.
    pub features: Vec<String>,
    /// The rows: ids, lines and values (rows x features, row by row, NaN where missing).
    pub rows: Rows,
    /// How the file is written.
    pub layout: Layout,
}

/// Longest piece of a cell or line shown in an error.
const SHOWN: usize = 40;

/// Parses a table: a header of names, then one row per sample.
pub(super) fn parse(path: &Path, text: &[u8], cancel: &CancelToken) -> Result<Table, LoadError> {
    let head = header(path, text)?;
    let reader = RowReader {
        separator: head.layout.separator,
        decimal_comma: head.layout.decimal_comma,
        columns: head.features.len(),
    };
    let rows = read_rows(text, &head, reader, cancel)?.map_err(|(line, fault)| match fault {
        Fault::Ragged { found } => LoadError::Ragged {
            path: path.to_owned(),
            line,
            expected: head.features.len() + 1,
            found,
        },
        Fault::NoId => LoadError::NoSampleId {
            path: path.to_owned(),
            line,
        },
        Fault::NotUtf8 => LoadError::NotUtf8 {
            path: path.to_owned(),
            line,
            what: "the sample id",
        },
        Fault::Cell { column, text } => bad_cell(path, line, column, &head, &text),
        // Taken care of by `read_rows`.
        Fault::LineBreakInQuotes => LoadError::HeaderOnly {
            path: path.to_owned(),
        },
    })?;
    if rows.ids.is_empty() {
        return Err(LoadError::HeaderOnly {
            path: path.to_owned(),
        });
    }
    Ok(Table {
        features: head.features,
        rows,
        layout: head.layout,
    })
}

fn bad_cell(path: &Path, line: u64, column: usize, head: &Header, cell: &[u8]) -> LoadError {
    let feature = head.features.get(column).map_or("", String::as_str);
    let place = Place {
        file: path.to_owned(),
        line,
        column: column + 2,
        feature: if feature.is_empty() {
            "without a name"
        } else {
            feature
        }
        .to_owned(),
    };
    let text = shown(cell);
    match classify(cell, head.layout.decimal_comma) {
        Cell::Infinite => LoadError::Infinite { place, text },
        Cell::TooLarge => LoadError::TooLarge { place, text },
        _ => LoadError::TextCell { place, text },
    }
}

/// The beginning of a piece of text, for an error.
pub(super) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The first record of a file.
struct Header {
    layout: Layout,
    features: Vec<String>,
    /// Where the rows begin, and the line there.
    body: usize,
    line: u64,
}

fn header(path: &Path, text: &[u8]) -> Result<Header, LoadError> {
    let no_feature = || LoadError::NoFeatureColumn {
        path: path.to_owned(),
        first_line: shown(
            text.split(|&b| b == b'\n')
                .find(|l| !l.trim_ascii().is_empty())
                .unwrap_or_default(),
        ),
    };
    let layout = separator::sniff(text).ok_or_else(no_feature)?;
    let mut reader = csv_reader(text, layout.separator);
    let mut record = csv::ByteRecord::new();
    // Reading from memory without a fixed record length cannot fail; an empty record is handled below.
    let _ = reader.read_byte_record(&mut record);
    let skip = usize::from(!layout.unnamed_ids);
    let line = record.position().map_or(1, csv::Position::line);
    let features = record
        .iter()
        .skip(skip)
        .map(|name| {
            let name = std::str::from_utf8(name).map_err(|_| LoadError::NotUtf8 {
                path: path.to_owned(),
                line,
                what: "a feature name",
            })?;
            Ok(name.trim().to_owned())
        })
        .collect::<Result<Vec<_>, LoadError>>()?;
    if features.is_empty() {
        return Err(no_feature());
    }
    Ok(Header {
        layout,
        features,
        body: usize::try_from(reader.position().byte()).unwrap_or(text.len()),
        line: reader.position().line(),
    })
}

/// A reader of every record of a text, the header included, of any number of fields.
pub(super) fn csv_reader(text: &[u8], separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text)
}

type RowsOrFault = Result<Rows, (u64, Fault)>;

/// Reads all rows below the header; a fault comes with its line in the file.
fn read_rows(
    text: &[u8],
    head: &Header,
    reader: RowReader,
    cancel: &CancelToken,
) -> Result<RowsOrFault, LoadError> {
    let body = text.get(head.body..).unwrap_or_default();
    let chunks = split_at_lines(body, rayon::current_num_threads());
    let parsed = chunks
        .into_par_iter()
        .map(|chunk| {
            cancel.check()?;
            Ok(reader.read(chunk))
        })
        .collect::<Result<Vec<_>, LoadError>>()?;
    // Later chunks are only right if all before them were: the first fault counts.
    let mut line = head.line;
    let mut all = Rows::default();
    all.reserve(&parsed);
    for (rows, fault) in parsed {
        match fault {
            None => {
                line += all.append(rows, line);
            }
            // A quoted name across lines: rare, so this path may be slow.
            Some(Fault::LineBreakInQuotes) => return read_quoted(text, head, reader, cancel),
            Some(fault) => return Ok(Err((line + rows.line_breaks, fault))),
        }
    }
    Ok(Ok(all))
}

/// Reads the rows one by one with the `csv` crate, which understands line breaks inside quotes.
fn read_quoted(
    text: &[u8],
    head: &Header,
    row_reader: RowReader,
    cancel: &CancelToken,
) -> Result<RowsOrFault, LoadError> {
    let mut reader = csv_reader(text, head.layout.separator);
    let mut record = csv::ByteRecord::new();
    let mut rows = Rows::default();
    let mut count = 0_usize;
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        count += 1;
        if count == 1 {
            continue;
        }
        if count.is_multiple_of(1024) {
            cancel.check()?;
        }
        let line = record.position().map_or(0, csv::Position::line);
        if let Err(fault) = row_reader.read_record(&record, line, &mut rows) {
            return Ok(Err((line, fault)));
        }
    }
    Ok(Ok(rows))
}

/// Cuts a text into pieces that end at line ends: several for each thread, so that none waits long.
fn split_at_lines(mut text: &[u8], threads: usize) -> Vec<&[u8]> {
    let size = (text.len() / (threads * 8).max(1)).clamp(1 << 15, 1 << 21);
    let mut chunks = Vec::with_capacity(text.len() / size + 1);
    while text.len() > size {
        let Some(end) = text[size..].iter().position(|&b| b == b'\n') else {
            break;
        };
        let (chunk, rest) = text.split_at(size + end + 1);
        chunks.push(chunk);
        text = rest;
    }
    if !text.is_empty() {
        chunks.push(text);
    }
    chunks
}
