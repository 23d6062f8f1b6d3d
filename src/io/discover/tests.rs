//! What is found in folders.

use super::*;

fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::write(folder.path().join(name), "id,a\n").unwrap();
    }
    folder
}

fn names(found: &FoundFiles) -> Vec<&str> {
    found.modalities.iter().map(|m| m.name.as_str()).collect()
}

#[test]
fn a_folder_gives_its_modalities_in_order_of_names() {
    let dir = folder(&[
        "modality_rna.CSV",
        "Modality_protein.tsv.gz",
        "modality_atac.txt",
        "batch.csv",
        "labels.tsv",
        "._modality_rna.csv",
        "truth_sample.csv",
    ]);
    let found = discover(&[dir.path().to_owned()]).unwrap();
    assert_eq!(names(&found), ["protein", "atac", "rna"]);
    assert_eq!(found.labels_found, Some(dir.path().join("labels.tsv")));
    assert_eq!(
        found.truth_sample,
        Some(dir.path().join("truth_sample.csv"))
    );
    assert_eq!(found.truth_feature, None);
    assert_eq!(Some(found.name), folder_name(dir.path()));
}

#[test]
fn packed_tables_and_workbooks_are_tables() {
    let dir = folder(&[
        "modality_a.csv.zst",
        "modality_b.tsv.BZ2",
        "modality_c.txt.xz",
        "modality_d.csv.zip",
        "modality_e.XLSX",
        "modality_f.pdf",
        "labels.xlsx",
    ]);
    let found = discover(&[dir.path().to_owned()]).unwrap();
    assert_eq!(names(&found), ["a", "b", "c", "d", "e"]);
    assert_eq!(found.labels_found, Some(dir.path().join("labels.xlsx")));
    let dir = folder(&["GSE1.csv.zst", "labels.tsv.bz2"]);
    let given = ["GSE1.csv.zst", "labels.tsv.bz2"].map(|name| dir.path().join(name));
    let found = discover(&given).unwrap();
    assert_eq!(
        (names(&found), found.labels_given.clone()),
        (vec!["GSE1"], Some(given[1].clone()))
    );
}

#[test]
fn files_stand_for_themselves_in_any_order() {
    let dir = folder(&["b.csv", "a.tab", "labels.csv"]);
    let path = |n: &str| dir.path().join(n);
    let found = discover(&[
        path("labels.csv"),
        path("b.csv"),
        path("a.tab"),
        path("b.csv"),
    ])
    .unwrap();
    assert_eq!(names(&found), ["a", "b"]);
    assert_eq!(found.labels_given, Some(path("labels.csv")));
    let only = discover(&[path("labels.csv")]).unwrap_err();
    assert!(
        only.to_string().contains("labels.csv holds labels"),
        "{only}"
    );
}

#[cfg(unix)]
#[test]
fn what_is_called_a_modality_but_is_no_file_is_told() {
    use std::os::unix::fs::symlink;
    type Make<'a> = &'a dyn Fn(&Path);
    let cases: [(&str, Make<'_>); 4] = [
        ("Cannot read", &|path| symlink("nowhere", path).unwrap()),
        // A loop.
        ("Cannot read", &|path| symlink(path, path).unwrap()),
        ("a folder, not a file", &|path| {
            fs::create_dir(path).unwrap()
        }),
        ("a pipe or a device", &|path| {
            symlink("/dev/null", path).unwrap();
        }),
    ];
    for (expected, make) in cases {
        let dir = folder(&["modality_rna.csv"]);
        let path = dir.path().join("modality_adt.csv");
        make(&path);
        let error = discover(&[dir.path().to_owned()]).unwrap_err();
        let said = error.to_string();
        assert!(said.contains(expected), "{said}");
        assert!(said.contains("modality_adt.csv"), "{said}");
        assert!(!error.advice().is_empty());
        // Hidden ones are nobody's data.
        fs::rename(&path, dir.path().join("._modality_adt.csv")).unwrap();
        assert!(discover(&[dir.path().to_owned()]).is_ok());
    }
    let pipe = Path::new("/dev/null").to_owned();
    assert!(matches!(discover(&[pipe]), Err(LoadError::NotAFile { .. })));
}

#[cfg(unix)]
#[test]
fn a_link_of_another_name_is_another_modality() {
    let dir = folder(&["modality_rna.csv"]);
    let link = dir.path().join("modality_copy.csv");
    std::os::unix::fs::symlink("modality_rna.csv", link).unwrap();
    let found = discover(&[dir.path().to_owned(), dir.path().join("modality_rna.csv")]);
    assert_eq!(names(&found.unwrap()), ["copy", "rna"]);
}

#[test]
fn what_cannot_be_found_is_explained() {
    let dir = folder(&["modality_rna.csv", "modality_rna.tsv"]);
    let error = discover(&[dir.path().to_owned()]).unwrap_err().to_string();
    assert!(
        error.contains("modality_rna.csv") && error.contains("modality \"rna\""),
        "{error}"
    );
    let dir = folder(&["counts.csv", "tpm.csv"]);
    let error = discover(&[dir.path().to_owned()]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("Tables it holds: counts.csv, tpm.csv."),
        "{error}"
    );
    assert!(error.advice().contains("rename them"), "{}", error.advice());
    let error = discover(&[dir.path().join("no.csv")]).unwrap_err();
    assert!(error.to_string().contains("Cannot read"), "{error}");
    assert!(matches!(discover(&[]), Err(LoadError::NothingGiven)));
}

#[test]
fn the_only_table_of_a_folder_is_taken_whatever_its_name() {
    let dir = folder(&["counts.csv", "labels.csv", "README.txt"]);
    let found = discover(&[dir.path().to_owned()]).unwrap();
    assert_eq!(names(&found), ["counts"]);
    assert_eq!(found.labels_found, Some(dir.path().join("labels.csv")));
    assert!(check_size(&[dir.path().to_owned()]).is_ok());
    // Of a file that is nothing but a hole, too.
    let hole = fs::File::create(dir.path().join("large.h5ad")).unwrap();
    hole.set_len(LARGE).unwrap();
    let error = check_size(&[dir.path().to_owned()]).unwrap_err();
    assert!(matches!(error, LoadError::Large { bytes, .. } if bytes >= LARGE));
    fs::remove_file(dir.path().join("large.h5ad")).unwrap();
    for several in [&["counts.csv", "tpm.csv"][..], &["labels.csv"], &[]] {
        let dir = folder(several);
        let error = discover(&[dir.path().to_owned()]).unwrap_err();
        assert!(
            matches!(error, LoadError::NoModalityFiles { .. }),
            "{error}"
        );
    }
}
