//! What the first column means, and which rows belong to the same sample.

use super::{error::LoadError, load::FirstColumn, number::whole_number, table::Table};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Which rows of every file make up the data set.
#[derive(Debug)]
pub(super) struct RowPlan {
    /// How the first column was read; never `Auto`.
    pub first_column: FirstColumn,
    /// Sample ids, in the order of the first file.
    pub sample_ids: Vec<String>,
    /// For every file the row of every sample; `None` if that is simply all rows in order.
    pub picks: Vec<Option<Vec<u32>>>,
    /// For every file, how many of all samples it lacks.
    pub lacking: Vec<usize>,
    /// Samples of all files together.
    pub total: usize,
    /// The class of every sample, if the first column holds classes.
    pub classes: Option<Vec<String>>,
}

/// Decides how rows are matched.
pub(super) fn plan(wish: FirstColumn, files: &[(&Path, &Table)]) -> Result<RowPlan, LoadError> {
    let by_class = match wish {
        FirstColumn::SampleIds => false,
        FirstColumn::ClassLabels => true,
        FirstColumn::Auto => files.iter().all(|(_, t)| class_like(&t.ids)),
    };
    if by_class {
        by_position(files)
    } else {
        by_id(files)
    }
}

/// Whole numbers, most of which repeat: what class labels look like, and sample ids do not.
fn class_like(ids: &[String]) -> bool {
    let mut distinct = HashSet::new();
    for id in ids {
        let Some(number) = whole_number(id) else {
            return false;
        };
        distinct.insert(number);
    }
    distinct.len() * 2 <= ids.len()
}

fn class_name(cell: &str) -> &str {
    whole_number(cell).unwrap_or(cell)
}

fn by_position(files: &[(&Path, &Table)]) -> Result<RowPlan, LoadError> {
    let Some((&(first, table), others)) = files.split_first() else {
        return Err(LoadError::NothingGiven);
    };
    for &(second, other) in others {
        if other.ids.len() != table.ids.len() {
            return Err(LoadError::ClassRowsDiffer {
                first: first.to_owned(),
                first_rows: table.ids.len(),
                second: second.to_owned(),
                second_rows: other.ids.len(),
            });
        }
        let both = table.ids.iter().zip(&other.ids);
        if let Some(row) = both
            .clone()
            .position(|(a, b)| class_name(a) != class_name(b))
        {
            return Err(LoadError::ClassesDiffer {
                first: first.to_owned(),
                first_line: table.lines[row],
                first_class: table.ids[row].clone(),
                second: second.to_owned(),
                second_line: other.lines[row],
                second_class: other.ids[row].clone(),
            });
        }
    }
    let n = table.ids.len();
    Ok(RowPlan {
        first_column: FirstColumn::ClassLabels,
        sample_ids: (1..=n).map(|i| format!("sample_{i}")).collect(),
        picks: files.iter().map(|_| None).collect(),
        lacking: vec![0; files.len()],
        total: n,
        classes: Some(
            table
                .ids
                .iter()
                .map(|id| class_name(id).to_owned())
                .collect(),
        ),
    })
}

fn by_id(files: &[(&Path, &Table)]) -> Result<RowPlan, LoadError> {
    let Some((&(first, table), others)) = files.split_first() else {
        return Err(LoadError::NothingGiven);
    };
    let ids = &table.ids;
    let mut indices = vec![index(first, table)?];
    // The usual case: the same samples in the same order, which needs no more looking up.
    if others.iter().all(|(_, t)| t.ids == *ids) {
        return Ok(RowPlan {
            first_column: FirstColumn::SampleIds,
            sample_ids: ids.clone(),
            picks: files.iter().map(|_| None).collect(),
            lacking: vec![0; files.len()],
            total: ids.len(),
            classes: None,
        });
    }
    for (path, table) in others {
        indices.push(index(path, table)?);
    }
    let union: HashSet<&str> = indices.iter().flat_map(|i| i.keys().copied()).collect();
    let common: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| indices.iter().all(|i| i.contains_key(id)))
        .collect();
    if common.is_empty() {
        return Err(no_common_sample(files));
    }
    Ok(RowPlan {
        first_column: FirstColumn::SampleIds,
        picks: indices
            .iter()
            .map(|i| {
                let rows = common.iter().filter_map(|id| i.get(id));
                Some(rows.map(|&row| row as u32).collect())
            })
            .collect(),
        lacking: indices.iter().map(|i| union.len() - i.len()).collect(),
        total: union.len(),
        sample_ids: common.into_iter().map(str::to_owned).collect(),
        classes: None,
    })
}

/// Row of every sample id; ids must be unique.
fn index<'a>(path: &Path, table: &'a Table) -> Result<HashMap<&'a str, usize>, LoadError> {
    let ids = &table.ids;
    let mut rows = HashMap::with_capacity(ids.len());
    for (row, id) in ids.iter().enumerate() {
        if let Some(earlier) = rows.insert(id.as_str(), row) {
            return Err(LoadError::DuplicateSample {
                path: path.to_owned(),
                id: id.clone(),
                first: table.lines[earlier],
                second: table.lines[row],
                class_like: class_like(ids),
            });
        }
    }
    Ok(rows)
}

fn no_common_sample(files: &[(&Path, &Table)]) -> LoadError {
    let examples = |ids: &[String]| -> Vec<String> { ids.iter().take(2).cloned().collect() };
    LoadError::NoCommonSample {
        files: files
            .iter()
            .map(|(p, t)| (PathBuf::from(p), examples(&t.ids)))
            .collect(),
        guess: guess(files),
    }
}

/// A likely reason why no ids agree.
fn guess(files: &[(&Path, &Table)]) -> Option<&'static str> {
    let alike = |change: fn(&str) -> String| all_share(files, |t| &t.ids, change);
    if alike(str::to_lowercase) {
        return Some("The ids differ in upper and lower case only: write them alike.");
    }
    if alike(|id| id.replace(['.', '_', ' ', ':'], "-")) {
        return Some(
            "The ids differ in their punctuation only (R turns - into . in column names): write them alike.",
        );
    }
    if alike(|id| without_suffix(id).to_owned()) {
        return Some("The ids differ in a suffix such as -1: remove it, or add it everywhere.");
    }
    if all_share(files, |t| &t.features, str::to_owned) {
        return Some(
            "The files share their column names: it seems that samples are columns. Transpose the tables, samples must be rows.",
        );
    }
    None
}

/// Whether at least half of the first file's names, changed like this, are in all others, and stay distinct.
fn all_share(
    files: &[(&Path, &Table)],
    names: impl Fn(&Table) -> &[String],
    change: fn(&str) -> String,
) -> bool {
    let mut sets = Vec::with_capacity(files.len());
    for (_, table) in files {
        let names = names(table);
        let set: HashSet<String> = names.iter().map(|n| change(n)).collect();
        if set.len() * 2 <= names.len() {
            return false;
        }
        sets.push(set);
    }
    let Some((first, others)) = sets.split_first() else {
        return false;
    };
    let enough = first.len().div_ceil(2);
    others
        .iter()
        .all(|set| first.intersection(set).count() >= enough)
}

/// The id without a number that `-`, `.` or `_` sets off at its end.
fn without_suffix(id: &str) -> &str {
    match id.rsplit_once(['-', '.', '_']) {
        Some((head, tail)) if tail.bytes().all(|b| b.is_ascii_digit()) => head,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn classes_repeat_and_ids_do_not() {
        assert!(class_like(&strings(&["1", "2", "1.0", "2"])));
        assert!(!class_like(&strings(&["1", "2", "3", "4"])));
        assert!(!class_like(&strings(&["1", "2", "3", "3"])));
        assert!(!class_like(&strings(&["a", "a", "a", "a"])));
    }
}
