use super::*;
use crate::analysis::{leiden::leiden_k, scores::adjusted_rand_index};
use ndarray::{Axis, s};
use serde_json::Value;

const GOLDEN: &str = include_str!("../../../tests/golden/wnn_golden.json");

fn golden() -> Value {
    serde_json::from_str(GOLDEN).unwrap()
}

fn matrix(value: &Value) -> Array2<f32> {
    let rows = value.as_array().unwrap();
    let columns = rows[0].as_array().unwrap().len();
    let at = |(i, j): (usize, usize)| rows[i][j].as_f64().unwrap() as f32;
    Array2::from_shape_fn((rows.len(), columns), at)
}

/// The two modalities of the golden file.
fn modalities() -> [Array2<f32>; 2] {
    let golden = golden();
    [0, 1].map(|v| matrix(&golden["modalities"][v]))
}

fn fused(modalities: &[Array2<f32>], spec: &WnnSpec) -> Wnn {
    let views: Vec<_> = modalities.iter().map(|m| m.view()).collect();
    fit(&views, spec, &CancelToken::new()).unwrap()
}

fn usual(modalities: &[Array2<f32>]) -> Wnn {
    fused(modalities, &WnnSpec::for_samples(modalities[0].nrows()))
}

#[test]
fn weights_and_neighbours_are_those_of_muon() {
    let golden = golden();
    let spec = WnnSpec::for_samples(120);
    assert_eq!((spec.neighbours, spec.candidates, spec.fused), (20, 60, 20));
    let found = usual(&modalities());
    let expected = matrix(&golden["weights"]);
    for (found, expected) in found.weights.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
    }
    let others = found.neighbours.indices.slice(s![.., 1..]);
    assert_eq!(others.mapv(|other| other as f32), matrix(&golden["fused"]));
    let distances = found.neighbours.distances.slice(s![.., 1..]);
    for (found, expected) in distances.iter().zip(&matrix(&golden["distances"])) {
        assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
    }
}

#[test]
fn clusters_that_no_modality_tells_apart_are_found() {
    // The first modality tells two pairs of groups apart, the second tells them apart within the pairs.
    let golden = golden();
    let truth: Vec<u32> = golden["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group.as_u64().unwrap() as u32)
        .collect();
    let score = |graph: &Graph| {
        let found = leiden_k(graph, 4, 0, &CancelToken::new()).unwrap();
        adjusted_rand_index(&truth, &found.labels)
    };
    let modalities = modalities();
    let both = score(&usual(&modalities).graph);
    let each = modalities.map(|one| score(&usual(&[one]).graph));
    assert!(both > 0.8, "{both}");
    assert!(each.iter().all(|each| both > each + 0.2), "{each:?}");
}

#[test]
fn noise_weighs_less_and_a_single_modality_all() {
    let [informative, _] = modalities();
    let noise = Array2::from_shape_fn((120, 4), |(i, j)| ((i * (j + 5) * 7919) % 997) as f32);
    let found = usual(&[noise, informative.clone()]);
    let mean = found.weights.mean_axis(Axis(0)).unwrap();
    assert!(mean[1] > 0.6, "{mean}");
    let alone = usual(&[informative]);
    assert!(alone.weights.iter().all(|&weight| weight == 1.0));
}

#[test]
fn what_was_not_measured_weighs_nothing() {
    let mut modalities = modalities();
    modalities[0].row_mut(5)[2] = f32::NAN;
    modalities[1].row_mut(6).fill(f32::INFINITY);
    modalities[0].row_mut(7)[0] = f32::NAN;
    modalities[1].row_mut(7)[0] = f32::NAN;
    let found = usual(&modalities);
    assert_eq!(found.weights.row(5).to_vec(), [0.0, 1.0]);
    assert_eq!(found.weights.row(6).to_vec(), [1.0, 0.0]);
    assert_eq!(found.weights.row(7).to_vec(), [0.0, 0.0]);
    let Neighbours {
        indices, distances, ..
    } = &found.neighbours;
    assert!(indices.row(7).iter().all(|&other| other == 7));
    assert!(distances.row(7).iter().skip(1).all(|&d| d == f32::INFINITY));
    assert!(found.graph.row(7).0.is_empty());
    for sample in [5, 6] {
        assert!(distances.row(sample).iter().all(|d| d.is_finite()));
        assert!(!found.graph.row(sample).0.is_empty());
    }
}

#[test]
fn any_number_of_samples_and_any_settings_work() {
    for samples in 0..8 {
        for columns in 0..3 {
            let scattered = Array2::from_shape_fn((samples, columns), |(i, j)| (i * i + j) as f32);
            let constant = Array2::ones((samples, 2));
            for (neighbours, bandwidth_neighbours, candidates, fused_neighbours) in
                [(0, 0, 0, 0), (2, 1, 1, 1), (99, 99, 99, 99)]
            {
                let spec = WnnSpec {
                    neighbours,
                    bandwidth_neighbours,
                    candidates,
                    fused: fused_neighbours,
                };
                let found = fused(&[scattered.clone(), constant.clone()], &spec);
                assert_eq!(found.weights.dim(), (samples, 2));
                assert!(
                    found
                        .weights
                        .rows()
                        .into_iter()
                        .all(|row| (row.sum() - 1.0).abs() < 1e-5)
                );
                assert!(found.neighbours.distances.iter().all(|d| !d.is_nan()));
            }
        }
    }
}

#[test]
fn threads_do_not_matter() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| usual(&modalities()))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn unlike_modalities_are_refused_and_a_cancel_ends_it() {
    let cancel = CancelToken::new();
    let spec = WnnSpec::for_samples(3);
    assert_eq!(fit(&[], &spec, &cancel), Err(WnnError::NoModality));
    let (three, two) = (Array2::zeros((3, 1)), Array2::zeros((2, 1)));
    let unlike = WnnError::Samples {
        modality: 1,
        found: 2,
        samples: 3,
    };
    assert_eq!(
        fit(&[three.view(), two.view()], &spec, &cancel),
        Err(unlike)
    );
    cancel.cancel();
    let cancelled = fit(&[three.view()], &spec, &cancel);
    assert_eq!(cancelled, Err(WnnError::Cancelled(Cancelled)));
}
