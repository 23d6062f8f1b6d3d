//! What loading had to say about the files, in plain words: every repair, counted.

mod table;

use crate::words::thousands;
use serde::Serialize;
use std::{fmt, path::PathBuf};

pub use table::TableNotice;

/// Something the user should know about the loaded files. `Display` is one plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum LoadNotice {
    /// The first column was taken for class labels.
    ClassesInFirstColumn {
        /// Number of classes.
        classes: usize,
    },
    /// A labels file was found beside the data.
    LabelsFound {
        /// The file.
        file: PathBuf,
        /// The column used.
        column: String,
    },
    /// A labels file was found beside the data and could not be used.
    LabelsIgnored {
        /// The file.
        file: PathBuf,
        /// Why not, as a sentence.
        reason: String,
    },
    /// A column of the labels file looks like ids or measurements; another one is used.
    LabelColumnPassedOver {
        /// The file.
        file: PathBuf,
        /// The column that was passed over.
        passed: String,
        /// The column used.
        used: String,
    },
    /// The labels were matched by row, as there are no sample ids.
    LabelsByPosition {
        /// The file.
        file: PathBuf,
    },
    /// Samples in the labels file that are not in the data.
    LabelsWithoutSample {
        /// How many.
        labels: usize,
    },
    /// A sample has more than one row in the labels file; the first counts.
    RepeatedLabels {
        /// How many rows were passed over.
        rows: usize,
    },
    /// Samples that have no label.
    Unlabelled {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
    },
    /// Samples left out because a modality lacks them.
    SamplesLeftOut {
        /// The modality that lacks them.
        modality: String,
        /// How many.
        samples: usize,
        /// Samples of all files together.
        of: usize,
    },
    /// Missing values replaced by the mean of their feature.
    MissingReplaced {
        /// The modality.
        modality: String,
        /// How many values.
        values: usize,
        /// In how many features.
        features: usize,
        /// Values of the modality.
        of: usize,
    },
    /// Features without any value.
    EmptyFeaturesLeftOut {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
        /// The first of them.
        example: String,
    },
    /// Features with the same value in every sample.
    ConstantFeaturesLeftOut {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
        /// The first of them.
        example: String,
    },
    /// Features of the same name that were numbered.
    FeaturesRenamed {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
        /// The first, before.
        from: String,
        /// The first, after.
        to: String,
    },
    /// Features without a name that were named after their column.
    FeaturesNamed {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
    },
    /// Values that are kept on disk, as they do not fit in memory.
    KeptOnDisk {
        /// How much room they take.
        bytes: u64,
    },
    /// Rows in which every cell is empty.
    EmptyRowsSkipped {
        /// The file.
        file: PathBuf,
        /// How many.
        rows: usize,
    },
    /// `,` was read as the decimal mark.
    DecimalComma {
        /// The file.
        file: PathBuf,
    },
    /// The header does not name the first column.
    UnnamedIds {
        /// The file.
        file: PathBuf,
    },
    /// A file of known values was found beside the data; they colour maps and are compared with what is found.
    TruthFound {
        /// The file.
        file: PathBuf,
    },
    /// The first line was taken for names, though most of them are numbers.
    NumbersAsNames {
        /// The file.
        file: PathBuf,
    },
    /// Something about how one table was read.
    Table {
        /// The file.
        file: PathBuf,
        /// What there is to say.
        notice: TableNotice,
    },
    /// A file of known values beside simulated data could not be used.
    TruthIgnored {
        /// The file.
        file: PathBuf,
        /// Why not, as a sentence.
        reason: String,
    },
}

impl LoadNotice {
    /// Whether data were changed or left out, rather than only something said about them.
    pub fn is_repair(&self) -> bool {
        if let Self::Table { notice, .. } = self {
            return notice.is_repair();
        }
        !matches!(
            self,
            Self::ClassesInFirstColumn { .. }
                | Self::LabelsFound { .. }
                | Self::LabelsByPosition { .. }
                | Self::DecimalComma { .. }
                | Self::UnnamedIds { .. }
                | Self::TruthFound { .. }
        )
    }
}

impl fmt::Display for LoadNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeptOnDisk { bytes } => write!(
                f,
                "The values ({:.1} GiB) do not fit in memory: they are kept on disk and read from there, by the CPU.",
                *bytes as f64 / f64::from(1 << 30)
            ),
            Self::ClassesInFirstColumn { classes } => write!(
                f,
                "The first column was read as class labels ({}); rows are matched by position.",
                count(*classes, "class", "classes")
            ),
            Self::LabelsFound { file, column } => write!(
                f,
                "Labels were read from {}, column \"{column}\".",
                file.display()
            ),
            Self::LabelsIgnored { file, reason } => {
                write!(f, "{} was not used: {reason}", file.display())
            }
            Self::LabelColumnPassedOver { file, passed, used } => write!(
                f,
                "{}: the column \"{passed}\" looks like ids or measurements, so the labels are those of \"{used}\".",
                file.display()
            ),
            Self::LabelsByPosition { file } => write!(
                f,
                "The labels of {} were matched to the samples by row.",
                file.display()
            ),
            Self::LabelsWithoutSample { labels } => write!(
                f,
                "{} of the labels file {} not among the samples used.",
                count(*labels, "sample", "samples"),
                if *labels == 1 { "is" } else { "are" }
            ),
            Self::RepeatedLabels { rows } => write!(
                f,
                "{} of the labels file {} a sample again and {} passed over; the first row counts.",
                count(*rows, "row", "rows"),
                if *rows == 1 { "names" } else { "name" },
                if *rows == 1 { "was" } else { "were" }
            ),
            Self::Unlabelled { samples, of } => write!(
                f,
                "{} of {} {} no label; they take part, but not in the scores.",
                thousands(*samples),
                count(*of, "sample", "samples"),
                have(*samples)
            ),
            Self::SamplesLeftOut {
                modality,
                samples,
                of,
            } => write!(
                f,
                "{} of {} {} no {modality} values and {} left out.",
                thousands(*samples),
                count(*of, "sample", "samples"),
                have(*samples),
                were(*samples)
            ),
            Self::MissingReplaced {
                modality,
                values,
                features,
                of,
            } => write!(
                f,
                "{} of {} {modality} values {} missing, in {}, and {} replaced by the mean of their feature.",
                thousands(*values),
                thousands(*of),
                were(*values),
                count(*features, "feature", "features"),
                were(*values)
            ),
            Self::EmptyFeaturesLeftOut {
                modality,
                features,
                example,
            } => write!(
                f,
                "{} without any value {} left out (such as {example}).",
                count(
                    *features,
                    &format!("{modality} feature"),
                    &format!("{modality} features")
                ),
                were(*features)
            ),
            Self::ConstantFeaturesLeftOut {
                modality,
                features,
                example,
            } => write!(
                f,
                "{} with the same value in every sample {} left out (such as {example}).",
                count(
                    *features,
                    &format!("{modality} feature"),
                    &format!("{modality} features")
                ),
                were(*features)
            ),
            Self::FeaturesRenamed {
                modality,
                features,
                from,
                to,
            } => write!(
                f,
                "{} {} a name used before and {} numbered (such as {from}, now {to}).",
                count(
                    *features,
                    &format!("{modality} feature"),
                    &format!("{modality} features")
                ),
                if *features == 1 { "has" } else { "have" },
                were(*features)
            ),
            Self::FeaturesNamed { modality, features } => write!(
                f,
                "{} without a name {} named after the column.",
                count(
                    *features,
                    &format!("{modality} feature"),
                    &format!("{modality} features")
                ),
                were(*features)
            ),
            Self::EmptyRowsSkipped { file, rows } => write!(
                f,
                "{} of {} without any content {} skipped.",
                count(*rows, "row", "rows"),
                file.display(),
                were(*rows)
            ),
            Self::DecimalComma { file } => {
                write!(f, "In {}, 1,5 was read as one and a half.", file.display())
            }
            Self::UnnamedIds { file } => write!(
                f,
                "The header of {} names one column less than its rows have; the first was read as sample ids.",
                file.display()
            ),
            Self::Table { file, notice } => write!(f, "{}: {notice}", file.display()),
            Self::TruthFound { file } => write!(
                f,
                "Known values were read from {}: they colour maps and are compared with the result, nothing more.",
                file.display()
            ),
            Self::NumbersAsNames { file } => write!(
                f,
                "The first line of {} was taken for the names of features, though most are numbers: if it is a sample, add \
                 a line of names above it.",
                file.display()
            ),
            Self::TruthIgnored { file, reason } => {
                write!(f, "{} was not used: {reason}", file.display())
            }
        }
    }
}

fn were(n: usize) -> &'static str {
    if n == 1 { "was" } else { "were" }
}

fn have(n: usize) -> &'static str {
    if n == 1 { "has" } else { "have" }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let notice = LoadNotice::SamplesLeftOut {
            modality: "protein".into(),
            samples: 3,
            of: 25_517,
        };
        let expected = "3 of 25,517 samples have no protein values and were left out.";
        assert_eq!(notice.to_string(), expected);
        let one = LoadNotice::ConstantFeaturesLeftOut {
            modality: "rna".into(),
            features: 1,
            example: "TNFSF4".into(),
        };
        let expected =
            "1 rna feature with the same value in every sample was left out (such as TNFSF4).";
        assert_eq!(one.to_string(), expected);
        assert!(one.is_repair());
        assert!(!LoadNotice::DecimalComma { file: "a".into() }.is_repair());
    }
}
