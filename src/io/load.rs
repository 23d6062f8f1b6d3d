//! From paths to a data set.

use super::{
    containers,
    discover::{FoundFiles, ModalityFile, discover_beside},
    error::LoadError,
    first_column,
    inputs::{InputFile, Inputs, Source},
    known::{self, Known},
    measured,
    notice::LoadNotice,
    number::NumberStyle,
    orientation,
    part::Part,
    question::{Decimal, Join, Orientation},
    report::{ClassCount, LoadReport},
    rows::{self, RowPlan, Rows},
    sift,
    source::SheetWish,
    table::{self, Table, Wishes},
    text::TextReader,
};
use crate::{
    data::{Axis, Chosen, Dataset, Labels, MemoryLimit, Modality, Storage},
    job::CancelToken,
    prepare::{Cuts, Recipe, doublet_scores},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Instant,
};

/// What the first column of the modality files holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstColumn {
    /// Class labels if it is called `label`, `class`, `cluster` or nothing and holds small whole numbers from 0 or 1 on, all in
    /// use, in every file; asked about if it holds other whole numbers that repeat; else sample ids.
    #[default]
    Auto,
    /// Sample ids: rows are matched by id.
    SampleIds,
    /// Class labels: rows are matched by position, samples are called `sample_1`, `sample_2`, and so on.
    ClassLabels,
}

/// What to load, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadSpec {
    /// Files and folders; see [`super::discover()`].
    pub paths: Vec<PathBuf>,
    /// A labels file, wherever it is; otherwise one called `labels.csv` beside the data is used.
    pub labels: Option<PathBuf>,
    /// The column of the labels file that holds the classes.
    pub label_column: Option<String>,
    /// How to read the first column of the modality files.
    pub first_column: FirstColumn,
    /// What the rows of the modality files are.
    pub orientation: Orientation,
    /// The column of the modality files, by name or by number from 1, that holds the ids; found by its content unless named.
    pub id_column: Option<String>,
    /// The steps that modalities of other programs' files are taken through, by modality; the usual ones unless named.
    pub preparation: BTreeMap<String, Recipe>,
    /// Samples with fewer or more counts of transcripts are left out; what is not set here is as `preparation` says.
    pub cuts: Cuts,
    /// Which samples take part: the others are left out before anything is prepared.
    #[serde(skip_serializing_if = "Chosen::is_all")]
    pub samples: Chosen,
    /// Which of the samples that were prepared take part. The others are left out once all are prepared: those that are kept have
    /// the values that they have with them.
    #[serde(skip_serializing_if = "Chosen::is_all")]
    pub kept: Chosen,
    /// Whether samples get a score of how likely they are doublets, by their counts of transcripts.
    pub doublets: bool,
    /// Modalities of tables whose counts are to be taken through the usual steps.
    pub prepare: Vec<String>,
    /// Whether counts in files of other programs are taken as they are.
    pub as_they_are: bool,
    /// Which matrix of a file with several is taken: `X`, `layers/counts`, `raw/X`; the usual one unless named.
    pub matrix: Option<String>,
    /// The same for single modalities of a file that holds several, by their names.
    pub matrices: BTreeMap<String, String>,
    /// Which sheet of a workbook with several tables is taken; the only one unless named.
    pub sheet: Option<String>,
    /// How numbers are written.
    pub decimal: Decimal,
    /// How ids of several files are compared.
    pub join: Join,
    /// Whether few samples in common are enough.
    pub few_in_common: bool,
    /// The column of the labels file that holds the ids; found by its content unless named.
    pub label_ids: Option<String>,
    /// Whether to load without labels, even if there are some.
    pub ignore_labels: bool,
    /// Bytes of values that may be held in memory; more are kept on disk. Without it an eighth of what is free.
    pub memory: Option<u64>,
}

/// A loaded data set.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The data.
    pub dataset: Dataset,
    /// What there is to say about them.
    pub report: LoadReport,
    /// Where they come from.
    pub inputs: Inputs,
}

/// Loads a data set: every modality a table of text (comma, tab, semicolon or space; packed or not; also UTF-16) or a sheet of a
/// workbook, with a header of feature names, one row per sample and the sample id in the first column. Tables with features in rows, or with the ids in
/// another column, are recognised; columns that are no measurement are set aside; what has two readings is asked about.
///
/// Files are read and parsed in parallel on the current rayon pool; `cancel` is looked at every chunk of rows.
///
/// # Errors
/// [`LoadError`] names the file and, where there is one, the line, column and feature;
/// [`LoadError::Cancelled`] if the user stopped it.
pub fn load(spec: &LoadSpec, cancel: &CancelToken) -> Result<Loaded, LoadError> {
    let start = Instant::now();
    let mut paths = spec.paths.clone();
    let containers = containers::take(&mut paths)?;
    let others: Vec<PathBuf> = containers.iter().map(|c| c.path.clone()).collect();
    let found = discover_beside(&paths, &others)?;
    let mut notices = Vec::new();
    let (tables, mut files) = read_tables(spec, &found, cancel)?;
    let paths: Vec<&Path> = found.modalities.iter().map(|m| m.path.as_path()).collect();
    let labels_file = labels_file(spec, &found).filter(|_| !spec.ignore_labels);
    let mut tables = orientation::settle(spec, &paths, tables, labels_file, cancel)?;
    let first_column = first_column::decide(spec, &paths, &mut tables)?;
    measured::check(first_column, &mut tables)?;
    let mut spec = spec.clone();
    for (path, table) in paths.iter().zip(&tables) {
        notices.extend(about_file(path, table));
    }
    let tables = found.modalities.iter().zip(tables);
    let mut parts: Vec<Part> = tables
        .map(|(file, table)| Part::of_table(table, &file.name, &file.path, &mut notices))
        .collect();
    let mut descriptions = Vec::new();
    for container in &containers {
        let read = container.read(&spec, &mut notices, cancel)?;
        let part = |piece| Part::of_piece(piece, container, &read.found);
        parts.extend(read.pieces.into_iter().map(part));
        descriptions.extend(read.obs);
        files.extend(read.files);
    }
    check_names(&parts)?;
    let rows: Vec<Rows<'_>> = parts.iter().map(Part::rows).collect();
    let parsed: Vec<(&Path, &Rows<'_>)> = parts
        .iter()
        .map(|part| part.path.as_path())
        .zip(&rows)
        .collect();
    let mut plan = rows::plan(first_column, &spec, &parsed, &mut notices, cancel)?;
    if let [id] = plan.sample_ids.as_slice() {
        return Err(LoadError::OneSample { id: id.clone() });
    }
    notices.extend(about_rows(&parts, &plan));
    let obs = known::described(&descriptions, &parts, &plan);
    let set_aside = known::set_aside(&parts, &plan);

    let first = parts
        .first()
        .map(|part| part.path.clone())
        .unwrap_or_default();
    let mut known = match spec.ignore_labels {
        true => Known::default(),
        false => known::labels(
            &spec,
            &found,
            (&first, obs),
            &plan,
            &mut notices,
            &mut files,
            cancel,
        )?,
    };
    known::add(&mut known.obs, &set_aside);
    let plans = parts.iter().map(|part| part.plan(&spec));
    let plans = plans.collect::<Result<Vec<_>, _>>()?;
    sift::check(&spec, &parts, &plans)?;
    let chosen = (&spec.samples, &mut notices);
    let qualities = sift::sift(&parts, &plans, &mut plan, &mut known, chosen, cancel)?;

    let mut modalities = Vec::with_capacity(parts.len());
    let mut reports = Vec::with_capacity(parts.len());
    let (mut described, mut doublets) = (Vec::new(), Vec::new());
    for (at, (part, of_part)) in parts.into_iter().zip(plans).enumerate() {
        let rows = (plan.sample_ids.as_slice(), plan.picks[at].as_deref());
        let transcripts = of_part.transcripts;
        let mut ready = part.prepare(rows, of_part.recipe, &spec, &mut notices, cancel)?;
        if let Some(recipe) = ready.recipe {
            // What was wrong with raw counts is mended.
            notices.retain(|notice| !notice.is_raw_counts(&ready.report.file));
            spec.preparation.insert(ready.modality.name.clone(), recipe);
        }
        let name = &ready.modality.name;
        if spec.doublets && transcripts {
            let scores = doublet_scores(&ready.modality.measured.matrix, cancel);
            let scores =
                scores.map_err(|e| LoadError::of_preparation(&ready.report.file, name, e))?;
            doublets.push((name.clone(), scores));
        }
        described.push((name.clone(), qualities[at].clone()));
        ready.report.quality = qualities[at].clone();
        modalities.push(ready.modality);
        reports.push(ready.report);
    }
    // They stand in the recipes from now on.
    spec.cuts = Cuts::default();
    sift::describe(&mut known.obs, &described, doublets);
    let spec = &spec;

    let on_disk = |m: &Modality| match m.measured.matrix.storage() {
        Storage::Disk => m.measured.matrix.bytes(),
        Storage::Memory => 0,
    };
    let bytes: u64 = modalities.iter().map(on_disk).sum();
    if bytes > 0 {
        notices.push(LoadNotice::KeptOnDisk { bytes });
    }

    let (mut about_truth, mut truth_files) = (Vec::new(), Vec::new());
    let seen = (&mut about_truth, &mut truth_files);
    let truth = known::truth(&found, &plan, &modalities, seen, cancel)?;
    let labels = known.labels;
    let unlabelled = labels.as_ref().map_or(0, Labels::unlabelled);
    if unlabelled > 0 {
        notices.push(LoadNotice::Unlabelled {
            samples: unlabelled,
            of: plan.sample_ids.len(),
        });
    }
    notices.append(&mut about_truth);
    files.append(&mut truth_files);
    let report = LoadReport {
        samples: plan.sample_ids.len(),
        modalities: reports,
        first_column: plan.first_column,
        labels_from: known.labels_from,
        label_columns: known.label_columns,
        classes: labels.as_ref().map_or_else(Vec::new, class_counts),
        unlabelled,
        notices,
    };
    let plan_samples = Axis::new(plan.sample_ids).expect("told apart when they were matched");
    let dataset = Dataset {
        name: found.name,
        samples: plan_samples,
        modalities,
        obs: known.obs,
        labels,
        truth,
    };
    let loaded = Loaded {
        dataset,
        report,
        inputs: Inputs {
            files,
            seconds: start.elapsed().as_secs_f64(),
            source: Some(Source::Files(Box::new(spec.clone())).absolute()),
        },
    };
    loaded.keep(&spec.kept)
}

/// Reads all tables of text, side by side.
fn read_tables(
    spec: &LoadSpec,
    found: &FoundFiles,
    cancel: &CancelToken,
) -> Result<(Vec<Table>, Vec<InputFile>), LoadError> {
    let limit = spec
        .memory
        .map_or_else(MemoryLimit::of_machine, MemoryLimit::new);
    let wishes = Wishes {
        ids: spec.id_column.as_deref(),
        decimal: spec.decimal,
    };
    let read = |file: &ModalityFile| {
        let sheet = SheetWish {
            name: spec.sheet.as_deref(),
            of_numbers: true,
        };
        let open = || TextReader::open(&file.path, sheet, cancel);
        table::read(&file.path, open, &wishes, &limit, cancel)
    };
    let tables = found.modalities.par_iter().map(read);
    Ok(tables
        .collect::<Result<Vec<_>, LoadError>>()?
        .into_iter()
        .unzip())
}

/// Refuses two modalities of one name.
fn check_names(parts: &[Part]) -> Result<(), LoadError> {
    for (at, part) in parts.iter().enumerate() {
        if let Some(other) = parts[at + 1..].iter().find(|other| other.name == part.name) {
            return Err(LoadError::SameModality {
                name: part.name.clone(),
                first: part.path.clone(),
                second: other.path.clone(),
            });
        }
    }
    Ok(())
}

/// The labels file to read, in this order: that asked for, one among the paths, one beside the data.
fn labels_file<'a>(spec: &'a LoadSpec, found: &'a FoundFiles) -> Option<&'a Path> {
    let given = spec.labels.as_ref().or(found.labels_given.as_ref());
    given.or(found.labels_found.as_ref()).map(PathBuf::as_path)
}

fn about_file(path: &Path, table: &Table) -> Vec<LoadNotice> {
    let file = || path.to_owned();
    let mut notices = Vec::new();
    if table.layout.unnamed_ids {
        notices.push(LoadNotice::UnnamedIds { file: file() });
    }
    let number = |name: &String| name.trim().parse::<f64>().is_ok_and(|x| x.fract() != 0.0);
    if table.features.len() > 1
        && table.features.iter().filter(|name| number(name)).count() > table.features.len() / 2
    {
        notices.push(LoadNotice::NumbersAsNames { file: file() });
    }
    if table.style == NumberStyle::Comma {
        notices.push(LoadNotice::DecimalComma { file: file() });
    }
    notices.extend(table.notices.iter().map(|notice| LoadNotice::Table {
        file: file(),
        notice: notice.clone(),
    }));
    if table.empty > 0 {
        notices.push(LoadNotice::EmptyRowsSkipped {
            file: file(),
            rows: table.empty,
        });
    }
    notices
}

fn about_rows(parts: &[Part], plan: &RowPlan) -> Vec<LoadNotice> {
    let lacking = parts.iter().zip(&plan.lacking);
    let left_out = lacking
        .filter(|(_, n)| **n > 0)
        .map(|(m, n)| LoadNotice::SamplesLeftOut {
            modality: m.name.clone(),
            samples: *n,
            of: plan.total,
        });
    left_out.collect()
}

pub(super) fn class_counts(labels: &Labels) -> Vec<ClassCount> {
    let classes = labels.classes.iter().zip(labels.counts());
    let count = |(name, samples): (&String, usize)| ClassCount {
        name: name.clone(),
        samples,
    };
    classes.map(count).collect()
}
