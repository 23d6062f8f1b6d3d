//! Stage 2: deep embedded clustering (Xie, Girshick and Farhadi 2016).

use std::time::Instant;

use super::{
    Assignment, Context, Engine, EpochStats, Objective, Position, ResumePoint, Stage, StopReason,
    TrainError, TrainSpec, events::ClusteringStats, reconstruction::SNAPSHOT_EVERY,
};
use crate::{
    analysis::{
        clusters,
        scores::{ClusterScores, label_change},
        silhouette,
    },
    job::{CancelToken, Cancelled},
};

/// What stage 2 ends with: the last evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusteringResult {
    /// Soft assignment and embedding.
    pub assignment: Assignment,
    /// Hard labels.
    pub labels: Vec<u32>,
    /// Their scores.
    pub scores: ClusterScores,
    /// Why it ended.
    pub stop: StopReason,
}

/// Scores of a clustering of an embedding against the classes, if any are known.
pub(crate) fn score(
    embedding: ndarray::ArrayView2<'_, f32>,
    labels: &[u32],
    truth: Option<&[Option<u32>]>,
    cancel: &CancelToken,
) -> Result<ClusterScores, Cancelled> {
    let asw = silhouette::mean(embedding, labels, cancel)?;
    Ok(ClusterScores::new(truth, labels, asw))
}

#[derive(Clone)]
struct Evaluation {
    assignment: Assignment,
    labels: Vec<u32>,
    /// Samples in every cluster.
    sizes: Vec<usize>,
    scores: ClusterScores,
    /// Wall-clock seconds that the scores took.
    seconds: f64,
}

impl Evaluation {
    fn of(
        engine: &mut dyn Engine,
        truth: Option<&[Option<u32>]>,
        epoch: usize,
        cancel: &CancelToken,
    ) -> Result<Self, TrainError> {
        let assignment = engine.assign()?;
        for (what, numbers) in [
            ("the embedding", &assignment.embedding),
            ("the soft assignment", &assignment.q),
        ] {
            TrainError::unless_sound(what, numbers, Stage::Clustering, epoch)?;
        }
        let labels = assignment.labels();
        let sizes = clusters::sizes(&labels, assignment.q.ncols());
        let start = Instant::now();
        let scores = score(assignment.embedding.view(), &labels, truth, cancel)?;
        Ok(Self {
            assignment,
            labels,
            sizes,
            scores,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    fn finish(self, stop: StopReason) -> ClusteringResult {
        ClusteringResult {
            assignment: self.assignment,
            labels: self.labels,
            scores: self.scores,
            stop,
        }
    }
}

/// Watches the sizes of the clusters, and keeps the last epoch in which all were sound: the engine has its state.
struct Guard {
    /// Sizes in the first epoch.
    first: Vec<usize>,
    sound: Option<(usize, Evaluation)>,
}

impl Guard {
    /// Whether every cluster has at least half the samples that it had in the first epoch.
    fn is_sound(&self, sizes: &[usize]) -> bool {
        self.first
            .iter()
            .zip(sizes)
            .all(|(before, now)| 2 * now >= *before)
    }

    fn keep(&mut self, epoch: usize, now: &Evaluation, engine: &mut dyn Engine) {
        if self.first.is_empty() {
            self.first.clone_from(&now.sizes);
        }
        engine.keep();
        self.sound = Some((epoch, now.clone()));
    }
}

/// What the epochs before an interruption left.
#[derive(Clone, Debug, Default)]
pub struct ClusteringResume {
    /// Hard labels of the last epoch.
    pub labels: Option<Vec<u32>>,
    /// Samples in every cluster in the first epoch; empty if there was none.
    pub sizes: Vec<usize>,
    /// How many of the last epochs changed fewer labels than the tolerance.
    pub stable_epochs: usize,
}

impl ClusteringResume {
    /// From the epochs that were run, and the hard labels of the last of them.
    pub fn of(history: &[EpochStats], labels: Option<Vec<u32>>, spec: &TrainSpec) -> Self {
        let clustered = || history.iter().filter(|e| e.stage == Stage::Clustering);
        let changes = clustered().filter_map(|e| Some(e.clustering?.label_change));
        let changes: Vec<f64> = changes.collect();
        let stable_epochs = changes.iter().rev();
        Self {
            labels,
            sizes: clustered().next().map_or(Vec::new(), |e| e.sizes.clone()),
            stable_epochs: stable_epochs
                .take_while(|&&change| change < spec.tolerance)
                .count(),
        }
    }
}

/// Runs stage 2 with the centres the engine holds, from `from` on.
pub fn cluster(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    truth: Option<&[Option<u32>]>,
    from: Position,
    before: ClusteringResume,
    context: &mut Context<'_>,
) -> Result<ClusteringResult, TrainError> {
    let stage = Stage::Clustering;
    let epochs = spec.epochs[2];
    let done = if from.stage == stage { from.epoch } else { 0 };
    (context.on_stage)(stage);
    if done == 0 {
        engine.reset_optimiser();
    }
    let objective = match spec.clustering_weight {
        Some(weight) => Objective::KeptDivergence { weight },
        None => Objective::Divergence,
    };
    let mut saved = Instant::now();
    let mut last: Option<Evaluation> = None;
    let ClusteringResume {
        labels: mut previous,
        sizes,
        mut stable_epochs,
    } = before;
    let mut guard = Guard {
        first: sizes,
        sound: None,
    };
    for epoch in done + 1..=epochs {
        context.cancel.check()?;
        let start = Instant::now();
        let now = Evaluation::of(engine, truth, epoch, context.cancel)?;
        if spec.guard
            && !guard.is_sound(&now.sizes)
            && let Some((epoch, evaluation)) = guard.sound.take()
        {
            engine.go_back();
            return Ok(evaluation.finish(StopReason::Guarded(epoch)));
        }
        if spec.guard {
            guard.keep(epoch, &now, engine);
        }
        let label_change = previous
            .as_deref()
            .map_or(1.0, |before| label_change(before, &now.labels));
        stable_epochs = match label_change < spec.tolerance {
            true => stable_epochs + 1,
            false => 0,
        };
        let converged = stable_epochs >= spec.patience;
        let loss = if converged {
            None
        } else {
            Some(engine.step(objective, spec.clustering_rate(epoch - 1))?)
        };
        if loss.is_some_and(|loss| !loss.is_finite()) {
            let what = "the loss";
            return Err(TrainError::NotFinite { what, stage, epoch });
        }
        let stats = EpochStats {
            stage,
            epoch,
            epochs,
            loss,
            seconds: start.elapsed().as_secs_f64(),
            clustering: Some(ClusteringStats {
                scores: now.scores,
                label_change,
                seconds: now.seconds,
            }),
            sizes: now.sizes.clone(),
        };
        (context.on_epoch)(&stats, Some(&now.assignment));
        if converged {
            return Ok(now.finish(StopReason::Converged(epoch)));
        }
        if let Some(on_snapshot) = &mut context.on_snapshot
            && saved.elapsed() > SNAPSHOT_EVERY
        {
            on_snapshot(match &guard.sound {
                // This epoch is run again, so that the guard can come back to it.
                Some(_) => ResumePoint {
                    position: Position {
                        stage,
                        epoch: epoch - 1,
                    },
                    snapshot: engine.kept()?,
                    labels: previous.clone(),
                },
                _ => ResumePoint {
                    position: Position { stage, epoch },
                    snapshot: engine.snapshot()?,
                    labels: Some(now.labels.clone()),
                },
            });
            saved = Instant::now();
        }
        previous = Some(now.labels.clone());
        last = Some(now);
    }
    // With no epochs to run, the k-means centres are evaluated as they are.
    let last = match last {
        Some(last) => last,
        None => Evaluation::of(engine, truth, done, context.cancel)?,
    };
    Ok(last.finish(StopReason::MaxEpochs(epochs)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calm_epochs_are_those_at_the_end() {
        let epoch = |epoch: usize, label_change: f64| EpochStats {
            stage: Stage::Clustering,
            epoch,
            epochs: 9,
            loss: Some(1.0),
            seconds: 0.1,
            clustering: Some(ClusteringStats {
                scores: ClusterScores::default(),
                label_change,
                seconds: 0.0,
            }),
            sizes: vec![epoch, 7],
        };
        let spec = TrainSpec {
            tolerance: 0.01,
            ..TrainSpec::default()
        };
        let changes = [1.0, 0.001, 0.02, 0.0, 0.009];
        let history: Vec<EpochStats> = (1..).zip(changes).map(|(i, c)| epoch(i, c)).collect();
        let before = ClusteringResume::of(&history, None, &spec);
        assert_eq!((before.stable_epochs, before.sizes), (2, vec![1, 7]));
        assert_eq!(
            ClusteringResume::of(&history[..3], None, &spec).stable_epochs,
            0
        );
        assert_eq!(ClusteringResume::of(&[], None, &spec).stable_epochs, 0);
    }
}
