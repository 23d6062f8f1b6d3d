use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, Poisson};

use super::*;
use crate::data::demo::{self, BOUNDARY, CELL_NOISE, DemoSpec};

/// Demo cells as they were measured, the clusters being their types.
fn demo(samples: usize) -> (crate::data::Dataset, Vec<u32>) {
    let dataset = demo::generate(&DemoSpec { samples, seed: 0 });
    let labels = dataset.labels.as_ref().unwrap();
    let clusters = labels.codes.iter().map(|code| code.unwrap()).collect();
    (dataset, clusters)
}

fn measured(dataset: &crate::data::Dataset) -> Vec<Measurements<'_>> {
    let each = dataset.modalities.iter();
    each.map(|modality| Measurements {
        matrix: &modality.measured.matrix,
        measure: Measure::AsRead,
        scaling: match modality.name == "protein" {
            true => Scaling::Standardised,
            false => Scaling::Centred,
        },
    })
    .collect()
}

/// Counts of three groups in 40 features of which each group has ten for itself.
fn counts(samples: usize, seed: u64) -> (Matrix, Vec<u32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let clusters: Vec<u32> = (0..samples).map(|i| (i % 3) as u32).collect();
    let mut value = |(i, j): (usize, usize)| {
        let own = j / 10 == i % 3;
        let mean = if own { 12.0 } else { 2.0 };
        Poisson::new(mean).unwrap().sample(&mut rng)
    };
    let values = Array2::from_shape_fn((samples, 40), &mut value);
    (Matrix::Dense(values.into()), clusters)
}

fn of_counts(matrix: &Matrix) -> Measurements<'_> {
    Measurements {
        matrix,
        measure: Measure::LogNormalised,
        scaling: Scaling::Centred,
    }
}

#[test]
fn the_causes_of_the_demo_are_told() {
    let (dataset, clusters) = demo(2_000);
    let measured = measured(&dataset);
    let cancel = CancelToken::new();
    let judge = Judge::learn(&measured, &clusters, 12, 0, &cancel).unwrap();
    let confusion = judge.confusion();
    assert_eq!(confusion.reasons, Reason::ALL);
    assert!(confusion.macro_f1() > 0.8, "{confusion:?}");

    // Cells that truly lie between two types, and cells that are noisy and nothing else.
    let truth = |name: &str| {
        let columns = dataset.truth.sample.iter();
        &columns.clone().find(|c| c.name == name).unwrap().values
    };
    let (boundary, noise) = (truth(BOUNDARY), truth(CELL_NOISE));
    let chosen = |keep: &dyn Fn(usize) -> bool| -> Vec<(u32, [u32; 2])> {
        let own = |sample: usize| {
            let near = judge.scene.own_queries(&[sample]);
            let white = joint(&near.places);
            (
                sample as u32,
                judge.scene.two_nearest(white.view()).unwrap(),
            )
        };
        (0..2_000)
            .filter(|&at| keep(at))
            .map(own)
            .collect::<Vec<_>>()
    };
    let mixed = chosen(&|at| boundary[at] > 0.35 && noise[at] < 1.3);
    let noisy = chosen(&|at| boundary[at] == 0.0 && noise[at] > 2.2);
    let share = |asked: &[(u32, [u32; 2])], reason: Reason| {
        let verdicts = judge.judge(&measured, asked, &cancel).unwrap();
        let given = verdicts.iter().filter(|v| v.reason == Some(reason));
        given.count() as f64 / asked.len() as f64
    };
    assert!(mixed.len() > 50 && noisy.len() > 50);
    let found = [
        share(&mixed, Reason::Transition),
        share(&noisy, Reason::Shallow),
    ];
    assert!(found.iter().all(|&share| share > 0.7), "{found:?}");
}

#[test]
fn sums_thinned_and_swapped_counts_are_told() {
    let cancel = CancelToken::new();
    let (rna, clusters) = counts(600, 1);
    let (protein, _) = counts(600, 2);
    let judge = Judge::learn(
        &[of_counts(&rna), of_counts(&protein)],
        &clusters,
        3,
        0,
        &cancel,
    )
    .unwrap();
    assert!(
        judge.confusion().macro_f1() > 0.8,
        "{:?}",
        judge.confusion()
    );

    // Cases made here, by hand: the first sample plus the second, a fifth of the first, the first with the second's proteins.
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut rows = [Array2::zeros((600, 40)), Array2::zeros((600, 40))];
    for (rows, matrix) in rows.iter_mut().zip([&rna, &protein]) {
        matrix.fill(0..600, rows.as_slice_mut().unwrap()).unwrap();
    }
    let made = |case: usize, row: &Array2<f32>, swapped: bool, rng: &mut ChaCha8Rng| {
        let (a, b) = (row.row(0), row.row(1));
        match case {
            0 => &a + &b,
            1 => a.mapv(|x| (0..x as u32).filter(|_| rng.random_bool(0.2)).count() as f32),
            _ if swapped => b.to_owned(),
            _ => a.to_owned(),
        }
    };
    let mut made_of = |modality: usize| {
        let each = (0..3).map(|case| made(case, &rows[modality], modality == 1, &mut rng));
        let each: Vec<_> = each.collect();
        let views: Vec<_> = each.iter().map(|row| row.view()).collect();
        Matrix::Dense(ndarray::stack(Axis(0), &views).unwrap().into())
    };
    let cases = [made_of(0), made_of(1)];
    let cases = [of_counts(&cases[0]), of_counts(&cases[1])];
    // These are no references, whatever their numbers.
    let judge = Judge {
        references: Vec::new(),
        ..judge
    };
    let asked = [(0, [0, 1]), (1, [0, 1]), (2, [0, 1])];
    let verdicts = judge.judge(&cases, &asked, &cancel).unwrap();
    let reasons: Vec<_> = verdicts.iter().map(|v| v.reason).collect();
    let expected = [Reason::Doublet, Reason::Shallow, Reason::Contradiction].map(Some);
    assert_eq!(reasons, expected, "{verdicts:#?}");
    // What is told of the thinned one: a fifth of the counts.
    let depth = verdicts[1].evidence.depth.exp();
    assert!((0.15..0.26).contains(&depth), "{depth}");
}

#[test]
fn threads_and_storage_do_not_matter() {
    let (dataset, clusters) = demo(700);
    let measured = measured(&dataset);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let cancel = CancelToken::new();
            let judge = Judge::learn(&measured, &clusters, 12, 3, &cancel).unwrap();
            let asked: Vec<_> = (0..50).map(|at| (at, [at % 12, (at + 1) % 12])).collect();
            let verdicts = judge.judge(&measured, &asked, &cancel).unwrap();
            let rows = verdicts.into_iter().map(|v| (v.likely, v.reason));
            (judge.confusion().clone(), rows.collect::<Vec<_>>())
        })
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn odd_data_have_fewer_reasons_or_none() {
    let cancel = CancelToken::new();
    let (matrix, clusters) = counts(120, 1);
    let of = |modalities: &[Measurements<'_>], clusters: &[u32], count| {
        Judge::learn(modalities, clusters, count, 0, &cancel)
    };
    // One modality cannot contradict itself.
    let one = of(&[of_counts(&matrix)], &clusters, 3).unwrap();
    assert!(!one.confusion().reasons.contains(&Reason::Contradiction));
    // Clusters that hold nothing, and one alone.
    let empty = of(&[of_counts(&matrix)], &clusters, 9).unwrap();
    let verdicts = empty.judge(&[of_counts(&matrix)], &[(0, [0, 8]), (1, [7, 8])], &cancel);
    assert_eq!(verdicts.unwrap().len(), 2);
    let alone = of(&[of_counts(&matrix)], &[0; 120], 3);
    assert!(matches!(alone, Err(ReasonsError::TooFew)));
    let none = of(&[of_counts(&matrix)], &[], 3);
    assert!(matches!(none, Err(ReasonsError::TooFew)));
    // A modality that does not vary, values that are missing, and samples without a count.
    let flat = Matrix::Dense(Array2::from_elem((120, 4), 1.0).into());
    let mut values = Array2::zeros((120, 40));
    matrix.fill(0..120, values.as_slice_mut().unwrap()).unwrap();
    values.row_mut(5).fill(0.0);
    values.slice_mut(ndarray::s![10..60, 3]).fill(f32::NAN);
    let odd = Matrix::Dense(values.into());
    let with = of(&[of_counts(&odd), of_counts(&flat)], &clusters, 3).unwrap();
    let asked: Vec<_> = (0..120).map(|at| (at, [0, 1])).collect();
    let verdicts = with.judge(&[of_counts(&odd), of_counts(&flat)], &asked, &cancel);
    for verdict in verdicts.unwrap() {
        assert!(verdict.likely.iter().all(|x| x.is_finite()), "{verdict:?}");
    }
    let stopped = CancelToken::new();
    stopped.cancel();
    let cancelled = Judge::learn(&[of_counts(&matrix)], &clusters, 3, 0, &stopped);
    assert!(matches!(cancelled, Err(ReasonsError::Cancelled(_))));
}

#[test]
fn scores_are_those_of_the_table() {
    let confusion = Confusion {
        reasons: vec![Reason::Doublet, Reason::Shallow],
        counts: vec![vec![8, 2], vec![4, 6]],
    };
    // Precision 8/12, recall 8/10; precision 6/8, recall 6/10.
    assert!((confusion.f1(0) - 16.0 / 22.0).abs() < 1e-12);
    assert!((confusion.f1(1) - 12.0 / 18.0).abs() < 1e-12);
    assert!((confusion.macro_f1() - (16.0 / 22.0 + 12.0 / 18.0) / 2.0).abs() < 1e-12);
    assert!(
        !Confusion {
            counts: vec![vec![1, 1]; 2],
            ..confusion
        }
        .holds()
    );
}
