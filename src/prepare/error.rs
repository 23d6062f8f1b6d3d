//! Why values could not be prepared.

use std::io;

use crate::{job::Cancelled, words::thousands};

/// Why values could not be prepared. The caller knows the modality and says it first.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// Not a failure: the user did not want it any longer.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The disk is full or fails.
    #[error("values on disk cannot be read or written: {0}")]
    Disk(#[from] io::Error),
    /// A step that makes no sense where it stands.
    #[error("step {at} ({step}) does not fit: {reason}; leave it out or move it")]
    Misplaced {
        /// Which step, from 1.
        at: usize,
        /// Its name.
        step: &'static str,
        /// Why not.
        reason: String,
    },
    /// A setting that makes no sense.
    #[error("step {at} ({step}): {reason}")]
    Setting {
        /// Which step, from 1.
        at: usize,
        /// Its name.
        step: &'static str,
        /// What it must be.
        reason: &'static str,
    },
    /// A feature to be left out that is not there.
    #[error("step {at} (drop_features): there is no feature '{name}'")]
    UnknownFeature {
        /// Which step, from 1.
        at: usize,
        /// The name.
        name: String,
    },
    /// Values are missing where a step, or the model, needs them all.
    #[error("{} missing: put the step fill_missing before {before}", values(*.missing))]
    Missing {
        /// How many values are missing.
        missing: u64,
        /// What needs them: a step, or the model.
        before: &'static str,
    },
    /// Missing values of a feature that has no other values.
    #[error(
        "step {at} (fill_missing): '{name}' has no values to take a mean of; put the step drop_constant before it"
    )]
    NoMean {
        /// Which step, from 1.
        at: usize,
        /// The feature.
        name: String,
    },
    /// Missing values of a feature that no sample has.
    #[error(
        "step {at} (impute_nearest): no sample has a value of '{name}'; put the step drop_constant before it"
    )]
    NoNeighbour {
        /// Which step, from 1.
        at: usize,
        /// The feature.
        name: String,
    },
    /// Cuts that make no sense.
    #[error("cuts: {reason}")]
    Cuts {
        /// What must be.
        reason: &'static str,
    },
    /// Values that are not finite in the file, or became so.
    #[error("{} infinite or beyond what 32 bits hold: correct them in the file", values(*.infinite))]
    NotFinite {
        /// How many.
        infinite: u64,
    },
    /// There are no values at all.
    #[error("there are no values: {samples} samples x {features} features")]
    Empty {
        /// Number of samples.
        samples: usize,
        /// Number of features.
        features: usize,
    },
    /// No feature has more than one value.
    #[error("no feature varies: {} of one single value, {} without values", features(*.constant), thousands(*.empty as u64))]
    NothingVaries {
        /// Features with one single value.
        constant: usize,
        /// Features without values.
        empty: usize,
    },
    /// All features were left out.
    #[error("step {at} ({step}) leaves none of {of}", of = features(*.of))]
    NothingLeft {
        /// Which step, from 1.
        at: usize,
        /// Its name.
        step: &'static str,
        /// Number of features before it.
        of: usize,
    },
    /// The eigenvectors were not found.
    #[error("step {at} (pca): the search for eigenvectors did not converge")]
    NotConverged {
        /// Which step, from 1.
        at: usize,
    },
}

impl PrepareError {
    /// Whether it is the steps that must be changed, not the values.
    pub fn is_of_steps(&self) -> bool {
        matches!(
            self,
            Self::Misplaced { .. }
                | Self::Setting { .. }
                | Self::UnknownFeature { .. }
                | Self::Missing { .. }
                | Self::NoMean { .. }
                | Self::NothingLeft { .. }
                | Self::NoNeighbour { .. }
                | Self::Cuts { .. }
        )
    }
}

fn values(count: u64) -> String {
    match count {
        1 => "1 value is".into(),
        _ => format!("{} values are", thousands(count)),
    }
}

fn features(count: usize) -> String {
    match count {
        1 => "1 feature".into(),
        _ => format!("{} features", thousands(count as u64)),
    }
}
