//! The fuzzy neighbour graph of UMAP (McInnes, Healy & Melville 2018), which also is the usual graph to
//! cluster single cells on.

use super::Graph;
use crate::{
    analysis::neighbours::{self, Neighbours},
    job::{CancelToken, Cancelled},
};
use ndarray::{ArrayView2, Axis, Slice};
use umap_rs::{GraphParams, ManifoldParams, Umap, UmapConfig};

/// The fuzzy graph of the `k` nearest neighbours, itself included, of every sample of `points`
/// (`n x d`); `k` is lowered to `n - 1` if need be. A sample with NaN has no edge.
///
/// # Errors
/// When cancelled.
pub fn knn_graph(
    points: ArrayView2<'_, f32>,
    k: usize,
    cancel: &CancelToken,
) -> Result<Graph, Cancelled> {
    let k = k.min(points.nrows().saturating_sub(1));
    let nearest = neighbours::nearest(points, k, cancel)?;
    cancel.check()?;
    Ok(Graph::fuzzy(&nearest))
}

impl Graph {
    /// The fuzzy union of how near every sample finds its nearest neighbours, weights up to 1: `nearest`
    /// has itself first, the nearest next. Without edges where `k` or `n - 1` is below 2; of `n` neighbours,
    /// the last is left out.
    pub fn fuzzy(nearest: &Neighbours) -> Self {
        let (samples, columns) = nearest.indices.dim();
        // umap-rs panics unless 2 <= k < n.
        let k = columns.min(samples.saturating_sub(1));
        if k < 2 {
            return Self::from_edges(samples, []);
        }
        let columns = Slice::from(..k);
        let indices = nearest.indices.slice_axis(Axis(1), columns);
        let mut distances = nearest.distances.slice_axis(Axis(1), columns).to_owned();
        for mut row in distances.rows_mut() {
            // A row short of neighbours is filled with the sample itself, infinitely far away, which
            // is no edge but would spoil the scale of the others.
            let finite = row.iter().copied().filter(|d| d.is_finite());
            let farthest = finite.fold(0.0, f32::max);
            row.mapv_inplace(|d| if d.is_finite() { d } else { farthest });
        }
        let umap = Umap::new(UmapConfig {
            manifold: ManifoldParams {
                // Of the layout, which is not made here; without them umap-rs fits a curve.
                a: Some(1.0),
                b: Some(1.0),
                ..ManifoldParams::default()
            },
            graph: GraphParams {
                n_neighbors: k,
                ..GraphParams::default()
            },
            ..UmapConfig::default()
        });
        // Of the points, umap-rs looks at nothing but their number.
        let manifold = umap.learn_manifold(distances.view(), indices, distances.view());
        let graph = manifold.graph();
        Self::from_rows(graph.outer_iterator().map(|row| {
            let (targets, weights) = (row.indices().to_vec(), row.data().to_vec());
            targets.into_iter().zip(weights)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn weights_are_those_of_umap_learn() {
        // umap.umap_.fuzzy_simplicial_set of the same points with n_neighbors = 3.
        let points = array![[0.0_f32], [1.0], [3.0], [4.0], [10.0]];
        let graph = knn_graph(points.view(), 3, &CancelToken::new()).unwrap();
        let expected = [
            (0, 1, 1.0),
            (0, 2, 0.58497),
            (1, 2, 0.82775),
            (1, 3, 0.58497),
            (2, 3, 1.0),
            (2, 4, 0.58497),
            (3, 4, 1.0),
        ];
        let found = (0..5).flat_map(|sample| {
            let (targets, weights) = graph.row(sample);
            let edges = targets.iter().zip(weights);
            edges.map(move |(&target, &weight)| (sample as u32, target, weight))
        });
        let found: Vec<_> = found.filter(|(a, b, _)| a < b).collect();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!((found.0, found.1), (expected.0, expected.1));
            assert!((found.2 - expected.2).abs() < 1e-4, "{found:?}");
        }
    }

    #[test]
    fn any_number_of_samples_and_neighbours_works() {
        for samples in 0..6 {
            for k in 0..8 {
                let points = Array2::from_shape_fn((samples, 2), |(i, j)| (i * i + j) as f32);
                let graph = knn_graph(points.view(), k, &CancelToken::new()).unwrap();
                assert_eq!(graph.samples(), samples);
                let nearest = neighbours::exact(points.view(), k, &CancelToken::new()).unwrap();
                assert_eq!(Graph::fuzzy(&nearest), graph);
            }
        }
    }

    #[test]
    fn a_sample_with_nan_has_no_edge_and_spoils_no_other() {
        let clean = Array2::from_shape_fn((30, 2), |(i, j)| ((i * 7 + j * 3) % 11) as f32);
        let mut points = Array2::from_elem((31, 2), f32::NAN);
        points
            .slice_axis_mut(Axis(0), Slice::from(..30))
            .assign(&clean);
        let graph = knn_graph(points.view(), 5, &CancelToken::new()).unwrap();
        assert!(graph.row(30).0.is_empty());
        let rows: Vec<u32> = (0..30).collect();
        let clean = knn_graph(clean.view(), 5, &CancelToken::new()).unwrap();
        assert_eq!(graph.part(&rows), clean);
    }
}
