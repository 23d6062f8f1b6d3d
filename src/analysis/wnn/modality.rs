//! One modality: neighbours within it, and the scale of distances around every sample.

use super::WnnSpec;
use crate::{
    analysis::neighbours,
    job::{CancelToken, Cancelled},
};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Values beyond this could overflow `f32` when squared and summed.
const LARGEST: f32 = 1e16;

pub(super) struct Modality {
    /// The values, row by row.
    points: Vec<f32>,
    features: usize,
    /// The other samples nearest to each, the nearest first; fewer than the width of the table
    /// are followed by the sample itself.
    nearest: Array2<u32>,
    /// How many of them predict a sample.
    predictors: usize,
    measured: Vec<bool>,
    /// Share of the nearest that were found, where not all were.
    pub(super) recall: Option<f64>,
    /// Distance of each sample to its nearest other.
    gaps: Vec<f64>,
    /// Distance that counts as far from each sample.
    bandwidths: Vec<f64>,
}

impl Modality {
    pub(super) fn learn(
        points: ArrayView2<'_, f32>,
        spec: &WnnSpec,
        cancel: &CancelToken,
    ) -> Result<Self, Cancelled> {
        let usable = |row: ArrayView1<'_, f32>| row.iter().all(|x| x.abs() <= LARGEST);
        let measured: Vec<bool> = points.rows().into_iter().map(usable).collect();
        let rows: Vec<usize> = (0..measured.len()).filter(|&i| measured[i]).collect();
        let predictors = spec.neighbours.max(2) - 1;
        let others = spec
            .candidates
            .max(predictors)
            .min(rows.len().saturating_sub(1));
        let among = points.select(Axis(0), &rows);
        let found = neighbours::nearest(among.view(), others + 1, cancel)?;
        let mut nearest = Array2::from_shape_fn((points.nrows(), others), |(i, _)| i as u32);
        let mut gaps = vec![0.0; points.nrows()];
        for (found_at, &sample) in rows.iter().enumerate() {
            let others = found.indices.row(found_at).into_iter().skip(1);
            let mut row = nearest.row_mut(sample);
            for (to, &other) in row.iter_mut().zip(others) {
                *to = rows[other as usize] as u32;
            }
            let gap = found.distances.get([found_at, 1]);
            gaps[sample] = gap
                .copied()
                .filter(|gap| gap.is_finite())
                .map_or(0.0, f64::from);
        }
        let mut modality = Self {
            points: points.iter().copied().collect(),
            features: points.ncols(),
            nearest,
            predictors,
            measured,
            recall: found.recall,
            gaps,
            bandwidths: Vec::new(),
        };
        modality.bandwidths = modality.bandwidths(spec.bandwidth_neighbours.max(1), cancel)?;
        Ok(modality)
    }

    pub(super) fn samples(&self) -> usize {
        self.measured.len()
    }

    pub(super) fn measured(&self, sample: usize) -> bool {
        self.measured[sample]
    }

    /// The other samples nearest to one, the nearest first.
    pub(super) fn nearest(&self, sample: usize) -> impl Iterator<Item = usize> {
        let row = self.nearest.row(sample);
        let others = row.into_iter().map(|&other| other as usize);
        others.filter(move |&other| other != sample)
    }

    /// Those from which it is predicted.
    pub(super) fn predictors(&self, sample: usize) -> impl Iterator<Item = usize> {
        self.nearest(sample).take(self.predictors)
    }

    fn row(&self, sample: usize) -> &[f32] {
        &self.points[sample * self.features..][..self.features]
    }

    fn distance(&self, a: usize, b: usize) -> f64 {
        f64::from(squared_distance(self.row(a), self.row(b)).sqrt())
    }

    /// How near another sample lies, from 1 (in the same place) down to 0.
    pub(super) fn nearness(&self, sample: usize, other: usize) -> f64 {
        decay(self.distance(sample, other), self.bandwidths[sample])
    }

    /// How well the mean of some samples predicts another, from 1 (no farther than its nearest neighbour) down
    /// to 0; `None` if none of them was measured.
    pub(super) fn affinity(
        &self,
        sample: usize,
        predictors: impl Iterator<Item = usize>,
    ) -> Option<f64> {
        let mut mean = vec![0.0; self.features];
        let mut count = 0.0;
        for other in predictors.filter(|&other| self.measured[other]) {
            count += 1.0;
            for (sum, &x) in mean.iter_mut().zip(self.row(other)) {
                *sum += f64::from(x);
            }
        }
        if count == 0.0 {
            return None;
        }
        let pairs = mean.iter().zip(self.row(sample));
        let squares = pairs.map(|(sum, &x)| (sum / count - f64::from(x)).powi(2));
        let gap = self.gaps[sample];
        let excess = squares.sum::<f64>().sqrt() - gap;
        Some(decay(excess.max(0.0), self.bandwidths[sample] - gap))
    }

    /// The mean distance of every sample to those that share fewest neighbours with it but at least one
    /// (lowest Jaccard index above 0), the farthest of equals first: the far side of its surroundings. 0 where
    /// there are none.
    fn bandwidths(&self, most: usize, cancel: &CancelToken) -> Result<Vec<f64>, Cancelled> {
        let finders = self.finders();
        let bandwidth = |(shared, touched): &mut (Vec<u32>, Vec<usize>), sample: usize| {
            cancel.check()?;
            for neighbour in self.predictors(sample) {
                for &other in &finders[neighbour] {
                    let other = other as usize;
                    if shared[other] == 0 {
                        touched.push(other);
                    }
                    shared[other] += 1;
                }
            }
            // All have as many neighbours, so the Jaccard index rises with the number that is shared.
            let mut around: Vec<(u32, usize)> = touched
                .drain(..)
                .map(|other| (std::mem::take(&mut shared[other]), other))
                .filter(|&(_, other)| other != sample)
                .collect();
            let highest = match around.len() > most {
                true => around.select_nth_unstable(most - 1).1.0,
                false => u32::MAX,
            };
            let mut far: Vec<(u32, f64)> = around
                .into_iter()
                .filter(|&(shared, _)| shared <= highest)
                .map(|(shared, other)| (shared, self.distance(sample, other)))
                .collect();
            if far.len() > most {
                let by = |a: &(u32, f64), b: &(u32, f64)| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1));
                far.select_nth_unstable_by(most - 1, by);
                far.truncate(most);
            }
            // In order of their size, so that the sum does not depend on how they were selected.
            far.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
            let sum: f64 = far.iter().map(|&(_, distance)| distance).sum();
            Ok(sum / far.len().max(1) as f64)
        };
        let scratch = || (vec![0; self.samples()], Vec::new());
        (0..self.samples())
            .into_par_iter()
            .with_min_len(256)
            .map_init(scratch, bandwidth)
            .collect()
    }

    /// For every sample those that have it among their predictors.
    fn finders(&self) -> Vec<Vec<u32>> {
        let mut finders = vec![Vec::new(); self.samples()];
        for sample in 0..self.samples() {
            for neighbour in self.predictors(sample) {
                finders[neighbour].push(sample as u32);
            }
        }
        finders
    }
}

/// Summed in eight lanes, which the compiler keeps in registers.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a.remainder().iter().zip(b.remainder());
    let rest: f32 = rest.map(|(x, y)| (x - y) * (x - y)).sum();
    for (a, b) in a.zip(b) {
        for ((lane, x), y) in lanes.iter_mut().zip(a).zip(b) {
            *lane += (x - y) * (x - y);
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// `exp(-distance / scale)`; of no scale, whether there is no distance.
fn decay(distance: f64, scale: f64) -> f64 {
    if scale > 0.0 {
        (-distance / scale).exp()
    } else if distance > 0.0 {
        0.0
    } else {
        1.0
    }
}
