//! What was measured: samples, modalities, labels, and, for simulated data, what is known to be true.

mod axis;
mod chosen;
pub mod demo;
mod fingerprint;
mod frame;
mod labels;
mod looks;
mod mask;
mod matrix;
mod memory;
mod sample_set;
mod select;
pub mod simulated;
mod sparse;
mod spill;
mod subsample;
mod typed;
mod values;

use std::io;

pub use axis::{Axis, Repeated};
pub use chosen::{BadChoice, Chosen};
pub use fingerprint::Fingerprint;
pub use frame::{Category, Column, Frame};
pub use labels::Labels;
pub use looks::{Looks, are_components};
pub use mask::{Mask, Masked, Runs};
pub(crate) use matrix::has_fraction;
pub use matrix::{Facts, Matrix};
pub use memory::{allow_memory, allowed_memory, available_memory};
pub use sample_set::SampleSet;
pub use sparse::{Sparse, SparseBuffer, SparseError, SparseRows, SparseWriteError, SparseWriter};
pub(crate) use spill::Spill;
pub use subsample::subsample;
pub use typed::{Words, is_missing, typed};
pub use values::{MakesRows, MemoryLimit, Storage, TooManyNames, Values, ValuesWriter};
pub(crate) use values::{rows_of_part, rows_of_piece};

/// One kind of measurement over all samples ("view" in multi-view learning).
#[derive(Clone, Debug, PartialEq)]
pub struct Modality {
    /// Short name, unique in its data set: `rna`, `protein`.
    pub name: String,
    /// Names of the features that the model gets, in column order.
    pub features: Axis,
    /// The values that the model gets, samples x features, finite.
    pub values: Values,
    /// What they were made of.
    pub measured: Measured,
}

/// A modality as its file holds it: no value changed, none left out, but for samples that other modalities lack.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Names of all features, in the order of the file.
    pub features: Axis,
    /// The values, samples x features; missing ones are NaN.
    pub matrix: Matrix,
    /// Values that are missing.
    pub missing: u64,
    /// Which of these features each one is that the model gets; `None` where the model gets mixtures of them, such as
    /// principal components.
    pub columns: Option<Vec<u32>>,
    /// What they are mixtures of, then.
    pub mixture: Option<Mixture>,
    /// What describes the features: their ids, say.
    pub var: Frame,
}

/// What the features that a model gets are mixtures of: those that principal components were made of, say.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// Names of the features that were mixed.
    pub features: Axis,
    /// Which feature of the file each of them is.
    pub columns: Vec<u32>,
    /// How much of each of them goes into every mixture, feature by feature: features x mixtures. Their squares add up to 1 in every mixture.
    pub loadings: Vec<f32>,
    /// Their values before they were mixed, samples x features; made whenever they are asked for.
    pub values: Values,
    /// Every mixture's name with the features that weigh most in it, a minus before those that weigh against it: `PC2: LYZ, CST3, −CD3E`.
    pub titles: Vec<String>,
}

impl Mixture {
    /// Number of mixtures.
    pub fn width(&self) -> usize {
        self.loadings.len() / self.features.len().max(1)
    }

    /// The features that weigh most in a mixture, with their loadings, the largest first; so many at most.
    pub fn leading(&self, mixture: usize, most: usize) -> Vec<(&str, f32)> {
        let of_mixture = self
            .loadings
            .iter()
            .skip(mixture)
            .step_by(self.width().max(1));
        let named = self.features.iter().map(String::as_str);
        let mut all: Vec<(&str, f32)> = named.zip(of_mixture.copied()).collect();
        all.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
        all.truncate(most);
        all
    }
}

impl Modality {
    /// A modality of values that need no preparation.
    ///
    /// # Panics
    /// If the names are not as many as the features.
    pub fn new(name: impl Into<String>, features: Axis, values: Values) -> Self {
        assert_eq!(features.len(), values.features(), "a name a feature");
        Self {
            name: name.into(),
            measured: Measured {
                features: features.clone(),
                matrix: Matrix::Dense(values.clone()),
                missing: 0,
                columns: Some((0..features.len() as u32).collect()),
                mixture: None,
                var: Frame::default(),
            },
            features,
            values,
        }
    }

    /// The values before they were mixed; those that the model gets where they were not.
    pub fn unmixed(&self) -> &Values {
        let mixture = self.measured.mixture.as_ref();
        mixture.map_or(&self.values, |mixture| &mixture.values)
    }

    /// What a feature that the model gets is called for people: its name, and of a mixture what weighs most in it.
    pub fn title(&self, feature: usize) -> &str {
        let title = self
            .measured
            .mixture
            .as_ref()
            .and_then(|mixture| mixture.titles.get(feature));
        let name = || self.features.get(feature).map_or("", String::as_str);
        title.map_or_else(name, String::as_str)
    }

    /// Bytes of main memory that what was measured holds, beside the values.
    pub fn bytes_beside(&self) -> u64 {
        match &self.measured.matrix {
            Matrix::Dense(values) if values.is(&self.values) => 0,
            matrix => matrix.bytes_in_memory(),
        }
    }

    /// Smallest and largest value.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn range(&self) -> io::Result<(f32, f32)> {
        let nothing = (f32::INFINITY, f32::NEG_INFINITY);
        let widen = |(low, high): (f32, f32), (a, b): (f32, f32)| (low.min(a), high.max(b));
        let pieces = self.values.fold(
            || nothing,
            |bounds, values| *bounds = values.iter().map(|&x| (x, x)).fold(*bounds, widen),
        )?;
        Ok(pieces.into_iter().fold(nothing, widen))
    }
}

/// One known number per sample (or per feature), such as the demo's true noise.
#[derive(Clone, Debug, PartialEq)]
pub struct TruthColumn {
    /// What the column holds, for a menu: `noise of the cell`.
    pub name: String,
    /// The values, in sample (or feature) order; NaN where nothing is known.
    pub values: Vec<f32>,
}

/// What is known about simulated data and never about real data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// Columns over samples.
    pub sample: Vec<TruthColumn>,
    /// For every modality (same order as in the data set), columns over its features; empty if nothing is known.
    pub feature: Vec<Vec<TruthColumn>>,
}

impl Truth {
    /// Whether nothing is known, as for every real data set.
    pub fn is_empty(&self) -> bool {
        self.sample.is_empty() && self.feature.iter().all(Vec::is_empty)
    }
}

/// The same samples measured by one or more modalities. The default, without any, stands for data that are not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// For titles and file names: the folder's name or `demo`.
    pub name: String,
    /// Ids of the samples, in row order.
    pub samples: Axis,
    /// At least one, each with a row a sample.
    pub modalities: Vec<Modality>,
    /// What else is known of the samples: the columns of labels files, and those that files of other programs bring.
    pub obs: Frame,
    /// Known classes, if any.
    pub labels: Option<Labels>,
    /// Known noise and ambiguity, for simulated data.
    pub truth: Truth,
}

impl Dataset {
    /// Number of samples (rows of every modality).
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// Number of features of all modalities together.
    pub fn features(&self) -> usize {
        self.modalities.iter().map(|m| m.features.len()).sum()
    }

    /// The modality of this name.
    pub fn modality(&self, name: &str) -> Option<&Modality> {
        self.modalities.iter().find(|m| m.name == name)
    }
}
