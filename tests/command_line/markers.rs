//! Markers of saved results.

use std::fs;

use super::{hdumec, quick, text};

#[test]
fn markers_of_saved_results_are_told_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (out, file) = (path("results"), path("markers.csv"));
    let ran = quick(&[
        "--demo",
        "--demo-samples",
        "300",
        "--recipe",
        "published",
        "--out",
        &out,
    ]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let told = hdumec(&[
        "markers",
        &out,
        "--of",
        "label",
        "--modality",
        "protein",
        "--top",
        "3",
        "--out",
        &file,
    ]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    let said = text(&told.stdout);
    let of_nk = said.split("  NK\n").nth(1).unwrap();
    assert!(
        of_nk.lines().take(3).all(|line| line.contains("AUROC")),
        "{said}"
    );
    assert!(
        said.contains("values as they were read") && !said.contains("rna"),
        "{said}"
    );
    // A row for every class and feature, those that a class has most of first.
    let table = fs::read_to_string(&file).unwrap();
    let mut lines = table.lines();
    let header = lines.next().unwrap();
    assert!(
        header.starts_with("group,modality,feature,auroc,auroc_least,auroc_most,"),
        "{header}"
    );
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 12 * 47);
    assert!(rows.iter().all(|row| row.len() == 15));
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    for class in rows.chunks(47) {
        assert!(
            class
                .windows(2)
                .all(|pair| number(pair[0][11]) >= number(pair[1][11]))
        );
        for row in class {
            let [auroc, least, most] = [3, 4, 5].map(|at| number(row[at]));
            assert!((least..=most).contains(&auroc), "{row:?}");
        }
        // Some feature tells every class from the others.
        assert!(number(class[0][3]) > 0.8, "{:?}", class[0]);
    }

    // A file that is there, a modality that is not, and a folder without results are refused.
    let again = hdumec(&["markers", &out, "--out", &file]);
    assert_eq!(again.status.code(), Some(6), "{}", text(&again.stderr));
    let wrong = hdumec(&["markers", &out, "--modality", "lipids"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
    assert!(
        text(&wrong.stderr).contains("atac, protein, rna")
            || text(&wrong.stderr).contains("protein")
    );
    let unknown = hdumec(&["markers", &out, "--of", "batch"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown.stderr));
    let said = text(&unknown.stderr);
    assert!(
        said.contains("no groups 'batch': choose from 'label', 'cluster'"),
        "{said}"
    );
    let none = hdumec(&["markers", &path("")]);
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
}

#[test]
fn counts_are_split_where_clusters_were_found_on_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (out, file) = (path("results"), path("markers.csv"));
    let data = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cases/b2-mtx-folders/antibody"
    );
    let ran = quick(&[
        data,
        "--clusters",
        "3",
        "--recipe",
        "published",
        "--out",
        &out,
    ]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let told = hdumec(&["markers", &out, "--split-counts", "--out", &file]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    let said = text(&told.stdout);
    assert!(
        said.contains("on half of the counts the clusters come back")
            && said.contains(", on the other half"),
        "{said}"
    );
    let table = fs::read_to_string(&file).unwrap();
    let header = table.lines().next().unwrap();
    assert!(
        header.ends_with(",rank,split_auroc,split_p,split_adjusted_p"),
        "{header}"
    );
    let columns = header.split(',').count();
    assert!(table.lines().all(|row| row.split(',').count() == columns));
    let again = hdumec(&["markers", &out, "--split-counts", "--out", &file, "--force"]);
    assert!(again.status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), table, "the same halves");
    // Classes were not found on the counts.
    let labels = hdumec(&["markers", &out, "--split-counts", "--of", "label"]);
    assert_eq!(labels.status.code(), Some(2));
    assert!(text(&labels.stderr).contains("leave out --of"));
}
