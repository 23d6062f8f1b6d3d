//! A place for the one job of a kind that may be at work.

use std::time::{Duration, Instant};

use super::{CancelToken, EventSink, JobHandle, JobOutcome, MaybeCancelled, spawn};

/// What a job has to say is taken in for this long at a time, so that a flood cannot hold up a window.
const MOMENT: Duration = Duration::from_millis(4);

/// A kind of work, of which one job at a time counts. One that is replaced, or no longer wanted, is told to stop and left to finish:
/// nobody waits for it.
#[derive(Debug)]
pub struct Task<Ev, T, E>(Option<JobHandle<Ev, T, E>>);

impl<Ev, T, E> Default for Task<Ev, T, E> {
    fn default() -> Self {
        Self(None)
    }
}

impl<Ev, T, E> Task<Ev, T, E> {
    /// Whether a job is at work, or has ended and not been heard.
    pub fn is_busy(&self) -> bool {
        self.0.is_some()
    }

    /// The switch of the job at work.
    pub fn switch(&self) -> Option<&CancelToken> {
        self.0.as_ref().map(JobHandle::cancel_token)
    }

    /// Tells the job at work to stop; how it ends is heard.
    pub fn cancel(&self) {
        if let Some(switch) = self.switch() {
            switch.cancel();
        }
    }

    /// Tells the job at work to stop; how it ends is of no interest.
    pub fn forget(&mut self) {
        self.0 = None;
    }

    /// Takes in what the job at work has to say, for a moment at most, and how it ended once it has.
    pub fn drain(&mut self, mut on_event: impl FnMut(Ev)) -> Option<JobOutcome<T, E>> {
        let job = self.0.as_ref()?;
        // The outcome is sent after the last event: look for it first, then take the events.
        let outcome = job.try_outcome();
        let since = Instant::now();
        while let Some(event) = job.try_event() {
            on_event(event);
            // What an ended job still has to say is what fits in its channel.
            if outcome.is_none() && since.elapsed() > MOMENT {
                break;
            }
        }
        if outcome.is_some() {
            self.0 = None;
        }
        outcome
    }
}

impl<Ev, T, E> Task<Ev, T, E>
where
    Ev: Send + 'static,
    T: Send + 'static,
    E: MaybeCancelled + Send + 'static,
{
    /// Starts a job in the place of the one at work. See [`spawn`].
    pub fn start(
        &mut self,
        name: &str,
        wake: impl Fn() + Send + 'static,
        work: impl FnOnce(&EventSink<Ev>, &CancelToken) -> Result<T, E> + Send + 'static,
    ) {
        self.0 = Some(spawn(name, wake, work));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Cancelled;
    use std::{sync::mpsc, thread};

    #[test]
    fn a_flood_is_taken_in_bit_by_bit_and_nothing_of_it_is_lost() {
        let mut task: Task<usize, (), Cancelled> = Task::default();
        let work = |sink: &EventSink<usize>, _: &CancelToken| {
            (0..2_000).for_each(|number| sink.send(number));
            Ok(())
        };
        task.start("flood", || {}, work);
        let (mut seen, mut longest) = (Vec::new(), Duration::ZERO);
        while task.is_busy() {
            let since = Instant::now();
            let outcome = task.drain(|number| {
                seen.push(number);
                thread::sleep(Duration::from_micros(20));
            });
            if outcome.is_none() {
                longest = longest.max(since.elapsed());
            }
        }
        assert_eq!(seen, (0..2_000).collect::<Vec<_>>());
        assert!(longest < Duration::from_millis(250), "{longest:?}");
    }

    #[test]
    fn nobody_waits_for_what_is_replaced() {
        let mut task: Task<(), u32, Cancelled> = Task::default();
        let (go_on, stuck) = mpsc::channel::<()>();
        let work = move |_: &EventSink<()>, _: &CancelToken| {
            // As a network disk that does not answer.
            _ = stuck.recv();
            Ok(1)
        };
        task.start("stuck", || {}, work);
        let since = Instant::now();
        task.start("next", || {}, |_: &EventSink<()>, _: &CancelToken| Ok(2));
        let outcome = loop {
            if let Some(outcome) = task.drain(|()| {}) {
                break outcome;
            }
            thread::sleep(Duration::from_millis(1));
        };
        assert!(matches!(outcome, JobOutcome::Finished(2)));
        assert!(since.elapsed() < Duration::from_secs(5));
        drop(go_on);
    }
}
