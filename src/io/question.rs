//! Two readings of an input between which the user has to choose.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::load::{FirstColumn, LoadSpec};

/// What the rows of a table are: of the tables that leave it open, if any does, else of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// Decided by names, shape and what files share; asked about when unsure.
    #[default]
    Auto,
    /// A row is a sample, a column a feature.
    SamplesInRows,
    /// A row is a feature, a column a sample: genomic matrices and count tables of core facilities.
    FeaturesInRows,
}

/// What stands between the whole and the fractional part of a number, in the files whose numbers do not prove it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// Decided by the table; asked about when both readings are possible and differ.
    #[default]
    Auto,
    /// `1,046.5` is one thousand and forty-six and a half.
    Point,
    /// `1.046,5` is the same.
    Comma,
}

/// How ids of files that do not agree to the letter are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// To the letter.
    #[default]
    Exact,
    /// Large and small letters are the same.
    Case,
    /// Without what stands behind the last `-`, `.` or `_` where that is a number: `AAAC-1`, `S1.2`.
    Suffix,
    /// Without what stands before the first `_`, `:` or `#`: `lane1_AAAC`.
    Prefix,
    /// What is neither letter nor digit is the same (dots, dashes, blanks), and an `X` before a number goes: what R makes of names.
    Punctuation,
    /// Leading zeros go: what Excel makes of `001`.
    Zeros,
    /// TCGA barcodes up to the sample: `TCGA-A1-A0SB-01`.
    TcgaSample,
}

/// Two readings of an input, or more, that differ in what comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The file it is about.
    pub file: PathBuf,
    /// What was seen, and what is asked, in plain words.
    pub text: String,
    /// The readings, the likelier first.
    pub answers: Vec<Answer>,
}

/// One reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it means, short enough for a button: `Samples are in columns`.
    pub text: String,
    /// What it sets.
    pub choice: Choice,
}

/// What the user decided of how files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What the first column holds.
    FirstColumn(FirstColumn),
    /// What the rows are.
    Orientation(Orientation),
    /// The column, by its name or its number from 1, that holds the ids.
    IdColumn(String),
    /// How numbers are written.
    Decimal(Decimal),
    /// The column of the labels file that holds the ids.
    LabelIds(String),
    /// The column of the labels file that holds the classes.
    LabelColumn(String),
    /// Which matrix of a file is taken; of one modality only after its name, as in `rna:layers/counts`.
    Matrix(String),
    /// Which sheet of a workbook is taken.
    Sheet(String),
    /// How ids are compared.
    Join(Join),
    /// Take the counts of this modality through the usual steps.
    Prepare(String),
    /// Take counts as they are.
    AsTheyAre,
    /// Go on with the samples that agree, few as they are.
    FewInCommon,
    /// Load without labels.
    NoLabels,
}

impl Choice {
    /// The flag of the command line that says the same.
    pub fn flag(&self) -> String {
        match self {
            Self::FirstColumn(FirstColumn::ClassLabels) => "--first-column classes".into(),
            Self::FirstColumn(FirstColumn::SampleIds) => "--first-column samples".into(),
            Self::FirstColumn(FirstColumn::Auto) => "--first-column auto".into(),
            Self::Orientation(Orientation::SamplesInRows) => "--rows samples".into(),
            Self::Orientation(Orientation::FeaturesInRows) => "--rows features".into(),
            Self::Orientation(Orientation::Auto) => "--rows auto".into(),
            Self::IdColumn(column) => format!("--ids '{column}'"),
            Self::Decimal(decimal) => format!("--decimal {}", name_in_files(decimal)),
            Self::LabelIds(column) => format!("--label-ids '{column}'"),
            Self::LabelColumn(column) => format!("--label-column '{column}'"),
            Self::Matrix(matrix) => format!("--matrix '{matrix}'"),
            Self::Sheet(sheet) => format!("--sheet '{sheet}'"),
            Self::Join(join) => format!("--join {}", name_in_files(join)),
            Self::Prepare(modality) => format!("--prepare '{modality}'"),
            Self::AsTheyAre => "--as-they-are".into(),
            Self::FewInCommon => "--few-in-common".into(),
            Self::NoLabels => "--no-labels".into(),
        }
    }
}

/// `tcga-sample` for `Join::TcgaSample`.
fn name_in_files(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().replace('_', "-")
}

impl LoadSpec {
    /// Takes a decision of the user.
    pub fn choose(&mut self, choice: &Choice) {
        match choice.clone() {
            Choice::FirstColumn(first) => self.first_column = first,
            Choice::Orientation(orientation) => self.orientation = orientation,
            Choice::IdColumn(column) => self.id_column = Some(column),
            Choice::Decimal(decimal) => self.decimal = decimal,
            Choice::LabelIds(column) => self.label_ids = Some(column),
            Choice::LabelColumn(column) => {
                (self.label_column, self.ignore_labels) = (Some(column), false);
            }
            Choice::Matrix(matrix) => self.choose_matrix(&matrix),
            Choice::Sheet(sheet) => self.sheet = Some(sheet),
            Choice::Join(join) => self.join = join,
            Choice::Prepare(modality) => self.prepare.push(modality),
            Choice::AsTheyAre => {
                // Steps of a run that is repeated, or that stood here before, were those of counts.
                self.preparation.clear();
                self.prepare.clear();
                self.as_they_are = true;
            }
            Choice::FewInCommon => self.few_in_common = true,
            Choice::NoLabels => self.ignore_labels = true,
        }
    }
}

impl LoadSpec {
    /// Takes a matrix for all modalities, `layers/counts`, or for one of them, `rna:layers/counts`.
    pub fn choose_matrix(&mut self, matrix: &str) {
        match matrix.split_once(':') {
            Some((modality, matrix)) => {
                let (modality, matrix) = (modality.to_owned(), matrix.to_owned());
                self.preparation.remove(&modality);
                self.matrices.insert(modality, matrix);
            }
            None => {
                self.preparation.clear();
                self.matrix = Some(matrix.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_has_a_flag_and_is_taken() {
        let mut spec = LoadSpec::default();
        let choices = [
            (Choice::Join(Join::TcgaSample), "--join tcga-sample"),
            (Choice::Decimal(Decimal::Comma), "--decimal comma"),
            (Choice::IdColumn("sample".into()), "--ids 'sample'"),
            (Choice::Sheet("rna".into()), "--sheet 'rna'"),
            (
                Choice::Orientation(Orientation::FeaturesInRows),
                "--rows features",
            ),
        ];
        for (choice, flag) in choices {
            assert_eq!(choice.flag(), flag);
            spec.choose(&choice);
        }
        assert_eq!(
            (spec.join, spec.decimal),
            (Join::TcgaSample, Decimal::Comma)
        );
        assert_eq!(spec.id_column.as_deref(), Some("sample"));
        assert_eq!(spec.sheet.as_deref(), Some("rna"));
        assert_eq!(spec.orientation, Orientation::FeaturesInRows);
        spec.choose_matrix("X");
        spec.choose_matrix("rna:layers/counts");
        assert_eq!(spec.matrix.as_deref(), Some("X"));
        assert_eq!(spec.matrices["rna"], "layers/counts");
    }
}
