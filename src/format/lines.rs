//! The lines of a text file, packed or not.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use super::{
    FormatError,
    packed::{self, Packing, Unpacked},
};
use crate::job::CancelToken;

const BLOCK: usize = 1 << 18;

/// Lines one after the other, without their ends (`\n` or `\r\n`) and without a byte order mark.
///
/// Memory: a block of the file and the longest line that is allowed.
pub struct Lines {
    path: PathBuf,
    source: Unpacked,
    cancel: CancelToken,
    /// Bytes of the longest line.
    longest: usize,
    block: Vec<u8>,
    at: usize,
    ended: bool,
    number: u64,
}

impl Lines {
    /// Opens a file that unpacks to `limit` bytes at most, of lines of `longest` bytes at most. `cancel` is looked at for
    /// every block.
    ///
    /// # Errors
    /// If the file cannot be opened.
    pub fn open(
        path: &Path,
        limit: u64,
        longest: usize,
        cancel: &CancelToken,
    ) -> Result<Self, FormatError> {
        Ok(Self {
            path: path.to_owned(),
            source: packed::open(path, limit)?,
            cancel: cancel.clone(),
            longest,
            block: Vec::new(),
            at: 0,
            ended: false,
            number: 0,
        })
    }

    /// How the file is packed.
    pub fn packing(&self) -> Packing {
        self.source.packing()
    }

    /// The next line with its number, from 1; nothing at the end.
    ///
    /// # Errors
    /// If the file cannot be read or unpacked, the line is too long, or the work was cancelled.
    pub fn next_line(&mut self) -> Result<Option<(u64, &[u8])>, FormatError> {
        let mut searched = self.at;
        let end = loop {
            if let Some(found) = memchr::memchr(b'\n', &self.block[searched..]) {
                break searched + found;
            }
            if self.ended {
                break self.block.len();
            }
            if self.block.len() - self.at > self.longest {
                break self.block.len();
            }
            searched = self.block.len() - self.at;
            self.more()?;
        };
        let start = self.at;
        if start == self.block.len() && self.ended {
            return Ok(None);
        }
        self.number += 1;
        self.at = self.block.len().min(end + 1);
        if end - start > self.longest {
            let what = format!("is longer than {} bytes", self.longest);
            return Err(damaged(&self.path, self.number, what));
        }
        let mut line = &self.block[start..end];
        if self.number == 1 {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some((self.number, line)))
    }

    /// Reads another block behind what was not yet used.
    fn more(&mut self) -> Result<(), FormatError> {
        self.cancel.check()?;
        self.block.drain(..self.at);
        self.at = 0;
        let block = (&mut self.source).take(BLOCK as u64);
        let read = { block }.read_to_end(&mut self.block);
        let read = read.map_err(|error| packed::format_error(&self.path, error))?;
        self.ended = read == 0;
        Ok(())
    }
}

/// The error that a line is not as it should be.
pub fn damaged(path: &Path, line: u64, what: String) -> FormatError {
    FormatError::Damaged {
        path: path.to_owned(),
        place: format!("line {line}"),
        what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lines_are_the_same_wherever_blocks_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let lines: Vec<String> = (0..70_000).map(|i| "x".repeat(i % 17)).collect();
        for (separator, end) in [("\n", ""), ("\r\n", "\r\n")] {
            fs::write(&path, format!("\u{FEFF}{}{end}", lines.join(separator))).unwrap();
            let mut read = Lines::open(&path, 1 << 20, 17, &CancelToken::new()).unwrap();
            for (at, expected) in lines.iter().enumerate() {
                let (number, line) = read.next_line().unwrap().unwrap();
                assert_eq!((number, line), (at as u64 + 1, expected.as_bytes()));
            }
            assert!(read.next_line().unwrap().is_none());
            assert!(read.next_line().unwrap().is_none());
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [&b"short\n"[..], &[b'x'; 5 << 20]].concat()).unwrap();
        let mut lines = Lines::open(&path, 1 << 30, 1000, &CancelToken::new()).unwrap();
        assert_eq!(lines.next_line().unwrap(), Some((1, &b"short"[..])));
        let error = lines.next_line().unwrap_err().to_string();
        assert!(
            error.ends_with("line 2: is longer than 1000 bytes"),
            "{error}"
        );
        assert!(lines.block.capacity() < 4 * BLOCK);
        let cancel = CancelToken::new();
        cancel.cancel();
        let mut lines = Lines::open(&path, 1 << 30, 1000, &cancel).unwrap();
        assert!(matches!(lines.next_line(), Err(FormatError::Cancelled(_))));
    }
}
