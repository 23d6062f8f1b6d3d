//! Undo and redo, sessions, several runs, and what a window that was killed has left.

use std::{fs, path::Path, sync::Arc};

use eframe::egui::{Key, Modifiers};
use egui_kittest::{Harness, kittest::Queryable as _};
use hdumec::{
    app::{Command, Page, Source, Status},
    data::demo::DemoSpec,
    document::{Document, Edit, View},
    ui::HdumecApp,
};

use super::{click, settle, status, trained, wait, window};

fn document(harness: &Harness<'_, HdumecApp>) -> Document {
    harness.state().state().document.clone()
}

fn edit(harness: &mut Harness<'_, HdumecApp>, edit: Edit) {
    harness.state_mut().apply(Command::Do(edit));
    settle(harness);
}

fn see(harness: &mut Harness<'_, HdumecApp>, change: impl FnOnce(&mut View)) {
    let mut view = document(harness).view;
    change(&mut view);
    edit(harness, Edit::View(Box::new(view)));
}

fn undo(harness: &mut Harness<'_, HdumecApp>) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    settle(harness);
}

fn redo(harness: &mut Harness<'_, HdumecApp>) {
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    settle(harness);
}

fn train_again(harness: &mut Harness<'_, HdumecApp>, seed: u64) {
    let mut spec = document(harness).spec;
    spec.seed = seed;
    edit(harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    wait(harness, "the end of the training", |app| {
        status(app) == Some(Status::Finished)
    });
}

type Action = Box<dyn Fn(&mut Harness<'_, HdumecApp>)>;

#[test]
fn twenty_mixed_actions_are_undone_by_keyboard_bit_for_bit_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    let ids: Vec<String> = {
        let data = harness.state().state().data.as_ref().unwrap();
        data.dataset.samples.names()[3..40].to_vec()
    };
    let steps = harness.state().state().history.past().len();
    let mut seen = vec![document(&harness)];
    let actions: Vec<Action> = vec![
        Box::new(|h| click(h, "Group NK")),
        Box::new(|h| {
            click(h, "Left map");
            click(h, "by cluster");
        }),
        Box::new(|h| click(h, "Group Cluster 2")),
        Box::new(|h| {
            click(h, "Right map");
            click(h, "ambiguity");
        }),
        Box::new(|h| click(h, "Bring out the least certain")),
        Box::new(|h| see(h, |view| view.percent = 12.0)),
        Box::new(move |h| see(h, |view| view.selection = Some(Arc::new(ids.clone())))),
        Box::new(|h| see(h, |view| view.range = (0.2, 0.9))),
        Box::new(|h| see(h, |view| view.stage = 1)),
        Box::new(|h| {
            let id = h.state().state().data.as_ref().unwrap().dataset.samples[7].clone();
            see(h, |view| view.pinned = Some(id));
        }),
        Box::new(|h| train_again(h, 5)),
        Box::new(|h| {
            let mut run = document(h).runs[1].clone();
            run.name = "another seed".into();
            edit(h, Edit::RenameRun(run));
        }),
        Box::new(|h| {
            let first = document(h).runs[0].id;
            edit(h, Edit::ShowRun(first));
        }),
        Box::new(|h| {
            click(h, "Compare");
            click(h, "WNN + Leiden");
        }),
        Box::new(|h| {
            let mut noise = document(h).noise;
            noise.strength *= 2.0;
            edit(h, Edit::Noise(Box::new(noise)));
        }),
        Box::new(|h| {
            let second = document(h).runs[1].id;
            edit(h, Edit::RemoveRun(second));
        }),
        Box::new(|h| {
            click(h, "Explore");
            click(h, "Clear");
        }),
        Box::new(|h| click(h, "Bring out the least certain")),
        Box::new(|h| {
            let mut spec = document(h).spec;
            (spec.clusters, spec.umap.neighbours) = (Some(6), 30);
            edit(h, Edit::Settings(Box::new(spec)));
        }),
        Box::new(|h| {
            let source = Source::Demo(DemoSpec {
                samples: 200,
                seed: 3,
            });
            h.state_mut().apply(Command::Anyway(Box::new(Command::Open {
                source,
                train: false,
            })));
            wait(h, "other data", |app| {
                app.state().data.as_ref().unwrap().dataset.samples() == 200
            });
        }),
    ];
    assert_eq!(actions.len(), 20);
    for action in &actions {
        action(&mut harness);
        assert_ne!(Some(&document(&harness)), seen.last());
        seen.push(document(&harness));
    }
    let results = harness.state().state().history.past().len() - steps;
    assert!(results >= 20, "{results}");

    // To where it began, step by step, and every document on the way is one that was there.
    let mut back = vec![document(&harness)];
    while harness.state().state().history.past().len() > steps {
        undo(&mut harness);
        back.push(document(&harness));
    }
    let first = &seen[0];
    assert_eq!(back.last(), Some(first));
    let bits = |document: &Document| serde_json::to_vec(document).unwrap();
    assert_eq!(bits(back.last().unwrap()), bits(first));
    for known in &seen {
        assert!(back.contains(known), "{known:?}");
    }
    assert_eq!(harness.state().state().page, Page::Explore);
    harness.get_by_label("Map of 300 samples, by label");

    for known in back.iter().rev().skip(1) {
        redo(&mut harness);
        assert_eq!(bits(&document(&harness)), bits(known));
    }
    assert!(harness.state().state().history.future().is_empty());
    let data = harness.state().state().data.as_ref().unwrap();
    assert_eq!(data.dataset.samples(), 200);
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
    click(&mut harness, "Right map");
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
        train: false,
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
            train: false,
        });
        wait(&mut again, "the problem", |app| {
            let mut notices = app.state().notices.iter();
            notices.any(|notice| notice.message.text.contains(why))
        });
        assert_eq!(document(&again), before);
    }
}

#[test]
fn a_session_whose_data_have_moved_asks_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    fs::create_dir_all(&here).unwrap();
    let rows: String = (0..60)
        .map(|i| format!("s{i},{},{}\n", (i * 7) % 13, (i * 5) % 11))
        .collect();
    fs::write(here.join("rna.csv"), format!("sample,a,b\n{rows}")).unwrap();
    let mut harness = window(folder.path(), [3, 2, 2]);
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![here.join("rna.csv")]),
        train: false,
    });
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    let mut spec = document(&harness).spec;
    spec.clusters = Some(3);
    edit(&mut harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let file = folder.path().join("moved.hdumec");
    saved(&mut harness, &file);
    let before = document(&harness);
    drop(harness);

    fs::rename(&here, &there).unwrap();
    let mut again = window(folder.path(), [1, 1, 1]);
    again.state_mut().apply(Command::Open {
        source: Source::files(vec![file.clone()]),
        train: false,
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
        train: false,
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

#[test]
fn what_a_killed_window_has_not_saved_is_offered_and_opens() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Right map");
    click(&mut harness, "ambiguity");
    let sessions = folder.path().join("store").join("sessions");
    let files = |ending: &str| {
        let entries = fs::read_dir(&sessions).into_iter().flatten().flatten();
        let ours = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == ending));
        ours.count()
    };
    wait(&mut harness, "an autosave", |app| {
        files("session") == 1 && !app.state().is_busy()
    });
    click(&mut harness, "Group NK");
    wait(&mut harness, "another", |_| files("document") == 1);
    wait(&mut harness, "its end", |app| !app.state().is_busy());
    let before = document(&harness);
    // As when the process is killed: no file is deleted, and the lock is gone.
    let copy = folder.path().join("copy");
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(&sessions).unwrap().flatten() {
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Close)));
    assert_eq!(files("session"), 0, "what is closed is not kept");
    drop(harness);
    for entry in fs::read_dir(&copy).unwrap().flatten() {
        if entry.path().extension().is_some_and(|e| e != "lock") {
            fs::copy(entry.path(), sessions.join(entry.file_name())).unwrap();
        }
    }

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
    // Closing it anyway leaves nothing behind.
    again
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Close)));
    assert_eq!(files("session"), 0);
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
