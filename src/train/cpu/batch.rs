//! Samples that a step looks at together, with the memory for its passes.

use std::io;

use pulp::Arch;

use crate::data::{Masked, Storage};

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
    pub fn of_all(plan: &Plan, arch: Arch, data: Vec<Masked>) -> io::Result<Self> {
        let samples = data.first().map_or(0, |x| x.values.samples());
        let centre = |Masked { values, mask }| {
            let (values, moments) = Moments::centre(arch, values, Matrix::ForManySteps)?;
            let data = Masked { values, mask };
            Ok(Input { data, moments })
        };
        let inputs: io::Result<_> = data.into_iter().map(centre).collect();
        Ok(Self::with(plan, samples, inputs?))
    }

    /// Whether all data could be read.
    pub fn check(&self) -> io::Result<()> {
        self.inputs
            .iter()
            .try_for_each(|input| input.data.values.check())
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

    /// Takes some of the samples of `all` into memory; not more than there is room for.
    pub fn take(&mut self, arch: Arch, all: &Self, rows: &[u32]) -> io::Result<()> {
        self.samples = rows.len();
        self.lanes.share_out(rows.len());
        let take = |input: &Input| {
            let Masked { values, mask } = input.data.select(Storage::Memory, rows)?;
            let (values, mut moments) = Moments::centre(arch, values, Matrix::ForOneStep)?;
            // The data were centred before.
            for (mean, before) in moments.mean.iter_mut().zip(&input.moments.mean) {
                *mean += before;
            }
            let data = Masked { values, mask };
            Ok(Input { data, moments })
        };
        self.inputs = all.inputs.iter().map(take).collect::<io::Result<_>>()?;
        Ok(())
    }
}
