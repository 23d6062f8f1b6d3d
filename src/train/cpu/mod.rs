//! The engine on the CPU, written for this one network.
//!
//! Samples pass through the network in blocks that stay in the cache; what is `samples x hidden` wide is never held.
//! `block` has the derivatives, `moments` says why batch norm needs no pass of its own, `lanes` why the
//! number of threads does not matter, `products` where the time goes.
//!
//! A training step is three passes over the samples: data to embedding, embedding to loss and back to its
//! gradient, and from there back to the encoders.

mod adam;
mod block;
mod engine;
mod fusion;
#[cfg(test)]
mod inspect;
mod lanes;
mod losses;
mod moments;
mod passes;
mod plan;
mod products;

use std::ops::Range;

use ndarray::Array2;
use pulp::Arch;
use rayon::prelude::*;

use super::EngineError;
use crate::model::{NetworkSpec, Weights};
use adam::Adam;
use block::{BatchNorm, Folded, LateGradient};
use lanes::{BLOCK, Lanes};
use moments::Moments;
use passes::{Decoder, Input, Likelihood, Pass};
use plan::{BlockPlan, Plan};

/// Network, data and optimiser in main memory.
pub struct CpuEngine {
    arch: Arch,
    plan: Plan,
    parameters: Vec<f32>,
    statistics: Vec<f32>,
    gradient: Vec<f32>,
    adam: Adam,
    inputs: Vec<Input>,
    samples: usize,
    lanes: Lanes,
    /// Tokens and embedding, in panels of samples.
    latent: Vec<f32>,
    /// Gradient of the embedding, likewise.
    d_h: Vec<f32>,
    target: Option<Array2<f32>>,
}

/// The encoders as a step in training mode runs them.
struct Encoders {
    folded: Vec<Folded>,
    norms: Vec<BatchNorm>,
}

impl CpuEngine {
    /// Takes the data (one samples x features matrix a modality, scaled) and the weights.
    pub fn new(
        spec: NetworkSpec,
        inputs: &[Array2<f32>],
        weights: &Weights,
    ) -> Result<Self, EngineError> {
        let plan = Plan::new(spec);
        let samples = inputs.first().map_or(0, |x| x.nrows());
        let inputs = inputs
            .iter()
            .map(|x| {
                let mut data: Vec<f32> = x.iter().copied().collect();
                let moments = Moments::centre(Arch::new(), x.ncols(), &mut data);
                Input { data, moments }
            })
            .collect();
        let parameters = Plan::flatten(&plan.slots, weights)?;
        let (v, d) = (plan.spec.modalities(), plan.spec.embedding);
        let padded = passes::panels_of_samples(samples);
        Ok(Self {
            arch: Arch::new(),
            statistics: Plan::flatten(&plan.statistics, weights)?,
            gradient: vec![0.0; parameters.len()],
            adam: Adam::new(parameters.len()),
            parameters,
            inputs,
            samples,
            lanes: Lanes::new(&plan, samples),
            latent: vec![0.0; padded * (v + 1) * d],
            d_h: vec![0.0; padded * d],
            target: None,
            plan,
        })
    }

    /// Embeds the samples in training mode.
    fn embed_training(&mut self) -> Encoders {
        let (mut folded, mut norms) = (Vec::new(), Vec::new());
        for (plan, input) in self.plan.encoders.iter().zip(&self.inputs) {
            let norm = plan.batch_norm(self.arch, &self.parameters, &input.moments, &input.data);
            folded.push(plan.fold_batch(&self.parameters, &norm));
            norms.push(norm);
        }
        self.embed_with(&folded);
        Encoders { folded, norms }
    }

    /// Embeds the samples with these encoders.
    fn embed_with(&mut self, encoders: &[Folded]) {
        let pass = Pass {
            arch: self.arch,
            plan: &self.plan,
            parameters: &self.parameters,
            samples: self.samples,
        };
        pass.embed(&self.inputs, encoders, &mut self.lanes, &mut self.latent);
    }

    /// Embeds the samples in evaluation mode.
    fn embed_evaluation(&mut self) {
        let of = |(plan, input): (&BlockPlan, &Input)| {
            plan.fold_running(&self.parameters, &self.statistics, &input.moments.mean)
        };
        let folded: Vec<Folded> = self
            .plan
            .encoders
            .iter()
            .zip(&self.inputs)
            .map(of)
            .collect();
        self.embed_with(&folded);
    }

    /// The embedding of the last pass, samples x d row by row.
    fn embedding(&self) -> Vec<f32> {
        let (v, d) = (self.plan.spec.modalities(), self.plan.spec.embedding);
        let width = (v + 1) * d;
        let mut rows = vec![0.0; self.samples * d];
        rows.par_chunks_mut(BLOCK * d)
            .enumerate()
            .for_each(|(block, rows)| {
                let panels = &self.latent[block * BLOCK * width..];
                let whole = passes::rows_of_panels(panels, rows.len() / d, width);
                for (row, whole) in rows.chunks_exact_mut(d).zip(whole.chunks_exact(width)) {
                    row.copy_from_slice(&whole[v * d..]);
                }
            });
        rows
    }

    /// Loss and gradient of stage 1, and the statistics that the pass leaves behind.
    fn likelihood(&mut self, likelihood: Likelihood) -> f64 {
        let encoders = self.embed_training();
        let mut h = self.embedding();
        let d = self.plan.spec.embedding;
        let moments = Moments::centre(self.arch, d, &mut h);
        let train = |plan: &BlockPlan| {
            let norm = plan.batch_norm(self.arch, &self.parameters, &moments, &h);
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
        let pass = Pass {
            arch: self.arch,
            plan: &self.plan,
            parameters: &self.parameters,
            samples: self.samples,
        };
        let (lanes, d_h) = (&mut self.lanes, &mut self.d_h);
        let loss = pass.decode_and_back(likelihood, &self.inputs, &h, &decoders, lanes, d_h);
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
        let late = Some((&late, h.as_slice()));
        pass.encoders_back(
            &self.inputs,
            &encoders.folded,
            &self.latent,
            late,
            lanes,
            d_h,
        );
        self.finish_encoders(&encoders);
        for (m, decoder) in decoders.iter().enumerate() {
            for (plan, (_, norm)) in [
                (&self.plan.means[m], &decoder.mean),
                (&self.plan.log_variances[m], &decoder.log_variance),
            ] {
                plan.absorb(&self.parameters, &mut self.statistics, norm);
            }
        }
        loss
    }

    /// Gradients of encoders and fusion layer from their sums, and the encoders' statistics.
    fn finish_encoders(&mut self, encoders: &Encoders) {
        let totals = &self.lanes.totals;
        for (plan, norm) in self.plan.encoders.iter().zip(&encoders.norms) {
            plan.finish(&self.parameters, norm, totals, &mut self.gradient);
            plan.absorb(&self.parameters, &mut self.statistics, norm);
        }
        let fusion = &self.plan.fusion;
        let sums = fusion.sums..fusion.sums + fusion.all().len();
        self.gradient[fusion.all()].copy_from_slice(&totals[sums]);
    }

    /// Loss and gradient of stage 2.
    fn divergence(&mut self, target: &Array2<f32>) -> f64 {
        let encoders = self.embed_training();
        let pass = Pass {
            arch: self.arch,
            plan: &self.plan,
            parameters: &self.parameters,
            samples: self.samples,
        };
        let (lanes, d_h) = (&mut self.lanes, &mut self.d_h);
        let loss = pass.divergence_and_back(target.view(), &self.latent, lanes, d_h);
        let sums = self.plan.centre_sums.clone();
        self.gradient[self.plan.centres.clone()].copy_from_slice(&lanes.totals[sums]);
        pass.encoders_back(
            &self.inputs,
            &encoders.folded,
            &self.latent,
            None,
            lanes,
            d_h,
        );
        self.finish_encoders(&encoders);
        loss
    }

    /// The parameters that stage 1 reaches: not the centres, nor the log-variance networks in its first
    /// part.
    fn reached(&self, likelihood: Likelihood) -> [Range<usize>; 2] {
        let networks = match likelihood {
            Likelihood::SquaredError => self.plan.log_variances[0].first.start,
            Likelihood::Gaussian => self.plan.fusion.all().start,
        };
        [0..networks, self.plan.fusion.all()]
    }

    fn update(&mut self, rate: f64, ranges: &[Range<usize>]) {
        let step = self.adam.begin(rate);
        for range in ranges {
            self.adam
                .update(&step, range.clone(), &mut self.parameters, &self.gradient);
        }
    }

    fn stage_one_step(&mut self, likelihood: Likelihood, rate: f64) -> f64 {
        let loss = self.likelihood(likelihood);
        let reached = self.reached(likelihood);
        self.update(rate, &reached);
        loss
    }
}
