//! The same values described otherwise: by labels that come later, say.

use std::{collections::BTreeMap, sync::Arc};

use super::{AppState, LoadedData, NoticeKind, Until, opening::Wanted};
use crate::{
    data::Column,
    document::{DataId, Described, RunId},
    error::{Error, UserMessage},
    job::CancelToken,
    pipeline::AnalysisResult,
};

/// Runs, with what they found, described otherwise.
pub(super) type DescribedRuns = Vec<(RunId, Arc<AnalysisResult>)>;

/// What was found in the same values before, by the labels and columns that they have now: the very same results where these are as
/// they were.
pub(super) fn described(
    data: &LoadedData,
    wanted: &Wanted,
    cancel: &CancelToken,
) -> Result<DescribedRuns, Error> {
    let mut runs = Vec::new();
    let same_files = |of: &LoadedData| of.has_files_of(&data.source);
    for (id, of, result) in wanted.runs.iter().filter(|(_, of, _)| same_files(of)) {
        cancel.check()?;
        let other = !Arc::ptr_eq(&of.dataset, &data.dataset);
        if other && of.fingerprint()? == data.fingerprint()? {
            let (then, now) = (&of.dataset, &data.dataset);
            // Read in another way they are others, whatever came of it: what was chosen on the page stays chosen.
            let same = of.source == data.source && then.labels == now.labels && then.obs == now.obs;
            runs.push(match same {
                true => (*id, result.clone()),
                false => (*id, Arc::new(result.described_by(now.clone()))),
            });
        }
    }
    Ok(runs)
}

/// Whether a number of a group means the same in both.
fn has_same_groups(one: &Column, other: &Column) -> bool {
    match (one, other) {
        (Column::Category(one), Column::Category(other)) => one.names == other.names,
        (Column::Integer(one), Column::Integer(other)) => one == other,
        _ => true,
    }
}

impl AppState {
    /// Puts what was found in the same values on the shelf, by their new description.
    pub(super) fn describe(&mut self, id: DataId, runs: DescribedRuns) -> Option<Box<Described>> {
        let before = &self.data.as_ref()?.dataset;
        let now = &self.shelf.data(id)?.dataset;
        if runs.is_empty() {
            return None;
        }
        let place = |(name, column): (&str, &Column)| {
            let same = |(other, now): (&str, &Column)| {
                other == name && now.kind() == column.kind() && has_same_groups(now, column)
            };
            now.obs.columns().position(same).map(|at| at as u32)
        };
        let mut described = Described {
            runs: BTreeMap::new(),
            columns: before.obs.columns().map(place).collect(),
            other_labels: before.labels != now.labels,
        };
        for (old, result) in runs {
            if self.shelf.data_id_of(old) == Some(id) {
                described.runs.insert(old, old);
                continue;
            }
            let new = self.shelf.next_run();
            self.shelf.put_result(new, id, result);
            described.runs.insert(old, new);
        }
        Some(Box::new(described))
    }

    /// Says what goes on where the same values are described otherwise. Call it after the edit, which shows the run of now.
    pub(super) fn goes_on(&mut self, described: &Described) {
        let text = match described.other_labels {
            true => {
                "The values are the same: runs, names and selections go on, and scores use the present labels."
            }
            false => "The values are the same: runs, names and selections go on.",
        };
        if described.runs.iter().any(|(old, new)| old != new) {
            let message = UserMessage::new("What was found stays", text, "");
            self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
        }
    }
}
