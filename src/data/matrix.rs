//! Samples x features matrices, dense or sparse, behind one set of questions.

use std::{io, ops::Range};

use serde::Serialize;

use super::{Sparse, Storage, Values};

/// A samples x features matrix; missing values are NaN. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Matrix {
    /// Every value, in memory or on disk.
    Dense(Values),
    /// The values that are not zero, in memory or on disk.
    Sparse(Sparse),
}

impl Matrix {
    /// Number of samples.
    pub fn samples(&self) -> usize {
        match self {
            Self::Dense(values) => values.samples(),
            Self::Sparse(sparse) => sparse.samples(),
        }
    }

    /// Number of features.
    pub fn features(&self) -> usize {
        match self {
            Self::Dense(values) => values.features(),
            Self::Sparse(sparse) => sparse.features(),
        }
    }

    /// Where the values are.
    pub fn storage(&self) -> Storage {
        match self {
            Self::Dense(values) => values.storage(),
            Self::Sparse(sparse) => sparse.storage(),
        }
    }

    /// Bytes of its values, wherever they are.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Dense(values) => 4 * values.samples() as u64 * values.features() as u64,
            Self::Sparse(sparse) => 8 * (sparse.samples() + sparse.count()) as u64,
        }
    }

    /// Bytes of main memory that it holds.
    pub fn bytes_in_memory(&self) -> u64 {
        match (self, self.storage()) {
            (_, Storage::Memory) => self.bytes(),
            (Self::Dense(_), Storage::Disk) => 0,
            // Where the rows start.
            (Self::Sparse(sparse), Storage::Disk) => 8 * sparse.samples() as u64,
        }
    }

    /// Writes some rows out in full, row by row: `out` holds the number of rows x features.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn fill(&self, rows: Range<usize>, out: &mut [f32]) -> io::Result<()> {
        match self {
            Self::Dense(values) => {
                values.copy_rows(rows, out);
                values.check()
            }
            Self::Sparse(sparse) => sparse.fill(rows, out),
        }
    }

    /// The values of one feature for all samples.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn column(&self, feature: usize) -> io::Result<Vec<f32>> {
        match self {
            Self::Dense(values) => {
                let features = values.features();
                let pieces = values.fold(Vec::new, |column: &mut Vec<f32>, rows| {
                    column.extend(rows.chunks_exact(features).map(|row| row[feature]));
                })?;
                Ok(pieces.concat())
            }
            Self::Sparse(sparse) => sparse.column(feature),
        }
    }

    /// These rows, in this order.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select_rows(&self, rows: &[u32]) -> io::Result<Self> {
        Ok(match self {
            Self::Dense(values) => Self::Dense(values.select(values.storage(), rows)?),
            Self::Sparse(sparse) => Self::Sparse(sparse.select_rows(rows)?),
        })
    }

    /// These columns, in rising order.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select_columns(&self, columns: &[u32]) -> io::Result<Self> {
        let values = match self {
            Self::Dense(values) => values,
            Self::Sparse(sparse) => return Ok(Self::Sparse(sparse.select_columns(columns)?)),
        };
        let (samples, features) = values.dim();
        let pick = |range: Range<usize>, out: &mut [f32]| {
            let mut buffer = Vec::new();
            let rows = values
                .rows(range, &mut buffer)
                .chunks_exact(features.max(1));
            for (out, row) in out.chunks_exact_mut(columns.len().max(1)).zip(rows) {
                let places = columns.iter().map(|&column| row[column as usize]);
                out.iter_mut()
                    .zip(places)
                    .for_each(|(to, value)| *to = value);
            }
        };
        let made = Values::generate(values.storage(), samples, columns.len(), pick)?;
        values.check()?;
        Ok(Self::Dense(made))
    }

    /// What can be said of its values at a glance over all of them.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn facts(&self) -> io::Result<Facts> {
        let all = self.samples() as u64 * self.features() as u64;
        let pieces = match self {
            Self::Dense(values) => values.fold(Facts::default, |facts, rows| facts.add(rows))?,
            Self::Sparse(sparse) => sparse.map_pieces(|rows| {
                let mut facts = Facts::default();
                facts.add(rows.values());
                facts
            })?,
        };
        let mut facts = Facts::default();
        pieces.iter().for_each(|piece| facts.merge(piece));
        // Zeros that are not held count as well.
        if facts.seen < all {
            (facts.seen, facts.low, facts.high) = (all, facts.low.min(0.0), facts.high.max(0.0));
        }
        Ok(facts)
    }
}

/// How many of a few values are of this kind.
fn count(values: &[f32], is: impl Fn(f32) -> bool) -> u64 {
    let ones = values.iter().map(|&x| u32::from(is(x)));
    u64::from(ones.sum::<u32>())
}

/// Whether a number is neither whole nor missing. `f32::fract` says the same by a call for each value.
pub(crate) fn has_fraction(x: f32) -> bool {
    /// From here on every number of 32 bits is whole, so that adding it rounds.
    const WHOLE: f32 = 8_388_608.0;
    let x = x.abs();
    (x < WHOLE) & ((x + WHOLE) - WHOLE != x)
}

/// What values look like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Facts {
    /// Number of values, missing ones included.
    pub seen: u64,
    /// Values that are not zero; missing ones do not count.
    pub nonzero: u64,
    /// Missing values.
    pub missing: u64,
    /// Values that are not finite.
    pub infinite: u64,
    /// Values with a fractional part.
    pub fractions: u64,
    /// The smallest finite value; infinite where there is none.
    pub low: f32,
    /// The largest finite value.
    pub high: f32,
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            seen: 0,
            nonzero: 0,
            missing: 0,
            infinite: 0,
            fractions: 0,
            low: f32::INFINITY,
            high: f32::NEG_INFINITY,
        }
    }
}

impl Facts {
    fn add(&mut self, values: &[f32]) {
        // Every question by itself, of values that stay in the cache, is asked of several of them at once.
        for values in values.chunks(1 << 12) {
            self.seen += values.len() as u64;
            self.missing += count(values, f32::is_nan);
            self.infinite += count(values, f32::is_infinite);
            self.nonzero += count(values, |x| x.is_finite() & (x != 0.0));
            self.fractions += count(values, has_fraction);
            let (mut low, mut high) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8]);
            let (groups, rest) = values.as_chunks::<8>();
            let mut bound = |at: usize, x: f32| {
                // What is not finite is neither.
                let x = if x.is_finite() { x } else { f32::NAN };
                low[at] = if x < low[at] { x } else { low[at] };
                high[at] = if x > high[at] { x } else { high[at] };
            };
            for group in groups {
                (0..8).for_each(|at| bound(at, group[at]));
            }
            rest.iter().for_each(|&x| bound(0, x));
            self.low = low.into_iter().fold(self.low, f32::min);
            self.high = high.into_iter().fold(self.high, f32::max);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.seen += other.seen;
        self.nonzero += other.nonzero;
        self.missing += other.missing;
        self.infinite += other.infinite;
        self.fractions += other.fractions;
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }

    /// Whether all values are whole numbers from 0 on, some of them above 1: counts.
    pub fn are_counts(&self) -> bool {
        self.fractions == 0 && self.infinite == 0 && self.low >= 0.0 && self.high > 1.0
    }

    /// Share of the values that are not zero, 0 to 1.
    pub fn density(&self) -> f64 {
        self.nonzero as f64 / self.seen.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn dense_and_sparse_answer_alike() {
        let full = [0., 1., 0., 2., 0., 0., 0., 0., 3., 0., 4., 5.];
        let sparse = Sparse::new(
            4,
            vec![0, 2, 2, 5],
            vec![1, 3, 0, 2, 3],
            vec![1., 2., 3., 4., 5.],
        );
        let sparse = Matrix::Sparse(sparse.unwrap());
        let array = Array2::from_shape_vec((3, 4), full.to_vec()).unwrap();
        let dense = Matrix::Dense(array.into());
        let whole = |matrix: &Matrix| {
            let mut out = vec![0.0; matrix.samples() * matrix.features()];
            matrix.fill(0..matrix.samples(), &mut out).unwrap();
            out
        };
        assert_eq!(whole(&sparse), full);
        assert_eq!(sparse.facts().unwrap(), dense.facts().unwrap());
        assert!(sparse.facts().unwrap().are_counts());
        let Matrix::Sparse(held) = &sparse else {
            unreachable!()
        };
        let on_disk = Matrix::Sparse(held.on_disk());
        assert_eq!(on_disk.facts().unwrap(), dense.facts().unwrap());
        assert_eq!((on_disk.bytes(), on_disk.bytes_in_memory()), (64, 24));
        for feature in 0..4 {
            assert_eq!(
                sparse.column(feature).unwrap(),
                dense.column(feature).unwrap()
            );
        }
        let cut = |matrix: &Matrix| {
            let rows = matrix.select_rows(&[2, 1]).unwrap();
            whole(&rows.select_columns(&[0, 3]).unwrap())
        };
        assert_eq!(cut(&sparse), [3., 5., 0., 0.]);
        assert_eq!(cut(&sparse), cut(&dense));
    }

    #[test]
    fn values_are_told_by_their_looks() {
        let facts = |values: &[f32]| {
            let mut facts = Facts::default();
            facts.add(values);
            facts
        };
        assert!(facts(&[0.0, 3.0, 1.0]).are_counts());
        assert!(
            !facts(&[0.0, 1.0, 1.0]).are_counts(),
            "presence is no count"
        );
        assert!(!facts(&[0.0, 1.5]).are_counts() && !facts(&[-1.0, 4.0]).are_counts());
        assert!(
            facts(&[f32::NAN, 2.0]).are_counts(),
            "missing values say nothing"
        );
        assert_eq!(facts(&[0.0, f32::NAN, 2.0, 0.0]).density(), 0.25);
    }

    #[test]
    fn fractions_are_told_of_numbers_of_every_size() {
        for bits in (0..0x7F80_0000).step_by(4_099) {
            let x = f32::from_bits(bits);
            assert_eq!(has_fraction(x), x.fract() != 0.0, "{x}");
            assert_eq!(has_fraction(-x), x.fract() != 0.0, "-{x}");
        }
        for x in [0.5, 1.5, 2.5, 8_388_607.5, 4_194_303.8] {
            assert!(has_fraction(x), "{x}");
        }
    }
}
