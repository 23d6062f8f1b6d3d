//! The command line, as flags; `--help` is the manual.

mod bench;
mod data;
mod for_python;
mod label;
mod markers;
mod parameters;
mod preparation;
mod reasons;
mod remote;
mod run;
mod store;
mod train_on;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{data::demo::DemoSpec, error::Error, io::Source, method::Method, model::DeviceChoice};

pub use bench::BenchArguments;
pub use data::{DataArguments, SamplesArguments};
pub use for_python::ForPythonArguments;
pub use label::LabelArguments;
pub use markers::MarkersArguments;
pub use parameters::ParameterArguments;
pub use preparation::{MatrixArgument, PreparationArguments, PrepareArguments};
pub use reasons::ReasonsArguments;
pub use remote::{ServeArguments, ServersArguments, ServersCommand};
pub use run::{RecipeArgument, RunArguments};
pub use store::{KeptArguments, StoreArguments};
pub use train_on::TrainOnArguments;

const ABOUT: &str = "Integrate and cluster multi-omics data, and see which samples the model is \
unsure of.

hdumec learns one embedding from all modalities (RNA, protein, chromatin, methylation, ...) of the \
same samples, clusters it, and says how uncertain it is about every value, modality and sample. \
Without a command it opens its window.";

const EXAMPLES: &str = "Examples:
  hdumec                                   open the window
  hdumec --demo                            open it with the demo, training
  hdumec run data/ --out results/          a folder of modality_NAME.csv files and labels.csv
  hdumec run rna.csv.gz adt.csv --clusters 8 --out results/
  hdumec run --demo                        the demo without a window, into hdumec-demo/
  hdumec suggest data/                     how many clusters may there be?
  hdumec compare data/                     what do other methods find?
  hdumec markers results/                  which features tell the clusters apart?
  hdumec reasons results/                  why do samples lie between two clusters?
  hdumec label results/ --labels known.csv --out labelled/   labels that came later
  hdumec train-on results/ --leave-out doublets.txt --out fewer/   without some samples, with the model that there is
  hdumec rerun results/run.json            repeat an analysis and compare
  hdumec inspect data/                     what is in the files, without training
  hdumec prepare data.h5ad --out ready.h5ad  make counts ready, without training
  hdumec demo --samples 5000 --out demo/   write the simulated data as files
  hdumec bench --samples 10000,100000      what every part costs on this machine
  hdumec serve                             lend this machine's GPU to another

Files: one table per modality, samples in rows, features in columns, first column the sample ids \
(or, as in the published data, whole-number class labels). Comma, tab or semicolon; .gz, .bz2, .xz, .zst \
and .zip are unpacked; a sheet of an Excel workbook (.xlsx) is a table too. \
Labels: labels.csv with the columns sample,label beside the files, or --labels.

Exit codes: 0 done, 2 wrong usage, 3 data, 4 settings, 5 device, 6 output, 7 training, \
8 no display, 9 a rerun came out otherwise, 70 internal fault, 130 cancelled.";

/// Everything a user can type.
#[derive(Debug, Parser)]
#[command(
    name = "hdumec",
    version,
    about = "Integrate and cluster multi-omics data, and see which samples the model is unsure of",
    long_about = ABOUT,
    after_long_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_precedence_over_arg = true
)]
pub struct Arguments {
    /// Open the window with the embedded demo data and start training
    #[arg(long, conflicts_with = "paths")]
    pub demo: bool,
    /// Files or folders of data, or of saved results, to open in the window
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Memory to take at most, in all; values that find no room in it are kept on disk, and what needs more is refused
    /// before it starts [default: what is free]
    #[arg(long, global = true, value_name = "MIB", value_parser = mebibytes, help_heading = "Machine")]
    pub memory: Option<u64>,
    /// What to do instead of opening the window
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Memory in MiB, as bytes.
fn mebibytes(text: &str) -> Result<u64, String> {
    // The program itself takes a part of it.
    const LEAST: u64 = 128;
    const MOST: u64 = 1 << 30;
    match text.parse() {
        Ok(mebibytes) if (LEAST..=MOST).contains(&mebibytes) => Ok(mebibytes << 20),
        _ => Err(format!(
            "give a whole number of MiB from {LEAST}, as hdumec itself takes some, to {MOST}"
        )),
    }
}

/// What can be done without a window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole analysis and write its results
    Run(Box<RunArguments>),
    /// Leave samples out of saved results and learn on with their model, in a part of the time
    TrainOn(TrainOnArguments),
    /// Repeat an analysis from its run.json, and say whether it came out the same
    Rerun(RerunArguments),
    /// Write simulated data with known truth as files
    Demo(DemoArguments),
    /// Try numbers of clusters, without looking at labels
    Suggest(SuggestArguments),
    /// Cluster the data by other methods too, side by side
    Compare(Box<CompareArguments>),
    /// Tell which features tell the clusters, or the classes, of saved results from each other
    Markers(MarkersArguments),
    /// Tell why samples of saved results lie between two clusters
    Reasons(ReasonsArguments),
    /// Give saved results labels that came later, without training again
    Label(LabelArguments),
    /// Show what is in the files, without training
    Inspect(InspectArguments),
    /// Make counts ready and write them for Python, without training
    Prepare(Box<PrepareArguments>),
    /// Show what is kept of trainings that were cut off and sessions that were not saved, and delete it
    Kept(KeptArguments),
    /// Lend devices of this machine to hdumec on other machines
    Serve(ServeArguments),
    /// Show which machines lend a device, and know others
    Servers(ServersArguments),
    /// Time every part on this machine, on simulated data
    Bench(BenchArguments),
}

/// Files, or the demo.
#[derive(Debug, Args)]
pub struct SourceArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArguments,
    /// Take the embedded demo data
    #[arg(
        long,
        conflicts_with_all = ["paths", "labels", "label_column", "first_column"],
        help_heading = "Data"
    )]
    pub demo: bool,
    /// Samples of the demo
    #[arg(long, value_name = "N", value_parser = some_samples, requires = "demo", help_heading = "Data")]
    pub demo_samples: Option<usize>,
}

impl SourceArguments {
    /// What to open.
    ///
    /// # Errors
    /// Those of [`DataArguments::spec`].
    pub fn source(&self) -> Result<Source, Error> {
        let default = DemoSpec::default();
        Ok(match self.demo {
            true => Source::Demo(DemoSpec {
                samples: self.demo_samples.unwrap_or(default.samples),
                ..default
            })
            .with(self.data.samples.chosen()?),
            false => Source::Files(Box::new(self.data.spec()?)),
        })
    }
}

/// Enough samples for twelve cell types; [`DemoSpec::check`] says when they are too many.
fn some_samples(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n >= 24 => Ok(n),
        _ => Err("give a whole number, 24 or more".into()),
    }
}

/// `hdumec suggest`
#[derive(Debug, Args)]
pub struct SuggestArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArguments,
    /// Decides the starting weights and the samples drawn
    #[arg(
        long,
        default_value_t = 0,
        value_name = "S",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `hdumec compare`
#[derive(Debug, Args)]
pub struct CompareArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArguments,
    /// Methods to compare, separated by commas [default: all]
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', value_parser = method)]
    pub methods: Vec<Method>,
    /// Number of clusters K [default: the number of classes]
    #[arg(long, short = 'k', value_name = "K", allow_negative_numbers = true)]
    pub clusters: Option<usize>,
    /// Seed of all methods
    #[arg(
        long,
        default_value_t = 0,
        value_name = "S",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// What the networks compute on: auto, gpu, cpu, words of an adapter's name, or remote:SERVER
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    /// Folder for methods.csv and method_clusters.csv [default: nothing is written]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace earlier files of these names
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Print nothing but the table
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,
}

/// A method by its name, or which there are.
fn method(name: &str) -> Result<Method, String> {
    let found = Method::ALL.into_iter().find(|method| method.key() == name);
    found.ok_or_else(|| format!("choose from {}", Method::ALL.map(Method::key).join(", ")))
}

/// `hdumec rerun`
#[derive(Debug, Args)]
pub struct RerunArguments {
    /// The run.json of the analysis
    #[arg(value_name = "run.json")]
    pub run: PathBuf,
    /// The data, if they are elsewhere now: files or folders, with the labels beside them
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The labels, if they are elsewhere now
    #[arg(long, value_name = "FILE")]
    pub labels: Option<PathBuf>,
    /// Folder for the new results [default: none are kept]
    #[arg(long, short, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replace earlier results in that folder
    #[arg(long)]
    pub force: bool,
    /// Print nothing but the final table and the verdict
    #[arg(long, short)]
    pub quiet: bool,
}

/// `hdumec demo`
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Number of samples
    #[arg(
        long,
        default_value_t = DemoSpec::default().samples,
        value_name = "N",
        value_parser = some_samples
    )]
    pub samples: usize,
    /// Seed of the simulation
    #[arg(
        long,
        default_value_t = 0,
        value_name = "S",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// Folder for the files
    #[arg(long, short, value_name = "DIR")]
    pub out: PathBuf,
    /// Replace files of the same names
    #[arg(long)]
    pub force: bool,
}

/// `hdumec inspect`
#[derive(Debug, Args)]
pub struct InspectArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArguments,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}
