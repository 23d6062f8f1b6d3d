//! Values in a file of their own.

use std::{fs::File, io, path::PathBuf, sync::OnceLock};

/// A file without a name that holds a samples x features matrix; it goes away with this.
#[derive(Debug)]
pub(super) struct Spill {
    file: File,
    samples: usize,
    features: usize,
    /// The first failure to read.
    failed: OnceLock<io::Error>,
}

impl Spill {
    /// An empty file for so many values.
    pub fn create(samples: usize, features: usize) -> io::Result<Self> {
        Ok(Self::of(create_file()?, samples, features))
    }

    /// The values in a file.
    pub fn of(file: File, samples: usize, features: usize) -> Self {
        Self {
            file,
            samples,
            features,
            failed: OnceLock::new(),
        }
    }

    pub fn dim(&self) -> (usize, usize) {
        (self.samples, self.features)
    }

    fn offset(&self, row: usize) -> u64 {
        row as u64 * self.features as u64 * size_of::<f32>() as u64
    }

    /// Writes whole rows from `row` on.
    pub fn write(&self, row: usize, values: &[f32]) -> io::Result<()> {
        write_at(&self.file, bytemuck::cast_slice(values), self.offset(row))
    }

    /// Reads whole rows from `row` on; NaN if that fails.
    pub fn read(&self, row: usize, values: &mut [f32]) {
        let bytes = bytemuck::cast_slice_mut(values);
        if let Err(error) = read_at(&self.file, bytes, self.offset(row)) {
            values.fill(f32::NAN);
            _ = self.failed.set(error);
        }
    }

    pub fn check(&self) -> io::Result<()> {
        match self.failed.get() {
            None => Ok(()),
            Some(error) => Err(io::Error::new(
                error.kind(),
                format!("values kept on disk could not be read back: {error}"),
            )),
        }
    }
}

/// A file without a name, in the user's cache and nowhere else: the folder for temporary files is often in memory, which is
/// what there was not enough of.
pub(super) fn create_file() -> io::Result<File> {
    let folder = folder()?;
    std::fs::create_dir_all(&folder)
        .and_then(|()| tempfile::tempfile_in(&folder))
        .map_err(in_cache)
}

fn folder() -> io::Result<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "hdumec");
    let none = || io::Error::new(io::ErrorKind::NotFound, "you have no home folder");
    folders.map(|f| f.cache_dir().to_owned()).ok_or_else(none)
}

/// An error with the folder it is about.
fn in_cache(error: io::Error) -> io::Error {
    match folder() {
        Ok(folder) => {
            let text = format!("{error}, in the cache folder '{}'", folder.display());
            io::Error::new(error.kind(), text)
        }
        Err(_) => error,
    }
}

pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    write_raw(file, bytes, offset).map_err(in_cache)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(unix)]
fn write_raw(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(windows)]
fn write_raw(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_write(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            written => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_no_number_and_said() {
        let spill = Spill::create(4, 2).unwrap();
        spill.write(0, &[1.0, 2.0]).unwrap();
        let mut row = [0.0; 2];
        spill.read(0, &mut row);
        assert_eq!(row, [1.0, 2.0]);
        spill.check().unwrap();
        spill.read(3, &mut row);
        assert!(row.iter().all(|x| x.is_nan()));
        let error = spill.check().unwrap_err();
        assert!(error.to_string().contains("kept on disk"), "{error}");
    }
}
