//! Files that hold a value as it was, with a checksum: a torn or damaged one is recognised before anything of it is used.
//!
//! A file begins with a mark and the kind and version of what it holds. That follows, as CBOR in an LZ4 frame. The file ends with a
//! SHA-256 of all that comes before.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write},
    path::Path,
};

use lz4_flex::frame::{FrameDecoder, FrameEncoder};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::atomic;

const MARK: &[u8; 8] = b"\x89hdumec\n";
/// The mark, the kind, and the version.
const HEAD: usize = 8 + 8 + 4;
const CHECKSUM: usize = 32;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the file, in eight letters.
    pub name: [u8; 8],
    /// The version that is written; earlier ones are read too.
    pub version: u32,
}

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum CapsuleError {
    /// The system could not read it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is none of these files, or one of another kind.
    #[error("it is no such file of hdumec's")]
    Foreign,
    /// It was written by a later version.
    #[error("it was written by a later version of hdumec")]
    Later,
    /// It was cut off or changed.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// What it holds takes more than it may.
    #[error("it holds more than fits in memory")]
    TooLarge,
}

/// Writes a value; the file is there whole or not at all.
///
/// # Errors
/// If it cannot be written.
pub fn write<T: Serialize>(path: &Path, kind: Kind, value: &T) -> io::Result<()> {
    atomic::write(path, |out| write_to(out, kind, value))
}

/// The same into what is open already.
///
/// # Errors
/// If it cannot be written.
pub fn write_to<T: Serialize>(out: &mut dyn Write, kind: Kind, value: &T) -> io::Result<()> {
    let mut out = Hashed {
        inner: out,
        hash: Sha256::new(),
    };
    out.write_all(MARK)?;
    out.write_all(&kind.name)?;
    out.write_all(&kind.version.to_le_bytes())?;
    let mut packed = BufWriter::with_capacity(1 << 16, FrameEncoder::new(&mut out));
    ciborium::into_writer(value, &mut packed).map_err(|error| match error {
        ciborium::ser::Error::Io(error) => error,
        ciborium::ser::Error::Value(why) => io::Error::other(why),
    })?;
    let packed = packed
        .into_inner()
        .map_err(io::IntoInnerError::into_error)?;
    packed.finish().map_err(io::Error::other)?;
    let Hashed { inner, hash } = out;
    inner.write_all(&hash.finalize())
}

/// Whether a file begins like one of these.
pub fn is_one(path: &Path, kind: Kind) -> bool {
    let mut head = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head[..8] == *MARK && head[8..] == kind.name
}

/// Whether a file begins like one of hdumec's, of whatever kind.
pub(crate) fn is_any(path: &Path) -> bool {
    let mut mark = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut mark));
    read.is_ok() && mark == *MARK
}

/// Reads a value that takes at most so many bytes, and the version it was written in.
///
/// # Errors
/// See [`CapsuleError`].
pub fn read<T: DeserializeOwned>(
    path: &Path,
    kind: Kind,
    most: u64,
) -> Result<(T, u32), CapsuleError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut file = BufReader::with_capacity(1 << 16, file);
    let damaged = |what: &str| CapsuleError::Damaged(what.into());
    let mut head = [0; HEAD];
    if length < (HEAD + CHECKSUM) as u64 {
        return Err(match length {
            0 => damaged("it is empty"),
            _ => CapsuleError::Foreign,
        });
    }
    file.read_exact(&mut head)?;
    if head[..8] != *MARK || head[8..16] != kind.name {
        return Err(CapsuleError::Foreign);
    }
    let version = head[16..].iter().rev();
    let version = version.fold(0, |all, &byte| all << 8 | u32::from(byte));
    if version > kind.version {
        return Err(CapsuleError::Later);
    }
    let body = length - (HEAD + CHECKSUM) as u64;
    let mut hash = Sha256::new();
    hash.update(head);
    let mut block = vec![0; 1 << 20];
    let mut left = body;
    while left > 0 {
        let some = left.min(block.len() as u64) as usize;
        file.read_exact(&mut block[..some])?;
        hash.update(&block[..some]);
        left -= some as u64;
    }
    let mut checksum = [0; CHECKSUM];
    file.read_exact(&mut checksum)?;
    if hash.finalize()[..] != checksum {
        return Err(damaged("its checksum is not that of what it holds"));
    }
    file.seek(SeekFrom::Start(HEAD as u64))?;
    let mut bounded = Bounded {
        inner: BufReader::with_capacity(1 << 16, FrameDecoder::new(file.take(body))),
        left: most,
    };
    let value = ciborium::from_reader(&mut bounded);
    match value {
        Ok(value) => Ok((value, version)),
        Err(_) if bounded.left == 0 => Err(CapsuleError::TooLarge),
        Err(error) => Err(CapsuleError::Damaged(match error {
            ciborium::de::Error::Io(error) => error.to_string(),
            ciborium::de::Error::Semantic(_, why) => why,
            other => other.to_string(),
        })),
    }
}

/// Counts what is written into a checksum.
struct Hashed<'a> {
    inner: &'a mut dyn Write,
    hash: Sha256,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Ends after so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut into[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind {
        name: *b"tests   ",
        version: 3,
    };

    fn written() -> (tempfile::TempDir, std::path::PathBuf, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("value");
        let value: Vec<String> = (0..10_000).map(|n| format!("number {n}")).collect();
        write(&path, KIND, &value).unwrap();
        (folder, path, value)
    }

    #[test]
    fn values_come_back_and_other_files_are_told() {
        let (folder, path, value) = written();
        assert_eq!(
            read::<Vec<String>>(&path, KIND, u64::MAX).unwrap(),
            (value, 3)
        );
        assert!(is_one(&path, KIND));
        let kind = |name, version| Kind { name, version };
        let said = |path: &Path, kind, most| read::<Vec<String>>(path, kind, most).unwrap_err();
        assert!(matches!(
            said(&path, kind(*b"others  ", 3), u64::MAX),
            CapsuleError::Foreign
        ));
        assert!(matches!(
            said(&path, kind(KIND.name, 2), u64::MAX),
            CapsuleError::Later
        ));
        assert!(matches!(said(&path, KIND, 1_000), CapsuleError::TooLarge));
        let text = folder.path().join("text");
        std::fs::write(&text, "a,b\n".repeat(100)).unwrap();
        assert!(matches!(said(&text, KIND, u64::MAX), CapsuleError::Foreign));
        assert!(!is_one(&text, KIND));
        let wrong = read::<Vec<u32>>(&path, KIND, u64::MAX).unwrap_err();
        assert!(matches!(wrong, CapsuleError::Damaged(_)), "{wrong}");
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_seen() {
        let (_folder, path, _) = written();
        let whole = std::fs::read(&path).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            read::<Vec<String>>(&path, KIND, u64::MAX)
        };
        for length in (0..whole.len()).step_by(97) {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
        for at in (0..whole.len()).step_by(101) {
            let mut changed = whole.clone();
            changed[at] ^= 4;
            assert!(read(&changed).is_err(), "{at}");
        }
        assert!(read(&whole).is_ok());
    }
}
