//! Errors of other folders as errors of loading, and what kind an error is of.

use std::path::Path;

use super::{LoadError, TableError};
use crate::{format::FormatError, prepare::PrepareError};

impl LoadError {
    /// What went wrong while a modality was prepared.
    pub(crate) fn of_preparation(path: &Path, modality: &str, error: PrepareError) -> Self {
        match error {
            PrepareError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            PrepareError::Disk(error) => Self::Disk(error),
            PrepareError::NothingVaries { constant, empty } => Self::NoUsableFeature {
                path: path.to_owned(),
                constant,
                missing: empty,
            },
            source => Self::Prepare {
                path: path.to_owned(),
                modality: modality.to_owned(),
                source: Box::new(source),
            },
        }
    }
}

impl From<FormatError> for LoadError {
    fn from(error: FormatError) -> Self {
        match error {
            FormatError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            FormatError::Read { path, source } => Self::Read { path, source },
            FormatError::Disk(error) => Self::Disk(error),
            other => Self::Format(other),
        }
    }
}

impl From<TableError> for LoadError {
    fn from(error: TableError) -> Self {
        Self::Table(Box::new(error))
    }
}

impl LoadError {
    /// Whether it is not about the file at all: the user stopped, or is asked.
    pub(in crate::io) fn stops(&self) -> bool {
        matches!(self, Self::Cancelled(_) | Self::Ask(_))
    }

    /// Whether a file that is there cannot be read, whatever it holds.
    pub(in crate::io) fn is_unreadable(&self) -> bool {
        matches!(
            self,
            Self::Read { .. }
                | Self::NotAFile { .. }
                | Self::TooMuchText { .. }
                | Self::Format(FormatError::Damaged { .. } | FormatError::TooLarge { .. })
        )
    }
}
