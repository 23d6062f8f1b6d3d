//! Principal components as exact as the eigenvectors of a small symmetric matrix are.
//!
//! The matrix is the covariance of the features or, where there are fewer samples, the inner products of the samples. It is added
//! up in 64 bits over blocks of rows; every number of it is made by one task at a time, in the order of the blocks, so that the bits
//! do not depend on the threads.

use std::ops::Range;

use faer::{
    Accum, Mat, MatMut, MatRef, Par,
    diag::Diag,
    dyn_stack::{MemBuffer, MemStack},
    linalg::{
        evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch},
        matmul::matmul,
    },
};
use rayon::prelude::*;

use super::{Components, fix_signs, rows_of, varying};
use crate::{
    data::{MakesRows as _, Storage, Values},
    job::{CancelToken, Cancelled},
    prepare::{PrepareError, view::View},
};

/// Numbers of a block of rows: few enough to be held a few times, enough for fast products; fewer in tests, so that there are several.
const BLOCK: usize = if cfg!(test) { 1 << 12 } else { 1 << 20 };

/// Columns of a matrix that one task works on.
const TILE: usize = 64;

/// Components by the eigenvectors of a matrix; in the place of shares, variances.
pub(super) fn components(
    view: &View,
    means: Vec<f64>,
    most: usize,
    at: usize,
    storage: Storage,
    cancel: &CancelToken,
) -> Result<Option<Components>, PrepareError> {
    let (samples, features) = (view.samples(), view.features());
    let centred = Centred { view, means };
    let by_samples = samples < features;
    let matrix = match by_samples {
        true => centred.inner_products(cancel)?,
        false => centred.covariance(cancel)?,
    };
    let (variances, vectors) =
        eigen(matrix, samples.min(features)).ok_or(PrepareError::NotConverged { at })?;
    cancel.check()?;
    let kept = varying(&variances[..most], samples, features);
    if kept == 0 {
        return Ok(None);
    }
    let largest_first = vectors.as_ref().reverse_cols();
    let (variances, vectors) = (&variances[..kept], largest_first.subcols(0, kept));
    let mut loadings = match by_samples {
        true => centred.loadings(vectors, variances, cancel)?,
        false => rows_of(vectors),
    };
    fix_signs(&mut loadings, kept);
    Ok(Some(Components {
        scores: centred.scores(&loadings, kept, storage, cancel)?,
        loadings,
        shares: variances.to_vec(),
    }))
}

/// A view of which the mean of every feature is taken.
struct Centred<'a> {
    view: &'a View,
    means: Vec<f64>,
}

impl Centred<'_> {
    fn dim(&self) -> (usize, usize) {
        (self.view.samples(), self.means.len())
    }

    /// Rows of a block.
    fn step(&self) -> usize {
        (BLOCK / self.means.len()).max(8)
    }

    fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        let (samples, step) = (self.view.samples(), self.step());
        let starts = (0..samples).step_by(step);
        starts.map(move |start| start..samples.min(start + step))
    }

    /// Writes some rows out.
    fn fill(&self, range: Range<usize>, out: &mut [f64]) {
        let features = self.means.len();
        for out in out.chunks_exact_mut(features) {
            let means = out.iter_mut().zip(&self.means);
            means.for_each(|(x, mean)| *x = -mean);
        }
        self.view.rows(range, |at, row| {
            let out = &mut out[at * features..][..features];
            for (feature, x) in row.iter() {
                out[feature] = f64::from(x) - self.means[feature];
            }
        });
    }

    /// A block written out by all cores.
    fn block<'a>(
        &self,
        range: &Range<usize>,
        buffer: &'a mut Vec<f64>,
        cancel: &CancelToken,
    ) -> Result<MatRef<'a, f64>, Cancelled> {
        let (features, rows) = (self.means.len(), self.step().div_ceil(16));
        buffer.resize(range.len() * features, 0.0);
        let parts = buffer.par_chunks_mut(rows * features).enumerate();
        parts.try_for_each(|(part, out)| {
            cancel.check()?;
            let start = range.start + part * rows;
            self.fill(start..start + out.len() / features, out);
            Ok(())
        })?;
        cancel.check()?;
        Ok(MatRef::from_row_major_slice(buffer, range.len(), features))
    }

    /// The lower half of the sums of products of the features, features x features.
    fn covariance(&self, cancel: &CancelToken) -> Result<Vec<f64>, PrepareError> {
        let (_, features) = self.dim();
        let mut sums = vec![0.0; features * features];
        let mut buffer = Vec::new();
        for range in self.blocks() {
            let block = self.block(&range, &mut buffer, cancel)?;
            let tiles = sums.par_chunks_mut(features * TILE).enumerate();
            tiles.for_each(|(tile, sums)| {
                let (first, width) = (tile * TILE, sums.len() / features);
                let below = features - first;
                let sums = MatMut::from_column_major_slice_mut(sums, features, width);
                let (rows, columns) = (block.subcols(first, below), block.subcols(first, width));
                let sums = sums.subrows_mut(first, below);
                matmul(sums, Accum::Add, rows.transpose(), columns, 1.0, Par::Seq);
            });
        }
        self.view.check()?;
        Ok(sums)
    }

    /// The lower half of the inner products of the samples, samples x samples.
    fn inner_products(&self, cancel: &CancelToken) -> Result<Vec<f64>, PrepareError> {
        let (samples, features) = self.dim();
        let mut products = vec![0.0; samples * samples];
        let step = self.step();
        let panels = products
            .par_chunks_mut(samples * step)
            .zip(self.blocks().collect::<Vec<_>>());
        panels.try_for_each_init(
            || (Vec::new(), Vec::new()),
            |(these, others), (panel, range)| {
                these.resize(range.len() * features, 0.0);
                self.fill(range.clone(), these);
                let these = MatRef::from_row_major_slice(these, range.len(), features);
                let mut panel = MatMut::from_column_major_slice_mut(panel, samples, range.len());
                for other in self.blocks().skip(range.start / step) {
                    cancel.check()?;
                    others.resize(other.len() * features, 0.0);
                    self.fill(other.clone(), others);
                    let others = MatRef::from_row_major_slice(others, other.len(), features);
                    let out = panel.as_mut().subrows_mut(other.start, other.len());
                    matmul(
                        out,
                        Accum::Replace,
                        others,
                        these.transpose(),
                        1.0,
                        Par::Seq,
                    );
                }
                Ok::<(), Cancelled>(())
            },
        )?;
        cancel.check()?;
        self.view.check()?;
        Ok(products)
    }

    /// The loadings, feature by feature, that belong to eigenvectors of the inner products.
    fn loadings(
        &self,
        vectors: MatRef<'_, f64>,
        variances: &[f64],
        cancel: &CancelToken,
    ) -> Result<Vec<f64>, PrepareError> {
        let ((_, features), kept) = (self.dim(), variances.len());
        let mut loadings = vec![0.0; features * kept];
        let mut buffer = Vec::new();
        for range in self.blocks() {
            let block = self.block(&range, &mut buffer, cancel)?;
            let vectors = vectors.subrows(range.start, range.len()).transpose();
            let tiles = loadings.par_chunks_mut(kept * TILE).enumerate();
            tiles.for_each(|(tile, loadings)| {
                let width = loadings.len() / kept;
                let columns = block.subcols(tile * TILE, width);
                let loadings = MatMut::from_column_major_slice_mut(loadings, kept, width);
                matmul(loadings, Accum::Add, vectors, columns, 1.0, Par::Seq);
            });
        }
        self.view.check()?;
        for of_feature in loadings.chunks_exact_mut(kept) {
            let pairs = of_feature.iter_mut().zip(variances);
            pairs.for_each(|(loading, variance)| *loading /= variance.sqrt());
        }
        Ok(loadings)
    }

    /// The samples in the space of the components.
    fn scores(
        &self,
        loadings: &[f64],
        kept: usize,
        storage: Storage,
        cancel: &CancelToken,
    ) -> Result<Values, PrepareError> {
        let ((_, features), step) = (self.dim(), self.step());
        let loadings = MatRef::from_column_major_slice(loadings, kept, features);
        self.view.generate(storage, kept, cancel, |range, out| {
            let (mut block, mut scores) = (Vec::new(), Vec::new());
            for (at, out) in out.chunks_mut(kept * step).enumerate() {
                if cancel.is_cancelled() {
                    return;
                }
                let (start, rows) = (range.start + at * step, out.len() / kept);
                block.resize(rows * features, 0.0);
                self.fill(start..start + rows, &mut block);
                let block = MatRef::from_row_major_slice(&block, rows, features);
                scores.resize(kept * rows, 0.0);
                let to = MatMut::from_column_major_slice_mut(&mut scores, kept, rows);
                matmul(
                    to,
                    Accum::Replace,
                    loadings,
                    block.transpose(),
                    1.0,
                    Par::Seq,
                );
                let pairs = out.iter_mut().zip(&scores);
                pairs.for_each(|(to, score)| *to = *score as f32);
            }
        })
    }
}

/// Eigenvalues, the largest first, and eigenvectors, those of the largest last, of a symmetric matrix of which the lower half is
/// given.
fn eigen(matrix: Vec<f64>, size: usize) -> Option<(Vec<f64>, Mat<f64>)> {
    let matrix = MatRef::from_column_major_slice(&matrix, size, size);
    let (mut values, mut vectors) = (Diag::zeros(size), Mat::zeros(size, size));
    let with_vectors = ComputeEigenvectors::Yes;
    let scratch = self_adjoint_evd_scratch::<f64>(size, with_vectors, Par::Seq, Default::default());
    let mut memory = MemBuffer::new(scratch);
    self_adjoint_evd(
        matrix,
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    )
    .ok()?;
    let falling = (0..size).rev();
    let values = falling.map(|at| values.column_vector()[at]).collect();
    Some((values, vectors))
}
