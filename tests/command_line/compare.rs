//! `hdumec compare`.

use super::*;

#[test]
fn methods_are_compared_with_labels_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, out) = (path("data"), path("out"));
    let made = hdumec(&["demo", "--samples", "240", "--seed", "3", "--out", &data]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let compare = |rest: &[&str]| {
        let methods = [
            "compare",
            &data,
            "--methods",
            "components,wnn,snf",
            "--device",
            "cpu",
        ];
        hdumec(&[&methods[..], rest].concat())
    };
    let ran = compare(&["--out", &out]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let table = text(&ran.stdout);
    for word in ["ACC", "WNN + Leiden", "SNF + spectral", "does best (ARI"] {
        assert!(table.contains(word), "{word}: {table}");
    }
    let methods = fs::read_to_string(Path::new(&out).join("methods.csv")).unwrap();
    assert_eq!(methods.lines().count(), 4, "{methods}");
    let clusters = fs::read_to_string(Path::new(&out).join("method_clusters.csv")).unwrap();
    assert!(
        clusters.starts_with("sample,label,components,wnn,snf\n"),
        "{clusters}"
    );
    assert_eq!(clusters.lines().count(), 241);

    // What is there is not replaced, which is said before anything is computed.
    let refused = compare(&["--out", &out, "--quiet"]);
    assert_eq!(refused.status.code(), Some(6));
    assert!(text(&refused.stderr).contains("methods.csv"));
    assert!(compare(&["--out", &out, "--force"]).status.success());

    let unlabelled = compare(&["--no-labels"]);
    assert!(text(&unlabelled.stderr).contains("--clusters K"));
    let unlabelled = compare(&["--no-labels", "--clusters", "5", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&unlabelled.stdout).unwrap();
    assert_eq!(value["clusters"], 5);
    assert_eq!(value["methods"][1]["method"], "wnn");
    assert!(value["methods"][1]["scores"]["acc"].is_null());
    let agreement = &value["methods"][1]["agreement"];
    assert_eq!(agreement["wnn"], 1.0);
    assert!(agreement["snf"].as_f64().unwrap() > 0.2, "{agreement}");

    let unknown = hdumec(&["compare", &data, "--methods", "magic"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("centred-components"));
}
