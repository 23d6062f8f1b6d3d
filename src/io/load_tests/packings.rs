//! Tables and labels however they are packed.

use super::*;
use crate::io::workbook::fixture::zipped;
use sha2::{Digest as _, Sha256};

const TABLE: &str = "sample,CD3,CD4\ns1,1.5,2\ns2,3,4.25\ns3,0,7\ns4,2,1\n";
const LABELS: &str = "sample\ttype\ns1\tT\ns2\tB\ns3\tT\ns4\tB\n";

type Pack = fn(&[u8]) -> Vec<u8>;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    zipped(&[(
        "any.csv".to_owned(),
        String::from_utf8(bytes.to_vec()).unwrap(),
    )])
}

/// The ending, the packed table and the packed labels; xz as Python's `lzma` wrote it.
fn all() -> Vec<(&'static str, Vec<u8>, Vec<u8>)> {
    let case = |name: &str| fs::read(root().join("tests/cases/packed").join(name)).unwrap();
    let packings: [(&str, Pack); 4] = [("gz", gzip), ("bz2", bzip2), ("ZST", zstd), ("zip", zip)];
    let packed = |(ending, pack): (&'static str, Pack)| {
        (ending, pack(TABLE.as_bytes()), pack(LABELS.as_bytes()))
    };
    let mut all: Vec<_> = packings.into_iter().map(packed).collect();
    all.push(("xz", case("modality_rna.csv.xz"), case("labels.tsv.xz")));
    all
}

#[test]
fn tables_and_labels_open_however_they_are_packed() {
    let expected = one(TABLE).unwrap().dataset;
    for (ending, table, labels) in all() {
        let folder = Folder::new(&[]);
        let path = folder.path(&format!("modality_rna.csv.{ending}"));
        fs::write(&path, &table).unwrap();
        fs::write(folder.path(&format!("labels.tsv.{ending}")), &labels).unwrap();
        let loaded = folder.load().unwrap();
        assert_eq!(loaded.dataset.modalities, expected.modalities, "{ending}");
        assert_eq!(loaded.dataset.modalities[0].name, "rna");
        assert_eq!(loaded.dataset.labels.unwrap().classes, ["B", "T"]);
        for (file, bytes) in loaded.inputs.files.iter().zip([&table, &labels]) {
            let hash = Sha256::digest(bytes);
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(
                (file.bytes, &file.sha256),
                (bytes.len() as u64, &hash),
                "{ending}"
            );
        }
        // The name does not matter.
        fs::rename(&path, folder.path("modality_rna.csv")).unwrap();
        assert_eq!(
            folder.load().unwrap().dataset.modalities,
            expected.modalities
        );
    }
}

#[test]
fn what_is_cut_off_is_never_read_in_part() {
    for (ending, table, labels) in all() {
        for end in 12..table.len() {
            let folder = Folder::new(&[]);
            let path = folder.path("modality_rna.csv");
            fs::write(&path, &table[..end]).unwrap();
            let error = folder.load().unwrap_err();
            assert!(
                error.to_string().contains("cut off"),
                "{ending} at {end}: {error}"
            );
            assert!(error.advice().contains("again"));
        }
        // Labels beside the data that cannot be read are not the same as none.
        let folder = Folder::new(&[("modality_rna.csv", TABLE)]);
        fs::write(folder.path("labels.tsv"), &labels[..labels.len() - 3]).unwrap();
        let error = folder.load().unwrap_err().to_string();
        assert!(
            error.contains("labels.tsv") && error.contains("cut off"),
            "{error}"
        );
    }
}

#[test]
fn an_archive_of_several_files_names_them() {
    let folder = Folder::new(&[]);
    let two = ["a.csv", "b.csv"].map(|name| (name.to_owned(), TABLE.to_owned()));
    fs::write(folder.path("modality_rna.csv.zip"), zipped(&two)).unwrap();
    let error = folder.load().unwrap_err();
    assert!(
        error
            .to_string()
            .contains("zip archive of 2 files (a.csv, b.csv, ..)"),
        "{error}"
    );
    assert!(error.advice().contains("unpack it"));
}

#[test]
fn packed_text_may_be_utf16_and_rows_may_go_on() {
    let wide: Vec<u8> = format!("\u{feff}{TABLE}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let quoted = TABLE.replace("s4", "\"s\n4\"");
    for (ending, pack) in [("bz2", bzip2 as Pack), ("zst", zstd), ("gz", gzip)] {
        let folder = Folder::new(&[]);
        let path = folder.path(&format!("modality_rna.csv.{ending}"));
        fs::write(&path, pack(&wide)).unwrap();
        let loaded = folder.load().unwrap();
        assert_eq!(loaded.dataset.samples.names(), ["s1", "s2", "s3", "s4"]);
        assert!(sentences(&loaded.report).join("\n").contains("UTF-16"));
        fs::write(&path, pack(quoted.as_bytes())).unwrap();
        assert_eq!(folder.load().unwrap().dataset.samples[3], "s\n4");
    }
}
