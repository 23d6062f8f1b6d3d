//! Features one by one, their values in rising order.

use std::{fmt, io, ops::Range};

use rayon::prelude::*;

use super::LEAST_MEAN;
use crate::{
    data::{Matrix, SparseBuffer, Values, available_memory},
    words::memory_in_words,
};

/// Which values are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Measure {
    /// As they were read.
    #[default]
    AsRead,
    /// Counts as shares of ten thousand of their sample, and `ln(1 + x)` of that.
    LogNormalised,
}

/// What the counts of a sample add up to, once they are normalised.
const TOTAL: f64 = 1e4;

/// Values that are turned at once.
const BLOCK: usize = 1 << 24;

/// The values of all features that are not zero, feature by feature in rising order: what every comparison of groups goes over. 8 bytes
/// a value.
#[derive(Debug)]
pub struct Columns {
    starts: Vec<usize>,
    samples: Vec<u32>,
    values: Vec<f32>,
    measure: Measure,
    /// Whether no value is below 0.
    positive: bool,
}

/// Why there are no columns.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// They would not fit in memory.
    #[error(
        "all features in order would take up to {} of memory, and {} is free",
        memory_in_words(*needed),
        memory_in_words(*free)
    )]
    Memory {
        /// Bytes that they take at most.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Values on disk could not be read.
    #[error("the values could not be read: {0}")]
    Disk(#[from] io::Error),
}

/// One feature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'a> {
    /// Samples whose value is not zero, and the values, rising.
    pub samples: &'a [u32],
    pub values: &'a [f32],
    /// Samples without a value.
    pub missing: &'a [u32],
}

/// A feature with its values: what is missing is last.
type Ordered = (Vec<u32>, Vec<f32>);

impl Measure {
    /// The usual one of a matrix: counts are log-normalised.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn of(matrix: &Matrix) -> io::Result<Self> {
        Ok(match matrix.facts()?.are_counts() {
            true => Self::LogNormalised,
            false => Self::AsRead,
        })
    }

    /// What counts of every sample are multiplied by.
    fn factors(self, matrix: &Matrix) -> io::Result<Option<Vec<f32>>> {
        match self {
            Self::AsRead => Ok(None),
            Self::LogNormalised => factors(matrix).map(Some),
        }
    }

    /// The values of one feature for all samples; missing ones are NaN.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn values(self, matrix: &Matrix, feature: usize) -> io::Result<Vec<f32>> {
        let mut column = matrix.column(feature)?;
        if let Some(factors) = self.factors(matrix)? {
            let pairs = column.iter_mut().zip(factors);
            pairs.for_each(|(x, factor)| *x = (*x * factor).ln_1p());
        }
        Ok(column)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsRead => "values as they were read",
            Self::LogNormalised => "log-normalised counts",
        })
    }
}

impl Columns {
    /// Bytes of memory that making the columns of a matrix takes at most.
    fn bytes_for(matrix: &Matrix) -> u64 {
        let values = match matrix {
            Matrix::Dense(values) => values.samples() * values.features(),
            // Beside the columns, the matrix is turned.
            Matrix::Sparse(sparse) => 2 * sparse.count(),
        };
        8 * values as u64
    }

    /// The columns of a matrix.
    ///
    /// # Errors
    /// If they would not fit in memory, or values on disk cannot be read.
    pub fn of(matrix: &Matrix, measure: Measure) -> Result<Self, ColumnsError> {
        Self::within(matrix, measure, available_memory())
    }

    /// The same, where so many bytes are free; 0 if that is not known.
    pub(super) fn within(
        matrix: &Matrix,
        measure: Measure,
        free: u64,
    ) -> Result<Self, ColumnsError> {
        let needed = Self::bytes_for(matrix);
        if free > 0 && needed > free {
            return Err(ColumnsError::Memory { needed, free });
        }
        Self::made(matrix, measure, measure.factors(matrix)?)
    }

    /// The columns of these features, in rising order; counts are normalised by all features there are.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub(super) fn of_some(
        matrix: &Matrix,
        measure: Measure,
        features: &[u32],
    ) -> Result<Self, ColumnsError> {
        let factors = measure.factors(matrix)?;
        Self::made(&matrix.select_columns(features)?, measure, factors)
    }

    /// The columns of a matrix whose samples are multiplied by these factors, if there are any.
    fn made(
        matrix: &Matrix,
        measure: Measure,
        factors: Option<Vec<f32>>,
    ) -> Result<Self, ColumnsError> {
        let value = |sample: u32, x: f32| match &factors {
            Some(factors) => (x * factors[sample as usize]).ln_1p(),
            None => x,
        };
        let ordered = |pairs: &mut dyn Iterator<Item = (u32, f32)>| -> Ordered {
            let held = pairs.filter(|(_, x)| *x != 0.0);
            let mut keys: Vec<u64> = held.map(|(i, x)| key(value(i, x), i)).collect();
            keys.sort_unstable();
            keys.into_iter()
                .map(|key| (key as u32, of_key(key)))
                .unzip()
        };
        let mut columns = Self {
            starts: vec![0],
            samples: Vec::new(),
            values: Vec::new(),
            measure,
            positive: true,
        };
        match matrix {
            Matrix::Sparse(sparse) => {
                let turned = sparse.transposed()?;
                for block in turned.pieces() {
                    let mut buffer = SparseBuffer::default();
                    let rows = turned.rows(block.clone(), &mut buffer);
                    let each = (0..block.len()).into_par_iter().map(|feature| {
                        let (samples, values) = rows.row(feature);
                        ordered(&mut samples.iter().copied().zip(values.iter().copied()))
                    });
                    columns.extend(each.collect());
                }
                turned.check()?;
            }
            Matrix::Dense(values) => {
                let (samples, features) = values.dim();
                let width = (BLOCK / samples.max(1)).max(1);
                for first in (0..features).step_by(width) {
                    let block = first..features.min(first + width);
                    let turned = turned(values, block)?;
                    let each = turned.par_chunks_exact(samples.max(1));
                    let each = each.map(|column| ordered(&mut (0..).zip(column.iter().copied())));
                    columns.extend(each.collect());
                }
            }
        }
        Ok(columns)
    }

    fn extend(&mut self, each: Vec<Ordered>) {
        for (samples, values) in each {
            self.positive &= values.first().is_none_or(|&x| x > 0.0 || x.is_nan());
            self.samples.extend(samples);
            self.values.extend(values);
            self.starts.push(self.samples.len());
        }
    }

    /// Number of features.
    pub fn features(&self) -> usize {
        self.starts.len() - 1
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> u64 {
        8 * (self.samples.len() + self.starts.len()) as u64
    }

    pub(super) fn column(&self, feature: usize) -> Column<'_> {
        let range = self.starts[feature]..self.starts[feature + 1];
        let (samples, values) = (&self.samples[range.clone()], &self.values[range]);
        let there = values.partition_point(|x| !x.is_nan());
        let (samples, missing) = samples.split_at(there);
        Column {
            samples,
            values: &values[..there],
            missing,
        }
    }

    /// See [`super::Marker::fold_change`].
    pub(super) fn fold_change(&self, mean: [f64; 2]) -> f64 {
        if !self.positive {
            return f64::NAN;
        }
        let [group, others] = mean.map(|mean| match self.measure {
            Measure::AsRead => mean,
            Measure::LogNormalised => mean.exp_m1(),
        });
        ((group + LEAST_MEAN) / (others + LEAST_MEAN)).log2()
    }
}

/// A key that stands where its value does, missing values last.
pub(super) fn key(value: f32, sample: u32) -> u64 {
    let bits = match value.is_nan() {
        true => u32::MAX,
        false => {
            let bits = value.to_bits();
            // Of negative numbers the larger bits are farther from 0.
            bits ^ (((bits as i32) >> 31) as u32 | (1 << 31))
        }
    };
    (u64::from(bits) << 32) | u64::from(sample)
}

pub(super) fn of_key(key: u64) -> f32 {
    let bits = (key >> 32) as u32;
    match bits {
        u32::MAX => f32::NAN,
        _ if bits >> 31 == 1 => f32::from_bits(bits ^ (1 << 31)),
        _ => f32::from_bits(!bits),
    }
}

/// What counts of every sample are multiplied by.
fn factors(matrix: &Matrix) -> io::Result<Vec<f32>> {
    let factor = |total: f64| match total > 0.0 {
        true => (TOTAL / total) as f32,
        false => 0.0,
    };
    Ok(totals(matrix)?.into_iter().map(factor).collect())
}

/// What the values of every sample add up to, without those that are missing.
pub(in crate::analysis) fn totals(matrix: &Matrix) -> io::Result<Vec<f64>> {
    let features = matrix.features().max(1);
    let sum = |row: &[f32]| -> f64 {
        let counted = row.iter().filter(|x| !x.is_nan());
        counted.map(|&x| f64::from(x)).sum()
    };
    Ok(match matrix {
        Matrix::Dense(values) => {
            let sums = values.fold(Vec::new, |sums: &mut Vec<f64>, rows| {
                sums.extend(rows.chunks_exact(features).map(sum));
            })?;
            sums.concat()
        }
        Matrix::Sparse(sparse) => {
            let mut totals = Vec::with_capacity(sparse.samples());
            let mut buffer = SparseBuffer::default();
            for piece in sparse.pieces() {
                let rows = sparse.rows(piece.clone(), &mut buffer);
                totals.extend((0..piece.len()).map(|row| sum(rows.row(row).1)));
            }
            sparse.check()?;
            totals
        }
    })
}

/// Some columns, one after the other.
fn turned(values: &Values, block: Range<usize>) -> io::Result<Vec<f32>> {
    let (samples, features) = values.dim();
    let mut turned = vec![0.0; samples * block.len()];
    let (rows_at_once, mut buffer) = ((1 << 17) / features.max(1) + 1, Vec::new());
    for start in (0..samples).step_by(rows_at_once) {
        let rows = values.rows(start..samples.min(start + rows_at_once), &mut buffer);
        for (sample, row) in (start..).zip(rows.chunks_exact(features.max(1))) {
            for (at, &value) in row[block.clone()].iter().enumerate() {
                turned[at * samples + sample] = value;
            }
        }
    }
    values.check()?;
    Ok(turned)
}
