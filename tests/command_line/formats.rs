//! Files of other programs, from the command line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{hdumec, quick, text};

fn case(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(name);
    path.to_str().unwrap().to_owned()
}

/// What `inspect` says of a path, which it must be able to open.
fn inspected(path: &str) -> String {
    let output = hdumec(&["inspect", path]);
    assert!(output.status.success(), "{path}: {}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn folders_and_files_of_other_programs_open_as_what_they_are() {
    for (path, expected) in [
        (
            "b2-mtx-folders/v3",
            &["120 samples", "rna", "log of 1 + x"][..],
        ),
        (
            "b2-mtx-folders/antibody",
            &["120 samples", "rna", "protein", "centred log-ratio"],
        ),
        (
            "b2-mtx-folders/multiome",
            &["120 samples", "rna", "atac", "TF-IDF"],
        ),
        (
            "b2-mtx-folders/geo",
            &["140 samples", "no labels", "--label-column 'sample'"],
        ),
        (
            "hdf5/three.h5mu",
            &["105 samples", "rna", "protein", "atac", "type3"],
        ),
        ("hdf5/raw.h5", &["120 samples", "4,880 of 5,000 barcodes"]),
    ] {
        let said = inspected(&case(path));
        for word in expected {
            assert!(said.contains(word), "{path}: no '{word}' in {said}");
        }
    }
    let refused = hdumec(&["inspect", &case("hdf5/molecule_info.h5")]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(text(&refused.stderr).contains("filtered_feature_bc_matrix.h5"));
}

#[test]
fn what_was_done_to_counts_stands_in_the_record_and_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let data = case("b2-mtx-folders/antibody");
    let ran = quick(&[&data, "--clusters", "4", "--out", out.to_str().unwrap()]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let record = out.join("run.json");
    let written: serde_json::Value = serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    let steps = &written["source"]["files"]["preparation"]["rna"]["steps"];
    assert!(
        steps
            .to_string()
            .contains("{\"pca\":{\"components\":30,\"standardised\":true}}"),
        "{steps}"
    );
    assert!(written["inputs"].as_array().unwrap().len() >= 3);
    let again = hdumec(&["rerun", record.to_str().unwrap(), "--quiet"]);
    let said = text(&again.stdout);
    assert!(
        said.contains("bit for bit"),
        "{said}{}",
        text(&again.stderr)
    );
}

#[test]
fn a_question_names_the_flag_that_answers_it() {
    let table = case("06-thousands-separator/tsv/counts.tsv");
    let asked = hdumec(&["inspect", &table]);
    assert_eq!(asked.status.code(), Some(3));
    let said = text(&asked.stderr);
    assert!(
        said.contains("--decimal point") && said.contains("--decimal comma"),
        "{said}"
    );
    let told = hdumec(&["inspect", &table, "--decimal", "point"]);
    let plain = hdumec(&["inspect", &case("06-thousands-separator/plain/counts.tsv")]);
    let values = |output: &std::process::Output| {
        let said = text(&output.stdout);
        said.lines().nth(1).unwrap_or_default().to_owned()
    };
    assert!(plain.status.success());
    assert_eq!(values(&told), values(&plain));
}

#[test]
fn files_that_other_programs_wrote_are_inspected_and_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/formats");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: there is no {}", folder.display());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let inside = folder.join("10x_v3");
    paths.extend(
        fs::read_dir(inside)
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let out = tempfile::tempdir().unwrap();
    let mut ran = 0;
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == "README.md" || name == "10x_v3" {
            continue;
        }
        let path = path.to_str().unwrap();
        let output = hdumec(&["inspect", path]);
        let said = text(&output.stderr);
        if !output.status.success() {
            assert_eq!(output.status.code(), Some(3), "{name}: {said}");
            println!("{name}: {}", said.lines().last().unwrap_or_default());
            continue;
        }
        let inspected = text(&output.stdout);
        let samples = inspected
            .split(": ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        let samples: usize = samples.replace(',', "").parse().unwrap();
        if samples < 30 {
            continue;
        }
        let target = out.path().join(&name);
        let output = quick(&[path, "--clusters", "2", "--out", target.to_str().unwrap()]);
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        ran += 1;
    }
    assert!(ran >= 6, "only {ran} were run");
}
