//! The engines against each other, and against themselves, where the golden numbers are too small.

use ndarray::Array2;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{Golden, Inspect as _, close, engines, is_free};
use crate::{
    data::{Storage, Values},
    job::CancelToken,
    model::{Weights, device::ComputeDevice},
    train::{Batches, BurnEngine, CpuEngine, Decoder, Engine, Objective, Snapshot, TrainSpec},
};

#[test]
fn engines_agree_on_mini_batches() {
    let golden = Golden::read();
    let losses: Vec<Vec<f64>> = engines(&golden.weights("fit."))
        .into_iter()
        .map(|tested| {
            let mut engine = tested.engine;
            engine.use_batches(Batches::new(9, 5, CancelToken::new()));
            let centres = golden.matrix("eval.embedding");
            engine
                .set_centres(centres.slice(ndarray::s![0..4, ..]))
                .unwrap();
            let mut losses = vec![
                engine.step(Objective::SquaredError, 1e-3).unwrap(),
                engine.step(Objective::Likelihood, 1e-3).unwrap(),
            ];
            engine.assign().unwrap();
            losses.push(engine.step(Objective::Divergence, 1e-3).unwrap());
            // Three mini-batches each.
            assert_eq!(engine.snapshot().unwrap().steps, 9);
            losses
        })
        .collect();
    for others in &losses[1..] {
        // What has no gradient in stage 1 drifts in Burn, and shifts the embedding against the centres.
        for ((a, b), tolerance) in losses[0].iter().zip(others).zip([1e-4, 1e-4, 2e-2]) {
            assert!((a - b).abs() < tolerance * a.abs(), "{losses:?}");
        }
    }
}

/// Numbers without a pattern, 0 to 1. The seed is one of those with which no hidden unit is so near zero
/// that rounding decides whether the ReLU lets it through.
pub(super) fn data(samples: usize, features: &[usize]) -> Vec<Values> {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let mut matrix = |&width: &usize| {
        Array2::from_shape_simple_fn((samples, width), || rng.random_range(0.0..1.0)).into()
    };
    features.iter().map(&mut matrix).collect()
}

/// Both engines on the same data: several lanes and blocks, the last ones not full, with and without a
/// covariance that is held, a hidden width that is no whole panel.
#[test]
fn engines_agree_on_larger_data() {
    for (samples, features, hidden) in [
        (700, vec![40, 900], 48),
        (130, vec![5], 32),
        (65, vec![3, 70, 2], 40),
    ] {
        let spec = TrainSpec {
            hidden,
            ..TrainSpec::default()
        };
        let spec = spec.check(samples, features.clone(), 3).unwrap();
        let weights = Weights::initialise(&spec, 1);
        let data = data(samples, &features);
        let mut cpu = CpuEngine::new(spec.clone(), data.clone(), &weights).unwrap();
        let mut burn = BurnEngine::new(spec, data, &weights, ComputeDevice::cpu()).unwrap();
        let start = Snapshot {
            weights: weights.clone(),
            ..Snapshot::default()
        };
        let h = cpu.embed().unwrap();
        let centres = h.slice(ndarray::s![0..3, ..]);
        for objective in [
            Objective::SquaredError,
            Objective::Likelihood,
            Objective::Faithful,
            Objective::KeptDivergence { weight: 0.1 },
        ] {
            // Passes leave statistics behind in one engine and not in the other.
            for engine in [&mut cpu as &mut dyn Engine, &mut burn] {
                engine.restore(&start).unwrap();
                engine.set_centres(centres).unwrap();
                engine.assign().unwrap();
            }
            let (loss, found) = cpu.gradients(objective);
            let (expected_loss, expected) = burn.gradients(objective);
            assert!((loss - expected_loss).abs() < 1e-5 * expected_loss.abs());
            assert_eq!(found.len(), expected.len());
            // With running statistics, biases before a norm are not free.
            let found = found
                .iter()
                .filter(|(slot, _)| objective.has_target() || !is_free(slot, "fit."));
            for (slot, gradient) in found {
                close(slot, gradient, &expected[slot], 1e-3);
            }
        }
        let engines: [&mut dyn Engine; 2] = [&mut cpu, &mut burn];
        let losses = engines.map(|engine| {
            engine.restore(&start).unwrap();
            engine.set_centres(centres).unwrap();
            engine.assign().unwrap();
            engine.step(Objective::Divergence, 1e-3).unwrap()
        });
        assert!(
            (losses[0] - losses[1]).abs() < 1e-3 * losses[1].abs(),
            "{losses:?}"
        );
        let (a, b) = (cpu.weights().unwrap(), burn.weights().unwrap());
        let centres = |w: &Weights| w.tensors["centres"].clone();
        close("centres", &centres(&a), &centres(&b), 1e-3);

        // What is known of the clusters counts in the assignment and in the target.
        let known = Array2::from_shape_fn((samples, 3), |(i, k)| [0.1, 0.3, 0.6][(i + k) % 3]);
        let engines: [&mut dyn Engine; 2] = [&mut cpu, &mut burn];
        let [a, b] = engines.map(|engine| {
            let before = engine.assign().unwrap().q;
            engine.set_prior(known.view()).unwrap();
            let q = engine.assign().unwrap().q;
            let times = &before * &known;
            for (q, times) in q.rows().into_iter().zip(times.rows()) {
                let off = |(q, x): (&f32, &f32)| (q - x / times.sum()).abs();
                assert!(q.iter().zip(times).map(off).all(|off| off < 1e-5));
            }
            (q, engine.step(Objective::Divergence, 1e-3).unwrap())
        });
        close("q", &a.0.into_dyn(), &b.0.into_dyn(), 1e-3);
        assert!((a.1 - b.1).abs() < 1e-3 * b.1.abs(), "{} {}", a.1, b.1);
    }
}

#[test]
fn threads_and_the_place_of_the_data_do_not_change_a_bit() {
    let (samples, features) = (700, vec![40, 900]);
    let spec = TrainSpec {
        hidden: 48,
        ..TrainSpec::default()
    };
    let spec = spec.check(samples, features.clone(), 3).unwrap();
    let weights = Weights::initialise(&spec, 1);
    let data = data(samples, &features);
    let on_disk: Vec<Values> = data
        .iter()
        .map(|values| {
            let (samples, features) = values.dim();
            let copy = |range, out: &mut [f32]| values.copy_rows(range, out);
            Values::generate(Storage::Disk, samples, features, copy).unwrap()
        })
        .collect();
    let trained = |threads: usize, data: &[Values], batch: Option<usize>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let mut engine = CpuEngine::new(spec.clone(), data.to_vec(), &weights).unwrap();
            if let Some(size) = batch {
                engine.use_batches(Batches::new(size, 5, CancelToken::new()));
            }
            engine.step(Objective::SquaredError, 5e-3).unwrap();
            engine.step(Objective::Likelihood, 1e-3).unwrap();
            let h = engine.embed().unwrap();
            engine.set_centres(h.slice(ndarray::s![0..3, ..])).unwrap();
            engine.assign().unwrap();
            engine.step(Objective::Divergence, 1e-3).unwrap();
            let decoded = engine.decode(Decoder::LogVariance).unwrap();
            assert_eq!(decoded[0].storage(), data[0].storage());
            (engine.weights().unwrap(), decoded)
        })
    };
    assert_eq!(trained(1, &data, None), trained(3, &on_disk, None));
    // Mini-batches that need fewer lanes than there is room for, and more.
    for size in [64, 260, 300, 513] {
        let trained = |threads, data| trained(threads, data, Some(size));
        assert_eq!(trained(1, &data), trained(3, &on_disk), "{size}");
    }
}

#[test]
fn what_is_no_number_is_seen_in_every_stage() {
    let golden = Golden::read();
    for tested in engines(&golden.weights("fit.")) {
        let mut engine = tested.engine;
        let mut snapshot = engine.snapshot().unwrap();
        let bias = snapshot.weights.tensors.get_mut("enc.0.3.bias").unwrap();
        bias.fill(f32::NAN);
        engine.restore(&snapshot).unwrap();
        assert!(engine.step(Objective::SquaredError, 1e-3).unwrap().is_nan());
        engine.restore(&snapshot).unwrap();
        assert!(engine.step(Objective::Likelihood, 1e-3).unwrap().is_nan());
        engine.restore(&snapshot).unwrap();
        engine.assign().unwrap();
        assert!(engine.step(Objective::Divergence, 1e-3).unwrap().is_nan());
    }
}
