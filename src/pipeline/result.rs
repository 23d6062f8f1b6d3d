//! What an analysis gives.

use std::{collections::BTreeMap, io, sync::Arc};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{AnalysisSpec, Comparison, Given, Helped, Intervals, Node, NoiseInjection, OwnColour};
use crate::{
    analysis::{
        ambiguity::Ambiguity,
        consensus::{Consensus, Voter},
        contradiction::Contradiction,
        scores::{ClusterScores, adjusted_rand_index},
        umap::UmapLayout,
        uncertainty::UncertaintySummary,
    },
    data::{Dataset, SampleSet},
    model::{DeviceInfo, Weights},
    preprocess::FeatureScale,
    train::{EpochStats, Stage, StartStats, StopReason},
};

/// Embedding and clustering after a stage. Cheap to clone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StageResult {
    /// Samples x d.
    #[serde(with = "crate::store::bits")]
    pub embedding: Arc<Array2<f32>>,
    /// Soft assignment, samples x K.
    #[serde(with = "crate::store::bits")]
    pub q: Arc<Array2<f32>>,
    /// Hard labels.
    #[serde(with = "crate::store::bits")]
    pub clusters: Arc<Vec<u32>>,
    /// Margin between the two best soft assignments of every sample.
    #[serde(with = "crate::store::bits")]
    pub margin: Arc<Vec<f32>>,
    /// How undecided every sample is between which two clusters, by distances in this embedding and, with several starts, in
    /// theirs, which count as much together.
    pub ambiguity: Arc<Ambiguity>,
    /// Share of the starts that put every sample elsewhere; only with several starts.
    #[serde(with = "crate::store::bits")]
    pub disagreement: Option<Arc<Vec<f32>>>,
    /// The same of each kind of vote by itself, where there are starts and looks at the data.
    pub disagreement_of: Vec<(Voter, Arc<Vec<f32>>)>,
    /// How far the modalities of every sample say different things about its cluster; only with several modalities.
    pub contradiction: Option<Arc<Contradiction>>,
    /// How good the clustering is.
    pub scores: ClusterScores,
    /// Stage 2: why it ended.
    pub stop: Option<StopReason>,
    /// Map of the embedding, samples x 2, once it is computed.
    #[serde(with = "crate::store::bits")]
    pub umap: Option<Arc<Array2<f32>>>,
    /// Share of the true neighbours that went into the map, where they are approximate.
    pub umap_recall: Option<f64>,
}

impl StageResult {
    /// How doubtful every sample's cluster is: how ambiguous it is, and, where several starts or looks voted, how far they disagree.
    pub fn doubts(&self) -> Vec<&[f32]> {
        let disagreement = self.disagreement.iter().map(|of| of.as_slice());
        std::iter::once(&self.ambiguity.value[..])
            .chain(disagreement)
            .collect()
    }

    pub(super) fn set_map(&mut self, layout: UmapLayout) {
        self.umap = Some(Arc::new(layout.coordinates));
        self.umap_recall = layout.recall;
    }
}

/// Wall-clock time of a part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartSeconds {
    /// Key of the part.
    pub part: String,
    /// Seconds it took.
    pub seconds: f64,
}

/// Everything an analysis found. Cheap to clone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnalysisResult {
    /// The data it is about; not in files (see [`KeptResult`](super::KeptResult)).
    #[serde(skip)]
    pub dataset: Arc<Dataset>,
    /// What was asked.
    pub spec: AnalysisSpec,
    /// Number of clusters K.
    pub clusters: usize,
    /// What it ran on.
    pub device: DeviceInfo,
    /// Other devices that trained starts, or models of the ensemble, for it.
    #[serde(default)]
    pub helpers: Vec<Helped>,
    /// After stage 1: k-means on the embedding, or the votes of several starts.
    pub stage1: StageResult,
    /// After stage 2, once it is done.
    pub stage2: Option<StageResult>,
    /// The three levels of uncertainty, after stage 1.
    pub uncertainty: Arc<UncertaintySummary>,
    /// What several starts agreed on.
    pub consensus: Option<Arc<Consensus>>,
    /// What came of noise put in to check the uncertainty, once that was asked for.
    pub injection: Option<Arc<NoiseInjection>>,
    /// What intervals of values hold of samples held out, once that was asked for.
    pub intervals: Option<Arc<Intervals>>,
    /// The same data by other methods, once that was asked for.
    pub comparison: Option<Arc<Comparison>>,
    /// How values were scaled, where that is how they were in the run whose model this goes on with; of its own data otherwise.
    #[serde(default)]
    pub scales: Option<Arc<Vec<FeatureScale>>>,
    /// Every start, where there were several.
    #[serde(default)]
    pub starts: Vec<StartStats>,
    /// Every epoch.
    pub history: Vec<EpochStats>,
    /// The network as it is now.
    pub weights: Arc<Weights>,
    /// Wall-clock time of every part so far, those that were taken over included.
    pub seconds: Vec<PartSeconds>,
    /// The last part that was taken over from an earlier run with the same settings so far, if one was.
    #[serde(default)]
    pub taken_over: Option<Node>,
    /// Names that the user gave to clusters, counted from 0.
    #[serde(default)]
    pub cluster_names: BTreeMap<u32, String>,
    /// Colours that the user gave to groups.
    #[serde(default)]
    pub colours: Vec<OwnColour>,
    /// Selections that the user kept: their names, and samples.
    #[serde(default)]
    pub selections: Vec<(String, SampleSet)>,
}

impl AnalysisResult {
    /// What the user says of its samples.
    pub fn given(&self) -> Given {
        Given {
            cluster_names: self.cluster_names.clone(),
            selections: self.selections.clone(),
            colours: self.colours.clone(),
        }
    }

    /// What tells this run from others: the hash of its data, its settings and the version of hdumec.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn key(&self) -> io::Result<String> {
        let fingerprint = self.dataset.fingerprint()?;
        let labels = self.dataset.labels.as_ref();
        Ok(Node::Stage2.key(&fingerprint, labels, &self.spec, self.clusters))
    }

    /// What a cluster, counted from 0, is called by the user; else its number, counted from 1.
    pub fn cluster_name(&self, cluster: u32) -> String {
        let given = self.cluster_names.get(&cluster);
        given.cloned().unwrap_or_else(|| (cluster + 1).to_string())
    }
}

/// How far the clusters of two results are the same: their adjusted Rand index over the samples that both have, if there are any.
pub fn agreement(one: &AnalysisResult, other: &AnalysisResult) -> Option<f64> {
    let (of_one, of_other) = (&one.last_stage().clusters, &other.last_stage().clusters);
    if one.dataset.samples == other.dataset.samples {
        return Some(adjusted_rand_index(of_one, of_other));
    }
    let places = one.dataset.samples.iter();
    let places = places.map(|id| other.dataset.samples.position(id));
    let both = of_one.iter().zip(places);
    let both = both.filter_map(|(&cluster, place)| Some((cluster, of_other[place?])));
    let (a, b): (Vec<u32>, Vec<u32>) = both.unzip();
    (!a.is_empty()).then(|| adjusted_rand_index(&a, &b))
}

impl AnalysisResult {
    /// The parameters, and the preparation, that are otherwise than in another result, as `seed 1` or `other steps of rna`.
    pub fn differences_from(&self, other: &Self) -> Vec<String> {
        let mut all = self.spec.differences_from(&other.spec);
        let clusters = |words: &String| !words.starts_with("clusters ");
        all.retain(clusters);
        if self.clusters != other.clusters {
            all.push(format!("clusters {}", self.clusters));
        }
        if !Arc::ptr_eq(&self.dataset, &other.dataset) {
            all.push("data read in another way".into());
        }
        all
    }

    /// How many epochs its uncertainty has learned, that of one model.
    pub(super) fn epochs_of_uncertainty(&self) -> usize {
        let mut history = self.history.iter();
        let first = history.find(|epoch| epoch.stage == Stage::UncertaintyFinetune);
        let train = &self.spec.train;
        first.map_or(train.epochs[1], |epoch| train.turn_of(epoch)[2])
    }

    /// The latest stage there is.
    pub fn last_stage(&self) -> &StageResult {
        self.stage2.as_ref().unwrap_or(&self.stage1)
    }

    /// Whether nothing is missing: both stages, with their maps.
    pub fn is_complete(&self) -> bool {
        let second = self.stage2.as_ref();
        second.is_some_and(|second| second.umap.is_some())
    }

    /// What the scores by labels are of, as a sentence; nothing if of all samples.
    pub fn about_labels(&self) -> Option<String> {
        let labels = self.dataset.labels.as_ref()?;
        if !labels.tell_apart() {
            return Some(
                "All labels are of one class: there is nothing to score the clusters by but ASW."
                    .into(),
            );
        }
        (labels.unlabelled() > 0).then(|| {
            format!(
                "ACC, NMI, ARI and purity are of the {} of {} samples that have a label.",
                labels.labelled(),
                labels.codes.len()
            )
        })
    }

    /// The stage by its number, to be drawn: stage 1 as long as stage 2 has no map.
    pub fn stage(&self, number: u8) -> &StageResult {
        match &self.stage2 {
            Some(second) if number == 2 && second.umap.is_some() => second,
            _ => &self.stage1,
        }
    }
}
