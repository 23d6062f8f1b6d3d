//! The most that a setting may be, and why.

use crate::words::thousands;

/// The upper bound of a setting; as an error, what is said of a value beyond it.
///
/// Bounds are generous: whoever means it stays below, and no product of two settings overflows.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("{name} must be at most {}: {reason}", in_words(*most))]
pub struct Limit {
    /// The setting, as in `the number of starts`.
    pub name: &'static str,
    /// Its largest value.
    pub most: f64,
    /// Why no more makes sense.
    pub reason: &'static str,
}

impl Limit {
    /// The bound of a setting.
    pub const fn new(name: &'static str, most: f64, reason: &'static str) -> Self {
        Self { name, most, reason }
    }

    /// The bound of a count.
    pub const fn count(&self) -> usize {
        self.most as usize
    }

    /// Whether a number is within the bound.
    ///
    /// # Errors
    /// The limit itself if it is not, or is no number.
    pub fn check(self, value: f64) -> Result<(), Self> {
        match value <= self.most {
            true => Ok(()),
            false => Err(self),
        }
    }

    /// The same for a count.
    ///
    /// # Errors
    /// The limit itself if there are more.
    pub fn check_count(self, count: usize) -> Result<(), Self> {
        // Rounded to 53 bits, a count beyond the bound stays beyond it: bounds are far smaller.
        self.check(count as f64)
    }
}

fn in_words(most: f64) -> String {
    match most >= 1_000.0 {
        true => thousands(most as u64),
        false => most.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_is_said_with_its_reason() {
        let limit = Limit::new("the width", 16_384.0, "wider ones help nobody");
        assert_eq!(limit.check_count(16_384), Ok(()));
        let error = limit.check_count(usize::MAX).unwrap_err().to_string();
        let expected = "the width must be at most 16,384: wider ones help nobody";
        assert_eq!(error, expected);
        assert!(limit.check_count(16_385).is_err());
        assert!(limit.check(f64::NAN).is_err() && limit.check(f64::INFINITY).is_err());
        let small = Limit::new("the rate", 0.5, "x").to_string();
        assert!(small.contains("at most 0.5:"), "{small}");
    }
}
