//! Attention over the modalities of a sample and the fusion layer, 32 samples at a time.
//!
//! A *panel* here holds 32 samples side by side, feature by feature: `[features][WIDTH]`. So a product with
//! a weight matrix is [`products::spread`], and everything elementwise runs in vector registers.

use pulp::{Arch, Simd, WithSimd};

use super::{
    plan::{FusionPlan, Plan},
    products::{self, End, Start, WIDTH},
};

/// A value of each of the panel's samples.
type Lanes = [f32; WIDTH];

/// The layers with their weights, and these turned for the way back.
pub(super) struct Fusion<'a> {
    modalities: usize,
    d: usize,
    heads: usize,
    plan: &'a FusionPlan,
    parameters: &'a [f32],
    in_turned: Vec<f32>,
    out_turned: Vec<f32>,
    fuse_turned: Vec<f32>,
}

/// What a pass over one panel needs.
pub(super) struct FusionScratch {
    /// Queries, keys and values, `[V][3 d]`.
    projected: Vec<f32>,
    /// Attention of one modality to another by head, `[V][V][heads]`.
    shares: Vec<f32>,
    /// `[V][d]`.
    mixed: Vec<f32>,
    out: Vec<f32>,
    d_projected: Vec<f32>,
    d_mixed: Vec<f32>,
    d_out: Vec<f32>,
}

impl FusionScratch {
    pub fn new(plan: &Plan) -> Self {
        let (v, d) = (plan.spec.modalities(), plan.spec.embedding);
        let lanes = |features: usize| vec![0.0; features * WIDTH];
        Self {
            projected: lanes(v * 3 * d),
            shares: lanes(v * v * plan.spec.heads),
            mixed: lanes(v * d),
            out: lanes(v * d),
            d_projected: lanes(v * 3 * d),
            d_mixed: lanes(v * d),
            d_out: lanes(v * d),
        }
    }
}

impl<'a> Fusion<'a> {
    pub fn new(plan: &'a Plan, parameters: &'a [f32]) -> Self {
        let (v, d) = (plan.spec.modalities(), plan.spec.embedding);
        let at = &plan.fusion;
        Self {
            modalities: v,
            d,
            heads: plan.spec.heads,
            plan: at,
            in_turned: turned(&parameters[at.in_weight.clone()], d),
            out_turned: turned(&parameters[at.out_weight.clone()], d),
            fuse_turned: turned(&parameters[at.fuse_weight.clone()], v * d),
            parameters,
        }
    }

    /// A panel of tokens (`[V d]`) to a panel of embeddings (`[d]`).
    pub fn forward(&self, arch: Arch, tokens: &[f32], s: &mut FusionScratch, h: &mut [f32]) {
        let d = self.d;
        let p = |range: &std::ops::Range<usize>| &self.parameters[range.clone()];
        let linear = |weight, bias, inner, x: &[f32], y: &mut [f32]| {
            products::spread(arch, weight, inner, x, Start::Rows(bias), End::Keep, y);
        };
        let at = self.plan;
        let each = tokens.chunks_exact(d * WIDTH);
        for (token, projected) in each.zip(s.projected.chunks_exact_mut(3 * d * WIDTH)) {
            linear(p(&at.in_weight), p(&at.in_bias), d, token, projected);
        }
        arch.dispatch(Attend(self, &s.projected, &mut s.shares, &mut s.mixed));
        let each = s.mixed.chunks_exact(d * WIDTH);
        for (mixed, out) in each.zip(s.out.chunks_exact_mut(d * WIDTH)) {
            linear(p(&at.out_weight), p(&at.out_bias), d, mixed, out);
        }
        let width = self.modalities * d;
        linear(p(&at.fuse_weight), p(&at.fuse_bias), width, &s.out, h);
    }

    /// The way back, right after [`Fusion::forward`] of the same tokens: the gradient of the embeddings to
    /// that of the tokens; the weights' is added to `sums`.
    pub fn backward(
        &self,
        arch: Arch,
        tokens: &[f32],
        d_h: &[f32],
        s: &mut FusionScratch,
        d_tokens: &mut [f32],
        sums: &mut [f32],
    ) {
        let d = self.d;
        let at = self.plan;
        let back = |weight: &[f32], inner, dy: &[f32], dx: &mut [f32]| {
            products::spread(arch, weight, inner, dy, Start::Zero, End::Keep, dx);
        };
        let sums_at = |range: &std::ops::Range<usize>| {
            let offset = at.sums;
            range.start - at.in_weight.start + offset..range.end - at.in_weight.start + offset
        };
        let mut add = |weight: &std::ops::Range<usize>,
                       bias: &std::ops::Range<usize>,
                       dy: &[f32],
                       x: &[f32]| {
            let (outputs, inputs) = (dy.len() / WIDTH, x.len() / WIDTH);
            let to = &mut sums[sums_at(weight)];
            products::dots(arch, dy, outputs, x, inputs, |row, column, value| {
                to[row * inputs + column] += value;
            });
            let each = dy.as_chunks::<WIDTH>().0;
            for (sum, lanes) in sums[sums_at(bias)].iter_mut().zip(each) {
                *sum += lanes.iter().sum::<f32>();
            }
        };
        add(&at.fuse_weight, &at.fuse_bias, d_h, &s.out);
        back(&self.fuse_turned, d, d_h, &mut s.d_out);
        let panel = d * WIDTH;
        for v in 0..self.modalities {
            let one = v * panel..(v + 1) * panel;
            let (d_out, d_mixed) = (&s.d_out[one.clone()], &mut s.d_mixed[one.clone()]);
            add(&at.out_weight, &at.out_bias, d_out, &s.mixed[one]);
            back(&self.out_turned, d, d_out, d_mixed);
        }
        let d_projected = &mut s.d_projected;
        arch.dispatch(AttendBack(
            self,
            &s.projected,
            &s.shares,
            &s.d_mixed,
            d_projected,
        ));
        for v in 0..self.modalities {
            let one = v * panel..(v + 1) * panel;
            let d_projected = &s.d_projected[3 * one.start..3 * one.end];
            add(
                &at.in_weight,
                &at.in_bias,
                d_projected,
                &tokens[one.clone()],
            );
            back(&self.in_turned, 3 * d, d_projected, &mut d_tokens[one]);
        }
    }

    /// Where query, key and value of a modality's head begin among the projections.
    fn part(&self, modality: usize, part: usize, head: usize) -> usize {
        modality * 3 * self.d + part * self.d + head * (self.d / self.heads)
    }

    #[inline(always)]
    fn attend(&self, projected: &[f32], shares: &mut [f32], mixed: &mut [f32]) {
        let (v, width) = (self.modalities, self.d / self.heads);
        let scale = (width as f32).powf(-0.5);
        let projected = projected.as_chunks::<WIDTH>().0;
        let shares = shares.as_chunks_mut::<WIDTH>().0;
        let mixed = mixed.as_chunks_mut::<WIDTH>().0;
        for i in 0..v {
            for head in 0..self.heads {
                let query = self.part(i, 0, head);
                let share = |j: usize| (i * v + j) * self.heads + head;
                let mut highest = [f32::NEG_INFINITY; WIDTH];
                for j in 0..v {
                    let key = self.part(j, 1, head);
                    let mut score = [0.0; WIDTH];
                    for c in 0..width {
                        let (q, k) = (&projected[query + c], &projected[key + c]);
                        for l in 0..WIDTH {
                            score[l] += q[l] * k[l];
                        }
                    }
                    for l in 0..WIDTH {
                        score[l] *= scale;
                        highest[l] = highest[l].max(score[l]);
                    }
                    shares[share(j)] = score;
                }
                let mut total = [0.0; WIDTH];
                for j in 0..v {
                    let share = &mut shares[share(j)];
                    for l in 0..WIDTH {
                        share[l] = (share[l] - highest[l]).exp();
                        total[l] += share[l];
                    }
                }
                for j in 0..v {
                    let share = &mut shares[share(j)];
                    for l in 0..WIDTH {
                        share[l] /= total[l];
                    }
                }
                for c in 0..width {
                    let mut sum = [0.0; WIDTH];
                    for j in 0..v {
                        let (share, value) =
                            (&shares[share(j)], &projected[self.part(j, 2, head) + c]);
                        for l in 0..WIDTH {
                            sum[l] += share[l] * value[l];
                        }
                    }
                    mixed[i * self.d + head * width + c] = sum;
                }
            }
        }
    }

    #[inline(always)]
    fn attend_back(
        &self,
        projected: &[f32],
        shares: &[f32],
        d_mixed: &[f32],
        d_projected: &mut [f32],
    ) {
        let (v, width) = (self.modalities, self.d / self.heads);
        let scale = (width as f32).powf(-0.5);
        d_projected.fill(0.0);
        let projected = projected.as_chunks::<WIDTH>().0;
        let shares = shares.as_chunks::<WIDTH>().0;
        let d_mixed = d_mixed.as_chunks::<WIDTH>().0;
        let d_projected = d_projected.as_chunks_mut::<WIDTH>().0;
        let add = |to: &mut Lanes, a: &Lanes, b: &Lanes| {
            for l in 0..WIDTH {
                to[l] += a[l] * b[l];
            }
        };
        for i in 0..v {
            for head in 0..self.heads {
                let mixed = &d_mixed[i * self.d + head * width..][..width];
                let share = |j: usize| &shares[(i * v + j) * self.heads + head];
                // Gradient of the shares: of modality j, and its mean under the shares.
                let d_share = |j: usize| {
                    let value = self.part(j, 2, head);
                    let mut sum = [0.0; WIDTH];
                    for c in 0..width {
                        add(&mut sum, &mixed[c], &projected[value + c]);
                    }
                    sum
                };
                let mut mean = [0.0; WIDTH];
                for j in 0..v {
                    add(&mut mean, share(j), &d_share(j));
                }
                for j in 0..v {
                    let (query, key, value) = (
                        self.part(i, 0, head),
                        self.part(j, 1, head),
                        self.part(j, 2, head),
                    );
                    let (share, mut d_score) = (share(j), d_share(j));
                    for l in 0..WIDTH {
                        d_score[l] = scale * share[l] * (d_score[l] - mean[l]);
                    }
                    for c in 0..width {
                        add(&mut d_projected[query + c], &d_score, &projected[key + c]);
                        add(&mut d_projected[key + c], &d_score, &projected[query + c]);
                        add(&mut d_projected[value + c], share, &mixed[c]);
                    }
                }
            }
        }
    }
}

/// [`Fusion::attend`] with the widest vectors there are.
struct Attend<'a>(&'a Fusion<'a>, &'a [f32], &'a mut [f32], &'a mut [f32]);

impl WithSimd for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.attend(self.1, self.2, self.3);
    }
}

/// [`Fusion::attend_back`] likewise.
struct AttendBack<'a>(
    &'a Fusion<'a>,
    &'a [f32],
    &'a [f32],
    &'a [f32],
    &'a mut [f32],
);

impl WithSimd for AttendBack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.attend_back(self.1, self.2, self.3, self.4);
    }
}

/// A matrix of some columns, turned.
fn turned(matrix: &[f32], columns: usize) -> Vec<f32> {
    let rows = matrix.len() / columns;
    let mut out = Vec::with_capacity(matrix.len());
    for column in 0..columns {
        out.extend((0..rows).map(|row| matrix[row * columns + column]));
    }
    out
}
