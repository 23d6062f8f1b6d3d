//! The bytes of a file: read, recognised, unpacked.

use super::error::LoadError;
use crate::job::CancelToken;
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

/// Reads a file as it is on disk.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    fs::read(path).map_err(|source| LoadError::Read {
        path: path.to_owned(),
        source,
    })
}

/// SHA-256 of the bytes, in lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Text ready for parsing.
pub(super) enum Text<'a> {
    /// The file is the text.
    Plain(&'a [u8]),
    /// The text had to be unpacked or converted.
    Owned(Vec<u8>),
}

impl Text<'_> {
    /// The text, without a byte-order mark.
    pub(super) fn bytes(&self) -> &[u8] {
        let all = match self {
            Self::Plain(bytes) => bytes,
            Self::Owned(bytes) => bytes.as_slice(),
        };
        all.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(all)
    }
}

/// Unpacks gzip (by its first bytes, whatever the name) and refuses what is no text.
pub(super) fn text<'a>(
    path: &Path,
    raw: &'a [u8],
    cancel: &CancelToken,
) -> Result<Text<'a>, LoadError> {
    let text = if raw.starts_with(&[0x1F, 0x8B]) {
        Text::Owned(unpack(path, raw, cancel)?)
    } else {
        Text::Plain(raw)
    };
    let bytes = text.bytes();
    if bytes.trim_ascii_start().is_empty() {
        return Err(LoadError::Empty {
            path: path.to_owned(),
        });
    }
    if let Some((what, advice)) = other_format(bytes) {
        return Err(LoadError::NotText {
            path: path.to_owned(),
            what,
            advice,
        });
    }
    // Old Macintosh files end lines with a lone carriage return.
    if bytes.contains(&b'\r') && !bytes.contains(&b'\n') {
        let lines = bytes.iter().map(|&b| if b == b'\r' { b'\n' } else { b });
        return Ok(Text::Owned(lines.collect()));
    }
    Ok(text)
}

fn unpack(path: &Path, raw: &[u8], cancel: &CancelToken) -> Result<Vec<u8>, LoadError> {
    // The last four bytes hold the length of the last member modulo 2^32: a hint only, so it is bounded by what
    // deflate can do at most.
    let hint = raw
        .last_chunk::<4>()
        .map_or(0, |b| u32::from_le_bytes(*b) as usize);
    let mut out = Vec::with_capacity(hint.min(raw.len().saturating_mul(12)));
    let mut decoder = MultiGzDecoder::new(raw);
    loop {
        cancel.check()?;
        match (&mut decoder).take(4 << 20).read_to_end(&mut out) {
            Ok(0) => return Ok(out),
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(LoadError::TruncatedGzip {
                    path: path.to_owned(),
                });
            }
            Err(source) => {
                return Err(LoadError::DamagedGzip {
                    path: path.to_owned(),
                    source,
                });
            }
        }
    }
}

const AS_TABLE: &str =
    "Export it as a table of text (.csv or .tsv): one row per sample, one column per feature.";

/// Recognises common files that are no tables of text: what it is and what to do.
fn other_format(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const EXCEL: &str = "Save the sheet of each modality as CSV UTF-8, one file each.";
    const HDF5: &str = "Export each modality as a table, for instance in Python: adata.to_df().to_csv(\"modality_rna.csv\"), best after reducing it to its variable features or principal components.";
    const UNPACK: &str = "Unpack it first, or compress it with gzip instead.";
    let known: &[(&[u8], &str, &str)] = &[
        (
            b"\x89HDF\r\n\x1a\n",
            "an HDF5 file (such as .h5ad, .h5mu or 10x .h5)",
            HDF5,
        ),
        (
            b"%%MatrixMarket",
            "a Matrix Market file (.mtx) of counts",
            "Normalise the counts and export a table of variable features or principal components as .csv: one row per sample.",
        ),
        (b"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls)", EXCEL),
        (b"BZh", "a bzip2 archive", UNPACK),
        (b"\xFD7zXZ\0", "an xz archive", UNPACK),
        (b"\x28\xB5\x2F\xFD", "a Zstandard archive", UNPACK),
        (b"7z\xBC\xAF", "a 7-Zip archive", UNPACK),
        (b"Rar!", "a RAR archive", UNPACK),
        (b"PAR1", "a Parquet file", AS_TABLE),
        (b"ARROW1", "an Arrow (Feather) file", AS_TABLE),
        (b"\x93NUMPY", "a NumPy array (.npy)", AS_TABLE),
        (b"MATLAB 5.0", "a MATLAB file", AS_TABLE),
        (
            b"RDX2\n",
            "an R data file",
            "Export each matrix in R with write.csv, samples as rows.",
        ),
        (
            b"RDX3\n",
            "an R data file",
            "Export each matrix in R with write.csv, samples as rows.",
        ),
        (
            b"X\n\0\0",
            "an R data file (.rds)",
            "Export each matrix in R with write.csv, samples as rows.",
        ),
        (b"%PDF", "a PDF document", AS_TABLE),
        (
            b"\xFF\xFE",
            "text in the encoding UTF-16",
            "Save it again with the encoding UTF-8.",
        ),
        (
            b"\xFE\xFF",
            "text in the encoding UTF-16",
            "Save it again with the encoding UTF-8.",
        ),
        (b"\x1F\x8B", "compressed twice", "Unpack it once."),
    ];
    if bytes.starts_with(b"PK\x03\x04") {
        let head = &bytes[..bytes.len().min(4096)];
        let has = |name: &[u8]| head.windows(name.len()).any(|w| w == name);
        return Some(if has(b"[Content_Types].xml") || has(b"xl/") {
            ("an Excel workbook (.xlsx)", EXCEL)
        } else if has(b".npy") {
            ("a NumPy archive (.npz)", AS_TABLE)
        } else {
            ("a ZIP archive", "Unpack it and name the files inside.")
        });
    }
    for (magic, what, advice) in known {
        if bytes.starts_with(magic) {
            return Some((what, advice));
        }
    }
    if bytes.get(257..262) == Some(b"ustar".as_slice()) {
        return Some(("a tar archive", "Unpack it and name the files inside."));
    }
    let head = &bytes[..bytes.len().min(1 << 16)];
    let start = head.trim_ascii_start();
    let starts = |tag: &[u8]| {
        start
            .get(..tag.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(tag))
    };
    if starts(b"<!doctype") || starts(b"<html") || starts(b"<?xml") {
        return Some((
            "a web page (HTML or XML)",
            "The download has probably failed: fetch the file itself.",
        ));
    }
    if starts(b"{") {
        return Some(("a JSON file", AS_TABLE));
    }
    head.contains(&0).then_some(("a binary file", AS_TABLE))
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
        let text = text(Path::new("m.csv"), raw, &CancelToken::new())?;
        Ok(text.bytes().to_vec())
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
        let sum = sha256(b"abc");
        assert!(sum.starts_with("ba7816bf") && sum.ends_with("f20015ad"));
    }
}
