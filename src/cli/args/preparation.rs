//! What to do with values before the model gets them.

use std::{collections::BTreeMap, fs, path::PathBuf};

use clap::{Args, ValueEnum};

use super::DataArguments;
use crate::{
    error::Error,
    export::X,
    io::LoadSpec,
    prepare::{Cuts, Recipe, Step, parse_recipes},
};

/// What to do with values before the model gets them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Preparation of counts")]
pub struct PreparationArguments {
    /// Take whole-number counts in 10x, AnnData, MuData and Matrix Market files as they are, without normalising them
    #[arg(long)]
    pub as_they_are: bool,
    /// Modality of a table of text whose counts are to be prepared too; may be repeated
    #[arg(long, value_name = "MODALITY")]
    pub prepare: Vec<String>,
    /// File of recipes (.toml or .json), a list of steps for every modality; 'hdumec prepare --write-recipe' writes one to begin with
    #[arg(long, value_name = "FILE")]
    pub recipe_file: Option<PathBuf>,
    /// Steps for a modality, such as rna=normalise,log1p,select_variable:2000:seurat_v3,pca:50; may be repeated
    #[arg(long, value_name = "MODALITY=STEP,..", value_parser = steps)]
    pub steps: Vec<(String, Recipe)>,
    /// Leave out cells with fewer counts of transcripts
    #[arg(long, value_name = "N")]
    pub min_counts: Option<f64>,
    /// Leave out cells with more counts of transcripts
    #[arg(long, value_name = "N")]
    pub max_counts: Option<f64>,
    /// Leave out cells with counts of fewer genes
    #[arg(long, value_name = "N")]
    pub min_features: Option<f64>,
    /// Leave out cells with counts of more genes
    #[arg(long, value_name = "N")]
    pub max_features: Option<f64>,
    /// Leave out cells with a larger share of mitochondrial counts, 0 to 1
    #[arg(long, value_name = "SHARE")]
    pub max_mitochondrial: Option<f64>,
    /// Score how likely every cell is a doublet, by its counts of transcripts: a column of the samples
    #[arg(long)]
    pub doublets: bool,
}

impl PreparationArguments {
    /// Puts the wishes into what the loader wants.
    pub(super) fn apply(&self, spec: &mut LoadSpec) -> Result<(), Error> {
        spec.as_they_are = self.as_they_are;
        spec.prepare.clone_from(&self.prepare);
        spec.doublets = self.doublets;
        spec.cuts = Cuts {
            min_counts: self.min_counts,
            max_counts: self.max_counts,
            min_features: self.min_features,
            max_features: self.max_features,
            max_mitochondrial: self.max_mitochondrial,
        };
        if let Some(path) = &self.recipe_file {
            let text = fs::read_to_string(path);
            let text =
                text.map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
            let recipes = parse_recipes(&text);
            spec.preparation =
                recipes.map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
        }
        let steps: BTreeMap<String, Recipe> = self.steps.iter().cloned().collect();
        spec.preparation.extend(steps);
        Ok(())
    }
}

/// Steps of a modality, as they are typed.
fn steps(text: &str) -> Result<(String, Recipe), String> {
    let (modality, steps) = text
        .split_once('=')
        .ok_or("write the modality, =, and steps with commas between them")?;
    let steps = steps.split(',').map(|step| step.trim().parse::<Step>());
    let steps: Vec<Step> = steps.collect::<Result<_, _>>()?;
    Ok((modality.trim().to_owned(), Recipe::and_then(steps)))
}

/// `hdumec prepare`
#[derive(Debug, Args)]
pub struct PrepareArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataArguments,
    /// Write the data with what was prepared: AnnData (.h5ad) of one modality, MuData (.h5mu) of several
    #[arg(long, short, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What X is in that file
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub x: MatrixArgument,
    /// Write the recipes that were used, to change them and to use them again
    #[arg(long, value_name = "FILE")]
    pub write_recipe: Option<PathBuf>,
    /// Replace earlier files of these names
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What X is in a file for Python.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum MatrixArgument {
    /// The values as they were read; components stand in obsm
    #[default]
    Read,
    /// The features that were chosen, normalised, scaled or whatever the steps made of them
    Prepared,
}

impl From<MatrixArgument> for X {
    fn from(argument: MatrixArgument) -> Self {
        match argument {
            MatrixArgument::Read => Self::Read,
            MatrixArgument::Prepared => Self::Prepared,
        }
    }
}
