//! Why samples lie between clusters, as a table.

use super::{Cell, Sheet};
use crate::{
    analysis::reasons::{Confusion, Evidence, Verdict},
    pipeline::{AnalysisResult, Given},
};

/// A row for every verdict: the reason, where reasons hold on these data, how likely each is, and what was seen.
pub fn reasons_sheet(
    result: &AnalysisResult,
    given: &Given,
    confusion: &Confusion,
    verdicts: &[Verdict],
) -> Sheet {
    let names = ["sample", "cluster", "second_cluster", "reason"].map(String::from);
    let reasons = confusion.reasons.iter();
    let likely = reasons.map(|reason| format!("likely_{}", reason.name()));
    let seen = Evidence::NAMES.map(String::from);
    let holds = confusion.holds();
    let row = |verdict: &Verdict| {
        let cluster = |cluster: u32| match given.cluster_names.get(&cluster) {
            Some(name) => Cell::from(name.as_str()),
            None => Cell::Text((cluster + 1).to_string()),
        };
        let reason = match verdict.reason.filter(|_| holds) {
            Some(reason) => reason.name(),
            None if holds => "unclear",
            None => "",
        };
        let likely = verdict.likely.iter();
        let likely = likely.map(|&x| Cell::from(if holds { x } else { f32::NAN }));
        let mut cells = vec![Cell::from(
            result.dataset.samples[verdict.sample as usize].as_str(),
        )];
        cells.extend(verdict.between.map(cluster));
        cells.push(reason.into());
        cells.extend(likely);
        cells.extend(verdict.evidence.row().into_iter().map(Cell::from));
        cells
    };
    Sheet {
        header: names.into_iter().chain(likely).chain(seen).collect(),
        rows: verdicts.iter().map(row).collect(),
    }
}
