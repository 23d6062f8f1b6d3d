//! The network with its optimiser, and what a step does with them.

use std::{io, ops::Range};

use ndarray::{Array2, ArrayView2};
use pulp::Arch;
use rayon::prelude::*;

use super::{
    adam::Adam,
    batch::Batch,
    block::{BatchNorm, Folded, LateGradient},
    lanes::BLOCK,
    moments::{Matrix, Moments},
    passes::{self, Decoder, Input, Likelihood, Pass},
    plan::{BlockPlan, Plan},
};

/// Parameters, running statistics and optimiser.
pub(super) struct Model {
    pub arch: Arch,
    pub plan: Plan,
    pub parameters: Vec<f32>,
    pub statistics: Vec<f32>,
    pub gradient: Vec<f32>,
    pub adam: Adam,
}

/// The encoders as a step in training mode runs them.
pub(super) struct Encoders {
    folded: Vec<Folded>,
    norms: Vec<BatchNorm>,
}

impl Model {
    fn pass(&self, samples: usize) -> Pass<'_> {
        Pass {
            arch: self.arch,
            plan: &self.plan,
            parameters: &self.parameters,
            samples,
        }
    }

    /// Embeds the samples in training mode.
    pub fn embed_training(&self, batch: &mut Batch) -> Encoders {
        let (mut folded, mut norms) = (Vec::new(), Vec::new());
        for (plan, input) in self.plan.encoders.iter().zip(&batch.inputs) {
            let norm = plan.batch_norm(self.arch, &self.parameters, &input.moments, &input.values);
            folded.push(plan.fold_batch(&self.parameters, &norm));
            norms.push(norm);
        }
        self.embed_with(&folded, batch);
        Encoders { folded, norms }
    }

    /// Embeds the samples with these encoders.
    fn embed_with(&self, encoders: &[Folded], batch: &mut Batch) {
        let (inputs, latent) = (&batch.inputs, &mut batch.latent);
        self.pass(batch.samples)
            .embed(inputs, encoders, &mut batch.lanes, latent);
    }

    /// Embeds the samples in evaluation mode.
    pub fn embed_evaluation(&self, batch: &mut Batch) {
        let of = |(plan, input): (&BlockPlan, &Input)| {
            plan.fold_running(&self.parameters, &self.statistics, &input.moments.mean)
        };
        let folded: Vec<Folded> = self
            .plan
            .encoders
            .iter()
            .zip(&batch.inputs)
            .map(of)
            .collect();
        self.embed_with(&folded, batch);
    }

    /// The embedding of the last pass, samples x d row by row.
    pub fn embedding(&self, batch: &Batch) -> Array2<f32> {
        let (v, d) = (self.plan.spec.modalities(), self.plan.spec.embedding);
        let width = (v + 1) * d;
        let mut rows = vec![0.0; batch.samples * d];
        rows.par_chunks_mut(BLOCK * d)
            .enumerate()
            .for_each(|(block, rows)| {
                let panels = &batch.latent[block * BLOCK * width..];
                let whole = passes::rows_of_panels(panels, rows.len() / d, width);
                for (row, whole) in rows.chunks_exact_mut(d).zip(whole.chunks_exact(width)) {
                    row.copy_from_slice(&whole[v * d..]);
                }
            });
        Array2::from_shape_vec((batch.samples, d), rows).expect("one row a sample")
    }

    /// Loss and gradient of stage 1, and the statistics that the pass leaves behind.
    pub fn likelihood(&mut self, batch: &mut Batch, likelihood: Likelihood) -> io::Result<f64> {
        let encoders = self.embed_training(batch);
        let d = self.plan.spec.embedding;
        let embedding = self.embedding(batch).into();
        let (embedding, moments) = Moments::centre(self.arch, embedding, Matrix::ForOneStep)?;
        let train = |plan: &BlockPlan| {
            let norm = plan.batch_norm(self.arch, &self.parameters, &moments, &embedding);
            (plan.fold_batch(&self.parameters, &norm), norm)
        };
        let decoders: Vec<Decoder> = self
            .plan
            .means
            .par_iter()
            .zip(&self.plan.log_variances)
            .map(|(mean, log_variance)| Decoder {
                mean: train(mean),
                // The published program runs these in pretraining too: only their statistics change.
                log_variance: train(log_variance),
            })
            .collect();
        let Batch {
            inputs,
            samples,
            lanes,
            latent,
            d_h,
        } = batch;
        let pass = Pass {
            arch: self.arch,
            plan: &self.plan,
            parameters: &self.parameters,
            samples: *samples,
        };
        let mut buffer = Vec::new();
        let h = embedding.rows(0..*samples, &mut buffer);
        let loss = pass.decode_and_back(likelihood, inputs, h, &decoders, lanes, d_h);
        let mut late = LateGradient::zero(d);
        for (m, decoder) in decoders.iter().enumerate() {
            let mut networks = vec![(&self.plan.means[m], &decoder.mean.1)];
            if likelihood == Likelihood::Gaussian {
                networks.push((&self.plan.log_variances[m], &decoder.log_variance.1));
            }
            for (plan, norm) in networks {
                plan.finish_inputs(&self.parameters, norm, &lanes.totals, &mut late);
                plan.finish(&self.parameters, norm, &lanes.totals, &mut self.gradient);
            }
        }
        let late = Some((&late, h));
        pass.encoders_back(inputs, &encoders.folded, latent, late, lanes, d_h);
        self.finish_encoders(&encoders, &batch.lanes.totals);
        for (m, decoder) in decoders.iter().enumerate() {
            for (plan, (_, norm)) in [
                (&self.plan.means[m], &decoder.mean),
                (&self.plan.log_variances[m], &decoder.log_variance),
            ] {
                plan.absorb(&self.parameters, &mut self.statistics, norm);
            }
        }
        Ok(loss)
    }

    /// Gradients of encoders and fusion layer from their sums, and the encoders' statistics.
    fn finish_encoders(&mut self, encoders: &Encoders, totals: &[f32]) {
        for (plan, norm) in self.plan.encoders.iter().zip(&encoders.norms) {
            plan.finish(&self.parameters, norm, totals, &mut self.gradient);
            plan.absorb(&self.parameters, &mut self.statistics, norm);
        }
        let fusion = &self.plan.fusion;
        let sums = fusion.sums..fusion.sums + fusion.all().len();
        self.gradient[fusion.all()].copy_from_slice(&totals[sums]);
    }

    /// Loss and gradient of stage 2.
    pub fn divergence(&mut self, batch: &mut Batch, target: ArrayView2<'_, f32>) -> f64 {
        let encoders = self.embed_training(batch);
        let Batch {
            inputs,
            samples,
            lanes,
            latent,
            d_h,
        } = batch;
        let pass = Pass {
            arch: self.arch,
            plan: &self.plan,
            parameters: &self.parameters,
            samples: *samples,
        };
        let loss = pass.divergence_and_back(target, latent, lanes, d_h);
        let sums = self.plan.centre_sums.clone();
        self.gradient[self.plan.centres.clone()].copy_from_slice(&lanes.totals[sums]);
        pass.encoders_back(inputs, &encoders.folded, latent, None, lanes, d_h);
        self.finish_encoders(&encoders, &batch.lanes.totals);
        loss
    }

    /// The parameters that stage 1 reaches: not the centres, nor the log-variance networks in its first
    /// part.
    pub fn reached(&self, likelihood: Likelihood) -> [Range<usize>; 2] {
        let networks = match likelihood {
            Likelihood::SquaredError => self.plan.log_variances[0].first.start,
            Likelihood::Gaussian => self.plan.fusion.all().start,
        };
        [0..networks, self.plan.fusion.all()]
    }

    pub fn update(&mut self, rate: f64, ranges: &[Range<usize>]) {
        let step = self.adam.begin(rate);
        for range in ranges {
            self.adam
                .update(&step, range.clone(), &mut self.parameters, &self.gradient);
        }
    }
}
