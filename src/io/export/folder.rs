//! A folder that gets all its files at once or none.
//!
//! A new folder is filled under another name beside its place and renamed. A folder that is there already (an empty
//! one, or earlier results) stays, for it may be a mount point, the working directory, or hold files of the user's:
//! the new files are written into a hidden folder inside, the old ones of the same names are moved into that folder,
//! the new ones take their places, and only then are the old ones deleted. A failed move is undone.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{ExportSpec, FILES, RUN};
use crate::error::Error;

/// What is at the place for the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    EmptyFolder,
    Results,
}

/// Whether results can go there: to be asked before an analysis, not only after it.
///
/// # Errors
/// [`Error::Exists`] if there are results already and `replace` is not set; [`Error::Foreign`] if it
/// holds something else, which is never replaced; [`Error::Write`] if it is no folder.
pub fn check(spec: &ExportSpec) -> Result<(), Error> {
    place(spec)?;
    // The nearest folder that is there must be one that can be written to.
    let there = spec.directory.ancestors().find(|a| a.is_dir());
    tempfile::Builder::new()
        .prefix(".hdumec-")
        .tempdir_in(there.unwrap_or(Path::new(".")))
        .map(drop)
        .map_err(|source| Error::Write {
            path: spec.directory.clone(),
            source,
        })
}

fn place(spec: &ExportSpec) -> Result<Place, Error> {
    let directory = &spec.directory;
    let failed = |source| Error::Write {
        path: directory.clone(),
        source,
    };
    if directory.as_os_str().is_empty() {
        let message = "the folder has no name";
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, message)));
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
        // What file managers leave behind is nobody's work.
        empty &= name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini";
    }
    if empty {
        Ok(Place::EmptyFolder)
    } else if !directory.join(RUN).is_file() {
        Err(Error::Foreign(directory.clone()))
    } else if !spec.replace {
        Err(Error::Exists(directory.clone()))
    } else {
        Ok(Place::Results)
    }
}

/// A hidden folder to be filled. Dropped without [`Staging::finish`], it is deleted.
pub(super) struct Staging {
    temporary: TempDir,
    directory: PathBuf,
    place: Place,
}

impl Staging {
    pub fn begin(spec: &ExportSpec) -> Result<Self, Error> {
        let place = place(spec)?;
        let directory = spec.directory.clone();
        let failed = |source| Error::Write {
            path: directory.clone(),
            source,
        };
        let beside = match directory.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let root = if place == Place::Free {
            beside
        } else {
            directory.as_path()
        };
        fs::create_dir_all(root).map_err(failed)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".hdumec-");
        // A temporary folder would be private to its owner; results should be as readable as any other folder.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            builder.permissions(fs::Permissions::from_mode(0o777));
        }
        let temporary = builder.tempdir_in(root).map_err(failed)?;
        if place != Place::Free {
            for part in [NEW, OLD] {
                fs::create_dir(temporary.path().join(part)).map_err(failed)?;
            }
        }
        Ok(Self {
            temporary,
            directory,
            place,
        })
    }

    /// Where to write.
    pub fn path(&self) -> PathBuf {
        match self.place {
            Place::Free => self.temporary.path().to_path_buf(),
            Place::EmptyFolder | Place::Results => self.temporary.path().join(NEW),
        }
    }

    /// Moves the written files in place.
    pub fn finish(self, written: &[&str]) -> Result<(), Error> {
        let failed = |source| Error::Write {
            path: self.directory.clone(),
            source,
        };
        if self.place == Place::Free {
            fs::rename(self.temporary.path(), &self.directory).map_err(failed)?;
            // Its place is its own now: there is nothing left to delete.
            _ = self.temporary.keep();
            return Ok(());
        }
        let root = self.temporary.path();
        // `run.json` goes last and comes first, so that whatever interrupts this, the folder still looks like results.
        let away = FILES
            .iter()
            .rev()
            .map(|name| (self.directory.join(name), root.join(OLD).join(name)));
        let here = written
            .iter()
            .map(|name| (root.join(NEW).join(name), self.directory.join(name)));
        let moves = away
            .filter(|(from, _)| fs::symlink_metadata(from).is_ok())
            .chain(here);
        if let Err((error, undone)) = move_all(moves.collect()) {
            if !undone {
                // Better litter than a loss: the old files are still in there.
                _ = self.temporary.keep();
            }
            return Err(failed(error));
        }
        // The results are in place; old files that resist deletion are no reason to report a failure.
        _ = self.temporary.close();
        Ok(())
    }
}

const NEW: &str = "new";
const OLD: &str = "old";

/// Renames in order; at a failure, back in reverse. Says whether that worked.
fn move_all(moves: Vec<(PathBuf, PathBuf)>) -> Result<(), (io::Error, bool)> {
    for (done, (from, to)) in moves.iter().enumerate() {
        if let Err(error) = fs::rename(from, to) {
            let mut undone = true;
            for (from, to) in moves[..done].iter().rev() {
                undone &= fs::rename(to, from).is_ok();
            }
            return Err((error, undone));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(directory: PathBuf, replace: bool) -> ExportSpec {
        ExportSpec { directory, replace }
    }

    fn put(folder: &Path, name: &str, text: &str) {
        fs::write(folder.join(name), text).unwrap();
    }

    fn read(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap_or_default()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn results(folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        put(folder, RUN, "old");
        put(folder, "umap.csv", "old");
        put(folder, "notes.txt", "mine");
    }

    #[test]
    fn a_new_folder_appears_complete() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("deep").join("results");
        let staging = Staging::begin(&spec(target.clone(), false)).unwrap();
        put(&staging.path(), RUN, "new");
        assert!(!target.exists());
        staging.finish(&[RUN]).unwrap();
        assert_eq!(read(&target, RUN), "new");
        assert_eq!(names(&root.path().join("deep")), ["results"]);
    }

    #[test]
    fn an_abandoned_export_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        for target in [root.path().join("new"), root.path().to_path_buf()] {
            drop(Staging::begin(&spec(target, false)).unwrap());
            assert!(names(root.path()).is_empty());
        }
    }

    #[test]
    fn earlier_results_are_replaced_only_when_allowed_and_other_files_stay() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("results");
        results(&target);
        let refused = check(&spec(target.clone(), false));
        assert!(matches!(refused, Err(Error::Exists(_))));
        let staging = Staging::begin(&spec(target.clone(), true)).unwrap();
        put(&staging.path(), RUN, "new");
        assert_eq!(read(&target, RUN), "old");
        staging.finish(&[RUN]).unwrap();
        assert_eq!(read(&target, RUN), "new");
        // The table of the earlier run does not survive beside the new run.json.
        assert_eq!(names(&target), ["notes.txt", RUN]);
    }

    #[test]
    fn a_failure_at_the_last_moment_brings_everything_back() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("results");
        results(&target);
        let staging = Staging::begin(&spec(target.clone(), true)).unwrap();
        put(&staging.path(), RUN, "new");
        assert!(staging.finish(&[RUN, "never written"]).is_err());
        assert_eq!(read(&target, RUN), "old");
        assert_eq!(read(&target, "umap.csv"), "old");
        assert_eq!(names(&target), ["notes.txt", RUN, "umap.csv"]);
    }

    #[test]
    fn other_folders_are_never_replaced() {
        let root = tempfile::tempdir().unwrap();
        put(root.path(), "thesis.txt", "mine");
        let refused = Staging::begin(&spec(root.path().to_path_buf(), true)).err();
        assert!(matches!(&refused, Some(Error::Foreign(_))), "{refused:?}");
        let file = root.path().join("thesis.txt");
        assert!(check(&spec(file, true)).is_err());
        assert!(check(&spec(PathBuf::new(), true)).is_err());
        assert_eq!(names(root.path()), ["thesis.txt"]);
    }
}
