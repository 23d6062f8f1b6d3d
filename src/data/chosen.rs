//! Which samples take part.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

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

impl Chosen {
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
