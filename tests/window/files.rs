//! Files that are given, and those that are refused.

use std::{fs, sync::Arc};

use eframe::egui::{Key, accesskit::Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use hdumec::{
    app::{Command, Source, Status, Then},
    document::{Edit, Panel},
    pipeline::{GroupBy, Lens},
};

use super::{
    click, settle, status,
    undo::{document, edit},
    view, wait, window,
};

#[test]
fn a_wrong_path_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("rna.csv"),
        "sample,a,b\nx,1,2\ny,3,oops\n",
    )
    .unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    for (path, word) in [("nowhere.csv", "nowhere.csv"), ("rna.csv", "oops")] {
        let path = folder.path().join(path).display().to_string();
        let field = harness.get_by_role_and_label(Role::TextInput, "or a path");
        field.set_text_value_accesskit(&path);
        settle(&mut harness);
        click(&mut harness, "Open");
        wait(&mut harness, "the notice", |app| {
            app.state()
                .notices
                .iter()
                .any(|n| n.message.text.contains(word))
        });
        harness.key_press(Key::Escape);
        settle(&mut harness);
        assert!(harness.state().state().notices.is_empty());
        assert!(harness.state().state().data.is_none());
    }
}

#[test]
fn a_refused_labels_path_does_not_stay_in_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rna.csv");
    fs::write(&file, "sample,a,b\nx,1,2\ny,3,1\nz,2,2\n").unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![file]),
        then: Then::Nothing,
    });
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    let field = harness.get_by_role_and_label(Role::TextInput, "or its path");
    field.focus();
    field.set_text_value_accesskit("/nowhere/labels.csv");
    settle(&mut harness);
    harness.key_press(Key::Enter);
    wait(&mut harness, "the notice", |app| {
        !app.state().notices.is_empty() && app.state().loading.is_none()
    });
    let field = harness.get_by_role_and_label(Role::TextInput, "or its path");
    assert_eq!(field.accesskit_node().value().as_deref(), Some(""));
    assert!(harness.state().state().data.is_some());
}

/// Two groups that a table of labels, which comes later, knows by name.
#[test]
fn labels_that_come_later_leave_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rna.csv");
    let labels = folder.path().join("known.csv");
    let group = |i: usize| i % 2;
    let values = |i: usize| format!("s{i},{},{}\n", 50 * group(i) + i % 7, i % 5);
    let rows: String = (0..60).map(values).collect();
    fs::write(&file, format!("sample,a,b\n{rows}")).unwrap();
    let class = |i: usize| ["α", "β"][group(i)];
    let known = |i: usize| format!("s{i},{},{}\n", class(i), i as f32 / 8.0);
    let rows: String = (0..60).map(known).collect();
    fs::write(&labels, format!("sample,class,age\n{rows}")).unwrap();
    let mut harness = window(folder.path(), [8, 2, 2]);
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![file]),
        then: Then::Nothing,
    });
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    let mut spec = harness.state().state().document.spec.clone();
    spec.clusters = Some(2);
    edit(&mut harness, Edit::Settings(Box::new(spec)));
    harness.state_mut().apply(Command::Train);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let first = harness.state().state().result().unwrap().clone();
    let run = document(&harness).shown.unwrap();
    edit(
        &mut harness,
        Edit::NameCluster {
            run,
            cluster: 0,
            name: "mine".into(),
        },
    );
    let mut view = view(&harness);
    view.layout.add(Panel::Table);
    edit(&mut harness, Edit::View(Box::new(view)));
    let before = document(&harness);
    // The way there, and the table.
    click(&mut harness, "Add labels\u{2026}");
    let field = harness.get_by_role_and_label(Role::TextInput, "or its path");
    field.focus();
    field.set_text_value_accesskit(&labels.display().to_string());
    settle(&mut harness);
    harness.key_press(Key::Enter);
    wait(&mut harness, "the labels", |app| {
        let data = app.state().data.as_ref();
        data.is_some_and(|data| data.dataset.labels.is_some())
    });
    harness.get_by_label("What was found stays");
    let now = harness.state().state().result().unwrap().clone();
    assert_eq!(now.last_stage().clusters, first.last_stage().clusters);
    assert_eq!(now.last_stage().umap, first.last_stage().umap);
    assert_eq!(first.last_stage().scores.acc, None);
    assert!(now.last_stage().scores.acc.unwrap() > 0.5);
    assert_eq!(now.last_stage().scores.asw, first.last_stage().scores.asw);
    let after = document(&harness);
    assert_eq!(after.runs[0].cluster_names, before.runs[0].cluster_names);
    assert_eq!(after.view.groups, GroupBy::Label);
    assert_eq!(after.view.layout, before.view.layout);
    click(&mut harness, "Explore");
    harness.get_by_label("Map of 60 samples, by label");
    assert!(harness.query_by_label("Add labels\u{2026}").is_none());
    // The other column can be looked at; a table without it leaves no view of it.
    let age = Lens::columns(&now.dataset)[0];
    let mut view = after.view.clone();
    view.lens = age;
    view.layout.add(Panel::Gate {
        axes: [age, Lens::Noise],
    });
    edit(&mut harness, Edit::View(Box::new(view)));
    let other = folder.path().join("other.csv");
    let plate = |i: usize| format!("s{i},plate {},{}\n", i % 3, class(i));
    let rows: String = (0..60).map(plate).collect();
    fs::write(&other, format!("sample,plate,class\n{rows}")).unwrap();
    let Some(Source::Files(mut spec)) = harness
        .state()
        .state()
        .data
        .as_ref()
        .map(|data| data.source.clone())
    else {
        panic!("no files");
    };
    spec.labels = Some(other);
    spec.label_column = Some("class".into());
    harness.state_mut().apply(Command::Open {
        source: Source::Files(spec),
        then: Then::Nothing,
    });
    wait(&mut harness, "the other table", |app| {
        app.state().loading.is_none()
    });
    let without = document(&harness).view;
    assert_eq!(
        (without.lens, without.groups),
        (Lens::default(), GroupBy::Label)
    );
    assert_eq!(without.layout, before.view.layout, "the gate is gone");
    assert_eq!(
        harness
            .state()
            .state()
            .result()
            .unwrap()
            .last_stage()
            .scores,
        now.last_stage().scores
    );
    harness.state_mut().apply(Command::Undo(3));
    settle(&mut harness);
    assert_eq!(document(&harness), before);
    assert!(Arc::ptr_eq(
        harness.state().state().result().unwrap(),
        &first
    ));

    // What is chosen of the reading stays chosen, though it changes no value.
    let Source::Files(mut spec) = harness
        .state()
        .state()
        .data
        .as_ref()
        .unwrap()
        .source
        .clone()
    else {
        panic!("no files");
    };
    spec.join = hdumec::io::Join::Case;
    let source = Source::Files(spec);
    harness.state_mut().apply(Command::Open {
        source: source.clone(),
        then: Then::Nothing,
    });
    wait(&mut harness, "the other reading", |app| {
        app.state().loading.is_none()
    });
    let state = harness.state().state();
    assert_eq!(state.data.as_ref().unwrap().source, source);
    let clusters = &state.result().unwrap().last_stage().clusters;
    assert_eq!(*clusters, first.last_stage().clusters);
}

#[test]
fn what_was_decided_is_decided_otherwise_by_a_button() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = folder.path().join("expression.tsv");
    let samples: Vec<String> = (0..12).map(|s| format!("TCGA-A1-A0S{s:X}-01")).collect();
    let mut text = format!("sample\t{}\n", samples.join("\t"));
    for (at, gene) in ["ESR1", "PGR", "ERBB2", "KRT5", "MKI67", "GATA3"]
        .iter()
        .enumerate()
    {
        let values = (0..12).map(|s| format!("{}.5", (s * 7 + at * 3) % 11));
        text += &format!("{gene}\t{}\n", values.collect::<Vec<_>>().join("\t"));
    }
    fs::write(&matrix, text).unwrap();
    let mut harness = window(folder.path(), [2, 1, 1]);
    let open = Command::Open {
        source: Source::files(vec![matrix]),
        then: Then::Nothing,
    };
    harness.state_mut().apply(open);
    wait(&mut harness, "the data", |app| {
        app.state()
            .data
            .as_ref()
            .is_some_and(|data| data.dataset.samples() == 12)
    });
    settle(&mut harness);
    // The first values are there, as they stand in the file.
    harness.get_by_label("KRT5");
    click(&mut harness, "Rows are samples");
    wait(&mut harness, "the other reading", |app| {
        app.state()
            .data
            .as_ref()
            .is_some_and(|data| data.dataset.samples() == 6)
    });
    // What was decided is remembered with the files.
    let recent = &harness.state().state().settings.recent[0];
    let Source::Files(spec) = recent.source() else {
        panic!("files")
    };
    assert_eq!(spec.orientation, hdumec::io::Orientation::SamplesInRows);
}
