//! Known classes of the samples.

use std::collections::{HashMap, HashSet};

/// Known classes of the samples; a sample may have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// Class names, sorted: by value when all are numbers, else alphabetically.
    pub classes: Vec<String>,
    /// Index into `classes` for every sample.
    pub codes: Vec<Option<u32>>,
}

impl Labels {
    /// Labels from one class name (or none) per sample.
    pub fn from_names<'a>(names: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let names: Vec<Option<&str>> = names.into_iter().collect();
        let mut classes: Vec<&str> = names
            .iter()
            .flatten()
            .copied()
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        // "10" belongs after "9", not after "1".
        if classes.iter().all(|c| c.parse::<f64>().is_ok()) {
            let number = |c: &str| c.parse::<f64>().unwrap_or(f64::NAN);
            classes.sort_by(|a, b| number(a).total_cmp(&number(b)).then(a.cmp(b)));
        } else {
            classes.sort_unstable();
        }
        let code: HashMap<&str, u32> = classes.iter().copied().zip(0..).collect();
        Self {
            codes: names
                .iter()
                .map(|n| n.and_then(|n| code.get(n).copied()))
                .collect(),
            classes: classes.into_iter().map(str::to_owned).collect(),
        }
    }

    /// The class name of a sample, if it has one.
    pub fn name_of(&self, sample: usize) -> Option<&str> {
        let code = (*self.codes.get(sample)?)?;
        self.classes.get(code as usize).map(String::as_str)
    }

    /// Samples of every class, in the order of `classes`.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes.len()];
        for &code in self.codes.iter().flatten() {
            if let Some(count) = counts.get_mut(code as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// Whether there are two classes or more: a single one tells no sample from another, and nothing can be scored by it.
    pub fn tell_apart(&self) -> bool {
        self.classes.len() > 1
    }

    /// The number of clusters that the labels suggest: their classes, if there are two or more and at least half of the
    /// samples have one. The others may be of classes that are not among them.
    pub fn clusters(&self) -> Option<usize> {
        (self.tell_apart() && !self.few()).then_some(self.classes.len())
    }

    /// Whether fewer than half of the samples have a label.
    pub fn few(&self) -> bool {
        self.labelled() * 2 < self.codes.len()
    }

    /// Number of samples with a label.
    pub fn labelled(&self) -> usize {
        self.codes.len() - self.unlabelled()
    }

    /// Number of samples without a label.
    pub fn unlabelled(&self) -> usize {
        self.codes.iter().filter(|c| c.is_none()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_sorted_and_coded() {
        let labels = Labels::from_names([Some("T"), Some("B"), None, Some("T")]);
        assert_eq!(labels.classes, ["B", "T"]);
        assert_eq!(labels.codes, [Some(1), Some(0), None, Some(1)]);
        assert_eq!(labels.counts(), [1, 2]);
        assert_eq!(labels.unlabelled(), 1);
        assert_eq!(labels.clusters(), Some(2));
        let few = Labels::from_names([Some("T"), Some("B"), None, None, None]);
        assert_eq!((few.few(), few.clusters()), (true, None));
        let one = Labels::from_names([Some("T"), Some("T")]);
        assert_eq!((one.few(), one.clusters()), (false, None));
        assert_eq!((labels.name_of(0), labels.name_of(2)), (Some("T"), None));
    }

    #[test]
    fn numbers_sort_by_value() {
        let labels = Labels::from_names(["10", "9", "1"].map(Some));
        assert_eq!(labels.classes, ["1", "9", "10"]);
    }
}
