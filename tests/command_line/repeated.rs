//! Runs that are repeated from their record.

use std::{fs, path::Path};

use super::{hdumec, quick, text};

#[test]
fn an_analysis_repeats_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (data, out, again) = (path("data"), path("out"), path("again"));
    hdumec(&["demo", "--samples", "150", "--out", &data]);
    // The robust recipe, guarded, with few and short starts.
    let short = ["--starts", "2", "--start-samples", "100", "--seed", "4"];
    let ran = quick(&[&[data.as_str(), "--out", &out][..], &short].concat());
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let recorded = Path::new(&out).join("run.json").display().to_string();
    let same = hdumec(&["rerun", &recorded, "--quiet", "--out", &again]);
    assert!(same.status.success(), "{}", text(&same.stderr));
    assert!(
        text(&same.stdout).contains("bit for bit"),
        "{}",
        text(&same.stdout)
    );
    assert!(Path::new(&again).join("embedding.csv").exists());

    // Other labels, or other parameters: not the same, and why.
    let labels = Path::new(&data).join("labels.csv");
    let truth = fs::read_to_string(&labels).unwrap();
    let (id, _) = truth.lines().nth(1).unwrap().split_once(',').unwrap();
    let mut changed: Vec<&str> = truth.lines().collect();
    let other = format!("{id},{}", changed[2].split_once(',').unwrap().1);
    changed[1] = &other;
    let class = |line: &str| line.split_once(',').unwrap().1.to_owned();
    assert!(class(truth.lines().nth(1).unwrap()) != class(changed[1]));
    fs::write(&labels, changed.join("\n")).unwrap();
    let told = hdumec(&["rerun", &recorded, "--quiet"]);
    let said = text(&told.stdout) + &text(&told.stderr);
    assert!(said.contains("labels.csv has changed"), "{said}");
    assert!(!said.contains("The same, bit for bit"), "{said}");
    fs::write(&labels, truth).unwrap();
    let json = fs::read_to_string(&recorded).unwrap();
    assert!(json.contains("\"seed\": 4"));
    let edited = path("edited.json");
    fs::write(&edited, json.replace("\"seed\": 4", "\"seed\": 5")).unwrap();
    let told = hdumec(&["rerun", &edited, "--quiet"]);
    let said = text(&told.stdout) + &text(&told.stderr);
    assert!(
        said.contains("parameters in the run.json were changed"),
        "{said}"
    );

    // Other data: not the same, and why.
    let file = Path::new(&data).join("modality_rna.csv");
    let mut rows: Vec<String> = fs::read_to_string(&file)
        .unwrap()
        .lines()
        .map(Into::into)
        .collect();
    rows.drain(1..60);
    fs::write(&file, rows.join("\n")).unwrap();
    let other = hdumec(&["rerun", &recorded, "--quiet"]);
    assert_eq!(other.status.code(), Some(9), "{}", text(&other.stdout));
    assert!(text(&other.stderr).contains("modality_rna.csv has changed"));

    let wrong = hdumec(&["rerun", &file.display().to_string()]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("run.json"));
}
