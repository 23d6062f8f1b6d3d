//! Excel workbooks (.xlsx, .xlsm): a sheet as the text of a table, so that all that is done for tables of text is done for it.
//!
//! A row of the sheet is a line of the text. Workbooks are read by code of our own over an XML parser rather than by a crate for
//! spreadsheets: every part is checked against its checksum and the memory there is while it is read, and no number that a
//! workbook claims about itself (its dimension, its count of strings) is believed.

mod book;
mod cell;
mod cells;
#[cfg(test)]
pub(super) mod fixture;
mod package;
mod sheet;

use super::{
    error::LoadError,
    notice::TableNotice,
    question::{Answer, Choice, Question},
    source::{Made, SheetWish},
};
use crate::{
    data::available_memory,
    format::{
        FormatError,
        packed::{Archive, Packing},
    },
    job::CancelToken,
    words::thousands,
};
use book::Book;
pub(super) use cell::column_name;
use package::Package;
use sheet::Sheet;
use std::path::Path;

/// Opens the file that begins with `head` if it is a workbook, and makes text of the sheet that is wished for.
///
/// # Errors
/// [`LoadError::Ask`] if several sheets hold a table; if the workbook is damaged, too large, or of another kind of spreadsheet.
pub(super) fn open(
    path: &Path,
    head: &[u8],
    wish: SheetWish<'_>,
    cancel: &CancelToken,
) -> Result<Option<Made>, LoadError> {
    if Packing::of(head) != Packing::Zip {
        return Ok(None);
    }
    let archive = Archive::open(path)?;
    let has = |part: &str| archive.names().any(|name| name.eq_ignore_ascii_case(part));
    if has("xl/workbook.bin") {
        return Err(other(path, "is a binary Excel workbook (.xlsb)"));
    }
    if has("mimetype") && has("content.xml") {
        return Err(other(path, "is an OpenDocument spreadsheet (.ods)"));
    }
    if has("Index/Document.iwa") {
        return Err(other(path, "is a spreadsheet of Numbers"));
    }
    let of_excel = |name: &str| name.to_ascii_lowercase().starts_with("xl/");
    if !has("[Content_Types].xml") || !archive.names().any(of_excel) {
        return Ok(None);
    }
    // The values are held beside the text.
    let memory = match available_memory() {
        0 => u64::MAX,
        free => free / 2,
    };
    read(path, Package::new(path, archive, memory), wish, cancel).map(Some)
}

fn other(path: &Path, what: &str) -> LoadError {
    LoadError::Format(FormatError::Unsupported {
        path: path.to_owned(),
        what: what.into(),
        advice: "Save it as an Excel workbook (.xlsx), or each sheet as CSV UTF-8.".into(),
    })
}

/// Reads the sheets until it is clear which one is meant.
fn read(
    path: &Path,
    mut package: Package,
    wish: SheetWish<'_>,
    cancel: &CancelToken,
) -> Result<Made, LoadError> {
    let book = Book::read(&mut package, cancel)?;
    let called = |name: &str| {
        let exact = book.sheets.iter().find(|sheet| sheet.name == name);
        let alike = || {
            let mut sheets = book.sheets.iter();
            sheets.find(|sheet| sheet.name.eq_ignore_ascii_case(name))
        };
        exact.or_else(alike)
    };
    if let Some(named) = wish.name.and_then(called) {
        let sheet = cells::read(&mut package, &book, named, wish.of_numbers, cancel)?;
        return Ok(sheet.made(Vec::new()));
    }
    let mut sheets = Vec::new();
    for part in &book.sheets {
        let sheet = cells::read(&mut package, &book, part, wish.of_numbers, cancel)?;
        if !sheet.is_empty() {
            package.memory = package.memory.saturating_sub(sheet.bytes());
            sheets.push(sheet);
        }
    }
    let is_table = |sheet: &Sheet| match wish.of_numbers {
        true => sheet.is_of_numbers(),
        false => sheet.is_rectangle(),
    };
    let tables: Vec<usize> = (0..sheets.len())
        .filter(|&at| is_table(&sheets[at]))
        .collect();
    let taken = match (sheets.len(), tables.as_slice()) {
        (0, _) => {
            return Err(LoadError::Empty {
                path: path.to_owned(),
            });
        }
        (1, _) => 0,
        (_, &[table]) => table,
        (_, []) => return Err(ask(path, wish, sheets.iter())),
        (_, several) => return Err(ask(path, wish, several.iter().map(|&at| &sheets[at]))),
    };
    let sheet = sheets.swap_remove(taken);
    let mut notices = Vec::new();
    if !sheets.is_empty() {
        notices.push(TableNotice::SheetTaken {
            sheet: sheet.name.clone(),
            others: book
                .sheets
                .iter()
                .map(|part| &part.name)
                .filter(|name| sheets.iter().any(|other| other.name == **name))
                .cloned()
                .collect(),
        });
    }
    Ok(sheet.made(notices))
}

fn ask<'s>(path: &Path, wish: SheetWish<'_>, sheets: impl Iterator<Item = &'s Sheet>) -> LoadError {
    let answer = |sheet: &Sheet| {
        let [rows, columns] = sheet.size();
        Answer {
            text: format!(
                "Sheet \"{}\" ({} rows, {} columns)",
                sheet.name,
                thousands(rows),
                thousands(columns)
            ),
            choice: Choice::Sheet(sheet.name.clone()),
        }
    };
    let question = "several sheets of the workbook may hold the table: which is meant?";
    LoadError::Ask(Box::new(Question {
        file: path.to_owned(),
        text: match wish.name {
            Some(name) => format!("it has no sheet \"{name}\", and {question}"),
            None => question.to_owned(),
        },
        answers: sheets.map(answer).collect(),
    }))
}

#[cfg(test)]
mod tests;
