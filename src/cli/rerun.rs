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
    data::Dataset,
    error::Error,
    export::{self, ExportSpec, Outcome, RunRecord},
    io::{Inputs, Source},
    job::CancelToken,
    pipeline::{AnalysisResult, AnalysisSpec, RunError, TrainOn},
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
    relocate(&mut source, arguments)?;
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
    let dataset = Arc::new(dataset);
    let mut begins = beginning(&spec, &dataset, arguments, style, &cancel)?;
    let result = match analyse_only(&dataset, spec, &mut begins, style, &kept, &cancel) {
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

/// Takes the data from where they are now.
fn relocate(source: &mut Source, arguments: &RerunArguments) -> Result<(), Error> {
    let elsewhere = !arguments.paths.is_empty() || arguments.labels.is_some();
    match source {
        Source::Files(load) => {
            if !arguments.paths.is_empty() {
                load.paths.clone_from(&arguments.paths);
                load.labels = None;
            }
            if arguments.labels.is_some() {
                load.labels.clone_from(&arguments.labels);
            }
            Ok(())
        }
        Source::Demo(_) | Source::DemoPart(..) if !elsewhere => Ok(()),
        Source::Demo(_) | Source::DemoPart(..) => Err(Error::Usage(format!(
            "'{}' is of the demo, which needs no files",
            arguments.run.display()
        ))),
    }
}

/// What a run begins with: where it goes on with the model of an earlier one, that is repeated first.
fn beginning(
    spec: &AnalysisSpec,
    dataset: &Dataset,
    arguments: &RerunArguments,
    style: Style,
    cancel: &CancelToken,
) -> Result<Resumable, Error> {
    let Some(earlier) = &spec.earlier else {
        return Ok(Resumable::default());
    };
    let mut source = earlier.source.clone().ok_or_else(|| {
        let run = arguments.run.display();
        Error::Usage(format!(
            "'{run}' does not say where the data of the run were whose model it goes on with"
        ))
    })?;
    relocate(&mut source, arguments)?;
    let say = |text: &str| {
        if style != Style::Quiet {
            tell(text);
        }
    };
    say("First the run whose model this one goes on with:");
    let whole = Arc::new(source.open(cancel)?.0);
    let mut begins = beginning(&earlier.spec, &whole, arguments, style, cancel)?;
    let clusters = spec.clusters;
    let mut spec = earlier.spec.clone();
    spec.clusters.get_or_insert(earlier.clusters);
    let found = analyse_only(
        &whole,
        spec,
        &mut begins,
        style,
        &RefCell::default(),
        cancel,
    )?;
    if found.weights.sha256() != earlier.weights {
        say("It came out otherwise here: its model has other weights than then.");
    }
    say("Now the run itself:");
    let on = TrainOn::of(&found, Some(&source), dataset).map_err(RunError::from)?;
    if on.spec.clusters != clusters {
        let [now, then] = [on.spec.clusters, clusters].map(Option::unwrap_or_default);
        return Err(Error::Differs {
            furthest: None,
            reasons: vec![format!(
                "the run whose model it goes on with came out otherwise: {now} of its clusters are left, not {then}"
            )],
        });
    }
    Ok(Resumable::default().beginning_with(on.from))
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
