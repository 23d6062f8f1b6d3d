//! What the recipe sees of the engine: steps, evaluation, state.

use ndarray::{Array2, ArrayD, ArrayView2};
use rayon::prelude::*;

use super::{
    CpuEngine,
    adam::Adam,
    block::Folded,
    lanes::BLOCK,
    losses::{SoftAssignment, target_distribution},
    moments::Moments,
    passes::Likelihood,
    plan::{self, BlockPlan, Plan},
};
use crate::{
    model::{Weights, layout::Slot},
    train::{Assignment, Engine, EngineError, Reconstruction, Snapshot},
};

impl CpuEngine {
    pub(super) fn named(
        &self,
        slots: &[Slot],
        row: &[f32],
    ) -> impl Iterator<Item = (String, ArrayD<f32>)> {
        let arrays: Vec<_> = slots
            .iter()
            .zip(plan::positions(slots))
            .map(|(slot, at)| {
                let values = row[at].to_vec();
                let array = ArrayD::from_shape_vec(slot.shape.clone(), values);
                (slot.name.clone(), array.expect("a slot has its length"))
            })
            .collect();
        arrays.into_iter()
    }

    fn host_weights(&self) -> Weights {
        let parameters = self.named(&self.plan.slots, &self.parameters);
        let statistics = self.named(&self.plan.statistics, &self.statistics);
        Weights {
            tensors: parameters.chain(statistics).collect(),
        }
    }

    fn soft_assignment(&mut self) -> Assignment {
        self.embed_evaluation();
        let (d, k) = (self.plan.spec.embedding, self.plan.spec.clusters);
        let alpha = self.plan.spec.alpha;
        let h = self.embedding();
        let centres = &self.parameters[self.plan.centres.clone()];
        let mut q = vec![0.0; self.samples * k];
        q.par_chunks_mut(BLOCK * k)
            .zip(h.par_chunks(BLOCK * d))
            .for_each(|(q, h)| {
                let mut assignment = SoftAssignment::new(k);
                for (q, h) in q.chunks_exact_mut(k).zip(h.chunks_exact(d)) {
                    assignment.of(h, centres, alpha);
                    for (q, &value) in q.iter_mut().zip(&assignment.q) {
                        *q = value as f32;
                    }
                }
            });
        let shaped = |values, width| {
            Array2::from_shape_vec((self.samples, width), values).expect("one row a sample")
        };
        Assignment {
            q: shaped(q, k),
            embedding: shaped(h, d),
        }
    }

    /// Outputs of one decoder for the centred embedding `h`, samples x features.
    pub(super) fn decode_one(&self, folded: &Folded, plan: &BlockPlan, h: &[f32]) -> Array2<f32> {
        let (d, width) = (plan.widths.input, plan.widths.output);
        let mut out = vec![0.0; self.samples * width];
        out.par_chunks_mut(BLOCK * width)
            .zip(h.par_chunks(BLOCK * d))
            .for_each(|(out, h)| {
                let rows = h.len() / d;
                let mut hidden = vec![0.0; rows * plan.widths.padded];
                folded.hidden(self.arch, h, &mut hidden);
                folded.output(self.arch, &hidden, rows, |row, o, value| {
                    out[row * width + o] = value;
                });
            });
        Array2::from_shape_vec((self.samples, width), out).expect("one row a sample")
    }
}

impl Engine for CpuEngine {
    fn reset_optimiser(&mut self) {
        self.adam = Adam::new(self.parameters.len());
    }

    fn reconstruction_step(&mut self, learning_rate: f64) -> Result<f64, EngineError> {
        Ok(self.stage_one_step(Likelihood::SquaredError, learning_rate))
    }

    fn uncertainty_step(&mut self, learning_rate: f64) -> Result<f64, EngineError> {
        Ok(self.stage_one_step(Likelihood::Gaussian, learning_rate))
    }

    fn clustering_step(&mut self, learning_rate: f64) -> Result<f64, EngineError> {
        let target = match self.target.take() {
            Some(target) => target,
            None => target_distribution(self.soft_assignment().q.view()),
        };
        let loss = self.divergence(&target);
        let encoders = 0..self.plan.means[0].first.start;
        let rest = self.plan.fusion.in_weight.start..self.parameters.len();
        self.update(learning_rate, &[encoders, rest]);
        Ok(loss)
    }

    fn embed(&mut self) -> Result<Array2<f32>, EngineError> {
        self.embed_evaluation();
        let shape = (self.samples, self.plan.spec.embedding);
        Ok(Array2::from_shape_vec(shape, self.embedding()).expect("one row a sample"))
    }

    fn decode(&mut self) -> Result<Vec<Reconstruction>, EngineError> {
        self.embed_evaluation();
        let mut h = self.embedding();
        let moments = Moments::centre(self.arch, self.plan.spec.embedding, &mut h);
        let decode = |plan: &BlockPlan| {
            let folded = plan.fold_running(&self.parameters, &self.statistics, &moments.mean);
            self.decode_one(&folded, plan, &h)
        };
        let both = self.plan.means.iter().zip(&self.plan.log_variances);
        Ok(both
            .map(|(mean, log_variance)| Reconstruction {
                mean: decode(mean),
                log_variance: decode(log_variance),
            })
            .collect())
    }

    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.target = None;
        let to = self.parameters[self.plan.centres.clone()].iter_mut();
        to.zip(centres).for_each(|(to, &from)| *to = from);
        Ok(())
    }

    fn assign(&mut self) -> Result<Assignment, EngineError> {
        let assignment = self.soft_assignment();
        self.target = Some(target_distribution(assignment.q.view()));
        Ok(assignment)
    }

    fn weights(&mut self) -> Result<Weights, EngineError> {
        Ok(self.host_weights())
    }

    fn snapshot(&mut self) -> Result<Snapshot, EngineError> {
        Ok(Snapshot {
            weights: self.host_weights(),
            first_moments: self.named(&self.plan.slots, &self.adam.first).collect(),
            second_moments: self.named(&self.plan.slots, &self.adam.second).collect(),
            steps: self.adam.steps,
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), EngineError> {
        self.parameters = Plan::flatten(&self.plan.slots, &snapshot.weights)?;
        self.statistics = Plan::flatten(&self.plan.statistics, &snapshot.weights)?;
        self.adam = Adam::new(self.parameters.len());
        self.adam.steps = snapshot.steps;
        let positions = plan::positions(&self.plan.slots);
        for (slot, at) in self.plan.slots.iter().zip(positions) {
            for (row, named) in [
                (&mut self.adam.first, &snapshot.first_moments),
                (&mut self.adam.second, &snapshot.second_moments),
            ] {
                // A parameter that no loss has reached has no moments: they are zero.
                if let Some(array) = named.get(&slot.name) {
                    let to = row[at.clone()].iter_mut();
                    to.zip(array).for_each(|(to, &from)| *to = from);
                }
            }
        }
        self.target = None;
        Ok(())
    }
}
