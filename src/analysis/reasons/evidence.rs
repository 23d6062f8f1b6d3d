//! What is seen of a sample between two clusters.

use std::collections::BTreeMap;

use ndarray::ArrayView1;
use rayon::prelude::*;

use super::{
    joint,
    scene::{AROUND, Queries, Scene, mean_distance},
};
use crate::{
    analysis::{clusters::sizes, neighbours},
    job::{CancelToken, Cancelled},
};

/// Nearest samples that vote, and among which doublets are counted.
const VOTES: usize = 20;

/// Votes that every sample has beforehand, for the clusters by their sizes.
const BEFOREHAND: f32 = 2.0;

/// From where to where between the centres of two clusters, 0 and 1, a sample counts as between them.
const BETWEEN: [f32; 2] = [0.25, 0.75];

/// How wide the density along a line is smoothed, in distances of the two centres.
const SMOOTH: f32 = 0.12;

/// What is seen of a sample between two clusters A and B. Distances are taken where the covariance within clusters is one in every
/// direction; numbers that cannot be had are NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Share of sums of pairs among the nearest, where as many of these as of samples are strewn in.
    pub doublets: f32,
    /// Share of its nearest samples that lie between A and B themselves.
    pub path: f32,
    /// How much was measured: the logarithm of its counts over the larger median of A and B, averaged over modalities with counts. Of
    /// others: the logarithm of its squared distance from the mean of all over that of the centres of A and B.
    pub depth: f32,
    /// The logarithm of the lowest density between A and B over that of the sparser of both: 0 where there is no gap.
    pub gap: f32,
    /// How far the modalities contradict each other: 0 (all say the same) to 1.
    pub contradiction: f32,
    /// The logarithm of the distance of A and B.
    pub separation: f32,
    /// How far it is from the middle between A and B, along their line: 0 to 0.5 and beyond.
    pub off_middle: f32,
    /// The logarithm of its squared distance from the line of A and B, per dimension.
    pub off_line: f32,
    /// The logarithm of the mean distance of its nearest samples, over what is usual.
    pub sparse: f32,
    /// Entropy of the votes of its nearest about its cluster, mean over the modalities, in nats.
    pub indecision: f32,
}

impl Evidence {
    /// What each number is called in tables, in the order of [`Self::row`].
    pub const NAMES: [&str; 10] = [
        "doublets_near",
        "on_path",
        "depth",
        "gap",
        "contradiction",
        "separation",
        "off_middle",
        "off_line",
        "sparseness",
        "indecision",
    ];

    const UNKNOWN: Self = Self {
        doublets: f32::NAN,
        path: f32::NAN,
        depth: f32::NAN,
        gap: f32::NAN,
        contradiction: f32::NAN,
        separation: f32::NAN,
        off_middle: f32::NAN,
        off_line: f32::NAN,
        sparse: f32::NAN,
        indecision: f32::NAN,
    };

    /// All numbers.
    pub fn row(&self) -> Vec<f32> {
        vec![
            self.doublets,
            self.path,
            self.depth,
            self.gap,
            self.contradiction,
            self.separation,
            self.off_middle,
            self.off_line,
            self.sparse,
            self.indecision,
        ]
    }
}

impl Scene {
    /// What is seen of some samples.
    pub fn evidence(
        &self,
        queries: &Queries,
        cancel: &CancelToken,
    ) -> Result<Vec<Evidence>, Cancelled> {
        let white = self.whitening.apply_all(joint(&queries.places).view());
        let own = &queries.own;
        let [samples, doublets] = &self.white;
        let near = neighbours::among(samples.view(), white.view(), own, VOTES, cancel)?;
        let none = vec![None; own.len()];
        let sums = neighbours::among(doublets.view(), white.view(), &none, VOTES, cancel)?;
        let mut votes = Vec::new();
        for (places, queries) in self.places.iter().zip(&queries.places) {
            let near = neighbours::among(places.view(), queries.view(), own, VOTES, cancel)?;
            votes.push(near);
        }
        let pairs: Vec<Option<[u32; 2]>> = match &queries.between {
            Some(pairs) => pairs.iter().copied().map(Some).collect(),
            None => white
                .rows()
                .into_iter()
                .map(|p| self.nearest_two(p))
                .collect(),
        };
        let gaps = self.gaps(pairs.iter().flatten().copied());
        let shares = self.shares();
        let each = (0..own.len()).into_par_iter().map(|at| {
            let seen = pairs[at].and_then(|pair| self.along(pair, white.row(at), &near[at]));
            let Some(seen) = seen else {
                return Evidence::UNKNOWN;
            };
            let votes: Vec<Vec<f32>> = votes
                .iter()
                .map(|near| self.votes(&near[at], &shares))
                .collect();
            let pair = pairs[at].unwrap_or_default();
            Evidence {
                doublets: share_of_doublets(&near[at], &sums[at]),
                depth: self.depth(queries, at, pair),
                gap: gaps.get(&sorted(pair)).copied().unwrap_or(f32::NAN),
                contradiction: contradiction(&votes),
                indecision: votes.iter().map(|v| entropy(v)).sum::<f32>() / votes.len() as f32,
                ..seen
            }
        });
        cancel.check()?;
        Ok(each.collect())
    }

    /// What is seen by the line of two clusters, if both have samples.
    fn along(
        &self,
        [a, b]: [u32; 2],
        point: ArrayView1<'_, f32>,
        near: &[(f32, u32)],
    ) -> Option<Evidence> {
        let line = self.line([a, b])?;
        let at = line.along(point);
        let square = (line.squares.sqrt() * at).powi(2);
        let off_line = (self.far(point, a) - square).max(0.0) / point.len().max(1) as f32;
        let near = &near[..near.len().min(AROUND)];
        let between = near.iter().filter(|(_, other)| {
            let at = line.along(self.white[0].row(*other as usize));
            (BETWEEN[0]..BETWEEN[1]).contains(&at)
        });
        Some(Evidence {
            path: between.count() as f32 / near.len().max(1) as f32,
            separation: line.squares.sqrt().ln(),
            off_middle: (at - 0.5).abs(),
            off_line: off_line.max(f32::MIN_POSITIVE).ln(),
            sparse: (mean_distance(near) / self.usual_distance)
                .max(f32::MIN_POSITIVE)
                .ln(),
            ..Evidence::UNKNOWN
        })
    }

    fn line(&self, [a, b]: [u32; 2]) -> Option<Line> {
        let centre = |cluster: u32| self.centres.get(cluster as usize)?.clone();
        let (from, to) = (centre(a)?, centre(b)?);
        let towards: Vec<f32> = to.iter().zip(&from).map(|(b, a)| b - a).collect();
        let squares: f32 = towards.iter().map(|x| x * x).sum();
        (squares > 0.0).then_some(Line {
            from,
            towards,
            squares,
        })
    }

    /// Of each of these pairs of clusters, the lowest density between both over that of the sparser of them, as a logarithm.
    fn gaps(&self, pairs: impl Iterator<Item = [u32; 2]>) -> BTreeMap<[u32; 2], f32> {
        let mut pairs: Vec<[u32; 2]> = pairs.map(sorted).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let mut members = vec![Vec::new(); self.count];
        for (at, &label) in self.labels.iter().enumerate() {
            members[label as usize].push(at);
        }
        let gap = |pair: [u32; 2]| {
            let Some(line) = self.line(pair) else {
                return f32::NAN;
            };
            let both = pair
                .iter()
                .flat_map(|&cluster| members.get(cluster as usize));
            let at: Vec<f32> = both
                .flatten()
                .map(|&at| line.along(self.white[0].row(at)))
                .collect();
            gap_of(&at)
        };
        let found: Vec<f32> = pairs.par_iter().map(|&pair| gap(pair)).collect();
        pairs.into_iter().zip(found).collect()
    }

    /// Share of every cluster.
    fn shares(&self) -> Vec<f32> {
        let sizes = sizes(&self.labels, self.count);
        let all = self.samples().max(1) as f32;
        sizes.into_iter().map(|size| size as f32 / all).collect()
    }

    /// Shares of the clusters among the nearest.
    fn votes(&self, near: &[(f32, u32)], shares: &[f32]) -> Vec<f32> {
        let all = near.len() as f32 + BEFOREHAND;
        let mut votes: Vec<f32> = shares.iter().map(|s| BEFOREHAND * s / all).collect();
        for &(_, other) in near {
            votes[self.labels[other as usize] as usize] += 1.0 / all;
        }
        votes
    }

    /// How much was measured of a sample, held against its two clusters. Of modalities without counts only where none has them.
    fn depth(&self, queries: &Queries, at: usize, [a, b]: [u32; 2]) -> f32 {
        let by = |modality: usize| {
            let usual = &self.usual_depth[modality];
            let usual = [a, b].map(|c| usual.get(c as usize).copied().unwrap_or(f32::NAN));
            let depth = queries.depths[modality][at];
            if !depth.is_nan() {
                return (depth - usual[0].max(usual[1]), true);
            }
            let place = queries.places[modality].row(at);
            let far = place.dot(&place).max(f32::MIN_POSITIVE).ln();
            let usual = usual.map(|far| far.max(f32::MIN_POSITIVE).ln());
            (far - (usual[0] + usual[1]) / 2.0, false)
        };
        let each: Vec<(f32, bool)> = (0..self.places.len()).map(by).collect();
        let counted = each.iter().any(|&(_, counts)| counts);
        let used = each.iter().filter(|&&(_, counts)| counts == counted);
        let used: Vec<f32> = used.map(|&(depth, _)| depth).collect();
        used.iter().sum::<f32>() / used.len() as f32
    }
}

/// The line from the centre of a cluster to that of another.
struct Line {
    from: Vec<f32>,
    towards: Vec<f32>,
    squares: f32,
}

impl Line {
    /// Where a point is along it: 0 at the first centre, 1 at the other.
    fn along(&self, point: ArrayView1<'_, f32>) -> f32 {
        let each = self.from.iter().zip(&self.towards).zip(point);
        each.map(|((from, towards), x)| (x - from) * towards)
            .sum::<f32>()
            / self.squares
    }
}

/// The lowest density between 0.3 and 0.7 over that of the sparser side, as a logarithm; half a sample is added to both.
fn gap_of(at: &[f32]) -> f32 {
    const PLACES: usize = 29;
    const MIDDLE: usize = PLACES / 2;
    let density = |place: usize| -> f32 {
        let centre = -0.2 + 0.05 * place as f32;
        let each = at.iter().map(|x| (x - centre) / SMOOTH);
        each.map(|z| (-0.5 * z * z).exp()).sum()
    };
    let density: Vec<f32> = (0..PLACES).map(density).collect();
    let largest = |of: &[f32]| of.iter().copied().fold(0.0, f32::max);
    let lowest = density[MIDDLE - 4..=MIDDLE + 4].iter().copied();
    let lowest = lowest.fold(f32::INFINITY, f32::min);
    let sides = [&density[..=MIDDLE], &density[MIDDLE..]].map(largest);
    ((lowest + 0.5) / (sides[0].min(sides[1]) + 0.5)).ln()
}

/// The share of doublets among the nearest of samples and doublets, both the nearest first.
fn share_of_doublets(samples: &[(f32, u32)], doublets: &[(f32, u32)]) -> f32 {
    let (mut own, mut sums) = (0, 0);
    while own + sums < VOTES {
        match (samples.get(own), doublets.get(sums)) {
            (Some(sample), Some(doublet)) if doublet.0 < sample.0 => sums += 1,
            (Some(_), _) => own += 1,
            (None, Some(_)) => sums += 1,
            (None, None) => break,
        }
    }
    sums as f32 / (own + sums).max(1) as f32
}

/// One minus how much a modality and the mean of all others agree, of the modality where that is largest.
fn contradiction(votes: &[Vec<f32>]) -> f32 {
    let others = (votes.len() - 1) as f32;
    let against = |modality: usize| {
        let agreed: f32 = (0..votes[modality].len())
            .map(|cluster| {
                let own = votes[modality][cluster];
                let all: f32 = votes.iter().map(|votes| votes[cluster]).sum();
                (own * (all - own).max(0.0) / others.max(1.0)).sqrt()
            })
            .sum();
        1.0 - agreed
    };
    match votes.len() {
        0 | 1 => 0.0,
        modalities => (0..modalities).map(against).fold(0.0, f32::max),
    }
}

fn entropy(votes: &[f32]) -> f32 {
    let there = votes.iter().filter(|&&p| p > 0.0);
    -there.map(|p| p * p.ln()).sum::<f32>()
}

fn sorted([a, b]: [u32; 2]) -> [u32; 2] {
    [a.min(b), a.max(b)]
}
