//! Clusters and their centres.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Samples of one task.
const ROWS: usize = 4096;

/// Samples in every cluster; numbers that are not below `clusters` count nowhere.
pub fn sizes(labels: &[u32], clusters: usize) -> Vec<usize> {
    let mut sizes = vec![0; clusters];
    for &label in labels {
        if let Some(size) = sizes.get_mut(label as usize) {
            *size += 1;
        }
    }
    sizes
}

/// Samples that two clusterings put into each pair of clusters, `K x K`; all numbers are below `clusters`.
pub(super) fn overlaps(from: &[u32], to: &[u32], clusters: usize) -> Array2<i64> {
    let mut table = Array2::zeros((clusters, clusters));
    for (&a, &b) in from.iter().zip(to) {
        table[[a as usize, b as usize]] += 1;
    }
    table
}

/// The cluster of `to` that each cluster of `from` is found again in: they share more than half of the samples of both, so that none is
/// that of two others. All numbers are below `clusters`.
pub fn counterparts(from: &[u32], to: &[u32], clusters: usize) -> Vec<Option<u32>> {
    let shared = overlaps(from, to, clusters);
    let (old, new) = (shared.sum_axis(Axis(1)), shared.sum_axis(Axis(0)));
    let found = |a: usize| {
        let mut all = 0..clusters;
        all.find(|&b| 2 * shared[[a, b]] > old[a].max(new[b]))
    };
    (0..clusters).map(|a| found(a).map(|b| b as u32)).collect()
}

/// The mean of every cluster (numbers below `clusters`) of `points`, `n x d`; `None` for those without samples.
pub fn centres(
    points: ArrayView2<'_, f32>,
    labels: &[u32],
    clusters: usize,
) -> Vec<Option<Vec<f64>>> {
    let mut sums = Array2::<f64>::zeros((clusters, points.ncols()));
    for (point, &label) in points.rows().into_iter().zip(labels) {
        for (sum, &x) in sums.row_mut(label as usize).iter_mut().zip(point) {
            *sum += f64::from(x);
        }
    }
    let sizes = sizes(labels, clusters);
    let mean = |(sum, &size): (ArrayView1<'_, f64>, &usize)| {
        (size > 0).then(|| sum.iter().map(|s| s / size as f64).collect())
    };
    sums.rows().into_iter().zip(&sizes).map(mean).collect()
}

/// The nearest centre (`K x d`) of every point (`n x d`), the first of equals.
pub fn nearest(points: ArrayView2<'_, f32>, centres: ArrayView2<'_, f32>) -> Vec<u32> {
    let of = |point: ArrayView1<'_, f32>| {
        let distance = |k: usize| -> f32 {
            let each = point.iter().zip(centres.row(k));
            each.map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let better = |best: (usize, f32), k: usize| {
            let far = distance(k);
            if far < best.1 { (k, far) } else { best }
        };
        (0..centres.nrows()).fold((0, f32::INFINITY), better).0 as u32
    };
    let pieces: Vec<Vec<u32>> = points
        .axis_chunks_iter(Axis(0), ROWS)
        .into_par_iter()
        .map(|rows| rows.rows().into_iter().map(of).collect())
        .collect();
    pieces.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn clusters_are_known_by_their_samples() {
        let before = [0, 0, 0, 1, 1, 2, 2, 2, 2];
        // The first is another number, the second is split in halves, the third has lost one.
        let after = [3, 3, 3, 0, 1, 2, 2, 2, 1];
        let same = counterparts(&before, &after, 4);
        assert_eq!(same, [Some(3), None, Some(2), None]);
    }

    #[test]
    fn points_go_to_their_centres() {
        let points = array![[0.0, 0.0], [2.0, 0.0], [9.0, 1.0]];
        let found = centres(points.view(), &[0, 0, 1], 3);
        assert_eq!(found, [Some(vec![1.0, 0.0]), Some(vec![9.0, 1.0]), None]);
        let centres = array![[1.0, 0.0], [9.0, 1.0]];
        assert_eq!(nearest(points.view(), centres.view()), [0, 0, 1]);
    }
}
