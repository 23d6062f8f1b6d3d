//! A table of numbers with an id column, parsed on all cores.

use super::{
    columns::Role,
    decimal::Marks,
    error::{LoadError, Place, TableError},
    header::Header,
    inputs::InputFile,
    marks::{all_marks, first_marks, settled},
    names,
    notice::TableNotice,
    number::{Cell, NumberStyle, classify, odd_form},
    question::Decimal,
    quoted,
    separator::Layout,
    sink::Sink,
    table_rows::{Fault, Rows},
    text::TextReader,
};
use crate::{
    data::{Frame, MemoryLimit, Values, Words, typed},
    job::CancelToken,
};
use rayon::prelude::*;
use std::path::Path;

/// A parsed table.
#[derive(Debug)]
pub(super) struct Table {
    /// Names of the feature columns as written, not yet unique.
    pub features: Vec<String>,
    /// The id of every row.
    pub ids: Vec<String>,
    /// Line of every row in the file; its column, if features were in rows.
    pub lines: Vec<u64>,
    /// The values, rows x features, NaN where missing.
    pub values: Values,
    /// Columns that are no measurement and describe the rows; once the table is turned, they describe the features.
    pub aside: Frame,
    /// Rows without any content that were skipped.
    pub empty: usize,
    /// Whether features were in rows.
    pub turned: bool,
    /// How the file is written.
    pub layout: Layout,
    /// How its numbers are written.
    pub style: NumberStyle,
    /// Name of the column of the ids.
    pub corner: String,
    /// Whether the column of the ids that was asked for is not there.
    pub lacks_ids_asked_for: bool,
    /// What there is to say about it.
    pub notices: Vec<TableNotice>,
}

impl Table {
    /// Keeps these rows, in this order.
    pub fn keep_rows(&mut self, rows: &[u32]) -> Result<(), LoadError> {
        let pick = |row: &u32| *row as usize;
        self.values = self.values.select(self.values.storage(), rows)?;
        if !self.turned {
            let places: Vec<Option<u32>> = rows.iter().copied().map(Some).collect();
            self.aside = self.aside.select(&places);
        }
        self.ids = rows.iter().map(|r| self.ids[pick(r)].clone()).collect();
        self.lines = rows.iter().map(|r| self.lines[pick(r)]).collect();
        Ok(())
    }

    /// Sets rows aside that are no measurement, such as a sum.
    fn set_rows_aside(&mut self) -> Result<(), LoadError> {
        let aside = |id: &&String| names::is_annotation(id);
        let rows: Vec<String> = self.ids.par_iter().filter(aside).cloned().collect();
        if rows.is_empty() || rows.len() == self.ids.len() {
            return Ok(());
        }
        let kept = (0_u32..).zip(&self.ids).filter(|(_, id)| !aside(id));
        let kept: Vec<u32> = kept.map(|(row, _)| row).collect();
        self.keep_rows(&kept)?;
        self.notices.push(TableNotice::RowsSetAside { rows });
        Ok(())
    }
}

/// What the user decided about tables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wishes<'a> {
    /// The column of the ids, by its name or its number from 1.
    pub ids: Option<&'a str>,
    /// How numbers are written.
    pub decimal: Decimal,
}

/// Longest piece of a cell or line shown in an error.
const SHOWN: usize = 40;

/// Reads a table, a header of names, then one row per sample, and hashes its file. `open` opens it from its start.
pub(super) fn read(
    path: &Path,
    open: impl Fn() -> Result<TextReader, LoadError>,
    wishes: &Wishes<'_>,
    limit: &MemoryLimit,
    cancel: &CancelToken,
) -> Result<(Table, InputFile), LoadError> {
    let mut reader = open()?;
    let text = reader.first(cancel)?;
    let mut head = Header::read(path, &text, wishes.ids, limit)?;
    let mut marks = first_marks(&head);
    if marks.is_open() {
        marks = all_marks(&open, &head, cancel)?;
    }
    head.style = settled(path, &marks, wishes.decimal)?;
    let (mut reader, mut sink, mut fault) =
        read_body(path, &open, reader, text, &head, limit, cancel)?;
    // A mark that the first rows did not show.
    if let Some((_, Fault::Cell { text, .. })) = &fault
        && text.iter().any(|b| matches!(b, b',' | b'.'))
    {
        marks = all_marks(&open, &head, cancel)?;
        let style = settled(path, &marks, wishes.decimal)?;
        if style != head.style {
            head.style = style;
            limit.give_names_back(sink.taken);
            reader = open()?;
            let text = reader.first(cancel)?;
            (reader, sink, fault) = read_body(path, &open, reader, text, &head, limit, cancel)?;
        }
    }
    if let Some((line, fault)) = fault {
        let before = reader.columns_before();
        return Err(error(path, &head, before, line, fault));
    }
    if sink.ids.is_empty() {
        return Err(LoadError::HeaderOnly {
            path: path.to_owned(),
        });
    }
    let mut table = Table {
        features: head.with_role(Role::Value).cloned().collect(),
        notices: notices(&head, &sink, &marks, reader.notices()),
        aside: aside(&head, sink.aside),
        ids: sink.ids,
        lines: sink.lines,
        values: sink.values.finish(),
        empty: sink.empty,
        turned: false,
        layout: head.layout,
        style: head.style,
        corner: head.corner().to_owned(),
        lacks_ids_asked_for: head.lacks_ids_asked_for,
    };
    table.set_rows_aside()?;
    Ok((table, reader.finish(cancel)?))
}

/// The columns that are no measurement, each with its type.
fn aside(head: &Header, columns: Vec<Words>) -> Frame {
    let mut frame = Frame::default();
    for ((at, name), words) in head.numbered(Role::Aside).zip(columns) {
        let name = match name.is_empty() {
            true => format!("column_{}", at + 1),
            false => name.clone(),
        };
        frame.set(name, typed(words.finish()));
    }
    frame
}

fn notices(
    head: &Header,
    sink: &Sink<'_>,
    marks: &Marks,
    of_text: &[TableNotice],
) -> Vec<TableNotice> {
    let mut notices = of_text.to_vec();
    let (comments, names) = (head.preamble.comments, head.latin + sink.latin);
    notices.extend((comments > 0).then_some(TableNotice::Comments { lines: comments }));
    notices.extend((names > 0).then_some(TableNotice::Latin { names }));
    let at = head.columns.id;
    notices.extend((at > 0).then(|| TableNotice::IdsInColumn {
        column: head.names[at].clone(),
        number: at + 1,
    }));
    let columns: Vec<String> = head.with_role(Role::Aside).cloned().collect();
    notices.extend((!columns.is_empty()).then_some(TableNotice::ColumnsSetAside { columns }));
    if let Some(seen) = marks.grouped()
        && head.style == NumberStyle::Point
    {
        let example = seen.cell.clone();
        notices.push(TableNotice::Thousands { example });
    }
    notices
}

/// Reads the rows, and once more from the start if one goes on over several lines.
fn read_body<'a>(
    path: &'a Path,
    open: impl Fn() -> Result<TextReader, LoadError>,
    mut reader: TextReader,
    text: Vec<u8>,
    head: &Header,
    limit: &'a MemoryLimit,
    cancel: &CancelToken,
) -> Result<(TextReader, Sink<'a>, FaultAt), LoadError> {
    let mut sink = Sink::new(path, head.widths(), limit);
    let mut fault = read_rows(&mut reader, text, head, &mut sink, cancel)?;
    if matches!(fault, Some((_, Fault::LineBreakInQuotes))) {
        limit.give_names_back(sink.taken);
        reader = open()?;
        sink = Sink::new(path, head.widths(), limit);
        fault = read_quoted(&mut reader, head, &mut sink, cancel)?;
    }
    Ok((reader, sink, fault))
}

fn error(path: &Path, head: &Header, before: usize, line: u64, fault: Fault) -> LoadError {
    let path = path.to_owned();
    match fault {
        Fault::Ragged { found } => LoadError::Ragged {
            path,
            line,
            expected: head.names.len(),
            found,
        },
        Fault::NoId => LoadError::NoSampleId { path, line },
        Fault::Cell { column, text } => bad_cell(&path, line, before, column, head, &text),
        // Taken care of by `read`.
        Fault::LineBreakInQuotes => LoadError::HeaderOnly { path },
    }
}

fn bad_cell(
    path: &Path,
    line: u64,
    before: usize,
    column: usize,
    head: &Header,
    cell: &[u8],
) -> LoadError {
    let feature = head.names.get(column).map_or("", String::as_str);
    let place = Place {
        file: path.to_owned(),
        line,
        column: before + column + 1,
        feature: if feature.is_empty() {
            "without a name"
        } else {
            feature
        }
        .to_owned(),
    };
    let text = shown(cell);
    match classify(cell, head.style) {
        Cell::Infinite => LoadError::Infinite { place, text },
        Cell::TooLarge => LoadError::TooLarge { place, text },
        _ => match odd_form(&text) {
            Some(what) => TableError::NumberForm { place, text, what }.into(),
            None => LoadError::TextCell { place, text },
        },
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

/// Reads all rows below the header, the next block while this one is parsed.
fn read_rows(
    reader: &mut TextReader,
    mut text: Vec<u8>,
    head: &Header,
    sink: &mut Sink<'_>,
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
    sink: &mut Sink<'_>,
    cancel: &CancelToken,
) -> Result<FaultAt, LoadError> {
    let row_reader = head.row_reader();
    let (separator, above) = (head.layout.separator, &head.preamble);
    quoted::rows(reader, separator, above, cancel, |record, line| {
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
