//! Whether samples are rows or columns: told by names, by labels and other files, and asked about where they do not tell.

use super::{
    error::LoadError,
    load::{FirstColumn, LoadSpec},
    names::{self, Kind},
    notice::TableNotice,
    question::{Answer, Choice, Orientation, Question},
    separator,
    source::SheetWish,
    table::{Table, csv_reader},
    text::TextReader,
};
use crate::job::CancelToken;
use std::{cell::OnceCell, collections::HashSet, path::Path};

/// Names of a side that are looked at.
const NAMES: usize = 2_000;

/// Points that decide; fewer are asked about.
const ENOUGH: i32 = 3;

/// Turns the tables whose samples are columns. `labels` is the file of the labels, if there is one.
pub(super) fn settle(
    spec: &LoadSpec,
    paths: &[&Path],
    tables: Vec<Table>,
    labels: Option<&Path>,
    cancel: &CancelToken,
) -> Result<Vec<Table>, LoadError> {
    let told = match spec.orientation {
        // Rows that have classes are samples.
        Orientation::Auto if spec.first_column == FirstColumn::ClassLabels => {
            Some(Verdict::Samples)
        }
        Orientation::Auto => None,
        Orientation::SamplesInRows => Some(Verdict::Samples),
        Orientation::FeaturesInRows => Some(Verdict::Features("as you said".to_owned())),
    };
    let mut verdicts = match (&told, tables.len()) {
        (Some(told), 1) => vec![told.clone()],
        _ => judge(&tables, labels, spec.sheet.as_deref(), cancel),
    };
    // What the user says is an answer for the tables that leave it open; where none does, it is meant for all.
    if let Some(told) = told {
        let open = verdicts.iter().any(Verdict::is_open);
        let meant = |verdict: &&mut Verdict| !open || verdict.is_open();
        let meant = verdicts.iter_mut().filter(meant);
        meant.for_each(|verdict| *verdict = told.clone());
    }
    let turn = |((table, path), verdict): ((Table, &&Path), Verdict)| {
        let reason = match verdict {
            Verdict::Samples => return Ok(table),
            Verdict::Features(reason) => reason,
            Verdict::Open { likely } => return Err(ask(path, &table, likely)),
        };
        let mut table = table.turned(path, cancel)?;
        table.notices.push(TableNotice::Transposed {
            samples: table.ids.len(),
            features: table.features.len(),
            reason,
        });
        Ok(table)
    };
    tables
        .into_iter()
        .zip(paths)
        .zip(verdicts)
        .map(turn)
        .collect()
}

/// What the rows of a table are.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Samples,
    /// Features, and why.
    Features(String),
    /// It has to be asked; features are likelier, or not.
    Open {
        likely: bool,
    },
}

impl Verdict {
    fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

/// What speaks for features in rows (more than 0) or samples in rows (less).
#[derive(Debug, Default)]
struct Evidence {
    points: i32,
    /// Both sides are named alike, so that names cancel out.
    conflict: bool,
    /// What speaks for features in rows.
    reasons: Vec<String>,
}

impl Evidence {
    fn add(&mut self, points: i32, reason: impl Into<String>) {
        self.points += points;
        if points > 0 {
            self.reasons.push(reason.into());
        }
    }

    fn is_clear(&self) -> bool {
        self.points.abs() >= ENOUGH
    }
}

/// What the rows of every table are, as far as anything tells.
fn judge(
    tables: &[Table],
    labels: Option<&Path>,
    sheet: Option<&str>,
    cancel: &CancelToken,
) -> Vec<Verdict> {
    let mut all: Vec<Evidence> = tables.iter().map(by_names).collect();
    if !all.iter().all(Evidence::is_clear) {
        let labelled = labels
            .map(|path| names_in(path, sheet, cancel))
            .unwrap_or_default();
        for (evidence, table) in all.iter_mut().zip(tables) {
            by_labels(evidence, table, &labelled);
        }
        by_other_files(&mut all, tables);
    }
    let verdict = |evidence: Evidence| match evidence.points {
        ENOUGH.. => Verdict::Features(evidence.reasons.join(", ")),
        1.. => Verdict::Open { likely: true },
        0 if evidence.conflict => Verdict::Open { likely: false },
        _ => Verdict::Samples,
    };
    all.into_iter().map(verdict).collect()
}

/// How the names of one side look.
struct Side<'a> {
    sample: bool,
    perhaps: bool,
    feature: Option<&'a str>,
    first: Option<&'a str>,
}

fn side(names: &[String]) -> Side<'_> {
    let step = names.len().div_ceil(NAMES).max(1);
    let looked: Vec<&String> = names.iter().step_by(step).collect();
    let kinds: Vec<Kind> = looked.iter().map(|name| names::kind(name)).collect();
    let count = |kind| kinds.iter().filter(|k| **k == kind).count();
    let (samples, features) = (count(Kind::Sample), count(Kind::Feature));
    // Few genes have names that tell, so some in twenty are enough, but not a single one.
    let feature = features * 2 > looked.len() || features >= 3 && features * 20 >= looked.len();
    let of_kind = |kind| {
        looked
            .iter()
            .zip(&kinds)
            .find(|(_, k)| **k == kind)
            .map(|(n, _)| n.as_str())
    };
    Side {
        sample: samples * 2 > looked.len(),
        perhaps: (samples + count(Kind::PerhapsSample)) * 2 > looked.len(),
        feature: of_kind(Kind::Feature).filter(|_| feature),
        first: looked.first().map(|n| n.as_str()),
    }
}

fn by_names(table: &Table) -> Evidence {
    let mut evidence = Evidence::default();
    let (rows, columns) = (side(&table.ids), side(&table.features));
    let first = columns.first.unwrap_or_default();
    match (rows.feature, rows.sample, rows.perhaps) {
        (Some(name), false, _) => evidence.add(ENOUGH, format!("rows are named like {name}")),
        (None, true, _) => evidence.add(-ENOUGH, ""),
        (None, false, true) => evidence.add(-1, ""),
        _ => {}
    }
    match (columns.feature, columns.sample, columns.perhaps) {
        (Some(_), false, _) => evidence.add(-ENOUGH, ""),
        (None, true, _) => evidence.add(ENOUGH, format!("columns are named like {first}")),
        (None, false, true) => evidence.add(1, format!("columns are named like {first}")),
        _ => {}
    }
    evidence.conflict =
        rows.feature.is_some() && columns.feature.is_some() || rows.sample && columns.sample;
    if names::is_feature_corner(&table.corner) {
        evidence.add(2, format!("\"{}\" stands above the rows", table.corner));
    } else if names::is_id_column(&table.corner) {
        evidence.add(-1, "");
    }
    let (n, width) = (table.ids.len(), table.features.len());
    let numbered = table.features.iter().all(|name| names::is_numbered(name));
    if evidence.points == 0
        && n > 1_000
        && n / 20 > width
        && !numbered
        && !names::is_id_column(&table.corner)
    {
        evidence.add(1, format!("there are {n} rows and {width} columns"));
    }
    evidence
}

/// Whether most of these names are in a set.
fn most_in(names: &[String], set: &HashSet<String>) -> bool {
    let shared = names.iter().filter(|name| set.contains(*name)).count();
    shared > 0 && shared * 3 >= names.len().min(set.len())
}

fn by_labels(evidence: &mut Evidence, table: &Table, labelled: &HashSet<String>) {
    let (rows, columns) = (
        most_in(&table.ids, labelled),
        most_in(&table.features, labelled),
    );
    match (rows, columns) {
        (true, false) => evidence.add(-4, ""),
        (false, true) => evidence.add(4, "the labels name the columns"),
        _ => {}
    }
}

/// The names of one side, of which a set is made only where one is needed: there may be millions.
struct Names<'a> {
    names: &'a [String],
    set: OnceCell<HashSet<&'a String>>,
}

impl<'a> Names<'a> {
    fn new(names: &'a [String]) -> Self {
        let set = OnceCell::new();
        Self { names, set }
    }

    fn set(&self) -> &HashSet<&'a String> {
        self.set.get_or_init(|| self.names.iter().collect())
    }

    /// Whether most names of one of the two are among the other's.
    fn share(&self, other: &Self) -> bool {
        // The usual case.
        if self.names == other.names {
            return self.names.iter().any(|name| *name != self.names[0]);
        }
        let shared = self.set().intersection(other.set()).count();
        shared > 1 && shared * 2 >= self.set().len().min(other.set().len())
    }
}

/// Files of a data set share their samples.
fn by_other_files(all: &mut [Evidence], tables: &[Table]) {
    let sides: Vec<[Names<'_>; 2]> = tables
        .iter()
        .map(|t| [Names::new(&t.ids), Names::new(&t.features)])
        .collect();
    let clear: Vec<i32> = all
        .iter()
        .map(|e| if e.is_clear() { e.points.signum() } else { 0 })
        .collect();
    for (i, evidence) in all.iter_mut().enumerate() {
        if clear[i] != 0 {
            continue;
        }
        for j in (0..tables.len()).filter(|j| *j != i) {
            let [rows, columns] = &sides[i];
            let [other_rows, other_columns] = &sides[j];
            // The side on which the other's samples are, if that is known.
            let samples = match clear[j] {
                1 => Some(other_columns),
                -1 => Some(other_rows),
                _ => None,
            };
            if let Some(samples) = samples {
                match (rows.share(samples), columns.share(samples)) {
                    (true, false) => evidence.add(-ENOUGH, ""),
                    (false, true) => {
                        evidence.add(ENOUGH, "its columns are the samples of another file")
                    }
                    _ => {}
                }
                continue;
            }
            match (rows.share(other_rows), columns.share(other_columns)) {
                (true, false) => evidence.add(-2, ""),
                (false, true) => evidence.add(2, "the files share their columns"),
                _ if columns.share(other_rows) || rows.share(other_columns) => {
                    evidence.add(1, "its columns are the rows of another file");
                }
                _ => {}
            }
        }
        // Many weak signs are no proof.
        if clear.iter().all(|c| *c == 0) && evidence.points > 0 && evidence.points < 4 {
            evidence.points = evidence.points.min(ENOUGH - 1);
        }
    }
}

/// Every cell of a labels file; what is wrong with the file is told by who reads the labels.
fn names_in(path: &Path, sheet: Option<&str>, cancel: &CancelToken) -> HashSet<String> {
    let wish = SheetWish {
        name: sheet,
        of_numbers: false,
    };
    let read = || TextReader::open(path, wish, cancel)?.whole(cancel);
    let Ok(text) = read() else {
        return HashSet::new();
    };
    let separator = separator::sniff(&text).map_or(b',', |layout| layout.separator);
    let mut names = HashSet::new();
    let (mut reader, mut record) = (csv_reader(&text, separator), csv::ByteRecord::new());
    while matches!(reader.read_byte_record(&mut record), Ok(true)) {
        let cells = record
            .iter()
            .take(8)
            .filter_map(|cell| std::str::from_utf8(cell).ok());
        names.extend(cells.map(|cell| cell.trim().to_owned()));
    }
    names
}

fn ask(path: &Path, table: &Table, features_first: bool) -> LoadError {
    let some = |names: &[String]| {
        let names: Vec<&str> = names.iter().take(3).map(String::as_str).collect();
        names.join(", ")
    };
    let answer = |text: &str, orientation| Answer {
        text: text.to_owned(),
        choice: Choice::Orientation(orientation),
    };
    let mut answers = vec![
        answer(
            "Samples are in columns, features in rows",
            Orientation::FeaturesInRows,
        ),
        answer(
            "Samples are in rows, features in columns",
            Orientation::SamplesInRows,
        ),
    ];
    if !features_first {
        answers.reverse();
    }
    LoadError::Ask(Box::new(Question {
        file: path.to_owned(),
        text: format!(
            "its {} rows are called {} and its {} columns {}: which are the samples?",
            table.ids.len(),
            some(&table.ids),
            table.features.len(),
            some(&table.features)
        ),
        answers,
    }))
}

#[cfg(test)]
mod tests;
