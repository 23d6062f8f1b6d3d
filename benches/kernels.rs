//! The parts that take the time, on simulated cells: training steps of the CPU engine, k-means, silhouette,
//! neighbours and map.
//!
//! `cargo bench --bench kernels`; for other sizes and for shares of what the machine can do, `hdumec bench`.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
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
    train::{CpuEngine, Engine as _, TrainSpec},
};

const SAMPLES: usize = 4_000;

fn kernels(criterion: &mut Criterion) {
    let cancel = CancelToken::new();
    let dataset = demo::generate(&DemoSpec {
        samples: SAMPLES,
        seed: 0,
    });
    let prepared = preprocess::min_max(&dataset);
    let clusters = dataset.labels.as_ref().map_or(2, |l| l.classes.len());
    let spec = TrainSpec::default()
        .check(SAMPLES, prepared.widths(), clusters)
        .expect("a network for the demo");
    let weights = Weights::initialise(&spec, 0);
    let mut engine =
        CpuEngine::new(spec, &prepared.modalities, &weights).expect("an engine for the demo");

    let mut steps = criterion.benchmark_group("step");
    steps.bench_function("squared error", |b| {
        b.iter(|| engine.reconstruction_step(1e-3));
    });
    steps.bench_function("likelihood", |b| b.iter(|| engine.uncertainty_step(1e-3)));
    let embedding = engine.embed().expect("an embedding");
    let points = embedding.view();
    let kmeans_spec = KMeansSpec::new(clusters, 0);
    let fit = kmeans::fit(points, &kmeans_spec, &cancel).expect("clusters");
    engine.set_centres(fit.centres.view()).expect("centres");
    steps.bench_function("assignment", |b| b.iter(|| engine.assign()));
    steps.bench_function("clustering", |b| b.iter(|| engine.clustering_step(1e-4)));
    steps.finish();

    let mut analysis = criterion.benchmark_group("analysis");
    analysis.bench_function("k-means", |b| {
        b.iter(|| kmeans::fit(points, &kmeans_spec, &cancel));
    });
    analysis.bench_function("silhouette", |b| {
        b.iter(|| silhouette::mean(points, &fit.assignment, &cancel));
    });
    analysis.bench_function("neighbours", |b| {
        b.iter(|| neighbours::exact(points, 15, &cancel));
    });
    analysis.bench_function("umap", |b| {
        let spec = UmapSpec {
            epochs: Some(50),
            ..UmapSpec::default()
        };
        b.iter(|| umap::fit(points, &spec, None, &cancel, &mut |_| {}));
    });
    analysis.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    targets = kernels
}
criterion_main!(benches);
