//! What the parity tests look at.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD};

use super::{
    CpuEngine,
    moments::{Matrix, Moments},
    norm::Statistics,
    plan::BlockPlan,
};
use crate::{
    data::Storage,
    train::{
        Objective,
        parity::{Inspect, Reconstruction},
    },
};

impl Inspect for CpuEngine {
    fn training_pass(&mut self) -> (Array2<f32>, Vec<Reconstruction>) {
        self.model.embed_with(&mut self.all, Statistics::Batch);
        let h = self.model.embedding(&self.all);
        let centred = Moments::centre(self.model.arch, h.clone().into(), Matrix::ForOneStep);
        let (centred, moments) = centred.unwrap();
        let decode = |plan: &BlockPlan| {
            let norm = plan.batch_norm(self.model.arch, &self.model.parameters, &moments, &centred);
            let folded = plan.fold(&self.model.parameters, &norm);
            let decoded = self.decode_one(&folded, plan, &centred, Storage::Memory);
            decoded.unwrap().array().unwrap().clone()
        };
        let plan = &self.model.plan;
        let both = plan.means.iter().zip(&plan.log_variances);
        let decoded = both
            .map(|(mean, log_variance)| Reconstruction {
                mean: decode(mean),
                log_variance: decode(log_variance),
            })
            .collect();
        (h, decoded)
    }

    fn gradients(&mut self, objective: Objective) -> (f64, BTreeMap<String, ArrayD<f32>>) {
        let target = self.target.as_ref().map(|p| p.view());
        let loss = self
            .model
            .differentiate(objective, &mut self.all, target)
            .unwrap();
        let reached = self.model.reached(objective);
        let positions = super::plan::positions(&self.model.plan.slots);
        let named = self.named(&self.model.plan.slots, &self.model.gradient);
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
