//! What was read: counts for the user.

use super::{load::FirstColumn, notice::LoadNotice, question::Choice};
use crate::{
    data::{Axis, Facts, Looks, Matrix},
    prepare::{Cuts, Histogram, Measure, Quality, Recipe, StepTaken, Variability},
};
use serde::Serialize;
use std::{io, path::PathBuf, sync::Arc};

/// What a file is that is no other program's.
pub(super) const TABLE: &str = "table";

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
    /// What kind of file that is: `table`, `AnnData (.h5ad)`.
    pub format: &'static str,
    /// Which of the file's matrices it is: `X`, `layers/counts`; empty where there is one only.
    pub matrix: String,
    /// The matrices that could be taken, if the file has several.
    pub matrices: Vec<String>,
    /// Whether another is chosen for this modality alone, not for all of the file.
    pub of_several: bool,
    /// Samples in the file.
    pub samples_in_file: usize,
    /// Features in the file.
    pub features_in_file: usize,
    /// Whether the file has features in rows and samples in columns.
    pub turned: bool,
    /// What the values of the samples used are, as they stand in the file.
    pub facts: Facts,
    /// What they look like.
    pub looks: Looks,
    /// What preparation did to them, beyond leaving out features that say nothing and filling missing values.
    pub steps: Vec<String>,
    /// The steps it was taken through.
    pub recipe: Recipe,
    /// What every one of them did.
    #[serde(skip)]
    pub taken: Vec<StepTaken>,
    /// What the choice of variable features rests on, if there was one.
    #[serde(skip)]
    pub variability: Option<Arc<Variability>>,
    /// How well its samples were measured, if it holds counts.
    #[serde(skip)]
    pub quality: Option<Arc<SampleQuality>>,
    /// Features that the model gets.
    pub features: usize,
    /// The first of them, as they stand in the file.
    pub preview: Preview,
}

impl ModalityReport {
    /// Whether it was read from a table.
    pub fn is_table(&self) -> bool {
        self.format == TABLE
    }

    /// The decision to take another of the file's matrices.
    pub fn choose(&self, matrix: &str) -> Choice {
        Choice::Matrix(match self.of_several {
            true => format!("{}:{matrix}", self.name),
            false => matrix.to_owned(),
        })
    }
}

/// How well the samples that all modalities have were measured by one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleQuality {
    /// Of every sample, those included that were left out.
    pub quality: Quality,
    /// Which of them are in the data set.
    pub used: Vec<bool>,
    /// How they are spread by every measure.
    pub histograms: Vec<(Measure, Histogram)>,
    /// Cuts that leave out what is far from usual.
    pub suggestion: Cuts,
}

/// The first values of a modality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// Ids of the first samples used.
    pub samples: Vec<String>,
    /// Names of the first features.
    pub features: Vec<String>,
    /// Their values, a list a sample; NaN where missing.
    pub values: Vec<Vec<f32>>,
}

impl Preview {
    /// Samples shown at most.
    const SAMPLES: usize = 8;
    /// Features shown at most.
    const FEATURES: usize = 12;

    /// The beginning of a matrix of these samples and features.
    pub(super) fn of(samples: &[String], features: &Axis, matrix: &Matrix) -> io::Result<Self> {
        let rows = matrix.samples().min(Self::SAMPLES);
        let columns = matrix.features().min(Self::FEATURES);
        let mut values = vec![0.0; rows * matrix.features()];
        matrix.fill(0..rows, &mut values)?;
        let values = values.chunks_exact(matrix.features().max(1));
        Ok(Self {
            samples: samples[..rows].to_vec(),
            features: features[..columns].to_vec(),
            values: values.map(|row| row[..columns].to_vec()).collect(),
        })
    }
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
