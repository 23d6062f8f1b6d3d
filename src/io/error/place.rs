//! A place in a file.

use crate::{format::packed, io::column_name, words::thousands};
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Whether a file is called like a workbook, whose rows and cells have names of their own.
fn is_workbook(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = packed::inner_name(&name).to_ascii_lowercase();
    name.ends_with(".xlsx") || name.ends_with(".xlsm")
}

/// `line 1,204` of a file, or `row 1,204` of a sheet.
pub(super) fn line_of(path: &Path, number: u64) -> String {
    let what = if is_workbook(path) { "row" } else { "line" };
    format!("{what} {}", thousands(number))
}

/// A cell of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it.
    pub file: PathBuf,
    /// Line in the file, the header being line 1.
    pub line: u64,
    /// Column in the file, the first (sample ids) being column 1.
    pub column: usize,
    /// Name of the feature of that column.
    pub feature: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            feature,
        } = self;
        if is_workbook(file) {
            let cell = format!("{}{line}", column_name(*column));
            return write!(f, "{}, cell {cell} (feature {feature})", file.display());
        }
        let line = thousands(*line);
        write!(
            f,
            "{}, line {line}, column {column} (feature {feature})",
            file.display()
        )
    }
}
