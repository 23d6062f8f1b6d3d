//! What was read: counts for the user.

use super::{load::FirstColumn, notice::LoadNotice};
use serde::Serialize;
use std::path::PathBuf;

/// What was read, and what was repaired or left out on the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoadReport {
    /// Samples of the data set.
    pub samples: usize,
    /// What is known of every modality, in the order of the data set.
    pub modalities: Vec<ModalityReport>,
    /// How the first column was read: `SampleIds` or `ClassLabels`, never `Auto`.
    pub first_column: FirstColumn,
    /// Where the labels come from, if there are any.
    pub labels_from: Option<LabelSource>,
    /// The columns of the labels file that could hold the classes, the likeliest first.
    pub label_columns: Vec<LabelCandidate>,
    /// The classes and their samples, in the order of the labels.
    pub classes: Vec<ClassCount>,
    /// Samples without a label, if there are labels at all.
    pub unlabelled: usize,
    /// Everything worth telling, most of it repairs; in the order of the files.
    pub notices: Vec<LoadNotice>,
}

/// One modality as it was read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModalityReport {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// Rows of the file.
    pub rows_in_file: usize,
    /// Feature columns of the file.
    pub features_in_file: usize,
    /// Features kept.
    pub features: usize,
    /// Missing values that were replaced by the mean of their feature.
    pub imputed: usize,
    /// Smallest value.
    pub minimum: f32,
    /// Largest value.
    pub maximum: f32,
}

/// Where the labels come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelSource {
    /// The first column of the modality files.
    FirstColumn,
    /// A column of a labels file.
    File {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The columns that could be used.
        columns: Vec<String>,
    },
}

/// A column that could hold the classes of the samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelCandidate {
    /// Name of the column.
    pub column: String,
    /// What kind of values it holds: see [`crate::data::Column::kind`].
    pub kind: String,
    /// Number of classes among the samples.
    pub classes: usize,
    /// Samples without one.
    pub missing: usize,
}

/// A class and its samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassCount {
    /// Name of the class.
    pub name: String,
    /// Samples of the class.
    pub samples: usize,
}
