//! Values in files without a name.

use std::{fs::File, io, path::PathBuf, sync::OnceLock};

use bytemuck::Pod;

/// A file without a name that holds values of one type, one after the other; it goes away with this.
#[derive(Debug)]
pub(crate) struct Spill {
    file: File,
    /// Bytes so far, of a file that grows.
    length: u64,
    /// The first failure to read.
    failed: OnceLock<io::Error>,
}

impl Spill {
    /// An empty file.
    pub fn create() -> io::Result<Self> {
        Ok(Self {
            file: create_file()?,
            length: 0,
            failed: OnceLock::new(),
        })
    }

    /// Writes values, the first of them as number `at`.
    pub fn write<T: Pod>(&self, at: u64, values: &[T]) -> io::Result<()> {
        let offset = at * size_of::<T>() as u64;
        write_at(&self.file, bytemuck::cast_slice(values), offset)
    }

    /// Writes values behind what is there.
    pub fn append<T: Pod>(&mut self, values: &[T]) -> io::Result<()> {
        write_at(&self.file, bytemuck::cast_slice(values), self.length)?;
        self.length += size_of_val(values) as u64;
        Ok(())
    }

    /// Reads values from number `at` on, and whether that went well.
    pub fn read<T: Pod>(&self, at: u64, values: &mut [T]) -> bool {
        let offset = at * size_of::<T>() as u64;
        let read = read_at(&self.file, bytemuck::cast_slice_mut(values), offset);
        read.map_err(|error| self.failed.set(error)).is_ok()
    }

    /// Whether everything could be read so far.
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
fn create_file() -> io::Result<File> {
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

fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
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
    fn what_cannot_be_read_is_said() {
        let mut spill = Spill::create().unwrap();
        spill.append(&[1.0_f32]).unwrap();
        spill.append(&[2.0_f32]).unwrap();
        let mut row = [0.0_f32; 2];
        assert!(spill.read(0, &mut row));
        assert_eq!(row, [1.0, 2.0]);
        spill.check().unwrap();
        assert!(!spill.read(3, &mut row));
        let error = spill.check().unwrap_err();
        assert!(error.to_string().contains("kept on disk"), "{error}");
    }
}
