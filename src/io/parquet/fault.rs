//! What may be wrong with a Parquet file, before it is known where.

use std::{io, path::Path};

use crate::{format::FormatError, job::Cancelled};

/// Why a part of the file cannot be read.
#[derive(Debug)]
pub(super) enum Fault {
    /// The user did not want it any longer.
    Cancelled(Cancelled),
    /// The system could not read it.
    Read(io::Error),
    /// It ends within a value.
    Ended,
    /// It is not as it should be.
    Damaged(String),
    /// It is written in a way that hdumec does not read.
    Unsupported {
        /// What it is, as the end of a sentence about the file.
        what: String,
        /// What to do instead.
        advice: String,
    },
    /// It takes more memory than is allowed.
    TooLarge {
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that it may take.
        allowed: u64,
    },
}

impl Fault {
    pub fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    /// Says where.
    pub fn at(self, path: &Path, place: &str) -> FormatError {
        let (path, place) = (path.to_owned(), place.to_owned());
        match self {
            Self::Cancelled(cancelled) => cancelled.into(),
            Self::Read(source) => FormatError::Read { path, source },
            Self::Ended => FormatError::Damaged {
                path,
                place,
                what: "ends too early".into(),
            },
            Self::Damaged(what) => FormatError::Damaged { path, place, what },
            Self::Unsupported { what, advice } => FormatError::Unsupported { path, what, advice },
            Self::TooLarge { needed, allowed } => FormatError::TooLarge {
                path,
                place,
                needed,
                allowed,
            },
        }
    }
}

impl From<Cancelled> for Fault {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<io::Error> for Fault {
    fn from(source: io::Error) -> Self {
        Self::Read(source)
    }
}
