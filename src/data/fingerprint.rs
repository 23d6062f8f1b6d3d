//! Whether data are the same as others that are no longer there, by hashes.

use std::io;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Axis, Dataset, Values, rows_of_part, rows_of_piece};
use crate::words::hex;

/// What tells a data set from others: SHA-256 of its names and of the values that the model gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Of the samples' names, in their order.
    pub samples: String,
    /// Names of the modalities, with the hash of each one's features.
    pub features: Vec<(String, String)>,
    /// Of all values.
    pub values: String,
}

impl Dataset {
    /// What tells these data from others; whatever the number of threads and wherever values are held.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn fingerprint(&self) -> io::Result<Fingerprint> {
        let mut values = Sha256::new();
        for modality in &self.modalities {
            for part in hashes(&modality.values)? {
                values.update(part);
            }
        }
        let features = self.modalities.iter();
        Ok(Fingerprint {
            samples: names(&self.samples),
            features: features
                .map(|modality| (modality.name.clone(), names(&modality.features)))
                .collect(),
            values: hex(&values.finalize()),
        })
    }
}

impl Fingerprint {
    /// Whether samples and features have these names.
    pub fn has_names_of(&self, dataset: &Dataset) -> bool {
        let of = dataset.modalities.iter();
        let features = of.map(|modality| (&modality.name, names(&modality.features)));
        self.samples == names(&dataset.samples)
            && self.features.len() == dataset.modalities.len()
            && features
                .zip(&self.features)
                .all(|((name, hash), known)| *name == known.0 && hash == known.1)
    }
}

/// Of the values in parts that the shape alone decides.
fn hashes(values: &Values) -> io::Result<Vec<Vec<u8>>> {
    let (samples, features) = values.dim();
    let (part, step) = (
        rows_of_part(samples, features).max(1),
        rows_of_piece(features),
    );
    let starts: Vec<usize> = (0..samples).step_by(part).collect();
    let of_part = |&start: &usize| {
        let (mut hash, mut buffer) = (Sha256::new(), Vec::new());
        let end = samples.min(start + part);
        for start in (start..end).step_by(step) {
            let rows = values.rows(start..end.min(start + step), &mut buffer);
            hash.update(bytemuck::cast_slice::<f32, u8>(rows));
        }
        hash.finalize().to_vec()
    };
    let found = starts.par_iter().map(of_part).collect();
    values.check()?;
    Ok(found)
}

fn names(axis: &Axis) -> String {
    let mut hash = Sha256::new();
    for name in axis.iter() {
        // No name runs into the next.
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
    }
    hex(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::demo::{self, DemoSpec};

    #[test]
    fn what_differs_is_told() {
        let spec = DemoSpec {
            samples: 300,
            seed: 1,
        };
        let dataset = demo::generate(&spec);
        let before = dataset.fingerprint().unwrap();
        assert_eq!(demo::generate(&spec).fingerprint().unwrap(), before);
        let mut other = dataset.clone();
        let (samples, features) = other.modalities[1].values.dim();
        let copy = other.modalities[1].values.clone();
        let made = |range: std::ops::Range<usize>, out: &mut [f32]| {
            copy.copy_rows(range.clone(), out);
            if range.contains(&7) {
                out[0] += 1.0;
            }
        };
        other.modalities[1].values =
            Values::generate(super::super::Storage::Disk, samples, features, made).unwrap();
        let after = other.fingerprint().unwrap();
        assert_eq!(
            (&after.samples, &after.features),
            (&before.samples, &before.features)
        );
        assert_ne!(after.values, before.values);
        let mut other = dataset.clone();
        other.modalities[0].name = "other".into();
        assert_ne!(other.fingerprint().unwrap().features, before.features);
    }
}
