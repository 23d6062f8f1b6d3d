//! Tables that the user takes away from the window: what a panel shows, or samples with columns of choice.

use std::{collections::HashSet, fmt::Write as _, path::Path};

use super::tables::Table;
use crate::{
    error::Error,
    job::CancelToken,
    pipeline::{AnalysisResult, Given, GroupBy, Lens},
    words::cell,
};

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A number; an empty cell if it is not finite.
    Number(f64),
}

/// A table with a header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// What the columns are called.
    pub header: Vec<String>,
    /// As many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A number of 32 bits, with no more digits than it has.
impl From<f32> for Cell {
    fn from(number: f32) -> Self {
        Self::Number(number.to_string().parse().unwrap_or(f64::NAN))
    }
}

impl Sheet {
    /// Writes it, comma-separated.
    ///
    /// # Errors
    /// [`Error::Write`]; [`Error::Cancelled`].
    pub fn write(&self, file: &Path, cancel: &CancelToken) -> Result<(), Error> {
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        let table = Table::new(&header, self.rows.len(), |row, line| {
            for cell in &self.rows[row] {
                match cell {
                    Cell::Text(text) => line.text(text),
                    Cell::Number(number) => line.double(Some(*number)),
                }
            }
        });
        table.save(file, cancel)
    }

    /// It with tabs between the cells, as spreadsheets take it from the clipboard.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let safe = |text: &str| cell::write(text).into_owned();
        let header: Vec<String> = self.header.iter().map(|name| safe(name)).collect();
        _ = writeln!(text, "{}", header.join("\t"));
        for row in &self.rows {
            let cell = |cell: &Cell| match cell {
                Cell::Text(text) => safe(text),
                Cell::Number(number) if number.is_finite() => number.to_string(),
                Cell::Number(_) => String::new(),
            };
            let cells: Vec<String> = row.iter().map(cell).collect();
            _ = writeln!(text, "{}", cells.join("\t"));
        }
        text
    }
}

/// What a table of samples can say of them, besides their ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SampleColumn {
    /// The group each is in.
    Group(GroupBy),
    /// The other cluster it may belong to.
    SecondCluster,
    /// A number of each.
    Value(Lens),
    /// Its place on the map: two columns.
    Map,
}

impl SampleColumn {
    /// Every column that a result has after a stage, in the order of a menu.
    pub fn all(result: &AnalysisResult, stage: u8, given: &Given) -> Vec<Self> {
        let stage = result.stage(stage);
        let dataset = &result.dataset;
        let mut groups = GroupBy::all(dataset);
        if !given.selections.is_empty() {
            groups.push(GroupBy::Selection);
        }
        let mut all: Vec<Self> = groups.into_iter().map(Self::Group).collect();
        all.push(Self::SecondCluster);
        let lenses = Lens::all(dataset).into_iter();
        let lenses = lenses
            .chain([Lens::Silhouette])
            .chain(Lens::columns(dataset));
        let lenses = lenses.filter(|lens| lens.is_there(result, stage));
        all.extend(lenses.map(Self::Value));
        if stage.umap.is_some() {
            all.push(Self::Map);
        }
        // What a file calls its labels may be a column of groups as well.
        let mut seen = HashSet::new();
        all.retain(|column| seen.insert(column.name(result)));
        all
    }

    /// What it is called.
    pub fn name(self, result: &AnalysisResult) -> String {
        match self {
            Self::Group(by) => by.name(&result.dataset),
            Self::SecondCluster => "second cluster".into(),
            Self::Value(lens) => lens.name(&result.dataset),
            Self::Map => "UMAP".into(),
        }
    }

    fn cells(
        self,
        result: &AnalysisResult,
        stage: u8,
        given: &Given,
        places: &[usize],
    ) -> Vec<(String, Vec<Cell>)> {
        let (name, stage) = (self.name(result), result.stage(stage));
        let empty = || Cell::Text(String::new());
        let column = |cell: &dyn Fn(usize) -> Cell| places.iter().map(|&at| cell(at)).collect();
        match self {
            Self::Group(by) => {
                let Some(groups) = by.groups(result, stage, given) else {
                    return Vec::new();
                };
                let cell = |at: usize| match groups.of[at] {
                    Some(group) => groups.names[group as usize].as_str().into(),
                    None => empty(),
                };
                vec![(name, column(&cell))]
            }
            Self::SecondCluster => {
                let cell = |at: usize| {
                    let second = stage.ambiguity.between[at][1];
                    let name = crate::pipeline::cluster_group(second, &given.cluster_names);
                    Cell::Text(name)
                };
                vec![(name, column(&cell))]
            }
            Self::Value(lens) => {
                let values = lens.values(result, stage).unwrap_or_default();
                let cell = |at: usize| match values.get(at) {
                    Some(&value) => value.into(),
                    None => empty(),
                };
                vec![(name, column(&cell))]
            }
            Self::Map => {
                let Some(map) = &stage.umap else {
                    return Vec::new();
                };
                let axis = |axis: usize| {
                    let cell = |at: usize| map[[at, axis]].into();
                    (format!("umap_{}", axis + 1), column(&cell))
                };
                vec![axis(0), axis(1)]
            }
        }
    }
}

/// The samples at these places with these columns, their ids first.
pub fn samples_sheet(
    result: &AnalysisResult,
    stage: u8,
    given: &Given,
    places: &[usize],
    columns: &[SampleColumn],
) -> Sheet {
    let ids = places
        .iter()
        .map(|&at| result.dataset.samples[at].as_str().into());
    let mut all = vec![("sample".to_owned(), ids.collect::<Vec<Cell>>())];
    for column in columns {
        all.extend(column.cells(result, stage, given, places));
    }
    let (header, columns): (Vec<String>, Vec<Vec<Cell>>) = all.into_iter().unzip();
    let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
    let rows = places.iter().map(|_| {
        let cells = columns.iter_mut().filter_map(Iterator::next);
        cells.collect()
    });
    Sheet {
        rows: rows.collect(),
        header,
    }
}
