//! Samples on the device, and the losses of what is said of them.

use std::ops::Range;

use burn::tensor::{Int, Tensor};
use ndarray::{Array2, s};

use crate::{
    data::{Mask, Masked},
    model::{device::ComputeDevice, network::upload},
    train::EngineError,
};

/// All samples, or those of a mini-batch.
#[derive(Clone)]
pub(super) struct Batch {
    /// The values of every modality, samples x features.
    pub inputs: Vec<Tensor<2>>,
    pub samples: usize,
    measured: Vec<Option<Measured>>,
}

/// Which values of a modality were measured.
#[derive(Clone)]
struct Measured {
    /// 1 where a value was measured and 0 where not, samples x features.
    ones: Tensor<2>,
    mask: Mask,
}

impl Batch {
    /// Puts data on a device.
    ///
    /// # Errors
    /// If they are on disk.
    pub fn upload(data: &[Masked], device: &ComputeDevice) -> Result<Self, EngineError> {
        let array = |x: &Masked| {
            let array = x.values.array().ok_or(EngineError::TooLarge)?;
            Ok(upload(array.view(), &device.burn))
        };
        let measured = |x: &Masked| {
            let mask = x.mask.clone()?;
            let ones = upload(ones(&mask).view(), &device.burn);
            Some(Measured { ones, mask })
        };
        Ok(Self {
            inputs: data.iter().map(array).collect::<Result<_, EngineError>>()?,
            samples: data.first().map_or(0, |x| x.values.samples()),
            measured: data.iter().map(measured).collect(),
        })
    }

    /// The values of a block of rows.
    pub fn block(&self, rows: Range<usize>) -> Vec<Tensor<2>> {
        let whole = rows.len() == self.samples;
        let inputs = self.inputs.iter().cloned();
        let block = |x: Tensor<2>| match whole {
            true => x,
            false => x.narrow(0, rows.start, rows.len()),
        };
        inputs.map(block).collect()
    }

    /// These rows; `index` holds the same numbers on the device.
    pub fn select(&self, rows: &[u32], index: &Tensor<1, Int>) -> Self {
        let select = |x: &Tensor<2>| x.clone().select(0, index.clone());
        let measured = |measured: &Option<Measured>| {
            let Measured { ones, mask } = measured.as_ref()?;
            let mask = mask.select(rows)?;
            let ones = select(ones);
            Some(Measured { ones, mask })
        };
        Self {
            inputs: self.inputs.iter().map(select).collect(),
            samples: rows.len(),
            measured: self.measured.iter().map(measured).collect(),
        }
    }

    /// The sum of what `term` makes of every modality.
    pub fn sum_over_modalities(
        &self,
        mut term: impl FnMut(usize, Modality<'_>) -> Tensor<1>,
    ) -> Tensor<1> {
        let both = self.inputs.iter().zip(&self.measured);
        let modality = |(x, measured): (&Tensor<2>, _)| Modality {
            x: x.clone().autodiff(),
            measured: Option::as_ref(measured),
        };
        let mut modalities = both.map(modality).enumerate();
        let (v, first) = modalities
            .next()
            .expect("a network has at least one modality");
        let first = term(v, first);
        modalities.fold(first, |sum, (v, x)| sum + term(v, x))
    }
}

fn ones(mask: &Mask) -> Array2<f32> {
    let mut ones = Array2::zeros(mask.dim());
    for sample in 0..mask.dim().0 {
        for run in mask.runs(sample) {
            ones.slice_mut(s![sample, run]).fill(1.0);
        }
    }
    ones
}

/// A modality's data in a gradient graph.
pub(super) struct Modality<'a> {
    x: Tensor<2>,
    measured: Option<&'a Measured>,
}

impl Modality<'_> {
    /// How far a mean is off; 0 where nothing was measured.
    pub fn off(&self, mean: Tensor<2>) -> Tensor<2> {
        self.measured(mean - self.x.clone())
    }

    /// The mean square of how far a mean is `off`.
    pub fn squared(&self, off: Tensor<2>) -> Tensor<1> {
        self.mean(off.square())
    }

    /// `0.5 mean(off^2 exp(-s) + s)`.
    pub fn gaussian(&self, off: Tensor<2>, s: Tensor<2>) -> Tensor<1> {
        let s = self.measured(s);
        self.mean(off.square() * s.clone().neg().exp() + s) * 0.5
    }

    /// 0 in the place of what was not measured.
    fn measured(&self, values: Tensor<2>) -> Tensor<2> {
        match self.measured {
            Some(measured) => values * measured.ones.clone().autodiff(),
            None => values,
        }
    }

    /// Mean over what was measured; `terms` are 0 elsewhere.
    fn mean(&self, terms: Tensor<2>) -> Tensor<1> {
        match self.measured {
            Some(measured) => terms.sum() / measured.mask.measured().max(1) as f64,
            None => terms.mean(),
        }
    }
}
