//! Several starts of stage 1, each with its clusters.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::{
    Checkpoint, DoneStart, Event, Milestone, Node, RunError,
    helpers::{Helpers, Work},
    reported::States,
    run::{Ready, Run},
};
use crate::{
    analysis::{
        clusters::{centres, nearest},
        consensus::{Ballot, Consensus, matching},
        kmeans::{self, KMeansSpec},
        scores::ClusterScores,
        whitening::Whitening,
    },
    data::{Masked, Storage, subsample},
    job::CancelToken,
    model::Weights,
    train::{self, Batches, Engine, Resting, Snapshot, StartStats, TrainError},
};

/// Samples of a training step of a start that sees some of the samples only, at most: with a whole batch a start of
/// few epochs would learn too little of them.
pub(super) const BATCH: usize = 2_048;

/// Share of the mean variance that is added to every direction before whitening: more than where ambiguity is measured, as
/// a start learns from few samples for few epochs, and its narrowest directions are noise.
const RIDGE: f64 = 0.03;

/// The samples that several starts are trained on, drawn at random, if not all of them.
pub(super) fn subsampled(
    inputs: &[Masked],
    most: usize,
    seed: u64,
) -> std::io::Result<Option<Vec<Masked>>> {
    let samples = inputs.first().map_or(0, |x| x.values.samples());
    let Some(rows) = subsample(samples, most, &mut ChaCha8Rng::seed_from_u64(seed)) else {
        return Ok(None);
    };
    let drawn = inputs.iter().map(|x| x.select(Storage::Memory, &rows));
    drawn.collect::<Result<_, _>>().map(Some)
}

/// Seed of the weights of a start: each seed of a run has its own.
pub(super) fn seed(of_run: u64, start: u64) -> u64 {
    of_run.wrapping_add(start << 32)
}

impl Run<'_> {
    /// Trains every start, on some samples if there is such an engine, and clusters its embedding of all samples.
    pub(super) fn starts(&mut self, ready: &mut Ready) -> Result<(), RunError> {
        let engine = ready.engine.as_mut();
        let mut part = ready.subsample.as_deref_mut();
        let spec = &self.spec.train;
        let network = self.network.clone();
        let of_run = self.spec.seed;
        let fresh = move |start: usize| {
            // The first start is that of a run with a single one.
            let seed = seed(of_run, start as u64);
            Snapshot::from_weights(Weights::initialise(&network, seed))
        };
        let known = self.so_far.starts.len().max(self.so_far.trained.len());
        let missing = known..spec.starts;
        let batches = self.start_batches(part.is_some());
        let shared = ready.shared.as_deref();
        let mut helpers = Helpers::begin(
            self,
            &*ready.maker,
            shared,
            batches,
            missing.clone(),
            fresh.clone(),
            Work::Start,
        );
        let mut ballot = Ballot::default();
        // Those that are done vote as they did.
        for done in &self.so_far.starts {
            ballot.add(done.found.to_vec());
        }
        for start in self.so_far.starts.len()..spec.starts {
            let pictures = part.is_none();
            let (trained, told) = match self.so_far.trained.get(start).cloned() {
                Some(trained) => (trained, false),
                None => {
                    let learner = part.as_deref_mut().unwrap_or(engine);
                    let trained =
                        helpers.trained(self, learner, start, &fresh, |run, engine, from| {
                            run.one_start(engine, start, from, pictures)
                        })?;
                    (Resting::new(trained.snapshot), trained.told)
                }
            };
            engine.restore(&*trained.get()?)?;
            let embedding = self.embed(engine)?;
            // Drawn anew for every start: what is peculiar to some samples is outvoted.
            let mut rng = ChaCha8Rng::seed_from_u64(seed(of_run, start as u64));
            let rows = subsample(embedding.nrows(), spec.start_samples, &mut rng);
            let kmeans = self.kmeans_spec();
            let Clusters { seen, found } =
                cluster(embedding.view(), rows.as_deref(), &kmeans, self.cancel)?;
            self.sink.event(Event::Labels(Arc::new(found.clone())));
            if !(pictures && told) {
                // No epoch of it was shown: it saw some of the samples only, a helper trained it, or none was run.
                self.show(&embedding)?;
            }
            let scores = ClusterScores::new(self.truth(), &found, None);
            ballot.add(found.clone());
            let told = StartStats {
                start: start + 1,
                starts: spec.starts,
                agreement: ballot.agreement(),
                scores,
            };
            self.sink.event(Event::Start(told));
            self.so_far.told.push(told);
            self.so_far.starts.push(DoneStart {
                trained,
                seen: Arc::new(seen),
                found: Arc::new(found),
            });
            self.checkpoint(Milestone::Done);
        }
        helpers.finish(self, part.unwrap_or(engine));
        self.so_far.trained.clear();
        if self.so_far.from.is_none() {
            self.keep_starts();
        }
        Ok(())
    }

    /// Offers the weights of all starts to runs with other numbers of clusters.
    fn keep_starts(&mut self) {
        let sink = self.sink;
        sink.checkpoint(Milestone::After(Node::Starts), &mut || {
            let trained = self.so_far.starts.iter();
            Some(Checkpoint {
                trained: trained.map(|start| start.trained.clone()).collect(),
                history: self.so_far.history.clone(),
                helpers: self.so_far.helpers.clone(),
                seconds: self.clock.seconds(),
                ..Checkpoint::default()
            })
        });
    }

    fn one_start(
        &mut self,
        engine: &mut dyn Engine,
        start: usize,
        fresh: &Snapshot,
        pictures: bool,
    ) -> Result<(), RunError> {
        engine.restore(fresh)?;
        self.training(pictures, States::OfRun, |spec, context| {
            // A device that fails in one start begins with the first again.
            context.on_snapshot = None;
            train::pretrain(engine, spec, start, 0, context)
        })
    }

    /// The mini-batches of starts. Where some samples stand for all, more steps are taken.
    pub(super) fn start_batches(&self, subsampled: bool) -> Batches {
        match subsampled {
            true => self.batches().at_most(BATCH),
            false => self.batches(),
        }
    }

    /// The clusters of stage 1 by the votes, and their centres in an embedding. Should a centre be no sample's
    /// nearest, so that stage 2 would begin without that cluster, k-means starts anew; its clusters get the numbers of those
    /// elected that they are most like.
    pub(super) fn elected(
        &self,
        consensus: &Consensus,
        embedding: &Array2<f32>,
    ) -> Result<(Vec<u32>, Array2<f32>), RunError> {
        let (points, clusters) = (embedding.view(), self.network.clusters);
        let found = centres(points, &consensus.labels, clusters);
        if let Some(rows) = found.into_iter().collect::<Option<Vec<_>>>() {
            let centre = |(k, i): (usize, usize)| rows[k][i] as f32;
            let centres = Array2::from_shape_fn((clusters, points.ncols()), centre);
            if all_used(&nearest(points, centres.view()), clusters) {
                return Ok((consensus.labels.clone(), centres));
            }
        }
        let fit = kmeans::fit(points, &self.kmeans_spec(), self.cancel)?;
        let numbers = matching(&fit.assignment, &consensus.labels, clusters);
        let mut centres = fit.centres.clone();
        for (&number, centre) in numbers.iter().zip(fit.centres.rows()) {
            centres.row_mut(number as usize).assign(&centre);
        }
        let renamed = fit.assignment.iter().map(|&k| numbers[k as usize]);
        Ok((renamed.collect(), centres))
    }
}

/// Clusters of an embedding of all samples.
pub(super) struct Clusters {
    /// By distances as they are.
    pub seen: Vec<u32>,
    /// By distances that the shape of those clusters suggests.
    pub found: Vec<u32>,
}

/// Clusters of all samples (an embedding, `n x d`) by k-means on some of them, or on all.
///
/// k-means cuts wide clusters in two and takes small ones together. So it runs a second time on points that are whitened by
/// the clusters it found first: a direction in which these are wide counts less (the metric of discriminant analysis
/// learned from the clustering itself, as in Ding and Li 2007).
pub(super) fn cluster(
    all: ArrayView2<'_, f32>,
    some: Option<&[u32]>,
    spec: &KMeansSpec,
    cancel: &CancelToken,
) -> Result<Clusters, TrainError> {
    let some: Option<Vec<usize>> = some.map(|rows| rows.iter().map(|&row| row as usize).collect());
    let of = |all: ArrayView2<'_, f32>| some.as_ref().map(|rows| all.select(Axis(0), rows));
    let selected = of(all);
    let points = selected.as_ref().map_or(all, |points| points.view());
    let first = kmeans::fit(points, spec, cancel)?;
    let found = centres(points, &first.assignment, spec.clusters);
    let white = Whitening::of(points, &first.assignment, &found, RIDGE).apply_all(all);
    let selected = of(white.view());
    let points = selected.as_ref().unwrap_or(&white).view();
    let second = kmeans::fit(points, spec, cancel)?;
    Ok(Clusters {
        seen: nearest(all, first.centres.view()),
        found: nearest(white.view(), second.centres.view()),
    })
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
    use crate::data::Values;
    use rand::RngExt as _;

    #[test]
    fn few_samples_are_drawn_once_each() {
        let column = Values::from(Array2::from_shape_fn((1_000, 1), |(i, _)| i as f32));
        let drawn = subsampled(&[column.into()], 100, 1).unwrap().unwrap();
        let rows = drawn[0].values.array().unwrap().column(0).to_vec();
        assert_eq!(rows.len(), 100);
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(subsampled(&drawn, 100, 1).unwrap().is_none());
    }

    #[test]
    fn directions_in_which_clusters_are_wide_count_less() {
        // Four times as wide as high; one above the other and one beside them.
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut normal = || -> f32 { rng.sample(rand_distr::StandardNormal) };
        let points = Array2::from_shape_fn((400, 2), |(i, axis)| {
            let centre = match i {
                ..200 => [0.0, 0.0],
                200..300 => [0.0, 4.0],
                _ => [6.0, 2.0],
            };
            centre[axis] + [2.0, 0.5][axis] * normal()
        });
        let truth: Vec<u32> = (0..400)
            .map(|i| u32::from(i >= 200) + u32::from(i >= 300))
            .collect();
        let points = points.view();
        let spec = KMeansSpec::new(3, 0);
        let Clusters { seen, found } = cluster(points, None, &spec, &CancelToken::new()).unwrap();
        let right = |labels: &[u32]| crate::analysis::scores::accuracy(&truth, labels);
        let (seen, found) = (right(&seen), right(&found));
        assert!(found > 0.97 && found > seen + 0.01, "{found}, {seen}");
    }
}
