//! Text in UTF-16, as spreadsheets save "Unicode text": read as UTF-8.

use std::io::{self, ErrorKind, Read};

/// Units read at once.
const UNITS: usize = 1 << 14;

/// Whether a file begins with the byte-order mark of UTF-16.
pub(super) fn is_utf16(start: &[u8]) -> bool {
    start == [0xFF, 0xFE] || start == [0xFE, 0xFF]
}

/// Makes UTF-8 of UTF-16 with a byte-order mark, which tells the order of the bytes.
pub(super) struct Utf16<R> {
    raw: R,
    big_endian: Option<bool>,
    /// The first half of a pair that is not complete yet.
    half: Option<u16>,
    /// UTF-8 that was not handed out yet, and how much of it was.
    ready: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    pub fn new(raw: R) -> Self {
        Self {
            raw,
            big_endian: None,
            half: None,
            ready: Vec::new(),
            at: 0,
        }
    }

    /// Makes some more UTF-8 ready; whether there was any.
    fn more(&mut self) -> io::Result<bool> {
        let mut bytes = Vec::with_capacity(2 * UNITS);
        (&mut self.raw)
            .take(2 * UNITS as u64)
            .read_to_end(&mut bytes)?;
        let (pairs, odd) = bytes.as_chunks::<2>();
        if !odd.is_empty() {
            return Err(broken());
        }
        let big = *self
            .big_endian
            .get_or_insert_with(|| pairs.first() == Some(&[0xFE, 0xFF]));
        let unit = |pair: &[u8; 2]| match big {
            true => u16::from_be_bytes(*pair),
            false => u16::from_le_bytes(*pair),
        };
        let mut units: Vec<u16> = self.half.take().into_iter().collect();
        units.extend(pairs.iter().map(unit));
        let ended = bytes.is_empty();
        if !ended
            && let Some(&last) = units.last()
            && (0xD800..0xDC00).contains(&last)
        {
            self.half = units.pop();
        }
        self.ready.clear();
        self.at = 0;
        let mut buffer = [0; 4];
        for letter in char::decode_utf16(units) {
            let letter = letter.map_err(|_| broken())?;
            self.ready
                .extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
        }
        Ok(!ended)
    }
}

fn broken() -> io::Error {
    io::Error::new(
        ErrorKind::InvalidData,
        "it begins like text in UTF-16, but is none",
    )
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() {
            if !self.more()? {
                return Ok(0);
            }
        }
        let read = (&self.ready[self.at..]).read(out)?;
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Utf16::new(bytes).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn both_orders_and_pairs_at_the_edge_of_a_block() {
        let text = format!("\u{feff}{}\u{1F9EC}ä", "x".repeat(UNITS - 2));
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&little).unwrap(), text);
        assert_eq!(read(&big).unwrap(), text);
        assert!(read(&little[..little.len() - 1]).is_err());
        assert!(read(b"\xFF\xFE\x00\xDC").is_err());
        assert!(read(b"\xFF\xFE\x00\xD8").is_err());
    }
}
