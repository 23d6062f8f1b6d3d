use super::*;
use crate::analysis::{neighbours, scores::adjusted_rand_index};
use ndarray::array;
use serde_json::Value;

const GOLDEN: &str = include_str!("../../../tests/golden/spectral_golden.json");

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap()).collect()
}

/// Joins every sample to its nearest ones: the mean of both directions.
fn neighbour_graph(points: &Array2<f32>, neighbours: usize) -> Graph {
    let found = neighbours::exact(points.view(), neighbours, &CancelToken::new()).unwrap();
    let mut edges = std::collections::BTreeMap::new();
    for (i, row) in (0..).zip(found.indices.rows()) {
        for &j in row {
            *edges.entry((i, j)).or_insert(0.0) += 0.5;
            *edges.entry((j, i)).or_insert(0.0) += 0.5;
        }
    }
    sparse(points.nrows(), edges)
}

fn sparse(samples: usize, edges: impl IntoIterator<Item = ((u32, u32), f32)>) -> Graph {
    Graph::from_edges(
        samples,
        edges.into_iter().map(|((i, j), weight)| (i, j, weight)),
    )
}

fn dense(affinity: &Array2<f64>, clusters: usize) -> Result<SpectralClustering, SpectralError> {
    let spec = KMeansSpec::new(clusters, 1);
    cluster(affinity.view(), &spec, &CancelToken::new())
}

fn cut(network: &Graph, clusters: usize) -> SpectralClustering {
    let spec = KMeansSpec::new(clusters, 1);
    cluster_graph(network, &spec, &CancelToken::new()).unwrap()
}

#[test]
fn every_case_matches_scikit_learn() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    for case in golden["cases"].as_array().unwrap() {
        let rows: Vec<_> = case["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect();
        let points = Array2::from_shape_fn((rows.len(), 2), |(i, j)| rows[i][j] as f32);
        let clusters = case["clusters"].as_u64().unwrap() as usize;
        let found = match case["gamma"].as_f64() {
            None => {
                let neighbours = case["neighbours"].as_u64().unwrap() as usize;
                cut(&neighbour_graph(&points, neighbours), clusters)
            }
            Some(gamma) => {
                let kernel = |(i, j): (usize, usize)| {
                    let squares = rows[i].iter().zip(&rows[j]).map(|(a, b)| (a - b).powi(2));
                    (-gamma * squares.sum::<f64>()).exp()
                };
                let affinity = Array2::from_shape_fn((rows.len(), rows.len()), kernel);
                let found = dense(&affinity, clusters).unwrap();
                // The same, not row by row in memory.
                let spec = KMeansSpec::new(clusters, 1);
                let turned = cluster(affinity.t(), &spec, &CancelToken::new()).unwrap();
                assert_eq!(turned.labels, found.labels);
                found
            }
        };
        let expected = numbers(&case["labels"]);
        let expected: Vec<u32> = expected.into_iter().map(|x| x as u32).collect();
        let name = &case["name"];
        assert_eq!(adjusted_rand_index(&found.labels, &expected), 1.0, "{name}");
        assert!(found.converged, "{name}");
        for (x, y) in found.eigenvalues.iter().zip(numbers(&case["eigenvalues"])) {
            assert!((x - y).abs() < 1e-8, "{name}: {x}, not {y}");
        }
    }
}

#[test]
fn close_eigenvalues_of_a_long_ring_are_found() {
    // Each sample is joined to the two beside it: 1 - cos(2 pi j / n), each but the first twice.
    let samples = 3_000_u32;
    let mut edges: Vec<_> = (0..samples)
        .flat_map(|i| [(i, (i + 1) % samples), (i, (i + samples - 1) % samples)])
        .map(|edge| (edge, 1.0))
        .collect();
    edges.sort_by_key(|edge| edge.0);
    let found = cut(&sparse(samples as usize, edges), 7);
    assert!(found.converged);
    for (at, value) in found.eigenvalues.iter().enumerate() {
        let angle = 2.0 * std::f64::consts::PI * at.div_ceil(2) as f64 / f64::from(samples);
        let expected = 1.0 - angle.cos();
        assert!(
            (value - expected).abs() < 1e-8,
            "{at}: {value}, not {expected}"
        );
    }
    // Seven arcs, each in one piece.
    let changes =
        (0..samples as usize).filter(|&i| found.labels[i] != found.labels[(i + 1) % 3_000]);
    assert_eq!(changes.count(), 7);
}

#[test]
fn pieces_that_nothing_joins_are_the_clusters() {
    // Complete graphs of 5, 9, 2 and 7 samples, and a sample alone.
    let sizes = [5, 9, 2, 7];
    let truth: Vec<u32> = (0..)
        .zip(sizes)
        .flat_map(|(piece, size)| vec![piece; size])
        .collect();
    let samples = truth.len() + 1;
    let affinity = Array2::from_shape_fn((samples, samples), |(i, j)| {
        match (truth.get(i), truth.get(j)) {
            (Some(a), Some(b)) if a == b => 0.3,
            _ => 0.0,
        }
    });
    let four = dense(&affinity, 4).unwrap();
    assert_eq!(adjusted_rand_index(&four.labels[..23], &truth), 1.0);
    assert_eq!(four.eigenvalues, [0.0; 4]);
    // Fewer clusters than pieces: the largest ones are told apart.
    let two = dense(&affinity, 2).unwrap();
    assert!(
        two.labels[5] != two.labels[16] && two.labels[5..14].iter().all(|&l| l == two.labels[5])
    );
    // More: no piece shares a cluster with another.
    let six = dense(&affinity, 6).unwrap();
    for i in 0..23 {
        for j in 0..23 {
            assert!(
                truth[i] == truth[j] || six.labels[i] != six.labels[j],
                "{i} {j}"
            );
        }
    }
    assert!(six.embedding.row(23).iter().all(|&x| x == 0.0));
}

#[test]
fn threads_do_not_matter() {
    let points = Array2::from_shape_fn((1_500, 2), |(i, j)| {
        ((i * (37 + 11 * j)) as f32 * 0.61).sin() + (i % 3) as f32
    });
    let graph = neighbour_graph(&points, 8);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| cut(&graph, 5))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn awkward_networks_are_cut_or_refused() {
    let error = |affinity: &Array2<f64>, clusters| dense(affinity, clusters).unwrap_err();
    let labels = |affinity: &Array2<f64>, clusters| dense(affinity, clusters).unwrap().labels;
    let ones = Array2::ones((4, 4));
    assert_eq!(labels(&ones, 1), [0; 4]);
    let mut each = labels(&ones, 4);
    each.sort_unstable();
    assert_eq!(each, [0, 1, 2, 3]);
    assert_eq!(labels(&Array2::zeros((1, 1)), 1), [0]);
    // No edges: all lie at the origin.
    assert_eq!(labels(&Array2::eye(3), 2).len(), 3);
    assert_eq!(
        error(&Array2::zeros((0, 0)), 1).to_string(),
        "k-means cannot make 1 clusters of 0 samples"
    );
    assert_eq!(
        error(&ones, 0),
        SpectralError::KMeans(KMeansError::NoClusters)
    );
    assert!(matches!(error(&ones, 61), SpectralError::Clusters(_)));
    assert!(matches!(
        error(&Array2::ones((2, 3)), 1),
        SpectralError::NotSquare {
            rows: 2,
            columns: 3
        }
    ));
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let bad = array![[1.0, weight], [weight, 1.0]];
        assert!(matches!(
            error(&bad, 1),
            SpectralError::Weight {
                row: 0,
                column: 1,
                ..
            }
        ));
    }
    let lame = array![[1.0, 2.0], [3.0, 1.0]];
    assert_eq!(
        error(&lame, 1),
        SpectralError::NotSymmetric { row: 0, column: 1 }
    );
    let one_way = array![[1.0, 0.0], [1.0, 1.0]];
    assert_eq!(
        error(&one_way, 1),
        SpectralError::NotSymmetric { row: 0, column: 1 }
    );
    // An edge of a graph cannot lead one way.
    assert_eq!(cut(&sparse(2, [((1, 0), 1.0)]), 1).labels, [0, 0]);
    let spec = KMeansSpec::new(1, 0);

    let cancel = CancelToken::new();
    cancel.cancel();
    let cancelled = cluster(ones.view(), &spec, &cancel);
    assert_eq!(cancelled, Err(Cancelled.into()));
}
