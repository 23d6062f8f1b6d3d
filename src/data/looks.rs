//! What values look like, in the words of the field.

use std::fmt;

use serde::Serialize;

use super::Facts;

/// What the values of a modality look like, as far as the values and the names of the features tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Looks {
    /// Whole numbers from 0 on.
    Counts,
    /// 0 and 1 alone.
    Binary,
    /// Numbered components: of a principal component analysis, of latent semantic indexing, of a factor model.
    Components,
    /// From 0 to 1: methylation, shares, or scaled to that range.
    Shares,
    /// From 0 on, with fractions: normalised, or logarithms of that.
    Normalised,
    /// On both sides of 0: scaled, or log ratios.
    Scaled,
    /// No value at all.
    Nothing,
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counts => "whole numbers (counts)",
            Self::Binary => "0 or 1",
            Self::Components => "components",
            Self::Shares => "from 0 to 1",
            Self::Normalised => "from 0 up (normalised or log)",
            Self::Scaled => "on both sides of 0 (scaled or log ratio)",
            Self::Nothing => "no values",
        })
    }
}

impl Facts {
    /// What such values of these features look like.
    pub fn looks(&self, features: &[String]) -> Looks {
        if self.low > self.high {
            Looks::Nothing
        } else if are_components(features) {
            Looks::Components
        } else if self.low < 0.0 {
            Looks::Scaled
        } else if self.are_counts() {
            Looks::Counts
        } else if self.high <= 1.0 {
            match self.fractions {
                0 => Looks::Binary,
                _ => Looks::Shares,
            }
        } else {
            Looks::Normalised
        }
    }
}

/// Whether these are the names of components, all of them.
pub fn are_components(features: &[String]) -> bool {
    features.iter().all(|name| is_component(name))
}

/// Whether a name is that of a component: `PC1`, `LSI_3`, `X_pca_12`, `Factor2`.
fn is_component(name: &str) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == name.len() {
        return false;
    }
    let stem = stem.trim_end_matches(['_', '-', '.', ' ']).to_lowercase();
    let stem = stem.strip_prefix("x_").unwrap_or(&stem);
    const KNOWN: [&str; 12] = [
        "pc",
        "pca",
        "lsi",
        "svd",
        "ica",
        "ic",
        "nmf",
        "factor",
        "component",
        "comp",
        "latent",
        "lda",
    ];
    KNOWN.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_look_like_what_they_are() {
        let facts = |low: f32, high: f32, fractions: u64| Facts {
            seen: 9,
            fractions,
            low,
            high,
            ..Facts::default()
        };
        let genes = ["CD4".to_owned(), "CD8A".to_owned()];
        let components = ["PC1".to_owned(), "PC_12".to_owned()];
        let looks = [
            (facts(0.0, 7.0, 0), Looks::Counts),
            (facts(0.0, 1.0, 0), Looks::Binary),
            (facts(0.1, 1.0, 5), Looks::Shares),
            (facts(0.0, 7.0, 3), Looks::Normalised),
            (facts(-2.0, 7.0, 3), Looks::Scaled),
            (Facts::default(), Looks::Nothing),
        ];
        for (facts, looks) in looks {
            assert_eq!(facts.looks(&genes), looks);
        }
        assert_eq!(facts(-2.0, 7.0, 3).looks(&components), Looks::Components);
        for name in ["X_pca_3", "LSI-2", "Factor10"] {
            assert!(is_component(name), "{name}");
        }
        for name in ["CD4", "PC", "PCNA", "IL2", "7"] {
            assert!(!is_component(name), "{name}");
        }
    }
}
