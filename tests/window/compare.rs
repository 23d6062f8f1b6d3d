//! The page that compares methods.

use super::*;

#[test]
fn methods_stand_side_by_side_and_are_saved_with_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = trained(folder.path(), [3, 3, 2]);
    click(&mut harness, "Compare");
    assert_eq!(harness.state().state().page, Page::Compare);
    harness.get_by_label_contains("Nothing is compared yet");
    for left_out in [
        "autoencoder + k-means",
        "published, without DEC",
        "published, without uncertainty",
    ] {
        click(&mut harness, left_out);
    }
    let before = harness.state().state().run.as_ref().unwrap().result.clone();
    click(&mut harness, "Compare methods");
    assert!(harness.state().state().comparing.is_some());
    // One thing at a time: the page Check says what it waits for.
    click(&mut harness, "Check");
    harness.get_by_label_contains("Possible when the comparison is done");
    click(&mut harness, "Compare");
    wait(&mut harness, "the comparison", |app| {
        app.state().comparing.is_none()
    });
    let run = harness.state().state().run.as_ref().unwrap();
    let (before, after) = (before.unwrap(), run.result.clone().unwrap());
    let comparison = after.comparison.clone().unwrap();
    assert_eq!(comparison.methods.len(), 7);
    assert!(comparison.methods.iter().all(|m| m.clusters().is_some()));
    let own = comparison.methods.last().unwrap().clusters().unwrap();
    assert_eq!(own.labels, before.last_stage().clusters);
    harness.get_by_label_contains("By the labels");
    harness.get_by_label_contains("WNN + Leiden and SNF + spectral: ");

    // A second one can be cancelled, and leaves the first.
    click(&mut harness, "Compare methods");
    harness.state_mut().apply(Command::Cancel);
    wait(&mut harness, "the end", |app| {
        app.state().comparing.is_none()
    });
    let run = harness.state().state().run.as_ref().unwrap();
    assert!(run.result.as_ref().unwrap().comparison.is_some());

    let results = folder.path().join("results");
    harness.state_mut().apply(Command::Save {
        directory: results.clone(),
        replace: false,
    });
    wait(&mut harness, "saving", |app| app.state().saved().is_some());
    let methods = fs::read_to_string(results.join("methods.csv")).unwrap();
    assert_eq!(methods.lines().count(), 8, "{methods}");
    let clusters = fs::read_to_string(results.join("method_clusters.csv")).unwrap();
    assert_eq!(clusters.lines().count(), 301);
}
