//! The compact protocol of Apache Thrift, in which Parquet writes its footer and the headers of its pages.
//!
//! Nothing is allocated by a count that is claimed, and every loop consumes bytes: an element of a list takes one at least.

use super::fault::Fault;

/// Structures within structures that are skipped.
const DEPTH: usize = 32;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    True,
    False,
    Byte,
    Number,
    Double,
    Bytes,
    List,
    Map,
    Struct,
    Uuid,
}

impl Kind {
    fn of(code: u8) -> Result<Self, Fault> {
        Ok(match code {
            1 => Self::True,
            2 => Self::False,
            3 => Self::Byte,
            4..=6 => Self::Number,
            7 => Self::Double,
            8 => Self::Bytes,
            9 | 10 => Self::List,
            11 => Self::Map,
            12 => Self::Struct,
            13 => Self::Uuid,
            _ => {
                return Err(Fault::damaged(
                    "is not written in Thrift's compact protocol",
                ));
            }
        })
    }
}

/// Reads values one after another.
pub(super) struct Thrift<'a> {
    rest: &'a [u8],
}

impl<'a> Thrift<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes that were not read.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The fields of a structure: `each` reads or skips the one with this number.
    pub fn structure(
        &mut self,
        kind: Kind,
        mut each: impl FnMut(&mut Self, i16, Kind) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        expect(kind == Kind::Struct)?;
        let mut id = 0_i16;
        while let Some((next, kind)) = self.field(id)? {
            id = next;
            each(self, id, kind)?;
        }
        Ok(())
    }

    /// The elements of a list.
    pub fn list(
        &mut self,
        kind: Kind,
        mut each: impl FnMut(&mut Self, Kind) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        expect(kind == Kind::List)?;
        let (length, kind) = self.list_head()?;
        for _ in 0..length {
            each(self, kind)?;
        }
        Ok(())
    }

    /// A whole number.
    pub fn number(&mut self, kind: Kind) -> Result<i64, Fault> {
        match kind {
            // A sign in one byte, not a small number.
            Kind::Byte => Ok(i64::from(self.byte()?.cast_signed())),
            Kind::Number => self.zigzag(),
            _ => Err(Fault::damaged(
                "has something else where a number should be",
            )),
        }
    }

    /// Whether a field of truth is true.
    pub fn truth(&mut self, kind: Kind) -> Result<bool, Fault> {
        expect(matches!(kind, Kind::True | Kind::False))?;
        Ok(kind == Kind::True)
    }

    /// Bytes, or a text.
    pub fn bytes(&mut self, kind: Kind) -> Result<&'a [u8], Fault> {
        expect(kind == Kind::Bytes)?;
        let length = self.varint()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Reads over a field.
    pub fn skip(&mut self, kind: Kind) -> Result<(), Fault> {
        self.skip_within(kind, DEPTH)
    }

    fn skip_within(&mut self, kind: Kind, depth: usize) -> Result<(), Fault> {
        let too_deep = || Fault::damaged("is nested too deeply");
        let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
        match kind {
            Kind::True | Kind::False => {}
            Kind::Byte => drop(self.byte()?),
            Kind::Number => drop(self.varint()?),
            Kind::Double => drop(self.take(8)?),
            Kind::Uuid => drop(self.take(16)?),
            Kind::Bytes => drop(self.bytes(kind)?),
            Kind::List => {
                let (length, kind) = self.list_head()?;
                for _ in 0..length {
                    self.skip_element(kind, depth)?;
                }
            }
            Kind::Map => {
                let length = self.varint()?;
                if length > 0 {
                    let kinds = self.byte()?;
                    let (key, value) = (Kind::of(kinds >> 4)?, Kind::of(kinds & 15)?);
                    for _ in 0..length {
                        self.skip_element(key, depth)?;
                        self.skip_element(value, depth)?;
                    }
                }
            }
            Kind::Struct => {
                let mut id = 0;
                while let Some((next, kind)) = self.field(id)? {
                    id = next;
                    self.skip_within(kind, depth)?;
                }
            }
        }
        Ok(())
    }

    /// Truth is a byte in a list, and nothing but its kind in a field.
    fn skip_element(&mut self, kind: Kind, depth: usize) -> Result<(), Fault> {
        match kind {
            Kind::True | Kind::False => self.skip_within(Kind::Byte, depth),
            _ => self.skip_within(kind, depth),
        }
    }

    /// Number and kind of the next field, after the one of this number; none at the end of the structure.
    fn field(&mut self, id: i16) -> Result<Option<(i16, Kind)>, Fault> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let next = match i16::from(head >> 4) {
            0 => i16::try_from(self.zigzag()?).ok(),
            step => id.checked_add(step),
        };
        let next = next.ok_or_else(|| Fault::damaged("has a field of an impossible number"))?;
        Ok(Some((next, Kind::of(head & 15)?)))
    }

    fn list_head(&mut self) -> Result<(u64, Kind), Fault> {
        let head = self.byte()?;
        let length = match head >> 4 {
            15 => self.varint()?,
            short => u64::from(short),
        };
        // Some writers give an empty list no kind.
        match length {
            0 => Ok((0, Kind::Byte)),
            _ => Ok((length, Kind::of(head & 15)?)),
        }
    }

    fn zigzag(&mut self) -> Result<i64, Fault> {
        Ok(unzigzag(self.varint()?))
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut at = 0;
        let number = varint(self.rest, &mut at)?;
        self.rest = &self.rest[at..];
        Ok(number)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Fault::Ended)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// A number of seven bits a byte, the lowest first; `at` moves behind it.
pub(super) fn varint(bytes: &[u8], at: &mut usize) -> Result<u64, Fault> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at).ok_or(Fault::Ended)?;
        *at += 1;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Fault::damaged("has a number of more than 64 bits"))
}

/// Undoes that signs stand in the lowest bit.
pub(super) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn expect(right: bool) -> Result<(), Fault> {
    match right {
        true => Ok(()),
        false => Err(Fault::damaged(
            "has a field of another kind than it should be",
        )),
    }
}
