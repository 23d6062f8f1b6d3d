//! Ways to damage a file.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// A damaged file is never larger, so that the readers' time is spent on damage.
const MOST: usize = 1 << 20;

/// Words that readers of text may take for something else than they are.
const WORDS: [&[u8]; 32] = [
    b"",
    b"NA",
    b"nan",
    b"inf",
    b"-inf",
    b"-0",
    b"1e39",
    b"1e308",
    b"1e-400",
    b"0x1p3",
    b"-1",
    b"2147483648",
    b"4294967296",
    b"18446744073709551616",
    b"1,234.5",
    b"1.234,5",
    b"1 2",
    b"\"",
    b"\"\"",
    b"\"a\nb\"",
    b"=\"1\"",
    b"#",
    b"#1.3\n",
    b"%",
    b"%%MatrixMarket matrix coordinate real general\n",
    b"sep=;\n",
    b"\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"\xC3",
    b"\xE2\x80\xAE",
    b"\x85\x1F",
];

const SEPARATORS: &[u8] = b",\t; |";

/// Damages files, the same way for the same seed.
pub struct Mutator {
    random: ChaCha8Rng,
}

impl Mutator {
    /// One for every execution, so that each can be repeated alone.
    pub fn new(seed: u64) -> Self {
        let random = ChaCha8Rng::seed_from_u64(seed);
        Self { random }
    }

    /// A number below a bound; 0 where there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        match bound {
            0 => 0,
            bound => self.random.random_range(0..bound),
        }
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// How many changes to make: mostly one, sometimes many.
    fn changes(&mut self) -> usize {
        let mut changes = 1;
        while changes < 32 && self.once_in(2) {
            changes += 1;
        }
        changes
    }

    /// Damages a text; `other` is one to take pieces of.
    pub fn text(&mut self, data: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..self.changes() {
            match self.once_in(4) {
                true => self.change_bytes(data, other, false),
                false => self.change_text(data),
            }
        }
        data.truncate(MOST);
    }

    /// Damages bytes; if places in it count, their number mostly stays.
    pub fn bytes(&mut self, data: &mut Vec<u8>, other: &[u8], places_count: bool) {
        for _ in 0..self.changes() {
            let keep = places_count && !self.once_in(16);
            self.change_bytes(data, other, keep);
        }
        data.truncate(MOST);
    }

    /// A short piece of the data.
    fn piece(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        let most = match self.once_in(8) {
            true => length - start,
            false => 64.min(length - start),
        };
        start..start + self.below(most + 1)
    }

    fn change_bytes(&mut self, data: &mut Vec<u8>, other: &[u8], keep: bool) {
        if data.is_empty() {
            data.extend_from_slice(other);
            return;
        }
        let at = self.below(data.len());
        match self.below(if keep { 6 } else { 11 }) {
            0 => data[at] ^= 1 << self.below(8),
            1 => data[at] = self.random.random(),
            2 | 3 => self.extreme(&mut data[at..]),
            4 => {
                let run = self.piece(data.len());
                let byte: u8 = [0, 0xFF, self.random.random()][self.below(3)];
                data[run].fill(byte);
            }
            5 => {
                let from = self.piece(data.len());
                let length = from.len().min(data.len() - at);
                data.copy_within(from.start..from.start + length, at);
            }
            6 => data.truncate(at),
            7 => {
                let run = self.piece(data.len());
                let again = data[run].to_vec();
                data.splice(at..at, again);
            }
            8 => {
                let run = self.piece(data.len());
                data.drain(run);
            }
            9 => {
                let run = self.piece(other.len());
                data.splice(at..at, other[run].iter().copied());
            }
            _ => {
                data.truncate(at);
                data.extend_from_slice(&other[self.below(other.len())..]);
            }
        }
    }

    /// Writes an integer at the start that few programs expect.
    fn extreme(&mut self, data: &mut [u8]) {
        let size = [1, 2, 4, 8][self.below(4)].min(data.len());
        let mut now = [0; 8];
        now[..size].copy_from_slice(&data[..size]);
        let now = u64::from_le_bytes(now);
        let bits = 8 * size as u32;
        let most = u64::MAX >> (64 - bits);
        let shift = self.below(bits as usize) as u32;
        let values = [
            0,
            1,
            most,
            most - 1,
            most >> 1,
            (most >> 1) + 1,
            1 << shift,
            now.wrapping_add(1),
            now.wrapping_sub(1),
            now << 1,
            now.wrapping_add(1 << shift),
        ];
        let value = values[self.below(values.len())];
        let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
        match self.once_in(4) {
            true => data[..size].copy_from_slice(&big[8 - size..]),
            false => data[..size].copy_from_slice(&little[..size]),
        }
    }

    fn change_text(&mut self, data: &mut Vec<u8>) {
        let at = self.below(data.len());
        match self.below(12) {
            0 => {
                let word = WORDS[self.below(WORDS.len())];
                data.splice(at..at, word.iter().copied());
            }
            1 | 2 => {
                // A cell.
                let ends = |b: &u8| SEPARATORS.contains(b) || *b == b'\n';
                let before = data[..at].iter().rposition(ends).map_or(0, |end| end + 1);
                let after = data[at..].iter().position(ends);
                let after = after.map_or(data.len(), |end| at + end);
                let long = vec![b'9'; 400];
                let word = match self.once_in(16) {
                    true => &long,
                    false => WORDS[self.below(WORDS.len())],
                };
                data.splice(before..after, word.iter().copied());
            }
            3 => {
                // A separator, or all of them.
                let (from, to) = (self.separator(), self.separator());
                let all = self.once_in(2);
                let start = if all { 0 } else { at };
                let places = data[start..].iter_mut().filter(|b| **b == from);
                let most = if all { usize::MAX } else { 1 };
                places.take(most).for_each(|b| *b = to);
            }
            4 => {
                let end: &[u8] = [&b"\r\n"[..], b"\r", b"\n\n", b""][self.below(4)];
                let all = self.once_in(2);
                let lines: Vec<&[u8]> = data.split(|&b| b == b'\n').collect();
                let one = self.below(lines.len());
                let mut out = Vec::with_capacity(data.len() + lines.len());
                for (place, line) in lines.iter().enumerate() {
                    out.extend_from_slice(line);
                    if place + 1 < lines.len() {
                        let other = all || place == one;
                        out.extend_from_slice(if other { end } else { b"\n" });
                    }
                }
                *data = out;
            }
            5..8 => self.change_lines(data),
            8 => self.change_columns(data),
            9 => {
                let byte = [b'a', b'1', b'"', b',', b' ', b'\n'][self.below(6)];
                let run = 1 << self.below(14);
                data.splice(at..at, std::iter::repeat_n(byte, run));
            }
            10 => {
                let wide = String::from_utf8_lossy(data).into_owned();
                let big = self.once_in(2);
                let units = std::iter::once(0xFEFF).chain(wide.encode_utf16());
                let bytes = |unit: u16| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                };
                if self.once_in(4) {
                    *data = units.flat_map(bytes).collect();
                }
            }
            _ => data.truncate(at),
        }
    }

    fn separator(&mut self) -> u8 {
        SEPARATORS[self.below(SEPARATORS.len())]
    }

    /// Repeats, removes or exchanges lines.
    fn change_lines(&mut self, data: &mut Vec<u8>) {
        let mut lines: Vec<&[u8]> = data.split_inclusive(|&b| b == b'\n').collect();
        let (one, other) = (self.below(lines.len()), self.below(lines.len()));
        if lines.is_empty() {
            return;
        }
        match self.below(4) {
            0 => {
                let times = 1 << self.below(8);
                let line = lines[one];
                lines.splice(other..other, std::iter::repeat_n(line, times));
            }
            1 => {
                lines.remove(one);
            }
            2 => lines.swap(one, other),
            _ => {
                let joined = lines[one].strip_suffix(b"\n");
                lines[one] = joined.unwrap_or(lines[one]);
            }
        }
        *data = lines.concat();
    }

    /// Repeats or removes a column.
    fn change_columns(&mut self, data: &mut Vec<u8>) {
        let separator = self.separator();
        let column = self.below(6);
        let times = if self.once_in(2) {
            0
        } else {
            1 << self.below(6)
        };
        let mut out = Vec::with_capacity(2 * data.len());
        for line in data.split_inclusive(|&b| b == b'\n') {
            let cells: Vec<&[u8]> = line.split(|&b| b == separator).collect();
            let mut all = Vec::with_capacity(cells.len());
            for (place, cell) in cells.iter().enumerate() {
                let copies = if place == column { times } else { 1 };
                all.extend(std::iter::repeat_n(*cell, copies));
            }
            out.extend(all.join(&separator));
        }
        *data = out;
    }
}
