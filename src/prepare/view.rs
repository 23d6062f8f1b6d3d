//! A matrix as the steps so far leave it.

use std::ops::Range;

use rayon::prelude::*;

use super::PrepareError;
use crate::{
    data::{Matrix, Storage, Values, rows_of_part, rows_of_piece},
    job::{CancelToken, Cancelled},
};

/// In the place of a column that is left out.
const LEFT_OUT: u32 = u32::MAX;

/// A change of single values. All of them leave zeros as they are, so what is sparse stays so.
pub(super) enum Change {
    /// Missing values become the number of their column.
    Fill(Vec<f32>),
    /// The values of every sample are multiplied by a factor of its own.
    Scale(Vec<f64>),
    /// The natural logarithm of 1 + x.
    Log1p,
    /// What is above 0 becomes 1.
    Binarise,
}

impl Change {
    /// Changes the values of a sample that stand in these columns.
    fn apply(&self, sample: usize, columns: &[u32], values: &mut [f32]) {
        match self {
            Self::Fill(means) => {
                for (x, &column) in values.iter_mut().zip(columns) {
                    if x.is_nan() {
                        *x = means[column as usize];
                    }
                }
            }
            Self::Scale(factors) => {
                let factor = factors[sample];
                for x in values {
                    *x = (f64::from(*x) * factor) as f32;
                }
            }
            Self::Log1p => values.iter_mut().for_each(|x| *x = x.ln_1p()),
            Self::Binarise => {
                for x in values.iter_mut().filter(|x| !x.is_nan()) {
                    *x = f32::from(*x > 0.0);
                }
            }
        }
    }
}

/// The values of a sample that are not zero.
#[derive(Default)]
pub(super) struct Row {
    /// Their features, in rising order.
    pub(super) features: Vec<u32>,
    /// The values.
    pub(super) values: Vec<f32>,
}

impl Row {
    /// Features and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, f32)> {
        let features = self.features.iter().map(|&feature| feature as usize);
        features.zip(self.values.iter().copied())
    }

    fn clear(&mut self) {
        self.features.clear();
        self.values.clear();
    }

    fn push(&mut self, column: u32, value: f32) {
        // Minus zero is a value of its own, so that what is not changed keeps its bits.
        if value.to_bits() != 0 {
            self.features.push(column);
            self.values.push(value);
        }
    }
}

/// A matrix as the steps so far leave it: some of its columns, and changes of their values that are made anew whenever rows are
/// read. So steps copy nothing, neither in memory nor on disk, and dense and sparse matrices give the same bits.
pub(super) struct View {
    base: Matrix,
    /// The columns that are left, in rising order.
    columns: Vec<u32>,
    /// Where every column stands among them.
    places: Vec<u32>,
    changes: Vec<Change>,
}

impl View {
    pub(super) fn new(base: Matrix) -> Self {
        let columns: Vec<u32> = (0..base.features() as u32).collect();
        Self {
            base,
            places: columns.clone(),
            columns,
            changes: Vec::new(),
        }
    }

    pub(super) fn samples(&self) -> usize {
        self.base.samples()
    }

    pub(super) fn features(&self) -> usize {
        self.columns.len()
    }

    /// Keeps these features, in rising order.
    pub(super) fn keep(&mut self, features: &[u32]) {
        let column = |&feature: &u32| self.columns[feature as usize];
        self.columns = features.iter().map(column).collect();
        self.places.fill(LEFT_OUT);
        for (place, &column) in self.columns.iter().enumerate() {
            self.places[column as usize] = place as u32;
        }
    }

    /// Changes the values from now on.
    pub(super) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Replaces missing values by a number a feature.
    pub(super) fn fill(&mut self, numbers: &[f32]) {
        let mut of_columns = vec![f32::NAN; self.base.features()];
        for (&column, &number) in self.columns.iter().zip(numbers) {
            of_columns[column as usize] = number;
        }
        self.change(Change::Fill(of_columns));
    }

    /// Shows some samples one after the other, counted from the first of them. What the disk does not give is missing until
    /// [`View::check`] says so.
    pub(super) fn rows(&self, range: Range<usize>, mut show: impl FnMut(usize, &Row)) {
        let (mut row, mut buffer) = (Row::default(), Vec::new());
        let step = rows_of_piece(self.base.features());
        for start in range.clone().step_by(step) {
            let piece = start..range.end.min(start + step);
            let dense = match &self.base {
                Matrix::Dense(values) => values.rows(piece.clone(), &mut buffer),
                Matrix::Sparse(_) => &[],
            };
            for sample in piece {
                row.clear();
                match &self.base {
                    Matrix::Dense(values) => {
                        let from = &dense[(sample - start) * values.features()..];
                        for &column in &self.columns {
                            row.push(column, from[column as usize]);
                        }
                    }
                    Matrix::Sparse(sparse) => {
                        let (columns, values) = sparse.row(sample);
                        for (&column, &value) in columns.iter().zip(values) {
                            if self.places[column as usize] != LEFT_OUT {
                                row.push(column, value);
                            }
                        }
                    }
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

    /// Whether everything could be read so far.
    pub(super) fn check(&self) -> Result<(), PrepareError> {
        match &self.base {
            Matrix::Dense(values) => Ok(values.check()?),
            Matrix::Sparse(_) => Ok(()),
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
        let (samples, columns) = (self.samples(), self.base.features());
        let (part, step) = (rows_of_part(samples, columns), rows_of_piece(columns));
        let sum_of = |&start: &usize| {
            let mut sum = empty();
            let end = samples.min(start + part);
            for start in (start..end).step_by(step) {
                cancel.check()?;
                self.rows(start..end.min(start + step), |_, row| add(&mut sum, row));
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

    /// One number a sample.
    pub(super) fn per_sample(
        &self,
        number: impl Fn(&Row) -> f64 + Sync,
        cancel: &CancelToken,
    ) -> Result<Vec<f64>, PrepareError> {
        let step = rows_of_piece(self.base.features());
        let mut numbers = vec![0.0; self.samples()];
        let pieces = numbers.par_chunks_mut(step).enumerate();
        pieces.try_for_each(|(piece, numbers)| {
            cancel.check()?;
            let start = piece * step;
            self.rows(start..start + numbers.len(), |at, row| {
                numbers[at] = number(row);
            });
            Ok::<(), Cancelled>(())
        })?;
        self.check()?;
        Ok(numbers)
    }

    /// All values written out in full.
    pub(super) fn write(
        &self,
        storage: Storage,
        cancel: &CancelToken,
    ) -> Result<Values, PrepareError> {
        let untouched = self.changes.is_empty() && self.features() == self.base.features();
        if let Matrix::Dense(values) = &self.base
            && untouched
            && values.storage() == storage
        {
            return Ok(values.clone());
        }
        let features = self.features();
        self.generate(storage, features, cancel, |range, out| {
            out.fill(0.0);
            self.rows(range, |at, row| {
                let out = &mut out[at * features..];
                row.iter().for_each(|(feature, x)| out[feature] = x);
            });
        })
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
