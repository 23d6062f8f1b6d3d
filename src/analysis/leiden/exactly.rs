//! Leiden with a given number of clusters.

use super::{
    LeidenSpec, Partition,
    network::{Network, compact},
    optimise,
};
use crate::{
    analysis::graph::Graph,
    job::{CancelToken, Cancelled},
};

/// Most resolutions that are tried.
const TRIES: usize = 40;

/// Resolutions whose ratio is nearer to 1 than this are not told apart.
const CLOSE: f64 = 1e-3;

/// Clusters the samples of a graph into exactly `clusters` clusters (0 counts as 1), or every sample by itself where
/// there are fewer samples than that. No cluster is empty.
///
/// The resolution is doubled or halved from 1 on and then bisected (in its logarithm) until [`leiden`](super::leiden)
/// finds that many. Where none gives them, the smallest number above is taken, and the two clusters whose union costs
/// the least modularity are joined, again and again. Connected pieces of the graph, where they are more than the clusters,
/// are joined in the same way.
///
/// A sample without edges joins the largest cluster, for nothing tells where it belongs; only if fewer samples
/// have edges than there shall be clusters, some of the others are clusters by themselves.
///
/// # Errors
/// When cancelled.
pub fn leiden_k(
    graph: &Graph,
    clusters: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Partition, Cancelled> {
    let samples = graph.samples();
    let (joined, apart): (Vec<u32>, Vec<u32>) =
        (0..samples as u32).partition(|&sample| !graph.row(sample as usize).0.is_empty());
    let clusters = clusters.max(1).min(samples);
    let mut labels = vec![0; samples];
    let within = clusters.min(joined.len());
    let mut resolution = 1.0;
    if within > 0 {
        let part = graph.part(&joined);
        let found = search(&part, within, seed, cancel)?;
        resolution = found.resolution;
        for (&sample, label) in joined.iter().zip(found.labels) {
            labels[sample as usize] = label;
        }
    }
    for (&sample, label) in apart.iter().zip(within..clusters) {
        labels[sample as usize] = label as u32;
    }
    Ok(Partition::new(graph, labels, resolution))
}

/// [`leiden_k`] where every sample has an edge, and `1 <= clusters <= n`.
fn search(
    graph: &Graph,
    clusters: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Partition, Cancelled> {
    let network = Network::new(graph);
    let mut above = pieces(graph);
    if above.clusters < clusters {
        // As the resolution falls only the pieces are left; as it rises, every sample by itself.
        above = Partition::new(graph, (0..graph.samples() as u32).collect(), 1.0);
        let (mut low, mut high) = (None::<f64>, None::<f64>);
        let mut resolution = 1.0;
        for _ in 0..TRIES {
            let spec = LeidenSpec::new(resolution, seed);
            let found = optimise(graph, &network, &spec, cancel)?;
            if found.clusters < clusters {
                low = Some(resolution);
            } else {
                high = Some(resolution);
                if found.clusters <= above.clusters {
                    above = found;
                }
            }
            if above.clusters == clusters {
                break;
            }
            resolution = match (low, high) {
                (Some(low), None) => low * 2.0,
                (None, Some(high)) => high / 2.0,
                (Some(low), Some(high)) if high / low > 1.0 + CLOSE => (low * high).sqrt(),
                _ => break,
            };
        }
    }
    if above.clusters == clusters {
        return Ok(above);
    }
    let mut labels = above.labels;
    join(&network, &mut labels, clusters, above.resolution, cancel)?;
    Ok(Partition::new(graph, labels, above.resolution))
}

/// The connected pieces as clusters.
fn pieces(graph: &Graph) -> Partition {
    let mut labels = vec![0; graph.samples()];
    for (piece, label) in graph.components().iter().zip(0..) {
        piece
            .iter()
            .for_each(|&sample| labels[sample as usize] = label);
    }
    Partition::new(graph, labels, 1.0)
}

/// Joins pairs of groups until there are `wanted`, each time the pair whose union costs the least modularity.
fn join(
    network: &Network,
    groups: &mut [u32],
    wanted: usize,
    resolution: f64,
    cancel: &CancelToken,
) -> Result<(), Cancelled> {
    let count = compact(groups);
    let mut network = network.aggregate(groups, count);
    while network.vertices() > wanted.max(1) {
        cancel.check()?;
        let penalty = network.penalty(resolution);
        let strengths = &network.strengths;
        // Of two groups that nothing links, the weakest cost the least.
        let mut weakest: Vec<u32> = (0..network.vertices() as u32).collect();
        let weaker = |&a: &u32, &b: &u32| {
            let (x, y) = (strengths[a as usize], strengths[b as usize]);
            x.total_cmp(&y).then(a.cmp(&b))
        };
        weakest.select_nth_unstable_by(1, weaker);
        let unlinked = (weakest[0], weakest[1], 0.0);
        let linked = (0..network.vertices() as u32).flat_map(|a| {
            let row = network.row(a as usize);
            row.filter(move |&(b, _)| a < b)
                .map(move |(b, weight)| (a, b, weight))
        });
        let gain = |(a, b, weight): (u32, u32, f64)| {
            weight - penalty * strengths[a as usize] * strengths[b as usize]
        };
        let (mut best, mut highest) = (unlinked, gain(unlinked));
        for pair in linked {
            if gain(pair) > highest {
                (best, highest) = (pair, gain(pair));
            }
        }
        let (kept, gone, _) = best;
        let number = |vertex: u32| match vertex {
            vertex if vertex == gone => kept,
            vertex => vertex,
        };
        let mut union: Vec<u32> = (0..network.vertices() as u32).map(number).collect();
        let count = compact(&mut union);
        groups
            .iter_mut()
            .for_each(|group| *group = union[*group as usize]);
        network = network.aggregate(&union, count);
    }
    Ok(())
}
