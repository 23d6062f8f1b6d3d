//! The engine on Burn: a GPU through wgpu, or the CPU through Flex.

mod data;
mod guard;
#[cfg(test)]
mod inspect;
#[cfg(test)]
mod limited;
mod losses;

use std::ops::Range;

use burn::tensor::{ExecutionError, Int, Tensor, TensorData};
use ndarray::{Array2, ArrayView2};

use super::{Assignment, Batches, Decoder, Engine, EngineError, Objective, Snapshot, adam::Adam};
use crate::{
    data::{Masked, Values},
    job::CancelToken,
    model::{
        NetworkSpec, Weights,
        device::ComputeDevice,
        layers::{log_soft_assignment, target_distribution},
        layout,
        network::{Network, Seen, fetch, upload},
    },
};
use data::{Batch, Store};
use guard::guard;

/// Samples that are looked at in one go but for training: what lies between the layers then takes the same memory however many samples
/// there are.
const ROWS: usize = 1 << 14;

/// Network, data and optimiser on one device.
pub struct BurnEngine {
    device: ComputeDevice,
    network: Network,
    all: Store,
    adam: Adam,
    target: Option<Tensor<2>>,
    prior: Option<Tensor<2>>,
    kept: Option<Kept>,
    batches: Option<Batches>,
    /// Samples of a training step, at most: what lies between the layers has to fit into a buffer of the device.
    most: usize,
    /// See [`ROWS`].
    rows: usize,
}

/// A state: tensors are shared, not copied.
struct Kept {
    parameters: Vec<Tensor<2>>,
    statistics: Vec<Tensor<2>>,
    adam: Adam,
}

impl BurnEngine {
    /// Takes up a state, and gives the one before.
    fn exchange(&mut self, state: Kept) -> Kept {
        Kept {
            parameters: std::mem::replace(&mut self.network.parameters, state.parameters),
            statistics: std::mem::replace(&mut self.network.statistics, state.statistics),
            adam: std::mem::replace(&mut self.adam, state.adam),
        }
    }

    /// Puts the data (samples x features a modality, scaled, finite where nothing was measured too) and the weights on the device.
    ///
    /// # Errors
    /// If the weights are of another network, the device fails, or the data are on disk: they must fit in memory.
    pub fn new(
        spec: NetworkSpec,
        inputs: impl IntoIterator<Item = impl Into<Masked>>,
        weights: &Weights,
        device: ComputeDevice,
    ) -> Result<Self, EngineError> {
        let inputs: Vec<Masked> = inputs.into_iter().map(Into::into).collect();
        let widest = widest(&spec);
        let most = device.most_rows(widest);
        let rows = ROWS.min(most).min(device.rows_at_once(widest));
        let (network, all) = guard(&device, || {
            let network = Network::load(spec, weights, &device.burn)?;
            Ok((network, Store::new(inputs, &device)?))
        })?;
        let mut engine = Self {
            all,
            adam: Adam::new(network.parameters.len()),
            network,
            device,
            target: None,
            prior: None,
            kept: None,
            batches: None,
            most,
            rows,
        };
        engine.use_batches(Batches::new(most, 0, CancelToken::new()));
        Ok(engine)
    }

    /// All samples in blocks of about the same size.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let samples = self.all.samples;
        let each = samples.div_ceil(samples.div_ceil(self.rows).max(1)).max(1);
        (0..samples)
            .step_by(each)
            .map(move |start| start..samples.min(start + each))
    }

    /// The embedding of all samples.
    fn embedding(&self) -> Result<Tensor<2>, EngineError> {
        let blocks = self.blocks();
        let parts = blocks.map(|rows| Ok(self.network.embed(&self.all.block(rows)?)));
        let mut parts: Vec<Tensor<2>> = parts.collect::<Result<_, EngineError>>()?;
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Tensor::cat(parts, 0),
        })
    }

    /// What a decoder says of a modality, on the host.
    fn decoded(&self, decoder: Decoder, h: &Tensor<2>, v: usize) -> Result<Values, EngineError> {
        let features = self.network.spec.features[v];
        let mut values = Vec::with_capacity(self.all.samples * features);
        for rows in self.blocks() {
            let h = h.clone().narrow(0, rows.start, rows.len());
            let decoded = match decoder {
                Decoder::Mean => self.network.mean(&h, v),
                Decoder::LogVariance => self.network.log_variance(&h, v),
            };
            values.extend(fetch(decoded)?);
        }
        let array = Array2::from_shape_vec((self.all.samples, features), values);
        let array = array.map_err(|error| EngineError::Device(error.to_string()))?;
        Ok(array.into())
    }

    /// Runs work on the device; its panics and its loss become errors.
    fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let device = self.device.clone();
        guard(&device, || work(self))
    }

    /// A forward pass in training mode to a loss, and its gradients.
    fn gradients(
        &mut self,
        batch: &Batch,
        loss: impl FnOnce(&Self, &Batch, &[Tensor<2>], &mut Seen) -> Tensor<1>,
    ) -> (Tensor<1>, Vec<Option<Tensor<2>>>, Seen) {
        let leaves = self.network.leaves();
        let mut seen = Seen::new();
        let loss = loss(self, batch, &leaves, &mut seen);
        let mut gradients = loss.backward();
        let gradients = leaves
            .iter()
            .map(|leaf| leaf.grad_remove(&mut gradients))
            .collect();
        (loss.inner(), gradients, seen)
    }

    /// A step on all samples, or on every mini-batch; `loss` gets the rows of a mini-batch too.
    fn step_with(
        &mut self,
        rate: f64,
        loss: impl Fn(&Self, &Batch, Option<&Tensor<1, Int>>, &[Tensor<2>], &mut Seen) -> Tensor<1>,
    ) -> Result<f64, EngineError> {
        self.guarded(|engine| {
            let Some(batches) = engine.batches.clone() else {
                let all = engine.all.whole()?;
                let value = engine.step_on(&all, rate, |e, x, leaves, seen| {
                    loss(e, x, None, leaves, seen)
                })?;
                return Ok(value);
            };
            let epoch = batches.epoch(engine.all.samples, engine.adam.steps);
            let seen: usize = epoch.iter().map(Vec::len).sum();
            let mut total = 0.0;
            for rows in epoch {
                batches.check()?;
                let numbers: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
                let index = Tensor::from_data(TensorData::from(&numbers[..]), &engine.device.burn);
                let batch = engine.all.select(&rows, &index)?;
                let value = engine.step_on(&batch, rate, |e, x, leaves, seen| {
                    loss(e, x, Some(&index), leaves, seen)
                })?;
                total += value * rows.len() as f64 / seen as f64;
            }
            Ok(total)
        })
    }

    fn step_on(
        &mut self,
        batch: &Batch,
        rate: f64,
        loss: impl FnOnce(&Self, &Batch, &[Tensor<2>], &mut Seen) -> Tensor<1>,
    ) -> Result<f64, ExecutionError> {
        let (loss, gradients, seen) = self.gradients(batch, loss);
        self.adam
            .step(&mut self.network.parameters, gradients, rate);
        self.network.absorb(seen, batch.samples);
        let value = loss
            .try_into_scalar::<f32>()
            .map_err(|e| ExecutionError::WithContext {
                reason: e.to_string(),
            })?;
        Ok(f64::from(value))
    }

    fn target_of(&self, q: Tensor<2>) -> Tensor<2> {
        target_distribution(q, self.prior.as_ref())
    }

    fn soft_assignment(&self) -> Result<(Tensor<2>, Tensor<2>), EngineError> {
        let h = self.embedding()?;
        let centres = self.network.centres(&self.network.parameters).clone();
        let q = log_soft_assignment(h.clone(), centres, self.network.spec.alpha).exp();
        Ok((q, h))
    }
}

/// Numbers of a sample in the widest tensor of a pass through the network.
fn widest(spec: &NetworkSpec) -> usize {
    let (modalities, d) = (spec.modalities(), spec.embedding);
    let attention = (3 * modalities * d).max(spec.heads * modalities * modalities);
    let widest = spec
        .features
        .iter()
        .copied()
        .chain([spec.hidden, attention, spec.clusters]);
    widest.max().unwrap_or(1)
}

impl Engine for BurnEngine {
    fn use_batches(&mut self, batches: Batches) {
        let batches = batches.at_most(self.most);
        self.batches = (batches.largest(self.all.samples) < self.all.samples).then_some(batches);
    }

    fn most_samples(&self) -> Option<usize> {
        (self.most < self.all.samples).then_some(self.most)
    }

    fn reset_optimiser(&mut self) {
        self.adam = Adam::new(self.network.parameters.len());
    }

    fn step(&mut self, objective: Objective, learning_rate: f64) -> Result<f64, EngineError> {
        let target = match (objective.has_target(), self.target.take()) {
            (false, _) => None,
            (true, None) => {
                Some(self.guarded(|engine| Ok(engine.target_of(engine.soft_assignment()?.0)))?)
            }
            (true, target) => target,
        };
        self.step_with(learning_rate, |engine, batch, rows, leaves, seen| {
            let target = target.clone().map(|target| match rows {
                Some(rows) => target.select(0, rows.clone()),
                None => target,
            });
            engine.loss(objective, batch, target, leaves, seen)
        })
    }

    fn embed(&mut self) -> Result<Array2<f32>, EngineError> {
        self.guarded(|engine| Ok(fetch(engine.embedding()?)?))
    }

    fn decode(&mut self, decoder: Decoder) -> Result<Vec<Values>, EngineError> {
        self.guarded(|engine| {
            let h = engine.embedding()?;
            let modalities = 0..engine.network.spec.modalities();
            modalities.map(|v| engine.decoded(decoder, &h, v)).collect()
        })
    }

    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.target = None;
        self.guarded(|engine| {
            engine
                .network
                .set_centres(upload(centres, &engine.device.burn));
            Ok(())
        })
    }

    fn set_prior(&mut self, prior: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.guarded(|engine| {
            engine.target = None;
            engine.prior = Some(upload(prior, &engine.device.burn));
            Ok(())
        })
    }

    fn assign(&mut self) -> Result<Assignment, EngineError> {
        self.guarded(|engine| {
            let (q, h) = engine.soft_assignment()?;
            engine.target = Some(engine.target_of(q.clone()));
            let q = match &engine.prior {
                Some(prior) => {
                    let known = q * prior.clone();
                    known.clone() / known.sum_dim(1)
                }
                None => q,
            };
            Ok(Assignment {
                q: fetch(q)?,
                embedding: fetch(h)?,
            })
        })
    }

    fn weights(&mut self) -> Result<Weights, EngineError> {
        self.guarded(|engine| Ok(engine.network.weights()?))
    }

    fn keep(&mut self) {
        self.kept = Some(Kept {
            parameters: self.network.parameters.clone(),
            statistics: self.network.statistics.clone(),
            adam: self.adam.clone(),
        });
    }

    fn go_back(&mut self) {
        if let Some(kept) = self.kept.take() {
            self.exchange(kept);
            self.target = None;
        }
    }

    fn kept(&mut self) -> Result<Snapshot, EngineError> {
        let Some(kept) = self.kept.take() else {
            return self.snapshot();
        };
        let now = self.exchange(kept);
        let snapshot = self.snapshot();
        self.kept = Some(self.exchange(now));
        snapshot
    }

    fn snapshot(&mut self) -> Result<Snapshot, EngineError> {
        self.guarded(|engine| {
            let slots = layout::parameters(&engine.network.spec);
            let (first_moments, second_moments) = engine.adam.state(&slots)?;
            Ok(Snapshot {
                weights: engine.network.weights()?,
                first_moments,
                second_moments,
                steps: engine.adam.steps,
            })
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), EngineError> {
        let spec = self.network.spec.clone();
        let slots = layout::parameters(&spec);
        let device = self.device.clone();
        (self.network, self.adam) = guard(&device, || {
            let network = Network::load(spec, &snapshot.weights, &device.burn)?;
            let (first, second) = (&snapshot.first_moments, &snapshot.second_moments);
            let adam = Adam::load(&slots, first, second, snapshot.steps, &device.burn);
            Ok((network, adam))
        })?;
        self.target = None;
        Ok(())
    }
}
