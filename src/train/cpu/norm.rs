//! The batch norm of a block: its statistics, and how they move.

use pulp::Arch;

use super::{
    moments::Moments,
    plan::{BlockPlan, Widths},
    products::panel_index,
};
use crate::{data::Values, model::layers::NORM_MOMENTUM};

/// What a batch norm works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Statistics {
    /// Those of the batch (training mode).
    Batch,
    /// The running ones (evaluation mode).
    Running,
}

/// The batch norm of a block.
pub(super) struct BatchNorm {
    /// First layer, panels of `input` rows.
    pub weights: Vec<f32>,
    /// Of every hidden unit: what is added before the norm, and the variance that it divides by.
    pub offset: Vec<f64>,
    pub variance: Vec<f64>,
    pub origin: Origin,
}

/// Where the statistics come from.
pub(super) enum Origin {
    Batch {
        /// Covariance of the inputs times the first layer, panels of `input` rows.
        covariance_weights: Vec<f64>,
        /// Mean of every hidden unit before the norm, without the bias.
        mean: Vec<f64>,
        samples: f64,
    },
    Running {
        /// What the inputs were centred by.
        input_mean: Vec<f64>,
    },
}

impl BlockPlan {
    /// The norm with the statistics of the batch; `values` are the centred inputs.
    pub fn batch_norm(
        &self,
        arch: Arch,
        parameters: &[f32],
        moments: &Moments,
        values: &Values,
    ) -> BatchNorm {
        let Widths { input, padded, .. } = self.widths;
        let weights = self.first_panels(parameters);
        let covariance_weights = moments.covariance_times(arch, &weights, values);
        let (mut mean, mut variance) = (vec![0.0; padded], vec![0.0; padded]);
        for unit in 0..padded {
            for i in 0..input {
                let at = panel_index(input, i, unit);
                let w = f64::from(weights[at]);
                mean[unit] += moments.mean[i] * w;
                variance[unit] += w * covariance_weights[at];
            }
        }
        BatchNorm {
            weights,
            offset: vec![0.0; padded],
            variance,
            origin: Origin::Batch {
                covariance_weights,
                mean,
                samples: moments.samples as f64,
            },
        }
    }

    /// The norm with its running statistics, for inputs centred by `mean`.
    pub fn running_norm(&self, parameters: &[f32], statistics: &[f32], mean: &[f64]) -> BatchNorm {
        let Widths { input, hidden, .. } = self.widths;
        let weights = self.first_panels(parameters);
        let (bias, running) = (
            &parameters[self.first_bias.clone()],
            &statistics[self.mean.clone()],
        );
        let offset: Vec<f64> = (0..hidden)
            .map(|unit| {
                let product = |i: usize| mean[i] * f64::from(weights[panel_index(input, i, unit)]);
                (0..input).map(product).sum::<f64>() + f64::from(bias[unit])
                    - f64::from(running[unit])
            })
            .collect();
        let variance = statistics[self.variance.clone()].iter();
        BatchNorm {
            weights,
            offset,
            variance: variance.map(|&v| f64::from(v)).collect(),
            origin: Origin::Running {
                input_mean: mean.to_vec(),
            },
        }
    }

    /// The first layer's weights in panels.
    fn first_panels(&self, parameters: &[f32]) -> Vec<f32> {
        let Widths {
            input,
            hidden,
            padded,
            ..
        } = self.widths;
        let weights = &parameters[self.first.clone()];
        let mut panels = vec![0.0; input * padded];
        for unit in 0..hidden {
            for i in 0..input {
                panels[panel_index(input, i, unit)] = weights[unit * input + i];
            }
        }
        panels
    }

    /// Moves the running statistics towards the batch's.
    pub fn absorb(&self, parameters: &[f32], statistics: &mut [f32], norm: &BatchNorm) {
        let Origin::Batch { mean, samples, .. } = &norm.origin else {
            return;
        };
        let unbiased = samples / (samples - 1.0).max(1.0);
        let blend = |running: &mut f32, new: f64| {
            *running = (f64::from(*running) * (1.0 - NORM_MOMENTUM) + new * NORM_MOMENTUM) as f32;
        };
        let bias = &parameters[self.first_bias.clone()];
        for (unit, running) in statistics[self.mean.clone()].iter_mut().enumerate() {
            blend(running, mean[unit] + f64::from(bias[unit]));
        }
        for (unit, running) in statistics[self.variance.clone()].iter_mut().enumerate() {
            blend(running, norm.variance[unit] * unbiased);
        }
    }
}
