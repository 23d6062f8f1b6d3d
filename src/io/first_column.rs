//! What the first column of the tables holds: ids, class labels, or what should be neither.

use super::{
    error::{LoadError, TableError},
    load::{FirstColumn, LoadSpec},
    names::{self, Kind},
    notice::TableNotice,
    number::{is_missing, is_numeric, whole_number},
    question::{Answer, Choice, Question},
    table::{Table, shown},
};
use crate::words::thousands;
use std::{collections::HashSet, path::Path};

/// Decides it for all tables, and says where rows are matched by position; never [`FirstColumn::Auto`].
pub(super) fn decide(
    spec: &LoadSpec,
    paths: &[&Path],
    tables: &mut [Table],
) -> Result<FirstColumn, LoadError> {
    if let Some(wish) = &spec.id_column
        && let (Some(path), Some(table)) = (paths.first(), tables.first())
        && tables.iter().all(|t| t.lacks_ids_asked_for)
    {
        let columns = std::iter::once(&table.corner).chain(&table.features);
        return Err(TableError::NoIdColumn {
            path: path.to_path_buf(),
            column: shown(wish.as_bytes()),
            columns: columns.take(12).cloned().collect(),
        }
        .into());
    }
    let several = tables.len() > 1;
    let first = match spec.first_column {
        FirstColumn::Auto => guess(spec, paths, tables)?,
        told => told,
    };
    let by_number = || tables.iter().all(|t| counts_rows(&t.ids));
    if several && (first == FirstColumn::ClassLabels || by_number()) {
        for table in tables {
            table.notices.push(TableNotice::RowsByPosition);
        }
    }
    Ok(first)
}

fn guess(spec: &LoadSpec, paths: &[&Path], tables: &[Table]) -> Result<FirstColumn, LoadError> {
    for (path, table) in paths.iter().zip(tables) {
        if spec.id_column.is_none() || table.lacks_ids_asked_for {
            refuse_measurements(path, table)?;
        }
    }
    let (Some(&path), Some(table)) = (paths.first(), tables.first()) else {
        return Ok(FirstColumn::SampleIds);
    };
    if spec.id_column.is_none() && tables.iter().all(|t| repeats(&t.ids)) {
        let published =
            |t: &Table| names::may_be_classes(&t.corner) && are_classes(&t.corner, &t.ids);
        return match tables.iter().all(published) {
            true => Ok(FirstColumn::ClassLabels),
            false => Err(ask_for_classes(path, table)),
        };
    }
    let by_number = tables.iter().all(|t| counts_rows(&t.ids));
    let named = tables.iter().all(|t| names::is_id_column(&t.corner));
    if tables.len() > 1 && by_number && !named {
        return Err(ask_for_numbers(path, tables.len()));
    }
    Ok(FirstColumn::SampleIds)
}

/// Whole numbers, most of which repeat.
fn repeats(ids: &[String]) -> bool {
    let whole: Option<HashSet<&str>> = ids.iter().map(|id| whole_number(id)).collect();
    whole.is_some_and(|distinct| distinct.len() * 2 <= ids.len())
}

/// Small whole numbers from 0 or 1 on, all of them in use; without a name, several for each, as visits of patients are few.
fn are_classes(corner: &str, ids: &[String]) -> bool {
    let number = |id: &String| whole_number(id)?.parse::<usize>().ok();
    let Some(classes) = ids.iter().map(number).collect::<Option<HashSet<usize>>>() else {
        return false;
    };
    let highest = classes.iter().max().copied().unwrap_or_default();
    let several = classes.len() > 1 && ids.len() >= 5 * classes.len();
    classes.len() + usize::from(!classes.contains(&0)) == highest + 1
        && (!corner.is_empty() || several)
}

/// Whether the ids are 1, 2, 3 and so on, or begin with 0.
fn counts_rows(ids: &[String]) -> bool {
    let from = |start: usize| {
        let mut numbers = (start..).zip(ids);
        numbers.all(|(n, id)| whole_number(id).is_some_and(|id| id.parse() == Ok(n)))
    };
    ids.len() > 1 && (from(0) || from(1))
}

/// Refuses ids that are measurements, or asks.
fn refuse_measurements(path: &Path, table: &Table) -> Result<(), LoadError> {
    let (corner, ids) = (&table.corner, &table.ids);
    if names::is_id_column(corner)
        || ids
            .iter()
            .any(|id| !is_numeric(id.as_bytes()) && !is_missing(id.as_bytes()))
    {
        return Ok(());
    }
    let fraction = |id: &&String| whole_number(id).is_none();
    let fractions = ids.iter().filter(fraction).count();
    if let Some(example) = ids.iter().find(fraction)
        && fractions * 4 > ids.len()
    {
        return Err(TableError::IdsMissing {
            path: path.to_owned(),
            column: corner.clone(),
            example: example.clone(),
        }
        .into());
    }
    let alike = |name: &&String| shape(name) == shape(corner);
    let like_others = shape(corner) != *corner
        && table.features.iter().filter(alike).count() * 2 > table.features.len();
    let like_feature = names::kind(corner) == Kind::Feature || like_others;
    if names::may_be_classes(corner)
        || !like_feature && names::may_be_ids(corner)
        || counts_rows(ids)
    {
        return Ok(());
    }
    if repeats(ids) {
        return Err(ask_for_classes(path, table));
    }
    let distinct = ids.iter().collect::<HashSet<_>>().len() == ids.len();
    if !distinct {
        let example = ids.first().cloned().unwrap_or_default();
        return Err(TableError::IdsMissing {
            path: path.to_owned(),
            column: corner.clone(),
            example,
        }
        .into());
    }
    Err(ask(
        path,
        format!(
            "the first column, \"{corner}\", holds whole numbers and is not called like ids. If they are measurements, the ids are \
             missing: write them into the first column."
        ),
        "These numbers are the ids of the samples",
        FirstColumn::SampleIds,
    ))
}

/// A name with its numbers left out, to see whether names are made alike.
fn shape(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn ask(path: &Path, text: String, answer: &str, first: FirstColumn) -> LoadError {
    LoadError::Ask(Box::new(Question {
        file: path.to_owned(),
        text,
        answers: vec![Answer {
            text: answer.to_owned(),
            choice: Choice::FirstColumn(first),
        }],
    }))
}

fn ask_for_classes(path: &Path, table: &Table) -> LoadError {
    let mut seen = std::collections::HashMap::new();
    let rows = table.ids.iter().zip(&table.lines);
    let again = rows.clone().find_map(|(id, line)| {
        let earlier = seen.insert(id, line)?;
        Some((id, earlier, line))
    });
    let example = again.map_or_else(String::new, |(id, first, second)| {
        let (first, second) = (thousands(*first), thousands(*second));
        format!(" ({id} is on line {first} and again on line {second})")
    });
    ask(
        path,
        format!(
            "the first column, \"{}\", holds whole numbers that repeat{example}. If they are ids, such as those of patients with \
             several visits, every row needs one of its own; if they are measurements, the ids are missing: write ids into \
             the first column. If they are class labels, rows of all files are matched by position.",
            table.corner
        ),
        "The first column holds class labels",
        FirstColumn::ClassLabels,
    )
}

fn ask_for_numbers(path: &Path, files: usize) -> LoadError {
    ask(
        path,
        format!(
            "the rows of all {files} files are only numbered, so nothing tells whether row 1 is the same sample in each. If the \
             files may be sorted differently, write the ids of the samples into the first column."
        ),
        "Row 1 is the same sample in every file",
        FirstColumn::SampleIds,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(ids: &str) -> Vec<String> {
        ids.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn classes_are_small_numbers_all_in_use() {
        for ids in ["0 1 0 1", "1 2 3 1 2 3", "2.0 1 1 2"] {
            assert!(are_classes("label", &strings(ids)), "{ids}");
        }
        for ids in ["101 102 101 102", "1 3 1 3", "a b", "-1 1 0"] {
            assert!(!are_classes("label", &strings(ids)), "{ids}");
        }
        assert!(are_classes("", &strings("1 2 1 2 1 2 1 2 1 2")));
        assert!(!are_classes("", &strings("1 1 2 2 3 3")));
        assert!(repeats(&strings("1 2 1.0 2")) && !repeats(&strings("1 2 3 3")));
    }

    #[test]
    fn numbered_rows() {
        assert!(counts_rows(&strings("1 2 3")) && counts_rows(&strings("0 1 2")));
        assert!(!counts_rows(&strings("1 3 2")) && !counts_rows(&strings("2 3 4")));
        assert!(!counts_rows(&strings("1")) && !counts_rows(&strings("a b")));
    }
}
