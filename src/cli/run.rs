//! `hdumec run`: load, analyse, save, print the table.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::json;

use super::{
    args::{ForPythonArguments, RunArguments},
    report,
    reporter::{Reporter, Style},
    resumable::Resumable,
    table,
    terminal::{print, print_json, tell},
};
use crate::{
    data::{Dataset, demo::DemoSpec},
    error::{Error, UserMessage},
    export::{self, ExportSpec, Reservation},
    io::{Inputs, LoadReport, Source},
    job::CancelToken,
    model::DeviceChoice,
    pipeline::{
        self, AnalysisResult, AnalysisSpec, Intervals, NoiseInjection, NoiseInjectionSpec,
        RunError, check::Check,
    },
};

/// Where the demo's results go unless told otherwise.
const DEMO_FOLDER: &str = "hdumec-demo";

/// Runs the command.
pub fn run(arguments: &RunArguments) -> Result<(), Error> {
    let spec = arguments.spec().map_err(Error::Usage)?;
    let style = Style::choose(arguments.json, arguments.quiet);
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(DEMO_FOLDER));
    let cancel = cancel_on_interrupt();
    // Before an hour of training, not after it.
    let place = export::reserve(&ExportSpec {
        directory: out,
        replace: arguments.force,
    })?;
    let (dataset, report, inputs) = arguments.source.source()?.open(&cancel)?;
    tell_loaded(&dataset, report.as_ref(), style)?;
    arguments
        .for_python
        .check(&dataset, &inputs, arguments.force)?;
    let dataset = Arc::new(dataset);
    let resumable = Resumable::take(
        &arguments.kept,
        &dataset,
        &spec,
        inputs.source.as_ref(),
        style,
    )?;
    let task = Task {
        spec,
        resumable,
        cluster_names: BTreeMap::new(),
        check: arguments.check,
        for_python: arguments.for_python.clone(),
    };
    analyse(dataset, &inputs, task, place, style, &cancel)
}

/// Says what was loaded.
pub(super) fn tell_loaded(
    dataset: &Dataset,
    report: Option<&LoadReport>,
    style: Style,
) -> Result<(), Error> {
    match (report, style) {
        (Some(report), Style::Json) => {
            let notices: Vec<String> = report.notices.iter().map(|n| n.to_string()).collect();
            print_json(&json!({
                "event": "loaded",
                "samples": dataset.samples.len(),
                "notices": notices,
            }));
        }
        (Some(report), style) if style != Style::Quiet => {
            tell(table::loaded(dataset, report)?.trim_end());
        }
        _ => {}
    }
    Ok(())
}

/// The demo without a window, as where there is no display.
pub fn run_demo_headless() -> Result<(), Error> {
    let style = Style::choose(false, false);
    let cancel = cancel_on_interrupt();
    let place = export::reserve_free(Path::new(DEMO_FOLDER), 1)?;
    let (dataset, _, inputs) = Source::Demo(DemoSpec::default()).open(&cancel)?;
    let task = Task::default();
    analyse(Arc::new(dataset), &inputs, task, place, style, &cancel)
}

/// What to do with the data.
#[derive(Default)]
pub(super) struct Task {
    pub spec: AnalysisSpec,
    /// Where it leaves how far it is.
    pub resumable: Resumable,
    /// What its clusters are called, where that is known.
    pub cluster_names: BTreeMap<u32, String>,
    /// Whether to check the uncertainty with injected noise.
    pub check: bool,
    /// A file for Python, too.
    pub for_python: ForPythonArguments,
}

pub(super) fn analyse(
    dataset: Arc<Dataset>,
    inputs: &Inputs,
    mut task: Task,
    place: Reservation,
    style: Style,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let kept = RefCell::new(None);
    let (mut result, ended) = match analyse_only(
        &dataset,
        task.spec,
        &mut task.resumable,
        style,
        &kept,
        cancel,
    ) {
        Ok(result) => (result, Ok(())),
        // What is finished is not thrown away with what is not.
        Err(error) => match kept.take() {
            Some(result) => (result, Err(error)),
            None => return Err(error),
        },
    };
    result.cluster_names = task.cluster_names;
    let (check, whole) = (task.check && ended.is_ok(), ended.is_ok());
    let checked = match check.then(|| inject(&result, style, cancel)) {
        Some(Ok(injection)) => {
            let (injection, intervals) = injection;
            result.injection = Some(Arc::new(injection));
            result.intervals = intervals.map(Arc::new);
            Ok(())
        }
        Some(Err(error)) => Err(error),
        None => ended,
    };
    let saved = Saved::write(&result, inputs, place)?;
    task.resumable.report(style);
    if whole {
        task.resumable.finish();
    }
    let for_python = task.for_python.file().map(|(file, x)| {
        export::write_anndata(&result, inputs, x, file, &CancelToken::new()).map(|()| file)
    });
    let (for_python, checked) = match for_python {
        Some(Ok(file)) => (Some(file), checked),
        Some(Err(error)) if checked.is_ok() => (None, Err(error)),
        Some(Err(error)) => {
            report(&error);
            (None, checked)
        }
        None => (None, checked),
    };
    if style == Style::Json {
        print_json(&json!({
            "event": "finished",
            "complete": left_out(&result).is_none(),
            "scores": export::Scores::of(&result),
            "check": export::check_json(&result, &Check::of(&result)?),
            "directory": saved.directory,
            "files": saved.files,
            "h5ad": for_python,
        }));
    } else {
        print(&table::scores(&result));
        if check {
            print(&table::check(&result, &Check::of(&result)?));
        }
        if style != Style::Quiet {
            let n = saved.files.len();
            let directory = saved.directory.display();
            print(&format!("\n{n} files written to {directory}\n"));
            if let Some(file) = for_python {
                print(&format!("For Python: {}\n", file.display()));
            }
        }
    }
    if let Some(left_out) = left_out(&result) {
        tell(left_out);
    } else if task.check && result.injection.is_none() {
        tell("The check was not finished: what is saved is the whole training without it.");
    }
    saved.end(checked)
}

/// What a result lacks that was stopped, as a sentence.
pub(super) fn left_out(result: &AnalysisResult) -> Option<&'static str> {
    match &result.stage2 {
        Some(second) if second.umap.is_some() => None,
        Some(_) => Some("Stopped at the map of stage 2: what is saved is all but that map."),
        None if result.stage1.umap.is_some() => {
            Some("Stopped in stage 2: what is saved is that of stage 1.")
        }
        None => Some("Stopped before stage 2: what is saved is that of stage 1, without its map."),
    }
}

/// Where results are, and why not where they were asked for.
pub(super) struct Saved {
    directory: PathBuf,
    files: Vec<PathBuf>,
    refused: Option<Error>,
}

impl Saved {
    /// Writes a result where it was asked for, or else where it can be written.
    pub fn write(
        result: &AnalysisResult,
        inputs: &Inputs,
        place: Reservation,
    ) -> Result<Self, Error> {
        // An interrupt does not stop this: what took hours to find would be lost. A second one ends the process.
        let go_on = CancelToken::new();
        let asked = place.directory().to_owned();
        let refused = match place.export(result, inputs, &go_on) {
            Ok(files) => {
                return Ok(Self {
                    directory: asked,
                    files,
                    refused: None,
                });
            }
            Err(error) => error,
        };
        match export::rescue(result, inputs, &asked, &go_on) {
            Ok((directory, files)) => Ok(Self {
                directory,
                files,
                refused: Some(refused),
            }),
            // Why it did not work where it should counts more than why nowhere else.
            Err(_) => Err(refused),
        }
    }

    /// The end of a command that had this outcome: results in another place are told by it too.
    pub fn end(self, outcome: Result<(), Error>) -> Result<(), Error> {
        let Some(source) = self.refused else {
            return outcome;
        };
        if let Err(error) = outcome {
            report(&error);
        }
        Err(Error::Elsewhere {
            directory: self.directory,
            source: Box::new(source),
        })
    }
}

/// Trains once more on a copy with known noise, tries intervals on samples held out, and reports on it.
fn inject(
    result: &AnalysisResult,
    style: Style,
    cancel: &CancelToken,
) -> Result<(NoiseInjection, Option<Intervals>), Error> {
    match style {
        Style::Json => print_json(&json!({ "event": "check" })),
        Style::Quiet => {}
        _ => tell("Checking the uncertainty with injected noise"),
    }
    let reporter = Reporter::new(
        style,
        &pipeline::check_plan(&result.spec),
        result.dataset.samples(),
    );
    let sink = |event| reporter.event(event);
    let checked = pipeline::check_noise(result, &NoiseInjectionSpec::default(), &sink, cancel)
        .and_then(|noise| Ok((noise, pipeline::check_intervals(result, &sink, cancel)?)));
    reporter.finish();
    Ok(checked?)
}

/// Runs the analysis and reports on it. What is finished is kept as soon as it is.
pub(super) fn analyse_only(
    dataset: &Arc<Dataset>,
    spec: AnalysisSpec,
    resumable: &mut Resumable,
    style: Style,
    kept: &RefCell<Option<AnalysisResult>>,
    cancel: &CancelToken,
) -> Result<AnalysisResult, Error> {
    let (_, estimate) = spec.check(dataset)?;
    if style != Style::Quiet {
        tell(&format!("This takes {estimate}."));
    }
    let reporter = Reporter::new(style, &spec, dataset.samples());
    let result = with_fallback(dataset, spec, resumable, &reporter, kept, cancel);
    reporter.finish();
    result
}

/// Runs the analysis; where the device was hdumec's own choice and fails, says so and goes on with
/// the CPU.
fn with_fallback(
    dataset: &Arc<Dataset>,
    mut spec: AnalysisSpec,
    resumable: &mut Resumable,
    reporter: &Reporter,
    kept: &RefCell<Option<AnalysisResult>>,
    cancel: &CancelToken,
) -> Result<AnalysisResult, Error> {
    let found = resumable.found();
    // Without the model that it goes on with, the run cannot begin on another device.
    let model = spec.earlier.as_ref().and(found.clone());
    let sink = resumable.sink(reporter, kept);
    let first = pipeline::run(dataset, &spec, found, &sink, cancel);
    match first.map_err(Error::from) {
        // A device that failed half-way is left even if it was asked for: what was done is kept.
        Err(error)
            if matches!(error, Error::Run(RunError::Engine { .. }))
                || error.is_device_failure() && spec.device == DeviceChoice::Auto =>
        {
            let message = error.message();
            reporter.notice(&UserMessage {
                hint: "Going on with the CPU.".into(),
                ..message
            });
            spec.device = DeviceChoice::Cpu;
            let interrupted = match error {
                Error::Run(RunError::Engine { interrupted, .. }) => Some(*interrupted),
                _ => model,
            };
            Ok(pipeline::run(dataset, &spec, interrupted, &sink, cancel)?)
        }
        other => other,
    }
}

/// A token that Ctrl-C cancels; a second Ctrl-C ends the process at once.
pub(super) fn cancel_on_interrupt() -> CancelToken {
    let cancel = CancelToken::new();
    let token = cancel.clone();
    let asked = AtomicBool::new(false);
    let installed = ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::AcqRel) {
            std::process::exit(130);
        }
        token.cancel();
    });
    if let Err(error) = installed {
        tracing::warn!("Ctrl-C cannot be caught: {error}");
    }
    cancel
}
