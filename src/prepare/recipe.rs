//! What to do with a modality, as it stands in a run's record.

use serde::{Deserialize, Serialize};

use super::Cuts;
use crate::data::Facts;

/// One step between what a file holds and what the model gets.
///
/// Its JSON is its name in snake case, with its settings if it has some: `"log1p"`, `{"normalise": {"target": 10000.0}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Leaves features out by name.
    DropFeatures {
        /// Their names; all of them must be there.
        names: Vec<String>,
    },
    /// Leaves out features without values or with one single value.
    DropConstant,
    /// Leaves out features that fewer samples have a value other than 0 of, as scanpy's `filter_genes(min_cells)` does.
    DropRare {
        /// Samples that must have it.
        samples: usize,
    },
    /// Replaces every missing value by the mean of its feature over the samples that have it.
    FillMissing,
    /// Replaces every missing value by the mean of its feature over the nearest samples that have it, as scikit-learn's
    /// `KNNImputer` does: near by the features that both samples have (Troyanskaya et al. 2001).
    ImputeNearest {
        /// How many samples; 5 is usual.
        neighbours: usize,
    },
    /// Multiplies the counts of every sample so that they add up to `target`, as scanpy's `normalize_total` and Seurat's
    /// `NormalizeData` do. Samples with a total of 0 stay 0.
    Normalise {
        /// The total of every sample; 10,000 is usual.
        target: f64,
    },
    /// Takes the natural logarithm of 1 + x.
    Log1p,
    /// Takes the logarithm to base 2 of 1 + x, as is usual for bulk RNA.
    Log2,
    /// Turns shares, such as beta values of methylation, into M values: `log2(x / (1 - x))` (Du et al. 2010). Shares nearer to 0
    /// or 1 than 0.001 count as that near.
    MValues,
    /// Makes every value above 0 a 1.
    Binarise,
    /// Takes the centred log-ratio over the features of every sample as Seurat does it for proteins:
    /// `log1p(x / exp(mean(log1p(x))))`, the mean over all features of the sample. It is `NormalizeData(normalization.method = "CLR",
    /// margin = 2)` in Seurat and `muon.prot.pp.clr(axis=1)`.
    Clr,
    /// Weighs open chromatin as words of texts are weighed: `log1p(scale * x / total of the sample) * log1p(samples / total of the
    /// feature)`, which is `muon.atac.pp.tfidf`.
    TfIdf {
        /// The total of every sample before the logarithm; 10,000 is usual.
        scale: f64,
    },
    /// Keeps the most variable features, in the order in which they stood; of equal ones the first.
    SelectVariable {
        /// How many to keep; all if there are fewer.
        features: usize,
        /// By what.
        #[serde(default, skip_serializing_if = "Ranking::is_variance")]
        by: Ranking,
    },
    /// Replaces the features by principal components of the centred features (Pearson 1901; Hotelling 1933).
    ///
    /// The loading of largest size is positive in every component, the first of equal ones: the signs of scikit-learn's `PCA`.
    Pca {
        /// How many; fewer where the values span fewer dimensions.
        components: usize,
        /// Whether every feature is divided by its standard deviation first, and values more than 10 of these above the mean count as
        /// 10, as Seurat's `ScaleData` and `RunPCA` do it one after the other: then a gene counts by how it varies, not by how much it is
        /// expressed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        standardised: bool,
    },
    /// Replaces the features by the components of latent semantic indexing: as [`Step::Pca`], but the features are not centred.
    /// The first components then tell how deep a sample was sequenced: those that follow the total of the samples (correlation
    /// with its logarithm beyond 0.75 on either side) are left out, as ArchR does it.
    Lsi {
        /// How many are kept; fewer where the values span fewer dimensions.
        components: usize,
    },
    /// Takes the mean of every feature off and divides by its standard deviation, as scanpy's `scale` and scikit-learn's
    /// `StandardScaler` do.
    Standardise {
        /// Values farther from 0 become this; 10 is usual.
        most: f64,
    },
    /// Brings the range between two quantiles of every feature to 0 to 1, and what is beyond to its ends: a few extreme values
    /// then do not squeeze all others.
    ScaleQuantiles {
        /// The quantile that becomes 0, from 0 to 1; 0.01, say.
        low: f64,
        /// The quantile that becomes 1; 0.99, say.
        high: f64,
    },
}

/// By what features are variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ranking {
    /// The variance of the values as they are at this step.
    ///
    /// After [`Step::Log1p`] that is the variance of log-normalised counts. It ranks features by what they add to the total variance,
    /// of which [`Step::Pca`], which does not scale them, keeps as much as it can.
    #[default]
    Variance,
    /// The variance of the counts as they were read, standardised by what is expected at their mean: a local regression of the
    /// log variance on the log mean (Stuart et al. 2019). `highly_variable_genes(flavor="seurat_v3")` in scanpy, `vst` in Seurat.
    SeuratV3,
    /// The variance of Pearson residuals of the counts as they were read (Lause, Berens and Kobak 2021), as scanpy's
    /// `experimental.pp.highly_variable_genes` has it.
    PearsonResiduals,
}

impl Ranking {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Variance, Self::SeuratV3, Self::PearsonResiduals];

    /// Its name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Variance => "variance",
            Self::SeuratV3 => "seurat_v3",
            Self::PearsonResiduals => "pearson_residuals",
        }
    }

    fn is_variance(&self) -> bool {
        *self == Self::Variance
    }

    /// Whether it looks at the counts as they were read.
    pub(super) const fn of_counts(self) -> bool {
        !matches!(self, Self::Variance)
    }
}

impl Step {
    /// One of every kind, with the usual settings.
    pub fn usual() -> [Self; 17] {
        [
            Self::DropFeatures { names: Vec::new() },
            Self::DropConstant,
            Self::DropRare { samples: 3 },
            Self::FillMissing,
            Self::ImputeNearest { neighbours: 5 },
            Self::Normalise { target: 1e4 },
            Self::Log1p,
            Self::Log2,
            Self::MValues,
            Self::Binarise,
            Self::Clr,
            Self::TfIdf { scale: 1e4 },
            Self::SelectVariable {
                features: 2_000,
                by: Ranking::Variance,
            },
            Self::Pca {
                components: 50,
                standardised: false,
            },
            Self::Lsi { components: 50 },
            Self::Standardise { most: 10.0 },
            Self::ScaleQuantiles {
                low: 0.01,
                high: 0.99,
            },
        ]
    }

    /// Whether it makes other values, rather than choose some and fill gaps with means.
    pub(super) const fn calculates(&self) -> bool {
        !matches!(
            self,
            Self::DropFeatures { .. }
                | Self::DropConstant
                | Self::DropRare { .. }
                | Self::FillMissing
                | Self::SelectVariable { .. }
        )
    }

    /// Its name, as in its JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DropFeatures { .. } => "drop_features",
            Self::DropConstant => "drop_constant",
            Self::DropRare { .. } => "drop_rare",
            Self::FillMissing => "fill_missing",
            Self::ImputeNearest { .. } => "impute_nearest",
            Self::Normalise { .. } => "normalise",
            Self::Log1p => "log1p",
            Self::Log2 => "log2",
            Self::MValues => "m_values",
            Self::Binarise => "binarise",
            Self::Clr => "clr",
            Self::TfIdf { .. } => "tf_idf",
            Self::SelectVariable { .. } => "select_variable",
            Self::Pca { .. } => "pca",
            Self::Lsi { .. } => "lsi",
            Self::Standardise { .. } => "standardise",
            Self::ScaleQuantiles { .. } => "scale_quantiles",
        }
    }

    /// Whether features become mixtures of features.
    pub const fn mixes(&self) -> bool {
        matches!(self, Self::Pca { .. } | Self::Lsi { .. })
    }
}

/// What is done with one modality: which samples are left out of all of them, and then the steps, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Samples with fewer or more counts are left out.
    #[serde(default, skip_serializing_if = "Cuts::is_none")]
    pub cuts: Cuts,
    /// The steps.
    #[serde(default)]
    pub steps: Vec<Step>,
}

impl Recipe {
    /// What tables that somebody has prepared already need all the same: no features that say nothing, and no missing values.
    pub fn none() -> Self {
        // In this order only values that stay are counted as replaced.
        Self::of([Step::DropConstant, Step::FillMissing])
    }

    /// These steps, no sample left out.
    pub fn of(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            cuts: Cuts::default(),
            steps: steps.into_iter().collect(),
        }
    }

    /// [`Recipe::none`] and then these. Gaps are filled once: not with means where one of these fills them otherwise.
    pub fn and_then(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps: Vec<Step> = steps.into_iter().collect();
        let mut recipe = Self::none();
        if steps
            .iter()
            .any(|step| matches!(step, Step::ImputeNearest { .. }))
        {
            recipe.steps.retain(|step| *step != Step::FillMissing);
        }
        recipe.steps.extend(steps);
        recipe
    }
}

/// What a modality measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Transcripts of genes.
    Rna,
    /// Surface proteins, by antibodies.
    Protein,
    /// Open chromatin.
    Atac,
    /// Anything else.
    Other,
}

impl Kind {
    /// What a modality of this name measures.
    pub fn of(modality: &str) -> Self {
        match modality.trim().to_lowercase().as_str() {
            "rna" | "mrna" | "gex" | "gene expression" => Self::Rna,
            "protein" | "prot" | "adt" | "antibody capture" => Self::Protein,
            "atac" | "peaks" => Self::Atac,
            _ => Self::Other,
        }
    }
}

/// What is usually done with values like these: counts of RNA, proteins and open chromatin are normalised, everything else is
/// taken as it is.
pub fn default_recipe(kind: Kind, facts: &Facts) -> Recipe {
    let genes = [
        Step::Normalise { target: 1e4 },
        Step::Log1p,
        Step::SelectVariable {
            features: 2_000,
            by: Ranking::Variance,
        },
        Step::Pca {
            components: 30,
            standardised: true,
        },
    ];
    match kind {
        _ if !facts.are_counts() => Recipe::none(),
        Kind::Rna => Recipe::and_then(genes),
        Kind::Atac => Recipe::and_then([Step::TfIdf { scale: 1e4 }, Step::Lsi { components: 50 }]),
        Kind::Protein => Recipe::and_then([Step::Clr]),
        Kind::Other => Recipe::none(),
    }
}

#[cfg(test)]
mod tests;
