//! Stage 2: deep embedded clustering (Xie, Girshick and Farhadi 2016).

use std::time::Instant;

use super::{
    Assignment, Context, Engine, EpochStats, Objective, Position, ResumePoint, Stage, StopReason,
    TrainError, TrainSpec, events::ClusteringStats, reconstruction::SNAPSHOT_EVERY,
};
use crate::{
    analysis::{
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

struct Evaluation {
    assignment: Assignment,
    labels: Vec<u32>,
    scores: ClusterScores,
    /// Wall-clock seconds that the scores took.
    seconds: f64,
}

impl Evaluation {
    fn of(
        engine: &mut dyn Engine,
        truth: Option<&[Option<u32>]>,
        cancel: &CancelToken,
    ) -> Result<Self, TrainError> {
        let assignment = engine.assign()?;
        let labels = assignment.labels();
        let start = Instant::now();
        let scores = score(assignment.embedding.view(), &labels, truth, cancel)?;
        Ok(Self {
            assignment,
            labels,
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

/// Runs stage 2 with the centres the engine holds, from `from` on. `previous` are the hard labels
/// of the epoch before, when going on with an interrupted run.
pub fn cluster(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    truth: Option<&[Option<u32>]>,
    from: Position,
    mut previous: Option<Vec<u32>>,
    context: &mut Context<'_>,
) -> Result<ClusteringResult, TrainError> {
    let stage = Stage::Clustering;
    let epochs = spec.epochs[2];
    let done = if from.stage == stage { from.epoch } else { 0 };
    (context.on_stage)(stage);
    if done == 0 {
        engine.reset_optimiser();
    }
    let mut saved = Instant::now();
    let mut last = None;
    for epoch in done + 1..=epochs {
        context.cancel.check()?;
        let start = Instant::now();
        let now = Evaluation::of(engine, truth, context.cancel)?;
        let label_change = previous
            .as_deref()
            .map_or(1.0, |before| label_change(before, &now.labels));
        let converged = label_change < spec.tolerance;
        let loss = if converged {
            None
        } else {
            Some(engine.step(Objective::Divergence, spec.clustering_rate(epoch - 1))?)
        };
        if loss.is_some_and(|loss| !loss.is_finite()) {
            return Err(TrainError::NotFinite { stage, epoch });
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
        };
        (context.on_epoch)(&stats, Some(&now.assignment));
        if converged {
            return Ok(now.finish(StopReason::Converged(epoch)));
        }
        if saved.elapsed() > SNAPSHOT_EVERY {
            (context.on_snapshot)(ResumePoint {
                position: Position { stage, epoch },
                snapshot: engine.snapshot()?,
                labels: Some(now.labels.clone()),
            });
            saved = Instant::now();
        }
        previous = Some(now.labels.clone());
        last = Some(now);
    }
    // With no epochs to run, the k-means centres are evaluated as they are.
    let last = match last {
        Some(last) => last,
        None => Evaluation::of(engine, truth, context.cancel)?,
    };
    Ok(last.finish(StopReason::MaxEpochs(epochs)))
}
