//! Samples left out of files, with the model that there is.

use std::{fmt::Write as _, fs, path::Path};

use egui_kittest::kittest::Queryable as _;
use hdumec::{
    app::{Command, Source, Status, Then},
    data::{Chosen, SampleSet},
    document::Edit,
    job::CancelToken,
    pipeline::{Milestone, RunStore, TrainOn},
};

use super::{click, settle, status, view, wait, window};

/// Three groups of 20 samples in two tables, and their labels.
fn files(folder: &Path) -> Source {
    let (mut rna, mut adt) = ("sample,a,b,c,d\n".to_owned(), "sample,x,y,z\n".to_owned());
    let mut labels = "sample,label\n".to_owned();
    for i in 0..60_usize {
        let (group, noise) = (i % 3, |k: usize| ((i * 7 + k * 13) % 11) as f64 / 20.0);
        let level = |of: usize| if of == group { 2.0 } else { 0.2 };
        let values: Vec<f64> = (0..4).map(|k| level(k % 3) + noise(k)).collect();
        _ = writeln!(
            rna,
            "s{i},{},{},{},{}",
            values[0], values[1], values[2], values[3]
        );
        _ = writeln!(
            adt,
            "s{i},{},{},{}",
            values[2],
            values[0] + noise(9),
            values[1]
        );
        _ = writeln!(labels, "s{i},group {group}");
    }
    let data = folder.join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("modality_rna.csv"), rna).unwrap();
    fs::write(data.join("modality_adt.csv"), adt).unwrap();
    fs::write(data.join("labels.csv"), labels).unwrap();
    Source::files(vec![data])
}

fn ids(all: impl Iterator<Item = usize>) -> Vec<String> {
    all.map(|i| format!("s{i}")).collect()
}

#[test]
fn what_follows_is_as_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let source = files(folder.path());
    let mut harness = window(folder.path(), [3, 2, 2]);
    let then = Then::Train;
    harness.state_mut().apply(Command::Open { source, then });
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let first = harness.state().state().document.shown;
    harness.state_mut().apply(Command::TrainOn(ids(0..6)));
    wait(&mut harness, "the second run", |app| {
        let state = app.state();
        state.document.shown != first && !state.is_training()
    });
    settle(&mut harness);
    let state = harness.state().state();
    let data = state.data.as_ref().unwrap();
    assert_eq!(data.dataset.samples.len(), 54);
    assert_eq!(*data.source.kept(), Chosen::Without(ids(0..6)));
    assert!(data.source.chosen().is_all());
    // What the next run begins with is a whole run.
    assert!(state.document.spec.earlier.is_none() && state.settings.spec.earlier.is_none());

    // From here on with some alone, prepared anew; and without some, those that were left out before among them.
    for (words, left) in [("with these 20 alone", 20), ("without these 20", 34)] {
        let mut view = view(&harness);
        view.selection = Some(SampleSet::of_ids(ids(6..26)));
        harness
            .state_mut()
            .apply(Command::Do(Edit::View(Box::new(view))));
        click(&mut harness, "Explore");
        click(&mut harness, "Go on with some of the samples");
        click(&mut harness, words);
        wait(&mut harness, words, |app| {
            let data = app.state().data.as_ref();
            data.is_some_and(|data| data.dataset.samples.len() == left)
        });
        settle(&mut harness);
        let data = harness.state().state().data.as_ref().unwrap();
        assert!(data.source.kept().is_all(), "{words}");
        super::undo::undo(&mut harness);
        let data = harness.state().state().data.as_ref().unwrap();
        assert_eq!(data.dataset.samples.len(), 54, "{words}");
    }
}

#[test]
fn one_that_was_cut_off_goes_on_and_leaves_the_settings_as_they_were() {
    let first = tempfile::tempdir().unwrap();
    let source = files(first.path());
    let mut harness = window(first.path(), [3, 2, 2]);
    let then = Then::Train;
    harness.state_mut().apply(Command::Open { source, then });
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let earlier = harness.state().state().result().unwrap().clone();
    let data = harness.state().state().data.clone().unwrap();
    drop(harness);
    // What a window leaves that is killed while it trains on.
    let folder = tempfile::tempdir().unwrap();
    let some = data.source.keeping(Chosen::Without(ids(0..6)));
    let dataset = some.open(&CancelToken::new()).unwrap().0;
    let on = TrainOn::of(&earlier, data.inputs.source.as_ref(), &dataset).unwrap();
    let store = RunStore::at(&folder.path().join("store"));
    let slot = store
        .take(&dataset, &on.spec, Some(&some))
        .unwrap()
        .unwrap();
    slot.offer(Milestone::Done, &mut || Some(on.from.clone()));
    drop(slot.rest());

    let mut harness = window(folder.path(), [3, 2, 2]);
    wait(&mut harness, "the offer", |app| {
        !app.state().notices.is_empty()
    });
    click(&mut harness, "Go on");
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    settle(&mut harness);
    let state = harness.state().state();
    let result = state.result().unwrap();
    assert_eq!(result.dataset.samples(), 54);
    assert_eq!(result.spec, on.spec);
    harness.get_by_label("Goes on with the model of a run on 60 samples");
    let spec = &state.document.spec;
    assert!(spec.earlier.is_none() && state.settings.spec.earlier.is_none());
    assert_eq!(spec.train.starts, earlier.spec.train.starts);
    // And so the next training is a whole one.
    let before = state.document.shown;
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Train)));
    wait(&mut harness, "another run", |app| {
        let state = app.state();
        !state.is_training() && state.document.runs.len() == 2
    });
    let state = harness.state().state();
    let last = state.document.runs.last().unwrap().id;
    assert_ne!(Some(last), before);
    assert!(state.result_of(last).unwrap().spec.earlier.is_none());
}
