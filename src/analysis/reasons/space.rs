//! Samples as they were measured in a modality, and where they lie by its leading principal components.

use std::io;

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use super::{Measurements, ReasonsError, scene::median};
use crate::{
    analysis::{
        components::Components,
        markers::{Measure, totals},
    },
    data::Matrix,
    job::{CancelToken, Cancelled},
};

/// Features that are looked at: the most variable ones.
const FEATURES: usize = 2_000;

/// Components.
const COMPONENTS: usize = 30;

/// Values that are written out in full at once.
const BLOCK: usize = 1 << 22;

/// Some samples of a modality.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Samples x features looked at, none missing.
    pub values: Array2<f32>,
    /// Of counts, what all features of a sample add up to; else nothing.
    pub totals: Option<Vec<f32>>,
}

impl Rows {
    /// How much was measured of every sample: the logarithm of its counts; NaN without counts.
    pub fn depths(&self) -> Vec<f32> {
        match &self.totals {
            Some(totals) => totals.iter().map(|total| total.ln_1p()).collect(),
            None => vec![f32::NAN; self.values.nrows()],
        }
    }
}

/// Where samples lie in a modality.
#[derive(Debug)]
pub struct Space {
    /// Features looked at, rising.
    kept: Vec<u32>,
    /// What a missing value of each feature counts as.
    means: Vec<f32>,
    /// What the counts of a sample are brought to; nothing without counts.
    target: Option<f32>,
    components: Components,
    /// Makes the mean square length of a place 1.
    factor: f32,
}

impl Space {
    /// The space of these samples (rising), and what was measured of them.
    pub fn fit(
        modality: Measurements<'_>,
        samples: &[u32],
        seed: u64,
        cancel: &CancelToken,
    ) -> Result<(Self, Rows), ReasonsError> {
        let some = modality.matrix.select_rows(samples)?;
        let counts = modality.measure == Measure::LogNormalised;
        let totals = counts.then(|| counted(&some)).transpose()?;
        let target = totals.clone().map(median);
        let factors = totals.zip(target).map(|(totals, target)| {
            let each = totals.into_iter();
            each.map(|total| factor(target, total)).collect()
        });
        let (kept, means) = varying(&some, factors, cancel)?;
        let all: Vec<u32> = (0..samples.len() as u32).collect();
        let rows = read(&some, &all, &kept, &means, target)?;
        let values = normalised(&rows, target);
        let components =
            Components::fit(values.view(), modality.scaling, COMPONENTS, seed, cancel)?;
        let places = components.apply(values.view(), cancel)?;
        let squares: f64 = places.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
        let length = (squares / samples.len().max(1) as f64).sqrt();
        let space = Self {
            kept,
            means,
            target,
            components,
            factor: match length > 0.0 {
                true => (1.0 / length) as f32,
                false => 1.0,
            },
        };
        Ok((space, rows))
    }

    /// Whether it is of counts.
    pub fn has_counts(&self) -> bool {
        self.target.is_some()
    }

    /// What was measured of these samples of the same modality.
    pub fn read(&self, matrix: &Matrix, samples: &[u32]) -> io::Result<Rows> {
        read(matrix, samples, &self.kept, &self.means, self.target)
    }

    /// Where these lie, samples x components.
    pub fn place(&self, rows: &Rows, cancel: &CancelToken) -> Result<Array2<f32>, Cancelled> {
        let values = normalised(rows, self.target);
        Ok(self.components.apply(values.view(), cancel)? * self.factor)
    }
}

/// The values of these samples in the features kept, with totals if there is a target for them.
fn read(
    matrix: &Matrix,
    samples: &[u32],
    kept: &[u32],
    means: &[f32],
    target: Option<f32>,
) -> io::Result<Rows> {
    let some = matrix.select_rows(samples)?;
    let totals = target.map(|_| counted(&some)).transpose()?;
    let some = some.select_columns(kept)?;
    let mut values = Array2::zeros((samples.len(), kept.len()));
    if let Some(out) = values.as_slice_mut() {
        some.fill(0..samples.len(), out)?;
    }
    for mut row in values.rows_mut() {
        for (x, &mean) in row.iter_mut().zip(means) {
            if !x.is_finite() {
                *x = mean;
            }
        }
    }
    Ok(Rows { values, totals })
}

/// Counts log-normalised to the target; other values as they are.
fn normalised(rows: &Rows, target: Option<f32>) -> Array2<f32> {
    let mut values = rows.values.clone();
    if let (Some(target), Some(totals)) = (target, &rows.totals) {
        let each = values.axis_iter_mut(Axis(0)).into_par_iter().zip(totals);
        each.for_each(|(mut row, &total)| {
            let factor = factor(target, total);
            row.mapv_inplace(|x| (x * factor).ln_1p());
        });
    }
    values
}

/// What brings the counts of a sample to the target.
fn factor(target: f32, total: f32) -> f32 {
    if total > 0.0 { target / total } else { 0.0 }
}

/// Shows every row of a matrix in full.
fn each_row(matrix: &Matrix, mut show: impl FnMut(&[f32])) -> io::Result<()> {
    let (samples, features) = (matrix.samples(), matrix.features());
    let step = (BLOCK / features.max(1)).max(1);
    let mut block = Vec::new();
    for start in (0..samples).step_by(step) {
        let rows = start..samples.min(start + step);
        block.resize(rows.len() * features, 0.0);
        matrix.fill(rows, &mut block)?;
        block.chunks_exact(features.max(1)).for_each(&mut show);
    }
    Ok(())
}

/// What the counts of every sample add up to.
fn counted(matrix: &Matrix) -> io::Result<Vec<f32>> {
    let totals = totals(matrix)?;
    Ok(totals.into_iter().map(|total| total as f32).collect())
}

/// The most variable features, once counts are multiplied by `factors`, and the mean of their values as they were read.
fn varying(
    matrix: &Matrix,
    factors: Option<Vec<f32>>,
    cancel: &CancelToken,
) -> Result<(Vec<u32>, Vec<f32>), ReasonsError> {
    /// Number of values, their sum, and sum and sum of squares once they are normalised.
    type Sums = [f64; 4];
    let mut sums: Vec<Sums> = vec![[0.0; 4]; matrix.features()];
    let mut factors = factors.map(Vec::into_iter);
    each_row(matrix, |row| {
        let factor = factors.as_mut().and_then(Iterator::next);
        for (sums, &x) in sums.iter_mut().zip(row) {
            if x.is_finite() {
                let y = f64::from(factor.map_or(x, |factor| (x * factor).ln_1p()));
                let add = [1.0, f64::from(x), y, y * y];
                sums.iter_mut().zip(add).for_each(|(sum, x)| *sum += x);
            }
        }
    })?;
    cancel.check()?;
    let variance = |[n, _, sum, squares]: &Sums| {
        let mean = sum / n.max(1.0);
        squares / n.max(1.0) - mean * mean
    };
    let variances: Vec<f64> = sums.iter().map(variance).collect();
    let mut kept: Vec<u32> = (0..matrix.features() as u32)
        .filter(|&feature| variances[feature as usize] > 0.0)
        .collect();
    kept.sort_by(|&a, &b| variances[b as usize].total_cmp(&variances[a as usize]));
    kept.truncate(FEATURES);
    kept.sort_unstable();
    let mean = |&feature: &u32| {
        let [n, sum, ..] = sums[feature as usize];
        (sum / n.max(1.0)) as f32
    };
    let means = kept.iter().map(mean).collect();
    Ok((kept, means))
}
