//! A device that fails at work.

use std::{cell::Cell, sync::Arc, time::Duration};

use hdumec::{
    data::{Masked, Values},
    error::Error,
    job::CancelToken,
    model::{DeviceChoice, DeviceInfo, DeviceKind, NetworkSpec, Weights},
    pipeline::{self, AnalysisSpec, Checkpoint, RunError},
    train::{
        Assignment, Batches, CpuEngine, Decoder, Engine, EngineError, EngineMaker, Objective,
        Snapshot,
    },
};
use ndarray::{Array2, ArrayView2};

use super::{robust_spec, run, small_demo, small_spec};

/// An engine whose device fails after some steps.
struct Failing {
    inner: Box<dyn Engine>,
    /// Milliseconds that a step on the squared error takes longer.
    nap: u64,
    steps_left: Cell<usize>,
    /// Whether it fails when samples are assigned to clusters, for the first time after stage 1.
    assigns: bool,
    /// What the embedding is made of then, in place of a failure.
    broken: Option<f32>,
}

impl Failing {
    fn use_up(&self) -> Result<(), EngineError> {
        match self.steps_left.get().checked_sub(1) {
            Some(left) => {
                self.steps_left.set(left);
                Ok(())
            }
            None if self.broken.is_some() => Ok(()),
            None => Err(EngineError::Device("it was unplugged".into())),
        }
    }

    fn spoil(&self, mut embedding: Array2<f32>) -> Array2<f32> {
        if let (Some(number), 0) = (self.broken, self.steps_left.get()) {
            embedding[[3, 1]] = number;
        }
        embedding
    }
}

impl Engine for Failing {
    fn use_batches(&mut self, batches: Batches) {
        self.inner.use_batches(batches);
    }

    fn reset_optimiser(&mut self) {
        self.inner.reset_optimiser();
    }

    fn step(&mut self, objective: Objective, rate: f64) -> Result<f64, EngineError> {
        self.use_up()?;
        // Slow enough for states to be saved on the way.
        std::thread::sleep(Duration::from_millis(match objective {
            Objective::SquaredError => self.nap,
            objective if objective.has_target() => 260,
            Objective::Faithful => 50,
            _ => 130,
        }));
        self.inner.step(objective, rate)
    }

    fn embed(&mut self) -> Result<Array2<f32>, EngineError> {
        let embedding = self.inner.embed()?;
        Ok(self.spoil(embedding))
    }

    fn decode(&mut self, decoder: Decoder) -> Result<Vec<Values>, EngineError> {
        self.inner.decode(decoder)
    }

    fn set_centres(&mut self, centres: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.inner.set_centres(centres)
    }

    fn set_prior(&mut self, prior: ArrayView2<'_, f32>) -> Result<(), EngineError> {
        self.inner.set_prior(prior)
    }

    fn assign(&mut self) -> Result<Assignment, EngineError> {
        if !self.assigns {
            self.steps_left.set(0);
            self.use_up()?;
        }
        let mut assignment = self.inner.assign()?;
        assignment.embedding = self.spoil(assignment.embedding);
        Ok(assignment)
    }

    fn weights(&mut self) -> Result<Weights, EngineError> {
        self.inner.weights()
    }

    fn keep(&mut self) {
        self.inner.keep();
    }

    fn go_back(&mut self) {
        self.inner.go_back();
    }

    fn kept(&mut self) -> Result<Snapshot, EngineError> {
        self.inner.kept()
    }

    fn snapshot(&mut self) -> Result<Snapshot, EngineError> {
        self.inner.snapshot()
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), EngineError> {
        self.inner.restore(snapshot)
    }
}

/// A device whose engines fail.
struct FailingDevice {
    info: DeviceInfo,
    nap: u64,
    steps: usize,
    assigns: bool,
    broken: Option<f32>,
}

impl EngineMaker for FailingDevice {
    fn device(&self) -> &DeviceInfo {
        &self.info
    }

    fn make(
        &self,
        network: &NetworkSpec,
        inputs: Vec<Masked>,
        weights: &Weights,
    ) -> Result<Box<dyn Engine>, EngineError> {
        let inner = CpuEngine::new(network.clone(), inputs, weights)?;
        Ok(Box::new(Failing {
            inner: Box::new(inner),
            nap: self.nap,
            steps_left: Cell::new(self.steps),
            assigns: self.assigns,
            broken: self.broken,
        }))
    }
}

#[test]
fn a_device_that_fails_anywhere_costs_nothing_but_time() {
    // In the first step, before a state is saved, in each part of stage 1, and in stage 2.
    fails_after(&[0, 4, 19, 34, 43], &small_spec(), 130);
    // In one of the starts, in each of the models that learn the uncertainty, and in stage 2 under the guard.
    let mut robust = robust_spec();
    robust.train.start_samples = 4096;
    robust.train.epochs = [8, 30, 9];
    // Large ones, so that the guard lets all epochs pass.
    robust.clusters = Some(3);
    fails_after(&[20, 55, 80, 148, 158, NEVER], &robust, 0);
    // Among the epochs after which stage 2 has converged.
    (robust.train.tolerance, robust.train.patience) = (0.5, 7);
    fails_after(&[158], &robust, 0);
    // Where starts and models see some of the samples only.
    robust.train.start_samples = 150;
    fails_after(&[45, 80], &robust, 0);
}

/// A device of its own, which the processor does not help.
fn virtual_gpu() -> DeviceInfo {
    DeviceInfo {
        kind: DeviceKind::VirtualGpu,
        ..DeviceInfo::cpu()
    }
}

/// The device does all its steps, and fails at what follows stage 1.
const NEVER: usize = usize::MAX;

fn fails_after(steps: &[usize], spec: &AnalysisSpec, nap: u64) {
    let dataset = small_demo();
    let (whole, _) = run(&dataset, spec);
    for &steps in steps {
        let open = |_: &DeviceChoice, _: bool| {
            let device = FailingDevice {
                info: virtual_gpu(),
                nap,
                steps,
                assigns: steps != NEVER,
                broken: None,
            };
            Ok(Box::new(device) as Box<dyn EngineMaker>)
        };
        let (sink, cancel) = (|_| {}, CancelToken::new());
        let failed = pipeline::run_on(&dataset, spec, None, &sink, &cancel, &open);
        let error = Error::from(failed.err().unwrap());
        assert!(error.is_device_failure(), "step {steps}: {error}");
        assert!(error.message().hint.contains("CPU"));
        let Error::Run(RunError::Engine { interrupted, .. }) = error else {
            panic!("step {steps}: {error}");
        };
        // It goes on as well in another process, from a file.
        let mut file = Vec::new();
        ciborium::into_writer(&*interrupted, &mut file).unwrap();
        let mut read: Checkpoint = ciborium::from_reader(&*file).unwrap();
        if let Some(result) = &mut read.result {
            Arc::make_mut(result).dataset = dataset.clone();
        }
        let resumed = pipeline::run(&dataset, spec, Some(read), &sink, &cancel).unwrap();
        let (a, b) = (whole.stage2.as_ref().unwrap(), resumed.stage2.unwrap());
        assert_eq!(a.embedding, b.embedding, "after {steps} steps");
        assert_eq!(a.umap, b.umap);
        assert_eq!(a.stop, b.stop);
        assert_eq!(a.ambiguity, b.ambiguity);
        assert_eq!(a.disagreement, b.disagreement);
        assert_eq!(whole.uncertainty, resumed.uncertainty);
        assert_eq!(whole.weights, resumed.weights);
        let epochs = |result: &[hdumec::train::EpochStats]| -> Vec<_> {
            result.iter().map(|e| (e.stage, e.epoch, e.loss)).collect()
        };
        assert_eq!(epochs(&whole.history), epochs(&resumed.history));
    }
}

#[test]
fn wherever_training_breaks_down_the_learning_rate_is_to_blame() {
    let dataset = small_demo();
    let mut published = small_spec();
    published.train.epochs = [2, 1, 3];
    let mut robust = robust_spec();
    robust.train.epochs = [2, 1, 3];
    robust.train.start_samples = 4096;
    let told = |spec: &AnalysisSpec, steps: usize, number: f32| {
        let open = |_: &DeviceChoice, _: bool| {
            let device = FailingDevice {
                info: virtual_gpu(),
                nap: 0,
                steps,
                assigns: true,
                broken: Some(number),
            };
            Ok(Box::new(device) as Box<dyn EngineMaker>)
        };
        let sink = |_| {};
        let run = pipeline::run_on(&dataset, spec, None, &sink, &CancelToken::new(), &open);
        let Err(error) = run else {
            panic!("nothing was told after {steps} steps");
        };
        let error = Error::from(error);
        assert_eq!(error.exit_code(), 7, "{error}");
        assert!(error.message().hint.contains("learning rate"), "{error}");
        error.to_string()
    };
    for number in [f32::NAN, f32::INFINITY, 1e20] {
        // After stage 1, and in stage 2.
        let said = told(&published, 3, number);
        let expected = "Stage 1: uncertainty, epoch 1: the embedding is no longer a number";
        assert!(said.contains(expected), "{said}");
        let said = told(&published, 5, number);
        let expected = "Stage 2: clustering, epoch 3: the embedding is no longer a number";
        assert!(said.contains(expected), "{said}");
        // In the first of several starts.
        let said = told(&robust, 2, number);
        let expected = "Stage 1: reconstruction, epoch 2: the embedding is no longer a number";
        assert!(said.contains(expected), "{said}");
    }
}
