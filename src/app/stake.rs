//! What would be lost by going on.

use std::{path::Path, sync::Arc};

use super::AppState;
use crate::{document::RunId, error::UserMessage, pipeline::AnalysisResult};

impl AppState {
    /// Where the results shown are saved, if they are as they stand.
    pub fn saved(&self) -> Option<&Path> {
        self.result().and_then(|result| self.saved_of(result))
    }

    /// Where results are saved, if they are as they stand.
    fn saved_of(&self, result: &Arc<AnalysisResult>) -> Option<&Path> {
        let same = |saved: &&super::Saved| std::ptr::eq(saved.result.as_ptr(), Arc::as_ptr(result));
        let saved = self.saved.iter().rev().find(same);
        saved.map(|saved| saved.directory.as_path())
    }

    /// Whether the results of a run are in a folder or in the session's file, as they stand.
    pub fn is_saved(&self, run: RunId) -> bool {
        let result = self.result_of(run);
        result.is_none_or(|result| self.saved_of(result).is_some() || self.session.has(run, result))
    }

    /// What would be lost without the data and their runs: results that were not saved, but for quick looks that are refined, or a
    /// check at work. Nothing if the user has agreed.
    pub(super) fn at_stake(&self) -> Option<UserMessage> {
        if self.anyway {
            return None;
        }
        let mut runs = self.document.runs.iter();
        if runs.any(|run| !self.is_saved(run.id) && !self.is_refined(run.id)) {
            let lost = match self.at_work_beside() {
                Some("check") => "What you found would be lost, and the check at work would end.",
                Some(_) => "What you found would be lost, and the comparison at work would end.",
                None => "What you found would be lost.",
            };
            let hint = "Save the session (Ctrl+S) or the results first, or go on without them.";
            return Some(UserMessage::new("These results are not saved", lost, hint));
        }
        self.work_at_stake()
    }

    /// What would end with what is shown: a check or a comparison at work. Nothing if the user has agreed.
    pub(super) fn work_at_stake(&self) -> Option<UserMessage> {
        if self.anyway {
            return None;
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
