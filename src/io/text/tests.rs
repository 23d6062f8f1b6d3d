use super::*;
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn open(raw: &[u8]) -> Result<Vec<u8>, LoadError> {
    TextReader::of_bytes(Path::new("m.csv"), raw)?.whole(&CancelToken::new())
}

#[test]
fn gzip_is_recognised_by_its_bytes_and_may_have_many_members() {
    let mut two = gzip(b"id,a\n");
    two.extend(gzip(b"s1,1\n"));
    assert_eq!(open(&two).unwrap(), b"id,a\ns1,1\n");
    let half = &gzip(&[b'7'; 5000])[..30];
    let error = open(half).unwrap_err();
    assert!(error.to_string().contains("file is cut off"), "{error}");
    let trailing = [&two[..], b"more"].concat();
    let error = open(&trailing).unwrap_err().to_string();
    assert!(error.contains("other bytes follow the end"), "{error}");
    let mut broken = gzip(b"id,a\ns1,1\n");
    let end = broken.len() - 6;
    broken[end] ^= 0xFF;
    let error = open(&broken).unwrap_err();
    assert!(error.to_string().contains("is damaged"), "{error}");
    assert!(error.is_unreadable() && !error.advice().is_empty());
}

#[test]
fn other_formats_are_named() {
    let locked: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let locked = [b"\xD0\xCF\x11\xE0........", &locked[..]].concat();
    let cases: [(&[u8], &str); 7] = [
        (b"\x89HDF\r\n\x1a\n....", "HDF5"),
        (b"\xD0\xCF\x11\xE0........", "an old Excel workbook"),
        (&locked, "an Excel workbook with a password"),
        (
            b"7z\xBC\xAF\x27\x1C....",
            "packed in a way that hdumec does not read",
        ),
        (b"%%MatrixMarket matrix", "Matrix Market"),
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
    let twice = open(&gzip(&packed)).unwrap_err().to_string();
    assert!(twice.contains("packed twice"), "{twice}");
    assert!(matches!(open(b" \r\n\n"), Err(LoadError::Empty { .. })));
}

#[test]
fn marks_and_line_ends() {
    assert_eq!(open(b"\xEF\xBB\xBFid,a\n").unwrap(), b"id,a\n");
    assert_eq!(open(b"id,a\rs,1\r").unwrap(), b"id,a\ns,1\n");
}

#[test]
fn lines_without_an_end_are_read_once_and_not_too_far() {
    // However long a line is, every byte of it is looked at once.
    for size in [16 << 20, 64 << 20] {
        let text = [&b"id,"[..], &vec![b'7'; size]].concat();
        let mut reader = TextReader::of_bytes(Path::new("m.csv"), &text).unwrap();
        assert_eq!(reader.whole(&CancelToken::new()).unwrap(), text);
        assert_eq!(reader.scanned, text.len());
    }
    let whole = |text: &[u8], longest: usize| {
        let reader = TextReader::of_bytes(Path::new("m.csv"), text).unwrap();
        let mut reader = reader.with_longest(longest);
        reader.whole(&CancelToken::new())
    };
    let said = |text: &[u8]| {
        let error = whole(text, 1_000_000).map(|_| "read").unwrap_err();
        assert!(error.advice().contains("line breaks"), "{}", error.advice());
        error.to_string()
    };
    let long = vec![b'1'; 1_000_001];
    assert!(whole(&long, 1_000_001).is_ok());
    let expected = "m.csv, line 1: the line is longer than 1,000,000 characters.";
    assert_eq!(said(&long), expected);
    assert_eq!(said(&[&long[..], b"\n1\n"].concat()), expected);
    let second = said(&[b"id,a\n", &long[..]].concat());
    assert!(second.contains("line 2:"), "{second}");
    // Far behind what is looked at first.
    let lines = b"s1,7\n".repeat(400_000);
    let later = said(&[&lines[..], &long].concat());
    assert!(later.contains("line 400,001:"), "{later}");
    let later = said(&[&lines[..], &long, b"\n", &lines].concat());
    assert!(later.contains("line 400,001:"), "{later}");
    // Lone carriage returns end lines too, also where the file is longer than a line may be.
    let returns = b"s1,7\r".repeat(400_000);
    let read = whole(&returns, 1_000_000).unwrap();
    assert!(read == b"s1,7\n".repeat(400_000));
}

#[test]
fn blocks_end_with_lines_and_the_hash_is_that_of_the_file() {
    let mut text = b"id,a\n".to_vec();
    for i in 0..1_500_000 {
        text.extend_from_slice(format!("s{i},{}\n", i % 7).as_bytes());
    }
    text.extend_from_slice(b"last,1");
    for raw in [text.clone(), gzip(&text)] {
        let cancel = CancelToken::new();
        let mut source = TextReader::of_bytes(Path::new("m.csv"), &raw).unwrap();
        let mut all = source.first(&cancel).unwrap();
        let (mut block, mut blocks) = (Vec::new(), 1);
        loop {
            assert!(all.ends_with(b"\n") || all == text);
            source.next(&mut block, &cancel).unwrap();
            if block.is_empty() {
                break;
            }
            all.extend_from_slice(&block);
            blocks += 1;
        }
        assert!(all == text && blocks > 3, "{blocks}");
        let file = source.finish(&cancel).unwrap();
        let hash: String = Sha256::digest(&raw)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!((file.bytes, file.sha256), (raw.len() as u64, hash));
    }
}
