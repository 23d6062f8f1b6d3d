//! What to load, and how.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::de::DeserializeOwned;

use super::preparation::PreparationArguments;
use crate::{
    data::Chosen,
    error::Error,
    io::{Decimal, FirstColumn, Join, LoadSpec, Orientation},
};

/// How to read the first column.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum FirstColumnArgument {
    /// Class labels if it looks like them in every file, else sample ids
    #[default]
    Auto,
    /// Sample ids
    Samples,
    /// Integer class labels; rows match by position
    Classes,
}

/// What to load.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArguments {
    /// Files (one a modality) or folders of modality_NAME.csv, .tsv or .xlsx, packed or not
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// File with the known class of every sample [default: labels.csv beside the files]
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Column of that file that holds the classes
    #[arg(long, value_name = "NAME")]
    pub label_column: Option<String>,
    /// Use no labels, even if there are some
    #[arg(long, conflicts_with_all = ["labels", "label_column"])]
    pub no_labels: bool,
    /// How to read the first column of each file
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub first_column: FirstColumnArgument,
    /// What the rows of the tables are
    #[arg(long, value_name = "WHAT", value_parser = orientation(), default_value = "auto")]
    pub rows: Orientation,
    /// Column of the tables that holds the ids, by its name or its number from 1 [default: found by its content]
    #[arg(long, value_name = "COLUMN")]
    pub ids: Option<String>,
    /// Matrix to take of a file with several, such as layers/counts or raw/X; of one modality rna:layers/counts [default: told]
    #[arg(long, value_name = "NAME")]
    pub matrix: Vec<String>,
    /// Sheet to take of a workbook (.xlsx) with several tables [default: the only one with a table, which is told]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// How numbers are written
    #[arg(long, value_name = "MARK", value_parser = named::<Decimal>(["auto", "point", "comma"]), default_value = "auto")]
    pub decimal: Decimal,
    /// How ids of several files are compared
    #[arg(long, value_name = "HOW", value_parser = named::<Join>(["exact", "case", "suffix", "prefix", "punctuation", "zeros", "tcga-sample"]), default_value = "exact")]
    pub join: Join,
    /// Go on with the samples that all files have, few as they are
    #[arg(long)]
    pub few_in_common: bool,
    /// Column of the labels file that holds the ids [default: found by its content]
    #[arg(long, value_name = "COLUMN")]
    pub label_ids: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub samples: SamplesArguments,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub preparation: PreparationArguments,
}

/// Which samples take part.
#[derive(Debug, Args)]
pub struct SamplesArguments {
    /// Take only the samples whose ids are in this file: one a line, or the first column of a table
    #[arg(long, value_name = "FILE")]
    pub only: Option<PathBuf>,
    /// Leave the samples out whose ids are in this file
    #[arg(long, value_name = "FILE", conflicts_with = "only")]
    pub leave_out: Option<PathBuf>,
}

impl SamplesArguments {
    /// As the loader wants it.
    ///
    /// # Errors
    /// If the file of their ids cannot be read.
    pub fn chosen(&self) -> Result<Chosen, Error> {
        Ok(match (&self.only, &self.leave_out) {
            (Some(file), _) => Chosen::Only(read_ids(file)?),
            (None, Some(file)) => Chosen::Without(read_ids(file)?),
            (None, None) => Chosen::All,
        })
    }
}

impl DataArguments {
    /// As the loader wants it.
    ///
    /// # Errors
    /// If the file of recipes cannot be read, or is wrong.
    pub fn spec(&self) -> Result<LoadSpec, Error> {
        let mut spec = LoadSpec {
            paths: self.paths.clone(),
            labels: self.labels.clone(),
            label_column: self.label_column.clone(),
            first_column: match self.first_column {
                FirstColumnArgument::Auto => FirstColumn::Auto,
                FirstColumnArgument::Samples => FirstColumn::SampleIds,
                FirstColumnArgument::Classes => FirstColumn::ClassLabels,
            },
            orientation: self.rows,
            id_column: self.ids.clone(),
            sheet: self.sheet.clone(),
            decimal: self.decimal,
            join: self.join,
            few_in_common: self.few_in_common,
            label_ids: self.label_ids.clone(),
            ignore_labels: self.no_labels,
            samples: self.samples.chosen()?,
            ..LoadSpec::default()
        };
        self.matrix
            .iter()
            .for_each(|matrix| spec.choose_matrix(matrix));
        self.preparation.apply(&mut spec)?;
        Ok(spec)
    }
}

fn orientation() -> impl TypedValueParser<Value = Orientation> {
    PossibleValuesParser::new(["auto", "samples", "features"]).map(|word| match word.as_str() {
        "samples" => Orientation::SamplesInRows,
        "features" => Orientation::FeaturesInRows,
        _ => Orientation::Auto,
    })
}

/// Words that stand for a value as they do in files, but for dashes.
fn named<T: DeserializeOwned + Clone + Send + Sync + 'static>(
    words: impl Into<PossibleValuesParser>,
) -> impl TypedValueParser<Value = T> {
    words
        .into()
        .try_map(|word| serde_json::from_value(word.replace('-', "_").into()))
}

/// The ids in a file: those of its first column, without quotes. A header is an id that no sample has.
fn read_ids(file: &Path) -> Result<Vec<String>, Error> {
    let text = fs::read_to_string(file)
        .map_err(|error| Error::Usage(format!("'{}' cannot be read: {error}", file.display())))?;
    let id = |line: &str| {
        let first = line.split(['\t', ',', ';']).next().unwrap_or_default();
        first.trim().trim_matches('"').to_owned()
    };
    let ids = text.trim_start_matches('\u{feff}').lines().map(id);
    let ids: Vec<String> = ids.filter(|id| !id.is_empty()).collect();
    match ids.is_empty() {
        true => Err(Error::Usage(format!("'{}' holds no ids", file.display()))),
        false => Ok(ids),
    }
}
