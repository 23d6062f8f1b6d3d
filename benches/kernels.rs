//! Every part but training, on the demo at the size of TEA-seq: the smallest of three runs.
//!
//! `cargo bench --bench kernels [-- SAMPLES]`

use std::time::Instant;

use hdumec::{
    analysis::{
        kmeans::{self, KMeansSpec},
        neighbours, silhouette,
        umap::{self, UmapSpec},
    },
    data::demo::{self, DemoSpec},
    io::{self, LoadSpec},
    job::CancelToken,
    preprocess,
};
use ndarray::Array2;

fn main() {
    let samples = std::env::args()
        .filter_map(|a| a.parse().ok())
        .next()
        .unwrap_or(25_517);
    let cancel = CancelToken::new();
    let dataset = demo::generate(&DemoSpec { samples, seed: 0 });
    let folder = tempfile::tempdir().expect("a temporary folder");
    io::write_dataset(&dataset, folder.path()).expect("the demo as files");
    let spec = LoadSpec {
        paths: vec![folder.path().to_path_buf()],
        ..LoadSpec::default()
    };
    time("load", || io::load(&spec, &cancel).map(drop).is_ok());
    time("prepare", || {
        !preprocess::min_max(&dataset).modalities.is_empty()
    });

    // Stands for an embedding: the first 20 scaled features of the RNA, which keep the cell types.
    let prepared = preprocess::min_max(&dataset);
    let rna = prepared.modalities.last().expect("three modalities");
    let points: Array2<f32> = rna.slice(ndarray::s![.., ..20]).to_owned();
    let clusters = KMeansSpec::new(12, 0);
    let fit = kmeans::fit(points.view(), &clusters, &cancel).expect("clusters");
    time("k-means", || {
        kmeans::fit(points.view(), &clusters, &cancel).is_ok()
    });
    time("silhouette", || {
        silhouette::mean(points.view(), &fit.assignment, &cancel).is_ok()
    });
    time("neighbours", || {
        neighbours::exact(points.view(), 15, &cancel).is_ok()
    });
    time("umap", || {
        umap::fit(
            points.view(),
            &UmapSpec::default(),
            None,
            &cancel,
            &mut |_| {},
        )
        .is_ok()
    });
}

fn time(name: &str, mut work: impl FnMut() -> bool) {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        assert!(work(), "{name} failed");
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{name:<12} {best:>8.3} s");
}
