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
    let mut moved = vec![[0.0; 2]; positions.len()];
    for epoch in 0..epochs {
        let rate = spec.learning_rate * (1.0 - epoch as f32 / epochs as f32);
        for half in 0..2 {
            cancel.check()?;
            let step = 2 * epoch as u64 + half;
            let now: &[[f32; 2]] = positions;
            moved.par_chunks_mut(CHUNK).enumerate().for_each_init(
                Plan::default,
                |plan, (chunk, moved)| {
                    forces.move_all(chunk * CHUNK, now, step, rate, plan, moved);
                },
            );
            positions.copy_from_slice(&moved);
        }
        let done = epoch + 1;
        if done % epochs.div_ceil(FRAMES) == 0 || done == epochs {
            show(done, positions);
        }
    }
    Ok(())
}

/// Samples of one task.
const CHUNK: usize = 128;

/// Samples that move side by side. Each move of a sample waits for its last one, and a processor has time for others until that is done.
const ABREAST: usize = 4;

/// What moves the samples of a chunk in half an epoch.
#[derive(Default)]
struct Plan {
    moves: Vec<Move>,
    /// Where those of every sample end.
    ends: Vec<usize>,
    /// Edges that are drawn: their targets, and whether pushes come with them.
    drawn: Vec<(u32, bool)>,
}

/// A pull or a push.
#[derive(Clone, Copy, Default)]
struct Move {
    /// The sample that pulls or pushes.
    other: u32,
    /// Where its table begins.
    table: u32,
    /// How much of the force counts.
    part: f32,
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
    /// For pulls, and behind them for pushes.
    tables: Tables,
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
            tables: Tables::new([
                &|x| -2.0 * a * b * x.powf(b - 1.0) / (1.0 + a * x.powf(b)),
                &|x| 2.0 * b / ((0.001 + x) * (1.0 + a * x.powf(b))),
            ]),
            negative_samples: spec.negative_samples,
            seed: mix(spec.seed),
        }
    }

    /// Adds what moves a sample in this half of an epoch to a plan.
    fn plan(&self, sample: usize, samples: usize, step: u64, rate: f32, plan: &mut Plan) {
        plan.drawn.clear();
        for edge in &self.edges[self.starts[sample]..self.starts[sample + 1]] {
            let rate = u64::from(edge.rate);
            let drawn = ((step + 1) * rate) >> 31;
            if drawn != (step * rate) >> 31 {
                // Every second draw counts as this end's own, and comes with pushes.
                plan.drawn.push((edge.target, !drawn.is_multiple_of(2)));
            }
        }
        let mut random = mix(self.seed ^ mix((step << 32) | sample as u64));
        for &(other, pushes) in &plan.drawn {
            plan.moves.push(Move {
                other,
                table: Tables::PULL,
                part: rate,
            });
            let pushes = if pushes { self.negative_samples } else { 0 };
            for _ in 0..pushes {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let other = ((random >> 32) * samples as u64) >> 32;
                plan.moves.push(Move {
                    other: other as u32,
                    table: Tables::PUSH,
                    // A sample is not pushed away from itself.
                    part: if other == sample as u64 { 0.0 } else { rate },
                });
            }
        }
        plan.ends.push(plan.moves.len());
    }

    /// Where samples from `first` on go in this half of an epoch, given where all are `now`.
    fn move_all(
        &self,
        first: usize,
        now: &[[f32; 2]],
        step: u64,
        rate: f32,
        plan: &mut Plan,
        moved: &mut [[f32; 2]],
    ) {
        plan.moves.clear();
        plan.ends.clear();
        for sample in first..first + moved.len() {
            self.plan(sample, now.len(), step, rate, plan);
        }
        let Plan { moves, ends, .. } = plan;
        let begin = |sample: usize| Lane {
            sample,
            at: sample.checked_sub(1).map_or(0, |before| ends[before]),
            end: ends[sample],
            own: now[first + sample],
        };
        let mut waiting = (0..moved.len()).map(begin);
        let mut lanes: Vec<Lane> = waiting.by_ref().take(ABREAST).collect();
        // As long as there is one for every lane: whoever is done makes room for the next.
        'all: while let [a, b, c, d] = lanes.as_mut_slice() {
            let lanes = [a, b, c, d];
            let left = lanes.iter().map(|lane| lane.end - lane.at);
            let shortest = left.min().unwrap_or(0);
            let plans = lanes
                .each_ref()
                .map(|lane| &moves[lane.at..lane.at + shortest]);
            let mut own = lanes.each_ref().map(|lane| lane.own);
            for at in 0..shortest {
                for (own, plan) in own.iter_mut().zip(&plans) {
                    *own = self.tables.after(*own, plan[at], now);
                }
            }
            for lane in 0..ABREAST {
                lanes[lane].own = own[lane];
                lanes[lane].at += shortest;
            }
            for lane in lanes {
                if lane.at == lane.end {
                    moved[lane.sample] = lane.own;
                    match waiting.next() {
                        Some(next) => *lane = next,
                        None => break 'all,
                    }
                }
            }
        }
        for lane in lanes {
            let rest = moves[lane.at..lane.end].iter();
            moved[lane.sample] = rest.fold(lane.own, |own, one| self.tables.after(own, *one, now));
        }
    }
}

/// A sample on its way.
#[derive(Clone, Copy)]
struct Lane {
    sample: usize,
    /// Its next move, and the end of its moves.
    at: usize,
    end: usize,
    /// Where it is.
    own: [f32; 2],
}

/// Two functions of a squared distance, tabulated over its floating-point bits (32 steps for each
/// doubling) with straight lines in between: relative error below 0.03 %, much faster than powers.
struct Tables(Vec<[f32; 2]>);

impl Tables {
    /// Where the table of each begins.
    const PULL: u32 = 0;
    const PUSH: u32 = Self::LAST - Self::FIRST + 1;

    /// The mantissa bits within one step.
    const FINE: u32 = 18;
    /// The table runs from 2^-40 to 2^24, far beyond any picture; the ends are used outside.
    const FIRST: u32 = (127 - 40) << 5;
    const LAST: u32 = (127 + 24) << 5;

    fn new(values: [&dyn Fn(f64) -> f64; 2]) -> Self {
        let steps = values.into_iter().flat_map(|value| {
            let at = move |step: u32| value(f64::from(f32::from_bits(step << Self::FINE)));
            (Self::FIRST..=Self::LAST).map(move |step| {
                let (here, next) = (at(step), at(step + 1));
                [here as f32, (next - here) as f32]
            })
        });
        Self(steps.collect())
    }

    /// Where a sample is after a move.
    #[inline]
    fn after(&self, own: [f32; 2], one: Move, now: &[[f32; 2]]) -> [f32; 2] {
        let force = self.force(one.table, own, now[one.other as usize]);
        [own[0] + one.part * force[0], own[1] + one.part * force[1]]
    }

    /// The force on `own`, along the line from `other`, with each component limited.
    #[inline]
    fn force(&self, table: u32, own: [f32; 2], other: [f32; 2]) -> [f32; 2] {
        let (x, y) = (own[0] - other[0], own[1] - other[1]);
        let bits = (x * x + y * y).to_bits();
        let step = (bits >> Self::FINE).clamp(Self::FIRST, Self::LAST) - Self::FIRST;
        let part = (bits & ((1 << Self::FINE) - 1)) as f32 / (1 << Self::FINE) as f32;
        let [value, slope] = self.0[(table + step) as usize];
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
        let table = Tables::new([&curve, &|_| 0.0]);
        for i in 1..4_000 {
            let x = (i as f32 * 0.01).powi(2);
            let got = table.force(Tables::PULL, [x.sqrt(), 0.0], [0.0, 0.0])[0];
            let expected = (curve(f64::from(x)) as f32 * x.sqrt()).min(LONGEST);
            assert!(
                (got - expected).abs() < 1e-3 * expected,
                "{x}: {got}, not {expected}"
            );
        }
    }

    #[test]
    fn no_distance_breaks_the_table() {
        let table = Tables::new([&|_| 0.0, &|x| 1.0 / x]);
        for x in [0.0, 1e-30, 1e30, f32::MAX] {
            let force = table.force(Tables::PUSH, [x, 0.0], [0.0, 0.0]);
            assert!(force[0].is_finite(), "{x}");
        }
        table.force(Tables::PUSH, [f32::NAN, f32::INFINITY], [0.0, 0.0]);
    }
}
