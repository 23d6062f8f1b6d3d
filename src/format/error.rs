//! Why a file could not be read.

use std::{io, path::PathBuf};

use crate::{
    data::allowed_memory, job::Cancelled, store::room::advice_on_cache, words::memory_in_words,
};

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Not a failure: the user did not want it any longer.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The system could not read it.
    #[error("'{path}' cannot be read: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is not what it claims to be: cut off, or its parts do not fit each other.
    #[error("'{path}', {place}: {what}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it: a line, a group, a data set.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// It is a file of another purpose, or written in a way that hdumec does not read.
    #[error("'{path}' {what}", path = path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it is: `is a molecule_info file, not a matrix`.
        what: String,
        /// What to do instead.
        advice: String,
    },
    /// It would take more memory than there is.
    #[error("'{path}', {place} would take {} of memory, and {} may be taken", memory_in_words(*needed), memory_in_words(*allowed), path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What in it.
        place: String,
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that it may take.
        allowed: u64,
    },
    /// Values that do not fit in memory could not be kept on disk.
    #[error("The values do not fit in memory, and could not be kept on disk: {0}")]
    Disk(io::Error),
    /// There are several ways to read it, and the user did not say which.
    #[error("'{path}': {question}", path = path.display())]
    Choose {
        /// The file.
        path: PathBuf,
        /// What is to be decided.
        question: String,
        /// The answers there are.
        choices: Vec<String>,
    },
}

impl FormatError {
    /// What the user can do about it; empty for a cancel.
    pub fn advice(&self) -> String {
        match self {
            Self::Cancelled(_) => String::new(),
            Self::Read { .. } => "Check that it exists and that you may read it.".into(),
            Self::Damaged { .. } => {
                "Copy or download the file again, or write it anew with the program it comes from."
                    .into()
            }
            Self::Unsupported { advice, .. } => advice.clone(),
            Self::TooLarge { .. } => match allowed_memory() {
                Some(_) => {
                    "Allow more memory (--memory), or keep fewer samples or features of it.".into()
                }
                None => "Free memory, or keep fewer samples or features of it.".into(),
            },
            Self::Disk(error) => advice_on_cache(error),
            Self::Choose { choices, .. } => format!("Choose one of these: {}.", choices.join(", ")),
        }
    }
}
