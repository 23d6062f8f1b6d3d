//! What follows each stage of training.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    AnalysisResult, Checkpoint, Milestone, Node, Part, RunError, StageResult,
    reported::States,
    run::{Ready, Run},
};
use crate::{
    analysis::{
        ambiguity::{self, Ambiguity},
        consensus::{self, Voter, Votes},
        contradiction::{Contradiction, contradiction},
        kmeans,
        uncertainty::{self, UncertaintySummary},
    },
    data::Values,
    method,
    train::{self, Assignment, Batches, Engine, ResumePoint, Stage, StopReason},
};

/// Principal components of a modality in which its nearest samples are looked for, at most, and the samples that tell them.
const CONTRADICTION_COMPONENTS: usize = 20;
const CONTRADICTION_SAMPLES: usize = 4_096;

impl Run<'_> {
    /// Stage 1 on what is prepared, up to its uncertainty.
    pub(super) fn learn(&mut self, ready: &mut Ready) -> Result<UncertaintySummary, RunError> {
        if self.is_starting() {
            self.starts(ready)?;
            self.votes(ready)?;
        }
        let from = self
            .so_far
            .point
            .as_ref()
            .map(|p| p.position)
            .unwrap_or_default();
        if self.spec.train.starts == 1 && from.stage == Stage::Pretrain {
            self.training(true, States::OfRun, |spec, context| {
                train::pretrain(ready.engine.as_mut(), spec, 0, from.epoch, context)
            })?;
            let done = self.spec.train.epochs[0];
            self.keep_state(ready.engine.as_mut(), Node::Starts, Stage::Pretrain, done);
        }
        if from.stage <= Stage::UncertaintyFinetune {
            let epochs = self.finetune_epochs(ready)?;
            if self.so_far.ensemble.waits() {
                self.train_ensemble(ready, epochs)?;
            }
            // From here on, all samples are learned from.
            ready.subsample = None;
            // The model that training goes on with is the last.
            let model = self.spec.train.models() - 1;
            let done = match from.stage {
                Stage::UncertaintyFinetune => from.epoch.saturating_sub(model * epochs),
                _ => 0,
            };
            let engine = ready.engine.as_mut();
            engine.use_batches(self.finetune_batches());
            self.training(true, States::OfRun, |spec, context| {
                train::finetune(engine, spec, model, done, epochs, context)
            })?;
            engine.use_batches(self.batches());
            let (node, stage) = (Node::Uncertainty, Stage::UncertaintyFinetune);
            self.keep_state(ready.engine.as_mut(), node, stage, (model + 1) * epochs);
        }
        let uncertainty = self.uncertainty(ready)?;
        self.check_sound("the uncertainty", &uncertainty.modality)?;
        Ok(uncertainty)
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
                ..self.copy()
            })
        });
    }

    /// What an epoch of the uncertainty looks at: the next of the samples, where there are many.
    fn finetune_batches(&self) -> Batches {
        let part = self.spec.train.finetune_samples.unwrap_or(usize::MAX);
        self.batches().in_turn(part)
    }

    /// How many epochs the uncertainty learns.
    fn finetune_epochs(&mut self, ready: &mut Ready) -> Result<usize, RunError> {
        // What goes on knows already.
        let mut known = self.so_far.history.iter();
        let known = known.find(|e| e.stage == Stage::UncertaintyFinetune);
        let (Some(hold_out), None) = (ready.hold_out.take(), known) else {
            return Ok(known.map_or(self.spec.train.epochs[1], |e| self.spec.train.turn_of(e)[2]));
        };
        self.clock.start(Part::HoldOut);
        let mut learner = self.make(&*ready.maker, hold_out.trained)?;
        learner.use_batches(self.finetune_batches());
        let mut tester = self.make(&*ready.maker, hold_out.held_out.clone())?;
        learner.restore(&ready.engine.snapshot()?)?;
        let spec = &self.spec.train;
        let (learner, tester) = (learner.as_mut(), tester.as_mut());
        let epochs = train::best_epochs(learner, tester, &hold_out.held_out, spec, self.cancel)?;
        Ok(epochs)
    }

    /// Stage 1, without its map.
    pub(super) fn stage_one(&mut self, ready: &mut Ready) -> Result<AnalysisResult, RunError> {
        let uncertainty = self.learn(ready)?;
        let engine = ready.engine.as_mut();
        let embedding = self.embed(engine)?;
        self.clock.start(Part::KMeans);
        let (labels, centres) = match &self.so_far.consensus {
            Some(consensus) => self.elected(consensus, &embedding)?,
            None => {
                let fit = kmeans::fit(embedding.view(), &self.kmeans_spec(), self.cancel)?;
                (fit.assignment, fit.centres)
            }
        };
        if let Some(consensus) = &self.so_far.consensus {
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
        self.so_far.point = Some(ResumePoint {
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
            device: ready.maker.device().clone(),
            helpers: self.so_far.helpers.clone(),
            stage1,
            stage2: None,
            uncertainty: Arc::new(uncertainty),
            consensus: self.so_far.consensus.clone(),
            injection: None,
            intervals: None,
            comparison: None,
            scales: self.so_far.scales.clone(),
            starts: self.so_far.told.clone(),
            history: self.so_far.history.clone(),
            weights: Arc::new(self.weights(engine)?),
            seconds: self.clock.seconds(),
            taken_over: self.so_far.from,
            cluster_names: BTreeMap::new(),
            colours: Vec::new(),
            selections: Vec::new(),
        };
        self.keep(&result, Milestone::Done);
        Ok(result)
    }

    /// Stage 2, without its map, after stage 1.
    pub(super) fn stage_two(
        &mut self,
        mut result: AnalysisResult,
        ready: &mut Ready,
    ) -> Result<AnalysisResult, RunError> {
        let engine = ready.engine.as_mut();
        // An engine that goes on with a run does not know yet.
        if let Some(consensus) = &self.so_far.consensus {
            engine.set_prior(consensus.prior().view())?;
        }
        let (from, labels) = self
            .so_far
            .point
            .as_ref()
            .map(|p| (p.position, p.labels.clone()))
            .unwrap_or_default();
        let before = train::ClusteringResume::of(&self.so_far.history, labels, &self.spec.train);
        let dataset = self.dataset.clone();
        let truth = dataset.labels.as_ref().map(|l| l.codes.as_slice());
        let end = self.training(true, States::OfRun, |spec, context| {
            train::cluster(engine, spec, truth, from, before, context)
        })?;
        let second = self.stage(end.assignment, end.labels, end.scores, Some(end.stop))?;
        result.stage2 = Some(second);
        result.history = self.so_far.history.clone();
        result.weights = Arc::new(self.weights(engine)?);
        result.seconds = self.clock.seconds();
        Ok(result)
    }

    /// How far the modalities of every sample contradict each other about its cluster.
    fn contradiction(&mut self, labels: &[u32]) -> Result<Option<Arc<Contradiction>>, RunError> {
        self.clock.start(Part::Contradiction);
        let seed = self.spec.seed;
        let spaces = match &self.spaces {
            Some(spaces) => spaces.clone(),
            None => {
                let modalities = self.dataset.modalities.iter();
                let modalities: Vec<&Values> = modalities.map(|m| &m.values).collect();
                let (components, seen) = (CONTRADICTION_COMPONENTS, CONTRADICTION_SAMPLES);
                let spaces = method::spaces(&modalities, components, seen, seed, self.cancel);
                let spaces = Arc::new(spaces?);
                self.spaces.insert(spaces).clone()
            }
        };
        let clusters = self.network.clusters;
        let found = contradiction(&spaces, labels, clusters, seed, self.cancel)?;
        Ok(found.map(Arc::new))
    }

    /// How far each kind of vote goes against every sample's cluster.
    fn disagreements(&self, labels: &[u32]) -> Vec<(Voter, Arc<Vec<f32>>)> {
        let kinds = self
            .so_far
            .consensus
            .iter()
            .flat_map(|consensus| &consensus.kinds);
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
    ) -> Result<StageResult, RunError> {
        let contradiction = self.contradiction(&labels)?;
        let Assignment { q, embedding } = assignment;
        let votes = self.so_far.consensus.as_ref().map(|c| c.votes.view());
        let mut distances = ambiguity::distances(embedding.view(), &labels, q.ncols());
        // Half of it is said by this embedding, half by those of the starts.
        if let Some(others) = self
            .so_far
            .consensus
            .as_ref()
            .and_then(|c| c.distances.as_ref())
        {
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
