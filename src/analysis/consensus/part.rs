//! What was elected, of some of the samples.

use ndarray::{Array2, Axis};

use super::{Consensus, Votes, sizes};

impl Consensus {
    /// What was elected for the samples in these rows, and the number that each of the clusters had that are left: those that hold none of
    /// them go. How far clusterings agree stays what it was for all.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn of_samples(&self, rows: &[usize]) -> (Self, Vec<u32>) {
        let elected: Vec<u32> = rows.iter().map(|&row| self.labels[row]).collect();
        let sizes = sizes(&elected, self.votes.ncols());
        let numbers: Vec<usize> = (0..sizes.len()).filter(|&k| sizes[k] > 0).collect();
        let mut now = vec![0; sizes.len()];
        (0..).zip(&numbers).for_each(|(at, &k)| now[k] = at);
        let part = |all: &Array2<f32>| all.select(Axis(0), rows).select(Axis(1), &numbers);
        let kind = |kind: &Votes| Votes {
            votes: part(&kind.votes),
            ..kind.clone()
        };
        let consensus = Self {
            labels: elected.iter().map(|&k| now[k as usize]).collect(),
            votes: part(&self.votes),
            kinds: self.kinds.iter().map(kind).collect(),
            support: part(&self.support),
            distances: self.distances.as_ref().map(part),
            ..*self
        };
        (consensus, numbers.into_iter().map(|k| k as u32).collect())
    }
}
