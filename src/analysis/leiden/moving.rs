//! Fast local moving: vertices go to the group where they add most to the modularity.

use super::network::{Links, Network, sizes, strengths};
use crate::job::{CancelToken, Cancelled};
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;
use std::collections::VecDeque;

/// Vertices between two looks at the cancel token.
const STEP: usize = 1_024;

/// Moves vertices until none gains by moving alone. Every vertex is looked at once in random order, and again
/// whenever a neighbour has left for a group other than its own.
pub(super) fn improve(
    network: &Network,
    groups: &mut [u32],
    resolution: f64,
    rng: &mut ChaCha8Rng,
    cancel: &CancelToken,
) -> Result<(), Cancelled> {
    let vertices = network.vertices();
    let penalty = network.penalty(resolution);
    let mut strengths = strengths(network, groups, vertices);
    let mut sizes = sizes(groups, vertices);
    let mut empty: Vec<u32> = (0..vertices as u32)
        .rev()
        .filter(|&group| sizes[group as usize] == 0)
        .collect();
    let mut order: Vec<u32> = (0..vertices as u32).collect();
    order.shuffle(rng);
    let mut queue = VecDeque::from(order);
    let mut waits = vec![true; vertices];
    let mut links = Links::new(vertices);
    let mut looked_at = 0_usize;
    while let Some(vertex) = queue.pop_front() {
        if looked_at.is_multiple_of(STEP) {
            cancel.check()?;
        }
        looked_at += 1;
        let vertex = vertex as usize;
        waits[vertex] = false;
        links.clear();
        for (target, weight) in network.row(vertex) {
            links.add(groups[target as usize], weight);
        }
        let (own, strength) = (groups[vertex], network.strengths[vertex]);
        strengths[own as usize] -= strength;
        let score = |group: u32| links.to(group) - penalty * strength * strengths[group as usize];
        // A move must gain more than rounding errors, or it could be undone and done for ever.
        let margin = 1e-10 * strength * (1.0 + resolution);
        let mut best = (own, score(own) + margin);
        for &group in &links.found {
            let score = score(group);
            if score > best.1 {
                best = (group, score);
            }
        }
        let to = match empty.last() {
            Some(&empty) if best.1 < 0.0 && sizes[own as usize] > 1 => empty,
            _ => best.0,
        };
        strengths[to as usize] += strength;
        if to == own {
            continue;
        }
        groups[vertex] = to;
        sizes[own as usize] -= 1;
        sizes[to as usize] += 1;
        if sizes[to as usize] == 1 {
            empty.pop();
        }
        if sizes[own as usize] == 0 {
            // Exactly, whatever rounding left behind.
            strengths[own as usize] = 0.0;
            empty.push(own);
        }
        for (target, _) in network.row(vertex) {
            let target = target as usize;
            if groups[target] != to && !std::mem::replace(&mut waits[target], true) {
                queue.push_back(target as u32);
            }
        }
    }
    Ok(())
}
