//! The page that checks the uncertainty.

use super::*;

#[test]
fn noise_is_injected_into_a_copy_and_saved_with_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [3, 3, 2]);
    harness.state_mut().apply(Command::Save {
        directory: folder.path().join("results"),
        replace: false,
    });
    wait(&mut harness, "saving", |app| app.state().saved().is_some());
    click(&mut harness, "Check");
    assert_eq!(harness.state().state().page, Page::Check);
    harness.get_by_label_contains("of 300 labelled samples");
    // The demo tells its noise.
    harness.get_by_label_contains("Plot: noise of features, atac: rank correlation");
    let before = harness.state().state().run.as_ref().unwrap().result.clone();
    click(&mut harness, "Inject noise");
    assert!(harness.state().state().checking.is_some());
    // One check at a time; the page says that it is at work.
    harness.get_by_label_contains("Checking");
    wait(&mut harness, "the check", |app| {
        app.state().checking.is_none()
    });
    let run = harness.state().state().run.as_ref().unwrap();
    let (before, after) = (before.unwrap(), run.result.clone().unwrap());
    let injection = after.injection.clone().unwrap();
    assert_eq!(injection.check.features.len(), 3);
    assert!(injection.check.samples.found().is_some());
    assert!(std::sync::Arc::ptr_eq(&before.dataset, &after.dataset));
    assert_eq!(before.uncertainty, after.uncertainty);

    // What was saved is not all there is any more.
    assert_eq!(harness.state().state().saved(), None);
    harness.state_mut().apply(Command::Close);
    settle(&mut harness);
    assert!(!harness.state().state().closing);
    harness.get_by_label_contains("These results are not saved");

    // A second one can be cancelled, and leaves the first.
    click(&mut harness, "Dismiss");
    click(&mut harness, "Inject noise");
    harness.get_by_label_contains("of 300 labelled samples");
    harness.state_mut().apply(Command::Cancel);
    wait(&mut harness, "the end", |app| {
        app.state().checking.is_none()
    });
    let run = harness.state().state().run.as_ref().unwrap();
    assert!(run.result.as_ref().unwrap().injection.is_some());

    // Training ends a check that is at work, once that is agreed to.
    harness.state_mut().apply(Command::Save {
        directory: folder.path().join("again"),
        replace: false,
    });
    wait(&mut harness, "saving", |app| app.state().saved().is_some());
    click(&mut harness, "Inject noise");
    harness.state_mut().apply(Command::Train);
    settle(&mut harness);
    harness.get_by_label("A check is at work");
    assert!(harness.state().state().checking.is_some());
    assert!(!harness.state().state().is_training());
    harness
        .state_mut()
        .apply(Command::Anyway(Box::new(Command::Train)));
    assert!(harness.state().state().checking.is_none());
    wait(&mut harness, "the second result", |app| {
        status(app) == Some(Status::Finished)
    });
    let run = harness.state().state().run.as_ref().unwrap();
    assert!(run.result.as_ref().unwrap().injection.is_none());
}
