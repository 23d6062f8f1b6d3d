//! Results that were saved, opened again.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{KEPT, RUN, folder::is_ours, recover};
use crate::{
    data::Dataset,
    error::Error,
    io::{Inputs, Source},
    pipeline::{self, AnalysisResult, KeptError, KeptResult},
};

/// Writes everything there is of a result but its data.
pub(super) fn write(
    out: &mut dyn Write,
    result: &AnalysisResult,
    inputs: &Inputs,
) -> io::Result<()> {
    pipeline::keep(out, result, &inputs.writable())
}

/// Results that were saved, as far as they are known without their data.
#[derive(Debug)]
pub struct Reopened {
    folder: PathBuf,
    kept: KeptResult<Inputs>,
}

/// The file to open if a path is that of results: of their folder, of its `run.json`, or of the file itself; `None` if it is none of
/// these.
///
/// # Errors
/// If results stand there that were saved by a version that kept nothing to open again.
pub fn results_at(path: &Path) -> Result<Option<PathBuf>, Error> {
    if path.is_file() && pipeline::is_kept(path) {
        return Ok(Some(path.to_owned()));
    }
    let is_record = path.file_name().is_some_and(|name| name == RUN);
    let folder = match (path.is_dir(), is_record) {
        (true, _) => path,
        (false, true) => path.parent().unwrap_or(Path::new("")),
        (false, false) => return Ok(None),
    };
    let record = folder.join(RUN);
    if !record.is_file() || !is_ours(&record) {
        return Ok(None);
    }
    // What a killed run left half done is finished first.
    recover(folder)?;
    let kept = folder.join(KEPT);
    match kept.is_file() {
        true => Ok(Some(kept)),
        false => Err(Error::Reopen {
            path: folder.to_owned(),
            why: format!("the folder has no {KEPT}, which earlier versions did not write"),
            hint: format!(
                "Its tables and figures are as they were. 'hdumec rerun {} --out FOLDER' computes the same again, to be opened.",
                record.display()
            ),
        }),
    }
}

/// Reads results from a file that [`results_at`] found.
///
/// # Errors
/// If it cannot be read.
pub fn reopen(file: &Path) -> Result<Reopened, Error> {
    let kept = KeptResult::read(file).map_err(|error| Error::Reopen {
        path: file.to_owned(),
        why: error.to_string(),
        hint: "Its tables and figures stand beside it. 'hdumec rerun' on the run.json there computes it again.".into(),
    })?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    Ok(Reopened { folder, kept })
}

impl Reopened {
    /// The folder they are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where their data came from, if that is known.
    pub fn source(&self) -> Option<&Source> {
        self.kept.more.source.as_ref()
    }

    /// Whether some data are of their samples and features.
    pub fn is_of(&self, dataset: &Dataset) -> bool {
        self.kept.is_of(dataset)
    }

    /// The results with their data, and whether these have the same values still.
    ///
    /// # Errors
    /// If these are others.
    pub fn with(self, dataset: Arc<Dataset>) -> Result<(AnalysisResult, bool), Error> {
        let path = self.folder;
        self.kept.with(dataset).map_err(|error| Error::Reopen {
            path,
            why: error.to_string(),
            hint: match error {
                KeptError::OtherData(_) => {
                    "Open the data that they were found in first, then these results again.".into()
                }
                KeptError::Damaged(_) | KeptError::Disk(_) => {
                    "'hdumec rerun' on the run.json there computes them again.".into()
                }
            },
        })
    }
}
