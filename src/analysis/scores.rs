//! How well predicted clusters and known classes agree.
//!
//! Definitions and limits are scikit-learn's. Class and cluster numbers are names only: they may have
//! gaps. Both slices must have the same length; of unequal ones only the common front is compared.

mod contingency;

use super::silhouette::AverageWidth;
pub use contingency::Contingency;
use serde::{Deserialize, Serialize};

/// The scores of one clustering. `None` where a score is undefined: without labels of two classes, or the silhouette
/// of a single cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClusterScores {
    /// Accuracy under the best one-to-one matching of clusters to classes, 0 to 1.
    pub acc: Option<f64>,
    /// Normalised mutual information, 0 to 1.
    pub nmi: Option<f64>,
    /// Adjusted Rand index, at most 1, 0 for chance.
    pub ari: Option<f64>,
    /// Mean silhouette width, -1 to 1.
    pub asw: Option<f64>,
    /// Half the width of the 95 % confidence interval of `asw` where it is an estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asw_error: Option<f64>,
    /// Share of samples that belong to the most common class of their cluster, 0 to 1.
    pub purity: Option<f64>,
    /// Clusters that hold at least one sample.
    pub clusters: usize,
}

impl ClusterScores {
    /// Scores `predicted` (one cluster number per sample) against `truth` (one optional class per
    /// sample). Samples without a class are left out of all but `asw`, which the caller brings, and
    /// `clusters`.
    pub fn new(
        truth: Option<&[Option<u32>]>,
        predicted: &[u32],
        asw: Option<AverageWidth>,
    ) -> Self {
        let mut distinct = predicted.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let scores = Self {
            asw: asw.map(|asw| asw.value),
            asw_error: asw.and_then(|asw| asw.error),
            clusters: distinct.len(),
            ..Self::default()
        };
        let pairs = truth.unwrap_or_default().iter().zip(predicted);
        let (truth, predicted): (Vec<u32>, Vec<u32>) = pairs
            .filter_map(|(&class, &cluster)| Some((class?, cluster)))
            .unzip();
        // Of a single class, any clustering would be right.
        if truth.iter().all(|class| *class == truth[0]) {
            return scores;
        }
        let table = Contingency::new(&truth, &predicted);
        Self {
            acc: Some(table.accuracy()),
            nmi: Some(table.normalized_mutual_information()),
            ari: Some(table.adjusted_rand_index()),
            purity: Some(table.purity()),
            ..scores
        }
    }
}

/// Share of samples correct under the best one-to-one matching of clusters to classes (Hungarian
/// algorithm); clusters left without a class count as wrong. 0 without samples.
pub fn accuracy(truth: &[u32], predicted: &[u32]) -> f64 {
    Contingency::new(truth, predicted).accuracy()
}

/// Whether each sample is in the cluster that stands for its class, as [`accuracy`] counts; of equally long slices.
pub fn correct(truth: &[u32], predicted: &[u32]) -> Vec<bool> {
    Contingency::correct(truth, predicted)
}

/// Mutual information over the arithmetic mean of both entropies; 1 when neither side is split.
pub fn normalized_mutual_information(truth: &[u32], predicted: &[u32]) -> f64 {
    Contingency::new(truth, predicted).normalized_mutual_information()
}

/// The Rand index corrected for chance (Hubert & Arabie 1985).
pub fn adjusted_rand_index(truth: &[u32], predicted: &[u32]) -> f64 {
    Contingency::new(truth, predicted).adjusted_rand_index()
}

/// Share of sample pairs on which both sides agree: together in both, or apart in both.
pub fn rand_index(truth: &[u32], predicted: &[u32]) -> f64 {
    Contingency::new(truth, predicted).rand_index()
}

/// Share of samples that belong to the most common class of their cluster. 0 without samples.
pub fn purity(truth: &[u32], predicted: &[u32]) -> f64 {
    Contingency::new(truth, predicted).purity()
}

/// Share of samples whose cluster number changed; 1 when there is no comparable previous assignment
/// (another length), 0 when both are empty.
pub fn label_change(previous: &[u32], current: &[u32]) -> f64 {
    if previous.len() != current.len() {
        return 1.0;
    }
    let changed = previous.iter().zip(current).filter(|(a, b)| a != b).count();
    changed as f64 / current.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = include_str!("../../tests/golden/scores_golden.json");

    fn numbers(value: &serde_json::Value) -> Vec<u32> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|x| x.as_u64().unwrap() as u32).collect()
    }

    #[test]
    fn every_case_matches_the_reference() {
        type Score = fn(&[u32], &[u32]) -> f64;
        let scores: [(&str, Score); 5] = [
            ("acc", accuracy),
            ("nmi", normalized_mutual_information),
            ("ari", adjusted_rand_index),
            ("rand", rand_index),
            ("purity", purity),
        ];
        let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
        for case in golden["cases"].as_array().unwrap() {
            let (truth, predicted) = (numbers(&case["truth"]), numbers(&case["predicted"]));
            for (name, score) in scores {
                let (got, expected) = (score(&truth, &predicted), case[name].as_f64().unwrap());
                let case = &case["name"];
                assert!(
                    (got - expected).abs() < 1e-9,
                    "{case} {name}: {got}, not {expected}"
                );
            }
        }
    }

    #[test]
    fn samples_without_a_label_are_left_out() {
        let truth = [Some(1), None, Some(1), Some(5), None];
        let asw = AverageWidth {
            value: 0.5,
            error: Some(0.1),
        };
        let scores = ClusterScores::new(Some(&truth), &[0, 3, 0, 2, 4], Some(asw));
        assert_eq!((scores.acc, scores.ari), (Some(1.0), Some(1.0)));
        assert_eq!((scores.asw, scores.clusters), (Some(0.5), 4));
        assert_eq!(scores.asw_error, Some(0.1));
    }

    #[test]
    fn without_labels_there_are_no_label_scores() {
        let without = ClusterScores {
            clusters: 2,
            ..ClusterScores::default()
        };
        assert_eq!(ClusterScores::new(None, &[0, 1, 1], None), without);
        let all_missing = [None; 3];
        assert_eq!(
            ClusterScores::new(Some(&all_missing), &[0, 1, 1], None),
            without
        );
        assert_eq!(
            ClusterScores::new(Some(&[]), &[], None),
            ClusterScores::default()
        );
    }

    #[test]
    fn a_single_class_is_nothing_to_score_by() {
        let scores = ClusterScores::new(Some(&[Some(3), Some(3), None]), &[0, 0, 1], None);
        assert_eq!((scores.acc, scores.nmi), (None, None));
        assert_eq!((scores.ari, scores.purity), (None, None));
        assert_eq!(scores.clusters, 2);
    }

    #[test]
    fn nothing_to_score_is_not_a_number_problem() {
        assert_eq!(accuracy(&[], &[]), 0.0);
        assert_eq!(purity(&[], &[]), 0.0);
        assert_eq!(normalized_mutual_information(&[], &[]), 1.0);
        assert_eq!(adjusted_rand_index(&[3], &[9]), 1.0);
        assert_eq!(rand_index(&[3], &[9]), 1.0);
    }

    #[test]
    fn a_larger_side_is_matched_either_way() {
        let many: Vec<u32> = (0..40).collect();
        let few: Vec<u32> = (0..40).map(|i| i % 3).collect();
        assert_eq!(accuracy(&many, &few), 3.0 / 40.0);
        assert_eq!(accuracy(&few, &many), 3.0 / 40.0);
    }

    #[test]
    fn correct_samples_are_those_that_accuracy_counts() {
        let (truth, predicted) = ([5, 5, 5, 9, 9, 2], [1, 1, 0, 0, 0, 0]);
        let correct = correct(&truth, &predicted);
        assert_eq!(correct, [true, true, false, true, true, false]);
        assert_eq!(accuracy(&truth, &predicted), 4.0 / 6.0);
        assert!(super::correct(&[], &[]).is_empty());
    }

    #[test]
    fn label_change_counts_changes() {
        assert_eq!(label_change(&[0, 1, 2, 2], &[0, 1, 1, 2]), 0.25);
        assert_eq!(label_change(&[], &[0, 1]), 1.0);
        assert_eq!(label_change(&[], &[]), 0.0);
    }
}
