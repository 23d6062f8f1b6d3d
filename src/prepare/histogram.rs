//! How values are spread, in bins of the same width.

use super::{Cuts, Quality};

/// How many of some values are in each of so many bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub low: f64,
    /// Width of a bin, above 0.
    pub width: f64,
    /// Values in every bin.
    pub counts: Vec<usize>,
}

impl Histogram {
    /// Of finite values.
    pub(super) fn of(values: &[f64], bins: usize) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let width = ((high - low) / bins as f64).max(1e-9);
        let mut counts = vec![0; bins];
        for value in values {
            counts[(((value - low) / width) as usize).min(bins - 1)] += 1;
        }
        Self { low, width, counts }
    }

    /// Where the last bin ends.
    pub fn high(&self) -> f64 {
        self.low + self.width * self.counts.len() as f64
    }

    /// The middle of a bin.
    pub fn middle(&self, bin: usize) -> f64 {
        self.low + (bin as f64 + 0.5) * self.width
    }
}

/// One way to tell how well samples were measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The sum of the counts.
    Counts,
    /// Features with a count.
    Features,
    /// The share of the counts that are mitochondrial.
    Mitochondrial,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Counts, Self::Features, Self::Mitochondrial];

    fn values(self, quality: &Quality) -> Option<&[f64]> {
        match self {
            Self::Counts => Some(&quality.counts),
            Self::Features => Some(&quality.features),
            Self::Mitochondrial => quality.mitochondrial.as_deref(),
        }
    }

    /// The places of the samples in so many bins; `None` if they were not measured so.
    pub(super) fn histogram(self, quality: &Quality, bins: usize) -> Option<Histogram> {
        let values = self.values(quality)?.iter();
        let places: Vec<f64> = values.map(|&value| self.place(value)).collect();
        Some(Histogram::of(&places, bins))
    }

    /// The lower and the upper cut.
    pub fn bounds(self, cuts: &Cuts) -> [Option<f64>; 2] {
        match self {
            Self::Counts => [cuts.min_counts, cuts.max_counts],
            Self::Features => [cuts.min_features, cuts.max_features],
            Self::Mitochondrial => [None, cuts.max_mitochondrial],
        }
    }

    /// Sets the lower and the upper cut.
    pub fn set(self, cuts: &mut Cuts, [low, high]: [Option<f64>; 2]) {
        match self {
            Self::Counts => (cuts.min_counts, cuts.max_counts) = (low, high),
            Self::Features => (cuts.min_features, cuts.max_features) = (low, high),
            Self::Mitochondrial => cuts.max_mitochondrial = high,
        }
    }

    /// Where a value stands in its histogram: counts and features by the logarithm of 1 + x to base 10, shares in percent.
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Counts | Self::Features => (1.0 + value).log10(),
            Self::Mitochondrial => 100.0 * value,
        }
    }

    /// The value at a place: a whole number, or a share to a tenth of a percent.
    pub fn value(self, place: f64) -> f64 {
        match self {
            Self::Counts | Self::Features => (10_f64.powf(place) - 1.0).round().max(0.0),
            Self::Mitochondrial => (place.clamp(0.0, 100.0) * 10.0).round() / 1000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bin() {
        let histogram = Histogram::of(&[1.0, 2.0, 2.5, 5.0], 4);
        assert_eq!(histogram.counts, [1, 2, 0, 1]);
        assert_eq!((histogram.high(), histogram.middle(0)), (5.0, 1.5));
        assert_eq!(Histogram::of(&[3.0; 5], 2).counts, [5, 0]);
        assert_eq!(Histogram::of(&[], 2).counts, [0, 0]);
        for (measure, value) in [(Measure::Counts, 731.0), (Measure::Mitochondrial, 0.125)] {
            assert_eq!(measure.value(measure.place(value)), value);
        }
    }
}
