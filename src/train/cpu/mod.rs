//! The engine on the CPU, written for this one network.
//!
//! Samples pass through the network in blocks that stay in the cache; what is `samples x hidden` wide is never held.
//! `block` has the derivatives, `moments` says why batch norm needs no pass of its own, `lanes` why the
//! number of threads does not matter, `products` where the time goes.
//!
//! A training step is three passes over the samples: data to embedding, embedding to loss and back to its
//! gradient, and from there back to the encoders.

mod adam;
mod batch;
mod block;
mod engine;
mod fusion;
#[cfg(test)]
mod inspect;
mod lanes;
mod losses;
mod model;
mod moments;
mod norm;
mod passes;
mod peak;
mod plan;
mod products;

pub use peak::{instruction_set, peak_operations};

use std::{io, sync::Arc};

use ndarray::Array2;
use pulp::Arch;
use rayon::ThreadPool;

use super::{Batches, EngineError};
use crate::{
    data::Masked,
    model::{NetworkSpec, Weights},
};
use adam::Adam;
use batch::Batch;
use model::Model;
use plan::Plan;

/// Network, data and optimiser in main memory.
pub struct CpuEngine {
    model: Model,
    all: Batch,
    some: Option<MiniBatches>,
    target: Option<Array2<f32>>,
    prior: Option<Array2<f32>>,
    kept: Option<Kept>,
    /// The threads that steps are taken on, if not all.
    threads: Option<Arc<ThreadPool>>,
}

/// A state: parameters, running statistics, moments.
type Kept = (Vec<f32>, Vec<f32>, Adam);

/// Mini-batches, and the memory for one.
struct MiniBatches {
    batches: Batches,
    batch: Batch,
}

impl CpuEngine {
    /// Takes the data (samples x features a modality, scaled, finite where nothing was measured too) and the weights.
    ///
    /// # Errors
    /// If the weights are of another network, or values held on disk cannot be read or written.
    pub fn new(
        spec: NetworkSpec,
        inputs: impl IntoIterator<Item = impl Into<Masked>>,
        weights: &Weights,
    ) -> Result<Self, EngineError> {
        let (plan, arch) = (Plan::new(spec), Arch::new());
        let parameters = Plan::flatten(&plan.slots, weights)?;
        let inputs = inputs.into_iter().map(Into::into).collect();
        Ok(Self {
            all: Batch::of_all(&plan, arch, inputs)?,
            some: None,
            target: None,
            prior: None,
            kept: None,
            threads: None,
            model: Model {
                statistics: Plan::flatten(&plan.statistics, weights)?,
                gradient: vec![0.0; parameters.len()],
                adam: Adam::new(parameters.len()),
                parameters,
                arch,
                plan,
            },
        })
    }

    /// An epoch: `step` for the whole batch, or for every mini-batch with its samples. The mean loss.
    fn epoch(
        &mut self,
        mut step: impl FnMut(&mut Model, &mut Batch, Option<&[u32]>) -> io::Result<f64>,
    ) -> Result<f64, EngineError> {
        let Some(MiniBatches { batches, batch }) = &mut self.some else {
            let loss = step(&mut self.model, &mut self.all, None)?;
            self.all.check()?;
            return Ok(loss);
        };
        let samples = self.all.samples;
        let epoch = batches.epoch(samples, self.model.adam.steps);
        let seen: usize = epoch.iter().map(Vec::len).sum();
        let mut loss = 0.0;
        for rows in epoch {
            batches.check()?;
            batch.take(self.model.arch, &self.all, &rows)?;
            let share = rows.len() as f64 / seen as f64;
            loss += share * step(&mut self.model, batch, Some(&rows))?;
        }
        Ok(loss)
    }
}
