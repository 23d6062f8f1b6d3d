//! The parts that take the time, on simulated cells: training steps of the CPU engine, k-means, silhouette,
//! neighbours and map.
//!
//! `cargo bench --bench kernels`; for other sizes and for shares of what the machine can do, `hdumec bench`.

use std::time::{Duration, Instant};

use hdumec::{
    analysis::{
        kmeans::{self, KMeansSpec},
        neighbours, silhouette,
        umap::{self, UmapSpec},
    },
    data::demo::{self, DemoSpec},
    job::CancelToken,
    model::Weights,
    preprocess,
    train::{CpuEngine, Engine as _, Objective, TrainSpec},
};

const SAMPLES: usize = 4_000;

fn main() {
    let cancel = CancelToken::new();
    let dataset = demo::generate(&DemoSpec {
        samples: SAMPLES,
        seed: 0,
    });
    let prepared = preprocess::min_max(&dataset).expect("in memory");
    let clusters = dataset.labels.as_ref().map_or(2, |l| l.classes.len());
    let spec = TrainSpec::default()
        .check(SAMPLES, prepared.widths(), clusters)
        .expect("a network for the demo");
    let weights = Weights::initialise(&spec, 0);
    let mut engine =
        CpuEngine::new(spec, prepared.modalities, &weights).expect("an engine for the demo");

    time("squared error", || {
        engine.step(Objective::SquaredError, 1e-3)
    });
    time("likelihood", || engine.step(Objective::Likelihood, 1e-3));
    let embedding = engine.embed().expect("an embedding");
    let points = embedding.view();
    let kmeans_spec = KMeansSpec::new(clusters, 0);
    let fit = kmeans::fit(points, &kmeans_spec, &cancel).expect("clusters");
    engine.set_centres(fit.centres.view()).expect("centres");
    time("assignment", || engine.assign());
    time("clustering", || engine.step(Objective::Divergence, 1e-4));

    time("k-means", || kmeans::fit(points, &kmeans_spec, &cancel));
    time("silhouette", || {
        silhouette::mean(points, &fit.assignment, &cancel)
    });
    time("neighbours", || neighbours::exact(points, 15, &cancel));
    let spec = UmapSpec {
        epochs: Some(50),
        ..UmapSpec::default()
    };
    time("umap", || {
        umap::fit(points, &spec, None, &cancel, &mut |_| {})
    });
}

/// How long a part is run for.
const TIME: Duration = Duration::from_secs(2);

/// Fastest and median run of a part.
///
/// Our own rather than a crate's: the usual one changes the features of a crate that Burn uses, so that tests and
/// benches would compile Burn a second time.
fn time<T, E: std::fmt::Debug>(part: &str, mut run: impl FnMut() -> Result<T, E>) {
    let mut times = Vec::new();
    let begun = Instant::now();
    while times.len() < 3 || begun.elapsed() < TIME {
        let start = Instant::now();
        run().expect(part);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let (best, median) = (times[0], times[times.len() / 2]);
    println!("{part:<16} best {best:>8.2} ms, median {median:>8.2} ms");
}
