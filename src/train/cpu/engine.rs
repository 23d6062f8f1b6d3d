//! What the recipe sees of the engine: steps, evaluation, state.

use std::{io, sync::Arc};

use ndarray::{Array2, ArrayD, ArrayView2, Axis};
use rayon::prelude::*;

use super::{
    CpuEngine, MiniBatches,
    adam::Adam,
    batch::Batch,
    block::Folded,
    lanes::BLOCK,
    losses::{SoftAssignment, target_distribution},
    moments::{Matrix, Moments},
    passes::Input,
    plan::{self, BlockPlan, Plan},
};
use crate::{
    data::{Storage, Values},
    model::{Weights, layout::Slot},
    train::{Assignment, Batches, Decoder, Engine, EngineError, Objective, Snapshot},
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

    /// Puts the state of now in the place of the one that was kept, which is taken up.
    fn exchange(&mut self) {
        if let Some((parameters, statistics, adam)) = &mut self.kept {
            std::mem::swap(parameters, &mut self.model.parameters);
            std::mem::swap(statistics, &mut self.model.statistics);
            std::mem::swap(adam, &mut self.model.adam);
        }
    }

    fn soft_assignment(&mut self) -> io::Result<Assignment> {
        let embedding = self.embedding()?;
        let (d, k) = (
            self.model.plan.spec.embedding,
            self.model.plan.spec.clusters,
        );
        let alpha = self.model.plan.spec.alpha;
        let h = embedding.as_slice().expect("standard layout");
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
        let q = Array2::from_shape_vec((self.all.samples, k), q).expect("one row a sample");
        Ok(Assignment { q, embedding })
    }

    /// An epoch on the threads at hand.
    fn step_here(&mut self, objective: Objective, learning_rate: f64) -> Result<f64, EngineError> {
        let target = match (objective.has_target(), self.target.take()) {
            (false, _) => None,
            (true, None) => {
                let q = self.soft_assignment()?.q;
                Some(target_distribution(q.view(), self.prior.as_ref()))
            }
            (true, target) => target,
        };
        let reached = self.model.reached(objective);
        self.epoch(|model, batch, rows| {
            let part = target.as_ref().zip(rows).map(|(target, rows)| {
                let rows: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
                target.select(Axis(0), &rows)
            });
            let target = part.as_ref().or(target.as_ref()).map(|p| p.view());
            let loss = model.differentiate(objective, batch, target)?;
            model.update(learning_rate, &reached);
            Ok(loss)
        })
    }

    /// The embedding in evaluation mode.
    fn embedding(&mut self) -> io::Result<Array2<f32>> {
        self.model.embed_evaluation(&mut self.all);
        self.all.check()?;
        Ok(self.model.embedding(&self.all))
    }

    /// Outputs of one decoder for the centred embedding `h`, samples x features, held where its data are.
    pub(super) fn decode_one(
        &self,
        folded: &Folded,
        plan: &BlockPlan,
        h: &Values,
        storage: Storage,
    ) -> io::Result<Values> {
        let width = plan.widths.output;
        Values::generate(storage, self.all.samples, width, |samples, out| {
            let blocks = samples.clone().step_by(BLOCK);
            let (mut buffer, mut hidden) = (Vec::new(), Vec::new());
            for (out, first) in out.chunks_mut(BLOCK * width).zip(blocks) {
                let rows = out.len() / width;
                let h = h.rows(first..first + rows, &mut buffer);
                hidden.resize(rows * plan.widths.padded, 0.0);
                folded.hidden(self.model.arch, h, &mut hidden);
                folded.output(self.model.arch, &hidden, rows, |row, o, value| {
                    out[row * width + o] = value;
                });
            }
        })
    }
}

impl Engine for CpuEngine {
    fn use_batches(&mut self, batches: Batches) {
        let samples = self.all.samples;
        let largest = batches.largest(samples);
        self.some = (largest < samples).then(|| MiniBatches {
            batch: Batch::empty(&self.model.plan, largest),
            batches,
        });
    }

    fn use_threads(&mut self, threads: Option<usize>) {
        let now = self.threads.as_ref().map(|pool| pool.current_num_threads());
        if now == threads {
            return;
        }
        let pool =
            threads.map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build());
        // Without threads of its own it trains on all.
        self.threads = pool.and_then(Result::ok).map(Arc::new);
    }

    fn reset_optimiser(&mut self) {
        self.model.adam = Adam::new(self.model.parameters.len());
    }

    fn step(&mut self, objective: Objective, learning_rate: f64) -> Result<f64, EngineError> {
        match self.threads.clone() {
            Some(threads) => threads.install(|| self.step_here(objective, learning_rate)),
            None => self.step_here(objective, learning_rate),
        }
    }

    fn embed(&mut self) -> Result<Array2<f32>, EngineError> {
        Ok(self.embedding()?)
    }

    fn decode(&mut self, decoder: Decoder) -> Result<Vec<Values>, EngineError> {
        let h = self.embedding()?.into();
        let (h, moments) = Moments::centre(self.model.arch, h, Matrix::ForOneStep)?;
        let plan = &self.model.plan;
        let networks = match decoder {
            Decoder::Mean => &plan.means,
            Decoder::LogVariance => &plan.log_variances,
        };
        let decode = |(plan, input): (&BlockPlan, &Input)| {
            let (parameters, statistics) = (&self.model.parameters, &self.model.statistics);
            let norm = plan.running_norm(parameters, statistics, &moments.mean);
            let folded = plan.fold(parameters, &norm);
            Ok(self.decode_one(&folded, plan, &h, input.data.values.storage())?)
        };
        networks.iter().zip(&self.all.inputs).map(decode).collect()
    }

    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.target = None;
        let to = self.model.parameters[self.model.plan.centres.clone()].iter_mut();
        to.zip(centres).for_each(|(to, &from)| *to = from);
        Ok(())
    }

    fn set_prior(&mut self, prior: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.target = None;
        self.prior = Some(prior.to_owned());
        Ok(())
    }

    fn assign(&mut self) -> Result<Assignment, EngineError> {
        let mut assignment = self.soft_assignment()?;
        let q = &mut assignment.q;
        self.target = Some(target_distribution(q.view(), self.prior.as_ref()));
        if let Some(prior) = &self.prior {
            *q *= prior;
            q.rows_mut()
                .into_iter()
                .for_each(|mut row| row /= row.sum());
        }
        Ok(assignment)
    }

    fn weights(&mut self) -> Result<Weights, EngineError> {
        Ok(self.host_weights())
    }

    fn keep(&mut self) {
        let model = &self.model;
        self.kept = Some((
            model.parameters.clone(),
            model.statistics.clone(),
            model.adam.clone(),
        ));
    }

    fn go_back(&mut self) {
        if self.kept.is_some() {
            self.exchange();
            self.kept = None;
            self.target = None;
        }
    }

    fn kept(&mut self) -> Result<Snapshot, EngineError> {
        self.exchange();
        let snapshot = self.snapshot();
        self.exchange();
        snapshot
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
