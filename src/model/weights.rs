//! The network's tensors on the host: made from a seed, written to and read from a file.

use std::{collections::BTreeMap, io::Write, path::Path};

use ndarray::ArrayD;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    NetworkSpec,
    layout::{self, Slot, Start},
};
use crate::words::hex;

/// Named arrays, with PyTorch's names and orientations (linear weights are `[out, in]`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Every tensor by name.
    #[serde(with = "crate::store::bits::named")]
    pub tensors: BTreeMap<String, ArrayD<f32>>,
}

/// Why weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file cannot be read or written.
    #[error("cannot access the checkpoint: {0}")]
    Io(#[from] std::io::Error),
    /// The file is not a safetensors file.
    #[error("not a readable checkpoint: {0}")]
    Format(String),
    /// A tensor of the network is missing.
    #[error("the checkpoint has no tensor '{0}'")]
    Missing(String),
    /// A tensor has another shape than the network's.
    #[error("tensor '{name}' has shape {found:?}, the network needs {expected:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape in the checkpoint.
        found: Vec<usize>,
        /// Its shape in the network.
        expected: Vec<usize>,
    },
}

impl Weights {
    /// Fresh weights by PyTorch's rules: linear layers uniform in `+-1/sqrt(fan in)`, the
    /// attention's in-projection Xavier uniform, its biases zero, norms at one and zero.
    pub fn initialise(spec: &NetworkSpec, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let slots = layout::parameters(spec)
            .into_iter()
            .chain(layout::statistics(spec));
        let tensors = slots
            .map(|slot| {
                let array = match slot.start {
                    Start::Constant(value) => ArrayD::from_elem(slot.shape, value),
                    Start::Uniform(bound) => ArrayD::from_shape_simple_fn(slot.shape, || {
                        rng.random_range(-bound..=bound) as f32
                    }),
                };
                (slot.name, array)
            })
            .collect();
        Self { tensors }
    }

    /// Number of trained values, centres and statistics included.
    pub fn len(&self) -> usize {
        self.tensors.values().map(ArrayD::len).sum()
    }

    /// SHA-256 of all tensors, in lower-case hexadecimal: their names, shapes and little-endian values.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (name, array) in &self.tensors {
            hash.update(format!("{name} {:?}\n", array.shape()));
            array.iter().for_each(|x| hash.update(x.to_le_bytes()));
        }
        hex(&hash.finalize())
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tensor for a slot, checked against its shape.
    pub(crate) fn slot(&self, slot: &Slot) -> Result<&ArrayD<f32>, WeightsError> {
        let array = self
            .tensors
            .get(&slot.name)
            .ok_or_else(|| WeightsError::Missing(slot.name.clone()))?;
        if array.shape() == slot.shape {
            Ok(array)
        } else {
            Err(WeightsError::Shape {
                name: slot.name.clone(),
                found: array.shape().to_vec(),
                expected: slot.shape.clone(),
            })
        }
    }

    /// Writes a safetensors file; `notes` become its metadata. The same weights and notes give the same bytes.
    pub fn write(&self, out: &mut dyn Write, notes: &[(&str, String)]) -> Result<(), WeightsError> {
        let bytes: Vec<(&str, Vec<usize>, Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, a)| {
                let raw = a.iter().flat_map(|x| x.to_le_bytes()).collect();
                (name.as_str(), a.shape().to_vec(), raw)
            })
            .collect();
        let views = bytes
            .iter()
            .map(|(name, shape, raw)| {
                TensorView::new(Dtype::F32, shape.clone(), raw).map(|view| (*name, view))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| WeightsError::Format(e.to_string()))?;
        let file =
            safetensors::serialize(views, None).map_err(|e| WeightsError::Format(e.to_string()))?;
        let (header, values) = with_notes(&file, notes)?;
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        out.write_all(values)?;
        Ok(())
    }

    /// Reads a safetensors file of 32- or 64-bit floats.
    pub fn read(path: &Path) -> Result<Self, WeightsError> {
        Self::from_bytes(&std::fs::read(path)?)
    }

    /// Reads the bytes of a safetensors file of 32- or 64-bit floats.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WeightsError> {
        let file =
            SafeTensors::deserialize(bytes).map_err(|e| WeightsError::Format(e.to_string()))?;
        let tensors = file
            .iter()
            .map(|(name, view)| {
                let values: Vec<f32> = match view.dtype() {
                    Dtype::F32 => view
                        .data()
                        .as_chunks::<4>()
                        .0
                        .iter()
                        .map(|b| f32::from_le_bytes(*b))
                        .collect(),
                    Dtype::F64 => view
                        .data()
                        .as_chunks::<8>()
                        .0
                        .iter()
                        .map(|b| f64::from_le_bytes(*b) as f32)
                        .collect(),
                    other => {
                        return Err(WeightsError::Format(format!(
                            "tensor '{name}' is stored as {other:?}; only 32- and 64-bit floats are read"
                        )));
                    }
                };
                let array = ArrayD::from_shape_vec(view.shape(), values)
                    .map_err(|e| WeightsError::Format(format!("tensor '{name}': {e}")))?;
                Ok((name.to_string(), array))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { tensors })
    }
}

/// The header of a safetensors file with notes added and its keys in order, and the values behind it. The crate would put
/// the notes in an order that differs from run to run.
fn with_notes<'a>(
    file: &'a [u8],
    notes: &[(&str, String)],
) -> Result<(Vec<u8>, &'a [u8]), WeightsError> {
    let unlike = |e: &dyn std::fmt::Display| WeightsError::Format(e.to_string());
    let (length, _) = SafeTensors::read_metadata(file).map_err(|e| unlike(&e))?;
    let (header, values) = file[size_of::<u64>()..].split_at(length);
    let mut header: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(header).map_err(|e| unlike(&e))?;
    let notes: BTreeMap<_, _> = notes.iter().map(|(key, text)| (*key, text)).collect();
    header.insert("__metadata__".into(), serde_json::json!(notes));
    let mut header = serde_json::to_vec(&header).map_err(|e| unlike(&e))?;
    // As the format has it: the values begin at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok((header, values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> NetworkSpec {
        NetworkSpec {
            features: vec![3, 2],
            embedding: 4,
            hidden: 8,
            heads: 2,
            clusters: 3,
            alpha: 1.0,
        }
    }

    #[test]
    fn a_checkpoint_reads_back_as_it_was() {
        let weights = Weights::initialise(&spec(), 7);
        let mut file = Vec::new();
        weights.write(&mut file, &[("seed", "7".into())]).unwrap();
        assert_eq!(Weights::from_bytes(&file).unwrap(), weights);
        assert!(Weights::from_bytes(&file[..file.len() / 2]).is_err());
    }

    #[test]
    fn the_same_weights_and_notes_are_the_same_bytes() {
        let weights = Weights::initialise(&spec(), 7);
        let keys: Vec<String> = (0..40).map(|i| format!("note {i}")).collect();
        let notes: Vec<(&str, String)> = keys.iter().map(|k| (k.as_str(), k.repeat(2))).collect();
        let written = |notes: &[(&str, String)]| {
            let mut file = Vec::new();
            weights.write(&mut file, notes).unwrap();
            file
        };
        let file = written(&notes);
        let reversed: Vec<_> = notes.iter().rev().cloned().collect();
        assert!(file == written(&notes) && file == written(&reversed));
        let (length, metadata) = SafeTensors::read_metadata(&file).unwrap();
        assert_eq!(length % 8, 0);
        let read = metadata.metadata().as_ref().unwrap();
        assert_eq!(read.len(), 40);
        assert!(notes.iter().all(|(key, text)| read[*key] == *text));
        assert_eq!(Weights::from_bytes(&file).unwrap(), weights);
    }

    #[test]
    fn the_seed_decides_and_the_bounds_hold() {
        let (a, b) = (
            Weights::initialise(&spec(), 1),
            Weights::initialise(&spec(), 1),
        );
        assert_eq!(a, b);
        assert_ne!(a, Weights::initialise(&spec(), 2));
        let w = &a.tensors["enc.0.0.weight"];
        assert_eq!(w.shape(), [8, 3]);
        let bound = 1.0 / 3f32.sqrt();
        assert!(w.iter().all(|x| x.abs() <= bound) && w.iter().any(|x| x.abs() > bound / 2.0));
        assert!(a.tensors["enc.0.1.running_var"].iter().all(|&x| x == 1.0));
    }
}
