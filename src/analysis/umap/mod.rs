//! UMAP (McInnes, Healy & Melville 2018): a two-dimensional picture of an embedding.
//!
//! Neighbours, `umap-rs`'s fuzzy graph, an own spectral start and an own layout: seeded,
//! cancellable, parallel, and the same to the bit whatever the number of threads. Settings and
//! schedules follow umap-learn, and so does the quality ([`trustworthiness`]).

mod curve;
pub(crate) mod limits;
mod optimise;
mod start;
mod trustworthiness;

pub use trustworthiness::trustworthiness;

use super::{graph::Graph, neighbours};
use crate::{
    job::{CancelToken, Cancelled},
    limit::Limit,
};
use limits::{EPOCHS, LEARNING_RATE, NEGATIVE_SAMPLES, NEIGHBOURS, SPREAD};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// Settings of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UmapSpec {
    /// Neighbours of each sample, itself included as in umap-learn; at least 2. With few samples it is
    /// lowered to one less than there are.
    pub neighbours: usize,
    /// How close neighbours may lie in the picture, 0 to `spread`.
    pub min_dist: f32,
    /// The scale of the picture, above 0.
    pub spread: f32,
    /// Passes over the graph; `None` for umap-learn's rule: 500 up to 10,000 samples, else 200.
    pub epochs: Option<usize>,
    /// Samples a sample is pushed away from each time it is pulled to a neighbour.
    pub negative_samples: usize,
    /// Step size of the first epoch, above 0; it falls linearly to 0.
    pub learning_rate: f32,
    /// Where the layout starts.
    pub initialisation: Initialisation,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for UmapSpec {
    fn default() -> Self {
        Self {
            neighbours: 15,
            min_dist: 0.1,
            spread: 1.0,
            epochs: None,
            negative_samples: 5,
            learning_rate: 1.0,
            initialisation: Initialisation::Spectral,
            seed: 0,
        }
    }
}

/// Where the layout starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Initialisation {
    /// The lowest eigenvectors of the graph's normalised Laplacian.
    #[default]
    Spectral,
    /// The first two principal components of the points.
    Pca,
}

/// A picture of the samples.
#[derive(Clone, Debug, PartialEq)]
pub struct UmapLayout {
    /// Where each sample lies, `n x 2`.
    pub coordinates: Array2<f32>,
    /// Where the layout started: `Pca` also when the spectral start was asked for and failed (a graph
    /// in more than a thousand pieces, or eigenvectors that are not finite).
    pub started_from: Initialisation,
    /// Share of the true neighbours that were found, where they are approximate.
    pub recall: Option<f64>,
}

/// A look at the layout while it settles.
#[derive(Clone, Copy, Debug)]
pub struct UmapFrame<'a> {
    /// Epochs done.
    pub epoch: usize,
    /// Epochs in all.
    pub epochs: usize,
    /// Where the samples lie now, `n x 2`.
    pub coordinates: ArrayView2<'a, f32>,
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum UmapError {
    /// The user stopped it.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Fewer than two neighbours were asked for.
    #[error("UMAP needs at least 2 neighbours, not {0}")]
    Neighbours(usize),
    /// The distances of the picture make no sense.
    #[error(
        "UMAP needs 0 <= minimum distance <= spread and a spread above 0, not {min_dist} and {spread}"
    )]
    Distances {
        /// The minimum distance given.
        min_dist: f32,
        /// The spread given.
        spread: f32,
    },
    /// The learning rate is not a positive number.
    #[error("UMAP needs a learning rate above 0, not {0}")]
    LearningRate(f32),
    /// The points hold NaN, infinity, or values whose squares overflow.
    #[error("UMAP met a value that is not a usable number in sample {sample}, column {feature}")]
    NotFinite {
        /// The first sample concerned, from 0.
        sample: usize,
        /// Its first column concerned, from 0.
        feature: usize,
    },
    /// The picture to follow is not `n x 2`.
    #[error("the layout to follow has {found_samples} x {found_columns} values, not {samples} x 2")]
    Orientation {
        /// Samples of the points.
        samples: usize,
        /// Rows of the layout to follow.
        found_samples: usize,
        /// Its columns.
        found_columns: usize,
    },
    /// A setting beyond its bound.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// The layout flew apart.
    #[error("the map flew apart: samples lie farther out than any map reaches")]
    Diverged,
    /// There are more samples than 32-bit numbers can name.
    #[error("UMAP cannot lay out {0} samples")]
    TooManySamples(usize),
}

impl UmapError {
    /// Whether a setting is to blame.
    pub fn is_setting(&self) -> bool {
        matches!(
            self,
            Self::Neighbours(_) | Self::Distances { .. } | Self::LearningRate(_) | Self::Limit(_)
        )
    }
}

/// Values beyond this could overflow `f32` when squared and summed.
const LARGEST: f32 = 1e16;

/// A map spans some tens of its spread; farther out than this lies nothing that can be looked at.
const FARTHEST: f32 = 1e6;

impl UmapSpec {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// The first setting that does not.
    pub fn check(&self) -> Result<(), UmapError> {
        let &Self {
            min_dist, spread, ..
        } = self;
        let positive = |x: f32| x.is_finite() && x > 0.0;
        if self.neighbours < 2 {
            return Err(UmapError::Neighbours(self.neighbours));
        }
        if !positive(spread) || !(0.0..=spread).contains(&min_dist) {
            return Err(UmapError::Distances { min_dist, spread });
        }
        if !positive(self.learning_rate) {
            return Err(UmapError::LearningRate(self.learning_rate));
        }
        SPREAD.check(spread.into())?;
        LEARNING_RATE.check(self.learning_rate.into())?;
        for (limit, count) in [
            (NEIGHBOURS, self.neighbours),
            (EPOCHS, self.epochs.unwrap_or_default()),
            (NEGATIVE_SAMPLES, self.negative_samples),
        ] {
            limit.check_count(count)?;
        }
        Ok(())
    }

    /// Epochs for this many samples.
    pub fn epochs_for(&self, samples: usize) -> usize {
        let rule = if samples <= 10_000 { 500 } else { 200 };
        self.epochs.unwrap_or(rule).min(i32::MAX as usize)
    }
}

/// Lays out `points` (`n x d`) in two dimensions.
///
/// With an `orientation` (`n x 2`, an earlier picture of the same samples) the start and every frame
/// are rotated and mirrored to match it as well as possible (orthogonal Procrustes), so that pictures
/// that follow each other keep their orientation; samples that are not finite there are passed over.
///
/// `on_frame` sees the start, about a hundred steps in between, and the end.
///
/// # Errors
/// See [`UmapError`]. Any number of samples works, also 0, and so do identical points.
pub fn fit(
    points: ArrayView2<'_, f32>,
    spec: &UmapSpec,
    orientation: Option<ArrayView2<'_, f32>>,
    cancel: &CancelToken,
    on_frame: &mut dyn FnMut(UmapFrame<'_>),
) -> Result<UmapLayout, UmapError> {
    spec.check()?;
    cancel.check()?;
    check_points(points, orientation)?;
    let samples = points.nrows();
    if samples < 3 {
        // Too few for a graph: apart on a line.
        let mut coordinates = Array2::zeros((samples, 2));
        if let Some(x) = coordinates.get_mut([1, 0]) {
            *x = 2.0 * spec.spread;
        }
        return Ok(UmapLayout {
            coordinates,
            started_from: Initialisation::Pca,
            recall: None,
        });
    }
    // umap-learn's rule; umap-rs panics unless 2 <= k < n.
    let k = spec.neighbours.min(samples - 1);
    let nearest = neighbours::nearest(points, k, cancel)?;
    let curve = curve::fit(spec.spread, spec.min_dist);
    let graph = Graph::fuzzy(&nearest);
    cancel.check()?;
    let (mut positions, started_from) = start::positions(points, &graph, spec, cancel)?;
    optimise::run(
        &mut positions,
        &graph,
        spec,
        curve,
        orientation,
        cancel,
        on_frame,
    )?;
    on_the_map(&positions)?;
    let coordinates = Array2::from_shape_fn((samples, 2), |(i, j)| positions[i][j]);
    Ok(UmapLayout {
        coordinates,
        started_from,
        recall: nearest.recall,
    })
}

/// Whether all samples lie where a map can show them.
fn on_the_map(positions: &[[f32; 2]]) -> Result<(), UmapError> {
    let near = |x: &f32| x.abs() <= FARTHEST;
    match positions.as_flattened().iter().all(near) {
        true => Ok(()),
        false => Err(UmapError::Diverged),
    }
}

/// A first look at points before there is a map: their first two principal components, `n x 2`,
/// spanning about 10 to either side, turned to follow `orientation` if given (and of that size).
pub fn first_look(
    points: ArrayView2<'_, f32>,
    orientation: Option<ArrayView2<'_, f32>>,
    cancel: &CancelToken,
) -> Result<Array2<f32>, Cancelled> {
    let scores = start::principal(points, 0, cancel)?;
    let largest = scores
        .iter()
        .flatten()
        .fold(0.0, |m: f64, x| m.max(x.abs()));
    let scale = if largest > 0.0 { 10.0 / largest } else { 1.0 };
    let mut positions: Vec<[f32; 2]> = scores
        .iter()
        .map(|p| p.map(|x| (x * scale) as f32))
        .collect();
    if let Some(reference) = orientation.filter(|o| o.dim() == (positions.len(), 2)) {
        start::orient(&mut positions, reference);
    }
    Ok(Array2::from_shape_fn((positions.len(), 2), |(i, j)| {
        positions[i][j]
    }))
}

fn check_points(
    points: ArrayView2<'_, f32>,
    orientation: Option<ArrayView2<'_, f32>>,
) -> Result<(), UmapError> {
    let samples = points.nrows();
    if samples >= u32::MAX as usize {
        return Err(UmapError::TooManySamples(samples));
    }
    let unusable = |value: f32| value.is_nan() || value.abs() > LARGEST;
    if let Some(((sample, feature), _)) = points.indexed_iter().find(|&(_, &x)| unusable(x)) {
        return Err(UmapError::NotFinite { sample, feature });
    }
    match orientation.map(|reference| reference.dim()) {
        Some((found_samples, found_columns)) if (found_samples, found_columns) != (samples, 2) => {
            Err(UmapError::Orientation {
                samples,
                found_samples,
                found_columns,
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
