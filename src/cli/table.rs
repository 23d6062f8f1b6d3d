//! Tables for the terminal.

use std::{fmt::Write as _, io};

use super::terminal::line;
use crate::{
    data::Dataset,
    io::LoadReport,
    pipeline::{AnalysisResult, LEVEL, check::Check},
    words::thousands,
};

/// What was loaded, and what loading had to say.
///
/// # Errors
/// If values on disk cannot be read.
pub fn loaded(dataset: &Dataset, report: &LoadReport) -> io::Result<String> {
    let mut text = String::new();
    let samples = thousands(dataset.samples.len() as u64);
    let _ = writeln!(text, "{}: {samples} samples", line(&dataset.name));
    let width = dataset
        .modalities
        .iter()
        .map(|m| line(&m.name).chars().count())
        .max()
        .unwrap_or(0);
    for m in &dataset.modalities {
        let (low, high) = m.range()?;
        let _ = writeln!(
            text,
            "  {:width$}  {:>6} features, values {low:.4} to {high:.4}",
            line(&m.name),
            thousands(m.features.len() as u64),
        );
    }
    match &dataset.labels {
        None => text.push_str("  no labels\n"),
        Some(labels) => {
            let _ = writeln!(text, "  {} classes", labels.classes.len());
            for (name, count) in labels.classes.iter().zip(labels.counts()) {
                let _ = writeln!(text, "    {:>9}  {}", thousands(count as u64), line(name));
            }
        }
    }
    text.push_str(&notes(report));
    Ok(text)
}

/// What loading had to say, each with the flag that decides it otherwise.
pub fn notes(report: &LoadReport) -> String {
    let mut text = String::new();
    for notice in &report.notices {
        let _ = write!(text, "  note: {}", line(&notice.to_string()));
        let answers = report.answers(notice);
        let flags: Vec<String> = answers.iter().map(|answer| answer.choice.flag()).collect();
        let _ = match flags.is_empty() {
            true => writeln!(text),
            false => writeln!(text, " Otherwise: {}.", line(&flags.join(" or "))),
        };
    }
    text
}

/// The scores after both stages.
pub fn scores(result: &AnalysisResult) -> String {
    let mut text = format!(
        "{:8} {:>7} {:>7} {:>7} {:>7} {:>9}\n",
        "", "ACC", "NMI", "ASW", "ARI", "clusters"
    );
    let stages = [
        ("stage 1", Some(&result.stage1)),
        ("stage 2", result.stage2.as_ref()),
    ];
    for (name, stage) in stages {
        let Some(stage) = stage else { continue };
        let s = &stage.scores;
        let cell = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.4}"));
        let _ = writeln!(
            text,
            "{name:8} {:>7} {:>7} {:>7} {:>7} {:>9}",
            cell(s.acc),
            cell(s.nmi),
            cell(s.asw),
            cell(s.ari),
            s.clusters
        );
        if let Some(error) = s.asw_error {
            let _ = writeln!(
                text,
                "{:25}ASW is an estimate, \u{b1} {error:.4} (95 %)",
                ""
            );
        }
    }
    if let Some(about) = result.about_labels() {
        let _ = writeln!(text, "{about}");
    }
    if let Some(consensus) = &result.consensus
        && let (Some(agreement), Some(verdict)) = (consensus.agreement, consensus.verdict())
    {
        let _ = writeln!(
            text,
            "Agreement of the {}: {agreement:.4}, {verdict} (1 is full, 0 is chance).",
            consensus.judges()
        );
        if let Some(kinds) = consensus.kinds_in_words() {
            let _ = writeln!(text, "{kinds}");
        }
        if let Some(halves) = consensus.halves_in_words() {
            let _ = writeln!(text, "{halves}");
        }
    }
    if let Some(stop) = result.stage2.as_ref().and_then(|s| s.stop) {
        let _ = writeln!(text, "Stage 2: {stop}.");
    }
    for warning in result.warnings() {
        let _ = writeln!(text, "Warning: {warning}");
    }
    text
}

/// What the uncertainty is worth.
pub fn check(result: &AnalysisResult, check: &Check) -> String {
    let cell = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.3}"));
    let mut text = String::new();
    if check.labelled > 0 {
        let _ = writeln!(
            text,
            "\n{} of {} labelled samples are in a cluster of another class\n{:14} {:>12} {:>12}",
            thousands(check.wrong as u64),
            thousands(check.labelled as u64),
            "",
            "finds errors",
            "errors left",
        );
        for lens in &check.lenses {
            let area = lens.curve.as_ref().map(|curve| curve.area);
            let _ = writeln!(
                text,
                "{:14} {:>12} {:>12}",
                lens.lens.to_string(),
                cell(lens.errors),
                cell(area)
            );
        }
    }
    let injected = result
        .injection
        .as_ref()
        .map(|i| ("injected noise", &i.check));
    let truth = check
        .truth
        .as_ref()
        .map(|truth| ("noise of the demo", truth));
    for (title, noise) in injected.into_iter().chain(truth) {
        let (ranked, found) = ("rank correlation", "noisy found");
        let _ = writeln!(text, "\n{title:24} {ranked:>16} {found:>12}");
        let names = result.dataset.modalities.iter().map(|m| m.name.as_str());
        let features = names.zip(&noise.features);
        let features = features.map(|(name, pairs)| (format!("  features of {name}"), pairs));
        let samples = ("  samples".to_owned(), &noise.samples);
        for (name, pairs) in features.chain([samples]) {
            if !pairs.known.is_empty() {
                let (ranked, found) = (cell(pairs.correlation()), cell(pairs.found()));
                let _ = writeln!(text, "{name:24} {ranked:>16} {found:>12}");
            }
        }
        if let Some(few) = noise.too_few(&result.dataset) {
            let _ = writeln!(text, "Warning: {few}");
        }
    }
    if let Some(intervals) = &result.intervals {
        let title = format!("{:.0} % intervals", 100.0 * LEVEL);
        let (hold, before, factor) = ("hold", "as they are", "factor");
        let _ = writeln!(text, "\n{title:24} {hold:>8} {before:>12} {factor:>8}");
        let names = result.dataset.modalities.iter().map(|m| m.name.as_str());
        for (name, found) in names.zip(&intervals.modalities) {
            let _ = writeln!(
                text,
                "  {:22} {:>7.1}% {:>11.1}% {:>8.2}",
                line(name),
                100.0 * found.covered,
                100.0 * found.before,
                found.factor
            );
        }
        let _ = writeln!(
            text,
            "of the values of samples that were not learned from ({} held out in turn), predicted standard deviations times the factor.",
            thousands(intervals.samples as u64)
        );
    }
    text
}
