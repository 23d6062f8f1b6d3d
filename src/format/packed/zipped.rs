//! Zip archives and the files in them.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
};

use flate2::{Crc, bufread::DeflateDecoder};
use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::{
    super::{FormatError, look::open_regular},
    Packing, State, Unpacked,
    input::Input,
    member::{Member, invalid},
};

/// Most files of an archive that an error names.
const NAMED: usize = 5;

/// The bytes of the file as they come out, and what the archive's directory says of them.
pub(super) struct Zipped {
    decoder: Decoder,
    seen: Crc,
    length: u64,
    expected: u32,
    expected_length: u64,
}

enum Decoder {
    Stored(Input),
    Deflated(DeflateDecoder<Input>),
}

/// A zip archive; folders, and what macOS adds beside every file, do not count.
pub struct Archive {
    path: PathBuf,
    zip: ZipArchive<BufReader<File>>,
    /// The files: their place in the directory and their names.
    files: Vec<(usize, String)>,
}

impl Archive {
    /// Reads the directory of an archive.
    ///
    /// # Errors
    /// If the archive cannot be read or is damaged.
    pub fn open(path: &Path) -> Result<Self, FormatError> {
        let file = open_regular(path).map_err(|error| damaged(path, error.into()))?;
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, error))?;
        let mut files = Vec::new();
        for (at, name) in zip.file_names().enumerate() {
            let name = name.map_err(|error| damaged(path, error))?;
            if !name.ends_with('/') && !name.starts_with("__MACOSX/") {
                files.push((at, name.to_string()));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            zip,
            files,
        })
    }

    /// Names of the files, in the order of the directory.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(_, name)| name.as_str())
    }

    /// Opens the only file of the archive.
    ///
    /// # Errors
    /// As for [`Archive::file`], and if there is no file or several.
    pub fn only_file(mut self, limit: u64) -> Result<Unpacked, FormatError> {
        if self.files.len() == 1 {
            return self.file(0, limit);
        }
        let first: Vec<&str> = self.names().take(NAMED).collect();
        Err(self.unsupported(match self.files.len() {
            0 => "is a zip archive without a file".into(),
            count => format!(
                "is a zip archive of {count} files ({}, ..)",
                first.join(", ")
            ),
        }))
    }

    /// Opens the file that stands at this place of [`Archive::names`], of which `limit` bytes are read at most.
    ///
    /// # Errors
    /// If the archive is damaged, or the file is encrypted or packed in a rare way.
    pub fn file(&mut self, place: usize, limit: u64) -> Result<Unpacked, FormatError> {
        let path = self.path.clone();
        let damaged = |error| damaged(&path, error);
        let missing = || damaged(ZipError::FileNotFound);
        let at = self.files.get(place).ok_or_else(missing)?.0;
        let entry = self.zip.by_index_raw(at).map_err(damaged)?;
        let (encrypted, method) = (entry.encrypted(), entry.compression());
        let (expected, expected_length) = (entry.crc32(), entry.size());
        let (start, length) = (entry.data_start(), entry.compressed_size());
        drop(entry);
        if encrypted {
            return Err(self.unsupported("is a zip archive with a password".into()));
        }
        let no_data = || damaged(ZipError::InvalidArchive("no data".into()));
        let input = Input::part(&path, start.ok_or_else(no_data)?, length);
        let input = input.map_err(|error| damaged(error.into()))?;
        let decoder = match method {
            CompressionMethod::Stored => Decoder::Stored(input),
            // Deflate, as this crate names it when it does not unpack it itself.
            #[allow(deprecated)]
            CompressionMethod::Unsupported(8) => Decoder::Deflated(DeflateDecoder::new(input)),
            method => {
                let what = format!("is a zip archive packed with {method}");
                return Err(self.unsupported(what));
            }
        };
        let file = Zipped {
            decoder,
            seen: Crc::new(),
            length: 0,
            expected,
            expected_length,
        };
        let state = State::Within(Box::new(Member::Zip(file)));
        Ok(Unpacked::new(&path, Packing::Zip, state, limit))
    }

    fn unsupported(&self, what: String) -> FormatError {
        FormatError::Unsupported {
            path: self.path.clone(),
            what,
            advice: "unpack it and open what is in it".into(),
        }
    }
}

fn damaged(path: &Path, error: ZipError) -> FormatError {
    match error {
        ZipError::Io(source) if source.raw_os_error().is_some() => FormatError::Read {
            path: path.to_owned(),
            source,
        },
        // The directory stands at the end: without it, the end is missing.
        error => FormatError::Damaged {
            path: path.to_owned(),
            place: "the directory at the end of the zip archive".into(),
            what: format!("{error}; the archive is cut off or damaged: download or copy it again"),
        },
    }
}

impl Zipped {
    /// Whether everything came out as the directory says.
    pub fn check(&self) -> io::Result<()> {
        match self.length == self.expected_length && self.seen.sum() == self.expected {
            true => Ok(()),
            false => Err(invalid("its length or checksum does not fit")),
        }
    }

    /// Whether less came out than the directory says.
    pub fn is_short(&self) -> bool {
        self.length < self.expected_length
    }

    pub fn input(&self) -> &Input {
        match &self.decoder {
            Decoder::Stored(input) => input,
            Decoder::Deflated(decoder) => decoder.get_ref(),
        }
    }

    pub fn into_input(self) -> Input {
        match self.decoder {
            Decoder::Stored(input) => input,
            Decoder::Deflated(decoder) => decoder.into_inner(),
        }
    }
}

impl Read for Zipped {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::Stored(input) => input.read(out),
            Decoder::Deflated(decoder) => decoder.read(out),
        }?;
        self.seen.update(&out[..read]);
        self.length += read as u64;
        Ok(read)
    }
}
