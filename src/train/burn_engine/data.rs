//! Samples on the device, and the losses of what is said of them.

use std::ops::Range;

use burn::tensor::{Int, Tensor};
use ndarray::{Array2, ArrayView2, Axis, s};

use crate::{
    data::{Mask, Masked, Storage},
    model::{device::ComputeDevice, network::upload},
    train::EngineError,
};

/// All samples. What fits into a buffer of the device is put there once; of a modality that does not, what is looked at is put there each
/// time.
pub(super) struct Store {
    modalities: Vec<Stored>,
    pub samples: usize,
    device: ComputeDevice,
}

/// A modality on the device, samples x features, and which of its values were measured.
type There = (Tensor<2>, Option<Measured>);

/// A modality.
enum Stored {
    Device(Box<There>),
    Host(Masked),
}

impl Store {
    /// Takes data, and puts on a device what fits.
    ///
    /// # Errors
    /// If they are on disk.
    pub fn new(data: Vec<Masked>, device: &ComputeDevice) -> Result<Self, EngineError> {
        let stored = |data: Masked| {
            let fits = device.holds(data.values.array().ok_or(EngineError::TooLarge)?.len());
            Ok(match fits {
                true => Stored::Device(Box::new(put(&data, device)?)),
                false => Stored::Host(data),
            })
        };
        Ok(Self {
            samples: data.first().map_or(0, |x| x.values.samples()),
            modalities: data
                .into_iter()
                .map(stored)
                .collect::<Result<_, EngineError>>()?,
            device: device.clone(),
        })
    }

    /// All samples at once.
    ///
    /// # Errors
    /// If they cannot be put on the device.
    pub fn whole(&self) -> Result<Batch, EngineError> {
        let whole = |stored: &Stored| match stored {
            Stored::Device(there) => Ok((**there).clone()),
            Stored::Host(data) => put(data, &self.device),
        };
        self.batch(self.samples, whole)
    }

    /// The values of a block of rows.
    ///
    /// # Errors
    /// If they cannot be put on the device.
    pub fn block(&self, rows: Range<usize>) -> Result<Vec<Tensor<2>>, EngineError> {
        let block = |stored: &Stored| match stored {
            Stored::Device(there) if rows.len() == self.samples => Ok(there.0.clone()),
            Stored::Device(there) => Ok(there.0.clone().narrow(0, rows.start, rows.len())),
            Stored::Host(data) => {
                let array = data.values.array().ok_or(EngineError::TooLarge)?;
                let rows = array.slice(s![rows.clone(), ..]);
                Ok(in_pieces(rows, &self.device))
            }
        };
        self.modalities.iter().map(block).collect()
    }

    /// These rows; `index` holds the same numbers on the device.
    ///
    /// # Errors
    /// If they cannot be put on the device.
    pub fn select(&self, rows: &[u32], index: &Tensor<1, Int>) -> Result<Batch, EngineError> {
        let select = |stored: &Stored| {
            let (x, measured) = match stored {
                Stored::Device(there) => (&there.0, &there.1),
                Stored::Host(data) => {
                    let some = data.select(Storage::Memory, rows)?;
                    return put(&some, &self.device);
                }
            };
            let select = |x: &Tensor<2>| x.clone().select(0, index.clone());
            let measured = measured.as_ref().and_then(|measured| {
                let mask = measured.mask.select(rows)?;
                let ones = select(&measured.ones);
                Some(Measured { ones, mask })
            });
            Ok((select(x), measured))
        };
        self.batch(rows.len(), select)
    }

    fn batch(
        &self,
        samples: usize,
        of: impl Fn(&Stored) -> Result<There, EngineError>,
    ) -> Result<Batch, EngineError> {
        let mut batch = Batch {
            inputs: Vec::new(),
            samples,
            measured: Vec::new(),
        };
        for stored in &self.modalities {
            let (x, measured) = of(stored)?;
            batch.inputs.push(x);
            batch.measured.push(measured);
        }
        Ok(batch)
    }
}

/// Puts a modality on a device.
fn put(data: &Masked, device: &ComputeDevice) -> Result<There, EngineError> {
    let array = data.values.array().ok_or(EngineError::TooLarge)?;
    let measured = data.mask.as_ref().map(|mask| Measured::new(mask, device));
    Ok((in_pieces(array.view(), device), measured))
}

/// Puts an array on a device, in as many pieces as that takes.
fn in_pieces(array: ArrayView2<'_, f32>, device: &ComputeDevice) -> Tensor<2> {
    let rows = device.rows_at_once(array.ncols());
    if array.nrows() <= rows {
        return upload(array, &device.burn);
    }
    let pieces = array.axis_chunks_iter(Axis(0), rows);
    Tensor::cat(pieces.map(|piece| upload(piece, &device.burn)).collect(), 0)
}

/// Some samples on the device, or all.
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

impl Measured {
    fn new(mask: &Mask, device: &ComputeDevice) -> Self {
        Self {
            ones: in_pieces(ones(mask).view(), device),
            mask: mask.clone(),
        }
    }
}

impl Batch {
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
