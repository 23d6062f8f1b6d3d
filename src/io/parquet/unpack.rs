//! How pages are unpacked: to exactly the size that their headers say, or not at all.

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::FrameDecoder;

use super::fault::Fault;

/// What Zstandard may look back at, if its output is smaller: what RFC 8878 wants every reader to allow.
const WINDOW: u64 = 8 << 20;

/// How the pages of a column are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Plain,
    Snappy,
    Gzip,
    Brotli,
    Zstandard,
    Lz4,
}

impl Codec {
    /// By its number in the format.
    pub fn of(number: i64) -> Result<Self, Fault> {
        let other = match number {
            0 => return Ok(Self::Plain),
            1 => return Ok(Self::Snappy),
            2 => return Ok(Self::Gzip),
            4 => return Ok(Self::Brotli),
            6 => return Ok(Self::Zstandard),
            7 => return Ok(Self::Lz4),
            3 => "LZO",
            5 => "LZ4 in the way of Hadoop",
            _ => {
                return Err(Fault::damaged(format!(
                    "is packed in an unknown way ({number})"
                )));
            }
        };
        Err(Fault::Unsupported {
            what: format!("is packed with {other}, which is not read"),
            advice: "Write it with another compression, such as df.to_parquet(path, compression=\"zstd\") of pandas.".into(),
        })
    }

    /// Appends what is packed, `size` bytes, to `out`.
    pub fn unpack(self, packed: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        let start = out.len();
        // A page of nulls alone holds no values, and some writers pack nothing to nothing.
        if packed.is_empty() && size == 0 {
            return Ok(());
        }
        let unpacked = match self {
            Self::Plain => {
                out.extend_from_slice(packed);
                Some(())
            }
            Self::Gzip => streamed(MultiGzDecoder::new(packed), size, out),
            Self::Brotli => streamed(Decompressor::new(packed, 1 << 12), size, out),
            Self::Snappy | Self::Zstandard | Self::Lz4 => {
                out.resize(start + size, 0);
                let room = &mut out[start..];
                let written = match self {
                    Self::Snappy => snap::raw::Decoder::new().decompress(packed, room).ok(),
                    Self::Lz4 => lz4_flex::block::decompress_into(packed, room).ok(),
                    _ => zstandard(packed, room),
                };
                out.truncate(start + written.unwrap_or(0));
                written.map(drop)
            }
        };
        match unpacked {
            Some(()) if out.len() - start == size => Ok(()),
            _ => Err(Fault::damaged(format!(
                "has a page that cannot be unpacked ({self:?})"
            ))),
        }
    }
}

fn zstandard(packed: &[u8], room: &mut [u8]) -> Option<usize> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW.max(room.len() as u64));
    decoder.decode_all(packed, room).ok()
}

/// One byte more than there should be is enough to see that there is too much.
fn streamed(unpacking: impl Read, size: usize, out: &mut Vec<u8>) -> Option<()> {
    out.reserve(size.saturating_add(1));
    let read = unpacking.take(size as u64 + 1).read_to_end(out);
    read.ok().map(drop)
}
