//! Recorded steps between what a file holds and what the model gets.
//!
//! Loading never changes a value: whatever does is a [`Step`] of a [`Recipe`], which stands in the run's record. [`prepare`] checks
//! that the steps make sense one after the other before it runs any of them, and says of each what it did. The same values and the
//! same recipe give the same bits, whether the values are dense or sparse, in memory or on disk, and whatever the number of threads.

mod check;
mod error;
mod pca;
mod recipe;
mod report;
mod stats;
#[cfg(test)]
mod tests;
mod view;

use std::cmp::Ordering;

pub use error::PrepareError;
pub use recipe::{Kind, Recipe, Step, default_recipe};
pub use report::StepReport;

use crate::{
    data::{Axis, Facts, Matrix, Storage, Values},
    job::CancelToken,
};
use stats::{Moments, Spread};
use view::{Change, Row, View};

/// Values ready for the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The values, samples x features, finite.
    pub values: Values,
    /// Names of the features: `PC1`, `PC2` for principal components.
    pub features: Axis,
    /// Which column of the matrix every feature is; `None` where they are mixtures of columns (principal components).
    pub columns: Option<Vec<u32>>,
    /// What the values looked like before.
    pub facts: Facts,
    /// What every step did, in order.
    pub report: Vec<StepReport>,
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
    let mut work = Work {
        view: View::new(matrix.clone()),
        features: features.clone(),
        mixed: false,
        missing: facts.missing,
        storage,
        cancel,
    };
    let mut report = Vec::with_capacity(recipe.steps.len());
    for (at, step) in recipe.steps.iter().enumerate() {
        let of = work.features.len();
        report.push(work.run(at + 1, step)?);
        if work.features.is_empty() {
            let (at, step) = (at + 1, step.name());
            return Err(PrepareError::NothingLeft { at, step, of });
        }
    }
    let columns = (!work.mixed).then(|| work.view.columns().to_vec());
    let values = work.view.values(storage, cancel)?;
    // What went in is finite.
    if recipe.steps.iter().any(Step::calculates) {
        let infinite = Matrix::Dense(values.clone()).facts()?.infinite;
        if infinite > 0 {
            return Err(PrepareError::NotFinite { infinite });
        }
    }
    Ok(Prepared {
        values,
        features: work.features,
        columns,
        facts,
        report,
    })
}

/// A matrix on its way through the steps.
struct Work<'a> {
    view: View,
    features: Axis,
    /// Whether features are mixtures of columns of the matrix.
    mixed: bool,
    /// Values that were missing at first.
    missing: u64,
    storage: Storage,
    cancel: &'a CancelToken,
}

impl Work<'_> {
    /// Takes a step, the `at`-th from 1.
    fn run(&mut self, at: usize, step: &Step) -> Result<StepReport, PrepareError> {
        Ok(match step {
            Step::DropFeatures { names } => self.drop_features(names),
            Step::DropConstant => self.drop_constant()?,
            Step::FillMissing => self.fill_missing(at)?,
            Step::Normalise { target } => self.normalise(*target)?,
            Step::Log1p => {
                self.view.change(Change::Log1p);
                StepReport::Log1p
            }
            Step::Binarise => {
                self.view.change(Change::Binarise);
                StepReport::Binarise
            }
            Step::Clr => self.clr()?,
            Step::SelectVariable { features } => self.select_variable(*features)?,
            Step::Pca { components } => self.pca(at, *components)?,
        })
    }

    /// Keeps features for which this holds, by position.
    fn keep(&mut self, holds: impl Fn(usize) -> bool) {
        let kept: Vec<u32> = (0..self.features.len() as u32)
            .filter(|&at| holds(at as usize))
            .collect();
        if kept.len() < self.features.len() {
            self.view.keep(&kept);
            self.features = self.features.select(&kept);
        }
    }

    fn drop_features(&mut self, names: &[String]) -> StepReport {
        let mut dropped = vec![false; self.features.len()];
        for name in names {
            // One that an earlier step left out is gone already.
            if let Some(at) = self.features.position(name) {
                dropped[at] = true;
            }
        }
        self.keep(|at| !dropped[at]);
        StepReport::DropFeatures {
            features: dropped.iter().filter(|&&dropped| dropped).count(),
        }
    }

    fn drop_constant(&mut self) -> Result<StepReport, PrepareError> {
        let spreads = self.view.spreads(self.cancel)?;
        let named = |left_out: &dyn Fn(&Spread) -> bool| -> Vec<String> {
            let of = self.features.iter().zip(spreads.iter());
            let left_out = of.filter(|(_, spread)| left_out(spread));
            left_out.map(|(name, _)| name.clone()).collect()
        };
        let constant = named(&|spread| !spread.varies() && !spread.is_empty());
        let empty = named(&Spread::is_empty);
        if constant.len() + empty.len() == spreads.len() {
            return Err(PrepareError::NothingVaries {
                constant: constant.len(),
                empty: empty.len(),
            });
        }
        let varies: Vec<bool> = spreads.iter().map(Spread::varies).collect();
        self.keep(|at| varies[at]);
        Ok(StepReport::DropConstant { constant, empty })
    }

    fn fill_missing(&mut self, at: usize) -> Result<StepReport, PrepareError> {
        if self.missing == 0 {
            return Ok(StepReport::FillMissing {
                values: 0,
                features: 0,
                of: self.features.len(),
            });
        }
        let samples = self.view.samples();
        let spreads = self.view.spreads(self.cancel)?;
        if let Some(empty) = spreads.iter().position(Spread::is_empty) {
            let name = self.features.names()[empty].clone();
            return Err(PrepareError::NoMean { at, name });
        }
        let missing = spreads.iter().map(|s| s.missing).filter(|&n| n > 0);
        let (values, features) = (missing.clone().sum(), missing.count());
        let of = spreads.len();
        if features > 0 {
            let means: Vec<f32> = spreads.iter().map(|s| s.mean(samples)).collect();
            self.view.fill(&means);
        }
        Ok(StepReport::FillMissing {
            values,
            features,
            of,
        })
    }

    fn normalise(&mut self, target: f64) -> Result<StepReport, PrepareError> {
        let total = |row: &Row| row.values.iter().map(|&x| f64::from(x)).sum();
        let totals = self.view.per_sample(total, self.cancel)?;
        let zero = totals.iter().filter(|&&total| total == 0.0).count();
        let factor = |total| if total > 0.0 { target / total } else { 0.0 };
        let factors = totals.into_iter().map(factor).collect();
        self.view.change(Change::Scale(factors));
        Ok(StepReport::Normalise { target, zero })
    }

    fn clr(&mut self) -> Result<StepReport, PrepareError> {
        let features = self.features.len() as f64;
        let logs = |row: &Row| row.values.iter().map(|&x| f64::from(x).ln_1p()).sum();
        let sums = self.view.per_sample(logs, self.cancel)?;
        let zero = sums.iter().filter(|&&sum| sum == 0.0).count();
        let factor = |sum: f64| (-sum / features).exp();
        let factors = sums.into_iter().map(factor).collect();
        self.view.change(Change::Scale(factors));
        self.view.change(Change::Log1p);
        Ok(StepReport::Clr { zero })
    }

    fn select_variable(&mut self, features: usize) -> Result<StepReport, PrepareError> {
        let of = self.features.len();
        if features < of {
            let moments = Moments::of(&self.view, self.cancel)?;
            let mut order: Vec<usize> = (0..of).collect();
            let larger = |&a: &usize, &b: &usize| -> Ordering {
                moments[b].squares.total_cmp(&moments[a].squares)
            };
            // A stable sort: of equal ones the first stays first.
            order.sort_by(larger);
            let mut kept = vec![false; of];
            order[..features].iter().for_each(|&at| kept[at] = true);
            self.keep(|at| kept[at]);
        }
        let kept = self.features.len();
        Ok(StepReport::SelectVariable { kept, of })
    }

    fn pca(&mut self, at: usize, asked: usize) -> Result<StepReport, PrepareError> {
        let found = pca::components(&self.view, asked, at, self.storage, self.cancel)?;
        let Some(pca::Components { scores, share }) = found else {
            self.features = Axis::default();
            return Ok(StepReport::Pca {
                components: 0,
                asked,
                share: 0.0,
            });
        };
        self.mixed = true;
        let components = scores.features();
        let names = (0..components).map(check::component_name).collect();
        self.features = Axis::new(names).expect("numbered names");
        self.view = View::new(Matrix::Dense(scores));
        Ok(StepReport::Pca {
            components,
            asked,
            share,
        })
    }
}
