//! One packed stream: a gzip member, a bzip2 or xz stream, a zstd frame, the file of a zip archive.

use std::io::{self, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{Packing, input::Input, zipped::Zipped};

/// Most memory that one stream may ask for to look back at what it unpacked, in KiB: more than any common setting takes
/// (`xz -9`: 64 MiB, `zstd --ultra -22`: 128 MiB).
const WINDOW: u32 = 160 << 10;

// A member is always in a box.
#[allow(clippy::large_enum_variant)]
pub(super) enum Member {
    Plain(Input),
    Gzip(GzDecoder<Input>),
    Bzip2(BzDecoder<Input>),
    Xz(XzReader<Input>),
    Zstd(Frame),
    Zip(Zipped),
}

impl Member {
    /// Begins a stream where the input stands.
    pub fn begin(packing: Packing, input: Input) -> Self {
        match packing {
            Packing::Gzip => Self::Gzip(GzDecoder::new(input)),
            Packing::Bzip2 => Self::Bzip2(BzDecoder::new(input)),
            Packing::Xz => Self::Xz(XzReader::new_mem_limit(input, false, WINDOW)),
            Packing::Zstd => Self::Zstd(Frame::new(input)),
            // The file of a zip archive is begun where the archive's directory is read.
            Packing::Plain | Packing::Zip => Self::Plain(input),
        }
    }

    /// Whether the checksum fits what came out, for a stream that was read to its end; most decoders look themselves.
    pub fn check(&self) -> io::Result<()> {
        match self {
            Self::Zstd(frame) => frame.check(),
            Self::Zip(file) => file.check(),
            _ => Ok(()),
        }
    }

    /// Whether it ended before all of it came out.
    pub fn is_short(&self) -> bool {
        self.input().ran_dry()
            && match self {
                Self::Zip(file) => file.is_short(),
                _ => true,
            }
    }

    /// What it reads from.
    pub fn input(&self) -> &Input {
        match self {
            Self::Plain(input) => input,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Bzip2(decoder) => decoder.get_ref(),
            Self::Xz(decoder) => decoder.inner(),
            Self::Zstd(frame) => &frame.input,
            Self::Zip(file) => file.input(),
        }
    }

    /// The same, to be kept: it stands behind the stream once that was read to its end.
    pub fn into_input(self) -> Input {
        match self {
            Self::Plain(input) => input,
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
            Self::Zstd(frame) => frame.input,
            Self::Zip(file) => file.into_input(),
        }
    }
}

impl Read for Member {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(out),
            Self::Gzip(decoder) => decoder.read(out),
            Self::Bzip2(decoder) => decoder.read(out),
            Self::Xz(decoder) => decoder.read(out),
            Self::Zstd(frame) => frame.read(out),
            Self::Zip(file) => file.read(out),
        }
    }
}

/// A zstd frame.
pub(super) struct Frame {
    input: Input,
    decoder: FrameDecoder,
    /// Whether its header was read.
    begun: bool,
}

impl Frame {
    fn new(input: Input) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(u64::from(WINDOW) << 10);
        Self {
            input,
            decoder,
            begun: false,
        }
    }

    fn check(&self) -> io::Result<()> {
        match self.decoder.get_checksum_from_data() {
            Some(sum) if self.decoder.get_calculated_checksum() != Some(sum) => {
                Err(invalid("its checksum does not fit"))
            }
            _ => Ok(()),
        }
    }
}

impl Read for Frame {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Self {
            input,
            decoder,
            begun,
        } = self;
        if !*begun {
            decoder.init(&mut *input).map_err(io::Error::other)?;
            *begun = true;
        }
        while decoder.can_collect() == 0 && !decoder.is_finished() {
            let one = BlockDecodingStrategy::UptoBlocks(1);
            let decoded = decoder.decode_blocks(&mut *input, one);
            decoded.map_err(io::Error::other)?;
        }
        decoder.read(out)
    }
}

/// An error of a decoder.
pub(super) fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
