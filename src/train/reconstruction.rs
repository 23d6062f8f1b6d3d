//! Stage 1: reconstruction, then the uncertainty of it.

use std::time::{Duration, Instant};

use super::{
    Context, Decoder, Engine, EpochStats, Objective, Position, ResumePoint, Stage, TrainError,
    TrainSpec,
};
use crate::{
    data::{Mask, Masked},
    job::CancelToken,
};

/// Time between two snapshots: on a GPU each costs a transfer.
pub(super) const SNAPSHOT_EVERY: Duration = Duration::from_secs(1);

/// Time between two pictures of the embedding, at least.
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// Runs the reconstruction of a start, counted from 0, with the weights the engine holds; `done` epochs of it are behind.
pub fn pretrain(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    start: usize,
    done: usize,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    let (each, planned) = (spec.epochs[0], spec.planned()[0]);
    let epochs = Epochs {
        from: done,
        to: each,
        before: start * each,
        planned,
    };
    run(engine, spec, Stage::Pretrain, epochs, context)
}

/// Runs the second part of stage 1 for a model, counted from 0: `epochs` epochs that learn the uncertainty, of which
/// `done` are behind.
pub fn finetune(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    model: usize,
    done: usize,
    epochs: usize,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    let epochs = Epochs {
        from: done,
        to: epochs,
        before: model * epochs,
        planned: spec.models() * epochs,
    };
    run(engine, spec, Stage::UncertaintyFinetune, epochs, context)
}

/// Which epochs to run: after `from` up to `to`, told as coming after `before` others, of so many `planned`.
struct Epochs {
    from: usize,
    to: usize,
    before: usize,
    planned: usize,
}

/// What a part of stage 1 minimises, and its number.
fn objective(stage: Stage, spec: &TrainSpec) -> (usize, Objective) {
    match stage {
        Stage::Pretrain => (0, Objective::SquaredError),
        _ if spec.faithful => (1, Objective::Faithful),
        _ => (1, Objective::Likelihood),
    }
}

/// Epochs between two tests on the samples held out.
const TEST_EVERY: usize = 10;

/// Tests without a better one that end the hold-out.
const PATIENCE: usize = 4;

/// How many epochs of the second part of stage 1 are best for samples that are not learned from, at most those of the spec:
/// `learner` learns, and every few epochs `tester` measures the likelihood of what it holds, the scaled values `held_out`
/// (early stopping, Prechelt 1998).
pub fn best_epochs(
    learner: &mut dyn Engine,
    tester: &mut dyn Engine,
    held_out: &[Masked],
    spec: &TrainSpec,
    cancel: &CancelToken,
) -> Result<usize, TrainError> {
    let (index, objective) = objective(Stage::UncertaintyFinetune, spec);
    let most = spec.epochs[index];
    let mut best = (f64::INFINITY, most);
    learner.reset_optimiser();
    for epoch in 1..=most {
        cancel.check()?;
        let loss = learner.step(objective, spec.learning_rates[index])?;
        if !loss.is_finite() {
            // What was found before is as good as it was.
            if best.0.is_finite() {
                break;
            }
            let (what, stage) = ("the loss", Stage::UncertaintyFinetune);
            return Err(TrainError::NotFinite { what, stage, epoch });
        }
        if epoch % TEST_EVERY != 0 && epoch != most {
            continue;
        }
        tester.restore(&learner.snapshot()?)?;
        let found = likelihood(tester, held_out, spec.held_out_trim)?;
        if found < best.0 {
            best = (found, epoch);
        } else if epoch >= best.1 + PATIENCE * TEST_EVERY {
            break;
        }
    }
    Ok(best.1)
}

/// The mean negative log-likelihood of what was measured, without its constant, summed over the modalities: of the samples that
/// are left when `trim` of them are passed over at either end.
fn likelihood(engine: &mut dyn Engine, held_out: &[Masked], trim: f64) -> Result<f64, TrainError> {
    let means = engine.decode(Decoder::Mean)?;
    let log_variances = engine.decode(Decoder::LogVariance)?;
    let samples = held_out.first().map_or(0, |data| data.values.samples());
    let mut of_samples = vec![0.0; samples];
    for ((data, mean), log_variance) in held_out.iter().zip(&means).zip(&log_variances) {
        let x = &data.values;
        let features = x.features();
        let each = samples as f64 / data.measured().max(1) as f64;
        let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
        for (row, of_sample) in of_samples.iter_mut().enumerate() {
            let x = x.rows(row..row + 1, &mut a);
            let mean = mean.rows(row..row + 1, &mut b);
            let s = log_variance.rows(row..row + 1, &mut c);
            for run in Mask::runs_or_all(data.mask.as_ref(), row, features) {
                let values = x[run.clone()].iter().zip(&mean[run.clone()]).zip(&s[run]);
                for ((x, mean), s) in values {
                    let square = f64::from(x - mean).powi(2);
                    *of_sample += each * 0.5 * (square * f64::from(-s).exp() + f64::from(*s));
                }
            }
        }
        for values in [x, mean, log_variance] {
            values.check().map_err(TrainError::Disk)?;
        }
    }
    Ok(trimmed_mean(of_samples, trim))
}

/// The mean without that share of the values at either end.
fn trimmed_mean(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let end = (values.len() as f64 * share) as usize;
    let kept = &values[end..values.len().saturating_sub(end).max(end)];
    kept.iter().sum::<f64>() / kept.len().max(1) as f64
}

fn run(
    engine: &mut dyn Engine,
    spec: &TrainSpec,
    stage: Stage,
    epochs: Epochs,
    context: &mut Context<'_>,
) -> Result<(), TrainError> {
    let (index, objective) = objective(stage, spec);
    let mut saved = Instant::now();
    let mut next_look = saved;
    (context.on_stage)(stage);
    if epochs.from == 0 {
        engine.reset_optimiser();
    }
    for epoch in epochs.from + 1..=epochs.to {
        context.cancel.check()?;
        let begun = Instant::now();
        let loss = engine.step(objective, spec.learning_rates[index])?;
        let epoch = epochs.before + epoch;
        if !loss.is_finite() {
            let what = "the loss";
            return Err(TrainError::NotFinite { what, stage, epoch });
        }
        let stats = EpochStats {
            stage,
            epoch,
            epochs: epochs.planned,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_at_either_end_do_not_count() {
        let mut values = vec![1e9, -1e9];
        values.extend((0..18).map(f64::from));
        assert_eq!(trimmed_mean(values.clone(), 0.05), 8.5);
        assert_eq!(trimmed_mean(values, 0.0), 153.0 / 20.0);
        assert_eq!(trimmed_mean(vec![3.0], 0.4), 3.0);
        assert_eq!(trimmed_mean(Vec::new(), 0.05), 0.0);
    }
}
