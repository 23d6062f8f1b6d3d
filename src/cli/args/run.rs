//! A whole analysis.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ForPythonArguments, ParameterArguments, SourceArguments, StoreArguments};
use crate::{
    model::DeviceChoice,
    pipeline::{AnalysisSpec, Recipe},
};

/// How to train.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum RecipeArgument {
    /// Clusters that many looks at the data agree on, answers that agree from seed to seed, and a stage 2 that does not
    /// destroy clusters
    #[default]
    Robust,
    /// Its second version, which takes longer on large data
    #[value(name = "robust-0.2")]
    Robust02,
    /// Its first version, in which the starts of the network alone vote
    #[value(name = "robust-0.1")]
    Robust01,
    /// The recipe of the paper
    Published,
}

/// `hdumec run`
#[derive(Debug, Args)]
pub struct RunArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub source: SourceArguments,
    /// Folder for the results [default for --demo: hdumec-demo]
    #[arg(long, short, value_name = "DIR", required_unless_present = "demo")]
    pub out: Option<PathBuf>,
    /// Replace earlier results in that folder
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub for_python: ForPythonArguments,
    /// Number of clusters K [default: the number of classes]
    #[arg(long, short = 'k', value_name = "K", allow_negative_numbers = true)]
    pub clusters: Option<usize>,
    /// How to train
    #[arg(long, value_enum, default_value_t)]
    pub recipe: RecipeArgument,
    /// Fewer starts and looks at the data vote, and the uncertainty is rougher, for maps that come soon
    #[arg(long)]
    pub quick: bool,
    /// Decides the starting weights, mini-batches, k-means and UMAP
    #[arg(
        long,
        default_value_t = 0,
        value_name = "S",
        allow_negative_numbers = true
    )]
    pub seed: u64,
    /// What to compute on: auto, gpu, cpu, words of an adapter's name, or remote:SERVER, which 'hdumec servers' knows
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    pub device: DeviceChoice,
    /// Another device that trains starts, and models of the ensemble, beside it; may be given several times. Of one kind, devices come
    /// to the same bits as one of them; of several kinds they round otherwise, and the record says who trained what
    #[arg(long, value_name = "DEVICE")]
    pub also: Vec<DeviceChoice>,
    /// Check the uncertainty: train once more on a copy with known noise, and compare
    #[arg(long)]
    pub check: bool,
    /// Print one JSON object per event on standard output
    #[arg(long)]
    pub json: bool,
    /// Print nothing but the final table
    #[arg(long, short, conflicts_with = "json")]
    pub quiet: bool,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub kept: StoreArguments,
    #[command(flatten)]
    #[allow(missing_docs)]
    pub parameters: ParameterArguments,
}

impl RunArguments {
    /// As the pipeline wants it, or what is wrong with a list.
    pub fn spec(&self) -> Result<AnalysisSpec, String> {
        let recipe = match self.recipe {
            RecipeArgument::Robust => Recipe::Robust,
            RecipeArgument::Robust02 => Recipe::Robust02,
            RecipeArgument::Robust01 => Recipe::Robust01,
            RecipeArgument::Published => Recipe::Published,
        };
        let mut spec = AnalysisSpec {
            clusters: self.clusters,
            seed: self.seed,
            device: self.device.clone(),
            also: self.also.clone(),
            ..AnalysisSpec::of(recipe)
        };
        if self.quick {
            spec = spec.quick_look();
            if !spec.is_quick_look() {
                return Err(
                    "there is no quick look by the published recipe: it is a single start as it is"
                        .into(),
                );
            }
        }
        self.parameters.apply(&mut spec)?;
        if !spec.also.is_empty() && !spec.can_be_helped() {
            return Err(
                "--also: of one start and one model there is nothing for another device to do"
                    .into(),
            );
        }
        Ok(spec)
    }
}
