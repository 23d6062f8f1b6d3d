//! What several clusterings of the same samples agree on.

use ndarray::{Array2, ArrayView2};
use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;
use rayon::prelude::*;

use super::scores;
use crate::job::{CancelToken, Cancelled};

/// What several clusterings agree on.
///
/// The clustering that the others agree with most (by their mean adjusted Rand index) is chosen; the clusters of the
/// others are matched to its clusters one to one (Hungarian algorithm, as in Dudoit and Fridlyand 2003), and every clustering has
/// one vote on every sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Consensus {
    /// The chosen clustering.
    pub chosen: usize,
    /// Mean adjusted Rand index of every clustering with the others; 1 for a single one.
    pub agreement: Vec<f64>,
    /// Its clusters.
    pub chosen_labels: Vec<u32>,
    /// Share of the votes of every sample for every cluster of the chosen clustering, `n x K`.
    pub votes: Array2<f32>,
}

impl Consensus {
    /// The consensus of clusterings (at least one) into `clusters` clusters, cluster numbers below that.
    ///
    /// # Errors
    /// When cancelled.
    pub fn of(
        labels: &[Vec<u32>],
        clusters: usize,
        cancel: &CancelToken,
    ) -> Result<Self, Cancelled> {
        let count = labels.len();
        let pairs: Vec<(usize, usize)> = (0..count)
            .flat_map(|a| (a + 1..count).map(move |b| (a, b)))
            .collect();
        let scored: Vec<f64> = pairs
            .par_iter()
            .map(|&(a, b)| {
                cancel.check()?;
                Ok(scores::adjusted_rand_index(&labels[a], &labels[b]))
            })
            .collect::<Result<_, Cancelled>>()?;
        let mut agreement = vec![if count < 2 { 1.0 } else { 0.0 }; count];
        for (&(a, b), score) in pairs.iter().zip(scored) {
            for one in [a, b] {
                agreement[one] += score / (count - 1) as f64;
            }
        }
        let better = |best: usize, one: usize| match agreement[one] > agreement[best] {
            true => one,
            false => best,
        };
        let chosen = (0..count).fold(0, better);
        let samples = labels.first().map_or(0, Vec::len);
        let mut votes = Array2::zeros((samples, clusters));
        for others in labels {
            cancel.check()?;
            let matched = matching(others, &labels[chosen], clusters);
            for (i, &label) in others.iter().enumerate() {
                votes[[i, matched[label as usize]]] += 1.0 / count as f32;
            }
        }
        Ok(Self {
            chosen,
            chosen_labels: labels.get(chosen).cloned().unwrap_or_default(),
            agreement,
            votes,
        })
    }

    /// What the votes make likely, with one more vote for every cluster: the squares of their shares, as the target
    /// distribution squares the soft assignment; rows are not normalised.
    pub fn prior(&self) -> Array2<f32> {
        let (count, clusters) = (self.agreement.len() as f32, self.votes.ncols() as f32);
        let smoothed = |share: f32| ((share * count + 1.0) / (count + clusters)).powi(2);
        self.votes.mapv(smoothed)
    }

    /// The cluster with most votes of every sample, the first of equals.
    pub fn labels(&self) -> Vec<u32> {
        let most = |row: ndarray::ArrayView1<'_, f32>| {
            let better = |best: usize, k: usize| if row[k] > row[best] { k } else { best };
            (0..row.len()).fold(0, better) as u32
        };
        self.votes.rows().into_iter().map(most).collect()
    }
}

/// For every cluster of `from` a cluster of `to`, one to one, so that as many samples as possible agree.
fn matching(from: &[u32], to: &[u32], clusters: usize) -> Vec<usize> {
    let mut table = Matrix::new(clusters, clusters, 0_i64);
    for (&a, &b) in from.iter().zip(to) {
        table[(a as usize, b as usize)] += 1;
    }
    kuhn_munkres(&table).1
}

/// How much the votes of a sample go against its cluster: the share of clusterings that put it elsewhere, 0 to 1.
/// `votes` is `n x K`, as of [`Consensus`].
pub fn disagreement(votes: ArrayView2<'_, f32>, labels: &[u32]) -> Vec<f32> {
    let rows = votes.rows().into_iter().zip(labels);
    rows.map(|(row, &label)| (1.0 - row[label as usize]).clamp(0.0, 1.0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_others_agree_with_is_chosen_and_names_are_matched() {
        let labels = [
            vec![0, 1, 0, 1, 0, 1],
            vec![0, 0, 0, 1, 1, 1],
            // The same with other names, and with one sample elsewhere.
            vec![1, 1, 1, 0, 0, 0],
            vec![1, 1, 0, 0, 0, 0],
        ];
        let consensus = Consensus::of(&labels, 2, &CancelToken::new()).unwrap();
        assert_eq!(consensus.chosen, 1);
        assert_eq!(consensus.labels(), labels[1]);
        assert!(consensus.agreement[1] > consensus.agreement[0]);
        assert_eq!(consensus.votes.row(0).to_vec(), [1.0, 0.0]);
        let doubt = disagreement(consensus.votes.view(), &consensus.labels());
        assert_eq!(doubt, [0.0, 0.25, 0.25, 0.0, 0.25, 0.0]);
    }

    #[test]
    fn a_single_clustering_agrees_with_itself() {
        let consensus = Consensus::of(&[vec![0, 2, 1]], 3, &CancelToken::new()).unwrap();
        assert_eq!((consensus.chosen, consensus.agreement), (0, vec![1.0]));
        assert_eq!(consensus.votes.diag().to_vec(), [1.0, 0.0, 0.0]);
    }
}
