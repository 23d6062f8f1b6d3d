//! A worker thread with a bounded channel back to whoever started it.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError},
    thread,
    time::{Duration, Instant},
};

use super::{CancelToken, Cancelled, cancel::LOOK};

/// Messages that may wait in the channel before a worker has to wait itself.
const CHANNEL: usize = 256;

/// How a job ended.
#[derive(Debug)]
pub enum JobOutcome<T, E> {
    /// With its result.
    Finished(T),
    /// Because the user asked; never shown as an error.
    Cancelled,
    /// With an error of its own.
    Failed(E),
    /// With a panic, caught at the job's edge, or before it began, as no thread could be started; holds what was said.
    Panicked(String),
}

/// The worker's end of the channel.
#[derive(Clone, Debug)]
pub struct EventSink<Ev> {
    sender: SyncSender<Ev>,
    cancel: CancelToken,
}

impl<Ev> EventSink<Ev> {
    /// Delivers an event, waiting for room; gives up silently once the job is cancelled or
    /// nobody listens any more.
    pub fn send(&self, event: Ev) {
        let mut event = event;
        loop {
            match self.sender.try_send(event) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => return,
                Err(TrySendError::Full(back)) if !self.cancel.is_cancelled() => event = back,
                Err(TrySendError::Full(_)) => return,
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Delivers an event if there is room; pictures that come too fast are dropped.
    pub fn offer(&self, event: Ev) {
        let _ = self.sender.try_send(event);
    }
}

/// A running job. Dropping it tells the work to stop and lets blocked senders go; it does not wait, as a window drops
/// jobs while it paints, and a disk or a driver may hold one up for ever.
#[derive(Debug)]
pub struct JobHandle<Ev, T, E> {
    events: Receiver<Ev>,
    outcome: Receiver<JobOutcome<T, E>>,
    cancel: CancelToken,
}

impl<Ev, T, E> JobHandle<Ev, T, E> {
    /// The next event, if one waits.
    pub fn try_event(&self) -> Option<Ev> {
        self.events.try_recv().ok()
    }

    /// The next event, waiting up to `time` for it.
    pub fn wait_event(&self, time: Duration) -> Option<Ev> {
        match self.events.recv_timeout(time) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                // The worker is past its last event: do not spin until its outcome arrives.
                thread::sleep(time.min(Duration::from_millis(5)));
                None
            }
        }
    }

    /// The outcome, once the job has ended; `Some` only once. Drain the events first.
    pub fn try_outcome(&self) -> Option<JobOutcome<T, E>> {
        self.outcome.try_recv().ok()
    }

    /// The switch that pauses or cancels the work.
    pub fn cancel_token(&self) -> &CancelToken {
        &self.cancel
    }
}

impl<Ev, T, E> Drop for JobHandle<Ev, T, E> {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Errors that may stand for a cancel.
pub trait MaybeCancelled {
    /// Whether this is the user's cancel and no failure.
    fn is_cancelled(&self) -> bool;
}

impl MaybeCancelled for Cancelled {
    fn is_cancelled(&self) -> bool {
        true
    }
}

/// Starts `work` on a thread of its own. `wake` is called at its end, so that a window that
/// sleeps knows to look. Where no thread can be started, that is how the job ends.
pub fn spawn<Ev, T, E>(
    name: &str,
    wake: impl Fn() + Send + 'static,
    work: impl FnOnce(&EventSink<Ev>, &CancelToken) -> Result<T, E> + Send + 'static,
) -> JobHandle<Ev, T, E>
where
    Ev: Send + 'static,
    T: Send + 'static,
    E: MaybeCancelled + Send + 'static,
{
    spawn_by(thread::Builder::new().name(name.into()), wake, work)
}

fn spawn_by<Ev, T, E>(
    builder: thread::Builder,
    wake: impl Fn() + Send + 'static,
    work: impl FnOnce(&EventSink<Ev>, &CancelToken) -> Result<T, E> + Send + 'static,
) -> JobHandle<Ev, T, E>
where
    Ev: Send + 'static,
    T: Send + 'static,
    E: MaybeCancelled + Send + 'static,
{
    let (sender, events) = mpsc::sync_channel(CHANNEL);
    let (done, outcome): (Sender<JobOutcome<T, E>>, _) = mpsc::channel();
    let cancel = CancelToken::new();
    let (token, never_began) = (cancel.clone(), done.clone());
    let started = builder.spawn(move || {
        let sink = EventSink {
            sender,
            cancel: token.clone(),
        };
        let result = panic::catch_unwind(AssertUnwindSafe(|| work(&sink, &token)));
        let outcome = match result {
            Ok(Ok(value)) => JobOutcome::Finished(value),
            Ok(Err(error)) if error.is_cancelled() => JobOutcome::Cancelled,
            Ok(Err(error)) => JobOutcome::Failed(error),
            Err(panic) => JobOutcome::Panicked(panic_message(panic.as_ref())),
        };
        let _ = done.send(outcome);
        wake();
    });
    if let Err(error) = started {
        let why = format!("no thread could be started: {error}");
        // Not everybody listens.
        tracing::error!("{why}");
        let _ = never_began.send(JobOutcome::Panicked(why));
    }
    JobHandle {
        events,
        outcome,
        cancel,
    }
}

/// Why there is no answer from [`with_timeout`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// It takes too long.
    TooSlow,
    /// The user does not want it any more.
    Cancelled,
    /// It panicked, or no thread could be started.
    Failed,
}

/// Runs `work` on a thread of its own and waits up to `time` for it, or until `cancel`. Work that
/// takes longer is left behind: a driver that hangs cannot be stopped.
pub fn with_timeout<T: Send + 'static>(
    name: &str,
    time: Duration,
    cancel: &CancelToken,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    let (sender, receiver) = mpsc::channel();
    thread::Builder::new()
        .name(name.to_string())
        .spawn(move || {
            let _ = sender.send(work());
        })
        .map_err(|_| NoAnswer::Failed)?;
    let start = Instant::now();
    while start.elapsed() < time {
        match receiver.recv_timeout(LOOK.min(time)) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Disconnected) => return Err(NoAnswer::Failed),
            Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => {
                return Err(NoAnswer::Cancelled);
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    Err(NoAnswer::TooSlow)
}

/// What a panic said.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| text.to_string())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "an unknown fault".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until_outcome<T, E>(job: &JobHandle<u32, T, E>) -> JobOutcome<T, E> {
        let start = Instant::now();
        loop {
            while job.try_event().is_some() {}
            if let Some(outcome) = job.try_outcome() {
                return outcome;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "the job hangs");
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_job_without_a_thread_ends_with_the_reason() {
        let builder = thread::Builder::new().stack_size(usize::MAX / 4);
        let work = |_: &EventSink<u32>, _: &CancelToken| Ok::<(), Cancelled>(());
        let job = spawn_by(builder, || {}, work);
        let outcome = until_outcome(&job);
        let JobOutcome::Panicked(why) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(why.starts_with("no thread could be started: "), "{why}");
    }

    #[test]
    fn a_panic_stays_inside_the_job() {
        let job = spawn(
            "panics",
            || {},
            |_: &EventSink<u32>, _| {
                if true {
                    panic!("on purpose");
                }
                Ok::<(), Cancelled>(())
            },
        );
        let JobOutcome::Panicked(message) = until_outcome(&job) else {
            panic!("expected a panic");
        };
        assert_eq!(message, "on purpose");
    }

    #[test]
    fn dropping_a_job_with_a_full_channel_returns() {
        let job = spawn(
            "floods",
            || {},
            |sink: &EventSink<u32>, cancel| {
                loop {
                    sink.send(1);
                    cancel.check()?;
                }
                #[allow(unreachable_code)]
                Ok::<(), Cancelled>(())
            },
        );
        thread::sleep(Duration::from_millis(50));
        let start = Instant::now();
        drop(job);
        assert!(start.elapsed() < Duration::from_millis(500));
    }

    #[test]
    fn dropping_a_job_that_is_stuck_does_not_wait() {
        let (release, stuck) = mpsc::channel::<()>();
        let job = spawn(
            "stuck",
            || {},
            move |_: &EventSink<u32>, cancel| {
                // A disk that does not answer.
                let _ = stuck.recv();
                Ok::<_, Cancelled>(cancel.is_cancelled())
            },
        );
        let cancel = job.cancel_token().clone();
        let start = Instant::now();
        drop(job);
        assert!(start.elapsed() < Duration::from_millis(500));
        assert!(cancel.is_cancelled(), "it was told to stop");
        drop(release);
    }

    #[test]
    fn a_cancel_is_no_failure() {
        let job = spawn(
            "cancels",
            || {},
            |_: &EventSink<u32>, cancel| {
                loop {
                    cancel.check()?;
                    thread::sleep(Duration::from_millis(1));
                }
                #[allow(unreachable_code)]
                Ok::<(), Cancelled>(())
            },
        );
        job.cancel_token().cancel();
        assert!(matches!(until_outcome(&job), JobOutcome::Cancelled));
    }

    #[test]
    fn slow_work_is_left_behind() {
        let cancel = CancelToken::new();
        let long = Duration::from_secs(5);
        let slow = || thread::sleep(Duration::from_millis(500));
        let given_up = with_timeout("slow", Duration::from_millis(20), &cancel, slow);
        assert_eq!(given_up, Err(NoAnswer::TooSlow));
        assert_eq!(with_timeout("quick", long, &cancel, || 3), Ok(3));
        let crash = with_timeout("crash", long, &cancel, || {
            if true {
                panic!("on purpose");
            }
        });
        assert_eq!(crash, Err(NoAnswer::Failed));
        cancel.cancel();
        let start = Instant::now();
        assert_eq!(
            with_timeout("unwanted", long, &cancel, slow),
            Err(NoAnswer::Cancelled)
        );
        assert!(start.elapsed() < Duration::from_millis(400));
    }
}
