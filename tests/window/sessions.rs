//! Session files, and what a window that was killed has left.

use std::{fs, path::Path};

use eframe::egui::{Key, Modifiers};
use egui_kittest::{Harness, kittest::Queryable as _};
use hdumec::{
    app::{Command, Page, Source, Status, Then},
    document::Edit,
    ui::HdumecApp,
};

use super::{
    click, settle, status, trained,
    undo::{document, edit, train_again, undo},
    wait, window,
};

fn saved(harness: &mut Harness<'_, HdumecApp>, file: &Path) {
    harness.state_mut().apply(Command::SaveSession {
        file: file.to_owned(),
        carry: false,
        replace: true,
    });
    wait(harness, "the session's file", |app| {
        app.state().session_is_saved()
    });
}

#[test]
fn a_session_opens_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    train_again(&mut harness, 4);
    click(&mut harness, "Colour by");
    click(&mut harness, "disagreement");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    settle(&mut harness);
    harness.get_by_role_and_label(eframe::egui::accesskit::Role::Label, "Save session");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    let file = folder.path().join("work.hdumec");
    saved(&mut harness, &file);
    let before = document(&harness);
    let scores = |harness: &Harness<'_, HdumecApp>| {
        let state = harness.state().state();
        let of = |run: &hdumec::document::NamedRun| {
            let result = state.result_of(run.id).unwrap();
            (result.last_stage().scores, result.weights.clone())
        };
        state.document.runs.iter().map(of).collect::<Vec<_>>()
    };
    let found = scores(&harness);
    // All is in the file: nothing is asked.
    harness.state_mut().apply(Command::Close);
    assert!(harness.state().state().closing);
    drop(harness);

    let mut again = window(folder.path(), [1, 1, 1]);
    assert!(again.state().state().notices.is_empty(), "nothing was left");
    again.state_mut().apply(Command::Open {
        source: Source::files(vec![file.clone()]),
        then: Then::Nothing,
    });
    wait(&mut again, "the session", |app| app.state().data.is_some());
    assert_eq!(document(&again), before);
    assert_eq!(scores(&again), found);
    assert_eq!(again.state().state().page, Page::Explore);
    assert!(again.state().state().session_is_saved());
    again.get_by_label("Map of 300 samples, by disagreement");
    for page in ["Train", "Check", "Compare", "Results", "Data", "Explore"] {
        click(&mut again, page);
    }
    // A change is one that the file does not have; undone, it has it all again.
    click(&mut again, "Group NK");
    assert!(!again.state().state().session_is_saved());
    undo(&mut again);
    assert!(again.state().state().session_is_saved());

    // What is torn, or of a later version, is told, and what is open stays.
    let whole = fs::read(&file).unwrap();
    let mut later = whole.clone();
    later[16] = 9;
    for (bytes, why) in [
        (&whole[..whole.len() / 2], "damaged"),
        (&later[..], "later"),
    ] {
        let torn = folder.path().join(format!("{why}.hdumec"));
        fs::write(&torn, bytes).unwrap();
        again.state_mut().apply(Command::Open {
            source: Source::files(vec![torn]),
            then: Then::Nothing,
        });
        wait(&mut again, "the problem", |app| {
            let mut notices = app.state().notices.iter();
            notices.any(|notice| notice.message.text.contains(why))
        });
        assert_eq!(document(&again), before);
    }
}

/// A window in which training on a table in a folder has ended.
fn trained_on_a_table(folder: &Path, here: &Path) -> Harness<'static, HdumecApp> {
    fs::create_dir_all(here).unwrap();
    let rows: String = (0..60)
        .map(|i| format!("s{i},{},{}\n", (i * 7) % 13, (i * 5) % 11))
        .collect();
    fs::write(here.join("rna.csv"), format!("sample,a,b\n{rows}")).unwrap();
    let mut harness = window(folder, [3, 2, 2]);
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![here.join("rna.csv")]),
        then: Then::Nothing,
    });
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    let mut spec = document(&harness).spec;
    spec.clusters = Some(3);
    edit(&mut harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    harness
}

#[test]
fn what_was_not_saved_of_data_that_have_moved_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    let harness = trained_on_a_table(folder.path(), &here);
    let before = document(&harness);
    killed(harness, folder.path());
    fs::rename(&here, &there).unwrap();

    let mut again = window(folder.path(), [1, 1, 1]);
    wait(&mut again, "the offer", |app| {
        !app.state().notices.is_empty()
    });
    click(&mut again, "Open it");
    let asked = |app: &HdumecApp| {
        let answers = app
            .state()
            .notices
            .iter()
            .flat_map(|notice| &notice.answers);
        let mut paths = answers.filter_map(|(_, command)| match command {
            Command::LookFor(path) => Some(path.clone()),
            _ => None,
        });
        paths.next_back()
    };
    wait(&mut again, "the question", |app| asked(app).is_some());
    let path = asked(again.state()).unwrap();
    again.state_mut().apply(Command::OpenMoved {
        path,
        moved_to: vec![there.clone()],
    });
    wait(&mut again, "the session", |app| app.state().data.is_some());
    assert_eq!(document(&again), before);
    // It is work that was not saved still, and no file of the user's.
    let state = again.state().state();
    assert!(!state.session_is_saved() && state.session.path.is_none());

    // What is not saved is asked about once, also where the data of what is to be opened have moved.
    let file = folder.path().join("other.hdumec");
    fs::rename(&there, &here).unwrap();
    let mut other = trained_on_a_table(&folder.path().join("store"), &here);
    saved(&mut other, &file);
    drop(other);
    fs::rename(&here, &there).unwrap();
    again.state_mut().apply(Command::OpenMoved {
        path: file.clone(),
        moved_to: vec![there],
    });
    settle(&mut again);
    click(&mut again, "Open anyway");
    wait(&mut again, "the other session", |app| {
        app.state().session.path.as_ref() == Some(&file)
    });
}

#[test]
fn a_session_whose_data_have_moved_asks_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    let mut harness = trained_on_a_table(folder.path(), &here);
    let file = folder.path().join("moved.hdumec");
    saved(&mut harness, &file);
    let before = document(&harness);
    drop(harness);

    fs::rename(&here, &there).unwrap();
    let mut again = window(folder.path(), [1, 1, 1]);
    again.state_mut().apply(Command::Open {
        source: Source::files(vec![file.clone()]),
        then: Then::Nothing,
    });
    wait(&mut again, "the question", |app| {
        !app.state().notices.is_empty()
    });
    again.get_by_label("The data are not where they were");
    again.get_by_label("Show where\u{2026}");
    let open = |again: &mut Harness<'_, HdumecApp>| {
        again.state_mut().apply(Command::OpenMoved {
            path: file.clone(),
            moved_to: vec![there.clone()],
        });
    };
    open(&mut again);
    wait(&mut again, "the session", |app| app.state().data.is_some());
    assert_eq!(document(&again), before);
    drop(again);

    // One that carries them needs no other place.
    let mut harness = window(folder.path(), [1, 1, 1]);
    open(&mut harness);
    wait(&mut harness, "the session", |app| {
        app.state().data.is_some()
    });
    let whole = folder.path().join("whole.hdumec");
    harness.state_mut().apply(Command::SaveSession {
        file: whole.clone(),
        carry: true,
        replace: false,
    });
    // It was saved already, in another file.
    wait(&mut harness, "the session's file", |app| {
        app.state().session.path.as_ref() == Some(&whole)
    });
    drop(harness);
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&there, &elsewhere).unwrap();
    let mut again = window(folder.path(), [1, 1, 1]);
    again.state_mut().apply(Command::Open {
        source: Source::files(vec![whole]),
        then: Then::Nothing,
    });
    wait(&mut again, "the session", |app| app.state().data.is_some());
    assert_eq!(document(&again), before);
    let state = again.state().state();
    let data = state.data.as_ref().unwrap();
    assert_eq!(data.dataset.name, "rna");
    let unpacked = data.unpacked.as_ref().unwrap().folder().to_owned();
    assert!(unpacked.join("rna.csv").exists());
    assert!(state.session_is_saved() && state.session.carries);
    drop(again);
    assert!(!unpacked.exists(), "what is unpacked goes with the window");
    fs::rename(&elsewhere, &there).unwrap();

    // Others in their place are not taken for them.
    let changed = fs::read_to_string(there.join("rna.csv")).unwrap();
    fs::write(there.join("rna.csv"), changed.replace("s7,", "t7,")).unwrap();
    let mut again = window(folder.path(), [1, 1, 1]);
    open(&mut again);
    wait(&mut again, "the refusal", |app| {
        !app.state().notices.is_empty()
    });
    again.get_by_label("This session could not be opened");
    assert!(again.state().state().data.is_none());
}

/// Files of sessions that were not saved.
fn files(folder: &Path, ending: &str) -> usize {
    let entries = fs::read_dir(folder.join("store").join("sessions"));
    let entries = entries.into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == ending));
    ours.count()
}

/// Leaves things as when the window's process is killed: no file is deleted, and its lock is gone.
fn killed(mut harness: Harness<'_, HdumecApp>, folder: &Path) {
    wait(&mut harness, "an autosave", |app| {
        files(folder, "session") == 1 && !app.state().is_busy()
    });
    let (sessions, copy) = (folder.join("store").join("sessions"), folder.join("copy"));
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(&sessions).unwrap().flatten() {
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Close)));
    assert_eq!(files(folder, "session"), 0, "what is closed is not kept");
    drop(harness);
    for entry in fs::read_dir(&copy).unwrap().flatten() {
        if entry.path().extension().is_some_and(|e| e != "lock") {
            fs::copy(entry.path(), sessions.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn what_a_killed_window_has_not_saved_is_offered_and_opens() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Colour by");
    click(&mut harness, "ambiguity");
    let files = |ending: &str| files(folder.path(), ending);
    wait(&mut harness, "an autosave", |app| {
        files("session") == 1 && !app.state().is_busy()
    });
    click(&mut harness, "Group NK");
    wait(&mut harness, "another", |_| files("document") == 1);
    let before = document(&harness);
    killed(harness, folder.path());

    let mut again = window(folder.path(), [1, 1, 1]);
    wait(&mut again, "the offer", |app| {
        !app.state().notices.is_empty()
    });
    again.get_by_label("A session was not saved");
    click(&mut again, "Open it");
    wait(&mut again, "the session", |app| app.state().data.is_some());
    assert_eq!(document(&again), before);
    again.get_by_label("Map of 300 samples, by ambiguity");
    assert!(!again.state().state().session_is_saved());
    // Closing it anyway leaves nothing behind; what is being written then goes when the process ends.
    wait(&mut again, "its autosave", |app| !app.state().is_busy());
    again
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Close)));
    assert_eq!(files("session"), 0);
}
