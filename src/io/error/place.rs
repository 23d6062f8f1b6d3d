//! A place in a file.

use crate::words::thousands;
use std::{fmt, path::PathBuf};

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
        let line = thousands(*line);
        write!(
            f,
            "{}, line {line}, column {column} (feature {feature})",
            file.display()
        )
    }
}
