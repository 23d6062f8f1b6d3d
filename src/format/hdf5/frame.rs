//! Tables of what describes samples or features, in all the ways that anndata has written them.
//!
//! | written by | table | categories |
//! |---|---|---|
//! | anndata 0.5, 0.6 | a data set of records | codes; the names stand in `uns/COLUMN_categories` |
//! | 0.7 | a group, a data set a column | codes, with an attribute that points into `__categories` |
//! | 0.8 and later | the same | a group of `codes` and `categories`; nullable columns are groups of `values` and `mask` |

use std::cell::OnceCell;

use hdf5_reader::{CompoundField, Datatype};

use super::{
    Data, Group, Node,
    cells::{Cells, column},
};
use crate::{
    data::{Category, Column, Frame},
    format::{FormatError, Notice, Severity},
    job::CancelToken,
};

/// Names and columns of samples or of features.
pub(in crate::format) struct Table {
    /// The names, in order; they may be repeated.
    pub names: Vec<String>,
    /// What describes them.
    pub frame: Frame,
}

impl Table {
    /// Reads a table with all columns that can be read; for those that cannot there is a notice. Names of categories and
    /// colours come from `uns`.
    ///
    /// # Errors
    /// If its names cannot be read, or it takes too much memory.
    pub fn read(
        node: &Node<'_>,
        uns: Option<&Group<'_>>,
        notices: &mut Vec<Notice>,
        cancel: &CancelToken,
    ) -> Result<Self, FormatError> {
        let source = Source::of(node)?;
        let index = source.index()?;
        let names = names_of(
            source.file(),
            &source.place(&index),
            source.column(&index, uns)?,
        )?;
        let mut frame = Frame::default();
        for name in source.columns(&index)? {
            cancel.check()?;
            let place = source.place(&name);
            match source
                .column(&name, uns)
                .and_then(|column| match column.len() == names.len() {
                    true => Ok(column),
                    false => Err(source.file().damaged(
                        &place,
                        format!("has {} values for {} names", column.len(), names.len()),
                    )),
                }) {
                Ok(column) => frame.set(name, column),
                Err(FormatError::Damaged { what, .. } | FormatError::Unsupported { what, .. }) => {
                    notices.push(Notice {
                        severity: Severity::Warning,
                        object: place,
                        text: format!("This column is left out: it {what}."),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Self { names, frame })
    }

    /// Names of the columns, the index left out.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn columns(node: &Node<'_>) -> Result<Vec<String>, FormatError> {
        let source = Source::of(node)?;
        source.columns(&source.index()?)
    }

    /// One column, if there is one of that name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn column(node: &Node<'_>, name: &str) -> Result<Option<Column>, FormatError> {
        let source = Source::of(node)?;
        let known = source.columns(&source.index()?)?;
        match known.iter().any(|known| known == name) {
            true => source.column(name, None).map(Some),
            false => Ok(None),
        }
    }

    /// Number of rows.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn length(node: &Node<'_>) -> Result<usize, FormatError> {
        match Source::of(node)? {
            Source::Records(data, ..) => data.len(),
            source @ Source::Group(group) => {
                let index = source.index()?;
                match group.child(&index)? {
                    Some(Node::Data(data)) => data.len(),
                    Some(Node::Group(parts)) => match parts.data("codes")? {
                        Some(codes) => codes.len(),
                        None => parts.need("values")?.len(),
                    },
                    None => Err(group.file.damaged(&group.place(&index), "is not there")),
                }
            }
        }
    }
}

/// The texts of a column as names.
///
/// # Errors
/// If one is missing.
pub(in crate::format) fn names_of(
    file: &super::File,
    place: &str,
    column: Column,
) -> Result<Vec<String>, FormatError> {
    let missing = |at| file.damaged(place, format!("has no name for number {}", at + 1));
    match column {
        Column::Text(texts) => {
            let each = texts.into_iter().enumerate();
            each.map(|(at, text)| text.ok_or_else(|| missing(at)))
                .collect()
        }
        other => {
            file.hold(place, 40 * other.len() as u64)?;
            (0..other.len())
                .map(|at| other.text(at).ok_or_else(|| missing(at)))
                .collect()
        }
    }
}

/// How a table stands in the file.
enum Source<'a, 'f> {
    /// A group of columns.
    Group(&'a Group<'f>),
    /// A data set of records, which are read once.
    Records(
        &'a Data<'f>,
        &'a [CompoundField],
        OnceCell<(Vec<u8>, usize)>,
    ),
}

impl<'a, 'f> Source<'a, 'f> {
    fn of(node: &'a Node<'f>) -> Result<Self, FormatError> {
        match node {
            Node::Group(group) => Ok(Self::Group(group)),
            Node::Data(data) => match data.inner.dtype() {
                Datatype::Compound { fields, .. } => {
                    Ok(Self::Records(data, fields, OnceCell::new()))
                }
                _ => Err(data.damaged("is no table")),
            },
        }
    }

    fn file(&self) -> &'f super::File {
        match self {
            Self::Group(group) => group.file,
            Self::Records(data, ..) => data.file,
        }
    }

    fn place(&self, name: &str) -> String {
        match self {
            Self::Group(group) => group.place(name),
            Self::Records(data, ..) => format!("{}/{name}", data.at),
        }
    }

    /// The column that holds the names.
    fn index(&self) -> Result<String, FormatError> {
        const USUAL: [&str; 2] = ["_index", "index"];
        match self {
            Self::Group(group) => {
                if let Some(name) = group.attribute("_index")?.and_then(|said| said.text(0)) {
                    return Ok(name);
                }
                for name in USUAL {
                    if group.child(name)?.is_some() {
                        return Ok(name.into());
                    }
                }
                Err(group
                    .file
                    .damaged(&group.at, "does not say which column holds the names"))
            }
            Self::Records(data, fields, _) => {
                let usual = fields
                    .iter()
                    .find(|field| USUAL.contains(&field.name.as_str()));
                let field = usual.or(fields.first());
                let none = || data.damaged("has no columns");
                field.map(|field| field.name.clone()).ok_or_else(none)
            }
        }
    }

    /// Names of the other columns, in their order.
    fn columns(&self, index: &str) -> Result<Vec<String>, FormatError> {
        let mut names = match self {
            Self::Group(group) => match group.attribute("column-order")? {
                // An empty list is written as numbers.
                Some(Column::Text(names)) => names.into_iter().flatten().collect(),
                Some(_) => Vec::new(),
                None => group.names()?,
            },
            Self::Records(_, fields, _) => fields.iter().map(|field| field.name.clone()).collect(),
        };
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| name != index && name != "__categories" && seen.insert(name.clone()));
        Ok(names)
    }

    fn column(&self, name: &str, uns: Option<&Group<'f>>) -> Result<Column, FormatError> {
        let mut values = match self {
            Self::Group(group) => match group.child(name)? {
                Some(Node::Data(data)) => pointed(group, &data)?,
                Some(Node::Group(parts)) => composed(&parts)?,
                None => return Err(group.file.damaged(&group.place(name), "is not there")),
            },
            Self::Records(data, fields, records) => {
                let field = fields.iter().find(|field| field.name == name);
                let field = field.ok_or_else(|| data.damaged(format!("has no column {name}")))?;
                if records.get().is_none() {
                    let _ = records.set(data.bytes()?);
                }
                let column = record(data, field, records.get())?;
                match uns.and_then(|uns| quietly(uns.data(&format!("{name}_categories")))) {
                    Some(names) => {
                        categories(&self.place(name), data.file, column, names.column()?)?
                    }
                    None => column,
                }
            }
        };
        if let (Column::Category(category), Some(uns)) = (&mut values, uns) {
            category.colours = quietly(uns.data(&format!("{name}_colors")))
                .and_then(|data| data.column().ok())
                .and_then(|texts| colours(&texts, category.names.len()));
        }
        Ok(values)
    }
}

/// What can be had of `uns`, where nothing is needed: whatever is wrong there is as if it were not there.
fn quietly<T>(found: Result<Option<T>, FormatError>) -> Option<T> {
    found.ok().flatten()
}

/// A field of all records.
fn record(
    data: &Data<'_>,
    field: &CompoundField,
    records: Option<&(Vec<u8>, usize)>,
) -> Result<Column, FormatError> {
    let count = data.len()?;
    let (bytes, stride) = records.map_or((&[][..], 0), |(bytes, stride)| (bytes, *stride));
    let cells = Cells {
        datatype: &field.datatype,
        bytes,
        offset: field.byte_offset as usize,
        stride,
        count,
    };
    column(data.file, &format!("{}/{}", data.at, field.name), &cells)
}

/// A column of one data set, which may point to the names of its codes.
fn pointed(group: &Group<'_>, data: &Data<'_>) -> Result<Column, FormatError> {
    let values = data.column()?;
    let Some(address) = data.points_to("categories")? else {
        return Ok(values);
    };
    let names = match group.group("__categories")? {
        Some(names) => names.child_at(address)?,
        None => None,
    };
    match names {
        Some(Node::Data(names)) => categories(&data.at, data.file, values, names.column()?),
        _ => Err(data.damaged("points to categories that are not there")),
    }
}

/// A column of several data sets: codes and categories, or values and a mask of those that are missing.
fn composed(parts: &Group<'_>) -> Result<Column, FormatError> {
    if let Some(codes) = parts.data("codes")? {
        let names = match parts.child("categories")? {
            Some(Node::Data(names)) => names.column()?,
            Some(Node::Group(names)) => masked(&names)?,
            None => {
                return Err(parts
                    .file
                    .damaged(&parts.at, "has codes without categories"));
            }
        };
        return categories(&parts.at, parts.file, codes.column()?, names);
    }
    masked(parts)
}

fn masked(parts: &Group<'_>) -> Result<Column, FormatError> {
    let Some(values) = parts.data("values")? else {
        let what = "is written in a way that hdumec does not know";
        return Err(parts.file.damaged(&parts.at, what));
    };
    let mut values = values.column()?;
    let Some(mask) = parts.data("mask")? else {
        return Ok(values);
    };
    let Column::Bool(mask) = mask.column()? else {
        return Err(parts
            .file
            .damaged(&parts.at, "has a mask that does not say yes or no"));
    };
    if mask.len() != values.len() {
        return Err(parts
            .file
            .damaged(&parts.at, "has a mask of another length"));
    }
    let hidden = mask
        .iter()
        .enumerate()
        .filter(|(_, mask)| **mask != Some(false));
    for (at, _) in hidden {
        match &mut values {
            Column::Number(values) => values[at] = f64::NAN,
            Column::Integer(values) => values[at] = None,
            Column::Bool(values) => values[at] = None,
            Column::Text(values) => values[at] = None,
            Column::Category(category) => category.codes[at] = None,
        }
    }
    Ok(values)
}

/// Codes with their names; -1 is a missing value.
fn categories(
    place: &str,
    file: &super::File,
    codes: Column,
    names: Column,
) -> Result<Column, FormatError> {
    let Column::Integer(codes) = codes else {
        return Err(file.damaged(place, "has codes that are no whole numbers"));
    };
    let names = names_of(file, place, names)?;
    let code = |code: Option<i64>| match code {
        None | Some(-1) => Ok(None),
        Some(code) => match u32::try_from(code) {
            Ok(at) if (at as usize) < names.len() => Ok(Some(at)),
            _ => Err(file.damaged(
                place,
                format!("has the code {code}, but {} categories", names.len()),
            )),
        },
    };
    Ok(Column::Category(Category {
        codes: codes.into_iter().map(code).collect::<Result<_, _>>()?,
        names,
        colours: None,
    }))
}

/// Colours such as `#1f77b4`, one for each of `count` categories; `None` if that is not what they are.
fn colours(texts: &Column, count: usize) -> Option<Vec<[u8; 3]>> {
    let colour = |at| {
        let text = texts.text(at)?;
        // A fourth byte tells how opaque it is.
        let digits = text
            .strip_prefix('#')
            .filter(|d| matches!(d.len(), 6 | 8) && d.is_ascii())?;
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some([byte(0)?, byte(2)?, byte(4)?])
    };
    match texts.len() == count {
        true => (0..count).map(colour).collect(),
        false => None,
    }
}
