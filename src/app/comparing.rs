//! Other methods beside a result, as the window sees it.

use std::sync::Arc;

use super::AppState;
use crate::{
    document::RunId,
    method::Method,
    pipeline::{self, CompareProgress, CompareSpec},
};

/// Other methods at work on the data of a result.
pub struct Comparing {
    /// The run that stands for hdumec.
    run: RunId,
    /// How far they are, and what is found so far.
    pub progress: CompareProgress,
    /// Whether they were told to stop.
    pub stopping: bool,
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
        let wake = self.waker();
        self.tasks
            .compare
            .start("compare", wake, move |events, cancel| {
                let tell = |event| events.send(event);
                let dataset = &result.dataset;
                let found = pipeline::compare(dataset, &spec, Some(&result), &tell, cancel)?;
                Ok(found)
            });
        self.forget_problems();
        self.comparing = Some(Comparing {
            run,
            progress: CompareProgress::default(),
            stopping: false,
        });
    }

    pub(super) fn cancel_comparing(&mut self) {
        if let Some(comparing) = &mut self.comparing {
            self.tasks.compare.cancel();
            comparing.stopping = true;
        }
    }

    /// Ends it without waiting: its result is of no use any more.
    pub(super) fn forget_comparing(&mut self) {
        self.comparing = None;
        self.tasks.compare.forget();
    }

    pub(super) fn drain_comparing(&mut self) {
        let Some(comparing) = &mut self.comparing else {
            return;
        };
        let progress = &mut comparing.progress;
        let outcome = self.tasks.compare.drain(|event| progress.on_event(event));
        let Some(outcome) = outcome else { return };
        let run = comparing.run;
        self.comparing = None;
        if let Some(comparison) = self.found(outcome, "Your results are as they were.") {
            self.change_result(run, |result| result.comparison = Some(Arc::new(comparison)));
        }
    }
}
