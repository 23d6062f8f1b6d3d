//! What the sheets of a workbook share: their names, its strings, and which formats are those of dates.

use quick_xml::events::Event;

use super::{
    cell::{is_date_format, unescaped},
    package::{Package, Relation, add_text, attribute},
};
use crate::{format::FormatError, job::CancelToken};
use std::collections::HashMap;

/// Strings between two looks at the cancel token.
const BLOCK: usize = 1 << 14;

/// What the sheets of a workbook share.
pub(super) struct Book {
    /// The sheets of cells, in their order.
    pub sheets: Vec<SheetPart>,
    pub strings: Strings,
    /// Whether a number in a cell of each style is a date.
    pub dates: Vec<bool>,
    /// Whether days count from 1904 rather than 1900.
    pub from_1904: bool,
}

/// Where a sheet is.
pub(super) struct SheetPart {
    pub name: String,
    /// Its part of the archive.
    pub part: String,
}

/// Texts that cells refer to by number.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    pub fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }
}

impl Book {
    pub fn read(package: &mut Package, cancel: &CancelToken) -> Result<Self, FormatError> {
        let of_kind = |relations: &[Relation], kind: &str| {
            let mut relations = relations.iter();
            relations
                .find(|relation| relation.kind == kind)
                .map(|relation| relation.target.clone())
        };
        let workbook = of_kind(&package.relations("")?, "officeDocument")
            .unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let relations = package.relations(&workbook)?;
        let mut book = Self {
            sheets: Vec::new(),
            strings: Strings::default(),
            dates: Vec::new(),
            from_1904: false,
        };
        let mut xml = package.needed(&workbook)?;
        while let Some(event) = xml.next()? {
            let Event::Start(start) = event else { continue };
            match start.local_name().as_ref() {
                b"workbookPr" => {
                    let told = attribute(&start, b"date1904");
                    book.from_1904 = told.is_some_and(|told| told == "1" || told == "true");
                }
                b"sheet" => {
                    let id = attribute(&start, b"id").unwrap_or_default();
                    // Charts are sheets of another kind.
                    let is_it = |r: &&Relation| r.id == id && r.kind == "worksheet";
                    if let Some(relation) = relations.iter().find(is_it) {
                        book.sheets.push(SheetPart {
                            name: attribute(&start, b"name").unwrap_or_default(),
                            part: relation.target.clone(),
                        });
                    }
                }
                _ => {}
            }
        }
        if let Some(part) = of_kind(&relations, "sharedStrings") {
            book.strings = strings(package, &part, cancel)?;
        }
        if let Some(part) = of_kind(&relations, "styles") {
            book.dates = dates(package, &part)?;
        }
        Ok(book)
    }
}

fn strings(
    package: &mut Package,
    part: &str,
    cancel: &CancelToken,
) -> Result<Strings, FormatError> {
    let mut strings = Strings::default();
    let mut xml = package.needed(part)?;
    // How a Japanese word is spoken stands beside it.
    let (mut one, mut within, mut spoken) = (String::new(), false, false);
    while let Some(event) = xml.next()? {
        match &event {
            Event::Start(start) => match start.local_name().as_ref() {
                b"si" => one.clear(),
                b"rPh" => spoken = true,
                b"t" => within = !spoken,
                _ => {}
            },
            Event::End(end) => match end.local_name().as_ref() {
                b"si" => {
                    strings.text.push_str(&unescaped(&one));
                    strings.ends.push(strings.text.len());
                    if strings.ends.len() % BLOCK == 0 {
                        cancel.check()?;
                    }
                }
                b"rPh" => spoken = false,
                b"t" => within = false,
                _ => {}
            },
            event if within && !add_text(event, &mut one) => {
                return Err(xml.damaged("it holds text that cannot be read"));
            }
            _ => {}
        }
    }
    Ok(strings)
}

/// Which styles of cells are those of dates.
fn dates(package: &mut Package, part: &str) -> Result<Vec<bool>, FormatError> {
    let (mut dates, mut codes) = (Vec::new(), HashMap::new());
    let mut xml = package.needed(part)?;
    let mut within = false;
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(start) => match start.local_name().as_ref() {
                b"numFmt" => {
                    let id = attribute(&start, b"numFmtId").unwrap_or_default();
                    let code = attribute(&start, b"formatCode").unwrap_or_default();
                    codes.insert(id, is_date_format(&code));
                }
                b"cellXfs" => within = true,
                b"xf" if within => {
                    let id = attribute(&start, b"numFmtId").unwrap_or_default();
                    let built_in = || {
                        let id: u32 = id.parse().unwrap_or_default();
                        matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58)
                    };
                    dates.push(codes.get(&id).copied().unwrap_or_else(built_in));
                }
                _ => {}
            },
            Event::End(end) if end.local_name().as_ref() == b"cellXfs" => within = false,
            _ => {}
        }
    }
    Ok(dates)
}
