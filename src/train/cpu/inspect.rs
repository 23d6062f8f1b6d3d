//! What the parity tests look at.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD};

use super::{CpuEngine, Likelihood, moments::Moments, plan::BlockPlan};
use crate::train::{Reconstruction, parity::Inspect};

impl Inspect for CpuEngine {
    fn training_pass(&mut self) -> (Array2<f32>, Vec<Reconstruction>) {
        self.embed_training();
        let h = self.embedding();
        let mut centred = h.clone();
        let moments = Moments::centre(self.arch, self.plan.spec.embedding, &mut centred);
        let decode = |plan: &BlockPlan| {
            let norm = plan.batch_norm(self.arch, &self.parameters, &moments, &centred);
            let folded = plan.fold_batch(&self.parameters, &norm);
            self.decode_one(&folded, plan, &centred)
        };
        let both = self.plan.means.iter().zip(&self.plan.log_variances);
        let decoded = both
            .map(|(mean, log_variance)| Reconstruction {
                mean: decode(mean),
                log_variance: decode(log_variance),
            })
            .collect();
        let shape = (self.samples, self.plan.spec.embedding);
        (Array2::from_shape_vec(shape, h).unwrap(), decoded)
    }

    fn gradients(&mut self, loss: &str) -> (f64, BTreeMap<String, ArrayD<f32>>) {
        let likelihood = match loss {
            "mse" => Likelihood::SquaredError,
            _ => Likelihood::Gaussian,
        };
        let loss = self.likelihood(likelihood);
        let reached = self.reached(likelihood);
        let positions = super::plan::positions(&self.plan.slots);
        let named = self.named(&self.plan.slots, &self.gradient);
        let named = named.zip(positions).filter(|(_, at)| {
            reached
                .iter()
                .any(|r| r.start <= at.start && at.end <= r.end)
        });
        (loss, named.map(|(named, _)| named).collect())
    }

    fn target(&mut self) -> Array2<f32> {
        self.target.clone().unwrap()
    }
}
