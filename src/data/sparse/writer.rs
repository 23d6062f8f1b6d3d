//! Rows of a sparse matrix that come in one after the other.

use std::{io, sync::Arc};

use rayon::prelude::*;

use super::{Held, Lists, Sparse, SparseError};
use crate::data::{Storage, spill::Spill};

/// Takes up the rows of a sparse matrix one after the other.
#[derive(Debug)]
pub struct SparseWriter(Held);

/// Why rows were not taken up.
#[derive(Debug, thiserror::Error)]
pub enum SparseWriteError {
    /// They are no rows of a matrix.
    #[error(transparent)]
    Rows(#[from] SparseError),
    /// The disk is full or fails.
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl SparseWriter {
    /// For rows of so many features.
    ///
    /// # Errors
    /// If there is no room on disk for them.
    pub fn new(features: usize, storage: Storage) -> io::Result<Self> {
        let lists = match storage {
            Storage::Memory => Lists::Memory(Vec::new(), Vec::new()),
            Storage::Disk => Lists::Disk(Spill::create()?, Spill::create()?),
        };
        Ok(Self(Held {
            features,
            starts: vec![0],
            lists,
        }))
    }

    /// Makes room for so many rows and values to come, so that they need not be moved as they grow.
    pub fn expect(&mut self, rows: usize, count: usize) {
        self.0.starts.reserve_exact(rows);
        if let Lists::Memory(indices, values) = &mut self.0.lists {
            indices.reserve_exact(count);
            values.reserve_exact(count);
        }
    }

    /// Adds rows, whose values may stand in any order.
    ///
    /// # Errors
    /// If they hold a feature that there is not or two values for one place, or if the disk is full or fails.
    pub fn append(
        &mut self,
        lengths: impl IntoIterator<Item = usize>,
        indices: &mut [u32],
        values: &mut [f32],
    ) -> Result<(), SparseWriteError> {
        let mut starts = vec![0];
        starts.extend(lengths.into_iter().scan(0, |end, length| {
            *end += length;
            Some(*end)
        }));
        if starts.last() != Some(&indices.len()) || indices.len() != values.len() {
            return Err(SparseError::Starts.into());
        }
        let before = self.0.starts.len() - 1;
        put_in_order(self.0.features, before, &starts, indices, values)?;
        let lengths = starts.windows(2).map(|pair| pair[1] - pair[0]);
        Ok(self.append_sorted(lengths, indices, values)?)
    }

    /// Adds rows that are known to be in order.
    pub(crate) fn append_sorted(
        &mut self,
        lengths: impl IntoIterator<Item = usize>,
        indices: &[u32],
        values: &[f32],
    ) -> io::Result<()> {
        let Held { starts, lists, .. } = &mut self.0;
        let mut end = starts[starts.len() - 1];
        for length in lengths {
            end += length;
            starts.push(end);
        }
        match lists {
            Lists::Memory(all, held) => {
                all.extend_from_slice(indices);
                held.extend_from_slice(values);
            }
            Lists::Disk(all, held) => {
                all.append(indices)?;
                held.append(values)?;
            }
        }
        Ok(())
    }

    /// All rows so far.
    pub fn finish(self) -> Sparse {
        Sparse(Arc::new(self.0))
    }
}

/// Sorts the values of every row by their features, and checks those. `before` rows came before these.
pub(super) fn put_in_order(
    features: usize,
    before: usize,
    starts: &[usize],
    indices: &mut [u32],
    values: &mut [f32],
) -> Result<(), SparseError> {
    let (mut rows, mut rest) = (Vec::with_capacity(starts.len() - 1), (indices, values));
    for (row, pair) in starts.windows(2).enumerate() {
        let (these, others) = rest.0.split_at_mut(pair[1] - pair[0]);
        let (numbers, left) = rest.1.split_at_mut(pair[1] - pair[0]);
        rows.push((before + row, these, numbers));
        rest = (others, left);
    }
    rows.into_par_iter().try_for_each(|(row, indices, values)| {
        if !indices.is_sorted() {
            let mut pairs: Vec<(u32, f32)> = indices
                .iter()
                .copied()
                .zip(values.iter().copied())
                .collect();
            pairs.sort_unstable_by_key(|pair| pair.0);
            for (at, (index, value)) in pairs.into_iter().enumerate() {
                (indices[at], values[at]) = (index, value);
            }
        }
        let (row, place) = (row + 1, |index: u32| u64::from(index) + 1);
        if let Some(&last) = indices.last().filter(|&&last| last as usize >= features) {
            let feature = place(last);
            return Err(SparseError::Outside {
                row,
                feature,
                features,
            });
        }
        match indices.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(SparseError::Twice {
                row,
                feature: place(pair[0]),
            }),
            None => Ok(()),
        }
    })
}
