use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;

/// 12,000 bytes, repetitive enough to be packed.
fn text() -> Vec<u8> {
    (0..1500)
        .flat_map(|i| format!("{:07}\n", i * i % 7919).into_bytes())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What the tools themselves wrote of [`text`]: `xz -9`, `xz --check=sha256`, `zstd -19`, `zip` (deflated, stored).
fn packed(name: &str) -> Vec<u8> {
    fs::read(case(name)).unwrap()
}

fn case(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/packed")).join(name)
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn unpack(&self, bytes: &[u8], limit: u64) -> Result<Vec<u8>, FormatError> {
        let path = self.0.path().join("file");
        fs::write(&path, bytes).unwrap();
        let mut out = Vec::new();
        match open(&path, limit)?.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(error) => Err(format_error(&path, error)),
        }
    }

    fn error(&self, bytes: &[u8]) -> String {
        self.unpack(bytes, 1 << 20).unwrap_err().to_string()
    }
}

/// Every kind of packing of [`text`].
fn all() -> Vec<(Packing, Vec<u8>)> {
    vec![
        (Packing::Gzip, gzip(&text())),
        (Packing::Bzip2, bzip2(&text())),
        (Packing::Xz, packed("text.xz")),
        (Packing::Xz, packed("text.sha256.xz")),
        (Packing::Zstd, packed("text.zst")),
        (Packing::Zip, packed("deflated.zip")),
        (Packing::Zip, packed("stored.zip")),
    ]
}

#[test]
fn every_packing_is_told_by_its_first_bytes() {
    let place = Place::new();
    assert_eq!(place.unpack(&text(), 1 << 20).unwrap(), text());
    assert_eq!(place.unpack(b"", 0).unwrap(), b"");
    for (packing, bytes) in all() {
        assert_eq!(Packing::of(&bytes), packing);
        assert_eq!(place.unpack(&bytes, 12_000).unwrap(), text(), "{packing:?}");
    }
    for plain in [&b"BZh9 is a gene"[..], b"PK", b"\x1F", b"%%MatrixMarket"] {
        assert_eq!(Packing::of(plain), Packing::Plain);
    }
    assert_eq!(inner_name("a.mtx.GZ"), "a.mtx");
    assert_eq!(inner_name(".gz"), "");
    assert_eq!(inner_name("génes"), "génes");
}

#[test]
fn members_follow_each_other() {
    let place = Place::new();
    for (packing, bytes) in all() {
        if packing == Packing::Zip {
            continue;
        }
        let twice = [&bytes[..], &bytes].concat();
        let both = [text(), text()].concat();
        assert_eq!(place.unpack(&twice, 1 << 20).unwrap(), both, "{packing:?}");
        let padded = [&bytes[..], &[0; 512], &bytes, &[0; 4]].concat();
        assert_eq!(place.unpack(&padded, 1 << 20).unwrap(), both, "{packing:?}");
        let trailing = [&bytes[..], b"and more"].concat();
        let error = place.error(&trailing);
        let expected = format!("other bytes follow the end of the {}", packing.name());
        assert!(error.contains(&expected), "{error}");
        assert!(error.contains("after 12000 unpacked bytes"), "{error}");
    }
    // A frame that is to be skipped, as `pzstd` writes it.
    let skipped = [b"\x50\x2A\x4D\x18\x03\0\0\0abc", &packed("text.zst")[..]].concat();
    assert_eq!(place.unpack(&skipped, 1 << 20).unwrap(), text());
    assert!(place.error(&skipped[..9]).contains("cut off"));
}

#[test]
fn what_is_cut_off_anywhere_is_said_to_be() {
    let place = Place::new();
    for (packing, bytes) in all() {
        for end in (MAGIC..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
            let error = place.error(&bytes[..end]);
            assert!(error.contains("cut off"), "{packing:?} at {end}: {error}");
        }
    }
}

#[test]
fn damage_is_an_error_or_does_not_matter() {
    let place = Place::new();
    for (packing, bytes) in all() {
        let mut errors = 0;
        for at in (0..bytes.len()).step_by(5) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x24;
            if Packing::of(&damaged) == packing {
                match place.unpack(&damaged, 1 << 20) {
                    // Dates and names are not looked at.
                    Ok(out) => assert_eq!(out, text(), "{packing:?} at {at}"),
                    Err(_) => errors += 1,
                }
            }
        }
        assert!(errors * 5 > bytes.len() / 2, "{packing:?}: {errors}");
    }
    let mut damaged = gzip(&text());
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xFF;
    assert!(place.error(&damaged).contains("the gzip file is damaged"));
}

/// How long damage is tried, in seconds; more by the variable `HDUMEC_DAMAGE_SECONDS`.
const SECONDS: u64 = 1;

#[test]
fn no_damage_makes_it_panic_or_hang() {
    let seconds = std::env::var("HDUMEC_DAMAGE_SECONDS").ok();
    let seconds = seconds
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (place, mut rng) = (Place::new(), ChaCha8Rng::seed_from_u64(3));
    let (mut same, mut other, mut refused) = (0, 0, 0);
    for (packing, bytes) in all().into_iter().cycle() {
        if Instant::now() > end {
            break;
        }
        let mut bytes = bytes.clone();
        for _ in 0..rng.random_range(1..5_u32) {
            let at = rng.random_range(0..bytes.len() as u32) as usize;
            match rng.random_range(0..4_u32) {
                0 => bytes[at] ^= 1 << rng.random_range(0..8_u32),
                1 => bytes[at] = 0xFF,
                // Headers hold the sizes.
                2 => bytes[at % 32] = rng.random_range(0..256_u32) as u8,
                _ => bytes.truncate(at.max(MAGIC)),
            }
        }
        match place.unpack(&bytes, 1 << 16) {
            Ok(out) if out == text() => same += 1,
            // Without its magic number a file is plain.
            Ok(_) => other += u32::from(Packing::of(&bytes) == packing),
            Err(_) => refused += 1,
        }
    }
    eprintln!("{same} as before, {other} otherwise, {refused} refused");
    // A zstd frame or an xz stream may lose its checksum.
    assert!(
        refused > 50 && refused > 20 * other,
        "{other} otherwise, {refused} refused"
    );
}

#[test]
fn no_more_comes_out_than_is_allowed() {
    let place = Place::new();
    // A bomb: 20 MB of nothing in a few kilobytes.
    let zeros = vec![0; 20_000_000];
    let bombs = [gzip(&zeros), bzip2(&zeros)];
    assert!(bombs.iter().all(|bomb| bomb.len() < 25_000));
    for bytes in bombs
        .into_iter()
        .chain(all().into_iter().map(|packed| packed.1))
    {
        let Err(FormatError::TooLarge {
            needed, allowed, ..
        }) = place.unpack(&bytes, 11_999)
        else {
            panic!("too much came out");
        };
        assert_eq!((needed, allowed), (12_000, 11_999));
    }
    // An xz stream that asks for 1.5 GiB to look back.
    let error = place.error(&packed("wide.xz"));
    assert!(error.contains("memory"), "{error}");
}

#[test]
fn archives_of_anything_but_one_file_are_refused() {
    let place = Place::new();
    let error = place.error(&packed("two.zip"));
    assert!(
        error.contains("is a zip archive of 2 files (a.txt, b.txt"),
        "{error}"
    );
    let macos = packed("macos.zip");
    assert_eq!(place.unpack(&macos, 1 << 20).unwrap(), text());
    assert!(
        place
            .error(&packed("password.zip"))
            .contains("with a password")
    );
    assert!(place.error(&packed("bzip2.zip")).contains("packed with"));
}

#[test]
fn errors_stay_errors() {
    let place = Place::new();
    let path = place.0.path().join("file");
    fs::write(&path, &gzip(&text())[..100]).unwrap();
    let mut unpacked = open(&path, 1 << 20).unwrap();
    let mut out = Vec::new();
    assert!(unpacked.read_to_end(&mut out).is_err());
    assert!(unpacked.read_to_end(&mut out).is_err(), "not the end");
    assert!(head(&path, 16).unwrap().starts_with(&text()[..8]));
    let missing = open(&path.with_file_name("missing"), 1).err().unwrap();
    assert!(matches!(missing, FormatError::Read { .. }));
}
