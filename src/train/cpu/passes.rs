//! The passes over all samples that make a step: data to embedding, embedding to loss and back, and the
//! embedding's gradient back to the weights.

use ndarray::ArrayView2;
use pulp::Arch;

use crate::data::Masked;

use super::{
    block::{Folded, LateGradient},
    fusion::Fusion,
    lanes::{Lanes, Rows, Scratch},
    losses::{Likelihood, SoftAssignment},
    moments::Moments,
    norm::BatchNorm,
    plan::{BlockPlan, Plan},
    products::{self, End, Start, WIDTH},
};

/// One modality's data: centred, with what was taken off.
pub(super) struct Input {
    pub data: Masked,
    pub moments: Moments,
}

/// What is the same in every pass of a step.
#[derive(Clone, Copy)]
pub(super) struct Pass<'a> {
    pub arch: Arch,
    pub plan: &'a Plan,
    pub parameters: &'a [f32],
    pub samples: usize,
}

/// The decoders of a modality.
pub(super) struct Decoder {
    pub mean: (Folded, BatchNorm),
    /// Not needed where the squared error is kept in stage 2.
    pub log_variance: Option<(Folded, BatchNorm)>,
}

/// Where feature `f` of a sample lies in panels of samples, `width` features each.
#[inline(always)]
fn in_panels(width: usize, sample: usize, feature: usize) -> usize {
    products::panel_index(width, feature, sample)
}

/// Samples held in panels as a matrix, samples x width.
pub(super) fn rows_of_panels(panels: &[f32], samples: usize, width: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(samples * width);
    for sample in 0..samples {
        rows.extend((0..width).map(|feature| panels[in_panels(width, sample, feature)]));
    }
    rows
}

impl Pass<'_> {
    fn d(&self) -> usize {
        self.plan.spec.embedding
    }

    /// Embeds all samples. `latent` gets, for every panel of samples, the tokens and then the embedding.
    pub fn embed(
        &self,
        inputs: &[Input],
        encoders: &[Folded],
        lanes: &mut Lanes,
        latent: &mut [f32],
    ) {
        let (d, v) = (self.d(), encoders.len());
        let fusion = Fusion::new(self.plan, self.parameters);
        lanes.run(&[], latent, (v + 1) * d, |lane, rows, latent| {
            let Scratch {
                data,
                hidden,
                fusion: scratch,
                ..
            } = &mut lane.scratch;
            for (block, first) in rows.blocks() {
                let count = block.len();
                for (m, (encoder, input)) in encoders.iter().zip(inputs).enumerate() {
                    let samples = first + block.start..first + block.end;
                    let x = input.data.values.rows(samples, data);
                    let hidden = &mut hidden[0][..count * self.units()];
                    encoder.hidden(self.arch, x, hidden);
                    encoder.output(self.arch, hidden, count, |row, o, value| {
                        latent[in_panels((v + 1) * d, block.start + row, m * d + o)] = value;
                    });
                }
                let panel = (v + 1) * d * WIDTH;
                let start = block.start / WIDTH * panel;
                let end = block.end.div_ceil(WIDTH) * panel;
                for latent in latent[start..end].chunks_exact_mut(panel) {
                    let (tokens, h) = latent.split_at_mut(v * d * WIDTH);
                    fusion.forward(self.arch, tokens, scratch, h);
                }
            }
        });
    }

    /// Hidden units of every block, in whole panels.
    fn units(&self) -> usize {
        self.plan.encoders[0].widths.padded
    }

    /// The likelihood of the data given the embedding (`h`, centred, samples x d); adds the gradient of the
    /// embedding to `d_h` (panels of samples), but for its late part.
    pub fn decode_and_back(
        &self,
        likelihood: Likelihood,
        inputs: &[Input],
        h: &[f32],
        decoders: &[Decoder],
        lanes: &mut Lanes,
        d_h: &mut [f32],
    ) -> f64 {
        let d = self.d();
        let of = |blocks: &[BlockPlan]| blocks.iter().map(|b| b.sums.all()).collect::<Vec<_>>();
        let mut sums = of(&self.plan.means);
        if likelihood.has_variance() {
            sums.extend(of(&self.plan.log_variances));
        }
        lanes.run(&sums, d_h, d, |lane, rows, d_h| {
            for (m, (decoder, input)) in decoders.iter().zip(inputs).enumerate() {
                lane.loss += self.modality_and_back(
                    likelihood,
                    m,
                    input,
                    h,
                    decoder,
                    (&mut lane.scratch, &mut lane.sums),
                    &rows,
                    d_h,
                );
            }
        });
        lanes.add_up(&sums)
    }

    /// One modality of one lane; its part of the loss.
    #[expect(clippy::too_many_arguments, reason = "one modality of one pass")]
    fn modality_and_back(
        &self,
        likelihood: Likelihood,
        m: usize,
        input: &Input,
        h: &[f32],
        decoder: &Decoder,
        (scratch, sums): (&mut Scratch, &mut [f32]),
        rows: &Rows,
        d_h: &mut [f32],
    ) -> f64 {
        let (d, width, arch) = (self.d(), self.plan.spec.features[m], self.arch);
        let share = 1.0 / input.data.measured().max(1) as f64;
        let mut networks = vec![(&decoder.mean.0, &self.plan.means[m])];
        if let Some((log_variance, _)) = &decoder.log_variance
            && likelihood.has_variance()
        {
            networks.push((log_variance, &self.plan.log_variances[m]));
        }
        let means = &input.moments.mean;
        let Scratch {
            data,
            hidden,
            d_hidden,
            output,
            ones,
            ..
        } = scratch;
        let mut loss = 0.0;
        for (block, first) in rows.blocks() {
            let count = block.len();
            let samples = first + block.start..first + block.end;
            let x = input.data.values.rows(samples.clone(), data);
            let h = &h[samples.start * d..samples.end * d];
            for (n, (network, _)) in networks.iter().enumerate() {
                let hidden = &mut hidden[n][..count * self.units()];
                network.hidden(arch, h, hidden);
                let output = &mut output[n];
                network.output(arch, hidden, count, |row, o, value| {
                    output[row * width + o] = value;
                });
            }
            let [mean, log_variance] = output;
            let mean = &mut mean[..count * width];
            let log_variance = &mut log_variance[..count * width];
            let outputs = [mean, log_variance];
            loss += match &input.data.mask {
                None => likelihood.loss(outputs, x, means, share),
                Some(mask) => likelihood.measured(outputs, x, means, share, (mask, samples)),
            };
            for (n, (network, plan)) in networks.iter().enumerate() {
                let size = count * self.units();
                let d_hidden = &mut d_hidden[..size];
                network.backward(
                    arch,
                    plan,
                    h,
                    &hidden[n][..size],
                    &output[n][..count * width],
                    d_hidden,
                    ones,
                    sums,
                );
                if likelihood.reaches_embedding(n) {
                    network.input_gradient(arch, d_hidden, count, |row, i, value| {
                        d_h[in_panels(d, block.start + row, i)] += value;
                    });
                }
            }
        }
        loss
    }

    /// From the gradient of the embedding (`d_h`, its late part given apart, with the centred embedding `h`)
    /// back to fusion layer and encoders: the sums of their gradients.
    pub fn encoders_back(
        &self,
        inputs: &[Input],
        encoders: &[Folded],
        latent: &[f32],
        late: Option<(&LateGradient, &[f32])>,
        lanes: &mut Lanes,
        d_h: &mut [f32],
    ) {
        let (d, v, arch) = (self.d(), encoders.len(), self.arch);
        let fusion = Fusion::new(self.plan, self.parameters);
        let fusion_sums =
            self.plan.fusion.sums..self.plan.fusion.sums + self.plan.fusion.all().len();
        let mut sums: Vec<_> = self.plan.encoders.iter().map(|b| b.sums.all()).collect();
        sums.push(fusion_sums);
        let late = late.map(|(late, h)| {
            let to_f32 = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
            (to_f32(&late.constant), to_f32(&late.matrix), h)
        });
        lanes.run(&sums, d_h, d, |lane, rows, d_h| {
            let scratch = &mut lane.scratch;
            let mut panel_h = vec![0.0; d * WIDTH];
            let mut panel_tokens = vec![0.0; d * WIDTH];
            for (block, first) in rows.blocks() {
                let count = block.len();
                for start in block.clone().step_by(WIDTH) {
                    let samples = WIDTH.min(block.end - start);
                    let d_h = &mut d_h[start * d..(start + WIDTH) * d];
                    if let Some((constant, matrix, h)) = &late {
                        let h = &h[(first + start) * d..(first + start + samples) * d];
                        panel_h.fill(0.0);
                        for (s, h) in h.chunks_exact(d).enumerate() {
                            for (i, &value) in h.iter().enumerate() {
                                panel_h[i * WIDTH + s] = value;
                            }
                        }
                        let start = Start::Rows(constant);
                        products::spread(
                            arch,
                            matrix,
                            d,
                            &panel_h,
                            start,
                            End::Keep,
                            &mut panel_tokens,
                        );
                        for (lanes, late) in d_h
                            .chunks_exact_mut(WIDTH)
                            .zip(panel_tokens.chunks_exact(WIDTH))
                        {
                            for (d_h, late) in lanes.iter_mut().zip(late).take(samples) {
                                *d_h -= late;
                            }
                        }
                    }
                    let panel = (v + 1) * d * WIDTH;
                    let latent = &latent[(first + start) / WIDTH * panel..][..panel];
                    let (tokens, _) = latent.split_at(v * d * WIDTH);
                    fusion.forward(arch, tokens, &mut scratch.fusion, &mut panel_h);
                    let d_tokens = &mut scratch.d_tokens;
                    fusion.backward(
                        arch,
                        tokens,
                        d_h,
                        &mut scratch.fusion,
                        d_tokens,
                        &mut lane.sums,
                    );
                    for (m, rows) in scratch.d_rows.iter_mut().enumerate() {
                        let tokens = &d_tokens[m * d * WIDTH..(m + 1) * d * WIDTH];
                        let rows = &mut rows[(start - block.start) * d..];
                        for (s, row) in rows.chunks_exact_mut(d).take(samples).enumerate() {
                            for (i, value) in row.iter_mut().enumerate() {
                                *value = tokens[i * WIDTH + s];
                            }
                        }
                    }
                }
                for (m, (encoder, input)) in encoders.iter().zip(inputs).enumerate() {
                    let samples = first + block.start..first + block.end;
                    let x = input.data.values.rows(samples, &mut scratch.data);
                    let size = count * self.units();
                    let hidden = &mut scratch.hidden[0][..size];
                    encoder.hidden(arch, x, hidden);
                    encoder.backward(
                        arch,
                        &self.plan.encoders[m],
                        x,
                        hidden,
                        &scratch.d_rows[m][..count * d],
                        &mut scratch.d_hidden[..size],
                        &scratch.ones,
                        &mut lane.sums,
                    );
                }
            }
        });
        lanes.add_up(&sums);
    }

    /// `weight` times the divergence of the soft assignment of `latent`'s embeddings from the target, samples x K;
    /// adds the gradient of the embedding to `d_h`, and puts that of the centres into the lanes' sums.
    pub fn divergence_and_back(
        &self,
        weight: f64,
        target: ArrayView2<'_, f32>,
        latent: &[f32],
        lanes: &mut Lanes,
        d_h: &mut [f32],
    ) -> f64 {
        let (d, v) = (self.d(), self.plan.spec.modalities());
        let alpha = self.plan.spec.alpha;
        let centres = &self.parameters[self.plan.centres.clone()];
        let sums = [self.plan.centre_sums.clone()];
        let share = weight / self.samples as f64;
        lanes.run(&sums, d_h, d, |lane, rows, d_h| {
            let d_centres = &mut lane.sums[sums[0].clone()];
            let mut assignment = SoftAssignment::new(self.plan.spec.clusters);
            let mut h = vec![0.0; d];
            for (block, first) in rows.blocks() {
                for sample in block {
                    for (i, h) in h.iter_mut().enumerate() {
                        *h = latent[in_panels((v + 1) * d, first + sample, v * d + i)];
                    }
                    assignment.of(&h, centres, alpha);
                    for (k, centre) in centres.chunks_exact(d).enumerate() {
                        let p = f64::from(target[[first + sample, k]]);
                        // A value that is no number is to be seen, not passed over.
                        if p != 0.0 {
                            lane.loss += share * p * (p.ln() - assignment.log_q[k]);
                        }
                        let pull = share * (p - assignment.q[k]) * (alpha + 1.0)
                            / (alpha + assignment.squared[k]);
                        for i in 0..d {
                            let g = (pull * f64::from(h[i] - centre[i])) as f32;
                            d_h[in_panels(d, sample, i)] += g;
                            d_centres[k * d + i] -= g;
                        }
                    }
                }
            }
        });
        lanes.add_up(&sums)
    }
}
