//! Maps that come soon: a quick look, and the whole training that replaces it.

use std::collections::BTreeMap;

use super::{AppState, Command, NoticeKind, Until, train_on::Beginning};
use crate::{
    analysis::clusters,
    document::{Edit, RunId},
    error::UserMessage,
    pipeline::AnalysisResult,
};

impl AppState {
    /// Trains so that maps come soon, and on until they are those of the whole training.
    pub(super) fn maps_first(&mut self) {
        let whole = &self.document.spec;
        let quick = whole.quick_look();
        if !quick.is_quick_look() || quick == *whole {
            self.apply(Command::Train);
            return;
        }
        self.apply(Command::QuickLook);
        if let Some(run) = self.run.as_mut().filter(|run| run.is_active()) {
            run.to_be_refined = true;
        }
    }

    /// Runs the whole training that what is shown is a quick look of, while that can be looked at.
    pub(super) fn refine(&mut self) {
        let (whole, page) = (self.document.spec.refined(), self.page);
        self.edit(Edit::Settings(Box::new(whole.clone())));
        self.train(whole, Beginning::Anew, None);
        self.page = page;
    }

    /// Whether the whole training that a run is a quick look of stands beside it.
    pub(super) fn is_refined(&self, quick: RunId) -> bool {
        let done = |run: RunId| {
            let result = self.shelf.result(run);
            result.is_some_and(|result| result.is_complete())
        };
        let mut runs = self.document.runs.iter();
        runs.any(|run| self.quick_look_of(run.id) == Some(quick) && done(run.id))
    }

    /// The quick look that a whole run replaces.
    fn quick_look_of(&self, run: RunId) -> Option<RunId> {
        let (whole, data) = (self.shelf.result(run)?, self.shelf.data_id_of(run));
        if whole.spec.is_quick_look() {
            return None;
        }
        let spec = whole.spec.quick_look();
        let is_it = |run: &RunId| {
            let result = self.shelf.result(*run);
            let same = result.is_some_and(|quick| quick.spec == spec && spec.is_quick_look());
            same && self.shelf.data_id_of(*run) == data
        };
        let mut runs = self.document.runs.iter().map(|run| run.id);
        runs.find(is_it)
    }

    /// Gives the clusters of a whole run the names that those of its quick look were given meanwhile, and says where it is shown
    /// instead.
    pub(super) fn take_over(&mut self, run: RunId, shown: bool) {
        let Some(quick) = self.quick_look_of(run) else {
            return;
        };
        let left = self.name_like(run, quick);
        if !shown && left.is_empty() {
            return;
        }
        let mut text =
            "The whole run is now shown; the quick look stands beside it on the page Results."
                .to_owned();
        if !left.is_empty() {
            let names = left.join(", ");
            text += &format!(
                " Some names stay with the quick look, as no cluster of the whole run has most of their samples: {names}."
            );
        }
        let message = UserMessage::new("Refined", text, "");
        self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
    }

    /// Names the clusters of `run` like those of another on the same samples, and gives the names that none gets.
    fn name_like(&mut self, run: RunId, other: RunId) -> Vec<String> {
        let names = self.document.cluster_names_of(other).cloned();
        let results = (self.shelf.result(run), self.shelf.result(other));
        let (Some(mut names), (Some(now), Some(before))) = (names, results) else {
            return Vec::new();
        };
        let last = |result: &AnalysisResult| result.last_stage().clusters.clone();
        let same = clusters::counterparts(&last(before), &last(now));
        let taken: BTreeMap<u32, String> = same
            .iter()
            .filter_map(|(before, now)| Some((*now, names.remove(before)?)))
            .collect();
        if !taken.is_empty() {
            self.edit(Edit::NameClusters(run, taken));
        }
        names.into_values().collect()
    }
}
