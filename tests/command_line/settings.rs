//! Settings that no run can have, and small mini-batches.

use std::{fs, path::Path};

use super::{QUICK, hdumec, quick, text};

#[test]
fn absurd_settings_are_refused_with_their_reason_before_anything_begins() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let refused = |flags: &[&str], words: &str| {
        let demo = ["run", "--demo", "--device", "cpu", "--out", &out];
        let ran = hdumec(&[&demo[..], flags].concat());
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(4), "{flags:?}: {said}");
        assert!(said.contains(words), "{flags:?}: {said}");
        assert!(said.contains("at most") && said.contains("Lower"), "{said}");
        assert!(!Path::new(&out).exists());
    };
    for (flag, value, words) in [
        ("--embedding", "100000000000", "width of the embedding"),
        ("--hidden", "18000000000000000000", "hidden layers"),
        ("--hidden", "10000000", "at most 16,384: wider ones"),
        ("--starts", "1000000000", "number of starts"),
        ("--start-samples", "18000000000000000000", "a start"),
        ("--ensemble", "18000000000000000000", "models"),
        ("--epochs", "1,1,9223372036854775808", "clustering"),
        ("--batch", "18000000000000000000", "mini-batch"),
        ("--patience", "18000000000000000000", "patience"),
        ("--decay-every", "18000000000000000000", "decays"),
        ("--decay", "1e30", "decay"),
        ("--alpha", "1e30", "alpha"),
        ("--clustering-weight", "1e30", "weight"),
        ("--learning-rates", "1000,1,1", "learning rate"),
        ("--learning-rates", "1e30,1e30,1e30", "learning rate"),
        ("--kmeans-restarts", "18000000000000000000", "restarts"),
        ("--kmeans-iterations", "18000000000000000000", "iterations"),
        ("--umap-neighbours", "18000000000000000000", "neighbours"),
        ("--umap-epochs", "18000000000000000000", "epochs of the map"),
        (
            "--umap-negative-samples",
            "18000000000000000000",
            "negative",
        ),
        ("--umap-learning-rate", "1e30", "rate of the map"),
        ("--umap-spread", "1e30", "spread of the map"),
        ("--demo-samples", "100000000000000", "samples of the demo"),
    ] {
        refused(&[flag, value], words);
    }
    refused(
        &["--demo-samples", "5000", "--clusters", "4000"],
        "number of clusters must be at most 2,000",
    );
    let memory = hdumec(&["inspect", "x.csv", "--memory", "18446744073709551615"]);
    assert_eq!(memory.status.code(), Some(2));
    assert!(text(&memory.stderr).contains("a whole number of MiB"));
    let bench = hdumec(&["bench", "--samples", "100000000000000"]);
    assert_eq!(bench.status.code(), Some(4), "{}", text(&bench.stderr));
    let demo = hdumec(&["demo", "--samples", "100000000000000", "--out", &out]);
    assert_eq!(demo.status.code(), Some(4), "{}", text(&demo.stderr));
}

#[test]
fn a_record_with_absurd_parameters_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let demo = ["--demo", "--demo-samples", "60", "--recipe", "published"];
    let ran = quick(&[&demo[..], &["--out", out.to_str().unwrap()]].concat());
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let recorded = fs::read(out.join("run.json")).unwrap();
    let recorded: serde_json::Value = serde_json::from_slice(&recorded).unwrap();
    let edited = folder.path().join("edited.json");
    let refused = |pointer: &str, value: serde_json::Value, code: i32, words: &str| {
        let mut record = recorded.clone();
        *record.pointer_mut(pointer).unwrap() = value;
        fs::write(&edited, record.to_string()).unwrap();
        let told = hdumec(&["rerun", edited.to_str().unwrap()]);
        let said = text(&told.stderr);
        assert_eq!(told.status.code(), Some(code), "{pointer}: {said}");
        assert!(said.contains(words), "{pointer}: {said}");
    };
    let (huge, hidden) = (1_u64 << 63, 1_u64 << 60);
    let train = |name: &str| format!("/parameters/train/{name}");
    refused(&train("epochs/0"), huge.into(), 4, "at most 100,000: ");
    refused(&train("hidden"), hidden.into(), 4, "at most 16,384: ");
    refused(&train("starts"), huge.into(), 4, "at most 1,000: ");
    refused(
        &train("patience"),
        huge.into(),
        4,
        "patience must be at most",
    );
    refused(&train("decay"), (-1.0).into(), 4, "positive number");
    refused(&train("alpha"), 0.0.into(), 4, "at least 0.001, not 0");
    refused(
        &train("alpha"),
        serde_json::Value::Null,
        2,
        "expected f64 at line 1 column",
    );
    refused(&train("hidden"), (-1).into(), 2, "expected usize");
    let clusters = "/parameters/clusters";
    refused(clusters, huge.into(), 4, "clusters cannot be made of");
    refused("/parameters/umap/epochs", huge.into(), 4, "of the map must");
    refused(
        "/source/demo/samples",
        huge.into(),
        4,
        "the demo must be at",
    );
}

#[test]
fn mini_batches_train_and_too_small_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    let run = |batch: &str| {
        let demo = ["run", "--demo", "--demo-samples", "300", "--batch", batch];
        hdumec(&[&demo[..], &QUICK, &["--out", out]].concat())
    };
    assert!(run("70").status.success());
    let written = fs::read_to_string(Path::new(out).join("run.json")).unwrap();
    assert!(written.contains("\"batch\": 70"), "{written}");
    let refused = run("8");
    assert_ne!(refused.status.code(), Some(0));
}
