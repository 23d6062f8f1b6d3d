//! Every worker of the window, in one place.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use super::{
    AppState, NoticeKind, Previewed,
    resuming::{Left, Trained},
    sessions::Written,
    state::Opened,
};
use crate::{
    document::autosave::Autosave,
    error::Error,
    job::{Cancelled, JobOutcome, Task},
    model::{
        device::{Adapter, DeviceError},
        remote::KnownServers,
    },
    pipeline::{
        CompareEvent, Comparison, Event, Intervals, NoiseInjection,
        suggest::{Candidate, SweepEvent},
    },
};

/// The kinds of work beside the window; one job of each at a time.
#[derive(Default)]
pub(super) struct Tasks {
    /// Looking for GPUs.
    pub devices: Task<(), Result<Vec<Adapter>, DeviceError>, Cancelled>,
    /// Looking for what windows that were killed have left.
    pub left: Task<(), Left, Error>,
    /// Deleting what is no longer to be kept.
    pub deleting: Task<(), (), Error>,
    /// Changing the list of servers.
    pub servers: Task<(), KnownServers, Error>,
    /// Asking one whether it answers.
    pub server: Task<(), Duration, Error>,
    pub load: Task<(), Opened, Error>,
    pub train: Task<Event, Trained, Error>,
    pub check: Task<Event, (NoiseInjection, Option<Intervals>), Error>,
    pub compare: Task<CompareEvent, Comparison, Error>,
    pub suggest: Task<SweepEvent, Vec<Candidate>, Error>,
    pub preview: Task<(), Previewed, Error>,
    /// Writing results.
    pub save: Task<(), PathBuf, Error>,
    /// Writing the session's file.
    pub session: Task<(), Written, Error>,
    /// Keeping what was not saved.
    pub keep: Task<(), io::Result<(Arc<Autosave>, Written)>, Cancelled>,
}

impl Tasks {
    /// Whether any is at work.
    pub fn are_busy(&self) -> bool {
        let Self {
            devices,
            left,
            deleting,
            servers,
            server,
            load,
            train,
            check,
            compare,
            suggest,
            preview,
            save,
            session,
            keep,
        } = self;
        [
            devices.is_busy(),
            left.is_busy(),
            deleting.is_busy(),
            servers.is_busy(),
            server.is_busy(),
            load.is_busy(),
            train.is_busy(),
            check.is_busy(),
            compare.is_busy(),
            suggest.is_busy(),
            preview.is_busy(),
            save.is_busy(),
            session.is_busy(),
            keep.is_busy(),
        ]
        .contains(&true)
    }
}

impl AppState {
    /// What a job found. Where it failed, that is told, with a hint of the caller's if there is one.
    pub(super) fn found<T>(&mut self, outcome: JobOutcome<T, Error>, hint: &str) -> Option<T> {
        match outcome {
            JobOutcome::Finished(found) => return Some(found),
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(error) => {
                let mut message = error.message();
                if !hint.is_empty() {
                    message.hint = hint.into();
                }
                self.notify(NoticeKind::Problem, message, None);
            }
            JobOutcome::Panicked(message) => self.problem(&Error::Panicked(message)),
        }
        None
    }
}
