//! One run, part by part.

use std::{io, sync::Arc};

use ndarray::Array2;

use super::{
    AnalysisResult, AnalysisSpec, Checkpoint, DoneStart, Ensemble, Event, Milestone, Node, Part,
    RunError, Sink, StageResult,
    clock::Clock,
    ensemble::Scaling,
    opener::{OpenEngine, opener},
    starts,
    trial::Trial,
};
use crate::{
    analysis::{consensus::Consensus, kmeans::KMeansSpec, uncertainty::UncertaintySummary},
    data::{Dataset, available_memory},
    job::CancelToken,
    model::{DeviceInfo, NetworkSpec, Weights},
    preprocess::{self, PreparedData},
    train::{
        self, Batches, Engine, EpochStats, ResumePoint, Snapshot, Stage, StartStats, TrainError,
    },
};

/// Runs an analysis, or goes on with one whose device failed.
pub fn run(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    interrupted: Option<Checkpoint>,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<AnalysisResult, RunError> {
    let open = opener(cancel);
    run_on(dataset, spec, interrupted, sink, cancel, &open)
}

/// The uncertainty that stage 1 of an analysis ends with, without what follows it.
pub(super) fn uncertainty(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<UncertaintySummary, RunError> {
    let open = opener(cancel);
    let mut run = Run::new(dataset, spec, None, sink, cancel, &open)?;
    let learned = run.prepare().and_then(|ready| run.learn(ready));
    let learned = learned.map(|(_, uncertainty)| uncertainty);
    learned.map_err(|error| run.failed(error))
}

/// Runs both stages of an analysis, without maps.
///
/// # Errors
/// See [`RunError`].
pub fn run_without_maps(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<AnalysisResult, RunError> {
    let open = opener(cancel);
    let mut run = Run::new(dataset, spec, None, sink, cancel, &open)?;
    let both = run.prepare().and_then(|ready| run.both_stages(ready));
    both.map_err(|error| run.failed(error))
}

/// [`run`] on an engine of the caller's choice.
pub fn run_on(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    interrupted: Option<Checkpoint>,
    sink: &dyn Sink,
    cancel: &CancelToken,
    open_engine: &OpenEngine<'_>,
) -> Result<AnalysisResult, RunError> {
    let mut run = Run::new(dataset, spec, interrupted, sink, cancel, open_engine)?;
    run.stages().map_err(|error| run.failed(error))
}

/// Errors inside a run: those of training may be recoverable on another device.
pub(super) enum TrainOrOther {
    Train(TrainError),
    Other(RunError),
}

impl<E: Into<TrainError>> From<E> for TrainOrOther {
    fn from(error: E) -> Self {
        Self::Train(error.into())
    }
}

/// A run at work.
pub(super) struct Run<'a> {
    pub dataset: &'a Arc<Dataset>,
    pub spec: &'a AnalysisSpec,
    pub network: NetworkSpec,
    pub sink: &'a dyn Sink,
    pub cancel: &'a CancelToken,
    pub(super) open_engine: &'a OpenEngine<'a>,
    pub clock: Clock<'a>,
    pub history: Vec<EpochStats>,
    /// Starts that are done, until all are.
    pub done_starts: Vec<DoneStart>,
    /// The weights of starts of an earlier run.
    pub trained: Vec<Arc<Snapshot>>,
    /// The last part that was taken over from an earlier run.
    pub taken_over: Option<Node>,
    /// What was told of every start so far.
    pub told: Vec<StartStats>,
    pub point: Option<ResumePoint>,
    /// What several starts agreed on.
    pub consensus: Option<Arc<Consensus>>,
    pub ensemble: Ensemble,
    /// Where samples lie in every modality, once it was asked for.
    pub spaces: Option<Arc<Vec<Array2<f32>>>>,
    /// The last picture of the embedding that was shown.
    pub picture: Option<Arc<Array2<f32>>>,
    pub(super) first: Option<Arc<AnalysisResult>>,
}

/// Data on a device, with the starts behind them.
pub(super) struct Ready {
    pub engine: Box<dyn Engine>,
    pub info: DeviceInfo,
    pub scales: Vec<Scaling>,
    /// Some samples held out of the others.
    pub trial: Option<Trial>,
    /// The samples that starts were trained on, if not on all.
    pub few: Option<Box<dyn Engine>>,
}

impl<'a> Run<'a> {
    fn new(
        dataset: &'a Arc<Dataset>,
        spec: &'a AnalysisSpec,
        interrupted: Option<Checkpoint>,
        sink: &'a dyn Sink,
        cancel: &'a CancelToken,
        open_engine: &'a OpenEngine<'a>,
    ) -> Result<Self, RunError> {
        let (network, estimate) = spec.check(dataset)?;
        // What is under way holds most of its memory already.
        if interrupted.is_none() {
            estimate.fits(available_memory())?;
        }
        let mut interrupted = interrupted.unwrap_or_default();
        interrupted.forget_what_is_run_again(spec.train.epochs[0]);
        if !interrupted.is_empty() {
            sink.event(Event::Resumed(Arc::new(interrupted.resumed())));
        }
        let Checkpoint {
            starts,
            trained,
            told,
            point,
            consensus,
            ensemble,
            history,
            result,
            seconds,
            from,
        } = interrupted;
        Ok(Self {
            dataset,
            spec,
            network,
            sink,
            cancel,
            open_engine,
            clock: Clock::new(sink, cancel, seconds),
            history,
            done_starts: starts,
            trained,
            taken_over: from,
            told,
            point,
            consensus,
            ensemble,
            spaces: None,
            picture: None,
            first: result,
        })
    }

    fn failed(&mut self, error: TrainOrOther) -> RunError {
        match error {
            TrainOrOther::Train(TrainError::Engine(source)) => RunError::Engine {
                source,
                interrupted: Box::new(self.interrupted()),
            },
            TrainOrOther::Train(error) => error.into(),
            TrainOrOther::Other(error) => error,
        }
    }

    /// Scales the data, opens the device and makes the starts.
    fn prepare(&mut self) -> Result<Ready, TrainOrOther> {
        self.clock.start(Part::Prepare);
        let failed = |error: io::Error| TrainOrOther::Other(error.into());
        let PreparedData { modalities, scales } =
            preprocess::min_max(self.dataset).map_err(failed)?;
        self.cancel.check()?;
        let train = &self.spec.train;
        let inputs = preprocess::masked(self.dataset, modalities, train.masked).map_err(failed)?;
        let scales = Scaling::of(scales, &inputs);
        let starting = train.starts > 1 && self.point.is_none();
        let few = match starting || self.ensemble.waits() {
            true => starts::few(&inputs, train.start_samples, self.spec.seed).map_err(failed)?,
            false => None,
        };
        let trial = match self.first {
            Some(_) => None,
            None => Trial::of(&inputs, train.held_out, self.spec.seed).map_err(failed)?,
        };
        self.clock.start(Part::Device);
        let (info, mut engine) = self.open(&self.spec.device, inputs)?;
        // What the whole data do not fit on is not used for some of them.
        let few = few.map(|few| self.another(&info, few)).transpose()?;
        let mut few = few.map(|mut engine| {
            // Where there is more to learn from, more steps are taken.
            let size = self
                .spec
                .train
                .batch
                .unwrap_or(starts::BATCH)
                .min(starts::BATCH);
            engine.use_batches(Batches::new(size, self.spec.seed, self.cancel.clone()));
            engine
        });
        self.sink.event(Event::Device(info.clone()));
        self.cancel.check()?;
        if let Some(point) = &self.point {
            engine.restore(&point.snapshot)?;
        }

        if starting {
            let starts = self.starts(engine.as_mut(), few.as_deref_mut())?;
            let elected = starts.consensus.labels.clone();
            (self.consensus, self.ensemble) = (Some(starts.consensus), starts.ensemble);
            self.sink.event(Event::Labels(Arc::new(elected)));
            if self.sink.wants_pictures() {
                let embedding = self.embed(engine.as_mut())?;
                self.show(&embedding)?;
            }
            // From here on, a device that fails need not repeat the starts.
            self.point = Some(ResumePoint {
                position: train::Position {
                    stage: Stage::UncertaintyFinetune,
                    epoch: 0,
                },
                snapshot: engine.snapshot()?,
                labels: None,
            });
            self.checkpoint(Milestone::After(Node::Votes));
        }
        Ok(Ready {
            engine,
            info,
            scales,
            trial,
            few,
        })
    }

    fn both_stages(&mut self, ready: Ready) -> Result<AnalysisResult, TrainOrOther> {
        let (mut result, mut engine) = self.stage_one(ready)?;
        let second = self.stage_two(engine.as_mut())?;
        self.finish(&mut result, second, engine.as_mut())?;
        Ok(result)
    }

    /// Puts stage 2 into a result.
    fn finish(
        &mut self,
        result: &mut AnalysisResult,
        second: StageResult,
        engine: &mut dyn Engine,
    ) -> Result<(), TrainOrOther> {
        result.history = self.history.clone();
        result.weights = Arc::new(self.weights(engine)?);
        result.stage2 = Some(second);
        result.seconds = self.clock.seconds();
        Ok(())
    }

    fn stages(&mut self) -> Result<AnalysisResult, TrainOrOther> {
        if let Some(first) = &self.first
            && first.stage2.is_some()
        {
            let result = (**first).clone();
            return self.maps(result);
        }
        let ready = self.prepare()?;
        let (mut result, mut engine) = match self.first.clone() {
            Some(first) => {
                let result = AnalysisResult {
                    device: ready.info,
                    spec: self.spec.clone(),
                    ..(*first).clone()
                };
                (result, ready.engine)
            }
            None => self.stage_one(ready)?,
        };
        let engine = engine.as_mut();
        if result.stage1.umap.is_none() {
            let layout = self.umap(1, &result.stage1.embedding, None)?;
            result.stage1.set_map(layout);
            self.keep(&result, Milestone::After(Node::Stage1));
        }
        let second = self.stage_two(engine)?;
        self.finish(&mut result, second, engine)?;
        // What follows needs no state of training.
        self.point = None;
        self.keep(&result, Milestone::After(Node::Stage2));
        self.maps(result)
    }

    /// Draws the maps that a result lacks.
    fn maps(&mut self, mut result: AnalysisResult) -> Result<AnalysisResult, TrainOrOther> {
        if result.stage1.umap.is_none() {
            let layout = self.umap(1, &result.stage1.embedding, None)?;
            result.stage1.set_map(layout);
        }
        let oriented = result.stage1.umap.clone();
        if let Some(second) = &mut result.stage2 {
            let layout = self.umap(2, &second.embedding, oriented.as_deref())?;
            second.set_map(layout);
        }
        result.seconds = self.clock.seconds();
        self.sink.event(Event::Result(Arc::new(result.clone())));
        Ok(result)
    }

    /// The weights after the epochs so far.
    pub fn weights(&self, engine: &mut dyn Engine) -> Result<Weights, TrainError> {
        let weights = engine.weights()?;
        self.check_sound("a weight", weights.tensors.values().flatten())?;
        Ok(weights)
    }

    /// The embedding of all samples after the epochs so far.
    pub fn embed(&self, engine: &mut dyn Engine) -> Result<Array2<f32>, TrainError> {
        let embedding = engine.embed()?;
        self.check_sound("the embedding", &embedding)?;
        Ok(embedding)
    }

    /// Whether what the epochs so far made can be used.
    pub fn check_sound<'n>(
        &self,
        what: &'static str,
        numbers: impl IntoIterator<Item = &'n f32>,
    ) -> Result<(), TrainError> {
        let last = self.history.last();
        let (stage, epoch) = last.map_or((Stage::Pretrain, 0), |e| (e.stage, e.epoch));
        TrainError::unless_sound(what, numbers, stage, epoch)
    }

    pub fn kmeans_spec(&self) -> KMeansSpec {
        KMeansSpec {
            clusters: self.network.clusters,
            restarts: self.spec.train.kmeans_restarts,
            max_iterations: self.spec.train.kmeans_iterations,
            tolerance: self.spec.train.kmeans_tolerance,
            seed: self.spec.seed,
        }
    }

    pub fn truth(&self) -> Option<&[Option<u32>]> {
        self.dataset.labels.as_ref().map(|l| l.codes.as_slice())
    }
}
