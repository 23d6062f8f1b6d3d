//! How the samples are shared out: in lanes of consecutive samples, each with sums of its own.
//!
//! The number of lanes follows from the number of samples alone, and their sums are added up in the
//! order of the lanes. So the result has the same bits whatever the number of threads.

use std::ops::Range;

use rayon::prelude::*;

use super::{fusion::FusionScratch, plan::Plan, products::WIDTH};

/// Samples that pass through a block at a time: their hidden units stay in the second cache.
pub(super) const BLOCK: usize = 2 * WIDTH;

/// Blocks of samples that are worth a lane, and lanes at the most.
const BLOCKS_A_LANE: usize = 16;
const MOST_LANES: usize = 48;

/// Bytes that the sums of all lanes may take, where there are many features.
const SUMS_MEMORY: usize = 512 << 20;

/// Values of one task when sums are added up.
const PIECE: usize = 1 << 12;

/// One lane's sums and working memory.
pub(super) struct Lane {
    pub loss: f64,
    pub sums: Vec<f32>,
    pub scratch: Scratch,
}

/// Working memory for one block of samples.
pub(super) struct Scratch {
    /// Data read from disk, if they are there.
    pub data: Vec<f32>,
    /// Hidden units of two networks, and their gradient.
    pub hidden: [Vec<f32>; 2],
    pub d_hidden: Vec<f32>,
    /// Outputs of two networks, then their gradient.
    pub output: [Vec<f32>; 2],
    pub ones: Vec<f32>,
    pub fusion: FusionScratch,
    /// Gradient of a panel of tokens.
    pub d_tokens: Vec<f32>,
    /// The same for one block, sample by sample, for every modality.
    pub d_rows: Vec<Vec<f32>>,
}

/// Lanes for some samples.
pub(super) struct Lanes {
    samples: usize,
    each: usize,
    most: usize,
    lanes: Vec<Lane>,
    /// The lanes' sums added up.
    pub totals: Vec<f32>,
}

/// Rows of one lane.
pub(super) struct Rows {
    first: usize,
    end: usize,
}

impl Rows {
    /// The blocks: their samples, counted from the first of the lane, and the first of all.
    pub fn blocks(&self) -> impl Iterator<Item = (Range<usize>, usize)> + use<> {
        let (first, end) = (self.first, self.end);
        (first..end).step_by(BLOCK).map(move |start| {
            let stop = end.min(start + BLOCK);
            (start - first..stop - first, first)
        })
    }
}

impl Lanes {
    pub fn new(plan: &Plan, samples: usize) -> Self {
        let memory = plan.sums * size_of::<f32>();
        let mut lanes = Self {
            samples,
            each: 0,
            most: (SUMS_MEMORY / memory.max(1)).clamp(2, MOST_LANES),
            lanes: Vec::new(),
            totals: vec![0.0; plan.sums],
        };
        lanes.share_out(samples);
        lanes.lanes = (0..lanes.wanted(samples))
            .map(|_| Lane {
                loss: 0.0,
                sums: vec![0.0; plan.sums],
                scratch: Scratch::new(plan),
            })
            .collect();
        lanes
    }

    /// Shares out so many samples; not more than there were at first.
    pub fn share_out(&mut self, samples: usize) {
        let blocks = samples.div_ceil(BLOCK).max(1);
        self.samples = samples;
        self.each = blocks.div_ceil(self.wanted(samples)) * BLOCK;
    }

    /// Lanes for so many samples: never fewer for more samples.
    fn wanted(&self, samples: usize) -> usize {
        let blocks = samples.div_ceil(BLOCK).max(1);
        (blocks / BLOCKS_A_LANE).max(blocks.min(4)).min(self.most)
    }

    /// Lanes in use.
    fn count(&self) -> usize {
        self.samples.div_ceil(self.each).max(1)
    }

    /// Runs the lanes side by side, each with its rows and its part of `data` (`width` values a sample, whole
    /// panels), after its sums in `clear` were set to zero.
    pub fn run(
        &mut self,
        clear: &[Range<usize>],
        data: &mut [f32],
        width: usize,
        work: impl Fn(&mut Lane, Rows, &mut [f32]) + Sync,
    ) {
        let (samples, each, count) = (self.samples, self.each, self.count());
        self.lanes[..count]
            .par_iter_mut()
            .zip(data.par_chunks_mut(each * width))
            .enumerate()
            .for_each(|(index, (lane, data))| {
                lane.loss = 0.0;
                for range in clear {
                    lane.sums[range.clone()].fill(0.0);
                }
                let first = index * each;
                let end = samples.min(first + each);
                work(lane, Rows { first, end }, data);
            });
    }

    /// Adds up the lanes' sums in some ranges; the sum of their losses.
    pub fn add_up(&mut self, ranges: &[Range<usize>]) -> f64 {
        let count = self.count();
        let (lanes, totals) = (&self.lanes[..count], &mut self.totals);
        for range in ranges {
            totals[range.clone()]
                .par_chunks_mut(PIECE)
                .enumerate()
                .for_each(|(piece, totals)| {
                    totals.fill(0.0);
                    let start = range.start + piece * PIECE;
                    for lane in lanes.iter() {
                        for (total, x) in totals.iter_mut().zip(&lane.sums[start..]) {
                            *total += x;
                        }
                    }
                });
        }
        lanes.iter().map(|lane| lane.loss).sum()
    }
}

impl Scratch {
    fn new(plan: &Plan) -> Self {
        let (v, d) = (plan.spec.modalities(), plan.spec.embedding);
        let hidden = plan.encoders.first().map_or(0, |b| b.widths.padded);
        let widest = plan.spec.features.iter().copied().max().unwrap_or(0);
        let zeros = |width: usize| vec![0.0; BLOCK * width];
        Self {
            data: Vec::new(),
            hidden: [zeros(hidden), zeros(hidden)],
            d_hidden: zeros(hidden),
            output: [zeros(widest), zeros(widest)],
            ones: vec![1.0; BLOCK],
            fusion: FusionScratch::new(plan),
            d_tokens: vec![0.0; v * d * WIDTH],
            d_rows: vec![zeros(d); v],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NetworkSpec;

    #[test]
    fn fewer_samples_never_need_more_lanes() {
        let spec = NetworkSpec {
            features: vec![3],
            embedding: 2,
            hidden: 4,
            heads: 1,
            clusters: 2,
            alpha: 1.0,
        };
        let plan = Plan::new(spec);
        for most in [1, 64, 300, 3_000] {
            let mut lanes = Lanes::new(&plan, most);
            let there = lanes.lanes.len();
            for samples in 1..=most {
                lanes.share_out(samples);
                assert!(lanes.count() <= there, "{samples} of {most}");
                assert!(lanes.count() * lanes.each >= samples);
            }
        }
    }
}
