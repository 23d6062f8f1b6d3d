//! The whole analysis through the library: same seed, same bits; no labels; cancel; resume.

mod contradiction;
mod failure;
mod masked;
mod taken_over;
mod threads;
mod told;
mod train_on;

use std::{
    cell::RefCell,
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use hdumec::{
    app::{AppState, LoadedData, Settings},
    data::{
        Dataset,
        demo::{self, DemoSpec},
    },
    error::Error,
    export::{self, ExportSpec},
    io::{Inputs, Source},
    job::{self, CancelToken, EventSink, JobHandle, JobOutcome},
    model::DeviceChoice,
    pipeline::{self, AnalysisResult, AnalysisSpec, Checkpoint, Event, Recipe, RunError},
    train::{Stage, StopReason},
};

fn small_demo() -> Arc<Dataset> {
    Arc::new(demo::generate(&DemoSpec {
        samples: 240,
        seed: 1,
    }))
}

fn small_spec() -> AnalysisSpec {
    let mut spec = AnalysisSpec {
        device: DeviceChoice::Cpu,
        ..AnalysisSpec::of(Recipe::Published)
    };
    spec.train.hidden = 48;
    spec.train.epochs = [25, 12, 8];
    spec.train.tolerance = 0.0;
    spec.umap.epochs = Some(60);
    spec
}

fn run(dataset: &Arc<Dataset>, spec: &AnalysisSpec) -> (AnalysisResult, Vec<Event>) {
    let events = RefCell::new(Vec::new());
    let sink = |event| events.borrow_mut().push(event);
    let result = pipeline::run(dataset, spec, None, &sink, &CancelToken::new()).unwrap();
    (result, events.into_inner())
}

/// Several starts on some of the samples, votes, a guarded stage 2.
fn robust_spec() -> AnalysisSpec {
    let mut spec = AnalysisSpec {
        device: DeviceChoice::Cpu,
        ..AnalysisSpec::default()
    };
    spec.train.hidden = 48;
    spec.train.starts = 4;
    spec.train.start_samples = 150;
    spec.train.graph_votes = 24;
    spec.train.epochs = [15, 12, 8];
    spec.train.tolerance = 0.0;
    spec.umap.epochs = Some(60);
    spec
}

#[test]
fn several_starts_vote_and_no_cluster_is_lost() {
    let dataset = small_demo();
    let (a, events) = run(&dataset, &robust_spec());
    let (b, _) = run(&dataset, &robust_spec());
    let (a2, b2) = (a.stage2.as_ref().unwrap(), b.stage2.as_ref().unwrap());
    assert_eq!(a2.embedding, b2.embedding);
    assert_eq!((&a2.clusters, &a2.umap), (&b2.clusters, &b2.umap));

    let consensus = a.consensus.as_ref().unwrap();
    let [looks, _] = a.spec.train.graph_votes_of(dataset.samples());
    assert_eq!((consensus.clusterings, consensus.looks), (4 + looks, looks));
    assert!(looks > 0 && consensus.agreement.is_some_and(|a| a > 0.0));
    assert_eq!(*a.stage1.clusters, consensus.labels);
    let starts = events.iter().filter_map(|event| match event {
        Event::Start(stats) => Some(stats),
        _ => None,
    });
    let starts: Vec<_> = starts.collect();
    assert_eq!(starts.len(), 4);
    assert_eq!(starts[0].agreement, None);
    assert!(starts[3].agreement.is_some_and(|a| a <= 1.0));
    assert!(starts.iter().all(|start| start.scores.acc.is_some()));
    let clusters: HashSet<u32> = a2.clusters.iter().copied().collect();
    assert_eq!(clusters.len(), a.clusters);
    let votes = events.iter().filter_map(|event| match event {
        Event::Share { done, of } => Some((*done, *of)),
        _ => None,
    });
    let votes: Vec<_> = votes.collect();
    assert!(votes.len() > 3 && votes.is_sorted());
    assert_eq!(votes.last(), Some(&(looks, looks)));
    let disagreement = a2.disagreement.as_ref().unwrap();
    assert!(disagreement.iter().all(|d| (0.0..=1.0).contains(d)));
    assert!(disagreement.iter().any(|d| *d > 0.0));
    let pretrained = events.iter().filter(|event| {
        matches!(event, Event::Epoch(stats) if stats.stage == Stage::Pretrain && stats.epochs == 60)
    });
    assert_eq!(pretrained.count(), 60);
    let clustered = a.history.iter().filter(|e| e.stage == Stage::Clustering);
    for epoch in clustered {
        assert_eq!(epoch.sizes.iter().sum::<usize>(), 240);
    }
}

#[test]
fn same_seed_same_bits() {
    let dataset = small_demo();
    let (a, events) = run(&dataset, &small_spec());
    let (b, _) = run(&dataset, &small_spec());
    let (a2, b2) = (a.stage2.as_ref().unwrap(), b.stage2.as_ref().unwrap());
    assert_eq!(a2.embedding, b2.embedding);
    assert_eq!(a2.clusters, b2.clusters);
    assert_eq!(a2.umap, b2.umap);
    assert_eq!(a.stage1.umap, b.stage1.umap);
    assert_eq!(a.uncertainty.sample, b.uncertainty.sample);
    assert_eq!(a.weights, b.weights);
    let other = AnalysisSpec {
        seed: 5,
        ..small_spec()
    };
    let (c, _) = run(&dataset, &other);
    assert_ne!(a2.embedding, c.stage2.unwrap().embedding);

    // What the events said.
    let epochs = |stage| {
        let of_stage = |event: &&Event| matches!(event, Event::Epoch(e) if e.stage == stage);
        events.iter().filter(of_stage).count()
    };
    assert_eq!(Stage::ALL.map(epochs), [25, 12, 8]);
    assert_eq!(a2.stop, Some(StopReason::MaxEpochs(8)));
    let losses: Vec<f64> = a.history.iter().filter_map(|e| e.loss).collect();
    assert!(
        losses[24] < 0.5 * losses[0],
        "{} to {}",
        losses[0],
        losses[24]
    );
    assert!(a.stage1.scores.acc.unwrap() > 0.3);
    let layouts = events.iter().filter(|e| e.is_picture()).count();
    assert!(layouts > 4, "pictures of the settling map");
}

#[test]
fn without_labels_everything_but_the_label_scores() {
    let mut dataset = Arc::unwrap_or_clone(small_demo());
    dataset.labels = None;
    let dataset = Arc::new(dataset);
    let spec = small_spec();
    let sink = |_| {};
    let missing = pipeline::run(&dataset, &spec, None, &sink, &CancelToken::new());
    assert!(matches!(missing, Err(RunError::ClustersNeeded)));
    let spec = AnalysisSpec {
        clusters: Some(5),
        ..spec
    };
    let (result, _) = run(&dataset, &spec);
    let scores = result.stage2.unwrap().scores;
    assert_eq!((scores.acc, scores.nmi, scores.ari), (None, None, None));
    assert!(result.stage1.scores.asw.is_some());
    assert_eq!(result.stage1.q.ncols(), 5);
}

#[test]
fn settings_out_of_range_are_refused_before_any_work() {
    let dataset = small_demo();
    for change in [
        (|s: &mut AnalysisSpec| s.train.heads = 7) as fn(&mut AnalysisSpec),
        |s| s.clusters = Some(1),
        |s| s.clusters = Some(100_000),
        |s| s.train.learning_rates[0] = f64::NAN,
        |s| s.umap.min_dist = -1.0,
    ] {
        let mut spec = small_spec();
        change(&mut spec);
        let sink = |event| panic!("work began: {event:?}");
        let refused = pipeline::run(&dataset, &spec, None, &sink, &CancelToken::new());
        assert!(refused.is_err(), "{spec:?}");
    }
}

#[test]
fn what_does_not_fit_in_memory_is_refused_by_run_and_window_alike() {
    let dataset = small_demo();
    let mut spec = robust_spec();
    (spec.train.hidden, spec.train.starts) = (16_384, 1_000);
    (spec.train.embedding, spec.train.heads) = (1_024, 1);
    let sink = |event| panic!("work began: {event:?}");
    let refused = pipeline::run(&dataset, &spec, None, &sink, &CancelToken::new()).unwrap_err();
    assert!(matches!(refused, RunError::Memory(_)), "{refused}");
    let refused = Error::from(refused);
    assert_eq!(refused.exit_code(), 4);
    let message = refused.message();
    assert!(message.hint.contains("--starts"), "{message:?}");
    assert!(message.text.contains("GiB more memory, and"), "{message:?}");

    let mut state = AppState::new(Settings::default(), Arc::new(|| {}));
    let source = Source::Demo(DemoSpec::default());
    let data = LoadedData::new(source, dataset, None, Inputs::default());
    state.data = Some(data.unwrap());
    state.document.spec = robust_spec();
    assert!(state.ready_to_train().is_ok());
    state.document.spec = spec;
    let told = state.ready_to_train().unwrap_err();
    assert_eq!((told.title, told.hint), (message.title, message.hint));
}

#[test]
fn a_runaway_learning_rate_is_told() {
    let mut spec = small_spec();
    spec.train.learning_rates = [1e30; 3];
    let sink = |_| {};
    let error = pipeline::run(&small_demo(), &spec, None, &sink, &CancelToken::new()).unwrap_err();
    assert!(error.to_string().contains("no longer a number"), "{error}");
    assert!(Error::from(error).message().hint.contains("learning rate"));
}

/// A run on a thread of its own, as the window has it.
fn in_background(spec: AnalysisSpec) -> JobHandle<Event, AnalysisResult, Error> {
    let dataset = small_demo();
    job::spawn(
        "train",
        || {},
        move |events: &EventSink<Event>, cancel| {
            let sink = |event| events.send(event);
            pipeline::run(&dataset, &spec, None, &sink, cancel).map_err(Error::from)
        },
    )
}

#[test]
fn cancel_answers_within_half_a_second_and_keeps_what_is_finished() {
    let mut spec = small_spec();
    spec.train.epochs = [10, 5, 100_000];
    let job = in_background(spec);
    let mut kept = None;
    let start = Instant::now();
    loop {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "stage 2 never came"
        );
        match job.wait_event(Duration::from_millis(50)) {
            Some(Event::Result(result)) => kept = Some(result),
            Some(Event::Epoch(e)) if e.stage == Stage::Clustering && e.epoch > 3 => break,
            _ => {}
        }
    }
    job.cancel_token().cancel();
    let asked = Instant::now();
    let outcome = loop {
        while job.try_event().is_some() {}
        if let Some(outcome) = job.try_outcome() {
            break outcome;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(matches!(outcome, JobOutcome::Cancelled));
    assert!(
        asked.elapsed() < Duration::from_millis(500),
        "{:?}",
        asked.elapsed()
    );
    assert!(kept.unwrap().stage1.umap.is_some());
}

#[test]
fn going_on_after_stage_one_gives_the_same_result() {
    let dataset = small_demo();
    let (whole, events) = run(&dataset, &small_spec());
    let first = events.iter().find_map(|event| match event {
        Event::Result(result) if result.stage1.umap.is_some() => Some(result.clone()),
        _ => None,
    });
    let first = first.unwrap();
    // As after a device that failed at the start of stage 2.
    let interrupted = Checkpoint {
        point: Some(hdumec::train::ResumePoint {
            position: hdumec::train::Position {
                stage: Stage::Clustering,
                epoch: 0,
            },
            snapshot: hdumec::train::Snapshot {
                weights: (*first.weights).clone(),
                ..Default::default()
            },
            labels: None,
        }),
        history: first.history.clone(),
        result: Some(first),
        ..Checkpoint::default()
    };
    let sink = |_| {};
    let spec = small_spec();
    let resumed = pipeline::run(
        &dataset,
        &spec,
        Some(interrupted),
        &sink,
        &CancelToken::new(),
    )
    .unwrap();
    assert_eq!(
        whole.stage2.unwrap().embedding,
        resumed.stage2.unwrap().embedding
    );
    assert_eq!(whole.history.len(), resumed.history.len());
}

#[test]
fn saving_works_while_training_is_paused() {
    let mut spec = small_spec();
    spec.train.epochs = [5, 3, 100_000];
    let job = in_background(spec);
    let mut kept = None;
    let start = Instant::now();
    while kept.is_none() {
        assert!(start.elapsed() < Duration::from_secs(120));
        match job.wait_event(Duration::from_millis(20)) {
            Some(Event::Result(result)) if result.stage1.umap.is_some() => kept = Some(result),
            _ => {}
        }
    }
    // Many pauses, so that some fall into the scores, which run on all cores.
    let folder = tempfile::tempdir().unwrap();
    for n in 0..6 {
        job.cancel_token().pause();
        std::thread::sleep(Duration::from_millis(7 * n));
        let spec = ExportSpec {
            directory: folder.path().join(n.to_string()),
            replace: false,
        };
        let result = kept.clone().unwrap();
        let save = job::spawn(
            "save",
            || {},
            move |_: &EventSink<()>, cancel| {
                export::export(&result, &Inputs::default(), &spec, cancel)
            },
        );
        let asked = Instant::now();
        while save.try_outcome().is_none() {
            assert!(asked.elapsed() < Duration::from_secs(30), "saving hangs");
            std::thread::sleep(Duration::from_millis(2));
        }
        job.cancel_token().resume();
        while job.try_event().is_some() {}
    }
}
