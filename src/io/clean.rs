//! Missing values and useless features of one modality.

use super::{error::LoadError, notice::LoadNotice, report::ModalityReport, table::Table};
use crate::{
    data::{Modality, Values},
    job::CancelToken,
};
use std::{
    collections::{HashMap, HashSet},
    io,
    ops::Range,
    path::Path,
};

/// What is known of one feature over the samples used.
#[derive(Clone, Copy)]
struct Stats {
    sum: f64,
    present: usize,
    low: f32,
    high: f32,
}

const NOTHING: Stats = Stats {
    sum: 0.0,
    present: 0,
    low: f32::INFINITY,
    high: f32::NEG_INFINITY,
};

impl Stats {
    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.present += other.present;
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
    }

    /// The mean of the values present, within their range even when rounded.
    fn mean(&self) -> f32 {
        ((self.sum / self.present as f64) as f32).clamp(self.low, self.high)
    }
}

/// Makes a modality of these rows of a table: names unique, missing values replaced by the mean of their feature,
/// features without values or with one single value left out.
pub(super) fn modality(
    name: &str,
    path: &Path,
    table: Table,
    picks: Option<&[u32]>,
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<(Modality, ModalityReport), LoadError> {
    let columns = table.features.len();
    let rows_in_file = table.ids.len();
    let rows = picks.map_or(rows_in_file, <[u32]>::len);
    let features = unique_names(name, table.features, notices);
    // Files that hold the same samples in the same order need no picking.
    let values = match picks {
        Some(picks) => table.values.select(table.values.storage(), picks)?,
        None => table.values,
    };
    cancel.check()?;
    let stats = stats(&values)?;

    let empty = |s: &Stats| s.present == 0;
    let constant = |s: &Stats| s.low == s.high;
    let of_kind = |kind: &dyn Fn(&Stats) -> bool| -> Vec<&String> {
        let named = features.iter().zip(&stats);
        named.filter(|(_, s)| kind(s)).map(|(f, _)| f).collect()
    };
    let (empties, constants) = (of_kind(&empty), of_kind(&constant));
    let kept: Vec<usize> = (0..columns)
        .filter(|&c| stats[c].low < stats[c].high)
        .collect();
    if kept.is_empty() {
        return Err(LoadError::NoUsableFeature {
            path: path.to_owned(),
            constant: constants.len(),
            missing: empties.len(),
        });
    }
    if let Some(example) = empties.first() {
        notices.push(LoadNotice::EmptyFeaturesLeftOut {
            modality: name.to_owned(),
            features: empties.len(),
            example: (*example).clone(),
        });
    }
    if let Some(example) = constants.first() {
        notices.push(LoadNotice::ConstantFeaturesLeftOut {
            modality: name.to_owned(),
            features: constants.len(),
            example: (*example).clone(),
        });
    }
    let missing = |c: &usize| rows - stats[*c].present;
    let imputed: usize = kept.iter().map(missing).sum();
    if imputed > 0 {
        notices.push(LoadNotice::MissingReplaced {
            modality: name.to_owned(),
            values: imputed,
            features: kept.iter().filter(|c| missing(c) > 0).count(),
            of: rows * kept.len(),
        });
    }
    let bounds = kept.iter().map(|&c| (stats[c].low, stats[c].high));
    let (minimum, maximum) = bounds.fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), (l, h)| {
        (a.min(l), b.max(h))
    });

    let unchanged = kept.len() == columns && imputed == 0;
    let values = if unchanged {
        values
    } else {
        let means: Vec<f32> = kept.iter().map(|&c| stats[c].mean()).collect();
        let keep = |samples: Range<usize>, out: &mut [f32]| {
            let mut buffer = Vec::new();
            let from = values.rows(samples, &mut buffer).chunks_exact(columns);
            for (out, from) in out.chunks_exact_mut(kept.len()).zip(from) {
                for ((to, &c), mean) in out.iter_mut().zip(&kept).zip(&means) {
                    *to = if from[c].is_nan() { *mean } else { from[c] };
                }
            }
        };
        let made = Values::generate(values.storage(), rows, kept.len(), keep)?;
        values.check()?;
        made
    };
    values.check()?;
    let report = ModalityReport {
        name: name.to_owned(),
        file: path.to_owned(),
        rows_in_file,
        features_in_file: columns,
        features: kept.len(),
        imputed,
        minimum,
        maximum,
    };
    let modality = Modality {
        name: name.to_owned(),
        features: kept.iter().map(|&c| features[c].clone()).collect(),
        values,
    };
    Ok((modality, report))
}

/// What is known of every feature.
fn stats(values: &Values) -> io::Result<Vec<Stats>> {
    let columns = values.features();
    let pieces = values.fold(
        || vec![NOTHING; columns],
        |stats, rows| {
            for row in rows.chunks_exact(columns) {
                for (stat, &x) in stats.iter_mut().zip(row) {
                    if !x.is_nan() {
                        stat.merge(&Stats {
                            sum: f64::from(x),
                            present: 1,
                            low: x,
                            high: x,
                        });
                    }
                }
            }
        },
    )?;
    let mut stats = vec![NOTHING; columns];
    for piece in &pieces {
        stats.iter_mut().zip(piece).for_each(|(a, b)| a.merge(b));
    }
    Ok(stats)
}

/// Gives unnamed features the name of their column and numbers the later ones of equal names (`CD3`, `CD3.1`).
fn unique_names(modality: &str, names: Vec<String>, notices: &mut Vec<LoadNotice>) -> Vec<String> {
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
    if used.len() == names.len() {
        return names;
    }
    // The last number that every name got: none is tried twice.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut renamed = Vec::new();
    let unique = names
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
    unique
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_unique_and_are_reported() {
        let mut notices = Vec::new();
        let names = ["a", "b", "a", "", "a.1", "a"].map(String::from).to_vec();
        let unique = unique_names("rna", names, &mut notices);
        assert_eq!(unique, ["a", "b", "a.2", "column_5", "a.1", "a.3"]);
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
