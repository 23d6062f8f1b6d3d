//! The text of a file, block by block.

use super::{
    error::LoadError,
    inputs::InputFile,
    notice::TableNotice,
    source::{SheetWish, Source},
};
use crate::{
    data::available_memory,
    format::{self, Refusal},
    job::CancelToken,
};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Bytes of text that are parsed together.
const BLOCK: usize = 1 << 19;

/// Bytes of text that are taken whole, at most: labels of ten million samples are fewer, and a small compressed file may
/// hold any number. Where memory is short, a part of it: their words are held several times.
const MOST_TEXT: usize = 1_000_000_000;

/// Lines that a guess at the layout looks at, and one more.
const FIRST_LINES: usize = 13;

/// Longest line, in bytes: ten million columns of 50 characters. Where memory is short, a part of it: a line is held several
/// times, as text, as cells and as names.
pub(super) const LONGEST_LINE: usize = 500_000_000;

/// What part of the free memory is the longest line, and what part a text that is taken whole.
const PART_OF_MEMORY: [u64; 2] = [64, 32];

/// The text of a file, block by block. A block ends with a line.
pub(super) struct TextReader {
    path: PathBuf,
    source: Source,
    /// What was read of the next line.
    rest: Vec<u8>,
    ended: bool,
    /// Whether lines end with a lone carriage return, as in old Macintosh files.
    returns: bool,
    /// Lines handed out.
    lines: u64,
    /// Longest line that is taken, and longest text as a whole.
    longest: usize,
    most: usize,
    /// Bytes that were looked through for line ends.
    #[cfg(test)]
    scanned: usize,
}

impl TextReader {
    /// Opens a file and recognises it by its content, whatever its name; of a workbook, the sheet that is wished for.
    pub fn open(path: &Path, wish: SheetWish<'_>, cancel: &CancelToken) -> Result<Self, LoadError> {
        Source::open(path, wish, cancel).map(|source| Self::new(path, source))
    }

    /// Text in memory, as if it were that of a file.
    #[cfg(test)]
    pub fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Self, LoadError> {
        let raw = std::io::Cursor::new(bytes.to_vec());
        let source = Source::packed(path, bytes.len() as u64, Box::new(raw))?;
        Ok(Self::new(path, source))
    }

    fn new(path: &Path, source: Source) -> Self {
        let free = available_memory();
        let at_most = |bytes: usize, part: u64| match usize::try_from(free / part) {
            // The system does not tell.
            Ok(0) | Err(_) => bytes,
            Ok(free) => bytes.min(free),
        };
        let [line, whole] = PART_OF_MEMORY;
        Self {
            path: path.to_owned(),
            source,
            rest: Vec::new(),
            ended: false,
            returns: false,
            lines: 0,
            longest: at_most(LONGEST_LINE, line),
            most: at_most(MOST_TEXT, whole),
            #[cfg(test)]
            scanned: 0,
        }
    }

    /// The same with another limit to a line's length.
    #[cfg(test)]
    pub fn with_longest(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    /// The first block: without a byte-order mark, refused if it is no text, with enough lines to guess the layout.
    pub fn first(&mut self, cancel: &CancelToken) -> Result<Vec<u8>, LoadError> {
        let mut text = Vec::new();
        // Line ends, and where the last line begins.
        let (mut ends, mut line) = (0, 0);
        // Lines so long that there are not some of them within the longest line are few enough.
        let longest = self.longest;
        let enough = |text: &[u8], ends: usize| {
            text.len() >= BLOCK && (ends >= FIRST_LINES || ends >= 2 && text.len() >= longest)
        };
        while !self.ended && !enough(&text, ends) {
            cancel.check()?;
            let before = text.len();
            self.read(BLOCK, &mut text)?;
            refuse(&self.path, &text)?;
            for (at, _) in self.line_ends(&text[before..]) {
                self.check_length(ends as u64, before + at - line)?;
                (ends, line) = (ends + 1, before + at + 1);
            }
            if text.len() - line > self.longest && ends == 0 && text.contains(&b'\r') {
                break;
            }
            self.check_length(ends as u64, text.len() - line)?;
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
        if ends == 0 && text.contains(&b'\r') {
            self.returns = true;
            as_line_ends(&mut text);
            for line in text.split(|&b| b == b'\n') {
                self.check_length(0, line.len())?;
            }
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
            let end = self.line_ends(&text[before..]).next();
            self.check_length(0, end.map_or(text.len(), |(at, _)| before + at))?;
            if end.is_some() {
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
            if text.len() + block.len() > self.most {
                return Err(LoadError::TooMuchText {
                    path: self.path.clone(),
                    limit: self.most,
                });
            }
            text.extend_from_slice(&block);
        }
    }

    /// Where lines end in text that was not looked through before.
    fn line_ends<'t>(&mut self, text: &'t [u8]) -> impl Iterator<Item = (usize, &'t u8)> + use<'t> {
        #[cfg(test)]
        {
            self.scanned += text.len();
        }
        text.iter().enumerate().filter(|(_, b)| **b == b'\n')
    }

    /// Refuses a line that is too long, so many lines after those handed out.
    fn check_length(&self, lines: u64, length: usize) -> Result<(), LoadError> {
        if length <= self.longest {
            return Ok(());
        }
        Err(self.too_long(self.lines + lines + 1))
    }

    /// Longest line that is taken.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// What is said of a line that is longer.
    pub fn too_long(&self, line: u64) -> LoadError {
        LoadError::LineTooLong {
            path: self.path.clone(),
            line,
            limit: self.longest,
        }
    }

    /// Cuts off what is not yet a whole line.
    fn end_with_line(&mut self, text: &mut Vec<u8>) {
        self.lines += memchr::memchr_iter(b'\n', text).count() as u64;
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
        let before = text.len();
        self.ended = self.source.read(most, text)? < most;
        if self.returns {
            as_line_ends(&mut text[before..]);
        }
        Ok(())
    }

    /// What there is to say about how the text came out of the file.
    pub fn notices(&self) -> &[TableNotice] {
        &self.source.notices
    }

    /// Columns at the left that the file has and its text has not.
    pub fn columns_before(&self) -> usize {
        self.source.columns_before
    }

    /// The file's length over what was read of it so far.
    pub fn times_read(&self) -> f64 {
        self.source.times_read()
    }

    /// Length of the file and its hash, once all was read.
    pub fn finish(self, cancel: &CancelToken) -> Result<InputFile, LoadError> {
        self.source.finish(cancel)
    }
}

/// The text of a cell: UTF-8, or else Windows-1252, of which Latin-1 is a part; then this is said too.
pub(super) fn decoded(cell: &[u8]) -> (Cow<'_, str>, bool) {
    /// What Windows-1252 has where Latin-1 has control characters.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    match std::str::from_utf8(cell) {
        Ok(text) => (text.into(), false),
        Err(_) => {
            let letter = |&byte: &u8| match byte {
                0x80..0xA0 => HIGH[usize::from(byte) - 0x80],
                _ => char::from(byte),
            };
            (cell.iter().map(letter).collect::<String>().into(), true)
        }
    }
}

/// Makes lone carriage returns line ends.
fn as_line_ends(text: &mut [u8]) {
    let returns = text.iter_mut().filter(|b| **b == b'\r');
    returns.for_each(|b| *b = b'\n');
}

/// Refuses what is no table of text.
fn refuse(path: &Path, text: &[u8]) -> Result<(), LoadError> {
    format::no_text(text).map_or(Ok(()), |Refusal { what, advice }| {
        Err(LoadError::NotText {
            path: path.to_owned(),
            what,
            advice,
        })
    })
}

#[cfg(test)]
mod tests;
