//! What would be lost by starting anew.

use std::{path::Path, sync::Arc};

use super::{AppState, RunState};
use crate::error::UserMessage;

impl AppState {
    /// Where the results shown are saved, if they are as they stand.
    pub fn saved(&self) -> Option<&Path> {
        self.run.as_ref().and_then(|run| self.saved_of(run))
    }

    fn saved_of(&self, run: &RunState) -> Option<&Path> {
        let (saved, result) = (self.saved.as_ref()?, run.result.as_ref()?);
        let same = std::ptr::eq(saved.result.as_ptr(), Arc::as_ptr(result));
        same.then_some(saved.directory.as_path())
    }

    /// What starting anew would lose: results that were not saved, or a check at work. Nothing if the user has agreed.
    pub(super) fn at_stake(&self) -> Option<UserMessage> {
        if self.anyway {
            return None;
        }
        let runs = [self.run.as_ref(), self.before.as_ref()];
        let unsaved = |run: &RunState| run.result.is_some() && self.saved_of(run).is_none();
        if runs.into_iter().flatten().any(unsaved) {
            let lost = match self.at_work_beside() {
                Some("check") => "What you found would be lost, and the check at work would end.",
                Some(_) => "What you found would be lost, and the comparison at work would end.",
                None => "What you found would be lost.",
            };
            let hint = "Save it on the page Results first, or go on without it.";
            return Some(UserMessage::new("These results are not saved", lost, hint));
        }
        let hint = "Wait until it is done, or go on without it.";
        let work = |name| {
            let title = format!("A {name} is at work");
            UserMessage::new(title, "It would end without a result.", hint)
        };
        self.at_work_beside().map(work)
    }

    /// What is at work beside a finished training: a check or a comparison.
    pub(super) fn at_work_beside(&self) -> Option<&'static str> {
        match (&self.checking, &self.comparing) {
            (Some(_), _) => Some("check"),
            (None, Some(_)) => Some("comparison"),
            (None, None) => None,
        }
    }
}
