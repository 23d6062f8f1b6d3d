//! `.h5mu`, the files of MuData: several modalities of the same samples, each as anndata lays it out.
//!
//! Modalities differ in the number and the order of their samples, which are matched by their names. What describes the
//! samples of all modalities together stands beside them.

#[cfg(test)]
mod tests;

use std::path::Path;

use super::{
    Contents, Format, FormatError, Inspection, Look, Notice, ReadPlan, Severity,
    hdf5::{Annotated, File, Group, LOOK_MEMORY, Table, Wanted, add_coordinates},
    modality_name,
};
use crate::{
    data::{Axis, Column, Frame},
    job::CancelToken,
};

/// `.h5mu` files of MuData 0.1 to 0.3.
#[derive(Clone, Copy, Debug)]
pub struct H5mu;

impl Format for H5mu {
    fn name(&self) -> &'static str {
        "MuData (.h5mu)"
    }

    fn recognises(&self, look: &Look) -> bool {
        let has_modalities = |file: &File| matches!(file.root().group("mod"), Ok(Some(_)));
        look.is_hdf5()
            && File::open(&look.path, LOOK_MEMORY).is_ok_and(|file| has_modalities(&file))
    }

    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
        let file = File::open(path, LOOK_MEMORY)?;
        let mut inspection = Inspection::default();
        for (name, group) in modalities(&file)? {
            cancel.check()?;
            let data = Annotated::at(group)?;
            inspection.modalities.extend(data.found(&name, false)?);
            inspection.obs.extend(data.obs_columns()?);
        }
        if let Some(obs) = file.root().child("obs")? {
            inspection.obs.splice(0..0, Table::columns(&obs)?);
        }
        let mut seen = std::collections::HashSet::new();
        inspection.obs.retain(|name| seen.insert(name.clone()));
        Ok(inspection)
    }

    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError> {
        let file = File::of_plan(path, plan)?;
        let mut contents = Contents {
            files: vec![path.to_owned()],
            ..Contents::default()
        };
        let modalities = modalities(&file)?;
        let with_it = holders(&modalities, plan.matrix.as_deref())?;
        if with_it.is_empty() {
            return Err(nowhere(&file, &modalities, plan.matrix.as_deref())?);
        }
        for (at, (name, group)) in modalities.into_iter().enumerate() {
            let mut matrix = plan.matrix.as_deref();
            if let Some(asked) = plan.matrices.get(&name) {
                matrix = Some(asked);
            } else if !with_it.contains(&at) {
                let asked = matrix.take().unwrap_or_default();
                contents.notices.push(Notice {
                    severity: Severity::Warning,
                    object: group.at.clone(),
                    text: format!("{name} has no matrix {asked}; the one it has is read."),
                });
            }
            let uns = group.group("uns").ok().flatten();
            let wanted = Wanted {
                matrix,
                modality: &name,
                part: false,
            };
            let data = Annotated::at(group)?;
            let pieces = data.read(&wanted, uns.as_ref(), &mut contents.notices, cancel)?;
            contents.pieces.extend(pieces);
        }
        contents.obs = described(&file, &mut contents, cancel)?;
        Ok(contents)
    }
}

/// The modalities with the names they get, in the order that the file gives them.
fn modalities(file: &File) -> Result<Vec<(String, Group<'_>)>, FormatError> {
    let root = file.root();
    if root
        .attribute("axis")?
        .and_then(|axis| axis.text(0))
        .is_some_and(|axis| axis == "1")
    {
        return Err(file.unsupported(
            "holds parts that share their features, not their samples (axis = 1)",
            "Give every part as a file of its own.",
        ));
    }
    let missing = || file.damaged("mod", "is not there");
    let all = root.group("mod")?.ok_or_else(missing)?;
    let mut names = all.names()?;
    if let Some(order) = all.attribute("mod-order")? {
        let place =
            |name: &String| (0..order.len()).position(|at| order.text(at).as_ref() == Some(name));
        names.sort_by_key(|name| place(name).unwrap_or(usize::MAX));
    }
    let mut modalities: Vec<(String, Group<'_>)> = Vec::new();
    for name in &names {
        let Some(group) = all.group(name)? else {
            continue;
        };
        // Two modalities must not become one: of `adt` and `prot` one is called `protein`.
        let known = modality_name(name);
        let named = |other: &String| *other == known && other != name;
        let taken = names.iter().any(named) || modalities.iter().any(|(other, _)| named(other));
        modalities.push((if taken { name.clone() } else { known }, group));
    }
    if modalities.is_empty() {
        return Err(file.unsupported(
            "holds no modality",
            "Write it again with one modality or more.",
        ));
    }
    Ok(modalities)
}

/// Which modalities have the matrix that is asked for; all of them if none is.
fn holders(
    modalities: &[(String, Group<'_>)],
    matrix: Option<&str>,
) -> Result<Vec<usize>, FormatError> {
    let mut holders = Vec::new();
    for (at, (_, group)) in modalities.iter().enumerate() {
        let has = match matrix {
            Some(matrix) => group.child(matrix)?.is_some(),
            None => true,
        };
        if has {
            holders.push(at);
        }
    }
    Ok(holders)
}

/// What is said where no modality has the matrix that is asked for.
fn nowhere(
    file: &File,
    modalities: &[(String, Group<'_>)],
    matrix: Option<&str>,
) -> Result<FormatError, FormatError> {
    let mut choices = Vec::new();
    for (name, group) in modalities {
        for found in Annotated::at(group.clone())?.found(name, false)? {
            choices.extend(found.matrices);
        }
    }
    choices.sort();
    choices.dedup();
    Ok(FormatError::Choose {
        path: file.path().to_owned(),
        question: format!(
            "No modality has a matrix '{}'. Which one is it?",
            matrix.unwrap_or_default()
        ),
        choices,
    })
}

/// What describes the samples of all modalities together. Columns that MuData copied from a modality, `rna:leiden`, are left to
/// the modality they come from.
fn described(
    file: &File,
    contents: &mut Contents,
    cancel: &CancelToken,
) -> Result<Option<(Axis, Frame)>, FormatError> {
    let root = file.root();
    let Some(obs) = root.child("obs")? else {
        return Ok(None);
    };
    let uns = root.group("uns").ok().flatten();
    let mut table = Table::read(&obs, uns.as_ref(), &mut contents.notices, cancel)?;
    let rows = table.names.len();
    add_coordinates(
        &root,
        (rows, ""),
        &mut table.frame,
        &mut contents.notices,
        cancel,
    )?;
    file.hold("obs", 4 * table.names.len() as u64)?;
    let samples = Axis::new(table.names).map_err(|repeated| file.repeated("obs", &repeated))?;
    let copied = |name: &str| {
        name.split_once(':').is_some_and(|(modality, column)| {
            let from = |piece: &super::Piece| {
                piece.modality == modality || piece.modality == modality_name(modality)
            };
            let pieces = contents.pieces.iter().filter(|piece| from(piece));
            pieces
                .into_iter()
                .any(|piece| piece.obs.get(column).is_some())
        })
    };
    let mut frame = Frame::default();
    let kept = table.frame.columns().filter(|(name, _)| !copied(name));
    kept.for_each(|(name, column): (&str, &Column)| frame.set(name, column.clone()));
    Ok(Some((samples, frame)))
}
