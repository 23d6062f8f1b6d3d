//! What stands at the end of a Parquet file: its columns and where their pages are.

use std::fs::File;

use serde::Deserialize;

use super::{
    fault::Fault,
    memory::Memory,
    pages::{bytes_of, count},
    schema::{Column, Element},
    thrift::{Kind, Thrift},
};

/// What a file begins and ends with, and what it does if even that is encrypted.
pub(super) const MAGIC: &[u8] = b"PAR1";
pub(super) const ENCRYPTED: &[u8] = b"PARE";

/// Bytes of memory that a byte of the footer may take.
const GROWTH: u64 = 8;

/// What a file says of itself.
#[derive(Debug, Default)]
pub(super) struct Footer {
    /// Its columns, in the order of the file.
    pub columns: Vec<Column>,
    pub groups: Vec<Group>,
    /// Names of the columns that pandas takes for the names of rows.
    pub index: Vec<String>,
}

/// Rows that stand together.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub rows: u64,
    /// One a column.
    pub chunks: Vec<Chunk>,
}

/// The pages of a column within a row group.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    /// Where they begin and end in the file.
    pub start: u64,
    pub end: u64,
    pub codec: i64,
    values: u64,
}

impl Footer {
    /// Reads the end of a file; `memory` holds what it takes from then on.
    pub fn read(file: &mut File, memory: &mut Memory) -> Result<Self, Fault> {
        let length = file.metadata()?.len();
        // The sign at the beginning; the footer's length and the sign at the end.
        let body = length.checked_sub(12).ok_or(Fault::Ended)?;
        let tail = bytes_of(file, length - 8, 8)?;
        let (size, sign) = tail.split_at(4);
        if sign == ENCRYPTED {
            return Err(encrypted());
        }
        if sign != MAGIC {
            return Err(Fault::damaged(
                "the end of the file is missing, where its columns are listed",
            ));
        }
        let size = size
            .iter()
            .rev()
            .fold(0, |size, &b| size << 8 | u64::from(b));
        if size > body {
            return Err(Fault::damaged("is said to be longer than the file"));
        }
        memory.take(size.saturating_mul(GROWTH))?;
        let start = length - 8 - size;
        let mut footer = Self::parse(&bytes_of(file, start, size)?)?;
        // What is said of no rows is no matter: some writers have no pages for them.
        footer.groups.retain(|group| group.rows > 0);
        footer.check(start)?;
        Ok(footer)
    }

    fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let mut footer = Self::default();
        let (mut elements, mut rows) = (Vec::new(), None);
        Thrift::new(bytes).structure(Kind::Struct, |thrift, id, field| {
            match id {
                2 => thrift.list(field, |thrift, kind| {
                    elements.push(Element::read(thrift, kind)?);
                    Ok(())
                })?,
                3 => rows = Some(count(thrift, field)?),
                4 => thrift.list(field, |thrift, kind| {
                    footer.groups.push(Group::read(thrift, kind)?);
                    Ok(())
                })?,
                5 => thrift.list(field, |thrift, kind| {
                    if let Some(pandas) = pandas(thrift, kind)? {
                        footer.index = pandas;
                    }
                    Ok(())
                })?,
                8 => return Err(encrypted()),
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        footer.columns = Column::all(elements)?;
        let sum = footer.groups.iter().map(|group| u128::from(group.rows));
        match rows.map(u128::from) == Some(sum.sum()) {
            true => Ok(footer),
            false => Err(Fault::damaged(
                "has another number of rows than its row groups",
            )),
        }
    }

    /// Whether what it says fits the file, whose pages end at `end`.
    fn check(&self, end: u64) -> Result<(), Fault> {
        for (number, group) in (1..).zip(&self.groups) {
            if group.chunks.len() != self.columns.len() {
                return Err(Fault::damaged(format!(
                    "row group {number} has {} columns of {}",
                    group.chunks.len(),
                    self.columns.len()
                )));
            }
            for (chunk, column) in group.chunks.iter().zip(&self.columns) {
                let inside = MAGIC.len() as u64 <= chunk.start && chunk.end <= end;
                if !inside || chunk.values != group.rows {
                    return Err(Fault::damaged(format!(
                        "column \"{}\" of row group {number} does not fit the file",
                        column.name
                    )));
                }
            }
        }
        Ok(())
    }
}

impl Group {
    fn read(thrift: &mut Thrift<'_>, kind: Kind) -> Result<Self, Fault> {
        let mut group = Self::default();
        thrift.structure(kind, |thrift, id, field| {
            match id {
                1 => thrift.list(field, |thrift, kind| {
                    group.chunks.push(Chunk::read(thrift, kind)?);
                    Ok(())
                })?,
                3 => group.rows = count(thrift, field)?,
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        group.chunks.shrink_to_fit();
        Ok(group)
    }
}

impl Chunk {
    fn read(thrift: &mut Thrift<'_>, kind: Kind) -> Result<Self, Fault> {
        let mut found = None;
        thrift.structure(kind, |thrift, id, field| {
            match id {
                1 if !thrift.bytes(field)?.is_empty() => {
                    return Err(Fault::Unsupported {
                        what: "keeps its columns in other files".into(),
                        advice: "Open those, or write the table as one file.".into(),
                    });
                }
                1 => {}
                3 => found = Some(Self::described(thrift, field)?),
                8 | 9 => return Err(encrypted()),
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        found.ok_or_else(|| Fault::damaged("does not describe all columns"))
    }

    fn described(thrift: &mut Thrift<'_>, kind: Kind) -> Result<Self, Fault> {
        let (mut chunk, mut size, mut dictionary) = (Self::default(), 0, 0);
        thrift.structure(kind, |thrift, id, field| {
            match id {
                4 => chunk.codec = thrift.number(field)?,
                5 => chunk.values = count(thrift, field)?,
                7 => size = count(thrift, field)?,
                9 => chunk.start = count(thrift, field)?,
                11 => dictionary = count(thrift, field)?,
                _ => thrift.skip(field)?,
            }
            Ok(())
        })?;
        // The dictionary comes first; without one, some writers say that it is at 0.
        if dictionary > 0 {
            chunk.start = chunk.start.min(dictionary);
        }
        let end = chunk.start.checked_add(size);
        chunk.end = end.ok_or_else(|| Fault::damaged("has a column of an impossible size"))?;
        Ok(chunk)
    }
}

/// The columns of row names, if this is what pandas says of a table; rows that are merely numbered have none.
fn pandas(thrift: &mut Thrift<'_>, kind: Kind) -> Result<Option<Vec<String>>, Fault> {
    #[derive(Deserialize)]
    struct Said {
        #[serde(default)]
        index_columns: Vec<serde_json::Value>,
    }
    let (mut key, mut value) = (&b""[..], &b""[..]);
    thrift.structure(kind, |thrift, id, field| {
        match id {
            1 => key = thrift.bytes(field)?,
            2 => value = thrift.bytes(field)?,
            _ => thrift.skip(field)?,
        }
        Ok(())
    })?;
    if key != b"pandas" {
        return Ok(None);
    }
    let said: Said = serde_json::from_slice(value)
        .map_err(|error| Fault::damaged(format!("what pandas says is no JSON: {error}")))?;
    let names = said.index_columns.into_iter();
    let names = names.filter_map(|name| name.as_str().map(str::to_owned));
    Ok(Some(names.collect()))
}

fn encrypted() -> Fault {
    Fault::Unsupported {
        what: "is encrypted".into(),
        advice: "Write it without encryption.".into(),
    }
}
