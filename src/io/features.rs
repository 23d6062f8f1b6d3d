//! Names of the features of a table.

use std::collections::{HashMap, HashSet};

use super::notice::LoadNotice;
use crate::data::Axis;

/// Gives unnamed features the name of their column and numbers the later ones of equal names (`CD3`, `CD3.1`).
pub(super) fn unique(modality: &str, names: Vec<String>, notices: &mut Vec<LoadNotice>) -> Axis {
    let mut unnamed = 0;
    let names: Vec<String> = names
        .into_iter()
        .enumerate()
        .map(|(column, name)| {
            if name.is_empty() {
                unnamed += 1;
                format!("column_{}", column + 2)
            } else {
                name
            }
        })
        .collect();
    if unnamed > 0 {
        notices.push(LoadNotice::FeaturesNamed {
            modality: modality.to_owned(),
            features: unnamed,
        });
    }
    let mut used: HashSet<String> = names.iter().cloned().collect();
    // The last number that every name got: none is tried twice.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut renamed = Vec::new();
    let unique: Vec<String> = names
        .into_iter()
        .map(|name| {
            let Some(number) = numbers.get_mut(&name) else {
                numbers.insert(name.clone(), 0);
                return name;
            };
            let new = loop {
                *number += 1;
                let new = format!("{name}.{number}");
                if used.insert(new.clone()) {
                    break new;
                }
            };
            renamed.push((name, new.clone()));
            new
        })
        .collect();
    if let Some((from, to)) = renamed.first() {
        notices.push(LoadNotice::FeaturesRenamed {
            modality: modality.to_owned(),
            features: renamed.len(),
            from: from.clone(),
            to: to.clone(),
        });
    }
    Axis::new(unique).expect("made unique")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique_and_are_reported() {
        let mut notices = Vec::new();
        let given = ["a", "b", "a", "", "a.1", "a"].map(String::from).to_vec();
        let names = unique("rna", given, &mut notices);
        assert_eq!(names.names(), ["a", "b", "a.2", "column_5", "a.1", "a.3"]);
        let sentences: Vec<String> = notices.iter().map(ToString::to_string).collect();
        assert_eq!(
            sentences,
            [
                "1 rna feature without a name was named after the column.",
                "2 rna features have a name used before and were numbered (such as a, now a.2)."
            ]
        );
    }
}
