use super::*;

#[test]
fn wrong_values_are_named() {
    let check = |change: &dyn Fn(&mut TrainSpec)| {
        let mut spec = TrainSpec::default();
        change(&mut spec);
        spec.check(100, vec![3], 4).unwrap_err().to_string()
    };
    assert!(check(&|s| s.heads = 3).contains("attention heads"));
    assert!(check(&|s| s.learning_rates[1] = -1.0).contains("learning rate"));
    assert!(check(&|s| s.tolerance = f64::NAN).contains("tolerance"));
    assert!(check(&|s| s.decay_every = 0).contains("decays"));
    assert!(check(&|s| s.batch = Some(3)).contains("mini-batch"));
    assert!(check(&|s| s.finetune_samples = Some(0)).contains("samples of the uncertainty"));
    let many = TrainSpec::default().check(3, vec![3], 4).unwrap_err();
    assert!(many.to_string().contains("between 2 and 3"));
}

#[test]
fn small_data_get_more_graph_votes_and_large_data_fewer() {
    let spec = TrainSpec::robust();
    assert_eq!(spec.graph_votes_of(1024), [384, 16]);
    assert_eq!(spec.graph_votes_of(1025), [96, 4]);
    assert_eq!(spec.graph_votes_of(8192), [96, 4]);
    assert_eq!(spec.graph_votes_of(8193), [48, 4]);
    assert_eq!(TrainSpec::robust_0_2().graph_votes_of(8193), [96, 4]);
    assert_eq!(TrainSpec::default().graph_votes_of(1), [0, 4]);
}

#[test]
fn absurd_values_are_refused_and_overflow_nothing() {
    let huge = 1 << 60;
    for (change, expected) in [
        (
            (|s| s.epochs[0] = 1 << 63) as fn(&mut TrainSpec),
            "the epochs of reconstruction must be at most 100,000: ",
        ),
        (|s| s.epochs[1] = 1 << 63, "uncertainty must be at most"),
        (|s| s.epochs[2] = 1 << 63, "clustering must be at most"),
        (|s| s.starts = 1_000_000_000, "starts must be at most 1,000"),
        (|s| s.ensemble = usize::MAX, "models of the uncertainty"),
        (|s| s.patience = usize::MAX, "the patience must be"),
        (|s| s.decay_every = usize::MAX, "between two decays must"),
        (|s| s.kmeans_restarts = usize::MAX, "restarts of k-means"),
        (|s| s.kmeans_iterations = usize::MAX, "iterations of k-m"),
        (|s| s.start_samples = usize::MAX, "the samples of a start"),
        (|s| s.small_data = usize::MAX, "the samples of small data"),
        (|s| s.large_data = usize::MAX, "the samples of large data"),
        (
            |s| s.finetune_samples = Some(usize::MAX),
            "the samples of the uncertainty",
        ),
        (|s| s.batch = Some(usize::MAX), "the size of a mini-batch"),
        (|s| s.learning_rates[0] = 1e30, "must be at most 10: "),
        (|s| s.learning_rates[2] = f64::INFINITY, "at most 10: "),
        (|s| s.decay = 1e9, "decay must be at most 1: "),
        (|s| s.clustering_weight = Some(1e9), "at most 1,000: "),
        (
            |s| s.hidden = 1 << 60,
            "hidden layers must be at most 16,384",
        ),
    ] {
        let mut spec = TrainSpec::robust();
        change(&mut spec);
        let error = spec.check(100, vec![3], 4).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        spec.starts = usize::MAX;
        assert!(spec.planned().iter().all(|&epochs| epochs > 0));
    }
    // With enough samples too.
    let error = TrainSpec::default().check(huge, vec![3], 100_000);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("clusters must be at most 2,000"), "{error}");
    let error = TrainSpec::default().check(5_000, vec![3], 100_000);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("choose between 2 and 2000"), "{error}");
}

#[test]
fn epochs_belong_to_turns() {
    let spec = TrainSpec {
        starts: 2,
        ..TrainSpec::robust()
    };
    assert_eq!(spec.planned(), [80, 400, 40], "no more models than starts");
    let mut stats = EpochStats {
        stage: Stage::UncertaintyFinetune,
        epoch: 31,
        epochs: 60,
        loss: None,
        seconds: 0.0,
        clustering: None,
        sizes: Vec::new(),
    };
    assert_eq!(spec.turn_of(&stats), [2, 1, 30]);
    (stats.stage, stats.epoch) = (Stage::Pretrain, 30);
    assert_eq!(spec.turn_of(&stats), [1, 30, 30]);
    (stats.stage, stats.epochs) = (Stage::Clustering, 0);
    assert_eq!(
        TrainSpec::default().turn_of(&stats)[2],
        1,
        "no division by zero"
    );
}

#[test]
fn the_rate_decays_in_steps() {
    let spec = TrainSpec::default();
    assert_eq!(spec.clustering_rate(19), 1e-3);
    assert!((spec.clustering_rate(20) - 9e-4).abs() < 1e-12);
    assert!((spec.clustering_rate(40) - 8.1e-4).abs() < 1e-12);
}
