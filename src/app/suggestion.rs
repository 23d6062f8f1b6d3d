//! Trying numbers of clusters, as the window sees it.

use super::AppState;
use crate::{
    error::Error,
    job::{self, EventSink, JobHandle, JobOutcome},
    pipeline::suggest::{self, Candidate, SweepEvent},
};

/// A sweep over numbers of clusters, live or ended.
pub struct Suggestion {
    /// What was tried so far.
    pub candidates: Vec<Candidate>,
    /// Share of the work that is done, 0 to 1.
    pub share: f32,
    job: Option<SweepJob>,
}

type SweepJob = JobHandle<SweepEvent, Vec<Candidate>, Error>;

impl Suggestion {
    /// Whether numbers are still being tried.
    pub fn is_active(&self) -> bool {
        self.job.is_some()
    }
}

impl AppState {
    pub(super) fn suggest(&mut self) {
        let (Some(data), false) = (&self.data, self.is_training()) else {
            return;
        };
        let (dataset, seed) = (data.dataset.clone(), self.document.spec.seed);
        let job = job::spawn(
            "suggest",
            self.waker(),
            move |sink: &EventSink<SweepEvent>, cancel| {
                let sweep = suggest::sweep(&dataset, seed, cancel, &mut |event| sink.send(event));
                sweep.map_err(Error::from)
            },
        );
        match job {
            Ok(job) => {
                self.suggestion = Some(Suggestion {
                    candidates: Vec::new(),
                    share: 0.0,
                    job: Some(job),
                });
            }
            Err(error) => self.thread_failed(&error),
        }
    }

    /// Takes the sheet away at once; a worker that is still busy is told to stop, and not waited for.
    pub(super) fn forget_suggestion(&mut self) {
        self.suggestion = None;
    }

    pub(super) fn drain_suggestion(&mut self) {
        let Some(suggestion) = &mut self.suggestion else {
            return;
        };
        let Some(job) = &suggestion.job else { return };
        // The outcome is sent after the last event: look for it first, then take the events.
        let outcome = job.try_outcome();
        for event in std::iter::from_fn(|| job.try_event()) {
            // Making the embeddings takes about half of the time.
            match event {
                SweepEvent::Embedded(done, of) => {
                    suggestion.share = 0.5 * done as f32 / of.max(1) as f32;
                }
                SweepEvent::Tried(candidate, of) => {
                    suggestion.candidates.push(candidate);
                    let done = suggestion.candidates.len() as f32;
                    suggestion.share = 0.5 + 0.5 * done / of.max(1) as f32;
                }
            }
        }
        let Some(outcome) = outcome else { return };
        suggestion.job = None;
        match outcome {
            JobOutcome::Finished(candidates) => suggestion.candidates = candidates,
            JobOutcome::Cancelled => self.suggestion = None,
            JobOutcome::Failed(error) => {
                self.suggestion = None;
                self.problem(&error);
            }
            JobOutcome::Panicked(message) => {
                self.suggestion = None;
                self.problem(&Error::Panicked(message));
            }
        }
    }
}
