//! The network on a device: its tensors and its passes in training and evaluation mode.

use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use ndarray::{Array2, ArrayD, ArrayView2};

use super::{
    NetworkSpec, Weights, WeightsError,
    layers::{self, BatchStatistics, NORM_MOMENTUM},
    layout::{self, BLOCK_PARAMETERS, Slot},
};

/// Index of a block: encoders first, then the mean and the log-variance networks.
#[derive(Clone, Copy)]
enum Block {
    Encoder(usize),
    Mean(usize),
    LogVariance(usize),
}

/// All tensors of the network, outside any gradient graph.
pub(crate) struct Network {
    pub spec: NetworkSpec,
    pub parameters: Vec<Tensor<2>>,
    pub statistics: Vec<Tensor<2>>,
}

/// What a pass in training mode leaves behind: the batch statistics of the blocks it ran.
pub(crate) type Seen = Vec<(usize, BatchStatistics)>;

impl Network {
    /// Puts weights on a device (one without autodiff).
    pub fn load(
        spec: NetworkSpec,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let put = |slots: Vec<Slot>| {
            slots
                .iter()
                .map(|slot| Ok(upload(matrix(slot, weights.slot(slot)?).view(), device)))
                .collect::<Result<Vec<_>, WeightsError>>()
        };
        Ok(Self {
            parameters: put(layout::parameters(&spec))?,
            statistics: put(layout::statistics(&spec))?,
            spec,
        })
    }

    /// Copies parameters and statistics to the host.
    pub fn weights(&self) -> Result<Weights, ExecutionError> {
        let slots: Vec<Slot> = layout::parameters(&self.spec)
            .into_iter()
            .chain(layout::statistics(&self.spec))
            .collect();
        let tensors: Vec<&Tensor<2>> = self.parameters.iter().chain(&self.statistics).collect();
        Ok(Weights {
            tensors: download(&slots, &tensors)?,
        })
    }

    /// The parameters as leaves of a new gradient graph.
    pub fn leaves(&self) -> Vec<Tensor<2>> {
        self.parameters
            .iter()
            .map(|p| p.clone().autodiff().require_grad())
            .collect()
    }

    fn modalities(&self) -> usize {
        self.spec.modalities()
    }

    fn index(&self, block: Block) -> usize {
        match block {
            Block::Encoder(v) => v,
            Block::Mean(v) => self.modalities() + v,
            Block::LogVariance(v) => 2 * self.modalities() + v,
        }
    }

    fn of_block<'a>(&self, tensors: &'a [Tensor<2>], block: Block) -> &'a [Tensor<2>] {
        let start = self.index(block) * BLOCK_PARAMETERS;
        &tensors[start..start + BLOCK_PARAMETERS]
    }

    fn fuse(&self, tokens: Vec<Tensor<2>>, p: &[Tensor<2>]) -> Tensor<2> {
        let rest = &p[3 * self.modalities() * BLOCK_PARAMETERS..];
        let mixed = layers::attention(tokens, &rest[..4], self.spec.heads);
        layers::linear(mixed, &rest[4], &rest[5])
    }

    /// The cluster centres `K x d` among some parameters.
    pub fn centres<'a>(&self, parameters: &'a [Tensor<2>]) -> &'a Tensor<2> {
        &parameters[parameters.len() - 1]
    }

    /// Replaces the cluster centres, `K x d`.
    pub fn set_centres(&mut self, centres: Tensor<2>) {
        if let Some(last) = self.parameters.last_mut() {
            *last = centres;
        }
    }

    fn train_block(
        &self,
        x: Tensor<2>,
        leaves: &[Tensor<2>],
        block: Block,
        seen: &mut Seen,
    ) -> Tensor<2> {
        let (out, statistics) = layers::block_training(x, self.of_block(leaves, block));
        let statistics = BatchStatistics {
            mean: statistics.mean.inner(),
            variance: statistics.variance.inner(),
        };
        seen.push((self.index(block), statistics));
        out
    }

    /// Embedding `n x d` in training mode, in the graph of `leaves`.
    pub fn embed_training(
        &self,
        inputs: &[Tensor<2>],
        leaves: &[Tensor<2>],
        seen: &mut Seen,
    ) -> Tensor<2> {
        let tokens = (0..inputs.len())
            .map(|v| {
                let x = inputs[v].clone().autodiff();
                self.train_block(x, leaves, Block::Encoder(v), seen)
            })
            .collect();
        self.fuse(tokens, leaves)
    }

    /// Reconstructed mean of modality `v`, `n x f_v`, in training mode.
    pub fn mean_training(
        &self,
        h: &Tensor<2>,
        v: usize,
        leaves: &[Tensor<2>],
        seen: &mut Seen,
    ) -> Tensor<2> {
        self.train_block(h.clone(), leaves, Block::Mean(v), seen)
    }

    /// Log variance of modality `v`, `n x f_v`, in training mode.
    pub fn log_variance_training(
        &self,
        h: &Tensor<2>,
        v: usize,
        leaves: &[Tensor<2>],
        seen: &mut Seen,
    ) -> Tensor<2> {
        self.train_block(h.clone(), leaves, Block::LogVariance(v), seen)
    }

    /// A block with its running statistics, in the graph of `leaves`.
    fn running_block(&self, x: Tensor<2>, leaves: &[Tensor<2>], block: Block) -> Tensor<2> {
        let at = 2 * self.index(block);
        let running = self.statistics[at..at + 2].iter();
        let running: Vec<_> = running.map(|s| s.clone().autodiff()).collect();
        layers::block_evaluation(x, self.of_block(leaves, block), &running)
    }

    /// Embedding `n x d` with the running statistics, in the graph of `leaves`.
    pub fn embed_running(&self, inputs: &[Tensor<2>], leaves: &[Tensor<2>]) -> Tensor<2> {
        let token = |(v, x): (usize, &Tensor<2>)| {
            self.running_block(x.clone().autodiff(), leaves, Block::Encoder(v))
        };
        self.fuse(inputs.iter().enumerate().map(token).collect(), leaves)
    }

    /// Reconstructed mean of modality `v`, `n x f_v`, with the running statistics.
    pub fn mean_running(&self, h: &Tensor<2>, v: usize, leaves: &[Tensor<2>]) -> Tensor<2> {
        self.running_block(h.clone(), leaves, Block::Mean(v))
    }

    /// Runs the log-variance network of modality `v` only as far as its batch statistics.
    pub fn watch_log_variance(&self, h: &Tensor<2>, v: usize, seen: &mut Seen) {
        let block = Block::LogVariance(v);
        let p = self.of_block(&self.parameters, block);
        seen.push((
            self.index(block),
            BatchStatistics::of_block(h.clone().inner(), p),
        ));
    }

    /// Moves the running statistics towards those of a batch of `n` samples.
    pub fn absorb(&mut self, seen: Seen, n: usize) {
        let unbiased = n as f64 / (n as f64 - 1.0).max(1.0);
        for (block, batch) in seen {
            let blend = |running: &Tensor<2>, new: Tensor<2>| {
                running.clone() * (1.0 - NORM_MOMENTUM) + new * NORM_MOMENTUM
            };
            let (mean, variance) = (2 * block, 2 * block + 1);
            self.statistics[mean] = blend(&self.statistics[mean], batch.mean);
            self.statistics[variance] =
                blend(&self.statistics[variance], batch.variance * unbiased);
        }
    }

    fn evaluate_block(&self, x: Tensor<2>, block: Block) -> Tensor<2> {
        let at = 2 * self.index(block);
        layers::block_evaluation(
            x,
            self.of_block(&self.parameters, block),
            &self.statistics[at..at + 2],
        )
    }

    /// Embedding `n x d` in evaluation mode.
    pub fn embed(&self, inputs: &[Tensor<2>]) -> Tensor<2> {
        let tokens = (0..inputs.len())
            .map(|v| self.evaluate_block(inputs[v].clone(), Block::Encoder(v)))
            .collect();
        self.fuse(tokens, &self.parameters)
    }

    /// Mean of modality `v` in evaluation mode, `n x f_v`.
    pub fn mean(&self, h: &Tensor<2>, v: usize) -> Tensor<2> {
        self.evaluate_block(h.clone(), Block::Mean(v))
    }

    /// Log variance of modality `v` in evaluation mode, `n x f_v`.
    pub fn log_variance(&self, h: &Tensor<2>, v: usize) -> Tensor<2> {
        self.evaluate_block(h.clone(), Block::LogVariance(v))
    }
}

/// A slot's array as the matrix held on the device: vectors as one row, linear weights turned.
fn matrix(slot: &Slot, array: &ArrayD<f32>) -> Array2<f32> {
    let shape = match slot.shape[..] {
        [rows, columns] => (rows, columns),
        _ => (1, array.len()),
    };
    let standard: Vec<f32> = array.iter().copied().collect();
    let matrix = Array2::from_shape_vec(shape, standard).expect("a slot has one or two axes");
    if slot.transposed {
        matrix.t().as_standard_layout().into_owned()
    } else {
        matrix
    }
}

/// Copies a matrix to a device.
pub(crate) fn upload(array: ArrayView2<'_, f32>, device: &Device) -> Tensor<2> {
    let shape = [array.nrows(), array.ncols()];
    let values: Vec<f32> = array.iter().copied().collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Copies a matrix to the host.
pub(crate) fn fetch(tensor: Tensor<2>) -> Result<Array2<f32>, ExecutionError> {
    let [rows, columns] = tensor.dims();
    let values = values(tensor.try_into_data()?)?;
    Array2::from_shape_vec((rows, columns), values).map_err(|e| ExecutionError::WithContext {
        reason: e.to_string(),
    })
}

fn values(data: TensorData) -> Result<Vec<f32>, ExecutionError> {
    data.try_into_vec::<f32>()
        .map_err(|e| ExecutionError::WithContext {
            reason: format!("{e:?}"),
        })
}

/// Copies many tensors to the host in one transfer.
pub(crate) fn download(
    slots: &[Slot],
    tensors: &[&Tensor<2>],
) -> Result<std::collections::BTreeMap<String, ArrayD<f32>>, ExecutionError> {
    let flat: Vec<Tensor<1>> = tensors
        .iter()
        .map(|t| (*t).clone().reshape([t.shape().num_elements()]))
        .collect();
    let all = values(Tensor::cat(flat, 0).try_into_data()?)?;
    let mut rest = all.as_slice();
    let mut named = std::collections::BTreeMap::new();
    for slot in slots {
        let (head, tail) = rest.split_at(slot.shape.iter().product());
        rest = tail;
        let array = match (&slot.shape[..], slot.transposed) {
            (&[rows, columns], true) => Array2::from_shape_vec((columns, rows), head.to_vec())
                .map(|a| a.t().as_standard_layout().into_owned().into_dyn()),
            _ => ArrayD::from_shape_vec(slot.shape.clone(), head.to_vec()),
        };
        let array = array.map_err(|e| ExecutionError::WithContext {
            reason: e.to_string(),
        })?;
        named.insert(slot.name.clone(), array);
    }
    Ok(named)
}

/// Puts named arrays for `slots` on a device, zeros where there is none.
pub(crate) fn upload_named(
    slots: &[Slot],
    named: &std::collections::BTreeMap<String, ArrayD<f32>>,
    device: &Device,
) -> Vec<Option<Tensor<2>>> {
    slots
        .iter()
        .map(|slot| {
            named
                .get(&slot.name)
                .filter(|array| array.shape() == slot.shape)
                .map(|array| upload(matrix(slot, array).view(), device))
        })
        .collect()
}
