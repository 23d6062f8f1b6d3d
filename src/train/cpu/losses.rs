//! Losses with their gradients, and the soft assignment.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use crate::data::Mask;

/// Soft assignment of one sample: Student's t kernel with `alpha` degrees of freedom, normalised (Xie,
/// Girshick and Farhadi 2016).
pub(super) struct SoftAssignment {
    /// Squared distance to every centre.
    pub squared: Vec<f64>,
    pub log_q: Vec<f64>,
    pub q: Vec<f64>,
}

impl SoftAssignment {
    pub fn new(clusters: usize) -> Self {
        let zeros = || vec![0.0; clusters];
        Self {
            squared: zeros(),
            log_q: zeros(),
            q: zeros(),
        }
    }

    pub fn of(&mut self, h: &[f32], centres: &[f32], alpha: f64) {
        let power = -(alpha + 1.0) / 2.0;
        let mut total = 0.0;
        for (k, centre) in centres.chunks_exact(h.len()).enumerate() {
            let squared: f64 = h
                .iter()
                .zip(centre)
                .map(|(a, b)| f64::from(a - b).powi(2))
                .sum();
            self.squared[k] = squared;
            self.log_q[k] = power * (squared / alpha).ln_1p();
            self.q[k] = self.log_q[k].exp();
            total += self.q[k];
        }
        let norm = total.ln();
        for (log_q, q) in self.log_q.iter_mut().zip(&mut self.q) {
            *log_q -= norm;
            *q = log_q.exp();
        }
    }
}

/// Target distribution `q^2 / sum_i q`, times the prior if there is one, rows normalised.
pub(super) fn target_distribution(
    q: ArrayView2<'_, f32>,
    prior: Option<&Array2<f32>>,
) -> Array2<f32> {
    let mut sums = vec![0.0; q.ncols()];
    for row in q.rows() {
        for (sum, &q) in sums.iter_mut().zip(row) {
            *sum += f64::from(q);
        }
    }
    let mut target = q.to_owned();
    for (i, mut row) in target.rows_mut().into_iter().enumerate() {
        // A centre without samples has a zero column in q and in the target alike.
        let weight = |(k, q): (usize, &f32)| {
            let least = f64::from(f32::MIN_POSITIVE);
            let known = prior.map_or(1.0, |prior| f64::from(prior[[i, k]]));
            known * f64::from(*q).powi(2) / if sums[k] < least { least } else { sums[k] }
        };
        let total: f64 = row.iter().enumerate().map(weight).sum();
        for k in 0..row.len() {
            row[k] = (weight((k, &row[k])) / total) as f32;
        }
    }
    target
}

/// What the decoders are told by the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likelihood {
    /// `sum_v mean((m_v - X_v)^2)`.
    SquaredError,
    /// `sum_v 0.5 mean((m_v - X_v)^2 exp(-s_v) + s_v)`.
    Gaussian,
    /// The same for the log variance alone, the squared error for everything else.
    Faithful,
}

impl Likelihood {
    /// Whether the log variance learns.
    pub fn has_variance(self) -> bool {
        self != Self::SquaredError
    }

    /// Whether the gradient of a network (0: mean, 1: log variance) goes on to the embedding.
    pub fn reaches_embedding(self, network: usize) -> bool {
        network == 0 || self == Self::Gaussian
    }
    /// The loss of some samples, of which everything was measured; `mean` and `log_variance` (samples x features) become their
    /// gradients. `x` are centred data, `means` what was taken off; `share` is the weight of a value.
    pub fn loss(
        self,
        [mean, log_variance]: [&mut [f32]; 2],
        x: &[f32],
        means: &[f64],
        share: f64,
    ) -> f64 {
        match self {
            Self::SquaredError => squared_loss(mean, x, means, share),
            Self::Gaussian => gaussian_loss(mean, log_variance, x, means, share),
            Self::Faithful => faithful_loss(mean, log_variance, x, means, share),
        }
    }

    /// The same for these of the samples of a mask: what was not measured adds nothing to loss and gradients.
    pub fn measured(
        self,
        [mean, log_variance]: [&mut [f32]; 2],
        x: &[f32],
        means: &[f64],
        share: f64,
        (mask, samples): (&Mask, Range<usize>),
    ) -> f64 {
        let width = means.len();
        let mut loss = 0.0;
        for (row, sample) in samples.enumerate() {
            let first = row * width;
            // Up to where the sample is done with.
            let mut done = first;
            for run in mask.runs(sample) {
                let at = first + run.start..first + run.end;
                mean[done..at.start].fill(0.0);
                log_variance[done..at.start].fill(0.0);
                done = at.end;
                let outputs = [&mut mean[at.clone()], &mut log_variance[at.clone()]];
                loss += self.loss(outputs, &x[at], &means[run], share);
            }
            mean[done..first + width].fill(0.0);
            log_variance[done..first + width].fill(0.0);
        }
        loss
    }
}

/// The squared error; `mean` becomes its gradient.
fn squared_loss(mean: &mut [f32], x: &[f32], means: &[f64], share: f64) -> f64 {
    let mut loss = 0.0;
    let factor = (2.0 * share) as f32;
    let width = means.len();
    for (mean, x) in mean.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
        let mut sum = 0.0;
        for ((mean, x), off) in mean.iter_mut().zip(x).zip(means) {
            let difference = *mean - *off as f32 - x;
            sum += difference * difference;
            *mean = factor * difference;
        }
        loss += f64::from(sum);
    }
    loss * share
}

/// The Gaussian likelihood; mean and log variance become their gradients.
fn gaussian_loss(
    mean: &mut [f32],
    log_variance: &mut [f32],
    x: &[f32],
    means: &[f64],
    share: f64,
) -> f64 {
    let of_mean = |_, weighted: f32| share as f32 * weighted;
    likelihood(mean, log_variance, x, means, share, of_mean)
}

/// The Gaussian likelihood; the log variance becomes its gradient, the mean that of the squared error.
fn faithful_loss(
    mean: &mut [f32],
    log_variance: &mut [f32],
    x: &[f32],
    means: &[f64],
    share: f64,
) -> f64 {
    let of_mean = |difference: f32, _| 2.0 * share as f32 * difference;
    likelihood(mean, log_variance, x, means, share, of_mean)
}

/// The Gaussian likelihood; `of_mean` makes the gradient of a mean of the difference and the difference over the variance.
#[inline(always)]
fn likelihood(
    mean: &mut [f32],
    log_variance: &mut [f32],
    x: &[f32],
    means: &[f64],
    share: f64,
    of_mean: impl Fn(f32, f32) -> f32,
) -> f64 {
    let mut loss = 0.0;
    let (share32, width) = (share as f32, means.len());
    let rows = mean
        .chunks_exact_mut(width)
        .zip(log_variance.chunks_exact_mut(width));
    for ((mean, log_variance), x) in rows.zip(x.chunks_exact(width)) {
        let mut sum = 0.0;
        let each = mean.iter_mut().zip(log_variance).zip(x).zip(means);
        for (((mean, s), x), off) in each {
            let difference = *mean - *off as f32 - x;
            let weighted = difference * (-*s).exp();
            let square = difference * weighted;
            sum += square + *s;
            *mean = of_mean(difference, weighted);
            *s = 0.5 * share32 * (1.0 - square);
        }
        loss += f64::from(sum);
    }
    0.5 * loss * share
}
