//! The entries of a Matrix Market file, as a sparse matrix.

use std::path::Path;

use super::{
    entries::{Entries, Samples},
    header::{Field, Header, Layout, Symmetry, text},
};
use crate::{
    data::{Sparse, SparseError},
    format::{
        FormatError,
        lines::{Lines, damaged},
    },
    job::CancelToken,
    words::thousands,
};

/// Bytes of the longest line.
pub(super) const LONGEST: usize = 1 << 16;

/// What was read.
pub struct Values {
    /// Samples x features.
    pub matrix: Sparse,
    /// Whole numbers that 32 bits do not hold exactly.
    pub rounded: u64,
}

/// Most bytes that a file may unpack to: what so many entries as fit into memory take as text, and some comments.
pub fn text_limit(memory: u64) -> u64 {
    memory.saturating_mul(16).saturating_add(1 << 24)
}

/// Reads the whole matrix. It takes 12 bytes of memory an entry, 8 of which stay.
///
/// # Errors
/// A line that is not as the header says; a header that is not `expected`, if the file changed; or
/// [`FormatError::TooLarge`] if it would take more than `memory` bytes, before they are taken.
pub fn read(
    path: &Path,
    expected: &Header,
    samples: Samples,
    memory: u64,
    cancel: &CancelToken,
) -> Result<Values, FormatError> {
    let mut entries = Entries::new(path, expected, samples, memory)?;
    each_entry(path, expected, memory, cancel, |_, row, column, value| {
        entries.push(row, column, value)
    })?;
    let rounded = entries.rounded;
    match entries.into_matrix(cancel)? {
        Ok(matrix) => Ok(Values { matrix, rounded }),
        Err(error) => Err(place_of(path, expected, samples, memory, error, cancel)?),
    }
}

/// Calls `visit` with line, row, column (from 0) and value of every entry.
fn each_entry(
    path: &Path,
    expected: &Header,
    memory: u64,
    cancel: &CancelToken,
    mut visit: impl FnMut(u64, u32, u32, f64) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut lines = Lines::open(path, text_limit(memory), LONGEST, cancel)?;
    let header = Header::read(path, &mut lines)?;
    if header != *expected {
        return Err(damaged(
            path,
            header.line,
            "the file changed while it was read".into(),
        ));
    }
    let (mut seen, mut last, mut blank) = (0, header.line, 0_u64);
    // Where the next value of an array belongs.
    let mut next = (u32::from(header.symmetry == Symmetry::Skew), 0);
    while let Some((line, bytes)) = lines.next_line()? {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            blank += 1;
            if blank > 1 << 20 {
                return Err(damaged(path, line, "blank lines do not end".into()));
            }
            continue;
        }
        let wrong = |what: String| damaged(path, line, what);
        if seen == header.entries {
            let count = thousands(header.entries);
            let what = format!(
                "more than the {count} entries that line {} announces",
                header.line
            );
            return Err(wrong(what));
        }
        let (row, column, value) = match header.layout {
            Layout::Coordinate => coordinate(&header, bytes).map_err(wrong)?,
            Layout::Array => {
                let value = number(header.field, bytes).map_err(wrong)?;
                let (row, column) = next;
                next = match row + 1 < header.rows {
                    true => (row + 1, column),
                    false => (first_row(header.symmetry, column + 1), column + 1),
                };
                (row, column, value)
            }
        };
        visit(line, row, column, value)?;
        (seen, last) = (seen + 1, line);
    }
    if seen < header.entries {
        let what = format!(
            "the file ends after {} of the {} entries that line {} announces: it is cut off, or that line is wrong",
            thousands(seen),
            thousands(header.entries),
            header.line
        );
        return Err(damaged(path, last, what));
    }
    Ok(())
}

/// The first row of a column that an array writes.
fn first_row(symmetry: Symmetry, column: u32) -> u32 {
    match symmetry {
        Symmetry::General => 0,
        Symmetry::Symmetric => column,
        Symmetry::Skew => column + 1,
    }
}

/// An entry of coordinates: row and column from 0, and value.
fn coordinate(header: &Header, line: &[u8]) -> Result<(u32, u32, f64), String> {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let (row, column, value) = (words.next(), words.next(), words.next());
    let expected = match header.field {
        Field::Pattern => "a row and a column",
        _ => "a row, a column and a value",
    };
    let complete = value.is_some() != (header.field == Field::Pattern);
    if !complete || words.next().is_some() {
        return Err(format!("'{}' should be {expected}", text(line)));
    }
    let index = |word: Option<&[u8]>, side: &str, most: u32| {
        let word = word.unwrap_or_default();
        match whole(word) {
            Some(index @ 1..) if index <= u64::from(most) => Ok(index as u32 - 1),
            Some(_) => Err(format!("{side} {} is outside of 1 to {most}", text(word))),
            None => Err(format!("'{}' is no {side}", text(word))),
        }
    };
    let row = index(row, "row", header.rows)?;
    let column = index(column, "column", header.columns)?;
    let value = value.map_or(Ok(1.0), |word| number(header.field, word))?;
    if header.symmetry == Symmetry::Skew && row == column {
        return Err("a skew-symmetric matrix has no entries on its diagonal".into());
    }
    Ok((row, column, value))
}

/// A whole number of at most 15 digits.
fn whole(word: &[u8]) -> Option<u64> {
    if word.is_empty() || word.len() > 15 {
        return None;
    }
    word.iter().try_fold(0, |number, &byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u64::from(byte - b'0'))
    })
}

/// A value, as the field of the header has it.
fn number(field: Field, word: &[u8]) -> Result<f64, String> {
    if let Some(number) = whole(word) {
        return Ok(number as f64);
    }
    let number = str::from_utf8(word)
        .ok()
        .and_then(|word| word.parse::<f64>().ok());
    let Some(number) = number else {
        return Err(format!("'{}' is no number", text(word)));
    };
    if field == Field::Integer && (number.fract() != 0.0 || number.is_infinite()) {
        let what = "is not whole, although the first line says integer";
        return Err(format!("{} {what}", text(word)));
    }
    if number.is_finite() && (number as f32).is_infinite() {
        return Err(format!("{} is larger than 32 bits hold", text(word)));
    }
    Ok(number)
}

/// The lines of the two entries for one place, looked for in the file once more.
fn place_of(
    path: &Path,
    header: &Header,
    side: Samples,
    memory: u64,
    error: SparseError,
    cancel: &CancelToken,
) -> Result<FormatError, FormatError> {
    let SparseError::Twice { row, feature } = error else {
        // Entries were held against the sizes one by one.
        return Ok(damaged(path, header.line, error.to_string()));
    };
    let wanted = match side {
        Samples::InRows => (row as u64, feature),
        Samples::InColumns => (feature, row as u64),
    };
    let mirrored = header.symmetry != Symmetry::General;
    let (mut first, mut second) = (None, None);
    each_entry(path, header, memory, cancel, |line, row, column, _| {
        let place = (u64::from(row) + 1, u64::from(column) + 1);
        if place == wanted || mirrored && (place.1, place.0) == wanted {
            match first {
                None => first = Some(line),
                Some(_) => second = second.or(Some(line)),
            }
        }
        Ok(())
    })?;
    let (row, column) = wanted;
    let what = format!(
        "a second entry for row {row}, column {column}, after the one of line {}",
        first.unwrap_or_default()
    );
    Ok(damaged(path, second.unwrap_or(header.line), what))
}
