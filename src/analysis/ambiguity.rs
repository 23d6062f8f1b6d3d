//! How clearly a sample belongs to its cluster, judged by the shape of the clusters.

use ndarray::{ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

use super::{clusters::centres, whitening::Whitening};

/// Share of the mean variance added to every direction, so that none is without.
const RIDGE: f64 = 1e-3;

/// Samples of one task; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 1024;

/// Ambiguity of every sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ambiguity {
    /// 0 (clear) to 1 (as likely in two clusters).
    pub value: Vec<f32>,
    /// The two clusters in question, the likelier first.
    pub between: Vec<[u32; 2]>,
}

impl Ambiguity {
    /// Ambiguity of samples (`points`, `n x d`) in clusters (numbers below `clusters`).
    ///
    /// The clusters are taken as normal distributions with a common covariance (Fisher's linear discriminants), so
    /// that directions in which clusters are wide anyway count less: `D` are the squared Mahalanobis distances to the
    /// two nearest centres. The second counts `exp(-(D2 - D1) / d)` times as much as the first, and the value is twice its share
    /// of the two. Dividing by `d`, not by 2, tempers the odds, as learned directions are not evidence of their own each; it
    /// leaves the order of the samples alone. 0 where there are fewer than two clusters that hold samples.
    pub fn of(points: ArrayView2<'_, f32>, labels: &[u32], clusters: usize) -> Self {
        let centres = centres(points, labels, clusters);
        let held: Vec<usize> = (0..clusters).filter(|&k| centres[k].is_some()).collect();
        if held.len() < 2 {
            let own = labels.iter().map(|&label| [label, label]);
            return Self {
                value: vec![0.0; labels.len()],
                between: own.collect(),
            };
        }
        let whitening = Whitening::of(points, labels, &centres, RIDGE);
        let centre = |&k: &usize| whitening.apply(centres[k].iter().flatten().copied());
        let white: Vec<Vec<f64>> = held.iter().map(centre).collect();
        let of_one = |point: ArrayView1<'_, f32>| {
            let point = whitening.apply(point.iter().map(|&x| f64::from(x)));
            let mut best = [(f64::INFINITY, 0); 2];
            for (centre, &k) in white.iter().zip(&held) {
                let each = centre.iter().zip(&point);
                let far: f64 = each.map(|(a, b)| (a - b) * (a - b)).sum();
                if far < best[0].0 {
                    best = [(far, k as u32), best[0]];
                } else if far < best[1].0 {
                    best[1] = (far, k as u32);
                }
            }
            let odds = ((best[0].0 - best[1].0) / point.len().max(1) as f64).exp();
            ((2.0 * odds / (1.0 + odds)) as f32, best.map(|(_, k)| k))
        };
        let pieces: Vec<Vec<(f32, [u32; 2])>> = points
            .axis_chunks_iter(Axis(0), ROWS)
            .into_par_iter()
            .map(|rows| rows.rows().into_iter().map(of_one).collect())
            .collect();
        let (value, between) = pieces.into_iter().flatten().unzip();
        Self { value, between }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

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
        let found = Ambiguity::of(points.view(), &labels, 3);
        assert!(found.value[200] > 0.5, "{}", found.value[200]);
        assert!(found.value[201] < 1e-3, "{}", found.value[201]);
        assert_eq!(found.between[201], [0, 1]);
        assert!(found.value.iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn odd_data_do_not_fail() {
        let alike = Array2::ones((4, 3));
        let one = Ambiguity::of(alike.view(), &[0, 0, 0, 0], 2);
        assert_eq!((one.value, one.between[0]), (vec![0.0; 4], [0, 0]));
        let two = Ambiguity::of(alike.view(), &[0, 1, 0, 1], 2);
        assert_eq!(two.value, [1.0; 4]);
        let none = Ambiguity::of(Array2::zeros((0, 3)).view(), &[], 2);
        assert!(none.value.is_empty());
    }
}
