//! Runs that go on with the model of an earlier one, on some of its samples: without doublets, say.
//!
//! Such a run has no starts and elects nothing. It begins with the weights that the earlier run ended with, on values scaled as they were
//! there, and with what was elected there for the samples that are left. From these it learns on, for a part of the epochs, and goes
//! through stage 2 and the maps like any other, which are turned like the map there. Its uncertainty is that of one model.

use std::{collections::BTreeMap, sync::Arc};

use ndarray::Axis;
use serde::{Deserialize, Serialize};

use super::{AnalysisResult, AnalysisSpec, Checkpoint};
use crate::{
    data::Dataset,
    io::Source,
    preprocess,
    train::{Position, ResumePoint, Snapshot, Stage, TrainSpec},
};

/// Of the epochs of a start, so many are learned again: one in so many.
const RECONSTRUCTION: usize = 4;

/// Of the epochs in which the uncertainty was learned, so many are learned again: one in so many.
const UNCERTAINTY: usize = 2;

/// The run whose model another goes on with: enough to repeat it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its settings.
    pub spec: AnalysisSpec,
    /// Its number of clusters, which the settings may leave to the labels.
    pub clusters: usize,
    /// How to load its data, where that can be written.
    pub source: Option<Source>,
    /// Number of its samples.
    pub samples: usize,
    /// SHA-256 of its weights: tells whether it came out the same.
    pub weights: String,
}

/// Why a run cannot go on with a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrainOnError {
    /// The model is one of other features.
    #[error("the model is one of other features: {0}")]
    OtherFeatures(String),
    /// A sample is new to it.
    #[error("the model has not seen the sample '{0}'")]
    NewSample(String),
    /// Too little is left.
    #[error("of {clusters} clusters the samples that are left hold {left}")]
    FewClusters {
        /// Clusters that hold any.
        left: usize,
        /// Clusters of the earlier run.
        clusters: usize,
    },
    /// It ended early.
    #[error("the run was not finished")]
    NotFinished,
    /// Values on disk could not be read.
    #[error("the values held on disk: {0}")]
    Disk(String),
}

/// A run that goes on with the model of an earlier one.
#[derive(Clone, Debug)]
pub struct TrainOn {
    /// Its settings.
    pub spec: AnalysisSpec,
    /// What it begins with.
    pub from: Checkpoint,
    /// The earlier number of each of its clusters, where these are known before it begins.
    pub clusters: Vec<u32>,
    /// Clusters that no sample is left of.
    pub gone: usize,
}

impl TrainOn {
    /// A run on some of the samples of an earlier run, whose data came from `source`.
    ///
    /// # Errors
    /// If the data are no part of the earlier run's, or too little of its clusters is left.
    pub fn of(
        earlier: &AnalysisResult,
        source: Option<&Source>,
        dataset: &Dataset,
    ) -> Result<Self, TrainOnError> {
        if earlier.stage2.is_none() {
            return Err(TrainOnError::NotFinished);
        }
        let whole = &earlier.dataset;
        let features = |of: &Dataset| -> Vec<_> {
            let modalities = of.modalities.iter();
            let both = modalities.map(|m| (m.name.clone(), m.features.clone()));
            both.collect()
        };
        if features(whole) != features(dataset) {
            let names = whole.modalities.iter().map(|m| m.name.as_str());
            let names: Vec<&str> = names.collect();
            return Err(TrainOnError::OtherFeatures(names.join(", ")));
        }
        let place = |id: &String| {
            let place = whole.samples.position(id);
            place.ok_or_else(|| TrainOnError::NewSample(id.clone()))
        };
        let rows: Vec<usize> = dataset
            .samples
            .iter()
            .map(place)
            .collect::<Result<_, _>>()?;
        let consensus = earlier.consensus.as_deref();
        let (consensus, numbers) = match consensus {
            Some(consensus) => {
                let (part, numbers) = consensus.of_samples(&rows);
                (Some(Arc::new(part)), numbers)
            }
            None => (None, Vec::new()),
        };
        let (left, clusters) = (numbers.len(), earlier.clusters);
        if consensus.is_some() && left < 2 {
            return Err(TrainOnError::FewClusters { left, clusters });
        }
        let k = if consensus.is_some() { left } else { clusters };
        let scales = match &earlier.scales {
            Some(scales) => scales.clone(),
            None => {
                let scales = preprocess::scales(whole);
                Arc::new(scales.map_err(|error| TrainOnError::Disk(error.to_string()))?)
            }
        };
        let map = earlier.last_stage().umap.as_ref();
        let mut snapshot = Snapshot::from_weights((*earlier.weights).clone());
        snapshot.forget_centres(k);
        let spec = AnalysisSpec {
            clusters: Some(k),
            // There is nothing that others could train beside it.
            also: Vec::new(),
            train: further(&earlier.spec, earlier.epochs_of_uncertainty()),
            earlier: Some(Box::new(Earlier {
                spec: earlier.spec.clone(),
                clusters,
                source: source.filter(|source| source.can_be_written()).cloned(),
                samples: whole.samples(),
                weights: earlier.weights.sha256(),
            })),
            ..earlier.spec.clone()
        };
        let point = ResumePoint {
            position: Position {
                stage: Stage::Pretrain,
                epoch: 0,
            },
            snapshot,
            labels: None,
        };
        Ok(Self {
            spec,
            from: Checkpoint {
                point: Some(point),
                consensus,
                scales: Some(scales),
                map: map.map(|map| Arc::new(map.select(Axis(0), &rows))),
                ..Checkpoint::default()
            },
            clusters: numbers,
            gone: clusters - k,
        })
    }

    /// What its clusters are called, where those of the earlier run had these names: the same, and one that has another number now by the
    /// one it had.
    pub fn cluster_names(&self, known: &BTreeMap<u32, String>) -> BTreeMap<u32, String> {
        let name = |(now, &then): (u32, &u32)| {
            let number = (now != then).then(|| (then + 1).to_string());
            Some((now, known.get(&then).cloned().or(number)?))
        };
        (0..).zip(&self.clusters).filter_map(name).collect()
    }

    /// What there is to say of clusters that no sample is left of, if there are any.
    pub fn about_clusters(&self) -> Option<String> {
        let of = self.gone + self.clusters.len();
        (self.gone > 0).then(|| {
            format!(
                "No sample is left of {} of the {of} clusters. The others keep their names, and the numbers they had.",
                self.gone
            )
        })
    }
}

/// What a model learns on that has learned by these settings, its uncertainty for so many epochs. One that learned on already does so for as
/// many epochs again.
fn further(spec: &AnalysisSpec, learned: usize) -> TrainSpec {
    let train = &spec.train;
    if spec.earlier.is_some() {
        return train.clone();
    }
    let [reconstruction, _, clustering] = train.epochs;
    TrainSpec {
        starts: 1,
        graph_votes: 0,
        ensemble: 1,
        held_out: 0.0,
        epochs: [
            reconstruction.div_ceil(RECONSTRUCTION),
            learned.div_ceil(UNCERTAINTY),
            clustering,
        ],
        ..train.clone()
    }
}
