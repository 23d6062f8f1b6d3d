//! Samples that a step looks at together, with the memory for its passes.

use ndarray::Array2;
use pulp::Arch;
use rayon::prelude::*;

use super::{
    lanes::Lanes,
    moments::{Matrix, Moments},
    passes::Input,
    plan::Plan,
    products::whole_panels,
};

/// All samples, or those of a mini-batch.
pub(super) struct Batch {
    pub inputs: Vec<Input>,
    pub samples: usize,
    pub lanes: Lanes,
    /// Tokens and embedding, in panels of samples.
    pub latent: Vec<f32>,
    /// Gradient of the embedding, likewise.
    pub d_h: Vec<f32>,
}

impl Batch {
    /// All samples of the data (one samples x features matrix a modality).
    pub fn of_all(plan: &Plan, arch: Arch, data: &[Array2<f32>]) -> Self {
        let samples = data.first().map_or(0, |x| x.nrows());
        let inputs = data
            .iter()
            .map(|x| {
                let mut data: Vec<f32> = x.iter().copied().collect();
                let moments = Moments::centre(arch, x.ncols(), &mut data, Matrix::ForManySteps);
                Input { data, moments }
            })
            .collect();
        Self::with(plan, samples, inputs)
    }

    /// Room for so many samples, none taken yet.
    pub fn empty(plan: &Plan, samples: usize) -> Self {
        Self::with(plan, samples, Vec::new())
    }

    fn with(plan: &Plan, samples: usize, inputs: Vec<Input>) -> Self {
        let (v, d) = (plan.spec.modalities(), plan.spec.embedding);
        let padded = whole_panels(samples);
        Self {
            inputs,
            samples,
            lanes: Lanes::new(plan, samples),
            latent: vec![0.0; padded * (v + 1) * d],
            d_h: vec![0.0; padded * d],
        }
    }

    /// Takes some of the samples of `all`; not more than there is room for.
    pub fn take(&mut self, plan: &Plan, arch: Arch, all: &Self, rows: &[u32]) {
        self.samples = rows.len();
        self.lanes.share_out(rows.len());
        let mut old = std::mem::take(&mut self.inputs).into_iter();
        self.inputs = all
            .inputs
            .iter()
            .zip(&plan.spec.features)
            .map(|(input, &width)| {
                let mut data = old.next().map_or_else(Vec::new, |input| input.data);
                data.resize(rows.len() * width, 0.0);
                data.par_chunks_mut(width).zip(rows).for_each(|(to, &row)| {
                    let at = row as usize * width;
                    to.copy_from_slice(&input.data[at..at + width]);
                });
                let mut moments = Moments::centre(arch, width, &mut data, Matrix::ForOneStep);
                // The data were centred before.
                for (mean, before) in moments.mean.iter_mut().zip(&input.moments.mean) {
                    *mean += before;
                }
                Input { data, moments }
            })
            .collect();
    }
}
