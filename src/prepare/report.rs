//! What the steps did, in numbers.

use std::fmt;

use serde::Serialize;

use crate::words::thousands;

/// What a step did. `Display` says it in a few words: `2,000 of 20,000 features kept`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepReport {
    /// Features were left out by name.
    DropFeatures {
        /// How many.
        features: usize,
    },
    /// Features that say nothing were left out.
    DropConstant {
        /// Names of features with one single value.
        constant: Vec<String>,
        /// Names of features without values.
        empty: Vec<String>,
    },
    /// Missing values were replaced.
    FillMissing {
        /// How many.
        values: usize,
        /// In how many features.
        features: usize,
        /// Of how many features.
        of: usize,
    },
    /// Samples were brought to the same total.
    Normalise {
        /// The total.
        target: f64,
        /// Samples with a total of 0.
        zero: usize,
    },
    /// Logarithms were taken.
    Log1p,
    /// Values above 0 became 1.
    Binarise,
    /// Centred log-ratios were taken.
    Clr {
        /// Samples with a total of 0.
        zero: usize,
    },
    /// The most variable features were kept.
    SelectVariable {
        /// How many.
        kept: usize,
        /// Of how many.
        of: usize,
    },
    /// Features were replaced by principal components.
    Pca {
        /// How many.
        components: usize,
        /// How many were asked for.
        asked: usize,
        /// Their share of the variance, 0 to 1.
        share: f64,
    },
}

impl StepReport {
    /// Whether anything is other than it was before.
    pub fn changed(&self) -> bool {
        match self {
            Self::DropFeatures { features } => *features > 0,
            Self::DropConstant { constant, empty } => constant.len() + empty.len() > 0,
            Self::FillMissing { values, .. } => *values > 0,
            Self::SelectVariable { kept, of } => kept < of,
            Self::Normalise { .. }
            | Self::Log1p
            | Self::Binarise
            | Self::Clr { .. }
            | Self::Pca { .. } => true,
        }
    }
}

impl fmt::Display for StepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DropFeatures { features } => {
                write!(f, "{} left out by name", count(*features, "feature"))
            }
            Self::DropConstant { constant, empty } => match (constant.len(), empty.len()) {
                (0, 0) => write!(f, "no constant features"),
                (n, 0) => write!(f, "{} left out", count(n, "constant feature")),
                (0, n) => write!(f, "{} without values left out", count(n, "feature")),
                (constant, empty) => write!(
                    f,
                    "{} and {} without values left out",
                    count(constant, "constant feature"),
                    thousands(empty as u64)
                ),
            },
            Self::FillMissing { values: 0, .. } => write!(f, "no missing values"),
            Self::FillMissing { values, .. } => write!(
                f,
                "{} replaced by the mean of the feature",
                count(*values, "missing value")
            ),
            Self::Normalise { target, zero } => {
                match target.fract() == 0.0 {
                    true => write!(f, "normalised to {} a sample", thousands(*target as u64))?,
                    false => write!(f, "normalised to {target} a sample")?,
                }
                stay_zero(f, *zero)
            }
            Self::Log1p => write!(f, "log of 1 + x"),
            Self::Binarise => write!(f, "values above 0 became 1"),
            Self::Clr { zero } => {
                write!(f, "centred log-ratio in every sample")?;
                stay_zero(f, *zero)
            }
            Self::SelectVariable { kept, of } if kept == of => {
                write!(f, "all {} kept", count(*of, "feature"))
            }
            Self::SelectVariable { kept, of } => write!(
                f,
                "{} of {} kept, the most variable ones",
                thousands(*kept as u64),
                count(*of, "feature")
            ),
            Self::Pca {
                components,
                asked,
                share,
            } => {
                write!(f, "{}", count(*components, "principal component"))?;
                if components < asked {
                    write!(f, ", all there are")?;
                }
                write!(f, ", {:.0} % of the variance", 100.0 * *share)
            }
        }
    }
}

fn stay_zero(f: &mut fmt::Formatter<'_>, samples: usize) -> fmt::Result {
    match samples {
        0 => Ok(()),
        1 => write!(f, "; 1 sample with a total of 0 stays 0"),
        _ => write!(f, "; {} with a total of 0 stay 0", count(samples, "sample")),
    }
}

fn count(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", thousands(n as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::StepReport::*;

    #[test]
    fn numbers_are_said_in_words() {
        let some = |n: usize| vec!["a".to_owned(); n];
        let said = [
            (DropFeatures { features: 1 }, "1 feature left out by name"),
            (
                DropConstant {
                    constant: some(0),
                    empty: some(0),
                },
                "no constant features",
            ),
            (
                DropConstant {
                    constant: some(3),
                    empty: some(0),
                },
                "3 constant features left out",
            ),
            (
                DropConstant {
                    constant: some(0),
                    empty: some(1),
                },
                "1 feature without values left out",
            ),
            (
                DropConstant {
                    constant: some(3),
                    empty: some(2),
                },
                "3 constant features and 2 without values left out",
            ),
            (
                FillMissing {
                    values: 0,
                    features: 0,
                    of: 4,
                },
                "no missing values",
            ),
            (
                FillMissing {
                    values: 12,
                    features: 3,
                    of: 9,
                },
                "12 missing values replaced by the mean of the feature",
            ),
            (
                Normalise {
                    target: 1e4,
                    zero: 0,
                },
                "normalised to 10,000 a sample",
            ),
            (
                Normalise {
                    target: 0.5,
                    zero: 3,
                },
                "normalised to 0.5 a sample; 3 samples with a total of 0 stay 0",
            ),
            (
                Clr { zero: 1 },
                "centred log-ratio in every sample; 1 sample with a total of 0 stays 0",
            ),
            (
                SelectVariable { kept: 300, of: 300 },
                "all 300 features kept",
            ),
            (
                SelectVariable {
                    kept: 2_000,
                    of: 20_000,
                },
                "2,000 of 20,000 features kept, the most variable ones",
            ),
            (
                Pca {
                    components: 50,
                    asked: 50,
                    share: 0.431,
                },
                "50 principal components, 43 % of the variance",
            ),
            (
                Pca {
                    components: 1,
                    asked: 50,
                    share: 1.0,
                },
                "1 principal component, all there are, 100 % of the variance",
            ),
        ];
        for (report, words) in said {
            assert_eq!(report.to_string(), words);
        }
    }
}
