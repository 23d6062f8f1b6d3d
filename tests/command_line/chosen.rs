//! Runs on some of the samples.

use std::fs;

use super::{hdumec, quick, text};

#[test]
fn some_of_the_samples_alone_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let demo = |out: &str, more: &[&str]| {
        let out = path(out);
        let mut all = vec!["--demo", "--demo-samples", "300", "--recipe", "published"];
        all.extend(["--out", &out]);
        all.extend(more);
        quick(&all)
    };
    let whole = demo("whole", &[]);
    assert!(whole.status.success(), "{}", text(&whole.stderr));
    let ids = |results: &str| -> Vec<String> {
        let table = fs::read_to_string(path(results) + "/assignment.csv").unwrap();
        let rows = table.lines().skip(1);
        rows.map(|row| row.split(',').next().unwrap().to_owned())
            .collect()
    };
    let all = ids("whole");
    // A table with a header, and ids in quotes, as spreadsheets write it.
    let some: String = all[..40].iter().map(|id| format!("\"{id}\",x\n")).collect();
    fs::write(path("some.csv"), format!("sample,why\n{some}")).unwrap();
    let less = demo("less", &["--leave-out", &path("some.csv")]);
    assert!(less.status.success(), "{}", text(&less.stderr));
    assert_eq!(ids("less"), all[40..]);
    let alone = demo("alone", &["--only", &path("some.csv"), "--clusters", "3"]);
    assert!(alone.status.success(), "{}", text(&alone.stderr));
    assert_eq!(ids("alone"), all[..40]);

    // It repeats from its record.
    let again = hdumec(&["rerun", &path("less/run.json"), "--out", &path("again")]);
    assert!(
        again.status.success(),
        "{}{}",
        text(&again.stdout),
        text(&again.stderr)
    );

    // Ids that no sample has, and a file that is not there.
    fs::write(path("others.txt"), "nobody\n").unwrap();
    let none = demo("none", &["--only", &path("others.txt")]);
    assert!(
        text(&none.stderr).contains("0 are chosen"),
        "{}",
        text(&none.stderr)
    );
    let none = demo("none", &["--leave-out", &path("others.txt")]);
    assert!(
        text(&none.stderr).contains("to be left out"),
        "{}",
        text(&none.stderr)
    );
    let gone = demo("none", &["--only", &path("gone.txt")]);
    assert_eq!(gone.status.code(), Some(2), "{}", text(&gone.stderr));
}
