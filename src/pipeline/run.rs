//! One run: a chain of parts, each of which goes on from what those before it came to.
//!
//! | part | reads | adds to how far the run is |
//! |---|---|---|
//! | prepare | the data | (the scaled data on a device, [`Ready`]) |
//! | [starts](Node::Starts) | them | the weights and clusters of every start |
//! | [votes](Node::Votes) | these, and looks at the data | the elected clusters, the models that go on |
//! | [uncertainty](Node::Uncertainty) | the models | what they say, once they have learned it |
//! | [stage 1](Node::Stage1) | both | a result without stage 2 |
//! | [stage 2](Node::Stage2) | its clusters | the result |
//! | maps | the embeddings | the result with its maps |
//!
//! How far it is, is one value, a [`Checkpoint`]: what is written down after every part, and what a run goes on from.

use std::sync::Arc;

use ndarray::Array2;

use super::{
    AnalysisResult, AnalysisSpec, Checkpoint, Event, Milestone, Node, Part, RunError, Sink,
    clock::Clock,
    ensemble::Scaling,
    hold_out::HoldOut,
    opener::{OpenDevice, opener},
    starts,
};
use crate::{
    analysis::{kmeans::KMeansSpec, uncertainty::UncertaintySummary},
    data::{Dataset, Masked, available_memory},
    job::CancelToken,
    model::{DeviceChoice, NetworkSpec, Weights},
    preprocess::{self, PreparedData},
    train::{Engine, EngineMaker, Stage, TrainError},
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
    let learned = run.prepare().and_then(|mut ready| run.learn(&mut ready));
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
    let both = run.prepare().and_then(|mut ready| {
        let first = run.stage_one(&mut ready)?;
        run.stage_two(first, &mut ready)
    });
    both.map_err(|error| run.failed(error))
}

/// [`run`] on devices of the caller's choice.
pub fn run_on(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    interrupted: Option<Checkpoint>,
    sink: &dyn Sink,
    cancel: &CancelToken,
    open_device: &OpenDevice<'_>,
) -> Result<AnalysisResult, RunError> {
    let mut run = Run::new(dataset, spec, interrupted, sink, cancel, open_device)?;
    run.whole().map_err(|error| run.failed(error))
}

/// A run at work.
pub(super) struct Run<'a> {
    pub dataset: &'a Arc<Dataset>,
    pub spec: &'a AnalysisSpec,
    pub network: NetworkSpec,
    pub sink: &'a dyn Sink,
    pub cancel: &'a CancelToken,
    pub(super) open_device: &'a OpenDevice<'a>,
    pub clock: Clock<'a>,
    /// What its parts came to so far: all that they hand on, and all that is written down.
    pub so_far: Checkpoint,
    /// Where samples lie in every modality, once it was asked for.
    pub spaces: Option<Arc<Vec<Array2<f32>>>>,
    /// Devices that were to help and cannot.
    pub lost_helpers: Vec<DeviceChoice>,
    /// The last picture of the embedding that was shown.
    pub picture: Option<Arc<Array2<f32>>>,
}

/// Data on a device.
pub(super) struct Ready {
    pub engine: Box<dyn Engine>,
    /// Makes more of them on the same device.
    pub maker: Box<dyn EngineMaker>,
    pub scales: Vec<Scaling>,
    /// Some samples held out of the others.
    pub hold_out: Option<HoldOut>,
    /// The samples that starts are trained on, if not on all.
    pub subsample: Option<Box<dyn Engine>>,
    /// What others train on, if any help.
    pub shared: Option<Vec<Masked>>,
}

impl<'a> Run<'a> {
    fn new(
        dataset: &'a Arc<Dataset>,
        spec: &'a AnalysisSpec,
        interrupted: Option<Checkpoint>,
        sink: &'a dyn Sink,
        cancel: &'a CancelToken,
        open_device: &'a OpenDevice<'a>,
    ) -> Result<Self, RunError> {
        let (network, estimate) = spec.check(dataset)?;
        let mut so_far = interrupted.unwrap_or_default();
        if spec.earlier.is_some() && so_far.is_empty() {
            return Err(RunError::EarlierNeeded);
        }
        // With the model of an earlier run alone, nothing of this one is done.
        let begun = match spec.earlier {
            Some(_) => !so_far.history.is_empty(),
            None => !so_far.is_empty(),
        };
        // What is under way holds most of its memory already.
        if !begun {
            estimate.fits(available_memory())?;
        }
        so_far.forget_what_is_run_again(spec.train.epochs[0]);
        if begun {
            sink.event(Event::Resumed(Arc::new(so_far.resumed())));
        }
        Ok(Self {
            dataset,
            spec,
            network,
            sink,
            cancel,
            open_device,
            clock: Clock::new(sink, cancel, so_far.seconds.clone()),
            so_far,
            spaces: None,
            lost_helpers: Vec::new(),
            picture: None,
        })
    }

    /// An error of a run: of a device that failed, with how far the run was.
    fn failed(&mut self, error: RunError) -> RunError {
        match error {
            RunError::Engine { source, .. } => RunError::Engine {
                source,
                interrupted: Box::new(self.interrupted()),
            },
            error => error,
        }
    }

    /// All parts that are not done yet.
    fn whole(&mut self) -> Result<AnalysisResult, RunError> {
        let found = self.so_far.result.clone();
        if let Some(result) = &found
            && result.stage2.is_some()
        {
            return self.maps((**result).clone());
        }
        let mut ready = self.prepare()?;
        let mut first = match found {
            Some(found) => AnalysisResult {
                device: ready.maker.device().clone(),
                spec: self.spec.clone(),
                ..(*found).clone()
            },
            None => self.stage_one(&mut ready)?,
        };
        if self.first_map(&mut first)? {
            self.keep(&first, Milestone::After(Node::Stage1));
        }
        let result = self.stage_two(first, &mut ready)?;
        // What follows needs no state of training.
        self.so_far.point = None;
        self.keep(&result, Milestone::After(Node::Stage2));
        self.maps(result)
    }

    /// Scales the data and puts them on the device, in the state that the run goes on from.
    fn prepare(&mut self) -> Result<Ready, RunError> {
        self.clock.start(Part::Prepare);
        let PreparedData { modalities, scales } = match &self.so_far.scales {
            Some(scales) => preprocess::min_max_by(self.dataset, scales.to_vec())?,
            None => preprocess::min_max(self.dataset)?,
        };
        self.cancel.check()?;
        let train = &self.spec.train;
        let inputs = preprocess::masked(self.dataset, modalities, train.masked)?;
        let scales = Scaling::of(scales, &inputs);
        let subsample = match self.is_starting() || self.so_far.ensemble.waits() {
            true => starts::subsampled(&inputs, train.start_samples, self.spec.seed)?,
            false => None,
        };
        let hold_out = match self.so_far.result {
            Some(_) => None,
            None => HoldOut::of(&inputs, train.held_out, self.spec.seed)?,
        };
        let shared = subsample.as_ref().unwrap_or(&inputs);
        let several = self.is_starting() || self.so_far.ensemble.waits();
        let shared = several.then(|| shared.clone());
        self.clock.start(Part::Device);
        let (maker, mut engine) = self.open(inputs)?;
        let starts = 0..self.spec.train.starts;
        let alone =
            self.spec.also.is_empty() && self.crew(&*maker, shared.as_deref(), starts).engines == 1;
        let shared = shared.filter(|_| !alone);
        if let Some(samples) = engine.most_samples()
            && self.spec.train.batch.is_none_or(|batch| batch > samples)
        {
            self.sink.event(Event::Limited { samples });
        }
        // What the whole data do not fit on is not used for some of them.
        let subsample = subsample
            .map(|subsample| self.make(&*maker, subsample))
            .transpose()?;
        let subsample = subsample.map(|mut engine| {
            engine.use_batches(self.start_batches(true));
            engine
        });
        self.sink.event(Event::Device(maker.device().clone()));
        self.cancel.check()?;
        if let Some(point) = &self.so_far.point {
            engine.restore(&point.snapshot)?;
        }
        Ok(Ready {
            engine,
            maker,
            scales,
            hold_out,
            subsample,
            shared,
        })
    }

    /// Whether several starts are trained or vote.
    pub fn is_starting(&self) -> bool {
        self.spec.train.starts > 1 && self.so_far.point.is_none()
    }

    /// Draws the map of stage 1, unless there is one; whether it did.
    fn first_map(&mut self, result: &mut AnalysisResult) -> Result<bool, RunError> {
        let missing = result.stage1.umap.is_none();
        if missing {
            let like = self.so_far.map.clone();
            let layout = self.umap(1, &result.stage1.embedding, like.as_deref())?;
            result.stage1.set_map(layout);
        }
        Ok(missing)
    }

    /// Draws the maps that a result lacks.
    fn maps(&mut self, mut result: AnalysisResult) -> Result<AnalysisResult, RunError> {
        self.first_map(&mut result)?;
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
        let last = self.so_far.history.last();
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
