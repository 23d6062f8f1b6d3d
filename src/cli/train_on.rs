//! `hdumec train-on`: leaves samples out of saved results and learns on with their model.

use std::sync::Arc;

use super::{
    args::TrainOnArguments,
    reporter::Style,
    resumable::Resumable,
    run::{Task, analyse, cancel_on_interrupt, tell_loaded},
    saved::{self, Opened},
    terminal::tell,
};
use crate::{
    data::{BadChoice, Chosen},
    error::Error,
    export::{self, ExportSpec},
    io::{self, LoadError},
    pipeline::{RunError, TrainOn},
};

/// Runs the command.
pub fn train_on(arguments: &TrainOnArguments) -> Result<(), Error> {
    let style = Style::choose(arguments.json, arguments.quiet);
    let cancel = cancel_on_interrupt();
    let chosen = arguments.samples.chosen()?;
    if chosen.is_all() {
        let text =
            "which samples? --leave-out FILE names those that go, --only FILE those that stay";
        return Err(Error::Usage(text.into()));
    }
    let place = export::reserve(&ExportSpec {
        directory: arguments.out.clone(),
        replace: arguments.force,
    })?;
    let Opened {
        result: earlier,
        report,
        inputs,
        source,
        same,
    } = saved::open_all(&arguments.results, &arguments.paths, &cancel)?;
    if !same {
        let why = "their model is one of other values";
        return Err(Error::Usage(format!("{} So {why}.", saved::OTHER_VALUES)));
    }
    let kept = match &chosen {
        Chosen::Without(ids) => source.kept().without(ids),
        others => others.clone(),
    };
    let of = earlier.dataset.samples();
    let whole = ((*earlier.dataset).clone(), report, inputs);
    let (dataset, report, inputs) = io::keep(whole, &kept)?;
    if dataset.samples() == of {
        return Err(LoadError::from(BadChoice::NoneLeftOut { of }).into());
    }
    tell_loaded(&dataset, report.as_ref(), style)?;
    arguments
        .for_python
        .check(&dataset, &inputs, arguments.force)?;
    let on = TrainOn::of(&earlier, Some(&source), &dataset).map_err(RunError::from)?;
    let cluster_names = on.cluster_names(&earlier.cluster_names);
    if let (Some(gone), Style::Bar | Style::Lines) = (on.about_clusters(), style) {
        tell(&gone);
    }
    drop(earlier);
    let TrainOn { mut spec, from, .. } = on;
    if let Some(device) = &arguments.device {
        spec.device = device.clone();
    }
    let dataset = Arc::new(dataset);
    let source = inputs.source.as_ref();
    let resumable = Resumable::take(&arguments.kept, &dataset, &spec, source, style)?;
    let task = Task {
        spec,
        resumable: resumable.beginning_with(from),
        cluster_names,
        check: false,
        for_python: arguments.for_python.clone(),
    };
    analyse(dataset, &inputs, task, place, style, &cancel)
}
