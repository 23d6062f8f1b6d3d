//! Files that people have and hdumec does not read: what they are, and how to convert them.

use std::path::Path;

use super::{Contents, Format, FormatError, Inspection, Look, ReadPlan, packed};
use crate::job::CancelToken;

/// Bytes that tell what is in a file.
const HEAD: u64 = 512;

/// A file that is recognised in order to say how to convert it.
#[derive(Clone, Copy, Debug)]
pub struct Foreign;

/// What such a file is, and what to do with it.
type Refusal = (&'static str, &'static str);

const R: Refusal = (
    "is a file of R, which only R can read in full",
    "write it from R: for a Seurat object, 'DropletUtils::write10xCounts(\"folder\", SeuratObject::LayerData(object, \"counts\"), version = \"3\")'; \
     for a SingleCellExperiment, 'zellkonverter::writeH5AD(object, \"file.h5ad\")'; for a table, 'write.csv(table, \"file.csv\")'",
);
const TAR: Refusal = (
    "is a tar archive of several files",
    "unpack it ('tar -xf') and open the folder that it makes",
);
const OTHER_PACKING: Refusal = (
    "is packed in a way that hdumec does not read",
    "unpack it and open what is in it",
);

impl Foreign {
    /// What a file is, if it is one of those.
    fn refusal(look: &Look) -> Option<Refusal> {
        if look.entries.is_some() {
            return None;
        }
        let packings: [&[u8]; 4] = [
            b"7z\xBC\xAF\x27\x1C",
            b"Rar!\x1A\x07",
            b"\x1F\x9D",
            b"\x04\x22\x4D\x18",
        ];
        if packings.iter().any(|magic| look.head.starts_with(magic)) {
            return Some(OTHER_PACKING);
        }
        let head = packed::head(&look.path, HEAD).ok()?;
        // R's serialisation, versions 2 and 3, binary or as text; RData puts a word before it.
        let r: [&[u8]; 8] = [
            b"X\n\0\0\0\x02",
            b"X\n\0\0\0\x03",
            b"A\n2\n",
            b"A\n3\n",
            b"RDX2\n",
            b"RDX3\n",
            b"RDA2\n",
            b"RDA3\n",
        ];
        if r.iter().any(|magic| head.starts_with(magic)) {
            return Some(R);
        }
        (head.get(257..262) == Some(b"ustar")).then_some(TAR)
    }

    fn refuse(path: &Path) -> Result<FormatError, FormatError> {
        let (what, advice) = Self::refusal(&Look::at(path)?).unwrap_or(OTHER_PACKING);
        Ok(FormatError::Unsupported {
            path: path.to_owned(),
            what: what.into(),
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
