//! Which few features settle, taken together, in which of two groups a sample is.
//!
//! Features are chosen one after the other by what they tell beyond each of those before (conditional mutual information, Fleuret 2004),
//! with both groups counted as if they were of one size: one bit settles the question.

use rayon::prelude::*;

use super::Columns;
use crate::job::{CancelToken, Cancelled};

/// Bins of the values of a feature, at most, each with as many samples of both groups.
const BINS: usize = 4;

/// The bin of a sample that has no value, or is in neither group.
const NONE: u8 = u8::MAX;

/// Added to every count, so that what was not seen is not impossible.
const UNSEEN: f64 = 0.5;

/// A feature that may settle it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its modality, counted from 0.
    pub modality: u32,
    /// The feature there, counted from 0.
    pub feature: u32,
    /// What it tells of the group by itself: 0 to 1 bit.
    pub bits: f64,
    /// The bin of every sample.
    bins: Vec<u8>,
}

/// A feature that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Settling {
    /// The feature.
    pub candidate: Candidate,
    /// What it tells beyond any one of those before: 0 to 1 bit.
    pub more: f64,
    /// Share of the samples that it and all before put into their group, by the other half of the samples: the mean of both groups.
    pub right: f64,
    /// How likely a value in each bin is in the first group, and in the second.
    odds: Vec<[f64; 2]>,
}

impl Settling {
    /// How many times as likely the value of a sample is in the first group as in the second; `None` without a value.
    pub fn odds(&self, sample: usize) -> Option<f64> {
        let bin = *self.candidate.bins.get(sample)?;
        let [first, second] = *self.odds.get(usize::from(bin))?;
        Some(first / second)
    }
}

/// The features of a modality that tell most, `most` at most. `sides` has 0 and 1 for the samples of the groups.
///
/// # Errors
/// When cancelled.
pub fn candidates(
    columns: &Columns,
    modality: u32,
    sides: &[Option<u32>],
    most: usize,
    cancel: &CancelToken,
) -> Result<Vec<Candidate>, Cancelled> {
    let told = (0..columns.features()).into_par_iter().map(|feature| {
        cancel.check()?;
        let bins = bins(columns, feature, sides);
        Ok((information(&bins, &[], sides), feature))
    });
    let mut told: Vec<(f64, usize)> = told.collect::<Result<_, Cancelled>>()?;
    told.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    told.truncate(most);
    let candidate = |(bits, feature): (f64, usize)| Candidate {
        modality,
        feature: feature as u32,
        bits,
        bins: bins(columns, feature, sides),
    };
    Ok(told.into_iter().map(candidate).collect())
}

/// Chooses so many of the candidates, the most telling first; fewer, where no other tells anything.
pub fn choose(mut from: Vec<Candidate>, sides: &[Option<u32>], count: usize) -> Vec<Settling> {
    from.sort_by(|a, b| b.bits.total_cmp(&a.bits));
    // What each tells beyond the one of those chosen that takes most of it away.
    let mut beyond: Vec<f64> = from.iter().map(|candidate| candidate.bits).collect();
    let mut chosen: Vec<Settling> = Vec::new();
    while chosen.len() < count {
        let better = |best: usize, at: usize| match beyond[at] > beyond[best] {
            true => at,
            false => best,
        };
        let Some(best) = (0..from.len()).reduce(better) else {
            break;
        };
        let more = beyond.remove(best);
        if more <= 1e-6 {
            break;
        }
        let candidate = from.remove(best);
        beyond
            .par_iter_mut()
            .zip(&from)
            .for_each(|(beyond, other)| {
                *beyond = beyond.min(information(&other.bins, &candidate.bins, sides));
            });
        let all = |_: usize| true;
        let odds = odds(&candidate.bins, sides, &all);
        chosen.push(Settling {
            candidate,
            more,
            right: 0.0,
            odds,
        });
        let right = right(&chosen, sides);
        if let Some(last) = chosen.last_mut() {
            last.right = right;
        }
    }
    chosen
}

/// The bin of every sample of both groups by its value.
fn bins(columns: &Columns, feature: usize, sides: &[Option<u32>]) -> Vec<u8> {
    let column = columns.column(feature);
    let mut bins = vec![NONE; sides.len()];
    let inside = |sample: u32| sides[sample as usize].is_some();
    for (bin, side) in bins.iter_mut().zip(sides) {
        if side.is_some() {
            *bin = 0;
        }
    }
    for &sample in column.missing {
        bins[sample as usize] = NONE;
    }
    let held = column.samples.iter().filter(|&&sample| inside(sample));
    let all = bins.iter().filter(|&&bin| bin != NONE).count();
    let zeros = all - held.count();
    let mut sorted: Vec<f32> = Vec::with_capacity(all);
    let mut zeros_left = Some(zeros);
    for (&sample, &value) in column.samples.iter().zip(column.values) {
        if value > 0.0
            && let Some(zeros) = zeros_left.take()
        {
            sorted.resize(sorted.len() + zeros, 0.0);
        }
        if inside(sample) {
            sorted.push(value);
        }
    }
    if let Some(zeros) = zeros_left {
        sorted.resize(sorted.len() + zeros, 0.0);
    }
    // Equal values are in one bin: that of the last of them.
    let mut bounds: Vec<f32> = (1..BINS)
        .filter_map(|bin| sorted.get(bin * all / BINS).copied())
        .collect();
    bounds.dedup();
    let bin = |value: f32| bounds.iter().filter(|&&bound| value >= bound).count() as u8;
    let zero = bin(0.0);
    for bin in bins.iter_mut().filter(|bin| **bin != NONE) {
        *bin = zero;
    }
    for (&sample, &value) in column.samples.iter().zip(column.values) {
        if inside(sample) {
            bins[sample as usize] = bin(value);
        }
    }
    bins
}

/// How often each bin of `bins` within each of `given` is that of a sample on either side; both sides add up to one half.
fn table(bins: &[u8], given: &[u8], sides: &[Option<u32>]) -> Vec<[f64; 2]> {
    let mut counts = vec![[0.0; 2]; BINS * BINS];
    for (sample, (&bin, side)) in bins.iter().zip(sides).enumerate() {
        let before = given.get(sample).copied().unwrap_or(0);
        if let Some(side) = side
            && bin != NONE
            && before != NONE
        {
            let cell = usize::from(before) * BINS + usize::from(bin);
            counts[cell][*side as usize] += 1.0;
        }
    }
    for side in 0..2 {
        let sum: f64 = counts.iter().map(|cell| cell[side]).sum();
        for cell in &mut counts {
            cell[side] /= 2.0 * f64::max(sum, 1.0);
        }
    }
    counts
}

/// The mutual information of the group and a bin, given another bin, in bits.
fn information(bins: &[u8], given: &[u8], sides: &[Option<u32>]) -> f64 {
    let table = table(bins, given, sides);
    let mut bits = 0.0;
    for cells in table.chunks(BINS) {
        let of_side = [0, 1].map(|side| cells.iter().map(|cell| cell[side]).sum::<f64>());
        let all = of_side[0] + of_side[1];
        for cell in cells {
            for side in 0..2 {
                if cell[side] > 0.0 {
                    let expected = of_side[side] * (cell[0] + cell[1]) / all;
                    bits += cell[side] * (cell[side] / expected).log2();
                }
            }
        }
    }
    bits.max(0.0)
}

/// How likely each bin is on either side, by the samples that are `seen`.
fn odds(bins: &[u8], sides: &[Option<u32>], seen: &dyn Fn(usize) -> bool) -> Vec<[f64; 2]> {
    let mut counts = vec![[UNSEEN; 2]; BINS];
    for (sample, (&bin, side)) in bins.iter().zip(sides).enumerate() {
        if let Some(side) = side
            && bin != NONE
            && seen(sample)
        {
            counts[usize::from(bin)][*side as usize] += 1.0;
        }
    }
    let sums = [0, 1].map(|side| counts.iter().map(|c| c[side]).sum::<f64>());
    let share = |[a, b]: [f64; 2]| [a / sums[0], b / sums[1]];
    counts.into_iter().map(share).collect()
}

/// See [`Settling::right`]. Every other sample of each side is in the first half, however the file orders them.
fn right(chosen: &[Settling], sides: &[Option<u32>]) -> f64 {
    let mut met = [0_usize; 2];
    let halves = sides.iter().map(|side| {
        let met = &mut met[side.unwrap_or_default() as usize];
        *met += usize::from(side.is_some());
        *met % 2
    });
    let halves: Vec<usize> = halves.collect();
    let mut found = [[0_usize; 2]; 2];
    for half in 0..2 {
        let seen = |sample: usize| halves[sample] != half;
        let odds: Vec<Vec<[f64; 2]>> = chosen
            .iter()
            .map(|of| odds(&of.candidate.bins, sides, &seen))
            .collect();
        for (sample, side) in sides.iter().enumerate() {
            let Some(side) = side.filter(|_| !seen(sample)) else {
                continue;
            };
            let of = chosen.iter().zip(&odds).filter_map(|(of, odds)| {
                let [a, b] = *odds.get(usize::from(of.candidate.bins[sample]))?;
                Some((a / b).ln())
            });
            let first = of.sum::<f64>() > 0.0;
            let [right, all] = &mut found[side as usize];
            *right += usize::from(first == (side == 0));
            *all += 1;
        }
    }
    let share = |[right, all]: [usize; 2]| right as f64 / all.max(1) as f64;
    f64::midpoint(share(found[0]), share(found[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{analysis::markers::Measure, data::Matrix};
    use ndarray::Array2;

    /// The first feature tells the sides, the second is its copy, the third tells what the first does not, the fourth nothing.
    fn columns(samples: usize) -> (Columns, Vec<Option<u32>>) {
        let side = |sample: usize| (sample / 2) % 2;
        let hard = |sample: usize| sample.is_multiple_of(5);
        let values = Array2::from_shape_fn((samples, 4), |(sample, feature)| {
            let side = side(sample) as f32;
            match feature {
                0 | 1 if hard(sample) => 0.0,
                0 | 1 => 3.0 * side - 1.0,
                2 if hard(sample) => 5.0 * side - 2.0,
                2 => 0.5,
                _ => ((sample * 7) % 3) as f32,
            }
        });
        let columns = Columns::of(&Matrix::Dense(values.into()), Measure::AsRead).unwrap();
        let sides = (0..samples).map(|at| Some(side(at) as u32)).collect();
        (columns, sides)
    }

    #[test]
    fn what_adds_to_what_is_known_comes_next() {
        let (columns, sides) = columns(400);
        let cancel = CancelToken::new();
        let from = candidates(&columns, 0, &sides, 10, &cancel).unwrap();
        assert_eq!(from.len(), 4);
        let chosen = choose(from, &sides, 3);
        let features: Vec<u32> = chosen.iter().map(|of| of.candidate.feature).collect();
        // The copy adds nothing at all, and neither does noise once the question is settled.
        assert_eq!(features[..2], [0, 2]);
        assert!((chosen[0].more - 0.8).abs() < 0.02, "{}", chosen[0].more);
        assert!(chosen[0].right < 0.95 && chosen[1].right > 0.99);
        // Sample 1 is of the first side: the first feature says so.
        assert!(chosen[0].odds(1).unwrap() > 20.0);
        assert!(chosen[0].odds(2).unwrap() < 0.05);
        assert!((chosen[0].odds(0).unwrap() - 1.0).abs() < 0.1);
    }

    #[test]
    fn missing_values_and_samples_outside_say_nothing() {
        let mut values = Array2::from_shape_fn((40, 1), |(sample, _)| (sample % 2) as f32);
        values[[3, 0]] = f32::NAN;
        let columns = Columns::of(&Matrix::Dense(values.into()), Measure::AsRead).unwrap();
        let sides: Vec<Option<u32>> = (0..40)
            .map(|at| (at != 4).then_some((at % 2) as u32))
            .collect();
        let cancel = CancelToken::new();
        let from = candidates(&columns, 0, &sides, 10, &cancel).unwrap();
        assert!((from[0].bits - 1.0).abs() < 1e-9);
        let chosen = choose(from, &sides, 5);
        // The sides come in turn: halves by the order of the file would each have one of them alone.
        assert!(chosen[0].right > 0.99, "{}", chosen[0].right);
        assert_eq!(chosen.len(), 1);
        assert_eq!((chosen[0].odds(3), chosen[0].odds(4)), (None, None));
        assert!(choose(Vec::new(), &sides, 5).is_empty());
    }
}
