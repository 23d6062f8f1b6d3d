//! Matrices, block by block.

use std::ops::Range;

use hdf5_reader::{H5Type, SliceInfo, SliceInfoElem};
use rayon::prelude::*;

use super::{
    Data, Group, Node,
    number::{As, Number, is_integer, is_number},
};
use crate::{
    data::{
        Axis, Matrix, MemoryLimit, Sparse, SparseError, SparseWriteError, SparseWriter, Storage,
        ValuesWriter,
    },
    format::FormatError,
    job::CancelToken,
};

/// Bytes of a block that is read at once.
const BLOCK: u64 = 16 << 20;

/// The side along which a sparse matrix is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Order {
    /// Sample by sample (CSR of samples x features).
    Samples,
    /// Feature by feature (CSC).
    Features,
}

/// A matrix of the file: where it is, what it is and how large, its values not read yet.
pub(in crate::format) enum Found<'f> {
    /// Every value.
    Dense(Data<'f>, [usize; 2]),
    /// The values that are not zero.
    Sparse(Group<'f>, Order, [usize; 2]),
}

impl<'f> Found<'f> {
    /// The matrix that something is; `None` if it is none.
    ///
    /// # Errors
    /// If it cannot be read, or is a sparse matrix that does not say how large it is.
    pub fn at(node: Node<'f>) -> Result<Option<Self>, FormatError> {
        match node {
            Node::Data(data) if !is_number(data.inner.dtype()) => Ok(None),
            Node::Data(data) => {
                let dims = match *data.shape() {
                    [samples, features] => [samples, features],
                    // anndata 0.6 leaves out an extent of one.
                    [samples] => [samples, 1],
                    _ => return Ok(None),
                };
                let dims = extents(&data, dims)?;
                Ok(Some(Self::Dense(data, dims)))
            }
            Node::Group(group) => {
                let mut order = None;
                for name in ["encoding-type", "h5sparse_format"] {
                    let said = group.attribute(name)?.and_then(|said| said.text(0));
                    order = order.or(match said.as_deref() {
                        Some("csr" | "csr_matrix" | "csr_array") => Some(Order::Samples),
                        Some("csc" | "csc_matrix" | "csc_array") => Some(Order::Features),
                        _ => None,
                    });
                }
                let Some(order) = order else { return Ok(None) };
                let mut dims = None;
                for name in ["shape", "h5sparse_shape"] {
                    dims = dims.or(group.attribute(name)?);
                }
                let extent = |at| dims.as_ref()?.text(at)?.parse().ok();
                let dims = extent(0).zip(extent(1)).ok_or_else(|| {
                    let what = "does not say how many rows and columns it has";
                    group.file.damaged(&group.at, what)
                })?;
                Ok(Some(Self::Sparse(group, order, [dims.0, dims.1])))
            }
        }
    }

    /// Number of samples and of features.
    pub fn dims(&self) -> [usize; 2] {
        match self {
            Self::Dense(_, dims) | Self::Sparse(_, _, dims) => *dims,
        }
    }

    /// Where it stands.
    pub fn place(&self) -> &str {
        match self {
            Self::Dense(data, _) => &data.at,
            Self::Sparse(group, ..) => &group.at,
        }
    }

    /// What its first values look like, in a word or two; cheap.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn looks(&self) -> Result<&'static str, FormatError> {
        const FIRST: usize = 1 << 14;
        let values: Vec<As<f32>> = match self {
            Self::Sparse(group, ..) => {
                let data = group.need("data")?;
                data.slice(0..FIRST.min(data.len()?), None)?
            }
            Self::Dense(data, [samples, features]) => {
                let rows = (FIRST / (*features).max(1)).clamp(1, (*samples).max(1));
                data.slice(0..rows.min(*samples), Some((*features).min(FIRST)))?
            }
        };
        let all = |is: fn(f32) -> bool| values.iter().all(|value| is(value.0));
        Ok(match () {
            () if values.is_empty() => "empty",
            () if !all(|x| x >= 0.0) => "negative values",
            () if all(|x| x.fract() == 0.0) && !all(|x| x <= 1.0) => "counts",
            () => "no negative values",
        })
    }

    /// Reads it, samples x features.
    ///
    /// # Errors
    /// If it is damaged, or would take too much memory.
    pub fn read(&self, cancel: &CancelToken) -> Result<Matrix, FormatError> {
        match self {
            Self::Dense(data, dims) => dense(data, *dims, cancel),
            Self::Sparse(group, order, dims) => sparse(group, *order, *dims, cancel),
        }
    }
}

fn extents(data: &Data<'_>, dims: [u64; 2]) -> Result<[usize; 2], FormatError> {
    let extent = |extent: u64| {
        let fits = usize::try_from(extent)
            .ok()
            .filter(|&extent| extent < Axis::MOST);
        fits.ok_or_else(|| data.damaged(format!("claims an extent of {extent}")))
    };
    Ok([extent(dims[0])?, extent(dims[1])?])
}

/// Reads a sparse matrix of `dims` samples x features from `indptr`, `indices` and `data`.
pub(in crate::format) fn sparse(
    group: &Group<'_>,
    order: Order,
    dims: [usize; 2],
    cancel: &CancelToken,
) -> Result<Matrix, FormatError> {
    let file = group.file;
    let [rows, columns] = match order {
        Order::Samples => dims,
        Order::Features => [dims[1], dims[0]],
    };
    let (starts, indices, values) = (
        group.need("indptr")?,
        group.need("indices")?,
        group.need("data")?,
    );
    let stored = values.len()?;
    if dims.iter().any(|&extent| extent >= Axis::MOST) {
        return Err(file.damaged(&group.at, "claims more rows or columns than there can be"));
    }
    if starts.len()? != rows + 1 || indices.len()? != stored {
        let what = format!(
            "has {} starts, {} indices and {stored} values for {rows} rows",
            starts.len()?,
            indices.len()?
        );
        return Err(file.damaged(&group.at, what));
    }
    for (data, fits) in [
        (&starts, is_integer as fn(&_) -> _),
        (&indices, is_integer),
        (&values, is_number),
    ] {
        if !fits(data.inner.dtype()) {
            return Err(data.damaged("holds values of the wrong type"));
        }
    }
    file.hold(&group.at, 16 * (rows as u64 + 1))?;
    let mut lists = 8 * stored as u64;
    if order == Order::Features {
        // The transposed matrix is a second one, made with a list of where its rows are filled next.
        file.hold(&group.at, 16 * (columns as u64 + 1))?;
        lists *= 2;
    }
    let storage = file.room(&group.at, lists)?;
    let starts = starts.all::<u64>(cancel)?;
    let starts: Vec<usize> = starts.into_iter().map(|start| start as usize).collect();
    let matrix = match storage {
        Storage::Memory => {
            let (indices, values) = (indices.all(cancel)?, values.all(cancel)?);
            Sparse::new(columns, starts, indices, values).map_err(SparseWriteError::Rows)
        }
        Storage::Disk => to_disk(columns, &starts, &indices, &values, cancel)?,
    };
    let matrix = matrix.and_then(|matrix| {
        Ok(match order {
            Order::Samples => matrix,
            Order::Features => matrix.transposed()?,
        })
    });
    cancel.check()?;
    matrix.map(Matrix::Sparse).map_err(|error| match error {
        SparseWriteError::Rows(error) => file.damaged(&group.at, in_words(error, order)),
        SparseWriteError::Disk(source) => FormatError::Disk(source),
    })
}

/// Reads the rows of a sparse matrix from the file to the disk, block by block.
fn to_disk(
    features: usize,
    starts: &[usize],
    indices: &Data<'_>,
    values: &Data<'_>,
    cancel: &CancelToken,
) -> Result<Result<Sparse, SparseWriteError>, FormatError> {
    let stored = values.len()?;
    if starts.first() != Some(&0) || !starts.is_sorted() || starts.last() != Some(&stored) {
        return Ok(Err(SparseError::Starts.into()));
    }
    let mut writer = match SparseWriter::new(features, Storage::Disk) {
        Ok(writer) => writer,
        Err(error) => return Ok(Err(error.into())),
    };
    let block = values.block(1)?.max(indices.block(1)?);
    let mut row = 0;
    while row + 1 < starts.len() {
        cancel.check()?;
        // Whole rows, as many as a block holds.
        let end = starts[row].saturating_add(block);
        let next = row + starts[row + 1..].partition_point(|&at| at <= end).max(1);
        let range = starts[row]..starts[next];
        let (mut of, mut held) = (indices.part(range.clone())?, values.part(range)?);
        let lengths = starts[row..=next].windows(2).map(|pair| pair[1] - pair[0]);
        if let Err(error) = writer.append(lengths, &mut of, &mut held) {
            return Ok(Err(error));
        }
        row = next;
    }
    Ok(Ok(writer.finish()))
}

/// What is wrong with the lists of a matrix, said of samples and features.
fn in_words(error: SparseError, order: Order) -> String {
    let (row, column) = match order {
        Order::Samples => ("sample", "feature"),
        Order::Features => ("feature", "sample"),
    };
    match error {
        SparseError::Starts => {
            format!("the starts of the {row}s do not rise from 0 to the number of values")
        }
        SparseError::Outside {
            row: at,
            feature,
            features,
        } => {
            format!("{row} {at} has a value for {column} {feature}, but there are {features}")
        }
        SparseError::Twice { row: at, feature } => {
            format!(
                "{row} {at} has two values for {column} {feature}; `adata.X.sum_duplicates()` adds them up"
            )
        }
    }
}

/// Reads all values, in memory or, where they are too many, on disk.
fn dense(data: &Data<'_>, dims: [usize; 2], cancel: &CancelToken) -> Result<Matrix, FormatError> {
    let (file, [samples, features]) = (data.file, dims);
    let bytes = (4 * samples as u64).saturating_mul(features as u64);
    if bytes == 0 {
        return Err(data.damaged("holds no values"));
    }
    let limit = match file.room(&data.at, bytes)? {
        Storage::Memory => bytes,
        Storage::Disk => 0,
    };
    let mut writer = ValuesWriter::new(features, MemoryLimit::new(limit));
    writer.expect(samples);
    let block = data.block(features)?;
    for start in (0..samples).step_by(block) {
        cancel.check()?;
        let rows = start..samples.min(start + block);
        let values: Vec<As<f32>> = data.slice(rows, Some(features))?;
        let values: Vec<f32> = values.into_iter().map(|value| value.0).collect();
        writer.append(&values).map_err(FormatError::Disk)?;
    }
    Ok(Matrix::Dense(writer.finish()))
}

impl Data<'_> {
    /// All values of one dimension, as the type that is wanted.
    pub(super) fn all<T: Number + H5Type>(
        &self,
        cancel: &CancelToken,
    ) -> Result<Vec<T>, FormatError> {
        let length = self.len()?;
        let mut out = Vec::new();
        let room = out.try_reserve_exact(length);
        room.map_err(|_| {
            self.file
                .too_large(&self.at, (length * size_of::<T>()) as u64)
        })?;
        drop(out);
        // Memory that nobody has touched is zero, and made so by the thread that touches it first.
        out = vec![T::default(); length];
        let block = self.block(1)?;
        let blocks = out.par_chunks_mut(block).enumerate();
        blocks.try_for_each(|(at, out)| {
            cancel.check()?;
            let start = at * block;
            let values: Vec<As<T>> = self.slice(start..start + out.len(), None)?;
            let pairs = out.iter_mut().zip(values);
            pairs.for_each(|(to, value)| *to = value.0);
            Ok::<(), FormatError>(())
        })?;
        Ok(out)
    }

    /// Some values of one dimension.
    fn part<T: Number + H5Type>(&self, range: Range<usize>) -> Result<Vec<T>, FormatError> {
        let values = self.slice::<T>(range, None)?;
        Ok(values.into_iter().map(|value| value.0).collect())
    }

    /// Rows of a block of so many values a row: whole chunks, so that none is unpacked twice, unless they are too large.
    fn block(&self, width: usize) -> Result<usize, FormatError> {
        let failed = |error| self.file.failed(&self.at, error);
        let size = self.inner.raw_element_size().map_err(failed)? as u64;
        let row = (width as u64).saturating_mul(size.max(4));
        let chunk = self.inner.chunks().and_then(|chunk| chunk.first().copied());
        let chunk = u64::from(chunk.unwrap_or(1).max(1));
        // A block is held as it stands in the file, and converted.
        let most = (self.file.memory / 8 / row).max(1);
        let rows = (BLOCK / row / chunk).max(1) * chunk;
        Ok(rows.min(most) as usize)
    }

    /// Some rows of values, as the type that is wanted; the first `width` values of each, if it has two dimensions.
    fn slice<T: Number + H5Type>(
        &self,
        rows: Range<usize>,
        width: Option<usize>,
    ) -> Result<Vec<As<T>>, FormatError> {
        let width = width.filter(|_| self.shape().len() > 1);
        let slice = |range: Range<usize>| SliceInfoElem::Slice {
            start: range.start as u64,
            end: range.end as u64,
            step: 1,
        };
        let expected = rows.len().saturating_mul(width.unwrap_or(1));
        let mut selections = vec![slice(rows)];
        selections.extend(width.map(|width| slice(0..width)));
        let array = self.inner.read_slice_parallel(&SliceInfo { selections });
        let array = array.map_err(|error| self.file.failed(&self.at, error))?;
        let (values, _) = array.into_raw_vec_and_offset();
        match values.len() == expected {
            true => Ok(values),
            false => Err(self.damaged("holds fewer values than it claims")),
        }
    }
}
