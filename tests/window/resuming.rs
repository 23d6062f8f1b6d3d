//! Trainings that were cut off.

use std::{
    fs,
    path::Path,
    process::{Command as Process, Stdio},
    thread,
    time::{Duration, Instant},
};

use egui_kittest::kittest::Queryable as _;
use hdumec::app::{Page, Status};

use super::{click, status, wait, window};

/// A training that was killed, as a window of another process would leave it.
fn cut_off(folder: &Path) {
    let store = folder.join("store");
    let mut child = Process::new(env!("CARGO_BIN_EXE_hdumec"))
        .args(["run", "--demo", "--demo-samples", "300", "--device", "cpu"])
        .args(["--starts", "6", "--graph-votes", "4", "--epochs", "30,20,9"])
        .args(["--hidden", "32", "--tolerance", "0", "--umap-epochs", "30"])
        .arg("--store")
        .arg(&store)
        .arg("--out")
        .arg(folder.join("out"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let left = || {
        let entries = fs::read_dir(&store).into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        paths.any(|path| path.extension().is_some_and(|ending| ending == "run"))
    };
    while !left() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing came");
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder.join("store")).unwrap();
    let kept = entries.filter(|entry| {
        let path = entry.as_ref().unwrap().path();
        path.extension()
            .is_some_and(|ending| ending == "run" || ending == "json")
    });
    kept.count()
}

#[test]
fn a_training_that_was_cut_off_is_offered_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    cut_off(folder.path());
    let mut harness = window(folder.path(), [1, 1, 1]);
    let offered = |app: &hdumec::ui::HdumecApp| {
        let mut notices = app.state().notices.iter();
        notices.any(|notice| notice.message.title == "A training was cut off")
    };
    wait(&mut harness, "the offer", offered);
    harness.get_by_label_contains("'demo', 300 samples");
    click(&mut harness, "Go on");
    let mut told = false;
    wait(&mut harness, "the end", |app| {
        let mut notices = app.state().notices.iter();
        told |= notices.any(|notice| notice.message.title == "Going on where it stopped");
        status(app) == Some(Status::Finished)
    });
    assert!(told);
    let state = harness.state().state();
    assert_eq!(state.page, Page::Explore);
    assert_eq!(state.document.spec.train.epochs, [30, 20, 9]);
    let run = state.run.as_ref().unwrap();
    assert_eq!(run.history.last().unwrap().epoch, 9);
    // Starts before the cut are drawn too.
    assert_eq!(run.starts.len(), 6);
    assert!(state.notices.is_empty(), "{:?}", state.notices);
    // Once the session is kept, what the training has left is of no use.
    wait(&mut harness, "the session", |app| !app.state().is_busy());
    assert_eq!(files(folder.path()), 0);
}

#[test]
fn a_training_that_was_cut_off_can_be_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    cut_off(folder.path());
    let mut harness = window(folder.path(), [1, 1, 1]);
    wait(&mut harness, "the offer", |app| {
        !app.state().notices.is_empty()
    });
    click(&mut harness, "Forget it");
    wait(&mut harness, "the deletion", |app| !app.state().is_busy());
    assert_eq!(files(folder.path()), 0);
    assert!(harness.state().state().notices.is_empty());
    assert!(harness.state().state().data.is_none());
}
