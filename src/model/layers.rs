//! The layers of the network as functions of tensors: no state, no modules.
//!
//! Written out rather than taken from Burn's modules: its batch norm keeps a biased running
//! variance where PyTorch's is unbiased, and its attention turns V tokens x H heads per sample
//! into as many tiny matrix products.

use burn::tensor::{Tensor, activation};

pub(crate) const NORM_EPSILON: f64 = 1e-5;
pub(crate) const NORM_MOMENTUM: f64 = 0.1;

/// Mean and biased variance of a batch, each `1 x hidden`.
pub(crate) struct BatchStatistics {
    pub mean: Tensor<2>,
    pub variance: Tensor<2>,
}

impl BatchStatistics {
    /// Statistics of the columns of `z`, and `z` centred.
    fn of(z: Tensor<2>) -> (Self, Tensor<2>) {
        let mean = z.clone().mean_dim(0);
        let centred = z - mean.clone();
        let variance = centred.clone().square().mean_dim(0);
        (Self { mean, variance }, centred)
    }

    /// The statistics of the batch norm of a block, without the rest of the block.
    pub fn of_block(x: Tensor<2>, p: &[Tensor<2>]) -> Self {
        Self::of(linear(x, &p[0], &p[1])).0
    }
}

/// `x w + b` with `w` held `[in, out]`.
pub(crate) fn linear(x: Tensor<2>, w: &Tensor<2>, b: &Tensor<2>) -> Tensor<2> {
    x.matmul(w.clone()) + b.clone()
}

/// Linear, batch norm with the batch's statistics, ReLU, linear: `n x in` to `n x out`.
pub(crate) fn block_training(x: Tensor<2>, p: &[Tensor<2>]) -> (Tensor<2>, BatchStatistics) {
    let (statistics, centred) = BatchStatistics::of(linear(x, &p[0], &p[1]));
    let scale = p[2].clone() / (statistics.variance.clone() + NORM_EPSILON).sqrt();
    let hidden = activation::relu(centred * scale + p[3].clone());
    (linear(hidden, &p[4], &p[5]), statistics)
}

/// The same block with running statistics `[mean, variance]`.
pub(crate) fn block_evaluation(x: Tensor<2>, p: &[Tensor<2>], running: &[Tensor<2>]) -> Tensor<2> {
    let scale = p[2].clone() / (running[1].clone() + NORM_EPSILON).sqrt();
    let shift = p[3].clone() - running[0].clone() * scale.clone();
    let hidden = activation::relu(linear(x, &p[0], &p[1]) * scale + shift);
    linear(hidden, &p[4], &p[5])
}

/// Multi-head self-attention over V tokens of width d, one token a modality: V tensors `n x d`
/// in, `n x (V d)` out. `p` is in-projection weight and bias, out-projection weight and bias.
pub(crate) fn attention(tokens: Vec<Tensor<2>>, p: &[Tensor<2>], heads: usize) -> Tensor<2> {
    let v = tokens.len();
    let [n, d] = tokens[0].dims();
    let width = d / heads;
    let rows = n * heads;
    let projected = linear(Tensor::cat(tokens, 0), &p[0], &p[1]);
    let part = |k: usize| projected.clone().slice([0..v * n, k * d..(k + 1) * d]);
    let query = part(0).reshape([v, 1, rows, width]) * (width as f64).powf(-0.5);
    let key = part(1).reshape([1, v, rows, width]);
    let value = part(2).reshape([1, v, rows, width]);
    let scores: Tensor<4> = (query * key).sum_dim(3);
    let shares = activation::softmax(scores, 1);
    let mixed = (shares * value).sum_dim(1).reshape([v * n, d]);
    let out = linear(mixed, &p[2], &p[3]);
    Tensor::cat(
        (0..v)
            .map(|i| out.clone().slice([i * n..(i + 1) * n, 0..d]))
            .collect(),
        1,
    )
}

/// Log of the soft assignment: Student's t kernel between every sample and every centre,
/// rows normalised (van der Maaten and Hinton 2008; Xie, Girshick and Farhadi 2016). `n x K`.
pub(crate) fn log_soft_assignment(h: Tensor<2>, centres: Tensor<2>, alpha: f64) -> Tensor<2> {
    let (n, d) = (h.dims()[0], h.dims()[1]);
    let k = centres.dims()[0];
    // Differences, not |h|^2 - 2 h c + |c|^2: that loses digits where a sample is near a centre.
    let difference = h.reshape([n, 1, d]) - centres.reshape([1, k, d]);
    let squared: Tensor<2> = difference.square().sum_dim(2).reshape([n, k]);
    let kernel = (squared / alpha).log1p() * (-(alpha + 1.0) / 2.0);
    let norm = kernel.clone().exp().sum_dim(1).log();
    kernel - norm
}

/// Target distribution: `q^2 / sum_i q`, times the prior if there is one, rows normalised. `n x K`.
pub(crate) fn target_distribution(q: Tensor<2>, prior: Option<&Tensor<2>>) -> Tensor<2> {
    // A centre without samples has a zero column in q and in the target alike.
    let weight = q.clone().square() / q.sum_dim(0).clamp_min(f64::from(f32::MIN_POSITIVE));
    let weight = match prior {
        Some(prior) => weight * prior.clone(),
        None => weight,
    };
    weight.clone() / weight.sum_dim(1)
}
