//! Stage 1: reconstruction, then the uncertainty of it.

use std::time::{Duration, Instant};

use super::{
    Context, Engine, EpochStats, Objective, Position, ResumePoint, Stage, TrainError, TrainSpec,
};

/// Time between two snapshots: on a GPU each costs a transfer.
pub(super) const SNAPSHOT_EVERY: Duration = Duration::from_secs(1);

/// Time between two pictures of the embedding, at least.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Runs both parts of stage 1 from where `from` says; does nothing if that is in stage 2. Several starts are
/// [`pretrain`]'s, so only the second part is left of them.
pub fn reconstruct(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    from: Position,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    for stage in [Stage::Pretrain, Stage::UncertaintyFinetune] {
        if stage < from.stage || (stage == Stage::Pretrain && spec.starts > 1) {
            continue;
        }
        let done = if stage == from.stage { from.epoch } else { 0 };
        run(engine, spec, stage, 0, done, context)?;
    }
    Ok(())
}

/// Runs the reconstruction of one of several starts, counted from 0, with the weights the engine holds.
pub fn pretrain(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    start: usize,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    run(engine, spec, Stage::Pretrain, start, 0, context)
}

fn run(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    stage: Stage,
    start: usize,
    done: usize,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    let (index, objective) = match stage {
        Stage::Pretrain => (0, Objective::SquaredError),
        _ if spec.faithful => (1, Objective::Faithful),
        _ => (1, Objective::Likelihood),
    };
    let (each, planned) = (spec.epochs[index], spec.planned()[index]);
    let mut saved = Instant::now();
    let mut next_look = saved;
    (context.on_stage)(stage);
    if done == 0 {
        engine.reset_optimiser();
    }
    for epoch in done + 1..=each {
        context.cancel.check()?;
        let begun = Instant::now();
        let loss = engine.step(objective, spec.learning_rates[index])?;
        let epoch = start * each + epoch;
        if !loss.is_finite() {
            return Err(TrainError::NotFinite { stage, epoch });
        }
        let stats = EpochStats {
            stage,
            epoch,
            epochs: planned,
            loss: Some(loss),
            seconds: begun.elapsed().as_secs_f64(),
            clustering: None,
            sizes: Vec::new(),
        };
        (context.on_epoch)(&stats, None);
        if let Some(look) = &mut context.on_embedding
            && Instant::now() >= next_look
        {
            let begun = Instant::now();
            look(engine.embed()?)?;
            // Never more than a few percent of the time.
            next_look = Instant::now() + LOOK_EVERY.max(20 * begun.elapsed());
        }
        if let Some(on_snapshot) = &mut context.on_snapshot
            && saved.elapsed() > SNAPSHOT_EVERY
        {
            on_snapshot(ResumePoint {
                position: Position { stage, epoch },
                snapshot: engine.snapshot()?,
                labels: None,
            });
            saved = Instant::now();
        }
    }
    Ok(())
}
