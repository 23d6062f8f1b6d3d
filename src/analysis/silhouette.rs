//! Silhouette widths (Rousseeuw 1987): how much closer each sample is to its own cluster than to the
//! nearest other one. Euclidean, without an `n x n` matrix. Every width is exact; of very many samples
//! the mean is estimated from the widths of some.

use super::tiles::{CHUNK, LANES, Lanes, Real, Tiles};
use crate::job::{CancelToken, Cancelled};
use ndarray::ArrayView2;
use rand::{SeedableRng as _, seq::index};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::ops::Range;

/// Up to here double precision is used: it takes no noticeable time.
const FEW_SAMPLES: usize = 4_096;

/// Tiles one task compares with all samples.
const TASK: usize = 4;

/// Up to here the mean is exact. Beyond, it would take longer than the training step whose clusters
/// it judges: its cost grows with the square of the samples, the step's with their number.
pub const EXACT_SAMPLES: usize = 32_768;

/// Widths a mean is estimated from, at least.
const LEAST_WIDTHS: usize = 4_096;

/// Of a normal distribution, 95 % lies within so many standard deviations.
const CONFIDENCE: f64 = 1.96;

/// Fixed, so that the same samples are looked at in every epoch.
const SEED: u64 = 0;

/// The average silhouette width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AverageWidth {
    /// The mean, -1 to 1.
    pub value: f64,
    /// Half the width of its 95 % confidence interval where it is estimated; `None` where it is exact.
    pub error: Option<f64>,
}

/// The silhouette width of every sample, -1 to 1; 0 for the only member of a cluster.
///
/// `points` is `n x d`, `assignment` holds `n` cluster numbers (gaps allowed). `None` where the width
/// is undefined: fewer than two clusters, as many clusters as samples, values that are not finite, or
/// another number of assignments than samples.
///
/// # Errors
/// When cancelled.
pub fn samples(
    points: ArrayView2<'_, f32>,
    assignment: &[u32],
    cancel: &CancelToken,
) -> Result<Option<Vec<f64>>, Cancelled> {
    if points.nrows() <= FEW_SAMPLES {
        widths(points.mapv(f64::from).view(), assignment, None, cancel)
    } else {
        widths(points, assignment, None, cancel)
    }
}

/// The mean of [`samples`], the average silhouette width (ASW): exact up to [`EXACT_SAMPLES`], beyond
/// estimated from a simple random sample of the widths, with its error.
///
/// # Errors
/// When cancelled.
pub fn mean(
    points: ArrayView2<'_, f32>,
    assignment: &[u32],
    cancel: &CancelToken,
) -> Result<Option<AverageWidth>, Cancelled> {
    let count = points.nrows();
    if count <= EXACT_SAMPLES {
        let widths = samples(points, assignment, cancel)?;
        return Ok(widths.map(|widths| AverageWidth {
            value: widths.iter().sum::<f64>() / widths.len() as f64,
            error: None,
        }));
    }
    let looked_at = (EXACT_SAMPLES * EXACT_SAMPLES / count).max(LEAST_WIDTHS);
    estimate(points, assignment, looked_at, cancel)
}

/// The mean of some widths and what it tells of the mean of all.
fn estimate(
    points: ArrayView2<'_, f32>,
    assignment: &[u32],
    looked_at: usize,
    cancel: &CancelToken,
) -> Result<Option<AverageWidth>, Cancelled> {
    let count = points.nrows();
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let chosen = index::sample(&mut rng, count, looked_at.min(count)).into_vec();
    let Some(widths) = widths(points, assignment, Some(&chosen), cancel)? else {
        return Ok(None);
    };
    let n = widths.len() as f64;
    let value = widths.iter().sum::<f64>() / n;
    let variance = widths.iter().map(|w| (w - value).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    // Drawn without replacement: with all samples drawn there is no error.
    let left_out = 1.0 - n / count as f64;
    Ok(Some(AverageWidth {
        value,
        error: Some(CONFIDENCE * (variance / n * left_out).sqrt()),
    }))
}

/// The widths of all samples, or of those in `some`, in their order.
fn widths<T: Real>(
    points: ArrayView2<'_, T>,
    assignment: &[u32],
    some: Option<&[usize]>,
    cancel: &CancelToken,
) -> Result<Option<Vec<f64>>, Cancelled> {
    cancel.check()?;
    let count = points.nrows();
    if assignment.len() != count {
        return Ok(None);
    }
    // With the samples sorted by cluster, the sum of distances to a cluster is that of one stretch.
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&sample| assignment[sample]);
    let mut clusters: Vec<Range<usize>> = Vec::new();
    for members in order.chunk_by(|&a, &b| assignment[a] == assignment[b]) {
        let first = clusters.last().map_or(0, |last| last.end);
        clusters.push(first..first + members.len());
    }
    if clusters.len() < 2 || clusters.len() >= count {
        return Ok(None);
    }
    let all = Tiles::in_order(points, order.iter().copied());
    // Whose widths: their places among the sorted samples.
    let mut places: Vec<usize> = (0..count).collect();
    if let Some(some) = some {
        let mut place_of = vec![0; count];
        for (place, &sample) in order.iter().enumerate() {
            place_of[sample] = place;
        }
        places = some.iter().map(|&sample| place_of[sample]).collect();
    }
    let chosen = match some {
        Some(some) => &Tiles::in_order(points, some.iter().copied()),
        None => &all,
    };
    let found = (0..chosen.count().div_ceil(TASK))
        .into_par_iter()
        .map(|task| {
            let first = task * TASK;
            let last = (first + TASK).min(chosen.count());
            task_widths(chosen, &all, first..last, &places, &clusters, cancel)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let found: Vec<f64> = found.into_iter().flatten().collect();
    if !found.iter().all(|width| width.is_finite()) {
        return Ok(None);
    }
    if some.is_some() {
        return Ok(Some(found));
    }
    let mut widths = vec![0.0; count];
    for (&sample, width) in order.iter().zip(found) {
        widths[sample] = width;
    }
    Ok(Some(widths))
}

/// The widths of the samples of a few tiles of `chosen`, which stand at `places` among `all`.
fn task_widths<T: Real>(
    chosen: &Tiles<T>,
    all: &Tiles<T>,
    task: Range<usize>,
    places: &[usize],
    clusters: &[Range<usize>],
    cancel: &CancelToken,
) -> Result<Vec<f64>, Cancelled> {
    // For each tile and cluster the sum of the distances of each lane to the cluster's members.
    let mut sums: Vec<Lanes<f64>> = vec![[0.0; LANES]; task.len() * clusters.len()];
    for (number, cluster) in clusters.iter().enumerate() {
        cancel.check()?;
        for first in cluster.clone().step_by(CHUNK) {
            let rows = first..(first + CHUNK).min(cluster.end);
            for (tile, sums) in task.clone().zip(sums.chunks_mut(clusters.len())) {
                T::add_distances(chosen.tile(tile), all.rows(rows.clone()), &mut sums[number]);
            }
        }
    }
    let mut widths = Vec::with_capacity(task.len() * LANES);
    for (tile, sums) in task.zip(sums.chunks(clusters.len())) {
        for lane in 0..chosen.used_lanes(tile) {
            let sums = sums.iter().map(|sums| sums[lane]);
            widths.push(width(places[tile * LANES + lane], sums, clusters));
        }
    }
    Ok(widths)
}

/// The width of one sample from the sums of its distances to each cluster's members.
fn width(sample: usize, sums: impl Iterator<Item = f64>, clusters: &[Range<usize>]) -> f64 {
    let (mut own, mut nearest) = (0.0, f64::INFINITY);
    for (sum, cluster) in sums.zip(clusters) {
        if cluster.contains(&sample) {
            if cluster.len() == 1 {
                return 0.0;
            }
            own = sum / (cluster.len() - 1) as f64;
        } else if sum.is_nan() {
            return f64::NAN;
        } else {
            nearest = nearest.min(sum / cluster.len() as f64);
        }
    }
    let larger = own.max(nearest);
    // Samples that all lie in one place are as far from either cluster.
    if larger == 0.0 {
        0.0
    } else {
        (nearest - own) / larger
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    const GOLDEN: &str = include_str!("../../tests/golden/scores_golden.json");

    fn numbers(value: &serde_json::Value) -> Vec<f64> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|x| x.as_f64().unwrap()).collect()
    }

    #[test]
    fn every_width_matches_the_reference() {
        let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
        let mut cases = 0;
        for case in golden["cases"].as_array().unwrap() {
            let Some(rows) = case["points"].as_array() else {
                continue;
            };
            cases += 1;
            let points = Array2::from_shape_fn((rows.len(), 3), |(i, j)| numbers(&rows[i])[j]);
            let predicted = numbers(&case["predicted"]);
            let assignment: Vec<u32> = predicted.iter().map(|&x| x as u32).collect();
            let cancel = CancelToken::new();
            let got = widths(points.view(), &assignment, None, &cancel)
                .unwrap()
                .unwrap();
            for (got, expected) in got.iter().zip(numbers(&case["silhouette"])) {
                assert!((got - expected).abs() < 1e-9, "{got}, not {expected}");
            }
            let single = points.mapv(|x| x as f32);
            let asw = mean(single.view(), &assignment, &cancel).unwrap().unwrap();
            assert_eq!(asw.error, None);
            assert!((asw.value - case["asw"].as_f64().unwrap()).abs() < 1e-6);
            let fast = widths(single.view(), &assignment, None, &cancel)
                .unwrap()
                .unwrap();
            let asw = fast.iter().sum::<f64>() / fast.len() as f64;
            assert!((asw - case["asw"].as_f64().unwrap()).abs() < 1e-6);
        }
        assert!(cases >= 4);
    }

    #[test]
    fn the_estimate_lies_within_its_error() {
        let points = Array2::from_shape_fn((3_000, 4), |(i, j)| {
            ((i * 7_919 + j * 104_729) % 1_009) as f32 / 300.0 + (i % 3) as f32
        });
        let assignment: Vec<u32> = (0..3_000).map(|i| i % 3).collect();
        let cancel = CancelToken::new();
        let exact = mean(points.view(), &assignment, &cancel).unwrap().unwrap();
        let of = |some| {
            estimate(points.view(), &assignment, some, &cancel)
                .unwrap()
                .unwrap()
        };
        let some = of(400);
        let error = some.error.unwrap();
        assert!(
            error > 0.0 && (some.value - exact.value).abs() < 2.0 * error,
            "{some:?}"
        );
        let all = of(3_000);
        assert!(all.error.unwrap() < 1e-9 && (all.value - exact.value).abs() < 1e-6);
        assert!(of(1_600).error.unwrap() < error);
    }

    #[test]
    fn undefined_is_none() {
        let points = array![[0.0f32], [1.0], [2.0]];
        let of = |assignment: &[u32]| mean(points.view(), assignment, &CancelToken::new());
        assert_eq!(of(&[4, 4, 4]), Ok(None));
        assert_eq!(of(&[0, 1, 2]), Ok(None));
        assert_eq!(of(&[0, 1]), Ok(None));
        assert_eq!(
            mean(Array2::zeros((0, 2)).view(), &[], &CancelToken::new()),
            Ok(None)
        );
        let bad = array![[0.0f32], [f32::NAN], [2.0]];
        assert_eq!(mean(bad.view(), &[0, 0, 1], &CancelToken::new()), Ok(None));
    }

    #[test]
    fn one_place_is_neither_near_nor_far() {
        let points = Array2::<f32>::ones((6, 2));
        let widths = samples(points.view(), &[0, 0, 0, 1, 1, 1], &CancelToken::new());
        assert_eq!(widths, Ok(Some(vec![0.0; 6])));
    }

    #[test]
    fn threads_do_not_matter() {
        let points = Array2::from_shape_fn((999, 6), |(i, j)| ((i * 31 + j * 17) % 97) as f32);
        let assignment: Vec<u32> = (0..999).map(|i| (i % 7) * 3).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let run = || widths(points.view(), &assignment, None, &CancelToken::new());
            pool.unwrap().install(run).unwrap().unwrap()
        };
        assert_eq!(on(1), on(2));
    }

    #[test]
    fn a_cancel_ends_it() {
        let cancel = CancelToken::new();
        cancel.cancel();
        let points = array![[0.0f32], [1.0], [2.0]];
        assert_eq!(mean(points.view(), &[0, 0, 1], &cancel), Err(Cancelled));
    }
}
