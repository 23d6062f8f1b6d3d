//! The parts, one after the other.

use std::time::Instant;

use ndarray::Array2;

use super::{BenchSpec, Machine, Measurement};
use crate::{
    analysis::{
        kmeans::{self, KMeansSpec},
        neighbours, silhouette,
        umap::{self, UmapSpec},
    },
    data::{Storage, available_memory, demo::DemoSpec},
    error::Error,
    io::{self, LoadSpec, Source},
    job::{CancelToken, Cancelled},
    model::{NetworkSpec, Weights},
    pipeline::{AnalysisSpec, Estimate, Recipe},
    preprocess,
    train::{CpuEngine, Decoder, Engine as _, Objective, TrainError, TrainSpec},
};

/// Steps of each training stage before the embedding is taken.
const WARM_UP: usize = 5;

/// Measures everything; `tell` gets every measurement as it comes.
///
/// # Errors
/// When cancelled, when more is asked for than can be measured, or when the demo's files cannot be written or read back.
pub fn run(
    spec: &BenchSpec,
    machine: &Machine,
    cancel: &CancelToken,
    tell: &mut dyn FnMut(Measurement),
) -> Result<(), Error> {
    spec.check()?;
    for &samples in &spec.samples {
        let mut round = Round {
            samples,
            repeats: spec.repeats.max(1),
            machine,
            cancel,
            tell,
        };
        round.run()?;
    }
    Ok(())
}

/// One size.
struct Round<'a> {
    samples: usize,
    repeats: usize,
    machine: &'a Machine,
    cancel: &'a CancelToken,
    tell: &'a mut dyn FnMut(Measurement),
}

/// What a part has to do at least.
#[derive(Clone, Copy)]
enum Work {
    Unknown,
    Operations(f64),
    Bytes(f64),
}

impl Round<'_> {
    fn run(&mut self) -> Result<(), Error> {
        let cancel = self.cancel;
        let demo = DemoSpec {
            samples: self.samples,
            seed: 0,
        };
        let (dataset, ..) = Source::Demo(demo).open(cancel)?;
        self.load(&dataset)?;
        let values: usize = dataset
            .modalities
            .iter()
            .map(|m| m.values.samples() * m.values.features())
            .sum();
        let bytes = (2 * values * size_of::<f32>()) as f64;
        let prepared = self.time("scale", Work::Bytes(bytes), || {
            Ok(preprocess::min_max(&dataset)?)
        })?;

        let train = TrainSpec::default();
        let clusters = dataset.labels.as_ref().map_or(2, |l| l.classes.len());
        let network = train.check(self.samples, prepared.widths(), clusters)?;
        let published = AnalysisSpec::of(Recipe::Published);
        let estimate = Estimate::of(&published, &network, self.samples, Storage::Memory);
        estimate.fits(available_memory())?;
        let weights = Weights::initialise(&network, 0);
        let cost = Cost::of(&network, self.samples);
        let mut engine = self.time("set up the engine", Work::Unknown, || {
            CpuEngine::new(network.clone(), prepared.modalities.clone(), &weights)
                .map_err(TrainError::from)
                .map_err(Error::from)
        })?;
        drop(prepared);
        drop(dataset);
        let failed = |e| Error::from(TrainError::from(e));
        for _ in 0..WARM_UP {
            engine.step(Objective::SquaredError, 5e-3).map_err(failed)?;
        }
        self.time(
            "stage 1 step, squared error",
            Work::Operations(cost.squared),
            || engine.step(Objective::SquaredError, 1e-3).map_err(failed),
        )?;
        for _ in 0..WARM_UP {
            engine.step(Objective::Likelihood, 1e-3).map_err(failed)?;
        }
        self.time(
            "stage 1 step, likelihood",
            Work::Operations(cost.likelihood),
            || engine.step(Objective::Likelihood, 1e-3).map_err(failed),
        )?;
        self.time("uncertainty", Work::Operations(cost.decode), || {
            engine
                .decode(Decoder::LogVariance)
                .map(drop)
                .map_err(failed)
        })?;
        let embedding = engine.embed().map_err(failed)?;
        let kmeans_spec = KMeansSpec::new(clusters, 0);
        let fit = self.time("k-means, 20 restarts", Work::Unknown, || {
            kmeans::fit(embedding.view(), &kmeans_spec, cancel)
                .map_err(TrainError::from)
                .map_err(Error::from)
        })?;
        engine.set_centres(fit.centres.view()).map_err(failed)?;
        self.time("assignment", Work::Operations(cost.embed), || {
            engine.assign().map(drop).map_err(failed)
        })?;
        self.time("stage 2 step", Work::Operations(cost.clustering), || {
            engine.step(Objective::Divergence, 1e-3).map_err(failed)
        })?;
        drop(engine);
        self.picture(&embedding, &fit.assignment)
    }

    /// ASW, neighbours and map of an embedding.
    fn picture(&mut self, embedding: &Array2<f32>, assignment: &[u32]) -> Result<(), Error> {
        let cancel = self.cancel;
        let points = embedding.view();
        let pairs = (self.samples as f64).powi(2) * (3 * embedding.ncols()) as f64;
        let samples = self.samples;
        let exact = |limit: usize| samples <= limit;
        let work = if exact(silhouette::EXACT_SAMPLES) {
            Work::Operations(pairs)
        } else {
            Work::Unknown
        };
        self.time_noted("ASW", work, || {
            let asw = silhouette::mean(points, assignment, cancel)?;
            let error = asw.and_then(|asw| asw.error);
            Ok(((), error.map(|e| format!("estimated, \u{b1} {e:.4}"))))
        })?;
        let work = if exact(neighbours::EXACT_SAMPLES) {
            Work::Operations(pairs)
        } else {
            Work::Unknown
        };
        self.time_noted("15 neighbours", work, || {
            let found = neighbours::nearest(points, 15, cancel)?;
            Ok(((), found.recall.map(|r| format!("recall {r:.3}"))))
        })?;
        let map = self.time("UMAP, neighbours included", Work::Unknown, || {
            let spec = UmapSpec::default();
            Ok(umap::fit(points, &spec, None, cancel, &mut |_| {})?)
        })?;
        drop(map);
        #[cfg(feature = "gui")]
        self.on_screen()?;
        Ok(())
    }

    /// The map on the screen, where there is a graphics card or something that stands for one.
    #[cfg(feature = "gui")]
    fn on_screen(&mut self) -> Result<(), Error> {
        let drawn = match super::map::in_child(self.samples, self.cancel)? {
            Ok(drawn) => drawn,
            Err(why) => {
                tracing::warn!("the map was not drawn: {why}");
                return Ok(());
            }
        };
        self.give(
            "map, first frame with upload",
            drawn.first,
            Work::Unknown,
            None,
        );
        self.give(
            "map, a frame of the window",
            drawn.frame,
            Work::Unknown,
            Some(drawn.adapter),
        );
        Ok(())
    }

    fn load(&mut self, dataset: &crate::data::Dataset) -> Result<(), Error> {
        let failed = |source| Error::Write {
            path: std::env::temp_dir(),
            source,
        };
        let cancel = self.cancel;
        let folder = tempfile::tempdir().map_err(failed)?;
        let files = crate::export::write_dataset(dataset, folder.path()).map_err(failed)?;
        let size = |file: &std::path::PathBuf| std::fs::metadata(file).map_or(0, |m| m.len());
        let bytes: u64 = files.iter().map(size).sum();
        let spec = LoadSpec {
            paths: vec![folder.path().to_path_buf()],
            ..LoadSpec::default()
        };
        self.time("load text files", Work::Bytes(bytes as f64), || {
            Ok(io::load(&spec, cancel).map(drop)?)
        })
    }

    /// Runs a part several times; the result of the last.
    fn time<T>(
        &mut self,
        part: &'static str,
        work: Work,
        mut run: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.time_noted(part, work, || Ok((run()?, None)))
    }

    /// The same for a part that has something to say about its result.
    fn time_noted<T>(
        &mut self,
        part: &'static str,
        work: Work,
        mut run: impl FnMut() -> Result<(T, Option<String>), Error>,
    ) -> Result<T, Error> {
        let mut best = f64::INFINITY;
        let mut last = None;
        for _ in 0..self.repeats {
            self.cancel.check()?;
            // What the last run made is no part of this one.
            drop(last.take());
            let start = Instant::now();
            last = Some(run()?);
            best = best.min(start.elapsed().as_secs_f64());
        }
        let (result, note) = last.ok_or(Cancelled)?;
        self.give(part, best, work, note);
        Ok(result)
    }

    fn give(&mut self, part: &'static str, seconds: f64, work: Work, note: Option<String>) {
        let (operations, bytes, share) = match work {
            Work::Unknown => (None, None, None),
            Work::Operations(n) => (Some(n), None, Some(n / seconds / self.machine.operations)),
            Work::Bytes(n) => (None, Some(n), Some(n / seconds / self.machine.bandwidth)),
        };
        (self.tell)(Measurement {
            part,
            samples: self.samples,
            seconds,
            operations,
            bytes,
            share,
            peak_mib: peak_mib(),
            note,
        });
    }
}

/// Operations of the passes by their definition: the matrix products, two operations a multiply-add.
struct Cost {
    embed: f64,
    decode: f64,
    squared: f64,
    likelihood: f64,
    clustering: f64,
}

impl Cost {
    fn of(network: &NetworkSpec, samples: usize) -> Self {
        let features: usize = network.features.iter().sum();
        let (v, d, hidden) = (network.modalities(), network.embedding, network.hidden);
        let product = |a: usize, b: usize| 2.0 * (a * b * samples) as f64;
        // Inputs to hidden units, hidden units to tokens; the fusion's three projections.
        let first = product(features, hidden);
        let second = product(v * d, hidden);
        let fusion = product(v * d, 3 * d) + 2.0 * product(v * d, d);
        let embed = first + second + fusion;
        // Backwards every product is there twice, but for the data, which need no gradient.
        let encoders = embed + first + 2.0 * (second + fusion);
        let networks = product(v * d, hidden) + product(features, hidden);
        Self {
            embed,
            decode: embed + 2.0 * networks,
            squared: encoders + 3.0 * networks,
            likelihood: encoders + 6.0 * networks,
            clustering: encoders,
        }
    }
}

/// The most memory this process has held, where the system tells.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}
