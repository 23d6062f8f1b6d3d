//! What the recipe sees of the engine: steps, evaluation, state.

use ndarray::{Array2, ArrayD, ArrayView2};
use rayon::prelude::*;

use super::{
    CpuEngine, MiniBatches,
    adam::Adam,
    batch::Batch,
    block::Folded,
    lanes::BLOCK,
    losses::{SoftAssignment, target_distribution},
    moments::{Matrix, Moments},
    passes::Likelihood,
    plan::{self, BlockPlan, Plan},
};
use crate::{
    model::{Weights, layout::Slot},
    train::{Assignment, Batches, Engine, EngineError, Reconstruction, Snapshot},
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
        let parameters = self.named(&self.model.plan.slots, &self.model.parameters);
        let statistics = self.named(&self.model.plan.statistics, &self.model.statistics);
        Weights {
            tensors: parameters.chain(statistics).collect(),
        }
    }

    fn soft_assignment(&mut self) -> Assignment {
        self.model.embed_evaluation(&mut self.all);
        let (d, k) = (
            self.model.plan.spec.embedding,
            self.model.plan.spec.clusters,
        );
        let alpha = self.model.plan.spec.alpha;
        let h = self.model.embedding(&self.all);
        let centres = &self.model.parameters[self.model.plan.centres.clone()];
        let mut q = vec![0.0; self.all.samples * k];
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
            Array2::from_shape_vec((self.all.samples, width), values).expect("one row a sample")
        };
        Assignment {
            q: shaped(q, k),
            embedding: shaped(h, d),
        }
    }

    /// Outputs of one decoder for the centred embedding `h`, samples x features.
    pub(super) fn decode_one(&self, folded: &Folded, plan: &BlockPlan, h: &[f32]) -> Array2<f32> {
        let (d, width) = (plan.widths.input, plan.widths.output);
        let mut out = vec![0.0; self.all.samples * width];
        out.par_chunks_mut(BLOCK * width)
            .zip(h.par_chunks(BLOCK * d))
            .for_each(|(out, h)| {
                let rows = h.len() / d;
                let mut hidden = vec![0.0; rows * plan.widths.padded];
                folded.hidden(self.model.arch, h, &mut hidden);
                folded.output(self.model.arch, &hidden, rows, |row, o, value| {
                    out[row * width + o] = value;
                });
            });
        Array2::from_shape_vec((self.all.samples, width), out).expect("one row a sample")
    }
}

impl Engine for CpuEngine {
    fn use_batches(&mut self, batches: Batches) {
        let samples = self.all.samples;
        self.some = (batches.size() < samples).then(|| MiniBatches {
            batch: Batch::empty(&self.model.plan, batches.size()),
            batches,
        });
    }

    fn reset_optimiser(&mut self) {
        self.model.adam = Adam::new(self.model.parameters.len());
    }

    fn reconstruction_step(&mut self, learning_rate: f64) -> Result<f64, EngineError> {
        self.stage_one_epoch(Likelihood::SquaredError, learning_rate)
    }

    fn uncertainty_step(&mut self, learning_rate: f64) -> Result<f64, EngineError> {
        self.stage_one_epoch(Likelihood::Gaussian, learning_rate)
    }

    fn clustering_step(&mut self, learning_rate: f64) -> Result<f64, EngineError> {
        let target = match self.target.take() {
            Some(target) => target,
            None => target_distribution(self.soft_assignment().q.view()),
        };
        self.stage_two_epoch(target.view(), learning_rate)
    }

    fn embed(&mut self) -> Result<Array2<f32>, EngineError> {
        self.model.embed_evaluation(&mut self.all);
        let shape = (self.all.samples, self.model.plan.spec.embedding);
        Ok(
            Array2::from_shape_vec(shape, self.model.embedding(&self.all))
                .expect("one row a sample"),
        )
    }

    fn decode(&mut self) -> Result<Vec<Reconstruction>, EngineError> {
        self.model.embed_evaluation(&mut self.all);
        let mut h = self.model.embedding(&self.all);
        let moments = Moments::centre(
            self.model.arch,
            self.model.plan.spec.embedding,
            &mut h,
            Matrix::ForOneStep,
        );
        let decode = |plan: &BlockPlan| {
            let folded = plan.fold_running(
                &self.model.parameters,
                &self.model.statistics,
                &moments.mean,
            );
            self.decode_one(&folded, plan, &h)
        };
        let both = self
            .model
            .plan
            .means
            .iter()
            .zip(&self.model.plan.log_variances);
        Ok(both
            .map(|(mean, log_variance)| Reconstruction {
                mean: decode(mean),
                log_variance: decode(log_variance),
            })
            .collect())
    }

    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.target = None;
        let to = self.model.parameters[self.model.plan.centres.clone()].iter_mut();
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
            first_moments: self
                .named(&self.model.plan.slots, &self.model.adam.first)
                .collect(),
            second_moments: self
                .named(&self.model.plan.slots, &self.model.adam.second)
                .collect(),
            steps: self.model.adam.steps,
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), EngineError> {
        self.model.parameters = Plan::flatten(&self.model.plan.slots, &snapshot.weights)?;
        self.model.statistics = Plan::flatten(&self.model.plan.statistics, &snapshot.weights)?;
        self.model.adam = Adam::new(self.model.parameters.len());
        self.model.adam.steps = snapshot.steps;
        let positions = plan::positions(&self.model.plan.slots);
        for (slot, at) in self.model.plan.slots.iter().zip(positions) {
            for (row, named) in [
                (&mut self.model.adam.first, &snapshot.first_moments),
                (&mut self.model.adam.second, &snapshot.second_moments),
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
