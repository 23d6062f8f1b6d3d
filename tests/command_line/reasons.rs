//! Why samples of saved results lie between two clusters.

use std::fs;

use super::{hdumec, quick, text};

#[test]
fn reasons_of_saved_results_are_told_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (out, file) = (path("results"), path("reasons.csv"));
    let ran = quick(&["--demo", "--demo-samples", "600", "--out", &out]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let told = hdumec(&["reasons", &out, "--out", &file]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    let said = text(&told.stdout);
    let f1 = said.lines().find_map(|line| line.strip_prefix("Mean F1 "));
    assert!(f1.unwrap().parse::<f64>().unwrap() >= 0.7, "{said}");
    assert!(
        said.contains("Of 60 samples between two clusters:"),
        "{said}"
    );

    // A row for each sample; how likely the reasons are adds up to one, and the likeliest is given.
    let table = fs::read_to_string(&file).unwrap();
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |name: &str| header.iter().position(|&of| of == name).unwrap();
    let reasons = [
        "doublet",
        "transition",
        "shallow",
        "over-split",
        "contradiction",
    ];
    let likely = reasons.map(|reason| place(&format!("likely_{reason}")));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 60);
    for row in &rows {
        let numbers = likely.map(|at| row[at].parse::<f64>().unwrap());
        assert!((numbers.iter().sum::<f64>() - 1.0).abs() < 1e-4, "{row:?}");
        let best = (0..5).max_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
        let expected = match numbers[best.unwrap()] {
            likely if likely < 0.6 => "unclear",
            _ => reasons[best.unwrap()],
        };
        assert_eq!(row[place("reason")], expected);
        assert_ne!(row[place("cluster")], row[place("second_cluster")]);
    }

    // Of two clusters, with what would settle it.
    let [a, b] = ["cluster", "second_cluster"].map(|name| rows[0][place(name)]);
    let told = hdumec(&["reasons", &out, "--between", a, b]);
    let said = text(&told.stdout);
    assert!(said.contains(" (protein)\n"), "{said}");
    // A cluster that is not there, a file that is, and a folder without results are refused.
    let unknown = hdumec(&["reasons", &out, "--between", "1", "99"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("cluster '99': they are 1 to 12"));
    let again = hdumec(&["reasons", &out, "--out", &file]);
    assert!(
        text(&again.stderr).contains("--force"),
        "{}",
        text(&again.stderr)
    );
    assert!(!hdumec(&["reasons", &path("")]).status.success());
}
