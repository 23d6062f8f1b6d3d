//! What each kind of clustering that votes says by itself.

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Ballot, Cast, Correspondence, tally};
use crate::{
    analysis::scores,
    job::{CancelToken, Cancelled},
};

/// A kind of clustering that votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Voter {
    /// The network's starts.
    Starts,
    /// Looks at the data.
    Looks,
}

impl std::fmt::Display for Voter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Starts => "starts",
            Self::Looks => "looks",
        })
    }
}

/// What the clusterings of one kind say of the elected clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Votes {
    /// Of which kind they are.
    pub voter: Voter,
    /// Mean agreement of one of them with the elected clusters (adjusted Rand index).
    pub agreement: f64,
    /// Share of their votes of every sample for every elected cluster, `n x K`, each clustering weighing alike.
    #[serde(with = "crate::store::bits")]
    pub votes: Array2<f32>,
}

impl Ballot {
    /// What each kind says of the elected clusters; nothing where all are of one kind.
    pub(super) fn kinds(
        &self,
        elected: &[u32],
        matched: &Correspondence<'_>,
        cancel: &CancelToken,
    ) -> Result<Vec<Votes>, Cancelled> {
        if !self.has_looks() || !self.looks.contains(&false) {
            return Ok(Vec::new());
        }
        let of_kind = |voter: Voter| {
            let counts = |&look: &bool| f64::from(u8::from(look == (voter == Voter::Looks)));
            let weights: Vec<f64> = self.looks.iter().map(counts).collect();
            let like = self
                .labels
                .par_iter()
                .zip(&weights)
                .map(|(labels, weight)| weight * scores::adjusted_rand_index(labels, elected));
            let like: Vec<f64> = like.collect();
            let cast = Cast {
                labels: &self.labels,
                weights: &weights,
            };
            Ok(Votes {
                voter,
                agreement: like.iter().sum::<f64>() / weights.iter().sum::<f64>(),
                votes: tally(cast, elected, matched, cancel)?,
            })
        };
        [Voter::Starts, Voter::Looks]
            .into_iter()
            .map(of_kind)
            .collect()
    }
}
