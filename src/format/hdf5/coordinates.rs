//! Maps that were made elsewhere: coordinates of the samples in `obsm`, such as `X_umap`, `X_tsne` and `spatial`.

use std::ops::RangeInclusive;

use super::{Group, matrix::Found};
use crate::{
    data::{Column, Frame},
    format::{FormatError, Notice, Severity},
    job::CancelToken,
};

/// Dimensions of a map. What has more, such as components, is a matrix to be chosen.
const DIMENSIONS: RangeInclusive<usize> = 2..=3;

/// Adds the maps of a group to what describes its samples, a column a dimension, with a `prefix`: `X_umap_1` and `X_umap_2`. A map whose
/// columns are there already, or one of them, is left out.
///
/// # Errors
/// If they take too much memory.
pub(in crate::format) fn add(
    group: &Group<'_>,
    (samples, prefix): (usize, &str),
    frame: &mut Frame,
    notices: &mut Vec<Notice>,
    cancel: &CancelToken,
) -> Result<(), FormatError> {
    let Ok(Some(maps)) = group.group("obsm") else {
        return Ok(());
    };
    let mut added = Vec::new();
    for name in maps.names()? {
        cancel.check()?;
        match read(&maps, &name, samples, cancel) {
            Ok(None) => {}
            Ok(Some(columns)) => {
                let name = format!("{prefix}{name}");
                let of = |at: usize| format!("{name}_{}", at + 1);
                if (0..columns.len()).any(|at| frame.get(&of(at)).is_some()) {
                    continue;
                }
                for (at, column) in columns.into_iter().enumerate() {
                    frame.set(of(at), Column::Number(column));
                }
                added.push(name);
            }
            Err(FormatError::Damaged { what, .. } | FormatError::Unsupported { what, .. }) => {
                notices.push(Notice {
                    severity: Severity::Warning,
                    object: maps.place(&name),
                    text: format!("These coordinates are left out: the data set {what}."),
                });
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(first) = added.first() {
        let text = format!(
            "The coordinates {} describe the samples as columns, such as {first}_1: Explore shows them as maps.",
            added.join(", ")
        );
        notices.push(maps.note(Severity::Note, text));
    }
    Ok(())
}

/// The columns of a map; nothing if it is none.
fn read(
    maps: &Group<'_>,
    name: &str,
    samples: usize,
    cancel: &CancelToken,
) -> Result<Option<Vec<Vec<f64>>>, FormatError> {
    let found = match maps.child(name)? {
        Some(node) => Found::at(node)?,
        None => None,
    };
    let Some(found @ Found::Dense(..)) = found else {
        return Ok(None);
    };
    let [rows, dimensions] = found.dims();
    if !DIMENSIONS.contains(&dimensions) {
        return Ok(None);
    }
    let file = maps.file;
    if rows != samples {
        let what = format!("has {rows} rows for {samples} samples");
        return Err(file.damaged(found.place(), what));
    }
    file.hold(found.place(), 12 * (rows * dimensions) as u64)?;
    let matrix = found.read(cancel)?;
    let column = |at| {
        let column = matrix.column(at).map_err(|source| FormatError::Read {
            path: file.path().to_owned(),
            source,
        })?;
        Ok(column.into_iter().map(f64::from).collect())
    };
    (0..dimensions)
        .map(column)
        .collect::<Result<_, _>>()
        .map(Some)
}
