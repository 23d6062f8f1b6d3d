//! Which column of a labels file holds the classes.

use super::ids::Rows;
use crate::{
    data::{Column, Frame, Labels},
    io::{
        error::LoadError,
        load::LoadSpec,
        number::whole_number,
        question::{Answer, Choice, Question},
        report::LabelCandidate,
        table::shown,
    },
    words::thousands,
};
use std::path::Path;

/// Classes of a column that is taken unasked: more look like counts.
const CLASSES: std::ops::RangeInclusive<usize> = 2..=100;

/// Columns that are offered at once.
const MOST_ANSWERS: usize = 8;

/// Classes that are named in an answer.
const MOST_NAMES: usize = 3;

/// What a column's name says of its classes, the likeliest to be meant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// `label`: what the manual asks for.
    Label,
    /// A word for what somebody found the samples to be, as `cell_type`.
    Annotation,
    /// Says nothing.
    Other,
    /// Clusters that some program computed.
    Clusters,
    /// Where samples come from or how they were measured.
    Design,
}

/// A column that could hold the classes.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    at: usize,
    /// Name of the column.
    pub name: String,
    rank: Rank,
    kind: &'static str,
    classes: usize,
    missing: usize,
    /// Some of its classes.
    some: Vec<String>,
    /// The class of every sample, numbered in the order of the samples: the same for columns that differ in words alone.
    partition: Vec<Option<u32>>,
}

impl Candidate {
    /// Whether its name says that it holds what the samples were found to be.
    pub fn is_annotation(&self) -> bool {
        self.rank <= Rank::Annotation
    }

    /// What is told of it.
    pub fn report(&self) -> LabelCandidate {
        LabelCandidate {
            column: self.name.clone(),
            kind: self.kind.to_owned(),
            classes: self.classes,
            missing: self.missing,
        }
    }

    fn answer(&self) -> Answer {
        let more = if self.classes > self.some.len() {
            ", .."
        } else {
            ""
        };
        Answer {
            text: format!("{}: {}{more}", self.name, self.some.join(", ")),
            choice: Choice::LabelColumn(self.name.clone()),
        }
    }
}

/// Whether so many classes of so many samples are rather ids or measurements.
pub(super) fn like_ids(classes: usize, labelled: usize) -> bool {
    labelled >= 10 && classes * 2 > labelled
}

/// Whether a word is the name of a column of classes.
pub(super) fn is_label_name(word: &str) -> bool {
    rank(word) <= Rank::Annotation
}

fn rank(column: &str) -> Rank {
    const LABELS: [&str; 5] = ["label", "labels", "truelabel", "truelabels", "groundtruth"];
    const ANNOTATIONS: [&str; 4] = ["class", "classes", "type", "types"];
    const IN_ANNOTATIONS: [&str; 9] = [
        "celltype",
        "cellclass",
        "celllabel",
        "annot",
        "subtype",
        "subclass",
        "pam50",
        "cellline",
        "tissuetype",
    ];
    const IN_CLUSTERS: [&str; 8] = [
        "leiden",
        "louvain",
        "cluster",
        "kmeans",
        "phenograph",
        "snnres",
        "nnres",
        "community",
    ];
    const DESIGNS: [&str; 5] = ["run", "runid", "lane", "chip", "plate"];
    const IN_DESIGN: [&str; 16] = [
        "batch",
        "sample",
        "donor",
        "patient",
        "subject",
        "individual",
        "origident",
        "library",
        "project",
        "study",
        "center",
        "centre",
        "platform",
        "phase",
        "doublet",
        "source",
    ];
    let plain: String = column
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let holds = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    match plain.as_str() {
        word if LABELS.contains(&word) => Rank::Label,
        word if ANNOTATIONS.contains(&word) || holds(&IN_ANNOTATIONS) => Rank::Annotation,
        _ if holds(&IN_CLUSTERS) => Rank::Clusters,
        word if DESIGNS.contains(&word) || holds(&IN_DESIGN) => Rank::Design,
        _ => Rank::Other,
    }
}

/// Columns of an earlier result in a file that hdumec wrote: what it found is nothing to score it by, unless that is asked for.
const OWN: [&str; 2] = ["hdumec", "hdumec_second"];

/// The columns that could hold the classes, the likeliest first. `obs` has their types, in the same order.
pub(super) fn candidates(rows: &Rows, obs: &Frame) -> Vec<Candidate> {
    let only = rows.other_columns().count() == 1;
    let columns = rows.other_columns().zip(obs.columns());
    let mut candidates: Vec<Candidate> = columns
        .filter(|(_, (name, _))| !OWN.contains(name))
        .filter_map(|(at, (name, column))| {
            let names = &rows.table.columns[at].names;
            let fraction = matches!(column, Column::Number(_));
            let trusted = rank(name) != Rank::Other || only;
            let measured = measured(names, column) && (fraction || !trusted);
            (!measured).then(|| candidate(rows, at, name, column))
        })
        .filter(|candidate| candidate.is_likely(only))
        .collect();
    candidates.sort_by_key(|candidate| candidate.rank);
    candidates
}

fn candidate(rows: &Rows, at: usize, name: &str, column: &Column) -> Candidate {
    let words = &rows.table.columns[at];
    // Numbers of the classes by the samples' order.
    let mut numbers: Vec<Option<u32>> = vec![None; words.names.len()];
    let mut some = Vec::new();
    let mut classes = 0;
    let mut number = |row: &Option<u32>| {
        let code = words.codes[(*row)? as usize]? as usize;
        let number = numbers.get_mut(code)?;
        if number.is_none() {
            *number = Some(classes);
            classes += 1;
            if some.len() < MOST_NAMES {
                some.push(shown(words.names[code].as_bytes()));
            }
        }
        *number
    };
    let partition: Vec<Option<u32>> = rows.of.iter().map(&mut number).collect();
    some.sort();
    Candidate {
        at,
        name: name.to_owned(),
        rank: rank(name),
        kind: column.kind(),
        classes: classes as usize,
        missing: partition.iter().filter(|class| class.is_none()).count(),
        some,
        partition,
    }
}

/// Whether a column holds what was measured or counted rather than the numbers of classes, which begin at 0 or 1 (-1: none).
fn measured(names: &[String], column: &Column) -> bool {
    match column {
        Column::Number(_) => !names.iter().all(|name| whole_number(name).is_some()),
        Column::Integer(values) => {
            let values = || values.iter().flatten();
            let (Some(&low), Some(&high)) = (values().min(), values().max()) else {
                return false;
            };
            !((-1..=1).contains(&low) && high - low < 2 * names.len() as i64)
        }
        _ => false,
    }
}

impl Candidate {
    /// Whether its classes are some, repeat, and most samples have one. The only column need not be so clear.
    fn is_likely(&self, only: bool) -> bool {
        let labelled = self.partition.len() - self.missing;
        if labelled == 0 || like_ids(self.classes, labelled) {
            return false;
        }
        only || (CLASSES.contains(&self.classes)
            && labelled * 2 >= self.partition.len()
            && (self.classes < labelled || self.rank <= Rank::Annotation))
    }
}

/// The column of the classes: that asked for, or the only one of the likeliest rank.
///
/// # Errors
/// A question if there are several that differ in more than words.
pub(super) fn choose(
    path: &Path,
    rows: &Rows,
    candidates: &[Candidate],
    spec: &LoadSpec,
) -> Result<Option<usize>, LoadError> {
    if let Some(wish) = &spec.label_column {
        let column = rows.table.position(wish);
        let missing = || LoadError::NoLabelColumn {
            path: path.to_owned(),
            column: shown(wish.as_bytes()),
            columns: rows.table.names.clone(),
        };
        return column.ok_or_else(missing).map(Some);
    }
    let Some(first) = candidates.first() else {
        return Ok(None);
    };
    let mut equals: Vec<&Candidate> = candidates
        .iter()
        .filter(|other| other.rank == first.rank)
        .collect();
    if equals
        .iter()
        .all(|other| other.partition == first.partition)
    {
        return Ok(Some(first.at));
    }
    // What somebody named after cells is likelier to be their type.
    let of_cells = |candidate: &Candidate| {
        let names = &rows.table.columns[candidate.at].names;
        names
            .iter()
            .any(|name| name.to_lowercase().contains("cell"))
    };
    equals.sort_by_key(|candidate| !of_cells(candidate));
    equals.truncate(MOST_ANSWERS);
    let listed: Vec<String> = equals
        .iter()
        .map(|c| format!("{} ({} classes)", c.name, thousands(c.classes)))
        .collect();
    let mut answers: Vec<Answer> = equals.iter().map(|c| c.answer()).collect();
    answers.push(Answer {
        text: "Load without labels".into(),
        choice: Choice::NoLabels,
    });
    Err(LoadError::Ask(Box::new(Question {
        file: path.to_owned(),
        text: format!(
            "Several columns may hold the classes: {}.",
            listed.join(", ")
        ),
        answers,
    })))
}

/// The classes of the samples in a column.
///
/// # Errors
/// If rows of one sample differ.
pub(super) fn labels(path: &Path, rows: &Rows, column: usize) -> Result<Labels, LoadError> {
    let table = &rows.table;
    let word = |row: u32| table.word(column, row as usize);
    // The row that gave a sample its class.
    let mut given: Vec<Option<u32>> = rows.of.clone();
    for &(row, sample) in &rows.again {
        let first = &mut given[sample as usize];
        match (first.and_then(word), word(row)) {
            (Some(a), Some(b)) if a != b => {
                let line = |row: u32| table.lines[row as usize];
                let at = first.unwrap_or_default();
                let id = rows.ids.and_then(|ids| table.word(ids, row as usize));
                return Err(LoadError::LabelsDiffer {
                    path: path.to_owned(),
                    column: table.names[column].clone(),
                    id: id.unwrap_or_default().to_owned(),
                    lines: [line(at), line(row)],
                    classes: Box::new([a, b].map(|class| shown(class.as_bytes()))),
                });
            }
            (None, Some(_)) => *first = Some(row),
            _ => (),
        }
    }
    let class = |row: &Option<u32>| {
        let word = word((*row)?)?;
        Some(whole_number(word).unwrap_or(word))
    };
    Ok(Labels::from_names(given.iter().map(class)))
}
