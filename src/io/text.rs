//! The text of a file: read, recognised, unpacked.

use super::{error::LoadError, formats::other_format, inputs::InputFile};
use crate::job::CancelToken;
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

/// Bytes of text that are parsed together.
const BLOCK: usize = 1 << 19;

/// Lines that a guess at the layout looks at, and one more.
const FIRST_LINES: usize = 13;

/// The text of a file, block by block: hashed, recognised, unpacked. A block ends with a line.
pub(super) struct TextReader {
    path: PathBuf,
    reader: Reader,
    /// What was read of the next line.
    rest: Vec<u8>,
    ended: bool,
    /// Bytes of the file, as far as known.
    length: u64,
}

enum Reader {
    Plain(Hashed),
    // Its state is large.
    Gzip(Box<MultiGzDecoder<BufReader<Hashed>>>),
}

type Raw = Box<dyn Read + Send>;

/// Hashes what is read through it.
struct Hashed {
    raw: Raw,
    /// Bytes read ahead to recognise the file.
    ahead: io::Cursor<Vec<u8>>,
    hash: Sha256,
    bytes: u64,
}

impl Read for Hashed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = match self.ahead.read(out)? {
            0 => self.raw.read(out)?,
            some => some,
        };
        self.hash.update(&out[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

impl TextReader {
    /// Opens a file and recognises it by its first bytes, whatever its name.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let file = File::open(path);
        let opened = file.and_then(|file| Ok((file.metadata()?.len(), file)));
        let (length, file) = opened.map_err(|source| unreadable(path, source))?;
        Self::of(path, length, Box::new(file))
    }

    /// Text in memory, as if it were that of a file.
    #[cfg(test)]
    pub fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Self, LoadError> {
        let raw = io::Cursor::new(bytes.to_vec());
        Self::of(path, bytes.len() as u64, Box::new(raw))
    }

    fn of(path: &Path, length: u64, mut raw: Raw) -> Result<Self, LoadError> {
        let mut ahead = Vec::new();
        let read = (&mut raw).take(2).read_to_end(&mut ahead);
        read.map_err(|source| unreadable(path, source))?;
        let gzip = ahead == [0x1F, 0x8B];
        let hashed = Hashed {
            raw,
            ahead: io::Cursor::new(ahead),
            hash: Sha256::new(),
            bytes: 0,
        };
        Ok(Self {
            path: path.to_owned(),
            reader: if gzip {
                let buffered = BufReader::with_capacity(1 << 16, hashed);
                Reader::Gzip(Box::new(MultiGzDecoder::new(buffered)))
            } else {
                Reader::Plain(hashed)
            },
            rest: Vec::new(),
            ended: false,
            length,
        })
    }

    /// The first block: without a byte-order mark, refused if it is no text, with enough lines to guess the layout.
    pub fn first(&mut self, cancel: &CancelToken) -> Result<Vec<u8>, LoadError> {
        let mut text = Vec::new();
        let lines = |text: &[u8]| text.iter().filter(|&&b| b == b'\n').count();
        while !self.ended && (text.len() < BLOCK || lines(&text) < FIRST_LINES) {
            cancel.check()?;
            self.read(BLOCK, &mut text)?;
            refuse(&self.path, &text)?;
        }
        if text.starts_with(b"\xEF\xBB\xBF") {
            text.drain(..3);
        }
        if text.trim_ascii_start().is_empty() {
            return Err(LoadError::Empty {
                path: self.path.clone(),
            });
        }
        refuse(&self.path, &text)?;
        // Old Macintosh files end lines with a lone carriage return.
        if text.contains(&b'\r') && !text.contains(&b'\n') {
            let returns = text.iter_mut().filter(|b| **b == b'\r');
            returns.for_each(|b| *b = b'\n');
        }
        self.end_with_line(&mut text);
        Ok(text)
    }

    /// The next block into `text`; empty at the end.
    pub fn next(&mut self, text: &mut Vec<u8>, cancel: &CancelToken) -> Result<(), LoadError> {
        text.clear();
        text.append(&mut self.rest);
        while !self.ended {
            cancel.check()?;
            let before = text.len();
            self.read(BLOCK.saturating_sub(before).max(BLOCK / 4), text)?;
            if text[before..].contains(&b'\n') {
                break;
            }
        }
        self.end_with_line(text);
        Ok(())
    }

    /// The whole text; for files that are small or need to be seen whole.
    pub fn whole(&mut self, cancel: &CancelToken) -> Result<Vec<u8>, LoadError> {
        let mut text = self.first(cancel)?;
        let mut block = Vec::new();
        loop {
            self.next(&mut block, cancel)?;
            if block.is_empty() {
                return Ok(text);
            }
            text.extend_from_slice(&block);
        }
    }

    /// Cuts off what is not yet a whole line.
    fn end_with_line(&mut self, text: &mut Vec<u8>) {
        if !self.ended {
            let end = text
                .iter()
                .rposition(|&b| b == b'\n')
                .map_or(0, |at| at + 1);
            self.rest = text.split_off(end);
        }
    }

    /// Appends up to so many bytes.
    fn read(&mut self, most: usize, text: &mut Vec<u8>) -> Result<(), LoadError> {
        text.reserve(most);
        let read = match &mut self.reader {
            Reader::Plain(plain) => plain.take(most as u64).read_to_end(text),
            Reader::Gzip(gzip) => gzip.take(most as u64).read_to_end(text),
        };
        let path = || self.path.clone();
        match (read, &self.reader) {
            (Ok(read), _) => {
                self.ended = read < most;
                Ok(())
            }
            (Err(source), Reader::Plain(_)) => Err(unreadable(&self.path, source)),
            (Err(e), Reader::Gzip(_)) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Err(LoadError::TruncatedGzip { path: path() })
            }
            (Err(source), Reader::Gzip(_)) => Err(LoadError::DamagedGzip {
                path: path(),
                source,
            }),
        }
    }

    /// The file's length over what was read of it so far.
    pub fn times_read(&self) -> f64 {
        let read = match &self.reader {
            Reader::Plain(hashed) => hashed.bytes,
            Reader::Gzip(gzip) => gzip.get_ref().get_ref().bytes,
        };
        self.length as f64 / read.max(1) as f64
    }

    /// Length of the file and SHA-256 in lower-case hexadecimal, once all was read.
    pub fn finish(self) -> Result<InputFile, LoadError> {
        let mut hashed = match self.reader {
            Reader::Plain(hashed) => hashed,
            Reader::Gzip(gzip) => gzip.into_inner().into_inner(),
        };
        // What follows the last member of a gzip file belongs to the file too.
        let rest = io::copy(&mut hashed, &mut io::sink());
        rest.map_err(|source| unreadable(&self.path, source))?;
        let hash = hashed.hash.finalize();
        Ok(InputFile {
            path: self.path,
            bytes: hashed.bytes,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

fn unreadable(path: &Path, source: io::Error) -> LoadError {
    LoadError::Read {
        path: path.to_owned(),
        source,
    }
}

/// Refuses what is no table of text.
fn refuse(path: &Path, text: &[u8]) -> Result<(), LoadError> {
    other_format(text).map_or(Ok(()), |(what, advice)| {
        Err(LoadError::NotText {
            path: path.to_owned(),
            what,
            advice,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn open(raw: &[u8]) -> Result<Vec<u8>, LoadError> {
        TextReader::of_bytes(Path::new("m.csv"), raw)?.whole(&CancelToken::new())
    }

    #[test]
    fn gzip_is_recognised_by_its_bytes_and_may_have_many_members() {
        let mut two = gzip(b"id,a\n");
        two.extend(gzip(b"s1,1\n"));
        assert_eq!(open(&two).unwrap(), b"id,a\ns1,1\n");
        let half = &gzip(&[b'7'; 5000])[..30];
        let error = open(half).unwrap_err();
        assert!(error.to_string().contains("m.csv is truncated"), "{error}");
        let mut broken = gzip(b"id,a\ns1,1\n");
        let end = broken.len() - 6;
        broken[end] ^= 0xFF;
        assert!(matches!(open(&broken), Err(LoadError::DamagedGzip { .. })));
    }

    #[test]
    fn other_formats_are_named() {
        let cases: [(&[u8], &str); 7] = [
            (b"\x89HDF\r\n\x1a\n....", "HDF5"),
            (b"PK\x03\x04....[Content_Types].xml", "Excel"),
            (b"PK\x03\x04....other", "ZIP"),
            (b"%%MatrixMarket matrix", "Matrix Market"),
            (b"\xFF\xFEi\0d\0", "UTF-16"),
            (b"<!DOCTYPE html><html>", "web page"),
            (b"ab\0\x01", "a binary file"),
        ];
        for (bytes, expected) in cases {
            let error = open(bytes).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!error.advice().is_empty());
        }
        let packed = gzip(b"%%MatrixMarket matrix");
        assert!(open(&packed).unwrap_err().to_string().contains(".mtx"));
        assert!(matches!(open(b" \r\n\n"), Err(LoadError::Empty { .. })));
    }

    #[test]
    fn marks_and_line_ends() {
        assert_eq!(open(b"\xEF\xBB\xBFid,a\n").unwrap(), b"id,a\n");
        assert_eq!(open(b"id,a\rs,1\r").unwrap(), b"id,a\ns,1\n");
    }

    #[test]
    fn blocks_end_with_lines_and_the_hash_is_that_of_the_file() {
        let mut text = b"id,a\n".to_vec();
        for i in 0..1_500_000 {
            text.extend_from_slice(format!("s{i},{}\n", i % 7).as_bytes());
        }
        text.extend_from_slice(b"last,1");
        for raw in [text.clone(), gzip(&text)] {
            let cancel = CancelToken::new();
            let mut source = TextReader::of_bytes(Path::new("m.csv"), &raw).unwrap();
            let mut all = source.first(&cancel).unwrap();
            let (mut block, mut blocks) = (Vec::new(), 1);
            loop {
                assert!(all.ends_with(b"\n") || all == text);
                source.next(&mut block, &cancel).unwrap();
                if block.is_empty() {
                    break;
                }
                all.extend_from_slice(&block);
                blocks += 1;
            }
            assert!(all == text && blocks > 3, "{blocks}");
            let file = source.finish().unwrap();
            let hash: String = Sha256::digest(&raw)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            assert_eq!((file.bytes, file.sha256), (raw.len() as u64, hash));
        }
    }
}
