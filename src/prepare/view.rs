//! A matrix as the steps so far leave it.

mod change;
mod held;
mod row;

use std::{io, ops::Range};

pub(super) use change::Change;
pub(super) use row::Row;

use rayon::prelude::*;

use super::{PrepareError, stats::Spread};
use crate::{
    data::{
        MakesRows, Matrix, SparseBuffer, SparseRows, Storage, Values, rows_of_part, rows_of_piece,
    },
    job::{CancelToken, Cancelled},
};

/// In the place of a column that is left out.
const LEFT_OUT: u32 = u32::MAX;

/// A matrix as the steps so far leave it: some of its columns, and changes of their values that are made anew whenever rows are
/// read. So steps copy nothing, neither in memory nor on disk, and dense and sparse matrices give the same bits.
#[derive(Clone, Debug)]
pub(super) struct View {
    base: Matrix,
    /// The columns that are left, in rising order.
    columns: Vec<u32>,
    /// Where every column stands among them.
    places: Vec<u32>,
    changes: Vec<Change>,
    /// Whether zeros may become other values.
    full: bool,
    /// The spreads of the features, if they were asked for since the last change.
    spreads: Option<Vec<Spread>>,
}

/// Some rows of the matrix as it is.
enum Piece<'a> {
    Dense(&'a [f32]),
    Sparse(SparseRows<'a>),
}

impl View {
    pub(super) fn new(base: Matrix) -> Self {
        let columns: Vec<u32> = (0..base.features() as u32).collect();
        Self {
            base,
            places: columns.clone(),
            columns,
            changes: Vec::new(),
            full: false,
            spreads: None,
        }
    }

    /// The same columns with the values that were read, but for missing ones that were replaced.
    pub(super) fn as_read(&self) -> Self {
        let fills = self
            .changes
            .iter()
            .filter(|change| matches!(change, Change::Fill(_)));
        Self {
            base: self.base.clone(),
            columns: self.columns.clone(),
            places: self.places.clone(),
            changes: fills.cloned().collect(),
            full: false,
            spreads: None,
        }
    }

    pub(super) fn samples(&self) -> usize {
        self.base.samples()
    }

    pub(super) fn features(&self) -> usize {
        self.columns.len()
    }

    /// The columns that are left, in rising order.
    pub(super) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// Keeps these features, in rising order.
    pub(super) fn keep(&mut self, features: &[u32]) {
        let column = |&feature: &u32| self.columns[feature as usize];
        self.columns = features.iter().map(column).collect();
        if let Some(spreads) = &mut self.spreads {
            *spreads = features.iter().map(|&f| spreads[f as usize]).collect();
        }
        self.places.fill(LEFT_OUT);
        for (place, &column) in self.columns.iter().enumerate() {
            self.places[column as usize] = place as u32;
        }
    }

    /// Changes the values from now on.
    pub(super) fn change(&mut self, change: Change) {
        self.full |= !change.keeps_zeros();
        self.changes.push(change);
        self.spreads = None;
    }

    /// Whether values are as they were, but for those that were missing.
    fn only_fills(&self) -> bool {
        self.changes.iter().all(|c| matches!(c, Change::Fill(_)))
    }

    /// The values, if no step changed or left out any and all of them are held.
    pub(super) fn untouched(&self) -> Option<&Values> {
        match &self.base {
            Matrix::Dense(values) if self.changes.is_empty() => {
                (self.features() == values.features()).then_some(values)
            }
            _ => None,
        }
    }

    /// The spread of every feature: of one pass over the values, whichever steps ask for it.
    pub(super) fn spreads(&mut self, cancel: &CancelToken) -> Result<&[Spread], PrepareError> {
        let spreads = match self.spreads.take() {
            Some(spreads) => spreads,
            None => Spread::of(self, cancel)?,
        };
        Ok(self.spreads.insert(spreads))
    }

    /// Replaces missing values by a number a feature.
    pub(super) fn fill(&mut self, numbers: &[f32]) {
        let of_columns = self.of_columns(numbers, f32::NAN);
        self.change(Change::Fill(of_columns));
    }

    /// One of these a feature, as one a column of the matrix; `none` for those left out.
    pub(super) fn of_columns<T: Copy>(&self, of_features: &[T], none: T) -> Vec<T> {
        let mut of_columns = vec![none; self.base.features()];
        for (&column, &of_feature) in self.columns.iter().zip(of_features) {
            of_columns[column as usize] = of_feature;
        }
        of_columns
    }

    /// Shows some samples one after the other, counted from the first of them. What the disk does not give is missing until
    /// [`View::check`] says so.
    pub(super) fn rows(&self, range: Range<usize>, mut show: impl FnMut(usize, &Row)) {
        let (mut row, mut buffer) = (Row::default(), Vec::new());
        let mut sparse_buffer = SparseBuffer::default();
        let step = rows_of_piece(self.base.features());
        for start in range.clone().step_by(step) {
            let piece = start..range.end.min(start + step);
            let held = match &self.base {
                Matrix::Dense(values) => Piece::Dense(values.rows(piece.clone(), &mut buffer)),
                Matrix::Sparse(sparse) => {
                    Piece::Sparse(sparse.rows(piece.clone(), &mut sparse_buffer))
                }
            };
            for sample in piece {
                row.clear();
                match &held {
                    Piece::Dense(values) => {
                        let from = &values[(sample - start) * self.base.features()..];
                        for &column in &self.columns {
                            row.push(column, from[column as usize]);
                        }
                    }
                    Piece::Sparse(rows) => {
                        let (columns, values) = rows.row(sample - start);
                        for (&column, &value) in columns.iter().zip(values) {
                            if self.places[column as usize] != LEFT_OUT {
                                row.push(column, value);
                            }
                        }
                    }
                }
                if self.full {
                    row.fill_up(&self.columns);
                }
                for change in &self.changes {
                    change.apply(sample, &row.features, &mut row.values);
                }
                for column in &mut row.features {
                    *column = self.places[*column as usize];
                }
                show(sample - range.start, &row);
            }
        }
    }

    /// Folds over all samples on all cores: in the parts of [`Values::fold`], whose sums are merged in order. Only as many of
    /// them are held as there are threads.
    pub(super) fn fold<T: Send>(
        &self,
        empty: impl Fn() -> T + Sync,
        add: impl Fn(&mut T, &Row) + Sync,
        merge: impl Fn(&mut T, T),
        cancel: &CancelToken,
    ) -> Result<T, PrepareError> {
        self.fold_samples(empty, |sum, _, row| add(sum, row), merge, cancel)
    }

    /// The same, with the number of every sample.
    pub(super) fn fold_samples<T: Send>(
        &self,
        empty: impl Fn() -> T + Sync,
        add: impl Fn(&mut T, usize, &Row) + Sync,
        merge: impl Fn(&mut T, T),
        cancel: &CancelToken,
    ) -> Result<T, PrepareError> {
        let add = |sum: &mut T, piece: Range<usize>| {
            let start = piece.start;
            self.rows(piece, |at, row| add(sum, start + at, row));
        };
        self.fold_pieces(empty, add, merge, cancel)
    }

    /// The same over pieces of samples.
    pub(super) fn fold_pieces<T: Send>(
        &self,
        empty: impl Fn() -> T + Sync,
        add: impl Fn(&mut T, Range<usize>) + Sync,
        merge: impl Fn(&mut T, T),
        cancel: &CancelToken,
    ) -> Result<T, PrepareError> {
        let (samples, columns) = (self.samples(), self.base.features());
        let (part, step) = (rows_of_part(samples, columns), rows_of_piece(columns));
        let sum_of = |&start: &usize| {
            let mut sum = empty();
            let end = samples.min(start + part);
            for start in (start..end).step_by(step) {
                cancel.check()?;
                add(&mut sum, start..end.min(start + step));
            }
            Ok(sum)
        };
        let starts: Vec<usize> = (0..samples).step_by(part.max(1)).collect();
        let mut total = empty();
        for starts in starts.chunks(rayon::current_num_threads()) {
            let sums = starts.par_iter().map(sum_of);
            let sums = sums.collect::<Result<Vec<T>, Cancelled>>()?;
            sums.into_iter().for_each(|sum| merge(&mut total, sum));
            cancel.check()?;
        }
        self.check()?;
        Ok(total)
    }

    /// What is found of every sample.
    pub(super) fn map_samples<T: Copy + Default + Send>(
        &self,
        of: impl Fn(&Row) -> T + Sync,
        cancel: &CancelToken,
    ) -> Result<Vec<T>, PrepareError> {
        let step = rows_of_piece(self.base.features());
        let mut found = vec![T::default(); self.samples()];
        let pieces = found.par_chunks_mut(step).enumerate();
        pieces.try_for_each(|(piece, found)| {
            cancel.check()?;
            let start = piece * step;
            self.rows(start..start + found.len(), |at, row| {
                found[at] = of(row);
            });
            Ok::<(), Cancelled>(())
        })?;
        self.check()?;
        Ok(found)
    }

    /// The values: those there are, or written out in memory, or else made whenever they are asked for.
    pub(super) fn values(
        self,
        storage: Storage,
        cancel: &CancelToken,
    ) -> Result<Values, PrepareError> {
        if let Some(values) = self.untouched()
            && values.storage() == storage
        {
            return Ok(values.clone());
        }
        match storage {
            Storage::Disk => Ok(Values::made(self)),
            Storage::Memory => {
                let features = self.features();
                self.generate(storage, features, cancel, |range, out| {
                    self.fill(range, out)
                })
            }
        }
    }

    /// Writes some samples of dense values out in full.
    fn copy(&self, values: &Values, range: Range<usize>, out: &mut [f32]) {
        let mut buffer = Vec::new();
        let from = values.rows(range.clone(), &mut buffer);
        let from = from.chunks_exact(values.features().max(1));
        let out = out.chunks_exact_mut(self.features().max(1));
        for ((sample, out), from) in range.zip(out).zip(from) {
            for (to, &column) in out.iter_mut().zip(&self.columns) {
                *to = from[column as usize];
            }
            for change in &self.changes {
                change.apply(sample, &self.columns, out);
            }
        }
    }

    /// Values made of these samples, as [`Values::generate`] makes them, until cancelled.
    pub(super) fn generate(
        &self,
        storage: Storage,
        features: usize,
        cancel: &CancelToken,
        fill: impl Fn(Range<usize>, &mut [f32]) + Sync,
    ) -> Result<Values, PrepareError> {
        let made = Values::generate(storage, self.samples(), features, |range, out| {
            if !cancel.is_cancelled() {
                fill(range, out);
            }
        })?;
        cancel.check()?;
        self.check()?;
        Ok(made)
    }
}

impl MakesRows for View {
    fn dim(&self) -> (usize, usize) {
        (self.samples(), self.features())
    }

    fn fill(&self, range: Range<usize>, out: &mut [f32]) {
        match &self.base {
            Matrix::Dense(values) if self.only_fills() => self.copy(values, range, out),
            _ => {
                out.fill(0.0);
                let features = self.features();
                self.rows(range, |at, row| {
                    let out = &mut out[at * features..];
                    row.iter().for_each(|(feature, x)| out[feature] = x);
                });
            }
        }
    }

    fn check(&self) -> io::Result<()> {
        match &self.base {
            Matrix::Dense(values) => values.check(),
            Matrix::Sparse(sparse) => sparse.check(),
        }
    }
}
