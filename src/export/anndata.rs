//! Results where users of Python go on working: AnnData `.h5ad`, and MuData `.h5mu` of several modalities.
//!
//! What was measured is written as it was read; clusters, their uncertainty and the maps stand beside it under names that begin with
//! `hdumec`, and `X_umap` where plots look for it.

mod elements;
mod joined;
mod table;

use std::{fs, io, path::Path};

use hdf5_writer::AttributeBuilder;

use self::elements::{Elements, key, text};
use super::{Fault, RunRecord};
use crate::{
    data::{
        Axis, Dataset, Frame, Matrix, Modality, Sparse, SparseWriter, Storage, Values,
        available_memory,
    },
    error::Error,
    io::{Inputs, Source},
    job::CancelToken,
    pipeline::AnalysisResult,
    prepare::write_recipes,
    store::atomic,
    words::thousands,
};

/// Bytes before the HDF5 part of a MuData file.
const HEADER: usize = 512;

/// Times its values that a file takes while it is made: itself, and what it is encoded into.
const COPIES: u64 = 3;

/// The ending that fits data: `h5ad` of one modality, `h5mu` of several.
pub fn ending(dataset: &Dataset) -> &'static str {
    match dataset.modalities.len() {
        1 => "h5ad",
        _ => "h5mu",
    }
}

/// Whether a result of these data can be written there, to know before it is computed.
///
/// # Errors
/// If the ending is another than [`ending`], the data were read from that file, or there is one and it is not to be replaced.
pub fn check_anndata(
    dataset: &Dataset,
    inputs: &Inputs,
    path: &Path,
    replace: bool,
) -> Result<(), Error> {
    let found = path.extension().and_then(|ending| ending.to_str());
    let (name, modalities) = (path.display(), dataset.modalities.len());
    if !found.is_some_and(|found| found.eq_ignore_ascii_case(ending(dataset))) {
        return Err(Error::Usage(match modalities {
            1 => format!("Data of one modality are written as AnnData: let '{name}' end in .h5ad."),
            _ => format!(
                "Data of {modalities} modalities are written as MuData: let '{name}' end in .h5mu."
            ),
        }));
    }
    let same = |file: &Path| match (fs::canonicalize(file), fs::canonicalize(path)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    if inputs.files.iter().any(|file| same(&file.path)) {
        return Err(Error::Usage(format!(
            "The data were read from '{name}', and are never changed: choose another name."
        )));
    }
    if !replace && path.exists() {
        return Err(Error::Exists(path.to_owned()));
    }
    Ok(())
}

/// What X is in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum X {
    /// The values as they were read.
    #[default]
    Read,
    /// What the steps of the preparation made of the features that were chosen, before they were mixed to components.
    Prepared,
}

/// Writes what was measured, as it was read or as it was prepared, and what was found into one file, which takes the place of one that is there unless that
/// was read for this result.
///
/// # Errors
/// Those of [`check_anndata`]; if there is not enough memory, it cannot be written, or cancelled.
pub fn write_anndata(
    result: &AnalysisResult,
    inputs: &Inputs,
    x: X,
    path: &Path,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let contents = Contents {
        dataset: &result.dataset,
        result: Some(result),
        inputs,
        x,
    };
    write(&contents, path, cancel)
}

/// Writes data as they were read, or as they were prepared, into one file, as [`write_anndata`] does with results.
///
/// # Errors
/// Those of [`write_anndata`].
pub fn write_prepared(
    dataset: &Dataset,
    inputs: &Inputs,
    x: X,
    path: &Path,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let contents = Contents {
        dataset,
        result: None,
        inputs,
        x,
    };
    write(&contents, path, cancel)
}

/// What goes into a file.
struct Contents<'a> {
    dataset: &'a Dataset,
    result: Option<&'a AnalysisResult>,
    inputs: &'a Inputs,
    x: X,
}

impl Contents<'_> {
    /// The features that X is of.
    fn features<'m>(&self, modality: &'m Modality) -> &'m Axis {
        match self.x {
            X::Read => &modality.measured.features,
            X::Prepared => chosen(modality).0,
        }
    }
}

fn write(contents: &Contents<'_>, path: &Path, cancel: &CancelToken) -> Result<(), Error> {
    let &Contents {
        dataset, inputs, ..
    } = contents;
    check_anndata(dataset, inputs, path, true)?;
    let bytes = enough_memory(contents).and_then(|()| encode(contents, cancel));
    let bytes = bytes.map_err(|fault| fault.of(path))?;
    cancel.check()?;
    let several = dataset.modalities.len() > 1;
    let written = atomic::write(path, |out| {
        if several {
            out.write_all(&header())?;
        }
        out.write_all(&bytes)
    });
    written.map_err(|error| Fault::Io(error).of(path))
}

impl From<hdf5_writer::Error> for Fault {
    fn from(error: hdf5_writer::Error) -> Self {
        Self::Io(io::Error::other(error))
    }
}

/// A file is encoded in memory as a whole.
fn enough_memory(contents: &Contents<'_>) -> Result<(), Fault> {
    let in_full = |values: &Values| 4 * values.samples() as u64 * values.features() as u64;
    let modalities = contents.dataset.modalities.iter();
    let bytes = modalities.map(|modality| match (&modality.measured.matrix, contents.x) {
        (_, X::Prepared) => in_full(chosen(modality).1),
        (Matrix::Dense(values), X::Read) => in_full(values),
        (sparse @ Matrix::Sparse(_), X::Read) => sparse.bytes(),
    });
    let (needed, free) = (COPIES * bytes.sum::<u64>(), available_memory());
    if needed > free {
        let mib = |bytes: u64| thousands(bytes >> 20);
        let why = format!(
            "the file is made in memory, which takes {} MiB, and {} MiB are free; the tables (.csv) take little",
            mib(needed),
            mib(free)
        );
        return Err(io::Error::new(io::ErrorKind::OutOfMemory, why).into());
    }
    Ok(())
}

/// What MuData files begin with, so that they are told from others.
fn header() -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    let text = format!("MuData (format-version=0.1.0;creator=hdumec;creator-version={version})");
    let mut header = text.into_bytes();
    header.resize(HEADER, 0);
    header
}

/// The features that were chosen, and their values before they were mixed.
fn chosen(modality: &Modality) -> (&Axis, &Values) {
    let mixture = modality.measured.mixture.as_ref();
    let features = mixture.map_or(&modality.features, |mixture| &mixture.features);
    (features, modality.unmixed())
}

/// Values of which most are zero, as a sparse matrix.
fn sparse(values: &Values) -> Result<Option<Sparse>, Fault> {
    if Matrix::Dense(values.clone()).facts()?.density() >= 0.5 {
        return Ok(None);
    }
    let columns = values.features().max(1);
    let pieces = values.fold(
        || (Vec::new(), Vec::new(), Vec::new()),
        |(lengths, indices, held): &mut (Vec<usize>, Vec<u32>, Vec<f32>), rows| {
            for row in rows.chunks_exact(columns) {
                let before = held.len();
                for (at, &value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                    indices.push(at as u32);
                    held.push(value);
                }
                lengths.push(held.len() - before);
            }
        },
    )?;
    let mut writer = SparseWriter::new(values.features(), Storage::Memory)?;
    for (lengths, mut indices, mut held) in pieces {
        let written = writer.append(lengths, &mut indices, &mut held);
        written.map_err(io::Error::other)?;
    }
    Ok(Some(writer.finish()))
}

fn encode(contents: &Contents<'_>, cancel: &CancelToken) -> Result<Vec<u8>, Fault> {
    let mut file = Elements::default();
    let &Contents {
        dataset,
        result,
        inputs,
        ..
    } = contents;
    let obs = table::of_samples(dataset, result);
    match dataset.modalities.as_slice() {
        [_] => {
            file.root("anndata", "0.1.0");
            annotated(&mut file, "", contents, 0, &obs.frame, cancel)?;
        }
        several => {
            file.root("MuData", "0.1.0");
            file.root_attribute(text("encoder", "hdumec"));
            file.root_attribute(text("encoder-version", env!("CARGO_PKG_VERSION")));
            file.root_attribute(AttributeBuilder::scalar("axis", 0_i64)?);
            let names: Vec<String> = several.iter().map(|m| key(&m.name)).collect();
            file.attribute("mod", AttributeBuilder::vlen_strings("mod-order", &names)?);
            for (at, name) in names.iter().enumerate() {
                let path = format!("mod/{name}/");
                file.group(path.trim_end_matches('/'), "anndata", "0.1.0");
                annotated(&mut file, &path, contents, at, &Frame::default(), cancel)?;
            }
            joined::write(&mut file, contents, &names, &obs.frame)?;
        }
    }
    for (column, colours) in &obs.colours {
        file.colours("uns", column, colours)?;
    }
    file.dict("uns/hdumec");
    file.string("uns/hdumec/version", env!("CARGO_PKG_VERSION"))?;
    let Some(result) = result else {
        if let Some(Source::Files(spec)) = &inputs.source {
            file.string("uns/hdumec/preparation", &write_recipes(&spec.preparation))?;
        }
        return Ok(file.encode()?);
    };
    // What belongs to the samples as a whole.
    let stage = result.last_stage();
    let embedding = &stage.embedding;
    let rows = |array: &ndarray::Array2<f32>| array.iter().copied().collect::<Vec<f32>>();
    let shape = |array: &ndarray::Array2<f32>| [array.nrows() as u64, array.ncols() as u64];
    file.array("obsm/X_hdumec", &shape(embedding), &rows(embedding))?;
    if let Some(map) = result.stage(2).umap.as_deref() {
        file.array("obsm/X_umap", &shape(map), &rows(map))?;
    }
    let record = serde_json::to_value(RunRecord::of(result, inputs));
    let record = record.map_err(io::Error::other)?;
    file.string("uns/hdumec/run", &record.to_string())?;
    file.number("uns/hdumec/clusters", result.clusters as f64)?;
    let consensus = result.consensus.as_ref();
    if let Some(agreement) = consensus.and_then(|consensus| consensus.agreement) {
        file.number("uns/hdumec/agreement", agreement)?;
    }
    cancel.check()?;
    Ok(file.encode()?)
}

/// A modality with what describes its samples and its features, under a path that is empty or ends in a slash.
fn annotated(
    file: &mut Elements,
    path: &str,
    contents: &Contents<'_>,
    at: usize,
    obs: &Frame,
    cancel: &CancelToken,
) -> Result<(), Fault> {
    let dataset = contents.dataset;
    let (samples, modality) = (&dataset.samples, &dataset.modalities[at]);
    let measured = &modality.measured;
    let all = |values: &Values| -> Result<([u64; 2], Vec<f32>), Fault> {
        let (rows, columns) = values.dim();
        let mut all = vec![0.0; rows * columns];
        values.copy_rows(0..rows, &mut all);
        values.check()?;
        Ok(([rows as u64, columns as u64], all))
    };
    let of = table::of_features(contents, at)?;
    let (names, var, columns) = match (contents.x, &measured.matrix) {
        (X::Read, matrix) => {
            match matrix {
                Matrix::Sparse(sparse) => {
                    file.sparse(&format!("{path}X"), sparse)?;
                    sparse.check()?;
                }
                Matrix::Dense(values) => {
                    let (shape, values) = all(values)?;
                    file.array(&format!("{path}X"), &shape, &values)?;
                }
            }
            (measured.features.clone(), of, None)
        }
        (X::Prepared, _) => {
            let (names, values) = chosen(modality);
            match sparse(values)? {
                Some(sparse) => file.sparse(&format!("{path}X"), &sparse)?,
                None => {
                    let (shape, values) = all(values)?;
                    file.array(&format!("{path}X"), &shape, &values)?;
                }
            }
            let columns = table::columns(modality);
            let places: Vec<_> = columns.iter().copied().map(Some).collect();
            (names.clone(), of.select(&places), Some(columns))
        }
    };
    cancel.check()?;
    file.frame(&format!("{path}obs"), samples, obs)?;
    file.frame(&format!("{path}var"), &names, &var)?;
    for group in ["layers", "obsm", "obsp", "uns", "varm", "varp"] {
        file.dict(&format!("{path}{group}"));
    }
    // Mixtures of features have no column of their own.
    if let Some(mixture) = &measured.mixture {
        let key = match modality
            .features
            .first()
            .is_some_and(|name| name.starts_with("LSI"))
        {
            true => ("obsm/X_lsi", "varm/LSI"),
            false => ("obsm/X_pca", "varm/PCs"),
        };
        let (shape, values) = all(&modality.values)?;
        file.array(&format!("{path}{}", key.0), &shape, &values)?;
        let width = modality.values.features();
        let loadings = match columns {
            Some(_) => mixture.loadings.clone(),
            // Features that were not chosen have none.
            None => {
                let mut loadings = vec![0.0; measured.features.len() * width];
                let of = mixture
                    .columns
                    .iter()
                    .zip(mixture.loadings.chunks_exact(width));
                for (&column, of_feature) in of {
                    loadings[column as usize * width..][..width].copy_from_slice(of_feature);
                }
                loadings
            }
        };
        let shape = [names.len() as u64, width as u64];
        file.array(&format!("{path}{}", key.1), &shape, &loadings)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
