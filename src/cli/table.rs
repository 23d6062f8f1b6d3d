//! Tables for the terminal.

use std::fmt::Write as _;

use crate::{
    data::Dataset,
    io::{LoadReport, thousands},
    pipeline::AnalysisResult,
};

/// What was loaded, and what loading had to say.
pub fn loaded(dataset: &Dataset, report: &LoadReport) -> String {
    let mut text = String::new();
    let samples = thousands(dataset.sample_ids.len() as u64);
    let _ = writeln!(text, "{}: {samples} samples", dataset.name);
    let width = dataset
        .modalities
        .iter()
        .map(|m| m.name.chars().count())
        .max()
        .unwrap_or(0);
    for m in &dataset.modalities {
        let (low, high) = m.range();
        let _ = writeln!(
            text,
            "  {:width$}  {:>6} features, values {low:.4} to {high:.4}",
            m.name,
            thousands(m.features.len() as u64),
        );
    }
    match &dataset.labels {
        None => text.push_str("  no labels\n"),
        Some(labels) => {
            let _ = writeln!(text, "  {} classes", labels.classes.len());
            for (name, count) in labels.classes.iter().zip(labels.counts()) {
                let _ = writeln!(text, "    {:>9}  {name}", thousands(count as u64));
            }
        }
    }
    for notice in &report.notices {
        let _ = writeln!(text, "  note: {notice}");
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
    if let Some(stop) = result.stage2.as_ref().and_then(|s| s.stop) {
        let _ = writeln!(text, "Stage 2: {stop}.");
    }
    let lost = result.clusters - result.last_stage().scores.clusters.min(result.clusters);
    if lost > 0 {
        let _ = writeln!(
            text,
            "{lost} of {} clusters are empty: stage 2 has merged them.",
            result.clusters
        );
    }
    text
}
