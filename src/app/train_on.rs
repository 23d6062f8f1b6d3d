//! Training on with the model of the run that is shown, without some of its samples.

use std::{collections::BTreeMap, sync::Arc};

use super::{AppState, Command, NoticeKind, Source, Then, Until};
use crate::{
    document::RunId,
    error::UserMessage,
    pipeline::{AnalysisResult, AnalysisSpec, Checkpoint, TrainOn},
};

/// What a training begins with.
pub(super) enum Beginning {
    /// Nothing.
    Anew,
    /// How far it was when its device failed.
    Interrupted(Arc<Checkpoint>),
    /// The model of another run.
    Model(Arc<Checkpoint>, Named),
}

/// What a run is called, and its clusters.
#[derive(Default)]
pub(super) struct Named {
    pub name: String,
    pub clusters: BTreeMap<u32, String>,
}

impl Beginning {
    /// What it goes on from whatever an earlier process left, and what only where none left anything.
    pub fn checkpoints(self) -> [Option<Checkpoint>; 2] {
        match self {
            Self::Anew => [None, None],
            Self::Interrupted(from) => [Some(Arc::unwrap_or_clone(from)), None],
            Self::Model(from, _) => [None, Some(Arc::unwrap_or_clone(from))],
        }
    }
}

/// A run whose model is to be trained on as soon as some of its samples are there.
#[derive(Clone)]
pub(super) struct Model {
    /// Where these come from.
    pub samples: Source,
    /// The run.
    run: RunId,
    /// What it found.
    pub result: Arc<AnalysisResult>,
    /// How its own data are loaded.
    pub source: Source,
}

impl AppState {
    /// Whether the model of the run that is shown can be trained on, or why not.
    pub fn can_train_on(&self) -> Result<(), &'static str> {
        self.ready_for_more()?;
        let of_shown = self
            .document
            .shown
            .and_then(|run| self.shelf.data_id_of(run));
        let result = self.result();
        match of_shown == self.document.data {
            _ if result.is_none_or(|result| result.stage2.is_none()) => {
                Err("The run was not finished")
            }
            false => {
                Err("Its data are read in another way by now: undo (Ctrl+Z) leads back to them")
            }
            true => Ok(()),
        }
    }

    /// Leaves some samples out of the data of the run that is shown, and trains on with its model.
    pub(super) fn train_on(&mut self, without: &[String]) {
        let (Some(run), Some(result)) = (self.document.shown, self.result().cloned()) else {
            return;
        };
        let (Ok(()), Some(data)) = (self.can_train_on(), self.shelf.data_of(run)) else {
            return;
        };
        let samples = data.source.keeping(data.source.kept().without(without));
        let source = data.inputs.source.clone();
        self.model = Some(Model {
            samples: samples.clone(),
            run,
            result,
            source: source.unwrap_or_else(|| data.source.clone()),
        });
        self.apply(Command::Open {
            source: samples,
            then: Then::Nothing,
        });
    }

    /// Begins, once the samples are there.
    pub(super) fn begin_with_model(&mut self, model: &Model, on: TrainOn) {
        let before = self.document.name_of(model.run).unwrap_or("Run");
        let known = self.document.cluster_names_of(model.run);
        let named = Named {
            name: self
                .document
                .free_name_like(&format!("{before}, trained on")),
            clusters: on.cluster_names(known.unwrap_or(&BTreeMap::new())),
        };
        let gone = on.about_clusters();
        let spec = AnalysisSpec {
            // That of the run may have failed since.
            device: self.document.spec.device.clone(),
            ..on.spec
        };
        let from = Beginning::Model(Arc::new(on.from), named);
        self.train(spec, from, None);
        if let Some(gone) = gone {
            let message = UserMessage::new("Fewer clusters", gone, "");
            self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
        }
    }
}
