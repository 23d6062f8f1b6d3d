//! What makes no sense is refused before anything runs, and what is small or empty does no harm.

use super::*;
use ndarray::array;

fn refused(values: Array2<f32>, steps: &[Step]) -> String {
    run(&dense(values), &recipe(steps)).unwrap_err().to_string()
}

const NORMALISE: Step = Step::Normalise { target: 1e4 };

#[test]
fn an_order_that_makes_no_sense_is_refused() {
    let counts = || array![[1., 0., 7.], [0., 3., 2.], [2., 2., 0.]];
    let pca = Step::Pca {
        components: 2,
        standardised: false,
    };
    let select = Step::SelectVariable {
        features: 2,
        by: Ranking::Variance,
    };
    let cases: &[(&[Step], &str)] = &[
        (
            &[Step::Log1p, Step::Log1p],
            "step 2 (log1p) does not fit: the values are logs already; leave it out or move it",
        ),
        (
            &[Step::Log1p, NORMALISE],
            "step 2 (normalise) does not fit: the values are logs already; leave it out or move it",
        ),
        (
            &[Step::Clr, Step::Log1p],
            "step 2 (log1p) does not fit: the values are logs already; leave it out or move it",
        ),
        (
            &[NORMALISE, NORMALISE],
            "step 2 (normalise) does not fit: the values are normalised already; leave it out or move it",
        ),
        (
            &[NORMALISE, Step::Binarise],
            "step 2 (binarise) does not fit: the values are normalised already; leave it out or move it",
        ),
        (
            &[pca.clone(), pca.clone()],
            "step 2 (pca) does not fit: the values are principal components already; leave it out or move it",
        ),
        (
            &[pca.clone(), select],
            "step 2 (select_variable) does not fit: the values are principal components already; leave it out or move it",
        ),
        (
            &[pca.clone(), Step::Log1p],
            "step 2 (log1p) does not fit: the values are principal components already; leave it out or move it",
        ),
        (
            &[Step::Normalise { target: f64::NAN }],
            "step 1 (normalise): the target must be above 0 and at most 1e12",
        ),
        (
            &[Step::Normalise { target: 0.0 }],
            "step 1 (normalise): the target must be above 0 and at most 1e12",
        ),
        (
            &[Step::Pca {
                components: 0,
                standardised: false,
            }],
            "step 1 (pca): at least one component must be asked for",
        ),
        (
            &[Step::SelectVariable {
                features: 0,
                by: Ranking::Variance,
            }],
            "step 1 (select_variable): at least one feature must be kept",
        ),
        (
            &[Step::DropFeatures {
                names: vec!["f3".into()],
            }],
            "step 1 (drop_features): there is no feature 'f3'",
        ),
        (
            &[
                pca,
                Step::DropFeatures {
                    names: vec!["f1".into()],
                },
            ],
            "step 2 (drop_features): there is no feature 'f1'",
        ),
    ];
    for (steps, error) in cases {
        assert_eq!(refused(counts(), steps), *error);
    }
}

#[test]
fn scaled_values_are_never_logged_and_only_counts_are_normalised() {
    let signed = refused(array![[1., -2.], [3., 4.]], &[Step::Log1p]);
    assert!(signed.contains("values below 0, down to -2"), "{signed}");
    let logs = || array![[0., 2.5], [12.25, 4.]];
    for step in [Step::Log1p, NORMALISE, Step::Clr] {
        let error = refused(logs(), &[step]);
        assert!(
            error.contains("go up to 12.25, as logs and scaled values do"),
            "{error}"
        );
    }
    let amounts = || array![[0., 2.5], [812.25, 4.]];
    let error = refused(amounts(), &[NORMALISE]);
    assert!(error.contains("so they are no counts"), "{error}");
    let logged = run(&dense(amounts()), &recipe(&[Step::Log1p])).unwrap();
    close(
        &all(&logged.values),
        &[0.0, 3.5_f32.ln(), 813.25_f32.ln(), 5_f32.ln()],
    );
}

#[test]
fn missing_values_must_be_filled_where_they_matter() {
    let some = || array![[1., f32::NAN, 4.], [0., 3., 2.], [2., 5., f32::NAN]];
    let pca = Step::Pca {
        components: 2,
        standardised: false,
    };
    let before_pca = "2 values are missing: put the step fill_missing before pca";
    assert_eq!(
        refused(some(), &[pca.clone(), Step::FillMissing]),
        before_pca
    );
    let before_end = "2 values are missing: put the step fill_missing before the end";
    assert_eq!(refused(some(), &[Step::Log1p]), before_end);
    let filled = run(&dense(some()), &recipe(&[Step::FillMissing])).unwrap();
    assert_eq!(all(&filled.values), [1., 4., 4., 0., 3., 2., 2., 5., 3.]);
    let means = "2 missing values replaced by the mean of the feature";
    assert_eq!(said(&filled), [means]);
    // Of the logs, not the log of the mean.
    let logged = run(&dense(some()), &recipe(&[Step::Log1p, Step::FillMissing])).unwrap();
    let mean = f64::midpoint(4_f64.ln(), 6_f64.ln()) as f32;
    close(&all(&logged.values)[1..2], &[mean]);
    let empty = array![[1., f32::NAN], [0., f32::NAN]];
    let error = refused(empty.clone(), &[Step::FillMissing]);
    assert!(
        error.starts_with("step 1 (fill_missing): 'f1' has no values"),
        "{error}"
    );
    let cleaned = run(&dense(empty), &Recipe::none()).unwrap();
    assert_eq!(cleaned.features.names(), ["f0"]);
    assert_eq!(said(&cleaned)[0], "1 feature without values left out");
}

#[test]
fn values_that_are_not_finite_are_refused() {
    let error = refused(array![[1., f32::INFINITY], [0., 2.]], &[]);
    assert!(error.starts_with("1 value is infinite"), "{error}");
    // Two components beyond what 32 bits hold.
    let huge = array![[3e38, 3e38, 3e38], [-3e38, -3e38, -3e38]];
    let error = refused(
        huge,
        &[Step::Pca {
            components: 1,
            standardised: false,
        }],
    );
    assert!(error.starts_with("2 values"), "{error}");
}

#[test]
fn features_and_components_are_left_out_by_name() {
    let counts = counts(40, 9, 5);
    let names = |names: &[&str]| Step::DropFeatures {
        names: names.iter().map(|&name| name.into()).collect(),
    };
    let steps = [names(&["f8", "f1"]), names(&["f1"])];
    let prepared = run(&sparse(&counts), &recipe(&steps)).unwrap();
    assert_eq!(
        prepared.features.names(),
        ["f0", "f2", "f3", "f4", "f5", "f6", "f7"]
    );
    let words = ["2 features left out by name", "0 features left out by name"];
    assert_eq!(said(&prepared), words);
    let expected = counts.select(ndarray::Axis(1), &[0, 2, 3, 4, 5, 6, 7]);
    assert_eq!(prepared.values, expected.into());
    let steps = [
        Step::Pca {
            components: 3,
            standardised: false,
        },
        names(&["PC1", "PC9"]),
    ];
    let prepared = run(&sparse(&counts), &recipe(&steps)).unwrap();
    assert_eq!(prepared.features.names(), ["PC2", "PC3"]);
    let all_of_them: Vec<String> = (0..9).map(|at| format!("f{at}")).collect();
    let nothing = [Step::DropFeatures { names: all_of_them }];
    let error = refused(counts, &nothing);
    assert_eq!(error, "step 1 (drop_features) leaves none of 9 features");
}

#[test]
fn what_is_small_does_no_harm() {
    let facts = dense(counts(50, 8, 2)).facts().unwrap();
    let rna = default_recipe(Kind::Rna, &facts);
    // A single sample differs from nothing.
    let error = refused(array![[1., 5.]], &rna.steps);
    assert_eq!(
        error,
        "no feature varies: 2 features of one single value, 0 without values"
    );
    let error = refused(
        array![[1., 5.]],
        &[Step::Pca {
            components: 1,
            standardised: false,
        }],
    );
    assert_eq!(error, "step 1 (pca) leaves none of 2 features");
    let constant = || array![[3., 3.], [3., 3.], [3., 3.]];
    let error = refused(constant(), &Recipe::none().steps);
    assert_eq!(
        error,
        "no feature varies: 2 features of one single value, 0 without values"
    );
    let error = refused(
        constant(),
        &[Step::Pca {
            components: 1,
            standardised: false,
        }],
    );
    assert_eq!(error, "step 1 (pca) leaves none of 2 features");
    // Samples without counts, two samples, two features.
    for (values, components) in [
        (array![[0., 0., 0.], [4., 0., 1.], [0., 2., 0.]], 2),
        (array![[9., 1.], [1., 9.]], 1),
        (array![[9., 1.], [1., 9.], [4., 4.], [7., 1.]], 2),
    ] {
        for matrix in [dense(values.clone()), sparse(&values)] {
            let prepared = run(&matrix, &rna).unwrap();
            assert_eq!(prepared.values.dim(), (values.nrows(), components));
            assert!(all(&prepared.values).iter().all(|x| x.is_finite()));
        }
    }
    // All of a single feature's counts are the total of their samples.
    let error = refused(array![[4.], [9.], [1.]], &rna.steps);
    assert_eq!(error, "step 6 (pca) leaves none of 1 feature");
    for (samples, features) in [(0, 3), (3, 0)] {
        let error = refused(Array2::zeros((samples, features)), &[]);
        assert!(error.starts_with("there are no values"), "{error}");
    }
    let untouched = run(&dense(constant()), &recipe(&[])).unwrap();
    assert_eq!(untouched.values, constant().into());
}

#[test]
fn what_is_cancelled_or_lost_is_said() {
    let counts = counts(50, 8, 2);
    let cancel = CancelToken::new();
    cancel.cancel();
    let cancelled = prepare(
        &dense(counts),
        &axis(8),
        &Recipe::none(),
        Storage::Memory,
        &cancel,
    );
    assert!(matches!(cancelled, Err(PrepareError::Cancelled(_))));
    let lost = Matrix::Dense(Values::lost());
    assert!(matches!(
        run(&lost, &Recipe::none()),
        Err(PrepareError::Disk(_))
    ));
}

#[test]
fn nothing_that_varies_has_no_components_however_large() {
    let side = 5_000;
    let starts = vec![0; side + 1];
    let none = Matrix::Sparse(Sparse::new(side, starts, vec![], vec![]).unwrap());
    let error = run(
        &none,
        &recipe(&[Step::Pca {
            components: 1,
            standardised: false,
        }]),
    )
    .unwrap_err();
    let expected = "step 1 (pca) leaves none of 5,000 features";
    assert_eq!(error.to_string(), expected);
}
