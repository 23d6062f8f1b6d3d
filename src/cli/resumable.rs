//! A run of the command line that goes on after it was cut off.

use std::{cell::RefCell, sync::Arc};

use super::{
    args::StoreArguments,
    reporter::{Reporter, Style},
    terminal::tell,
};
use crate::{
    data::Dataset,
    error::Error,
    io::Source,
    pipeline::{
        AnalysisResult, AnalysisSpec, Checkpoint, Event, Milestone, RunSlot, Sink,
        recently_available_memory,
    },
};

/// Where a run leaves how far it is, and how far one was that was cut off.
#[derive(Default)]
pub(super) struct Resumable {
    slot: Option<RunSlot>,
    found: Option<Checkpoint>,
}

impl Resumable {
    /// Takes the place of a run, and says what is found there. Where nothing can be kept, the run goes without.
    pub fn take(
        arguments: &StoreArguments,
        dataset: &Arc<Dataset>,
        spec: &AnalysisSpec,
        source: Option<&Source>,
        style: Style,
    ) -> Result<Self, Error> {
        let (network, estimate) = spec.check(dataset)?;
        let Some(store) = arguments.store() else {
            return Ok(Self::default());
        };
        let slot = match store.take(dataset, spec, source) {
            Ok(Some(slot)) => slot,
            Ok(None) => {
                say(
                    style,
                    "The same analysis runs in another hdumec: this one is not kept should it be cut off.",
                );
                return Ok(Self::default());
            }
            Err(error) => {
                let folder = store.folder().display();
                say(
                    style,
                    &format!(
                        "Should this run be cut off, it begins anew: '{folder}' cannot be used ({error})."
                    ),
                );
                return Ok(Self::default());
            }
        };
        if arguments.fresh {
            slot.forget();
        }
        let resume = || slot.resume(dataset, spec, network.clusters, true);
        let found = (!arguments.fresh).then(resume).flatten();
        if found.is_some() {
            // What is under way elsewhere holds its memory; this begins without.
            estimate.fits(recently_available_memory())?;
        }
        Ok(Self {
            slot: Some(slot),
            found,
        })
    }

    /// A run that begins with this, where nothing of it was found.
    pub fn beginning_with(mut self, from: Checkpoint) -> Self {
        self.found.get_or_insert(from);
        self
    }

    /// How far the run was that was cut off, or what it begins with; once.
    pub fn found(&mut self) -> Option<Checkpoint> {
        self.found.take()
    }

    /// Where events of the run go.
    pub fn sink<'a>(
        &'a self,
        reporter: &'a Reporter,
        kept: &'a RefCell<Option<AnalysisResult>>,
    ) -> RunSink<'a> {
        RunSink {
            slot: self.slot.as_ref(),
            reporter,
            kept,
        }
    }

    /// Forgets the run, whose results are saved.
    pub fn finish(self) {
        if let Some(slot) = self.slot {
            slot.finish();
        }
    }

    /// Says what could not be kept.
    pub fn report(&self, style: Style) {
        if let Some(why) = self.slot.as_ref().and_then(RunSlot::failed) {
            say(
                style,
                &format!(
                    "How far the run is could not be written down ({why}): cut off, it would have begun anew."
                ),
            );
        }
    }
}

fn say(style: Style, text: &str) {
    if style != Style::Quiet {
        tell(text);
    }
}

/// Reports events, keeps what is finished, and writes down how far the run is.
pub(super) struct RunSink<'a> {
    slot: Option<&'a RunSlot>,
    reporter: &'a Reporter,
    kept: &'a RefCell<Option<AnalysisResult>>,
}

impl Sink for RunSink<'_> {
    fn event(&self, event: Event) {
        let found = match &event {
            Event::Result(result) => Some(result),
            Event::Resumed(resumed) => resumed.result.as_ref(),
            _ => None,
        };
        if let Some(result) = found {
            *self.kept.borrow_mut() = Some((**result).clone());
        }
        self.reporter.event(event);
    }

    fn checkpoint(&self, at: Milestone, make: &mut dyn FnMut() -> Option<Checkpoint>) {
        if let Some(slot) = self.slot {
            slot.offer(at, make);
        }
    }
}
