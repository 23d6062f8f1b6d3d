//! Groups and data sets of a file.

use hdf5_reader::{Dataset, RawAttribute, error::Error, group};

use super::{
    File,
    cells::{Cells, column, reference},
};
use crate::{
    data::Column,
    format::{FormatError, Notice, Severity},
};

/// Something in a file: a group or a data set.
pub(in crate::format) enum Node<'f> {
    /// A group.
    Group(Group<'f>),
    /// A data set.
    Data(Data<'f>),
}

/// A folder of the file.
#[derive(Clone)]
pub(in crate::format) struct Group<'f> {
    pub file: &'f File,
    inner: group::Group,
    /// Where it stands: `obs/cell_type`; empty for the root.
    pub at: String,
}

impl<'f> Group<'f> {
    pub(super) fn root(file: &'f File, inner: group::Group) -> Self {
        let at = String::new();
        Self { file, inner, at }
    }

    /// Something to be told about it.
    pub fn note(&self, severity: Severity, text: String) -> Notice {
        let object = match self.at.is_empty() {
            true => self.file.path().to_string_lossy().into_owned(),
            false => self.at.clone(),
        };
        Notice {
            severity,
            object,
            text,
        }
    }

    /// Where a child stands.
    pub fn place(&self, name: &str) -> String {
        match self.at.is_empty() {
            true => name.to_owned(),
            false => format!("{}/{name}", self.at),
        }
    }

    /// What stands at a path below it, if there is something.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn child(&self, path: &str) -> Result<Option<Node<'f>>, FormatError> {
        let (first, rest) = match path.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let (file, at) = (self.file, self.place(first));
        let group = match self.inner.group(first) {
            Ok(inner) => Some(Group {
                file,
                inner,
                at: at.clone(),
            }),
            Err(error) if is_missing(&error) => None,
            Err(error) => return Err(file.failed(&at, error)),
        };
        match (group, rest) {
            (Some(group), Some(rest)) => group.child(rest),
            (Some(group), None) => Ok(Some(Node::Group(group))),
            (None, Some(_)) => Ok(None),
            (None, None) => match self.inner.dataset(first) {
                Ok(inner) => Ok(Some(Node::Data(Data {
                    file,
                    inner: Box::new(inner),
                    at,
                }))),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(file.failed(&at, error)),
            },
        }
    }

    /// The group at a path below it, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn group(&self, path: &str) -> Result<Option<Group<'f>>, FormatError> {
        Ok(match self.child(path)? {
            Some(Node::Group(group)) => Some(group),
            _ => None,
        })
    }

    /// The data set at a path below it, if there is one.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn data(&self, path: &str) -> Result<Option<Data<'f>>, FormatError> {
        Ok(match self.child(path)? {
            Some(Node::Data(data)) => Some(data),
            _ => None,
        })
    }

    /// The data set at a path below it.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn need(&self, path: &str) -> Result<Data<'f>, FormatError> {
        let missing = || self.file.damaged(&self.place(path), "is not there");
        self.data(path)?.ok_or_else(missing)
    }

    /// Names of all children, sorted.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn names(&self) -> Result<Vec<String>, FormatError> {
        let names = self.inner.member_names();
        let (mut names, data) = names.map_err(|error| self.file.failed(&self.at, error))?;
        names.extend(data);
        names.sort();
        Ok(names)
    }

    /// The values of an attribute, if there is one of that name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn attribute(&self, name: &str) -> Result<Option<Column>, FormatError> {
        let found = attribute(self.file, &self.at, self.inner.raw_attributes(), name)?;
        found
            .map(|found| self.file.decode(&self.at, &found))
            .transpose()
    }

    /// The child that stands at an address of the file.
    pub(super) fn child_at(&self, address: u64) -> Result<Option<Node<'f>>, FormatError> {
        let name = self.inner.child_name_by_address(address);
        match name.map_err(|error| self.file.failed(&self.at, error))? {
            Some(name) => self.child(&name),
            None => Ok(None),
        }
    }
}

/// Whether nothing stands there, as opposed to something that cannot be read.
fn is_missing(error: &Error) -> bool {
    match error {
        Error::GroupNotFound(_) | Error::DatasetNotFound(_) => true,
        Error::Context { source, .. } => is_missing(source),
        _ => false,
    }
}

/// An array of the file.
#[derive(Clone)]
pub(in crate::format) struct Data<'f> {
    pub file: &'f File,
    pub(super) inner: Box<Dataset>,
    /// Where it stands: `X/data`.
    pub at: String,
}

impl<'f> Data<'f> {
    /// Its extents.
    pub fn shape(&self) -> &[u64] {
        self.inner.shape()
    }

    /// Its length.
    ///
    /// # Errors
    /// If it has not one dimension.
    pub fn len(&self) -> Result<usize, FormatError> {
        match *self.shape() {
            [length] => {
                usize::try_from(length).map_err(|_| self.damaged("is longer than any memory"))
            }
            _ => Err(self.damaged(format!(
                "has {} dimensions instead of one",
                self.shape().len()
            ))),
        }
    }

    /// Its values as a column.
    ///
    /// # Errors
    /// If it has not one dimension, is too large, or its values cannot be read.
    pub fn column(&self) -> Result<Column, FormatError> {
        let count = self.len()?;
        let (bytes, stride) = self.bytes()?;
        let datatype = self.inner.dtype();
        let cells = Cells {
            datatype,
            bytes: &bytes,
            offset: 0,
            stride,
            count,
        };
        column(self.file, &self.at, &cells)
    }

    /// Its bytes, and how many of them make one element.
    pub(super) fn bytes(&self) -> Result<(Vec<u8>, usize), FormatError> {
        let failed = |error| self.file.failed(&self.at, error);
        let size = self.inner.raw_element_size().map_err(failed)?;
        let needed = self.elements().saturating_mul(size as u64);
        if needed > self.file.memory / 4 {
            return Err(self.file.too_large(&self.at, needed));
        }
        Ok((self.inner.read_raw_bytes().map_err(failed)?, size))
    }

    /// Number of its elements.
    fn elements(&self) -> u64 {
        self.shape()
            .iter()
            .fold(1, |all, &extent| u64::saturating_mul(all, extent))
    }

    /// Where in the file an attribute points, if there is one of that name.
    pub(super) fn points_to(&self, name: &str) -> Result<Option<u64>, FormatError> {
        let found = attribute(self.file, &self.at, self.inner.raw_attributes(), name)?;
        found
            .map(|found| reference(self.file, &self.at, found.message()))
            .transpose()
    }

    /// Something in it that cannot be.
    pub fn damaged(&self, what: impl Into<String>) -> FormatError {
        self.file.damaged(&self.at, what)
    }
}

/// The attribute of a name, among all of them.
fn attribute(
    file: &File,
    place: &str,
    all: Result<Vec<RawAttribute>, Error>,
    name: &str,
) -> Result<Option<RawAttribute>, FormatError> {
    let all = all.map_err(|error| file.failed(place, error))?;
    Ok(all.into_iter().find(|attribute| attribute.name() == name))
}
