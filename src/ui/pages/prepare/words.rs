//! What steps are called, and what they are for.

use crate::prepare::{Ranking, Step};

/// A step in a few words.
pub(super) fn title(step: &Step) -> &'static str {
    match step {
        Step::DropFeatures { .. } => "Named features out",
        Step::DropConstant => "No constant features",
        Step::DropRare { .. } => "No rare features",
        Step::FillMissing => "Fill gaps with means",
        Step::ImputeNearest { .. } => "Fill gaps from neighbours",
        Step::Normalise { .. } => "Normalise totals",
        Step::Log1p => "Logarithm",
        Step::Log2 => "Logarithm, base 2",
        Step::MValues => "M values",
        Step::Binarise => "Open or not",
        Step::Clr => "Centred log-ratio",
        Step::TfIdf { .. } => "TF-IDF",
        Step::SelectVariable { .. } => "Variable features",
        Step::Pca { .. } => "Principal components",
        Step::Lsi { .. } => "LSI components",
        Step::Standardise { .. } => "Z-scores",
        Step::ScaleQuantiles { .. } => "Scale between quantiles",
    }
}

/// What a step does, and when one wants it.
pub(super) fn tip(step: &Step) -> &'static str {
    match step {
        Step::DropFeatures { .. } => "Leaves out features that are named",
        Step::DropConstant => {
            "Leaves out features without values or with one single value: they tell nothing"
        }
        Step::DropRare { .. } => "Leaves out features that fewer samples have",
        Step::FillMissing => "Replaces missing values by the mean of the feature",
        Step::ImputeNearest { .. } => {
            "Replaces missing values by the mean of the feature over the nearest samples that have it"
        }
        Step::Normalise { .. } => {
            "Makes the counts of every sample add up to the same, so that depth of sequencing does not count"
        }
        Step::Log1p => "ln(1 + x): large counts then do not drown small ones",
        Step::Log2 => "log2(1 + x), as is usual for bulk RNA",
        Step::MValues => "log2(x / (1 - x)) of shares, as is usual for beta values of methylation",
        Step::Binarise => "Every value above 0 becomes 1",
        Step::Clr => "Log-ratios to the mean of the sample, as Seurat has them for proteins",
        Step::TfIdf { .. } => {
            "Weighs peaks as words of texts are weighed: what few samples have counts more"
        }
        Step::SelectVariable { .. } => {
            "Keeps the features that vary most; by Seurat v3 or Pearson residuals, the counts as read are ranked"
        }
        Step::Pca { .. } => {
            "Puts the directions in which samples vary most in the place of the features"
        }
        Step::Lsi { .. } => {
            "Components of TF-IDF values, without those that tell how deep a sample was sequenced"
        }
        Step::Standardise { .. } => "Brings every feature to mean 0 and standard deviation 1",
        Step::ScaleQuantiles { .. } => {
            "Brings every feature to 0 to 1 between two quantiles, so that a few extreme values do not squeeze the others"
        }
    }
}

/// What a ranking is called.
pub(super) fn ranking(by: Ranking) -> &'static str {
    match by {
        Ranking::Variance => "variance",
        Ranking::SeuratV3 => "Seurat v3",
        Ranking::PearsonResiduals => "Pearson residuals",
    }
}

/// Whether there is something to set.
pub(super) const fn has_settings(step: &Step) -> bool {
    !matches!(
        step,
        Step::DropConstant
            | Step::FillMissing
            | Step::Log1p
            | Step::Log2
            | Step::MValues
            | Step::Binarise
            | Step::Clr
    )
}
