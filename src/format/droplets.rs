//! Which barcodes of a droplet experiment hold a cell.
//!
//! Most droplets hold no cell, only a few molecules that float around. Cell Ranger writes them all into its raw matrix, and the cells
//! alone into its filtered one.

use std::io;

use super::{Contents, FormatError, Notice, Severity};
use crate::{
    data::{Matrix, SparseBuffer},
    job::{CancelToken, Cancelled},
    words::thousands,
};

/// Share of the largest totals' 99th percentile below which a droplet counts as empty.
const CELL: f64 = 0.1;

/// What has more counts may be a cell whatever the others have, as in Cell Ranger: depths differ a thousandfold in plates.
const MOST: f64 = 500.0;

/// Barcodes below which a matrix is too small to be a raw one.
const MANY: usize = 1000;

/// Rows that are read at once where the matrix is dense.
const ROWS: usize = 256;

/// Why droplets could not be told.
#[derive(Debug, thiserror::Error)]
pub enum DropletError {
    /// The user did not want it any longer.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Values on disk could not be read.
    #[error(transparent)]
    Read(#[from] io::Error),
}

/// For every sample, whether it looks like an empty droplet by the sum of its counts.
///
/// The rule is Cell Ranger's "OrdMag" (G. Zheng et al., Nature Communications 8, 14049, 2017): what has less than a tenth
/// of the 99th percentile among the `n` largest sums is empty. The number `n` of cells is not asked for: it is the smallest for which
/// the rule finds no more than `n`. What has more than 500 counts is never empty.
///
/// # Errors
/// If the work was cancelled or values on disk cannot be read.
pub fn empty(matrix: &Matrix, cancel: &CancelToken) -> Result<Vec<bool>, DropletError> {
    let sums = sums(matrix, cancel)?;
    let mut sorted: Vec<f64> = sums.iter().copied().filter(|&sum| sum > 0.0).collect();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let cutoff = |cells: usize| sorted[(cells / 100).min(sorted.len() - 1)] * CELL;
    let (mut cells, mut least) = (1, 0.0);
    while !sorted.is_empty() {
        least = cutoff(cells);
        let found = sorted.partition_point(|&sum| sum >= least);
        // More cells mean a lower cutoff: the number only grows.
        if found <= cells {
            break;
        }
        cells = found;
    }
    let is_empty = |sum: &f64| *sum <= 0.0 || *sum < least.min(MOST);
    Ok(sums.iter().map(is_empty).collect())
}

/// Whether a matrix with these empty droplets looks as if it had not been filtered: many barcodes, most of them empty.
pub fn looks_unfiltered(empty: &[bool]) -> bool {
    empty.len() >= MANY && 2 * empty.iter().filter(|&&empty| empty).count() > empty.len()
}

/// What to tell of a matrix of counts that looks unfiltered; nothing if it does not.
///
/// # Errors
/// As for [`empty`].
pub fn notice(
    object: &str,
    matrix: &Matrix,
    cancel: &CancelToken,
) -> Result<Option<Notice>, DropletError> {
    if matrix.samples() < MANY || !matrix.facts()?.are_counts() {
        return Ok(None);
    }
    let empty = empty(matrix, cancel)?;
    let count = empty.iter().filter(|&&empty| empty).count();
    let text = || {
        format!(
            "looks like a raw matrix: {} of {} barcodes look like empty droplets; take the filtered matrix, or leave them out",
            thousands(count),
            thousands(empty.len())
        )
    };
    Ok(looks_unfiltered(&empty).then(|| Notice {
        severity: Severity::Warning,
        object: object.to_owned(),
        text: text(),
    }))
}

/// Adds a warning for every modality that looks unfiltered.
pub(super) fn warn(contents: &mut Contents, cancel: &CancelToken) -> Result<(), FormatError> {
    for piece in &contents.pieces {
        // Counts of proteins are high in empty droplets too.
        if !piece.modality.starts_with("rna") && piece.modality != "atac" {
            continue;
        }
        let said = notice(&piece.modality, &piece.matrix, cancel);
        contents.notices.extend(said.map_err(|error| match error {
            DropletError::Cancelled(cancelled) => FormatError::Cancelled(cancelled),
            DropletError::Read(source) => FormatError::Disk(source),
        })?);
    }
    Ok(())
}

/// The sum of every sample's values; missing ones do not count.
fn sums(matrix: &Matrix, cancel: &CancelToken) -> Result<Vec<f64>, DropletError> {
    let sum = |values: &[f32]| -> f64 {
        let known = values.iter().filter(|value| !value.is_nan());
        known.map(|&value| f64::from(value)).sum()
    };
    let samples = matrix.samples();
    let mut sums = Vec::with_capacity(samples);
    match matrix {
        Matrix::Sparse(sparse) => {
            let mut buffer = SparseBuffer::default();
            for start in (0..samples).step_by(ROWS) {
                cancel.check()?;
                let rows = sparse.rows(start..samples.min(start + ROWS), &mut buffer);
                sums.extend(rows.iter().map(|(_, values)| sum(values)));
            }
            sparse.check()?;
        }
        Matrix::Dense(_) => {
            let features = matrix.features();
            let mut buffer = Vec::new();
            for start in (0..samples).step_by(ROWS) {
                cancel.check()?;
                let rows = start..samples.min(start + ROWS);
                buffer.resize(rows.len() * features, 0.0);
                matrix.fill(rows, &mut buffer)?;
                sums.extend(buffer.chunks_exact(features.max(1)).map(sum));
            }
            sums.resize(samples, 0.0);
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Sparse;
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    /// Samples of one feature with these sums, shuffled: some cells around 5,000, the rest below 60.
    fn droplets(cells: usize, empty: usize) -> (Matrix, Vec<bool>) {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut all = vec![false; cells + empty];
        let mut left = empty;
        for at in (0..all.len()).rev() {
            all[at] = rng.random_range(0..=at as u32) < left as u32;
            left -= usize::from(all[at]);
        }
        let value = |&empty: &bool| match empty {
            true => rng.random_range(0..60_u32) as f32,
            false => rng.random_range(1500..9000_u32) as f32,
        };
        let values: Vec<f32> = all.iter().map(value).collect();
        let starts = (0..=values.len()).collect();
        let sparse = Sparse::new(1, starts, vec![0; values.len()], values).unwrap();
        (Matrix::Sparse(sparse), all)
    }

    #[test]
    fn empty_droplets_are_told_from_cells() {
        for (cells, rest) in [(120, 4880), (1, 2000), (3000, 60_000), (700, 1500)] {
            let (matrix, truth) = droplets(cells, rest);
            let found = empty(&matrix, &CancelToken::new()).unwrap();
            assert!(found == truth, "{cells} cells, {rest} empty droplets");
            assert!(looks_unfiltered(&found));
            let notice = notice("raw", &matrix, &CancelToken::new())
                .unwrap()
                .unwrap();
            let expected = format!("{} of {}", thousands(rest), thousands(cells + rest));
            assert!(notice.text.contains(&expected), "{}", notice.text);
        }
    }

    #[test]
    fn cells_of_a_plate_are_kept_however_unequal_their_depths_are() {
        let values: Vec<f32> = (0..1_200).map(|at| 600.0 * 1.007_f32.powi(at)).collect();
        let starts = (0..=values.len()).collect();
        let plate = Sparse::new(1, starts, vec![0; values.len()], values).unwrap();
        let found = empty(&Matrix::Sparse(plate), &CancelToken::new()).unwrap();
        assert!(!found.contains(&true));
    }

    #[test]
    fn a_filtered_matrix_stays_whole() {
        let (matrix, _) = droplets(2000, 0);
        let found = empty(&matrix, &CancelToken::new()).unwrap();
        assert!(!found.contains(&true));
        assert_eq!(notice("x", &matrix, &CancelToken::new()).unwrap(), None);
        // Dense ones are looked at in the same way.
        let mut full = vec![0.0; 2000];
        matrix.fill(0..2000, &mut full).unwrap();
        let array = ndarray::Array2::from_shape_vec((2000, 1), full).unwrap();
        let dense = Matrix::Dense(array.into());
        let found = empty(&dense, &CancelToken::new()).unwrap();
        assert_eq!((found.len(), found.contains(&true)), (2000, false));
        let nothing = Sparse::new(3, vec![0; 5], vec![], vec![]).unwrap();
        let nothing = empty(&Matrix::Sparse(nothing), &CancelToken::new()).unwrap();
        assert_eq!(nothing, [true; 4], "no counts, no cells");
    }
}
