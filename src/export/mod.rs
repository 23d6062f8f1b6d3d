//! Results as a folder of files: tables (CSV), figures (PNG and SVG), the network (safetensors), and `run.json`, which
//! says how they were made.
//!
//! `files` lists all of them. `tables`, `assignment`, `checks`, `methods`, `figures` and `report` know what belongs into each file, `folder` how a folder gets its files all at
//! once or not at all, `swap` how those of a folder that is there already are exchanged, `rescue` where results go that
//! cannot be written where they were asked for.

mod anndata;
mod assignment;
mod checks;
mod dataset;
mod figures;
mod files;
mod folder;
mod markers;
mod methods;
mod reasons;
mod record;
mod reopen;
mod repeated;
mod report;
mod rescue;
mod sheet;
mod swap;
mod tables;
mod wording;

use std::{
    io,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

pub use anndata::{X, check_anndata, ending, write_anndata, write_prepared};
pub use checks::check_json;
pub use dataset::write_dataset;
pub use files::contents;
pub use folder::{Reservation, recover, reserve, reserve_free};
pub use markers::{GroupMarkers, markers_sheet, write_markers};
pub use methods::{comparison_json, may_write_comparison, write_comparison};
pub use reasons::reasons_sheet;
pub use record::{DataRecord, ModalityRecord, Recall, RunRecord, Scores, Tool};
pub use reopen::{Reopened, reopen, results_at};
pub use repeated::{Outcome, Repeated};
pub use rescue::rescue;
pub use sheet::{Cell, SampleColumn, Sheet, samples_sheet};
pub use wording::methods_text;

use files::{FILES, Found, KEPT, RUN};

use crate::{
    data::Values,
    error::Error,
    figure::FigureError,
    io::Inputs,
    job::{CancelToken, Cancelled},
    model::WeightsError,
    pipeline::{AnalysisResult, check::Check},
};

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportSpec {
    /// The folder; made if missing.
    pub directory: PathBuf,
    /// Whether earlier results in it may be replaced. Files of other names always stay.
    pub replace: bool,
}

/// [`reserve`], then [`Reservation::export`].
///
/// # Errors
/// Those of both.
pub fn export(
    result: &AnalysisResult,
    inputs: &Inputs,
    spec: &ExportSpec,
    cancel: &CancelToken,
) -> Result<Vec<PathBuf>, Error> {
    reserve(spec)?.export(result, inputs, cancel)
}

impl Reservation {
    /// Writes everything there is of a result, finished or not, into the folder and returns the files.
    ///
    /// The folder gets all files or none: they are written elsewhere and moved in place at the end.
    ///
    /// # Errors
    /// Those of [`reserve`], for much may have happened since; [`Error::Write`] if a file cannot be written;
    /// [`Error::Cancelled`]. What was there before is there after an error.
    pub fn export(
        self,
        result: &AnalysisResult,
        inputs: &Inputs,
        cancel: &CancelToken,
    ) -> Result<Vec<PathBuf>, Error> {
        let directory = self.directory().to_owned();
        let staging = self.stage()?;
        let known = Check::of(result).map_err(|e| Fault::from(e).of(&directory))?;
        let found = Found {
            result,
            check: &known,
            inputs,
        };
        let written: Vec<&str> = FILES
            .par_iter()
            .map(|file| {
                cancel.check()?;
                let written = file.write(staging.path(), &found, cancel);
                written
                    .map(|written| written.then_some(file.name))
                    .map_err(|fault| fault.of(&directory.join(file.name)))
            })
            .collect::<Result<Vec<_>, Error>>()?
            .into_iter()
            .flatten()
            .collect();
        cancel.check()?;
        // What could not be read back from the disk was written as empty cells.
        let unread = |values: &Values| values.check();
        let read = result.uncertainty.feature.iter().try_for_each(unread);
        read.map_err(|e| Fault::from(e).of(&directory))?;
        staging.finish(&written)?;
        let path = |name| directory.join(name);
        Ok(written.into_iter().map(path).collect())
    }
}

/// What can go wrong inside a file; the path is added outside.
#[derive(Debug)]
enum Fault {
    Io(io::Error),
    Cancelled(Cancelled),
}

impl Fault {
    fn of(self, path: &Path) -> Error {
        match self {
            Self::Io(source) => Error::Write {
                path: path.to_path_buf(),
                source,
            },
            Self::Cancelled(cancelled) => cancelled.into(),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Cancelled> for Fault {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

impl From<FigureError> for Fault {
    fn from(error: FigureError) -> Self {
        Self::Io(io::Error::other(error))
    }
}

impl From<WeightsError> for Fault {
    fn from(error: WeightsError) -> Self {
        Self::Io(match error {
            WeightsError::Io(error) => error,
            other => io::Error::other(other),
        })
    }
}

#[cfg(test)]
mod tests;
