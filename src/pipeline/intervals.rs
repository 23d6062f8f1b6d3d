//! Whether the uncertainty of values that were not learned is right in size: do intervals of 90 % hold 90 % of them?

use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{AnalysisResult, Event, Part, RunError, Sink, noise};
use crate::{
    analysis::calibration::Deviations,
    data::{Mask, Masked, Storage},
    job::CancelToken,
    model::{NetworkSpec, Weights},
    preprocess,
    train::{self, Context, Decoder, EngineMaker, TrainSpec, open_device},
};

/// Share of values that intervals are to hold.
pub const LEVEL: f64 = 0.9;

/// Half the width of an interval that holds so much of a normal distribution, in standard deviations.
const NORMAL: f64 = 1.644_853_6;

/// Parts of the samples, each of which is held out once.
const PARTS: usize = 4;

/// Samples that this is found out on, at most, drawn at random.
const SAMPLES: usize = 4_096;

/// Epochs of training between two looks at how far it is.
const TOLD_EVERY: usize = 10;

/// What intervals of the values of a modality hold, of samples that the model has not seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModalityIntervals {
    /// What the predicted standard deviation of a new sample's value is to be multiplied by.
    pub factor: f64,
    /// Share of the values within 1.645 predicted standard deviations of the predicted mean, as they are.
    pub before: f64,
    /// The same with the factor, found on other samples than those it is tried on.
    pub covered: f64,
}

/// What intervals hold in every modality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Samples that were held out, one part after the other.
    pub samples: usize,
    /// By modality, in the order of the data set.
    pub modalities: Vec<ModalityIntervals>,
}

/// Trains stage 1 of a result's analysis once more, with a single start and on the CPU, on three quarters of the samples, and
/// compares the values of the others with what is predicted of them; in turn for every quarter. The factor that makes 90 % of
/// the values of three quarters lie in their intervals is then tried on the fourth (cross-conformal prediction, Vovk 2015).
///
/// `None` of fewer samples than a part needs.
///
/// # Errors
/// When cancelled, when training fails, or if values on disk cannot be read.
pub fn check_intervals(
    result: &AnalysisResult,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<Option<Intervals>, RunError> {
    noise::from_the_start(result)?;
    sink.event(Event::Part(Part::Intervals));
    let (dataset, spec) = (&result.dataset, &result.spec);
    let prepared = preprocess::min_max(dataset)?;
    let inputs = preprocess::masked(dataset, prepared.modalities, spec.train.masked)?;
    let mut order: Vec<u32> = (0..dataset.samples() as u32).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(spec.seed));
    order.truncate(SAMPLES);
    let parts: Vec<&[u32]> = order.chunks(order.len().div_ceil(PARTS).max(1)).collect();
    let least = result.clusters.max(2);
    if parts.len() < PARTS || parts.iter().any(|part| part.len() < 2) || order.len() < 2 * least {
        return Ok(None);
    }
    let widths = inputs.iter().map(|x| x.values.features()).collect();
    let network = spec.train.check(order.len(), widths, result.clusters)?;
    let maker = open_device(&spec.device, false, cancel)?;
    let run = Held {
        maker: &*maker,
        inputs: &inputs,
        network,
        train: &spec.train,
        epochs: result.epochs_of_uncertainty(),
        cancel,
    };
    let of = PARTS * (spec.train.epochs[0] + run.epochs);
    let mut found = Vec::with_capacity(PARTS);
    for held_out in 0..PARTS {
        let others = parts.iter().enumerate().filter(|(at, _)| *at != held_out);
        let learned: Vec<u32> = others.flat_map(|(_, part)| part.iter().copied()).collect();
        let seed = spec.seed.wrapping_add(held_out as u64);
        let before = held_out * of / PARTS;
        let tell = |done| {
            let done = before + done;
            sink.event(Event::Share { done, of });
        };
        found.push(run.deviations(
            sorted(learned),
            sorted(parts[held_out].to_vec()),
            seed,
            &tell,
        )?);
    }
    let of_modality = |modality: usize| {
        let (mut all, mut covered) = (Deviations::default(), 0.0);
        for (at, part) in found.iter().enumerate() {
            all.add(&part[modality]);
            let mut others = Deviations::default();
            let rest = found.iter().enumerate().filter(|(other, _)| *other != at);
            rest.for_each(|(_, part)| others.add(&part[modality]));
            covered += part[modality].count() * part[modality].within(others.quantile(LEVEL));
        }
        ModalityIntervals {
            factor: all.quantile(LEVEL) / NORMAL,
            before: all.within(NORMAL),
            covered: covered / all.count().max(1.0),
        }
    };
    Ok(Some(Intervals {
        samples: order.len(),
        modalities: (0..inputs.len()).map(of_modality).collect(),
    }))
}

fn sorted(mut rows: Vec<u32>) -> Vec<u32> {
    rows.sort_unstable();
    rows
}

/// How samples are learned from while others are held out.
struct Held<'a> {
    maker: &'a dyn EngineMaker,
    inputs: &'a [Masked],
    network: NetworkSpec,
    train: &'a TrainSpec,
    epochs: usize,
    cancel: &'a CancelToken,
}

impl Held<'_> {
    /// How far the values of some samples lie from what is predicted after learning from others, in predicted standard
    /// deviations, by modality.
    fn deviations(
        &self,
        learned: Vec<u32>,
        held_out: Vec<u32>,
        seed: u64,
        tell: &dyn Fn(usize),
    ) -> Result<Vec<Deviations>, RunError> {
        let some = |rows: &[u32]| {
            let each = self.inputs.iter().map(|x| x.select(Storage::Memory, rows));
            each.collect::<std::io::Result<Vec<Masked>>>()
        };
        let held = some(&held_out)?;
        let weights = Weights::initialise(&self.network, seed);
        let engine = |inputs| self.maker.make(&self.network, inputs, &weights);
        let mut learner = engine(some(&learned)?)?;
        let mut tester = engine(held.clone())?;
        let mut done = 0;
        let mut context = Context {
            cancel: self.cancel,
            on_stage: &mut |_| {},
            on_epoch: &mut |_, _| {
                done += 1;
                if done % TOLD_EVERY == 0 {
                    tell(done);
                }
            },
            on_snapshot: None,
            on_embedding: None,
        };
        let train = self.train;
        train::pretrain(learner.as_mut(), train, 0, 0, &mut context)?;
        train::finetune(learner.as_mut(), train, 0, 0, self.epochs, &mut context)?;
        tester.restore(&learner.snapshot()?)?;
        let means = tester.decode(Decoder::Mean)?;
        let log_variances = tester.decode(Decoder::LogVariance)?;
        let mut all = Vec::with_capacity(held.len());
        for ((data, mean), log_variance) in held.iter().zip(&means).zip(&log_variances) {
            let (samples, features) = data.values.dim();
            let (mut a, mut b, mut c) = (Vec::new(), Vec::new(), Vec::new());
            let mut found = Deviations::default();
            for row in 0..samples {
                let x = data.values.rows(row..row + 1, &mut a);
                let mean = mean.rows(row..row + 1, &mut b);
                let s = log_variance.rows(row..row + 1, &mut c);
                for run in Mask::runs_or_all(data.mask.as_ref(), row, features) {
                    for at in run {
                        let off = f64::from(x[at] - mean[at]).abs();
                        found.push(off * (-0.5 * f64::from(s[at])).exp());
                    }
                }
            }
            for values in [mean, log_variance] {
                values.check()?;
            }
            all.push(found);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AnalysisSpec, Recipe, run_without_maps};
    use super::*;
    use crate::{
        data::demo::{self, DemoSpec},
        model::DeviceChoice,
    };
    use std::{cell::RefCell, sync::Arc};

    fn result(samples: usize) -> AnalysisResult {
        let mut spec = AnalysisSpec {
            device: DeviceChoice::Cpu,
            ..AnalysisSpec::of(Recipe::Robust)
        };
        spec.train.hidden = 64;
        spec.train.starts = 2;
        spec.train.graph_votes = 4;
        spec.train.small_data = 0;
        let dataset = Arc::new(demo::generate(&DemoSpec { samples, seed: 3 }));
        run_without_maps(&dataset, &spec, &|_| {}, &CancelToken::new()).unwrap()
    }

    #[test]
    fn intervals_hold_what_they_say_of_samples_not_seen() {
        let result = result(600);
        let told = RefCell::new(Vec::new());
        let sink = |event| {
            if let Event::Share { done, of } = event {
                told.borrow_mut().push((done, of));
            }
        };
        let found = check_intervals(&result, &sink, &CancelToken::new()).unwrap();
        let found = found.unwrap();
        assert_eq!((found.samples, found.modalities.len()), (600, 3));
        for modality in &found.modalities {
            println!("{modality:?}");
            assert!((0.88..0.92).contains(&modality.covered), "{modality:?}");
            assert!(modality.factor > 0.5 && modality.factor < 5.0);
        }
        let told = told.into_inner();
        assert!(told.is_sorted() && told.len() > 10);
        assert!(told.last().is_some_and(|(done, of)| done <= of));
    }

    #[test]
    fn few_samples_tell_nothing_and_who_cancels_is_heard() {
        let mut few = result(30);
        let cancel = CancelToken::new();
        few.clusters = 20;
        assert_eq!(check_intervals(&few, &|_| {}, &cancel).unwrap(), None);
        cancel.cancel();
        few.clusters = 3;
        assert!(check_intervals(&few, &|_| {}, &cancel).is_err());
    }
}
