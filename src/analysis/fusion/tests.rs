use super::*;
use ndarray::{Axis, array};
use serde_json::Value;

const GOLDEN: &str = include_str!("../../../tests/golden/fusion_golden.json");

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap()).collect()
}

fn modalities(golden: &Value) -> Vec<Array2<f32>> {
    let matrix = |rows: &Value| {
        let rows: Vec<Vec<f64>> = rows.as_array().unwrap().iter().map(numbers).collect();
        Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j] as f32)
    };
    let modalities = golden["modalities"].as_array().unwrap();
    modalities.iter().map(matrix).collect()
}

fn fused(modalities: &[Array2<f32>], spec: &FusionSpec) -> Result<Array2<f64>, FusionError> {
    let views: Vec<_> = modalities.iter().map(|points| points.view()).collect();
    fuse(&views, spec, &CancelToken::new())
}

#[test]
fn every_case_matches_snfpy() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let modalities = modalities(&golden);
    for case in golden["cases"].as_array().unwrap() {
        let count = |name: &str| case[name].as_u64().unwrap() as usize;
        let spec = FusionSpec {
            neighbours: count("neighbours"),
            mu: case["mu"].as_f64().unwrap(),
            iterations: count("iterations"),
        };
        let got = fused(&modalities[..count("modalities")], &spec).unwrap();
        let expected = numbers(&case["fused"]);
        let upper = got.indexed_iter().filter(|((i, j), _)| i <= j);
        assert_eq!(upper.clone().count(), expected.len());
        for ((place, &x), y) in upper.zip(expected) {
            assert!(
                (x - y).abs() <= 1e-6 * y,
                "{spec:?} {place:?}: {x}, not {y}"
            );
        }
        assert_eq!(got, got.t());
    }
}

#[test]
fn threads_do_not_matter() {
    let wave = |i: usize, j: usize| ((i * 7 + j * 13) as f32 * 0.37).sin() + (i % 3) as f32;
    // More samples and features than one task or block holds.
    let wide = Array2::from_shape_fn((83, 300), |(i, j)| wave(i, j));
    let narrow = Array2::from_shape_fn((83, 5), |(i, j)| wave(j, i));
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let run = || fused(&[wide.clone(), narrow.clone()], &FusionSpec::default()).unwrap();
        pool.unwrap().install(run)
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn awkward_data_give_finite_affinities() {
    let spec = FusionSpec::default();
    let line = Array2::from_shape_fn((3, 1), |(i, _)| i as f32 * (f32::MAX / 2.0));
    for points in [
        Array2::zeros((0, 3)),
        Array2::zeros((4, 0)),
        Array2::ones((1, 2)),
        // All alike, and more samples than neighbours.
        Array2::ones((40, 2)),
        line,
        array![[1.0], [1.0], [2.0]],
    ] {
        let samples = points.nrows();
        for modalities in [vec![points.clone()], vec![points.clone(), points.clone()]] {
            let fused = fused(&modalities, &spec).unwrap();
            assert_eq!(fused.dim(), (samples, samples));
            assert!(fused.iter().all(|x| x.is_finite() && *x >= 0.0), "{fused}");
        }
    }
    let none = FusionSpec {
        neighbours: 0,
        iterations: 0,
        ..spec
    };
    let alike = fused(&[Array2::ones((5, 1)), Array2::ones((5, 1))], &none).unwrap();
    // Nothing tells them apart: each row shares half between all, and half is the sample's own.
    for (place, x) in alike.indexed_iter() {
        let expected = 0.2 + if place.0 == place.1 { 0.5 } else { 0.0 };
        assert!((x - expected).abs() < 1e-12, "{place:?}: {x}");
    }
}

#[test]
fn what_cannot_be_fused_is_refused() {
    let spec = FusionSpec::default();
    let two = Array2::zeros((2, 2));
    assert_eq!(fused(&[], &spec), Err(FusionError::NoModality));
    let unequal = fused(&[two.clone(), Array2::zeros((3, 1))], &spec);
    let expected = FusionError::Unequal {
        modality: 2,
        samples: 3,
        expected: 2,
    };
    assert_eq!(unequal, Err(expected));
    let mut bad = two.clone();
    bad[[1, 0]] = f32::NAN;
    let expected = FusionError::NotFinite {
        modality: 2,
        sample: 1,
        feature: 0,
    };
    assert_eq!(fused(&[two.clone(), bad], &spec), Err(expected));
    for mu in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = fused(std::slice::from_ref(&two), &FusionSpec { mu, ..spec });
        assert!(matches!(error, Err(FusionError::Mu(_))), "{mu}");
    }
    // A view of one sample many times: refused before any memory is taken.
    let many = two.row(0).insert_axis(Axis(0));
    let many = many.broadcast((5_001, 2)).unwrap();
    let error = affinity(many, &spec, &CancelToken::new()).unwrap_err();
    assert!(
        error.to_string().contains("at most 5,000: memory"),
        "{error}"
    );

    let cancel = CancelToken::new();
    cancel.cancel();
    let cancelled = affinity(two.view(), &spec, &cancel);
    assert_eq!(cancelled, Err(FusionError::Cancelled(Cancelled)));
}
