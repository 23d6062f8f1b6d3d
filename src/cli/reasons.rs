//! `hdumec reasons`: why samples of saved results lie between two clusters.

use std::fmt::Write as _;

use super::{
    args::ReasonsArguments,
    run::cancel_on_interrupt,
    saved::{may_write, open},
    terminal::{line, print},
};
use crate::{
    analysis::{
        markers::settling::Settling,
        reasons::{Confusion, LEAST_F1, ReasonsError, Verdict},
    },
    error::Error,
    export,
    pipeline::{
        AnalysisResult, between_clusters, judge_of, measurements, most_ambiguous, most_frequent,
        settling,
    },
    words::thousands,
};

/// Runs the command.
pub fn reasons(arguments: &ReasonsArguments) -> Result<(), Error> {
    may_write(arguments.out.as_ref(), arguments.force)?;
    let cancel = cancel_on_interrupt();
    let result = open(&arguments.results, &arguments.paths, &cancel)?;
    let stage = result.last_stage();
    let asked = match arguments.between.as_slice() {
        [a, b] => {
            let pair = [cluster(&result, a)?, cluster(&result, b)?];
            let all = between_clusters(stage, 0..result.dataset.samples.len());
            let same = |[a, b]: [u32; 2]| [a, b] == pair || [b, a] == pair;
            all.into_iter()
                .filter(|(_, between)| same(*between))
                .collect()
        }
        _ => between_clusters(stage, most_ambiguous(stage)),
    };
    let judge = judge_of(&result, stage, &cancel).map_err(as_error)?;
    let confusion = judge.confusion();
    print(&checked(confusion));
    let measured = measurements(&result.dataset)?;
    let verdicts = judge.judge(&measured, &asked, &cancel).map_err(as_error)?;
    print(&counts(&verdicts, confusion));
    if let Some((pair, _)) = most_frequent(&verdicts).filter(|_| !arguments.between.is_empty()) {
        let chosen = settling(&result, stage, pair, &cancel).map_err(as_error)?;
        print(&settled(&result, pair, &chosen));
    }
    if let Some(file) = &arguments.out {
        let sheet = export::reasons_sheet(&result, &result.given(), confusion, &verdicts);
        sheet.write(file, &cancel)?;
        print(&format!(
            "Wrote {} rows to {}\n",
            thousands(verdicts.len() as u64),
            file.display()
        ));
    }
    Ok(())
}

fn as_error(error: ReasonsError) -> Error {
    match error {
        ReasonsError::Cancelled(cancelled) => cancelled.into(),
        ReasonsError::Disk(error) => error.into(),
        ReasonsError::TooFew | ReasonsError::Columns(_) => Error::Usage(error.to_string()),
    }
}

/// A cluster by its name, or its number from 1.
fn cluster(result: &AnalysisResult, typed: &str) -> Result<u32, Error> {
    let all = 0..result.clusters as u32;
    let mut known = all.filter(|&cluster| result.cluster_name(cluster) == typed);
    let number = typed.parse().ok().filter(|n| *n <= result.clusters as u32);
    let number = number.and_then(|n: u32| n.checked_sub(1));
    known.next().or(number).ok_or_else(|| {
        Error::Usage(format!(
            "there is no cluster '{typed}': they are 1 to {}",
            result.clusters
        ))
    })
}

/// How often the judge was right.
fn checked(confusion: &Confusion) -> String {
    let mut text =
        "Samples made for a known reason (rows), and the reason they were given (columns):\n"
            .to_owned();
    _ = write!(text, "{:>16}", "");
    for reason in &confusion.reasons {
        _ = write!(text, "{:>14}", reason.name());
    }
    text.push_str("      F1\n");
    for (at, (reason, row)) in confusion.reasons.iter().zip(&confusion.counts).enumerate() {
        _ = write!(text, "{:>16}", reason.name());
        row.iter().for_each(|count| _ = write!(text, "{count:>14}"));
        _ = writeln!(text, "{:>8.2}", confusion.f1(at));
    }
    _ = writeln!(text, "Mean F1 {:.2}", confusion.macro_f1());
    text
}

/// What would settle it.
fn settled(result: &AnalysisResult, [a, b]: [u32; 2], chosen: &[Settling]) -> String {
    let [a, b] = [a, b].map(|cluster| line(&result.cluster_name(cluster)));
    let mut text = format!(
        "What tells cluster {a} from {b}, the most telling first (bits beyond those before; samples right by all so far):\n"
    );
    for of in chosen {
        let modality = &result.dataset.modalities[of.candidate.modality as usize];
        let feature = &modality.measured.features[of.candidate.feature as usize];
        _ = writeln!(
            text,
            "{:>8.2}{:>6.0} %  {} ({})",
            of.more,
            100.0 * of.right,
            line(feature),
            line(&modality.name)
        );
    }
    text
}

/// How many samples have each reason.
fn counts(verdicts: &[Verdict], confusion: &Confusion) -> String {
    if !confusion.holds() {
        return format!(
            "No reasons are given: on these data they would be wrong too often (mean F1 below {LEAST_F1}).\n"
        );
    }
    let all = verdicts.len();
    let mut text = format!(
        "Of {} samples between two clusters:\n",
        thousands(all as u64)
    );
    let mut told = 0;
    for &reason in &confusion.reasons {
        let count = verdicts.iter().filter(|v| v.reason == Some(reason)).count();
        told += count;
        let name = line(reason.name());
        _ = writeln!(text, "{count:>8}  {name:14}{}", reason.meaning());
    }
    _ = writeln!(
        text,
        "{:>8}  {:14}No reason is likely enough.",
        all - told,
        "unclear"
    );
    text
}
