//! Samples that the user picked out, and how one such set is combined with another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::SampleSet;

/// A selection with a name, kept for later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSelection {
    /// Its name.
    pub name: String,
    /// Its samples.
    #[serde(rename = "ids")]
    pub samples: SampleSet,
}

/// What becomes of the selection there is when samples are picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// They take its place.
    #[default]
    Replace,
    /// They go to it.
    Add,
    /// They are taken from it.
    Subtract,
    /// Only those in both stay.
    Intersect,
}

impl Combine {
    /// All of them, in the order of a menu.
    pub const ALL: [Self; 4] = [Self::Replace, Self::Add, Self::Subtract, Self::Intersect];

    /// The selection that results; nothing where no sample is left.
    pub fn with(self, before: Option<&SampleSet>, picked: SampleSet) -> Option<SampleSet> {
        let samples = match (self, before) {
            (Self::Replace | Self::Add, None) | (Self::Replace, Some(_)) => picked,
            (Self::Add, Some(before)) => before.and(&picked),
            (Self::Subtract, Some(before)) => before.sift(&picked, false),
            (Self::Intersect, Some(before)) => before.sift(&picked, true),
            (Self::Subtract | Self::Intersect, None) => return None,
        };
        (!samples.is_empty()).then_some(samples)
    }
}

/// What is drawn around samples to pick them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outline {
    /// A line that follows the pointer.
    #[default]
    Lasso,
    /// A rectangle.
    Box,
    /// Straight lines between corners.
    Polygon,
}

impl Outline {
    /// All of them, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::Lasso, Self::Box, Self::Polygon];
}

impl fmt::Display for Outline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lasso => "Lasso",
            Self::Box => "Box",
            Self::Polygon => "Polygon",
        })
    }
}

impl fmt::Display for Combine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replace => "New",
            Self::Add => "Add",
            Self::Subtract => "Subtract",
            Self::Intersect => "Intersect",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_combined() {
        let of = |text: &str| -> SampleSet { text.chars().map(String::from).collect() };
        let before = of("abc");
        let with = |how: Combine, picked: &str| {
            let found = how.with(Some(&before), of(picked));
            found.map(|samples| samples.ids().collect::<String>())
        };
        assert_eq!(with(Combine::Replace, "cd").unwrap(), "cd");
        assert_eq!(with(Combine::Add, "cd").unwrap(), "abcd");
        assert_eq!(with(Combine::Subtract, "cd").unwrap(), "ab");
        assert_eq!(with(Combine::Intersect, "cd").unwrap(), "c");
        assert_eq!(with(Combine::Subtract, "abc"), None);
        assert_eq!(with(Combine::Intersect, "x"), None);
        assert_eq!(Combine::Add.with(None, of("x")).unwrap(), of("x"));
        assert_eq!(Combine::Intersect.with(None, of("x")), None);
    }
}
