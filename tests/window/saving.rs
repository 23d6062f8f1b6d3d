//! Saves that do not work.

use std::fs;

use egui_kittest::kittest::Queryable as _;
use hdumec::app::{Command, Page, Source, Status, Then};

use super::{click, status, trained, wait, window};

#[test]
fn a_save_that_failed_is_offered_elsewhere_and_its_folder_is_no_habit() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    click(&mut harness, "Try the demo");
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let taken = folder.path().join("work").join("thesis");
    fs::create_dir_all(&taken).unwrap();
    fs::write(taken.join("thesis.txt"), "mine").unwrap();
    harness.state_mut().apply(Command::Show(Page::Results));
    harness.state_mut().apply(Command::Save {
        directory: taken.clone(),
        replace: true,
    });
    harness.state_mut().apply(Command::Close);
    wait(&mut harness, "the notice", |app| {
        let mut notices = app.state().notices.iter();
        notices.any(|notice| notice.message.title == "That folder is in use")
    });
    harness.get_by_label("That folder is in use");
    let state = harness.state().state();
    assert!(state.saved().is_none(), "nothing is saved yet");
    assert!(!state.closing, "the window stays to say so");
    assert_eq!(
        state.settings.results_beside.as_deref(),
        Some(folder.path())
    );

    click(&mut harness, "Save elsewhere");
    wait(&mut harness, "saving", |app| app.state().saved().is_some());
    let elsewhere = folder.path().join("work").join("thesis-2");
    let state = harness.state().state();
    assert_eq!(state.saved(), Some(elsewhere.as_path()));
    assert!(elsewhere.join("run.json").exists());
    assert!(
        state
            .notices
            .iter()
            .any(|n| n.message.text.contains("thesis-2"))
    );
    assert_eq!(
        state.settings.results_beside.as_deref(),
        Some(folder.path())
    );
    assert_eq!(fs::read_dir(&taken).unwrap().count(), 1);

    // What was asked for and has worked is the habit. Closing waits for it.
    let good = folder.path().join("good").join("results");
    harness.state_mut().apply(Command::Save {
        directory: good.clone(),
        replace: false,
    });
    harness.state_mut().apply(Command::Close);
    assert!(!harness.state().state().closing);
    wait(&mut harness, "saving", |app| app.state().closing);
    let saved = harness.state().state().saved();
    assert_eq!(saved, Some(good.as_path()));
    let beside = &harness.state().state().settings.results_beside;
    assert_eq!(beside.as_deref(), good.parent());
}

#[test]
fn a_file_for_python_is_written_beside_the_folder_and_replaced_only_if_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    click(&mut harness, "Try the demo");
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    harness.state_mut().apply(Command::Show(Page::Results));
    harness.step();
    click(&mut harness, "Write .h5mu");
    let said = |app: &hdumec::ui::HdumecApp, title: &str| {
        let mut notices = app.state().notices.iter();
        notices.any(|notice| notice.message.title == title)
    };
    wait(&mut harness, "the file", |app| {
        said(app, "The file for Python is written")
    });
    let file = folder.path().join("hdumec-demo.h5mu");
    assert!(fs::read(&file).unwrap().starts_with(b"MuData"));
    // It holds less than a folder of results, which are still to be saved.
    assert!(harness.state().state().saved().is_none());

    fs::write(&file, "mine").unwrap();
    click(&mut harness, "Write .h5mu");
    wait(&mut harness, "the question", |app| {
        said(app, "There are results already")
    });
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    click(&mut harness, "Replace");
    wait(&mut harness, "the file", |app| app.state().saving.is_none());
    assert!(fs::read(&file).unwrap().starts_with(b"MuData"));
}

#[test]
fn saved_results_open_again_without_training() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("mine");
    let mut first = trained(folder.path(), [4, 2, 3]);
    let scores = |app: &hdumec::ui::HdumecApp| {
        let run = app.state().run.as_ref().unwrap();
        let result = run.result.as_ref().unwrap();
        (result.last_stage().scores, run.history.clone())
    };
    let before = scores(first.state());
    first.state_mut().apply(Command::Save {
        directory: saved.clone(),
        replace: false,
    });
    wait(&mut first, "saving", |app| app.state().saved().is_some());
    drop(first);

    for name in ["", "run.json", "results.hdumec"] {
        let path = match name {
            "" => saved.clone(),
            name => saved.join(name),
        };
        let mut again = window(folder.path(), [1, 1, 1]);
        again.state_mut().apply(Command::Open {
            source: Source::files(vec![path]),
            then: Then::Nothing,
        });
        wait(&mut again, "the results", |app| {
            status(app) == Some(Status::Finished)
        });
        assert_eq!(again.state().state().page, Page::Explore);
        assert_eq!(scores(again.state()), before);
        again.get_by_label("Map of 300 samples, by label");
        let lens = super::lens_name(&again);
        again.get_by_label(&format!("Map of 300 samples, by {lens}"));
        // They are saved already: nothing is asked before other data are opened.
        assert!(again.state().state().saved().is_some());
        for page in ["Train", "Check", "Compare", "Results", "Data", "Explore"] {
            click(&mut again, page);
        }
        assert!(again.state().state().settings.recent.len() == 1);
    }

    // What cannot be opened is said, and what was there stays.
    fs::write(saved.join("results.hdumec"), "cut").unwrap();
    let mut again = window(folder.path(), [1, 1, 1]);
    again.state_mut().apply(Command::Open {
        source: Source::files(vec![saved]),
        then: Then::Nothing,
    });
    wait(&mut again, "the problem", |app| {
        let mut notices = app.state().notices.iter();
        notices.any(|notice| notice.message.title == "These results could not be opened")
    });
    assert!(again.state().state().data.is_none());
}
