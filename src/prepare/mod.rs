//! Recorded steps between what a file holds and what the model gets.
//!
//! Loading never changes a value: whatever does is a [`Step`] of a [`Recipe`], which stands in the run's record. [`prepare`] checks
//! that the steps make sense one after the other before it runs any of them, and says of each what it did. The same values and the
//! same recipe give the same bits, whether the values are dense or sparse, in memory or on disk, and whatever the number of threads.

mod check;
mod doublets;
mod error;
mod file;
mod histogram;
mod impute;
mod loess;
mod pca;
mod quality;
mod recipe;
mod report;
mod select;
mod stats;
#[cfg(test)]
mod tests;
mod view;
mod work;

pub use doublets::doublet_scores;
pub use error::PrepareError;
pub use file::{parse_recipes, write_recipes};
pub use histogram::{Histogram, Measure};
pub use quality::{Cuts, Quality};
pub use recipe::{Kind, Ranking, Recipe, Step, default_recipe};
pub use report::{StepReport, StepTaken};
pub use select::Variability;

use crate::{
    data::{Axis, Facts, Matrix, Mixture, Storage, Values},
    job::CancelToken,
};
use work::Work;

/// Values ready for the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The values, samples x features, finite.
    pub values: Values,
    /// Names of the features: `PC1`, `PC2` for principal components.
    pub features: Axis,
    /// Which column of the matrix every feature is; `None` where they are mixtures of columns (principal components).
    pub columns: Option<Vec<u32>>,
    /// What they are mixtures of, then.
    pub mixture: Option<Mixture>,
    /// What the choice of variable features rests on, if there was one.
    pub variability: Option<Variability>,
    /// What the values looked like before.
    pub facts: Facts,
    /// What every step did, in order.
    pub report: Vec<StepTaken>,
}

/// Takes a matrix through the steps of a recipe. What comes out is in memory if `storage` says so, and else made whenever it is asked for; beside that and the matrix no more memory is
/// used than a few numbers a sample and a feature, and by [`Step::Pca`] some blocks of rows and the covariance.
///
/// # Errors
/// If a step makes no sense for these values or where it stands, if missing values or no features at all are left, if the disk
/// fails, or if cancelled.
///
/// # Panics
/// If the names are not as many as the features.
pub fn prepare(
    matrix: &Matrix,
    features: &Axis,
    recipe: &Recipe,
    storage: Storage,
    cancel: &CancelToken,
) -> Result<Prepared, PrepareError> {
    assert_eq!(matrix.features(), features.len(), "a name a feature");
    if matrix.samples() == 0 || features.is_empty() {
        return Err(PrepareError::Empty {
            samples: matrix.samples(),
            features: features.len(),
        });
    }
    cancel.check()?;
    let facts = matrix.facts()?;
    check::check(recipe, features, &facts)?;
    let mut work = Work::new(matrix, features, &facts, storage, cancel);
    let mut report = Vec::with_capacity(recipe.steps.len());
    for (at, step) in recipe.steps.iter().enumerate() {
        let before = work.features();
        let done = work.run(at + 1, step)?;
        report.push(StepTaken {
            step: step.clone(),
            report: done,
            before,
            after: work.features(),
        });
        if work.features() == 0 {
            let (at, step, of) = (at + 1, step.name(), before);
            return Err(PrepareError::NothingLeft { at, step, of });
        }
    }
    let prepared = work.finish(facts, report)?;
    // What went in is finite.
    if recipe.steps.iter().any(Step::calculates) {
        let infinite = Matrix::Dense(prepared.values.clone()).facts()?.infinite;
        if infinite > 0 {
            return Err(PrepareError::NotFinite { infinite });
        }
    }
    Ok(prepared)
}
