//! `hdumec rerun`: repeats an analysis from its `run.json` and says whether it came out the same.

use std::{cell::RefCell, path::PathBuf, sync::Arc};

use super::{
    args::RerunArguments,
    reporter::Style,
    resumable::Resumable,
    run::{Saved, analyse_only, cancel_on_interrupt, left_out},
    table,
    terminal::{print, tell},
};
use crate::{
    error::Error,
    export::{self, ExportSpec, Outcome, RunRecord},
    io::{Inputs, Source},
    pipeline::AnalysisResult,
};

/// Runs the command.
pub fn rerun(arguments: &RerunArguments) -> Result<(), Error> {
    let path = &arguments.run;
    let recorded = RunRecord::read(path)?;
    let unusable = |what: &str| Error::Usage(format!("'{}' {what}", path.display()));
    let parameters = recorded.parameters();
    let (mut spec, edited) =
        parameters.ok_or_else(|| unusable("holds no parameters of an analysis"))?;
    let source = recorded.source.clone();
    let mut source = source.ok_or_else(|| {
        unusable("does not say how its data were loaded: it was written by an earlier version")
    })?;
    match &mut source {
        Source::Files(load) => {
            if !arguments.paths.is_empty() {
                load.paths.clone_from(&arguments.paths);
                load.labels = None;
            }
            if arguments.labels.is_some() {
                load.labels.clone_from(&arguments.labels);
            }
        }
        Source::Demo(_) | Source::DemoPart(..)
            if arguments.paths.is_empty() && arguments.labels.is_none() => {}
        Source::Demo(_) | Source::DemoPart(..) => {
            return Err(unusable("is of the demo, which needs no files"));
        }
    }
    if !recorded.complete {
        return Err(unusable(
            "is of an analysis that was not finished: there is nothing to compare with",
        ));
    }
    let style = Style::choose(false, arguments.quiet);
    let cancel = cancel_on_interrupt();
    let reserve = |directory: &PathBuf| {
        export::reserve(&ExportSpec {
            directory: directory.clone(),
            replace: arguments.force,
        })
    };
    let place = arguments.out.as_ref().map(reserve).transpose()?;
    let (dataset, report, inputs) = source.open(&cancel)?;
    if let (Some(report), false) = (&report, arguments.quiet) {
        tell(table::loaded(&dataset, report)?.trim_end());
    }
    // Without its labels the analysis can still be repeated, and it is told that they are missing.
    if dataset.labels.is_none() && spec.clusters.is_none() {
        spec.clusters = recorded.clusters;
    }
    let kept = RefCell::default();
    let result = match analyse_only(
        &Arc::new(dataset),
        spec,
        &mut Resumable::default(),
        style,
        &kept,
        &cancel,
    ) {
        Ok(result) => result,
        Err(error) => {
            let (Some(result), Some(place)) = (kept.take(), place) else {
                return Err(error);
            };
            let saved = Saved::write(&result, &inputs, place)?;
            tell(left_out(&result).unwrap_or_default());
            return saved.end(Err(error));
        }
    };
    let saved = place.map(|place| Saved::write(&result, &inputs, place));
    let outcome = compare(&recorded, edited, &result, &inputs);
    match saved {
        None => outcome,
        Some(saved) => saved?.end(outcome),
    }
}

/// Says whether a result is that of a `run.json`.
fn compare(
    recorded: &RunRecord,
    edited: bool,
    result: &AnalysisResult,
    inputs: &Inputs,
) -> Result<(), Error> {
    print(&table::scores(result));
    let repeated = recorded.repeated_by(result, inputs, edited);
    let reasons = repeated.reasons;
    let because = match reasons.as_slice() {
        [] => String::new(),
        reasons => format!("\n  {}", reasons.join("\n  ")),
    };
    match repeated.outcome {
        Outcome::Same => print(&format!("\nThe same, bit for bit.{because}\n")),
        Outcome::Near(far) => print(&format!(
            "\nThe same within tolerance: no score, cluster's share or uncertainty differs by more than {far:.4}.{because}\n"
        )),
        Outcome::Differs(furthest) => return Err(Error::Differs { furthest, reasons }),
    }
    Ok(())
}
