use super::*;
use crate::{analysis::scores::adjusted_rand_index, data::Storage};
use rand_distr::StandardNormal;

/// Three groups in two modalities; a third says nothing of them.
fn modalities(samples: usize) -> (Vec<Values>, Vec<u32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let labels: Vec<u32> = (0..samples).map(|i| (i % 3) as u32).collect();
    let mut make = |features: usize, apart: f32| {
        let centres = Array2::from_shape_simple_fn((3, features), || {
            let x: f32 = rng.sample(StandardNormal);
            x * apart
        });
        let values = Array2::from_shape_fn((samples, features), |(i, j)| {
            let noise: f32 = rng.sample(StandardNormal);
            centres[[labels[i] as usize, j]] + noise
        });
        Values::from(values)
    };
    (vec![make(60, 0.9), make(20, 0.9), make(40, 0.0)], labels)
}

fn votes(modalities: &[Values], spec: &GraphVotesSpec) -> Vec<Vec<u32>> {
    let modalities: Vec<&Values> = modalities.iter().collect();
    let mut told = Vec::new();
    let cancel = CancelToken::new();
    let mut tell = |made: &Looks| told.push(made.clone());
    let made = graph_votes(&modalities, spec, Looks::default(), &cancel, &mut tell).unwrap();
    assert_eq!(told.last().cloned().unwrap_or_default(), made);
    made.votes.into_iter().map(|look| look.0.to_vec()).collect()
}

#[test]
fn what_is_gone_on_with_comes_to_the_same() {
    let (modalities, _) = modalities(120);
    let modalities: Vec<&Values> = modalities.iter().collect();
    let cancel = CancelToken::new();
    let spec = GraphVotesSpec { votes: 60, ..SPEC };
    let mut told = vec![Looks::default()];
    let mut tell = |made: &Looks| told.push(made.clone());
    let whole = graph_votes(&modalities, &spec, Looks::default(), &cancel, &mut tell).unwrap();
    assert!(told.len() > 6 && whole.tried == 60);
    // After each part, and within one.
    let mut within = whole.clone();
    within.tried = 13;
    within.votes.truncate(13);
    for before in told.into_iter().chain([within]) {
        let rest = graph_votes(&modalities, &spec, before, &cancel, &mut |_| {}).unwrap();
        assert!(rest == whole);
    }
}

const SPEC: GraphVotesSpec = GraphVotesSpec {
    votes: 24,
    feature_sets: 4,
    clusters: 3,
    samples: 4096,
    seed: 1,
};

#[test]
fn most_votes_find_the_groups() {
    let (modalities, truth) = modalities(300);
    let votes = votes(&modalities, &SPEC);
    assert_eq!(votes.len(), 24);
    let mut found: Vec<f64> = votes
        .iter()
        .map(|v| adjusted_rand_index(v, &truth))
        .collect();
    found.sort_by(f64::total_cmp);
    // Of six that see one modality alone, some see the third.
    assert!(found[8] > 0.9, "{found:?}");
    assert!(
        votes
            .iter()
            .all(|v| v.len() == 300 && v.iter().all(|&k| k < 3))
    );
}

#[test]
fn samples_that_are_not_drawn_go_with_their_neighbours() {
    let (modalities, truth) = modalities(900);
    let some = GraphVotesSpec {
        samples: 300,
        ..SPEC
    };
    let votes = votes(&modalities, &some);
    let right = votes
        .iter()
        .filter(|v| adjusted_rand_index(v, &truth) > 0.85);
    assert!(right.count() >= 12);
    assert!(votes.iter().all(|v| v.len() == 900));
}

#[test]
fn the_same_seed_gives_the_same_votes_on_any_number_of_threads() {
    let (modalities, _) = modalities(200);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| votes(&modalities, &SPEC))
    };
    let once = on(1);
    assert_eq!(once, on(3));
    let other = GraphVotesSpec { seed: 2, ..SPEC };
    assert_ne!(once, votes(&modalities, &other));
}

#[test]
fn odd_data_give_votes_or_none() {
    let spec = GraphVotesSpec { votes: 12, ..SPEC };
    for samples in [0, 1, 2, 3, 4, 7] {
        let values = Array2::from_shape_fn((samples, 4), |(i, j)| ((i * 5 + j * 3) % 7) as f32);
        let found = votes(&[values.into()], &spec);
        assert!(found.iter().all(|v| v.len() == samples));
    }
    let constant: Values = Array2::from_elem((50, 3), 2.0).into();
    assert!(votes(std::slice::from_ref(&constant), &spec).is_empty());
    assert!(votes(&[], &spec).is_empty());
    let (mut modalities, _) = modalities(60);
    modalities.push(constant.select(Storage::Memory, &[0; 60]).unwrap());
    assert!(!votes(&modalities, &spec).is_empty());
}

#[test]
fn a_feature_of_two_values_is_no_axis_of_its_own() {
    let halves = Array2::from_shape_fn((40, 4), |(i, j)| ((i >> j) & 1) as f32);
    assert!(mostly_two_valued(halves.view()));
    let (modalities, _) = modalities(40);
    assert!(!mostly_two_valued(modalities[0].array().unwrap().view()));
}

#[test]
fn the_lowest_is_the_first_of_equals() {
    for length in [0, 1, 15, 16, 17, 255, 256, 257, 1_000] {
        for step in [1, 7, 40] {
            let half: Vec<f32> = (0..length).map(|i| ((i * i * step) % 97) as f32).collect();
            let mut products: Vec<f32> = (0..length).map(|i| ((i * step) % 13) as f32).collect();
            if let Some(last) = products.last_mut() {
                *last = f32::NAN;
            }
            let mut best = (f32::INFINITY, 0);
            for (at, (half, product)) in half.iter().zip(&products).enumerate() {
                if half - product < best.0 {
                    best = (half - product, at);
                }
            }
            assert_eq!(lowest(&half, &products), best.1, "{length}, {step}");
        }
    }
}

#[test]
fn the_nearest_is_found() {
    let points = Array2::from_shape_fn((700, 3), |(i, j)| ((i * (j + 3) * 37) % 101) as f32);
    let among = points.select(Axis(0), &[3, 50, 200, 640]);
    let found = nearest(points.view(), among.view(), &CancelToken::new()).unwrap();
    for (point, &near) in points.rows().into_iter().zip(&found) {
        let far = |row: usize| (&point - &among.row(row)).mapv(|x| x * x).sum();
        assert!((0..4).all(|other| far(near) <= far(other) + 1e-2));
    }
    assert_eq!([found[3], found[50], found[200], found[640]], [0, 1, 2, 3]);
}
