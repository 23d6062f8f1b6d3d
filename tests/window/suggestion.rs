//! Choosing the number of clusters with help.

use egui_kittest::kittest::Queryable as _;
use hdumec::{
    app::{Command, Page},
    pipeline::suggest,
};

use super::{click, open_demo, wait, window};

#[test]
fn a_number_of_clusters_is_suggested_and_taken() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(folder.path(), [4, 2, 3]);
    open_demo(&mut harness, 60, false);
    wait(&mut harness, "the data", |app| app.state().data.is_some());
    harness.state_mut().apply(Command::Show(Page::Train));
    harness.run_steps(4);
    click(&mut harness, "How many?");
    harness.get_by_label("How many clusters?");
    wait(&mut harness, "every number", |app| {
        let suggestion = app.state().suggestion.as_ref().unwrap();
        !suggestion.is_active()
    });
    let suggestion = harness.state().state().suggestion.as_ref().unwrap();
    let best = suggest::peaks(&suggestion.candidates)[0].clusters;
    click(&mut harness, &best.to_string());
    click(&mut harness, &format!("Use {best} clusters"));
    let state = harness.state().state();
    assert_eq!(state.document.spec.clusters, Some(best));
    assert!(state.suggestion.is_none());

    // Closed half-way, nothing is changed.
    click(&mut harness, "How many?");
    let active = harness
        .state()
        .state()
        .suggestion
        .as_ref()
        .unwrap()
        .is_active();
    click(&mut harness, if active { "Cancel" } else { "Close" });
    assert!(harness.state().state().suggestion.is_none());
    assert_eq!(harness.state().state().document.spec.clusters, Some(best));
}
