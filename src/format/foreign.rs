//! Files that people have and hdumec does not read: what they are, and how to convert them.

use std::path::Path;

use super::{
    Contents, Format, FormatError, Inspection, Look, ReadPlan,
    packed::{self, Packing},
};
use crate::job::CancelToken;

/// Bytes that tell what is in a file.
const HEAD: u64 = 512;

/// A file that is recognised in order to say how to convert it.
#[derive(Clone, Copy, Debug)]
pub struct Foreign;

/// What a file is that hdumec does not read, and what to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What it is: `a tar archive of several files`.
    pub what: &'static str,
    /// What to do with it.
    pub advice: &'static str,
}

const fn refusal(what: &'static str, advice: &'static str) -> Refusal {
    Refusal { what, advice }
}

const AS_TABLE: &str =
    "Export it as a table of text (.csv or .tsv): one row per sample, one column per feature.";
const UNPACK: &str = "Unpack it and open what is in it.";
const AS_UTF8: &str = "Save it again with the encoding UTF-8.";

const R: Refusal = refusal(
    "a file of R, which only R can read in full",
    "Write it from R: for a Seurat object, 'DropletUtils::write10xCounts(\"folder\", SeuratObject::LayerData(object, \"counts\"), version = \"3\")'; \
     for a SingleCellExperiment, 'zellkonverter::writeH5AD(object, \"file.h5ad\")'; for a table, 'write.csv(table, \"file.csv\")'.",
);
const TAR: Refusal = refusal(
    "a tar archive of several files",
    "Unpack it ('tar -xf') and open the folder that it makes.",
);
const OTHER_PACKING: Refusal = refusal("packed in a way that hdumec does not read", UNPACK);
const TWICE: Refusal = refusal("packed twice", "Unpack it once.");
const OLD_EXCEL: Refusal = refusal(
    "an old Excel workbook (.xls)",
    "Save it as an Excel workbook (.xlsx), or each sheet as CSV UTF-8.",
);
const LOCKED_EXCEL: Refusal = refusal(
    "an Excel workbook with a password",
    "Take the password off in Excel (File, Info, Protect Workbook, Encrypt with Password: leave it empty) and save it again.",
);

/// First bytes of files that people open, and which are neither tables nor hold any that are read.
const OTHERS: &[(&[u8], Refusal)] = &[
    (
        b"\x89HDF\r\n\x1a\n",
        refusal(
            "an HDF5 file (such as .h5ad, .h5mu or 10x .h5)",
            "Unpack it: hdumec opens what is in it.",
        ),
    ),
    (
        b"%%MatrixMarket",
        refusal(
            "a Matrix Market file (.mtx) of counts",
            "Give it without what stands before its first line.",
        ),
    ),
    (b"ARROW1", refusal("an Arrow (Feather) file", AS_TABLE)),
    (b"\x93NUMPY", refusal("a NumPy array (.npy)", AS_TABLE)),
    (b"MATLAB 5.0", refusal("a MATLAB file", AS_TABLE)),
    (b"%PDF", refusal("a PDF document", AS_TABLE)),
    (b"\xFF\xFE", refusal("text in the encoding UTF-16", AS_UTF8)),
    (b"\xFE\xFF", refusal("text in the encoding UTF-16", AS_UTF8)),
];

/// First bytes of files packed in ways that are not unpacked.
const PACKINGS: [&[u8]; 4] = [
    b"7z\xBC\xAF\x27\x1C",
    b"Rar!\x1A\x07",
    b"\x1F\x9D",
    b"\x04\x22\x4D\x18",
];

/// R's serialisation, versions 2 and 3, binary or as text; RData puts a word before it.
const OF_R: [&[u8]; 8] = [
    b"X\n\0\0\0\x02",
    b"X\n\0\0\0\x03",
    b"A\n2\n",
    b"A\n3\n",
    b"RDX2\n",
    b"RDX3\n",
    b"RDA2\n",
    b"RDA3\n",
];

/// What a file is whose content, unpacked, begins so, if it holds data that are not read; no table begins so.
fn of_data(head: &[u8]) -> Option<Refusal> {
    let starts = |magic: &&[u8]| head.starts_with(magic);
    if PACKINGS.iter().any(starts) {
        return Some(OTHER_PACKING);
    }
    if OF_R.iter().any(starts) {
        return Some(R);
    }
    (head.get(257..262) == Some(b"ustar")).then_some(TAR)
}

/// What a file is whose content, unpacked, begins so, if it is no table of text.
pub(crate) fn no_text(start: &[u8]) -> Option<Refusal> {
    if let Some(refusal) = of_data(start) {
        return Some(refusal);
    }
    if Packing::of(start) != Packing::Plain {
        return Some(TWICE);
    }
    let known = OTHERS.iter().find(|(magic, _)| start.starts_with(magic));
    if let Some((_, refusal)) = known {
        return Some(*refusal);
    }
    let head = &start[..start.len().min(1 << 16)];
    // The container of old Office files, in which also encrypted ones are.
    if head.starts_with(b"\xD0\xCF\x11\xE0") {
        let name: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let locked = start.windows(name.len()).any(|window| window == name);
        return Some(if locked { LOCKED_EXCEL } else { OLD_EXCEL });
    }
    let text = head.trim_ascii_start();
    let begins = |tag: &[u8]| {
        text.get(..tag.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
    };
    if begins(b"<!doctype") || begins(b"<html") || begins(b"<?xml") {
        return Some(refusal(
            "a web page (HTML or XML)",
            "The download has probably failed: fetch the file itself.",
        ));
    }
    if begins(b"{") {
        return Some(refusal("a JSON file", AS_TABLE));
    }
    head.contains(&0)
        .then_some(refusal("a binary file", AS_TABLE))
}

impl Foreign {
    /// What a file is, if it is one of those.
    fn refusal(look: &Look) -> Option<Refusal> {
        if look.entries.is_some() {
            return None;
        }
        of_data(&packed::head(&look.path, HEAD).ok()?)
    }

    fn refuse(path: &Path) -> Result<FormatError, FormatError> {
        let Refusal { what, advice } = Self::refusal(&Look::at(path)?).unwrap_or(OTHER_PACKING);
        Ok(FormatError::Unsupported {
            path: path.to_owned(),
            what: format!("is {what}"),
            advice: advice.into(),
        })
    }
}

impl Format for Foreign {
    fn name(&self) -> &'static str {
        "file of another program"
    }

    fn recognises(&self, look: &Look) -> bool {
        Self::refusal(look).is_some()
    }

    fn inspect(&self, path: &Path, _: &CancelToken) -> Result<Inspection, FormatError> {
        Err(Self::refuse(path)?)
    }

    fn read(&self, path: &Path, _: &ReadPlan, _: &CancelToken) -> Result<Contents, FormatError> {
        Err(Self::refuse(path)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::recognise;
    use std::{fs, io::Write as _};

    #[test]
    fn other_files_are_told_by_their_content_with_the_way_to_convert_them() {
        let folder = tempfile::tempdir().unwrap();
        let told = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            let format = recognise(&path).unwrap()?;
            match format.inspect(&path, &CancelToken::new()) {
                Err(FormatError::Unsupported { what, advice, .. }) => Some((what, advice)),
                other => panic!("{other:?}"),
            }
        };
        let gzip = |content: &[u8]| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(content).unwrap();
            gzip.finish().unwrap()
        };
        let mut tar = vec![0; 1024];
        tar[257..262].copy_from_slice(b"ustar");
        let rds = b"X\n\0\0\0\x03\0\x04\x01\0";
        for (name, content) in [
            ("a.rds", &gzip(rds)[..]),
            ("a", rds),
            ("b.RData", &gzip(b"RDX3\nX\n")),
        ] {
            let (what, advice) = told(name, content).unwrap();
            assert!(
                what.contains("file of R") && advice.contains("writeH5AD"),
                "{name}"
            );
        }
        for content in [&tar, &gzip(&tar)] {
            assert!(
                told("GSE1_RAW.tar", content)
                    .unwrap()
                    .0
                    .contains("tar archive")
            );
        }
        assert!(
            told("a.7z", b"7z\xBC\xAF\x27\x1C..")
                .unwrap()
                .0
                .contains("is packed")
        );
        assert_eq!(told("a.rds", b""), None);
    }
}
