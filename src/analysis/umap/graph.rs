//! The fuzzy neighbour graph.

use super::{UmapSpec, curve::Curve};
use crate::analysis::neighbours::Neighbours;
use ndarray::ArrayView2;
use umap_rs::{GraphParams, ManifoldParams, Umap, UmapConfig};

/// A symmetric weighted graph, row by row. No edge joins a sample to itself.
pub(super) struct Graph {
    /// Where each row begins in the other two, and where the last ends.
    starts: Vec<usize>,
    /// The other end of each edge.
    targets: Vec<u32>,
    /// Membership strengths above 0, up to 1.
    weights: Vec<f32>,
}

impl Graph {
    /// Learns the graph from the nearest neighbours of `points`, itself first, with 2 <= k < n.
    pub(super) fn learn(
        points: ArrayView2<'_, f32>,
        nearest: &Neighbours,
        spec: &UmapSpec,
        curve: Curve,
    ) -> Self {
        let umap = Umap::new(UmapConfig {
            manifold: ManifoldParams {
                min_dist: spec.min_dist,
                spread: spec.spread,
                // Given, so that umap-rs does not fit its own, which has not converged.
                a: Some(curve.a as f32),
                b: Some(curve.b as f32),
            },
            graph: GraphParams {
                n_neighbors: nearest.indices.ncols(),
                ..GraphParams::default()
            },
            ..UmapConfig::default()
        });
        let manifold =
            umap.learn_manifold(points, nearest.indices.view(), nearest.distances.view());
        let mut graph = Self {
            starts: vec![0],
            targets: Vec::new(),
            weights: Vec::new(),
        };
        for row in manifold.graph().outer_iterator() {
            for (&target, &weight) in row.indices().iter().zip(row.data()) {
                if weight.is_finite() && weight > 0.0 {
                    graph.targets.push(target);
                    graph.weights.push(weight);
                }
            }
            graph.starts.push(graph.targets.len());
        }
        graph
    }

    /// How many samples it joins.
    pub(super) fn samples(&self) -> usize {
        self.starts.len() - 1
    }

    /// The edges of one sample: other ends and weights.
    pub(super) fn row(&self, sample: usize) -> (&[u32], &[f32]) {
        let range = self.starts[sample]..self.starts[sample + 1];
        (&self.targets[range.clone()], &self.weights[range])
    }

    /// The largest weight, 0 without edges.
    pub(super) fn largest_weight(&self) -> f32 {
        self.weights.iter().fold(0.0, |largest, &w| largest.max(w))
    }

    /// The connected pieces, each a sorted list of samples, in order of their first sample.
    pub(super) fn components(&self) -> Vec<Vec<u32>> {
        let mut seen = vec![false; self.samples()];
        let mut components = Vec::new();
        for first in 0..self.samples() {
            if std::mem::replace(&mut seen[first], true) {
                continue;
            }
            let mut component = vec![first as u32];
            let mut next = 0;
            while let Some(&sample) = component.get(next) {
                next += 1;
                for &target in self.row(sample as usize).0 {
                    if !std::mem::replace(&mut seen[target as usize], true) {
                        component.push(target);
                    }
                }
            }
            component.sort_unstable();
            components.push(component);
        }
        components
    }

    /// The part of the graph that joins the samples of one connected piece, renumbered from 0.
    pub(super) fn part(&self, component: &[u32]) -> Self {
        let mut part = Self {
            starts: vec![0],
            targets: Vec::new(),
            weights: Vec::new(),
        };
        for &sample in component {
            let (targets, weights) = self.row(sample as usize);
            // All other ends lie in the same piece, and it is sorted.
            let renumbered = targets
                .iter()
                .map(|t| component.partition_point(|c| c < t) as u32);
            part.targets.extend(renumbered);
            part.weights.extend_from_slice(weights);
            part.starts.push(part.targets.len());
        }
        part
    }
}
