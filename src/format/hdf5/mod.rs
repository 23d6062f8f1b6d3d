//! HDF5 files: what all formats that are written in them share.
//!
//! A [`File`] is opened with limits: nothing that it claims is believed before it is checked against the memory there is.
//! [`Group`] and [`Data`] know where in the file they stand, so that every error says so.

mod annotated;
mod cells;
mod filters;
mod frame;
mod kinds;
mod matrix;
mod number;
mod other;
#[cfg(test)]
pub(super) mod tests;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use hdf5_reader::{Dataset, Hdf5File, OpenOptions, RawAttribute, error::Error, group};

pub(super) use annotated::{Annotated, Wanted};
pub(super) use cells::Node;
pub(super) use frame::{Table, names_of};
pub(super) use kinds::{by_kind, count_kinds};
pub(super) use matrix::{Order, sparse};
pub use other::OtherHdf5;

use super::FormatError;
use crate::data::{Column, Repeated};
use cells::{Cells, column, reference};

/// Bytes that looking into a file may take, without reading its values.
pub(super) const LOOK_MEMORY: u64 = 512 << 20;

/// The largest chunk that is unpacked, whatever the memory.
const MOST_CHUNK: u64 = 1 << 30;

/// An open file, and how much of what it holds has been taken into memory.
pub(super) struct File {
    path: PathBuf,
    inner: Hdf5File,
    root: group::Group,
    /// Bytes of the file.
    length: u64,
    /// Bytes that may be held; a quarter of them is for work in progress.
    memory: u64,
    held: AtomicU64,
}

impl File {
    /// Opens a file of which at most `memory` bytes are held.
    ///
    /// # Errors
    /// If it cannot be read, or is no HDF5 file.
    pub fn open(path: &Path, memory: u64) -> Result<Self, FormatError> {
        let unread = |source| FormatError::Read {
            path: path.to_owned(),
            source,
        };
        let length = fs::metadata(path).map_err(unread)?.len();
        let chunk = (memory / 8).min(MOST_CHUNK) as usize;
        let options = OpenOptions::default()
            .with_filter_registry(filters::registry(chunk))
            .with_max_read_bytes((memory / 4).min(isize::MAX as u64) as usize)
            .with_max_chunk_bytes(chunk)
            // Blocks are whole chunks, each of which is unpacked once.
            .with_chunk_cache_bytes(0);
        let opened = Hdf5File::open_with_options(path, options)
            .and_then(|file| Ok((file.root_group()?, file)));
        let (root, inner) = opened.map_err(|error| failed(path, "its beginning", error))?;
        Ok(Self {
            path: path.to_owned(),
            inner,
            root,
            length,
            memory,
            held: AtomicU64::new(0),
        })
    }

    /// The group that holds everything.
    pub fn root(&self) -> Group<'_> {
        Group {
            file: self,
            inner: self.root.clone(),
            at: String::new(),
        }
    }

    /// The path it was opened by.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes memory for what is read, before it is read.
    ///
    /// # Errors
    /// If that is more than is left.
    pub fn hold(&self, place: &str, bytes: u64) -> Result<(), FormatError> {
        let held = self.held.fetch_add(bytes, Ordering::Relaxed);
        let needed = held.saturating_add(bytes);
        match needed <= self.allowed() {
            true => Ok(()),
            false => Err(self.too_large(place, needed)),
        }
    }

    /// Bytes that may still be held.
    fn left(&self) -> u64 {
        let held = self.held.load(Ordering::Relaxed);
        self.allowed().saturating_sub(held)
    }

    fn allowed(&self) -> u64 {
        self.memory - self.memory / 4
    }

    fn too_large(&self, place: &str, needed: u64) -> FormatError {
        FormatError::TooLarge {
            path: self.path.clone(),
            place: place.to_owned(),
            needed,
            allowed: self.allowed(),
        }
    }

    /// Something in the file that cannot be.
    pub fn damaged(&self, place: &str, what: impl Into<String>) -> FormatError {
        FormatError::Damaged {
            path: self.path.clone(),
            place: place.to_owned(),
            what: what.into(),
        }
    }

    /// Something in the file that is not read.
    pub fn unsupported(&self, what: impl Into<String>, advice: impl Into<String>) -> FormatError {
        FormatError::Unsupported {
            path: self.path.clone(),
            what: what.into(),
            advice: advice.into(),
        }
    }

    /// Two samples of one name, in words that say how to mend it.
    pub fn repeated(&self, place: &str, repeated: &Repeated) -> FormatError {
        let Repeated {
            name,
            first,
            second,
        } = repeated;
        let (first, second) = (first + 1, second + 1);
        self.unsupported(
            format!("has two samples of the name '{name}' in {place}: number {first} and number {second}"),
            "Give every sample a name of its own before the file is written: `adata.obs_names_make_unique()`.",
        )
    }

    fn failed(&self, place: &str, error: Error) -> FormatError {
        failed(&self.path, place, error)
    }

    /// The bytes of a variable-length value.
    fn resolve(&self, place: &str, reference: &[u8]) -> Result<Vec<u8>, FormatError> {
        let bytes = self.root.resolve_vlen_reference_bytes(reference, 1);
        bytes.map_err(|error| self.failed(place, error))
    }

    fn attribute(
        &self,
        place: &str,
        all: Result<Vec<RawAttribute>, Error>,
        name: &str,
    ) -> Result<Option<RawAttribute>, FormatError> {
        let all = all.map_err(|error| self.failed(place, error))?;
        Ok(all.into_iter().find(|attribute| attribute.name() == name))
    }
}

/// What went wrong inside the HDF5 reader, in our words.
fn failed(path: &Path, place: &str, error: Error) -> FormatError {
    let path = path.to_owned();
    match error {
        Error::Context { source, .. } => failed(&path, place, *source),
        Error::Io(source) => FormatError::Read { path, source },
        Error::UnsupportedFilter(filter) => FormatError::Unsupported {
            path,
            what: format!("packs {place} with {}, which hdumec does not read", filters::name(&filter)),
            advice: "Write it again with gzip: `adata.write_h5ad(path, compression=\"gzip\")`, or `h5repack -f GZIP=4 IN OUT`.".into(),
        },
        Error::ResourceLimit(what) => FormatError::Unsupported {
            path,
            what: format!("asks for more memory in {place} than it may have: {what}"),
            advice: "Write it again with smaller chunks, or read it where there is more memory.".into(),
        },
        Error::UnsupportedEncoding(what) => FormatError::Unsupported {
            path,
            what: format!("stores {place} in a way that hdumec does not read: {what}"),
            advice: "Write it again with a current version of the program that made it.".into(),
        },
        other => FormatError::Damaged {
            path,
            place: place.to_owned(),
            what: other.to_string(),
        },
    }
}

/// A folder of the file.
#[derive(Clone)]
pub(super) struct Group<'f> {
    pub file: &'f File,
    inner: group::Group,
    /// Where it stands: `obs/cell_type`; empty for the root.
    pub at: String,
}

impl<'f> Group<'f> {
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
                Ok(inner) => Ok(Some(Node::Data(Data { file, inner, at }))),
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
        let found = self
            .file
            .attribute(&self.at, self.inner.raw_attributes(), name)?;
        found
            .map(|found| self.file.decode(&self.at, &found))
            .transpose()
    }

    /// The child that stands at an address of the file.
    fn child_at(&self, address: u64) -> Result<Option<Node<'f>>, FormatError> {
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
pub(super) struct Data<'f> {
    pub file: &'f File,
    inner: Dataset,
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
    fn bytes(&self) -> Result<(Vec<u8>, usize), FormatError> {
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
    fn points_to(&self, name: &str) -> Result<Option<u64>, FormatError> {
        let found = self
            .file
            .attribute(&self.at, self.inner.raw_attributes(), name)?;
        found
            .map(|found| reference(self.file, &self.at, found.message()))
            .transpose()
    }

    /// Something in it that cannot be.
    pub fn damaged(&self, what: impl Into<String>) -> FormatError {
        self.file.damaged(&self.at, what)
    }
}
