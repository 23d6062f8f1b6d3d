//! Common files that are no tables of text.

const AS_TABLE: &str =
    "Export it as a table of text (.csv or .tsv): one row per sample, one column per feature.";

/// Recognises common files that are no tables of text: what it is and what to do.
pub(super) fn other_format(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const EXCEL: &str = "Save the sheet of each modality as CSV UTF-8, one file each.";
    const HDF5: &str = "Unpack it: hdumec opens what is in it.";
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
            "Give it without what stands before its first line.",
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
