//! A file for Python beside the results.

use std::path::{Path, PathBuf};

use clap::Args;

use super::MatrixArgument;
use crate::{
    data::Dataset,
    error::Error,
    export::{self, X},
    io::Inputs,
};

/// Which file, and what is in it.
#[derive(Clone, Debug, Default, Args)]
pub struct ForPythonArguments {
    /// Write a file for Python, too: AnnData (.h5ad) of one modality, MuData (.h5mu) of several
    #[arg(long, value_name = "FILE")]
    pub h5ad: Option<PathBuf>,
    /// What X is in that file
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHAT",
        requires = "h5ad"
    )]
    pub x: MatrixArgument,
}

impl ForPythonArguments {
    /// Whether the file can be written: better told before an hour of training than after it.
    ///
    /// # Errors
    /// If it cannot.
    pub(in crate::cli) fn check(
        &self,
        dataset: &Dataset,
        inputs: &Inputs,
        replace: bool,
    ) -> Result<(), Error> {
        match &self.h5ad {
            Some(file) => Ok(export::check_anndata(dataset, inputs, file, replace)?),
            None => Ok(()),
        }
    }

    /// The file, and what X is in it.
    pub(in crate::cli) fn file(&self) -> Option<(&Path, X)> {
        Some((self.h5ad.as_deref()?, self.x.into()))
    }
}
