//! One run, part by part.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

use super::{AnalysisResult, AnalysisSpec, Event, Part, Sink, clock::Clock, starts};
use crate::{
    analysis::{
        consensus::Consensus,
        kmeans::KMeansSpec,
        umap::{self, UmapLayout},
    },
    data::{Dataset, Storage, Values},
    error::{Error, Interrupted},
    job::{CancelToken, Cancelled},
    model::{DeviceChoice, DeviceInfo, DeviceKind, NetworkSpec, Weights, device::ComputeDevice},
    preprocess,
    train::{
        self, Batches, BurnEngine, Context, CpuEngine, Engine, EpochStats, ResumePoint, Stage,
        TrainError,
    },
};

/// Opens a device and puts a network with its data on it: what to compute on, the network's shape,
/// the data (one samples x features matrix a modality) and the starting weights.
pub type OpenEngine<'a> = dyn Fn(
        &DeviceChoice,
        &NetworkSpec,
        Vec<Values>,
        &Weights,
    ) -> Result<(DeviceInfo, Box<dyn Engine>), Error>
    + 'a;

/// Runs an analysis, or goes on with one whose device failed.
pub fn run(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    interrupted: Option<Interrupted>,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<AnalysisResult, Error> {
    let open = |choice: &_, network: &_, inputs: Vec<Values>, weights: &_| {
        open_engine(choice, network, inputs, weights, cancel)
    };
    run_on(dataset, spec, interrupted, sink, cancel, &open)
}

/// The engine for the device: our own on the CPU, Burn's on a GPU.
fn open_engine(
    choice: &DeviceChoice,
    network: &NetworkSpec,
    inputs: Vec<Values>,
    weights: &Weights,
    cancel: &CancelToken,
) -> Result<(DeviceInfo, Box<dyn Engine>), Error> {
    // Only the CPU computes from disk.
    let on_disk = inputs
        .iter()
        .any(|values| values.storage() == Storage::Disk);
    let choice = match choice {
        DeviceChoice::Auto if on_disk => &DeviceChoice::Cpu,
        chosen => chosen,
    };
    let device = ComputeDevice::open(choice, cancel)?;
    let info = device.info.clone();
    let network = network.clone();
    let engine: Result<Box<dyn Engine>, _> = if info.kind == DeviceKind::Cpu {
        CpuEngine::new(network, inputs, weights).map(|engine| Box::new(engine) as _)
    } else {
        BurnEngine::new(network, inputs, weights, device).map(|engine| Box::new(engine) as _)
    };
    Ok((info, engine.map_err(TrainError::from)?))
}

/// [`run`] on an engine of the caller's choice.
pub fn run_on(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    interrupted: Option<Interrupted>,
    sink: &dyn Sink,
    cancel: &CancelToken,
    open_engine: &OpenEngine<'_>,
) -> Result<AnalysisResult, Error> {
    let clusters = spec.clusters_for(dataset)?;
    let features = dataset
        .modalities
        .iter()
        .map(|m| m.features.len())
        .collect();
    let network = spec
        .train
        .check(dataset.sample_ids.len(), features, clusters)?;
    spec.umap.check()?;
    let mut run = Run {
        dataset,
        spec,
        network,
        sink,
        cancel,
        open_engine,
        clock: Clock::new(
            sink,
            cancel,
            interrupted.as_ref().map(|i| i.seconds.clone()),
        ),
        history: Vec::new(),
        point: None,
        consensus: None,
        first: None,
    };
    if let Some(interrupted) = interrupted {
        run.point = interrupted.point;
        run.consensus = interrupted.consensus;
        run.first = interrupted.result;
        // Epochs after the last saved state are run again.
        if let Some(point) = &run.point {
            let done = (point.position.stage, point.position.epoch);
            run.history = interrupted.history;
            run.history.retain(|e| (e.stage, e.epoch) <= done);
        }
    }
    match run.stages() {
        Ok(result) => Ok(result),
        Err(TrainOrOther::Train(TrainError::Engine(source))) => Err(Error::Engine {
            source,
            interrupted: Box::new(run.interrupted()),
        }),
        Err(TrainOrOther::Train(error)) => Err(error.into()),
        Err(TrainOrOther::Other(error)) => Err(error),
    }
}

/// Errors inside a run: those of training may be recoverable on another device.
pub(super) enum TrainOrOther {
    Train(TrainError),
    Other(Error),
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
    open_engine: &'a OpenEngine<'a>,
    pub clock: Clock<'a>,
    pub history: Vec<EpochStats>,
    pub point: Option<ResumePoint>,
    /// What several starts agreed on.
    pub consensus: Option<Arc<Consensus>>,
    first: Option<Arc<AnalysisResult>>,
}

impl Run<'_> {
    fn stages(&mut self) -> Result<AnalysisResult, TrainOrOther> {
        self.clock.start(Part::Prepare);
        let prepared =
            preprocess::min_max(self.dataset).map_err(|e| TrainOrOther::Other(e.into()))?;
        self.cancel.check()?;
        let train = &self.spec.train;
        let starting = train.starts > 1 && self.point.is_none();
        let few = match starting {
            true => starts::few(&prepared.modalities, train.start_samples, self.spec.seed)
                .map_err(|e| TrainOrOther::Other(e.into()))?,
            false => None,
        };
        let scales = prepared.scales;
        self.clock.start(Part::Device);
        let (info, mut engine) = self.open(&self.spec.device, prepared.modalities)?;
        let engine = engine.as_mut();
        // What the whole data do not fit on is not used for some of them.
        let same = match info.kind {
            DeviceKind::Cpu => DeviceChoice::Cpu,
            _ => self.spec.device.clone(),
        };
        let few = few.map(|few| self.open(&same, few)).transpose()?;
        let few = few.map(|(_, mut engine)| {
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

        let mut result = match self.first.clone() {
            Some(first) => AnalysisResult {
                device: info,
                ..(*first).clone()
            },
            None => {
                if starting {
                    self.consensus = Some(self.starts(engine, few)?);
                    // From here on, a device that fails need not repeat the starts.
                    self.point = Some(ResumePoint {
                        position: train::Position {
                            stage: Stage::UncertaintyFinetune,
                            epoch: 0,
                        },
                        snapshot: engine.snapshot()?,
                        labels: None,
                    });
                }
                self.stage_one(engine, info, &scales)?
            }
        };
        if result.stage1.umap.is_none() {
            let layout = self.umap(1, &result.stage1.embedding, None)?;
            result.stage1.set_map(layout);
            self.keep(&result);
        }
        let second = self.stage_two(engine)?;
        result.history = self.history.clone();
        result.weights = Arc::new(engine.weights()?);
        result.stage2 = Some(second);
        result.seconds = self.clock.seconds();
        self.sink.event(Event::Result(Arc::new(result.clone())));

        let oriented = result.stage1.umap.clone();
        if let Some(second) = &mut result.stage2 {
            let layout = self.umap(2, &second.embedding, oriented.as_deref())?;
            second.set_map(layout);
        }
        result.seconds = self.clock.seconds();
        self.sink.event(Event::Result(Arc::new(result.clone())));
        Ok(result)
    }

    /// A device with the network on it and these data.
    fn open(
        &self,
        choice: &DeviceChoice,
        inputs: Vec<Values>,
    ) -> Result<(DeviceInfo, Box<dyn Engine>), TrainOrOther> {
        let weights = Weights::initialise(&self.network, self.spec.seed);
        let opened = (self.open_engine)(choice, &self.network, inputs, &weights);
        let (info, mut engine) = match opened {
            Ok(opened) => opened,
            Err(Error::Train(error)) => return Err(error.into()),
            Err(error) => return Err(TrainOrOther::Other(error)),
        };
        if let Some(size) = self.spec.train.batch {
            engine.use_batches(Batches::new(size, self.spec.seed, self.cancel.clone()));
        }
        Ok((info, engine))
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

    /// Runs a stage with its epochs recorded and reported; with pictures of the embedding, if anyone looks.
    pub fn training<T>(
        &mut self,
        pictures: bool,
        work: impl FnOnce(&train::TrainSpec, &mut Context<'_>) -> Result<T, TrainError>,
    ) -> Result<T, TrainOrOther> {
        let Self {
            clock,
            history,
            point,
            sink,
            cancel,
            spec,
            ..
        } = self;
        let mut before: Option<Arc<Array2<f32>>> = None;
        let mut look = |embedding: Array2<f32>| -> Result<(), Cancelled> {
            let before_view = before.as_ref().map(|b| b.view());
            let picture = Arc::new(umap::first_look(embedding.view(), before_view, cancel)?);
            sink.event(Event::Layout {
                stage: 0,
                epoch: 0,
                epochs: 0,
                coordinates: picture.clone(),
            });
            before = Some(picture);
            Ok(())
        };
        let result = work(
            &spec.train,
            &mut Context {
                cancel,
                on_stage: &mut |stage| clock.start(Part::Train(stage)),
                on_epoch: &mut |stats, assignment| {
                    history.push(stats.clone());
                    sink.event(Event::Epoch(stats.clone()));
                    if let Some(assignment) = assignment {
                        sink.event(Event::Labels(Arc::new(assignment.labels())));
                    }
                },
                on_snapshot: Some(&mut |new| *point = Some(new)),
                on_embedding: (pictures && sink.wants_pictures()).then_some(&mut look),
            },
        )?;
        Ok(result)
    }

    pub fn truth(&self) -> Option<&[Option<u32>]> {
        self.dataset.labels.as_ref().map(|l| l.codes.as_slice())
    }

    fn umap(
        &mut self,
        stage: u8,
        embedding: &Array2<f32>,
        orientation: Option<&Array2<f32>>,
    ) -> Result<UmapLayout, TrainOrOther> {
        self.clock.start(Part::Umap(stage));
        let spec = umap::UmapSpec {
            seed: self.spec.seed,
            ..self.spec.umap
        };
        let orientation: Option<ArrayView2<'_, f32>> = orientation.map(|o| o.view());
        let fit = umap::fit(
            embedding.view(),
            &spec,
            orientation,
            self.cancel,
            &mut |frame| {
                self.sink.event(Event::Layout {
                    stage,
                    epoch: frame.epoch,
                    epochs: frame.epochs,
                    coordinates: Arc::new(frame.coordinates.to_owned()),
                });
            },
        );
        match fit {
            Ok(layout) => Ok(layout),
            Err(umap::UmapError::Cancelled(cancelled)) => Err(cancelled.into()),
            Err(error) => Err(TrainOrOther::Other(error.into())),
        }
    }

    pub fn keep(&mut self, result: &AnalysisResult) {
        let shared = Arc::new(result.clone());
        self.first = Some(shared.clone());
        self.sink.event(Event::Result(shared));
    }

    fn interrupted(&mut self) -> Interrupted {
        Interrupted {
            point: self.point.take(),
            consensus: self.consensus.take(),
            history: std::mem::take(&mut self.history),
            result: self.first.take(),
            seconds: self.clock.seconds(),
        }
    }
}
