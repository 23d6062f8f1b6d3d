//! Results as a folder of files: tables (CSV), figures (PNG and SVG), the network (safetensors), and `run.json`, which
//! says how they were made.
//!
//! `tables`, `assignment`, `checks`, `methods`, `figures` and `report` know what belongs into each file, `folder` how a folder gets its files all at
//! once or not at all, `swap` how those of a folder that is there already are exchanged, `rescue` where results go that
//! cannot be written where they were asked for.

mod anndata;
mod assignment;
mod checks;
mod contents;
mod dataset;
mod figures;
mod folder;
mod methods;
mod record;
mod reopen;
mod repeated;
mod report;
mod rescue;
mod swap;
mod tables;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use rayon::prelude::*;

pub use anndata::{X, check_anndata, ending, write_anndata, write_prepared};
pub use checks::check_json;
pub use contents::contents;
pub use dataset::write_dataset;
pub use folder::{Reservation, recover, reserve, reserve_free};
pub use methods::{comparison_json, may_write_comparison, write_comparison};
pub use record::{DataRecord, ModalityRecord, Recall, RunRecord, Scores, Tool};
pub use reopen::{Reopened, reopen, results_at};
pub use repeated::{Outcome, Repeated};
pub use rescue::rescue;

use crate::{
    data::Values,
    error::Error,
    figure::{Drawing, FigureError},
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

/// How an analysis was made; a folder with this file holds results.
const RUN: &str = "run.json";

/// What was found, to be opened again.
const KEPT: &str = "results.hdumec";

/// Every file an export may write.
const FILES: [&str; 24] = [
    RUN,
    KEPT,
    "scores.json",
    "embedding.csv",
    "umap.csv",
    "assignment.csv",
    "uncertainty_sample.csv",
    "uncertainty_modality.csv",
    "uncertainty_feature.csv",
    "loadings.csv",
    "not_measured.csv",
    "convergence.csv",
    "check.json",
    "risk_coverage.csv",
    "injected_noise.csv",
    "methods.csv",
    "method_clusters.csv",
    "model.safetensors",
    "umap_label.png",
    "umap_label.svg",
    "umap_uncertainty.png",
    "umap_uncertainty.svg",
    "convergence.png",
    "convergence.svg",
];

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
        let written: Vec<&str> = FILES
            .par_iter()
            .map(|&name| {
                cancel.check()?;
                write_one(name, staging.path(), result, &known, inputs, cancel)
                    .map(|written| written.then_some(name))
                    .map_err(|fault| fault.of(&directory.join(name)))
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

/// Writes one file, unless the result has nothing for it.
fn write_one(
    name: &str,
    folder: &Path,
    result: &AnalysisResult,
    known: &Check,
    inputs: &Inputs,
    cancel: &CancelToken,
) -> Result<bool, Fault> {
    let put = |fill: &dyn Fn(&mut dyn Write) -> Result<(), Fault>| {
        let mut out = BufWriter::with_capacity(1 << 16, File::create_new(folder.join(name))?);
        fill(&mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(true)
    };
    let drawn = |drawing: Option<Drawing>| match drawing {
        Some(drawing) if name.ends_with(".png") => {
            let png = drawing.to_png()?;
            put(&|w| Ok(w.write_all(&png)?))
        }
        Some(drawing) => put(&|w| Ok(w.write_all(drawing.to_svg().as_bytes())?)),
        None => Ok(false),
    };
    match name {
        RUN => put(&|w| report::write(w, &RunRecord::of(result, inputs))),
        KEPT => put(&|w| Ok(reopen::write(w, result, inputs)?)),
        "scores.json" => put(&|w| report::write(w, &Scores::of(result))),
        "check.json" => match checks::check_json(result, known) {
            Some(check) => put(&|w| report::write(w, &check)),
            None => Ok(false),
        },
        "risk_coverage.csv" | "injected_noise.csv" => match checks::table(name, result, known) {
            Some(table) => put(&|w| table.write(w, cancel)),
            None => Ok(false),
        },
        "methods.csv" | "method_clusters.csv" => {
            let comparison = result.comparison.as_deref();
            match comparison.and_then(|found| methods::table(name, &result.dataset, found)) {
                Some(table) => put(&|w| table.write(w, cancel)),
                None => Ok(false),
            }
        }
        "model.safetensors" => {
            put(&|w| Ok(result.weights.write(w, &report::model_notes(result))?))
        }
        "umap_label.png" | "umap_label.svg" => drawn(figures::label(result)),
        "umap_uncertainty.png" | "umap_uncertainty.svg" => drawn(figures::uncertainty(result)),
        "convergence.png" | "convergence.svg" => drawn(figures::convergence(result)),
        "not_measured.csv" => match tables::not_measured(result)? {
            Some(table) => put(&|w| table.write(w, cancel)),
            None => Ok(false),
        },
        _ => match tables::Table::named(name, result) {
            Some(table) => put(&|w| {
                table.write(w, cancel)?;
                // What could not be read back from disk was written as no value.
                let mut values = result.uncertainty.feature.iter();
                Ok(values.try_for_each(Values::check)?)
            }),
            None => Ok(false),
        },
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
