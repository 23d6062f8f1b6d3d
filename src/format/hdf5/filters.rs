//! How the chunks of a file are unpacked.

use std::io::Read as _;

use hdf5_reader::{FilterRegistry, error::Error};
use ruzstd::decoding::StreamingDecoder;

/// The filter of h5py's `compression="lzf"`.
const LZF: u16 = 32000;
/// The filter of the hdf5plugin package's Zstd.
const ZSTD: u16 = 32015;

/// Filters by their numbers in the list of the HDF Group, for those who must choose another one.
const NAMES: [(&str, &str); 11] = [
    ("307", "bzip2"),
    ("305", "LZO"),
    ("32000", "LZF"),
    ("32001", "Blosc"),
    ("32004", "LZ4"),
    ("32008", "bitshuffle"),
    ("32013", "ZFP"),
    ("32015", "Zstandard"),
    ("32017", "SZ"),
    ("32026", "Blosc2"),
    ("4", "szip"),
];

/// Unpacks to at most `limit` bytes.
pub(super) fn registry(limit: usize) -> FilterRegistry {
    let mut registry = FilterRegistry::new();
    let failed = |what: String| Error::DecompressionError(what);
    registry.register(
        LZF,
        Box::new(move |_, packed, _| {
            lzf(packed, limit).ok_or_else(|| failed("a chunk that is no LZF stream".into()))
        }),
    );
    registry.register(
        ZSTD,
        Box::new(move |_, packed, _| {
            let decoder = StreamingDecoder::new(packed).map_err(|e| failed(e.to_string()))?;
            let mut out = Vec::new();
            decoder
                .take(limit as u64 + 1)
                .read_to_end(&mut out)
                .map_err(|e| failed(e.to_string()))?;
            match out.len() <= limit {
                true => Ok(out),
                false => Err(failed(
                    "a chunk that unpacks to more than is allowed".into(),
                )),
            }
        }),
    );
    registry
}

/// What people call a filter, from what the reader says of it: `filter id 32001`.
pub(super) fn name(said: &str) -> String {
    let number = said.rsplit(' ').next().unwrap_or(said);
    let known = NAMES.iter().find(|(known, _)| *known == number);
    known.map_or_else(
        || format!("the filter {number}"),
        |(_, name)| format!("{name} (filter {number})"),
    )
}

/// Unpacks a stream of Marc Lehmann's LibLZF: runs of bytes as they are, and copies of what came before. `None` if it is not
/// one, or unpacks to more than `limit` bytes.
fn lzf(packed: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(limit.min(packed.len().saturating_mul(4)));
    let mut rest = packed;
    let next = |rest: &mut &[u8]| {
        let (&first, others) = rest.split_first()?;
        *rest = others;
        Some(usize::from(first))
    };
    while let Some(control) = next(&mut rest) {
        if control < 32 {
            let (run, others) = rest.split_at_checked(control + 1)?;
            out.extend_from_slice(run);
            rest = others;
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += next(&mut rest)?;
            }
            let back = ((control & 31) << 8) + next(&mut rest)? + 1;
            let from = out.len().checked_sub(back)?;
            // A copy may reach into what it writes.
            for at in from..from + length + 2 {
                out.push(out[at]);
            }
        }
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lzf_is_unpacked_and_never_beyond_its_limit() {
        // "abc", then 9 bytes from 3 back, then 264 bytes from 1 back.
        let packed = [2, b'a', b'b', b'c', 0xe0, 0, 2, 0xe0, 255, 0];
        let unpacked = lzf(&packed, 1_000).unwrap();
        assert_eq!(&unpacked[..12], b"abcabcabcabc");
        assert_eq!((unpacked.len(), unpacked[275]), (12 + 264, b'c'));
        assert_eq!(lzf(&packed, 200), None);
        // Cut off, and a copy from before the beginning.
        assert_eq!(lzf(&packed[..3], 1_000), None);
        assert_eq!(lzf(&packed[..6], 1_000), None);
        assert_eq!(lzf(&[0, b'a', 0x20, 9], 1_000), None);
    }

    #[test]
    fn filters_are_named() {
        assert_eq!(name("filter id 32001"), "Blosc (filter 32001)");
        assert_eq!(name("filter id 99"), "the filter 99");
    }
}
