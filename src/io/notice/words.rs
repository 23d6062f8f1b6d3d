//! The sentence of every notice.

use super::LoadNotice;
use crate::words::thousands;
use std::fmt;

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
            Self::LabelsFound {
                file,
                column,
                others,
            } => {
                let file = file.display();
                write!(f, "Labels were read from {file}, column \"{column}\".")?;
                match others.as_slice() {
                    [] => Ok(()),
                    others => write!(f, " Others could be taken: \"{}\".", others.join("\", \"")),
                }
            }
            Self::LabelsIgnored { file, reason } => {
                write!(f, "{} was not used: {reason}", file.display())
            }
            Self::NoClasses { file } => write!(
                f,
                "{} has no column of classes that repeat and that most samples have: there are no labels \
                 until you choose a column.",
                file.display()
            ),
            Self::LabelIdsFound { file, column } => write!(
                f,
                "The ids in {} are those of its column \"{column}\", which name the samples.",
                file.display()
            ),
            Self::LabelsWithoutHeader { file, first } => write!(
                f,
                "{} has no header: its first line, \"{first}\", was read as a sample.",
                file.display()
            ),
            Self::ReadAsLatin1 { file, line } => write!(
                f,
                "{} is not UTF-8 (line {}): it was read as Latin-1.",
                file.display(),
                thousands(*line)
            ),
            Self::FewLabelled { samples, of } => write!(
                f,
                "Only {} of {} have a label: the number of clusters is not taken from the labels.",
                thousands(*samples),
                count(*of, "sample", "samples")
            ),
            Self::LabelsByPosition { file, like } => write!(
                f,
                "{} does not name the samples: its labels were matched to the samples by row, which is right only if both \
                 are in the order of {}.",
                file.display(),
                like.display()
            ),
            Self::LabelsWithoutSample { labels } => write!(
                f,
                "{} of the labels file {} not among the samples used.",
                count(*labels, "sample", "samples"),
                if *labels == 1 { "is" } else { "are" }
            ),
            Self::RepeatedLabels { rows } => write!(
                f,
                "{} of the labels file {} a sample again, with the same class.",
                count(*rows, "row", "rows"),
                if *rows == 1 { "names" } else { "name" }
            ),
            Self::Unlabelled { samples, of } => write!(
                f,
                "{} of {} {} no label; they take part, but not in the scores.",
                thousands(*samples),
                count(*of, "sample", "samples"),
                have(*samples)
            ),
            Self::SamplesNotChosen { samples, of } => write!(
                f,
                "{} of {} {} left out by choice.",
                thousands(*samples),
                count(*of, "sample", "samples"),
                were(*samples)
            ),
            Self::SamplesNotKept { samples, of } => write!(
                f,
                "{} of {} {} left out after the preparation: the others keep the values that they have with them.",
                thousands(*samples),
                count(*of, "sample", "samples"),
                were(*samples)
            ),
            Self::SamplesCut {
                modality,
                samples,
                of,
            } => write!(
                f,
                "{} of {} {} left out by the cuts of {modality}.",
                thousands(*samples),
                count(*of, "sample", "samples"),
                were(*samples)
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
            Self::IdsJoinedByRule {
                file,
                rule,
                ids,
                of,
            } => write!(
                f,
                "{} of {} of {} agree {rule}.",
                thousands(*ids),
                count(*of, "id", "ids"),
                file.display()
            ),
            Self::IdsAlike {
                file,
                ids,
                example: [first, second],
            } => write!(
                f,
                "{}: {} {} not joined, as the rule makes it the same as another of its file (such as {first} and {second}).",
                file.display(),
                count(*ids, "id", "ids"),
                were(*ids)
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
            Self::ClassesPossible { file, columns } => write!(
                f,
                "No labels were taken from {}; these columns could hold them: \"{}\".",
                file.display(),
                columns.join("\", \"")
            ),
            Self::Container { object, text, .. } => {
                let end = if text.ends_with('.') { "" } else { "." };
                write!(f, "{object}: {text}{end}")
            }
            Self::EmptyDroplets { droplets, of } => write!(
                f,
                "{} of {} looked like empty droplets and {} left out.",
                thousands(*droplets),
                count(*of, "barcode", "barcodes"),
                were(*droplets)
            ),
            Self::Prepared { modality, steps } => {
                write!(f, "{modality} was prepared: {}.", steps.join("; "))
            }
            Self::CountsAsTheyAre { modality } => write!(
                f,
                "The values of {modality} look like raw counts and are taken as they are: give normalised values if you have them."
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
