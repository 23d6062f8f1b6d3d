//! What is known of every feature over the samples.

use super::{PrepareError, view::View};
use crate::{data::Values, job::CancelToken};

/// The range and the sum of the values of a feature that are not missing.
#[derive(Clone, Copy, Debug)]
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
        if let Some(values) = view.untouched() {
            return Columns::of(view, values, cancel).map(Columns::spreads);
        }
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

/// The spreads of all features of dense values, one list for each fact: so a row is added to several features at once.
struct Columns {
    samples: usize,
    sums: Vec<f64>,
    missing: Vec<u32>,
    lows: Vec<f32>,
    highs: Vec<f32>,
}

impl Columns {
    fn of(view: &View, values: &Values, cancel: &CancelToken) -> Result<Self, PrepareError> {
        let features = values.features();
        let empty = || Self {
            samples: 0,
            sums: vec![0.0; features],
            missing: vec![0; features],
            lows: vec![f32::INFINITY; features],
            highs: vec![f32::NEG_INFINITY; features],
        };
        let add = |all: &mut Self, piece| {
            let mut buffer = Vec::new();
            let rows = values.rows(piece, &mut buffer);
            rows.chunks_exact(features).for_each(|row| all.add(row));
        };
        view.fold_pieces(empty, add, |all, part| all.merge(&part), cancel)
    }

    fn add(&mut self, row: &[f32]) {
        self.samples += 1;
        let counts = self.sums.iter_mut().zip(&mut self.missing);
        let bounds = self.lows.iter_mut().zip(&mut self.highs);
        for ((&x, (sum, missing)), (low, high)) in row.iter().zip(counts).zip(bounds) {
            *sum += if x.is_nan() { 0.0 } else { f64::from(x) };
            *missing += u32::from(x.is_nan());
            // What is missing is neither.
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
        }
    }

    fn merge(&mut self, other: &Self) {
        fn each<T: Copy>(all: &mut [T], part: &[T], both: impl Fn(T, T) -> T) {
            all.iter_mut()
                .zip(part)
                .for_each(|(a, b)| *a = both(*a, *b));
        }
        self.samples += other.samples;
        each(&mut self.sums, &other.sums, |a, b| a + b);
        each(&mut self.missing, &other.missing, |a, b| a + b);
        each(&mut self.lows, &other.lows, f32::min);
        each(&mut self.highs, &other.highs, f32::max);
    }

    fn spreads(self) -> Vec<Spread> {
        let spread = |feature: usize| Spread {
            sum: self.sums[feature],
            held: self.samples,
            missing: self.missing[feature] as usize,
            low: self.lows[feature],
            high: self.highs[feature],
        };
        (0..self.sums.len()).map(spread).collect()
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

    /// The variance, of a sample of all there could be.
    pub(super) fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0).max(1.0)
    }

    /// 1 over the standard deviation; 0 where nothing varies.
    pub(super) fn per_deviation(&self) -> f64 {
        let deviation = self.variance().sqrt();
        if deviation > 0.0 {
            1.0 / deviation
        } else {
            0.0
        }
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
