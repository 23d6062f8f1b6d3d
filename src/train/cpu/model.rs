//! The network with its optimiser, and what a step does with them.

use std::{io, ops::Range};

use ndarray::{Array2, ArrayView2};
use pulp::Arch;
use rayon::prelude::*;

use crate::{data::Values, train::Objective};

use super::{
    adam::Adam,
    batch::Batch,
    block::{Folded, LateGradient},
    lanes::BLOCK,
    losses::Likelihood,
    moments::{Matrix, Moments},
    norm::{BatchNorm, Statistics},
    passes::{self, Decoder, Pass},
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

/// What an objective is made of.
struct Terms {
    likelihood: Option<Likelihood>,
    /// Weight of the divergence.
    divergence: Option<f64>,
    statistics: Statistics,
}

impl Terms {
    fn of(objective: Objective) -> Self {
        let (likelihood, divergence, statistics) = match objective {
            Objective::SquaredError => (Some(Likelihood::SquaredError), None, Statistics::Batch),
            Objective::Likelihood => (Some(Likelihood::Gaussian), None, Statistics::Batch),
            Objective::Faithful => (Some(Likelihood::Faithful), None, Statistics::Batch),
            Objective::Divergence => (None, Some(1.0), Statistics::Batch),
            Objective::KeptDivergence { weight } => (
                Some(Likelihood::SquaredError),
                Some(weight),
                Statistics::Running,
            ),
        };
        Self {
            likelihood,
            divergence,
            statistics,
        }
    }
}

/// The encoders as a step runs them.
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

    /// Embeds the samples as a step does.
    pub fn embed_with(&self, batch: &mut Batch, statistics: Statistics) -> Encoders {
        let (mut folded, mut norms) = (Vec::new(), Vec::new());
        for (plan, input) in self.plan.encoders.iter().zip(&batch.inputs) {
            let norm = self.norm(plan, statistics, &input.moments, &input.data.values);
            folded.push(plan.fold(&self.parameters, &norm));
            norms.push(norm);
        }
        let (inputs, latent) = (&batch.inputs, &mut batch.latent);
        self.pass(batch.samples)
            .embed(inputs, &folded, &mut batch.lanes, latent);
        Encoders { folded, norms }
    }

    /// The norm of a block that gets these values, centred.
    pub fn norm(
        &self,
        plan: &BlockPlan,
        statistics: Statistics,
        moments: &Moments,
        values: &Values,
    ) -> BatchNorm {
        match statistics {
            Statistics::Batch => plan.batch_norm(self.arch, &self.parameters, moments, values),
            Statistics::Running => {
                plan.running_norm(&self.parameters, &self.statistics, &moments.mean)
            }
        }
    }

    /// Embeds the samples in evaluation mode.
    pub fn embed_evaluation(&self, batch: &mut Batch) {
        self.embed_with(batch, Statistics::Running);
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

    /// Loss and gradient of an objective, and the statistics that the pass leaves behind. `target` is the target
    /// distribution of these samples, for a divergence.
    pub fn differentiate(
        &mut self,
        objective: Objective,
        batch: &mut Batch,
        target: Option<ArrayView2<'_, f32>>,
    ) -> io::Result<f64> {
        let Terms {
            likelihood,
            divergence,
            statistics,
        } = Terms::of(objective);
        let encoders = self.embed_with(batch, statistics);
        batch
            .d_h
            .par_chunks_mut(1 << 14)
            .for_each(|d_h| d_h.fill(0.0));
        let mut loss = 0.0;
        if let Some((weight, target)) = divergence.zip(target) {
            let Batch {
                samples,
                lanes,
                latent,
                d_h,
                ..
            } = batch;
            loss += self
                .pass(*samples)
                .divergence_and_back(weight, target, latent, lanes, d_h);
            let sums = self.plan.centre_sums.clone();
            self.gradient[self.plan.centres.clone()].copy_from_slice(&lanes.totals[sums]);
        }
        let (mut decoders, mut late) = (Vec::new(), None);
        if let Some(likelihood) = likelihood {
            let (of_data, made, embedding, later) =
                self.decode_and_back(likelihood, statistics, batch)?;
            loss += of_data;
            decoders = made;
            late = Some((later, embedding));
        }
        let Batch {
            inputs,
            samples,
            lanes,
            latent,
            d_h,
        } = batch;
        let mut buffer = Vec::new();
        let late = late
            .as_ref()
            .map(|(late, h)| (late, h.rows(0..*samples, &mut buffer)));
        let pass = self.pass(*samples);
        pass.encoders_back(inputs, &encoders.folded, latent, late, lanes, d_h);
        self.finish_encoders(&encoders, &batch.lanes.totals);
        for (m, decoder) in decoders.iter().enumerate() {
            let mean = Some((&self.plan.means[m], &decoder.mean));
            let log_variance = decoder.log_variance.as_ref();
            let log_variance = log_variance.map(|norm| (&self.plan.log_variances[m], norm));
            for (plan, (_, norm)) in mean.into_iter().chain(log_variance) {
                plan.absorb(&self.parameters, &mut self.statistics, norm);
            }
        }
        Ok(loss)
    }

    /// The likelihood of the data and the gradients of the decoders; adds that of the embedding to `batch.d_h`.
    /// Also the decoders, the centred embedding, and the late part of its gradient.
    fn decode_and_back(
        &mut self,
        likelihood: Likelihood,
        statistics: Statistics,
        batch: &mut Batch,
    ) -> io::Result<(f64, Vec<Decoder>, Values, LateGradient)> {
        let d = self.plan.spec.embedding;
        let embedding = self.embedding(batch).into();
        let (embedding, moments) = Moments::centre(self.arch, embedding, Matrix::ForOneStep)?;
        let train = |plan: &BlockPlan| {
            let norm = self.norm(plan, statistics, &moments, &embedding);
            (plan.fold(&self.parameters, &norm), norm)
        };
        let decoders: Vec<Decoder> = self
            .plan
            .means
            .par_iter()
            .zip(&self.plan.log_variances)
            .map(|(mean, log_variance)| Decoder {
                mean: train(mean),
                // The published program runs these in pretraining too: only their statistics change.
                log_variance: (statistics == Statistics::Batch).then(|| train(log_variance)),
            })
            .collect();
        let Batch {
            inputs,
            samples,
            lanes,
            d_h,
            ..
        } = batch;
        let mut buffer = Vec::new();
        let h = embedding.rows(0..*samples, &mut buffer);
        let pass = self.pass(*samples);
        let loss = pass.decode_and_back(likelihood, inputs, h, &decoders, lanes, d_h);
        let mut late = LateGradient::zero(d);
        for (m, decoder) in decoders.iter().enumerate() {
            let mut networks = vec![(&self.plan.means[m], &decoder.mean.1)];
            if let Some((_, norm)) = &decoder.log_variance
                && likelihood.has_variance()
            {
                networks.push((&self.plan.log_variances[m], norm));
            }
            for (n, (plan, norm)) in networks.into_iter().enumerate() {
                if likelihood.reaches_embedding(n) {
                    plan.finish_inputs(&self.parameters, norm, &lanes.totals, &mut late);
                }
                plan.finish(&self.parameters, norm, &lanes.totals, &mut self.gradient);
            }
        }
        Ok((loss, decoders, embedding, late))
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

    /// The parameters that an objective reaches.
    pub fn reached(&self, objective: Objective) -> [Range<usize>; 2] {
        let (plan, fusion) = (&self.plan, self.plan.fusion.all());
        let Terms {
            likelihood,
            divergence,
            ..
        } = Terms::of(objective);
        let networks = match likelihood {
            None => plan.means[0].first.start,
            Some(Likelihood::SquaredError) => plan.log_variances[0].first.start,
            Some(_) => fusion.start,
        };
        let end = divergence.map_or(fusion.end, |_| plan.centres.end);
        [0..networks, fusion.start..end]
    }

    pub fn update(&mut self, rate: f64, ranges: &[Range<usize>]) {
        let step = self.adam.begin(rate);
        for range in ranges {
            self.adam
                .update(&step, range.clone(), &mut self.parameters, &self.gradient);
        }
    }
}
