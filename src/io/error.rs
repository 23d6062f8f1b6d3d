//! Why files could not be loaded: what happened and where, and what to do about it.

mod advice;
mod conversions;
mod lists;
mod place;
mod table;

use super::{question::Question, separator::MOST_COLUMNS};
use crate::{
    data::BadChoice,
    format::FormatError,
    job::Cancelled,
    limit::Limit,
    prepare::PrepareError,
    words::{memory_in_words, thousands},
};
use lists::{examples, listed};
pub use place::Place;
use place::line_of;
pub use table::TableError;

use std::{io, path::PathBuf};

/// Loading stopped. `Display` says what happened and where; [`LoadError::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Not a failure: the user stopped the loading.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Values that do not fit in memory could not be kept on disk.
    #[error("The values do not fit in memory, and could not be kept on disk: {0}.")]
    Disk(#[from] std::io::Error),
    /// More was asked for than can be simulated.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// The demo would not fit in memory.
    #[error("The demo would take about {} of memory, and {} is free.", memory_in_words(*needed), memory_in_words(*available))]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// Bytes that are free.
        available: u64,
    },
    /// There are several ways to read a file, and they differ in what comes out.
    #[error("{}: {}", .0.file.display(), .0.text)]
    Ask(Box<Question>),
    /// A file of another program could not be read.
    #[error(transparent)]
    Format(FormatError),
    /// The steps that a modality needs could not be taken.
    #[error("{}, {modality}: {source}.", path.display())]
    Prepare {
        /// The file.
        path: PathBuf,
        /// The modality.
        modality: String,
        /// Why.
        source: Box<PrepareError>,
    },
    /// A folder with several files of other programs.
    #[error("The folder {} holds several files that can be opened: {}.", folder.display(), files.join(", "))]
    SeveralContainers {
        /// The folder.
        folder: PathBuf,
        /// Names of the files.
        files: Vec<String>,
    },
    /// A table of text is not what it should be.
    #[error(transparent)]
    Table(Box<TableError>),
    /// Nothing was named to load.
    #[error("No file or folder was given to load.")]
    NothingGiven,
    /// A file or folder could not be opened or read.
    #[error("Cannot read {}: {source}.", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder without modality files.
    #[error("The folder {} holds no file named modality_<name>.csv, .tsv, .txt, .xlsx or .parquet (also .gz, .bz2, .xz, .zst, .zip), and no 10x, .h5ad, .h5mu, .mtx or .gct file.{}", folder.display(), listed(" Tables it holds: ", tables))]
    NoModalityFiles {
        /// The folder.
        folder: PathBuf,
        /// Other tables found there.
        tables: Vec<String>,
    },
    /// Only a labels file was given.
    #[error("{} holds labels; there is no measurement among the files given.", path.display())]
    OnlyLabels {
        /// The labels file.
        path: PathBuf,
    },
    /// Two labels files were given.
    #[error("Two labels files were given: {} and {}.", first.display(), second.display())]
    TwoLabelFiles {
        /// The first.
        first: PathBuf,
        /// The second.
        second: PathBuf,
    },
    /// Two files would give modalities of the same name.
    #[error("{} and {} are both the modality \"{name}\".", first.display(), second.display())]
    SameModality {
        /// The shared name.
        name: String,
        /// The first file.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
    },
    /// The file is something else than a table of text.
    #[error("{} is {what}, not a table of text.", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is: `an Excel workbook`.
        what: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// Something else than a file, where a file was looked for.
    #[error("{} is {what}, not a file.", path.display())]
    NotAFile {
        /// Its path.
        path: PathBuf,
        /// What it is: `a folder`.
        what: &'static str,
    },
    /// A line, or a row over several lines, without an end.
    #[error("{}, {}: the line is longer than {} characters.", path.display(), line_of(path, *line), thousands(*limit))]
    LineTooLong {
        /// The file.
        path: PathBuf,
        /// Line in the file, where it begins.
        line: u64,
        /// The most bytes a line may have.
        limit: usize,
    },
    /// A file that is read whole, and is too large for that.
    #[error("{} holds more than {} characters.", path.display(), thousands(*limit))]
    TooMuchText {
        /// The file.
        path: PathBuf,
        /// The most bytes of text.
        limit: usize,
    },
    /// A header of too many columns.
    #[error("{} has {} columns in its first line; at most {} can be read.", path.display(), thousands(*columns), thousands(MOST_COLUMNS))]
    TooManyColumns {
        /// The file.
        path: PathBuf,
        /// What was found.
        columns: usize,
    },
    /// A table of labels or metadata of too many columns.
    #[error("{} has {} columns; a table of labels or metadata may have {}.", path.display(), thousands(*columns), thousands(super::metadata::MOST_COLUMNS))]
    MetadataTooWide {
        /// The file.
        path: PathBuf,
        /// What was found.
        columns: usize,
    },
    /// Two rows of the same sample with different classes.
    #[error("{}: \"{id}\" has the class \"{}\" on {} and \"{}\" on {} (column \"{column}\").", path.display(), classes[0], line_of(path, lines[0]), classes[1], line_of(path, lines[1]))]
    LabelsDiffer {
        /// The labels file.
        path: PathBuf,
        /// The column.
        column: String,
        /// The sample.
        id: String,
        /// The lines of its first and its second row.
        lines: [u64; 2],
        /// The classes there.
        classes: Box<[String; 2]>,
    },
    /// A name that is not UTF-8.
    #[error("{}, {}: {what} is not valid UTF-8 text.", path.display(), line_of(path, *line))]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Line in the file.
        line: u64,
        /// `a feature name`, `the sample id`.
        what: &'static str,
    },
    /// Nothing in the file.
    #[error("{} is empty.", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A header without rows.
    #[error("{} has a header line but no samples below it.", path.display())]
    HeaderOnly {
        /// The file.
        path: PathBuf,
    },
    /// One column only, or no separator that fits.
    #[error("{} has no feature column: its first line, \"{first_line}\", has one column only.", path.display())]
    NoFeatureColumn {
        /// The file.
        path: PathBuf,
        /// Beginning of the first line.
        first_line: String,
    },
    /// A row with too few or too many columns.
    #[error("{}, {}: {expected} columns were expected as in the header, but {found} found.", path.display(), line_of(path, *line))]
    Ragged {
        /// The file.
        path: PathBuf,
        /// Line in the file.
        line: u64,
        /// Columns of the header.
        expected: usize,
        /// Columns of this row.
        found: usize,
    },
    /// A cell that is no number.
    #[error("{place}: \"{text}\" is not a number.")]
    TextCell {
        /// Where.
        place: Place,
        /// Beginning of the cell's text.
        text: String,
    },
    /// An infinite value.
    #[error("{place}: the value is infinite (\"{text}\").")]
    Infinite {
        /// Where.
        place: Place,
        /// The cell's text.
        text: String,
    },
    /// A value beyond the range of 32-bit numbers.
    #[error("{place}: {text} is too large (the limit is 3.4e38).")]
    TooLarge {
        /// Where.
        place: Place,
        /// Beginning of the cell's text.
        text: String,
    },
    /// A row with values but without a sample id.
    #[error("{}, {}: the first column, which names the sample, is empty.", path.display(), line_of(path, *line))]
    NoSampleId {
        /// The file.
        path: PathBuf,
        /// Line in the file.
        line: u64,
    },
    /// Two rows of the same sample.
    #[error("{}: the sample \"{id}\" is on {} and again on {}.", path.display(), line_of(path, *first), line_of(path, *second))]
    DuplicateSample {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
        /// Line of its first row.
        first: u64,
        /// Line of its second row.
        second: u64,
        /// Whether the first column looks like class labels (whole numbers that repeat).
        class_like: bool,
    },
    /// Files matched by position have different numbers of rows.
    #[error("The first column holds class labels, so rows are matched by position, but {} has {} samples and {} has {}.", first.display(), thousands(*first_rows), second.display(), thousands(*second_rows))]
    ClassRowsDiffer {
        /// The first file.
        first: PathBuf,
        /// Its rows.
        first_rows: usize,
        /// The other file.
        second: PathBuf,
        /// Its rows.
        second_rows: usize,
    },
    /// Files matched by position have different classes in the same row.
    #[error("The first column holds class labels, so rows are matched by position, but {} of {} has class {first_class} where {} of {} has class {second_class}.", line_of(first, *first_line), first.display(), line_of(second, *second_line), second.display())]
    ClassesDiffer {
        /// The first file.
        first: PathBuf,
        /// Line there.
        first_line: u64,
        /// Class there.
        first_class: String,
        /// The other file.
        second: PathBuf,
        /// Line there.
        second_line: u64,
        /// Class there.
        second_class: String,
    },
    /// No sample is in all files.
    #[error("No sample is in every file. Examples: {}.", examples(files))]
    NoCommonSample {
        /// Every file with some of its sample ids.
        files: Vec<(PathBuf, Vec<String>)>,
        /// What seems to be the reason, if one was found.
        guess: Option<&'static str>,
    },
    /// Very many bytes, which a window asks about before it reads them.
    #[error("They take {} on disk, and {} of memory are free: reading them takes a while, and may take more memory than that.", memory_in_words(*bytes), memory_in_words(*free))]
    Large {
        /// Bytes on disk.
        bytes: u64,
        /// Bytes of memory that are free.
        free: u64,
    },
    /// One sample is left: there is nothing to compare it with.
    #[error("There is one sample only, {id}.")]
    OneSample {
        /// Its id.
        id: String,
    },
    /// Counts were to be prepared that are none.
    #[error("{}: the values of {modality} are no counts (whole numbers from 0 on): they cannot be prepared as such.", path.display())]
    NoCounts {
        /// The file.
        path: PathBuf,
        /// The modality.
        modality: String,
    },
    /// Steps for a modality that there is not.
    #[error("There is no modality '{name}'; there are {known}.")]
    UnknownModality {
        /// The name.
        name: String,
        /// Those there are, with commas between them.
        known: String,
    },
    /// A choice of samples that cannot be meant.
    #[error(transparent)]
    Choice(#[from] BadChoice),
    /// Something is wanted that counts of transcripts are needed for.
    #[error("{what} by counts of transcripts (RNA), and no modality is taken as such.")]
    NoTranscripts {
        /// What is wanted.
        what: &'static str,
    },
    /// A modality in which every feature is constant or missing.
    #[error("{}: no usable feature is left; {} of its features are constant and {} have no value for the samples used.", path.display(), thousands(*constant), thousands(*missing))]
    NoUsableFeature {
        /// The file.
        path: PathBuf,
        /// Features with one single value.
        constant: usize,
        /// Features without any value.
        missing: usize,
    },
    /// The labels column asked for is not there.
    #[error("{} has no column \"{column}\". Its columns: {}.", path.display(), columns.join(", "))]
    NoLabelColumn {
        /// The labels file.
        path: PathBuf,
        /// What was asked for.
        column: String,
        /// What is there.
        columns: Vec<String>,
    },
    /// A labels file without ids whose rows cannot be matched.
    #[error("{} does not name the samples, and has {} rows for {} samples.", path.display(), thousands(*rows), thousands(*samples))]
    LabelsUnmatched {
        /// The labels file.
        path: PathBuf,
        /// Its rows.
        rows: usize,
        /// Samples of the data.
        samples: usize,
    },
    /// No sample of the data is in the labels file.
    #[error("{} labels none of the samples. It has \"{labelled}\", the data have \"{sample}\".", path.display())]
    NoLabelMatches {
        /// The labels file.
        path: PathBuf,
        /// An id in the labels file.
        labelled: String,
        /// An id in the data.
        sample: String,
    },
    /// A label column with (almost) one class per sample.
    #[error("The labels in {}, column \"{column}\", put {} samples into {} classes: they look like ids or measurements.", path.display(), thousands(*samples), thousands(*classes))]
    LabelsAreIds {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
        /// Labelled samples.
        samples: usize,
        /// Different labels.
        classes: usize,
    },
}
