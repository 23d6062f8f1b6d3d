//! How clearly a sample belongs to its cluster, judged by the shape of the clusters.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{clusters::centres, whitening::Whitening};

/// Share of the mean variance added to every direction, so that none is without.
const RIDGE: f64 = 1e-3;

/// Samples of one task; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 1024;

/// Ambiguity of every sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ambiguity {
    /// 0 (clear) to 1 (as likely in two clusters).
    #[serde(with = "crate::store::bits")]
    pub value: Vec<f32>,
    /// The two clusters in question, the likelier first.
    #[serde(with = "crate::store::bits")]
    pub between: Vec<[u32; 2]>,
}

impl Ambiguity {
    /// Ambiguity of samples by their [`distances`] to every cluster (`n x K`) in embeddings of width `d`.
    ///
    /// With `D` the distances to the two nearest clusters, the second counts `exp(-(D2 - D1) / d)` times as much as the
    /// first, and the value is twice its share of the two. Dividing by `d`, not by 2, tempers the odds, as learned
    /// directions are not evidence of their own each; it leaves the order of the samples alone. 0 where there are fewer than
    /// two clusters that hold samples.
    pub fn of(distances: ArrayView2<'_, f32>, d: usize) -> Self {
        let of_one = |distances: ArrayView1<'_, f32>| {
            let mut best = [(f32::INFINITY, 0); 2];
            for (k, &far) in distances.iter().enumerate() {
                if far < best[0].0 {
                    best = [(far, k as u32), best[0]];
                } else if far < best[1].0 {
                    best[1] = (far, k as u32);
                }
            }
            if best[1].0 == f32::INFINITY {
                return (0.0, [best[0].1; 2]);
            }
            let odds = (f64::from(best[0].0 - best[1].0) / d.max(1) as f64).exp();
            ((2.0 * odds / (1.0 + odds)) as f32, best.map(|(_, k)| k))
        };
        let (value, between) = distances.rows().into_iter().map(of_one).unzip();
        Self { value, between }
    }
}

/// The squared distance of every sample (`points`, `n x d`) to the centre of every cluster (`labels`, below `clusters`),
/// `n x K`; infinite for clusters without samples.
///
/// The clusters are taken as normal distributions with a common covariance (Fisher's linear discriminants), so
/// that directions in which clusters are wide anyway count less: these are Mahalanobis distances.
pub fn distances(points: ArrayView2<'_, f32>, labels: &[u32], clusters: usize) -> Array2<f32> {
    let centres = centres(points, labels, clusters);
    let whitening = Whitening::of(points, labels, &centres, RIDGE);
    let white = |centre: &Option<Vec<f64>>| {
        let centre = centre.as_ref()?;
        Some(whitening.apply(centre.iter().copied()))
    };
    let white: Vec<Option<Vec<f64>>> = centres.iter().map(white).collect();
    let mut found = Array2::zeros((points.nrows(), clusters));
    found
        .axis_chunks_iter_mut(Axis(0), ROWS)
        .into_par_iter()
        .zip(points.axis_chunks_iter(Axis(0), ROWS))
        .for_each(|(mut found, points)| {
            for (mut found, point) in found.rows_mut().into_iter().zip(points.rows()) {
                let point = whitening.apply(point.iter().map(|&x| f64::from(x)));
                for (far, centre) in found.iter_mut().zip(&white) {
                    let squares = |centre: &Vec<f64>| -> f64 {
                        let each = centre.iter().zip(&point);
                        each.map(|(a, b)| (a - b) * (a - b)).sum()
                    };
                    *far = centre.as_ref().map_or(f32::INFINITY, |c| squares(c) as f32);
                }
            }
        });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ambiguity(points: &Array2<f32>, labels: &[u32], clusters: usize) -> Ambiguity {
        let distances = distances(points.view(), labels, clusters);
        Ambiguity::of(distances.view(), points.ncols())
    }

    #[test]
    fn the_shape_of_the_clusters_counts() {
        // Two long clusters side by side: what lies far along them is clear, what lies between them is not.
        let mut points = Vec::new();
        let mut labels = Vec::new();
        for i in 0..100 {
            let along = i as f32 - 49.5;
            let side = if i % 2 == 0 { 0.3 } else { -0.3 };
            points.extend([along, side, along, 4.0 + side]);
            labels.extend([0, 1]);
        }
        points.extend([0.0, 2.0, 49.0, 0.1]);
        labels.extend([0, 0]);
        let points = Array2::from_shape_vec((202, 2), points).unwrap();
        let found = ambiguity(&points, &labels, 3);
        assert!(found.value[200] > 0.5, "{}", found.value[200]);
        assert!(found.value[201] < 1e-3, "{}", found.value[201]);
        assert_eq!(found.between[201], [0, 1]);
        assert!(found.value.iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn odd_data_do_not_fail() {
        let alike = Array2::ones((4, 3));
        let one = ambiguity(&alike, &[0, 0, 0, 0], 2);
        assert_eq!((one.value, one.between[0]), (vec![0.0; 4], [0, 0]));
        let two = ambiguity(&alike, &[0, 1, 0, 1], 2);
        assert_eq!(two.value, [1.0; 4]);
        let none = ambiguity(&Array2::zeros((0, 3)), &[], 2);
        assert!(none.value.is_empty());
    }
}
