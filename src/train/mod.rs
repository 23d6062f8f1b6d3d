//! Training: the two stages of the method over an [`Engine`].

mod adam;
mod batches;
mod burn_engine;
mod clustering;
mod cpu;
mod engine;
mod events;
pub(crate) mod limits;
mod maker;
#[cfg(test)]
mod parity;
mod reconstruction;
mod resting;
mod spec;

pub use batches::Batches;
pub use burn_engine::BurnEngine;
pub(crate) use clustering::score;
pub use clustering::{ClusteringResult, ClusteringResume, cluster};
pub use cpu::{CpuEngine, instruction_set, peak_operations};
pub use engine::{Assignment, Decoder, Engine, EngineError, Objective, Snapshot};
pub use events::{ClusteringStats, EpochStats, Stage, StartStats, StopReason, TrainError};
pub use maker::{EngineMaker, open_device};
pub use reconstruction::{best_epochs, finetune, pretrain};
pub use resting::Resting;
pub use spec::{TrainSpec, TrainSpecError};

use serde::{Deserialize, Serialize};

use crate::job::CancelToken;

/// What a stage needs from the outside: a switch, somewhere to report to, and a place to leave
/// the means to go on from, should the device fail.
pub struct Context<'a> {
    /// Pause and cancel.
    pub cancel: &'a CancelToken,
    /// Called when a stage begins.
    pub on_stage: &'a mut dyn FnMut(Stage),
    /// Called once for every epoch.
    pub on_epoch: &'a mut dyn FnMut(&EpochStats, Option<&Assignment>),
    /// Called with the state after an epoch, at most about once a second, if it is worth keeping.
    pub on_snapshot: Option<&'a mut dyn FnMut(ResumePoint)>,
    /// Called with the embedding now and then in stage 1, if anyone looks.
    pub on_embedding: Option<&'a mut Look<'a>>,
}

/// Takes a picture of the embedding, samples x d.
pub type Look<'a> = dyn FnMut(ndarray::Array2<f32>) -> Result<(), crate::job::Cancelled> + 'a;

/// The means to go on with an interrupted training, on this or another device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResumePoint {
    /// What is done.
    pub position: Position,
    /// The engine's state.
    pub snapshot: Snapshot,
    /// In stage 2, the hard labels of the last epoch.
    #[serde(with = "crate::store::bits")]
    pub labels: Option<Vec<u32>>,
}

/// Where training stands: `epoch` epochs of `stage` are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The stage.
    pub stage: Stage,
    /// Epochs of it that are done.
    pub epoch: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self {
            stage: Stage::Pretrain,
            epoch: 0,
        }
    }
}
