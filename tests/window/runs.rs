//! A second run, and a run of many samples.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use egui_kittest::kittest::Queryable as _;
use hdumec::{
    app::{Command, Source, Status},
    data::demo::DemoSpec,
    document::Edit,
};

use super::{click, status, wait, window};

#[test]
fn a_cancelled_second_run_leaves_the_results_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 2, 3]);
    click(&mut harness, "Try the demo");
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let first = harness.state().state().run.as_ref().unwrap().result.clone();
    let mut spec = harness.state().state().document.spec.clone();
    spec.train.epochs = [100_000, 1, 1];
    harness
        .state_mut()
        .apply(Command::Do(Edit::Settings(Box::new(spec))));
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Train)));
    wait(&mut harness, "the second run", |app| {
        let run = app.state().run.as_ref().unwrap();
        run.history.len() > 3 && run.result.is_none()
    });
    click(&mut harness, "Cancel");
    wait(&mut harness, "the first results", |app| {
        !app.state().is_training()
    });
    let kept = &harness.state().state().run.as_ref().unwrap().result;
    assert!(Arc::ptr_eq(kept.as_ref().unwrap(), first.as_ref().unwrap()));
    click(&mut harness, "Explore");
    harness.get_by_label("Map of 2,000 samples, by label");
}

#[test]
fn many_samples_are_drawn_by_a_worker() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [3, 1, 2]);
    let demo = DemoSpec {
        samples: 20_500,
        seed: 0,
    };
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(demo),
        train: true,
    });
    wait(&mut harness, "a picture", |app| {
        app.state().run.as_ref().is_some_and(|r| r.layout.is_some())
    });
    let start = Instant::now();
    while harness
        .query_by_label("Live map of the embedding")
        .is_none()
    {
        assert!(start.elapsed() < Duration::from_secs(60), "no live map");
        harness.step();
    }
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let start = Instant::now();
    while harness
        .query_by_label("Map of 20,500 samples, by label")
        .is_none()
    {
        assert!(start.elapsed() < Duration::from_secs(60), "no map");
        harness.step();
    }
}

#[test]
fn closing_waits_for_results_that_are_being_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(DemoSpec {
            samples: 200,
            seed: 0,
        }),
        train: true,
    });
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let directory = folder.path().join("results");
    harness.state_mut().apply(Command::Save {
        directory: directory.clone(),
        replace: false,
    });
    harness.state_mut().apply(Command::Close);
    assert!(!harness.state().state().closing);
    let start = Instant::now();
    while !harness.state().state().closing {
        assert!(start.elapsed() < Duration::from_secs(60), "it never closes");
        std::thread::sleep(Duration::from_millis(5));
        harness.step();
    }
    assert!(directory.join("run.json").exists());
}
