//! Whole numbers as differences: Parquet's DELTA_BINARY_PACKED.

use super::{
    fault::Fault,
    hybrid::bits,
    thrift::{unzigzag, varint},
};

/// Reads the numbers one after another.
#[derive(Clone, Debug)]
pub(super) struct Delta {
    /// Where the present small block ends.
    at: usize,
    /// Numbers left, the first included.
    left: u64,
    /// Whether the first was read.
    begun: bool,
    /// The last number.
    value: i64,
    /// Small blocks a block.
    blocks: usize,
    /// Numbers a small block.
    length: u64,
    /// Where the widths of the small blocks stand, and which of them is the present one.
    widths: usize,
    block: usize,
    /// Of the block: the smallest difference, which all others are above.
    least: i64,
    /// Of the small block: numbers left, where the next stands, and its bits.
    left_in_block: u64,
    bit: usize,
    width: u32,
}

impl Delta {
    /// Numbers that begin here, at most so many.
    pub fn new(page: &[u8], mut at: usize, most: u64) -> Result<Self, Fault> {
        let size = varint(page, &mut at)?;
        let blocks = varint(page, &mut at)?;
        let count = varint(page, &mut at)?;
        let value = unzigzag(varint(page, &mut at)?);
        let length = size.checked_div(blocks).unwrap_or(0);
        if length == 0 || length % 8 != 0 {
            return Err(Fault::damaged(format!(
                "has {blocks} parts in blocks of {size} differences"
            )));
        }
        if count > most {
            return Err(Fault::damaged(format!(
                "has {count} numbers where {most} are the most"
            )));
        }
        Ok(Self {
            at,
            left: count,
            begun: false,
            value,
            blocks: usize::try_from(blocks).unwrap_or(usize::MAX),
            length,
            widths: at,
            block: usize::MAX,
            least: 0,
            left_in_block: 0,
            bit: 0,
            width: 0,
        })
    }

    /// The next number.
    pub fn next(&mut self, page: &[u8]) -> Result<i64, Fault> {
        self.left = self.left.checked_sub(1).ok_or(Fault::Ended)?;
        if !self.begun {
            self.begun = true;
            return Ok(self.value);
        }
        if self.left_in_block == 0 {
            self.next_block(page)?;
        }
        self.left_in_block -= 1;
        let difference = bits(page, self.bit, self.width)?.cast_signed();
        self.bit += self.width as usize;
        let sum = self.value.wrapping_add(self.least);
        self.value = sum.wrapping_add(difference);
        Ok(self.value)
    }

    /// Where the numbers end.
    pub fn end(&self, page: &[u8]) -> Result<usize, Fault> {
        let mut rest = self.clone();
        let mut differences = rest.left.saturating_sub(u64::from(!rest.begun));
        differences = differences.saturating_sub(rest.left_in_block);
        while differences > 0 {
            rest.next_block(page)?;
            differences = differences.saturating_sub(rest.length);
        }
        Ok(rest.at)
    }

    fn next_block(&mut self, page: &[u8]) -> Result<(), Fault> {
        self.block = self.block.saturating_add(1);
        if self.block >= self.blocks {
            self.least = unzigzag(varint(page, &mut self.at)?);
            self.widths = self.at;
            self.block = 0;
            self.at = self.at.saturating_add(self.blocks);
        }
        let width = self.widths.checked_add(self.block);
        let width = width.and_then(|at| page.get(at)).ok_or(Fault::Ended)?;
        self.width = u32::from(*width);
        if self.width > 64 {
            return Err(Fault::damaged(format!(
                "packs numbers of {} bits",
                self.width
            )));
        }
        self.bit = self.at.checked_mul(8).ok_or(Fault::Ended)?;
        // Eight numbers take as many bytes as one takes bits; a small block is whole.
        let bytes = (self.length / 8).saturating_mul(u64::from(self.width));
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let end = self.at.checked_add(bytes);
        self.at = end.filter(|end| *end <= page.len()).ok_or(Fault::Ended)?;
        self.left_in_block = self.length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_format() {
        // 1 to 5: no difference of differences. Then 7, 5, 3, 1, 2, 3, 4, 5 in a small block of 32 at 2 bits.
        let page = [0x80, 1, 4, 5, 2, 2, 0, 0, 0, 0];
        let mut delta = Delta::new(&page, 0, 5).unwrap();
        assert_eq!(delta.end(&page).unwrap(), 10);
        let numbers: Vec<i64> = (0..5).map(|_| delta.next(&page).unwrap()).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert!(delta.next(&page).is_err());
        assert_eq!(delta.end(&page).unwrap(), 10);

        let mut page = vec![0x80, 1, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b11_1111];
        page.resize(10 + 8, 0);
        let mut delta = Delta::new(&page, 0, 8).unwrap();
        let numbers: Vec<i64> = (0..8).map(|_| delta.next(&page).unwrap()).collect();
        assert_eq!(numbers, [7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(delta.end(&page).unwrap(), 18);
        assert!(Delta::new(&page, 0, 7).is_err(), "more than there may be");
        let cut = &page[..17];
        let mut delta = Delta::new(cut, 0, 8).unwrap();
        assert!(delta.end(cut).is_err());
        assert_eq!(delta.next(cut).unwrap(), 7);
        assert!(delta.next(cut).is_err());
    }
}
