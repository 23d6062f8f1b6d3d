//! The tables: comma-separated, one header row, numbers in the shortest form that reads back the same, an empty cell
//! where there is no value.

use std::{
    fmt::Write as _,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::Fault;
use crate::{
    error::Error,
    job::CancelToken,
    pipeline::{AnalysisResult, StageResult},
    store::atomic,
    train::EpochStats,
    words::cell,
};

/// Values formatted between two looks at the cancel token; bounds the text held in memory.
const BLOCK_VALUES: usize = 1 << 20;

type Cells<'a> = Box<dyn Fn(usize, &mut Line<'_>) + Sync + 'a>;

/// A table ready to be written.
pub(super) struct Table<'a> {
    header: Vec<String>,
    rows: usize,
    /// Appends the cells of a row.
    row: Cells<'a>,
}

impl<'a> Table<'a> {
    /// A table of so many rows.
    pub fn new(
        header: &[&str],
        rows: usize,
        row: impl Fn(usize, &mut Line<'_>) + Sync + 'a,
    ) -> Self {
        Self {
            header: header.iter().map(|&name| name.to_owned()).collect(),
            rows,
            row: Box::new(row),
        }
    }

    /// Writes the table; rows are formatted on all cores.
    pub fn write(&self, out: &mut dyn Write, cancel: &CancelToken) -> Result<(), Fault> {
        let mut header = String::new();
        let mut line = Line::new(&mut header);
        self.header.iter().for_each(|name| line.text(name));
        header.push('\n');
        out.write_all(header.as_bytes())?;
        let rows_at_once = (BLOCK_VALUES / self.header.len().max(1)).max(1);
        let piece = rows_at_once.div_ceil(4 * rayon::current_num_threads());
        for start in (0..self.rows).step_by(rows_at_once) {
            cancel.check()?;
            let end = (start + rows_at_once).min(self.rows);
            let pieces: Vec<String> = (start..end)
                .into_par_iter()
                .step_by(piece)
                .map(|from| self.text(from, (from + piece).min(end)))
                .collect();
            for text in pieces {
                out.write_all(text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes it into a file of its own.
    pub fn save(&self, file: &Path, cancel: &CancelToken) -> Result<(), Error> {
        let mut text = Vec::new();
        let written = self.write(&mut text, cancel);
        written.map_err(|fault| fault.of(file))?;
        atomic::write(file, |out| out.write_all(&text)).map_err(|source| Error::Write {
            path: file.to_owned(),
            source,
        })
    }

    fn text(&self, from: usize, to: usize) -> String {
        let mut text = String::with_capacity((to - from) * self.header.len() * 10);
        for row in from..to {
            (self.row)(row, &mut Line::new(&mut text));
            text.push('\n');
        }
        text
    }
}

/// A row being written.
pub(super) struct Line<'a> {
    text: &'a mut String,
    started: bool,
}

impl<'a> Line<'a> {
    fn new(text: &'a mut String) -> Self {
        Self {
            text,
            started: false,
        }
    }

    fn next(&mut self) {
        if self.started {
            self.text.push(',');
        }
        self.started = true;
    }

    /// A cell of text.
    pub fn text(&mut self, text: &str) {
        self.next();
        self.text.push_str(&cell::write(text));
    }

    pub fn integer(&mut self, value: usize) {
        self.next();
        // Writing into a string cannot fail; the same holds below.
        _ = write!(self.text, "{value}");
    }

    pub fn number(&mut self, value: Option<&f32>) {
        self.next();
        match value {
            Some(x) if !x.is_finite() => {}
            // A long row of zeros reads badly; an exponent is read by every program.
            Some(x) if *x != 0.0 && !(1e-5..1e15).contains(&x.abs()) => {
                _ = write!(self.text, "{x:e}");
            }
            Some(x) => _ = write!(self.text, "{x}"),
            None => {}
        }
    }

    pub fn double(&mut self, value: Option<f64>) {
        self.next();
        match value {
            Some(x) if x.is_finite() => _ = write!(self.text, "{x}"),
            _ => {}
        }
    }

    pub fn row(&mut self, values: &Array2<f32>, row: usize) {
        for column in 0..values.ncols() {
            self.number(values.get([row, column]));
        }
    }
}

/// A table with a row for every sample, the sample's id first.
pub(super) fn by_sample<'a>(
    result: &'a AnalysisResult,
    columns: Vec<String>,
    cells: impl Fn(usize, &mut Line<'_>) + Sync + 'a,
) -> Table<'a> {
    let ids = &result.dataset.samples;
    Table {
        header: [vec!["sample".to_owned()], columns].concat(),
        rows: ids.len(),
        row: Box::new(move |i, line| {
            line.text(ids.get(i).map_or("", String::as_str));
            cells(i, line);
        }),
    }
}

pub(super) fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (1..=count).map(|i| format!("{prefix}{i}")).collect()
}

pub(super) fn embedding(result: &AnalysisResult) -> Table<'_> {
    let values: &Array2<f32> = &result.last_stage().embedding;
    by_sample(result, numbered("h", values.ncols()), move |i, line| {
        line.row(values, i);
    })
}

/// The map of the latest stage, and of stage 1; what has not been computed has no columns.
pub(super) fn umap(result: &AnalysisResult) -> Option<Table<'_>> {
    let map = |stage: &'_ StageResult| stage.umap.clone();
    let maps: Vec<(&str, Arc<Array2<f32>>)> = [
        ("umap", map(result.last_stage())),
        ("stage1_umap", map(&result.stage1)),
    ]
    .into_iter()
    .filter_map(|(name, map)| Some((name, map?)))
    .collect();
    let columns = maps
        .iter()
        .flat_map(|(name, _)| numbered(name, 2))
        .collect();
    (!maps.is_empty()).then(|| {
        by_sample(result, columns, move |i, line| {
            for (_, map) in &maps {
                line.number(map.get([i, 0]));
                line.number(map.get([i, 1]));
            }
        })
    })
}

/// How uncertain the model is of every sample.
pub(super) fn uncertainty_of_samples(result: &AnalysisResult) -> Table<'_> {
    let values: &Array1<f32> = &result.uncertainty.sample;
    by_sample(result, vec!["uncertainty".into()], move |i, line| {
        line.number(values.get(i))
    })
}

/// How uncertain it is of every sample in every modality.
pub(super) fn uncertainty_of_modalities(result: &AnalysisResult) -> Table<'_> {
    let names = result.dataset.modalities.iter().map(|m| m.name.clone());
    let values = &result.uncertainty.modality;
    by_sample(result, names.collect(), move |i, line| line.row(values, i))
}

/// The standard deviation of every value; those of values that were not measured are predictions, see [`not_measured`].
pub(super) fn uncertainty_of_features(result: &AnalysisResult) -> Table<'_> {
    let columns = result
        .dataset
        .modalities
        .iter()
        .flat_map(|m| m.features.iter().map(move |f| format!("{}:{f}", m.name)))
        .collect();
    let values = &result.uncertainty.feature;
    by_sample(result, columns, move |i, line| {
        let mut buffer = Vec::new();
        for modality in values {
            let row = modality.rows(i..i + 1, &mut buffer);
            row.iter().for_each(|x| line.number(Some(x)));
        }
    })
}

/// Every value that is missing in the files. With masks ([`TrainSpec::masked`](crate::train::TrainSpec)) its uncertainty is a prediction,
/// fitted to no residual; without, it is told of the mean that stood in for the value as if that had been measured.
pub(super) fn not_measured(result: &AnalysisResult) -> io::Result<Option<Table<'_>>> {
    let dataset = &result.dataset;
    let mut missing: Vec<(usize, usize, usize)> = Vec::new();
    for (at, modality) in dataset.modalities.iter().enumerate() {
        let measured = &modality.measured;
        if measured.missing == 0 {
            continue;
        }
        let mut row = vec![0.0; measured.features.len()];
        for sample in 0..dataset.samples() {
            measured.matrix.fill(sample..sample + 1, &mut row)?;
            let gaps = row.iter().enumerate().filter(|(_, x)| x.is_nan());
            missing.extend(gaps.map(|(feature, _)| (at, sample, feature)));
        }
    }
    let rows = missing.len();
    let table = Table::new(&["sample", "modality", "feature"], rows, move |i, line| {
        if let Some(&(at, sample, feature)) = missing.get(i) {
            let modality = &dataset.modalities[at];
            line.text(&dataset.samples[sample]);
            line.text(&modality.name);
            line.text(&modality.measured.features[feature]);
        }
    });
    Ok((rows > 0).then_some(table))
}

/// How much of every feature goes into each component, those that weigh most first.
pub(super) fn loadings(result: &AnalysisResult) -> Option<Table<'_>> {
    let mut rows: Vec<(&str, &str, &str, f32)> = Vec::new();
    for modality in &result.dataset.modalities {
        let Some(mixture) = &modality.measured.mixture else {
            continue;
        };
        for (at, component) in modality.features.iter().enumerate() {
            let leading = mixture.leading(at, usize::MAX).into_iter();
            rows.extend(leading.map(|(feature, loading)| {
                (modality.name.as_str(), component.as_str(), feature, loading)
            }));
        }
    }
    let count = rows.len();
    let header = ["modality", "component", "feature", "loading"];
    let table = Table::new(&header, count, move |row, line| {
        let (modality, component, feature, loading) = rows[row];
        [modality, component, feature]
            .into_iter()
            .for_each(|text| line.text(text));
        line.number(Some(&loading));
    });
    (count > 0).then_some(table)
}

pub(super) fn convergence(history: &[EpochStats]) -> Table<'_> {
    let columns = [
        "stage",
        "epoch",
        "loss",
        "acc",
        "nmi",
        "ari",
        "asw",
        "purity",
        "clusters",
        "label_change",
        "seconds",
        "asw_error",
        "smallest_cluster",
    ];
    Table {
        header: columns.map(str::to_owned).to_vec(),
        rows: history.len(),
        row: Box::new(|i, line| {
            let Some(epoch) = history.get(i) else {
                return;
            };
            let scores = epoch.clustering.map(|c| c.scores);
            line.text(epoch.stage.key());
            line.integer(epoch.epoch);
            line.double(epoch.loss);
            line.double(scores.and_then(|s| s.acc));
            line.double(scores.and_then(|s| s.nmi));
            line.double(scores.and_then(|s| s.ari));
            line.double(scores.and_then(|s| s.asw));
            line.double(scores.and_then(|s| s.purity));
            match scores {
                Some(scores) => line.integer(scores.clusters),
                None => line.text(""),
            }
            line.double(epoch.clustering.map(|c| c.label_change));
            line.double(Some(epoch.seconds));
            line.double(scores.and_then(|s| s.asw_error));
            match epoch.sizes.iter().min() {
                Some(&size) => line.integer(size),
                None => line.text(""),
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_exact_and_safe() {
        let mut text = String::new();
        let mut line = Line::new(&mut text);
        line.text("a,\"b\"");
        for x in [0.1, -0.0, 1e-9, 3e20, f32::NAN] {
            line.number(Some(&x));
        }
        line.number(None);
        line.double(Some(0.1 + 0.2));
        line.integer(7);
        assert_eq!(
            text,
            "\"a,\"\"b\"\"\",0.1,-0,1e-9,3e20,,,0.30000000000000004,7"
        );
    }

    #[test]
    fn blocks_and_pieces_give_every_row_once_and_in_order() {
        let table = Table {
            header: vec!["i".into(); 300],
            rows: 10_000,
            row: Box::new(|i, line| line.integer(i)),
        };
        let mut out = Vec::new();
        table.write(&mut out, &CancelToken::new()).unwrap();
        let text = String::from_utf8(out).unwrap();
        let rows: Vec<usize> = text.lines().skip(1).map(|l| l.parse().unwrap()).collect();
        assert_eq!(rows, (0..10_000).collect::<Vec<_>>());
        let cancelled = CancelToken::new();
        cancelled.cancel();
        let stopped = table.write(&mut Vec::new(), &cancelled);
        assert!(matches!(stopped, Err(Fault::Cancelled(_))));
    }
}
