//! Stage 1: reconstruction, then the uncertainty of it.

use std::time::{Duration, Instant};

use super::{
    Context, Engine, EpochStats, Objective, Position, ResumePoint, Stage, TrainError, TrainSpec,
};

/// Time between two snapshots: on a GPU each costs a transfer.
pub(super) const SNAPSHOT_EVERY: Duration = Duration::from_secs(1);

/// Time between two pictures of the embedding, at least.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Runs both parts of stage 1 from where `from` says; does nothing if that is in stage 2.
pub fn reconstruct(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    from: Position,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    let mut saved = Instant::now();
    let mut next_look = saved;
    for (index, stage) in [Stage::Pretrain, Stage::UncertaintyFinetune]
        .into_iter()
        .enumerate()
    {
        if stage < from.stage {
            continue;
        }
        let done = if stage == from.stage { from.epoch } else { 0 };
        (context.on_stage)(stage);
        if done == 0 {
            engine.reset_optimiser();
        }
        for epoch in done + 1..=spec.epochs[index] {
            context.cancel.check()?;
            let start = Instant::now();
            let rate = spec.learning_rates[index];
            let loss = match stage {
                Stage::Pretrain => engine.step(Objective::SquaredError, rate)?,
                _ => engine.step(Objective::Likelihood, rate)?,
            };
            if !loss.is_finite() {
                return Err(TrainError::NotFinite { stage, epoch });
            }
            let stats = EpochStats {
                stage,
                epoch,
                epochs: spec.epochs[index],
                loss: Some(loss),
                seconds: start.elapsed().as_secs_f64(),
                clustering: None,
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
            if saved.elapsed() > SNAPSHOT_EVERY {
                (context.on_snapshot)(ResumePoint {
                    position: Position { stage, epoch },
                    snapshot: engine.snapshot()?,
                    labels: None,
                });
                saved = Instant::now();
            }
        }
    }
    Ok(())
}
