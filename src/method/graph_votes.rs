//! Clusterings of neighbour graphs, each of another look at the data: voters that fail where the network's starts do not,
//! and the other way round.
//!
//! No single way to prepare data and no single number of components or neighbours suits all data, and nothing tells beforehand
//! which does. So every clustering draws its own (a cluster ensemble, Strehl and Ghosh 2002): how features are scaled, which of
//! them it sees, how many principal components a modality has, how many neighbours a sample has, what each modality weighs, and
//! whether neighbours are looked for in all modalities at once or in each by itself. Its clusters are those of Leiden, which need
//! be neither round nor of one size. What is peculiar to a look is outvoted: where looks agree, the clusters are those of the
//! data. Most see a random half of the features, so that what a single feature says is found by half of them and what many say
//! by nearly all.

use std::{borrow::Cow, io, sync::Arc};

use faer::{Accum, MatMut, MatRef, Par, linalg::matmul::matmul};
use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use rand::{RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    SpaceError,
    space::{in_memory, of_unit_length, place},
    views,
};
use crate::{
    analysis::{
        components::Scaling,
        graph::{Graph, knn_graph},
        leiden::leiden_k,
    },
    data::{Values, subsample},
    job::{CancelToken, Cancelled},
};

/// Numbers of components of a modality to draw from.
const COMPONENTS: [usize; 4] = [10, 15, 20, 30];

/// Numbers of neighbours to draw from, the sample itself included.
const NEIGHBOURS: [usize; 5] = [8, 12, 15, 20, 30];

/// A modality of less weight is left out.
const LEAST_WEIGHT: f32 = 0.02;

/// Features of a half at least, where there are as many.
const LEAST_FEATURES: usize = 8;

/// Samples of one task.
const ROWS: usize = 512;

/// References whose distances are looked at together, in lanes side by side.
const BLOCK: usize = 256;
const LANES: usize = 16;

/// Votes made between two looks at how far they are.
const AT_A_TIME: usize = 8;

/// What to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphVotesSpec {
    /// How many clusterings.
    pub votes: usize,
    /// Sets of features that they take turns with, at least 1: all features, then random halves.
    pub feature_sets: usize,
    /// Clusters of each.
    pub clusters: usize,
    /// Samples that each clusters at most, drawn at random; the others go with the nearest of them.
    pub samples: usize,
    /// Decides what is drawn.
    pub seed: u64,
}

/// Clusterings that are made, all or the first of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    /// How many were tried, in their order.
    pub tried: usize,
    /// The clusters of all samples by each; fewer than were tried where nothing varies.
    pub votes: Vec<Look>,
}

/// The clusters of all samples, every label below the number of clusters. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look(#[serde(with = "crate::store::bits")] pub Arc<Vec<u32>>);

/// Clusterings of all samples of `modalities` (`n x f_v` each, finite). Goes on after those that are made already, to the same as if
/// none were; tells `done` of those made so far.
///
/// # Errors
/// When cancelled, or if values on disk cannot be read.
pub fn graph_votes(
    modalities: &[&Values],
    spec: &GraphVotesSpec,
    mut made: Looks,
    cancel: &CancelToken,
    done: &mut dyn FnMut(&Looks),
) -> Result<Looks, SpaceError> {
    let samples = modalities.first().map_or(0, |values| values.samples());
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    let seen = subsample(samples, spec.samples, &mut rng);
    let draws: Vec<Draw> = (0..spec.votes)
        .map(|vote| Draw::of(vote, modalities.len(), samples, spec, &mut rng))
        .collect();
    let few = modalities
        .iter()
        .map(|values| in_memory(values, seen.as_deref()));
    let few: Vec<Cow<'_, Values>> = few.collect::<io::Result<_>>()?;
    let mut before = 0;
    let looks = Scaling::ALL.into_iter();
    for look in looks.flat_map(|scaling| (0..spec.feature_sets).map(move |set| (scaling, set))) {
        let alike = draws
            .iter()
            .filter(|draw| (draw.scaling, draw.features) == look);
        let alike: Vec<&Draw> = alike.collect();
        if alike.is_empty() {
            continue;
        }
        // What is drawn for looks that are made already is drawn all the same, for those after them.
        let halves = modalities
            .iter()
            .map(|x| Half::of(x.features(), look, &mut rng));
        let halves: Vec<Half> = halves.collect();
        before += alike.len();
        if made.tried >= before {
            continue;
        }
        let spaces = modalities.iter().zip(&few).zip(halves);
        let spaces = spaces.map(|((values, few), half)| half.scores(values, few, cancel));
        let spaces = spaces.collect::<Result<Vec<_>, _>>()?;
        let rest = &alike[alike.len() - (before - made.tried)..];
        for draws in rest.chunks(AT_A_TIME) {
            let found = draws.par_iter();
            let found = found.map(|draw| draw.vote(&spaces, spec.clusters, cancel));
            let found: Vec<_> = found.collect::<Result<_, Cancelled>>()?;
            made.tried += found.len();
            let found = found.into_iter().flatten();
            made.votes
                .extend(found.map(|labels| Look(Arc::new(labels))));
            done(&made);
        }
    }
    Ok(made)
}

/// A set of features of a modality, as it is scaled, and what else its components are drawn by.
struct Half {
    columns: Vec<usize>,
    scaling: Scaling,
    seed: u64,
}

impl Half {
    /// All features, or for another set a half of them.
    fn of(features: usize, (scaling, set): (Scaling, usize), rng: &mut ChaCha8Rng) -> Self {
        let columns = match set {
            0 => (0..features).collect(),
            _ => {
                let half = features.div_ceil(2).max(features.min(LEAST_FEATURES));
                let mut half = rand::seq::index::sample(rng, features, half).into_vec();
                half.sort_unstable();
                half
            }
        };
        Self {
            columns,
            scaling,
            seed: rng.random(),
        }
    }

    /// The scores of all samples of the modality on its leading components, which `few` of them tell.
    fn scores(
        &self,
        values: &Values,
        few: &Values,
        cancel: &CancelToken,
    ) -> Result<Array2<f32>, SpaceError> {
        let Self {
            columns,
            scaling,
            seed,
        } = self;
        let empty = Array2::zeros((0, 0));
        let few = few.array().unwrap_or(&empty).select(Axis(1), columns);
        // What varies most among features of two values is what is as often one as the other: that says nothing of samples.
        let scaling = match *scaling {
            Scaling::Centred if mostly_two_valued(few.view()) => Scaling::Standardised,
            other => other,
        };
        let most = COMPONENTS.into_iter().max().unwrap_or_default();
        place(values, few.view(), columns, scaling, most, *seed, cancel)
    }
}

/// Whether most features have no more than two values.
fn mostly_two_valued(points: ArrayView2<'_, f32>) -> bool {
    let two_valued = |feature: &usize| {
        let column = points.column(*feature);
        let low = column.iter().copied().fold(f32::INFINITY, f32::min);
        let high = column.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        column.iter().all(|&x| x == low || x == high)
    };
    let features = points.ncols();
    2 * (0..features).into_par_iter().filter(two_valued).count() > features
}

/// What one vote looks at, and how.
#[derive(Clone, Debug, PartialEq)]
struct Draw {
    scaling: Scaling,
    /// Which set of features it sees.
    features: usize,
    /// Whether neighbours are looked for in all modalities at once, not in each by itself.
    joint: bool,
    components: usize,
    neighbours: usize,
    /// What each modality weighs; the sum is 1.
    weights: Vec<f32>,
    /// The samples that are clustered, if not all.
    rows: Option<Vec<u32>>,
    seed: u64,
}

impl Draw {
    /// The draw of a vote, by number. Scalings, ways to join modalities, sets of features and kinds of weights take turns, so that
    /// 24 votes for each set of features have all of these with each other. Weights are: all modalities alike, one of them alone,
    /// and twice what is drawn evenly of all weights there are.
    fn of(
        vote: usize,
        modalities: usize,
        samples: usize,
        spec: &GraphVotesSpec,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let mut pick = |from: &[usize]| from.choose(rng).copied().unwrap_or_default();
        let components = pick(&COMPONENTS);
        let seen = samples.min(spec.samples);
        let neighbours = pick(&NEIGHBOURS).min((seen / 8).max(5));
        let mut weights = vec![1.0; modalities];
        match (vote / (6 * spec.feature_sets)) % 4 {
            0 => {}
            1 => {
                let alone = rng.random_range(0..modalities.max(1));
                let of = |modality| if modality == alone { 1.0 } else { 0.0 };
                weights = (0..modalities).map(of).collect();
            }
            _ => weights.fill_with(|| -(1.0 - rng.random::<f32>()).ln()),
        }
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Self {
            scaling: Scaling::ALL[vote % Scaling::ALL.len()],
            features: (vote / 6) % spec.feature_sets,
            joint: (vote / 3).is_multiple_of(2),
            components,
            neighbours,
            weights,
            rows: subsample(samples, spec.samples, rng),
            seed: rng.random(),
        }
    }

    /// Clusters of all samples, from the scores of every modality; nothing where none varies.
    fn vote(
        &self,
        scores: &[Array2<f32>],
        clusters: usize,
        cancel: &CancelToken,
    ) -> Result<Option<Vec<u32>>, Cancelled> {
        let spaces: Vec<(f32, Array2<f32>)> = scores
            .iter()
            .zip(&self.weights)
            .filter(|&(scores, &weight)| weight > LEAST_WEIGHT && scores.ncols() > 0)
            .map(|(scores, &weight)| (weight, self.space(scores)))
            .collect();
        if spaces.is_empty() {
            return Ok(None);
        }
        let joint = joined(&spaces);
        let rows = self.rows.as_deref();
        let graph = if self.joint {
            knn_graph(selected(&joint, rows).view(), self.neighbours, cancel)?
        } else {
            let mut graphs = Vec::with_capacity(spaces.len());
            for (weight, space) in &spaces {
                let points = selected(space, rows);
                graphs.push((*weight, knn_graph(points.view(), self.neighbours, cancel)?));
            }
            Graph::mean(rows.map_or(joint.nrows(), <[u32]>::len), &graphs)
        };
        let found = leiden_k(&graph, clusters, self.seed, cancel)?.labels;
        let Some(rows) = rows else {
            return Ok(Some(found));
        };
        let nearest = nearest(joint.view(), selected(&joint, Some(rows)).view(), cancel)?;
        let labels = nearest.into_iter().map(|near| found[near]);
        Ok(Some(labels.collect()))
    }

    /// The leading components, of mean square length 1.
    fn space(&self, scores: &Array2<f32>) -> Array2<f32> {
        let width = self.components.min(scores.ncols());
        let leading = scores.slice(s![.., ..width]);
        of_unit_length(leading)
    }
}

/// All modalities side by side, so that each adds its weight to squared distances.
fn joined(spaces: &[(f32, Array2<f32>)]) -> Array2<f32> {
    let weighted: Vec<Array2<f32>> = spaces.iter().map(|(w, x)| x * w.sqrt()).collect();
    concatenate(Axis(1), &views(&weighted)).unwrap_or_default()
}

fn selected(points: &Array2<f32>, rows: Option<&[u32]>) -> Array2<f32> {
    let Some(rows) = rows else {
        return points.clone();
    };
    let rows: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
    points.select(Axis(0), &rows)
}

/// The row of `among` (`m x d`) that is nearest to each of `points` (`n x d`), the first of equals.
fn nearest(
    points: ArrayView2<'_, f32>,
    among: ArrayView2<'_, f32>,
    cancel: &CancelToken,
) -> Result<Vec<usize>, Cancelled> {
    let half: Vec<f32> = among.rows().into_iter().map(|x| x.dot(&x) / 2.0).collect();
    let among: Vec<f32> = among.iter().copied().collect();
    let among = MatRef::from_row_major_slice(&among, half.len(), points.ncols());
    let pieces: Vec<Vec<usize>> = points
        .axis_chunks_iter(Axis(0), ROWS)
        .into_par_iter()
        .map_init(Vec::new, |products, rows| {
            cancel.check()?;
            let points: Vec<f32> = rows.iter().copied().collect();
            let points = MatRef::from_row_major_slice(&points, rows.nrows(), rows.ncols());
            products.resize(rows.nrows() * half.len(), 0.0);
            let out = MatMut::from_column_major_slice_mut(products, half.len(), rows.nrows());
            matmul(
                out,
                Accum::Replace,
                among,
                points.transpose(),
                1.0,
                Par::Seq,
            );
            let products = products.chunks_exact(half.len().max(1));
            Ok(products.map(|products| lowest(&half, products)).collect())
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(pieces.concat())
}

/// Where `half` of a squared length less the product is lowest, the first of equals. NaN is never the lowest.
fn lowest(half: &[f32], products: &[f32]) -> usize {
    let mut best = (f32::INFINITY, 0..0);
    for first in (0..half.len()).step_by(BLOCK) {
        let block = first..half.len().min(first + BLOCK);
        let (half, products) = (&half[block.clone()], &products[block.clone()]);
        // Side by side, where nothing waits for the one before.
        let mut lanes = [f32::INFINITY; LANES];
        for (half, products) in half.chunks(LANES).zip(products.chunks(LANES)) {
            for ((lane, half), product) in lanes.iter_mut().zip(half).zip(products) {
                let distance = half - product;
                *lane = if distance < *lane { distance } else { *lane };
            }
        }
        let lowest = lanes.into_iter().fold(f32::INFINITY, f32::min);
        if lowest < best.0 {
            best = (lowest, block);
        }
    }
    let (lowest, mut block) = best;
    let found = block.find(|&at| half[at] - products[at] == lowest);
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests;
