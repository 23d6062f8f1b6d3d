//! Why samples lie between clusters, as a table.

use std::path::Path;

use super::tables::Table;
use crate::{
    analysis::reasons::{Confusion, Evidence, Verdict},
    error::Error,
    job::CancelToken,
    pipeline::AnalysisResult,
    store::atomic,
};

/// Writes a row for every verdict: the reason, where reasons hold on these data, how likely each is, and what was seen.
///
/// # Errors
/// [`Error::Write`]; [`Error::Cancelled`].
pub fn write_reasons(
    result: &AnalysisResult,
    confusion: &Confusion,
    verdicts: &[Verdict],
    file: &Path,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let samples = result.dataset.samples.names();
    let reasons = confusion.reasons.iter().map(|reason| reason.name());
    let likely: Vec<String> = reasons.map(|name| format!("likely_{name}")).collect();
    let mut header = vec!["sample", "cluster", "second_cluster", "reason"];
    header.extend(likely.iter().map(String::as_str));
    header.extend(Evidence::NAMES);
    let holds = confusion.holds();
    let table = Table::new(&header, verdicts.len(), |row, line| {
        let verdict = &verdicts[row];
        line.text(&samples[verdict.sample as usize]);
        for cluster in verdict.between {
            line.text(&result.cluster_name(cluster));
        }
        line.text(match verdict.reason.filter(|_| holds) {
            Some(reason) => reason.name(),
            None if holds => "unclear",
            None => "",
        });
        let numbers = verdict.likely.iter().copied();
        let numbers = numbers.map(|x| holds.then_some(x));
        let seen = verdict.evidence.row().into_iter();
        for number in numbers.chain(seen.map(Some)) {
            let there = number.filter(|x| x.is_finite());
            line.number(there.as_ref());
        }
    });
    let mut text = Vec::new();
    let written = table.write(&mut text, cancel);
    written.map_err(|fault| fault.of(file))?;
    atomic::write(file, |out| out.write_all(&text)).map_err(|source| Error::Write {
        path: file.to_owned(),
        source,
    })
}
