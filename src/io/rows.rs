//! What the first column means, and which rows belong to the same sample.

use super::{
    error::LoadError,
    load::{FirstColumn, LoadSpec},
    near::{self, Pair},
    notice::LoadNotice,
    number::whole_number,
    question::{Answer, Choice, Question},
};
use crate::{job::CancelToken, words::thousands};
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

/// The rows of one modality, before they are matched with the others'.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    /// The id of every row.
    pub ids: &'a [String],
    /// Where every row stands in its file, from 1.
    pub lines: &'a [u64],
    /// Names of the columns.
    pub features: &'a [String],
}

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

impl RowPlan {
    /// Keeps samples for which this holds.
    pub fn keep(&mut self, kept: &[bool]) {
        fn filter<T: Clone>(all: &[T], kept: &[bool]) -> Vec<T> {
            let pairs = all.iter().zip(kept);
            pairs
                .filter(|(_, kept)| **kept)
                .map(|(one, _)| one.clone())
                .collect()
        }
        let all: Vec<u32> = (0..kept.len() as u32).collect();
        for picks in &mut self.picks {
            *picks = Some(filter(picks.as_ref().unwrap_or(&all), kept));
        }
        self.sample_ids = filter(&self.sample_ids, kept);
        self.classes = self.classes.as_ref().map(|classes| filter(classes, kept));
    }
}

/// Decides how rows are matched.
pub(super) fn plan(
    first_column: FirstColumn,
    spec: &LoadSpec,
    files: &[(&Path, &Rows<'_>)],
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<RowPlan, LoadError> {
    let by_class = match first_column {
        FirstColumn::SampleIds => false,
        FirstColumn::ClassLabels => true,
        FirstColumn::Auto => files.iter().all(|(_, t)| class_like(t.ids)),
    };
    if by_class {
        by_position(files)
    } else {
        by_id(spec, files, notices, cancel)
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

fn by_position(files: &[(&Path, &Rows<'_>)]) -> Result<RowPlan, LoadError> {
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
        let both = table.ids.iter().zip(other.ids);
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

fn by_id(
    spec: &LoadSpec,
    files: &[(&Path, &Rows<'_>)],
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<RowPlan, LoadError> {
    let Some((&(first, table), others)) = files.split_first() else {
        return Err(LoadError::NothingGiven);
    };
    let ids = table.ids;
    check_unique(first, table)?;
    // The usual case: the same samples in the same order, which needs no more looking up.
    if others.iter().all(|(_, t)| t.ids == ids) {
        return Ok(RowPlan {
            first_column: FirstColumn::SampleIds,
            sample_ids: ids.to_vec(),
            picks: files.iter().map(|_| None).collect(),
            lacking: vec![0; files.len()],
            total: ids.len(),
            classes: None,
        });
    }
    for (path, table) in others {
        check_unique(path, table)?;
    }
    // All samples so far, those of the first file first, and for every file the row of each.
    let mut known: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut rows: Vec<Vec<Option<u32>>> = vec![(0..known.len() as u32).map(Some).collect()];
    for &(path, table) in others {
        let own: Vec<&str> = table.ids.iter().map(String::as_str).collect();
        let pair = Pair {
            known_file: first,
            known: &known,
            file: path,
            ids: &own,
            labels: false,
        };
        let matching = near::compare(&pair, spec, notices, cancel)?;
        let mut rows_here = vec![None; known.len()];
        for ((row, id), place) in (0..).zip(own).zip(matching.places) {
            match place {
                Some(place) => rows_here[place as usize] = Some(row),
                None => {
                    known.push(id);
                    rows_here.push(Some(row));
                }
            }
        }
        rows.push(rows_here);
    }
    // Only samples of the first file can be in all of them.
    let common: Vec<usize> = (0..ids.len())
        .filter(|&sample| rows.iter().all(|rows| rows[sample].is_some()))
        .collect();
    if common.is_empty() {
        return Err(no_common_sample(files));
    }
    let smallest = files.iter().map(|(_, table)| table.ids.len()).min();
    if !spec.few_in_common && near::few(common.len(), smallest.unwrap_or_default()) {
        return Err(few_in_common(first, files.len(), common.len(), known.len()));
    }
    let pick = |rows: &Vec<Option<u32>>| common.iter().filter_map(|&sample| rows[sample]).collect();
    Ok(RowPlan {
        first_column: FirstColumn::SampleIds,
        picks: rows.iter().map(|rows| Some(pick(rows))).collect(),
        lacking: files
            .iter()
            .map(|(_, table)| known.len() - table.ids.len())
            .collect(),
        total: known.len(),
        sample_ids: common.iter().map(|&sample| ids[sample].clone()).collect(),
        classes: None,
    })
}

fn few_in_common(first: &Path, files: usize, common: usize, total: usize) -> LoadError {
    let (common, total) = (thousands(common), thousands(total));
    LoadError::Ask(Box::new(Question {
        file: first.to_owned(),
        text: format!("Of {total} samples only {common} are in all {files} files."),
        answers: vec![Answer {
            text: format!("Go on with these {common}"),
            choice: Choice::FewInCommon,
        }],
    }))
}

/// Refuses a file that names a sample twice.
fn check_unique(path: &Path, table: &Rows<'_>) -> Result<(), LoadError> {
    let ids = table.ids;
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
    Ok(())
}

fn no_common_sample(files: &[(&Path, &Rows<'_>)]) -> LoadError {
    let examples = |ids: &[String]| -> Vec<String> { ids.iter().take(2).cloned().collect() };
    LoadError::NoCommonSample {
        files: files
            .iter()
            .map(|(p, t)| (PathBuf::from(p), examples(t.ids)))
            .collect(),
        guess: guess(files),
    }
}

/// A likely reason why no ids agree, and no rule makes them.
fn guess(files: &[(&Path, &Rows<'_>)]) -> Option<&'static str> {
    let mut sets = Vec::with_capacity(files.len());
    for (_, table) in files {
        let set: HashSet<&str> = table.features.iter().map(String::as_str).collect();
        if set.len() * 2 <= table.features.len() {
            return None;
        }
        sets.push(set);
    }
    let (first, others) = sets.split_first()?;
    let enough = first.len().div_ceil(2);
    let shared = |set: &HashSet<&str>| first.intersection(set).count() >= enough;
    others.iter().all(shared).then_some(
        "The files share their column names: it seems that samples are columns. Transpose the tables, samples must be rows.",
    )
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
