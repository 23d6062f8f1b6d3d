//! Damaged and hostile files are refused, or read, within time and memory: a short part of `examples/fuzz`, always the same.

#[path = "../examples/fuzz/harness/mod.rs"]
mod harness;

mod bombs;
mod links;

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::Path,
    time::{Duration, Instant},
};

use harness::{Mutator, READERS, Reader};

/// Far more than any of these files takes, also where tests run side by side on a slow machine.
const LONG: Duration = Duration::from_secs(20);

/// Damaged copies that are read, for every reader.
const COPIES: u64 = 300;

/// Places at which a file is cut off, for every reader.
const CUTS: usize = 1_000;

/// Looks at what is there and reads it; a panic names the case.
fn read(reader: &Reader, path: &Path, case: &str) {
    let start = Instant::now();
    let read = panic::catch_unwind(AssertUnwindSafe(|| {
        harness::look(path);
        (reader.read)(path)
    }));
    assert!(read.is_ok(), "{}: {case} panics", reader.name);
    assert!(start.elapsed() < LONG, "{}: {case} is slow", reader.name);
}

#[test]
fn damaged_files_are_refused_or_read() {
    for reader in READERS {
        let seeds = (reader.seeds)();
        assert!(!seeds.is_empty(), "{}", reader.name);
        let folder = tempfile::tempdir().unwrap();
        for copy in 0..COPIES {
            let mut mutator = Mutator::new(copy);
            let at = mutator.below(seeds.len());
            let other = &seeds[mutator.below(seeds.len())];
            let place = folder.path().join(at.to_string());
            fs::create_dir_all(&place).unwrap();
            let path = seeds[at].write_damaged(&place, other, &mut mutator);
            read(reader, &path.unwrap(), &format!("copy {copy}"));
        }
    }
}

#[test]
fn files_that_are_cut_off_are_refused_or_read() {
    for reader in READERS {
        let seeds = (reader.seeds)();
        let small = seeds.iter().min_by_key(|seed| seed.size()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = small.write(folder.path()).unwrap();
        read(reader, &path, "the whole file");
        for file in fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap().path();
            let whole = fs::read(&file).unwrap();
            for length in (0..whole.len()).step_by(whole.len().div_ceil(CUTS)) {
                fs::write(&file, &whole[..length]).unwrap();
                read(
                    reader,
                    &path,
                    &format!("{} of {length} bytes", file.display()),
                );
            }
            fs::write(&file, whole).unwrap();
        }
    }
}
