//! Axes: round numbers at even steps.

/// Round numbers that span a range.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    /// The numbers, ascending, at least two.
    pub values: Vec<f64>,
    /// Decimals that all of them need.
    pub decimals: usize,
}

impl Ticks {
    /// Ticks around `low..=high`, about `wanted` of them, at 1, 2 or 5 times a power of ten.
    pub fn around(low: f64, high: f64, wanted: usize) -> Self {
        let (low, high) = if low.is_finite() && high.is_finite() && low <= high {
            (low, high)
        } else {
            (0.0, 1.0)
        };
        let (low, high) = if high - low > 1e-9 * high.abs().max(low.abs()) {
            (low, high)
        } else {
            // One value only: an axis around it.
            let half = (low.abs() * 0.1).max(1e-6);
            (low - half, high + half)
        };
        let rough = (high - low) / wanted.max(2) as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|s| s * power)
            .find(|s| *s >= rough * 0.999)
            .unwrap_or(10.0 * power);
        let first = (low / step + 1e-6).floor();
        let last = (high / step - 1e-6).ceil();
        // The step bounds how many there are; a bound all the same, lest a rounding fault eat the memory.
        let count = ((last - first) as usize).clamp(1, 100);
        Self {
            values: (0..=count).map(|i| (first + i as f64) * step).collect(),
            decimals: (-(step * 1.001).log10().floor()).clamp(0.0, 12.0) as usize,
        }
    }

    /// The ends.
    pub fn span(&self) -> (f64, f64) {
        match (self.values.first(), self.values.last()) {
            (Some(&low), Some(&high)) => (low, high),
            _ => (0.0, 1.0),
        }
    }

    /// A tick's label.
    pub fn label(&self, value: f64) -> String {
        // Adding zero turns -0 into 0.
        let scale = 10f64.powi(self.decimals as i32);
        let value = (value * scale).round() / scale + 0.0;
        super::number::minus(format!("{value:.*}", self.decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_span_the_range() {
        let ticks = Ticks::around(57.2, 81.0, 5);
        assert_eq!(ticks.values, [55.0, 60.0, 65.0, 70.0, 75.0, 80.0, 85.0]);
        assert_eq!(Ticks::around(0.0, 100.0, 5).values.len(), 6);
        let small = Ticks::around(0.011, 0.034, 4);
        assert_eq!(small.label(small.values[0]), "0.01");
        assert_eq!(Ticks::around(-1.0, 1.0, 4).label(-0.0), "0.0");
    }

    #[test]
    fn odd_ranges_still_have_an_axis() {
        for (low, high) in [
            (f64::NAN, 1.0),
            (3.0, 3.0),
            (5.0, 2.0),
            (0.0, 0.0),
            (1e300, 1e300),
        ] {
            let (from, to) = Ticks::around(low, high, 5).span();
            assert!(from < to, "{low} {high}");
        }
    }
}
