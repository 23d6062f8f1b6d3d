//! Text in gzip files: one or more members, then nothing but zeros.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead as _, BufReader, Read};

/// Why a gzip file cannot be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// It ends within a member.
    Truncated,
    /// Something else follows the last member.
    Trailing,
    /// A member is not as it was packed.
    Damaged,
}

/// Unpacks all members of a gzip file.
///
/// Zeros after a member are padding, as `gzip` has it; anything else is another member or no part of the file.
pub(super) struct Members<R> {
    /// The member that is being read; none between two.
    member: Option<GzDecoder<BufReader<R>>>,
    /// What is left after the last.
    rest: Option<BufReader<R>>,
    /// Members that were read to their end.
    whole: usize,
    /// Why it could not go on.
    damage: Damage,
}

impl<R: Read> Members<R> {
    pub fn new(raw: R) -> Self {
        let buffered = BufReader::with_capacity(1 << 16, raw);
        Self {
            member: Some(GzDecoder::new(buffered)),
            rest: None,
            whole: 0,
            damage: Damage::Damaged,
        }
    }

    /// The compressed file, as far as it was read.
    pub fn get_ref(&self) -> Option<&R> {
        let member = self.member.as_ref().map(GzDecoder::get_ref);
        member.or(self.rest.as_ref()).map(BufReader::get_ref)
    }

    /// The same, to be kept.
    pub fn into_inner(self) -> Option<R> {
        let member = self.member.map(GzDecoder::into_inner);
        member.or(self.rest).map(BufReader::into_inner)
    }

    /// What is wrong with the file, after an error.
    pub fn damage(&self) -> Damage {
        self.damage
    }

    /// Goes on after a member that was read to its end: whether another follows.
    fn next_member(&mut self) -> io::Result<bool> {
        self.whole += 1;
        let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else {
            return Ok(false);
        };
        let next = loop {
            let buffer = rest.fill_buf()?;
            let zeros = buffer.iter().take_while(|&&b| b == 0).count();
            match buffer.get(zeros) {
                Some(&byte) => break Some((byte, zeros)),
                None if zeros == 0 => break None,
                None => rest.consume(zeros),
            }
        };
        let Some((byte, zeros)) = next else {
            self.rest = Some(rest);
            return Ok(false);
        };
        if byte != 0x1F {
            self.rest = Some(rest);
            self.damage = Damage::Trailing;
            return Err(io::ErrorKind::InvalidData.into());
        }
        rest.consume(zeros);
        self.member = Some(GzDecoder::new(rest));
        Ok(true)
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(member) = &mut self.member else {
                return Ok(0);
            };
            match member.read(out) {
                Ok(0) => {
                    if !self.next_member()? {
                        return Ok(0);
                    }
                }
                Ok(read) => return Ok(read),
                Err(error) => {
                    self.damage = match error.kind() {
                        io::ErrorKind::UnexpectedEof => Damage::Truncated,
                        // It only looked like another member.
                        _ if self.whole > 0 && member.header().is_none() => Damage::Trailing,
                        _ => Damage::Damaged,
                    };
                    return Err(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(raw: &[u8]) -> Result<Vec<u8>, Damage> {
        let mut members = Members::new(raw);
        let mut text = Vec::new();
        let read = members.read_to_end(&mut text);
        read.map(|_| text).map_err(|_| members.damage())
    }

    #[test]
    fn what_follows_the_last_member_is_told_apart() {
        let one = packed(b"id,a\n");
        let with = |tail: &[u8]| unpacked(&[&one[..], tail].concat());
        assert_eq!(with(b""), Ok(b"id,a\n".to_vec()));
        assert_eq!(with(&[0; 100_000]), Ok(b"id,a\n".to_vec()));
        let padded = [&[0; 512][..], &packed(b"s,1\n")].concat();
        assert_eq!(with(&padded), Ok(b"id,a\ns,1\n".to_vec()));
        for tail in [
            &b"x"[..],
            b"\0\0garbage",
            b"\x1Fgarbage, and much of it",
            b"\n",
        ] {
            assert_eq!(with(tail), Err(Damage::Trailing), "{tail:?}");
        }
        let two = packed(b"s,1\n");
        for cut in [1, 5, 12, two.len() - 1] {
            assert_eq!(with(&two[..cut]), Err(Damage::Truncated), "{cut}");
        }
        assert_eq!(unpacked(&one[..one.len() - 3]), Err(Damage::Truncated));
        let mut broken = one.clone();
        let end = broken.len() - 6;
        broken[end] ^= 0xFF;
        assert_eq!(unpacked(&broken), Err(Damage::Damaged));
    }
}
