//! Classes of the samples, and whatever else is known of them, from a file of their own.
//!
//! `ids` finds which row is of which sample, `classes` which column holds the classes. Both go by what the columns hold:
//! `sample` may be the donor, and `cell_id` the type of the cell.

mod classes;
mod ids;
#[cfg(test)]
mod tests;

use super::{
    error::LoadError, load::LoadSpec, metadata::Sheet, notice::LoadNotice, report::LabelCandidate,
};
use crate::{
    data::{Frame, Labels},
    job::CancelToken,
};
use std::path::Path;

/// The samples that are to be labelled.
#[derive(Clone, Copy)]
pub(super) struct Samples<'a> {
    /// Their ids.
    pub ids: &'a [String],
    /// The file whose order they have.
    pub file: &'a Path,
    /// Whether the ids are made up, so that nothing can be looked up by them.
    pub by_position: bool,
}

/// What a labels file tells.
#[derive(Debug)]
pub(super) struct Found {
    /// The classes and the column they come from, unless there is none.
    pub labels: Option<(Labels, String)>,
    /// The columns that can be asked for: all but that of the ids.
    pub columns: Vec<String>,
    /// The columns that could hold the classes, the likeliest first.
    pub candidates: Vec<LabelCandidate>,
    /// All columns but that of the ids, in the order of the samples.
    pub obs: Frame,
}

/// Finds the classes of the samples in the text of a labels file.
///
/// # Errors
/// [`LoadError::Ask`] where ids need a rule to agree, few of them do, or several columns may hold the classes.
pub(super) fn find(
    path: &Path,
    text: &[u8],
    spec: &LoadSpec,
    samples: Samples<'_>,
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<Found, LoadError> {
    let mut said = Vec::new();
    let mut sheet = Sheet::read(path, text, false, &mut said, cancel)?;
    // Names of classes hold blanks too: those between columns are known by the ids.
    if sheet.blanks && !samples.by_position && ids::named(&sheet, spec, samples, cancel)?.is_none()
    {
        said.clear();
        sheet = Sheet::read(path, text, true, &mut said, cancel)?;
    }
    let rows = match samples.by_position || sheet.columns.len() == 1 {
        true => ids::by_position(path, sheet, spec, samples, &mut said)?,
        false => ids::by_id(path, sheet, spec, samples, &mut said, cancel)?,
    };
    let found = in_rows(path, &rows, false, spec, &mut said)?;
    notices.append(&mut said);
    Ok(found)
}

/// Finds the classes of the samples among what a file of another program tells of them, in their order. Only a column whose
/// name says that it holds what the samples were found to be is taken unasked.
///
/// # Errors
/// As for [`find`].
pub(super) fn of_obs(
    path: &Path,
    obs: &Frame,
    spec: &LoadSpec,
    notices: &mut Vec<LoadNotice>,
) -> Result<Found, LoadError> {
    let rows = ids::Rows::of_frame(obs);
    let mut found = in_rows(path, &rows, true, spec, notices)?;
    found.obs = obs.clone();
    found.columns = obs.columns().map(|(name, _)| name.to_owned()).collect();
    Ok(found)
}

fn in_rows(
    path: &Path,
    rows: &ids::Rows,
    by_name: bool,
    spec: &LoadSpec,
    said: &mut Vec<LoadNotice>,
) -> Result<Found, LoadError> {
    let places = rows.of.as_slice();
    let mut found = Found {
        labels: None,
        columns: rows
            .other_columns()
            .map(|at| rows.table.names[at].clone())
            .collect(),
        candidates: Vec::new(),
        obs: rows.table.frame(rows.ids).select(places),
    };
    let candidates = classes::candidates(rows, &found.obs);
    found.candidates = candidates.iter().map(classes::Candidate::report).collect();
    let named = |candidate: &&classes::Candidate| !by_name || candidate.is_annotation();
    let likely: Vec<classes::Candidate> = candidates.iter().filter(named).cloned().collect();
    match classes::choose(path, rows, &likely, spec)? {
        Some(column) => {
            let name = rows.table.names[column].clone();
            let labels = classes::labels(path, rows, column)?;
            check_classes(path, &name, &labels)?;
            if !rows.again.is_empty() {
                said.push(LoadNotice::RepeatedLabels {
                    rows: rows.again.len(),
                });
            }
            if spec.label_column.is_none() {
                let others = candidates.iter().map(|c| &c.name);
                said.push(LoadNotice::LabelsFound {
                    file: path.to_owned(),
                    others: others.filter(|other| **other != name).cloned().collect(),
                    column: name.clone(),
                });
            }
            if labels.few() {
                said.push(LoadNotice::FewLabelled {
                    samples: labels.labelled(),
                    of: labels.codes.len(),
                });
            }
            found.labels = Some((labels, name));
        }
        None if !candidates.is_empty() => said.push(LoadNotice::ClassesPossible {
            file: path.to_owned(),
            columns: candidates.iter().map(|c| c.name.clone()).collect(),
        }),
        None => said.push(LoadNotice::NoClasses {
            file: path.to_owned(),
        }),
    }
    Ok(found)
}

/// Refuses labels in which (almost) every sample is a class of its own.
pub(super) fn check_classes(path: &Path, column: &str, labels: &Labels) -> Result<(), LoadError> {
    let labelled = labels.labelled();
    if classes::like_ids(labels.classes.len(), labelled) {
        return Err(LoadError::LabelsAreIds {
            path: path.to_owned(),
            column: column.to_owned(),
            samples: labelled,
            classes: labels.classes.len(),
        });
    }
    Ok(())
}
