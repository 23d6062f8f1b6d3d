//! Where the text of a table comes from: a file of text, packed or not, or one of which text is made.

use super::{
    discover::regular_file,
    error::LoadError,
    inputs::InputFile,
    notice::TableNotice,
    parquet,
    wide_text::{Utf16, is_utf16},
    workbook,
};
use crate::{
    data::available_memory,
    format::{
        FormatError,
        packed::{self, Packing},
    },
    job::CancelToken,
};
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// First bytes of a file that tell whether text has to be made of it.
const HEAD: u64 = 16;

/// Which sheet of a workbook is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SheetWish<'a> {
    /// Its name, if the user named it.
    pub name: Option<&'a str>,
    /// Whether it is a table of numbers; else it may hold words alone, as labels do.
    pub of_numbers: bool,
}

/// The text of a table that was made of a file that is no text: a row is a line, with a header.
pub(super) struct Made {
    /// The text. An error of it may hold a [`FormatError`].
    pub text: Box<dyn Read + Send>,
    /// Columns at the left that were left out, as they are empty.
    pub columns_before: usize,
    /// What there is to say about the table.
    pub notices: Vec<TableNotice>,
}

/// The text of a file, as a stream, and what is known of the file.
pub(super) struct Source {
    path: PathBuf,
    text: Box<dyn Read + Send>,
    /// Length of the file, if it is read from start to end.
    length: Option<u64>,
    tally: Arc<Mutex<Tally>>,
    /// As [`Made`] has it.
    pub columns_before: usize,
    /// What there is to say about how the text came out of the file.
    pub notices: Vec<TableNotice>,
}

/// What was read of a file from its start on.
#[derive(Default)]
struct Tally {
    bytes: u64,
    hash: Sha256,
}

/// Tallies what is read through it.
struct Tallied<R> {
    raw: R,
    tally: Arc<Mutex<Tally>>,
}

impl<R: Read> Read for Tallied<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.raw.read(out)?;
        let mut tally = lock(&self.tally);
        tally.hash.update(&out[..read]);
        tally.bytes += read as u64;
        Ok(read)
    }
}

impl Source {
    /// Opens a file and recognises it by its content.
    pub fn open(path: &Path, wish: SheetWish<'_>, cancel: &CancelToken) -> Result<Self, LoadError> {
        // A pipe would be waited for.
        regular_file(path)?;
        let failed = |source| unreadable(path, source);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut head = Vec::new();
        (&file).take(HEAD).read_to_end(&mut head).map_err(failed)?;
        // Files of which text is made; any other is text.
        if let Some(made) = workbook::open(path, &head, wish, cancel)? {
            return Ok(Self::made(path, made));
        }
        if parquet::recognises(&head) {
            let memory = match available_memory() {
                0 => u64::MAX,
                free => free / 2,
            };
            let text = parquet::open(file, path, memory, cancel)?;
            return Ok(Self::made(
                path,
                Made {
                    text: Box::new(text),
                    columns_before: 0,
                    notices: Vec::new(),
                },
            ));
        }
        let raw = io::Cursor::new(head).chain(file);
        Self::packed(path, length, Box::new(raw))
    }

    fn made(path: &Path, made: Made) -> Self {
        Self {
            path: path.to_owned(),
            text: made.text,
            length: None,
            tally: Arc::default(),
            columns_before: made.columns_before,
            notices: made.notices,
        }
    }

    /// The text that is read from `raw`, which is the file from its start, packed or not, in UTF-8 or UTF-16.
    pub fn packed(path: &Path, length: u64, raw: Box<dyn Read + Send>) -> Result<Self, LoadError> {
        let tally = Arc::default();
        let raw = Tallied {
            raw,
            tally: Arc::clone(&tally),
        };
        let mut text = packed::unpack(path, Box::new(raw), u64::MAX)?;
        let length = (text.packing() != Packing::Zip).then_some(length);
        let mut mark = Vec::new();
        let read = (&mut text).take(2).read_to_end(&mut mark);
        read.map_err(|error| packed::format_error(path, error))?;
        let wide = is_utf16(&mark);
        let text = io::Cursor::new(mark).chain(text);
        Ok(Self {
            path: path.to_owned(),
            text: match wide {
                true => Box::new(Utf16::new(text)),
                false => Box::new(text),
            },
            length,
            tally,
            columns_before: 0,
            notices: wide.then_some(TableNotice::Utf16).into_iter().collect(),
        })
    }

    /// Appends up to so many bytes of text; fewer at its end.
    pub fn read(&mut self, most: usize, text: &mut Vec<u8>) -> Result<usize, LoadError> {
        text.reserve(most);
        let read = (&mut self.text).take(most as u64).read_to_end(text);
        Ok(read.map_err(|error| packed::format_error(&self.path, error))?)
    }

    /// The file's length over what was read of it so far; 1 where that tells nothing of the text.
    pub fn times_read(&self) -> f64 {
        let read = lock(&self.tally).bytes.max(1);
        self.length
            .map_or(1.0, |length| length as f64 / read as f64)
    }

    /// Length and hash of the file, once all was read.
    pub fn finish(self, cancel: &CancelToken) -> Result<InputFile, LoadError> {
        let Tally { bytes, hash } = std::mem::take(&mut *lock(&self.tally));
        match self.length == Some(bytes) {
            true => Ok(InputFile::new(self.path, bytes, hash)),
            false => InputFile::read(&self.path, cancel),
        }
    }
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unreadable(path: &Path, source: io::Error) -> LoadError {
    FormatError::Read {
        path: path.to_owned(),
        source,
    }
    .into()
}
