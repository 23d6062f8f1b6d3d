//! Linear, batch norm, ReLU, linear, a block of samples at a time.
//!
//! The norm is folded into the first layer: with `z = x W` of centred inputs `x`, and `s` the norm's
//! scale over the standard deviation of `z`, the hidden units are `relu(x (W s) + shift)`. The first
//! layer's bias cancels.
//!
//! Backwards, let `g` be the loss's gradient of the units before the ReLU, `n` the samples, `C` the
//! covariance of `x` and `v` the variance of `z` (with the norm's epsilon). Batch norm gives
//! ```text
//! dz = s (g - sum(g) / n - z t),   t = sum(g z) / (n v)
//! ```
//! Because `z` is linear in `x`, nothing of width `samples x hidden` is needed beyond `G = x^T g` and `sum(g)`:
//! ```text
//! sum(g z) = diag(W^T G)
//! dW = s (G - n t C W)
//! dx = g (W s)^T - (sum(g) / n) (W s)^T - x W diag(s t) W^T
//! ```
//! The last two terms are known only after all samples were seen; they are small: a vector and a
//! matrix of `input x input`.
//!
//! With running statistics (mean `r`) nothing depends on the other samples: with `m` what the inputs were centred by
//! and `o = m W + b - r`, the hidden units are `relu((z + o) s + shift)` and
//! ```text
//! dW = s (G + m sum(g)),   db = s sum(g),   dx = g (W s)^T
//! ```

use pulp::Arch;

use super::{
    norm::{BatchNorm, Origin},
    plan::{BlockPlan, Widths},
    products::{self, End, Start, panel_index},
};
use crate::model::layers::NORM_EPSILON;

/// A block ready for a pass over samples: its norm folded into its first layer.
pub(super) struct Folded {
    widths: Widths,
    /// Panels of `input` rows.
    first: Vec<f32>,
    shift: Vec<f32>,
    /// Panels of `output` rows.
    second: Vec<f32>,
    pub bias: Vec<f32>,
}

/// Of one hidden unit: `s`, `sum(g z)` and `t`.
struct Unit {
    scale: f64,
    along: f64,
    t: f64,
}

/// The part of an input's gradient that is known only after all samples were seen, to be subtracted:
/// `constant + x matrix`.
pub(super) struct LateGradient {
    pub constant: Vec<f64>,
    pub matrix: Vec<f64>,
}

impl LateGradient {
    /// Nothing, for inputs of some width.
    pub fn zero(width: usize) -> Self {
        Self {
            constant: vec![0.0; width],
            matrix: vec![0.0; width * width],
        }
    }
}

impl BlockPlan {
    /// The block with its norm folded into its first layer.
    pub fn fold(&self, parameters: &[f32], norm: &BatchNorm) -> Folded {
        let mut first = norm.weights.clone();
        let Widths {
            input,
            hidden,
            padded,
            output,
        } = self.widths;
        let mut shift = vec![0.0; padded];
        let mut second = vec![0.0; output * padded];
        let weights = &parameters[self.second.clone()];
        for unit in 0..hidden {
            let scale = self.unit_scale(parameters, &norm.variance, unit);
            for i in 0..input {
                let weight = &mut first[panel_index(input, i, unit)];
                *weight = (f64::from(*weight) * scale) as f32;
            }
            let beta = f64::from(parameters[self.shift.start + unit]);
            shift[unit] = (beta + norm.offset[unit] * scale) as f32;
            for o in 0..output {
                second[panel_index(output, o, unit)] = weights[o * hidden + unit];
            }
        }
        Folded {
            widths: self.widths,
            first,
            shift,
            second,
            bias: parameters[self.second_bias.clone()].to_vec(),
        }
    }

    /// The norm's scale of a unit over its standard deviation.
    fn unit_scale(&self, parameters: &[f32], variance: &[f64], unit: usize) -> f64 {
        f64::from(parameters[self.scale.start + unit]) / (variance[unit] + NORM_EPSILON).sqrt()
    }

    /// Turns the sums over all samples into the gradient of the block's parameters.
    pub fn finish(&self, parameters: &[f32], norm: &BatchNorm, sums: &[f32], gradient: &mut [f32]) {
        let Widths {
            input,
            hidden,
            output,
            ..
        } = self.widths;
        let first = &sums[self.sums.first.clone()];
        let shift = &sums[self.sums.shift.clone()];
        for unit in 0..hidden {
            let Unit { scale, along, t } = self.unit(parameters, norm, sums, unit);
            let sum = f64::from(shift[unit]);
            for i in 0..input {
                let at = panel_index(input, i, unit);
                let late = match &norm.origin {
                    Origin::Batch {
                        covariance_weights,
                        samples,
                        ..
                    } => samples * t * covariance_weights[at],
                    Origin::Running { input_mean } => -input_mean[i] * sum,
                };
                let g = scale * (f64::from(first[at]) - late);
                gradient[self.first.start + unit * input + i] = g as f32;
            }
            let deviation = (norm.variance[unit] + NORM_EPSILON).sqrt();
            gradient[self.scale.start + unit] =
                ((along + norm.offset[unit] * sum) / deviation) as f32;
            gradient[self.first_bias.start + unit] = match norm.origin {
                // A constant added to every sample's z is taken out again by the norm.
                Origin::Batch { .. } => 0.0,
                Origin::Running { .. } => (scale * sum) as f32,
            };
        }
        gradient[self.shift.clone()].copy_from_slice(&shift[..hidden]);
        let second = &sums[self.sums.second.clone()];
        for o in 0..output {
            for unit in 0..hidden {
                gradient[self.second.start + o * hidden + unit] =
                    second[panel_index(output, o, unit)];
            }
        }
        gradient[self.second_bias.clone()].copy_from_slice(&sums[self.sums.second_bias.clone()]);
    }

    /// Adds what is still missing in the gradient of the block's inputs.
    pub fn finish_inputs(
        &self,
        parameters: &[f32],
        norm: &BatchNorm,
        sums: &[f32],
        late: &mut LateGradient,
    ) {
        let Origin::Batch { samples, .. } = norm.origin else {
            return;
        };
        let Widths { input, hidden, .. } = self.widths;
        let shift = &sums[self.sums.shift.clone()];
        for (unit, sum) in shift.iter().enumerate().take(hidden) {
            let Unit { scale, t, .. } = self.unit(parameters, norm, sums, unit);
            let mean = f64::from(*sum) / samples;
            let weight = |i: usize| f64::from(norm.weights[panel_index(input, i, unit)]);
            let rows = late.matrix.chunks_exact_mut(input);
            for (i, (constant, row)) in late.constant.iter_mut().zip(rows).enumerate() {
                *constant += scale * mean * weight(i);
                for (j, value) in row.iter_mut().enumerate() {
                    *value += scale * t * weight(i) * weight(j);
                }
            }
        }
    }

    /// The scalars of a hidden unit in the formulas above.
    fn unit(&self, parameters: &[f32], norm: &BatchNorm, sums: &[f32], unit: usize) -> Unit {
        let input = self.widths.input;
        let first = &sums[self.sums.first.clone()];
        let product = |i: usize| {
            let at = panel_index(input, i, unit);
            f64::from(norm.weights[at]) * f64::from(first[at])
        };
        let along: f64 = (0..input).map(product).sum();
        Unit {
            scale: self.unit_scale(parameters, &norm.variance, unit),
            along,
            t: match norm.origin {
                Origin::Batch { samples, .. } => {
                    along / (samples * (norm.variance[unit] + NORM_EPSILON))
                }
                Origin::Running { .. } => 0.0,
            },
        }
    }
}

impl Folded {
    /// The hidden units of some samples (`rows x input`), panels of `rows` rows.
    pub fn hidden(&self, arch: Arch, x: &[f32], hidden: &mut [f32]) {
        products::spread(
            arch,
            x,
            self.widths.input,
            &self.first,
            Start::Columns(&self.shift),
            End::Relu,
            hidden,
        );
    }

    /// The outputs of some samples: `put` gets every row, column and value.
    pub fn output(
        &self,
        arch: Arch,
        hidden: &[f32],
        rows: usize,
        mut put: impl FnMut(usize, usize, f32),
    ) {
        let outputs = self.widths.output;
        products::dots(
            arch,
            hidden,
            rows,
            &self.second,
            outputs,
            |row, o, value| {
                put(row, o, value + self.bias[o]);
            },
        );
    }

    /// Adds the gradients of some samples to the block's sums. `d_output` is `rows x output`; `d_hidden`
    /// becomes the gradient of the hidden units before the ReLU.
    #[expect(clippy::too_many_arguments, reason = "one step of back-propagation")]
    pub fn backward(
        &self,
        arch: Arch,
        plan: &BlockPlan,
        x: &[f32],
        hidden: &[f32],
        d_output: &[f32],
        d_hidden: &mut [f32],
        ones: &[f32],
        sums: &mut [f32],
    ) {
        let Widths { input, output, .. } = self.widths;
        let rows = d_output.len() / output;
        let at = &plan.sums;
        products::gather(arch, d_output, output, hidden, &mut sums[at.second.clone()]);
        for row in d_output.chunks_exact(output) {
            for (sum, d) in sums[at.second_bias.clone()].iter_mut().zip(row) {
                *sum += d;
            }
        }
        let end = End::WherePositive(hidden);
        products::spread(
            arch,
            d_output,
            output,
            &self.second,
            Start::Zero,
            end,
            d_hidden,
        );
        products::gather(
            arch,
            &ones[..rows],
            1,
            d_hidden,
            &mut sums[at.shift.clone()],
        );
        products::gather(arch, x, input, d_hidden, &mut sums[at.first.clone()]);
    }

    /// The gradient of the inputs as far as it is known: `put` gets every row, column and value.
    pub fn input_gradient(
        &self,
        arch: Arch,
        d_hidden: &[f32],
        rows: usize,
        put: impl FnMut(usize, usize, f32),
    ) {
        products::dots(arch, d_hidden, rows, &self.first, self.widths.input, put);
    }
}
