//! Wall-clock time of the parts.

use std::time::{Duration, Instant};

use super::{Event, Part, PartSeconds, Sink};
use crate::job::CancelToken;

/// Adds up the wall-clock seconds of each part, pauses left out.
pub(super) struct Clock<'a> {
    sink: &'a dyn Sink,
    cancel: &'a CancelToken,
    running: Option<Running>,
    done: Vec<PartSeconds>,
}

struct Running {
    part: Part,
    since: Instant,
    /// Pauses before it began.
    paused: Duration,
}

impl<'a> Clock<'a> {
    pub fn new(sink: &'a dyn Sink, cancel: &'a CancelToken, done: Vec<PartSeconds>) -> Self {
        Self {
            sink,
            cancel,
            running: None,
            done,
        }
    }

    pub fn start(&mut self, part: Part) {
        if self.running.as_ref().is_some_and(|now| now.part == part) {
            return;
        }
        self.stop();
        self.run(part);
        self.sink.event(Event::Part(part));
    }

    fn run(&mut self, part: Part) {
        self.running = Some(Running {
            part,
            since: Instant::now(),
            paused: self.cancel.paused_for(),
        });
    }

    fn stop(&mut self) {
        if let Some(now) = self.running.take() {
            let paused = self.cancel.paused_for().saturating_sub(now.paused);
            let seconds = now.since.elapsed().saturating_sub(paused).as_secs_f64();
            let key = now.part.key();
            match self.done.iter_mut().find(|d| d.part == key) {
                Some(known) => known.seconds += seconds,
                None => self.done.push(PartSeconds {
                    part: key.into(),
                    seconds,
                }),
            }
        }
    }

    pub fn seconds(&mut self) -> Vec<PartSeconds> {
        if let Some(part) = self.running.as_ref().map(|now| now.part) {
            self.stop();
            self.run(part);
        }
        self.done.clone()
    }
}
