//! The losses of data of which not everything was measured.

use ndarray::{Array2, s};

use super::{Inspect, Reconstruction, agreement::data, close, is_free};
use crate::{
    data::{Mask, Masked, Storage, Values},
    job::CancelToken,
    model::{NetworkSpec, Weights, device::ComputeDevice},
    train::{Batches, BurnEngine, CpuEngine, Engine, Objective, Snapshot, TrainSpec},
};

const SAMPLES: usize = 150;
const FEATURES: [usize; 3] = [70, 5, 3];

/// Of the first modality about half, all of one feature and of one sample included; of the second a little; the last is complete.
fn is_missing(modality: usize, sample: usize, feature: usize) -> bool {
    match modality {
        0 => sample == 40 || feature == 66 || (sample * 31 + feature * 17) % 11 < sample % 9,
        1 => sample % 10 == 3 && feature == 2,
        _ => false,
    }
}

fn masked() -> Vec<Masked> {
    let values = data(SAMPLES, &FEATURES).into_iter().enumerate();
    let masked = values.map(|(m, values)| Masked {
        mask: Mask::new(SAMPLES, FEATURES[m], |s, f| is_missing(m, s, f)),
        values,
    });
    masked.collect()
}

fn network() -> (NetworkSpec, Weights) {
    let spec = TrainSpec {
        hidden: 40,
        ..TrainSpec::default()
    };
    let spec = spec.check(SAMPLES, FEATURES.to_vec(), 3).unwrap();
    let weights = Weights::initialise(&spec, 1);
    (spec, weights)
}

fn engines() -> (CpuEngine, BurnEngine) {
    let (spec, weights) = network();
    (
        CpuEngine::new(spec.clone(), masked(), &weights).unwrap(),
        BurnEngine::new(spec, masked(), &weights, ComputeDevice::cpu()).unwrap(),
    )
}

/// The mean of what `term` makes of value, mean and log variance, over what was measured, summed over the modalities.
fn by_hand(said: &[Reconstruction], term: impl Fn(f64, f64, f64) -> f64) -> f64 {
    let mut total = 0.0;
    for (m, (said, data)) in said.iter().zip(data(SAMPLES, &FEATURES)).enumerate() {
        let (mut sum, mut count) = (0.0, 0.0);
        for ((sample, feature), &x) in data.array().unwrap().indexed_iter() {
            if !is_missing(m, sample, feature) {
                let at = [sample, feature];
                let [mean, s] = [said.mean[at], said.log_variance[at]].map(f64::from);
                sum += term(f64::from(x), mean, s);
                count += 1.0;
            }
        }
        total += sum / count;
    }
    total
}

#[test]
fn losses_are_those_of_what_was_measured() {
    let squared = |x: f64, mean: f64, _: f64| (x - mean).powi(2);
    let likelihood = |x: f64, mean: f64, s: f64| 0.5 * ((x - mean).powi(2) * (-s).exp() + s);
    let (mut cpu, mut burn) = engines();
    for engine in [&mut cpu as &mut dyn Inspect, &mut burn] {
        let (_, said) = engine.training_pass();
        for (objective, expected) in [
            (Objective::SquaredError, by_hand(&said, squared)),
            (Objective::Likelihood, by_hand(&said, likelihood)),
            (Objective::Faithful, by_hand(&said, likelihood)),
        ] {
            let (loss, gradients) = engine.gradients(objective);
            let off = (loss - expected).abs();
            assert!(
                off < 1e-5 * expected.abs(),
                "{objective:?}: {loss}, {expected}"
            );
            // Nothing is learned of a feature that no sample has.
            for network in ["mean", "logvar"] {
                let bias = format!("{network}.0.3.bias");
                let Some(gradient) = gradients.get(&bias) else {
                    assert_eq!((network, objective), ("logvar", Objective::SquaredError));
                    continue;
                };
                let learned = |f: usize| gradient.as_slice().unwrap()[f] != 0.0;
                assert!(learned(65) && !learned(66) && learned(67), "{bias}");
            }
        }
    }
}

#[test]
fn engines_agree_on_what_was_measured() {
    let (_, weights) = network();
    let start = Snapshot {
        weights,
        ..Snapshot::default()
    };
    let (mut cpu, mut burn) = engines();
    let h = cpu.embed().unwrap();
    for objective in [
        Objective::SquaredError,
        Objective::Likelihood,
        Objective::Faithful,
        Objective::KeptDivergence { weight: 0.1 },
    ] {
        for engine in [&mut cpu as &mut dyn Engine, &mut burn] {
            engine.restore(&start).unwrap();
            engine.set_centres(h.slice(s![0..3, ..])).unwrap();
            engine.assign().unwrap();
        }
        let (loss, found) = cpu.gradients(objective);
        let (expected_loss, expected) = burn.gradients(objective);
        assert!((loss - expected_loss).abs() < 1e-5 * expected_loss.abs());
        assert_eq!(found.len(), expected.len());
        let found = found
            .iter()
            .filter(|(slot, _)| objective.has_target() || !is_free(slot, "fit."));
        for (slot, gradient) in found {
            close(slot, gradient, &expected[slot], 1e-3);
        }
    }
    // In mini-batches the masks follow the samples.
    let losses = [&mut cpu as &mut dyn Engine, &mut burn].map(|engine| {
        engine.restore(&start).unwrap();
        engine.use_batches(Batches::new(60, 5, CancelToken::new()));
        [Objective::SquaredError, Objective::Likelihood]
            .map(|objective| engine.step(objective, 1e-3).unwrap())
    });
    for (a, b) in losses[0].iter().zip(&losses[1]) {
        assert!((a - b).abs() < 1e-4 * b.abs(), "{losses:?}");
    }
}

#[test]
fn threads_and_the_place_of_the_data_do_not_change_a_bit_with_masks() {
    let (spec, weights) = network();
    let on_disk = masked().into_iter().map(|Masked { values, mask }| {
        let (samples, features) = values.dim();
        let copy = |range, out: &mut [f32]| values.copy_rows(range, out);
        let values = Values::generate(Storage::Disk, samples, features, copy).unwrap();
        Masked { values, mask }
    });
    let on_disk: Vec<Masked> = on_disk.collect();
    let trained = |threads: usize, data: &[Masked], batch: Option<usize>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let mut engine = CpuEngine::new(spec.clone(), data.to_vec(), &weights).unwrap();
            if let Some(size) = batch {
                engine.use_batches(Batches::new(size, 5, CancelToken::new()));
            }
            let objectives = [Objective::SquaredError, Objective::Likelihood];
            let losses = objectives.map(|objective| engine.step(objective, 1e-3).unwrap());
            (losses, engine.weights().unwrap())
        })
    };
    for batch in [None, Some(64)] {
        assert_eq!(trained(1, &masked(), batch), trained(3, &on_disk, batch));
    }
}

/// Rows of a mini-batch of which nothing was measured in a modality have no loss there, not one that is no number.
#[test]
fn nothing_measured_is_nothing_lost() {
    let (spec, weights) = network();
    let mut data = masked();
    data[1].mask = Mask::new(SAMPLES, FEATURES[1], |_, _| true);
    let nothing = Array2::zeros((SAMPLES, FEATURES[1]));
    data[1].values = nothing.into();
    let mut cpu = CpuEngine::new(spec.clone(), data.clone(), &weights).unwrap();
    let mut burn = BurnEngine::new(spec, data, &weights, ComputeDevice::cpu()).unwrap();
    for objective in [Objective::SquaredError, Objective::Faithful] {
        let [a, b] = [&mut cpu as &mut dyn Engine, &mut burn]
            .map(|engine| engine.step(objective, 1e-3).unwrap());
        assert!(a.is_finite() && (a - b).abs() < 1e-4 * b.abs(), "{a} {b}");
    }
}
