//! Trainings that leave how far they are, and go on after the window was killed.

use std::sync::Arc;

use super::{
    AppState, Command, NoticeKind, Source, Then, Until, sessions::Kept, settings::Keep,
    train_on::Beginning,
};
use crate::{
    data::Dataset,
    document::{
        Edit,
        autosave::{Autosaves, LeftSession},
    },
    error::{Error, UserMessage},
    export::Repeated,
    job::{CancelToken, EventSink},
    pipeline::{
        self, AnalysisResult, AnalysisSpec, Checkpoint, Event, LeftRun, Lens, Milestone,
        RestingRun, RunError, RunSlot, RunStore, Sink, check::lens_to_show, time_in_words,
    },
};

/// What a training ends with.
#[derive(Debug)]
pub(super) struct Trained {
    pub result: AnalysisResult,
    /// The kind of uncertainty to look at first.
    pub lens: Lens,
    /// What it has left, until its results are saved.
    pub resting: Option<RestingRun>,
    /// How it came out, if it was a repetition.
    pub repeated: Option<Repeated>,
}

/// What windows that were killed have left: sessions and trainings, the latest first.
pub(super) type Left = (Vec<LeftSession>, Vec<LeftRun>);

/// The worker's way to the window: pictures are dropped when they come too fast.
struct WindowSink<'a> {
    events: &'a EventSink<Event>,
    slot: Option<&'a RunSlot>,
}

impl Sink for WindowSink<'_> {
    fn event(&self, event: Event) {
        if event.is_picture() {
            self.events.offer(event);
        } else {
            self.events.send(event);
        }
    }

    fn wants_pictures(&self) -> bool {
        true
    }

    fn checkpoint(&self, at: Milestone, make: &mut dyn FnMut() -> Option<Checkpoint>) {
        if let Some(slot) = self.slot {
            slot.offer(at, make);
        }
    }
}

/// Trains, or goes on with what was interrupted, or what a window that was killed has left, or, unless all is to be computed `live`,
/// what parts of earlier trainings came to, or with the model of another run.
pub(super) fn train(
    dataset: &Arc<Dataset>,
    spec: &AnalysisSpec,
    store: Option<&RunStore>,
    (source, live): (&Source, bool),
    beginning: Beginning,
    events: &EventSink<Event>,
    cancel: &CancelToken,
) -> Result<Trained, Error> {
    let taken = store.map(|store| store.take(dataset, spec, Some(source)));
    let slot = match taken.transpose() {
        Ok(slot) => slot.flatten(),
        Err(error) => {
            tracing::warn!("a run that is cut off will begin anew: {error}");
            None
        }
    };
    let sink = WindowSink {
        events,
        slot: slot.as_ref(),
    };
    let left = || {
        let (network, _) = spec.check(dataset).ok()?;
        slot.as_ref()?
            .resume(dataset, spec, network.clusters, !live)
    };
    let [interrupted, model] = beginning.checkpoints();
    let from = interrupted.or_else(left).or(model);
    let run = pipeline::run(dataset, spec, from, &sink, cancel);
    match run {
        Ok(result) => Ok(Trained {
            lens: lens_to_show(&result),
            result,
            resting: slot.map(RunSlot::rest),
            repeated: None,
        }),
        Err(error) => {
            // After a device failed, memory holds what is gone on with. Whatever else ended it, the same settings go on from here.
            if let (RunError::Engine { .. }, Some(slot)) = (&error, slot) {
                slot.finish();
            }
            Err(error.into())
        }
    }
}

impl AppState {
    /// Looks for sessions and trainings that were cut off; once, after the window is up.
    pub fn look_for_left_runs(&mut self) {
        let (runs, sessions) = (self.settings.run_store(), self.settings.autosaves());
        let look = move |_: &EventSink<()>, _: &CancelToken| {
            let sessions = sessions.map(|store| store.left()).unwrap_or_default();
            let runs = runs.map(|store| store.left()).unwrap_or_default();
            Ok((sessions, runs))
        };
        let wake = self.waker();
        self.tasks.left.start("left", wake, look);
    }

    pub(super) fn drain_left_runs(&mut self) {
        let Some(outcome) = self.tasks.left.drain(|()| {}) else {
            return;
        };
        let Some((sessions, runs)) = self.found(outcome, "") else {
            return;
        };
        // Who is at work already is not asked.
        if self.data.is_some() || self.tasks.load.is_busy() {
            return;
        }
        self.left_run = runs.into_iter().next();
        match sessions.into_iter().next() {
            Some(session) => self.offer_session(session),
            None => self.offer_left_run(),
        }
    }

    fn offer_session(&mut self, left: LeftSession) {
        let runs = match left.about.runs {
            0 => "steps of the preparation".into(),
            1 => "1 run".into(),
            runs => format!("{runs} runs"),
        };
        let (name, ago) = (&left.about.name, time_in_words(left.since));
        let message = UserMessage::new(
            "A session was not saved",
            format!("'{name}' with {runs}, {ago} ago. The window was closed from outside."),
            "",
        );
        let answers = vec![
            (
                "Open it".to_owned(),
                Command::Recover(Box::new(left.clone())),
            ),
            ("Forget it".to_owned(), Command::ForgetLeft(Box::new(left))),
        ];
        self.notify_with(Until::Opened, NoticeKind::Question, message, answers);
    }

    /// Offers to go on with a training that was cut off, if there is one.
    pub(super) fn offer_left_run(&mut self) {
        let Some(run) = self.left_run.take() else {
            return;
        };
        let samples = crate::words::thousands(run.about.samples as u64);
        let (name, ago) = (&run.about.name, time_in_words(run.since));
        let message = UserMessage::new(
            "A training was cut off",
            format!("'{name}', {samples} samples, {ago} ago."),
            "It can go on where it stopped, with the same results.",
        );
        let answers = vec![
            ("Go on".to_owned(), Command::GoOn(Box::new(run.clone()))),
            ("Forget it".to_owned(), Command::ForgetRun(Box::new(run))),
        ];
        self.notify_with(Until::Opened, NoticeKind::Question, message, answers);
    }

    /// Opens the data of a training that was cut off, unless they are open, and goes on with it.
    pub(super) fn go_on(&mut self, run: &LeftRun) {
        let (source, spec) = (run.about.source.clone(), run.about.spec.clone());
        if self.data.as_ref().is_some_and(|data| data.source == source) {
            self.go_on_with(spec);
            return;
        }
        self.apply(Command::Open {
            source: source.clone(),
            then: Then::Train,
        });
        // Large files are asked about first.
        self.spec_when_loaded = Some((source, spec));
    }

    /// Goes on with a training of these settings, of which another process has left something. The settings of the window are those of
    /// a whole run from the start.
    pub(super) fn go_on_with(&mut self, spec: AnalysisSpec) {
        let whole = spec.from_the_start().refined();
        self.edit(Edit::Settings(Box::new(whole)));
        self.train(spec, Beginning::Anew, None);
    }

    pub(super) fn forget_left(&mut self, left: &LeftSession) {
        self.forget(Until::Opened);
        let left = left.clone();
        self.delete(move || left.forget());
        self.offer_left_run();
    }

    /// Whether unsaved work is kept on this computer. What is there is deleted when it no longer is.
    pub(super) fn keep_work(&mut self, keep: bool) {
        if keep {
            self.settings.keep_runs = Keep::Yes;
            return;
        }
        let (runs, sessions) = (self.settings.run_store(), self.settings.autosaves());
        self.settings.keep_runs = Keep::No;
        self.forget_kept();
        self.kept = Kept::default();
        self.forget_resting();
        self.delete(move || {
            runs.iter().for_each(RunStore::clear);
            sessions.iter().for_each(Autosaves::clear);
        });
    }

    /// Deletes something by a worker: a slow disk, or a lock that somebody holds, must not hold up the window.
    fn delete(&mut self, work: impl FnOnce() + Send + 'static) {
        let wake = self.waker();
        let delete = move |_: &EventSink<()>, _: &CancelToken| {
            work();
            Ok(())
        };
        self.tasks.deleting.start("delete", wake, delete);
    }

    pub(super) fn forget_run(&mut self, run: &LeftRun) {
        self.forget(Until::Opened);
        let run = run.clone();
        self.delete(move || RunStore::forget(&run));
    }

    /// What trainings have left is of no use once their results are given up.
    pub(super) fn forget_resting(&mut self) {
        for (_, resting) in self.resting.drain(..) {
            resting.forget();
        }
    }

    /// What trainings have left is of no use once their results are saved, or kept with the session.
    pub(super) fn forget_resting_of_saved(&mut self) {
        for (run, resting) in std::mem::take(&mut self.resting) {
            match self.is_saved(run) || self.is_kept(run) {
                true => resting.forget(),
                false => self.resting.push((run, resting)),
            }
        }
    }
}
