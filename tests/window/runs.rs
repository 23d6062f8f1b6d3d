//! A second run, several runs side by side, and a run of many samples.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;
use hdumec::{
    app::{Command, Page, Source, Status, Then},
    data::demo::DemoSpec,
    document::Edit,
};

use super::{
    click, open_demo, settle, status, trained,
    undo::{document, edit, undo},
    wait, window,
};

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
        then: Then::Train,
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
    open_demo(&mut harness, 200, true);
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

#[test]
fn an_old_run_is_looked_at_while_a_new_one_trains_and_both_stand_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    let first = harness.state().state().result().unwrap().clone();
    let mut spec = document(&harness).spec;
    (spec.seed, spec.train.epochs) = (9, [40, 10, 5]);
    edit(&mut harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    settle(&mut harness);
    assert!(harness.state().state().is_training());
    click(&mut harness, "Explore");
    harness.get_by_label("Map of 300 samples, by label");
    wait(&mut harness, "the second run", |app| {
        !app.state().is_training()
    });
    let state = harness.state().state();
    assert_eq!(state.document.runs.len(), 2);
    assert!(
        Arc::ptr_eq(state.result().unwrap(), &first),
        "nothing jumps"
    );
    assert!(!Arc::ptr_eq(
        state.result_of(state.document.runs[1].id).unwrap(),
        &first
    ));
    click(&mut harness, "Show it");
    click(&mut harness, "Results");
    harness.get_by_label("Runs");
    click(&mut harness, "Show Run 1");
    assert!(Arc::ptr_eq(
        harness.state().state().result().unwrap(),
        &first
    ));
    harness.get_by_label_contains("seed 9");
    click(&mut harness, "Remove Run 2");
    assert_eq!(document(&harness).runs.len(), 1);
    undo(&mut harness);
    assert_eq!(document(&harness).runs.len(), 2);
}

#[test]
fn other_maps_take_over_the_training_and_what_is_repeated_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    let mut spec = document(&harness).spec;
    spec.umap.neighbours = 30;
    edit(&mut harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    wait(&mut harness, "the maps", |app| {
        status(app) == Some(Status::Finished) && app.state().document.runs.len() == 2
    });
    let state = harness.state().state();
    let [first, second] = [0, 1].map(|at| state.result_of(state.document.runs[at].id).unwrap());
    assert_eq!(second.taken_over, Some(hdumec::pipeline::Node::Stage2));
    assert_eq!(first.last_stage().clusters, second.last_stage().clusters);
    assert_ne!(first.last_stage().umap, second.last_stage().umap);
    assert_eq!(first.history, second.history, "its curves are there");

    // Repeated, it is computed as a whole, and no second run of the same is listed.
    click(&mut harness, "Results");
    // Its times may take much room.
    harness.set_size([1280.0, 1400.0].into());
    settle(&mut harness);
    click(&mut harness, "Compute it again");
    wait(&mut harness, "the repetition", |app| {
        let mut notices = app.state().notices.iter();
        notices.any(|notice| notice.message.title == "The same, bit for bit")
    });
    let state = harness.state().state();
    assert_eq!(state.document.runs.len(), 2);
    assert_eq!(state.page, Page::Results);
    assert!(!state.is_training());
}

#[test]
fn a_quick_look_is_refined() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 50, 3]);
    open_demo(&mut harness, 300, false);
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    click(&mut harness, "Go on to training");
    click(&mut harness, "Quick look");
    wait(&mut harness, "the quick look", |app| {
        status(app) == Some(Status::Finished)
    });
    let state = harness.state().state();
    assert_eq!(state.document.runs[0].name, "Quick look");
    let quick = state.result().unwrap().clone();
    assert!(quick.spec.is_quick_look() && !state.document.spec.is_quick_look());
    harness.get_by_label("Map of 300 samples, by label");
    harness.get_by_label("A quick look");
    click(&mut harness, "Refine");
    assert!(harness.state().state().is_training());
    // Whoever goes on looking at it gets the whole run as soon as it is there.
    assert_eq!(harness.state().state().page, Page::Explore);
    assert!(Arc::ptr_eq(
        harness.state().state().result().unwrap(),
        &quick
    ));
    wait(&mut harness, "the whole run", |app| {
        !app.state().is_training()
    });
    let state = harness.state().state();
    assert_eq!(state.page, Page::Explore);
    assert!(!state.result().unwrap().spec.is_quick_look());
    assert_eq!(state.document.runs.len(), 2);
    harness.get_by_label("Refined");
    assert!(harness.query_by_label("A quick look").is_none());
}

#[test]
fn a_quick_look_stays_where_the_whole_training_is_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 50, 3]);
    click(&mut harness, "Try the demo");
    wait(&mut harness, "the quick look", |app| {
        app.state().page == Page::Explore
    });
    let quick = harness.state().state().result().unwrap().clone();
    click(&mut harness, "Cancel");
    wait(&mut harness, "the end", |app| !app.state().is_training());
    let state = harness.state().state();
    assert!(Arc::ptr_eq(state.result().unwrap(), &quick));
    assert_eq!((state.page, state.document.runs.len()), (Page::Explore, 1));
    // It can be refined later.
    click(&mut harness, "Refine");
    assert!(harness.state().state().is_training());
    click(&mut harness, "Cancel");
    wait(&mut harness, "the end", |app| !app.state().is_training());

    // A quick look that is cancelled is not refined.
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Open {
            source: Source::Demo(DemoSpec::default()),
            then: Then::MapsFirst,
        })));
    wait(&mut harness, "the training", |app| {
        app.state().is_training()
    });
    click(&mut harness, "Cancel");
    wait(&mut harness, "the end", |app| !app.state().is_training());
    harness.run_steps(10);
    assert!(!harness.state().state().is_training());
}

#[test]
fn the_maps_of_a_training_are_gone_through_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Train");
    let frames = |app: &hdumec::ui::HdumecApp| {
        let run = app.state().run.as_ref().unwrap();
        run.replay.frames().len()
    };
    assert!(frames(harness.state()) > 2, "{}", frames(harness.state()));
    harness.get_by_label("Map after stage 2");
    harness.get_by_role_and_label(Role::Slider, "Maps of this training");
    click(&mut harness, "Play");
    // It ends by itself, where it began.
    harness.get_by_label_contains("First look");
    let start = Instant::now();
    while harness.query_by_label("Stop").is_some() {
        assert!(start.elapsed() < Duration::from_secs(60), "it never ends");
        harness.step();
    }
    harness.get_by_label("Map after stage 2");
}
