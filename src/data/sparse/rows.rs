//! Some rows of a sparse matrix.

use std::ops::Range;

use crate::data::spill::Spill;

/// Where rows on disk are read into.
#[derive(Debug, Default)]
pub struct SparseBuffer {
    pub(super) indices: Vec<u32>,
    pub(super) values: Vec<f32>,
}

impl SparseBuffer {
    /// Reads a range of values and their features, and whether that went well.
    pub(super) fn read(&mut self, range: Range<usize>, indices: &Spill, values: &Spill) -> bool {
        self.indices.resize(range.len(), 0);
        self.values.resize(range.len(), 0.0);
        let at = range.start as u64;
        indices.read(at, &mut self.indices) && values.read(at, &mut self.values)
    }
}

/// Some rows of a sparse matrix, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct SparseRows<'a> {
    /// Where every row begins and the last one ends, counted from anywhere.
    starts: &'a [usize],
    indices: &'a [u32],
    values: &'a [f32],
    /// Whether nothing could be read.
    lost: bool,
}

impl<'a> SparseRows<'a> {
    pub(super) fn new(starts: &'a [usize], indices: &'a [u32], values: &'a [f32]) -> Self {
        Self {
            starts,
            indices,
            values,
            lost: false,
        }
    }

    /// Rows that could not be read.
    pub(super) fn lost(starts: &'a [usize]) -> Self {
        Self {
            starts,
            indices: &[],
            values: &[],
            lost: true,
        }
    }

    /// Features, in order, and values of a row, counted from the first of these.
    pub fn row(&self, row: usize) -> (&'a [u32], &'a [f32]) {
        if self.lost {
            return (&[], &[]);
        }
        let range = self.starts[row] - self.starts[0]..self.starts[row + 1] - self.starts[0];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// Features and values of every row.
    pub fn iter(&self) -> impl Iterator<Item = (&'a [u32], &'a [f32])> {
        (0..self.starts.len() - 1).map(|row| self.row(row))
    }

    /// The features of all values, row by row.
    pub fn indices(&self) -> &'a [u32] {
        self.indices
    }

    /// The values, row by row.
    pub fn values(&self) -> &'a [f32] {
        self.values
    }
}

/// A missing value is the same as another.
impl PartialEq for SparseRows<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&f32, &f32)| a == b || a.is_nan() && b.is_nan();
        let lengths = |rows: &Self| rows.iter().map(|row| row.0.len()).collect::<Vec<_>>();
        lengths(self) == lengths(other)
            && self.indices == other.indices
            && self.values.iter().zip(other.values).all(same)
    }
}
