//! What follows each stage of training.

use std::sync::Arc;

use super::{
    AnalysisResult, Checkpoint, Milestone, Node, Part, RunError, StageResult,
    reported::States,
    run::{Ready, Run, TrainOrOther},
    trial::Trial,
};
use crate::{
    analysis::{
        ambiguity::{self, Ambiguity},
        consensus::{self, Voter, Votes},
        contradiction::{Contradiction, contradiction},
        kmeans,
        uncertainty::{self, UncertaintyError, UncertaintySummary},
    },
    data::Values,
    method,
    model::DeviceInfo,
    train::{self, Assignment, Engine, ResumePoint, Stage, StopReason, TrainError},
};

/// Principal components of a modality in which its nearest samples are looked for, at most, and the samples that tell them.
const CONTRADICTION_COMPONENTS: usize = 20;
const CONTRADICTION_SAMPLES: usize = 4_096;

impl From<UncertaintyError> for TrainOrOther {
    fn from(error: UncertaintyError) -> Self {
        Self::Other(match error {
            UncertaintyError::Disk(error) => error.into(),
            other => RunError::Internal(other.to_string()),
        })
    }
}

impl Run<'_> {
    /// Stage 1 on what is prepared, up to its uncertainty.
    pub(super) fn learn(
        &mut self,
        ready: Ready,
    ) -> Result<(Box<dyn Engine>, UncertaintySummary), TrainOrOther> {
        let Ready {
            mut engine,
            info,
            scales,
            trial,
            few,
        } = ready;
        let from = self.point.as_ref().map(|p| p.position).unwrap_or_default();
        if self.spec.train.starts == 1 && from.stage == Stage::Pretrain {
            self.training(true, States::OfRun, |spec, context| {
                train::pretrain(engine.as_mut(), spec, 0, from.epoch, context)
            })?;
            let done = self.spec.train.epochs[0];
            self.keep_state(engine.as_mut(), Node::Starts, Stage::Pretrain, done);
        }
        if from.stage <= Stage::UncertaintyFinetune {
            let epochs = self.finetune_epochs(engine.as_mut(), &info, trial)?;
            if self.ensemble.waits() {
                self.others(engine.as_mut(), few, &scales, epochs)?;
            }
            // The model that training goes on with is the last.
            let model = self.spec.train.models() - 1;
            let done = match from.stage {
                Stage::UncertaintyFinetune => from.epoch.saturating_sub(model * epochs),
                _ => 0,
            };
            self.training(true, States::OfRun, |spec, context| {
                train::finetune(engine.as_mut(), spec, model, done, epochs, context)
            })?;
            let (node, stage) = (Node::Uncertainty, Stage::UncertaintyFinetune);
            self.keep_state(engine.as_mut(), node, stage, (model + 1) * epochs);
        }
        let uncertainty = self.uncertainty(engine.as_mut(), &scales)?;
        self.check_sound("the uncertainty", &uncertainty.modality)?;
        Ok((engine, uncertainty))
    }

    /// Offers the state after a part of training, which so many epochs lead to.
    fn keep_state(&mut self, engine: &mut dyn Engine, node: Node, stage: Stage, epoch: usize) {
        let sink = self.sink;
        sink.checkpoint(Milestone::After(node), &mut || {
            let point = ResumePoint {
                position: train::Position { stage, epoch },
                // A device that fails here is told of by what follows.
                snapshot: engine.snapshot().ok()?,
                labels: None,
            };
            Some(Checkpoint {
                point: Some(point),
                ..self.so_far()
            })
        });
    }

    /// How many epochs the uncertainty learns.
    fn finetune_epochs(
        &mut self,
        engine: &mut dyn Engine,
        info: &DeviceInfo,
        trial: Option<Trial>,
    ) -> Result<usize, TrainOrOther> {
        // What goes on knows already.
        let mut known = self.history.iter();
        let known = known.find(|e| e.stage == Stage::UncertaintyFinetune);
        let (Some(trial), None) = (trial, known) else {
            return Ok(known.map_or(self.spec.train.epochs[1], |e| self.spec.train.turn_of(e)[2]));
        };
        self.clock.start(Part::Trial);
        let mut learner = self.another(info, trial.trained)?;
        let mut tester = self.another(info, trial.held_out.clone())?;
        learner.restore(&engine.snapshot()?)?;
        let spec = &self.spec.train;
        let (learner, tester) = (learner.as_mut(), tester.as_mut());
        let epochs = train::best_epochs(learner, tester, &trial.held_out, spec, self.cancel)?;
        Ok(epochs)
    }

    pub(super) fn stage_one(
        &mut self,
        ready: Ready,
    ) -> Result<(AnalysisResult, Box<dyn Engine>), TrainOrOther> {
        let device = ready.info.clone();
        let (mut engine, uncertainty) = self.learn(ready)?;
        let result = self.after_stage_one(engine.as_mut(), device, uncertainty)?;
        Ok((result, engine))
    }

    fn after_stage_one(
        &mut self,
        engine: &mut dyn Engine,
        device: DeviceInfo,
        uncertainty: UncertaintySummary,
    ) -> Result<AnalysisResult, TrainOrOther> {
        self.clock.start(Part::KMeans);
        let embedding = self.embed(engine)?;
        let (labels, centres) = match &self.consensus {
            Some(consensus) => self.elected(consensus, &embedding)?,
            None => {
                let fit = kmeans::fit(embedding.view(), &self.kmeans_spec(), self.cancel)
                    .map_err(TrainError::from)?;
                (fit.assignment, fit.centres)
            }
        };
        if let Some(consensus) = &self.consensus {
            engine.set_prior(consensus.prior().view())?;
        }
        engine.set_centres(centres.view())?;
        self.clock.start(Part::Scores);
        let assignment = engine.assign()?;
        self.check_sound("the soft assignment", &assignment.q)?;
        let scores = train::score(
            assignment.embedding.view(),
            &labels,
            self.truth(),
            self.cancel,
        )?;
        // From here on, a device that fails need not repeat stage 1.
        self.point = Some(ResumePoint {
            position: train::Position {
                stage: Stage::Clustering,
                epoch: 0,
            },
            snapshot: engine.snapshot()?,
            labels: None,
        });
        let stage1 = self.stage(assignment, labels, scores, None)?;
        let result = AnalysisResult {
            dataset: self.dataset.clone(),
            spec: self.spec.clone(),
            clusters: self.network.clusters,
            device,
            stage1,
            stage2: None,
            uncertainty: Arc::new(uncertainty),
            consensus: self.consensus.clone(),
            injection: None,
            intervals: None,
            comparison: None,
            starts: self.told.clone(),
            history: self.history.clone(),
            weights: Arc::new(self.weights(engine)?),
            seconds: self.clock.seconds(),
            taken_over: self.taken_over,
        };
        self.keep(&result, Milestone::Done);
        Ok(result)
    }

    pub(super) fn stage_two(
        &mut self,
        engine: &mut dyn Engine,
    ) -> Result<StageResult, TrainOrOther> {
        // An engine that goes on with a run does not know yet.
        if let Some(consensus) = &self.consensus {
            engine.set_prior(consensus.prior().view())?;
        }
        let (from, labels) = self
            .point
            .as_ref()
            .map(|p| (p.position, p.labels.clone()))
            .unwrap_or_default();
        let before = train::Before::of(&self.history, labels, &self.spec.train);
        let dataset = self.dataset.clone();
        let truth = dataset.labels.as_ref().map(|l| l.codes.as_slice());
        let end = self.training(true, States::OfRun, |spec, context| {
            train::cluster(engine, spec, truth, from, before, context)
        })?;
        self.stage(end.assignment, end.labels, end.scores, Some(end.stop))
    }

    /// How far the modalities of every sample contradict each other about its cluster.
    fn contradiction(
        &mut self,
        labels: &[u32],
    ) -> Result<Option<Arc<Contradiction>>, TrainOrOther> {
        self.clock.start(Part::Contradiction);
        let seed = self.spec.seed;
        let spaces = match &self.spaces {
            Some(spaces) => spaces.clone(),
            None => {
                let modalities = self.dataset.modalities.iter();
                let modalities: Vec<&Values> = modalities.map(|m| &m.values).collect();
                let (components, seen) = (CONTRADICTION_COMPONENTS, CONTRADICTION_SAMPLES);
                let spaces = method::spaces(&modalities, components, seen, seed, self.cancel);
                let spaces = Arc::new(spaces.map_err(|error| TrainOrOther::Other(error.into()))?);
                self.spaces.insert(spaces).clone()
            }
        };
        let clusters = self.network.clusters;
        let found = contradiction(&spaces, labels, clusters, seed, self.cancel)?;
        Ok(found.map(Arc::new))
    }

    /// How far each kind of vote goes against every sample's cluster.
    fn disagreements(&self, labels: &[u32]) -> Vec<(Voter, Arc<Vec<f32>>)> {
        let kinds = self.consensus.iter().flat_map(|consensus| &consensus.kinds);
        let of = |kind: &Votes| {
            let found = consensus::disagreement(kind.votes.view(), labels);
            (kind.voter, Arc::new(found))
        };
        kinds.map(of).collect()
    }

    fn stage(
        &mut self,
        assignment: Assignment,
        labels: Vec<u32>,
        scores: crate::analysis::scores::ClusterScores,
        stop: Option<StopReason>,
    ) -> Result<StageResult, TrainOrOther> {
        let contradiction = self.contradiction(&labels)?;
        let Assignment { q, embedding } = assignment;
        let votes = self.consensus.as_ref().map(|c| c.votes.view());
        let mut distances = ambiguity::distances(embedding.view(), &labels, q.ncols());
        // Half of it is said by this embedding, half by those of the starts.
        if let Some(others) = self.consensus.as_ref().and_then(|c| c.distances.as_ref()) {
            distances += others;
            distances /= 2.0;
        }
        Ok(StageResult {
            contradiction,
            margin: Arc::new(uncertainty::margin(q.view())),
            ambiguity: Arc::new(Ambiguity::of(distances.view(), embedding.ncols())),
            disagreement_of: self.disagreements(&labels),
            disagreement: votes.map(|votes| Arc::new(consensus::disagreement(votes, &labels))),
            embedding: Arc::new(embedding),
            q: Arc::new(q),
            clusters: Arc::new(labels),
            scores,
            stop,
            umap: None,
            umap_recall: None,
        })
    }
}
