//! Which row of a labels file is of which sample.

use super::{Samples, classes};
use crate::{
    data::{Category, Column, Frame},
    io::{
        error::LoadError,
        load::LoadSpec,
        metadata::{Sheet, Table},
        near::{self, Pair},
        notice::LoadNotice,
        table::shown,
    },
    job::CancelToken,
};
use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

/// The rows of a labels file and their samples.
#[derive(Debug)]
pub(super) struct Rows {
    /// The file.
    pub table: Table,
    /// The column of the ids, if it has one.
    pub ids: Option<usize>,
    /// The first row of every sample.
    pub of: Vec<Option<u32>>,
    /// Further rows, each with its sample.
    pub again: Vec<(u32, u32)>,
}

impl Rows {
    /// The columns of a frame whose rows are the samples; measured numbers are no classes and stay out.
    pub fn of_frame(frame: &Frame) -> Self {
        let (mut names, mut columns) = (Vec::new(), Vec::new());
        for (name, column) in frame.columns() {
            let words = match column {
                Column::Number(_) => continue,
                Column::Category(category) => category.clone(),
                column => as_words(column),
            };
            names.push(name.to_owned());
            columns.push(words);
        }
        let samples = frame.columns().next().map_or(0, |(_, column)| column.len());
        Self {
            table: Table {
                names,
                columns,
                lines: (1..=samples as u64).collect(),
            },
            ids: None,
            of: (0..samples as u32).map(Some).collect(),
            again: Vec::new(),
        }
    }

    /// All columns but that of the ids.
    pub fn other_columns(&self) -> impl Iterator<Item = usize> {
        (0..self.table.columns.len()).filter(|&at| Some(at) != self.ids)
    }
}

/// The values of a column as words.
fn as_words(column: &Column) -> Category {
    let mut names = Vec::new();
    let mut known: HashMap<String, u32> = HashMap::new();
    let mut code = |at| {
        let text = column.text(at)?;
        Some(*known.entry(text).or_insert_with_key(|text| {
            names.push(text.clone());
            names.len() as u32 - 1
        }))
    };
    Category {
        codes: (0..column.len()).map(&mut code).collect(),
        names,
        colours: None,
    }
}

/// The column that holds the ids: that named by the user, or the one of most values that are ids of samples, if need be by
/// a rule. `None` if no value of any column is.
pub(super) fn named(
    sheet: &Sheet,
    spec: &LoadSpec,
    samples: Samples<'_>,
    cancel: &CancelToken,
) -> Result<Option<usize>, LoadError> {
    if let Some(column) = spec
        .label_ids
        .as_deref()
        .and_then(|name| sheet.position(name))
    {
        return Ok(Some(column));
    }
    let known: HashSet<&str> = samples.ids.iter().map(String::as_str).collect();
    let exact = |words: &Category| {
        let names = words.names.iter();
        names.filter(|name| known.contains(name.as_str())).count()
    };
    let columns = || sheet.columns.iter().enumerate();
    let first_of_most = |counts: Vec<(usize, usize)>| {
        let most = counts.into_iter().rev().max_by_key(|(_, count)| *count);
        most.filter(|(_, count)| *count > 0)
    };
    let best = first_of_most(columns().map(|(at, words)| (at, exact(words))).collect());
    let most = best.map_or(0, |(_, count)| count);
    if most * 2 >= samples.ids.len() {
        return Ok(best.map(|(at, _)| at));
    }
    // Another column may be better, once its ids are compared by a rule.
    let ids: Vec<&str> = samples.ids.iter().map(String::as_str).collect();
    let mut counts = Vec::new();
    for (at, words) in columns().filter(|(_, words)| words.names.len() > most) {
        let names: Vec<&str> = words.names.iter().map(String::as_str).collect();
        counts.push((at, near::most_agreeing(&ids, &names, spec.join, cancel)?));
    }
    let by_rule = first_of_most(counts).filter(|(_, count)| *count > most);
    Ok(by_rule.or(best).map(|(at, _)| at))
}

/// Gives every sample its row by its id.
pub(super) fn by_id(
    path: &Path,
    sheet: Sheet,
    spec: &LoadSpec,
    samples: Samples<'_>,
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<Rows, LoadError> {
    if let Some(wish) = &spec.label_ids
        && sheet.position(wish).is_none()
    {
        return Err(LoadError::NoLabelColumn {
            path: path.to_owned(),
            column: shown(wish.as_bytes()),
            columns: sheet.first,
        });
    }
    let column = named(&sheet, spec, samples, cancel)?;
    let at = column.unwrap_or(0);
    let known: Vec<&str> = samples.ids.iter().map(String::as_str).collect();
    let headless = !has_header(&sheet, spec, |first| {
        let cell = first.get(at).map_or("", String::as_str);
        near::matching(&known, &[cell], spec.join).agreeing > 0
    });
    let table = with_names(path, sheet, headless, notices)?;
    let words = &table.columns[at];
    let own: Vec<&str> = words.names.iter().map(String::as_str).collect();
    let pair = Pair {
        known_file: samples.file,
        known: &known,
        file: path,
        ids: &own,
        labels: true,
    };
    let matching = near::compare(&pair, spec, notices, cancel)?;
    if matching.agreeing == 0 {
        return Err(LoadError::NoLabelMatches {
            path: path.to_owned(),
            labelled: own.first().map_or_else(String::new, |id| (*id).to_owned()),
            sample: samples.ids.first().cloned().unwrap_or_default(),
        });
    }
    if at > 0 && spec.label_ids.is_none() {
        notices.push(LoadNotice::LabelIdsFound {
            file: path.to_owned(),
            column: table.names[at].clone(),
        });
    }
    if own.len() > matching.agreeing {
        notices.push(LoadNotice::LabelsWithoutSample {
            labels: own.len() - matching.agreeing,
        });
    }
    let mut of: Vec<Option<u32>> = vec![None; known.len()];
    let mut again = Vec::new();
    for (row, code) in (0..).zip(&words.codes) {
        let Some(code) = code else {
            return Err(LoadError::NoSampleId {
                path: path.to_owned(),
                line: table.lines[row as usize],
            });
        };
        let Some(sample) = matching.places[*code as usize] else {
            continue;
        };
        match &mut of[sample as usize] {
            Some(_) => again.push((row, sample)),
            first => *first = Some(row),
        }
    }
    Ok(Rows {
        ids: Some(at),
        of,
        again,
        table,
    })
}

/// Gives every sample the row at its place. A file of one row more than there are samples has a header.
pub(super) fn by_position(
    path: &Path,
    sheet: Sheet,
    spec: &LoadSpec,
    samples: Samples<'_>,
    notices: &mut Vec<LoadNotice>,
) -> Result<Rows, LoadError> {
    let count = samples.ids.len();
    let one_more = sheet.rows() + 1 == count;
    let headless = !has_header(&sheet, spec, |first| {
        one_more && !first.iter().any(|name| classes::is_label_name(name))
    });
    let table = with_names(path, sheet, headless, notices)?;
    let rows = table.lines.len();
    if rows != count {
        return Err(LoadError::LabelsUnmatched {
            path: path.to_owned(),
            rows,
            samples: count,
        });
    }
    notices.push(LoadNotice::LabelsByPosition {
        file: path.to_owned(),
        like: samples.file.to_owned(),
    });
    Ok(Rows {
        ids: None,
        of: (0..rows as u32).map(Some).collect(),
        again: Vec::new(),
        table,
    })
}

/// Whether the first record names columns: the user did by these names, it is as short as a header of R, or neither is it a
/// sample nor are its words classes of the rows below.
fn has_header(sheet: &Sheet, spec: &LoadSpec, is_sample: impl Fn(&[String]) -> bool) -> bool {
    let wishes = [&spec.label_ids, &spec.label_column];
    let wished = wishes
        .into_iter()
        .flatten()
        .any(|name| sheet.first.contains(name));
    let is_class = |(word, words): (&String, &Category)| {
        let code = words.names.iter().position(|name| name == word);
        let times = |code: usize| {
            let code = Some(code as u32);
            words.codes.iter().filter(|other| **other == code).count()
        };
        // A number may be the name of a column: pandas calls one without a name 0.
        word.parse::<f64>().is_err() && code.map_or(0, times) > 1
    };
    let class = || sheet.first.iter().zip(&sheet.columns).any(is_class);
    wished || sheet.short_header || !(is_sample(&sheet.first) || class())
}

fn with_names(
    path: &Path,
    sheet: Sheet,
    headless: bool,
    notices: &mut Vec<LoadNotice>,
) -> Result<Table, LoadError> {
    let first = shown(sheet.first.join(", ").as_bytes());
    let table = match headless {
        false => sheet.with_header(),
        true => {
            let (table, named_by_comment) = sheet.without_header();
            if !named_by_comment {
                notices.push(LoadNotice::LabelsWithoutHeader {
                    file: path.to_owned(),
                    first,
                });
            }
            table
        }
    };
    if table.lines.is_empty() {
        return Err(LoadError::HeaderOnly {
            path: path.to_owned(),
        });
    }
    Ok(table)
}
