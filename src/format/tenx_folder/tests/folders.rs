//! Folders with several matrices.

use super::*;

#[test]
fn samples_with_other_features_keep_what_they_have_in_common() {
    let place = Place::new();
    place.set("one_", &["E1", "E2", "E3", "E4"]);
    place.set("two_", &["E4", "E9", "E2"]);
    let contents = read(place.path());
    let piece = &contents.pieces[0];
    assert_eq!(piece.features.names(), ["name of E2", "name of E4"]);
    assert_eq!(row(piece, 2), [203.0, 403.0]);
    assert_eq!(row(piece, 4), [302.0, 102.0], "by id, not by place");
    let text = &contents.notices.last().unwrap().text;
    assert!(
        text.contains("4 in 'one', 3 in 'two'): the 2 that all have are kept, matched by id"),
        "{text}"
    );
    place.set("three_", &["X"]);
    let error = read_with(place.path(), &plan()).unwrap_err().to_string();
    assert!(
        error.contains("only 0 features of rna in common by id (4 in 'one', 1 in 'three'"),
        "{error}"
    );
}

#[test]
fn the_filtered_matrix_is_taken_before_the_raw_one() {
    let place = Place::new();
    place.set("run/outs/raw_feature_bc_matrix/", &["R1", "R2"]);
    let raw = read(&place.path().join("run/outs"));
    assert_eq!(raw.pieces[0].matrix.features(), 2);
    place.set("run/outs/filtered_feature_bc_matrix/", &["F1"]);
    for folder in ["run", "run/outs"] {
        let contents = read(&place.path().join(folder));
        assert_eq!(contents.pieces[0].features.names(), ["name of F1"]);
        assert_eq!(contents.pieces[0].samples.names(), ["A-1", "B-1", "C-1"]);
        let [notice] = &contents.notices[..] else {
            panic!("{:?}", contents.notices);
        };
        let expected = "the filtered matrix 'filtered_feature_bc_matrix' is read, not the raw one";
        assert!(notice.text.starts_with(expected), "{}", notice.text);
        assert_eq!(notice.severity, Severity::Note);
    }
    // A folder for every sample.
    place.set("two/outs/filtered_feature_bc_matrix/", &["F1", "F2"]);
    let contents = read(place.path());
    assert_eq!(contents.pieces[0].samples.names()[3], "two:A-1");
    assert_eq!(contents.pieces[0].features.names(), ["name of F1"]);
}

#[test]
fn several_genomes_are_asked_about() {
    let place = Place::new();
    place.set("outs/filtered_gene_bc_matrices/hg19/", &["H1", "H2"]);
    place.set("outs/filtered_gene_bc_matrices/mm10/", &["M1"]);
    let Err(FormatError::Choose { choices, .. }) = read_with(place.path(), &plan()) else {
        panic!("not asked");
    };
    assert_eq!(choices, ["hg19", "mm10"]);
    let mut plan = plan();
    plan.matrix = Some("mm10".into());
    let contents = read_with(place.path(), &plan).unwrap();
    assert_eq!(contents.pieces[0].features.names(), ["name of M1"]);
    let found = TenxFolder
        .inspect(place.path(), &CancelToken::new())
        .unwrap();
    assert_eq!(found.modalities[0].matrices, choices);
    plan.matrix = Some("hg38".into());
    assert!(matches!(
        read_with(place.path(), &plan),
        Err(FormatError::Choose { .. })
    ));
}

#[test]
fn a_raw_matrix_is_warned_of() {
    let place = Place::new();
    let barcodes: String = (0..3000).map(|at| format!("{at:05}-1\n")).collect();
    place.write("barcodes.tsv", &barcodes);
    place.write("genes.tsv", "E1\tA\nE2\tB\n");
    // Every thirtieth barcode is a cell.
    let entries: String = (1..=3000)
        .map(|at| {
            format!(
                "{} {at} {}\n",
                at % 2 + 1,
                if at % 30 == 0 {
                    900 + at % 400
                } else {
                    at % 8 + 1
                }
            )
        })
        .collect();
    let header = "%%MatrixMarket matrix coordinate integer general\n2 3000 3000\n";
    place.write("matrix.mtx", &format!("{header}{entries}"));
    let contents = read(place.path());
    let [notice] = &contents.notices[..] else {
        panic!("{:?}", contents.notices);
    };
    assert_eq!(notice.severity, Severity::Warning);
    assert!(
        notice
            .text
            .contains("2,900 of 3,000 barcodes look like empty droplets"),
        "{}",
        notice.text
    );
}
