//! A folder that gets all its files at once or none.
//!
//! A new folder is filled under another name beside its place and renamed. A folder that is there already (an empty
//! one, or earlier results) stays, for it may be a mount point, the working directory, or hold files of the user's:
//! `swap` exchanges the files in it.
//!
//! A hidden file is locked from before the analysis until the files are in place: inside the folder, or beside it as long
//! as it is not there. It tells a second run that the place is taken, and whoever holds it knows that what else is hidden
//! there was left behind by a run that was killed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{ExportSpec, RUN, swap};
use crate::{
    error::Error,
    store::lock::{Lock, PREFIX, sync_folder},
};

/// The lock inside a folder.
const LOCK: &str = ".hdumec-lock";

/// What is at the place for the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    /// An empty folder, or results that may be replaced.
    Folder,
}

/// The place for results, held for one run.
#[derive(Debug)]
pub struct Reservation {
    spec: ExportSpec,
    hold: Option<Hold>,
}

/// Takes the place for results: to be done before an analysis, not only after it. What a killed run left there is
/// cleaned up first.
///
/// # Errors
/// [`Error::Exists`] if there are results already and `replace` is not set; [`Error::Foreign`] if it holds something
/// else, which is never replaced; [`Error::InTheWay`] if something else than a file has the name of a result;
/// [`Error::Busy`] if another run is to write there; [`Error::Write`] if it is no folder or cannot be written to.
pub fn reserve(spec: &ExportSpec) -> Result<Reservation, Error> {
    let directory = &spec.directory;
    // Nothing is written into a folder that is refused.
    if !swap::is_torn(directory) {
        place(spec)?;
    }
    let hold = hold(directory)?;
    swap::finish(directory)?;
    place(spec)?;
    Ok(Reservation {
        spec: spec.clone(),
        hold: Some(hold),
    })
}

/// Takes a new or empty folder: this one, or the first that is free with a number behind its name, counted from `first`.
///
/// # Errors
/// [`Error::Write`] if it cannot be written to.
pub fn reserve_free(wanted: &Path, first: usize) -> Result<Reservation, Error> {
    let mut number = first.max(1);
    loop {
        let mut directory = wanted.as_os_str().to_owned();
        if number > 1 {
            directory.push(format!("-{number}"));
        }
        let spec = ExportSpec {
            directory: directory.into(),
            replace: false,
        };
        match reserve(&spec) {
            Err(Error::Exists(_) | Error::Foreign(_) | Error::Busy(_) | Error::InTheWay(_)) => {}
            // A file or a link has the name.
            Err(Error::Write { path, .. })
                if fs::read_dir(&path).is_err() && fs::symlink_metadata(&path).is_ok() => {}
            other => return other,
        }
        number += 1;
    }
}

/// Finishes or takes back what a killed run left half done in a folder; without a name, in the working directory.
///
/// # Errors
/// [`Error::Busy`] if it is not dead but at work, [`Error::Write`], [`Error::InTheWay`].
pub fn recover(directory: &Path) -> Result<(), Error> {
    let directory = match directory.as_os_str().is_empty() {
        true => Path::new("."),
        false => directory,
    };
    if !swap::is_torn(directory) {
        return Ok(());
    }
    let _hold = hold(directory)?;
    swap::finish(directory)
}

fn place(spec: &ExportSpec) -> Result<Place, Error> {
    let directory = &spec.directory;
    let failed = |source| write_error(directory, source);
    if directory.as_os_str().is_empty() {
        return Err(failed(no_name()));
    }
    let entries = match fs::read_dir(directory) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            // A link to nowhere is not free either.
            return match fs::symlink_metadata(directory) {
                Ok(_) => Err(failed(e)),
                Err(_) => Ok(Place::Free),
            };
        }
        entries => entries.map_err(failed)?,
    };
    let mut empty = true;
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        // What file managers and other runs leave behind is nobody's work.
        let hidden = name.to_str().is_some_and(|name| name.starts_with(PREFIX));
        empty &= hidden || name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini";
    }
    if empty {
        return Ok(Place::Folder);
    }
    if !is_ours(&directory.join(RUN)) {
        return Err(Error::Foreign(directory.clone()));
    }
    if !spec.replace {
        return Err(Error::Exists(directory.clone()));
    }
    swap::nothing_in_the_way(directory)?;
    Ok(Place::Folder)
}

/// Whether a `run.json` is one of hdumec's: other programs write files of that name too. One that was cut short is.
pub(super) fn is_ours(run: &Path) -> bool {
    let read = run.is_file().then(|| fs::read(run).ok()).flatten();
    read.is_some_and(|text| {
        let parsed = serde_json::from_slice::<serde_json::Value>(&text);
        parsed.map_or(true, |run| run["tool"]["name"] == env!("CARGO_PKG_NAME"))
    })
}

impl Reservation {
    /// The folder.
    pub fn directory(&self) -> &Path {
        &self.spec.directory
    }

    /// Makes a hidden folder to be filled.
    pub(super) fn stage(mut self) -> Result<Staging, Error> {
        let directory = self.spec.directory.clone();
        // Where the folder has come or gone since, another lock is the one that counts.
        let hold = match self.hold.take().filter(|hold| hold.stands(&directory)) {
            Some(hold) => hold,
            None => hold(&directory)?,
        };
        swap::finish(&directory)?;
        let place = place(&self.spec)?;
        let failed = |source| write_error(&directory, source);
        let path = match (place, Beside::of(&directory)) {
            (Place::Folder, _) => swap::begin(&directory),
            (Place::Free, Some(beside)) => beside.begin(),
            (Place::Free, None) => Err(no_name()),
        };
        let mut staging = Staging {
            path: PathBuf::new(),
            directory: directory.clone(),
            place,
            _hold: hold,
        };
        // What was made before a failure is deleted with it.
        staging.path = path.map_err(failed)?;
        Ok(staging)
    }
}

/// A hidden folder to be filled. Dropped without [`Staging::finish`], it is deleted.
pub(super) struct Staging {
    path: PathBuf,
    directory: PathBuf,
    place: Place,
    _hold: Hold,
}

impl Staging {
    /// Where to write.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the written files in place.
    pub fn finish(self, written: &[&str]) -> Result<(), Error> {
        let failed = |source| write_error(&self.directory, source);
        if self.place == Place::Folder {
            return swap::commit(&self.directory, written);
        }
        sync_folder(&self.path);
        swap::step();
        fs::rename(&self.path, &self.directory).map_err(failed)?;
        swap::step();
        sync_folder(parent(&self.directory));
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        match (self.place, Beside::of(&self.directory)) {
            (Place::Folder, _) => swap::abandon(&self.directory),
            // After it was renamed there is nothing there.
            (Place::Free, Some(beside)) => _ = fs::remove_dir_all(beside.new_folder()),
            (Place::Free, None) => {}
        }
    }
}

/// The lock of a place.
#[derive(Debug)]
struct Hold {
    lock: Lock,
    /// Whether it is inside the folder.
    inside: bool,
    /// Dropped after the lock, which is inside.
    _made: Made,
}

impl Hold {
    fn stands(&self, directory: &Path) -> bool {
        self.lock.stands() && self.inside == directory.is_dir()
    }
}

fn hold(directory: &Path) -> Result<Hold, Error> {
    let failed = |source| write_error(directory, source);
    let beside = Beside::of(directory);
    if let Some(beside) = &beside {
        beside.sweep();
    }
    let inside = directory.is_dir();
    let (path, made) = match beside {
        // Another run took it before it was there.
        Some(beside) if inside && Lock::held(&beside.lock()) => {
            return Err(Error::Busy(directory.to_owned()));
        }
        _ if inside => (directory.join(LOCK), Made::default()),
        Some(beside) => (
            beside.lock(),
            Made::folders(&beside.parent).map_err(failed)?,
        ),
        None => return Err(failed(no_name())),
    };
    let lock = Lock::take(&path).map_err(failed)?;
    swap::step();
    Ok(Hold {
        lock: lock.ok_or_else(|| Error::Busy(directory.to_owned()))?,
        inside,
        _made: made,
    })
}

/// Folders made on the way, deleted again where nothing came into them.
#[derive(Debug, Default)]
struct Made(Vec<PathBuf>);

impl Made {
    fn folders(folder: &Path) -> io::Result<Self> {
        let missing = folder
            .ancestors()
            .take_while(|a| !a.as_os_str().is_empty() && !a.exists());
        let made = Self(missing.map(PathBuf::from).collect());
        fs::create_dir_all(folder).map(|()| made)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            _ = fs::remove_dir(folder);
        }
    }
}

/// Hidden places beside a folder that is not there yet, named by a hash of its name.
struct Beside {
    parent: PathBuf,
    key: String,
}

impl Beside {
    /// None for `.`, `..` and `/`, which always are there.
    fn of(directory: &Path) -> Option<Self> {
        let hash = Sha256::digest(directory.file_name()?.as_encoded_bytes());
        Some(Self {
            parent: parent(directory).to_owned(),
            key: hash.iter().take(8).map(|b| format!("{b:02x}")).collect(),
        })
    }

    fn lock(&self) -> PathBuf {
        self.parent.join(format!("{PREFIX}{}.lock", self.key))
    }

    fn new_folder(&self) -> PathBuf {
        self.parent.join(format!("{PREFIX}{}.new", self.key))
    }

    fn begin(&self) -> io::Result<PathBuf> {
        let path = self.new_folder();
        // Ours alone: what is there was left behind.
        _ = fs::remove_dir_all(&path);
        fs::create_dir(&path)?;
        swap::step();
        Ok(path)
    }

    /// Deletes what runs into new folders left here when they were killed.
    fn sweep(&self) {
        let entries = fs::read_dir(&self.parent).into_iter().flatten().flatten();
        for entry in entries {
            let name = entry.file_name();
            let key = name
                .to_str()
                .and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(".lock"))
                .filter(|key| key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit()));
            let Some(key) = key else { continue };
            let left = Self {
                parent: self.parent.clone(),
                key: key.to_owned(),
            };
            // The lock is made before the folder and deleted after it.
            if let Some(_lock) = Lock::left_behind(&left.lock()) {
                _ = fs::remove_dir_all(left.new_folder());
            }
        }
    }
}

fn parent(directory: &Path) -> &Path {
    match directory.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn no_name() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "the folder has no name")
}

fn write_error(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
pub(super) mod tests;
