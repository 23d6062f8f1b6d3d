use std::{fs, io::Write as _};

use super::*;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/parquet");

/// Memory that is plenty for these files.
const MEMORY: u64 = 1 << 24;

fn case(name: &str) -> PathBuf {
    Path::new(CASES).join(name)
}

fn read_within(path: &Path, memory: u64) -> Result<String, FormatError> {
    let file = File::open(path).unwrap();
    let mut text = String::new();
    let read = open(file, path, memory, &CancelToken::new())?.read_to_string(&mut text);
    let own = |error: io::Error| error.downcast::<FormatError>().unwrap();
    read.map_err(own).map(|_| text)
}

fn text_of(name: &str) -> String {
    read_within(&case(&format!("{name}.parquet")), MEMORY).unwrap()
}

fn refusal(name: &str) -> (String, String) {
    let error = read_within(&case(&format!("{name}.parquet")), MEMORY).unwrap_err();
    let said = error.to_string();
    (
        said[said.find("' ").unwrap() + 2..].to_owned(),
        error.advice(),
    )
}

/// What is said of these bytes.
fn read_bytes(bytes: &[u8], memory: u64) -> Result<String, FormatError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    read_within(file.path(), memory)
}

#[test]
fn parquet_is_known_by_its_beginning() {
    let bytes = fs::read(case("polars.parquet")).unwrap();
    assert!(recognises(&bytes));
    assert!(recognises(
        &fs::read(case("encrypted-whole.parquet")).unwrap()
    ));
    assert!(!recognises(b"PAR") && !recognises(b"id,PAR1\n"));
}

#[test]
fn every_compression_and_version_of_pages_gives_the_same_text() {
    let expected = fs::read_to_string(case("cells.csv")).unwrap();
    assert_eq!(expected.lines().count(), 41);
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"] {
        for version in [1, 2] {
            let name = format!("pyarrow-{codec}-v{version}");
            assert_eq!(text_of(&name), expected, "{name}");
        }
    }
}

#[test]
fn every_program_gives_the_same_text() {
    let expected = fs::read_to_string(case("measured.csv")).unwrap();
    let start = "id,CD4,count,type,flag\ncell-0,0.0,,B cell,\ncell-1,-0.0,1,T cell,false\n";
    assert!(expected.starts_with(start));
    for name in ["polars", "polars-groups-lz4", "duckdb", "duckdb-v2-zstd"] {
        assert_eq!(text_of(name), expected, "{name}");
    }
}

#[test]
fn the_index_of_pandas_comes_first_under_its_name() {
    let expected = fs::read_to_string(case("cells.csv")).unwrap();
    let (head, cells) = expected.split_once('\n').unwrap();
    assert_eq!(head, ",CD4,\"gene,2\",whole,type");
    assert_eq!(text_of("pandas-unnamed-index"), expected);
    assert_eq!(
        text_of("pandas-named-index"),
        format!("sample{head}\n{cells}")
    );

    let lines = expected.lines().map(|line| line.split_once(',').unwrap());
    let numbered: String = lines.clone().map(|(_, rest)| format!("{rest}\n")).collect();
    assert_eq!(text_of("pandas-range-index"), numbered);
    let two = lines.enumerate().map(|(row, (id, rest))| match row {
        0 => format!("cell,,{rest}\n"),
        _ => format!("{id},{},{rest}\n", row - 1),
    });
    assert_eq!(text_of("pandas-two-levels"), two.collect::<String>());
}

#[test]
fn tables_of_no_rows_and_of_one_column() {
    assert_eq!(text_of("pandas-no-rows"), ",CD4,\"gene,2\",whole,type\n");
    let text = text_of("pandas-one-column");
    assert!(text.starts_with("CD4\n0.0\n-0.0\n1.0\n-1.5\n0.1\n1e-45\n3.4028235e+38\n"));
    // A line without anything would be no row.
    assert_eq!(text.lines().nth(10), Some("\"\""));
    assert_eq!(text.lines().count(), 41);
    assert_eq!(text_of("pyarrow-same-names"), "a,a\n1,2\n");
}

#[test]
fn every_kind_of_value_at_its_limits() {
    assert_eq!(
        text_of("pyarrow-kinds"),
        fs::read_to_string(case("kinds.csv")).unwrap()
    );
    let old = "d5,date,ms,text\n1.23,1970-01-01,1970-01-01T00:00:00,\n\
        -0.01,2024-02-29,2024-02-29T00:00:00.123,\" a \"\"b\"\"\"\n,,,\n\
        0.00,0001-01-01,1969-12-31T23:59:59.999,\"zwei\nZeilen; ä\"\n";
    assert_eq!(text_of("pyarrow-kinds-old"), old);
    let int96 = "ns,f32\n1970-01-01T00:00:00,0.1\n2024-02-29T00:00:00.123456789,inf\n,\n\
        1969-12-31T23:59:59.999999999,NaN\n";
    assert_eq!(text_of("pyarrow-int96"), int96);
}

#[test]
fn every_encoding() {
    let mut expected = "i,j,s,t,f,b\n".to_owned();
    for i in 0..300_i64 {
        let whole = i * 7919 % 2001 - 1000;
        let wide = (i * 2_654_435_761) % (1 << 32) - (1 << 31);
        let long = "x".repeat(i as usize % 7);
        let float = i as f32 / 8.0 - 10.0;
        let truth = match i % 4 {
            0 => "",
            _ if i % 3 > 0 => "true",
            _ => "false",
        };
        let tens = i / 10;
        expected += &format!("{whole},{wide},gene-{i:05}-{long},prefix-{tens},{float:?},{truth}\n");
    }
    assert_eq!(text_of("pyarrow-encodings"), expected);
}

#[test]
fn what_is_no_table_of_cells_is_refused_by_name() {
    let (what, advice) = refusal("pyarrow-list");
    assert_eq!(
        what,
        "has the column \"counts\", which holds lists or structures"
    );
    assert!(advice.contains("df.drop(columns=[\"counts\"])"), "{advice}");
    let (what, _) = refusal("pyarrow-struct");
    assert_eq!(
        what,
        "has the column \"where\", which holds lists or structures"
    );
    for name in ["encrypted-whole", "encrypted-columns"] {
        assert_eq!(refusal(name).0, "is encrypted");
    }
}

#[test]
fn a_file_that_is_cut_off_is_an_error_wherever_it_is() {
    let bytes = fs::read(case("polars.parquet")).unwrap();
    for length in 0..bytes.len() {
        let error = read_bytes(&bytes[..length], MEMORY).unwrap_err();
        assert!(
            matches!(error, FormatError::Damaged { .. }),
            "{length}: {error}"
        );
    }
    let said = read_bytes(&bytes[..bytes.len() - 1], MEMORY)
        .unwrap_err()
        .to_string();
    let expected = "the footer: the end of the file is missing, where its columns are listed";
    assert!(said.ends_with(expected), "{said}");
}

#[test]
fn no_byte_that_is_wrong_makes_it_panic() {
    for name in [
        "duckdb-v2-zstd",
        "polars",
        "pyarrow-encodings",
        "pyarrow-kinds-old",
    ] {
        let bytes = fs::read(case(&format!("{name}.parquet"))).unwrap();
        let mut refused = 0;
        for at in 0..bytes.len() {
            for wrong in [0xFF, bytes[at] ^ 1] {
                let mut changed = bytes.clone();
                changed[at] = wrong;
                refused += usize::from(read_bytes(&changed, MEMORY).is_err());
            }
        }
        // Statistics and what pandas and Arrow say for themselves are not looked at.
        assert!(refused > bytes.len() / 4, "{name}: {refused}");
    }
}

#[test]
fn pages_that_take_more_memory_than_there_is_are_an_error_with_their_place() {
    let path = case("pyarrow-zstd-v1.parquet");
    let needed = (1..).map(|kilobytes| kilobytes * 1_000);
    let enough = needed
        .clone()
        .find(|most| read_within(&path, *most).is_ok());
    // Eight times the footer, and some pages.
    assert!((20_000..60_000).contains(&enough.unwrap()), "{enough:?}");
    let error = read_within(&path, enough.unwrap() - 1_000).unwrap_err();
    assert!(
        matches!(&error, FormatError::TooLarge { place, .. } if place.contains("row group")),
        "{error}"
    );
    let error = read_within(&path, 1_000).unwrap_err();
    assert!(
        matches!(&error, FormatError::TooLarge { place, .. } if place == "the footer"),
        "{error}"
    );
}

#[test]
fn who_cancels_is_heard_and_an_error_does_not_look_like_the_end() {
    let path = case("polars.parquet");
    let cancel = CancelToken::new();
    let file = File::open(&path).unwrap();
    let mut text = open(file, &path, MEMORY, &cancel).unwrap();
    cancel.cancel();
    let mut names = [0; 23];
    text.read_exact(&mut names).unwrap();
    assert_eq!(&names, b"id,CD4,count,type,flag\n");
    let error = text.read(&mut names).unwrap_err().downcast().unwrap();
    assert!(matches!(error, FormatError::Cancelled(_)));
    assert!(text.read(&mut names).is_err());
}

/// A file of nothing but this footer.
fn with_footer(footer: &[u8]) -> Vec<u8> {
    let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
    [MAGIC, footer, &length, MAGIC].concat()
}

#[test]
fn hostile_footers_are_errors_at_once() {
    let said = |footer: &[u8]| {
        read_bytes(&with_footer(footer), MEMORY)
            .unwrap_err()
            .to_string()
    };
    // Lists of two thousand million columns, row groups, and truths that take no byte each in other readers.
    let many = [0xFF, 0xFF, 0xFF, 0xFF, 0x07];
    for (field, kind) in [(0x29, 0xFC), (0x49, 0xFC), (0x79, 0xF1)] {
        let footer = [&[field, kind][..], &many, &[0]].concat();
        let said = said(&footer);
        assert!(
            said.ends_with("ends too early") || said.contains("impossible"),
            "{said}"
        );
    }
    // A hundred thousand structures within each other: a field that is skipped.
    let deep = [&[0x6C][..], &[0x1C; 100_000]].concat();
    assert!(said(&deep).ends_with("is nested too deeply"));
    // As many children, each of which says that it has children.
    let child = [0x48, 1, b'x', 0x15, 2, 0];
    let mut nested = vec![0x29, 0xFC, 0xA0, 0x8D, 0x06];
    nested.extend(child.repeat(100_000));
    nested.push(0);
    assert!(said(&nested).contains("lists or structures"));
    // A text that is longer than the footer, and a footer that is longer than the file.
    assert!(said(&[0x68, 0xFF, 0xFF, 0x03]).ends_with("ends too early"));
    let mut long = with_footer(&[0]);
    long[5] = 200;
    let said = read_bytes(&long, MEMORY).unwrap_err().to_string();
    assert!(
        said.ends_with("is said to be longer than the file"),
        "{said}"
    );
    assert!(said.contains("the footer"));
}
