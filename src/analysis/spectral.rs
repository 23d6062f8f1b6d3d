//! Spectral clustering (Shi & Malik 2000; von Luxburg 2007): groups of samples that a network joins by strong
//! edges, as scikit-learn's `SpectralClustering(affinity="precomputed", assign_labels="kmeans")` finds them.
//!
//! The samples are placed by the eigenvectors `u` of the normalised Laplacian with the smallest eigenvalues,
//! `L u = lambda D u`, and clustered there by k-means. As in scikit-learn the first, constant one is kept, rows are
//! not normalised, and edges of samples to themselves do not count.

mod weights;

use super::{
    eigen::{Largest, Row},
    graph::Graph,
    kmeans::{self, KMeansError, KMeansSpec},
};
use crate::{
    job::{CancelToken, Cancelled},
    limit::Limit,
};
use ndarray::{Array2, ArrayView2};
use weights::Weights;

/// A network cut into clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct SpectralClustering {
    /// The cluster of every sample, below `K`.
    pub labels: Vec<u32>,
    /// The samples placed by the eigenvectors, `n x K`, scaled so that the constant eigenvector of a connected network
    /// is 1 or -1. A sample without edges lies at the origin.
    pub embedding: Array2<f32>,
    /// The `K` smallest eigenvalues of the normalised Laplacian, rising, 0 to 2. A zero for every connected piece.
    pub eigenvalues: Vec<f64>,
    /// Whether the eigenvectors are accurate. If not, eigenvalues lie so close to each other that many partitions are
    /// about as good.
    pub converged: bool,
}

/// Why a network was not cut.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpectralError {
    /// k-means could not be run on the embedding, or the user stopped it.
    #[error(transparent)]
    KMeans(#[from] KMeansError),
    /// There are too many clusters.
    #[error(transparent)]
    Clusters(#[from] Limit),
    /// The matrix is not square.
    #[error("spectral clustering needs a square matrix, not one of {rows} x {columns}")]
    NotSquare {
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
    },
    /// A weight is negative, infinite or no number.
    #[error("spectral clustering met the weight {weight} between samples {row} and {column}")]
    Weight {
        /// The sample of the row, from 0.
        row: usize,
        /// The sample of the column, from 0.
        column: usize,
        /// The weight.
        weight: f64,
    },
    /// Two samples are joined by different weights in the two directions.
    #[error("the weights between samples {row} and {column} differ in the two directions")]
    NotSymmetric {
        /// One sample, from 0.
        row: usize,
        /// The other sample, from 0.
        column: usize,
    },
}

impl From<Cancelled> for SpectralError {
    fn from(cancelled: Cancelled) -> Self {
        Self::KMeans(cancelled.into())
    }
}

/// Eigenvectors that are iterated at once, at most.
const WIDEST: usize = 64;

/// Eigenvectors that are iterated beside the wanted ones, at least: they speed these up.
const BESIDE: usize = 4;

/// How many clusters can be asked for.
pub const CLUSTERS: Limit = Limit::new(
    "the number of clusters of spectral clustering",
    (WIDEST - BESIDE) as f64,
    "time grows with its square, and the eigenvectors of finer structures are unreliable",
);

/// The residual of an eigenvector as a share of its eigenvalue.
const TOLERANCE: f64 = 1e-4;

/// A power of e: networks with clear clusters have few eigenvalues near 1, see [`Largest`].
const STEEPEST: f64 = 10.0;

/// Products with the network, at most.
const BUDGET: usize = 2_000;

/// Clusters samples by a dense `affinity`, `n x n`, symmetric and not negative; `spec` says how many clusters there are and
/// how the embedding is clustered. Memory beside the affinity is small.
///
/// # Errors
/// See [`SpectralError`].
pub fn cluster(
    affinity: ArrayView2<'_, f64>,
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<SpectralClustering, SpectralError> {
    run(&affinity, spec, cancel)
}

/// The same by a graph of samples.
///
/// # Errors
/// See [`SpectralError`].
pub fn cluster_graph(
    graph: &Graph,
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<SpectralClustering, SpectralError> {
    run(graph, spec, cancel)
}

fn run(
    network: &impl Weights,
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<SpectralClustering, SpectralError> {
    CLUSTERS.check_count(spec.clusters)?;
    weights::check(network, cancel)?;
    let samples = network.samples();
    if samples < spec.clusters {
        let clusters = spec.clusters;
        return Err(KMeansError::TooFewSamples { samples, clusters }.into());
    }
    let degrees = weights::degrees(network);
    let pieces = weights::pieces(network, &degrees);
    let mut found = match spec.clusters {
        clusters if pieces.len() >= clusters => indicators(samples, &pieces, clusters),
        0..=4 => lowest::<8>(network, &degrees, spec, cancel)?,
        5..=12 => lowest::<16>(network, &degrees, spec, cancel)?,
        13..=28 => lowest::<32>(network, &degrees, spec, cancel)?,
        _ => lowest::<WIDEST>(network, &degrees, spec, cancel)?,
    };
    found.labels = kmeans::fit(found.embedding.view(), spec, cancel)?.assignment;
    Ok(found)
}

/// The smallest eigenvalues and the embedding, without labels.
fn lowest<const W: usize>(
    network: &impl Weights,
    degrees: &[f64],
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<SpectralClustering, Cancelled> {
    let root = |&degree: &f64| {
        if degree > 0.0 {
            1.0 / degree.sqrt()
        } else {
            0.0
        }
    };
    let inverse: Vec<f64> = degrees.iter().map(root).collect();
    // The lazy random walk, symmetric: (1 + D^-1/2 A D^-1/2) / 2, whose eigenvalues are 0 to 1.
    let apply = |block: &[Row<W>]| weights::lazy_walk(network, &inverse, block);
    let problem = Largest {
        size: degrees.len(),
        lowest: 0.0,
        without: None,
        wanted: spec.clusters,
        tolerance: TOLERANCE,
        steepest: STEEPEST,
        budget: BUDGET,
        seed: spec.seed,
    };
    let found = problem.find(apply, cancel)?;
    let scale = degrees.iter().sum::<f64>().sqrt();
    let place = |(sample, column): (usize, usize)| {
        (found.vectors[sample][column] * inverse[sample] * scale) as f32
    };
    let values = found.values.iter().take(spec.clusters);
    Ok(SpectralClustering {
        labels: Vec::new(),
        embedding: Array2::from_shape_fn((degrees.len(), spec.clusters), place),
        eigenvalues: values.map(|value| (2.0 * (1.0 - value)).max(0.0)).collect(),
        converged: found.converged,
    })
}

/// The embedding where there are enough connected pieces: an axis for each of the largest ones, the first of equals.
fn indicators(samples: usize, pieces: &[Vec<u32>], clusters: usize) -> SpectralClustering {
    let mut largest: Vec<&Vec<u32>> = pieces.iter().collect();
    largest.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
    let mut embedding = Array2::zeros((samples, clusters));
    for (axis, piece) in largest.into_iter().take(clusters).enumerate() {
        for &sample in piece {
            embedding[[sample as usize, axis]] = 1.0;
        }
    }
    SpectralClustering {
        labels: Vec::new(),
        embedding,
        eigenvalues: vec![0.0; clusters],
        converged: true,
    }
}

#[cfg(test)]
mod tests;
