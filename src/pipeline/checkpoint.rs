//! How far a run is: enough to go on with it, on this or another device, now or after its process was killed.

use std::sync::Arc;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{
    AnalysisResult, Ensemble, Event, Helped, Milestone, Node, PartSeconds, Votes, run::Run,
};
use crate::{
    analysis::consensus::Consensus,
    data::Dataset,
    preprocess::{FeatureScale, scales_fit},
    train::{EpochStats, Resting, ResumePoint, Stage, StartStats},
};

/// How far a run is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Starts that are done, as long as not all of them are.
    pub starts: Vec<DoneStart>,
    /// The weights of all starts, of which no clusters are known yet.
    #[serde(default)]
    pub trained: Vec<Resting>,
    /// What was made to vote, besides the starts, until it has voted.
    #[serde(default)]
    pub votes: Votes,
    /// The last saved state of training.
    pub point: Option<ResumePoint>,
    /// What several starts agreed on, if they are done.
    pub consensus: Option<Arc<Consensus>>,
    /// The models that learn the uncertainty, besides the one of the last saved state.
    pub ensemble: Ensemble,
    /// What was told of every start so far.
    pub told: Vec<StartStats>,
    /// The epochs so far.
    pub history: Vec<EpochStats>,
    /// The result of stage 1, if it was finished.
    pub result: Option<Arc<AnalysisResult>>,
    /// How values are scaled, where that is how they were in the run whose model this goes on with.
    #[serde(default)]
    pub scales: Option<Arc<Vec<FeatureScale>>>,
    /// The map that its own are turned like, of the run whose model this goes on with: where the samples lie, n x 2.
    #[serde(default, with = "crate::store::bits")]
    pub map: Option<Arc<Array2<f32>>>,
    /// Time spent so far.
    pub seconds: Vec<PartSeconds>,
    /// Other devices that have trained for it, and what.
    #[serde(default)]
    pub helpers: Vec<Helped>,
    /// The last part that was taken over from an earlier run, if it was.
    #[serde(default)]
    pub from: Option<Node>,
}

/// What a run goes on from.
#[derive(Clone, Debug, Default)]
pub struct Resumed {
    /// Where that is, in words: `after 3 starts`.
    pub at: String,
    /// The last part that is taken over from an earlier run; none if this one was cut off.
    pub from: Option<Node>,
    /// The epochs so far.
    pub history: Vec<EpochStats>,
    /// What was told of every start so far.
    pub starts: Vec<StartStats>,
    /// What is finished.
    pub result: Option<Arc<AnalysisResult>>,
}

impl Resumed {
    /// A sentence about it.
    pub fn in_words(&self) -> String {
        match self.from {
            Some(Node::Starts) => "The starts are those of an earlier run.".into(),
            Some(node) => {
                format!(
                    "Everything up to {node} is that of an earlier run, as nothing that it depends on has changed."
                )
            }
            None => format!(
                "The same analysis was cut off {}; it goes on from there.",
                self.at
            ),
        }
    }
}

/// What is left of a start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DoneStart {
    /// Its weights.
    pub(super) trained: Resting,
    /// Clusters of all samples by distances as they are.
    #[serde(with = "crate::store::bits")]
    pub(super) seen: Arc<Vec<u32>>,
    /// By distances that the shape of those clusters suggests: those that vote.
    #[serde(with = "crate::store::bits")]
    pub(super) found: Arc<Vec<u32>>,
}

impl Run<'_> {
    /// Takes over a result that is finished but for what follows it.
    pub(super) fn keep(&mut self, result: &AnalysisResult, at: Milestone) {
        let shared = Arc::new(result.clone());
        self.so_far.result = Some(shared.clone());
        self.so_far.ensemble = Ensemble::default();
        self.sink.event(Event::Result(shared));
        self.checkpoint(at);
    }

    /// Offers how far the run is after a part.
    pub(super) fn checkpoint(&mut self, at: Milestone) {
        let sink = self.sink;
        sink.checkpoint(at, &mut || Some(self.copy()));
    }

    /// How far the run is.
    pub(super) fn copy(&mut self) -> Checkpoint {
        self.so_far.seconds = self.clock.seconds();
        self.so_far.clone()
    }

    /// How far the run is, which ends here.
    pub(super) fn interrupted(&mut self) -> Checkpoint {
        self.so_far.seconds = self.clock.seconds();
        std::mem::take(&mut self.so_far)
    }
}

impl Checkpoint {
    /// Whether nothing is done yet.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
            && self.trained.is_empty()
            && self.point.is_none()
            && self.result.is_none()
    }

    /// Forgets the epochs after the last saved state, which are run again; a start has so many.
    pub(super) fn forget_what_is_run_again(&mut self, of_a_start: usize) {
        let starts = self.starts.len().max(self.trained.len());
        let done = match &self.point {
            Some(point) => (
                point.position.stage,
                point.position.epoch + self.ensemble.learning(),
            ),
            // Of what is trained to the end, nothing is run again.
            None if self.result.is_some() => return,
            None => (Stage::Pretrain, starts * of_a_start),
        };
        self.history.retain(|e| (e.stage, e.epoch) <= done);
    }

    /// What is told of it to who goes on.
    pub(super) fn resumed(&self) -> Resumed {
        Resumed {
            at: self.in_words(),
            from: self.from,
            history: self.history.clone(),
            starts: self.told.clone(),
            result: self.result.clone(),
        }
    }

    /// Where it stands, in words.
    pub fn in_words(&self) -> String {
        let starts = self.starts.len();
        match (self.history.last(), starts) {
            (None, _) => "at its beginning".into(),
            (Some(_), 0) if self.result.as_ref().is_some_and(|r| r.stage2.is_some()) => {
                "after stage 2".into()
            }
            (Some(_), 1..) => format!("after {starts} start{}", if starts == 1 { "" } else { "s" }),
            (Some(last), 0) => {
                format!("in {}, epoch {} of {}", last.stage, last.epoch, last.epochs)
            }
        }
    }

    /// The same for data, of which a file says nothing.
    ///
    /// # Errors
    /// What does not fit them.
    pub(super) fn with(
        mut self,
        dataset: &Arc<Dataset>,
        clusters: usize,
    ) -> Result<Self, &'static str> {
        let n = dataset.samples();
        let fits = |labels: &[u32]| {
            labels.len() == n && labels.iter().all(|&label| (label as usize) < clusters)
        };
        if !self
            .starts
            .iter()
            .all(|start| fits(&start.seen) && fits(&start.found))
        {
            return Err("the clusters of a start");
        }
        let elected = self.consensus.as_ref();
        if elected.is_some_and(|c| c.votes.dim() != (n, clusters) || !fits(&c.labels)) {
            return Err("what was elected");
        }
        if !self.votes.fit(n, clusters) {
            return Err("the clusters of a neighbour graph");
        }
        let scales = self.scales.as_ref();
        if scales.is_some_and(|scales| !scales_fit(scales, dataset)) {
            return Err("the scale of the values");
        }
        if self.map.as_ref().is_some_and(|map| map.dim() != (n, 2)) {
            return Err("the map to follow");
        }
        if let Some(result) = &mut self.result {
            let result = Arc::make_mut(result);
            result.dataset = dataset.clone();
            result.fits()?;
        }
        Ok(self)
    }
}
