//! `hdumec prepare`: counts made ready, without training.

use std::{fmt::Write as _, path::Path, time::Instant};

use serde_json::json;

use super::{
    args::PrepareArguments,
    table,
    terminal::{line, print, print_json},
};
use crate::{
    error::Error,
    export,
    io::{self, Loaded, ModalityReport, Source},
    prepare::write_recipes,
    store::atomic,
    words::thousands,
};

/// Runs the command.
pub fn prepare(arguments: &PrepareArguments) -> Result<(), Error> {
    let (cancel, start) = (super::run::cancel_on_interrupt(), Instant::now());
    for file in [&arguments.out, &arguments.write_recipe]
        .into_iter()
        .flatten()
    {
        if file.exists() && !arguments.force {
            return Err(Error::Exists(file.clone()));
        }
    }
    let loaded = io::load(&arguments.data.spec()?, &cancel)?;
    let seconds = start.elapsed().as_secs_f64();
    if let Some(file) = &arguments.out {
        let (dataset, inputs) = (&loaded.dataset, &loaded.inputs);
        export::write_prepared(dataset, inputs, arguments.x.into(), file, &cancel)?;
    }
    if let Some(file) = &arguments.write_recipe {
        write_recipe(&loaded, file)?;
    }
    let modalities = &loaded.report.modalities;
    if arguments.json {
        let steps =
            |modality: &ModalityReport| json!({ "name": modality.name, "steps": modality.taken });
        print_json(&json!({
            "samples": loaded.dataset.samples(),
            "modalities": modalities.iter().map(steps).collect::<Vec<_>>(),
            "notices": loaded.report.notices.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "seconds": seconds,
        }));
        return Ok(());
    }
    let mut text = String::new();
    let samples = thousands(loaded.dataset.samples() as u64);
    let _ = writeln!(text, "{}: {samples} samples", line(&loaded.dataset.name));
    for modality in modalities {
        text.push_str(&described(modality));
    }
    text.push_str(&table::notes(&loaded.report));
    for file in [&arguments.out, &arguments.write_recipe]
        .into_iter()
        .flatten()
    {
        let _ = writeln!(text, "  wrote {}", line(&file.display().to_string()));
    }
    print(&text);
    Ok(())
}

fn write_recipe(loaded: &Loaded, file: &Path) -> Result<(), Error> {
    let recipes = match &loaded.inputs.source {
        Some(Source::Files(spec)) => &spec.preparation,
        _ => return Ok(()),
    };
    let text = write_recipes(recipes);
    let written = atomic::write(file, |out| out.write_all(text.as_bytes()));
    written.map_err(|source| Error::Write {
        path: file.to_owned(),
        source,
    })
}

/// Every step of a modality: features before and after it, and what it did.
fn described(modality: &ModalityReport) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "  {}", line(&modality.name));
    for taken in &modality.taken {
        let count = |features| thousands(features as u64);
        let _ = writeln!(
            text,
            "    {:16} {:>9} -> {:>9}  {}",
            taken.step.name(),
            count(taken.before),
            count(taken.after),
            taken.report
        );
    }
    text
}
