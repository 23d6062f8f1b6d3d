//! Sparse symmetric weighted graphs of samples: what graph clustering and UMAP work on.

mod fuzzy;

pub use fuzzy::knn_graph;

use ndarray::ArrayView2;
use rayon::prelude::*;

/// A symmetric weighted graph, row by row: every edge stands in the rows of both of its ends.
/// No edge joins a sample to itself, and every weight is finite and above 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// Where each row begins in the other two, and where the last ends.
    starts: Vec<usize>,
    /// The other end of each edge, in rising order within a row.
    targets: Vec<u32>,
    weights: Vec<f32>,
}

impl Graph {
    /// The graph of these edges, each given once or in both directions. A pair given several times
    /// gets the largest of its weights. Passed over are edges of a sample to itself or to a sample
    /// that does not exist, and weights that are not finite and above 0.
    pub fn from_edges(samples: usize, edges: impl IntoIterator<Item = (u32, u32, f32)>) -> Self {
        let inside = |sample: u32| (sample as usize) < samples;
        let valid = |&(a, b, weight): &(u32, u32, f32)| {
            a != b && inside(a) && inside(b) && weight.is_finite() && weight > 0.0
        };
        let edges = edges.into_iter().filter(valid);
        let mut edges: Vec<_> = edges.flat_map(|(a, b, w)| [(a, b, w), (b, a, w)]).collect();
        edges.par_sort_unstable_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(y.2.total_cmp(&x.2)));
        edges.dedup_by_key(|&mut (a, b, _)| (a, b));
        let mut starts = vec![0; samples + 1];
        for &(a, ..) in &edges {
            starts[a as usize + 1] += 1;
        }
        for row in 0..samples {
            starts[row + 1] += starts[row];
        }
        Self {
            starts,
            targets: edges.iter().map(|&(_, b, _)| b).collect(),
            weights: edges.iter().map(|&(.., weight)| weight).collect(),
        }
    }

    /// Joins every sample to the `k` others it is most like by `affinity` (`n x n`), the first of
    /// equals. Where the affinity is not symmetric, the larger value of a pair counts.
    pub fn from_affinity(affinity: ArrayView2<'_, f32>, k: usize) -> Self {
        let strongest = |sample: usize| {
            let row = affinity.row(sample);
            let mut others: Vec<(f32, u32)> = row
                .iter()
                .zip(0..)
                .filter(|&(&x, other)| other as usize != sample && x.is_finite() && x > 0.0)
                .map(|(&x, other)| (x, other))
                .collect();
            if (1..others.len()).contains(&k) {
                others.select_nth_unstable_by(k, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            }
            others.truncate(k);
            others
        };
        let rows = 0..affinity.nrows();
        let rows: Vec<_> = rows.into_par_iter().map(strongest).collect();
        let edges = rows
            .iter()
            .zip(0..)
            .flat_map(|(others, sample)| others.iter().map(move |&(x, other)| (sample, other, x)));
        Self::from_edges(affinity.nrows(), edges)
    }

    /// The weighted mean of graphs of the same samples: a pair gets its weights times those of the graphs, added up.
    pub fn mean(samples: usize, graphs: &[(f32, Self)]) -> Self {
        let rows = (0..samples as u32).into_par_iter().map(|sample| {
            let mut row: Vec<(u32, f32)> = graphs
                .iter()
                .flat_map(|(share, graph)| {
                    let (targets, weights) = graph.row(sample as usize);
                    let shared = weights.iter().map(move |weight| share * weight);
                    targets.iter().copied().zip(shared)
                })
                .collect();
            // Those of a pair stay in the order of the graphs, whichever end is looked at.
            row.sort_by_key(|&(target, _)| target);
            row.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                kept.1 += if same { next.1 } else { 0.0 };
                same
            });
            row
        });
        let rows: Vec<Vec<(u32, f32)>> = rows.collect();
        Self::from_rows(rows)
    }

    /// The graph of these rows, each sorted by the other ends; what is not finite and above 0 is no edge.
    fn from_rows(rows: impl IntoIterator<Item = impl IntoIterator<Item = (u32, f32)>>) -> Self {
        let mut graph = Self {
            starts: vec![0],
            targets: Vec::new(),
            weights: Vec::new(),
        };
        for row in rows {
            for (target, weight) in row {
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
    pub fn samples(&self) -> usize {
        self.starts.len() - 1
    }

    /// The edges of one sample: other ends and weights.
    pub fn row(&self, sample: usize) -> (&[u32], &[f32]) {
        let range = self.starts[sample]..self.starts[sample + 1];
        (&self.targets[range.clone()], &self.weights[range])
    }

    /// The largest weight, 0 without edges.
    pub fn largest_weight(&self) -> f32 {
        self.weights.iter().fold(0.0, |largest, &w| largest.max(w))
    }

    /// The connected pieces, each a sorted list of samples, in order of their first sample.
    pub fn components(&self) -> Vec<Vec<u32>> {
        connected(vec![false; self.samples()], |sample| {
            self.row(sample as usize).0.iter().copied()
        })
    }

    /// The part of the graph that joins `samples` (sorted), renumbered from 0. Edges that lead out of
    /// them are left out.
    pub fn part(&self, samples: &[u32]) -> Self {
        let mut number = vec![None; self.samples()];
        for (&sample, new) in samples.iter().zip(0..) {
            number[sample as usize] = Some(new);
        }
        let number = &number;
        Self::from_rows(samples.iter().map(|&sample| {
            let (targets, weights) = self.row(sample as usize);
            let edges = targets.iter().zip(weights);
            edges.filter_map(move |(&target, &weight)| Some((number[target as usize]?, weight)))
        }))
    }
}

/// The connected pieces of a network, each a sorted list of samples, in order of their first sample. `others` gives what a sample
/// is joined to; what is `seen` beforehand belongs to no piece.
pub(super) fn connected<I: Iterator<Item = u32>>(
    mut seen: Vec<bool>,
    others: impl Fn(u32) -> I,
) -> Vec<Vec<u32>> {
    let mut pieces = Vec::new();
    for first in 0..seen.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut piece = vec![first as u32];
        let mut next = 0;
        while let Some(&sample) = piece.get(next) {
            next += 1;
            for other in others(sample) {
                if !std::mem::replace(&mut seen[other as usize], true) {
                    piece.push(other);
                }
            }
        }
        piece.sort_unstable();
        pieces.push(piece);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn edges_are_joined_both_ways_and_odd_ones_passed_over() {
        let edges = [
            (2, 0, 0.5),
            (0, 2, 0.7),
            (1, 1, 9.0),
            (0, 1, f32::NAN),
            (0, 1, f32::INFINITY),
            (1, 2, -1.0),
            (3, 4, 1.0),
            (3, 2, 0.1),
        ];
        let graph = Graph::from_edges(4, edges);
        assert_eq!(graph.row(0), (&[2][..], &[0.7][..]));
        assert_eq!(graph.row(1), (&[][..], &[][..]));
        assert_eq!(graph.row(2), (&[0, 3][..], &[0.7, 0.1][..]));
        assert_eq!(graph.row(3), (&[2][..], &[0.1][..]));
        assert_eq!(graph.largest_weight(), 0.7);
        assert_eq!(graph.components(), [vec![0, 2, 3], vec![1]]);
        assert_eq!(graph.part(&[0, 2]), Graph::from_edges(2, [(0, 1, 0.7)]));
        assert_eq!(Graph::from_edges(0, [(0, 1, 1.0)]).samples(), 0);
    }

    #[test]
    fn a_mean_adds_what_graphs_share() {
        let one = Graph::from_edges(4, [(0, 1, 1.0), (1, 2, 0.5)]);
        let other = Graph::from_edges(4, [(1, 2, 1.0), (2, 3, 0.8)]);
        let mean = Graph::mean(4, &[(0.25, one), (0.75, other)]);
        let expected = [(0, 1, 0.25), (1, 2, 0.875), (2, 3, 0.75 * 0.8)];
        assert_eq!(mean, Graph::from_edges(4, expected));
        assert_eq!(Graph::mean(2, &[]), Graph::from_edges(2, []));
    }

    #[test]
    fn an_affinity_keeps_the_strongest_of_every_sample() {
        let affinity = array![
            [9.0, 0.3, 0.3, 0.1],
            [0.3, 9.0, 0.2, 0.4],
            [0.3, 0.2, 9.0, f32::NAN],
            [0.1, 0.5, 0.0, 9.0],
        ];
        let strongest = Graph::from_affinity(affinity.view(), 1);
        let expected = [(0, 1, 0.3), (1, 3, 0.5), (2, 0, 0.3)];
        assert_eq!(strongest, Graph::from_edges(4, expected));
        let all = Graph::from_affinity(affinity.view(), 3);
        assert_eq!(all.row(0), (&[1, 2, 3][..], &[0.3, 0.3, 0.1][..]));
        assert_eq!(all, Graph::from_affinity(affinity.view(), 9));
        assert_eq!(
            Graph::from_affinity(affinity.view(), 0),
            Graph::from_edges(4, [])
        );
    }
}
