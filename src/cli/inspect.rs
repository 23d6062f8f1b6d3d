//! `hdumec inspect`: what is in the files.

use super::{
    args::InspectArguments,
    table,
    terminal::{print, print_json},
};
use crate::{error::Error, io, job::CancelToken};
use serde_json::json;

/// Runs the command.
pub fn inspect(arguments: &InspectArguments) -> Result<(), Error> {
    let loaded = io::load(&arguments.data.spec(), &CancelToken::new())?;
    let (dataset, report) = (&loaded.dataset, &loaded.report);
    if !arguments.json {
        print(&table::loaded(dataset, report)?);
        return Ok(());
    }
    let inputs: Vec<_> = loaded
        .inputs
        .files
        .iter()
        .map(|i| json!({ "path": i.path, "bytes": i.bytes, "sha256": i.sha256 }))
        .collect();
    let notices: Vec<String> = report.notices.iter().map(|n| n.to_string()).collect();
    print_json(&json!({
        "name": dataset.name,
        "report": report,
        "notices": notices,
        "inputs": inputs,
    }));
    Ok(())
}
