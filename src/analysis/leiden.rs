//! Leiden clustering of graphs (Traag, Waltman & van Eck 2019): groups of samples that are joined more
//! strongly than chance would join them.
//!
//! Every round moves vertices between groups (`moving`), splits each group into well-connected parts
//! (`refinement`), and makes every part one vertex of a smaller graph (`network`), on which it goes on.
//! What is maximised is modularity with a resolution `r` (Reichardt & Bornholdt 2006), as
//! `RBConfigurationVertexPartition` of leidenalg has it: the sum over groups of
//! `w / W - r (s / W)^2`, where `w` are the weights within the group, both ways, `s` the
//! weights of all edges of its samples, and `W` the weights of all edges, both ways.

mod exactly;
mod moving;
mod network;
mod refinement;

pub use exactly::leiden_k;

use super::graph::Graph;
use crate::job::{CancelToken, Cancelled};
use network::{Network, compact};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// How to cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeidenSpec {
    /// Above 0; the higher, the more and smaller clusters. 1 is the modularity of Newman & Girvan (2004).
    pub resolution: f64,
    /// Most passes over the whole graph, each from what the last one found; it ends when one gains
    /// nothing.
    pub iterations: usize,
    /// Seed of the orders in which samples are visited.
    pub seed: u64,
}

impl LeidenSpec {
    /// At most 10 iterations.
    pub fn new(resolution: f64, seed: u64) -> Self {
        Self {
            resolution,
            iterations: 10,
            seed,
        }
    }
}

/// A clustering of a graph's samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// The cluster of every sample; numbers from 0 without gaps, the largest cluster first.
    pub labels: Vec<u32>,
    /// How many clusters there are, none of them empty.
    pub clusters: usize,
    /// The resolution they were found at.
    pub resolution: f64,
    /// Their [`modularity`] at this resolution.
    pub modularity: f64,
}

impl Partition {
    fn new(graph: &Graph, mut labels: Vec<u32>, resolution: f64) -> Self {
        let clusters = compact(&mut labels);
        let mut sizes = vec![0_usize; clusters];
        labels.iter().for_each(|&label| sizes[label as usize] += 1);
        let mut largest_first: Vec<usize> = (0..clusters).collect();
        largest_first.sort_by_key(|&label| std::cmp::Reverse(sizes[label]));
        let mut number = vec![0; clusters];
        for (&label, new) in largest_first.iter().zip(0..) {
            number[label] = new;
        }
        for label in &mut labels {
            *label = number[*label as usize];
        }
        Self {
            modularity: modularity(graph, &labels, resolution),
            labels,
            clusters,
            resolution,
        }
    }
}

/// Clusters the samples of a graph. A sample without edges is a cluster of its own. Sequential, so the
/// result depends on the seed alone. A resolution that is not a number or not above 0 counts as 0: then
/// the connected pieces are the clusters.
///
/// # Errors
/// When cancelled.
pub fn leiden(
    graph: &Graph,
    spec: &LeidenSpec,
    cancel: &CancelToken,
) -> Result<Partition, Cancelled> {
    let network = Network::new(graph);
    optimise(graph, &network, spec, cancel)
}

/// [`leiden`] with the network of the graph at hand.
fn optimise(
    graph: &Graph,
    network: &Network,
    spec: &LeidenSpec,
    cancel: &CancelToken,
) -> Result<Partition, Cancelled> {
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    let resolution = if spec.resolution > 0.0 {
        spec.resolution
    } else {
        0.0
    };
    let alone = (0..graph.samples() as u32).collect();
    let mut best = Partition::new(graph, alone, resolution);
    for _ in 0..spec.iterations.max(1) {
        let labels = pass(network, best.labels.clone(), resolution, &mut rng, cancel)?;
        let found = Partition::new(graph, labels, resolution);
        let gain = found.modularity - best.modularity;
        if gain > 0.0 {
            best = found;
        }
        if gain < SMALLEST_GAIN {
            break;
        }
    }
    Ok(best)
}

/// A pass that gains less modularity is the last.
const SMALLEST_GAIN: f64 = 1e-9;

/// One pass from the given groups, down to a graph whose every vertex is a group.
fn pass(
    samples: &Network,
    mut groups: Vec<u32>,
    resolution: f64,
    rng: &mut ChaCha8Rng,
    cancel: &CancelToken,
) -> Result<Vec<u32>, Cancelled> {
    let mut vertex_of: Vec<u32> = (0..samples.vertices() as u32).collect();
    let mut aggregated = None;
    loop {
        let network = aggregated.as_ref().unwrap_or(samples);
        moving::improve(network, &mut groups, resolution, rng, cancel)?;
        let count = compact(&mut groups);
        let mut parts = refinement::parts(network, &groups, resolution, rng, cancel)?;
        let smaller = compact(&mut parts);
        if count == network.vertices() || smaller == network.vertices() {
            return Ok(vertex_of.iter().map(|&v| groups[v as usize]).collect());
        }
        let next = network.aggregate(&parts, smaller);
        let mut groups_of_parts = vec![0; smaller];
        for (&part, &group) in parts.iter().zip(&groups) {
            groups_of_parts[part as usize] = group;
        }
        for vertex in &mut vertex_of {
            *vertex = parts[*vertex as usize];
        }
        groups = groups_of_parts;
        aggregated = Some(next);
    }
}

/// How much more strongly the samples of each cluster are joined than chance would join them, at most 1;
/// 0 for a graph without edges. `labels` has one number a sample; those that are missing are in no cluster.
pub fn modularity(graph: &Graph, labels: &[u32], resolution: f64) -> f64 {
    let largest = labels.iter().copied().max().unwrap_or(0) as usize;
    let (mut within, mut strengths, mut total) = (0.0, vec![0.0; largest + 1], 0.0);
    for sample in 0..graph.samples() {
        let (targets, weights) = graph.row(sample);
        for (&target, &weight) in targets.iter().zip(weights) {
            let weight = f64::from(weight);
            total += weight;
            let (label, other) = (labels.get(sample), labels.get(target as usize));
            if let Some(&label) = label {
                strengths[label as usize] += weight;
                if Some(&label) == other {
                    within += weight;
                }
            }
        }
    }
    if total == 0.0 {
        return 0.0;
    }
    let chance: f64 = strengths.iter().map(|s| (s / total).powi(2)).sum();
    within / total - resolution * chance
}

#[cfg(test)]
mod tests;
