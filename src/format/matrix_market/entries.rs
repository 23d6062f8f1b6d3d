//! Entries in the order of a file, and how they are brought into rows.

use std::path::Path;

use super::header::{Field, Header, Layout, Symmetry};
use crate::{
    data::{Sparse, SparseError},
    format::FormatError,
    job::CancelToken,
};

/// Bytes of an entry while it is read: its sample, its feature, its value.
const ENTRY: u64 = 12;

/// Bytes that every sample takes while rows are put together: where it begins, twice, and its place in [`Sparse::new`].
const SAMPLE: u64 = 64;

/// Which side of the matrix the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Samples {
    /// A row is a sample.
    InRows,
    /// A column is a sample, as 10x Genomics writes it.
    InColumns,
}

/// Entries in the order of the file, on their way to rows.
pub struct Entries<'a> {
    path: &'a Path,
    memory: u64,
    symmetry: Symmetry,
    side: Samples,
    features: u32,
    samples: Vec<u32>,
    indices: Vec<u32>,
    values: Vec<f32>,
    /// Entries of every sample, one place later.
    counts: Vec<usize>,
    /// Whether samples came in order so far, as in files of 10x Genomics.
    in_order: bool,
    /// Whether zeros are kept.
    zeros: bool,
    /// Whole numbers that 32 bits do not hold exactly.
    pub rounded: u64,
    /// Whether values are whole numbers.
    whole: bool,
}

impl<'a> Entries<'a> {
    pub fn new(
        path: &'a Path,
        header: &Header,
        side: Samples,
        memory: u64,
    ) -> Result<Self, FormatError> {
        let (samples, features) = match side {
            Samples::InRows => (header.rows, header.columns),
            Samples::InColumns => (header.columns, header.rows),
        };
        let mut entries = Self {
            path,
            memory,
            symmetry: header.symmetry,
            side,
            features,
            samples: Vec::new(),
            indices: Vec::new(),
            values: Vec::new(),
            counts: Vec::new(),
            in_order: true,
            // An array writes zeros as well; nobody needs them.
            zeros: header.layout == Layout::Coordinate,
            rounded: 0,
            whole: header.field == Field::Integer,
        };
        let mirrored = u64::from(header.symmetry != Symmetry::General) + 1;
        let expected = match header.layout {
            Layout::Coordinate => header.entries.saturating_mul(mirrored),
            Layout::Array => 0,
        };
        entries.allow(expected, u64::from(samples))?;
        entries.reserve(expected as usize)?;
        entries.counts = vec![0; samples as usize + 1];
        Ok(entries)
    }

    /// Whether so many entries of so many samples may be held.
    fn allow(&self, entries: u64, samples: u64) -> Result<(), FormatError> {
        let needed = entries
            .saturating_mul(ENTRY)
            .saturating_add(samples.saturating_mul(SAMPLE));
        match needed <= self.memory {
            true => Ok(()),
            false => Err(self.too_large(needed)),
        }
    }

    fn too_large(&self, needed: u64) -> FormatError {
        FormatError::TooLarge {
            path: self.path.to_owned(),
            place: "the matrix".into(),
            needed,
            allowed: self.memory,
        }
    }

    fn reserve(&mut self, count: usize) -> Result<(), FormatError> {
        let more = count.saturating_sub(self.values.len());
        let reserved = (self.samples.try_reserve_exact(more))
            .and_then(|()| self.indices.try_reserve_exact(more))
            .and_then(|()| self.values.try_reserve_exact(more));
        reserved.map_err(|_| self.too_large(count as u64 * ENTRY))
    }

    /// Takes an entry and what follows from it for its mirror image.
    pub fn push(&mut self, row: u32, column: u32, value: f64) -> Result<(), FormatError> {
        self.put(row, column, value)?;
        match self.symmetry {
            Symmetry::Symmetric if row != column => self.put(column, row, value),
            Symmetry::Skew => self.put(column, row, -value),
            _ => Ok(()),
        }
    }

    fn put(&mut self, row: u32, column: u32, value: f64) -> Result<(), FormatError> {
        if value == 0.0 && !self.zeros {
            return Ok(());
        }
        let count = self.values.len();
        if count == self.values.capacity() {
            // Lists move while they grow: both places count.
            let more = count + count / 2 + 1024;
            self.allow((count + more) as u64, self.counts.len() as u64)?;
            self.reserve(more)?;
        }
        let (sample, feature) = match self.side {
            Samples::InRows => (row, column),
            Samples::InColumns => (column, row),
        };
        let held = value as f32;
        self.rounded += u64::from(self.whole && f64::from(held) != value && !value.is_nan());
        self.in_order &= self.samples.last().is_none_or(|&last| last <= sample);
        self.counts[sample as usize + 1] += 1;
        self.samples.push(sample);
        self.indices.push(feature);
        self.values.push(held);
        Ok(())
    }

    /// The matrix: entries are sorted by sample where they are, each row then by feature.
    pub fn into_matrix(
        self,
        cancel: &CancelToken,
    ) -> Result<Result<Sparse, SparseError>, FormatError> {
        let (mut samples, mut indices, mut values) = (self.samples, self.indices, self.values);
        let mut starts = self.counts;
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        if !self.in_order {
            // Every exchange brings one entry to its row.
            let mut next = starts.clone();
            for row in 0..starts.len() - 1 {
                cancel.check()?;
                while next[row] < starts[row + 1] {
                    let at = next[row];
                    let to = samples[at] as usize;
                    let place = next[to];
                    next[to] += 1;
                    if to != row {
                        samples.swap(at, place);
                        indices.swap(at, place);
                        values.swap(at, place);
                    }
                }
            }
        }
        drop(samples);
        let features = self.features as usize;
        Ok(Sparse::new(features, starts, indices, values))
    }
}
