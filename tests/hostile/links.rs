//! Folders that lead in circles, and pipes, devices and folders in the places of files.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use hdumec::{
    format,
    io::{self, LoadSpec},
    job::CancelToken,
};

/// What is said of a folder; whatever it is, it is said at once.
fn said(folder: &Path) -> Option<String> {
    let spec = LoadSpec {
        paths: vec![folder.to_owned()],
        ..LoadSpec::default()
    };
    let start = Instant::now();
    let loaded = io::load(&spec, &CancelToken::new());
    assert!(start.elapsed() < Duration::from_secs(20));
    loaded.err().map(|error| error.to_string())
}

fn table(folder: &Path, name: &str) {
    fs::write(folder.join(name), "id,a,b\ns1,1,2\ns2,2,1\ns3,0,4\n").unwrap();
}

/// Puts something at a path.
type Make = fn(&Path);

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn links_in_a_circle_end() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    symlink(folder.path(), at("itself")).unwrap();
    symlink(at("two"), at("one")).unwrap();
    symlink(at("one"), at("two")).unwrap();
    assert!(said(folder.path()).unwrap().contains("holds no file"));
    table(folder.path(), "modality_rna.csv");
    assert_eq!(said(folder.path()), None);
    symlink(at("modality_b.csv"), at("modality_a.csv")).unwrap();
    symlink(at("modality_a.csv"), at("modality_b.csv")).unwrap();
    assert!(said(folder.path()).unwrap().contains("Cannot read"));

    let cycle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/hdf5/cycle.h5ad");
    let format = format::recognise(&cycle).unwrap().unwrap();
    _ = format.inspect(&cycle, &CancelToken::new());
    said(&cycle);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let make: [(&str, Make); 4] = [
        ("pipe", pipe),
        ("device", |path| symlink("/dev/zero", path).unwrap()),
        ("nothing", |path| symlink("/dev/null", path).unwrap()),
        ("folder", |path| fs::create_dir(path).unwrap()),
    ];
    for (what, make) in make {
        // As a modality, as labels, as a part of what another program wrote.
        for name in ["modality_x.csv", "labels.csv", "truth_sample.csv"] {
            let folder = tempfile::tempdir().unwrap();
            table(folder.path(), "modality_rna.csv");
            make(&folder.path().join(name));
            let said = said(folder.path());
            assert!(
                said.is_some() || name == "truth_sample.csv",
                "{what} {name}"
            );
        }
        for name in ["matrix.mtx", "barcodes.tsv", "genes.tsv"] {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            let head = "%%MatrixMarket matrix coordinate integer general\n2 2 2\n";
            fs::write(at("matrix.mtx"), format!("{head}1 1 1\n2 2 1\n")).unwrap();
            fs::write(at("barcodes.tsv"), "A-1\nB-1\n").unwrap();
            fs::write(at("genes.tsv"), "E1\tCD4\nE2\tCD8A\n").unwrap();
            fs::remove_file(at(name)).unwrap();
            make(&at(name));
            assert!(said(folder.path()).is_some(), "{what} {name}");
        }
    }
}
