//! Names along a side of a matrix.

use std::sync::{Arc, OnceLock};

/// Unique names in order: the ids of samples, or the names of features. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Axis(Arc<Names>);

#[derive(Debug, Default)]
struct Names {
    names: Vec<String>,
    /// Positions in the order of their names, once somebody looks for one.
    sorted: OnceLock<Vec<u32>>,
}

/// A name that stands twice on an axis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{name}' stands at {first} and at {second}")]
pub struct Repeated {
    /// The name.
    pub name: String,
    /// Where it stands first, from 0.
    pub first: usize,
    /// Where it stands again.
    pub second: usize,
}

impl Axis {
    /// Most names of an axis.
    pub const MOST: usize = u32::MAX as usize;

    /// An axis of names of which none is repeated; at most [`Axis::MOST`].
    ///
    /// # Errors
    /// A name that is repeated.
    pub fn new(names: Vec<String>) -> Result<Self, Repeated> {
        assert!(
            names.len() <= Self::MOST,
            "more names than an axis can have"
        );
        let sorted = sorted(&names);
        let same = |pair: &&[u32]| names[pair[0] as usize] == names[pair[1] as usize];
        if let Some(pair) = sorted.windows(2).find(same) {
            return Err(Repeated {
                name: names[pair[0] as usize].clone(),
                first: pair[0] as usize,
                second: pair[1] as usize,
            });
        }
        let sorted = OnceLock::from(sorted);
        Ok(Self(Arc::new(Names { names, sorted })))
    }

    /// An axis of names of which the caller knows that none is repeated.
    pub(super) fn of_unique(names: Vec<String>) -> Self {
        let sorted = OnceLock::new();
        Self(Arc::new(Names { names, sorted }))
    }

    /// An axis of names that may be repeated: those are told apart by a second name, `TBCE (ENSG00000116957)`, where there
    /// is one that tells them apart, else by number, `TBCE_2`. Also how many got another name.
    pub fn told_apart(mut names: Vec<String>, second: Option<&[String]>) -> (Self, usize) {
        let mut changed = 0;
        if let Some(second) = second {
            for at in repeated(&names) {
                let other = second.get(at).map_or("", |s| s.trim());
                if !other.is_empty() && other != names[at] {
                    names[at] = format!("{} ({other})", names[at]);
                    changed += 1;
                }
            }
        }
        let mut taken: std::collections::HashSet<String> = names.iter().cloned().collect();
        let mut seen = std::collections::HashMap::new();
        for name in &mut names {
            let times: &mut u32 = seen.entry(name.clone()).or_default();
            *times += 1;
            if *times == 1 {
                continue;
            }
            let unique = loop {
                let candidate = format!("{name}_{times}");
                if taken.insert(candidate.clone()) {
                    break candidate;
                }
                *times += 1;
            };
            *name = unique;
            changed += 1;
        }
        let axis = Self::new(names).expect("every name was told apart");
        (axis, changed)
    }

    /// The names in order.
    pub fn names(&self) -> &[String] {
        &self.0.names
    }

    /// Whether two are one in memory.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Where a name stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        let Names { names, sorted } = &*self.0;
        let sorted = sorted.get_or_init(|| self::sorted(names));
        let found = sorted.binary_search_by(|&at| names[at as usize].as_str().cmp(name));
        found.ok().map(|at| sorted[at] as usize)
    }

    /// These names, in this order; each of them once.
    pub fn select(&self, positions: &[u32]) -> Self {
        let name = |&at: &u32| self.0.names[at as usize].clone();
        Self::new(positions.iter().map(name).collect()).expect("each once")
    }
}

impl std::ops::Deref for Axis {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0.names
    }
}

impl PartialEq for Axis {
    fn eq(&self, other: &Self) -> bool {
        self.is(other) || self.0.names == other.0.names
    }
}

/// Positions in the order of their names.
fn sorted(names: &[String]) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..names.len() as u32).collect();
    sorted.sort_by(|&a, &b| names[a as usize].cmp(&names[b as usize]));
    sorted
}

/// Positions of all names that stand more than once, in order.
fn repeated(names: &[String]) -> Vec<usize> {
    let mut times = std::collections::HashMap::new();
    for name in names {
        *times.entry(name.as_str()).or_insert(0) += 1;
    }
    (0..names.len())
        .filter(|&at| times[names[at].as_str()] > 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.into()).collect()
    }

    #[test]
    fn names_are_found_and_repeated_ones_refused() {
        let axis = Axis::new(strings(&["c", "a", "b"])).unwrap();
        assert_eq!(axis.position("a"), Some(1));
        assert_eq!(axis.position("d"), None);
        assert_eq!(axis.select(&[2, 0]).names(), ["b", "c"]);
        let error = Axis::new(strings(&["x", "y", "x"])).unwrap_err();
        assert_eq!((error.first, error.second), (0, 2));
    }

    #[test]
    fn repeated_names_are_told_apart_by_a_second_one_or_by_number() {
        let names = strings(&["TBCE", "CD4", "TBCE", "TBCE_2", "TBCE"]);
        let (axis, changed) = Axis::told_apart(names.clone(), None);
        assert_eq!(axis.names(), ["TBCE", "CD4", "TBCE_3", "TBCE_2", "TBCE_4"]);
        assert_eq!(changed, 2);
        let ids = strings(&["E1", "E2", "E3", "E4", "E3"]);
        let (axis, _) = Axis::told_apart(names, Some(&ids));
        assert_eq!(
            axis.names(),
            ["TBCE (E1)", "CD4", "TBCE (E3)", "TBCE_2", "TBCE (E3)_2"]
        );
    }
}
