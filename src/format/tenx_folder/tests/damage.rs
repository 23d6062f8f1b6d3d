//! Files that are damaged in any way give an error or what they say, within the memory that is allowed, and never a panic.

use std::time::{Duration, Instant};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;

/// How long the test may take, in seconds; more by the variable `HDUMEC_DAMAGE_SECONDS`.
const SECONDS: u64 = 4;

/// Damages bytes: flips, cuts, repeats, exchanges of lines, words of numbers.
fn damage(bytes: &mut Vec<u8>, rng: &mut ChaCha8Rng) {
    for _ in 0..rng.random_range(1..4_u32) {
        if bytes.is_empty() {
            return;
        }
        let length = bytes.len() as u32;
        let (a, b) = (rng.random_range(0..length), rng.random_range(0..length));
        let (a, b) = (a.min(b) as usize, a.max(b) as usize);
        match rng.random_range(0..8_u32) {
            0 | 1 => bytes[a] ^= 1 << rng.random_range(0..8_u32),
            2 => bytes[a] = rng.random_range(0..=255_u32) as u8,
            3 => bytes.truncate(b),
            4 => drop(bytes.drain(a..b.min(a + 64))),
            5 => {
                let part = bytes[a..b.min(a + 200)].to_vec();
                bytes.splice(b..b, part);
            }
            6 => {
                let mut lines: Vec<Vec<u8>> = bytes
                    .split(|&byte| byte == b'\n')
                    .map(<[u8]>::to_vec)
                    .collect();
                let count = lines.len() as u32;
                // The first lines are the ones that everything hangs on.
                let from = rng.random_range(0..count.min(6)) as usize;
                lines.swap(from, rng.random_range(0..count) as usize);
                *bytes = lines.join(&b'\n');
            }
            _ => {
                let numbers = [
                    "4294967295",
                    "18446744073709551615",
                    "-1",
                    "1e308",
                    "nan",
                    "0",
                    " ",
                    "\n",
                ];
                let number = numbers[rng.random_range(0..numbers.len() as u32) as usize];
                bytes.splice(a..b.min(a + 3), number.bytes());
            }
        }
    }
}

#[test]
fn damaged_files_give_an_error_or_what_they_say() {
    let seconds = env::var("HDUMEC_DAMAGE_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(SECONDS));
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let small = ReadPlan {
        matrix: None,
        memory: 1 << 20,
        ..ReadPlan::default()
    };
    let (mut read, mut refused, mut too_large) = (0, 0, 0);
    let cases = ["v3", "antibody", "geo", "multiome"];
    for case_name in cases.into_iter().cycle() {
        if Instant::now() > end {
            break;
        }
        let place = Place::new();
        let files: Vec<PathBuf> = fs::read_dir(case(case_name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let victim = rng.random_range(0..files.len() as u32) as usize;
        for (at, file) in files.iter().enumerate() {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let mut bytes = fs::read(file).unwrap();
            if at == victim && rng.random_bool(0.3) {
                damage(&mut bytes, &mut rng);
            } else if at == victim {
                // What is inside, so that checksums do not find it.
                let mut inside = Vec::new();
                packed::open(file, 1 << 20)
                    .unwrap()
                    .read_to_end(&mut inside)
                    .unwrap();
                damage(&mut inside, &mut rng);
                bytes = inside;
                if rng.random_bool(0.5) {
                    let mut gzip =
                        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                    gzip.write_all(&bytes).unwrap();
                    bytes = gzip.finish().unwrap();
                }
            }
            fs::write(place.path().join(name), bytes).unwrap();
        }
        let cancel = CancelToken::new();
        let _ = TenxFolder.inspect(place.path(), &cancel);
        match TenxFolder.read(place.path(), &small, &cancel) {
            Ok(contents) => {
                read += 1;
                for piece in &contents.pieces {
                    assert_eq!(piece.matrix.samples(), piece.samples.len());
                    assert_eq!(piece.matrix.features(), piece.features.len());
                    assert!(piece.matrix.bytes_in_memory() < small.memory);
                    assert!(
                        piece
                            .obs
                            .columns()
                            .all(|(_, column)| column.len() == piece.samples.len())
                    );
                    assert!(
                        piece
                            .var
                            .columns()
                            .all(|(_, column)| column.len() == piece.features.len())
                    );
                }
            }
            Err(FormatError::TooLarge { .. }) => too_large += 1,
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
        }
    }
    eprintln!("{read} read, {refused} refused, {too_large} too large");
    assert!(read > 5 && refused > 20, "{read} read, {refused} refused");
}
