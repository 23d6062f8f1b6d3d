//! Several starts of stage 1, and the one to go on from.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{
    Event,
    run::{Run, TrainOrOther},
};
use crate::{
    analysis::{
        clusters::{centres, nearest},
        consensus::{Ballot, Consensus},
        kmeans::{self, KMeansSpec},
        scores::ClusterScores,
        whitening::Whitening,
    },
    data::{Storage, Values},
    job::CancelToken,
    model::Weights,
    train::{self, Engine, Snapshot, StartStats, TrainError},
};

/// Samples of a training step of a start that sees some of the samples only, at most: with a whole batch a start of
/// few epochs would learn too little of them.
pub(super) const BATCH: usize = 2_048;

/// Share of the mean variance that is added to every direction before whitening.
const RIDGE: f64 = 0.03;

/// The samples that several starts are trained on, drawn at random, if not all of them.
pub(super) fn few(
    inputs: &[Values],
    most: usize,
    seed: u64,
) -> std::io::Result<Option<Vec<Values>>> {
    let samples = inputs.first().map_or(0, Values::samples);
    if samples <= most {
        return Ok(None);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let drawn = rand::seq::index::sample(&mut rng, samples, most);
    let mut rows: Vec<u32> = drawn.iter().map(|row| row as u32).collect();
    rows.sort_unstable();
    let few = inputs.iter().map(|x| x.select(Storage::Memory, &rows));
    few.collect::<Result<_, _>>().map(Some)
}

/// Seed of the weights of a start: each seed of a run has its own.
pub(super) fn seed(of_run: u64, start: u64) -> u64 {
    of_run.wrapping_add(start << 32)
}

impl Run<'_> {
    /// Trains every start, on `few` if there is such an engine, clusters its embedding of all samples, and puts the
    /// weights that the others agree with most into `engine`.
    pub(super) fn starts(
        &mut self,
        engine: &mut dyn Engine,
        mut few: Option<Box<dyn Engine>>,
    ) -> Result<Arc<Consensus>, TrainOrOther> {
        let spec = &self.spec.train;
        let (mut weights, mut ballot) = (Vec::new(), Ballot::default());
        for start in 0..spec.starts {
            // The first start is that of a run with a single one.
            let seed = seed(self.spec.seed, start as u64);
            let fresh = Snapshot {
                weights: Weights::initialise(&self.network, seed),
                ..Snapshot::default()
            };
            let trained = match few.as_mut() {
                Some(few) => {
                    let trained = self.one_start(few.as_mut(), start, &fresh, false)?;
                    engine.restore(&trained)?;
                    trained
                }
                None => self.one_start(engine, start, &fresh, true)?,
            };
            let embedding = engine.embed()?;
            let few = few.as_mut().map(|few| few.embed()).transpose()?;
            let points = few.as_ref().unwrap_or(&embedding).view();
            let kmeans = self.kmeans_spec();
            let found = cluster(points, embedding.view(), &kmeans, self.cancel)?;
            self.sink.event(Event::Labels(Arc::new(found.clone())));
            let scores = ClusterScores::new(self.truth(), &found, None);
            ballot.add(found);
            self.sink.event(Event::Start(StartStats {
                start: start + 1,
                starts: spec.starts,
                agreement: ballot.agreement(),
                scores,
            }));
            weights.push(trained.weights);
        }
        let consensus = ballot.elect(self.network.clusters, self.cancel)?;
        engine.restore(&Snapshot {
            weights: weights.swap_remove(consensus.chosen),
            ..Snapshot::default()
        })?;
        Ok(Arc::new(consensus))
    }

    fn one_start(
        &mut self,
        engine: &mut dyn Engine,
        start: usize,
        fresh: &Snapshot,
        pictures: bool,
    ) -> Result<Snapshot, TrainOrOther> {
        engine.restore(fresh)?;
        self.training(pictures, |spec, context| {
            // A device that fails in one start begins with the first again.
            context.on_snapshot = None;
            train::pretrain(engine, spec, start, 0, context)
        })?;
        Ok(engine.snapshot()?)
    }

    /// The clusters of stage 1 by the votes, and their centres in an embedding. Should a centre be no sample's
    /// nearest, so that stage 2 would begin without that cluster, the chosen start decides alone; should even that
    /// fail (few distinct samples), k-means starts anew.
    pub(super) fn elected(
        &self,
        consensus: &Consensus,
        embedding: &Array2<f32>,
    ) -> Result<(Vec<u32>, Array2<f32>), TrainOrOther> {
        let (points, clusters) = (embedding.view(), self.network.clusters);
        for labels in [consensus.labels.clone(), consensus.chosen_labels.clone()] {
            let found = centres(points, &labels, clusters);
            let whole = found.into_iter().collect::<Option<Vec<_>>>();
            let Some(rows) = whole else { continue };
            let centre = |(k, i): (usize, usize)| rows[k][i] as f32;
            let centres = Array2::from_shape_fn((clusters, points.ncols()), centre);
            if all_used(&nearest(points, centres.view()), clusters) {
                return Ok((labels, centres));
            }
        }
        let fit = kmeans::fit(points, &self.kmeans_spec(), self.cancel);
        let fit = fit.map_err(TrainError::from)?;
        Ok((fit.assignment, fit.centres))
    }
}

/// Clusters of all samples (an embedding, `n x d`) by k-means on some of them, the `points`.
///
/// k-means cuts wide clusters in two and takes small ones together. So it runs a second time on points that are whitened by
/// the clusters it found first: a direction in which these are wide counts less (the metric of discriminant analysis
/// learned from the clustering itself, as in Ding and Li 2007).
pub(super) fn cluster(
    points: ArrayView2<'_, f32>,
    all: ArrayView2<'_, f32>,
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<Vec<u32>, TrainError> {
    let first = kmeans::fit(points, spec, cancel)?.assignment;
    let found = centres(points, &first, spec.clusters);
    let whitening = Whitening::of(points, &first, &found, RIDGE);
    let white = whitening.apply_all(points);
    let second = kmeans::fit(white.view(), spec, cancel)?;
    cancel.check()?;
    let all = whitening.apply_all(all);
    Ok(nearest(all.view(), second.centres.view()))
}

/// Whether every cluster holds a sample.
fn all_used(labels: &[u32], clusters: usize) -> bool {
    let mut used = vec![false; clusters];
    labels.iter().for_each(|&label| used[label as usize] = true);
    used.iter().all(|&used| used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_samples_are_drawn_once_each() {
        let column = Array2::from_shape_fn((1_000, 1), |(i, _)| i as f32);
        let drawn = few(&[column.into()], 100, 1).unwrap().unwrap();
        let rows = drawn[0].array().unwrap().column(0).to_vec();
        assert_eq!(rows.len(), 100);
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(few(&drawn, 100, 1).unwrap().is_none());
    }
}
