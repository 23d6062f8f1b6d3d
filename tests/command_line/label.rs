//! Labels that come after the training.

use std::fs;

use super::{hdumec, quick, text};

#[test]
fn saved_results_are_scored_by_labels_that_come_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let demo = hdumec(&["demo", "--samples", "300", "--out", &path("data")]);
    assert!(demo.status.success(), "{}", text(&demo.stderr));
    // They are not beside the data.
    fs::rename(path("data/labels.csv"), path("known.csv")).unwrap();
    let out = path("without");
    let data = path("data");
    let run = ["--recipe", "published", "--clusters", "12", "--out", &out];
    let run = quick(&[&[data.as_str()][..], &run].concat());
    assert!(run.status.success(), "{}", text(&run.stderr));
    let score = |results: &str, name: &str| {
        let record = fs::read_to_string(path(results) + "/run.json").unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        record["scores"]["stage2"][name].as_f64()
    };
    assert_eq!(score("without", "acc"), None);
    let known = path("known.csv");
    let labelled = path("labelled");
    let label = ["label", &out, "--labels", &known, "--out", &labelled];
    let done = hdumec(&label);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("ACC"), "{}", text(&done.stdout));
    assert!(score("labelled", "acc").unwrap() > 0.1);
    assert_eq!(score("labelled", "asw"), score("without", "asw"));
    let column = |results: &str, at: usize| -> Vec<String> {
        let table = fs::read_to_string(path(results) + "/assignment.csv").unwrap();
        let rows = table.lines();
        rows.map(|row| row.split(',').nth(at).unwrap_or_default().to_owned())
            .collect()
    };
    assert_eq!(column("labelled", 0), column("without", 0));
    assert!(column("labelled", 1).contains(&"label".to_owned()));
    // What it says of itself repeats it, labels and all.
    let again = hdumec(&["rerun", &path("labelled/run.json")]);
    assert!(
        again.status.success(),
        "{}{}",
        text(&again.stdout),
        text(&again.stderr)
    );
    // Results that are there are asked about, and a table that is none is told.
    assert_eq!(hdumec(&label).status.code(), Some(6));
    fs::write(&known, "sample,label\nnobody,x\n").unwrap();
    let other = path("other");
    let none = hdumec(&["label", &out, "--labels", &known, "--out", &other]);
    assert_eq!(none.status.code(), Some(3), "{}", text(&none.stderr));
    assert!(!folder.path().join("other").exists());
    let demo = path("demo");
    let run = quick(&["--demo", "--demo-samples", "60", "--out", &demo]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let none = hdumec(&["label", &demo, "--labels", &known, "--out", &other]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
}
