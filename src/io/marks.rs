//! The marks of the numbers in a file: those of its first rows, or, where these leave it open, of all.

use super::{
    columns::Role,
    decimal::{Marks, Verdict},
    error::{LoadError, TableError},
    header::Header,
    number::NumberStyle,
    question::{Decimal, Question},
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

/// How numbers are written: as the marks prove, else as the user says.
pub(super) fn settled(path: &Path, marks: &Marks, told: Decimal) -> Result<NumberStyle, LoadError> {
    let style = match told {
        Decimal::Auto => None,
        Decimal::Point => Some(NumberStyle::Point),
        Decimal::Comma => Some(NumberStyle::Comma),
    };
    match (marks.verdict(), style) {
        (Verdict::Mixed(point, comma), _) => Err(TableError::MixedDecimals {
            path: path.to_owned(),
            point,
            comma,
        }
        .into()),
        (Verdict::Style(proved), _) if marks.are_proof() => Ok(proved),
        (_, Some(told)) => Ok(told),
        (Verdict::Style(plain), None) => Ok(plain),
        (Verdict::Ask(seen, answers), None) => Err(LoadError::Ask(Box::new(Question {
            file: path.to_owned(),
            text: seen.question(),
            answers: answers.into(),
        }))),
    }
}
