//! Opens a file whatever it is packed with: plain, gzip, bzip2, xz, zstd, or a zip archive of one file.
//!
//! The first bytes tell how a file is packed, never its name. What comes out is a stream: memory does not depend on its length.
//! Several members one after the other, as `bgzip`, `pigz` and `cat` make them, are one stream.

mod input;
mod member;
mod zipped;

use std::{
    io::{self, Read},
    mem,
    path::{Path, PathBuf},
};

use super::{FormatError, look::open_regular};
use input::Input;
use member::Member;
pub use zipped::Archive;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, RFC 1952.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Zstandard, RFC 8878.
    Zstd,
    /// A zip archive.
    Zip,
}

/// Bytes of a file that tell how it is packed.
const MAGIC: usize = 10;

impl Packing {
    /// How the file with these first bytes is packed; ten tell.
    pub fn of(head: &[u8]) -> Self {
        let bzip2 = head.starts_with(b"BZh")
            && head
                .get(4..10)
                .is_some_and(|block| block == b"1AY&SY" || block == b"\x17\x72\x45\x38\x50\x90");
        match head {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Self::Zstd,
            [b'P', b'K', 3, 4, ..] => Self::Zip,
            _ if bzip2 => Self::Bzip2,
            _ => Self::Plain,
        }
    }

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "file",
            Self::Gzip => "gzip file",
            Self::Bzip2 => "bzip2 file",
            Self::Xz => "xz file",
            Self::Zstd => "zstd file",
            Self::Zip => "zip archive",
        }
    }
}

/// The endings that packed files have in their names, each with its dot.
const ENDINGS: [&str; 6] = [".gz", ".bgz", ".bz2", ".xz", ".zst", ".zip"];

/// A file's name without the ending that tells of its packing: `matrix.mtx` of `matrix.mtx.gz`.
pub fn inner_name(name: &str) -> &str {
    let ending = |end: &&str| {
        let at = name.len().checked_sub(end.len())?;
        let fits = name.get(at..)?.eq_ignore_ascii_case(end);
        fits.then(|| &name[..at])
    };
    ENDINGS.iter().find_map(ending).unwrap_or(name)
}

/// What a file unpacks to, as a stream.
///
/// An error of [`Read::read`] holds a [`FormatError`] that [`format_error`] takes out again.
pub struct Unpacked {
    path: PathBuf,
    packing: Packing,
    state: State,
    /// Members that were read to their end.
    members: u64,
    /// Bytes that came out so far.
    seen: u64,
    limit: u64,
}

enum State {
    Between(Input),
    Within(Box<Member>),
    End,
    Failed,
}

/// Opens a file that may unpack to `limit` bytes at most: reading on after that is [`FormatError::TooLarge`].
///
/// # Errors
/// If the file cannot be read, or is a zip archive of anything but one file.
pub fn open(path: &Path, limit: u64) -> Result<Unpacked, FormatError> {
    let file = open_regular(path).map_err(|error| format_error(path, error))?;
    unpack(path, Box::new(file), limit)
}

/// The same for what is read from `raw`, which is the file from its start; only a zip archive, whose directory stands at its
/// end, is read by its path.
///
/// # Errors
/// As for [`open`].
pub fn unpack(path: &Path, raw: Box<dyn Read + Send>, limit: u64) -> Result<Unpacked, FormatError> {
    let mut input = Input::whole(raw);
    let head = input
        .peek(MAGIC)
        .map_err(|error| format_error(path, error))?;
    let packing = Packing::of(head);
    match packing {
        Packing::Zip => Archive::open(path)?.only_file(limit),
        _ => Ok(Unpacked::new(path, packing, State::Between(input), limit)),
    }
}

/// The first bytes that a file unpacks to, at most `most`; fewer if there are no more, or what follows is damaged.
///
/// # Errors
/// If not even one byte can be read of a file that holds some.
pub fn head(path: &Path, most: u64) -> Result<Vec<u8>, FormatError> {
    let (mut unpacked, mut head) = (open(path, u64::MAX)?.take(most), Vec::new());
    match unpacked.read_to_end(&mut head) {
        Err(error) if head.is_empty() => Err(format_error(path, error)),
        _ => Ok(head),
    }
}

/// The error of this module that an error of [`Unpacked`] holds; any other is the system's.
pub fn format_error(path: &Path, error: io::Error) -> FormatError {
    match error.downcast::<FormatError>() {
        Ok(error) => error,
        Err(source) => FormatError::Read {
            path: path.to_owned(),
            source,
        },
    }
}

impl Unpacked {
    fn new(path: &Path, packing: Packing, state: State, limit: u64) -> Self {
        Self {
            path: path.to_owned(),
            packing,
            state,
            members: 0,
            seen: 0,
            limit,
        }
    }

    /// How the file is packed.
    pub fn packing(&self) -> Packing {
        self.packing
    }

    /// Goes on between two members, or before the first: whether and how another begins.
    fn next(&mut self, mut input: Input) -> io::Result<State> {
        if self.members > 0 {
            input.skip_zeros()?;
        }
        loop {
            let head = input.peek(MAGIC)?;
            if head.is_empty() {
                return Ok(State::End);
            }
            let other = self.packing == Packing::Zip || Packing::of(head) != self.packing;
            if self.members > 0 && other {
                let what = format!(
                    "other bytes follow the end of the {}; cut them off or make the file again",
                    self.packing.name()
                );
                return Err(self.damaged(what));
            }
            match *head {
                // A frame that is to be skipped: four bytes tell that, four how long it is.
                [0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d, ..]
                    if self.packing == Packing::Zstd =>
                {
                    let whole = 8 + u64::from(u32::from_le_bytes([a, b, c, d]));
                    if input.skip(whole)? < whole {
                        return Err(self.cut_off());
                    }
                }
                _ => break,
            }
        }
        Ok(State::Within(Box::new(Member::begin(self.packing, input))))
    }

    /// What is wrong with the file when a member of it says `error`.
    fn fault(&self, error: io::Error, member: &Member) -> io::Error {
        if let Some(code) = member.input().failure() {
            return io::Error::from_raw_os_error(code);
        }
        match member.is_short() {
            true => self.cut_off(),
            false => self.damaged(format!(
                "the {} is damaged ({error}); download or make it again",
                self.packing.name()
            )),
        }
    }

    fn cut_off(&self) -> io::Error {
        self.damaged(format!(
            "the {} is cut off: its end is missing; download or copy it again",
            self.packing.name()
        ))
    }

    fn damaged(&self, what: String) -> io::Error {
        io::Error::other(FormatError::Damaged {
            path: self.path.clone(),
            place: format!("after {} unpacked bytes", self.seen),
            what,
        })
    }
}

impl Read for Unpacked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        // One byte more than is allowed tells whether there is more.
        let allowed = (self.limit - self.seen).saturating_add(1);
        let end = usize::try_from(allowed).map_or(out.len(), |most| most.min(out.len()));
        let out = &mut out[..end];
        loop {
            match mem::replace(&mut self.state, State::Failed) {
                State::Failed => return Err(self.damaged("an earlier read failed".into())),
                State::End => {
                    self.state = State::End;
                    return Ok(0);
                }
                State::Between(input) => self.state = self.next(input)?,
                State::Within(mut member) => match member.read(out) {
                    Ok(0) => {
                        let checked = member.check();
                        checked.map_err(|error| self.fault(error, &member))?;
                        self.members += 1;
                        self.state = State::Between(member.into_input());
                    }
                    Ok(read) if self.seen + read as u64 > self.limit => {
                        return Err(io::Error::other(FormatError::TooLarge {
                            path: self.path.clone(),
                            place: "what it unpacks to".into(),
                            needed: self.seen + read as u64,
                            allowed: self.limit,
                        }));
                    }
                    Ok(read) => {
                        self.seen += read as u64;
                        self.state = State::Within(member);
                        return Ok(read);
                    }
                    Err(error) => return Err(self.fault(error, &member)),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests;
