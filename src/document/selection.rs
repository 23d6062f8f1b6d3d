//! Samples that the user picked out, and how one such set is combined with another.

use std::{collections::HashSet, fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// Ids of samples, in no order that means anything.
pub type Ids = Arc<Vec<String>>;

/// A selection with a name, kept for later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedSelection {
    /// Its name.
    pub name: String,
    /// Its samples.
    pub ids: Ids,
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
    pub fn with(self, before: Option<&Ids>, picked: Vec<String>) -> Option<Ids> {
        let known = || -> HashSet<&str> {
            let ids = before.into_iter().flat_map(|ids| ids.iter());
            ids.map(String::as_str).collect()
        };
        let of_before = |wanted: bool| -> Vec<String> {
            let picked: HashSet<&str> = picked.iter().map(String::as_str).collect();
            let ids = before.into_iter().flat_map(|ids| ids.iter());
            let stay = ids.filter(|id| picked.contains(id.as_str()) == wanted);
            stay.cloned().collect()
        };
        let ids = match self {
            Self::Replace => picked,
            Self::Subtract => of_before(false),
            Self::Intersect => of_before(true),
            Self::Add => {
                let known = known();
                let new = picked.iter().filter(|id| !known.contains(id.as_str()));
                let old = before.into_iter().flat_map(|ids| ids.iter());
                old.chain(new).cloned().collect()
            }
        };
        (!ids.is_empty()).then(|| Arc::new(ids))
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
        let ids = |text: &str| -> Vec<String> { text.chars().map(String::from).collect() };
        let before = Arc::new(ids("abc"));
        let with = |how: Combine, picked: &str| {
            let found = how.with(Some(&before), ids(picked));
            found.map(|ids| ids.concat())
        };
        assert_eq!(with(Combine::Replace, "cd").unwrap(), "cd");
        assert_eq!(with(Combine::Add, "cd").unwrap(), "abcd");
        assert_eq!(with(Combine::Subtract, "cd").unwrap(), "ab");
        assert_eq!(with(Combine::Intersect, "cd").unwrap(), "c");
        assert_eq!(with(Combine::Subtract, "abc"), None);
        assert_eq!(with(Combine::Intersect, "x"), None);
        assert_eq!(Combine::Add.with(None, ids("x")).unwrap().concat(), "x");
        assert_eq!(Combine::Intersect.with(None, ids("x")), None);
    }
}
