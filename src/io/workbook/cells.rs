//! The cells of a sheet, tag by tag.

use quick_xml::events::{BytesStart, Event};

use super::{
    book::{Book, SheetPart},
    cell,
    package::{Package, Xml, add_text},
    sheet::Sheet,
};
use crate::{format::FormatError, job::CancelToken};

/// Cells between two looks at the cancel token and the memory.
const BLOCK: u64 = 1 << 14;

/// A cell that is being read.
#[derive(Default)]
pub(super) struct Cell {
    pub row: u32,
    pub column: u32,
    pub kind: Kind,
    pub style: usize,
    pub text: String,
    pub formula: bool,
    /// Whether there was a value, even an empty one.
    pub value: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Number,
    Shared,
    Text,
    Boolean,
    Error,
    Date,
}

/// Reads all cells of a sheet; where it is meant `of_numbers`, none is written so that it has two readings.
pub(super) fn read(
    package: &mut Package,
    book: &Book,
    part: &SheetPart,
    of_numbers: bool,
    cancel: &CancelToken,
) -> Result<Sheet, FormatError> {
    let memory = package.memory;
    let mut xml = package.needed(&part.part)?;
    let mut sheet = Sheet::new(&part.name, of_numbers);
    let (mut cell, mut within, mut spoken) = (Cell::default(), false, false);
    let (mut next_row, mut next_column, mut cells) = (0, 0, 0_u64);
    while let Some(event) = xml.next()? {
        match &event {
            Event::Start(start) => match start.local_name().as_ref() {
                b"row" => {
                    // A row that begins within another, or again, would write over cells.
                    let first = next_row + u32::from(next_column > 0);
                    let row = match raw(start, b"r") {
                        Some(number) => cell::row(&number),
                        None => Some(next_row),
                    };
                    next_row = match row {
                        Some(row) if row >= first => row,
                        _ => return Err(disorder(&xml)),
                    };
                    next_column = 0;
                }
                b"c" => {
                    let Some(read) = Cell::begin(start, [next_row, next_column], cell.text) else {
                        return Err(disorder(&xml));
                    };
                    cell = read;
                    (next_row, next_column) = (cell.row, cell.column + 1);
                }
                b"v" => (within, cell.value) = (true, true),
                b"t" if !spoken => (within, cell.value) = (true, true),
                b"f" => cell.formula = true,
                b"rPh" => spoken = true,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                b"v" | b"t" => within = false,
                b"rPh" => spoken = false,
                b"c" => {
                    if !sheet.add(&cell, book) {
                        return Err(xml.damaged(format!(
                            "cell {} refers to a text that is not there",
                            cell::name(cell.row, cell.column)
                        )));
                    }
                    cells += 1;
                    if cells.is_multiple_of(BLOCK) {
                        cancel.check()?;
                        sheet.check_memory(&xml, memory)?;
                    }
                }
                b"row" => {
                    sheet.end_row(next_row);
                    (next_row, next_column) = (next_row + 1, 0);
                }
                b"sheetData" => break,
                _ => {}
            },
            event if within && !add_text(event, &mut cell.text) => {
                return Err(xml.damaged("it holds text that cannot be read"));
            }
            _ => {}
        }
    }
    // What follows the cells is read too: only then is it known that the part is whole.
    while xml.next()?.is_some() {}
    sheet.check_memory(&xml, memory)?;
    Ok(sheet)
}

impl Cell {
    /// The cell that a tag begins, where the next one is expected; `None` if it stands before that or nowhere. Takes over `text`.
    fn begin(start: &BytesStart<'_>, expected: [u32; 2], mut text: String) -> Option<Self> {
        text.clear();
        let mut cell = Self {
            row: expected[0],
            column: expected[1],
            text,
            ..Self::default()
        };
        let mut attributes = start.attributes();
        for attribute in attributes.with_checks(false).flatten() {
            match attribute.key.as_ref() {
                b"r" => {
                    [cell.row, cell.column] = cell::place(&attribute.value)?;
                }
                b"s" => {
                    let style = std::str::from_utf8(&attribute.value).ok();
                    cell.style = style.and_then(|style| style.parse().ok())?;
                }
                b"t" => {
                    cell.kind = match attribute.value.as_ref() {
                        b"s" => Kind::Shared,
                        b"str" | b"inlineStr" => Kind::Text,
                        b"b" => Kind::Boolean,
                        b"e" => Kind::Error,
                        b"d" => Kind::Date,
                        _ => Kind::Number,
                    }
                }
                _ => {}
            }
        }
        let in_order = match expected[1] {
            // A row that does not tell its number.
            0 => cell.row >= expected[0],
            column => cell.row == expected[0] && cell.column >= column,
        };
        (in_order && cell.column < 1 << 14).then_some(cell)
    }
}

/// The value of an attribute as it stands in the file.
fn raw(start: &BytesStart<'_>, name: &[u8]) -> Option<Vec<u8>> {
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|attribute| attribute.key.as_ref() == name)?;
    Some(found.value.into_owned())
}

fn disorder(xml: &Xml) -> FormatError {
    xml.damaged("its cells are not in their order, or not on the sheet: open it in Excel or LibreOffice and save it again")
}
