//! Missing values from near samples.

use std::ops::Range;

use ndarray::Array2;
use rayon::prelude::*;

use super::{PrepareError, view::View};
use crate::{
    data::{MakesRows as _, Values},
    job::{CancelToken, Cancelled},
};

/// Samples of one task.
const ROWS: usize = 16;

/// The values of a view with every missing one replaced by the mean of its feature over the nearest samples that have it, or over
/// all that have it where there are no more; every feature must have values. As scikit-learn's `KNNImputer` does it: the square of
/// a distance is the mean square difference over the features that both samples have; of equally near ones the first count;
/// where two samples have no feature in common they are no neighbours, and without any neighbour the mean of the feature is taken.
pub(super) fn nearest(
    view: &View,
    neighbours: usize,
    cancel: &CancelToken,
) -> Result<Values, PrepareError> {
    let (samples, features) = (view.samples(), view.features());
    let mut all = vec![0.0; samples * features];
    view.fill(0..samples, &mut all);
    view.check()?;
    let rows: Vec<&[f32]> = all.chunks_exact(features).collect();
    let mut means = vec![(0.0, 0.0); features];
    for row in &rows {
        for ((sum, count), &x) in means.iter_mut().zip(*row).filter(|(_, x)| !x.is_nan()) {
            *sum += f64::from(x);
            *count += 1.0;
        }
    }
    let gaps: Vec<usize> = (0..samples)
        .filter(|&at| rows[at].iter().any(|x| x.is_nan()))
        .collect();
    let filled: Vec<Vec<Vec<f32>>> = gaps
        .par_chunks(ROWS)
        .map(|gaps| {
            let one = |&at: &usize| {
                cancel.check()?;
                let distances: Vec<f64> = rows.iter().map(|row| distance(rows[at], row)).collect();
                let mut order: Vec<u32> = (0..samples as u32).collect();
                order
                    .retain(|&other| other as usize != at && distances[other as usize].is_finite());
                order.sort_by(|&a, &b| distances[a as usize].total_cmp(&distances[b as usize]));
                let mut row = rows[at].to_vec();
                for (feature, x) in row.iter_mut().enumerate().filter(|(_, x)| x.is_nan()) {
                    let of = |other: &u32| rows[*other as usize][feature];
                    let near = order
                        .iter()
                        .map(of)
                        .filter(|x| !x.is_nan())
                        .take(neighbours);
                    let (sum, count) = near.fold((0.0, 0.0), |(sum, count), x| {
                        (sum + f64::from(x), count + 1.0)
                    });
                    let (sum, count) = if count > 0.0 {
                        (sum, count)
                    } else {
                        means[feature]
                    };
                    *x = (sum / count) as f32;
                }
                Ok(row)
            };
            gaps.iter().map(one).collect::<Result<Vec<_>, Cancelled>>()
        })
        .collect::<Result<_, Cancelled>>()?;
    drop(rows);
    for (at, row) in gaps.into_iter().zip(filled.into_iter().flatten()) {
        let range: Range<usize> = at * features..(at + 1) * features;
        all[range].copy_from_slice(&row);
    }
    let all = Array2::from_shape_vec((samples, features), all).expect("a value a place");
    Ok(all.into())
}

/// The mean square difference over what both have; infinite where that is nothing.
fn distance(a: &[f32], b: &[f32]) -> f64 {
    let (mut squares, mut both) = (0.0_f64, 0_u32);
    for (&x, &y) in a.iter().zip(b) {
        let difference = f64::from(x) - f64::from(y);
        if !difference.is_nan() {
            squares += difference * difference;
            both += 1;
        }
    }
    match both {
        0 => f64::INFINITY,
        _ => squares / f64::from(both),
    }
}
