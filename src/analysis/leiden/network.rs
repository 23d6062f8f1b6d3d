//! The graphs that Leiden works on: vertices that stand for groups of samples.

use crate::analysis::graph::Graph;

/// A graph whose vertices stand for samples, or for groups of them. Edges within a vertex are not kept:
/// wherever it moves, they move with it. Its strength counts them.
pub(super) struct Network {
    starts: Vec<usize>,
    targets: Vec<u32>,
    weights: Vec<f64>,
    /// The weights of all edges of each vertex's samples, those between two of them twice.
    pub(super) strengths: Vec<f64>,
    /// The sum of the strengths.
    pub(super) total: f64,
}

impl Network {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut network = Self {
            starts: vec![0],
            targets: Vec::new(),
            weights: Vec::new(),
            strengths: Vec::with_capacity(graph.samples()),
            total: 0.0,
        };
        for sample in 0..graph.samples() {
            let (targets, weights) = graph.row(sample);
            let weights = weights.iter().map(|&weight| f64::from(weight));
            network.strengths.push(weights.clone().sum());
            network.push(targets.iter().copied().zip(weights));
        }
        network.total = network.strengths.iter().sum();
        network
    }

    fn push(&mut self, edges: impl Iterator<Item = (u32, f64)>) {
        for (target, weight) in edges {
            self.targets.push(target);
            self.weights.push(weight);
        }
        self.starts.push(self.targets.len());
    }

    pub(super) fn vertices(&self) -> usize {
        self.strengths.len()
    }

    /// The edges of one vertex: other ends and weights.
    pub(super) fn row(&self, vertex: usize) -> impl Iterator<Item = (u32, f64)> {
        let range = self.starts[vertex]..self.starts[vertex + 1];
        let targets = self.targets[range.clone()].iter().copied();
        targets.zip(self.weights[range].iter().copied())
    }

    /// What a pair of strengths costs in modularity times `total`, for a strength each.
    pub(super) fn penalty(&self, resolution: f64) -> f64 {
        if self.total > 0.0 {
            resolution / self.total
        } else {
            0.0
        }
    }

    /// Makes each of `count` groups one vertex; none is empty.
    pub(super) fn aggregate(&self, groups: &[u32], count: usize) -> Self {
        let mut ends = sizes(groups, count);
        for group in 1..count {
            ends[group] += ends[group - 1];
        }
        let mut members = vec![0; groups.len()];
        let mut places = ends.clone();
        for (vertex, &group) in groups.iter().enumerate().rev() {
            places[group as usize] -= 1;
            members[places[group as usize]] = vertex;
        }
        let mut smaller = Self {
            starts: vec![0],
            targets: Vec::new(),
            weights: Vec::new(),
            strengths: Vec::with_capacity(count),
            total: self.total,
        };
        let mut links = Links::new(count);
        let mut start = 0;
        for (group, end) in ends.into_iter().enumerate() {
            let members = &members[start..end];
            start = end;
            links.clear();
            for &vertex in members {
                for (target, weight) in self.row(vertex) {
                    links.add(groups[target as usize], weight);
                }
            }
            let others = links.found.iter().filter(|&&other| other as usize != group);
            smaller.push(others.map(|&other| (other, links.to(other))));
            let strengths = members.iter().map(|&vertex| self.strengths[vertex]);
            smaller.strengths.push(strengths.sum());
        }
        smaller
    }
}

/// How strongly something is linked to each of the groups it has found so far.
pub(super) struct Links {
    weights: Vec<f64>,
    /// The groups linked to, in the order they were found.
    pub(super) found: Vec<u32>,
}

impl Links {
    pub(super) fn new(groups: usize) -> Self {
        Self {
            weights: vec![0.0; groups],
            found: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        for group in self.found.drain(..) {
            self.weights[group as usize] = 0.0;
        }
    }

    /// Adds a link of a weight above 0.
    pub(super) fn add(&mut self, group: u32, weight: f64) {
        let sum = &mut self.weights[group as usize];
        if *sum == 0.0 {
            self.found.push(group);
        }
        *sum += weight;
    }

    pub(super) fn to(&self, group: u32) -> f64 {
        self.weights[group as usize]
    }
}

/// Renumbers groups from 0 without gaps, in order of their first member; how many there are.
pub(super) fn compact(groups: &mut [u32]) -> usize {
    let largest = groups.iter().copied().max().map_or(0, |g| g as usize + 1);
    let mut number = vec![None; largest];
    let mut count = 0;
    for group in groups {
        let number = number[*group as usize].get_or_insert_with(|| {
            count += 1;
            count - 1
        });
        *group = *number;
    }
    count as usize
}

/// Members of each of `count` groups.
pub(super) fn sizes(groups: &[u32], count: usize) -> Vec<usize> {
    let mut sizes = vec![0; count];
    groups.iter().for_each(|&group| sizes[group as usize] += 1);
    sizes
}

/// The sum of the strengths of each of `count` groups.
pub(super) fn strengths(network: &Network, groups: &[u32], count: usize) -> Vec<f64> {
    let mut sums = vec![0.0; count];
    for (&group, strength) in groups.iter().zip(&network.strengths) {
        sums[group as usize] += strength;
    }
    sums
}
