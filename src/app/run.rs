//! One training run as the window sees it.

use std::sync::Arc;

use ndarray::Array2;

use super::{Frame, LoadedData, Replay, train_on::Named};
use crate::{
    data::Dataset,
    document::RunId,
    model::DeviceInfo,
    pipeline::{
        AnalysisResult, AnalysisSpec, Checkpoint, Event, HelperNews, Progress, Resumed, Warning,
    },
    train::{EpochStats, Stage, StartStats, StopReason},
};

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// At work.
    Running,
    /// Held by the user.
    Paused,
    /// Told to stop, and about to.
    Stopping,
    /// Done.
    Finished,
    /// Stopped by the user.
    Cancelled,
    /// Ended by an error; the notice says which.
    Failed,
}

/// A run, live or ended.
pub struct RunState {
    /// Where its results are, or will be, on the shelf.
    pub(super) id: RunId,
    /// What it and its clusters are called, where that is known before it is listed.
    pub(super) named: Option<Named>,
    /// Whether the document lists it.
    pub(super) listed: bool,
    /// Whether it is a quick look after which the whole training begins by itself.
    pub(super) to_be_refined: bool,
    /// What it runs on.
    pub dataset: Arc<Dataset>,
    /// With which settings.
    pub spec: AnalysisSpec,
    /// How it stands.
    pub status: Status,
    /// How far it is.
    pub progress: Progress,
    /// The device, once it is open.
    pub device: Option<DeviceInfo>,
    /// Other devices that train for it now, by what was asked for.
    pub helpers: Vec<(String, DeviceInfo)>,
    /// What is to be told of them.
    pub(super) told: Vec<(String, HelperNews)>,
    /// Whether it was told that they may round otherwise.
    mixed: bool,
    /// Samples of a training step at most, if the device takes no more; until that is told.
    pub(super) limited: Option<usize>,
    /// Every epoch so far.
    pub history: Vec<EpochStats>,
    /// Every start so far.
    pub starts: Vec<StartStats>,
    /// Hard labels of the last start or epoch of stage 2, or of k-means.
    pub labels: Option<Arc<Vec<u32>>>,
    /// The map as it settles: after which stage, and its coordinates.
    pub layout: Option<(u8, Arc<Array2<f32>>)>,
    /// The maps so far.
    pub replay: Replay,
    /// What is finished.
    pub result: Option<Arc<AnalysisResult>>,
    /// What makes that less than it looks.
    pub warnings: Vec<Warning>,
    /// The model of another run that it began with.
    pub(super) model: Option<Arc<Checkpoint>>,
    /// The means to go on after a device failed.
    pub interrupted: Option<Arc<Checkpoint>>,
    pub(super) device_failed: bool,
    /// What it has found and nobody has taken yet.
    pub(super) found: Option<Arc<AnalysisResult>>,
    /// Where it went on, until that is told.
    pub(super) resumed: Option<Arc<Resumed>>,
}

impl RunState {
    pub(super) fn new(id: RunId, dataset: Arc<Dataset>, spec: AnalysisSpec) -> Self {
        Self {
            id,
            named: None,
            listed: false,
            to_be_refined: false,
            progress: Progress::new(&spec, dataset.samples()),
            dataset,
            spec,
            status: Status::Running,
            device: None,
            helpers: Vec::new(),
            told: Vec::new(),
            mixed: false,
            limited: None,
            history: Vec::new(),
            starts: Vec::new(),
            labels: None,
            layout: None,
            replay: Replay::default(),
            result: None,
            warnings: Vec::new(),
            model: None,
            interrupted: None,
            device_failed: false,
            found: None,
            resumed: None,
        }
    }

    /// A run that ended earlier, with its results.
    pub(super) fn reopened(id: RunId, result: Arc<AnalysisResult>) -> Self {
        let last = result.last_stage();
        let map = |stage: u8| Some((stage, result.stage(stage).umap.clone()?));
        Self {
            id,
            named: None,
            listed: true,
            to_be_refined: false,
            dataset: result.dataset.clone(),
            spec: result.spec.clone(),
            status: Status::Finished,
            progress: Progress::new(&result.spec, result.dataset.samples()),
            device: Some(result.device.clone()),
            helpers: Vec::new(),
            told: Vec::new(),
            mixed: false,
            limited: None,
            history: result.history.clone(),
            starts: result.starts.clone(),
            labels: Some(last.clusters.clone()),
            layout: match result.stage2 {
                Some(_) => map(2),
                None => map(1),
            },
            replay: Replay::default(),
            warnings: result.warnings(),
            result: Some(result),
            model: None,
            interrupted: None,
            device_failed: false,
            found: None,
            resumed: None,
        }
    }

    /// Whether a worker is still busy with it.
    pub fn is_active(&self) -> bool {
        matches!(
            self.status,
            Status::Running | Status::Paused | Status::Stopping
        )
    }

    /// Whether it is of these data.
    pub(super) fn is_of(&self, data: &Option<LoadedData>) -> bool {
        let same = |data: &LoadedData| Arc::ptr_eq(&data.dataset, &self.dataset);
        data.as_ref().is_some_and(same)
    }

    /// Epochs of a stage so far.
    pub fn stage(&self, stage: Stage) -> impl Iterator<Item = &EpochStats> {
        self.history.iter().filter(move |e| e.stage == stage)
    }

    /// Whether it ended because its device failed, so that it can go on elsewhere.
    pub fn can_go_on(&self) -> bool {
        self.status == Status::Failed && self.device_failed
    }

    /// Why stage 2 ended, once it has.
    pub fn stop(&self) -> Option<StopReason> {
        self.result.as_ref()?.stage2.as_ref()?.stop
    }

    pub(super) fn on_event(&mut self, event: Event) {
        self.progress.on_event(&event);
        match event {
            Event::Device(device) => self.device = Some(device),
            Event::Helper { name, news } => {
                self.helpers.retain(|(known, _)| *known != name);
                match news {
                    HelperNews::Done => {}
                    HelperNews::Trains { device, alike } => {
                        self.helpers.push((name.clone(), device.clone()));
                        if !alike && !self.mixed {
                            self.mixed = true;
                            self.told.push((name, HelperNews::Trains { device, alike }));
                        }
                    }
                    HelperNews::Fails(why) => self.told.push((name, HelperNews::Fails(why))),
                }
            }
            Event::Limited { samples } => self.limited = Some(samples),
            Event::Part(_) | Event::Share { .. } | Event::SideBySide(_) => {}
            Event::Resumed(resumed) => {
                self.history.clone_from(&resumed.history);
                self.starts.clone_from(&resumed.starts);
                if let Some(result) = &resumed.result {
                    self.on_event(Event::Result(result.clone()));
                }
                self.resumed = Some(resumed);
            }
            Event::Epoch(stats) => {
                // A run that goes on repeats the epochs after its last saved state.
                let again = |e: &mut EpochStats| (e.stage, e.epoch) >= (stats.stage, stats.epoch);
                while self.history.pop_if(again).is_some() {}
                self.history.push(stats);
            }
            Event::Start(stats) => {
                self.starts.retain(|s| s.start < stats.start);
                self.starts.push(stats);
            }
            Event::Labels(labels) => self.labels = Some(labels),
            Event::Layout {
                stage, coordinates, ..
            } => {
                self.replay.add(Frame {
                    number: 0,
                    stage,
                    epoch: (self.history.last()).map(|last| self.progress.epoch_in_words(last)),
                    coordinates: coordinates.clone(),
                    labels: self.labels.clone(),
                });
                self.layout = Some((stage, coordinates));
            }
            Event::Result(result) => {
                let last = result.last_stage();
                self.labels = Some(last.clusters.clone());
                if let Some(umap) = &last.umap {
                    let stage = if result.stage2.is_some() { 2 } else { 1 };
                    self.layout = Some((stage, umap.clone()));
                }
                self.found = Some(result.clone());
                self.keep(result);
            }
        }
    }

    /// Takes over what is finished.
    pub(super) fn keep(&mut self, result: Arc<AnalysisResult>) {
        self.warnings = result.warnings();
        self.result = Some(result);
    }
}
