//! The one way work is paused or told to stop.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The work was cancelled by the user. Never shown as an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// How often a wait for somebody else looks whether it is still wanted.
pub(super) const LOOK: Duration = Duration::from_millis(50);

const RUNNING: u8 = 0;
const PAUSED: u8 = 1;
const CANCELLED: u8 = 2;

/// A shared switch: running, paused or cancelled. Clones share the state.
///
/// Long work calls [`CancelToken::check`] at every batch, every chunk of rows and every iteration.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<Inner>, Option<Box<CancelToken>>);

#[derive(Debug, Default)]
struct Inner {
    state: AtomicU8,
    held: Mutex<Held>,
    changed: Condvar,
}

/// How long work has been held.
#[derive(Debug, Default)]
struct Held {
    /// In pauses that are over.
    total: Duration,
    /// Since when it is held, and how many threads are: they wait at the same time.
    now: Option<(Instant, usize)>,
}

impl CancelToken {
    /// A token in the running state.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that is paused and cancelled with this, or with another one.
    pub fn and(&self, other: &Self) -> Self {
        Self(self.0.clone(), Some(Box::new(other.clone())))
    }

    /// Asks the work to stop; there is no way back.
    pub fn cancel(&self) {
        self.set(CANCELLED);
    }

    /// Holds the work at its next check.
    pub fn pause(&self) {
        self.set(PAUSED);
    }

    /// Lets paused work go on.
    pub fn resume(&self) {
        self.set(RUNNING);
    }

    /// Whether [`CancelToken::cancel`] has been called.
    pub fn is_cancelled(&self) -> bool {
        let other = self.1.as_ref();
        self.0.state.load(Ordering::Acquire) == CANCELLED
            || other.is_some_and(|other| other.is_cancelled())
    }

    /// Whether the work is held.
    pub fn is_paused(&self) -> bool {
        self.0.state.load(Ordering::Acquire) == PAUSED
    }

    /// Time for which [`CancelToken::check`] has held the work, pauses that are over.
    pub fn paused_for(&self) -> Duration {
        self.held().total
    }

    /// Returns at once while running, waits while paused, and fails once cancelled.
    pub fn check(&self) -> Result<(), Cancelled> {
        if let Some(other) = &self.1 {
            other.check()?;
        }
        match self.0.state.load(Ordering::Acquire) {
            RUNNING => return Ok(()),
            CANCELLED => return Err(Cancelled),
            _ => {}
        }
        if rayon::current_thread_index().is_some() {
            // A thread of the pool that waits would starve everyone else on it; the worker itself
            // waits at its next check.
            return Ok(());
        }
        let mut guard = self.held();
        let (since, threads) = guard.now.unwrap_or_else(|| (Instant::now(), 0));
        guard.now = Some((since, threads + 1));
        while self.is_paused() {
            guard = self
                .0
                .changed
                .wait(guard)
                .unwrap_or_else(PoisonError::into_inner);
        }
        guard.now = guard.now.and_then(|(since, threads)| match threads {
            0 | 1 => None,
            more => Some((since, more - 1)),
        });
        if guard.now.is_none() {
            guard.total += since.elapsed();
        }
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }

    /// Waits for a lock that others may hold for long, and gives up once cancelled.
    pub fn lock<'a, T>(&self, mutex: &'a Mutex<T>) -> Result<MutexGuard<'a, T>, Cancelled> {
        loop {
            match mutex.try_lock() {
                Ok(guard) => return Ok(guard),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => self.check()?,
            }
            thread::sleep(LOOK);
        }
    }

    fn set(&self, to: u8) {
        let _guard = self.held();
        if !self.is_cancelled() {
            self.0.state.store(to, Ordering::Release);
        }
        self.0.changed.notify_all();
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pause_holds_and_cancel_releases() {
        let token = CancelToken::new();
        token.pause();
        let seen = token.clone();
        let worker = thread::spawn(move || seen.check());
        thread::sleep(Duration::from_millis(20));
        assert!(!worker.is_finished());
        token.cancel();
        assert_eq!(worker.join().unwrap(), Err(Cancelled));
        token.resume();
        assert!(token.is_cancelled(), "a cancel cannot be taken back");
    }

    #[test]
    fn a_token_listens_to_two_switches() {
        let [one, other] = [CancelToken::new(), CancelToken::new()];
        let both = one.and(&other);
        assert_eq!(both.check(), Ok(()));
        other.pause();
        let seen = both.clone();
        let worker = thread::spawn(move || seen.check());
        thread::sleep(Duration::from_millis(20));
        assert!(!worker.is_finished());
        other.resume();
        assert_eq!(worker.join().unwrap(), Ok(()));
        one.cancel();
        assert_eq!(both.check(), Err(Cancelled));
        assert!(both.is_cancelled() && !other.is_cancelled());
    }

    #[test]
    fn who_waits_for_a_lock_can_cancel() {
        let (mutex, token) = (Mutex::new(3), CancelToken::new());
        assert_eq!(token.lock(&mutex).map(|value| *value), Ok(3));
        let held = mutex.lock().unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| token.lock(&mutex).map(|value| *value));
            thread::sleep(Duration::from_millis(20));
            assert!(!waiting.is_finished());
            token.cancel();
            assert_eq!(waiting.join().unwrap(), Err(Cancelled));
        });
        drop(held);
    }

    #[test]
    fn pauses_add_up() {
        let token = CancelToken::new();
        assert_eq!(token.paused_for(), Duration::ZERO);
        let pause = Duration::from_millis(30);
        for _ in 0..2 {
            token.pause();
            // That several threads are held takes no longer.
            let workers = [(); 5].map(|()| {
                let held = token.clone();
                thread::spawn(move || held.check())
            });
            thread::sleep(pause);
            token.resume();
            for worker in workers {
                assert_eq!(worker.join().unwrap(), Ok(()));
            }
        }
        let total = token.paused_for();
        assert!(total > pause && total < 4 * pause, "{total:?}");
        // Nobody was held.
        token.pause();
        thread::sleep(pause);
        token.resume();
        assert_eq!(token.check(), Ok(()));
        assert_eq!(token.paused_for(), total);
    }
}
