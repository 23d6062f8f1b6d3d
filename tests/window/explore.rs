//! The maps, the list beside them, and what a run lacks.

use egui_kittest::kittest::{NodeT as _, Queryable as _};
use hdumec::{
    app::{Command, Page, Source, Status},
    data::demo::DemoSpec,
    document::Edit,
    pipeline::Recipe,
};

use super::{click, settle, status, trained, wait, window};

#[test]
fn a_lens_that_the_run_lacks_shows_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [4, 2, 3]);
    click(&mut harness, "Right map");
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
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(DemoSpec {
            samples: 300,
            seed: 0,
        }),
        train: true,
    });
    wait(&mut harness, "the end", |app| {
        status(app) == Some(Status::Finished)
    });
    let shown = |harness: &egui_kittest::Harness<'_, hdumec::ui::HdumecApp>, group: &str| {
        let node = harness.get_by_label(group);
        node.accesskit_node().toggled() == Some(eframe::egui::accesskit::Toggled::True)
    };
    click(&mut harness, "Group NK");
    assert!(!shown(&harness, "Group NK"));
    click(&mut harness, "Left map");
    click(&mut harness, "by cluster");
    assert!(shown(&harness, "Group Cluster 1"));
    click(&mut harness, "Group Cluster 2");
    click(&mut harness, "Left map");
    click(&mut harness, "by label");
    assert!(!shown(&harness, "Group NK"), "it was hidden before");
    click(&mut harness, "Left map");
    click(&mut harness, "by cluster");
    assert!(!shown(&harness, "Group Cluster 2"));
}
