//! Checking the uncertainty with injected noise, as the window sees it.

use std::sync::Arc;

use super::AppState;
use crate::{
    document::RunId,
    pipeline::{self, Event, NoiseInjectionSpec, Progress},
};

/// Stage 1 being trained once more, on data with noise put in.
pub struct Checking {
    /// The run whose uncertainty it is.
    run: RunId,
    /// How far it is.
    pub progress: Progress,
    /// Whether it was told to stop.
    pub stopping: bool,
}

impl AppState {
    pub(super) fn check_noise(&mut self, spec: NoiseInjectionSpec) {
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
        let wake = self.waker();
        self.tasks
            .check
            .start("check", wake, move |events, cancel| {
                // Nobody looks at pictures of it.
                let sink = |event: Event| {
                    if !event.is_picture() {
                        events.send(event);
                    }
                };
                let injection = pipeline::check_noise(&checked, &spec, &sink, cancel)?;
                let intervals = pipeline::check_intervals(&checked, &sink, cancel)?;
                Ok((injection, intervals))
            });
        self.forget_problems();
        self.checking = Some(Checking {
            run,
            progress: Progress::new(&planned, samples),
            stopping: false,
        });
    }

    pub(super) fn cancel_checking(&mut self) {
        if let Some(checking) = &mut self.checking {
            self.tasks.check.cancel();
            checking.stopping = true;
        }
    }

    /// Ends it without waiting: its result is of no use any more.
    pub(super) fn forget_checking(&mut self) {
        self.checking = None;
        self.tasks.check.forget();
    }

    pub(super) fn drain_checking(&mut self) {
        let Some(checking) = &mut self.checking else {
            return;
        };
        let progress = &mut checking.progress;
        let outcome = self.tasks.check.drain(|event| progress.on_event(&event));
        let Some(outcome) = outcome else { return };
        let run = checking.run;
        self.checking = None;
        let hint =
            "Your results are as they were. Choose another device on the page Train, or try again.";
        if let Some((injection, intervals)) = self.found(outcome, hint) {
            self.change_result(run, |result| {
                result.injection = Some(Arc::new(injection));
                result.intervals = intervals.map(Arc::new);
            });
        }
    }
}
