//! Wall-clock time of the parts.

use std::time::Instant;

use super::{Event, Part, PartSeconds, Sink};

/// Adds up the wall-clock seconds of each part.
pub(super) struct Clock<'a> {
    sink: &'a dyn Sink,
    running: Option<(Part, Instant)>,
    done: Vec<PartSeconds>,
}

impl<'a> Clock<'a> {
    pub fn new(sink: &'a dyn Sink, done: Option<Vec<PartSeconds>>) -> Self {
        Self {
            sink,
            running: None,
            done: done.unwrap_or_default(),
        }
    }

    pub fn start(&mut self, part: Part) {
        if self.running.is_some_and(|(now, _)| now == part) {
            return;
        }
        self.stop();
        self.running = Some((part, Instant::now()));
        self.sink.event(Event::Part(part));
    }

    fn stop(&mut self) {
        if let Some((part, since)) = self.running.take() {
            let seconds = since.elapsed().as_secs_f64();
            match self.done.iter_mut().find(|d| d.part == part.key()) {
                Some(known) => known.seconds += seconds,
                None => self.done.push(PartSeconds {
                    part: part.key().into(),
                    seconds,
                }),
            }
        }
    }

    pub fn seconds(&mut self) -> Vec<PartSeconds> {
        if let Some((part, _)) = self.running {
            self.stop();
            self.running = Some((part, Instant::now()));
        }
        self.done.clone()
    }
}
