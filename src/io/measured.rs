//! What the values of a table say as a whole: samples without any, and counts that were not normalised.

use super::{error::LoadError, load::FirstColumn, notice::TableNotice, table::Table};
use crate::data::{Values, has_fraction};
use std::collections::BTreeSet;

/// Whole numbers beyond it are no counts.
const LARGEST: f32 = 2_147_483_648.0;

/// What is known of one sample.
#[derive(Clone, Copy, Debug)]
struct Sample {
    sum: f64,
    measured: bool,
}

/// What is known of all values.
#[derive(Debug)]
struct Facts {
    samples: Vec<Sample>,
    /// Whether all are whole numbers of 32 bits; only then the rest and the sums are known.
    whole: bool,
    low: f32,
    high: f32,
}

/// Leaves out samples without any value, as if they were not in the file, and says of counts that they are.
///
/// Rows that are matched by position are left out of all tables.
pub(super) fn check(first: FirstColumn, tables: &mut [Table]) -> Result<(), LoadError> {
    let mut empty = Vec::with_capacity(tables.len());
    for table in tables.iter_mut() {
        let facts = facts(&table.values)?;
        table
            .notices
            .extend(raw_counts(&facts, table.features.len()));
        let samples = (0_u32..).zip(&facts.samples);
        let unmeasured = samples.filter(|(_, s)| !s.measured).map(|(row, _)| row);
        empty.push(unmeasured.collect::<BTreeSet<u32>>());
    }
    for (table, empty) in tables.iter_mut().zip(&empty) {
        if let Some(&first) = empty.first() {
            table.notices.push(TableNotice::NotMeasured {
                samples: empty.len(),
                example: table.ids[first as usize].clone(),
            });
        }
    }
    let lengths: BTreeSet<usize> = tables.iter().map(|t| t.ids.len()).collect();
    if first == FirstColumn::ClassLabels {
        // Tables of other lengths are refused later.
        if lengths.len() == 1 {
            let all: BTreeSet<u32> = empty.iter().flatten().copied().collect();
            empty.fill(all);
        } else {
            empty.fill(BTreeSet::new());
        }
    }
    for (table, empty) in tables.iter_mut().zip(&empty) {
        // Nothing at all is told by what looks at the features.
        if !empty.is_empty() && empty.len() < table.ids.len() {
            let rows = 0..table.ids.len() as u32;
            let kept: Vec<u32> = rows.filter(|row| !empty.contains(row)).collect();
            table.keep_rows(&kept)?;
        }
    }
    Ok(())
}

fn facts(values: &Values) -> Result<Facts, LoadError> {
    let columns = values.features().max(1);
    let nothing = || Facts {
        samples: Vec::new(),
        whole: true,
        low: f32::INFINITY,
        high: f32::NEG_INFINITY,
    };
    let parts = values.fold(nothing, |facts, rows| {
        for row in rows.chunks_exact(columns) {
            // What has fractions is no count, and need not be looked at further.
            let whole = facts.whole.then(|| whole_numbers(row)).flatten();
            facts.whole = whole.is_some();
            let (sum, low, high) = whole.unwrap_or((0.0, f32::INFINITY, f32::NEG_INFINITY));
            facts.low = facts.low.min(low);
            facts.high = facts.high.max(high);
            facts.samples.push(Sample {
                sum,
                measured: row.iter().any(|v| !v.is_nan()),
            });
        }
    })?;
    Ok(parts.into_iter().fold(nothing(), |mut all, part| {
        all.samples.extend(part.samples);
        all.whole &= part.whole;
        all.low = all.low.min(part.low);
        all.high = all.high.max(part.high);
        all
    }))
}

/// Sum, smallest and largest of the values that are not missing, if all of them are whole numbers of 32 bits.
// Within its caller, the sum would go through memory for each value.
#[inline(never)]
fn whole_numbers(row: &[f32]) -> Option<(f64, f32, f32)> {
    let odd = |&x: &f32| u32::from(has_fraction(x) | (x.abs() > LARGEST));
    // Counted rather than looked for, so that several values are looked at at once.
    if row.iter().map(odd).sum::<u32>() > 0 {
        return None;
    }
    let (mut sum, mut low, mut high) = (0.0, f32::INFINITY, f32::NEG_INFINITY);
    for &x in row {
        sum += if x.is_nan() { 0.0 } else { f64::from(x) };
        // What is missing is neither.
        low = if x < low { x } else { low };
        high = if x > high { x } else { high };
    }
    Some((sum, low, high))
}

/// Whether these look like counts of a sequencer: whole numbers from about nothing to many, and sums that differ.
///
/// Genotypes and mutations have few values; weights of topics are large throughout; what was normalised has equal sums.
fn raw_counts(facts: &Facts, features: usize) -> Option<TableNotice> {
    let mut sums: Vec<f64> = facts
        .samples
        .iter()
        .filter(|s| s.measured)
        .map(|s| s.sum)
        .collect();
    let counts = facts.whole && (0.0..=5.0).contains(&facts.low) && facts.high >= 20.0;
    if !counts || features < 10 || sums.len() < 4 {
        return None;
    }
    sums.sort_by(f64::total_cmp);
    let tenth = sums.len() / 10;
    let (low, high) = (sums[tenth], sums[sums.len() - 1 - tenth]);
    (high > 1.3 * low).then(|| TableNotice::RawCounts {
        lowest: sums[0] as u64,
        highest: sums[sums.len() - 1] as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    fn told(value: impl Fn(usize, usize) -> f32) -> bool {
        let values = Array2::from_shape_fn((40, 12), |(i, j)| value(i, j)).into();
        raw_counts(&facts(&values).unwrap(), 12).is_some()
    }

    #[test]
    fn counts_are_told_from_other_whole_numbers() {
        let depth = |i: usize| 1 + i % 7;
        assert!(told(|i, j| ((i * 31 + j * 17) % 13 * depth(i)) as f32));
        // Fractions, genotypes, copy numbers, weights of topics, equal sums.
        assert!(!told(
            |i, j| ((i * 31 + j * 17) % 13 * depth(i)) as f32 + 0.5
        ));
        assert!(!told(|i, j| ((i + j) % 3) as f32));
        assert!(!told(|i, j| ((i * j) % 5 * depth(i)) as f32 - 2.0));
        assert!(!told(
            |i, j| (3_000 + (i * 31 + j * 17) % 13 * depth(i) * 100) as f32
        ));
        assert!(!told(|i, j| ((i + j) % 12 * 9) as f32));
    }
}
