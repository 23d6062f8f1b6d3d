//! What the steps did, in numbers.

use std::fmt;

use serde::Serialize;

use super::{Ranking, Step};
use crate::words::thousands;

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepTaken {
    /// The step.
    pub step: Step,
    /// What it did.
    pub report: StepReport,
    /// Features before it.
    pub before: usize,
    /// Features after it.
    pub after: usize,
}

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
    /// Features that few samples have were left out.
    DropRare {
        /// How many.
        features: usize,
        /// Samples that must have a feature.
        samples: usize,
    },
    /// Missing values were replaced by means of near samples.
    ImputeNearest {
        /// How many.
        values: usize,
        /// In how many features.
        features: usize,
        /// Of how many features.
        of: usize,
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
    /// Logarithms to base 2 were taken.
    Log2,
    /// Shares became M values.
    MValues,
    /// Values were weighed by term and inverse document frequency.
    TfIdf {
        /// Samples with a total of 0.
        zero: usize,
    },
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
        /// By what.
        by: Ranking,
    },
    /// Features were replaced by principal components.
    Pca {
        /// How many were asked for.
        asked: usize,
        /// Whether features were divided by their standard deviations first.
        standardised: bool,
        /// The share of the variance of every component, 0 to 1.
        shares: Vec<f64>,
        /// How far every component follows the logarithm of the total counts of the samples (correlation); `None` where these were no counts.
        depth: Option<Vec<f64>>,
    },
    /// Features were replaced by components of latent semantic indexing.
    Lsi {
        /// How many were asked for.
        asked: usize,
        /// Components that were left out, from 1, and how far they follow the depth.
        dropped: Vec<(usize, f64)>,
        /// The share of the sum of squares of every component that was kept.
        shares: Vec<f64>,
        /// How far every one of them follows the logarithm of the total counts of the samples.
        depth: Vec<f64>,
    },
    /// Features were brought to mean 0 and standard deviation 1.
    Standardise {
        /// The largest value.
        most: f64,
    },
    /// Features were brought to 0 to 1 between two quantiles.
    ScaleQuantiles {
        /// The lower quantile.
        low: f64,
        /// The upper quantile.
        high: f64,
        /// Features of which the two are the same, so that they became 0.
        flat: usize,
    },
}

impl StepReport {
    /// Whether anything is other than it was before.
    pub fn changed(&self) -> bool {
        match self {
            Self::DropFeatures { features } => *features > 0,
            Self::DropConstant { constant, empty } => constant.len() + empty.len() > 0,
            Self::DropRare { features, .. } => *features > 0,
            Self::FillMissing { values, .. } | Self::ImputeNearest { values, .. } => *values > 0,
            Self::SelectVariable { kept, of, .. } => kept < of,
            Self::Normalise { .. }
            | Self::Log1p
            | Self::Log2
            | Self::MValues
            | Self::TfIdf { .. }
            | Self::Binarise
            | Self::Clr { .. }
            | Self::Pca { .. }
            | Self::Lsi { .. }
            | Self::Standardise { .. }
            | Self::ScaleQuantiles { .. } => true,
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
            Self::DropRare { features, samples } => write!(
                f,
                "{} in fewer than {} left out",
                count(*features, "feature"),
                count(*samples, "sample")
            ),
            Self::ImputeNearest { values: 0, .. } | Self::FillMissing { values: 0, .. } => {
                write!(f, "no missing values")
            }
            Self::ImputeNearest { values, .. } => write!(
                f,
                "{} replaced by the mean of the nearest samples",
                count(*values, "missing value")
            ),
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
            Self::Log2 => write!(f, "log2 of 1 + x"),
            Self::MValues => write!(f, "shares became M values"),
            Self::TfIdf { zero } => {
                write!(f, "weighed by TF-IDF")?;
                stay_zero(f, *zero)
            }
            Self::Binarise => write!(f, "values above 0 became 1"),
            Self::Clr { zero } => {
                write!(f, "centred log-ratio in every sample")?;
                stay_zero(f, *zero)
            }
            Self::SelectVariable { kept, of, .. } if kept == of => {
                write!(f, "all {} kept", count(*of, "feature"))
            }
            Self::SelectVariable { kept, of, by } => {
                let by = match by {
                    Ranking::Variance => "",
                    Ranking::SeuratV3 => " by Seurat v3",
                    Ranking::PearsonResiduals => " by Pearson residuals",
                };
                write!(
                    f,
                    "{} of {} kept, the most variable ones{by}",
                    thousands(*kept as u64),
                    count(*of, "feature")
                )
            }
            Self::Pca {
                asked,
                standardised,
                shares,
                ..
            } => {
                write!(f, "{}", count(shares.len(), "principal component"))?;
                if *standardised {
                    write!(f, " of standardised features")?;
                }
                if shares.len() < *asked {
                    write!(f, ", all there are")?;
                }
                write!(
                    f,
                    ", {:.0} % of the variance",
                    100.0 * shares.iter().sum::<f64>()
                )
            }
            Self::Lsi {
                asked,
                dropped,
                shares,
                ..
            } => {
                write!(f, "{} of LSI", count(shares.len(), "component"))?;
                if shares.len() < *asked {
                    write!(f, ", all there are")?;
                }
                for (at, (number, depth)) in dropped.iter().enumerate() {
                    let word = if at == 0 {
                        "; left out, as it follows the depth: "
                    } else {
                        ", "
                    };
                    write!(f, "{word}{number} (correlation {depth:.2})")?;
                }
                Ok(())
            }
            Self::Standardise { most } => {
                write!(f, "mean 0 and standard deviation 1, cut off at {most}")
            }
            Self::ScaleQuantiles { low, high, flat } => {
                write!(f, "scaled to 0 to 1 between quantiles {low} and {high}")?;
                match flat {
                    0 => Ok(()),
                    _ => write!(
                        f,
                        "; {} with both the same became 0",
                        count(*flat, "feature")
                    ),
                }
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
mod tests;
