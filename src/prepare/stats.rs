//! What is known of every feature over the samples.

use super::{PrepareError, view::View};
use crate::job::CancelToken;

/// The range and the sum of the values of a feature that are not missing.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    sum: f64,
    /// Values that are not zero, missing ones included.
    held: usize,
    /// Missing values.
    pub(super) missing: usize,
    low: f32,
    high: f32,
}

const NOTHING: Spread = Spread {
    sum: 0.0,
    held: 0,
    missing: 0,
    low: f32::INFINITY,
    high: f32::NEG_INFINITY,
};

impl Spread {
    /// The spread of every feature.
    pub(super) fn of(view: &View, cancel: &CancelToken) -> Result<Vec<Self>, PrepareError> {
        let mut spreads = view.fold(
            || vec![NOTHING; view.features()],
            |spreads, row| {
                for (feature, x) in row.iter() {
                    spreads[feature].add(x);
                }
            },
            |all, part| all.iter_mut().zip(&part).for_each(|(a, b)| a.merge(b)),
            cancel,
        )?;
        for spread in &mut spreads {
            if spread.held < view.samples() {
                (spread.low, spread.high) = (spread.low.min(0.0), spread.high.max(0.0));
            }
        }
        Ok(spreads)
    }

    fn add(&mut self, x: f32) {
        self.held += 1;
        if x.is_nan() {
            self.missing += 1;
            return;
        }
        self.sum += f64::from(x);
        self.low = self.low.min(x);
        self.high = self.high.max(x);
    }

    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.held += other.held;
        self.missing += other.missing;
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }

    /// Whether there are values, and more than one.
    pub(super) fn varies(&self) -> bool {
        self.low < self.high
    }

    /// Whether there are no values.
    pub(super) fn is_empty(&self) -> bool {
        self.low > self.high
    }

    /// The mean over the samples that have the feature, within the range of its values even when rounded.
    pub(super) fn mean(&self, samples: usize) -> f32 {
        let present = samples - self.missing;
        ((self.sum / present as f64) as f32).clamp(self.low, self.high)
    }
}

/// Mean and variance of a feature without missing values, by the updates of Welford (1962) and Chan, Golub & LeVeque (1979).
#[derive(Clone, Copy, Default)]
pub(super) struct Moments {
    count: f64,
    pub(super) mean: f64,
    /// The sum of the squared distances from the mean.
    pub(super) squares: f64,
}

impl Moments {
    /// The moments of every feature.
    pub(super) fn of(view: &View, cancel: &CancelToken) -> Result<Vec<Self>, PrepareError> {
        let mut moments = view.fold(
            || vec![Self::default(); view.features()],
            |moments, row| {
                for (feature, x) in row.iter() {
                    moments[feature].add(f64::from(x));
                }
            },
            |all, part| all.iter_mut().zip(&part).for_each(|(a, b)| a.merge(b)),
            cancel,
        )?;
        for of_feature in &mut moments {
            let zeros = Self {
                count: view.samples() as f64 - of_feature.count,
                ..Self::default()
            };
            of_feature.merge(&zeros);
        }
        Ok(moments)
    }

    fn add(&mut self, x: f64) {
        self.count += 1.0;
        let distance = x - self.mean;
        self.mean += distance / self.count;
        self.squares += distance * (x - self.mean);
    }

    fn merge(&mut self, other: &Self) {
        if other.count == 0.0 {
            return;
        }
        let (count, distance) = (self.count + other.count, other.mean - self.mean);
        let share = other.count / count;
        self.squares += other.squares + distance * distance * self.count * share;
        self.mean += distance * share;
        self.count = count;
    }
}
