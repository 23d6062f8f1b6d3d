//! Files that are small and hold, or claim to hold, far more than there is memory for.

use std::{
    fmt::Debug,
    fs,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

use flate2::{Compress, Compression, Crc, FlushCompress, write::GzEncoder};
use hdumec::{
    format::{self, FormatError, ReadPlan, packed},
    io::{self, LoadSpec},
    job::CancelToken,
};

use super::harness::BUDGET;

fn read(path: &Path) -> Result<format::Contents, FormatError> {
    let plan = ReadPlan {
        memory: BUDGET,
        ..ReadPlan::default()
    };
    let format = format::recognise(path)?.expect("a known format");
    format.read(path, &plan, &CancelToken::new())
}

/// What is said of a file that must be refused, and soon.
fn refused<T: Debug, E: Debug>(read: impl FnOnce() -> Result<T, E>) -> E {
    let start = Instant::now();
    let error = read().unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(20), "{error:?}");
    error
}

fn load(path: &Path) -> String {
    let spec = LoadSpec {
        paths: vec![path.to_owned()],
        memory: Some(BUDGET),
        ..LoadSpec::default()
    };
    let load = || io::load(&spec, &CancelToken::new()).map(|_| "read");
    refused(load).to_string()
}

/// A gzip file of a text and then another, again and again.
fn gzip(head: &str, again: &[u8], times: usize) -> Vec<u8> {
    let member = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    [member(head.as_bytes()), member(again).repeat(times)].concat()
}

/// A zip archive of one file that unpacks to 10 MB of zeros so many times.
fn zip(times: usize) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::default(), false);
    let mut block = Vec::with_capacity(1 << 20);
    let zeros = vec![0; 10 << 20];
    // It ends at a whole byte, so that it can be repeated; then comes an empty last block.
    deflate
        .compress_vec(&zeros, &mut block, FlushCompress::Full)
        .unwrap();
    let data = [&block.repeat(times)[..], &[3, 0]].concat();
    let (packed, length) = (data.len() as u32, (zeros.len() * times) as u32);
    let mut sum = Crc::new();
    sum.update(&zeros);
    let name = b"zeros";
    // Version, flags, deflate, time, date; sum and sizes; length of the name and of nothing else.
    let both = [
        &[20, 0, 0, 0, 8, 0, 0, 0, 0, 0][..],
        &sum.sum().to_le_bytes(),
        &packed.to_le_bytes(),
        &length.to_le_bytes(),
        &[name.len() as u8, 0, 0, 0],
    ]
    .concat();
    let local = [&b"PK\x03\x04"[..], &both, name].concat();
    let central = [&b"PK\x01\x02\x14\0"[..], &both, &[0; 14], name].concat();
    let start = (local.len() + data.len()) as u32;
    let end = [
        &b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..],
        &(central.len() as u32).to_le_bytes(),
        &start.to_le_bytes(),
        &[0, 0],
    ];
    [&local[..], &data, &central, &end.concat()].concat()
}

#[test]
fn what_unpacks_to_gigabytes_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("packed");
    for bytes in [gzip("", &vec![0; 10 << 20], 1_000), zip(1_000)] {
        assert!(
            (9 << 20..12 << 20).contains(&bytes.len()),
            "{}",
            bytes.len()
        );
        fs::write(&path, bytes).unwrap();
        let mut stream = packed::open(&path, BUDGET).unwrap();
        let error = refused(|| std::io::copy(&mut stream, &mut std::io::sink()));
        let error = packed::format_error(&path, error);
        assert!(matches!(error, FormatError::TooLarge { .. }), "{error}");
    }
}

#[test]
fn a_hundred_million_lines_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = "#1.2\n100000000\t1\nName\tDescription\ts\n";
    let gct = gzip(sizes, &b"g\t\t1\n".repeat(100_000), 1_000);
    let head = "%%MatrixMarket matrix coordinate real general\n2 2 100000000\n";
    let mtx = gzip(head, &b"1 1 1\n".repeat(100_000), 1_000);
    for (name, bytes) in [("a.gct.gz", gct), ("a.mtx.gz", mtx)] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let error = refused(|| read(&path));
        println!("{error}");
        assert!(!matches!(error, FormatError::Read { .. }), "{error}");
    }
}

#[test]
fn sizes_that_lie_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let most = u64::MAX;
    let matrix = "%%MatrixMarket matrix coordinate real general\n";
    for (name, text) in [
        (
            "a.gct",
            format!("#1.2\n{most}\t{most}\nName\tDescription\ts\ng\t\t1\n"),
        ),
        (
            "b.gct",
            "#1.3\n1\t1\t4294967296\t4294967296\nid\ts\ng\t1\n".into(),
        ),
        ("a.mtx", format!("{matrix}{most} {most} {most}\n1 1 1\n")),
        ("b.mtx", format!("{matrix}4294967295 4294967295 1\n1 1 1\n")),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        println!("{}", refused(|| read(&path)));
    }
    let hdf5 = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/hdf5");
    for name in [
        "lie_many_samples",
        "lie_packed",
        "lie_shared_text",
        "lie_wide",
    ] {
        let plan = ReadPlan {
            memory: 16 << 20,
            ..ReadPlan::default()
        };
        let path = hdf5.join(name).with_extension("h5ad");
        let format = format::recognise(&path).unwrap().unwrap();
        let start = Instant::now();
        // Some of them hold something beside the lie.
        _ = format.read(&path, &plan, &CancelToken::new());
        assert!(start.elapsed() < Duration::from_secs(20), "{name}");
    }
}

#[test]
fn ten_million_columns_and_more_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wide.csv");
    let columns = 10_000_001;
    let text = format!("id{}\ns{}\n", ",g".repeat(columns), ",1".repeat(columns));
    fs::write(&path, text).unwrap();
    let said = load(&path);
    assert!(said.contains("10,000,002 columns"), "{said}");

    let path = folder.path().join("wide.gct");
    let head = format!("#1.2\n1\t{columns}\nName\tDescription");
    fs::write(&path, head + &"\ts".repeat(columns) + "\n").unwrap();
    refused(|| read(&path));
}

#[test]
fn a_line_that_never_ends_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let sevens = vec![b'7'; 10 << 20];
    let csv = folder.path().join("long.csv.gz");
    fs::write(&csv, gzip("id,a\ns,", &sevens, 51)).unwrap();
    let said = load(&csv);
    assert!(said.contains("line 2: the line is longer"), "{said}");
    for (name, head) in [
        ("a.gct.gz", "#1.2\n1\t1\nName\tDescription\ts\n"),
        (
            "a.mtx.gz",
            "%%MatrixMarket matrix coordinate real general\n1 1 1\n",
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, gzip(head, &sevens, 51)).unwrap();
        println!("{}", refused(|| read(&path)));
    }
}

#[test]
fn names_that_are_all_alike_are_numbered_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alike.csv");
    let row = |id: &str, cell: &str| format!("{id}{}\n", cell.repeat(200_000));
    let rows = [row("id", ",g"), row("s1", ",1"), row("s2", ",2")];
    fs::write(&path, rows.concat()).unwrap();
    let spec = LoadSpec {
        paths: vec![path],
        ..LoadSpec::default()
    };
    let start = Instant::now();
    let loaded = io::load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(loaded.dataset.modalities[0].features[199_999], "g.199999");
    assert!(start.elapsed() < Duration::from_secs(20));
}
