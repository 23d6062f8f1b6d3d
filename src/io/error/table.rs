//! Why a table of text cannot be read as it is.

use super::{Place, line_of};
use crate::io::decimal::Seen;
use std::path::PathBuf;

/// A table that is not what it should be. `Display` says what was found and where, [`TableError::advice`] what to do.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The first line holds values.
    #[error("{}, {}: names of columns are expected, but \"{cell}\" is a number.", path.display(), line_of(path, *line))]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// One of its cells.
        cell: String,
    },
    /// The column of the ids that was asked for is not there.
    #[error("{} has no column \"{column}\". Its columns: {}.", path.display(), columns.join(", "))]
    NoIdColumn {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        column: String,
        /// The first that are there.
        columns: Vec<String>,
    },
    /// One value a row.
    #[error("{} is a long table: every row holds one value (\"{value}\") of one sample (\"{sample}\") and one feature (\"{feature}\").", path.display())]
    Long {
        /// The file.
        path: PathBuf,
        /// The columns.
        sample: String,
        /// Of features.
        feature: String,
        /// Of values.
        value: String,
    },
    /// Decimal points and decimal commas in one file.
    #[error("{} mixes decimal points and decimal commas: {} has {}, {} has {}.", path.display(), line_of(path, point.line), point.cell, line_of(path, comma.line), comma.cell)]
    MixedDecimals {
        /// The file.
        path: PathBuf,
        /// A cell with a point.
        point: Seen,
        /// A cell with a comma.
        comma: Seen,
    },
    /// A number that is written in a way that has more than one meaning, or none here.
    #[error("{place}: \"{text}\" is written with {what}.")]
    NumberForm {
        /// Where.
        place: Place,
        /// The cell.
        text: String,
        /// `a percent sign`.
        what: &'static str,
    },
    /// The column that should hold ids holds measurements.
    #[error("{}: the first column, \"{column}\", holds measurements such as {example}, so the ids of the samples are missing.", path.display())]
    IdsMissing {
        /// The file.
        path: PathBuf,
        /// Name of the column.
        column: String,
        /// One of its cells.
        example: String,
    },
    /// Two columns of a table with features in rows have the same name, or one has none.
    #[error("{}: features are in rows, so every column is a sample, but {what}.", path.display())]
    SampleColumns {
        /// The file.
        path: PathBuf,
        /// `column 3 has no name`.
        what: String,
    },
}

impl TableError {
    /// What the user can do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::NoHeader { .. } => {
                "Add a line of names above it: sample, then the name of every feature. If these numbers are names, write \
                 \"sample\" above the ids.".into()
            }
            Self::NoIdColumn { .. } => "Choose one of these columns, or give its number, from 1 on.".into(),
            Self::Long { sample, feature, value, .. } => format!(
                "Spread it to one row per sample and one column per feature. Python: table.pivot(index=\"{sample}\", \
                 columns=\"{feature}\", values=\"{value}\").to_csv(\"modality.csv\"). R: tidyr::pivot_wider(table, \
                 id_cols = \"{sample}\", names_from = \"{feature}\", values_from = \"{value}\")."
            ),
            Self::MixedDecimals { .. } => "Write all numbers alike: a row or column was probably typed, or pasted from \
                 another program.".into(),
            Self::NumberForm { .. } => "Write plain numbers such as -1046.5, or leave the cell empty where there is no value.".into(),
            Self::IdsMissing { .. } => "Write the ids into the first column (in pandas: to_csv without index=False). If these \
                 numbers are ids, say so (--first-column samples).".into(),
            Self::SampleColumns { .. } => "Give every column the id of its sample, once.".into(),
        }
    }
}
