//! A first look at a file or folder.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use super::FormatError;

/// Bytes of a file that are looked at.
const HEAD: u64 = 4096;

/// Entries of a folder that are looked at.
const ENTRIES: usize = 100_000;

/// What a file or folder looks like from outside.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// The path.
    pub path: PathBuf,
    /// The first bytes of a file.
    pub head: Vec<u8>,
    /// Names of a folder's entries, sorted; `None` for a file.
    pub entries: Option<Vec<String>>,
}

impl Look {
    /// Looks at a file or folder.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn at(path: &Path) -> Result<Self, FormatError> {
        let failed = |source| FormatError::Read {
            path: path.to_owned(),
            source,
        };
        let mut look = Self {
            path: path.to_owned(),
            ..Self::default()
        };
        if fs::metadata(path).map_err(failed)?.is_dir() {
            let mut names = Vec::new();
            for entry in fs::read_dir(path).map_err(failed)?.take(ENTRIES) {
                names.push(
                    entry
                        .map_err(failed)?
                        .file_name()
                        .to_string_lossy()
                        .into_owned(),
                );
            }
            names.sort();
            look.entries = Some(names);
        } else {
            let file = open_regular(path).map_err(failed)?;
            file.take(HEAD)
                .read_to_end(&mut look.head)
                .map_err(failed)?;
        }
        Ok(look)
    }

    /// Whether it is an HDF5 file: its signature stands at byte 0, or, behind a user block, at 512, 1024 or 2048.
    pub fn is_hdf5(&self) -> bool {
        const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";
        let at = |at: usize| {
            self.head
                .get(at..)
                .is_some_and(|rest| rest.starts_with(MAGIC))
        };
        [0, 512, 1024, 2048].into_iter().any(at)
    }

    /// The name of the file or folder.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Opens a file, but no pipe or device: whoever reads those may wait for ever.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => {
            let what = "it is a folder, a pipe or a device, not a file";
            Err(io::Error::new(io::ErrorKind::InvalidInput, what))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::format::{Format as _, MatrixMarket, ReadPlan, packed};
    use crate::job::CancelToken;

    #[test]
    fn pipes_and_devices_are_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("genes.txt");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        assert!(Look::at(&pipe).is_err() && packed::open(&pipe, 1).is_err());
        assert!(Look::at(Path::new("/dev/zero")).is_err());
        // Beside a matrix, where names are looked for.
        let matrix = folder.path().join("m.mtx");
        let text = "%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 1\n";
        fs::write(&matrix, text).unwrap();
        let plan = ReadPlan {
            memory: 1 << 24,
            ..ReadPlan::default()
        };
        assert!(
            MatrixMarket
                .read(&matrix, &plan, &CancelToken::new())
                .is_err()
        );
    }
}
