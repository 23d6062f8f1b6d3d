//! What stands where a file should be.

use super::*;
use std::os::unix::fs::symlink;

const RNA: &str = "sample,a,b\ns1,1,2\ns2,3,5\ns3,2,7\n";
const TRUTH: &str = "sample,noise\ns1,1\n";

#[test]
fn labels_that_are_there_but_cannot_be_read_are_not_no_labels() {
    type Make<'a> = &'a dyn Fn(&Path);
    let make: [(&str, Make<'_>); 4] = [
        ("Cannot read", &|path| symlink("nowhere", path).unwrap()),
        ("Cannot read", &|path| symlink(path, path).unwrap()),
        ("a folder", &|path| fs::create_dir(path).unwrap()),
        ("a pipe or a device", &|path| {
            symlink("/dev/zero", path).unwrap();
        }),
    ];
    for (expected, make) in make {
        let folder = Folder::new(&[("modality_rna.csv", RNA)]);
        make(&folder.path("labels.csv"));
        let error = folder.load().unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains(expected) && said.contains("labels.csv"),
            "{said}"
        );
        assert!(!error.advice().is_empty());
        // Without labels, they are of no interest.
        let without = LoadSpec {
            ignore_labels: true,
            ..folder.spec()
        };
        assert!(load(&without, &CancelToken::new()).is_ok());
        let given = LoadSpec {
            labels: Some(folder.path("labels.csv")),
            paths: vec![folder.path("modality_rna.csv")],
            ..LoadSpec::default()
        };
        assert!(load(&given, &CancelToken::new()).is_err());
    }
}

#[test]
fn a_pipe_is_not_waited_for() {
    let folder = Folder::new(&[]);
    let pipe = folder.path("modality_rna.csv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let said = folder.load().unwrap_err().to_string();
    assert!(said.contains("modality_rna.csv is a pipe"), "{said}");
    let spec = LoadSpec {
        paths: vec![pipe],
        ..LoadSpec::default()
    };
    assert!(load(&spec, &CancelToken::new()).is_err());
}

#[test]
fn known_values_that_cannot_be_read_are_told() {
    let folder = Folder::new(&[("modality_rna.csv", RNA), ("truth_sample.csv", TRUTH)]);
    assert_eq!(folder.load().unwrap().dataset.truth.sample.len(), 1);
    fs::remove_file(folder.path("truth_sample.csv")).unwrap();
    symlink("nowhere", folder.path("truth_sample.csv")).unwrap();
    fs::create_dir(folder.path("truth_feature.csv")).unwrap();
    let report = folder.load().unwrap().report;
    for name in ["truth_sample.csv", "truth_feature.csv"] {
        let told = report.notices.iter().any(|notice| {
            matches!(notice, LoadNotice::TruthIgnored { file, .. } if file.ends_with(name))
        });
        assert!(told, "{:?}", report.notices);
    }
}
