//! Refinement: each group is taken apart into parts that are well connected.

use super::network::{Links, Network, strengths};
use crate::job::{CancelToken, Cancelled};
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

/// Vertices between two looks at the cancel token.
const STEP: usize = 1_024;

/// The part of every vertex: of the vertices of a group, each starts alone; in random order those still alone
/// join the part of their group where they add most to the modularity, if they add any. A vertex joins, and a part is
/// joined, only if it is linked to the rest of its group at least as strongly as chance would have it.
///
/// As in leidenalg, the best part is taken; the article draws among those that gain.
pub(super) fn parts(
    network: &Network,
    groups: &[u32],
    resolution: f64,
    rng: &mut ChaCha8Rng,
    cancel: &CancelToken,
) -> Result<Vec<u32>, Cancelled> {
    let vertices = network.vertices();
    let penalty = network.penalty(resolution);
    let of_groups = strengths(network, groups, vertices);
    let mut parts: Vec<u32> = (0..vertices as u32).collect();
    let mut sizes = vec![1_usize; vertices];
    let mut of_parts = network.strengths.clone();
    // How strongly each part is linked to the rest of its group.
    let mut outward: Vec<f64> = (0..vertices)
        .map(|vertex| {
            let row = network.row(vertex);
            let own = row.filter(|&(target, _)| groups[target as usize] == groups[vertex]);
            own.map(|(_, weight)| weight).sum()
        })
        .collect();
    let mut order: Vec<usize> = (0..vertices).collect();
    order.shuffle(rng);
    let mut links = Links::new(vertices);
    for (step, vertex) in order.into_iter().enumerate() {
        if step.is_multiple_of(STEP) {
            cancel.check()?;
        }
        if sizes[vertex] > 1 || parts[vertex] as usize != vertex {
            continue;
        }
        let of_group = of_groups[groups[vertex] as usize];
        let well_connected =
            |strength: f64, outward: f64| outward >= penalty * strength * (of_group - strength);
        let strength = network.strengths[vertex];
        if !well_connected(strength, outward[vertex]) {
            continue;
        }
        links.clear();
        for (target, weight) in network.row(vertex) {
            if groups[target as usize] == groups[vertex] {
                links.add(parts[target as usize], weight);
            }
        }
        let mut best = None;
        let mut highest = 0.0;
        for &part in &links.found {
            let at = part as usize;
            let gain = links.to(part) - penalty * strength * of_parts[at];
            if gain > highest && well_connected(of_parts[at], outward[at]) {
                (best, highest) = (Some(part), gain);
            }
        }
        if let Some(part) = best {
            let at = part as usize;
            parts[vertex] = part;
            sizes[vertex] = 0;
            sizes[at] += 1;
            of_parts[at] += strength;
            outward[at] += outward[vertex] - 2.0 * links.to(part);
        }
    }
    Ok(parts)
}
