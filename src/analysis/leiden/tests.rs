use super::*;
use crate::analysis::{graph::knn_graph, scores::adjusted_rand_index};
use ndarray::Array2;
use serde_json::Value;

const GOLDEN: &str = include_str!("../../../tests/golden/leiden_golden.json");

fn numbers(value: &Value) -> Vec<u32> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_u64().unwrap() as u32).collect()
}

/// The graphs of the golden file with what it says of them.
fn golden() -> Vec<(Graph, Value)> {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let graph = |case: &Value| {
        let edge = |edge: &Value| {
            let end = |at: usize| edge[at].as_u64().unwrap() as u32;
            (end(0), end(1), edge[2].as_f64().unwrap() as f32)
        };
        let edges = case["edges"].as_array().unwrap().iter().map(edge);
        Graph::from_edges(case["samples"].as_u64().unwrap() as usize, edges)
    };
    let cases = golden["graphs"].as_array().unwrap().iter();
    cases.map(|case| (graph(case), case.clone())).collect()
}

fn found(graph: &Graph, resolution: f64, seed: u64) -> Partition {
    let spec = LeidenSpec::new(resolution, seed);
    leiden(graph, &spec, &CancelToken::new()).unwrap()
}

fn exactly(graph: &Graph, clusters: usize) -> Partition {
    leiden_k(graph, clusters, 1, &CancelToken::new()).unwrap()
}

/// Rings of `size` samples, each joined to the next one by weak edges if `linked`.
fn rings(count: u32, size: u32, linked: bool) -> Graph {
    let ring = |r: u32| {
        let within = (0..size).map(move |i| (r * size + i, r * size + (i + 1) % size, 1.0));
        let next = (r + 1) % count * size;
        within.chain(linked.then_some((r * size, next, 0.01)))
    };
    Graph::from_edges((count * size) as usize, (0..count).flat_map(ring))
}

#[test]
fn modularity_is_that_of_leidenalg() {
    for (graph, case) in golden() {
        for partition in case["partitions"].as_array().unwrap() {
            let expected = partition["modularity"].as_f64().unwrap();
            let resolution = partition["resolution"].as_f64().unwrap();
            let got = modularity(&graph, &numbers(&partition["labels"]), resolution);
            assert!((got - expected).abs() < 2e-6, "{got}, not {expected}");
        }
    }
}

/// As many seeds as the golden file compares: a single one often misses the best partition, with either program.
const SEEDS: u64 = 60;

#[test]
fn partitions_are_as_good_as_those_of_leidenalg() {
    for (graph, case) in golden() {
        for partition in case["partitions"].as_array().unwrap() {
            let resolution = partition["resolution"].as_f64().unwrap();
            let found = (0..SEEDS).map(|seed| found(&graph, resolution, seed).modularity);
            let found: Vec<f64> = found.collect();
            let best = found.iter().copied().fold(f64::MIN, f64::max);
            let mean = found.iter().sum::<f64>() / SEEDS as f64;
            let expected = |what: &str| partition[what].as_f64().unwrap();
            let name = &case["name"];
            assert!(
                best > expected("modularity") - 1e-4,
                "{name} {resolution}: {best}"
            );
            assert!(
                mean > expected("mean") - 2e-4,
                "{name} {resolution}: {mean}"
            );
        }
    }
}

#[test]
fn planted_clusters_are_found() {
    let (graph, case) = &golden()[1];
    let truth = numbers(&case["truth"]);
    for seed in 0..5 {
        let found = found(graph, 1.0, seed);
        assert_eq!(found.clusters, 5);
        assert_eq!(adjusted_rand_index(&truth, &found.labels), 1.0);
    }
    let five = exactly(graph, 5);
    assert_eq!(adjusted_rand_index(&truth, &five.labels), 1.0);
}

#[test]
fn any_number_of_clusters_is_found_and_none_is_empty() {
    for (graph, _) in golden() {
        for clusters in 1..=graph.samples() {
            let found = exactly(&graph, clusters);
            assert_eq!(found.clusters, clusters);
            let mut sizes = vec![0; clusters];
            found
                .labels
                .iter()
                .for_each(|&label| sizes[label as usize] += 1);
            assert!(sizes.iter().all(|&size| size > 0));
            assert!(sizes.is_sorted_by(|a, b| a >= b), "the largest is first");
        }
    }
}

#[test]
fn the_cheapest_unions_bridge_a_gap() {
    // No resolution parts equal pieces into three, and joined in pairs they cost the same: two and two.
    let pieces = rings(5, 6, false);
    assert_eq!(exactly(&pieces, 5).clusters, 5);
    let three = exactly(&pieces, 3);
    let sizes = network::sizes(&three.labels, 3);
    assert_eq!(sizes, [12, 12, 6]);
    // Of linked pieces, neighbours are joined.
    let two = exactly(&rings(4, 5, true), 2);
    assert_eq!(two.clusters, 2);
    let label = |ring: usize| two.labels[ring * 5];
    assert!(label(0) == label(1) || label(0) == label(3));
    assert!((0..20).all(|sample| two.labels[sample] == label(sample / 5)));
}

#[test]
fn clusters_are_connected() {
    let points = Array2::from_shape_fn((300, 2), |(i, j)| ((i * (j + 3) * 7919) % 101) as f32);
    let graph = knn_graph(points.view(), 6, &CancelToken::new()).unwrap();
    for resolution in [0.2, 1.0, 4.0] {
        let found = found(&graph, resolution, 3);
        for label in 0..found.clusters as u32 {
            let members = (0..300).filter(|&sample| found.labels[sample as usize] == label);
            let members: Vec<u32> = members.collect();
            assert_eq!(graph.part(&members).components().len(), 1, "{resolution}");
        }
    }
}

#[test]
fn extreme_resolutions_give_the_pieces_and_the_samples() {
    let graph = rings(3, 4, false);
    for none in [0.0, -1.0, f64::NAN] {
        assert_eq!(found(&graph, none, 0).clusters, 3);
    }
    for high in [1e9, f64::INFINITY] {
        assert_eq!(found(&graph, high, 0).clusters, 12);
    }
}

#[test]
fn samples_without_edges_join_the_largest_cluster() {
    let edges = [(1, 2, 1.0), (2, 3, 1.0), (1, 3, 1.0), (5, 6, 1.0)];
    let graph = Graph::from_edges(9, edges);
    assert_eq!(exactly(&graph, 2).labels, [0, 0, 0, 0, 0, 1, 1, 0, 0]);
    // Fewer samples have edges than there shall be clusters.
    let seven = exactly(&graph, 7);
    assert_eq!(seven.clusters, 7);
    // In Leiden itself they are alone.
    assert_eq!(found(&graph, 1.0, 0).clusters, 6);
}

#[test]
fn tiny_graphs_work() {
    for samples in 0..4 {
        let graph = Graph::from_edges(samples, []);
        assert_eq!(found(&graph, 1.0, 0).labels.len(), samples);
        for clusters in 0..6 {
            let found = exactly(&graph, clusters);
            assert_eq!(found.clusters, clusters.max(1).min(samples));
            assert_eq!(found.modularity, 0.0);
        }
    }
    let pair = Graph::from_edges(2, [(0, 1, f32::MIN_POSITIVE)]);
    assert_eq!(exactly(&pair, 1).labels, [0, 0]);
    assert_eq!(exactly(&pair, 3).labels, [0, 1]);
}

#[test]
fn seeds_decide_alone_and_a_cancel_ends_it() {
    let (graph, _) = &golden()[2];
    assert_eq!(found(graph, 2.5, 4), found(graph, 2.5, 4));
    let seeds: Vec<_> = (0..10).map(|seed| found(graph, 2.5, seed).labels).collect();
    assert!(seeds.iter().any(|labels| *labels != seeds[0]));
    let cancel = CancelToken::new();
    cancel.cancel();
    let spec = LeidenSpec::new(1.0, 0);
    assert_eq!(leiden(graph, &spec, &cancel), Err(Cancelled));
    assert_eq!(leiden_k(graph, 3, 0, &cancel), Err(Cancelled));
}
