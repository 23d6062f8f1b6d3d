//! Matrices whose features are of several kinds, each a modality of its own.

use super::File;
use crate::{
    data::{Axis, Column},
    format::{FormatError, Piece, modality_name},
};

/// The modalities that features of these kinds belong to, and how many features each has.
pub(in crate::format) fn count_kinds(kinds: &[String]) -> Vec<(String, usize)> {
    let count = |name: &String| {
        kinds
            .iter()
            .filter(|kind| modality_name(kind) == *name)
            .count()
    };
    names(kinds)
        .into_iter()
        .map(|name| (name.clone(), count(&name)))
        .collect()
}

/// The modalities that features of these kinds belong to, in the order in which they come.
fn names(kinds: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut last = "";
    for kind in kinds {
        if kind != last {
            let name = modality_name(kind);
            if !names.contains(&name) {
                names.push(name);
            }
            last = kind;
        }
    }
    names
}

/// Parts a piece by the kinds of its features, one kind a feature: `Gene Expression`, `Antibody Capture`. The names of the
/// features, which may be repeated across kinds, are told apart within each by `ids`; also how many got another name.
///
/// # Errors
/// If that would take too much memory, or the disk fails.
pub(in crate::format) fn by_kind(
    file: &File,
    piece: Piece,
    kinds: &[String],
    features: &[String],
    ids: Option<&[String]>,
) -> Result<Vec<(Piece, usize)>, FormatError> {
    let names = names(kinds);
    let pick = |from: &[String], places: &[u32]| -> Vec<String> {
        places.iter().map(|&at| from[at as usize].clone()).collect()
    };
    if let [name] = names.as_slice() {
        let (features, changed) = Axis::told_apart(features.to_vec(), ids);
        let modality = name.clone();
        return Ok(vec![(
            Piece {
                modality,
                features,
                ..piece
            },
            changed,
        )]);
    }
    file.hold(&piece.source, piece.matrix.bytes_in_memory())?;
    let part = |name: &String| {
        let places: Vec<u32> = (0..kinds.len() as u32)
            .filter(|&at| modality_name(&kinds[at as usize]) == *name)
            .collect();
        let ids = ids.map(|ids| pick(ids, &places));
        let (features, changed) = Axis::told_apart(pick(features, &places), ids.as_deref());
        let rows: Vec<Option<u32>> = places.iter().copied().map(Some).collect();
        let matrix = piece.matrix.select_columns(&places);
        let part = Piece {
            modality: name.clone(),
            features,
            var: piece.var.select(&rows),
            matrix: matrix.map_err(|source| FormatError::Read {
                path: file.path().to_owned(),
                source,
            })?,
            ..piece.clone()
        };
        Ok((part, changed))
    };
    names.iter().map(part).collect()
}

/// Whether these are kinds of measurements, some of them known, rather than what else a column of that name may hold: biotypes
/// such as `protein_coding`.
pub(super) fn are_measured(kinds: &[String]) -> bool {
    let known = |name: &String| matches!(name.as_str(), "rna" | "protein" | "atac");
    names(kinds).iter().any(known)
}

/// The texts of a column of kinds, if every feature has one.
pub(super) fn texts(column: &Column) -> Option<Vec<String>> {
    (0..column.len()).map(|at| column.text(at)).collect()
}
