//! A worker that takes only the latest of what it is given, but for what must not be passed over.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

/// Gives values to a worker, which takes the latest when it is done with the one before. Dropped, it waits until the worker is done with
/// everything that was not passed over.
#[derive(Debug)]
pub struct Latest<T> {
    shared: Arc<Shared<T>>,
    worker: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct Waiting<T> {
    /// Values, and whether they may be passed over.
    values: VecDeque<(T, bool)>,
    ended: bool,
}

impl<T: Send + 'static> Latest<T> {
    /// Starts the worker.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn spawn(name: &str, mut work: impl FnMut(T) + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            waiting: Mutex::new(Waiting {
                values: VecDeque::new(),
                ended: false,
            }),
            changed: Condvar::new(),
        });
        let theirs = shared.clone();
        let run = move || {
            loop {
                let mut waiting = theirs
                    .waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                let value = loop {
                    match (waiting.values.pop_front(), waiting.ended) {
                        (Some((value, _)), _) => break value,
                        (None, true) => return,
                        (None, false) => {
                            let changed = theirs.changed.wait(waiting);
                            waiting = changed.unwrap_or_else(PoisonError::into_inner);
                        }
                    }
                };
                drop(waiting);
                work(value);
            }
        };
        let worker = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        Ok(Self {
            shared,
            worker: Some(worker),
        })
    }

    /// Gives a value in the place of one that still waits.
    pub fn put(&self, value: T) {
        self.add(value, true);
    }

    /// Gives a value that is not passed over.
    pub fn put_all(&self, value: T) {
        self.add(value, false);
    }

    fn add(&self, value: T, passed_over: bool) {
        let mut waiting = self
            .shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if passed_over && waiting.values.back().is_some_and(|(_, last)| *last) {
            waiting.values.pop_back();
        }
        waiting.values.push_back((value, passed_over));
        self.shared.changed.notify_one();
    }
}

impl<T> Drop for Latest<T> {
    fn drop(&mut self) {
        let mut waiting = self
            .shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.ended = true;
        drop(waiting);
        self.shared.changed.notify_one();
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has nothing more to do.
            _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Duration};

    #[test]
    fn the_latest_is_taken_and_the_last_is_never_lost() {
        let (taken, seen) = mpsc::channel();
        let latest = Latest::spawn("test", move |value: u32| {
            thread::sleep(Duration::from_millis(20));
            taken.send(value).unwrap();
        });
        let latest = latest.unwrap();
        (0..100).for_each(|value| latest.put(value));
        drop(latest);
        let seen: Vec<u32> = seen.iter().collect();
        assert_eq!(seen.last(), Some(&99));
        assert!(seen.len() < 100, "{seen:?}");
    }

    #[test]
    fn what_must_not_be_passed_over_is_not() {
        let (taken, seen) = mpsc::channel();
        let latest = Latest::spawn("test", move |value: u32| {
            thread::sleep(Duration::from_millis(10));
            taken.send(value).unwrap();
        });
        let latest = latest.unwrap();
        for value in 0..30 {
            match value % 10 {
                0 => latest.put_all(value),
                _ => latest.put(value),
            }
        }
        drop(latest);
        let seen: Vec<u32> = seen.iter().collect();
        assert!([0, 10, 20, 29].iter().all(|value| seen.contains(value)));
        assert!(seen.len() < 10 && seen.is_sorted(), "{seen:?}");
    }
}
