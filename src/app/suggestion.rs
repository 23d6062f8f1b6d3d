//! Trying numbers of clusters, as the window sees it.

use super::AppState;
use crate::{
    error::Error,
    pipeline::suggest::{self, Candidate, SweepEvent},
};

/// A sweep over numbers of clusters, live or ended.
pub struct Suggestion {
    /// What was tried so far.
    pub candidates: Vec<Candidate>,
    /// Share of the work that is done, 0 to 1.
    pub share: f32,
    active: bool,
}

impl Suggestion {
    /// Whether numbers are still being tried.
    pub fn is_active(&self) -> bool {
        self.active
    }
}

impl AppState {
    pub(super) fn suggest(&mut self) {
        let (Some(data), false) = (&self.data, self.is_training()) else {
            return;
        };
        let (dataset, seed) = (data.dataset.clone(), self.document.spec.seed);
        let wake = self.waker();
        self.tasks
            .suggest
            .start("suggest", wake, move |sink, cancel| {
                let sweep = suggest::sweep(&dataset, seed, cancel, &mut |event| sink.send(event));
                sweep.map_err(Error::from)
            });
        self.suggestion = Some(Suggestion {
            candidates: Vec::new(),
            share: 0.0,
            active: true,
        });
    }

    /// Takes the sheet away at once; a worker that is still busy is told to stop, and not waited for.
    pub(super) fn forget_suggestion(&mut self) {
        self.suggestion = None;
        self.tasks.suggest.forget();
    }

    pub(super) fn drain_suggestion(&mut self) {
        let Some(suggestion) = &mut self.suggestion else {
            return;
        };
        let outcome = self.tasks.suggest.drain(|event| {
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
        });
        let Some(outcome) = outcome else { return };
        let candidates = self.found(outcome, "");
        self.suggestion = self
            .suggestion
            .take()
            .zip(candidates)
            .map(|(last, candidates)| Suggestion {
                candidates,
                active: false,
                ..last
            });
    }
}
