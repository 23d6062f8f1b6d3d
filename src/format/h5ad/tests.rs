use super::*;
use crate::{
    data::{Column, Matrix},
    format::{
        Contents, Severity,
        hdf5::tests::{assert_matrix, case, kinds, plan, read as read_by, says, shared, values},
    },
};

/// What all files of the case `b6-h5ad-encodings` hold: anndata says so.
const CELL_TYPES: [&str; 4] = ["type0", "type1", "type2", "type3"];

fn read(path: &Path, matrix: Option<&str>) -> Result<Contents, FormatError> {
    read_by(&H5ad, path, matrix)
}

fn category<'a>(contents: &'a Contents, name: &str) -> &'a crate::data::Category {
    match contents.pieces[0].obs.get(name) {
        Some(Column::Category(category)) => category,
        other => panic!("{name} is {other:?}"),
    }
}

/// Every encoding gives the same samples, features, values and cell types.
fn assert_encoding(path: &Path, names: [&str; 2]) -> Contents {
    let contents = read(path, None).unwrap();
    assert_eq!(contents.notices, [], "{}", path.display());
    let piece = &contents.pieces[0];
    assert_matrix(
        &piece.matrix,
        [120, 200],
        55_865.260_209_560_394,
        [6.026_405, 0.0],
        12_773,
    );
    assert!(matches!(piece.matrix, Matrix::Sparse(_)));
    assert_eq!(piece.source, "X");
    assert_eq!(
        [&piece.samples.names()[0], &piece.samples.names()[119]],
        names
    );
    assert_eq!(piece.features.names()[199], "ENSG00000000199");
    assert_eq!(
        piece.var.get("gene_symbols").unwrap().text(1).unwrap(),
        "GENE1"
    );
    let types = category(&contents, "cell_type");
    assert_eq!(types.names, CELL_TYPES);
    assert_eq!((types.codes[0], types.codes[119]), (None, Some(3)));
    assert_eq!(types.codes.iter().filter(|code| code.is_none()).count(), 5);
    contents
}

#[test]
fn encodings_of_all_versions_hold_the_same() {
    let barcodes = ["GTTTGACTCTACTGTG-1", "ACCATCACTCATCCGC-1"];
    let contents = assert_encoding(&case("new.h5ad"), barcodes);
    let expected = [
        ("n_counts", "whole number", 0),
        ("sample", "category", 0),
        ("leiden", "category", 0),
        ("cell_type", "category", 5),
    ];
    assert_eq!(kinds(&contents.pieces[0].obs), expected);
    assert_eq!(contents.pieces[0].modality, "new");
    let contents = assert_encoding(&case("strings.h5ad"), barcodes);
    let expected = [
        ("note", "text", 18),
        ("flag", "yes or no", 24),
        ("score", "whole number", 20),
    ];
    assert_eq!(kinds(&contents.pieces[0].obs)[4..], expected);
    assert_eq!(
        contents.pieces[0]
            .obs
            .get("score")
            .unwrap()
            .text(119)
            .unwrap(),
        "119"
    );
    let contents = assert_encoding(&case("old06.h5ad"), barcodes);
    let expected = [("n_counts", "number", 0), ("cell_type", "category", 5)];
    assert_eq!(kinds(&contents.pieces[0].obs), expected);
    assert_eq!(
        contents.pieces[0]
            .obs
            .get("n_counts")
            .unwrap()
            .text(2)
            .unwrap(),
        "163"
    );
    assert_encoding(&case("old07.h5ad"), barcodes);
    assert_encoding(&case("intindex.h5ad"), ["0", "119"]);
    // As they were before they were made small.
    for name in ["new", "strings", "old06", "old07"] {
        let Some(path) = shared(&format!("cases/b6-h5ad-encodings/{name}.h5ad")) else {
            return;
        };
        assert_encoding(&path, barcodes);
    }
}

#[test]
fn a_scaled_matrix_is_read_and_what_else_there_is_is_said() {
    let path = case("scaled.h5ad");
    let inspection = H5ad.inspect(&path, &CancelToken::new()).unwrap();
    let matrices = ["X", "layers/counts", "layers/log", "raw/X", "obsm/X_pca"];
    assert_eq!(inspection.modalities[0].matrices, matrices);
    assert_eq!(
        (
            inspection.modalities[0].samples,
            inspection.modalities[0].features
        ),
        (6, 4)
    );

    let contents = read(&path, None).unwrap();
    let piece = &contents.pieces[0];
    assert_eq!(piece.source, "X");
    assert_eq!(values(&piece.matrix)[1], -0.170_664_04);
    let words = "layers/counts (counts), layers/log (no negative values), raw/X (counts)";
    assert!(says(&contents, Severity::Warning, words));
    for (column, reason) in [
        (
            "obs/complex",
            "holds values of a type that is not read: records",
        ),
        ("obs/short", "has 5 values for 6 names"),
        ("obs/gone", "is not there"),
    ] {
        let notice = contents
            .notices
            .iter()
            .find(|notice| notice.object == column)
            .unwrap();
        assert!(notice.text.contains(reason), "{notice:?}");
    }
    let expected = [
        ("type", "category", 1),
        ("depth", "number", 1),
        ("batch", "whole number", 0),
        ("good", "yes or no", 0),
        ("note", "category", 1),
        ("score", "whole number", 1),
        ("day", "category", 0),
        ("X_pca_1", "number", 0),
        ("X_pca_2", "number", 0),
        ("X_pca_3", "number", 0),
    ];
    assert_eq!(kinds(&piece.obs), expected);
    let text = |name: &str, at| piece.obs.get(name).unwrap().text(at);
    assert_eq!(text("note", 2).unwrap(), "ü");
    assert_eq!(
        (
            text("batch", 1).unwrap(),
            text("good", 1).unwrap(),
            text("day", 5).unwrap()
        ),
        ("2".into(), "false".into(), "20".into())
    );
    assert_eq!(
        category(&contents, "type").colours,
        Some(vec![[255, 0, 0], [0, 255, 0]])
    );
    assert_eq!(category(&contents, "day").colours, None);
    // Features of one name are told apart by their ids.
    assert_eq!(
        piece.features.names(),
        ["CD4", "TBCE (E2)", "CD8A", "TBCE (E4)"]
    );
}

#[test]
fn the_matrix_that_is_asked_for_is_read() {
    let path = case("scaled.h5ad");
    let counts = [
        0., 1., 0., 2., 0., 0., 0., 0., 3., 0., 4., 5., 0., 0., 7., 0., 0., 0., 0., 0., 9., 8., 0.,
        0.,
    ];
    // Compressed by columns, of 64 bits.
    let contents = read(&path, Some("layers/counts")).unwrap();
    assert_eq!(values(&contents.pieces[0].matrix), counts);
    assert!(!says(&contents, Severity::Note, "also holds"));
    // Of 16 bits.
    let contents = read(&path, Some("layers/log")).unwrap();
    assert_matrix(
        &contents.pieces[0].matrix,
        [6, 4],
        13.160_156_25,
        [0.0, 0.0],
        8,
    );
    // Other features.
    let contents = read(&path, Some("raw/X")).unwrap();
    assert_eq!(
        contents.pieces[0].features.names(),
        ["a", "b", "c", "d", "e"]
    );
    assert_eq!(
        values(&contents.pieces[0].matrix)[10..15],
        [3., 0., 4., 5., 3.]
    );
    let contents = read(&path, Some("obsm/X_pca")).unwrap();
    assert_eq!(
        contents.pieces[0].features.names(),
        ["X_pca_1", "X_pca_2", "X_pca_3"]
    );
    assert_eq!(values(&contents.pieces[0].matrix)[17], -0.457_615_76);
    let error = read(&path, Some("layers/nothing")).unwrap_err();
    let FormatError::Choose { choices, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(choices.len(), 5);

    // The same coordinates describe the samples where another matrix is read.
    let coordinates = values(&contents.pieces[0].matrix);
    let usual = read(&path, None).unwrap();
    assert!(says(&usual, Severity::Note, "as columns, such as X_pca_1"));
    let third: Vec<f64> = coordinates.chunks(3).map(|row| row[2].into()).collect();
    assert_eq!(
        usual.pieces[0].obs.get("X_pca_3"),
        Some(&Column::Number(third))
    );
}

#[test]
fn without_x_the_only_layer_is_read_and_several_are_asked_for() {
    let contents = read(&case("one_layer.h5ad"), None).unwrap();
    assert_eq!(contents.pieces[0].source, "layers/counts");
    assert!(says(
        &contents,
        Severity::Note,
        "There is no X; layers/counts is read."
    ));
    for (name, expected) in [("two_layers.h5ad", 2), ("empty_x.h5ad", 1)] {
        let error = read(&case(name), None).unwrap_err();
        let FormatError::Choose { choices, .. } = error else {
            panic!("{error}")
        };
        assert_eq!(
            (choices.len(), choices[0].as_str()),
            (expected, "layers/counts")
        );
        read(&case(name), Some("layers/counts")).unwrap();
    }
}

#[test]
fn samples_of_one_name_are_told_apart_with_a_warning() {
    let contents = read(&case("repeated.h5ad"), None).unwrap();
    assert_eq!(
        contents.pieces[0].samples.names(),
        ["c0", "c1", "c0_2", "c3", "c4", "c0_3"]
    );
    assert!(says(
        &contents,
        Severity::Warning,
        "'c0' is number 1 and number 3"
    ));
    assert!(says(&contents, Severity::Warning, "obs_names_make_unique"));
}

#[test]
fn features_of_several_kinds_are_modalities() {
    let path = case("kinds.h5ad");
    let inspection = H5ad.inspect(&path, &CancelToken::new()).unwrap();
    let found: Vec<_> = inspection
        .modalities
        .iter()
        .map(|m| (m.name.as_str(), m.features))
        .collect();
    assert_eq!(found, [("rna", 2), ("protein", 2)]);
    let contents = read(&path, None).unwrap();
    let [rna, protein] = contents.pieces.as_slice() else {
        panic!()
    };
    assert_eq!(
        (rna.modality.as_str(), protein.modality.as_str()),
        ("rna", "protein")
    );
    // Each kind has one feature of the name, so nothing need be told apart.
    assert_eq!(protein.features.names(), ["CD8A", "TBCE"]);
    assert_eq!(
        values(&protein.matrix),
        [0., 2., 0., 0., 4., 5., 7., 0., 0., 0., 0., 0.]
    );
    assert_eq!(protein.var.get("gene_ids").unwrap().text(1).unwrap(), "E4");
}

#[test]
fn files_of_other_programs_hold_what_anndata_says() {
    let open = |name: &str, matrix: Option<&str>| {
        let path = shared(&format!("formats/{name}"))?;
        Some(read(&path, matrix).unwrap())
    };
    let first = |contents: &Contents| contents.pieces[0].clone();
    let Some(contents) = open("anndataR_example.h5ad", None) else {
        return;
    };
    let piece = first(&contents);
    assert_matrix(
        &piece.matrix,
        [50, 100],
        4_791.224_940_657_616,
        [1.346_926_6, 1.793_916],
        4_317,
    );
    let expected = [
        ("Float", "number", 0),
        ("FloatNA", "number", 1),
        ("Int", "whole number", 0),
        ("IntNA", "whole number", 1),
        ("Bool", "yes or no", 0),
        ("BoolNA", "yes or no", 1),
        ("n_genes_by_counts", "whole number", 0),
        ("log1p_n_genes_by_counts", "number", 0),
        ("total_counts", "number", 0),
        ("log1p_total_counts", "number", 0),
        ("leiden", "category", 0),
        ("X_umap_1", "number", 0),
        ("X_umap_2", "number", 0),
    ];
    assert_eq!(kinds(&piece.obs), expected);
    assert_eq!(piece.var.len(), 11);
    for (matrix, sum) in [
        ("counts", 9_805.0),
        ("csc_counts", 9_805.0),
        ("dense_X", 9_675.000_015_795_23),
        ("dense_counts", 9_805.0),
    ] {
        let name = format!("layers/{matrix}");
        let layer = first(&open("anndataR_example.h5ad", Some(&name)).unwrap());
        let ends = if matrix == "dense_X" {
            [2.845_588_2, 5.012_953_3]
        } else {
            [3.0, 5.0]
        };
        assert_matrix(&layer.matrix, [50, 100], sum, ends, 4_317);
    }

    let contents = open("anndata_0.7.8.h5ad", None).unwrap();
    let piece = first(&contents);
    assert_matrix(&piece.matrix, [30, 20], 302.0, [1.0, 0.0], 239);
    assert_eq!(piece.obs.get("obs_cat").unwrap().text(29).unwrap(), "F");
    assert_eq!(piece.obs.get("int64").unwrap().text(0).unwrap(), "-16");
    assert_eq!(category(&contents, "cat_ordered").names[..2], ["C", "F"]);
    let raw = first(&open("anndata_0.7.8.h5ad", Some("raw/X")).unwrap());
    assert_matrix(&raw.matrix, [30, 40], 568.0, [0.0, 0.0], 453);
    let layer = first(&open("anndata_0.7.8.h5ad", Some("layers/array")).unwrap());
    assert_matrix(
        &layer.matrix,
        [30, 20],
        293.435_472_163_837_4,
        [0.507_845_1, 0.757_043_9],
        600,
    );
    let obsm = first(&open("anndata_0.7.8.h5ad", Some("obsm/sparse")).unwrap());
    assert_matrix(
        &obsm.matrix,
        [30, 100],
        14.449_397_396_179_847,
        [0.0, 0.0],
        30,
    );

    for matrix in [None, Some("layers/dense"), Some("layers/transpose")] {
        let piece = first(&open("bpcells_mini_mat.anndata-v0.6.22.h5ad", matrix).unwrap());
        assert_matrix(&piece.matrix, [3, 5], 15.0, [1.0, 2.0], 8);
        assert_eq!(piece.samples.names(), ["0", "1", "2"]);
        let piece = first(&open("bpcells_mini_mat_int_64.anndata-v0.12.6.h5ad", matrix).unwrap());
        assert_matrix(&piece.matrix, [5, 6], 1_498.0, [45.0, 68.0], 30);
    }
    let piece = first(&open("soma_multiome_subset.h5ad", None).unwrap());
    assert_matrix(&piece.matrix, [100, 100], 14.0, [0.0, 0.0], 13);
    assert_eq!(
        (piece.modality.as_str(), piece.features.names()[99].as_str()),
        ("rna", "SKI")
    );
    let piece = first(&open("zellkonverter_krumsiek11_aug.h5ad", None).unwrap());
    assert_matrix(
        &piece.matrix,
        [640, 11],
        2_016.520_801_273_122_7,
        [0.803_2, 0.917_7],
        7_018,
    );
    assert_eq!(piece.samples.names()[639], "159-3");
    assert_eq!(piece.obs.get("dummy_bool2").unwrap().missing(), 1);

    let empty = shared("formats/anndata_0.11.4.h5ad").unwrap();
    let error = H5ad
        .read(&empty, &plan(None), &CancelToken::new())
        .unwrap_err();
    assert!(
        matches!(&error, FormatError::Unsupported { what, .. } if what == "holds no matrix"),
        "{error}"
    );
}
