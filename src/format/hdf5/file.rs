//! An open file and its limits.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use hdf5_reader::{Hdf5File, OpenOptions, error::Error, group};

use super::{Group, filters};
use crate::{
    data::{Repeated, Storage},
    format::{FormatError, ReadPlan},
};

/// The largest chunk that is unpacked, whatever the memory.
const MOST_CHUNK: u64 = 1 << 30;

/// Deflate makes at most 1,032 bytes of one.
const PACKED: u64 = 1100;

/// An open file, and how much of what it holds has been taken into memory.
pub(in crate::format) struct File {
    path: PathBuf,
    pub(super) inner: Hdf5File,
    root: group::Group,
    /// Bytes of the file.
    pub(super) length: u64,
    /// Bytes that may be held; a quarter of them is for work in progress.
    pub(super) memory: u64,
    /// Bytes that values may take.
    values: u64,
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
            values: u64::MAX,
            held: AtomicU64::new(0),
        })
    }

    /// Opens a file that is read as planned.
    ///
    /// # Errors
    /// As for [`File::open`].
    pub fn of_plan(path: &Path, plan: &ReadPlan) -> Result<Self, FormatError> {
        Ok(Self {
            values: plan.values.unwrap_or(u64::MAX),
            ..Self::open(path, plan.memory)?
        })
    }

    /// The group that holds everything.
    pub fn root(&self) -> Group<'_> {
        Group::root(self, self.root.clone())
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

    /// Where so many bytes of values go, which are taken if that is memory. Values that a file of this size cannot hold may be kept in
    /// memory, where that is bounded, but fill no disk.
    ///
    /// # Errors
    /// If there are more of them than that.
    pub(super) fn room(&self, place: &str, bytes: u64) -> Result<Storage, FormatError> {
        let held = self.held.load(Ordering::Relaxed);
        if bytes <= self.allowed().min(self.values).saturating_sub(held) {
            return self.hold(place, bytes).map(|()| Storage::Memory);
        }
        match bytes / PACKED > self.length {
            true => Err(self.too_large(place, bytes)),
            false => Ok(Storage::Disk),
        }
    }

    fn allowed(&self) -> u64 {
        self.memory - self.memory / 4
    }

    pub(super) fn too_large(&self, place: &str, needed: u64) -> FormatError {
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

    pub(super) fn failed(&self, place: &str, error: Error) -> FormatError {
        failed(&self.path, place, error)
    }

    /// The bytes of a variable-length value.
    pub(super) fn resolve(&self, place: &str, reference: &[u8]) -> Result<Vec<u8>, FormatError> {
        let bytes = self.root.resolve_vlen_reference_bytes(reference, 1);
        bytes.map_err(|error| self.failed(place, error))
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
