//! Samples x features matrices, in memory or, where they are too many, in a file on disk.

mod kept;
#[cfg(test)]
mod tests;
mod writer;

use std::{fmt, io, ops::Range, sync::Arc};

use ndarray::Array2;
use rayon::prelude::*;

use super::spill::Spill;
pub use writer::{MemoryLimit, TooManyNames, ValuesWriter};

/// Values of one task.
const PIECE: usize = 1 << 17;

/// Parts of a fold at most.
const PARTS: usize = 64;

/// Where values are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In main memory.
    Memory,
    /// In a file without a name that goes away with its last user; or nowhere, and made when they are asked for.
    Disk,
}

/// A samples x features matrix, row by row. Cheap to clone.
///
/// What is made of values that are not in memory goes to disk, so memory stays bounded whatever the number of samples.
#[derive(Clone, Debug)]
pub struct Values(Held);

/// Values that are made anew whenever they are asked for, the same each time.
pub trait MakesRows: fmt::Debug + Send + Sync {
    /// Number of samples and of features.
    fn dim(&self) -> (usize, usize);

    /// Writes some samples out, row by row. What cannot be read is NaN.
    fn fill(&self, samples: Range<usize>, out: &mut [f32]);

    /// Whether everything could be read so far.
    ///
    /// # Errors
    /// The first failure of the disk.
    fn check(&self) -> io::Result<()>;
}

#[derive(Clone, Debug)]
enum Held {
    /// In standard layout.
    Memory(Arc<Array2<f32>>),
    Disk(Arc<OnDisk>),
    Made(Arc<dyn MakesRows>),
}

/// Rows in a file.
#[derive(Debug)]
struct OnDisk {
    file: Spill,
    samples: usize,
    features: usize,
}

impl OnDisk {
    /// Reads whole rows from `row` on; NaN if that fails.
    fn read(&self, row: usize, values: &mut [f32]) {
        if !self.file.read(self.offset(row), values) {
            values.fill(f32::NAN);
        }
    }

    /// Writes whole rows from `row` on.
    fn write(&self, row: usize, values: &[f32]) -> io::Result<()> {
        self.file.write(self.offset(row), values)
    }

    fn offset(&self, row: usize) -> u64 {
        row as u64 * self.features as u64
    }
}

impl Values {
    /// Values that are held nowhere, but made when they are asked for.
    pub fn made(rows: impl MakesRows + 'static) -> Self {
        Self(Held::Made(Arc::new(rows)))
    }

    /// Makes values piece by piece on all cores: `fill` gets the samples of a piece and its values to write.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn generate(
        storage: Storage,
        samples: usize,
        features: usize,
        fill: impl Fn(Range<usize>, &mut [f32]) + Sync,
    ) -> io::Result<Self> {
        let rows = rows_of_piece(features);
        let range = |piece: usize| piece * rows..samples.min((piece + 1) * rows);
        Ok(match storage {
            Storage::Memory => {
                let mut values = vec![0.0; samples * features];
                values
                    .par_chunks_mut((rows * features).max(1))
                    .enumerate()
                    .for_each(|(piece, out)| fill(range(piece), out));
                Self::held(samples, features, values)
            }
            Storage::Disk => {
                let made = OnDisk {
                    file: Spill::create()?,
                    samples,
                    features,
                };
                (0..samples.div_ceil(rows))
                    .into_par_iter()
                    .map_init(Vec::new, |buffer, piece| {
                        let range = range(piece);
                        buffer.resize(range.len() * features, 0.0);
                        fill(range.clone(), buffer);
                        made.write(range.start, buffer)
                    })
                    .collect::<io::Result<()>>()?;
                Self(Held::Disk(Arc::new(made)))
            }
        })
    }

    /// `values` must be samples x features.
    fn held(samples: usize, features: usize, values: Vec<f32>) -> Self {
        let array = Array2::from_shape_vec((samples, features), values);
        Self(Held::Memory(Arc::new(array.expect("one row a sample"))))
    }

    /// Whether these are the same values in the same place, not equal ones in another.
    pub fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Held::Memory(a), Held::Memory(b)) => Arc::ptr_eq(a, b),
            (Held::Disk(a), Held::Disk(b)) => Arc::ptr_eq(a, b),
            (Held::Made(a), Held::Made(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    /// Number of samples and of features.
    pub fn dim(&self) -> (usize, usize) {
        match &self.0 {
            Held::Memory(array) => array.dim(),
            Held::Disk(disk) => (disk.samples, disk.features),
            Held::Made(rows) => rows.dim(),
        }
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.dim().0
    }

    /// Number of features.
    pub fn features(&self) -> usize {
        self.dim().1
    }

    /// Where the values are.
    pub fn storage(&self) -> Storage {
        match &self.0 {
            Held::Memory(_) => Storage::Memory,
            Held::Disk(_) | Held::Made(_) => Storage::Disk,
        }
    }

    /// The matrix, if it is in memory.
    pub fn array(&self) -> Option<&Array2<f32>> {
        match &self.0 {
            Held::Memory(array) => Some(array),
            Held::Disk(_) | Held::Made(_) => None,
        }
    }

    /// Some samples, row by row: borrowed from memory, or read into `buffer`. What cannot be read is NaN: whoever uses it asks
    /// [`Values::check`] before anything is shown, written or made of it.
    pub fn rows<'a>(&'a self, range: Range<usize>, buffer: &'a mut Vec<f32>) -> &'a [f32] {
        let features = self.features();
        match &self.0 {
            Held::Memory(array) => {
                let all = array.as_slice().expect("standard layout");
                &all[range.start * features..range.end * features]
            }
            Held::Disk(disk) => {
                buffer.resize(range.len() * features, 0.0);
                disk.read(range.start, buffer);
                buffer
            }
            Held::Made(rows) => {
                buffer.resize(range.len() * features, 0.0);
                rows.fill(range, buffer);
                buffer
            }
        }
    }

    /// Copies some samples, row by row; as with [`Values::rows`], [`Values::check`] comes after it.
    pub fn copy_rows(&self, range: Range<usize>, out: &mut [f32]) {
        match &self.0 {
            Held::Memory(_) => out.copy_from_slice(self.rows(range, &mut Vec::new())),
            Held::Disk(disk) => disk.read(range.start, out),
            Held::Made(rows) => rows.fill(range, out),
        }
    }

    /// Whether everything could be read so far.
    ///
    /// # Errors
    /// The first failure of the disk since the values were made.
    pub fn check(&self) -> io::Result<()> {
        match &self.0 {
            Held::Memory(_) => Ok(()),
            Held::Disk(disk) => disk.file.check(),
            Held::Made(rows) => rows.check(),
        }
    }

    /// Changes all rows piece by piece on all cores; in place where nobody else holds the values.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn map(mut self, change: impl Fn(&mut [f32]) + Sync) -> io::Result<Self> {
        let (samples, features) = self.dim();
        if let Held::Memory(array) = &mut self.0
            && let Some(values) = Arc::get_mut(array).and_then(Array2::as_slice_mut)
        {
            let piece = (rows_of_piece(features) * features).max(1);
            values.par_chunks_mut(piece).for_each(&change);
            return Ok(self);
        }
        let made = Self::generate(self.storage(), samples, features, |range, out| {
            self.copy_rows(range, out);
            change(out);
        })?;
        self.check()?;
        Ok(made)
    }

    /// These samples, in this order.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select(&self, storage: Storage, rows: &[u32]) -> io::Result<Self> {
        let features = self.features();
        let made = Self::generate(storage, rows.len(), features, |range, out| {
            let to = out.chunks_exact_mut(features.max(1));
            for (to, &row) in to.zip(&rows[range]) {
                let row = row as usize;
                self.copy_rows(row..row + 1, to);
            }
        })?;
        self.check()?;
        Ok(made)
    }

    /// Mean of every feature.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn means(&self) -> io::Result<Vec<f64>> {
        self.mean_of(|_, x| f64::from(x))
    }

    /// Standard deviation of every feature over all samples.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn deviations(&self) -> io::Result<Vec<f64>> {
        let means = self.means()?;
        let variances = self.mean_of(|feature, x| (f64::from(x) - means[feature]).powi(2))?;
        Ok(variances.into_iter().map(f64::sqrt).collect())
    }

    /// Mean over the samples of what `value` makes of every feature.
    fn mean_of(&self, value: impl Fn(usize, f32) -> f64 + Sync) -> io::Result<Vec<f64>> {
        let (samples, features) = self.dim();
        let empty = || vec![0.0; features];
        let pieces = self.fold(empty, |sums, rows| {
            for row in rows.chunks_exact(features.max(1)) {
                for (feature, (sum, &x)) in sums.iter_mut().zip(row).enumerate() {
                    *sum += value(feature, x);
                }
            }
        })?;
        let mut means = empty();
        for piece in pieces {
            let share = piece.iter().map(|sum| sum / samples.max(1) as f64);
            means.iter_mut().zip(share).for_each(|(mean, x)| *mean += x);
        }
        Ok(means)
    }

    /// Folds over pieces of rows on all cores: a few parts, in order, each of which adds up piece after piece.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn fold<T: Send>(
        &self,
        empty: impl Fn() -> T + Sync,
        add: impl Fn(&mut T, &[f32]) + Sync,
    ) -> io::Result<Vec<T>> {
        let (samples, rows) = (self.samples(), rows_of_piece(self.features()));
        let part = rows_of_part(samples, self.features());
        let parts = (0..samples.div_ceil(part.max(1)))
            .into_par_iter()
            .map_init(Vec::new, |buffer, index| {
                let mut sum = empty();
                let end = samples.min((index + 1) * part);
                for start in (index * part..end).step_by(rows) {
                    add(&mut sum, self.rows(start..end.min(start + rows), buffer));
                }
                sum
            })
            .collect();
        self.check()?;
        Ok(parts)
    }
}

/// Rows that a fold adds up one after the other: as many parts as keep all cores busy, of whole pieces. What a fold holds for
/// every part stays small beside the values.
pub(crate) fn rows_of_part(samples: usize, features: usize) -> usize {
    samples
        .div_ceil(PARTS)
        .next_multiple_of(rows_of_piece(features))
}

/// Rows of one task: fixed by the number of features alone, so that sums do not depend on the threads.
pub(crate) fn rows_of_piece(features: usize) -> usize {
    (PIECE / features.max(1)).max(1)
}

impl From<Array2<f32>> for Values {
    fn from(array: Array2<f32>) -> Self {
        let (samples, features) = array.dim();
        if array.is_standard_layout() {
            return Self(Held::Memory(Arc::new(array)));
        }
        Self::held(samples, features, array.iter().copied().collect())
    }
}

#[cfg(test)]
impl Values {
    /// Ten samples of two features in a file that holds too few: as if the disk had lost them.
    pub(crate) fn lost() -> Self {
        Self(Held::Disk(Arc::new(OnDisk {
            file: Spill::create().unwrap(),
            samples: 10,
            features: 2,
        })))
    }
}

impl Default for Values {
    fn default() -> Self {
        Array2::zeros((0, 0)).into()
    }
}

/// A missing value is the same as another.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (&f32, &f32)| a == b || a.is_nan() && b.is_nan();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        self.is(other)
            || self.dim() == other.dim()
                && (0..self.samples()).all(|i| {
                    let rows = self.rows(i..i + 1, &mut a);
                    rows.iter().zip(other.rows(i..i + 1, &mut b)).all(same)
                })
    }
}
