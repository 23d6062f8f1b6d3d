//! Numbers of scanpy 1.11.5, muon 0.1.9, NumPy 2.4.6 and scikit-learn 1.9.1.

use super::*;
use ndarray::array;

fn small() -> Array2<f32> {
    array![
        [3., 0., 0., 1., 6., 2.],
        [0., 0., 5., 2., 1., 1.],
        [0., 0., 0., 0., 0., 0.],
        [10., 1., 0., 4., 7., 1.],
        [2., 0., 9., 3., 0., 1.]
    ]
}

const LOG: [Step; 2] = [Step::Normalise { target: 1e4 }, Step::Log1p];

/// `sc.pp.normalize_total(a, target_sum=1e4); sc.pp.log1p(a)`
#[rustfmt::skip]
const LOGGED: [f32; 30] = [
    7.824_446, 0., 0., 6.726_633, 8.517_393, 7.419_181,
    0., 0., 8.622_734, 7.706_713, 7.014_015, 7.014_015,
    0., 0., 0., 0., 0., 0.,
    8.377_661, 6.077_144, 0., 7.461_715, 8.021_085, 6.077_144,
    7.196_187, 0., 8.699_681, 7.601_402, 0., 6.503_789,
];

#[test]
fn counts_are_log_normalised_as_scanpy_does_it() {
    let prepared = run(&dense(small()), &recipe(&LOG)).unwrap();
    close(&all(&prepared.values), &LOGGED);
    let zero = "normalised to 10,000 a sample; 1 sample with a total of 0 stays 0";
    assert_eq!(said(&prepared), [zero, "log of 1 + x"]);
}

#[test]
fn the_most_variable_features_are_those_of_the_largest_variance() {
    // LOGGED.var(0): 18.42, 7.39, 22.51, 11.02, 18.78, 9.38.
    let select = |features| {
        let steps = [
            &LOG[..],
            &[Step::SelectVariable {
                features,
                by: Ranking::Variance,
            }],
        ]
        .concat();
        run(&sparse(&small()), &recipe(&steps)).unwrap()
    };
    assert_eq!(select(1).features.names(), ["f2"]);
    assert_eq!(select(2).features.names(), ["f2", "f4"]);
    let three = select(3);
    assert_eq!(three.features.names(), ["f0", "f2", "f4"]);
    let columns = LOGGED.chunks(6).flat_map(|row| [row[0], row[2], row[4]]);
    close(&all(&three.values), &columns.collect::<Vec<_>>());
    assert_eq!(
        said(&three)[2],
        "3 of 6 features kept, the most variable ones"
    );
    assert_eq!(said(&select(6))[2], "all 6 features kept");

    // Of equal ones the first.
    let twins = array![[1., 5., 1., 5., 1.], [3., 2., 3., 2., 3.]];
    let two = [Step::SelectVariable {
        features: 3,
        by: Ranking::Variance,
    }];
    let prepared = run(&dense(twins), &recipe(&two)).unwrap();
    assert_eq!(prepared.features.names(), ["f0", "f1", "f3"]);
}

#[test]
fn log_ratios_are_those_of_muon() {
    // pt.pp.clr(a, axis=1)
    #[rustfmt::skip]
    let expected = [
        0.822_917, 0., 0., 0.354_671, 1.268_149, 0.615_954,
        0., 0., 1.238_781, 0.683_38, 0.398_964, 0.398_964,
        0., 0., 0., 0., 0., 0.,
        1.355_303, 0.252_93, 0., 0.766_014, 1.103_452, 0.252_93,
        0.589_055, 0., 1.528_288, 0.790_013, 0., 0.337_288,
    ];
    for matrix in [dense(small()), sparse(&small())] {
        let prepared = run(&matrix, &recipe(&[Step::Clr])).unwrap();
        close(&all(&prepared.values), &expected);
        assert!(said(&prepared)[0].contains("1 sample with a total of 0"));
    }
}

#[test]
fn components_are_those_of_scikit_learn_with_its_signs() {
    // PCA(2, svd_solver="full").fit_transform(x)
    let tall = array![
        [2., 1., 0.5],
        [1., 3., -1.],
        [4., 0., 2.],
        [-2., 1., 1.],
        [0.5, -3., 2.],
        [3., 2., -2.5]
    ];
    #[rustfmt::skip]
    let scores = [
        0.311_681, 0.483_637, 2.403_705, -1.211_481, -0.756_864, 2.853_152,
        -1.171_609, -3.264_119, -3.974_127, 0.353_726, 3.187_215, 0.785_085,
    ];
    let two = recipe(&[Step::Pca {
        components: 2,
        standardised: false,
    }]);
    let prepared = run(&dense(tall), &two).unwrap();
    close(&all(&prepared.values), &scores);
    assert_eq!(prepared.features.names(), ["PC1", "PC2"]);
    // 0.56879956 + 0.35769291
    let StepReport::Pca { shares, .. } = &prepared.report[0].report else {
        panic!("{:?}", prepared.report)
    };
    let share: f64 = shares.iter().sum();
    assert!((share - 0.926_492_47).abs() < 1e-7, "{share}");
    assert_eq!(
        said(&prepared),
        ["2 principal components, 93 % of the variance"]
    );

    // Fewer samples than features.
    let wide = array![
        [2., 1., 0.5, 4., -1.],
        [1., 3., -1., 0., 2.],
        [4., 0., 2., -3., 1.5]
    ];
    let scores = [
        3.810_644, -1.583_278, 0.278_599, 2.863_592, -4.089_243, -1.280_314,
    ];
    let prepared = run(&dense(wide.clone()), &two).unwrap();
    close(&all(&prepared.values), &scores);
    let many = run(
        &dense(wide),
        &recipe(&[Step::Pca {
            components: 50,
            standardised: false,
        }]),
    )
    .unwrap();
    assert_eq!(many.values, prepared.values);
    let all_there_are = "2 principal components, all there are, 100 % of the variance";
    assert_eq!(said(&many), [all_there_are]);
}

/// Uncorrelated, falling, and the distances between samples as they were: that is what principal components are.
#[test]
fn components_of_many_blocks_keep_all_distances() {
    for (samples, features) in [(200, 90), (90, 200)] {
        let counts = counts(samples, features, 3);
        let components = recipe(&[Step::Pca {
            components: 500,
            standardised: false,
        }]);
        let prepared = run(&sparse(&counts), &components).unwrap();
        let scores = prepared.values.array().unwrap().mapv(f64::from);
        assert!(said(&prepared)[0].ends_with(" 100 % of the variance"));
        let products = scores.t().dot(&scores);
        let diagonal = products.diag().to_vec();
        assert!(diagonal.is_sorted_by(|a, b| a >= b), "{diagonal:?}");
        for ((i, j), x) in products.indexed_iter().filter(|((i, j), _)| i != j) {
            assert!(x.abs() < 1e-6 * diagonal[0], "{x} at {i}, {j}");
        }
        let distance = |x: &Array2<f64>, i: usize, j: usize| {
            let apart = &x.row(i) - &x.row(j);
            apart.dot(&apart).sqrt()
        };
        let before = counts.mapv(f64::from);
        for (i, j) in (0..samples).flat_map(|i| [(i, 0), (i, (7 * i) % samples)]) {
            let (then, now) = (distance(&before, i, j), distance(&scores, i, j));
            assert!((then - now).abs() < 1e-4, "{then} became {now}");
        }
    }
}
