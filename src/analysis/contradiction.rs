//! Whether the modalities of a sample say different things.

use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};
use ndarray::Array2;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::neighbours;
use crate::{
    data::subsample,
    job::{CancelToken, Cancelled},
};

/// Samples that vote on where another belongs: its nearest.
const NEIGHBOURS: usize = 20;

/// Samples among which the nearest are looked for, at most, drawn at random.
const REFERENCES: usize = 4_096;

/// Votes that every sample has beforehand, for the clusters by their sizes: without them, a single neighbour elsewhere would
/// count as much at 0 votes as at 10.
const BEFOREHAND: f32 = 2.0;

/// Samples of one task; fixed, so that results do not depend on the number of threads.
const ROWS: usize = 128;

/// How far every sample's modalities contradict each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contradiction {
    /// 0 (all say the same) to 1 (one says what the others exclude).
    #[serde(with = "crate::store::bits")]
    pub value: Vec<f32>,
    /// The modality that stands against the others, counted from 0; of two, the first.
    #[serde(with = "crate::store::bits")]
    pub modality: Vec<u32>,
    /// The cluster that this modality says, and the one that the others say.
    #[serde(with = "crate::store::bits")]
    pub says: Vec<[u32; 2]>,
}

/// What a sample is compared with.
struct Reference<'a> {
    /// Of every modality the references' places, row by row, its width, and half of their squared lengths.
    spaces: Vec<(Vec<f32>, usize, Vec<f32>)>,
    /// The number of every reference among the samples, in rising order.
    rows: Vec<usize>,
    labels: &'a [u32],
    /// Share of every cluster.
    shares: Vec<f32>,
    neighbours: usize,
}

/// How far the modalities of every sample contradict each other about its cluster. `spaces` are the samples' places in every
/// modality (`n x d_v`; distances in one should count as much as in another), `labels` their clusters, below `clusters`.
///
/// The nearest samples in one modality vote on the cluster that it says, those nearest in all others together on the cluster
/// that these say. The contradiction is how little both agree: one minus the Bhattacharyya coefficient of the two shares of
/// votes, of the modality where that is largest. `None` of fewer than two modalities, where there is nothing to contradict.
///
/// # Errors
/// When cancelled.
pub fn contradiction(
    spaces: &[Array2<f32>],
    labels: &[u32],
    clusters: usize,
    seed: u64,
    cancel: &CancelToken,
) -> Result<Option<Contradiction>, Cancelled> {
    let samples = labels.len();
    if spaces.len() < 2 || samples < 3 || clusters == 0 {
        return Ok(None);
    }
    let reference = Reference::new(spaces, labels, clusters, seed);
    let chunks: Vec<Vec<(f32, u32, [u32; 2])>> = (0..samples.div_ceil(ROWS))
        .into_par_iter()
        .map(|chunk| {
            cancel.check()?;
            let rows = chunk * ROWS..samples.min((chunk + 1) * ROWS);
            Ok(reference.judge(spaces, rows))
        })
        .collect::<Result<_, Cancelled>>()?;
    let mut found = Contradiction::default();
    for (value, modality, says) in chunks.into_iter().flatten() {
        found.value.push(value);
        found.modality.push(modality);
        found.says.push(says);
    }
    Ok(Some(found))
}

impl<'a> Reference<'a> {
    fn new(spaces: &[Array2<f32>], labels: &'a [u32], clusters: usize, seed: u64) -> Self {
        let samples = labels.len();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let rows: Vec<usize> = match subsample(samples, REFERENCES, &mut rng) {
            Some(rows) => rows.into_iter().map(|row| row as usize).collect(),
            None => (0..samples).collect(),
        };
        let spaces = spaces.iter().map(|points| {
            let lengths = rows.iter().map(|&row| points.row(row));
            let halves = lengths.map(|x| x.dot(&x) / 2.0).collect();
            let places = rows.iter().flat_map(|&row| points.row(row).to_vec());
            (places.collect(), points.ncols(), halves)
        });
        let mut shares = vec![0.0; clusters];
        labels
            .iter()
            .for_each(|&label| shares[label as usize] += 1.0 / samples as f32);
        Self {
            spaces: spaces.collect(),
            labels,
            shares,
            neighbours: NEIGHBOURS.min((rows.len() - 1) / 4).max(1),
            rows,
        }
    }

    /// Contradiction, modality and what is said of some samples.
    fn judge(
        &self,
        spaces: &[Array2<f32>],
        samples: std::ops::Range<usize>,
    ) -> Vec<(f32, u32, [u32; 2])> {
        let (count, width) = (samples.len(), self.rows.len());
        let mut total = vec![0.0; count * width];
        let each: Vec<Vec<f32>> = self
            .spaces
            .iter()
            .zip(spaces)
            .map(|((places, dimensions, halves), points)| {
                let mut out = vec![0.0; count * width];
                let rows = samples.clone().flat_map(|row| points.row(row).to_vec());
                let rows: Vec<f32> = rows.collect();
                matmul(
                    MatMut::from_row_major_slice_mut(&mut out, count, width),
                    Accum::Replace,
                    MatRef::from_row_major_slice(&rows, count, *dimensions),
                    MatRef::from_row_major_slice(places, width, *dimensions).transpose(),
                    -1.0,
                    Par::Seq,
                );
                // Half of the squared distance, but for what is the same for all references.
                for (out, total) in out
                    .chunks_exact_mut(width)
                    .zip(total.chunks_exact_mut(width))
                {
                    for ((x, half), total) in out.iter_mut().zip(halves).zip(total) {
                        *x += half;
                        *total += *x;
                    }
                }
                out
            })
            .collect();
        let mut others = vec![0.0; width];
        let judge = |(at, sample): (usize, usize)| {
            let row = at * width..(at + 1) * width;
            let mut worst = (-1.0, 0, [0; 2]);
            for (modality, far) in each.iter().enumerate() {
                let far = &far[row.clone()];
                for ((others, total), own) in others.iter_mut().zip(&total[row.clone()]).zip(far) {
                    *others = total - own;
                }
                let own = self.votes(sample, far);
                let others = self.votes(sample, &others);
                let both: f32 = own.iter().zip(&others).map(|(a, b)| (a * b).sqrt()).sum();
                let value = (1.0 - both).clamp(0.0, 1.0);
                if value > worst.0 {
                    worst = (value, modality as u32, [most(&own), most(&others)]);
                }
            }
            worst
        };
        samples.enumerate().map(judge).collect()
    }

    /// The share of votes for every cluster of the references nearest to a sample, itself left out.
    fn votes(&self, sample: usize, far: &[f32]) -> Vec<f32> {
        let own = self.rows.binary_search(&sample).ok();
        let nearest = neighbours::lowest(far, own, self.neighbours);
        let all = nearest.len() as f32 + BEFOREHAND;
        let beforehand = self.shares.iter().map(|share| BEFOREHAND * share / all);
        let mut votes: Vec<f32> = beforehand.collect();
        for near in nearest {
            votes[self.labels[self.rows[near as usize]] as usize] += 1.0 / all;
        }
        votes
    }
}

/// The cluster with most votes, the first of equals.
fn most(votes: &[f32]) -> u32 {
    let better = |best: usize, k: usize| if votes[k] > votes[best] { k } else { best };
    (0..votes.len()).reduce(better).unwrap_or(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rank::auroc;
    use rand::RngExt as _;
    use rand_distr::StandardNormal;

    /// Four groups in three modalities; in the second, some samples have what belongs to another group.
    fn swapped(samples: usize, swaps: usize) -> (Vec<Array2<f32>>, Vec<u32>, Vec<bool>) {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let labels: Vec<u32> = (0..samples).map(|i| (i % 4) as u32).collect();
        let mut spaces: Vec<Array2<f32>> = [6, 4, 5]
            .map(|width| {
                let mut normal = || rng.sample::<f32, _>(StandardNormal);
                Array2::from_shape_fn((samples, width), |(i, j)| {
                    let centre = if labels[i] as usize == j { 6.0 } else { 0.0 };
                    centre + normal()
                })
            })
            .into();
        let before = spaces[1].clone();
        for i in 0..swaps {
            spaces[1].row_mut(i).assign(&before.row((i + 1) % swaps));
        }
        let is_swapped = (0..samples).map(|i| i < swaps).collect();
        (spaces, labels, is_swapped)
    }

    #[test]
    fn a_modality_of_another_group_is_found_and_named() {
        let (spaces, labels, swapped) = swapped(1_000, 20);
        let cancel = CancelToken::new();
        let found = contradiction(&spaces, &labels, 4, 0, &cancel)
            .unwrap()
            .unwrap();
        let values: Vec<f64> = found.value.iter().map(|&x| f64::from(x)).collect();
        let auroc = auroc(&values, &swapped).unwrap();
        assert!(auroc > 0.97, "{auroc}");
        for (i, &label) in labels.iter().enumerate().take(20) {
            assert!(found.value[i] > 0.5, "{i}: {}", found.value[i]);
            assert_eq!(found.modality[i], 1, "{i}");
            let [own, others] = found.says[i];
            let partner = (i + 1) % 20 % 4;
            assert_eq!((own, others), (partner as u32, label), "{i}");
        }
    }

    #[test]
    fn many_samples_are_held_against_some() {
        let (spaces, labels, swapped) = swapped(6_000, 120);
        let pool = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let of = || contradiction(&spaces, &labels, 4, 9, &CancelToken::new()).unwrap();
            pool.unwrap().install(of).unwrap()
        };
        let found = pool(1);
        assert_eq!(found, pool(3));
        let values: Vec<f64> = found.value.iter().map(|&x| f64::from(x)).collect();
        assert!(auroc(&values, &swapped).unwrap() > 0.97);
    }

    #[test]
    fn odd_data_contradict_nobody() {
        let cancel = CancelToken::new();
        let (spaces, labels, _) = swapped(40, 0);
        let of = |spaces: &[Array2<f32>], labels: &[u32]| {
            contradiction(spaces, labels, 4, 0, &cancel).unwrap()
        };
        assert_eq!(of(&spaces[..1], &labels), None);
        assert_eq!(of(&spaces, &labels[..2]), None);
        // A modality that does not vary, one cluster, few samples.
        let flat = [spaces[0].clone(), Array2::zeros((40, 0))];
        assert!(
            of(&flat, &labels)
                .unwrap()
                .value
                .iter()
                .all(|x| x.is_finite())
        );
        let one = of(&spaces, &[0; 40]).unwrap();
        assert!(one.value.iter().all(|&x| x < 1e-6), "{:?}", one.value);
        let few: Vec<Array2<f32>> = spaces
            .iter()
            .map(|x| x.slice(ndarray::s![..3, ..]).to_owned())
            .collect();
        assert_eq!(of(&few, &labels[..3]).unwrap().value.len(), 3);
        let stopped = CancelToken::new();
        stopped.cancel();
        assert!(contradiction(&spaces, &labels, 4, 0, &stopped).is_err());
    }
}
