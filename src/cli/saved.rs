//! Results that were saved, with their data.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::terminal::tell;
use crate::{
    error::Error,
    export::{self, Reopened},
    io::{Inputs, LoadReport, Source},
    job::CancelToken,
    pipeline::AnalysisResult,
};

/// The results in a folder, and where their data are: at `paths`, if any are given, else where the results say.
pub fn find(results: &Path, paths: &[PathBuf]) -> Result<(Reopened, Source), Error> {
    let unusable = |what: &str| Error::Usage(format!("'{}' {what}", results.display()));
    let file = export::results_at(results)?;
    let file = file.ok_or_else(|| unusable("holds no results that hdumec saved"))?;
    let reopened = export::reopen(&file)?;
    let source = reopened.source().cloned();
    let mut source = source.ok_or_else(|| unusable("does not say where its data are"))?;
    if let (Source::Files(load), false) = (&mut source, paths.is_empty()) {
        load.paths = paths.to_vec();
        load.labels = None;
    }
    Ok((reopened, source.absolute()))
}

/// The same, with their data.
pub fn open(
    results: &Path,
    paths: &[PathBuf],
    cancel: &CancelToken,
) -> Result<AnalysisResult, Error> {
    let opened = open_all(results, paths, cancel)?;
    if !opened.same {
        tell(OTHER_VALUES);
    }
    Ok(opened.result)
}

/// What to say of data that have changed.
pub const OTHER_VALUES: &str = "The data have other values now than when these results were found.";

/// Results with their data, and what there is to know of these.
pub struct Opened {
    pub result: AnalysisResult,
    /// What loading had to say; none for the demo.
    pub report: Option<LoadReport>,
    pub inputs: Inputs,
    /// How the data are loaded.
    pub source: Source,
    /// Whether the data have the values of then.
    pub same: bool,
}

/// The same as [`open`], with all there is to know.
pub fn open_all(results: &Path, paths: &[PathBuf], cancel: &CancelToken) -> Result<Opened, Error> {
    let (reopened, source) = find(results, paths)?;
    let (dataset, report, inputs) = source.open(cancel)?;
    let (result, same) = reopened.with(Arc::new(dataset))?;
    Ok(Opened {
        result,
        report,
        inputs,
        source,
        same,
    })
}

/// A table that may be written: nothing is there, or it may be replaced.
pub fn may_write(out: Option<&PathBuf>, force: bool) -> Result<(), Error> {
    match out.filter(|file| file.exists() && !force) {
        Some(there) => Err(Error::Exists(there.clone())),
        None => Ok(()),
    }
}
