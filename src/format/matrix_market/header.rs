//! What a Matrix Market file says of itself before its entries.
//!
//! The format: R. Boisvert, R. Pozo, K. Remington, "The Matrix Market Exchange Formats", NISTIR 5935 (1996).

use std::{fs, path::Path};

use crate::{
    format::{
        FormatError,
        lines::{Lines, damaged},
        packed::Packing,
    },
    words::thousands,
};

/// The first word of every Matrix Market file.
pub const BANNER: &str = "%%MatrixMarket";

/// Most bytes of comments.
const COMMENTS: u64 = 1 << 20;

/// The largest factor by which deflate shrinks anything; text of numbers shrinks far less whatever packs it.
const SHRUNK: u64 = 1032;

/// What the entries are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Row, column and value of everything that is not zero.
    Coordinate,
    /// All values, column by column.
    Array,
}

/// What the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Any numbers.
    Real,
    /// Whole numbers.
    Integer,
    /// None are written: what has an entry is 1.
    Pattern,
}

/// What follows from an entry for its mirror image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symmetry {
    /// Nothing.
    General,
    /// It is the same.
    Symmetric,
    /// It is the negative.
    Skew,
}

/// The first line and the sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the entries are like.
    pub layout: Layout,
    /// What the values are.
    pub field: Field,
    /// What follows from an entry for its mirror image.
    pub symmetry: Symmetry,
    /// Number of rows.
    pub rows: u32,
    /// Number of columns.
    pub columns: u32,
    /// Number of entries that follow: no more than the file can hold.
    pub entries: u64,
    /// The line of the sizes.
    pub line: u64,
}

impl Header {
    /// Reads it, with every line up to the sizes.
    ///
    /// # Errors
    /// If it is none, is of a kind that hdumec does not read, or says more than can be.
    pub fn read(path: &Path, lines: &mut Lines) -> Result<Self, FormatError> {
        let packing = lines.packing();
        let first = lines.next_line()?.map(|(_, line)| text(line));
        let (layout, field, symmetry) = kinds(path, &first.unwrap_or_default())?;
        let mut comments = 0;
        let (line, sizes) = loop {
            let Some((number, line)) = lines.next_line()? else {
                let what = "the file ends before the sizes of the matrix".into();
                return Err(damaged(path, 1, what));
            };
            let line_text = line.trim_ascii();
            if !line_text.is_empty() && !line_text.starts_with(b"%") {
                break (number, text(line_text));
            }
            comments += line.len() as u64 + 1;
            if comments > COMMENTS {
                return Err(damaged(path, number, "the comments do not end".into()));
            }
        };
        let header = Self {
            layout,
            field,
            symmetry,
            rows: 0,
            columns: 0,
            entries: 0,
            line,
        };
        header.sized(path, &sizes, packing)
    }

    /// With the sizes that a line tells.
    fn sized(mut self, path: &Path, sizes: &str, packing: Packing) -> Result<Self, FormatError> {
        let wrong = |what: String| damaged(path, self.line, what);
        let numbers: Vec<Option<u64>> = sizes
            .split_ascii_whitespace()
            .map(|s| s.parse().ok())
            .collect();
        let (rows, columns, entries) = match (self.layout, &numbers[..]) {
            (Layout::Coordinate, &[Some(rows), Some(columns), Some(entries)]) => {
                (rows, columns, Some(entries))
            }
            (Layout::Array, &[Some(rows), Some(columns)]) => (rows, columns, None),
            (Layout::Coordinate, _) => {
                let what = format!("'{sizes}' should be the numbers of rows, columns and entries");
                return Err(wrong(what));
            }
            (Layout::Array, _) => {
                return Err(wrong(format!(
                    "'{sizes}' should be the numbers of rows and columns"
                )));
            }
        };
        let side = |count: u64| {
            let side = u32::try_from(count).ok().filter(|&side| side < u32::MAX);
            side.ok_or_else(|| wrong(format!("{} rows or columns are too many", thousands(count))))
        };
        (self.rows, self.columns) = (side(rows)?, side(columns)?);
        if self.symmetry != Symmetry::General && rows != columns {
            return Err(wrong(format!(
                "a matrix of {rows} x {columns} is not symmetric"
            )));
        }
        let most = match self.symmetry {
            Symmetry::General => rows * columns,
            Symmetry::Symmetric => rows * (rows + 1) / 2,
            Symmetry::Skew => rows * rows.saturating_sub(1) / 2,
        };
        self.entries = entries.unwrap_or(most);
        if self.entries > most {
            return Err(wrong(format!(
                "a matrix of {rows} x {columns} cannot have {} entries",
                thousands(self.entries)
            )));
        }
        let held = fs::metadata(path).map_err(|source| FormatError::Read {
            path: path.to_owned(),
            source,
        })?;
        let bytes = match packing {
            Packing::Plain => held.len(),
            _ => held.len().saturating_mul(SHRUNK),
        };
        // The last line may lack its end.
        let room = bytes.saturating_add(1) / self.least_bytes();
        if self.entries > room {
            return Err(wrong(format!(
                "{} entries are said to follow, but the file is too small for more than {}: it is cut off, or this line is wrong",
                thousands(self.entries),
                thousands(room)
            )));
        }
        Ok(self)
    }

    /// Bytes of the shortest entry: `1 1 1`, `1 1` or `1`, and the end of the line.
    fn least_bytes(&self) -> u64 {
        match (self.layout, self.field) {
            (Layout::Array, _) => 2,
            (Layout::Coordinate, Field::Pattern) => 4,
            (Layout::Coordinate, _) => 6,
        }
    }
}

/// What the first line says.
fn kinds(path: &Path, line: &str) -> Result<(Layout, Field, Symmetry), FormatError> {
    let words: Vec<String> = line
        .split_ascii_whitespace()
        .map(str::to_lowercase)
        .collect();
    let unsupported = |what: &str| FormatError::Unsupported {
        path: path.to_owned(),
        what: format!("{what}, says its first line: '{line}'"),
        advice: "write it again as '%%MatrixMarket matrix coordinate real general'".into(),
    };
    let [banner, object, layout, field, symmetry] = &words[..] else {
        let what = format!("'{line}' should be {BANNER} and four words");
        return Err(damaged(path, 1, what));
    };
    if *banner != BANNER.to_lowercase() {
        return Err(damaged(
            path,
            1,
            format!("'{line}' should begin with {BANNER}"),
        ));
    }
    if object != "matrix" {
        return Err(unsupported("holds no matrix"));
    }
    let layout = match layout.as_str() {
        "coordinate" => Layout::Coordinate,
        "array" => Layout::Array,
        _ => return Err(unsupported("is neither of coordinates nor an array")),
    };
    let field = match field.as_str() {
        "real" | "double" => Field::Real,
        "integer" | "unsigned-integer" => Field::Integer,
        "pattern" if layout == Layout::Coordinate => Field::Pattern,
        _ => return Err(unsupported("holds no real or whole numbers")),
    };
    let symmetry = match symmetry.as_str() {
        "general" => Symmetry::General,
        "symmetric" => Symmetry::Symmetric,
        "skew-symmetric" => Symmetry::Skew,
        _ => return Err(unsupported("is of an unknown symmetry")),
    };
    Ok((layout, field, symmetry))
}

/// The beginning of a line for a sentence.
pub(super) fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(120)])
        .trim()
        .to_owned()
}
