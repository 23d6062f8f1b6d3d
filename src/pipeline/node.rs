//! A run as a chain of parts, and what each of them depends on.
//!
//! Each part goes on from what the one before came to, and from nothing else. So a run whose settings differ from an earlier one's only
//! in those of later parts takes over what the earlier ones came to (as the steps of kana do, Lun and Kancherla 2023).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{AnalysisSpec, PARAMETERS};
use crate::{
    data::{Fingerprint, Labels},
    words::hex,
};

/// A part of a run that the next goes on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// The trained weights of every start.
    Starts,
    /// The clusters that are elected, and the models that learn the uncertainty; only with several starts.
    Votes,
    /// The models that have learned the uncertainty.
    Uncertainty,
    /// Stage 1 with its clusters, its scores and its map.
    Stage1,
    /// Stage 2 without its map.
    Stage2,
}

impl Node {
    /// All parts in their order.
    pub const ALL: [Self; 5] = [
        Self::Starts,
        Self::Votes,
        Self::Uncertainty,
        Self::Stage1,
        Self::Stage2,
    ];

    /// What it reads and no part before it does. What the maps read is not among it: a map is left out where that differs.
    fn settings(self, spec: &AnalysisSpec, clusters: usize) -> Value {
        let parameters = PARAMETERS.iter();
        let read = parameters.filter_map(|p| Some((p.key.into(), p.value_for(self, spec)?)));
        let mut read: Map<String, Value> = read.collect();
        let grouping = match spec.train.starts > 1 {
            true => Self::Votes,
            false => Self::Stage1,
        };
        if self == grouping {
            read.insert("clusters".into(), json!(clusters));
        }
        if self == Self::Starts {
            read.insert("seed".into(), json!(spec.seed));
            read.insert("device".into(), json!(spec.device));
            if !spec.also.is_empty() {
                read.insert("also".into(), json!(spec.also));
            }
            if let Some(earlier) = &spec.earlier {
                read.insert("earlier".into(), json!(earlier.weights));
            }
        }
        read.into()
    }

    /// What all parts have that come to the same here: on the same data, with the same settings so far, in the same version.
    pub(super) fn key(
        self,
        fingerprint: &Fingerprint,
        labels: Option<&Labels>,
        spec: &AnalysisSpec,
        clusters: usize,
    ) -> String {
        let so_far = Self::ALL.into_iter().take_while(|node| *node <= self);
        let settings: Vec<Value> = so_far.map(|node| node.settings(spec, clusters)).collect();
        // Scores are told with what they are of.
        let labels = labels.map(|labels| &labels.codes);
        let of = json!([
            env!("CARGO_PKG_VERSION"),
            self,
            fingerprint,
            labels,
            settings
        ]);
        hex(&Sha256::digest(of.to_string())[..16])
    }
}

impl std::fmt::Display for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Starts => "the starts",
            Self::Votes => "the votes",
            Self::Uncertainty => "the uncertainty",
            Self::Stage1 => "stage 1",
            Self::Stage2 => "stage 2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Recipe;

    fn keys(spec: &AnalysisSpec, clusters: usize) -> Vec<String> {
        let fingerprint = Fingerprint {
            samples: "s".into(),
            features: Vec::new(),
            values: "v".into(),
        };
        let key = |node: Node| node.key(&fingerprint, None, spec, clusters);
        Node::ALL.map(key).to_vec()
    }

    /// How many parts from the first on are the same.
    fn same(before: &AnalysisSpec, after: &AnalysisSpec, clusters: [usize; 2]) -> usize {
        let pairs = keys(before, clusters[0])
            .into_iter()
            .zip(keys(after, clusters[1]));
        pairs.take_while(|(a, b)| a == b).count()
    }

    #[test]
    fn only_what_depends_on_a_setting_is_another() {
        for (recipe, of_clusters) in [(Recipe::Robust, 1), (Recipe::Published, 3)] {
            let spec = AnalysisSpec::of(recipe);
            let changed = |change: &dyn Fn(&mut AnalysisSpec)| {
                let mut after = spec.clone();
                change(&mut after);
                same(&spec, &after, [9, 9])
            };
            assert_eq!(changed(&|s| s.umap.neighbours = 50), 5);
            assert_eq!(changed(&|s| s.clusters = Some(9)), 5);
            assert_eq!(changed(&|s| s.train.learning_rates[2] *= 2.0), 4);
            assert_eq!(changed(&|s| s.train.alpha = 2.0), 3);
            assert_eq!(changed(&|s| s.train.epochs[1] = 7), 2);
            assert_eq!(changed(&|s| s.train.epochs[0] = 7), 0);
            assert_eq!(changed(&|s| s.seed = 7), 0);
            assert_eq!(same(&spec, &spec, [9, 8]), of_clusters);
        }
        let spec = AnalysisSpec::default();
        let mut fewer = spec.clone();
        fewer.train.graph_votes = 1;
        assert_eq!(same(&spec, &fewer, [9, 9]), 1);
        // What is the same so far is not the same part.
        let keys = keys(&AnalysisSpec::of(Recipe::Published), 3);
        let others = keys.iter().collect::<std::collections::HashSet<_>>();
        assert_eq!(others.len(), keys.len());
    }
}
