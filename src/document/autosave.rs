//! What is kept of sessions that were not saved, should the window be killed.
//!
//! Every window has files of its own, locked as long as it lives: a session file, written when there are new results, and the document
//! alone, which is small, written after every edit.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{
    Document, Page, Shelf,
    session::{self, Session},
};
use crate::store::{
    atomic,
    capsule::CapsuleError,
    left::{self, ABOUT, LOCK, Left},
    lock::Lock,
};

/// Endings of the files of a window.
const SESSION: &str = "session";
const DOCUMENT: &str = "document";

/// A folder with the files of windows.
#[derive(Clone, Debug)]
pub struct Autosaves {
    folder: PathBuf,
}

/// The files of this window.
#[derive(Debug)]
pub struct Autosave {
    /// Whatever its ending.
    file: PathBuf,
    _lock: Lock,
}

/// What a window that is gone has left.
pub type LeftSession = Left<AboutSession>;

/// What a session is of, to offer it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutSession {
    /// The name of its data.
    pub name: String,
    /// How many runs it has.
    pub runs: usize,
    /// The file it was saved to before.
    pub path: Option<PathBuf>,
}

impl Autosaves {
    /// A folder, made when it is needed.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The folder of the user's data; none for users without a home.
    pub fn of_user() -> Option<Self> {
        let folders = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"))?;
        Some(Self::at(&folders.data_local_dir().join("sessions")))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Files for a window.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn take(&self) -> io::Result<Autosave> {
        fs::create_dir_all(&self.folder)?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let since = since.unwrap_or_default().as_micros();
        for number in 0..1_000_u128 {
            let name = format!("{}-{}", process::id(), since + number);
            let file = self.folder.join(name);
            if let Some(_lock) = Lock::take(&file.with_extension(LOCK))? {
                return Ok(Autosave { file, _lock });
            }
        }
        Err(io::Error::other("every name for a session is taken"))
    }

    /// Deletes what windows that are gone have left.
    pub fn clear(&self) {
        left::clear(&self.folder, SESSION, &[DOCUMENT]);
    }

    /// Sessions of windows that are gone, the latest first; what is older than 30 days is deleted. What cannot be read is left out.
    pub fn left(&self) -> Vec<LeftSession> {
        left::all(&self.folder, SESSION, &[DOCUMENT])
    }
}

impl Autosave {
    /// The files of a window that is gone, for this one; `None` if another has them.
    ///
    /// # Errors
    /// If they cannot be locked.
    pub fn adopt(left: &LeftSession) -> io::Result<Option<Self>> {
        let lock = Lock::take(&left.file().with_extension(LOCK))?;
        Ok(lock.map(|_lock| Self {
            file: left.file().to_owned(),
            _lock,
        }))
    }

    /// Writes a session.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(
        &self,
        about: &AboutSession,
        page: Page,
        document: &Document,
        shelf: &Shelf,
    ) -> io::Result<()> {
        let file = self.file.with_extension(SESSION);
        session::write(&file, page, document, shelf, false)?;
        // A path that is not Unicode cannot be written.
        let about = serde_json::to_vec(about).or_else(|_| {
            serde_json::to_vec(&AboutSession {
                path: None,
                ..about.clone()
            })
        });
        let about = about.map_err(io::Error::other)?;
        atomic::write(self.file.with_extension(ABOUT), |out| out.write_all(&about))?;
        // The session has a later one now.
        match fs::remove_file(self.file.with_extension(DOCUMENT)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes the document of a session that was written before.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write_document(&self, page: Page, document: &Document) -> io::Result<()> {
        session::write_document(&self.file.with_extension(DOCUMENT), page, document)
    }

    /// Deletes what was written.
    pub fn clear(&self) {
        left::delete(&self.file.with_extension(SESSION), &[DOCUMENT]);
    }
}

impl LeftSession {
    /// Reads it.
    ///
    /// # Errors
    /// See [`CapsuleError`].
    pub fn read(&self) -> Result<Session, CapsuleError> {
        let mut session = Session::read(self.file())?;
        session.take_document(&self.file().with_extension(DOCUMENT));
        Ok(session)
    }

    /// Deletes it, unless a window has it.
    pub fn forget(&self) {
        self.delete(&[DOCUMENT]);
    }
}
