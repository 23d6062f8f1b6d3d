//! What the tests of all formats in HDF5 files share, and those of what they have in common.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rand::{RngExt as _, SeedableRng as _};

use crate::{
    data::{Matrix, Storage},
    format::{
        self, Contents, Format, FormatError, H5ad, H5mu, OtherHdf5, Piece, ReadPlan, Severity,
        TenxH5,
    },
    job::CancelToken,
};

/// A file that `tests/cases/hdf5/make.py` has made.
pub(in crate::format) fn case(name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/hdf5")).join(name)
}

/// A file of another program, where such files are there.
pub(in crate::format) fn shared(name: &str) -> Option<PathBuf> {
    let beside = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    let folder = std::env::var_os("HDUMEC_SHARED").map_or(beside.to_owned(), PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

pub(in crate::format) fn plan(matrix: Option<&str>) -> ReadPlan {
    ReadPlan {
        matrix: matrix.map(str::to_owned),
        memory: 64 << 20,
        ..ReadPlan::default()
    }
}

/// Reads a file by the format that recognises it, which must be `format`.
pub(in crate::format) fn read(
    format: &dyn Format,
    path: &Path,
    matrix: Option<&str>,
) -> Result<Contents, FormatError> {
    let found = format::recognise(path).unwrap().expect("an HDF5 file");
    assert_eq!(found.name(), format.name());
    let contents = found.read(path, &plan(matrix), &CancelToken::new())?;
    assert_eq!(contents.files, [path]);
    contents.pieces.iter().for_each(check);
    Ok(contents)
}

/// All that belongs together is of one size.
fn check(piece: &Piece) {
    let size = (piece.matrix.samples(), piece.matrix.features());
    assert_eq!(size, (piece.samples.len(), piece.features.len()));
    assert!(
        piece
            .obs
            .columns()
            .all(|(_, column)| column.len() == size.0)
    );
    assert!(
        piece
            .var
            .columns()
            .all(|(_, column)| column.len() == size.1)
    );
}

/// All values, row by row.
pub(in crate::format) fn values(matrix: &Matrix) -> Vec<f32> {
    let mut out = vec![f32::NAN; matrix.samples() * matrix.features()];
    matrix.fill(0..matrix.samples(), &mut out).unwrap();
    out
}

/// Size, sum, first and last value, and how many are not zero: what numpy says of the same matrix.
pub(in crate::format) fn assert_matrix(
    matrix: &Matrix,
    size: [usize; 2],
    sum: f64,
    ends: [f32; 2],
    nonzero: usize,
) {
    assert_eq!([matrix.samples(), matrix.features()], size);
    let values = values(matrix);
    let total: f64 = values.iter().copied().map(f64::from).sum();
    assert!(
        (total - sum).abs() < 1e-6 * sum.abs().max(1.0),
        "{total} instead of {sum}"
    );
    assert_eq!([values[0], *values.last().unwrap()], ends);
    assert_eq!(values.iter().filter(|x| **x != 0.0).count(), nonzero);
}

/// Kind of every column and how many of its values are missing.
pub(in crate::format) fn kinds(frame: &crate::data::Frame) -> Vec<(&str, &str, usize)> {
    frame
        .columns()
        .map(|(name, column)| (name, column.kind(), column.missing()))
        .collect()
}

/// Whether a notice says this.
pub(in crate::format) fn says(contents: &Contents, severity: Severity, words: &str) -> bool {
    let notices = &contents.notices;
    let said = notices
        .iter()
        .any(|notice| notice.severity == severity && notice.text.contains(words));
    if !said {
        eprintln!("{notices:#?}");
    }
    said
}

#[test]
fn other_hdf5_files_are_refused_by_name() {
    let error = read(&OtherHdf5, &case("cells.loom"), None).unwrap_err();
    let FormatError::Unsupported { what, advice, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(what, "is a loom file");
    assert!(advice.contains("read_loom"));
}

#[test]
fn filters_are_read_or_named() {
    for name in ["lzf.h5ad", "zstd.h5ad"] {
        let contents = read(&H5ad, &case(name), None).unwrap();
        let expected = [
            0., 1., 0., 2., 0., 0., 0., 0., 3., 0., 4., 5., 0., 0., 7., 0., 0., 0., 0., 0., 9., 8.,
            0., 0.,
        ];
        assert_eq!(
            values(&contents.pieces[0].matrix),
            expected.repeat(50),
            "{name}"
        );
        assert_eq!(contents.pieces[0].samples.names()[299], "c299");
    }
    let error = read(&H5ad, &case("blosc.h5ad"), None).unwrap_err();
    let FormatError::Unsupported { what, advice, .. } = error else {
        panic!("{error}")
    };
    assert!(what.contains("Blosc (filter 32001)"), "{what}");
    assert!(advice.contains("gzip"));
}

#[test]
fn what_does_not_fit_into_memory_is_refused_before_it_is_read() {
    let read = |memory| {
        let plan = ReadPlan {
            matrix: None,
            memory,
            ..ReadPlan::default()
        };
        H5ad.read(&case("new.h5ad"), &plan, &CancelToken::new())
    };
    assert!(matches!(read(60_000), Err(FormatError::TooLarge { needed, .. }) if needed > 45_000));
    assert!(read(1_000).is_err() && read(0).is_err());
    read(400_000).unwrap();
}

#[test]
fn files_that_lie_are_refused() {
    for name in ["many_samples", "packed", "shared_text", "wide"] {
        let since = Instant::now();
        let error = read(&H5ad, &case(&format!("lie_{name}.h5ad")), None).unwrap_err();
        assert!(
            matches!(error, FormatError::TooLarge { .. }),
            "{name}: {error}"
        );
        assert!(since.elapsed() < Duration::from_secs(2), "{name}");
    }
    for (name, reason) in [
        ("starts", "the starts of the samples do not rise"),
        (
            "outside",
            "sample 1 has a value for feature 5, but there are 4",
        ),
        (
            "negative",
            "sample 1 has a value for feature 4294967296, but there are 4",
        ),
        ("twice", "sample 1 has two values for feature 2"),
    ] {
        let error = read(&H5ad, &case(&format!("wrong_{name}.h5ad")), None).unwrap_err();
        let FormatError::Damaged { place, what, .. } = error else {
            panic!("{error}")
        };
        assert!(place == "X" && what.contains(reason), "{place}: {what}");
    }
    // A group that holds itself, and a link to nowhere.
    let contents = read(&H5ad, &case("cycle.h5ad"), None).unwrap();
    assert_eq!(contents.pieces[0].samples.len(), 6);
}

#[test]
fn dense_values_beyond_the_memory_stand_on_disk() {
    let plan = ReadPlan {
        matrix: None,
        memory: 60_000,
        ..ReadPlan::default()
    };
    // 300 samples of 4 features, of which the names leave little room.
    let mut small = plan.clone();
    small.memory = 24_000;
    let large = H5ad
        .read(&case("lzf.h5ad"), &plan, &CancelToken::new())
        .unwrap();
    let small = H5ad
        .read(&case("lzf.h5ad"), &small, &CancelToken::new())
        .unwrap();
    assert!(large.pieces[0].matrix.bytes_in_memory() > 0);
    assert_eq!(small.pieces[0].matrix.bytes_in_memory(), 0);
    assert_eq!(small.pieces[0].matrix, large.pieces[0].matrix);
}

#[test]
fn sparse_values_beyond_what_they_may_take_stand_on_disk() {
    let mut seen = 0;
    for (format, name, matrix) in [
        (&H5ad as &dyn Format, "new.h5ad", None),
        // Feature by feature.
        (&H5ad, "scaled.h5ad", Some("layers/counts")),
        (&H5mu, "two.h5mu", None),
        (&TenxH5, "legacy.h5", None),
    ] {
        let read = |values| {
            let plan = ReadPlan {
                values,
                ..plan(matrix)
            };
            format
                .read(&case(name), &plan, &CancelToken::new())
                .unwrap()
        };
        let (memory, disk) = (read(None), read(Some(0)));
        for (memory, disk) in memory.pieces.iter().zip(&disk.pieces) {
            assert_eq!(memory.matrix, disk.matrix, "{name}");
            let storage = [&memory.matrix, &disk.matrix].map(Matrix::storage);
            assert_eq!(storage, [Storage::Memory, Storage::Disk], "{name}");
            seen += usize::from(matches!(disk.matrix, Matrix::Sparse(_)));
        }
    }
    assert!(seen >= 4, "{seen}");
    // What is wrong with a matrix is told as in memory.
    for name in ["starts", "outside", "negative", "twice"] {
        let path = case(&format!("wrong_{name}.h5ad"));
        let said = [None, Some(0)].map(|values| {
            let plan = ReadPlan {
                values,
                ..plan(None)
            };
            let error = H5ad.read(&path, &plan, &CancelToken::new()).unwrap_err();
            error.to_string()
        });
        assert_eq!(said[0], said[1]);
    }
}

#[test]
fn reading_stops_when_it_is_cancelled() {
    let cancel = CancelToken::new();
    cancel.cancel();
    for (format, name) in [
        (&H5ad as &dyn Format, "new.h5ad"),
        (&H5mu, "two.h5mu"),
        (&TenxH5, "legacy.h5"),
    ] {
        let result = format.read(&case(name), &plan(None), &cancel);
        assert!(matches!(result, Err(FormatError::Cancelled(_))), "{name}");
    }
}

/// Seconds to try damaged files; `HDUMEC_FUZZ_SECONDS` for more.
fn seconds() -> u64 {
    let said = std::env::var("HDUMEC_FUZZ_SECONDS").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(4)
}

#[test]
fn damaged_files_are_read_or_refused() {
    let names = fs::read_dir(case(""))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = names
        .filter(|path| path.extension().is_some_and(|e| e != "py"))
        .collect();
    files.sort();
    let originals: Vec<_> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    let folder = tempfile::tempdir().unwrap();
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let start = Instant::now();
    let (mut read, mut refused, mut slowest) = (0, 0, Duration::ZERO);
    for round in 0.. {
        if round >= 2 && start.elapsed() > Duration::from_secs(seconds()) {
            break;
        }
        for (path, original) in files.iter().zip(&originals) {
            let mut bytes = original.clone();
            for _ in 0..random.random_range(1..=8) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = match random.random_range(0..3) {
                    0 => 0xff,
                    1 => random.random(),
                    _ => bytes[at] ^ (1 << random.random_range(0..8)),
                };
            }
            if random.random_bool(0.2) {
                bytes.truncate(random.random_range(0..bytes.len()));
            }
            let damaged = folder.path().join(path.file_name().unwrap());
            fs::write(&damaged, bytes).unwrap();
            let since = Instant::now();
            let format = format::recognise(&damaged).unwrap();
            let Some(format) = format else { continue };
            let _ = format.inspect(&damaged, &CancelToken::new());
            match format.read(&damaged, &plan(None), &CancelToken::new()) {
                Ok(contents) => {
                    contents.pieces.iter().for_each(check);
                    let held = contents
                        .pieces
                        .iter()
                        .map(|piece| piece.matrix.bytes_in_memory());
                    assert!(held.sum::<u64>() <= plan(None).memory);
                    read += 1;
                }
                Err(_) => refused += 1,
            }
            slowest = slowest.max(since.elapsed());
        }
    }
    eprintln!("{read} damaged files were read, {refused} refused; the slowest took {slowest:?}");
    assert!(read > 10 && refused > 10, "{read} read, {refused} refused");
    assert!(slowest < Duration::from_secs(10), "{slowest:?}");
}
