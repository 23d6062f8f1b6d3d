//! What to do with a data set.

use serde::{Deserialize, Serialize};

use crate::{
    analysis::umap::UmapSpec, data::Dataset, error::Error, model::DeviceChoice, train::TrainSpec,
};

/// How the method is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipe {
    /// The recipe of the paper.
    #[default]
    Published,
}

impl std::fmt::Display for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Published => f.write_str("published"),
        }
    }
}

/// Everything that decides what an analysis computes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnalysisSpec {
    /// How the method is trained.
    pub recipe: Recipe,
    /// Number of clusters K; by default the number of classes.
    pub clusters: Option<usize>,
    /// Decides the starting weights, mini-batches, k-means and UMAP.
    pub seed: u64,
    /// What to compute on.
    pub device: DeviceChoice,
    /// Hyperparameters.
    pub train: TrainSpec,
    /// Parameters of the map.
    pub umap: UmapSpec,
}

impl AnalysisSpec {
    /// Number of clusters for a data set: as asked, else its number of classes.
    pub fn clusters_for(&self, dataset: &Dataset) -> Result<usize, Error> {
        self.clusters
            .or_else(|| dataset.labels.as_ref().map(|l| l.classes.len()))
            .ok_or(Error::ClustersNeeded)
    }
}
