//! What processes that are gone have left: files, each with what it is of in JSON beside it, and a lock that its owner holds.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde::de::DeserializeOwned;

use super::{capsule, lock::Lock};

/// What nobody came back to in this time is deleted.
const FORGOTTEN: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How the names of the files beside it end.
pub(crate) const ABOUT: &str = "json";
pub(crate) const LOCK: &str = "lock";

/// Something that a process that is gone has left. Two are the same if their files are.
#[derive(Clone, Debug)]
pub struct Left<About> {
    /// What it is of.
    pub about: About,
    /// Since when nothing came of it.
    pub since: Duration,
    file: PathBuf,
}

impl<About> PartialEq for Left<About> {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

impl<About> Left<About> {
    /// Its file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Deletes it with the files beside it that end so, unless a process has it.
    pub(crate) fn delete(&self, beside: &[&str]) {
        if let Ok(Some(_lock)) = Lock::take(&self.file.with_extension(LOCK)) {
            delete(&self.file, beside);
        }
    }
}

/// All in a folder whose files end so, the latest first. What is older than 30 days is deleted with the files `beside` it; what cannot be
/// read is left out. Locks that nobody holds and that are of nothing are deleted.
pub(crate) fn all<About: DeserializeOwned>(
    folder: &Path,
    ending: &str,
    beside: &[&str],
) -> Vec<Left<About>> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    let locks = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == LOCK));
    let alone = locks.filter(|path| is_our_lock(path) && !path.with_extension(ending).exists());
    alone.for_each(|path| drop(Lock::left_behind(path)));
    let ours = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == ending));
    let (old, mut left): (Vec<_>, Vec<_>) = ours
        .filter_map(|path| at(path))
        .partition(|left: &Left<About>| left.since > FORGOTTEN);
    old.iter().for_each(|left| left.delete(beside));
    left.sort_by_key(|left| left.since);
    left
}

/// Deletes all in a folder whose files end so, with the files `beside` them, but for what a process has and what is not hdumec's own: the
/// folder may be one of the user's.
pub(crate) fn clear(folder: &Path, ending: &str, beside: &[&str]) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let ours = paths
        .filter(|path| path.extension().is_some_and(|end| end == ending) && capsule::is_any(path));
    for path in ours {
        if let Ok(Some(_lock)) = Lock::take(&path.with_extension(LOCK)) {
            delete(&path, beside);
        }
    }
}

/// Whether a lock is one of hdumec's: an empty file that is called by a number. Others have files of that ending, too.
fn is_our_lock(path: &Path) -> bool {
    let name = path.file_stem().map(|name| name.to_string_lossy());
    let number = |letter: u8| letter.is_ascii_hexdigit() || letter == b'-';
    let ours = name.is_some_and(|name| name.len() >= 16 && name.bytes().all(number));
    ours && fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == 0)
}

/// What was left in a file, if no process has it.
fn at<About: DeserializeOwned>(file: &Path) -> Option<Left<About>> {
    if Lock::held(&file.with_extension(LOCK)) {
        return None;
    }
    let about = fs::read(file.with_extension(ABOUT)).ok()?;
    let written = fs::metadata(file).and_then(|found| found.modified()).ok()?;
    Some(Left {
        about: serde_json::from_slice(&about).ok()?,
        since: SystemTime::now()
            .duration_since(written)
            .unwrap_or_default(),
        file: file.to_owned(),
    })
}

/// Deletes a file, what it is of, and the files beside it that end so.
pub(crate) fn delete(file: &Path, beside: &[&str]) {
    let beside = beside.iter().chain([&ABOUT]);
    let beside = beside.map(|ending| file.with_extension(ending));
    for path in beside.chain([file.to_owned()]) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("'{}' could not be deleted: {error}", path.display());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::capsule::Kind;

    #[test]
    fn what_is_not_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let foreign = [
            "Cargo.lock",
            "mine.run",
            "0123456789abcdef0.lock",
            "settings.json",
        ];
        for name in foreign {
            fs::write(path(name), "mine").unwrap();
        }
        fs::write(path("empty.lock"), "").unwrap();
        let kind = Kind {
            name: *b"test    ",
            version: 1,
        };
        let (ours, old) = (path("00000000000000aa.run"), path("00000000000000bb.lock"));
        capsule::write(&ours, kind, &1).unwrap();
        fs::write(ours.with_extension(ABOUT), "7").unwrap();
        fs::write(&old, "").unwrap();
        let left: Vec<Left<u32>> = all(folder.path(), "run", &[]);
        assert_eq!((left.len(), left[0].about, left[0].file()), (1, 7, &*ours));
        assert!(!old.exists(), "a lock of nothing goes");
        // Somebody has it.
        let held = Lock::take(&ours.with_extension(LOCK)).unwrap().unwrap();
        assert!(all::<u32>(folder.path(), "run", &[]).is_empty());
        drop(held);
        clear(folder.path(), "run", &[]);
        assert!(!ours.exists() && !ours.with_extension(ABOUT).exists());
        for name in foreign.into_iter().chain(["empty.lock"]) {
            assert!(path(name).exists(), "{name}");
        }
    }
}
