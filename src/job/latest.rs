//! A worker that takes only the latest of what it is given.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

/// Gives values to a worker, which takes the latest when it is done with the one before. Dropped, it waits until the worker is done with
/// what it was given last.
#[derive(Debug)]
pub struct Latest<T> {
    shared: Arc<Shared<T>>,
    worker: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared<T> {
    waiting: Mutex<(Option<T>, bool)>,
    changed: Condvar,
}

impl<T: Send + 'static> Latest<T> {
    /// Starts the worker.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn spawn(name: &str, mut work: impl FnMut(T) + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            waiting: Mutex::new((None, false)),
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
                    match (waiting.0.take(), waiting.1) {
                        (Some(value), _) => break value,
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
        let mut waiting = self
            .shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        waiting.0 = Some(value);
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
        waiting.1 = true;
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
}
