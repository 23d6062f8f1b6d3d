//! The layout: stochastic gradient descent with negative sampling on umap-learn's schedule.
//!
//! In umap-learn every edge drawn moves both its ends at once, one edge after the other. Here each
//! sample moves itself only, pulled by its edges twice as often instead, so that the forces are the
//! same in the mean. In each half of an epoch all samples move in parallel, each through its own pulls
//! and pushes one after the other, seeing the others where they were when the half began: the result
//! does not depend on the number of threads. Two things matter for the picture: both pulls of an edge
//! must not follow each other at once, and pushes must be taken one by one, for in the dense start
//! several at once throw samples far out.

use super::{UmapError, UmapFrame, UmapSpec, curve::Curve, start};
use crate::{analysis::graph::Graph, job::CancelToken};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// Frames shown of one layout, about.
const FRAMES: usize = 100;

/// Longest component of one pull or push, before the learning rate.
const LONGEST: f32 = 4.0;

/// Moves `positions` through all epochs. With an `orientation` they are turned to match it whenever
/// they are shown: the forces look the same from every side, but push the whole picture round.
pub(super) fn run(
    positions: &mut [[f32; 2]],
    graph: &Graph,
    spec: &UmapSpec,
    curve: Curve,
    orientation: Option<ArrayView2<'_, f32>>,
    cancel: &CancelToken,
    on_frame: &mut dyn FnMut(UmapFrame<'_>),
) -> Result<(), UmapError> {
    let epochs = spec.epochs_for(positions.len());
    let forces = Forces::new(graph, spec, curve, epochs);
    let mut show = |epoch: usize, positions: &mut [[f32; 2]]| {
        if let Some(reference) = orientation {
            start::orient(positions, reference);
        }
        let shape = (positions.len(), 2);
        if let Ok(coordinates) = ArrayView2::from_shape(shape, positions.as_flattened()) {
            on_frame(UmapFrame {
                epoch,
                epochs,
                coordinates,
            });
        }
    };
    show(0, positions);
    let mut moved = Vec::new();
    for epoch in 0..epochs {
        let rate = spec.learning_rate * (1.0 - epoch as f32 / epochs as f32);
        for half in 0..2 {
            cancel.check()?;
            let step = 2 * epoch as u64 + half;
            let now: &[[f32; 2]] = positions;
            (0..now.len())
                .into_par_iter()
                .with_min_len(128)
                .map(|sample| forces.moved(sample, now, step, rate))
                .collect_into_vec(&mut moved);
            positions.copy_from_slice(&moved);
        }
        let done = epoch + 1;
        if done % epochs.div_ceil(FRAMES) == 0 || done == epochs {
            show(done, positions);
        }
    }
    Ok(())
}

/// An edge as seen from one of its ends.
#[derive(Clone, Copy)]
struct Edge {
    target: u32,
    /// How often it is drawn in half an epoch, at most once, as a fraction of 2^31.
    rate: u32,
}

/// Everything that moves samples and does not change.
struct Forces {
    starts: Vec<usize>,
    edges: Vec<Edge>,
    pull: Table,
    push: Table,
    negative_samples: usize,
    seed: u64,
}

impl Forces {
    fn new(graph: &Graph, spec: &UmapSpec, Curve { a, b }: Curve, epochs: usize) -> Self {
        let largest = f64::from(graph.largest_weight());
        let mut starts = vec![0];
        let mut edges = Vec::new();
        for sample in 0..graph.samples() {
            let (targets, weights) = graph.row(sample);
            for (&target, &weight) in targets.iter().zip(weights) {
                let rate = f64::from(weight) / largest;
                // Edges that would never be drawn.
                if rate * epochs as f64 >= 1.0 {
                    let rate = (rate * (1u64 << 31) as f64) as u32;
                    edges.push(Edge { target, rate });
                }
            }
            starts.push(edges.len());
        }
        Self {
            starts,
            edges,
            // Gradients of the cross-entropy, for the squared distance x.
            pull: Table::new(|x| -2.0 * a * b * x.powf(b - 1.0) / (1.0 + a * x.powf(b))),
            push: Table::new(|x| 2.0 * b / ((0.001 + x) * (1.0 + a * x.powf(b)))),
            negative_samples: spec.negative_samples,
            seed: mix(spec.seed),
        }
    }

    /// Where `sample` goes in this half of an epoch, given where all are `now`.
    fn moved(&self, sample: usize, now: &[[f32; 2]], step: u64, rate: f32) -> [f32; 2] {
        let mut own = now[sample];
        let mut random = mix(self.seed ^ mix((step << 32) | sample as u64));
        for edge in &self.edges[self.starts[sample]..self.starts[sample + 1]] {
            let drawn = ((step + 1) * u64::from(edge.rate)) >> 31;
            if drawn == (step * u64::from(edge.rate)) >> 31 {
                continue;
            }
            let pull = self.pull.force(own, now[edge.target as usize]);
            own = [own[0] + rate * pull[0], own[1] + rate * pull[1]];
            // Every second draw counts as this end's own, and comes with pushes.
            if drawn.is_multiple_of(2) {
                continue;
            }
            for _ in 0..self.negative_samples {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let other = ((random >> 32) * now.len() as u64) >> 32;
                let push = self.push.force(own, now[other as usize]);
                // A sample is not pushed away from itself.
                let part = if other == sample as u64 { 0.0 } else { rate };
                own = [own[0] + part * push[0], own[1] + part * push[1]];
            }
        }
        own
    }
}

/// A function of a squared distance, tabulated over its floating-point bits (32 steps for each
/// doubling) with straight lines in between: relative error below 0.03 %, much faster than powers.
struct Table(Vec<[f32; 2]>);

impl Table {
    /// The mantissa bits within one step.
    const FINE: u32 = 18;
    /// The table runs from 2^-40 to 2^24, far beyond any picture; the ends are used outside.
    const FIRST: u32 = (127 - 40) << 5;
    const LAST: u32 = (127 + 24) << 5;

    fn new(value: impl Fn(f64) -> f64) -> Self {
        let at = |step: u32| value(f64::from(f32::from_bits(step << Self::FINE)));
        let steps = (Self::FIRST..=Self::LAST).map(|step| {
            let (here, next) = (at(step), at(step + 1));
            [here as f32, (next - here) as f32]
        });
        Self(steps.collect())
    }

    /// The force on `own`, along the line from `other`, with each component limited.
    #[inline]
    fn force(&self, own: [f32; 2], other: [f32; 2]) -> [f32; 2] {
        let (x, y) = (own[0] - other[0], own[1] - other[1]);
        let bits = (x * x + y * y).to_bits();
        let step = (bits >> Self::FINE).clamp(Self::FIRST, Self::LAST) - Self::FIRST;
        let part = (bits & ((1 << Self::FINE) - 1)) as f32 / (1 << Self::FINE) as f32;
        let [value, slope] = self.0[step as usize];
        let strength = value + part * slope;
        [
            (strength * x).clamp(-LONGEST, LONGEST),
            (strength * y).clamp(-LONGEST, LONGEST),
        ]
    }
}

/// Scrambles a number (the finaliser of SplitMix64, Steele, Lea & Flood 2014).
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_the_function() {
        let curve = |x: f64| 1.8 / ((0.001 + x) * (1.0 + 1.6 * x.powf(0.9)));
        let table = Table::new(curve);
        for i in 1..4_000 {
            let x = (i as f32 * 0.01).powi(2);
            let got = table.force([x.sqrt(), 0.0], [0.0, 0.0])[0];
            let expected = (curve(f64::from(x)) as f32 * x.sqrt()).min(LONGEST);
            assert!(
                (got - expected).abs() < 1e-3 * expected,
                "{x}: {got}, not {expected}"
            );
        }
    }

    #[test]
    fn no_distance_breaks_the_table() {
        let table = Table::new(|x| 1.0 / x);
        for x in [0.0, 1e-30, 1e30, f32::MAX] {
            let force = table.force([x, 0.0], [0.0, 0.0]);
            assert!(force[0].is_finite(), "{x}");
        }
        table.force([f32::NAN, f32::INFINITY], [0.0, 0.0]);
    }
}
