//! Missing values and useless features of one modality.

use super::{error::LoadError, notice::LoadNotice, report::ModalityReport, table::Table};
use crate::{data::Modality, job::CancelToken};
use ndarray::Array2;
use rayon::prelude::*;
use std::{collections::HashSet, path::Path};

/// Rows of one task; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 1024;

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
    picks: Option<&[usize]>,
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<(Modality, ModalityReport), LoadError> {
    let columns = table.features.len();
    let rows_in_file = table.rows.ids.len();
    let rows = picks.map_or(rows_in_file, <[usize]>::len);
    let features = unique_names(name, table.features, notices);
    let values = table.rows.values;
    let row = |i: usize| {
        let at = picks.map_or(i, |p| p[i]) * columns;
        &values[at..at + columns]
    };

    let parts = (0..rows.div_ceil(ROWS))
        .into_par_iter()
        .map(|part| {
            cancel.check()?;
            let mut stats = vec![NOTHING; columns];
            for i in part * ROWS..rows.min((part + 1) * ROWS) {
                for (stat, &x) in stats.iter_mut().zip(row(i)) {
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
            Ok(stats)
        })
        .collect::<Result<Vec<_>, LoadError>>()?;
    let mut stats = vec![NOTHING; columns];
    for part in &parts {
        stats.iter_mut().zip(part).for_each(|(a, b)| a.merge(b));
    }

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

    let unchanged = picks.is_none() && kept.len() == columns && imputed == 0;
    let flat = if unchanged {
        values
    } else {
        let means: Vec<f32> = kept.iter().map(|&c| stats[c].mean()).collect();
        let mut flat = vec![0.0; rows * kept.len()];
        flat.par_chunks_mut(kept.len())
            .enumerate()
            .for_each(|(i, out)| {
                let from = row(i);
                for ((to, &c), mean) in out.iter_mut().zip(&kept).zip(&means) {
                    *to = if from[c].is_nan() { *mean } else { from[c] };
                }
            });
        flat
    };
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
        // The length is rows x features by construction.
        values: Array2::from_shape_vec((rows, kept.len()), flat).unwrap_or_default(),
    };
    Ok((modality, report))
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
    let mut seen = HashSet::new();
    let mut renamed = Vec::new();
    let unique = names
        .into_iter()
        .map(|name| {
            if seen.insert(name.clone()) {
                return name;
            }
            let mut number = 1_usize;
            let mut new = format!("{name}.{number}");
            while !used.insert(new.clone()) {
                number += 1;
                new = format!("{name}.{number}");
            }
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
