//! How far a run is: enough to go on with it, on this or another device, now or after its process was killed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AnalysisResult, Ensemble, Event, PartSeconds, run::Run};
use crate::{
    analysis::consensus::Consensus,
    data::Dataset,
    train::{EpochStats, ResumePoint, Snapshot, StartStats},
};

/// How far a run is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Starts that are done, as long as not all of them are.
    pub starts: Vec<DoneStart>,
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
    /// Time spent so far.
    pub seconds: Vec<PartSeconds>,
}

/// What is left of a start.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DoneStart {
    /// Its weights.
    pub(super) trained: Arc<Snapshot>,
    /// Clusters of all samples by distances as they are.
    #[serde(with = "crate::store::bits")]
    pub(super) seen: Arc<Vec<u32>>,
    /// By distances that the shape of those clusters suggests: those that vote.
    #[serde(with = "crate::store::bits")]
    pub(super) found: Arc<Vec<u32>>,
}

impl Run<'_> {
    /// Takes over a result that is finished but for what follows it.
    pub(super) fn keep(&mut self, result: &AnalysisResult) {
        let shared = Arc::new(result.clone());
        self.first = Some(shared.clone());
        self.ensemble = Ensemble::default();
        self.sink.event(Event::Result(shared));
        self.checkpoint();
    }

    /// Offers how far the run is after a part.
    pub(super) fn checkpoint(&mut self) {
        let Self {
            sink,
            clock,
            history,
            done_starts,
            told,
            point,
            consensus,
            ensemble,
            first,
            ..
        } = self;
        sink.checkpoint(true, &mut || Checkpoint {
            starts: done_starts.clone(),
            told: told.clone(),
            point: point.clone(),
            consensus: consensus.clone(),
            ensemble: ensemble.clone(),
            history: history.clone(),
            result: first.clone(),
            seconds: clock.seconds(),
        });
    }

    /// How far the run is, which ends here.
    pub(super) fn interrupted(&mut self) -> Checkpoint {
        Checkpoint {
            starts: std::mem::take(&mut self.done_starts),
            told: std::mem::take(&mut self.told),
            point: self.point.take(),
            consensus: self.consensus.take(),
            ensemble: std::mem::take(&mut self.ensemble),
            history: std::mem::take(&mut self.history),
            result: self.first.take(),
            seconds: self.clock.seconds(),
        }
    }
}

impl Checkpoint {
    /// Whether nothing is done yet.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.point.is_none() && self.result.is_none()
    }

    /// Where it stands, in words.
    pub fn in_words(&self) -> String {
        let starts = self.starts.len();
        match (self.history.last(), starts) {
            (None, _) => "at its beginning".into(),
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
        if let Some(result) = &mut self.result {
            let result = Arc::make_mut(result);
            result.dataset = dataset.clone();
            result.fits()?;
        }
        Ok(self)
    }
}
