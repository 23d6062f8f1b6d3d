//! Starting, holding and ending a training.

use std::sync::Arc;

use super::{
    AppState, Command, NoticeKind, Page, RunState, Status, Until,
    resuming::{self, Trained},
    train_on::Beginning,
};
use crate::{
    document::{Edit, NamedRun, RunId},
    error::UserMessage,
    export::{Outcome, Repeated, RunRecord},
    model::DeviceChoice,
    pipeline::{AnalysisResult, AnalysisSpec},
};

impl AppState {
    /// Trains with these settings from this beginning on, or `repeats` the training that led to some results.
    pub(super) fn train(
        &mut self,
        spec: AnalysisSpec,
        mut beginning: Beginning,
        repeats: Option<Arc<AnalysisResult>>,
    ) {
        if self.is_training() || self.tasks.load.is_busy() {
            return;
        }
        // What was interrupted goes on with the settings it began with.
        let interrupted = matches!(beginning, Beginning::Interrupted(_));
        if !interrupted && let Err(message) = self.ready_with(&spec) {
            let dataset = self.data.as_ref().map(|data| &data.dataset);
            let unknown = dataset.is_some_and(|dataset| spec.clusters_for(dataset).is_err());
            let answer = unknown.then_some(("How many?", Command::Suggest));
            self.notify_until(Until::Ready, NoticeKind::Problem, message, answer);
            return;
        }
        if let (Beginning::Anew, Some(stake)) = (&beginning, self.work_at_stake()) {
            let train = match spec.is_quick_look() {
                true => Command::QuickLook,
                false => Command::Train,
            };
            self.question(Until::NothingAtStake, stake, "Train anyway", train);
            return;
        }
        let Some(data) = &self.data else { return };
        let (dataset, source) = (data.dataset.clone(), data.source.clone());
        let (inputs, repeated) = (data.inputs.clone(), repeats.is_some());
        self.forget_checking();
        self.forget_comparing();
        let (worker_data, worker_spec) = (dataset.clone(), spec.clone());
        let store = self.settings.run_store();
        let anew = matches!(beginning, Beginning::Anew);
        let (model, named) = match &mut beginning {
            Beginning::Model(from, named) => (Some(from.clone()), Some(std::mem::take(named))),
            Beginning::Anew | Beginning::Interrupted(_) => (None, None),
        };
        // Who asks for the same once more, or to see the demo, wants to see it computed.
        let live =
            std::mem::take(&mut self.live) || repeats.is_some() || self.is_run_already(&spec);
        let wake = self.waker();
        self.tasks
            .train
            .start("train", wake, move |events, cancel| {
                let trained = resuming::train(
                    &worker_data,
                    &worker_spec,
                    store.as_ref(),
                    (&source, live),
                    beginning,
                    events,
                    cancel,
                )?;
                let compare = |before: Arc<AnalysisResult>| {
                    let before = RunRecord::of(&before, &inputs);
                    before.repeated_by(&trained.result, &inputs, false)
                };
                Ok(Trained {
                    repeated: repeats.map(compare),
                    ..trained
                })
            });
        if anew && !repeated {
            self.settings.spec = self.document.spec.clone();
        }
        let mut before = self.run.take().filter(|_| interrupted);
        let id = before.as_ref().map(|run| run.id);
        let id = id.unwrap_or_else(|| self.shelf.next_run());
        let mut run = RunState::new(id, dataset, spec);
        // What is only repeated is not listed a second time.
        run.named = named.or_else(|| before.as_mut()?.named.take());
        run.model = model.or_else(|| before.as_mut()?.model.take());
        run.to_be_refined = before.as_ref().is_some_and(|before| before.to_be_refined);
        run.listed = repeated || before.is_some_and(|before| before.listed);
        self.run = Some(run);
        self.training_on = self.document.data;
        self.forget_problems();
        self.forget(Until::NextRun);
        self.page = Page::Train;
    }

    /// Computes what is shown once more, and says whether it comes out the same.
    pub(super) fn repeat(&mut self) {
        let (Some(shown), Some(result)) = (self.document.shown, self.result().cloned()) else {
            return;
        };
        if self.ready_for_more().is_err() {
            return;
        }
        if self.shelf.data_id_of(shown) != self.document.data {
            let message = UserMessage::new(
                "This run is of data that were read in another way",
                "It can be repeated on those alone.",
                "Undo (Ctrl+Z) leads back to them.",
            );
            self.notify(NoticeKind::Info, message, None);
            return;
        }
        if result.spec.earlier.is_some() {
            let message = UserMessage::new(
                "This run went on with the model of an earlier one",
                "To repeat it, that one is repeated first.",
                "Save the results; 'hdumec rerun' on their run.json repeats both.",
            );
            self.notify(NoticeKind::Info, message, None);
            return;
        }
        let spec = AnalysisSpec {
            clusters: Some(result.clusters),
            ..result.spec.clone()
        };
        self.train(spec, Beginning::Anew, Some(result));
    }

    /// Tells how a training that was repeated came out. Only what is otherwise is listed.
    pub(super) fn tell_repeated(&mut self, run: RunId, repeated: Repeated) {
        let reasons = repeated.reasons.join(" ");
        let (title, text) = match repeated.outcome {
            Outcome::Same => (
                "The same, bit for bit",
                "Computed once more, everything came out as it was.".into(),
            ),
            Outcome::Near(far) => (
                "The same within tolerance",
                format!("No score, cluster's share or uncertainty differs by more than {far:.4}."),
            ),
            Outcome::Differs(furthest) => {
                let far = furthest.map_or_else(String::new, |far| format!(" by up to {far:.4}"));
                let name = self.document.free_name();
                self.edit(Edit::AddRun {
                    run: NamedRun::new(run, format!("{name}, repeated")),
                    show: false,
                });
                (
                    "It came out otherwise",
                    format!("Scores, clusters or uncertainty differ{far}; both runs are listed."),
                )
            }
        };
        let message = UserMessage::new(title, text, reasons);
        self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
        self.page = Page::Results;
    }

    pub(super) fn hold(&mut self, hold: bool) {
        let Some(run) = &mut self.run else { return };
        let Some(switch) = self.tasks.train.switch() else {
            return;
        };
        if hold && run.status == Status::Running {
            switch.pause();
            run.status = Status::Paused;
        } else if !hold && run.status == Status::Paused {
            switch.resume();
            run.status = Status::Running;
        }
    }

    pub(super) fn cancel(&mut self) {
        self.cancel_checking();
        self.cancel_comparing();
        self.tasks.load.cancel();
        if let Some(run) = &mut self.run
            && run.is_active()
        {
            self.tasks.train.cancel();
            run.status = Status::Stopping;
        }
    }

    pub(super) fn continue_on_cpu(&mut self) {
        // What is left of the run is not taken while nothing can be made of it.
        if self.is_training() || self.tasks.load.is_busy() {
            return;
        }
        self.forget_problems();
        let Some(run) = &mut self.run else { return };
        let interrupted = run.interrupted.take().or_else(|| run.model.clone());
        let spec = AnalysisSpec {
            device: DeviceChoice::Cpu,
            ..run.spec.clone()
        };
        // A device that failed before anything was saved leaves nothing: start anew.
        let interrupted = interrupted.unwrap_or_default();
        self.train(spec, Beginning::Interrupted(interrupted), None);
    }
}
