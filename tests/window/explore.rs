//! The maps, the list beside them, and what a run lacks.

use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use hdumec::{
    app::{Command, Page, Source, Status, Then},
    document::Edit,
    pipeline::Recipe,
    ui::HdumecApp,
};

use super::{appears, click, open_demo, save, settle, status, trained, wait, window};

#[test]
fn a_lens_that_the_run_lacks_shows_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Colour by");
    click(&mut harness, "disagreement");
    harness.get_by_label("Map of 300 samples, by disagreement");
    click(&mut harness, "Bring out the least certain");
    harness.get_by_label("Least certain: 15");
    harness.get_by_label("By disagreement, the least certain first");

    // The same data by the published recipe: a single start disagrees with none.
    let mut spec = harness.state().state().document.spec.clone();
    spec.recipe = Recipe::Published;
    (spec.train.starts, spec.train.ensemble) = (1, 1);
    harness
        .state_mut()
        .apply(Command::Do(Edit::Settings(Box::new(spec))));
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Train)));
    wait(&mut harness, "the second run", |app| {
        status(app) == Some(Status::Finished)
    });
    assert_eq!(harness.state().state().page, Page::Explore);
    settle(&mut harness);
    harness.get_by_label("Map of 300 samples, by label");
    assert!(
        harness
            .query_by_label("Map of 300 samples, by disagreement")
            .is_none()
    );
    harness.get_by_label_contains("Not computed in this run. It is the disagreement of several");
    let bring = harness.get_by_label("Bring out the least certain");
    assert!(bring.accesskit_node().is_disabled());
    click(&mut harness, "Results");
    harness.get_by_label_contains("the map by data noise and ambiguity");
    assert!(harness.query_by_label_contains("disagreement").is_none());
}

#[test]
fn hidden_groups_are_remembered_while_others_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 2, 3]);
    open_demo(&mut harness, 300, true);
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let shown = |harness: &Harness<'_, HdumecApp>, group: &str| {
        let node = harness.get_by_label(group);
        node.accesskit_node().toggled() == Some(eframe::egui::accesskit::Toggled::True)
    };
    click(&mut harness, "Group NK");
    assert!(!shown(&harness, "Group NK"));
    click(&mut harness, "Group by");
    click(&mut harness, "cluster");
    assert!(shown(&harness, "Group Cluster 1"));
    click(&mut harness, "Group Cluster 2");
    click(&mut harness, "Group by");
    click(&mut harness, "label");
    assert!(!shown(&harness, "Group NK"), "it was hidden before");
    click(&mut harness, "Group by");
    click(&mut harness, "cluster");
    assert!(!shown(&harness, "Group Cluster 2"));
}

#[test]
fn maps_are_coloured_by_any_feature_found_by_typing() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    let lens = |harness: &Harness<'_, HdumecApp>| {
        let state = harness.state().state();
        (
            state.document.view.lens,
            state.result().unwrap().dataset.clone(),
        )
    };
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(&mut harness);
    // The field has the focus at once.
    harness.event(Event::Text("cd4".into()));
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    let (chosen, dataset) = lens(&harness);
    assert_eq!(
        chosen.name(&dataset),
        "CD4 in protein",
        "the very name, before others with it"
    );
    appears(&mut harness, "Map of 300 samples, by cd4 in protein", 1);
    // What is measured is high or low, not certain or uncertain.
    click(&mut harness, "Bring out the highest");
    appears(&mut harness, "Highest: 15", 1);
    // What was typed is gone, and what is not there is told.
    click(&mut harness, "Colour by");
    harness.get_by_label("ambiguity");
    harness.event(Event::Text("no such gene".into()));
    settle(&mut harness);
    harness.get_by_label("Nothing of that name");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert_eq!(lens(&harness).0, chosen);
}

#[test]
fn markers_of_a_class_are_found_and_colour_the_maps() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Markers");
    click(&mut harness, "in");
    click(&mut harness, "protein");
    click(&mut harness, "Markers of");
    click(&mut harness, "NK");
    let samples = {
        let result = harness.state().state().result().unwrap();
        let labels = result.dataset.labels.as_ref().unwrap();
        let nk = labels.classes.iter().position(|name| name == "NK").unwrap();
        labels.counts()[nk]
    };
    let others = 300 - samples;
    appears(
        &mut harness,
        &format!("{samples} against {others} samples, values as they were read"),
        1,
    );
    // A marker of NK cells stands in the table, and a click on it colours the map.
    harness.get_by_label("CD56").click();
    settle(&mut harness);
    let state = harness.state().state();
    let dataset = &state.result().unwrap().dataset;
    assert_eq!(state.document.view.lens.name(dataset), "CD56 in protein");
    // Against another class, then by undo against all others again.
    click(&mut harness, "against");
    click(&mut harness, "B naive");
    assert!(
        harness
            .state()
            .state()
            .document
            .view
            .markers
            .against
            .is_some()
    );
    harness.state_mut().apply(Command::Undo(1));
    settle(&mut harness);
    assert!(
        harness
            .state()
            .state()
            .document
            .view
            .markers
            .against
            .is_none()
    );
    click(&mut harness, "Maps");
    assert!(harness.query_by_label("adjusted p").is_none());
}

#[test]
fn clusters_get_names_that_are_saved_and_undone() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Group by");
    click(&mut harness, "cluster");
    harness.get_by_label("Group Cluster 1");
    click(&mut harness, "Name clusters\u{2026}");
    click(&mut harness, "Use the labels");
    let names = |harness: &Harness<'_, HdumecApp>| {
        let document = &harness.state().state().document;
        let run = document.shown.unwrap();
        document.cluster_names_of(run).unwrap().clone()
    };
    let given = names(&harness);
    assert!(given.len() > 6, "{given:?}");
    // By hand, spaces and all.
    harness.get_by_label("Name of cluster 1").click();
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text("my own cells".into()));
    settle(&mut harness);
    assert_eq!(names(&harness)[&0], "my own cells");
    click(&mut harness, "Done");
    harness.get_by_label("Group my own cells");
    // One step takes a name back, another all that the labels gave.
    let undo = |harness: &mut Harness<'_, HdumecApp>, command: Command| {
        harness.state_mut().apply(command);
        settle(harness);
        names(harness)
    };
    assert_eq!(undo(&mut harness, Command::Undo(1)), given);
    assert!(undo(&mut harness, Command::Undo(1)).is_empty());
    assert_eq!(undo(&mut harness, Command::Redo(2))[&0], "my own cells");
    // They go into what is saved, and come back with it.
    let out = folder.path().join("out");
    save(&mut harness, &out);
    let table = std::fs::read_to_string(out.join("assignment.csv")).unwrap();
    let header = table.lines().next().unwrap();
    assert!(header.contains(",cluster,cluster_name,margin,"), "{header}");
    assert!(table.contains(",1,my own cells,"));
    let before = names(&harness);
    harness.state_mut().apply(Command::Open {
        source: Source::files(vec![out]),
        then: Then::Nothing,
    });
    wait(&mut harness, "the saved results", |app| {
        app.state().document.runs.len() == 2 || app.state().loading.is_none()
    });
    settle(&mut harness);
    assert_eq!(names(&harness), before);
}
