//! Ways to cluster the same samples: what votes beside the network's starts, and what hdumec is compared with.

pub mod graph_votes;
mod space;
mod usual;

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

pub use space::{SpaceError, spaces};
pub use usual::{UsualError, cluster};

/// A way to integrate modalities and cluster their samples, the number of clusters being given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// k-means on the principal components of standardised features.
    Components,
    /// k-means on the principal components of features that are centred only.
    CentredComponents,
    /// Leiden clustering of weighted nearest neighbours.
    Wnn,
    /// Spectral clustering of a fused network of similarities.
    Snf,
    /// The paper's network without uncertainty and without deep embedded clustering.
    Autoencoder,
    /// The paper's network without deep embedded clustering.
    UncertaintyOnly,
    /// The paper's network without uncertainty.
    DecOnly,
    /// The recipe of the paper.
    Published,
    /// What the looks at the data agree on that vote in hdumec, without its network.
    Looks,
    /// The analysis as it is set up, by default the robust recipe.
    Hdumec,
}

impl Method {
    /// All of them: the usual ones, the paper's with parts left out, and hdumec's.
    pub const ALL: [Self; 10] = [
        Self::Components,
        Self::CentredComponents,
        Self::Wnn,
        Self::Snf,
        Self::Autoencoder,
        Self::UncertaintyOnly,
        Self::DecOnly,
        Self::Published,
        Self::Looks,
        Self::Hdumec,
    ];

    /// Name in files and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Components => "components",
            Self::CentredComponents => "centred-components",
            Self::Wnn => "wnn",
            Self::Snf => "snf",
            Self::Autoencoder => "autoencoder",
            Self::UncertaintyOnly => "uncertainty-only",
            Self::DecOnly => "dec-only",
            Self::Published => "published",
            Self::Looks => "looks",
            Self::Hdumec => "hdumec",
        }
    }

    /// What it does, in a sentence or two.
    pub fn about(self) -> &'static str {
        match self {
            Self::Components => {
                "20 principal components of every modality, features standardised first so that all count alike, then k-means"
            }
            Self::CentredComponents => {
                "20 principal components of every modality, features that vary more counting more, then k-means"
            }
            Self::Wnn => {
                "Weighted nearest neighbours, as in Seurat and muon: every sample weighs the modalities by how well they \
                 tell its neighbours; Leiden finds the clusters in the graph"
            }
            Self::Snf => {
                "Similarity network fusion: a network of samples from every modality, fused into one, then spectral \
                 clustering; usual for bulk data"
            }
            Self::Autoencoder => {
                "The paper's network learning to reconstruct, without uncertainty and without stage 2, then k-means"
            }
            Self::UncertaintyOnly => "The paper's recipe without its stage 2: k-means instead",
            Self::DecOnly => "The paper's recipe without learning the uncertainty",
            Self::Published => "The paper's recipe as a whole, one start",
            Self::Looks => {
                "What the looks at the data agree on, which vote in hdumec: clusterings of neighbour graphs, without the network"
            }
            Self::Hdumec => "The analysis with the settings of the page Train",
        }
    }

    /// Whether it trains a network.
    pub fn trains(self) -> bool {
        !matches!(
            self,
            Self::Components | Self::CentredComponents | Self::Wnn | Self::Snf | Self::Looks
        )
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Components => "components + k-means",
            Self::CentredComponents => "centred components + k-means",
            Self::Wnn => "WNN + Leiden",
            Self::Snf => "SNF + spectral",
            Self::Autoencoder => "autoencoder + k-means",
            Self::UncertaintyOnly => "published, without DEC",
            Self::DecOnly => "published, without uncertainty",
            Self::Published => "published",
            Self::Looks => "hdumec, its looks alone",
            Self::Hdumec => "hdumec",
        })
    }
}

fn views(arrays: &[Array2<f32>]) -> Vec<ArrayView2<'_, f32>> {
    arrays.iter().map(|array| array.view()).collect()
}
