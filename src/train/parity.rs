//! The engines against PyTorch in double precision (`tests/golden`).
//!
//! On the CPU always, our own engine and Burn's; Burn's on a GPU with `HDUMEC_TEST_GPU=1`, or `HDUMEC_TEST_GPU=<words of a name>`
//! for a certain adapter.

mod agreement;
mod masks;
mod memory;

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD, Axis, Ix2};

use super::{BurnEngine, CpuEngine, Decoder, Engine, Objective, Snapshot, TrainSpec};
use crate::{
    analysis::uncertainty::UncertaintySummary,
    data::Values,
    job::CancelToken,
    model::{DeviceChoice, NetworkSpec, Weights, device::ComputeDevice},
};

const GOLDEN: &[u8] = include_bytes!("../../tests/golden/hdumec_golden.safetensors");

/// What a modality's decoders say.
pub(super) struct Reconstruction {
    pub mean: Array2<f32>,
    pub log_variance: Array2<f32>,
}

/// What a test needs to see of an engine beyond its interface.
pub(super) trait Inspect: Engine {
    /// Embedding, means and log variances in training mode.
    fn training_pass(&mut self) -> (Array2<f32>, Vec<Reconstruction>);

    /// The loss of an objective in training mode, and the gradients it has.
    fn gradients(&mut self, objective: Objective) -> (f64, BTreeMap<String, ArrayD<f32>>);

    /// The target distribution of the last assignment.
    fn target(&mut self) -> Array2<f32>;
}

/// An engine under test, on data of the golden file.
struct Tested {
    engine: Box<dyn Inspect>,
    /// Of weights and statistics after several steps.
    final_tolerance: f32,
    /// Whether it computes the same bits again: a GPU may add up in another order.
    exact: bool,
}

struct Golden(Weights);

impl Golden {
    fn read() -> Self {
        Self(Weights::from_bytes(GOLDEN).unwrap())
    }

    fn array(&self, name: &str) -> &ArrayD<f32> {
        let array = self.0.tensors.get(name);
        array.unwrap_or_else(|| panic!("no golden tensor {name}"))
    }

    fn matrix(&self, name: &str) -> Array2<f32> {
        self.array(name)
            .clone()
            .into_dimensionality::<Ix2>()
            .unwrap()
    }

    fn inputs(&self) -> Vec<Values> {
        let input = |v| self.matrix(&format!("input.{v}")).into();
        (0..3).map(input).collect()
    }

    /// The tensors under a prefix, by their names without it.
    fn weights(&self, prefix: &str) -> Weights {
        let tensors = self.0.tensors.iter().filter_map(|(name, array)| {
            let name = name.strip_prefix(prefix)?;
            Some((name.to_string(), array.clone()))
        });
        Weights {
            tensors: tensors.collect(),
        }
    }
}

fn spec() -> NetworkSpec {
    TrainSpec {
        hidden: 16,
        ..TrainSpec::default()
    }
    .check(24, vec![7, 5, 3], 4)
    .unwrap()
}

/// Every engine there is, with these weights.
fn engines(weights: &Weights) -> Vec<Tested> {
    let inputs = Golden::read().inputs();
    let burn = |device| BurnEngine::new(spec(), inputs.clone(), weights, device).unwrap();
    let on_burn = |engine: BurnEngine, exact| Tested {
        engine: Box::new(engine),
        // Burn's rounding takes Adam further where a gradient is nearly zero.
        final_tolerance: 1e-2,
        exact,
    };
    let mut engines = vec![
        Tested {
            engine: Box::new(CpuEngine::new(spec(), inputs.clone(), weights).unwrap()),
            final_tolerance: 2e-4,
            exact: true,
        },
        on_burn(burn(ComputeDevice::cpu()), true),
        // Of 24 samples the last block has fewer.
        on_burn(burn(ComputeDevice::cpu()).in_blocks(7), true),
    ];
    // The processor once more, lent by a server: the same operations in the same order.
    #[cfg(feature = "remote")]
    {
        let server = crate::model::remote::tests::loopback();
        let (lent, _) = crate::model::remote::connect_to(&server, &CancelToken::new()).unwrap();
        engines.push(on_burn(burn(lent), true));
    }
    if let Ok(wanted) = std::env::var("HDUMEC_TEST_GPU") {
        let choice = match wanted.as_str() {
            "" | "0" => return engines,
            "1" => DeviceChoice::Gpu,
            name => DeviceChoice::Named(name.into()),
        };
        let device = ComputeDevice::open(&choice, &CancelToken::new()).unwrap();
        engines.push(on_burn(burn(device), false));
    }
    engines
}

fn dynamic(values: &Values) -> ArrayD<f32> {
    values.array().unwrap().clone().into_dyn()
}

/// `max|a-b| <= relative max|b| + 1e-6`.
fn close(what: &str, found: &ArrayD<f32>, golden: &ArrayD<f32>, relative: f32) {
    assert_eq!(found.shape(), golden.shape(), "{what}");
    let largest = |a: &ArrayD<f32>| a.iter().fold(0f32, |m, x| m.max(x.abs()));
    let off = largest(&(found - golden));
    let allowed = relative * largest(golden) + 1e-6;
    assert!(off <= allowed, "{what}: off by {off}, allowed {allowed}");
}

fn close_losses(what: &str, found: &[f64], golden: &ArrayD<f32>, relative: f64) {
    assert_eq!(found.len(), golden.len());
    for (step, (a, b)) in found.iter().zip(golden).enumerate() {
        let off = (a - f64::from(*b)).abs();
        assert!(
            off <= relative * f64::from(b.abs()) + 1e-6,
            "{what}, step {step}: {a} instead of {b}"
        );
    }
}

/// Parameters whose true gradient is zero, and the running means that follow them: rounding noise
/// decides where Adam takes them, in every program.
fn is_free(name: &str, prefix: &str) -> bool {
    if prefix == "dec." && ["fuse.bias", "att.out_proj.bias"].contains(&name) {
        // Against the centres, a shift of the embedding counts.
        return false;
    }
    name.ends_with(".0.bias")
        || name.ends_with("running_mean")
        || ["fuse.bias", "att.out_proj.bias", "att.in_proj_bias"].contains(&name)
}

#[test]
fn passes_in_training_mode() {
    let golden = Golden::read();
    for mut tested in engines(&golden.weights("init.")) {
        let (h, decoded) = tested.engine.training_pass();
        let close_to =
            |name: &str, a: Array2<f32>| close(name, &a.into_dyn(), golden.array(name), 1e-4);
        close_to("train.embedding", h);
        for (v, r) in decoded.into_iter().enumerate() {
            close_to(&format!("train.mean.{v}"), r.mean);
            close_to(&format!("train.log_variance.{v}"), r.log_variance);
        }
    }
}

#[test]
fn losses_and_every_gradient() {
    let golden = Golden::read();
    for (name, objective) in [
        ("mse", Objective::SquaredError),
        ("nll", Objective::Likelihood),
    ] {
        for mut tested in engines(&golden.weights("init.")) {
            let (loss, gradients) = tested.engine.gradients(objective);
            close_losses(name, &[loss], golden.array(&format!("loss.{name}")), 1e-4);
            let prefix = format!("grad.{name}.");
            let expected: Vec<&String> = golden
                .0
                .tensors
                .keys()
                .filter(|k| k.starts_with(&prefix))
                .collect();
            assert_eq!(gradients.len(), expected.len(), "{name}");
            for (slot, gradient) in &gradients {
                let key = format!("{prefix}{slot}");
                close(&key, gradient, golden.array(&key), 1e-4);
            }
        }
    }
}

#[test]
fn twenty_steps_of_stage_one() {
    let golden = Golden::read();
    for mut tested in engines(&golden.weights("init.")) {
        let engine = &mut tested.engine;
        let mut losses = Vec::new();
        for _ in 0..10 {
            losses.push(engine.step(Objective::SquaredError, 5e-3).unwrap());
        }
        engine.reset_optimiser();
        for _ in 0..10 {
            losses.push(engine.step(Objective::Likelihood, 1e-3).unwrap());
        }
        close_losses("fit", &losses, golden.array("fit.losses"), 2e-4);
        compare_weights(&mut tested, &golden, "fit.");
    }
}

fn compare_weights(tested: &mut Tested, golden: &Golden, prefix: &str) {
    let tolerance = tested.final_tolerance;
    let found = tested.engine.weights().unwrap();
    let mut compared = 0;
    for (name, array) in &found.tensors {
        if is_free(name, prefix) {
            continue;
        }
        let key = format!("{prefix}{name}");
        let expected = golden.array(&key);
        close(&key, array, expected, tolerance);
        compared += 1;
    }
    // Of the attention's input bias, the query's part always has a gradient. The value's part shifts
    // the embedding as a whole, which the decoders' norms take out again.
    let query = |a: &ArrayD<f32>| a.slice_axis(Axis(0), (0..20).into()).to_owned();
    let bias = &found.tensors["att.in_proj_bias"];
    let expected = golden.array(&format!("{prefix}att.in_proj_bias"));
    close("query bias", &query(bias), &query(expected), tolerance);
    let shifts = if prefix == "dec." { 2 } else { 0 };
    assert_eq!(compared, 58 + shifts, "tensors compared");
}

#[test]
fn evaluation_and_uncertainty() {
    let golden = Golden::read();
    for mut tested in engines(&golden.weights("fit.")) {
        let engine = &mut tested.engine;
        let embedding = engine.embed().unwrap().into_dyn();
        close("eval", &embedding, golden.array("eval.embedding"), 1e-4);
        let mut decode = |name: &str, decoder| {
            let decoded = engine.decode(decoder).unwrap();
            for (v, values) in decoded.iter().enumerate() {
                let key = format!("eval.{name}.{v}");
                close(&key, &dynamic(values), golden.array(&key), 1e-4);
            }
            decoded
        };
        decode("mean", Decoder::Mean);
        let log_variance = decode("log_variance", Decoder::LogVariance);
        let summary = UncertaintySummary::from_log_variance(log_variance).unwrap();
        for (v, sigma) in summary.feature.iter().enumerate() {
            let key = format!("uncertainty.feature.{v}");
            close(&key, &dynamic(sigma), golden.array(&key), 1e-4);
        }
        let modality = summary.modality.into_dyn();
        close(
            "modality",
            &modality,
            golden.array("uncertainty.modality"),
            1e-4,
        );
        let sample = summary.sample.into_dyn();
        close("sample", &sample, golden.array("uncertainty.sample"), 1e-4);
    }
}

#[test]
fn six_steps_of_stage_two() {
    let golden = Golden::read();
    let centres = golden.matrix("eval.embedding");
    let spec = TrainSpec {
        decay_every: 2,
        ..TrainSpec::default()
    };
    for mut tested in engines(&golden.weights("fit.")) {
        let engine = &mut tested.engine;
        engine
            .set_centres(centres.slice(ndarray::s![0..4, ..]))
            .unwrap();
        let mut losses = Vec::new();
        for epoch in 0..6 {
            let assignment = engine.assign().unwrap();
            if epoch == 0 {
                close("q", &assignment.q.into_dyn(), golden.array("dec.q"), 1e-4);
                let p = engine.target().into_dyn();
                close("p", &p, golden.array("dec.p"), 1e-4);
            }
            losses.push(
                engine
                    .step(Objective::Divergence, spec.clustering_rate(epoch))
                    .unwrap(),
            );
        }
        close_losses("dec", &losses, golden.array("dec.losses"), 2e-3);
        compare_weights(&mut tested, &golden, "dec.");
    }
}

#[test]
fn going_on_from_a_snapshot_changes_nothing() {
    let golden = Golden::read();
    let started = engines(&golden.weights("init."));
    for (straight, resumed) in started.into_iter().zip(engines(&golden.weights("fit."))) {
        let exact = straight.exact;
        let (mut straight, mut resumed) = (straight.engine, resumed.engine);
        for _ in 0..3 {
            straight.step(Objective::SquaredError, 5e-3).unwrap();
        }
        let snapshot: Snapshot = straight.snapshot().unwrap();
        // A state that is kept where it is is the same, whatever was done since.
        straight.keep();
        straight.step(Objective::Likelihood, 1e-3).unwrap();
        assert_eq!(straight.kept().unwrap(), snapshot);
        straight.step(Objective::Likelihood, 1e-3).unwrap();
        straight.go_back();
        assert_eq!(straight.snapshot().unwrap(), snapshot);
        resumed.step(Objective::Likelihood, 1e-3).unwrap();
        resumed.restore(&snapshot).unwrap();
        for _ in 0..3 {
            let a = straight.step(Objective::Likelihood, 1e-3).unwrap();
            let b = resumed.step(Objective::Likelihood, 1e-3).unwrap();
            match exact {
                true => assert_eq!(a.to_bits(), b.to_bits()),
                false => assert!((a - b).abs() <= 1e-5 * a.abs(), "{a} {b}"),
            }
        }
        let (straight, resumed) = (straight.weights().unwrap(), resumed.weights().unwrap());
        if exact {
            assert_eq!(straight, resumed);
        }
    }
}

#[test]
fn one_engine_goes_on_where_another_stopped() {
    let golden = Golden::read();
    let mut all = engines(&golden.weights("init."));
    for tested in &mut all {
        tested.engine.step(Objective::SquaredError, 5e-3).unwrap();
    }
    let (first, others) = all.split_first_mut().unwrap();
    for other in others {
        let snapshot = other.engine.snapshot().unwrap();
        first.engine.restore(&snapshot).unwrap();
        let a = other.engine.step(Objective::Likelihood, 1e-3).unwrap();
        let b = first.engine.step(Objective::Likelihood, 1e-3).unwrap();
        assert!((a - b).abs() < 1e-4 * a.abs(), "{a} {b}");
    }
}

#[cfg(feature = "remote")]
#[test]
fn a_device_that_is_lent_computes_the_same_bits() {
    let golden = Golden::read();
    let mut all = engines(&golden.weights("init."));
    let mut lent = all.remove(3).engine;
    let mut here = all.remove(1).engine;
    for objective in [Objective::SquaredError, Objective::Likelihood] {
        for _ in 0..3 {
            let a = here.step(objective, 5e-3).unwrap();
            let b = lent.step(objective, 5e-3).unwrap();
            assert_eq!(a.to_bits(), b.to_bits());
        }
    }
    assert_eq!(here.embed().unwrap(), lent.embed().unwrap());
    assert_eq!(here.snapshot().unwrap(), lent.snapshot().unwrap());
}
