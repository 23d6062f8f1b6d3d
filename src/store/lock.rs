//! Files that are locked as long as their owner lives.
//!
//! The system lets go of a lock however its owner ends. A file of ours whose lock can be taken was left behind by a
//! process that was killed, and may be deleted; one whose lock is held is never touched.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How the names of all hidden files and folders begin that hdumec makes for a while.
pub(crate) const PREFIX: &str = ".hdumec-";

/// A lock is tried this often: whoever looks whether it is held has it for a moment.
const TRIES: u32 = 20;

const BETWEEN: Duration = Duration::from_millis(25);

/// A hidden file, locked by this process and deleted with this.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Makes the file and locks it; `None` if somebody else holds it.
    pub fn take(path: &Path) -> io::Result<Option<Self>> {
        for _ in 0..TRIES {
            let file = open(path, true)?;
            if claim(&file, path) {
                let path = path.to_owned();
                return Ok(Some(Self { path, file }));
            }
            thread::sleep(BETWEEN);
        }
        Ok(None)
    }

    /// Takes over a file whose owner is gone; dropped, it is deleted.
    pub fn left_behind(path: &Path) -> Option<Self> {
        let file = open(path, false).ok()?;
        // Made only if it is ours: whatever this is made for is deleted with it.
        (file.try_lock().is_ok() && is_still(&file, path)).then(|| Self {
            path: path.to_owned(),
            file,
        })
    }

    /// Whether somebody holds it.
    pub fn held(path: &Path) -> bool {
        open(path, false).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Whether the file is still at its place.
    pub fn stands(&self) -> bool {
        is_still(&self.file, &self.path)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where it was deleted already, another may have made its own there.
        if self.stands() {
            _ = fs::remove_file(&self.path);
        }
    }
}

/// Locks an open file, unless somebody else holds it or it was deleted meanwhile.
///
/// Some network disks know no locks. There, two owners are not told apart, and nothing left behind is cleaned.
pub(crate) fn claim(file: &File, path: &Path) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) && is_still(file, path)
}

fn open(path: &Path, make: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let opened = options.read(true).write(true).create(make).open(path);
    match opened {
        // A file of another user's can still be looked at.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            File::open(path).map_err(|_| error)
        }
        opened => opened,
    }
}

#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Makes sure that names given or changed in a folder survive a power cut, where the system can.
pub(crate) fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = folder;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_of_one_owner_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".hdumec-lock");
        let first = Lock::take(&path).unwrap().unwrap();
        assert!(Lock::held(&path) && Lock::take(&path).unwrap().is_none());
        assert!(Lock::left_behind(&path).is_none() && path.exists());
        drop(first);
        assert!(!path.exists() && !Lock::held(&path));

        // Left behind: the file is there, but nobody holds it.
        fs::write(&path, "").unwrap();
        assert!(!Lock::held(&path));
        drop(Lock::left_behind(&path).unwrap());
        assert!(!path.exists());

        // Who lost the file does not delete that of the next one.
        let first = Lock::take(&path).unwrap().unwrap();
        fs::remove_file(&path).unwrap();
        let second = Lock::take(&path).unwrap().unwrap();
        assert!(!first.stands() && second.stands());
        drop(first);
        assert!(second.stands());
    }
}
