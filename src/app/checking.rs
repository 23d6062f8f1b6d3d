//! Checking the uncertainty with injected noise, as the window sees it.

use std::sync::Arc;

use super::{AppState, NoticeKind};
use crate::{
    document::RunId,
    error::{Error, UserMessage},
    job::{self, EventSink, JobHandle, JobOutcome},
    pipeline::{self, Event, Injection, InjectionSpec, Intervals, Progress},
};

/// Stage 1 being trained once more, on data with noise put in.
pub struct Checking {
    /// The run whose uncertainty it is.
    run: RunId,
    /// How far it is.
    pub progress: Progress,
    /// Whether it was told to stop.
    pub stopping: bool,
    job: JobHandle<Event, (Injection, Option<Intervals>), Error>,
}

impl AppState {
    pub(super) fn check_noise(&mut self, spec: InjectionSpec) {
        let (Some(run), Some(result)) = (self.document.shown, self.result().cloned()) else {
            return;
        };
        if self.ready_for_more().is_err() {
            return;
        }
        // On the device chosen now: that of the run may have failed since.
        let mut checked = (*result).clone();
        checked.spec.device = self.document.spec.device.clone();
        let planned = pipeline::check_plan(&checked.spec);
        let samples = checked.dataset.samples();
        let job = job::spawn(
            "check",
            self.waker(),
            move |events: &EventSink<Event>, cancel| {
                // Nobody looks at pictures of it.
                let sink = |event: Event| {
                    if !event.is_picture() {
                        events.send(event);
                    }
                };
                let injection = pipeline::check_noise(&checked, &spec, &sink, cancel)?;
                let intervals = pipeline::check_intervals(&checked, &sink, cancel)?;
                Ok::<_, Error>((injection, intervals))
            },
        );
        match job {
            Ok(job) => {
                self.forget_problems();
                self.checking = Some(Checking {
                    run,
                    progress: Progress::new(&planned, samples),
                    stopping: false,
                    job,
                });
            }
            Err(error) => self.thread_failed(&error),
        }
    }

    pub(super) fn cancel_checking(&mut self) {
        if let Some(checking) = &mut self.checking {
            checking.job.cancel_token().cancel();
            checking.stopping = true;
        }
    }

    /// Ends it without waiting: its result is of no use any more.
    pub(super) fn forget_checking(&mut self) {
        self.checking = None;
    }

    pub(super) fn drain_checking(&mut self) {
        let Some(checking) = &mut self.checking else {
            return;
        };
        // The outcome is sent after the last event: look for it first, then take the events.
        let outcome = checking.job.try_outcome();
        for event in std::iter::from_fn(|| checking.job.try_event()) {
            checking.progress.on_event(&event);
        }
        let Some(outcome) = outcome else { return };
        let run = checking.run;
        self.checking = None;
        match outcome {
            JobOutcome::Finished((injection, intervals)) => {
                self.change_result(run, |result| {
                    result.injection = Some(Arc::new(injection));
                    result.intervals = intervals.map(Arc::new);
                });
            }
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(error) => {
                let message = UserMessage {
                    hint: "Your results are as they were. Choose another device on the page Train, or try again.".into(),
                    ..error.message()
                };
                self.notify(NoticeKind::Problem, message, None);
            }
            JobOutcome::Panicked(message) => self.problem(&Error::Panicked(message)),
        }
    }
}
