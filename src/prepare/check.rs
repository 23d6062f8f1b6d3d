//! Whether the steps of a recipe make sense one after the other, before any of them runs.

use super::{PrepareError, Recipe, Step};
use crate::data::{Axis, Facts};

/// Values with fractions that stay below it may be logs, shares or scaled values; amounts, such as transcripts per million, go
/// beyond it: no log of a number of 32 bits to a base of 2 or more is larger than 128, and those of what is measured stay below 50.
const LOGS_STAY_BELOW: f32 = 50.0;

/// What values are, as far as it decides what may be done with them.
#[derive(Clone, Copy, PartialEq)]
enum Scale {
    /// Whole numbers from 0 on.
    Counts,
    /// Numbers from 0 on, some with fractions, too large for logs.
    Amounts,
    /// Small numbers from 0 on with fractions.
    Small,
    /// Some are below 0.
    Signed,
    /// Counts that add up to the same in every sample.
    Normalised,
    /// Logs.
    Logs,
    /// Scaled, feature by feature.
    Scaled,
    /// Weighed as words are.
    Weighed,
    /// Principal components.
    Components,
}

impl Scale {
    fn of(facts: &Facts) -> Self {
        match facts {
            _ if facts.low < 0.0 => Self::Signed,
            _ if facts.fractions == 0 => Self::Counts,
            _ if facts.high < LOGS_STAY_BELOW => Self::Small,
            _ => Self::Amounts,
        }
    }

    /// Why a step does not fit these values.
    fn reason(self, facts: &Facts) -> String {
        match self {
            Self::Counts => "the values are counts".into(),
            Self::Amounts => "the values have fractions, so they are no counts".into(),
            Self::Small => format!(
                "the values have fractions and go up to {}, as logs and scaled values do",
                facts.high
            ),
            Self::Signed => format!("there are values below 0, down to {}", facts.low),
            Self::Normalised => "the values are normalised already".into(),
            Self::Logs => "the values are logs already".into(),
            Self::Scaled => "the values are scaled already".into(),
            Self::Weighed => "the values are weighed by TF-IDF already".into(),
            Self::Components => "the values are principal components already".into(),
        }
    }
}

/// Checks settings, names and order of the steps for values of which this is known.
pub(super) fn check(recipe: &Recipe, features: &Axis, facts: &Facts) -> Result<(), PrepareError> {
    use Scale::{Amounts, Components, Counts, Logs, Normalised, Scaled, Small, Weighed};
    if facts.infinite > 0 {
        return Err(PrepareError::NotFinite {
            infinite: facts.infinite,
        });
    }
    recipe.cuts.check()?;
    let (mut scale, mut missing) = (Scale::of(facts), facts.missing);
    let counts = scale == Counts;
    let mut stem = PC;
    for (at, step) in recipe.steps.iter().enumerate() {
        let (at, name) = (at + 1, step.name());
        let setting = |holds: bool, reason| match holds {
            true => Ok(()),
            false => Err(PrepareError::Setting {
                at,
                step: name,
                reason,
            }),
        };
        let (fits, next) = match step {
            Step::DropConstant => (true, scale),
            Step::DropFeatures { names } => {
                let known = |name: &str| match scale {
                    Components => is_component(stem, name),
                    _ => features.position(name).is_some(),
                };
                if let Some(name) = names.iter().find(|name| !known(name)) {
                    let name = name.clone();
                    return Err(PrepareError::UnknownFeature { at, name });
                }
                (true, scale)
            }
            Step::DropRare { samples } => {
                setting(*samples > 0, "at least one sample must have it")?;
                (scale != Components, scale)
            }
            Step::FillMissing => (scale != Components, scale),
            Step::ImputeNearest { neighbours } => {
                setting(*neighbours > 0, "at least one neighbour must be asked for")?;
                // Means of counts have fractions.
                let then = if missing > 0 && scale == Counts {
                    Amounts
                } else {
                    scale
                };
                (scale != Components, then)
            }
            Step::Normalise { target } => {
                let sensible = (f64::MIN_POSITIVE..=1e12).contains(target);
                setting(sensible, "the target must be above 0 and at most 1e12")?;
                (scale == Counts, Normalised)
            }
            Step::Log1p | Step::Log2 => (matches!(scale, Counts | Amounts | Normalised), Logs),
            Step::MValues => {
                setting(
                    scale != Small || facts.high <= 1.0,
                    "the values go beyond 1, so they are no shares",
                )?;
                (scale == Small, Logs)
            }
            Step::TfIdf { scale: total } => {
                let sensible = (f64::MIN_POSITIVE..=1e12).contains(total);
                setting(sensible, "the scale must be above 0 and at most 1e12")?;
                (scale == Counts, Weighed)
            }
            Step::Binarise => (matches!(scale, Counts | Amounts | Small), Counts),
            Step::Clr => (matches!(scale, Counts | Amounts), Logs),
            Step::SelectVariable { features, by } => {
                setting(*features > 0, "at least one feature must be kept")?;
                setting(
                    !by.of_counts() || counts,
                    "this ranking is of counts, but the values that were read are none",
                )?;
                setting(
                    !by.of_counts() || facts.missing == 0,
                    "this ranking is of counts as they were read, and some are missing",
                )?;
                (scale != Components, scale)
            }
            Step::Pca { components, .. } => {
                setting(*components > 0, "at least one component must be asked for")?;
                (scale != Components, Components)
            }
            Step::Lsi { components } => {
                setting(*components > 0, "at least one component must be asked for")?;
                setting(scale == Weighed, "it needs the step tf_idf before it")?;
                stem = LSI;
                (true, Components)
            }
            Step::Standardise { most } => {
                let sensible = (f64::MIN_POSITIVE..=1e6).contains(most);
                setting(
                    sensible,
                    "the largest value must be above 0 and at most 1e6",
                )?;
                (scale != Scaled, Scaled)
            }
            Step::ScaleQuantiles { low, high } => {
                let sensible = 0.0 <= *low && low < high && *high <= 1.0;
                setting(
                    sensible,
                    "quantiles must be from 0 to 1, the lower one first",
                )?;
                (true, Scaled)
            }
        };
        if !fits {
            return Err(PrepareError::Misplaced {
                at,
                step: name,
                reason: scale.reason(facts),
            });
        }
        match step {
            Step::FillMissing | Step::ImputeNearest { .. } => missing = 0,
            Step::Normalise { .. }
            | Step::Clr
            | Step::TfIdf { .. }
            | Step::SelectVariable { .. }
            | Step::Pca { .. }
            | Step::Lsi { .. }
            | Step::Standardise { .. }
            | Step::ScaleQuantiles { .. }
                if missing > 0 =>
            {
                return Err(PrepareError::Missing {
                    missing,
                    before: name,
                });
            }
            _ => {}
        }
        scale = next;
    }
    match missing {
        0 => Ok(()),
        _ => Err(PrepareError::Missing {
            missing,
            before: "the end",
        }),
    }
}

/// What the names of principal components and of those of latent semantic indexing begin with.
pub(super) const PC: &str = "PC";
pub(super) const LSI: &str = "LSI";

/// The name of a component, from 0.
pub(super) fn component_name(stem: &str, at: usize) -> String {
    format!("{stem}{}", at + 1)
}

fn is_component(stem: &str, name: &str) -> bool {
    let number = name.strip_prefix(stem).and_then(|n| n.parse().ok());
    number.is_some_and(|n: usize| n > 0 && component_name(stem, n - 1) == name)
}
