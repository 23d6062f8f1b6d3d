//! Values that are made anew when what they depend on changes.

use std::sync::Arc;

use eframe::egui;

use crate::job::{self, Cancelled, EventSink, JobHandle, JobOutcome};

/// Samples whose colours and places are made while the window waits: a fraction of a millisecond.
pub(crate) const AT_ONCE: usize = 20_000;

/// Where it stands whether something is still being made.
fn expected() -> egui::Id {
    egui::Id::unique("later")
}

/// Forgets what was still being made: [`is_expected`] then tells of what is asked for from now on.
pub(crate) fn expect_nothing(ctx: &egui::Context) {
    ctx.data_mut(|data| data.insert_temp(expected(), false));
}

/// Whether something that was asked for is still being made.
pub(crate) fn is_expected(ctx: &egui::Context) -> bool {
    ctx.data(|data| data.get_temp(expected())).unwrap_or(false)
}

/// Where it stands why something could not be made.
fn failed() -> egui::Id {
    egui::Id::unique("later failed")
}

/// Why something could not be made, if that was not told yet.
pub(crate) fn failure(ctx: &egui::Context) -> Option<String> {
    ctx.data_mut(|data| data.remove_temp(failed()))
}

/// A shared value that is the same as another only where both are one. It is held, so that its place cannot become that of another.
pub(crate) struct Same<T>(pub Arc<T>);

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A value and the key it was made for. Where making it takes long, a worker does, and the old value is shown
/// meanwhile; keys that come and go in the meantime are passed over.
pub(crate) struct Later<K, T> {
    shown: Option<(K, Arc<T>)>,
    making: Option<(K, JobHandle<(), T, Cancelled>)>,
    /// What could not be made, and is not tried again.
    failed: Option<K>,
}

impl<K, T> Default for Later<K, T> {
    fn default() -> Self {
        Self {
            shown: None,
            making: None,
            failed: None,
        }
    }
}

impl<K: PartialEq + Clone, T: Send + Sync + 'static> Later<K, T> {
    /// The same with the last value, making nothing.
    pub fn twin(&self) -> Self {
        Self {
            shown: self.shown.clone(),
            making: None,
            failed: None,
        }
    }

    /// Whether the last value is that of a key.
    pub fn is_of(&self, key: &K) -> bool {
        self.shown.as_ref().is_some_and(|(shown, _)| shown == key)
    }

    /// The last value.
    pub fn last(&self) -> Option<Arc<T>> {
        self.shown.as_ref().map(|(_, value)| value.clone())
    }

    /// The value for `key` if it is there, else the last one. `make` gets the last one to keep what still holds.
    pub fn get(
        &mut self,
        ctx: &egui::Context,
        key: &K,
        at_once: bool,
        make: impl FnOnce(Option<Arc<T>>) -> T + Send + 'static,
    ) -> Option<Arc<T>> {
        if let Some((_, job)) = &self.making
            && let Some(outcome) = job.try_outcome()
            && let Some((key, _)) = self.making.take()
        {
            match outcome {
                JobOutcome::Finished(value) => self.shown = Some((key, Arc::new(value))),
                JobOutcome::Panicked(why) => {
                    ctx.data_mut(|data| data.insert_temp(failed(), why));
                    self.failed = Some(key);
                }
                JobOutcome::Cancelled | JobOutcome::Failed(_) => {}
            }
        }
        let last = self.last();
        if self.shown.as_ref().is_some_and(|(shown, _)| shown == key) {
            return last;
        }
        if at_once {
            let value = Arc::new(make(last));
            self.shown = Some((key.clone(), value.clone()));
            return Some(value);
        }
        if self.failed.as_ref() == Some(key) {
            return last;
        }
        ctx.data_mut(|data| data.insert_temp(expected(), true));
        if self.making.is_none() {
            let (repaint, before) = (ctx.clone(), last.clone());
            let wake = move || repaint.request_repaint();
            let job = job::spawn("picture", wake, move |_: &EventSink<()>, _| {
                Ok(make(before))
            });
            self.making = Some((key.clone(), job));
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_told_once_and_not_tried_again() {
        let ctx = egui::Context::default();
        let mut later = Later::<u32, u32>::default();
        let mut get = |key: u32| {
            let make = move |_| match key {
                1 => panic!("no picture of {key}"),
                _ => key,
            };
            later.get(&ctx, &key, false, make).map(|value| *value)
        };
        let told = loop {
            assert_eq!(get(1), None);
            if let Some(why) = failure(&ctx) {
                break why;
            }
        };
        assert_eq!(told, "no picture of 1");
        expect_nothing(&ctx);
        assert_eq!((get(1), is_expected(&ctx)), (None, false));
        // Something else is made as ever.
        while get(2) != Some(2) {}
        assert_eq!(failure(&ctx), None);
    }
}
