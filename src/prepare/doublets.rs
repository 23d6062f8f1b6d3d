//! Which samples may be two cells in one droplet (Wolock, Lopez and Klein 2019).
//!
//! Pairs of samples are added up to doublets that are known to be some; a sample with many of these among its nearest neighbours may
//! be one itself. Between counts and principal components all is linear but for the totals, so a simulated doublet lies where the mean of
//! its two samples lies, each weighted by its total: no counts need to be added.

use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{
    Histogram, PrepareError, pca,
    stats::Moments,
    view::{Change, View},
};
use crate::{
    analysis::neighbours,
    data::{Matrix, Storage},
    job::CancelToken,
};

/// Doublets that are simulated for every sample, and how often: one simulation alone is noisy, the mean of a few is not.
const RATIO: usize = 2;
const SIMULATIONS: usize = 5;

/// Share of samples that are expected to be doublets.
const EXPECTED: f64 = 0.1;

/// Share of the features that are not looked at: the least variable ones.
const STEADY: f64 = 0.85;

/// Samples that must have a feature, with at least so many counts once all samples are brought to the mean total.
const SAMPLES: u32 = 3;
const COUNTS: f64 = 3.0;

/// Components in which neighbours are looked for.
const COMPONENTS: usize = 30;

/// How likely every sample of counts (samples x features, without missing values) is a doublet, 0 to 1; the same for the same counts.
/// Samples without counts, and all if no feature varies, have 0. Scores tell two unlike cells in a droplet, not two alike.
///
/// # Errors
/// If values on disk cannot be read, or when cancelled.
pub fn doublet_scores(counts: &Matrix, cancel: &CancelToken) -> Result<Vec<f32>, PrepareError> {
    let mut view = View::new(counts.clone());
    let samples = view.samples();
    let totals = view.totals(cancel)?;
    let mean = totals.iter().sum::<f64>() / samples.max(1) as f64;
    let factor = |total: &f64| if *total > 0.0 { mean / total } else { 0.0 };
    view.change(Change::Scale(totals.iter().map(factor).collect()));
    let kept = features(&view, cancel)?;
    if kept.is_empty() || samples < 3 {
        return Ok(vec![0.0; samples]);
    }
    view.keep(&kept);
    let moments = Moments::of(&view, cancel)?;
    let unit = |m: &Moments| {
        if m.squares > 0.0 {
            (samples as f64 / m.squares).sqrt()
        } else {
            0.0
        }
    };
    let units: Vec<f64> = moments.iter().map(unit).collect();
    view.change(Change::ScaleColumns(view.of_columns(&units, 0.0)));
    let found = pca::components(&view, true, COMPONENTS, 1, Storage::Memory, cancel)?;
    let Some(found) = found else {
        return Ok(vec![0.0; samples]);
    };
    let width = found.scores.features();
    let mut points = vec![0.0; samples * width];
    found.scores.copy_rows(0..samples, &mut points);
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut scores = vec![0.0; samples];
    for _ in 0..SIMULATIONS {
        let with = with_doublets(&points, &totals, width, &mut rng);
        let simulated = simulated_near(with, samples, cancel)?;
        for (score, share) in scores.iter_mut().zip(simulated) {
            *score += likely(share) / SIMULATIONS as f64;
        }
    }
    let of = scores.iter().zip(&totals);
    let score = |(&score, &total): (&f64, &f64)| if total > 0.0 { score as f32 } else { 0.0 };
    Ok(of.map(score).collect())
}

/// The samples and, behind them, doublets of pairs of them drawn at random.
fn with_doublets(
    points: &[f32],
    totals: &[f64],
    width: usize,
    rng: &mut ChaCha8Rng,
) -> Array2<f32> {
    let samples = totals.len();
    let mut all = points.to_vec();
    for _ in 0..RATIO * samples {
        let [a, b] = [0; 2].map(|_| rng.random_range(0..samples));
        let both = totals[a] + totals[b];
        let share = if both > 0.0 {
            (totals[a] / both) as f32
        } else {
            0.5
        };
        for at in 0..width {
            let (x, y) = (points[a * width + at], points[b * width + at]);
            all.push(share * x + (1.0 - share) * y);
        }
    }
    Array2::from_shape_vec((samples * (1 + RATIO), width), all).expect("a point a sample")
}

/// The share of simulated doublets among the nearest neighbours of every sample.
fn simulated_near(
    points: Array2<f32>,
    samples: usize,
    cancel: &CancelToken,
) -> Result<Vec<f64>, PrepareError> {
    let own = (0.5 * (samples as f64).sqrt()).round().max(1.0);
    let asked = ((own * (1 + RATIO) as f64).round() as usize).min(points.nrows() - 1);
    let nearest = neighbours::nearest(points.view(), asked + 1, cancel)?;
    let share = |sample: usize| {
        let near = nearest.indices.row(sample);
        let simulated = near.iter().skip(1).filter(|&&at| at as usize >= samples);
        (simulated.count() as f64 + 1.0) / (asked as f64 + 2.0)
    };
    Ok((0..samples).into_par_iter().map(share).collect())
}

/// How likely a sample with this share of simulated doublets around it is one (equation 5 of the paper).
fn likely(share: f64) -> f64 {
    let ratio = RATIO as f64;
    let doublet = share * EXPECTED / ratio;
    doublet / (1.0 - EXPECTED - share * (1.0 - EXPECTED - EXPECTED / ratio))
}

/// The features to look at, of counts brought to the mean total: common ones that vary more than noise does.
fn features(view: &View, cancel: &CancelToken) -> Result<Vec<u32>, PrepareError> {
    let held = view.samples_with(|x| f64::from(x) >= COUNTS, cancel)?;
    let moments = Moments::of(view, cancel)?;
    let samples = view.samples() as f64;
    let there: Vec<(u32, f64, f64)> = (0..)
        .zip(&moments)
        .map(|(at, m)| (at, m.mean, m.squares / samples))
        .filter(|(_, mean, variance)| *mean > 0.0 && *variance > 0.0)
        .collect();
    let noise = noise(&there);
    let above: Vec<(u32, f64)> = there
        .iter()
        .map(|&(at, mean, variance)| (at, variance / mean / (noise[0] + noise[1] * mean)))
        .collect();
    let mut sorted: Vec<f64> = above.iter().map(|&(_, above)| above).collect();
    sorted.sort_by(f64::total_cmp);
    let place = STEADY * sorted.len().saturating_sub(1) as f64;
    let least = sorted
        .get(place.ceil() as usize)
        .copied()
        .unwrap_or_default();
    let kept = |&&(at, above): &&(u32, f64)| above >= least && held[at as usize] >= SAMPLES;
    Ok(above.iter().filter(kept).map(|&(at, _)| at).collect())
}

/// The noise of counts: their variance over their mean is expected to be a constant and so many times the mean (Klein et al. 2015). The
/// constant is what most features have, 1 at least; the other number goes below the least variable features of every mean.
fn noise(features: &[(u32, f64, f64)]) -> [f64; 2] {
    const BINS_OF_RATIOS: usize = 200;
    const BINS_OF_MEANS: usize = 50;
    let ratios: Vec<f64> = features
        .iter()
        .map(|(_, mean, variance)| (variance / mean).ln())
        .collect();
    let of_ratios = Histogram::of(&ratios, BINS_OF_RATIOS);
    // Of equal ones the first.
    let most = (0..BINS_OF_RATIOS)
        .rev()
        .max_by_key(|&bin| of_ratios.counts[bin])
        .unwrap_or_default();
    let constant = of_ratios.middle(most).exp().max(1.0);
    let means: Vec<f64> = features.iter().map(|(_, mean, _)| mean.ln()).collect();
    let of_means = Histogram::of(&means, BINS_OF_MEANS);
    let mut lowest = [f64::NAN; BINS_OF_MEANS];
    for (mean, ratio) in means.iter().zip(&ratios) {
        let bin = ((mean - of_means.low) / of_means.width).floor();
        if (0.0..BINS_OF_MEANS as f64).contains(&bin) {
            // The logarithm of the squared coefficient of variation.
            let lowest = &mut lowest[bin as usize];
            *lowest = lowest.min(ratio - mean);
        }
    }
    for bin in 1..BINS_OF_MEANS {
        if lowest[bin].is_nan() {
            lowest[bin] = lowest[bin - 1];
        }
    }
    let far = |slope: f64| -> f64 {
        let bins = lowest.iter().enumerate().filter(|(_, y)| !y.is_nan());
        bins.map(|(bin, y)| ((constant * (-of_means.middle(bin)).exp() + slope).ln() - y).abs())
            .sum()
    };
    // A grid, and finer ones around its best.
    let (mut best, mut step) = (0.0, 1.0);
    while step > 1e-4 {
        let from: f64 = best;
        for at in -10..=10 {
            let slope = (from + step * f64::from(at)).max(0.0);
            if far(slope) < far(best) {
                best = slope;
            }
        }
        step /= 5.0;
    }
    [constant, best]
}
