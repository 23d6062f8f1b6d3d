mod refusals;

use std::fs;

use super::*;
use crate::format::{Severity, recognise};

/// A folder with files.
struct Place(tempfile::TempDir);

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            place.write(name, content.as_bytes());
        }
        place
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.0.path().join(name), content).unwrap();
    }

    fn read_with(&self, name: &str, plan: &ReadPlan) -> Result<Contents, FormatError> {
        let path = self.0.path().join(name);
        assert_eq!(recognise(&path)?.map(Format::name), Some("Matrix Market"));
        MatrixMarket.read(&path, plan, &CancelToken::new())
    }

    fn read(&self, name: &str) -> Result<Contents, FormatError> {
        self.read_with(name, &plan(1 << 24))
    }
}

fn plan(memory: u64) -> ReadPlan {
    ReadPlan {
        matrix: None,
        memory,
        ..ReadPlan::default()
    }
}

/// All values of the only piece, sample by sample.
fn values(contents: &Contents) -> Vec<f32> {
    let [piece] = &contents.pieces[..] else {
        panic!("{} pieces", contents.pieces.len());
    };
    let mut out = vec![f32::NAN; piece.matrix.samples() * piece.matrix.features()];
    piece
        .matrix
        .fill(0..piece.matrix.samples(), &mut out)
        .unwrap();
    out
}

/// Three features and two samples, and a matrix of this text.
fn three_by_two(matrix: &str) -> Place {
    Place::new(&[
        ("m.mtx", matrix),
        ("genes.txt", "A\nB\nC\n"),
        ("cells.txt", "s\nt\n"),
    ])
}

/// What is said of a matrix of three features and two samples.
fn error(matrix: &str) -> String {
    three_by_two(matrix).read("m.mtx").unwrap_err().to_string()
}

const REAL: &str = "%%MatrixMarket matrix coordinate real general\n";

#[test]
fn either_side_may_be_the_samples() {
    let rows =
        "%%MatrixMarket MATRIX Coordinate Real General\n% a\n\n3 2 3\n1 1 1.5\n3 1 -2e1\n2 2 nan\n";
    let columns =
        "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 1.5\n2 2 NaN\n1 3 -20\n";
    for matrix in [rows, columns] {
        let contents = three_by_two(matrix).read("m.mtx").unwrap();
        let values = values(&contents);
        assert_eq!(values[..4], [1.5, 0.0, -20.0, 0.0]);
        assert!(values[4].is_nan() && values[5] == 0.0);
        let piece = &contents.pieces[0];
        assert_eq!(piece.modality, "rna");
        assert_eq!(piece.samples.names(), ["s", "t"]);
        assert_eq!(piece.features.names(), ["A", "B", "C"]);
        assert_eq!(contents.files.len(), 3);
    }
}

#[test]
fn every_kind_of_matrix_is_read() {
    let kind = |first: &str, rest: &str| {
        let place = Place::new(&[
            (
                "cells_x_genes.mtx",
                &format!("%%MatrixMarket matrix {first}\n{rest}"),
            ),
            ("cells_x_genes.genes.txt", "A\nB\nC"),
            ("cells_x_genes.barcodes.txt", "s\nt\nu"),
        ]);
        values(&place.read("cells_x_genes.mtx").unwrap())
    };
    let general = kind("coordinate integer general", "3 3 2\r\n3 1 7\r\n1 2 5\r\n");
    assert_eq!(general, [0., 5., 0., 0., 0., 0., 7., 0., 0.]);
    let pattern = kind("coordinate pattern general", "3 3 2\n3 1\n1 2");
    assert_eq!(pattern, [0., 1., 0., 0., 0., 0., 1., 0., 0.]);
    let symmetric = kind("coordinate real symmetric", "3 3 3\n1 1 4\n2 1 5\n3 2 6\n");
    assert_eq!(symmetric, [4., 5., 0., 5., 0., 6., 0., 6., 0.]);
    let skew = kind("coordinate real skew-symmetric", "3 3 2\n2 1 5\n3 2 6\n");
    assert_eq!(skew, [0., -5., 0., 5., 0., -6., 0., 6., 0.]);
    let array = kind("array real general", "3 3\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    assert_eq!(array, [1., 4., 7., 2., 5., 8., 3., 6., 9.]);
    let array = kind("array integer symmetric", "3 3\n1\n2\n3\n4\n5\n6\n");
    assert_eq!(array, [1., 2., 3., 2., 4., 5., 3., 5., 6.]);
    let array = kind("array real skew-symmetric", "3 3\n1\n2\n3\n");
    assert_eq!(array, [0., -1., -2., 1., 0., -3., 2., 3., 0.]);
}

#[test]
fn a_square_matrix_is_asked_about_unless_names_tell() {
    let matrix = format!("{REAL}2 2 1\n1 2 3\n");
    let files = |matrix_name, features, samples| {
        Place::new(&[
            (matrix_name, matrix.as_str()),
            (features, "A\nB\n"),
            (samples, "s\nt\n"),
        ])
    };
    let place = files("counts.mtx", "genes.txt", "cells.txt");
    let Err(FormatError::Choose {
        question, choices, ..
    }) = place.read("counts.mtx")
    else {
        panic!("not asked");
    };
    assert!(
        question.contains("as many rows as columns (2)"),
        "{question}"
    );
    assert_eq!(choices, ["features x samples", "samples x features"]);
    let path = place.0.path().join("counts.mtx");
    let found = MatrixMarket.inspect(&path, &CancelToken::new()).unwrap();
    assert_eq!(found.modalities[0].matrices, choices);
    let expected = [[0., 0., 3., 0.], [0., 3., 0., 0.]];
    for (choice, expected) in choices.into_iter().zip(expected) {
        let mut plan = plan(1 << 20);
        plan.matrix = Some(choice);
        let contents = place.read_with("counts.mtx", &plan).unwrap();
        assert_eq!(values(&contents), expected);
    }
    let mut other = plan(1 << 20);
    other.matrix = Some("X".into());
    let refused = place.read_with("counts.mtx", &other).unwrap_err();
    assert!(
        refused.to_string().contains("there is no 'X' to choose"),
        "{refused}"
    );
    let tenx = files("matrix.mtx", "genes.tsv", "barcodes.tsv");
    assert_eq!(values(&tenx.read("matrix.mtx").unwrap()), expected[0]);
    let kallisto = files(
        "cells_x_genes.mtx",
        "cells_x_genes.genes.txt",
        "cells_x_genes.barcodes.txt",
    );
    assert_eq!(
        values(&kallisto.read("cells_x_genes.mtx").unwrap()),
        expected[1]
    );
}

#[test]
fn names_that_do_not_fit_are_refused_with_both_numbers() {
    let error = error(&format!("{REAL}4 2 0\n"));
    let expected =
        "line 2: the matrix is 4 x 2, but 'genes.txt' names 3 features and 'cells.txt' 2 samples";
    assert!(error.ends_with(expected), "{error}");
    let matrix = format!("{REAL}3 2 0\n");
    let twice = Place::new(&[
        ("m.mtx", &matrix),
        ("genes.txt", "A\nB\nA"),
        ("cells.txt", "s\ns\n"),
    ]);
    let error = twice.read("m.mtx").unwrap_err().to_string();
    assert!(
        error.ends_with("line 2: 's' stands on line 1 as well"),
        "{error}"
    );
    let alone = Place::new(&[("m.mtx", &matrix), ("genes.txt", "A\nB\nC")]);
    let error = alone.read("m.mtx").unwrap_err().to_string();
    assert!(
        error.contains("no file beside it that names the samples"),
        "{error}"
    );
    let both = Place::new(&[
        ("m.mtx", &matrix),
        ("m.genes.tsv", "A\nB\nC"),
        ("m.features.tsv", "A\nB\nC"),
        ("m.cells.tsv", "s\nt"),
    ]);
    let error = both.read("m.mtx").unwrap_err().to_string();
    assert!(
        error.contains("and 'm.genes.tsv' are for the same thing"),
        "{error}"
    );
}

#[test]
fn large_counts_are_told_and_work_is_cancelled() {
    let matrix =
        "%%MatrixMarket matrix coordinate integer general\n3 2 2\n1 1 16777217\n2 2 16777218\n";
    let place = three_by_two(matrix);
    let contents = place.read("m.mtx").unwrap();
    let [notice] = &contents.notices[..] else {
        panic!("{:?}", contents.notices);
    };
    assert_eq!(notice.severity, Severity::Warning);
    assert!(
        notice.text.starts_with("1 whole numbers above"),
        "{}",
        notice.text
    );
    let cancel = CancelToken::new();
    cancel.cancel();
    let path = place.0.path().join("m.mtx");
    let cancelled = MatrixMarket.read(&path, &plan(1 << 20), &cancel);
    assert!(matches!(cancelled, Err(FormatError::Cancelled(_))));
}

#[test]
fn features_tell_their_modality_ids_and_places() {
    let matrix = format!("{REAL}4 2 4\n1 1 1\n2 1 2\n3 1 3\n4 2 4\n");
    let read = |name: &str, features: &str| {
        let place = Place::new(&[
            ("m.mtx", matrix.as_str()),
            (name, features),
            ("barcodes.csv", "barcode,depth\ns,7\nt,9\n"),
        ]);
        place.read("m.mtx").unwrap()
    };
    let contents = read(
        "peaks.bed",
        "chr1\t1\t20\nchr1\t30\t40\nchrX\t5\t6\nKI270728.1\t7\t9\n",
    );
    let piece = &contents.pieces[0];
    assert_eq!(piece.modality, "atac");
    assert_eq!(piece.features.names()[3], "KI270728.1:7-9");
    assert_eq!(piece.var.get("start").unwrap().text(1).unwrap(), "30");
    assert_eq!(piece.obs.get("depth").unwrap().text(1).unwrap(), "9");
    assert_eq!(piece.samples.names(), ["s", "t"]);
    let types = "E1\tCD4\tGene Expression\nE2\tCD4\tAntibody Capture\nE3\tTBCE\tGene Expression\nE4\tTBCE\tGene Expression\n";
    let contents = read("features.tsv", types);
    let names = |at: usize| contents.pieces[at].features.names().to_vec();
    assert_eq!(contents.pieces.len(), 2);
    assert_eq!(names(0), ["CD4", "TBCE (E3)", "TBCE (E4)"]);
    assert_eq!(
        (contents.pieces[1].modality.as_str(), names(1)),
        ("protein", vec!["CD4".into()])
    );
    assert_eq!(contents.pieces[0].matrix.column(2).unwrap(), [0.0, 4.0]);
    assert_eq!(contents.pieces[1].matrix.column(0).unwrap(), [2.0, 0.0]);
    assert_eq!(
        contents.pieces[1].var.get("id").unwrap().text(0).unwrap(),
        "E2"
    );
    assert!(
        contents.notices[0]
            .text
            .starts_with("rna: names that stand twice")
    );
    let headed = "gene_name\tgene_id\nA\tE1\nB\tE2\nC\tE3\nD\tE4\n";
    let contents = read("genes.tsv", headed);
    assert_eq!(contents.pieces[0].features.names(), ["A", "B", "C", "D"]);
    assert_eq!(
        contents.pieces[0].var.get("id").unwrap().text(3).unwrap(),
        "E4"
    );
}
