//! Files that are either complete or not there.

use std::{
    fs, io,
    io::{BufWriter, Write},
    path::Path,
};

use tempfile::NamedTempFile;

use super::lock::{self, Lock, PREFIX};

/// How the names of temporary files end.
const SUFFIX: &str = ".part";

/// Writes `path` through a temporary file in the same folder, renamed at the end: a crash, a full disk or an error
/// of `fill` leaves what was there before. Missing folders are created; what a killed process left of such a write
/// is deleted.
pub fn write(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    write_for(Readers::All, path.as_ref(), fill)
}

/// The same for a file that only its owner can read.
pub fn write_private(
    path: impl AsRef<Path>,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    write_for(Readers::Owner, path.as_ref(), fill)
}

/// Who can read a file.
#[derive(Clone, Copy)]
enum Readers {
    /// Whoever can read other new files.
    All,
    Owner,
}

fn write_for(
    readers: Readers,
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    sweep(folder);
    let mut file = BufWriter::with_capacity(1 << 16, temporary(folder, readers)?);
    fill(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    lock::sync_folder(folder);
    Ok(())
}

/// A temporary file that is locked as long as it is written to.
fn temporary(folder: &Path, readers: Readers) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    #[cfg(not(unix))]
    let _ = readers;
    // The temporary file would be private to its owner; a result should be as readable as any other new file.
    #[cfg(unix)]
    if let Readers::All = readers {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        // Another process that cleans up may have come between making and locking it.
        if lock::claim(file.as_file(), file.path()) {
            return Ok(file);
        }
    }
}

/// Deletes temporary files whose owner is gone.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = |name: &str| name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        if name.to_str().is_some_and(ours) {
            drop(Lock::left_behind(&entry.path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_litter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("a.txt");
        write(&path, |w| w.write_all(b"first")).unwrap();
        let failed = write(&path, |w| {
            w.write_all(b"half")?;
            Err(io::Error::other("no"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        let left = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1);
    }

    #[test]
    fn what_a_killed_writer_left_goes_and_what_a_live_one_writes_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path(".hdumec-dead00.part"), "half").unwrap();
        fs::write(path(".other.part"), "not ours").unwrap();
        write(path("outer.txt"), |w| {
            // A second writer in the same folder, while the first is at work.
            write(path("inner.txt"), |w| w.write_all(b"inner"))?;
            w.write_all(b"outer")
        })
        .unwrap();
        assert_eq!(fs::read(path("outer.txt")).unwrap(), b"outer");
        let mut left: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, [".other.part", "inner.txt", "outer.txt"]);
    }
}
