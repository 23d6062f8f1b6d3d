//! Samples x features matrices of which most values are zero.

use std::{ops::Range, sync::Arc};

use rayon::prelude::*;

/// A samples x features matrix, row by row, that holds the values that are not zero (compressed sparse rows). Cheap to clone.
///
/// Within a row the features stand in order, each once.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse(Arc<Held>);

#[derive(Debug, PartialEq)]
struct Held {
    features: usize,
    /// Where every row begins, and where the last one ends.
    starts: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f32>,
}

/// What makes three lists no sparse matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SparseError {
    /// The starts of the rows.
    #[error("the starts of the rows do not rise from 0 to the number of values")]
    Starts,
    /// An index beyond the features.
    #[error("row {row} has a value for feature {feature}, but there are {features} features")]
    Outside {
        /// Row, from 1.
        row: usize,
        /// Feature, from 1.
        feature: u64,
        /// Number of features.
        features: usize,
    },
    /// Two values for one place.
    #[error("row {row} has two values for feature {feature}")]
    Twice {
        /// Row, from 1.
        row: usize,
        /// Feature, from 1.
        feature: u64,
    },
}

impl Sparse {
    /// A matrix of `starts.len() - 1` rows; row `i` holds the values `starts[i]..starts[i + 1]`, in any order.
    ///
    /// # Errors
    /// If the lists do not fit each other, an index is not below `features`, or a place has two values.
    pub fn new(
        features: usize,
        starts: Vec<usize>,
        mut indices: Vec<u32>,
        mut values: Vec<f32>,
    ) -> Result<Self, SparseError> {
        let rising = starts.first() == Some(&0) && starts.is_sorted();
        if !rising || starts.last() != Some(&indices.len()) || indices.len() != values.len() {
            return Err(SparseError::Starts);
        }
        let (mut rows, mut rest) = (
            Vec::with_capacity(starts.len() - 1),
            (&mut *indices, &mut *values),
        );
        for (row, pair) in starts.windows(2).enumerate() {
            let (these, others) = rest.0.split_at_mut(pair[1] - pair[0]);
            let (numbers, left) = rest.1.split_at_mut(pair[1] - pair[0]);
            rows.push((row, these, numbers));
            rest = (others, left);
        }
        rows.into_par_iter()
            .try_for_each(|(row, indices, values)| {
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
            })?;
        Ok(Self(Arc::new(Held {
            features,
            starts,
            indices,
            values,
        })))
    }

    /// The same matrix with rows and columns exchanged: samples x features from features x samples, and back.
    pub fn transposed(&self) -> Self {
        let Held {
            features,
            starts,
            indices,
            values,
        } = &*self.0;
        let mut counts = vec![0_usize; features + 1];
        for &index in indices {
            counts[index as usize + 1] += 1;
        }
        for at in 1..counts.len() {
            counts[at] += counts[at - 1];
        }
        let (mut next, starts_of) = (counts.clone(), counts);
        let (mut to, mut moved) = (vec![0_u32; indices.len()], vec![0.0_f32; values.len()]);
        for row in 0..starts.len() - 1 {
            for at in starts[row]..starts[row + 1] {
                let place = &mut next[indices[at] as usize];
                (to[*place], moved[*place]) = (row as u32, values[at]);
                *place += 1;
            }
        }
        Self(Arc::new(Held {
            features: starts.len() - 1,
            starts: starts_of,
            indices: to,
            values: moved,
        }))
    }

    /// Number of rows.
    pub fn samples(&self) -> usize {
        self.0.starts.len() - 1
    }

    /// Number of columns.
    pub fn features(&self) -> usize {
        self.0.features
    }

    /// The values that are held, row by row; some may be zero all the same.
    pub fn values(&self) -> &[f32] {
        &self.0.values
    }

    /// Features, in order, and values of a row.
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let range = self.0.starts[row]..self.0.starts[row + 1];
        (&self.0.indices[range.clone()], &self.0.values[range])
    }

    /// Writes some rows out in full: `out` holds the number of rows x features.
    pub fn fill(&self, rows: Range<usize>, out: &mut [f32]) {
        out.fill(0.0);
        for (row, out) in rows.zip(out.chunks_exact_mut(self.features().max(1))) {
            let (indices, values) = self.row(row);
            for (&index, &value) in indices.iter().zip(values) {
                out[index as usize] = value;
            }
        }
    }

    /// The values of one feature for all samples.
    pub fn column(&self, feature: usize) -> Vec<f32> {
        let value = |row| {
            let (indices, values) = self.row(row);
            indices
                .binary_search(&(feature as u32))
                .map_or(0.0, |at| values[at])
        };
        (0..self.samples()).into_par_iter().map(value).collect()
    }

    /// These rows, in this order.
    pub fn select_rows(&self, rows: &[u32]) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        starts.push(0);
        let count = rows.iter().map(|&row| self.row(row as usize).0.len()).sum();
        let (mut indices, mut values) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for &row in rows {
            let (these, numbers) = self.row(row as usize);
            indices.extend_from_slice(these);
            values.extend_from_slice(numbers);
            starts.push(indices.len());
        }
        Self(Arc::new(Held {
            features: self.features(),
            starts,
            indices,
            values,
        }))
    }

    /// These columns, in rising order.
    pub fn select_columns(&self, columns: &[u32]) -> Self {
        let mut new = vec![u32::MAX; self.features()];
        for (at, &column) in columns.iter().enumerate() {
            new[column as usize] = at as u32;
        }
        let mut starts = Vec::with_capacity(self.0.starts.len());
        starts.push(0);
        let kept = |&&index: &&u32| new[index as usize] != u32::MAX;
        let count = self.0.indices.iter().filter(kept).count();
        let (mut indices, mut values) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for row in 0..self.samples() {
            let (these, numbers) = self.row(row);
            for (&index, &value) in these.iter().zip(numbers) {
                if new[index as usize] != u32::MAX {
                    indices.push(new[index as usize]);
                    values.push(value);
                }
            }
            starts.push(indices.len());
        }
        Self(Arc::new(Held {
            features: columns.len(),
            starts,
            indices,
            values,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 x 4: [0 1 0 2; 0 0 0 0; 3 0 4 5], the last row not in order.
    fn small() -> Sparse {
        let values = vec![1.0, 2.0, 5.0, 3.0, 4.0];
        Sparse::new(4, vec![0, 2, 2, 5], vec![1, 3, 3, 0, 2], values).unwrap()
    }

    fn full(sparse: &Sparse) -> Vec<f32> {
        let mut out = vec![f32::NAN; sparse.samples() * sparse.features()];
        sparse.fill(0..sparse.samples(), &mut out);
        out
    }

    #[test]
    fn rows_columns_and_transposes_hold_the_same_values() {
        let matrix = small();
        let all = [0., 1., 0., 2., 0., 0., 0., 0., 3., 0., 4., 5.];
        assert_eq!(full(&matrix), all);
        assert_eq!(matrix.column(3), [2.0, 0.0, 5.0]);
        assert_eq!(matrix.transposed().column(2), [3.0, 0.0, 4.0, 5.0]);
        assert_eq!(matrix.transposed().transposed(), matrix);
        assert_eq!(
            full(&matrix.select_rows(&[2, 0])),
            [3., 0., 4., 5., 0., 1., 0., 2.]
        );
        assert_eq!(
            full(&matrix.select_columns(&[0, 3])),
            [0., 2., 0., 0., 3., 5.]
        );
    }

    #[test]
    fn lists_that_lie_are_refused() {
        let new = |starts: &[usize], indices: &[u32]| {
            Sparse::new(
                3,
                starts.to_vec(),
                indices.to_vec(),
                vec![1.0; indices.len()],
            )
        };
        for starts in [&[][..], &[1, 2], &[0, 2, 1, 2], &[0, 3]] {
            assert_eq!(new(starts, &[0, 1]), Err(SparseError::Starts));
        }
        let outside = SparseError::Outside {
            row: 2,
            feature: 8,
            features: 3,
        };
        assert_eq!(new(&[0, 1, 2], &[0, 7]), Err(outside));
        let twice = SparseError::Twice { row: 1, feature: 2 };
        assert_eq!(new(&[0, 2], &[1, 1]), Err(twice));
        assert_eq!(new(&[0], &[]).unwrap().samples(), 0);
    }
}
