use super::*;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Round blobs in five dimensions.
fn blobs(samples: usize, blobs: usize) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    Array2::from_shape_fn((samples, 5), |(i, j)| {
        let centre = if i % blobs == j { 4.0 } else { 0.0 };
        centre + rng.random::<f32>() + rng.random::<f32>()
    })
}

fn quick() -> UmapSpec {
    UmapSpec {
        epochs: Some(60),
        ..UmapSpec::default()
    }
}

fn lay_out(points: &Array2<f32>, spec: &UmapSpec) -> UmapLayout {
    fit(points.view(), spec, None, &CancelToken::new(), &mut |_| {}).unwrap()
}

#[test]
fn neighbours_survive() {
    let points = blobs(400, 3);
    for initialisation in [Initialisation::Spectral, Initialisation::Pca] {
        let layout = lay_out(
            &points,
            &UmapSpec {
                initialisation,
                ..quick()
            },
        );
        assert_eq!(layout.started_from, initialisation);
        let cancel = CancelToken::new();
        let coordinates = layout.coordinates.view();
        let trust = trustworthiness(points.view(), coordinates, 15, &cancel)
            .unwrap()
            .unwrap();
        assert!(trust > 0.9, "{initialisation:?}: {trust}");
    }
}

#[test]
fn threads_do_not_matter_and_seeds_do() {
    let points = blobs(500, 4);
    let on = |threads, seed| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| lay_out(&points, &UmapSpec { seed, ..quick() }))
    };
    assert_eq!(on(1, 3), on(2, 3));
    assert_eq!(on(2, 3), on(5, 3));
    assert_ne!(on(2, 3), on(2, 4));
}

#[test]
fn any_number_of_samples_works() {
    for samples in (0..20).chain([31, 32]) {
        let layout = lay_out(&blobs(samples, 2), &quick());
        assert_eq!(layout.coordinates.dim(), (samples, 2));
        assert!(
            layout.coordinates.iter().all(|x| x.is_finite()),
            "{samples}"
        );
    }
}

#[test]
fn identical_and_far_apart_points_work() {
    let same = lay_out(&Array2::ones((50, 3)), &quick());
    assert!(same.coordinates.iter().all(|x| x.is_finite()));
    // Three pieces of identical points, and no features at all.
    let pieces = Array2::from_shape_fn((90, 2), |(i, _)| (i % 3) as f32 * 1e9);
    assert!(
        lay_out(&pieces, &quick())
            .coordinates
            .iter()
            .all(|x| x.is_finite())
    );
    let none = lay_out(&Array2::zeros((30, 0)), &quick());
    assert!(none.coordinates.iter().all(|x| x.is_finite()));
    let huge = blobs(40, 2) * 1e15;
    assert!(
        lay_out(&huge, &quick())
            .coordinates
            .iter()
            .all(|x| x.is_finite())
    );
}

#[test]
fn pieces_of_the_graph_stay_apart() {
    let far = Array2::from_shape_fn((120, 2), |(i, j)| {
        (i / 30) as f32 * 1e3 * (j + 1) as f32 + (i * 7 % 11) as f32 + j as f32 * (i % 5) as f32
    });
    let layout = lay_out(&far, &quick());
    assert_eq!(layout.started_from, Initialisation::Spectral);
    let assignment: Vec<u32> = (0..120).map(|i| i / 30).collect();
    let coordinates = layout.coordinates.view();
    let asw = crate::analysis::silhouette::mean(coordinates, &assignment, &CancelToken::new());
    assert!(asw.unwrap().unwrap().value > 0.5);
}

#[test]
fn frames_lead_from_the_start_to_the_result() {
    let points = blobs(100, 2);
    let mut epochs = Vec::new();
    let mut last = Array2::zeros((0, 0));
    let layout = fit(
        points.view(),
        &quick(),
        None,
        &CancelToken::new(),
        &mut |frame| {
            assert_eq!(frame.epochs, 60);
            epochs.push(frame.epoch);
            last = frame.coordinates.to_owned();
        },
    )
    .unwrap();
    assert_eq!(epochs.first().copied(), Some(0));
    assert_eq!(epochs.last().copied(), Some(60));
    assert!(epochs.is_sorted());
    assert_eq!(last, layout.coordinates);
}

#[test]
fn an_earlier_picture_keeps_its_orientation() {
    // A bent band.
    let points = Array2::from_shape_fn((300, 3), |(i, j)| match j {
        0 => (i as f32 * 0.01).sin() * 10.0,
        1 => i as f32 * 0.05,
        _ => (i * 7 % 11) as f32 * 0.1,
    });
    let first = lay_out(&points, &quick()).coordinates;
    // The earlier picture, turned by a right angle and mirrored.
    let earlier = Array2::from_shape_fn((300, 2), |(i, j)| first[[i, 1 - j]] + 50.0);
    let cancel = CancelToken::new();
    let again = fit(
        points.view(),
        &quick(),
        Some(earlier.view()),
        &cancel,
        &mut |_| {},
    )
    .unwrap();
    let correlation = |axis: usize| {
        let a: Vec<f64> = again
            .coordinates
            .column(axis)
            .iter()
            .map(|&x| f64::from(x))
            .collect();
        let b: Vec<f64> = earlier.column(axis).iter().map(|&x| f64::from(x)).collect();
        crate::analysis::rank::spearman(&a, &b).unwrap()
    };
    let found = [correlation(0), correlation(1)];
    assert!(found.iter().all(|&c| c > 0.5), "{found:?}");
}

#[test]
fn bad_input_is_an_error() {
    let mut points = blobs(20, 2);
    let fail = |points: &Array2<f32>, spec: UmapSpec| {
        fit(points.view(), &spec, None, &CancelToken::new(), &mut |_| {}).unwrap_err()
    };
    let default = UmapSpec::default();
    let error = fail(
        &points,
        UmapSpec {
            neighbours: 1,
            ..default
        },
    );
    assert_eq!(error, UmapError::Neighbours(1));
    for (min_dist, spread) in [(-0.1, 1.0), (2.0, 1.0), (0.1, 0.0), (0.1, f32::INFINITY)] {
        let error = fail(
            &points,
            UmapSpec {
                min_dist,
                spread,
                ..default
            },
        );
        assert_eq!(error, UmapError::Distances { min_dist, spread });
    }
    let nan = fail(
        &points,
        UmapSpec {
            learning_rate: f32::NAN,
            ..default
        },
    );
    assert!(matches!(nan, UmapError::LearningRate(_)));
    points[[4, 2]] = f32::NAN;
    let error = fail(&points, default);
    assert_eq!(
        error,
        UmapError::NotFinite {
            sample: 4,
            feature: 2
        }
    );
    let wrong = Array2::zeros((3, 2));
    let cancel = CancelToken::new();
    let points = blobs(20, 2);
    let error = fit(
        points.view(),
        &default,
        Some(wrong.view()),
        &cancel,
        &mut |_| {},
    );
    assert!(matches!(error, Err(UmapError::Orientation { .. })));
}

#[test]
fn absurd_settings_are_refused_and_an_absurd_layout_is_no_map() {
    let default = UmapSpec::default();
    for (spec, expected) in [
        (
            UmapSpec {
                learning_rate: 1e30,
                ..default
            },
            "learning rate of the map must be at most 10: ",
        ),
        (
            UmapSpec {
                neighbours: usize::MAX,
                ..default
            },
            "neighbours of the map must be at most 1,000: ",
        ),
        (
            UmapSpec {
                epochs: Some(usize::MAX),
                ..default
            },
            "epochs of the map must be at most 100,000: ",
        ),
        (
            UmapSpec {
                negative_samples: usize::MAX,
                ..default
            },
            "negative samples of the map must be at most 1,000: ",
        ),
        (
            UmapSpec {
                spread: 1e30,
                ..default
            },
            "spread of the map must be at most 100: ",
        ),
    ] {
        let error = spec.check().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    for far in [1e34, f32::NAN, f32::NEG_INFINITY] {
        let placed = on_the_map(&[[0.0, 1.0], [2.0, far]]);
        assert_eq!(placed, Err(UmapError::Diverged));
    }
    assert_eq!(on_the_map(&[[-30.0, 1e3]]), Ok(()));
}

#[test]
fn a_cancel_ends_it_midway() {
    let cancel = CancelToken::new();
    let points = blobs(100, 2);
    let ended = fit(points.view(), &quick(), None, &cancel, &mut |frame| {
        if frame.epoch == 10 {
            cancel.cancel();
        }
    });
    assert_eq!(ended, Err(UmapError::Cancelled(Cancelled)));
}

#[test]
fn trustworthiness_is_one_for_a_copy_and_low_for_noise() {
    let points = blobs(150, 2);
    let cancel = CancelToken::new();
    let copy = trustworthiness(points.view(), points.view(), 10, &cancel);
    assert_eq!(copy, Ok(Some(1.0)));
    let noise = Array2::from_shape_fn((150, 2), |(i, j)| ((i * 7919 + j * 31) % 149) as f32);
    let low = trustworthiness(points.view(), noise.view(), 10, &cancel)
        .unwrap()
        .unwrap();
    assert!((0.3..0.7).contains(&low), "{low}");
    assert_eq!(
        trustworthiness(points.view(), noise.view(), 75, &cancel),
        Ok(None)
    );
    assert_eq!(
        trustworthiness(points.view(), noise.view(), 0, &cancel),
        Ok(None)
    );
}
