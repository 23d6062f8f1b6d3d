//! `hdumec run`: load, analyse, save, print the table.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::json;

use super::{
    args::RunArguments,
    reporter::{Reporter, Style, print, print_json, tell},
    table,
};
use crate::{
    data::{Dataset, demo::DemoSpec},
    error::{Error, UserMessage},
    io::{
        Inputs, Source,
        export::{self, ExportSpec},
    },
    job::{CancelToken, MaybeCancelled as _},
    model::DeviceChoice,
    pipeline::{self, AnalysisResult, AnalysisSpec, Event, Injection, InjectionSpec, check::Check},
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
    let export = ExportSpec {
        directory: out,
        replace: arguments.force,
    };
    // Before an hour of training, not after it.
    export::check(&export)?;
    let cancel = cancel_on_interrupt();
    let source = if arguments.demo {
        let default = DemoSpec::default();
        Source::Demo(DemoSpec {
            samples: arguments.demo_samples.unwrap_or(default.samples),
            ..default
        })
    } else {
        Source::Files(arguments.data.spec())
    };
    let (dataset, report, inputs) = source.open(&cancel)?;
    match (&report, style) {
        (Some(report), Style::Json) => {
            let notices: Vec<String> = report.notices.iter().map(|n| n.to_string()).collect();
            print_json(&json!({
                "event": "loaded",
                "samples": dataset.sample_ids.len(),
                "notices": notices,
            }));
        }
        (Some(report), style) if style != Style::Quiet => {
            tell(table::loaded(&dataset, report)?.trim_end());
        }
        _ => {}
    }
    let task = Task {
        spec,
        check: arguments.check,
    };
    analyse(Arc::new(dataset), &inputs, task, &export, style, &cancel)
}

/// The demo without a window, as where there is no display.
pub fn run_demo_headless() -> Result<(), Error> {
    let export = ExportSpec {
        directory: free_folder(Path::new(DEMO_FOLDER)),
        replace: false,
    };
    let style = Style::choose(false, false);
    let cancel = cancel_on_interrupt();
    let (dataset, _, inputs) = Source::Demo(DemoSpec::default()).open(&cancel)?;
    analyse(
        Arc::new(dataset),
        &inputs,
        Task::default(),
        &export,
        style,
        &cancel,
    )
}

/// The folder itself if it can be made, else with a number behind it.
fn free_folder(wanted: &Path) -> PathBuf {
    let occupied =
        |path: &Path| std::fs::read_dir(path).map_or(path.exists(), |mut d| d.next().is_some());
    if !occupied(wanted) {
        return wanted.to_path_buf();
    }
    (2..)
        .map(|n| PathBuf::from(format!("{}-{n}", wanted.display())))
        .find(|path| !occupied(path))
        .unwrap_or_else(|| wanted.to_path_buf())
}

/// What to do with the data.
#[derive(Default)]
struct Task {
    spec: AnalysisSpec,
    /// Whether to check the uncertainty with injected noise.
    check: bool,
}

fn analyse(
    dataset: Arc<Dataset>,
    inputs: &Inputs,
    task: Task,
    export: &ExportSpec,
    style: Style,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let kept = RefCell::new(None);
    let (mut result, ended) = match analyse_only(&dataset, task.spec, style, &kept, cancel) {
        Ok(result) => (result, Ok(())),
        // What training found is not thrown away with a map.
        Err(error) => match kept.take() {
            Some(result) => (result, Err(error)),
            None => return Err(error),
        },
    };
    let check = task.check && ended.is_ok();
    let checked = match check.then(|| inject(&result, style, cancel)) {
        Some(Ok(injection)) => {
            result.injection = Some(Arc::new(injection));
            Ok(())
        }
        Some(Err(error)) => Err(error),
        None => ended,
    };
    // What was found is written even if the check fails or is cancelled.
    let writing = match &checked {
        Err(error) if error.is_cancelled() => CancelToken::new(),
        _ => cancel.clone(),
    };
    let files = export::export(&result, inputs, export, &writing)?;
    if style == Style::Json {
        print_json(&json!({
            "event": "finished",
            "scores": export::scores_json(&result),
            "check": export::check_json(&result, &Check::of(&result)?),
            "directory": export.directory,
            "files": files,
        }));
    } else {
        print(&table::scores(&result));
        if check {
            print(&table::check(&result, &Check::of(&result)?));
        }
        if style != Style::Quiet {
            let n = files.len();
            print(&format!(
                "\n{n} files written to {}\n",
                export.directory.display()
            ));
        }
    }
    checked
}

/// Trains once more on a copy with known noise, and reports on it.
fn inject(result: &AnalysisResult, style: Style, cancel: &CancelToken) -> Result<Injection, Error> {
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
    let injection = pipeline::check_noise(result, &InjectionSpec::default(), &sink, cancel);
    reporter.finish();
    injection
}

/// Runs the analysis and reports on it. Results of both stages are kept from when there are any.
pub(super) fn analyse_only(
    dataset: &Arc<Dataset>,
    spec: AnalysisSpec,
    style: Style,
    kept: &RefCell<Option<AnalysisResult>>,
    cancel: &CancelToken,
) -> Result<AnalysisResult, Error> {
    let (_, estimate) = spec.check(dataset)?;
    if style != Style::Quiet {
        tell(&format!("This takes {estimate}."));
    }
    let reporter = Reporter::new(style, &spec, dataset.samples());
    let result = with_fallback(dataset, spec, &reporter, kept, cancel);
    reporter.finish();
    result
}

/// Runs the analysis; where the device was hdumec's own choice and fails, says so and goes on with
/// the CPU.
fn with_fallback(
    dataset: &Arc<Dataset>,
    mut spec: AnalysisSpec,
    reporter: &Reporter,
    kept: &RefCell<Option<AnalysisResult>>,
    cancel: &CancelToken,
) -> Result<AnalysisResult, Error> {
    let sink = |event| {
        if let Event::Result(result) = &event
            && result.stage2.is_some()
        {
            *kept.borrow_mut() = Some((**result).clone());
        }
        reporter.event(event);
    };
    let first = pipeline::run(dataset, &spec, None, &sink, cancel);
    match first {
        // A device that failed half-way is left even if it was asked for: what was done is kept.
        Err(error)
            if matches!(error, Error::Engine { .. })
                || error.is_device_failure() && spec.device == DeviceChoice::Auto =>
        {
            let message = error.message();
            reporter.notice(&UserMessage {
                hint: "Going on with the CPU.".into(),
                ..message
            });
            spec.device = DeviceChoice::Cpu;
            let interrupted = match error {
                Error::Engine { interrupted, .. } => Some(*interrupted),
                _ => None,
            };
            pipeline::run(dataset, &spec, interrupted, &sink, cancel)
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
