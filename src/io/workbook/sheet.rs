//! One sheet as the text of a table.

use std::io::{self, Read};

use super::{
    book::Book,
    cell,
    cells::{Cell, Kind},
    package::Xml,
};
use crate::{
    format::FormatError,
    io::{notice::TableNotice, source::Made},
};

/// Bytes that are handed out at once, about.
const READY: usize = 1 << 16;

/// The cells of a sheet as lines of text, without the empty columns at its left.
pub(super) struct Sheet {
    pub name: String,
    /// All rows one after the other, columns separated by tabs, each up to its last cell.
    text: Vec<u8>,
    rows: Vec<Row>,
    columns: Vec<Column>,
    /// Rows that hold something.
    filled_rows: u64,
    /// The first row of two cells or more: those of one cell above it are titles.
    header: Option<usize>,
    of_numbers: bool,
    /// Dates in the header.
    dates: First,
    errors: First,
    not_calculated: First,
}

/// One row of the sheet.
#[derive(Clone, Copy, Default)]
struct Row {
    /// Where its text ends.
    end: usize,
    /// Columns up to its last cell.
    width: u32,
    /// Its first cell that holds something, and how many do.
    first: u32,
    filled: u32,
}

/// What the cells of a column hold, below the header.
#[derive(Clone, Default)]
struct Column {
    filled: bool,
    numbers: u32,
    words: u32,
    dates: First,
}

/// How many cells, and which of them is the first.
#[derive(Clone, Default)]
struct First {
    cells: usize,
    /// Its name and its text.
    first: Option<Box<(String, String)>>,
}

impl First {
    fn add(&mut self, row: u32, column: u32, text: &str) {
        self.cells += 1;
        let first = || Box::new((cell::name(row, column), text.to_owned()));
        self.first.get_or_insert_with(first);
    }

    fn notice(&self, notice: impl Fn(usize, String, String) -> TableNotice) -> Option<TableNotice> {
        let (name, text) = *self.first.clone()?;
        Some(notice(self.cells, name, text))
    }
}

/// What a cell holds, as it is written.
enum Held<'a> {
    Nothing,
    Number(&'a str),
    Word(&'a str),
    Date(&'a str),
}

impl Sheet {
    /// A sheet without a cell; where it is meant `of_numbers`, none is written so that it has two readings.
    pub fn new(name: &str, of_numbers: bool) -> Self {
        Self {
            name: name.to_owned(),
            text: Vec::new(),
            rows: Vec::new(),
            columns: Vec::new(),
            filled_rows: 0,
            header: None,
            of_numbers,
            dates: First::default(),
            errors: First::default(),
            not_calculated: First::default(),
        }
    }

    /// Whether no cell holds anything.
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.filled == 0)
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        (self.text.capacity() + size_of::<Row>() * self.rows.capacity()) as u64
    }

    /// Rows and columns of the table on it, without titles above.
    pub fn size(&self) -> [usize; 2] {
        let rows =
            (0..self.rows.len()).filter(|&at| self.rows[at].filled > 0 && !self.is_title(at));
        [rows.count(), self.width() - self.left()]
    }

    /// Whether most cells below and beside its first row and column are numbers.
    pub fn is_of_numbers(&self) -> bool {
        let values = self.columns.iter().skip(self.left() + 1);
        let counted = values.fold([0_u64; 2], |[numbers, words], column| {
            [
                numbers + u64::from(column.numbers),
                words + u64::from(column.words),
            ]
        });
        counted[0] > counted[1]
    }

    /// Whether it has two rows and columns or more, and most of them are filled.
    pub fn is_rectangle(&self) -> bool {
        let [rows, columns] = self.size();
        let filled: u64 = self.rows.iter().map(|row| u64::from(row.filled)).sum();
        rows > 1 && columns > 1 && filled * 2 > rows as u64 * columns as u64
    }

    /// Its text, with what there is to say about it beside `notices`.
    pub fn made(self, mut notices: Vec<TableNotice>) -> Made {
        let left = self.left();
        let among_words = |(at, column): (usize, &Column)| {
            (at == left || column.words > column.numbers).then(|| column.dates.clone())
        };
        let mut dates = self.dates.clone();
        for column in self.columns.iter().enumerate().filter_map(among_words) {
            dates.cells += column.cells;
            dates.first = dates.first.or(column.first);
        }
        notices.extend(dates.notice(|cells, cell, text| TableNotice::DatesAsNames {
            cells,
            cell,
            text,
        }));
        notices.extend(
            self.errors
                .notice(|cells, cell, text| TableNotice::ErrorCells { cells, cell, text }),
        );
        notices.extend(
            self.not_calculated
                .notice(|cells, cell, _| TableNotice::NotCalculated { cells, cell }),
        );
        Made {
            columns_before: left,
            notices,
            text: Box::new(Lines {
                left,
                width: self.width(),
                sheet: self,
                row: 0,
                ready: Vec::new(),
                at: 0,
            }),
        }
    }

    /// Columns up to the last that holds something.
    fn width(&self) -> usize {
        self.columns.len()
    }

    /// Empty columns at its left.
    fn left(&self) -> usize {
        let filled = self.columns.iter().position(|column| column.filled);
        filled.unwrap_or_default()
    }

    /// Whether a row is a title: one cell above the header that could not be the name of a second column.
    fn is_title(&self, row: usize) -> bool {
        let Row { first, filled, .. } = self.rows[row];
        let narrow = self.width() - self.left() == 2;
        filled == 1
            && self.header.is_some_and(|header| row < header)
            && (!narrow || first as usize == self.left())
    }

    /// Adds a cell; whether it holds what it claims to hold.
    pub fn add(&mut self, cell: &Cell, book: &Book) -> bool {
        let date;
        let shared;
        let text = cell.text.as_str();
        let number = || cell::number(text);
        let is_date = || book.dates.get(cell.style).copied().unwrap_or_default();
        match cell.kind {
            Kind::Shared if !text.is_empty() => {
                let at = text.trim().parse().ok();
                let Some(text) = at.and_then(|at| book.strings.get(at)) else {
                    return false;
                };
                self.put(cell, Held::Word(text));
            }
            Kind::Text => {
                shared = cell::unescaped(text);
                self.put(cell, Held::Word(&shared));
            }
            Kind::Boolean if !text.is_empty() => {
                let is_true = matches!(text.trim(), "1" | "true");
                self.put(cell, Held::Word(if is_true { "TRUE" } else { "FALSE" }));
            }
            Kind::Error => {
                self.errors.add(cell.row, cell.column, text);
                self.put(cell, Held::Nothing);
            }
            Kind::Date => {
                date = text.replace("T00:00:00", "").replace('T', " ");
                self.put(cell, Held::Date(&date));
            }
            _ if text.is_empty() => {
                if cell.formula && !cell.value {
                    self.not_calculated.add(cell.row, cell.column, "");
                }
                self.put(cell, Held::Nothing);
            }
            _ => match number() {
                None => self.put(cell, Held::Word(text)),
                Some(number) => {
                    let day = is_date().then(|| number.parse().ok()).flatten();
                    match day.and_then(|day| cell::date(day, book.from_1904)) {
                        Some(date) => self.put(cell, Held::Date(&date)),
                        None => self.put(cell, Held::Number(&number)),
                    }
                }
            },
        }
        true
    }

    /// Writes what a cell holds.
    fn put(&mut self, cell: &Cell, held: Held<'_>) {
        let text = match held {
            Held::Nothing => return,
            Held::Number(text) | Held::Word(text) | Held::Date(text) => text,
        };
        if text.trim().is_empty() {
            return;
        }
        let at = cell.column as usize;
        if self.rows.len() <= cell.row as usize {
            let blank = Row {
                end: self.text.len(),
                ..Row::default()
            };
            self.rows.resize(cell.row as usize + 1, blank);
        }
        if self.columns.len() <= at {
            self.columns.resize(at + 1, Column::default());
        }
        let below = self.header.is_some_and(|header| header < cell.row as usize);
        let row = &mut self.rows[cell.row as usize];
        if row.filled == 0 {
            row.first = cell.column;
        }
        let gap = cell.column - row.width.saturating_sub(1);
        self.text.extend((0..gap).map(|_| b'\t'));
        row.width = cell.column + 1;
        row.filled += 1;
        let column = &mut self.columns[at];
        column.filled = true;
        match held {
            Held::Number(number) => {
                self.text.extend_from_slice(number.as_bytes());
                // One decimal more says that these are decimals.
                if below && self.of_numbers && at > 0 && cell::may_be_thousands(number) {
                    self.text.push(b'0');
                }
                column.numbers += u32::from(below);
            }
            Held::Date(date) => {
                cell::add_field(date, &mut self.text);
                match below {
                    true => column.dates.add(cell.row, cell.column, date),
                    false => self.dates.add(cell.row, cell.column, date),
                }
            }
            _ => {
                cell::add_field(text, &mut self.text);
                column.words += u32::from(below);
            }
        }
        row.end = self.text.len();
    }

    /// Takes note that a row has ended.
    pub fn end_row(&mut self, row: u32) {
        let row = row as usize;
        let filled = self.rows.get(row).map_or(0, |row| row.filled);
        self.filled_rows += u64::from(filled > 0);
        if self.header.is_none() && filled > 1 {
            self.header = Some(row);
        } else if self.header.is_none() {
            // The date of a title.
            self.dates = First::default();
        }
    }

    /// Refuses what takes more memory than there is, with all rows as long as the longest.
    pub fn check_memory(&self, xml: &Xml, allowed: u64) -> Result<(), FormatError> {
        let needed = self.bytes().max(self.filled_rows * self.width() as u64);
        match needed > allowed {
            true => Err(xml.too_large(&format!("the sheet \"{}\"", self.name), needed, allowed)),
            false => Ok(()),
        }
    }
}

/// The lines of a sheet, all as long as the longest.
struct Lines {
    sheet: Sheet,
    left: usize,
    width: usize,
    /// The next row.
    row: usize,
    /// Bytes that were made, and how many of them were handed out.
    ready: Vec<u8>,
    at: usize,
}

impl Lines {
    fn add_row(&mut self) {
        let at = self.row;
        let Row { end, width, .. } = self.sheet.rows[at];
        let start = at
            .checked_sub(1)
            .map_or(0, |above| self.sheet.rows[above].end);
        if self.sheet.is_title(at) {
            // What a title says is no matter.
            self.ready.push(b'#');
        } else if width > 0 {
            self.ready
                .extend_from_slice(&self.sheet.text[start + self.left..end]);
            let missing = self.width - width as usize;
            self.ready.extend((0..missing).map(|_| b'\t'));
        }
        self.ready.push(b'\n');
        self.row += 1;
    }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.ready.clear();
            self.at = 0;
            while self.ready.len() < READY && self.row < self.sheet.rows.len() {
                self.add_row();
            }
        }
        let read = (&self.ready[self.at..]).read(out)?;
        self.at += read;
        Ok(read)
    }
}
