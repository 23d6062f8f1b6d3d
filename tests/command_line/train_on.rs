//! Saved results whose model is trained on without some of their samples.

use std::{fs, path::Path};

use super::{hdumec, quick, text};

fn ids(results: &Path) -> Vec<String> {
    let table = fs::read_to_string(results.join("assignment.csv")).unwrap();
    let rows = table.lines().skip(1);
    rows.map(|row| row.split(',').next().unwrap().to_owned())
        .collect()
}

#[test]
fn results_go_on_without_some_samples_and_repeat_from_their_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let files = hdumec(&["demo", "--samples", "300", "--out", &path("data")]);
    assert!(files.status.success(), "{}", text(&files.stderr));
    // Files, and the demo: both read again what they are told.
    for (name, of) in [
        ("files", vec![path("data")]),
        (
            "demo",
            vec!["--demo".into(), "--demo-samples".into(), "300".into()],
        ),
    ] {
        let out = |more: &str| path(&format!("{name}{more}"));
        let first = out("-1");
        let mut arguments: Vec<&str> = of.iter().map(String::as_str).collect();
        arguments.extend(["--out", &first, "--starts", "2", "--graph-votes", "8"]);
        let run = quick(&arguments);
        assert!(run.status.success(), "{}", text(&run.stderr));
        let all = ids(Path::new(&first));
        fs::write(path("some.txt"), all[..30].join("\n")).unwrap();
        let some = path("some.txt");
        let second = out("-2");
        let train_on = ["train-on", &first, "--leave-out", &some, "--out", &second];
        // A file for Python that cannot be is told at once, and nothing is trained or written.
        let wrong = hdumec(&[&train_on[..], &["--h5ad", &out("-2.txt")]].concat());
        assert!(!wrong.status.success() && !Path::new(&second).exists());
        let file = out("-2.h5mu");
        let on = hdumec(&[&train_on[..], &["--h5ad", &file]].concat());
        assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 10_000));
        assert!(
            on.status.success(),
            "{}{}",
            text(&on.stdout),
            text(&on.stderr)
        );
        assert_eq!(ids(Path::new(&second)), all[30..]);
        let record = fs::read_to_string(second.clone() + "/run.json").unwrap();
        let record: serde_json::Value = serde_json::from_str(&record).unwrap();
        let earlier = &record["parameters"]["earlier"];
        assert_eq!(earlier["samples"], 300);
        assert_eq!(earlier["spec"]["train"]["starts"], 2);
        let methods = fs::read_to_string(second.clone() + "/methods_text.md").unwrap();
        assert!(methods.contains("earlier run on 300 samples"), "{methods}");
        assert!(methods.contains("30 ids were left out"), "{methods}");

        // And once more from there, keeping some.
        fs::write(&some, all[50..].join("\n")).unwrap();
        let third = out("-3");
        let on = hdumec(&["train-on", &second, "--only", &some, "--out", &third]);
        assert!(on.status.success(), "{}", text(&on.stderr));
        assert_eq!(ids(Path::new(&third)), all[50..]);
        for results in [&second, &third] {
            let again = hdumec(&["rerun", &(results.clone() + "/run.json")]);
            let said = text(&again.stdout) + &text(&again.stderr);
            assert!(again.status.success(), "{said}");
            assert!(said.contains("The same, bit for bit"), "{said}");
        }
    }

    // No sample of the results, or no choice at all.
    let [second, some] = [path("demo-2"), path("some.txt")];
    let all = ids(Path::new(&path("demo-1")));
    fs::write(&some, all[..30].join("\n")).unwrap();
    let new = hdumec(&["train-on", &second, "--only", &some, "--out", &path("new")]);
    assert_eq!(new.status.code(), Some(3), "{}", text(&new.stderr));
    let said = text(&new.stderr);
    assert!(said.contains("Of 270 samples, 0 are chosen"), "{said}");
    fs::write(&some, "nobody\n").unwrap();
    let none = hdumec(&[
        "train-on",
        &second,
        "--leave-out",
        &some,
        "--out",
        &path("none"),
    ]);
    assert_eq!(none.status.code(), Some(3), "{}", text(&none.stderr));
    let none = hdumec(&["train-on", &second, "--out", &path("none")]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
    assert!(!Path::new(&path("none")).exists() && !Path::new(&path("new")).exists());
}
