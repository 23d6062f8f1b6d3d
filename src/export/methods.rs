//! Methods side by side, as tables.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::tables::Table;
use crate::{
    data::Dataset,
    error::Error,
    job::CancelToken,
    pipeline::{Comparison, MethodClusters},
};

/// The file of the scores of methods side by side, and that of their clusters.
pub(super) const METHODS: &str = "methods.csv";
pub(super) const CLUSTERS: &str = "method_clusters.csv";

/// A row for every method: scores, seconds, and how far it agrees with every other.
pub(super) fn methods(comparison: &Comparison) -> Table<'_> {
    let mut header = vec![
        "method", "acc", "nmi", "ari", "purity", "clusters", "seconds", "failed",
    ];
    let agreement = comparison.methods.iter();
    let agreement: Vec<String> = agreement
        .map(|compared| format!("agreement with {}", compared.method.key()))
        .collect();
    header.extend(agreement.iter().map(String::as_str));
    Table::new(&header, comparison.methods.len(), |row, line| {
        let compared = &comparison.methods[row];
        line.text(compared.method.key());
        let found = compared.clusters();
        let scores = found.map(|found| found.scores);
        let by_label = scores.map_or([None; 4], |s| [s.acc, s.nmi, s.ari, s.purity]);
        by_label.into_iter().for_each(|score| line.double(score));
        line.double(scores.map(|scores| scores.clusters as f64));
        line.double(found.map(|found| found.seconds));
        line.text(compared.outcome.as_ref().err().map_or("", String::as_str));
        let agreement = &comparison.agreement[row];
        agreement.iter().for_each(|&value| line.double(value));
    })
}

/// The cluster of every sample by every method that found some, counted from 1.
pub(super) fn clusters<'a>(dataset: &'a Dataset, comparison: &'a Comparison) -> Table<'a> {
    let labels = dataset.labels.as_ref();
    let found: Vec<(&str, &MethodClusters)> = comparison
        .methods
        .iter()
        .filter_map(|compared| Some((compared.method.key(), compared.clusters()?)))
        .collect();
    let mut header = vec!["sample"];
    header.extend(labels.map(|_| "label"));
    header.extend(found.iter().map(|(key, _)| *key));
    Table::new(&header, dataset.samples(), move |row, line| {
        line.text(&dataset.samples[row]);
        if let Some(labels) = labels {
            line.text(labels.name_of(row).unwrap_or(""));
        }
        for (_, found) in &found {
            line.double(Some(f64::from(found.labels[row]) + 1.0));
        }
    })
}

/// Methods side by side, in numbers.
pub fn comparison_json(comparison: &Comparison) -> Value {
    let rows = comparison.methods.iter().zip(&comparison.agreement);
    let methods: Vec<Value> = rows
        .map(|(compared, agreement)| {
            let found = compared.clusters();
            let others = comparison.methods.iter().zip(agreement);
            let agreement: serde_json::Map<String, Value> = others
                .map(|(other, value)| (other.method.key().to_owned(), json!(value)))
                .collect();
            json!({
                "method": compared.method.key(),
                "scores": found.map(|found| found.scores),
                "seconds": found.map(|found| found.seconds),
                "failed": compared.outcome.as_ref().err(),
                "agreement": agreement,
            })
        })
        .collect();
    json!({ "clusters": comparison.clusters, "seed": comparison.seed, "methods": methods })
}

/// Whether the tables of a comparison can be written into a folder: to be asked before anything is computed.
///
/// # Errors
/// [`Error::Exists`] if one of them is there and `replace` is not set.
pub fn may_write_comparison(folder: &Path, replace: bool) -> Result<(), Error> {
    let mut paths = [METHODS, CLUSTERS]
        .into_iter()
        .map(|file| folder.join(file));
    match paths.find(|path| !replace && path.exists()) {
        Some(there) => Err(Error::Exists(there)),
        None => Ok(()),
    }
}

/// Writes the tables of a comparison into a folder, made if missing, and returns them.
///
/// # Errors
/// Those of [`may_write_comparison`]; [`Error::Write`]; [`Error::Cancelled`].
pub fn write_comparison(
    dataset: &Dataset,
    comparison: &Comparison,
    folder: &Path,
    replace: bool,
    cancel: &CancelToken,
) -> Result<Vec<PathBuf>, Error> {
    may_write_comparison(folder, replace)?;
    let tables = [
        (METHODS, methods(comparison)),
        (CLUSTERS, clusters(dataset, comparison)),
    ];
    let mut paths = Vec::new();
    for (file, table) in tables {
        let path = folder.join(file);
        table.save(&path, cancel)?;
        paths.push(path);
    }
    Ok(paths)
}
