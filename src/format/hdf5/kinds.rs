//! Matrices whose features are of several kinds, each a modality of its own.

use std::collections::HashSet;

use super::File;
use crate::{
    data::{Axis, Column},
    format::{FormatError, Piece, modality_name},
};

/// The modalities of features, in the order in which they come, and how many features each has.
pub(in crate::format) fn count_kinds(modalities: &[String]) -> Vec<(String, usize)> {
    let count = |name: &String| modalities.iter().filter(|other| *other == name).count();
    let names = distinct(modalities);
    names
        .into_iter()
        .map(|name| (name.clone(), count(&name)))
        .collect()
}

fn distinct(modalities: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    let new = modalities.iter().filter(|name| seen.insert(name.as_str()));
    new.cloned().collect()
}

/// Parts a piece by the modalities of its features, one modality a feature. The names of the features, which may be repeated
/// across modalities, are told apart within each by `ids`; also how many got another name.
///
/// # Errors
/// If that would take too much memory, or the disk fails.
pub(in crate::format) fn by_kind(
    file: &File,
    piece: Piece,
    modalities: &[String],
    features: &[String],
    ids: Option<&[String]>,
) -> Result<Vec<(Piece, usize)>, FormatError> {
    let names = distinct(modalities);
    let pick = |from: &[String], places: &[u32]| -> Vec<String> {
        places.iter().map(|&at| from[at as usize].clone()).collect()
    };
    if let [name] = names.as_slice() {
        let (features, changed) = Axis::told_apart(features.to_vec(), ids);
        let modality = name.clone();
        let piece = Piece {
            modality,
            features,
            ..piece
        };
        return Ok(vec![(piece, changed)]);
    }
    // The parts are held beside the whole.
    file.hold(&piece.source, piece.matrix.bytes_in_memory())?;
    let part = |name: &String| {
        let all = 0..modalities.len() as u32;
        let places: Vec<u32> = all.filter(|&at| modalities[at as usize] == *name).collect();
        let ids = ids.map(|ids| pick(ids, &places));
        let (features, changed) = Axis::told_apart(pick(features, &places), ids.as_deref());
        let rows: Vec<Option<u32>> = places.iter().copied().map(Some).collect();
        let matrix = piece.matrix.select_columns(&places);
        let part = Piece {
            modality: name.clone(),
            features,
            var: piece.var.select(&rows),
            matrix: matrix.map_err(FormatError::Disk)?,
            source: piece.source.clone(),
            samples: piece.samples.clone(),
            obs: piece.obs.clone(),
        };
        Ok((part, changed))
    };
    names.iter().map(part).collect()
}

/// The modality of every feature, from a column of `var`; `None` where that tells something else, such as biotypes
/// (`protein_coding`): one of the modalities must be a known one.
pub(super) fn measured(column: &Column) -> Option<Vec<String>> {
    let mut kinds = texts(column)?;
    kinds
        .iter_mut()
        .for_each(|kind| *kind = modality_name(kind));
    let known = |name: &String| matches!(name.as_str(), "rna" | "protein" | "atac");
    distinct(&kinds).iter().any(known).then_some(kinds)
}

/// The texts of a column, if none is missing.
pub(super) fn texts(column: &Column) -> Option<Vec<String>> {
    (0..column.len()).map(|at| column.text(at)).collect()
}
