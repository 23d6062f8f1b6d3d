//! What a training step minimises, in a gradient graph.

use burn::tensor::Tensor;

use super::{BurnEngine, data::Batch};
use crate::{
    model::{layers::log_soft_assignment, network::Seen},
    train::Objective,
};

impl BurnEngine {
    /// The loss of an objective in training mode. `target` is the target distribution of these samples.
    pub(super) fn loss(
        &self,
        objective: Objective,
        batch: &Batch,
        target: Option<Tensor<2>>,
        leaves: &[Tensor<2>],
        seen: &mut Seen,
    ) -> Tensor<1> {
        let network = &self.network;
        let h = match objective {
            Objective::KeptDivergence { .. } => network.embed_running(&batch.inputs, leaves),
            _ => network.embed_training(&batch.inputs, leaves, seen),
        };
        let target = || target.expect("an objective with a target gets one");
        match objective {
            Objective::SquaredError => batch.sum_over_modalities(|v, x| {
                // The published program runs these too: only their statistics change.
                network.watch_log_variance(&h, v, seen);
                x.squared(x.off(network.mean_training(&h, v, leaves, seen)))
            }),
            Objective::Likelihood => batch.sum_over_modalities(|v, x| {
                let mean = network.mean_training(&h, v, leaves, seen);
                let s = network.log_variance_training(&h, v, leaves, seen);
                x.gaussian(x.off(mean), s)
            }),
            Objective::Faithful => batch.sum_over_modalities(|v, x| {
                let off = x.off(network.mean_training(&h, v, leaves, seen));
                let alone = h.clone().detach();
                let s = network.log_variance_training(&alone, v, leaves, seen);
                let squared = x.squared(off.clone());
                // The likelihood is the value; the gradient is that of both.
                x.gaussian(off.detach(), s) + squared.clone() - squared.detach()
            }),
            Objective::Divergence => self.divergence(h, target(), leaves),
            Objective::KeptDivergence { weight } => {
                let squared = batch.sum_over_modalities(|v, x| {
                    x.squared(x.off(network.mean_running(&h, v, leaves)))
                });
                squared + self.divergence(h.clone(), target(), leaves) * weight
            }
        }
    }

    /// Mean over samples of `sum_k p log(p / q)`.
    fn divergence(&self, h: Tensor<2>, target: Tensor<2>, leaves: &[Tensor<2>]) -> Tensor<1> {
        let samples = target.dims()[0];
        let centres = self.network.centres(leaves).clone();
        let log_q = log_soft_assignment(h, centres, self.network.spec.alpha);
        // p log p is 0 where p is 0.
        let log_p = target.clone().clamp_min(1e-30).log();
        (target.autodiff() * (log_p.autodiff() - log_q)).sum() / samples as f64
    }
}
