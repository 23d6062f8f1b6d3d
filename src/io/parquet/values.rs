//! The values of a page, one after another, whatever their encoding.
//!
//! A page is never decoded as a whole: its bytes are kept as they are, and each value is taken from them when it is asked for.
//! So no count that a page claims takes memory, and what does not fit its bytes is found where it is read.

use super::{
    delta::Delta,
    fault::Fault,
    hybrid::{Hybrid, bits},
    memory::Memory,
};

/// Bytes that a value's place takes in a dictionary.
const PLACE: u64 = 8;

/// Bytes of a value's length.
const LENGTH: usize = 4;

/// How the values of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Physical {
    Boolean,
    Int32,
    Int64,
    Int96,
    Float,
    Double,
    Bytes,
    /// Of this many bytes.
    Fixed(usize),
}

impl Physical {
    /// Bytes a value, where all have as many.
    pub fn width(self) -> Option<usize> {
        match self {
            Self::Boolean => Some(1),
            Self::Int32 | Self::Float => Some(4),
            Self::Int64 | Self::Double => Some(8),
            Self::Int96 => Some(12),
            Self::Fixed(width) => Some(width),
            Self::Bytes => None,
        }
    }
}

/// The values that others are indices of.
#[derive(Debug)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    places: Places,
}

/// Where the values of a dictionary stand.
#[derive(Debug)]
enum Places {
    /// One after another, each of this width.
    Even(usize),
    /// Where each begins and ends.
    Listed(Vec<(u32, u32)>),
}

impl Dictionary {
    /// Values as they stand in a page, so many. `memory` holds the page already.
    pub fn new(
        bytes: Vec<u8>,
        physical: Physical,
        count: u64,
        memory: &mut Memory,
    ) -> Result<Self, Fault> {
        let least = physical.width().unwrap_or(LENGTH) as u64;
        let fits = count
            .checked_mul(least)
            .is_some_and(|least| least <= bytes.len() as u64);
        if physical == Physical::Boolean || !fits {
            return Err(Fault::damaged(format!(
                "has a dictionary of {count} values in {} bytes",
                bytes.len()
            )));
        }
        let places = match physical.width() {
            Some(width) => Places::Even(width),
            None => {
                memory.take(count * PLACE)?;
                let mut places = Vec::with_capacity(usize::try_from(count).unwrap_or(0));
                let mut at = 0;
                for _ in 0..count {
                    let (from, to) = sized(&bytes, &mut at)?;
                    // A page has 31 bits of bytes at most.
                    places.push((from as u32, to as u32));
                }
                Places::Listed(places)
            }
        };
        Ok(Self { bytes, places })
    }

    /// Bytes of memory that it takes.
    pub fn size(&self) -> u64 {
        let places = match &self.places {
            Places::Even(_) => 0,
            Places::Listed(places) => places.len() as u64 * PLACE,
        };
        self.bytes.len() as u64 + places
    }

    #[inline]
    fn get(&self, index: u32) -> Result<&[u8], Fault> {
        let index = index as usize;
        let value = match &self.places {
            Places::Even(width) => index
                .checked_mul(*width)
                .and_then(|at| self.bytes.get(at..)?.get(..*width)),
            Places::Listed(places) => places
                .get(index)
                .map(|place| &self.bytes[place.0 as usize..place.1 as usize]),
        };
        value.ok_or_else(|| Fault::damaged(format!("has no value {index} in its dictionary")))
    }
}

/// Where the next value of a page stands.
#[derive(Debug)]
pub(super) enum Values {
    /// One after another, each of this width.
    Fixed { at: usize, width: usize },
    /// One after another, each behind its length.
    Sized { at: usize },
    /// A bit each.
    Bits { bit: usize },
    /// Truth as runs.
    Runs(Hybrid),
    /// Indices of the dictionary.
    Indices(Hybrid),
    /// Whole numbers as differences, in so many bytes each.
    Deltas { numbers: Delta, width: usize },
    /// First all lengths, then all bytes.
    Lengths { lengths: Delta, at: usize },
    /// First how much each has of the one before, then the rest of each.
    Prefixes {
        prefixes: Delta,
        lengths: Delta,
        at: usize,
    },
    /// First the first byte of each, then the second ..
    Streams {
        at: usize,
        stride: usize,
        width: usize,
    },
}

impl Values {
    /// Values as they are.
    pub fn plain(physical: Physical, at: usize) -> Self {
        match physical.width() {
            _ if physical == Physical::Boolean => Self::Bits { bit: at * 8 },
            Some(width) => Self::Fixed { at, width },
            None => Self::Sized { at },
        }
    }

    /// Values in an encoding, by its number in the format, from a place in a page on: so many at most, nulls not counted.
    pub fn new(
        encoding: i64,
        physical: Physical,
        page: &[u8],
        at: usize,
        most: u64,
    ) -> Result<Self, Fault> {
        use Physical::{Boolean, Bytes, Fixed, Int32, Int64};
        Ok(match (encoding, physical) {
            (0, _) => Self::plain(physical, at),
            // Writers that knew the second version of pages only called it otherwise.
            (2 | 8, _) => match page.get(at) {
                Some(&width) => Self::Indices(Hybrid::new(at + 1, page.len(), width.into())?),
                // A page of nulls alone may have no width.
                None => Self::Indices(Hybrid::new(at, at, 0)?),
            },
            (3, Boolean) => {
                let length = length(page, at)?;
                Self::Runs(Hybrid::new(at + LENGTH, at + LENGTH + length, 1)?)
            }
            (5, Int32 | Int64) => Self::Deltas {
                numbers: Delta::new(page, at, most)?,
                width: if physical == Int32 { 4 } else { 8 },
            },
            (6, Bytes) => {
                let lengths = Delta::new(page, at, most)?;
                let at = lengths.end(page)?;
                Self::Lengths { lengths, at }
            }
            (7, Bytes | Fixed(_)) => {
                let prefixes = Delta::new(page, at, most)?;
                let lengths = Delta::new(page, prefixes.end(page)?, most)?;
                let at = lengths.end(page)?;
                Self::Prefixes {
                    prefixes,
                    lengths,
                    at,
                }
            }
            (9, _) => {
                let width = physical.width().filter(|width| *width > 0);
                let width = width.ok_or_else(|| unknown(encoding, physical))?;
                let stride = page.len().saturating_sub(at) / width;
                Self::Streams { at, stride, width }
            }
            _ => return Err(unknown(encoding, physical)),
        })
    }

    /// The next value, in `scratch` where it does not stand in one piece in the page or the dictionary. `scratch` must not be
    /// changed between two values.
    #[inline]
    pub fn next<'v>(
        &mut self,
        page: &'v [u8],
        dictionary: Option<&'v Dictionary>,
        scratch: &'v mut Vec<u8>,
    ) -> Result<&'v [u8], Fault> {
        match self {
            Self::Fixed { at, width } => {
                let (from, to) = stretch(page, at, *width as i64)?;
                return Ok(&page[from..to]);
            }
            Self::Sized { at } => {
                let (from, to) = sized(page, at)?;
                return Ok(&page[from..to]);
            }
            Self::Lengths { lengths, at } => {
                let (from, to) = stretch(page, at, lengths.next(page)?)?;
                return Ok(&page[from..to]);
            }
            Self::Indices(indices) => {
                let lacks = || Fault::damaged("has a page of indices, but no dictionary before it");
                return dictionary.ok_or_else(lacks)?.get(indices.next(page)?);
            }
            Self::Bits { bit } => {
                replace(scratch, &[bits(page, *bit, 1)? as u8]);
                *bit += 1;
            }
            Self::Runs(runs) => replace(scratch, &[runs.next(page)? as u8]),
            // Sums of 64 bits are right in their lower 32, too.
            Self::Deltas { numbers, width } => {
                replace(scratch, &numbers.next(page)?.to_le_bytes()[..*width]);
            }
            Self::Prefixes {
                prefixes,
                lengths,
                at,
            } => {
                let kept = usize::try_from(prefixes.next(page)?).ok();
                if kept.is_none_or(|kept| kept > scratch.len()) {
                    return Err(Fault::damaged("has a value that continues too short a one"));
                }
                scratch.truncate(kept.unwrap_or(0));
                let (from, to) = stretch(page, at, lengths.next(page)?)?;
                scratch.extend_from_slice(&page[from..to]);
            }
            Self::Streams { at, stride, width } => {
                scratch.clear();
                if *stride == 0 {
                    return Err(Fault::Ended);
                }
                for byte in 0..*width {
                    scratch.push(*page.get(*at + byte * *stride).ok_or(Fault::Ended)?);
                }
                *at += 1;
            }
        }
        Ok(scratch)
    }
}

/// The bytes behind a length.
#[inline]
fn sized(page: &[u8], at: &mut usize) -> Result<(usize, usize), Fault> {
    let length = length(page, *at)?;
    *at += LENGTH;
    stretch(page, at, length as i64)
}

/// The next so many bytes of a page.
#[inline]
fn stretch(page: &[u8], at: &mut usize, length: i64) -> Result<(usize, usize), Fault> {
    let from = *at;
    let length = usize::try_from(length).map_err(|_| Fault::Ended)?;
    let end = from.checked_add(length).filter(|end| *end <= page.len());
    *at = end.ok_or(Fault::Ended)?;
    Ok((from, *at))
}

/// A length in four bytes that is no more than what follows it.
pub(super) fn length(page: &[u8], at: usize) -> Result<usize, Fault> {
    let rest = page.get(at..).unwrap_or_default();
    let (head, rest) = rest.split_first_chunk::<4>().ok_or(Fault::Ended)?;
    let length = u32::from_le_bytes(*head) as usize;
    match length <= rest.len() {
        true => Ok(length),
        false => Err(Fault::Ended),
    }
}

fn replace(scratch: &mut Vec<u8>, bytes: &[u8]) {
    scratch.clear();
    scratch.extend_from_slice(bytes);
}

fn unknown(encoding: i64, physical: Physical) -> Fault {
    Fault::Unsupported {
        what: format!(
            "has values of the kind {physical:?} in the encoding {encoding}, which is not read"
        ),
        advice: "Write it with plain or dictionary encoding, as pandas, polars, R and DuckDB do."
            .into(),
    }
}
