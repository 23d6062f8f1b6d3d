//! A table of numbers with an id column, parsed on all cores.

use super::{
    error::{LoadError, Place},
    inputs::InputFile,
    number::{Cell, classify},
    quoted,
    separator::{self, Layout, MOST_COLUMNS},
    table_rows::{Fault, RowReader, Rows},
    text::TextReader,
};
use crate::{
    data::{MemoryLimit, Values, ValuesWriter},
    job::CancelToken,
    words::cell,
};
use rayon::prelude::*;
use std::path::Path;

/// A parsed table.
#[derive(Debug)]
pub(super) struct Table {
    /// Names of the feature columns as written, not yet unique.
    pub features: Vec<String>,
    /// First column of every row.
    pub ids: Vec<String>,
    /// Line of every row in the file.
    pub lines: Vec<u64>,
    /// The values, rows x features, NaN where missing.
    pub values: Values,
    /// Rows without any content that were skipped.
    pub empty: usize,
    /// How the file is written.
    pub layout: Layout,
}

/// Longest piece of a cell or line shown in an error.
const SHOWN: usize = 40;

/// Reads a table, a header of names, then one row per sample, and hashes its file. `open` opens it from its start.
pub(super) fn read(
    path: &Path,
    open: impl Fn() -> Result<TextReader, LoadError>,
    limit: &MemoryLimit,
    cancel: &CancelToken,
) -> Result<(Table, InputFile), LoadError> {
    let mut reader = open()?;
    let text = reader.first(cancel)?;
    let head = header(path, &text)?;
    let mut sink = Sink::new(head.features.len(), limit.clone());
    let mut fault = read_rows(&mut reader, text, &head, &mut sink, cancel)?;
    if matches!(fault, Some((_, Fault::LineBreakInQuotes))) {
        reader = open()?;
        sink = Sink::new(head.features.len(), limit.clone());
        fault = read_quoted(&mut reader, &head, &mut sink, cancel)?;
    }
    if let Some((line, fault)) = fault {
        return Err(error(path, &head, line, fault));
    }
    if sink.ids.is_empty() {
        return Err(LoadError::HeaderOnly {
            path: path.to_owned(),
        });
    }
    let table = Table {
        features: head.features,
        ids: sink.ids,
        lines: sink.lines,
        values: sink.values.finish(),
        empty: sink.empty,
        layout: head.layout,
    };
    Ok((table, reader.finish()?))
}

fn error(path: &Path, head: &Header, line: u64, fault: Fault) -> LoadError {
    let path = path.to_owned();
    match fault {
        Fault::Ragged { found } => LoadError::Ragged {
            path,
            line,
            expected: head.features.len() + 1,
            found,
        },
        Fault::NoId => LoadError::NoSampleId { path, line },
        Fault::NotUtf8 => LoadError::NotUtf8 {
            path,
            line,
            what: "the sample id",
        },
        Fault::Cell { column, text } => bad_cell(&path, line, column, head, &text),
        // Taken care of by `read`.
        Fault::LineBreakInQuotes => LoadError::HeaderOnly { path },
    }
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

impl Header {
    fn row_reader(&self) -> RowReader {
        RowReader {
            separator: self.layout.separator,
            decimal_comma: self.layout.decimal_comma,
            columns: self.features.len(),
        }
    }
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
    let columns = separator::columns(text, layout.separator);
    if columns > MOST_COLUMNS {
        return Err(LoadError::TooManyColumns {
            path: path.to_owned(),
            columns,
        });
    }
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
            Ok(cell::read(name.trim()).to_owned())
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
    csv_builder(separator).from_reader(text)
}

/// The same, of whatever can be read.
pub(super) fn csv_builder(separator: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder
        .has_headers(false)
        .flexible(true)
        .delimiter(separator);
    builder
}

/// A fault and its line in the file.
type FaultAt = Option<(u64, Fault)>;

/// What the rows add up to.
struct Sink {
    ids: Vec<String>,
    lines: Vec<u64>,
    values: ValuesWriter,
    empty: usize,
    line_breaks: u64,
}

impl Sink {
    fn new(features: usize, limit: MemoryLimit) -> Self {
        Self {
            ids: Vec::new(),
            lines: Vec::new(),
            values: ValuesWriter::new(features, limit),
            empty: 0,
            line_breaks: 0,
        }
    }

    /// Makes room for so many times the rows there are.
    fn expect(&mut self, times: f64) {
        // A little more: later rows may be shorter.
        let more = |have: usize| (have as f64 * (1.02 * times - 1.0).max(0.0)) as usize;
        let rows = more(self.ids.len());
        self.ids.reserve(rows);
        self.lines.reserve(rows);
        self.values.expect(rows);
    }

    /// Adds the rows of the next piece, which begins at `line`.
    fn append(&mut self, rows: Rows, line: u64) -> Result<(), LoadError> {
        self.ids.extend(rows.ids);
        self.lines.extend(rows.lines.iter().map(|l| l + line));
        self.empty += rows.empty;
        self.line_breaks += rows.line_breaks;
        self.values.append(&rows.values).map_err(LoadError::Disk)
    }
}

/// Reads all rows below the header, the next block while this one is parsed.
fn read_rows(
    reader: &mut TextReader,
    mut text: Vec<u8>,
    head: &Header,
    sink: &mut Sink,
    cancel: &CancelToken,
) -> Result<FaultAt, LoadError> {
    let row_reader = head.row_reader();
    let mut next = Vec::new();
    let mut start = head.body;
    let mut first = true;
    while !text.is_empty() {
        let pieces = split_at_lines(
            text.get(start..).unwrap_or_default(),
            rayon::current_num_threads(),
        );
        let (parsed, read) = rayon::join(
            || -> Vec<_> { pieces.into_par_iter().map(|p| row_reader.read(p)).collect() },
            || reader.next(&mut next, cancel),
        );
        // Later pieces are only right if all before them were: the first fault counts.
        for (rows, fault) in parsed {
            let line = head.line + sink.line_breaks;
            match fault {
                None => sink.append(rows, line)?,
                Some(fault) => return Ok(Some((line + rows.line_breaks, fault))),
            }
        }
        read?;
        if std::mem::take(&mut first) {
            sink.expect(reader.times_read());
        }
        std::mem::swap(&mut text, &mut next);
        start = 0;
    }
    Ok(None)
}

/// Reads rows with line breaks inside quotes.
fn read_quoted(
    reader: &mut TextReader,
    head: &Header,
    sink: &mut Sink,
    cancel: &CancelToken,
) -> Result<FaultAt, LoadError> {
    let row_reader = head.row_reader();
    quoted::rows(reader, head.layout.separator, cancel, |record, line| {
        let mut rows = Rows::default();
        if let Err(fault) = row_reader.read_record(record, line, &mut rows) {
            return Ok(Some((line, fault)));
        }
        sink.append(rows, 0)?;
        Ok(None)
    })
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
