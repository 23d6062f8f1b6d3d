//! What reading had to say about one table of text.

use crate::words::thousands;
use serde::Serialize;
use std::fmt;

/// Something the user should know about a table. `Display` is the sentence after the file's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
#[non_exhaustive]
pub enum TableNotice {
    /// Features were in rows; the table was turned.
    Transposed {
        /// Samples, which were columns.
        samples: usize,
        /// Features, which were rows.
        features: usize,
        /// Why it was taken so.
        reason: String,
    },
    /// Columns that are no measurement.
    ColumnsSetAside {
        /// Their names.
        columns: Vec<String>,
    },
    /// Rows that are no measurement, such as a sum.
    RowsSetAside {
        /// Their names.
        rows: Vec<String>,
    },
    /// The ids are not in the first column.
    IdsInColumn {
        /// Name of the column.
        column: String,
        /// Its number, from 1.
        number: usize,
    },
    /// Rows are matched with those of other files by their place.
    RowsByPosition,
    /// Samples of which nothing was measured.
    NotMeasured {
        /// How many.
        samples: usize,
        /// The first.
        example: String,
    },
    /// The values look like counts of a sequencer.
    RawCounts {
        /// Smallest and largest sum of a sample.
        lowest: u64,
        /// The largest.
        highest: u64,
    },
    /// Commas stand between thousands.
    Thousands {
        /// Such a number.
        example: String,
    },
    /// Names that are not UTF-8.
    Latin {
        /// How many.
        names: usize,
    },
    /// The text is UTF-16.
    Utf16,
    /// Lines of comment above the header.
    Comments {
        /// How many.
        lines: usize,
    },
    /// One sheet of a workbook was read.
    SheetTaken {
        /// Its name.
        sheet: String,
        /// The others that hold something.
        others: Vec<String>,
    },
    /// Dates where names are expected: Excel makes them of genes such as MARCH1 and SEPT2.
    DatesAsNames {
        /// How many.
        cells: usize,
        /// The first: `B1`.
        cell: String,
        /// What was read there: `2026-03-01`.
        text: String,
    },
    /// Cells of a workbook with an error in the place of a value.
    ErrorCells {
        /// How many.
        cells: usize,
        /// The first: `B1`.
        cell: String,
        /// What stands there: `#DIV/0!`.
        text: String,
    },
    /// Formulas whose values are not in the workbook.
    NotCalculated {
        /// How many.
        cells: usize,
        /// The first: `B1`.
        cell: String,
    },
}

impl TableNotice {
    /// Whether something was changed or left out, or needs a look.
    pub fn is_repair(&self) -> bool {
        !matches!(
            self,
            Self::IdsInColumn { .. }
                | Self::Thousands { .. }
                | Self::Utf16
                | Self::Comments { .. }
                | Self::SheetTaken { .. }
        )
    }
}

/// Names, the first of them if there are many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let name = |name: &String| match name.as_str() {
        "" => "one without a name".to_owned(),
        name => name.to_owned(),
    };
    let mut list: Vec<String> = names.iter().take(SHOWN).map(name).collect();
    if names.len() > SHOWN {
        list.push(format!("and {} more", thousands(names.len() - SHOWN)));
    }
    list.join(", ")
}

/// `1 cell holds a date`, `3 cells hold dates`.
fn held(cells: usize, one: &str, several: &str) -> String {
    match cells {
        1 => format!("1 cell holds {one}"),
        _ => format!("{} cells hold {several}", thousands(cells)),
    }
}

impl fmt::Display for TableNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transposed {
                samples,
                features,
                reason,
            } => write!(
                f,
                "features are in rows and samples in columns ({reason}): it was turned, to {} samples and {} features.",
                thousands(*samples),
                thousands(*features)
            ),
            Self::ColumnsSetAside { columns } => write!(
                f,
                "columns that are no measurement were set aside: {}. Rename them if they are features.",
                listed(columns)
            ),
            Self::RowsSetAside { rows } => write!(
                f,
                "rows that are no measurement were set aside: {}. Rename them if they are.",
                listed(rows)
            ),
            Self::IdsInColumn { column, number } => {
                write!(f, "the ids were read from column {number} (\"{column}\").")
            }
            Self::RowsByPosition => write!(
                f,
                "its rows are matched with those of the other files by their place: the files must hold the same samples in \
                 the same order."
            ),
            Self::NotMeasured { samples, example } => write!(
                f,
                "nothing was measured of {} (such as {example}): left out, as if {} not there.",
                if *samples == 1 {
                    "1 sample".to_owned()
                } else {
                    format!("{} samples", thousands(*samples))
                },
                if *samples == 1 { "it was" } else { "they were" }
            ),
            Self::RawCounts { lowest, highest } => write!(
                f,
                "the values look like raw counts: whole numbers that add up to {} in one sample and to {} in another. Clusters \
                 would follow the depth of sequencing: normalise and take logarithms first.",
                thousands(*lowest),
                thousands(*highest)
            ),
            Self::Thousands { example } => write!(
                f,
                "{example} was read as {}: commas stand between thousands.",
                example.replace(',', "")
            ),
            Self::Latin { names } => write!(
                f,
                "{} not UTF-8, and {} read as Windows-1252 (Latin-1): see whether special letters are right.",
                if *names == 1 {
                    "1 name is".to_owned()
                } else {
                    format!("{} names are", thousands(*names))
                },
                if *names == 1 { "was" } else { "were" }
            ),
            Self::Utf16 => write!(f, "the text was read as UTF-16."),
            Self::Comments { lines } => write!(
                f,
                "{} above the header {} passed over.",
                if *lines == 1 {
                    "1 line".to_owned()
                } else {
                    format!("{} lines", thousands(*lines))
                },
                if *lines == 1 { "was" } else { "were" }
            ),
            Self::SheetTaken { sheet, others } => write!(
                f,
                "its sheet \"{sheet}\" was read (also there: {}).",
                listed(others)
            ),
            Self::DatesAsNames { cells, cell, text } => write!(
                f,
                "{} where names are expected (such as {cell}: {text}). Excel makes dates of names such as MARCH1, SEPT2 or DEC1: \
                 correct them in the workbook.",
                held(*cells, "a date", "dates")
            ),
            Self::ErrorCells { cells, cell, text } => write!(
                f,
                "{} of Excel (such as {cell}: {text}), read as missing.",
                held(*cells, "an error", "errors")
            ),
            Self::NotCalculated { cells, cell } => write!(
                f,
                "{} without a value (such as {cell}), read as missing: open the workbook in Excel or LibreOffice and save it.",
                held(*cells, "a formula", "formulas")
            ),
        }
    }
}
