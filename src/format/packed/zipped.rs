//! The one file of a zip archive.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use flate2::{Crc, bufread::DeflateDecoder};
use zip::{CompressionMethod, ZipArchive, result::ZipError};

use super::{super::FormatError, input::Input, member::invalid};

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

/// Opens the only file of an archive; folders, and what macOS adds beside every file, do not count.
///
/// # Errors
/// If the archive is damaged, or holds no file, several, an encrypted one or one packed in a rare way.
pub(super) fn open(path: &Path) -> Result<Zipped, FormatError> {
    let damaged = |error: ZipError| match error {
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
    };
    let unsupported = |what: String| FormatError::Unsupported {
        path: path.to_owned(),
        what,
        advice: "unpack it and open what is in it".into(),
    };
    let file = File::open(path).map_err(|error| damaged(error.into()))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    let mut files = Vec::new();
    for (at, name) in archive.file_names().enumerate() {
        let name = name.map_err(damaged)?;
        if !name.ends_with('/') && !name.starts_with("__MACOSX/") {
            files.push((at, name));
        }
    }
    let [(at, _)] = files[..] else {
        let first: Vec<&str> = files.iter().take(NAMED).map(|file| &*file.1).collect();
        let what = match files.len() {
            0 => "is a zip archive without a file".into(),
            count => format!(
                "is a zip archive of {count} files ({}, ..)",
                first.join(", ")
            ),
        };
        return Err(unsupported(what));
    };
    let entry = archive.by_index_raw(at).map_err(damaged)?;
    if entry.encrypted() {
        let what = "is a zip archive with a password".into();
        return Err(unsupported(what));
    }
    let start = entry
        .data_start()
        .ok_or(damaged(ZipError::InvalidArchive("no data".into())))?;
    let input = Input::part(path, start, entry.compressed_size());
    let input = input.map_err(|error| damaged(error.into()))?;
    let decoder = match entry.compression() {
        CompressionMethod::Stored => Decoder::Stored(input),
        // Deflate, as this crate names it when it does not unpack it itself.
        #[allow(deprecated)]
        CompressionMethod::Unsupported(8) => Decoder::Deflated(DeflateDecoder::new(input)),
        method => {
            let what = format!("is a zip archive packed with {method}");
            return Err(unsupported(what));
        }
    };
    Ok(Zipped {
        decoder,
        seen: Crc::new(),
        length: 0,
        expected: entry.crc32(),
        expected_length: entry.size(),
    })
}

impl Zipped {
    /// Whether everything came out as the directory says.
    pub fn check(&self) -> io::Result<()> {
        match self.length == self.expected_length && self.seen.sum() == self.expected {
            true => Ok(()),
            false => Err(invalid("its length or checksum does not fit")),
        }
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
