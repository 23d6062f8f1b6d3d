//! What is trained piece by piece.

use crate::{
    job::CancelToken,
    model::{DeviceInfo, Weights},
    train::{self, Engine, EpochStats, Snapshot, Stage, TrainSpec},
};

/// What is trained.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// The reconstruction of a start.
    Start,
    /// The uncertainty of a model, for so many epochs.
    Model(usize),
}

impl Work {
    /// The stage of training it is part of.
    pub(super) fn stage(self) -> Stage {
        match self {
            Self::Start => Stage::Pretrain,
            Self::Model(_) => Stage::UncertaintyFinetune,
        }
    }

    /// Trains a piece from a state; its epochs are told later.
    ///
    /// # Errors
    /// Those of the training.
    pub fn train(
        self,
        engine: &mut dyn Engine,
        (spec, cancel): (&TrainSpec, &CancelToken),
        number: usize,
        from: &Snapshot,
    ) -> Result<Trained, train::TrainError> {
        engine.restore(from)?;
        let mut history = Vec::new();
        let context = &mut train::Context {
            cancel,
            on_stage: &mut |_| {},
            on_epoch: &mut |stats, _| history.push(stats.clone()),
            on_snapshot: None,
            on_embedding: None,
        };
        match self {
            Self::Start => train::pretrain(engine, spec, number, 0, context)?,
            Self::Model(epochs) => train::finetune(engine, spec, number, 0, epochs, context)?,
        }
        Ok(Trained {
            history,
            told: false,
            ..Trained::told(engine.weights()?)
        })
    }
}

/// A piece that is trained.
pub struct Trained {
    /// Its weights: what follows needs no moments.
    pub snapshot: Snapshot,
    /// Its epochs, if they were not told while they ran.
    pub(super) history: Vec<EpochStats>,
    /// The device, if it is not the run's own.
    pub(super) by: Option<DeviceInfo>,
    /// Whether its epochs were told while they ran.
    pub told: bool,
}

impl Trained {
    /// One whose epochs were told.
    pub fn told(weights: Weights) -> Self {
        Self {
            snapshot: Snapshot::from_weights(weights),
            history: Vec::new(),
            by: None,
            told: true,
        }
    }
}
