//! Where every tensor lies in the flat rows of numbers the engine works on.

use std::ops::Range;

use super::products::whole_panels;
use crate::model::{
    NetworkSpec, Weights, WeightsError,
    layout::{self, BLOCK_PARAMETERS, Slot},
};

/// Widths of a block: linear, norm, ReLU, linear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Widths {
    pub input: usize,
    pub hidden: usize,
    /// `hidden` in whole panels; the surplus units are always zero.
    pub padded: usize,
    pub output: usize,
}

/// A block's parameters, in PyTorch's orientation (`[out, in]`).
#[derive(Clone, Debug)]
pub(super) struct BlockPlan {
    pub widths: Widths,
    pub first: Range<usize>,
    pub first_bias: Range<usize>,
    pub scale: Range<usize>,
    pub shift: Range<usize>,
    pub second: Range<usize>,
    pub second_bias: Range<usize>,
    /// Running mean and variance, among the statistics.
    pub mean: Range<usize>,
    pub variance: Range<usize>,
    /// What a lane adds up over its samples, among its sums.
    pub sums: BlockSums,
}

/// A block's sums over samples: gradients of the layers as panels.
#[derive(Clone, Debug)]
pub(super) struct BlockSums {
    /// `input^T g`, `g` the gradient between norm and ReLU: panels of `input` rows.
    pub first: Range<usize>,
    /// Sum of `g`, one value a hidden unit.
    pub shift: Range<usize>,
    /// Gradient of the second layer, panels of `output` rows.
    pub second: Range<usize>,
    pub second_bias: Range<usize>,
}

impl BlockSums {
    /// All sums of the block.
    pub fn all(&self) -> Range<usize> {
        self.first.start..self.second_bias.end
    }
}

/// The parameters of attention and fusion layer, in this order.
#[derive(Clone, Debug)]
pub(super) struct FusionPlan {
    pub in_weight: Range<usize>,
    pub in_bias: Range<usize>,
    pub out_weight: Range<usize>,
    pub out_bias: Range<usize>,
    pub fuse_weight: Range<usize>,
    pub fuse_bias: Range<usize>,
    /// Their sums lie in the same order among the sums, from here on.
    pub sums: usize,
}

impl FusionPlan {
    pub fn all(&self) -> Range<usize> {
        self.in_weight.start..self.fuse_bias.end
    }
}

/// Positions of everything.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub spec: NetworkSpec,
    pub slots: Vec<Slot>,
    pub statistics: Vec<Slot>,
    /// Encoders, means, log variances.
    pub encoders: Vec<BlockPlan>,
    pub means: Vec<BlockPlan>,
    pub log_variances: Vec<BlockPlan>,
    pub fusion: FusionPlan,
    pub centres: Range<usize>,
    /// Sums of the centres' gradient.
    pub centre_sums: Range<usize>,
    /// Sums of a lane in all.
    pub sums: usize,
}

impl Plan {
    pub fn new(spec: NetworkSpec) -> Self {
        let slots = layout::parameters(&spec);
        let statistics = layout::statistics(&spec);
        let at = positions(&slots);
        let statistics_at = positions(&statistics);
        let modalities = spec.modalities();
        let mut sums = 0;
        let mut next = |count: usize| {
            let start = sums;
            sums += count;
            start..sums
        };
        let mut blocks: Vec<BlockPlan> = (0..3 * modalities)
            .map(|k| {
                let tensors = &at[k * BLOCK_PARAMETERS..(k + 1) * BLOCK_PARAMETERS];
                let shape = &slots[k * BLOCK_PARAMETERS].shape;
                let output = slots[k * BLOCK_PARAMETERS + 4].shape[0];
                let widths = Widths {
                    input: shape[1],
                    hidden: shape[0],
                    padded: whole_panels(shape[0]),
                    output,
                };
                BlockPlan {
                    first: tensors[0].clone(),
                    first_bias: tensors[1].clone(),
                    scale: tensors[2].clone(),
                    shift: tensors[3].clone(),
                    second: tensors[4].clone(),
                    second_bias: tensors[5].clone(),
                    mean: statistics_at[2 * k].clone(),
                    variance: statistics_at[2 * k + 1].clone(),
                    sums: BlockSums {
                        first: next(widths.input * widths.padded),
                        shift: next(widths.padded),
                        second: next(widths.output * widths.padded),
                        second_bias: next(widths.output),
                    },
                    widths,
                }
            })
            .collect();
        let rest = &at[3 * modalities * BLOCK_PARAMETERS..];
        let fusion = FusionPlan {
            in_weight: rest[0].clone(),
            in_bias: rest[1].clone(),
            out_weight: rest[2].clone(),
            out_bias: rest[3].clone(),
            fuse_weight: rest[4].clone(),
            fuse_bias: rest[5].clone(),
            sums: next(rest[5].end - rest[0].start).start,
        };
        let centres = rest[6].clone();
        let centre_sums = next(centres.len());
        let log_variances = blocks.split_off(2 * modalities);
        let means = blocks.split_off(modalities);
        Self {
            spec,
            slots,
            statistics,
            encoders: blocks,
            means,
            log_variances,
            fusion,
            centres,
            centre_sums,
            sums,
        }
    }

    /// The tensors of some slots in a row.
    pub fn flatten(slots: &[Slot], weights: &Weights) -> Result<Vec<f32>, WeightsError> {
        let mut row = Vec::new();
        for slot in slots {
            row.extend(weights.slot(slot)?.iter());
        }
        Ok(row)
    }
}

/// Where the tensors of some slots lie when they follow one another.
pub(super) fn positions(slots: &[Slot]) -> Vec<Range<usize>> {
    let mut end = 0;
    slots
        .iter()
        .map(|slot| {
            let start = end;
            end += slot.shape.iter().product::<usize>();
            start..end
        })
        .collect()
}
