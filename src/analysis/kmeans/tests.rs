use super::*;
use ndarray::{Axis, array, s};
use rand::RngExt as _;

const GOLDEN: &str = include_str!("../../../tests/golden/scores_golden.json");

fn golden_blobs() -> (Array2<f32>, f64) {
    let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    let rows = golden["cases"][0]["points"].as_array().unwrap();
    let points = Array2::from_shape_fn((rows.len(), 3), |(i, j)| {
        rows[i][j].as_f64().unwrap() as f32
    });
    (points, golden["kmeans_inertia_blobs"].as_f64().unwrap())
}

fn noise(samples: usize, features: usize, seed: u64) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_fn((samples, features), |_| rng.random::<f32>())
}

#[test]
fn inertia_matches_the_reference() {
    let (points, expected) = golden_blobs();
    let fit = fit(points.view(), &KMeansSpec::new(4, 1), &CancelToken::new()).unwrap();
    assert!((fit.inertia - expected).abs() < 1e-5 * expected, "{fit:?}");
}

#[test]
fn every_centre_is_the_mean_of_its_members() {
    let points = noise(501, 7, 3);
    let spec = KMeansSpec {
        tolerance: 0.0,
        ..KMeansSpec::new(9, 5)
    };
    let fit = fit(points.view(), &spec, &CancelToken::new()).unwrap();
    for (cluster, centre) in fit.centres.outer_iter().enumerate() {
        let members: Vec<usize> = (0..501)
            .filter(|&i| fit.assignment[i] == cluster as u32)
            .collect();
        let mean = points.select(Axis(0), &members).mean_axis(Axis(0)).unwrap();
        assert!((&mean - &centre).iter().all(|x| x.abs() < 1e-5));
    }
}

#[test]
fn threads_do_not_matter() {
    let points = noise(700, 5, 11);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| fit(points.view(), &KMeansSpec::new(6, 2), &CancelToken::new()).unwrap())
    };
    assert_eq!(on(1), on(2));
    assert_eq!(on(2), on(5));
}

#[test]
fn more_clusters_than_distinct_samples() {
    let points = array![[1.0f32, 2.0], [1.0, 2.0], [1.0, 2.0], [4.0, 4.0]];
    let fit = fit(points.view(), &KMeansSpec::new(3, 0), &CancelToken::new()).unwrap();
    assert_eq!(fit.inertia, 0.0);
    assert!(fit.assignment.iter().all(|&c| c < 3));
    assert_ne!(fit.assignment[0], fit.assignment[3]);
}

#[test]
fn as_many_clusters_as_samples() {
    let points = noise(9, 2, 4);
    let fit = fit(points.view(), &KMeansSpec::new(9, 0), &CancelToken::new()).unwrap();
    assert_eq!(fit.inertia, 0.0);
}

#[test]
fn an_empty_cluster_is_filled() {
    let points = array![[0.0f32], [1.0], [10.0], [11.0]];
    let tiles = Tiles::new(points.view());
    let fit = lloyd::run(&tiles, vec![0.0, 100.0], 300, 0.0, &CancelToken::new()).unwrap();
    assert_eq!(fit.inertia, 1.0);
    assert_ne!(fit.assignment[0], fit.assignment[3]);
}

#[test]
fn many_clusters_than_one_chunk_of_centres() {
    let points = noise(400, 3, 8);
    let fit = fit(points.view(), &KMeansSpec::new(150, 3), &CancelToken::new()).unwrap();
    let mut seen = fit.assignment.clone();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 150);
}

#[test]
fn bad_input_is_an_error() {
    let mut points = noise(10, 2, 1);
    let cancel = CancelToken::new();
    let fail = |points: ArrayView2<f32>, clusters| {
        fit(points, &KMeansSpec::new(clusters, 0), &cancel).unwrap_err()
    };
    assert_eq!(fail(points.view(), 0), KMeansError::NoClusters);
    assert_eq!(
        fail(points.slice(s![..0, ..]), 2),
        KMeansError::TooFewSamples {
            samples: 0,
            clusters: 2
        }
    );
    for bad in [f32::NAN, f32::INFINITY, -1e30] {
        points[[3, 1]] = bad;
        assert_eq!(
            fail(points.view(), 2),
            KMeansError::NotFinite {
                sample: 3,
                feature: 1
            }
        );
    }
    cancel.cancel();
    assert_eq!(fail(points.view(), 2), KMeansError::Cancelled(Cancelled));
}

#[test]
fn points_without_features_fall_into_one_place() {
    let points = Array2::zeros((5, 0));
    let fit = fit(points.view(), &KMeansSpec::new(2, 0), &CancelToken::new()).unwrap();
    assert_eq!((fit.inertia, fit.centres.dim()), (0.0, (2, 0)));
}
