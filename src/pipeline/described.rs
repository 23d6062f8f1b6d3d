//! What was found, where the samples are described otherwise: by labels that came later, say.

use std::sync::Arc;

use super::AnalysisResult;
use crate::{
    analysis::scores::ClusterScores,
    data::{Dataset, Labels},
};

impl AnalysisResult {
    /// The same of data with the same values and other labels or columns: scored by these labels.
    pub fn described_by(&self, dataset: Arc<Dataset>) -> Self {
        let same_labels = self.dataset.labels == dataset.labels;
        let described = Self {
            dataset,
            ..self.clone()
        };
        match same_labels {
            true => described,
            false => described.scored_again(),
        }
    }

    /// The same, scored by the labels that its data have by now. Scores of epochs and starts by labels go, as what they were of is not
    /// kept; the number of clusters stays, even if it was that of other labels.
    pub fn scored_again(mut self) -> Self {
        let dataset = self.dataset.clone();
        let truth = dataset.labels.as_ref();
        self.spec.clusters = Some(self.clusters);
        for stage in [&mut self.stage1].into_iter().chain(&mut self.stage2) {
            stage.scores = rescored(stage.scores, &stage.clusters, truth);
        }
        if let Some(comparison) = self.comparison.as_mut().map(Arc::make_mut) {
            for method in &mut comparison.methods {
                if let Ok(found) = &mut method.outcome {
                    found.scores = rescored(found.scores, &found.labels, truth);
                }
            }
        }
        for start in &mut self.starts {
            start.scores = without_labels(start.scores);
        }
        let clustering = self.history.iter_mut();
        for clustering in clustering.filter_map(|epoch| epoch.clustering.as_mut()) {
            clustering.scores = without_labels(clustering.scores);
        }
        self
    }
}

/// Scores by other labels; what needs none stays.
fn rescored(scores: ClusterScores, clusters: &[u32], truth: Option<&Labels>) -> ClusterScores {
    let codes = truth.map(|labels| labels.codes.as_slice());
    let ClusterScores { asw, asw_error, .. } = scores;
    ClusterScores {
        asw,
        asw_error,
        ..ClusterScores::new(codes, clusters, None)
    }
}

fn without_labels(scores: ClusterScores) -> ClusterScores {
    ClusterScores {
        asw: scores.asw,
        asw_error: scores.asw_error,
        clusters: scores.clusters,
        ..ClusterScores::default()
    }
}
