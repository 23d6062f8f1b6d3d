//! Samples x features matrices of which most values are zero.

mod rows;
#[cfg(test)]
mod tests;
mod writer;

use std::{io, ops::Range, sync::Arc};

use rayon::prelude::*;

use super::{Storage, available_memory, spill::Spill};
pub use rows::{SparseBuffer, SparseRows};
pub use writer::{SparseWriteError, SparseWriter};

/// Values that are read or made at once.
const PIECE: usize = 1 << 17;

/// A samples x features matrix, row by row, that holds the values that are not zero (compressed sparse rows), in memory or, where they are
/// too many, on disk. Cheap to clone.
///
/// Within a row the features stand in order, each once. What is made of a matrix on disk goes to disk.
#[derive(Clone, Debug)]
pub struct Sparse(Arc<Held>);

#[derive(Debug)]
struct Held {
    features: usize,
    /// Where every row begins, and where the last one ends.
    starts: Vec<usize>,
    lists: Lists,
}

/// The features of all values, and the values.
#[derive(Debug)]
enum Lists {
    Memory(Vec<u32>, Vec<f32>),
    Disk(Spill, Spill),
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
    /// A matrix of `starts.len() - 1` rows in memory; row `i` holds the values `starts[i]..starts[i + 1]`, in any order.
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
        writer::put_in_order(features, 0, &starts, &mut indices, &mut values)?;
        Ok(Self(Arc::new(Held {
            features,
            starts,
            lists: Lists::Memory(indices, values),
        })))
    }

    /// The same matrix with rows and columns exchanged: samples x features from features x samples, and back.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn transposed(&self) -> io::Result<Self> {
        let most = match self.storage() {
            Storage::Memory => usize::MAX,
            // One pass over the matrix puts so many values in their places.
            Storage::Disk => (available_memory() / 64) as usize,
        };
        self.transposed_by(most.max(PIECE))
    }

    /// The same in passes that put at most so many values in their places, but whole rows.
    fn transposed_by(&self, most: usize) -> io::Result<Self> {
        let mut starts = vec![0_usize; self.features() + 1];
        self.each_piece(|_, rows| {
            rows.indices()
                .iter()
                .for_each(|&index| starts[index as usize + 1] += 1);
            Ok(())
        })?;
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut writer = SparseWriter::new(self.samples(), self.storage())?;
        let pieces = pieces(&starts, 0..self.features(), most);
        for range in &pieces {
            let first = starts[range.start];
            let count = starts[range.end] - first;
            let mut next: Vec<usize> = starts[range.clone()].iter().map(|at| at - first).collect();
            let (mut to, mut moved) = (vec![0_u32; count], vec![0.0_f32; count]);
            self.each_piece(|samples, rows| {
                for sample in samples.clone() {
                    let (indices, values) = rows.row(sample - samples.start);
                    let from = indices.partition_point(|&index| (index as usize) < range.start);
                    for (&index, &value) in indices.iter().zip(values).skip(from) {
                        let Some(place) = next.get_mut(index as usize - range.start) else {
                            break;
                        };
                        (to[*place], moved[*place]) = (sample as u32, value);
                        *place += 1;
                    }
                }
                Ok(())
            })?;
            if let [_] = pieces.as_slice()
                && self.storage() == Storage::Memory
            {
                let lists = Lists::Memory(to, moved);
                let features = self.samples();
                return Ok(Self(Arc::new(Held {
                    features,
                    starts,
                    lists,
                })));
            }
            let lengths = starts[range.start..=range.end]
                .windows(2)
                .map(|pair| pair[1] - pair[0]);
            writer.append_sorted(lengths, &to, &moved)?;
        }
        Ok(writer.finish())
    }

    /// Number of rows.
    pub fn samples(&self) -> usize {
        self.0.starts.len() - 1
    }

    /// Number of columns.
    pub fn features(&self) -> usize {
        self.0.features
    }

    /// Number of values that are held; some may be zero all the same.
    pub fn count(&self) -> usize {
        self.0.starts.last().copied().unwrap_or(0)
    }

    /// Where the values are.
    pub fn storage(&self) -> Storage {
        match &self.0.lists {
            Lists::Memory(..) => Storage::Memory,
            Lists::Disk(..) => Storage::Disk,
        }
    }

    /// Some rows: borrowed from memory, or read into `buffer`. Rows that cannot be read are empty: whoever uses them asks
    /// [`Sparse::check`] before anything is shown, written or made of them.
    pub fn rows<'a>(&'a self, rows: Range<usize>, buffer: &'a mut SparseBuffer) -> SparseRows<'a> {
        let Held { starts, lists, .. } = &*self.0;
        let starts = &starts[rows.start..=rows.end];
        let range = starts[0]..starts[starts.len() - 1];
        match lists {
            Lists::Memory(indices, values) => {
                SparseRows::new(starts, &indices[range.clone()], &values[range])
            }
            Lists::Disk(indices, values) => match buffer.read(range, indices, values) {
                true => SparseRows::new(starts, &buffer.indices, &buffer.values),
                false => SparseRows::lost(starts),
            },
        }
    }

    /// Whether everything could be read so far.
    ///
    /// # Errors
    /// The first failure of the disk since the matrix was made.
    pub fn check(&self) -> io::Result<()> {
        match &self.0.lists {
            Lists::Memory(..) => Ok(()),
            Lists::Disk(indices, values) => indices.check().and_then(|()| values.check()),
        }
    }

    /// All rows in pieces, in order.
    pub(crate) fn pieces(&self) -> Vec<Range<usize>> {
        pieces(&self.0.starts, 0..self.samples(), PIECE)
    }

    /// Goes over all rows piece by piece, in order.
    fn each_piece(
        &self,
        mut each: impl FnMut(&Range<usize>, &SparseRows<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut buffer = SparseBuffer::default();
        for piece in self.pieces() {
            let rows = self.rows(piece.clone(), &mut buffer);
            each(&piece, &rows)?;
            self.check()?;
        }
        Ok(())
    }

    /// What is made of every piece of rows on all cores, in order.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub(super) fn map_pieces<T: Send>(
        &self,
        of: impl Fn(&SparseRows<'_>) -> T + Sync,
    ) -> io::Result<Vec<T>> {
        let pieces = self.pieces();
        let made = pieces
            .into_par_iter()
            .map_init(SparseBuffer::default, |buffer, piece| {
                of(&self.rows(piece, buffer))
            });
        let made = made.collect();
        self.check()?;
        Ok(made)
    }

    /// Writes some rows out in full: `out` holds the number of rows x features.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn fill(&self, rows: Range<usize>, out: &mut [f32]) -> io::Result<()> {
        out.fill(0.0);
        let (start, mut buffer) = (rows.start, SparseBuffer::default());
        for piece in pieces(&self.0.starts, rows, PIECE) {
            let held = self.rows(piece.clone(), &mut buffer);
            let out = &mut out[(piece.start - start) * self.features()..];
            for (row, out) in out
                .chunks_exact_mut(self.features().max(1))
                .take(piece.len())
                .enumerate()
            {
                let (indices, values) = held.row(row);
                for (&index, &value) in indices.iter().zip(values) {
                    out[index as usize] = value;
                }
            }
        }
        self.check()
    }

    /// The values of one feature for all samples.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn column(&self, feature: usize) -> io::Result<Vec<f32>> {
        let value = |(indices, values): (&[u32], &[f32])| {
            indices
                .binary_search(&(feature as u32))
                .map_or(0.0, |at| values[at])
        };
        let pieces = self.map_pieces(|rows| rows.iter().map(value).collect::<Vec<f32>>())?;
        Ok(pieces.concat())
    }

    /// These rows, in this order.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select_rows(&self, rows: &[u32]) -> io::Result<Self> {
        let length = |row: &u32| self.0.starts[*row as usize + 1] - self.0.starts[*row as usize];
        let mut writer = SparseWriter::new(self.features(), self.storage())?;
        writer.expect(rows.len(), rows.iter().map(length).sum());
        let mut buffer = SparseBuffer::default();
        for &row in rows {
            let row = row as usize;
            let held = self.rows(row..row + 1, &mut buffer);
            let (indices, values) = held.row(0);
            writer.append_sorted([indices.len()], indices, values)?;
        }
        self.check()?;
        Ok(writer.finish())
    }

    /// These columns, in rising order.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select_columns(&self, columns: &[u32]) -> io::Result<Self> {
        let mut new = vec![u32::MAX; self.features()];
        for (at, &column) in columns.iter().enumerate() {
            new[column as usize] = at as u32;
        }
        let is_kept = |index: &&u32| new[**index as usize] != u32::MAX;
        let mut writer = SparseWriter::new(columns.len(), self.storage())?;
        let counts = self.map_pieces(|rows| rows.indices().iter().filter(is_kept).count())?;
        writer.expect(self.samples(), counts.iter().sum());
        let (mut lengths, mut indices, mut values) = (Vec::new(), Vec::new(), Vec::new());
        self.each_piece(|_, rows| {
            lengths.clear();
            indices.clear();
            values.clear();
            for (these, numbers) in rows.iter() {
                let before = indices.len();
                for (index, &value) in these.iter().zip(numbers) {
                    if is_kept(&index) {
                        indices.push(new[*index as usize]);
                        values.push(value);
                    }
                }
                lengths.push(indices.len() - before);
            }
            writer.append_sorted(lengths.iter().copied(), &indices, &values)
        })?;
        Ok(writer.finish())
    }
}

/// Rows of a range in pieces of about so many values, by where the rows start; a row with more is a piece of its own.
fn pieces(starts: &[usize], rows: Range<usize>, most: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = rows.start;
    while start < rows.end {
        let allowed = starts[start].saturating_add(most);
        // Empty rows cost something as well.
        let last = rows.end.min(start.saturating_add(most));
        let end = start + starts[start + 1..=last].partition_point(|&end| end <= allowed);
        let end = end.max(start + 1);
        pieces.push(start..end);
        start = end;
    }
    pieces
}

impl PartialEq for Sparse {
    fn eq(&self, other: &Self) -> bool {
        let (mut a, mut b) = (SparseBuffer::default(), SparseBuffer::default());
        self.0.features == other.0.features
            && self.0.starts == other.0.starts
            && self
                .pieces()
                .into_iter()
                .all(|piece| self.rows(piece.clone(), &mut a) == other.rows(piece, &mut b))
    }
}

#[cfg(test)]
impl Sparse {
    /// The same matrix on disk.
    pub(crate) fn on_disk(&self) -> Self {
        let mut writer = SparseWriter::new(self.features(), Storage::Disk).unwrap();
        self.each_piece(|_, rows| {
            let lengths = rows.iter().map(|(indices, _)| indices.len());
            writer.append_sorted(lengths, rows.indices(), rows.values())
        })
        .unwrap();
        writer.finish()
    }
}
