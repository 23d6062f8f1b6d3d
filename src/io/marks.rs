//! The marks of the numbers in a file: those of its first rows, or, where these leave it open, of all.

use super::{
    columns::Role,
    decimal::{Marks, Verdict},
    error::{LoadError, TableError},
    header::Header,
    number::NumberStyle,
    question::Question,
    quoted,
    text::TextReader,
};
use crate::job::CancelToken;
use std::path::Path;

/// The marks of the numbers in the first rows.
pub(super) fn first_marks(head: &Header) -> Marks {
    let mut marks = Marks::default();
    for row in &head.rows {
        let line = row.position().map_or(0, csv::Position::line) + head.preamble.lines;
        add_marks(&mut marks, head, row, line);
    }
    marks
}

/// The same for all rows.
pub(super) fn all_marks(
    open: impl Fn() -> Result<TextReader, LoadError>,
    head: &Header,
    cancel: &CancelToken,
) -> Result<Marks, LoadError> {
    let mut marks = Marks::default();
    let (separator, above) = (head.layout.separator, &head.preamble);
    quoted::rows(&mut open()?, separator, above, cancel, |record, line| {
        add_marks(&mut marks, head, record, line);
        Ok(None::<()>)
    })?;
    Ok(marks)
}

fn add_marks(marks: &mut Marks, head: &Header, row: &csv::ByteRecord, line: u64) {
    for (column, (cell, role)) in row.iter().zip(&head.columns.roles).enumerate() {
        if *role == Role::Value {
            marks.add(column, line, cell);
        }
    }
}

/// How numbers are written, if the marks tell.
pub(super) fn settled(path: &Path, marks: &Marks) -> Result<NumberStyle, LoadError> {
    match marks.verdict() {
        Verdict::Style(style) => Ok(style),
        Verdict::Ask(seen, answers) => Err(LoadError::Ask(Box::new(Question {
            file: path.to_owned(),
            text: seen.question(),
            answers: answers.into(),
        }))),
        Verdict::Mixed(point, comma) => Err(TableError::MixedDecimals {
            path: path.to_owned(),
            point,
            comma,
        }
        .into()),
    }
}
