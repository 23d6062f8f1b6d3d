//! A matrix on its way through the steps of a recipe.

mod components;

#[cfg(test)]
pub(super) use components::correlation;

use super::{
    PrepareError, Prepared, Ranking, Step, StepReport, StepTaken, Variability, impute, select,
    stats::{Moments, Spread},
    view::{Change, Row, View},
};
use crate::{
    data::{Axis, Facts, Matrix, Mixture, Storage, Values},
    job::CancelToken,
};

/// A matrix on its way through the steps.
pub(super) struct Work<'a> {
    view: View,
    features: Axis,
    /// Which column of the matrix every column of the view is, where the view is of other values by now.
    columns: Option<Vec<u32>>,
    /// What the features are mixtures of.
    mixture: Option<Mixture>,
    variability: Option<Variability>,
    /// The counts as they were read, if they are counts.
    counts: Option<Matrix>,
    /// Values that were missing at first.
    missing: u64,
    storage: Storage,
    cancel: &'a CancelToken,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        matrix: &Matrix,
        features: &Axis,
        facts: &Facts,
        storage: Storage,
        cancel: &'a CancelToken,
    ) -> Self {
        Self {
            view: View::new(matrix.clone()),
            features: features.clone(),
            columns: None,
            mixture: None,
            variability: None,
            counts: facts.are_counts().then(|| matrix.clone()),
            missing: facts.missing,
            storage,
            cancel,
        }
    }

    /// Features that are left.
    pub(super) fn features(&self) -> usize {
        self.features.len()
    }

    /// Which column of the matrix every feature is.
    fn columns(&self) -> Vec<u32> {
        let columns = self.view.columns();
        match &self.columns {
            Some(of) => columns.iter().map(|&at| of[at as usize]).collect(),
            None => columns.to_vec(),
        }
    }

    /// What has come of it.
    pub(super) fn finish(
        self,
        facts: Facts,
        report: Vec<StepTaken>,
    ) -> Result<Prepared, PrepareError> {
        let columns = self.mixture.is_none().then(|| self.columns());
        Ok(Prepared {
            values: self.view.values(self.storage, self.cancel)?,
            features: self.features,
            columns,
            mixture: self.mixture,
            variability: self.variability,
            facts,
            report,
        })
    }

    /// Takes a step, the `at`-th from 1.
    pub(super) fn run(&mut self, at: usize, step: &Step) -> Result<StepReport, PrepareError> {
        Ok(match step {
            Step::DropFeatures { names } => self.drop_features(names),
            Step::DropConstant => self.drop_constant()?,
            Step::DropRare { samples } => self.drop_rare(*samples)?,
            Step::FillMissing => self.fill_missing(at)?,
            Step::ImputeNearest { neighbours } => self.impute_nearest(at, *neighbours)?,
            Step::Normalise { target } => self.normalise(*target)?,
            Step::Log1p => {
                self.view.change(Change::Log1p);
                StepReport::Log1p
            }
            Step::Log2 => {
                self.view.change(Change::Log2);
                StepReport::Log2
            }
            Step::MValues => {
                self.view.change(Change::MValues);
                StepReport::MValues
            }
            Step::TfIdf { scale } => self.tf_idf(*scale)?,
            Step::Binarise => {
                self.view.change(Change::Binarise);
                StepReport::Binarise
            }
            Step::Clr => self.clr()?,
            Step::SelectVariable { features, by } => self.select_variable(*features, *by)?,
            Step::Pca {
                components,
                standardised,
            } => self.pca(at, *components, *standardised)?,
            Step::Lsi { components } => self.lsi(at, *components)?,
            Step::Standardise { most } => self.standardise(*most)?,
            Step::ScaleQuantiles { low, high } => self.scale_quantiles(*low, *high)?,
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

    fn drop_rare(&mut self, samples: usize) -> Result<StepReport, PrepareError> {
        let there = |x: f32| x != 0.0 && !x.is_nan();
        let held = self.view.samples_with(there, self.cancel)?;
        let rare = held
            .iter()
            .filter(|&&held| (held as usize) < samples)
            .count();
        self.keep(|at| held[at] as usize >= samples);
        Ok(StepReport::DropRare {
            features: rare,
            samples,
        })
    }

    /// Goes on with other values of the same features.
    fn replace(&mut self, values: Values) {
        self.columns = Some(self.columns());
        self.view = View::new(Matrix::Dense(values));
    }

    fn impute_nearest(&mut self, at: usize, neighbours: usize) -> Result<StepReport, PrepareError> {
        let of = self.features.len();
        if self.missing == 0 {
            return Ok(StepReport::ImputeNearest {
                values: 0,
                features: 0,
                of,
            });
        }
        let spreads = self.view.spreads(self.cancel)?;
        if let Some(empty) = spreads.iter().position(Spread::is_empty) {
            let name = self.features.names()[empty].clone();
            return Err(PrepareError::NoNeighbour { at, name });
        }
        let missing = spreads.iter().map(|s| s.missing).filter(|&n| n > 0);
        let (values, features) = (missing.clone().sum(), missing.count());
        let filled = impute::nearest(&self.view, neighbours, self.cancel)?;
        self.replace(filled);
        Ok(StepReport::ImputeNearest {
            values,
            features,
            of,
        })
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
        let totals = self.view.totals(self.cancel)?;
        let zero = totals.iter().filter(|&&total| total == 0.0).count();
        let factor = |total| if total > 0.0 { target / total } else { 0.0 };
        let factors = totals.into_iter().map(factor).collect();
        self.view.change(Change::Scale(factors));
        Ok(StepReport::Normalise { target, zero })
    }

    fn clr(&mut self) -> Result<StepReport, PrepareError> {
        let features = self.features.len() as f64;
        let logs = |row: &Row| row.values.iter().map(|&x| f64::from(x).ln_1p()).sum();
        let sums = self.view.map_samples(logs, self.cancel)?;
        let zero = sums.iter().filter(|&&sum| sum == 0.0).count();
        let factor = |sum: f64| (-sum / features).exp();
        let factors = sums.into_iter().map(factor).collect();
        self.view.change(Change::Scale(factors));
        self.view.change(Change::Log1p);
        Ok(StepReport::Clr { zero })
    }

    fn tf_idf(&mut self, scale: f64) -> Result<StepReport, PrepareError> {
        let samples = self.view.samples() as f64;
        let totals = self.view.totals(self.cancel)?;
        let of_features = select::sums(&self.view, None, self.cancel)?;
        let factor = |total: &f64| if *total > 0.0 { scale / total } else { 0.0 };
        self.view
            .change(Change::Scale(totals.iter().map(factor).collect()));
        self.view.change(Change::Log1p);
        let weight = |[total, _]: &[f64; 2]| {
            if *total > 0.0 {
                (samples / total).ln_1p()
            } else {
                0.0
            }
        };
        let weights: Vec<f64> = of_features.iter().map(weight).collect();
        let weights = self.view.of_columns(&weights, 0.0);
        self.view.change(Change::ScaleColumns(weights));
        Ok(StepReport::TfIdf {
            zero: totals.iter().filter(|&&total| total == 0.0).count(),
        })
    }

    fn select_variable(
        &mut self,
        features: usize,
        by: Ranking,
    ) -> Result<StepReport, PrepareError> {
        let of = self.features.len();
        let (means, scores) = select::scores(&self.view, by, self.cancel)?;
        let kept = select::largest(&scores, features);
        let to_plot = |numbers: &[f64]| numbers.iter().map(|&x| x as f32).collect();
        self.variability = Some(Variability {
            means: to_plot(&means),
            scores: to_plot(&scores),
            kept: kept.clone(),
        });
        self.keep(|at| kept[at]);
        let kept = self.features.len();
        Ok(StepReport::SelectVariable { kept, of, by })
    }

    fn standardise(&mut self, most: f64) -> Result<StepReport, PrepareError> {
        let moments = Moments::of(&self.view, self.cancel)?;
        let line = |m: &Moments| [m.mean, m.per_deviation()];
        let lines: Vec<[f64; 2]> = moments.iter().map(line).collect();
        self.view.change(Change::Line {
            columns: self.view.of_columns(&lines, [0.0; 2]),
            bounds: [-most, most],
        });
        Ok(StepReport::Standardise { most })
    }

    fn scale_quantiles(&mut self, low: f64, high: f64) -> Result<StepReport, PrepareError> {
        let bounds = select::quantiles(&self.view, [low, high], self.cancel)?;
        let flat = bounds.iter().filter(|[low, high]| low >= high).count();
        let line =
            |[low, high]: &[f64; 2]| [*low, if high > low { 1.0 / (high - low) } else { 0.0 }];
        let lines: Vec<[f64; 2]> = bounds.iter().map(line).collect();
        self.view.change(Change::Line {
            columns: self.view.of_columns(&lines, [0.0; 2]),
            bounds: [0.0, 1.0],
        });
        Ok(StepReport::ScaleQuantiles { low, high, flat })
    }
}
