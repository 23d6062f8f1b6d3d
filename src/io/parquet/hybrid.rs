//! Small numbers as runs: Parquet's hybrid of repeated and bit-packed numbers.

use super::{fault::Fault, thrift::varint};

/// Reads the numbers of a part of a page, one after another.
#[derive(Clone, Debug)]
pub(super) struct Hybrid {
    /// Where the next run begins.
    at: usize,
    /// Where the part ends.
    end: usize,
    /// Bits a number, 32 at most.
    width: u32,
    /// Numbers left of the present run.
    left: u64,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    /// The same number all along.
    Repeated(u32),
    /// One number after another, the next from this bit on.
    Packed(usize),
}

impl Hybrid {
    /// Numbers of `width` bits between two places of a page.
    pub fn new(at: usize, end: usize, width: u32) -> Result<Self, Fault> {
        if width > 32 {
            return Err(Fault::damaged(format!("packs numbers of {width} bits")));
        }
        Ok(Self {
            at,
            end,
            width,
            left: 0,
            run: Run::Repeated(0),
        })
    }

    /// The next number.
    #[inline]
    pub fn next(&mut self, page: &[u8]) -> Result<u32, Fault> {
        while self.left == 0 {
            self.next_run(page)?;
        }
        self.left -= 1;
        match &mut self.run {
            Run::Repeated(number) => Ok(*number),
            Run::Packed(bit) => {
                let page = page.get(..self.end).ok_or(Fault::Ended)?;
                let number = bits(page, *bit, self.width)?;
                *bit += self.width as usize;
                // No more than 32 bits were read.
                Ok(number as u32)
            }
        }
    }

    fn next_run(&mut self, page: &[u8]) -> Result<(), Fault> {
        let page = page.get(..self.end).ok_or(Fault::Ended)?;
        let head = varint(page, &mut self.at)?;
        let count = head >> 1;
        if head & 1 == 1 {
            self.left = count.saturating_mul(8);
            self.run = Run::Packed(self.at * 8);
            // Eight numbers take as many bytes as one takes bits. A last run may be cut short.
            let bytes = count.saturating_mul(u64::from(self.width));
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            self.at = self.at.saturating_add(bytes).min(self.end);
        } else {
            let bytes = self.width.div_ceil(8) as usize;
            let number = page.get(self.at..self.at + bytes).ok_or(Fault::Ended)?;
            let mut value = [0; 4];
            value[..bytes].copy_from_slice(number);
            self.at += bytes;
            self.left = count;
            self.run = Run::Repeated(u32::from_le_bytes(value));
        }
        Ok(())
    }
}

/// The number of `width` bits, 64 at most, from this bit on, the lowest first.
#[inline]
pub(super) fn bits(page: &[u8], bit: usize, width: u32) -> Result<u64, Fault> {
    let (byte, shift) = (bit / 8, (bit % 8) as u32);
    if width == 0 {
        return Ok(0);
    }
    if width <= 56
        && let Some(eight) = page.get(byte..).and_then(|rest| rest.first_chunk::<8>())
    {
        return Ok((u64::from_le_bytes(*eight) >> shift) & (u64::MAX >> (64 - width)));
    }
    let bytes = (shift + width).div_ceil(8) as usize;
    let few = page.get(byte..byte + bytes).ok_or(Fault::Ended)?;
    let mut wide = [0; 16];
    wide[..bytes].copy_from_slice(few);
    // What is left of the mask's width is 64 bits at most.
    Ok((u128::from_le_bytes(wide) >> shift) as u64 & (u64::MAX >> (64 - width)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_numbers() {
        // The example of the format's description: 0 to 7 in 3 bits; then five times 6.
        let page = [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010, 10, 6];
        let mut hybrid = Hybrid::new(0, page.len(), 3).unwrap();
        let numbers: Vec<u32> = (0..13).map(|_| hybrid.next(&page).unwrap()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 6, 6, 6, 6, 6]);
        assert!(matches!(hybrid.next(&page), Err(Fault::Ended)));
        assert!(Hybrid::new(0, 6, 33).is_err());
    }

    #[test]
    fn a_packed_run_may_be_cut_short_but_not_its_numbers() {
        let page = [0b11, 0b1000_1000];
        let mut hybrid = Hybrid::new(0, page.len(), 3).unwrap();
        assert_eq!(hybrid.next(&page).unwrap(), 0);
        assert_eq!(hybrid.next(&page).unwrap(), 1);
        assert!(hybrid.next(&page).is_err());
    }

    #[test]
    fn bits_across_bytes() {
        let page: Vec<u8> = (1..=12).collect();
        let whole =
            u128::from_le_bytes(std::array::from_fn(|at| page.get(at).copied().unwrap_or(0)));
        for width in 0..=64 {
            for bit in 0..=(96 - width as usize) {
                let mask = (1_u128 << width) - 1;
                assert_eq!(
                    u128::from(bits(&page, bit, width).unwrap()),
                    whole >> bit & mask
                );
            }
            assert!(width == 0 || bits(&page, 97 - width as usize, width).is_err());
        }
    }
}
