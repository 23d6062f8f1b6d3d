//! `hdumec compare`: the same data through other methods.

use std::{
    cell::RefCell,
    fmt::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    args::CompareArguments,
    run::cancel_on_interrupt,
    table,
    terminal::{line, print, print_json, tell},
};
use crate::{
    error::Error,
    export,
    method::Method,
    pipeline::{
        self, AnalysisSpec, CompareEvent, CompareProgress, CompareSpec, Comparison, time_in_words,
    },
};

/// Between two lines that say how far it is.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Runs the command.
pub fn compare(arguments: &CompareArguments) -> Result<(), Error> {
    let cancel = cancel_on_interrupt();
    if let Some(folder) = &arguments.out {
        export::may_write_comparison(folder, arguments.force)?;
    }
    let (dataset, report, _) = arguments.source.source()?.open(&cancel)?;
    let talks = !arguments.quiet && !arguments.json;
    if let (Some(report), true) = (&report, talks) {
        tell(table::loaded(&dataset, report)?.trim_end());
    }
    let analysis = AnalysisSpec {
        clusters: arguments.clusters,
        seed: arguments.seed,
        device: arguments.device.clone(),
        ..AnalysisSpec::default()
    };
    let mut spec = CompareSpec::all(analysis);
    if !arguments.methods.is_empty() {
        spec.methods.clone_from(&arguments.methods);
    }
    let dataset = Arc::new(dataset);
    let said = RefCell::new((CompareProgress::default(), Instant::now()));
    let follow = |event: CompareEvent| {
        let (progress, last) = &mut *said.borrow_mut();
        if let (CompareEvent::Began(method), true) = (&event, talks) {
            tell(&format!("{method} ..."));
        }
        progress.on_event(event);
        if talks && last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            let left = progress.time_left().map(time_in_words);
            let left = left.map_or(String::new(), |left| format!(", {left} left"));
            tell(&format!("  {:.0} % done{left}", 100.0 * progress.share));
        }
    };
    let comparison = pipeline::compare(&dataset, &spec, None, &follow, &cancel)?;
    let files = match &arguments.out {
        Some(folder) => {
            export::write_comparison(&dataset, &comparison, folder, arguments.force, &cancel)?
        }
        None => Vec::new(),
    };
    if arguments.json {
        let mut value = export::comparison_json(&comparison);
        value["files"] = json!(files);
        print_json(&value);
        return Ok(());
    }
    print(&text(&comparison));
    if let (Some(folder), true) = (&arguments.out, talks) {
        let folder = folder.display();
        print(&format!("\n{} files written to {folder}\n", files.len()));
    }
    Ok(())
}

/// The methods with their scores, and how far they agree.
fn text(comparison: &Comparison) -> String {
    let cell = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.3}"));
    let names = comparison.methods.iter().map(|c| c.method.to_string());
    let width = names.map(|name| name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$} {:>6} {:>6} {:>6} {:>9} {:>9} {:>9} {:>8}\n",
        "", "ACC", "NMI", "ARI", "clusters", "hdumec", "others", "seconds"
    );
    let rows = comparison.methods.iter();
    let agreement = comparison
        .with_hdumec()
        .into_iter()
        .zip(comparison.with_others());
    let mut failed = String::new();
    for (compared, (hdumec, others)) in rows.zip(agreement) {
        let name = compared.method.to_string();
        match &compared.outcome {
            Ok(found) => {
                let scores = &found.scores;
                let hdumec = hdumec.filter(|_| compared.method != Method::Hdumec);
                let _ = writeln!(
                    text,
                    "{name:width$} {:>6} {:>6} {:>6} {:>9} {:>9} {:>9} {:>8.1}",
                    cell(scores.acc),
                    cell(scores.nmi),
                    cell(scores.ari),
                    scores.clusters,
                    cell(hdumec),
                    cell(others),
                    found.seconds
                );
            }
            Err(why) => {
                let _ = writeln!(text, "{name:width$}  not run");
                let _ = writeln!(failed, "{name} was not run: {}.", line(why));
            }
        }
    }
    let _ = writeln!(
        text,
        "{}\n{} clusters, seed {}. The columns hdumec and others tell how far a method agrees with hdumec and, on average, with \
         all others (adjusted Rand index: 1 is full, 0 is chance).",
        comparison.in_words(),
        comparison.clusters,
        comparison.seed
    );
    text + &failed
}
