//! Which samples take part.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::words::thousands;

/// Which samples of data take part, by their ids; ids that no sample has do no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chosen {
    /// All of them.
    #[default]
    All,
    /// These alone.
    Only(Vec<String>),
    /// All but these.
    Without(Vec<String>),
}

/// A choice of samples that cannot be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChoice {
    /// Nothing is left to compare.
    #[error("Of {} samples, {left} are chosen.", thousands(*of))]
    TooFew {
        /// Samples that take part.
        left: usize,
        /// Samples there are.
        of: usize,
    },
    /// Cuts by how well samples were measured leave nothing to compare.
    #[error("The cuts leave {left} of {} samples.", thousands(*of))]
    AllCut {
        /// Samples that stay.
        left: usize,
        /// Samples there were.
        of: usize,
    },
    /// None is left out.
    #[error("None of the {} samples is among those that are to be left out.", thousands(*of))]
    NoneLeftOut {
        /// Samples there are.
        of: usize,
    },
}

impl Chosen {
    /// Whether it can be meant, where so many samples are left of so many.
    ///
    /// # Errors
    /// If too few are left, or none is left out.
    pub fn check(&self, left: usize, of: usize) -> Result<(), BadChoice> {
        match self {
            Self::All => Ok(()),
            _ if left < 2 => Err(BadChoice::TooFew { left, of }),
            Self::Without(_) if left == of => Err(BadChoice::NoneLeftOut { of }),
            _ => Ok(()),
        }
    }

    /// Whether all take part.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// Of each sample whether it takes part.
    pub fn keep(&self, ids: &[String]) -> Vec<bool> {
        let set = |of: &Self| -> HashSet<String> {
            match of {
                Self::All => HashSet::new(),
                Self::Only(ids) | Self::Without(ids) => ids.iter().cloned().collect(),
            }
        };
        let named = set(self);
        let keep = |id: &String| match self {
            Self::All => true,
            Self::Only(_) => named.contains(id),
            Self::Without(_) => !named.contains(id),
        };
        ids.iter().map(keep).collect()
    }

    /// The same without these as well.
    pub fn without(&self, ids: &[String]) -> Self {
        match self {
            Self::All => Self::Without(ids.to_vec()),
            Self::Without(others) => Self::Without(others.iter().chain(ids).cloned().collect()),
            Self::Only(others) => {
                let gone: HashSet<&String> = ids.iter().collect();
                let left = others.iter().filter(|id| !gone.contains(id));
                Self::Only(left.cloned().collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_add_up() {
        let ids = ["a", "b", "c", "d"].map(String::from);
        let [a, b, ..] = ids.clone();
        assert_eq!(Chosen::All.keep(&ids), [true; 4]);
        let without = Chosen::All.without(std::slice::from_ref(&a));
        assert_eq!(without.keep(&ids), [false, true, true, true]);
        let fewer = without.without(std::slice::from_ref(&b));
        assert_eq!(fewer.keep(&ids), [false, false, true, true]);
        let only = Chosen::Only(vec![a.clone(), b]).without(&[a, "unknown".into()]);
        assert_eq!(only.keep(&ids), [false, true, false, false]);
    }
}
