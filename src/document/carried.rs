//! The files of data inside a session: as they were, so that they are read in the same way again, and their preparation can be changed.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::LoadedData;
use crate::{
    io::Source,
    store::lock::{Lock, PREFIX},
    words::{hex, memory_in_words},
};

/// Bytes that a session carries at most: it is held in memory while it is written and read.
const MOST: u64 = 1 << 30;

/// The files of one data set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Carried {
    files: Vec<CarriedFile>,
    /// Where the files and folders stand that were opened, as names from the folder that holds all of them.
    paths: Vec<Place>,
    labels: Option<Place>,
}

/// Names of folders, and of a file at last.
type Place = Vec<String>;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct CarriedFile {
    place: Place,
    #[serde(with = "crate::store::bits")]
    bytes: Vec<u8>,
}

/// Files that were unpacked; they go away with this.
#[derive(Debug)]
pub struct Unpacked {
    /// The session that carries them.
    pub session: PathBuf,
    folder: TempDir,
    _lock: Lock,
}

/// Bytes of the files of data, if a session may carry them.
///
/// # Errors
/// Why it may not, as a sentence.
pub fn size(data: &LoadedData) -> Result<u64, String> {
    if let Source::Demo(_) | Source::DemoPart(..) = data.source {
        return Err("The demo is inside the program.".into());
    }
    let bytes = data.inputs.files.iter().map(|file| file.bytes).sum();
    match bytes {
        ..=MOST => Ok(bytes),
        _ => Err(format!(
            "They take {}; a session carries {} at most.",
            memory_in_words(bytes),
            memory_in_words(MOST)
        )),
    }
}

impl Carried {
    /// Reads the files of data.
    ///
    /// # Errors
    /// If they cannot be read, have changed since, are too large, or have names that cannot be written.
    pub fn of(data: &LoadedData) -> io::Result<Self> {
        size(data).map_err(io::Error::other)?;
        let Source::Files(spec) = &data.source else {
            return Ok(Self::default());
        };
        let files = data.inputs.files.iter();
        let all = files.clone().map(|file| &file.path);
        let all: Vec<&PathBuf> = all.chain(&spec.paths).chain(&spec.labels).collect();
        let root = folder_of_all(&all);
        let place = |path: &Path| place(&root, path);
        let read = files.map(|file| {
            let bytes = fs::read(&file.path)?;
            if hex(&Sha256::digest(&bytes)) != file.sha256 {
                let text = format!("'{}' has changed since it was loaded", file.path.display());
                return Err(io::Error::other(text));
            }
            Ok(CarriedFile {
                place: place(&file.path)?,
                bytes,
            })
        });
        let files = read.collect::<io::Result<_>>()?;
        let paths = spec.paths.iter().map(|path| place(path));
        Ok(Self {
            files,
            paths: paths.collect::<io::Result<_>>()?,
            labels: spec.labels.as_deref().map(place).transpose()?,
        })
    }

    /// Writes the files into a folder of their own, and gives the source that reads them there.
    ///
    /// # Errors
    /// If they cannot be written, or a place leads elsewhere.
    pub fn unpack(&self, source: &Source, session: &Path) -> io::Result<(Source, Unpacked)> {
        let folders = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"));
        let none = || io::Error::new(io::ErrorKind::NotFound, "you have no home folder");
        let cache = folders.ok_or_else(none)?.cache_dir().join("sessions");
        fs::create_dir_all(&cache)?;
        clear_left_behind(&cache);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&cache)?;
        let busy = || io::Error::other("its lock is taken");
        let lock = Lock::take(&lock_of(folder.path()))?.ok_or_else(busy)?;
        let root = folder.path();
        for file in &self.files {
            let path = inside(root, &file.place)?;
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, &file.bytes)?;
        }
        let mut source = source.clone();
        if let Source::Files(spec) = &mut source {
            let paths = self.paths.iter().map(|place| inside(root, place));
            spec.paths = paths.collect::<io::Result<_>>()?;
            let labels = self.labels.as_ref().map(|place| inside(root, place));
            spec.labels = labels.transpose()?;
        }
        let unpacked = Unpacked {
            session: session.to_owned(),
            folder,
            _lock: lock,
        };
        Ok((source, unpacked))
    }
}

impl Unpacked {
    /// Where they are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// The folder above the deepest one that holds all of these: the name of what was opened stays.
fn folder_of_all(paths: &[&PathBuf]) -> PathBuf {
    let mut paths = paths.iter();
    let first = paths.next().map(|path| path.as_path());
    let mut common = first.unwrap_or(Path::new("")).to_owned();
    for path in paths {
        while !path.starts_with(&common) && common.pop() {}
    }
    common.pop();
    common
}

/// The names that lead from a folder to a path inside it.
fn place(root: &Path, path: &Path) -> io::Result<Place> {
    let inside = path.strip_prefix(root).map_err(io::Error::other)?;
    let names = inside.components().map(|name| match name {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    });
    names.collect::<Option<_>>().ok_or_else(|| {
        let text = format!("the name of '{}' cannot be written", path.display());
        io::Error::other(text)
    })
}

/// The path of a place inside a folder, wherever a hostile file would have it.
fn inside(root: &Path, place: &Place) -> io::Result<PathBuf> {
    let is_name = |name: &String| {
        let mut parts = Path::new(name).components();
        let one = parts.next() == Some(Component::Normal(OsStr::new(name)));
        one && parts.next().is_none() && !name.contains(['/', '\\', ':'])
    };
    match place.iter().all(is_name) {
        true => Ok(place.iter().fold(root.to_owned(), |at, name| at.join(name))),
        false => Err(io::Error::other("a file of the session leads out of it")),
    }
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

/// Deletes what processes that are gone have unpacked.
fn clear_left_behind(cache: &Path) {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    for folder in entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        // Between its making and its locking nobody else can take it for left behind: it has no lock file yet.
        if Lock::left_behind(&lock_of(&folder)).is_some() {
            _ = fs::remove_dir_all(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stay_inside() {
        let root = Path::new("/tmp/root");
        let place = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let good: Place = place(&["pbmc", "rna.csv"]);
        assert_eq!(inside(root, &good).unwrap(), root.join("pbmc/rna.csv"));
        for bad in [
            &["..", "x"][..],
            &["/etc", "x"],
            &["a/../../x"],
            &["a\\x"],
            &["c:x"],
            &[".", "x"],
            &[""],
        ] {
            assert!(inside(root, &place(bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_name_of_what_was_opened_stays() {
        let of = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            folder_of_all(&paths.iter().collect::<Vec<_>>())
        };
        assert_eq!(of(&["/a/pbmc", "/a/pbmc/rna.csv"]), Path::new("/a"));
        assert_eq!(of(&["/a/b/rna.csv", "/a/b/labels.csv"]), Path::new("/a"));
        assert_eq!(of(&["/a/b/rna.csv", "/a/c/labels.csv"]), Path::new("/"));
        assert_eq!(of(&["/a/b/rna.csv"]), Path::new("/a/b"));
    }
}
