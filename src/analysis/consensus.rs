//! What several clusterings of the same samples agree on.

mod halves;
mod kinds;
mod part;
mod witnesses;

pub use kinds::{Voter, Votes};

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    clusters::{overlaps, sizes},
    scores,
};
use crate::job::{CancelToken, Cancelled};

/// Rounds of voting at most; a few are enough.
const ROUNDS: usize = 10;

/// Samples of one task; fixed, so that sums do not depend on the number of threads.
const ROWS: usize = 4096;

/// The power of the support that is the prior of stage 2: without looks its square, as the target distribution squares the soft
/// assignment. Looks err each in a way of its own, so that of a hundred even a small lead is no chance, and one embedding says less
/// than they do: with the square, stage 2 took up to 8 % of the samples out of the clusters that looks had elected, and lost an
/// accuracy of 0.07 by it (0.01 at most with the eighth power, on five labelled sets).
const SHARPNESS: [i32; 2] = [2, 8];

/// What several clusterings agree on.
///
/// The clustering that the others agree with most (by their mean adjusted Rand index) comes first, and the clusters of
/// the others are matched to its clusters one to one (Hungarian algorithm, as in Dudoit and Fridlyand 2003). Every
/// clustering then has one vote on every sample, and the matching is repeated with what the votes elect until they elect
/// the same again.
///
/// Where clusterings split and merge differently, no one-to-one matching does them justice. So from there on, a
/// clustering spreads its vote on a sample over the elected clusters by how likely each of these makes the sample's
/// cluster there, whatever their sizes (soft correspondence, after Long, Zhang and Yu 2005), again until the same are
/// elected: the *support*.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Consensus {
    /// How many clusterings voted.
    pub clusterings: usize,
    /// How many of them are looks at the data, see [`Ballot`].
    pub looks: usize,
    /// Mean agreement of two of them, see [`Ballot::agreement`]; or how far other looks confirm what was elected, see [`Ballot::add_witness`].
    pub agreement: Option<f64>,
    /// Mean agreement (adjusted Rand index) of what one half of the clusterings elects with what the other half elects: whether
    /// another draw of them, and so another seed, would find the same. `None` of too few.
    pub halves: Option<f64>,
    /// The elected clusters.
    #[serde(with = "crate::store::bits")]
    pub labels: Vec<u32>,
    /// Share of the votes of every sample for every elected cluster, `n x K`: clusters matched one to one.
    #[serde(with = "crate::store::bits")]
    pub votes: Array2<f32>,
    /// What each kind of clustering says by itself, where there are two kinds.
    pub kinds: Vec<Votes>,
    /// The support of every sample for every elected cluster, `n x K`: clusters matched softly, or as the votes where that
    /// would have taken more than half of a cluster.
    #[serde(with = "crate::store::bits")]
    pub support: Array2<f32>,
    /// Mean over the clusterings' embeddings of the squared distance of every sample to every elected cluster, `n x K`
    /// (see [`distances`](super::ambiguity::distances)), where they were measured: labels alone do not tell them.
    #[serde(with = "crate::store::bits")]
    pub distances: Option<Array2<f32>>,
}

/// Clusterings of the same samples, and how far they agree.
///
/// Those that look at the data each in their own way are *looks*. Where there are some, they judge: what a vote weighs is the
/// third power of how far they agree with it on average (adjusted Rand index, 0.01 at least), so that what many looks find
/// counts, and what is peculiar to one does not. That others agree among themselves says little, as they all look at the same.
/// Without looks, all votes weigh alike.
#[derive(Clone, Debug, Default)]
pub struct Ballot {
    labels: Vec<Vec<u32>>,
    /// Which of them are looks.
    looks: Vec<bool>,
    /// The adjusted Rand index of each with every one before it.
    alike: Vec<Vec<f64>>,
    /// Looks that do not vote.
    witnesses: Vec<Vec<u32>>,
}

impl Ballot {
    /// Adds a clustering.
    pub fn add(&mut self, labels: Vec<u32>) {
        self.insert(labels, false);
    }

    /// Adds a clustering that looks at the data in its own way.
    pub fn add_look(&mut self, labels: Vec<u32>) {
        self.insert(labels, true);
    }

    /// Adds a look that does not vote: where there are some, how far they agree with each other and with what is elected is the agreement.
    pub fn add_witness(&mut self, labels: Vec<u32>) {
        self.witnesses.push(labels);
    }

    fn insert(&mut self, labels: Vec<u32>, look: bool) {
        let with = |other: &Vec<u32>| scores::adjusted_rand_index(other, &labels);
        self.alike.push(self.labels.par_iter().map(with).collect());
        self.looks.push(look);
        self.labels.push(labels);
    }

    fn has_looks(&self) -> bool {
        self.looks.contains(&true)
    }

    fn all(&self) -> Vec<bool> {
        vec![true; self.labels.len()]
    }

    /// Those of some clusterings that judge: looks, or all.
    fn judges(&self, among: &[bool]) -> impl Iterator<Item = usize> {
        let looks = self.has_looks();
        (0..among.len()).filter(move |&i| among[i] && (!looks || self.looks[i]))
    }

    /// Sum of the adjusted Rand indices of a clustering with the other judges among some.
    fn judged(&self, clustering: usize, among: &[bool]) -> f64 {
        let others = self.judges(among).filter(|&judge| judge != clustering);
        others
            .map(|judge| self.alike[clustering.max(judge)][clustering.min(judge)])
            .sum()
    }

    /// Mean agreement of two looks, or of two clusterings where there are no looks (adjusted Rand index): how far clusters are a
    /// matter of how the data are looked at, or of chance. `None` of fewer than two, and where every sample is a cluster of its
    /// own: then all agree whatever the data.
    pub fn agreement(&self) -> Option<f64> {
        if self.labels.iter().all(|labels| all_apart(labels)) {
            return None;
        }
        let all = self.all();
        let judges = self.judges(&all).count();
        let others = judges.checked_sub(1).filter(|&others| others > 0)?;
        let sum: f64 = self
            .judges(&all)
            .map(|judge| self.judged(judge, &all))
            .sum();
        Some(sum / (judges * others) as f64)
    }

    /// What every clustering weighs in a vote among some; the others nothing.
    fn weights(&self, among: &[bool]) -> Vec<f64> {
        let judges = self.judges(among).count();
        let weight = |(clustering, &votes): (usize, &bool)| match (votes, self.has_looks()) {
            (false, _) => 0.0,
            (true, false) => 1.0,
            (true, true) => {
                let others = judges - usize::from(self.looks[clustering]);
                let agreement = self.judged(clustering, among) / others.max(1) as f64;
                agreement.max(0.01).powi(3)
            }
        };
        among.iter().enumerate().map(weight).collect()
    }

    /// The judge among some that the others agree with most, the first of equals.
    fn first(&self, among: &[bool]) -> Option<usize> {
        let judged = self.judges(among).map(|one| (one, self.judged(one, among)));
        let first = judged.reduce(|best, one| if one.1 > best.1 { one } else { best });
        first.map(|(first, _)| first)
    }

    /// What the clusterings agree on, cluster numbers being below `clusters`.
    ///
    /// The voting ends before a cluster would lose more than half of its samples in a round, so none is voted away.
    ///
    /// # Errors
    /// When cancelled.
    pub fn elect(&self, clusters: usize, cancel: &CancelToken) -> Result<Consensus, Cancelled> {
        let (labels, all) = (&self.labels, self.all());
        let first = self.first(&all);
        let first = first.map_or_else(Vec::new, |first| labels[first].clone());
        let weights = self.weights(&all);
        let cast = Cast {
            labels,
            weights: &weights,
        };
        let matched = |from: &[u32], to: &[u32]| one_to_one(from, to, clusters);
        let (elected, support) = elected(cast, first, clusters, cancel)?;
        let votes = tally(cast, &elected, &matched, cancel)?;
        let kinds = self.kinds(&elected, &matched, cancel)?;
        Ok(Consensus {
            kinds,
            clusterings: labels.len(),
            looks: self.looks.iter().filter(|&&look| look).count(),
            agreement: self.confirmed(&elected).or_else(|| self.agreement()),
            halves: self.halves(clusters, cancel)?,
            support: support.unwrap_or_else(|| votes.clone()),
            votes,
            distances: None,
            labels: elected,
        })
    }
}

/// Whether no two samples have the same label.
fn all_apart(labels: &[u32]) -> bool {
    let mut seen = vec![false; labels.len()];
    labels
        .iter()
        .all(|&label| match seen.get_mut(label as usize) {
            Some(seen) => !std::mem::replace(seen, true),
            // Numbers with gaps: more than there are samples.
            None => false,
        })
}

impl Consensus {
    /// The clusterings of the same samples in the order of how like the elected one they are (adjusted Rand index), the most
    /// like first, equals as they come.
    pub fn likeness(&self, clusterings: &[impl AsRef<[u32]> + Sync]) -> Vec<usize> {
        let like = |labels: &_| scores::adjusted_rand_index(AsRef::as_ref(labels), &self.labels);
        let found: Vec<f64> = clusterings.par_iter().map(like).collect();
        let mut order: Vec<usize> = (0..found.len()).collect();
        order.sort_by(|&a, &b| found[b].total_cmp(&found[a]));
        order
    }

    /// What the votes make likely, with one more vote for every cluster: the square of the support without looks, its eighth power with them; rows are
    /// not normalised.
    pub fn prior(&self) -> Array2<f32> {
        let (count, clusters) = (self.clusterings as f32, self.support.ncols() as f32);
        let power = SHARPNESS[usize::from(self.looks > 0)];
        let smoothed = |share: f32| ((share * count + 1.0) / (count + clusters)).powi(power);
        self.support.mapv(smoothed)
    }
}

/// How the votes of one clustering (first) go to the clusters of another: row by row for its own clusters.
type Correspondence<'a> = dyn Fn(&[u32], &[u32]) -> Array2<f32> + 'a;

/// Clusterings, and what each weighs.
#[derive(Clone, Copy)]
struct Cast<'a> {
    labels: &'a [Vec<u32>],
    weights: &'a [f64],
}

/// What is elected from a first clustering, first with clusters matched one to one, then softly; and the support of the latter.
fn elected(
    cast: Cast<'_>,
    first: Vec<u32>,
    clusters: usize,
    cancel: &CancelToken,
) -> Result<(Vec<u32>, Option<Array2<f32>>), Cancelled> {
    let matched = |from: &[u32], to: &[u32]| one_to_one(from, to, clusters);
    let spread = |from: &[u32], to: &[u32]| shares(&overlaps(from, to, clusters));
    let (elected, _) = election(cast, first, clusters, &matched, cancel)?;
    election(cast, elected, clusters, &spread, cancel)
}

/// Votes on `elected` clusters until they elect the same again, or one would lose more than half of its samples. Gives the
/// last clusters elected and the votes that elected them, if they did.
fn election(
    cast: Cast<'_>,
    mut elected: Vec<u32>,
    clusters: usize,
    correspondence: &Correspondence<'_>,
    cancel: &CancelToken,
) -> Result<(Vec<u32>, Option<Array2<f32>>), Cancelled> {
    let mut last = None;
    for _ in 0..ROUNDS {
        let votes = tally(cast, &elected, correspondence, cancel)?;
        let next = most(&votes);
        let (before, after) = (sizes(&elected, clusters), sizes(&next, clusters));
        if before
            .iter()
            .zip(after)
            .any(|(before, after)| 2 * after < *before)
        {
            break;
        }
        let settled = next == elected;
        (elected, last) = (next, Some(votes));
        if settled {
            break;
        }
    }
    Ok((elected, last))
}

/// Weighted mean over the clusterings of what each says of every sample, `n x K`.
fn tally(
    Cast { labels, weights }: Cast<'_>,
    elected: &[u32],
    correspondence: &Correspondence<'_>,
    cancel: &CancelToken,
) -> Result<Array2<f32>, Cancelled> {
    let mut tables = Vec::with_capacity(labels.len());
    let sum: f64 = weights.iter().sum();
    let voting = || {
        labels
            .iter()
            .zip(weights)
            .filter(|(_, weight)| **weight > 0.0)
    };
    for (one, weight) in voting() {
        cancel.check()?;
        tables.push(correspondence(one, elected) / (sum / weight) as f32);
    }
    let clusters = tables.first().map_or(0, Array2::ncols);
    let mut votes = Array2::zeros((elected.len(), clusters));
    votes
        .axis_chunks_iter_mut(Axis(0), ROWS)
        .into_par_iter()
        .enumerate()
        .for_each(|(chunk, mut votes)| {
            for (table, (labels, _)) in tables.iter().zip(voting()) {
                let labels = &labels[chunk * ROWS..];
                for (mut row, &label) in votes.rows_mut().into_iter().zip(labels) {
                    row += &table.row(label as usize);
                }
            }
        });
    Ok(votes)
}

/// The cluster with most votes of every sample, the first of equals.
fn most(votes: &Array2<f32>) -> Vec<u32> {
    let most = |row: ArrayView1<'_, f32>| {
        let better = |best: usize, k: usize| if row[k] > row[best] { k } else { best };
        (0..row.len()).fold(0, better) as u32
    };
    votes.rows().into_iter().map(most).collect()
}

/// The number in `to` of every cluster of `from`, one to one, so that as many samples as possible agree (Hungarian
/// algorithm); both below `clusters`.
pub fn matching(from: &[u32], to: &[u32], clusters: usize) -> Vec<u32> {
    let overlaps = overlaps(from, to, clusters);
    let mut table = Matrix::new(clusters, clusters, 0_i64);
    for ((a, b), &count) in overlaps.indexed_iter() {
        table[(a, b)] = count;
    }
    let (_, matched) = kuhn_munkres(&table);
    matched.into_iter().map(|b| b as u32).collect()
}

/// One whole vote of every cluster of `from` for that of `to` which it is matched to.
fn one_to_one(from: &[u32], to: &[u32], clusters: usize) -> Array2<f32> {
    let mut votes = Array2::zeros((clusters, clusters));
    for (a, b) in matching(from, to, clusters).into_iter().enumerate() {
        votes[[a, b as usize]] = 1.0;
    }
    votes
}

/// How likely each column makes each row, as shares of a row's sum.
fn shares(overlaps: &Array2<i64>) -> Array2<f32> {
    let mut shares = overlaps.mapv(|count| count as f32);
    // Columns first.
    for axis in [Axis(1), Axis(0)] {
        for mut lane in shares.axis_iter_mut(axis) {
            let sum = lane.sum();
            lane /= if sum > 0.0 { sum } else { 1.0 };
        }
    }
    shares
}

/// How much the votes of a sample go against its cluster: the share of clusterings that put it elsewhere, 0 to 1.
/// `votes` is `n x K`, as of [`Consensus`].
pub fn disagreement(votes: ArrayView2<'_, f32>, labels: &[u32]) -> Vec<f32> {
    let rows = votes.rows().into_iter().zip(labels);
    rows.map(|(row, &label)| (1.0 - row[label as usize]).clamp(0.0, 1.0))
        .collect()
}

#[cfg(test)]
mod tests;
