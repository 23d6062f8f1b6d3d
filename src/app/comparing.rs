//! Other methods beside a result, as the window sees it.

use std::sync::Arc;

use super::{AppState, NoticeKind};
use crate::{
    document::RunId,
    error::{Error, UserMessage},
    job::{self, EventSink, JobHandle, JobOutcome},
    method::Method,
    pipeline::{self, CompareEvent, CompareProgress, CompareSpec, Comparison},
};

/// Other methods at work on the data of a result.
pub struct Comparing {
    /// The run that stands for hdumec.
    run: RunId,
    /// How far they are, and what is found so far.
    pub progress: CompareProgress,
    /// Whether they were told to stop.
    pub stopping: bool,
    job: JobHandle<CompareEvent, Comparison, Error>,
}

impl AppState {
    /// Starts the methods on the data of the result, which stands for hdumec.
    pub(super) fn compare(&mut self, mut methods: Vec<Method>) {
        let (Some(run), Some(result)) = (self.document.shown, self.result().cloned()) else {
            return;
        };
        if self.ready_for_more().is_err() {
            return;
        }
        methods.retain(|&method| method != Method::Hdumec);
        methods.push(Method::Hdumec);
        let mut spec = CompareSpec {
            methods,
            analysis: result.spec.clone(),
        };
        spec.analysis.clusters = Some(result.clusters);
        // On the device chosen now: that of the run may have failed since.
        spec.analysis.device = self.document.spec.device.clone();
        let job = job::spawn(
            "compare",
            self.waker(),
            move |events: &EventSink<CompareEvent>, cancel| {
                let tell = |event| events.send(event);
                let dataset = &result.dataset;
                Ok::<_, Error>(pipeline::compare(
                    dataset,
                    &spec,
                    Some(&result),
                    &tell,
                    cancel,
                )?)
            },
        );
        match job {
            Ok(job) => {
                self.forget_problems();
                self.comparing = Some(Comparing {
                    run,
                    progress: CompareProgress::default(),
                    stopping: false,
                    job,
                });
            }
            Err(error) => self.thread_failed(&error),
        }
    }

    pub(super) fn cancel_comparing(&mut self) {
        if let Some(comparing) = &mut self.comparing {
            comparing.job.cancel_token().cancel();
            comparing.stopping = true;
        }
    }

    /// Ends it without waiting: its result is of no use any more.
    pub(super) fn forget_comparing(&mut self) {
        self.comparing = None;
    }

    pub(super) fn drain_comparing(&mut self) {
        let Some(comparing) = &mut self.comparing else {
            return;
        };
        // The outcome is sent after the last event: look for it first, then take the events.
        let outcome = comparing.job.try_outcome();
        for event in std::iter::from_fn(|| comparing.job.try_event()) {
            comparing.progress.on_event(event);
        }
        let Some(outcome) = outcome else { return };
        let run = comparing.run;
        self.comparing = None;
        match outcome {
            JobOutcome::Finished(comparison) => {
                self.change_result(run, |result| result.comparison = Some(Arc::new(comparison)));
            }
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(error) => {
                let message = UserMessage {
                    hint: "Your results are as they were.".into(),
                    ..error.message()
                };
                self.notify(NoticeKind::Problem, message, None);
            }
            JobOutcome::Panicked(message) => self.problem(&Error::Panicked(message)),
        }
    }
}
