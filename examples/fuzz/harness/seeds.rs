//! Files to begin with, and how a damaged copy of them is made.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use hdumec::format::packed::{self, Packing};

use super::{Mutator, checksums};

/// Files larger than this are no seeds: they take long and are damaged in few places.
const MOST: u64 = 128 << 10;

/// Bytes of a text that make a seed: its first lines.
const TEXT: usize = 8 << 10;

/// A valid file, or a folder of them.
#[derive(Clone, Debug)]
pub struct Seed {
    /// What is in it.
    files: Vec<SeedFile>,
    /// Whether the folder is read, rather than its first file.
    folder: bool,
}

#[derive(Clone, Debug)]
struct SeedFile {
    name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Left as it is.
    Kept(Vec<u8>),
    Text(Vec<u8>),
    /// Damaged before or after it is packed.
    Packed(Vec<u8>, Packer),
    /// With the stretches that have checksums.
    Binary {
        bytes: Vec<u8>,
        sums: Vec<Range<usize>>,
    },
}

/// A way to pack a file; xz is read only, so its files are those that the tool wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packer {
    Gzip,
    Bzip2,
    Zstd,
    Zip,
}

impl Packer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Bzip2, Self::Zstd, Self::Zip];

    /// Packs some bytes.
    pub fn pack(self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let fast = flate2::Compression::fast();
        match self {
            Self::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), fast);
                gzip.write_all(bytes)?;
                gzip.finish()
            }
            Self::Bzip2 => {
                let mut bzip2 =
                    bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                bzip2.write_all(bytes)?;
                bzip2.finish()
            }
            Self::Zstd => {
                let level = ruzstd::encoding::CompressionLevel::Fastest;
                Ok(ruzstd::encoding::compress_to_vec(bytes, level))
            }
            Self::Zip => {
                let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
                let stored = zip::write::SimpleFileOptions::default()
                    .compression_method(zip::CompressionMethod::Stored);
                zip.start_file("table.txt", stored)?;
                zip.write_all(bytes)?;
                Ok(zip.finish()?.into_inner())
            }
        }
    }

    fn of(packing: Packing) -> Option<Self> {
        match packing {
            Packing::Gzip => Some(Self::Gzip),
            Packing::Bzip2 => Some(Self::Bzip2),
            Packing::Zstd => Some(Self::Zstd),
            Packing::Xz | Packing::Zip | Packing::Plain => None,
        }
    }
}

impl Seed {
    /// One file of text.
    pub fn text(name: &str, text: &str) -> Self {
        Self::one(name, Content::Text(text.into()))
    }

    /// A text that is packed.
    pub fn packed(name: &str, text: &str, packer: Packer) -> Self {
        Self::one(name, Content::Packed(text.into(), packer))
    }

    /// One file that is no text.
    pub fn binary(name: &str, bytes: Vec<u8>) -> Self {
        let sums = checksums::find(&bytes);
        Self::one(name, Content::Binary { bytes, sums })
    }

    /// No files yet, in a folder that is read as a whole.
    pub fn folder() -> Self {
        Self {
            files: Vec::new(),
            folder: true,
        }
    }

    fn one(name: &str, content: Content) -> Self {
        let name = name.to_owned();
        Self {
            files: vec![SeedFile { name, content }],
            folder: false,
        }
    }

    /// The same with the files of another beside its own.
    pub fn with(mut self, other: Self) -> Self {
        self.files.extend(other.files);
        self
    }

    /// The same with a file that is never damaged.
    pub fn with_kept(self, name: &str, text: &str) -> Self {
        self.with(Self::one(name, Content::Kept(text.into())))
    }

    /// A file, or a folder of files; nothing if it is too large. A text is cut to its first lines.
    pub fn at(path: &Path) -> Option<Self> {
        if !path.is_dir() {
            return Self::of_file(path);
        }
        let mut inside: Vec<PathBuf> = fs::read_dir(path)
            .ok()?
            .flatten()
            .map(|e| e.path())
            .collect();
        inside.sort();
        let files: Vec<Self> = inside
            .iter()
            .filter(|p| p.is_file())
            .filter_map(|p| Self::of_file(p))
            .collect();
        (!files.is_empty()).then(|| files.into_iter().fold(Self::folder(), Self::with))
    }

    fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let bytes = fs::read(path)
            .ok()
            .filter(|bytes| bytes.len() as u64 <= MOST)?;
        let is_text = |bytes: &[u8]| !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok();
        let packer = Packer::of(Packing::of(&bytes));
        let mut unpacked = Vec::new();
        let stream = packed::open(path, MOST * 16)
            .ok()
            .filter(|_| packer.is_some());
        if let Some(packer) = packer
            && stream?.read_to_end(&mut unpacked).is_ok()
            && is_text(&unpacked)
        {
            return Some(Self::one(
                name,
                Content::Packed(first_lines(unpacked), packer),
            ));
        }
        match is_text(&bytes) {
            true => Some(Self::one(name, Content::Text(first_lines(bytes)))),
            false => Some(Self::binary(name, bytes)),
        }
    }

    /// Bytes of its files.
    pub fn size(&self) -> usize {
        self.files
            .iter()
            .map(|file| file.content.bytes().len())
            .sum()
    }

    /// Writes its files as they are, and says what is to be read.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        for file in &self.files {
            fs::write(folder.join(&file.name), file.content.packed()?)?;
        }
        Ok(self.path_in(folder))
    }

    /// What is read once it was written.
    fn path_in(&self, folder: &Path) -> PathBuf {
        match self.files.first() {
            Some(first) if !self.folder => folder.join(&first.name),
            _ => folder.to_owned(),
        }
    }

    /// Writes a damaged copy; `other` is a seed to take pieces of.
    pub fn write_damaged(
        &self,
        folder: &Path,
        other: &Self,
        mutator: &mut Mutator,
    ) -> io::Result<PathBuf> {
        let may: Vec<usize> = (0..self.files.len())
            .filter(|&at| !matches!(self.files[at].content, Content::Kept(_)))
            .collect();
        let chosen = may.get(mutator.below(may.len())).copied();
        let gone = self.folder && mutator.once_in(50);
        for (at, file) in self.files.iter().enumerate() {
            let path = folder.join(&file.name);
            let damaged = Some(at) == chosen || may.contains(&at) && mutator.once_in(8);
            match damaged {
                true if gone => _ = fs::remove_file(path),
                true => fs::write(path, file.content.damaged(other, mutator)?)?,
                false => fs::write(path, file.content.packed()?)?,
            }
        }
        Ok(self.path_in(folder))
    }

    fn some_bytes(&self, mutator: &mut Mutator) -> &[u8] {
        let at = mutator.below(self.files.len());
        self.files.get(at).map_or(&[], |file| file.content.bytes())
    }
}

impl Content {
    /// The bytes to damage.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Kept(bytes) | Self::Text(bytes) | Self::Packed(bytes, _) => bytes,
            Self::Binary { bytes, .. } => bytes,
        }
    }

    fn packed(&self) -> io::Result<Vec<u8>> {
        match self {
            Self::Packed(bytes, packer) => packer.pack(bytes),
            other => Ok(other.bytes().to_vec()),
        }
    }

    fn damaged(&self, other: &Seed, mutator: &mut Mutator) -> io::Result<Vec<u8>> {
        let mut bytes = self.bytes().to_vec();
        let other = other.some_bytes(mutator);
        match self {
            Self::Kept(_) => {}
            Self::Text(_) => mutator.text(&mut bytes, other),
            Self::Packed(_, packer) => {
                let inside = !mutator.once_in(3);
                if inside {
                    mutator.text(&mut bytes, other);
                }
                bytes = packer.pack(&bytes)?;
                if !inside || mutator.once_in(8) {
                    mutator.bytes(&mut bytes, other, false);
                }
            }
            Self::Binary { sums, .. } => {
                mutator.bytes(&mut bytes, other, true);
                if !mutator.once_in(8) {
                    checksums::repair(&mut bytes, sums);
                }
            }
        }
        Ok(bytes)
    }
}

/// The first lines of a text.
fn first_lines(mut text: Vec<u8>) -> Vec<u8> {
    if text.len() > TEXT {
        let end = text[TEXT..].iter().position(|&b| b == b'\n');
        text.truncate(end.map_or(text.len(), |end| TEXT + end + 1));
    }
    text
}
