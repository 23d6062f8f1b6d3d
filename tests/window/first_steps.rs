//! From launch to results: what everybody does first.

use std::{collections::BTreeMap, fs, time::Duration};

use eframe::egui::{Key, Modifiers, accesskit::Role};
use egui_kittest::kittest::Queryable as _;
use hdumec::{
    analysis::clusters::counterparts,
    app::{Command, Page, Source, Status, Then},
    data::demo::DemoSpec,
    document::Edit,
    pipeline::check::lens_to_show,
    ui::HdumecApp,
};

use super::{click, open_demo, settle, status, wait, window};

#[test]
fn from_launch_to_saved_results() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 2, 3]);
    // One click from launch to training, and the maps come by themselves.
    click(&mut harness, "Try the demo");
    wait(&mut harness, "training", |app| status(app).is_some());
    assert_eq!(harness.state().state().page, Page::Train);
    // Those of a quick look, while the whole training is already at work.
    wait(&mut harness, "a quick look", |app| {
        app.state().page == Page::Explore
    });
    let state = harness.state().state();
    assert!(state.is_training() && state.result().unwrap().spec.is_quick_look());
    harness.get_by_label("Map of 2,000 samples, by label");
    let text = "A quick look; the whole training will replace it";
    assert!(harness.query_all_by_label(text).next().is_some());
    // What its clusters are called is kept, where they are found again.
    let quick = state.document.shown.unwrap();
    let result = state.result().unwrap();
    let (before, clusters) = (result.last_stage().clusters.clone(), result.clusters);
    let names = (0..12)
        .map(|cluster| (cluster, format!("Mine {cluster}")))
        .collect();
    let name = Edit::NameClusters(quick, names);
    harness.state_mut().apply(Command::Do(name));
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let state = harness.state().state();
    assert_eq!(state.page, Page::Explore);
    assert!(!state.result().unwrap().spec.is_quick_look());
    assert_eq!(state.document.runs.len(), 2);
    harness.get_by_label("Refined");
    let after = state.result().unwrap().last_stage().clusters.clone();
    let same = counterparts(&before, &after, clusters);
    let names = state
        .document
        .cluster_names_of(state.document.shown.unwrap());
    let expected = (0..).zip(same);
    let expected = expected.filter_map(|(before, after)| Some((after?, format!("Mine {before}"))));
    let expected: BTreeMap<u32, String> = expected.collect();
    assert!(!expected.is_empty());
    assert_eq!(*names.unwrap(), expected);
    click(&mut harness, "Dismiss");
    assert!(harness.query_by_label(text).is_none());
    assert!(harness.query_by_label("A quick look").is_none());
    harness.get_by_label("Map of 2,000 samples, by label");
    // By the kind of uncertainty that finds errors best, as labels tell.
    let result = harness.state().state().result().unwrap().clone();
    assert_eq!(super::view(&harness).lens, lens_to_show(&result));
    let lens = super::lens_name(&harness);
    harness.get_by_label(&format!("Map of 2,000 samples, by {lens}"));

    // Groups off and on, other colours, the least certain.
    click(&mut harness, "Group NK");
    click(&mut harness, "Group NK");
    click(&mut harness, "Bring out the least certain");
    harness.get_by_label("Least certain: 100");
    click(&mut harness, "Group by");
    click(&mut harness, "cluster");
    harness.get_by_label("Map of 2,000 samples, by cluster");

    click(&mut harness, "Results");
    click(&mut harness, "Save results");
    wait(&mut harness, "saving", |app| app.state().saved().is_some());
    let saved = folder.path().join("hdumec-demo");
    assert!(saved.join("run.json").exists());
    assert!(saved.join("umap_uncertainty.png").exists());
    let before = fs::metadata(saved.join("run.json"))
        .unwrap()
        .modified()
        .unwrap();

    // Nothing is lost by closing now, but it is after another run: then it asks once.
    harness.state_mut().apply(Command::Train);
    harness.state_mut().apply(Command::Close);
    settle(&mut harness);
    assert!(!harness.state().state().closing);
    harness.get_by_label("Training is still running");
    click(&mut harness, "Dismiss");
    wait(&mut harness, "the second run", |app| {
        status(app) == Some(Status::Finished)
    });
    harness.state_mut().apply(Command::Close);
    settle(&mut harness);
    harness.get_by_label("These results are not saved");
    assert!(!harness.state().state().closing);
    click(&mut harness, "Dismiss");
    harness.state_mut().apply(Command::Show(Page::Results));
    settle(&mut harness);

    // A second time it asks.
    click(&mut harness, "Save results");
    wait(&mut harness, "the question", |app| {
        !app.state().notices.is_empty()
    });
    let after = fs::metadata(saved.join("run.json"))
        .unwrap()
        .modified()
        .unwrap();
    assert_eq!(before, after, "nothing is replaced without an answer");
    click(&mut harness, "Replace");
    wait(&mut harness, "replacing", |app| {
        app.state().saving.is_none() && app.state().saved().is_some()
    });
    let after = fs::metadata(saved.join("run.json"))
        .unwrap()
        .modified()
        .unwrap();
    assert_ne!(before, after);
    harness.state_mut().apply(Command::Close);
    assert!(harness.state().state().closing, "all is saved");
}

#[test]
fn pause_cancel_and_train_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [100_000, 2, 2]);
    click(&mut harness, "Try the demo");
    wait(&mut harness, "an epoch", |app| {
        let run = app.state().run.as_ref();
        run.is_some_and(|run| run.history.len() > 2)
    });
    click(&mut harness, "Pause");
    assert_eq!(status(harness.state()), Some(Status::Paused));
    std::thread::sleep(Duration::from_millis(300));
    settle(&mut harness);
    let epochs = |app: &HdumecApp| app.state().run.as_ref().map(|run| run.history.len());
    let held = epochs(harness.state());
    std::thread::sleep(Duration::from_millis(300));
    settle(&mut harness);
    assert_eq!(
        epochs(harness.state()),
        held,
        "a paused run makes no epochs"
    );
    click(&mut harness, "Resume");
    wait(&mut harness, "another epoch", |app| epochs(app) > held);
    click(&mut harness, "Cancel");
    wait(&mut harness, "the cancel", |app| {
        status(app) == Some(Status::Cancelled)
    });
    assert!(
        harness.state().state().notices.is_empty(),
        "a cancel is no error"
    );
    // A run without results is no loss; the button is there again.
    harness.get_by_label("Start training");
}

#[test]
fn without_labels_the_number_of_clusters_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..60)
        .map(|i| format!("s{i},{},{}\n", (i * 7) % 13, (i * 5) % 11))
        .collect();
    let file = folder.path().join("rna.csv");
    fs::write(&file, format!("sample,a,b\n{rows}")).unwrap();
    let mut harness = window(folder.path(), [3, 2, 2]);
    let source = Source::Files(Box::new(hdumec::io::LoadSpec {
        paths: vec![file],
        ..Default::default()
    }));
    harness.state_mut().apply(Command::Open {
        source,
        then: Then::Nothing,
    });
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    click(&mut harness, "Go on to training");
    assert!(harness.state().state().ready_to_train().is_err());
    let mut spec = harness.state().state().document.spec.clone();
    spec.clusters = Some(3);
    harness
        .state_mut()
        .apply(Command::Do(Edit::Settings(Box::new(spec))));
    settle(&mut harness);
    click(&mut harness, "Start training");
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    harness.get_by_label("Map of 60 samples, by cluster");
}

#[test]
fn every_page_shows_in_both_sizes_and_appearances() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    open_demo(&mut harness, 200, true);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    for size in [[1280.0, 800.0], [900.0, 600.0], [720.0, 480.0]] {
        harness.set_size(size.into());
        for theme in [hdumec::app::Theme::Light, hdumec::app::Theme::Dark] {
            harness.state_mut().apply(Command::SetTheme(theme));
            for page in Page::ALL {
                if page == Page::Prepare {
                    // Of files alone.
                    continue;
                }
                harness.state_mut().apply(Command::Show(page));
                settle(&mut harness);
                assert_eq!(harness.state().state().page, page);
                let name = page.to_string();
                harness.get_by_role_and_label(Role::Button, &name);
            }
        }
    }
}

#[test]
fn pages_stay_closed_until_they_have_something_to_show() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    for key in [
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
    ] {
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        settle(&mut harness);
        assert_eq!(harness.state().state().page, Page::Data);
    }
}

#[test]
fn a_training_ends_for_other_data_only_if_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [100_000, 1, 1]);
    let open = |samples, then| Command::Open {
        source: Source::Demo(DemoSpec { samples, seed: 0 }),
        then,
    };
    // Training asked for while other data loads: the data comes first.
    harness.state_mut().apply(open(200, Then::Nothing));
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    harness.state_mut().apply(open(300, Then::Nothing));
    harness.state_mut().apply(Command::Train);
    wait(&mut harness, "the other data", |app| {
        let data = app.state().data.as_ref();
        data.is_some_and(|d| d.dataset.samples.len() == 300)
    });
    assert!(harness.state().state().run.is_none());
    // And the other way round: what trains goes on.
    harness.state_mut().apply(Command::Train);
    harness.state_mut().apply(open(200, Then::Nothing));
    settle(&mut harness);
    assert!(harness.state().state().is_training());
    harness.get_by_label("Training is still running");
    harness.get_by_label("Opening other data ends it.");
    click(&mut harness, "Dismiss");
    assert!(harness.state().state().is_training());
    // Until the user agrees; then it ends, and the data are opened.
    harness.state_mut().apply(open(200, Then::Nothing));
    settle(&mut harness);
    click(&mut harness, "End it and open");
    wait(&mut harness, "the first data again", |app| {
        let data = app.state().data.as_ref();
        data.is_some_and(|d| d.dataset.samples.len() == 200)
    });
    let state = harness.state().state();
    assert!(!state.is_training() && state.notices.is_empty());
}

#[test]
fn a_demo_at_work_makes_way_for_other_data() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 100_000, 3]);
    click(&mut harness, "Try the demo");
    wait(&mut harness, "a quick look", |app| {
        app.state().page == Page::Explore
    });
    assert!(harness.state().state().is_training());
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(DemoSpec {
            samples: 200,
            seed: 0,
        }),
        then: Then::Nothing,
    });
    settle(&mut harness);
    harness.get_by_label("Opening other data ends it. What you found would be lost.");
    click(&mut harness, "End it and open");
    wait(&mut harness, "the other data", |app| {
        let data = app.state().data.as_ref();
        data.is_some_and(|d| d.dataset.samples.len() == 200)
    });
    harness.run_steps(10);
    let state = harness.state().state();
    assert!(!state.is_training() && state.document.runs.is_empty());
}

#[test]
fn each_data_set_gets_a_results_folder_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    for name in ["first", "second"] {
        let data = folder.path().join(name);
        let dataset = hdumec::data::demo::generate(&DemoSpec {
            samples: 120,
            seed: 0,
        });
        hdumec::export::write_dataset(&dataset, &data).unwrap();
        harness.state_mut().apply(Command::Open {
            source: Source::files(vec![data]),
            then: Then::Train,
        });
        wait(&mut harness, "the end", |app| {
            let run = app.state().run.as_ref();
            run.is_some_and(|r| r.dataset.name == name && r.status == Status::Finished)
        });
        click(&mut harness, "Results");
        click(&mut harness, "Save results");
        wait(&mut harness, "saving", |app| app.state().saved().is_some());
        assert!(
            folder
                .path()
                .join(format!("hdumec-{name}/run.json"))
                .exists()
        );
    }
}

#[test]
fn results_that_were_not_saved_are_asked_about() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    let open = |samples, then| Command::Open {
        source: Source::Demo(DemoSpec { samples, seed: 0 }),
        then,
    };
    harness.state_mut().apply(open(200, Then::Train));
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    harness.state_mut().apply(open(300, Then::Nothing));
    settle(&mut harness);
    let samples = |app: &HdumecApp| {
        let data = app.state().data.as_ref();
        data.map(|d| d.dataset.samples.len())
    };
    assert_eq!(samples(harness.state()), Some(200));
    assert!(harness.state().state().run.is_some());
    click(&mut harness, "Open anyway");
    wait(&mut harness, "the other data", |app| {
        samples(app) == Some(300)
    });
    assert!(harness.state().state().notices.is_empty());
}
