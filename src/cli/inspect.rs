//! `hdumec inspect`: what is in the files.

use std::fmt::Write as _;

use serde_json::json;

use super::{
    args::InspectArguments,
    table,
    terminal::{line, print, print_json},
};
use crate::{
    error::Error,
    figure::name,
    io::{self, LabelSource, LoadReport, Loaded, ModalityReport, Preview},
    job::CancelToken,
    pipeline::AnalysisSpec,
    words::thousands,
};

/// Signs of a name in a table.
const NAME: usize = 12;

/// Runs the command.
pub fn inspect(arguments: &InspectArguments) -> Result<(), Error> {
    let loaded = io::load(&arguments.data.spec()?, &CancelToken::new())?;
    if !arguments.json {
        print(&described(&loaded));
        return Ok(());
    }
    let report = &loaded.report;
    let inputs: Vec<_> = loaded
        .inputs
        .files
        .iter()
        .map(|i| json!({ "path": i.path, "bytes": i.bytes, "sha256": i.sha256 }))
        .collect();
    let notices: Vec<String> = report.notices.iter().map(|n| n.to_string()).collect();
    print_json(&json!({
        "name": loaded.dataset.name,
        "report": report,
        "notices": notices,
        "inputs": inputs,
    }));
    Ok(())
}

fn described(loaded: &Loaded) -> String {
    let (dataset, report) = (&loaded.dataset, &loaded.report);
    let mut text = String::new();
    let samples = thousands(dataset.samples() as u64);
    let _ = writeln!(text, "{}: {samples} samples", line(&dataset.name));
    for modality in &report.modalities {
        text.push_str(&of_modality(modality, dataset.samples()));
    }
    text.push_str(&labels(report));
    let obs: Vec<String> = dataset
        .obs
        .columns()
        .map(|(name, column)| format!("{} ({})", line(name), column.kind()))
        .collect();
    if !obs.is_empty() {
        let _ = writeln!(text, "  columns of the samples: {}", obs.join(", "));
    }
    text.push_str(&table::notes(report));
    if let Ok((_, estimate)) = AnalysisSpec::default().check(dataset) {
        let _ = writeln!(text, "  training takes {estimate}");
    }
    text
}

fn of_modality(modality: &ModalityReport, samples: usize) -> String {
    let count = |n: usize| thousands(n as u64);
    let mut text = String::new();
    let matrix = match modality.matrix.as_str() {
        "" => String::new(),
        matrix => format!(", {}", line(matrix)),
    };
    let turned = match modality.turned {
        true => ", features in rows",
        false => "",
    };
    let _ = writeln!(
        text,
        "  {}: {}{matrix}, {} samples x {} features{turned}",
        line(&modality.name),
        modality.format,
        count(modality.samples_in_file),
        count(modality.features_in_file),
    );
    let facts = &modality.facts;
    let _ = write!(
        text,
        "    {}, {} to {}, {:.1} % are not zero",
        modality.looks,
        facts.low,
        facts.high,
        100.0 * facts.density()
    );
    let _ = match facts.missing {
        0 => writeln!(text),
        n => writeln!(text, ", {} missing", thousands(n)),
    };
    if !modality.steps.is_empty() {
        let _ = writeln!(text, "    prepared: {}", modality.steps.join("; "));
    }
    let _ = writeln!(
        text,
        "    the model gets {} samples x {} features",
        count(samples),
        count(modality.features)
    );
    text.push_str(&preview(&modality.preview));
    text
}

/// The first values, as they stand in the file.
fn preview(preview: &Preview) -> String {
    const FEATURES: usize = 5;
    const SAMPLES: usize = 4;
    let short = |text: &str| name::cut(&line(text), |text| text.chars().count() <= NAME);
    let mut text = String::new();
    let _ = write!(text, "    {:NAME$}", "");
    for feature in preview.features.iter().take(FEATURES) {
        let _ = write!(text, "  {:>NAME$}", short(feature));
    }
    text.push('\n');
    for (sample, values) in preview.samples.iter().zip(&preview.values).take(SAMPLES) {
        let _ = write!(text, "    {:NAME$}", short(sample));
        for value in values.iter().take(FEATURES) {
            let _ = match value.is_nan() {
                true => write!(text, "  {:>NAME$}", "-"),
                false => write!(
                    text,
                    "  {:>NAME$}",
                    format!("{value:.5}")
                        .trim_end_matches('0')
                        .trim_end_matches('.')
                ),
            };
        }
        text.push('\n');
    }
    text
}

fn labels(report: &LoadReport) -> String {
    let mut text = String::new();
    let _ = match &report.labels_from {
        None => writeln!(text, "  no labels"),
        Some(LabelSource::FirstColumn) => {
            writeln!(
                text,
                "  labels: the first column, {} classes",
                report.classes.len()
            )
        }
        Some(LabelSource::File { path, column, .. }) => writeln!(
            text,
            "  labels: {}, column \"{}\", {} classes",
            line(&path.display().to_string()),
            line(column),
            report.classes.len()
        ),
    };
    for class in &report.classes {
        let samples = thousands(class.samples as u64);
        let _ = writeln!(text, "    {samples:>9}  {}", line(&class.name));
    }
    if !report.label_columns.is_empty() {
        let _ = writeln!(text, "  columns that could hold the labels:");
    }
    for candidate in &report.label_columns {
        let _ = writeln!(
            text,
            "    {} ({}): {} classes, {} missing",
            line(&candidate.column),
            candidate.kind,
            thousands(candidate.classes as u64),
            thousands(candidate.missing as u64)
        );
    }
    text
}
