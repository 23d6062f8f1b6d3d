//! Maps that come soon: a quick look, and the whole training that replaces it.

use std::collections::BTreeMap;

use super::{AppState, Command, NoticeKind, Until, train_on::Beginning};
use crate::{
    analysis::clusters,
    document::{Edit, RunId},
    error::UserMessage,
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
        let mut runs = self.document.runs.iter();
        runs.any(|run| self.replaces(run.id, quick))
    }

    /// Whether a run is complete, and the whole of which another one is a quick look.
    pub(super) fn replaces(&self, run: RunId, quick: RunId) -> bool {
        let (Some(whole), Some(look)) = (self.shelf.result(run), self.shelf.result(quick)) else {
            return false;
        };
        look.spec.is_quick_look()
            && self.shelf.data_id_of(run) == self.shelf.data_id_of(quick)
            && whole.is_complete()
            && !whole.spec.is_quick_look()
            && whole.spec.quick_look() == look.spec
    }

    /// Gives the clusters of a whole run the names that those of its quick look were given meanwhile, and says where it is `shown`
    /// instead.
    pub(super) fn take_over(&mut self, run: RunId, shown: bool) {
        let mut runs = self.document.runs.iter().map(|known| known.id);
        let Some(quick) = runs.find(|&quick| self.replaces(run, quick)) else {
            return;
        };
        let left = self.name_like(run, quick).join(", ");
        let left = match left.is_empty() {
            true => left,
            false => format!(
                "No cluster of the whole run has most of the samples of {left}: these names stay with the quick look."
            ),
        };
        let message = if shown {
            let text =
                "The whole run is now shown; the quick look stands beside it on the page Results.";
            UserMessage::new("Refined", text, left)
        } else if left.is_empty() {
            return;
        } else {
            UserMessage::new("Not all names go along", left, "")
        };
        self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
    }

    /// Names the clusters of `run` like those of another on the same samples, and gives the names that none gets.
    fn name_like(&mut self, run: RunId, other: RunId) -> Vec<String> {
        let names = self.document.cluster_names_of(other);
        let names = names.filter(|names| !names.is_empty()).cloned();
        let results = (self.shelf.result(run), self.shelf.result(other));
        let (Some(mut names), (Some(now), Some(before))) = (names, results) else {
            return Vec::new();
        };
        let [from, to] = [before, now].map(|result| result.last_stage().clusters.as_slice());
        let same = clusters::counterparts(from, to, before.clusters.max(now.clusters));
        let taken = (0..).zip(same);
        let taken = taken.filter_map(|(before, now)| Some((now?, names.remove(&before)?)));
        let taken: BTreeMap<u32, String> = taken.collect();
        if !taken.is_empty() {
            self.edit(Edit::NameClusters(run, taken));
        }
        names.into_values().collect()
    }
}
