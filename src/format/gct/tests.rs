use std::fs;

use super::*;
use crate::{data::Column, format::recognise};

fn read_with(content: &str, memory: u64) -> Result<Contents, FormatError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Blood.v2.gct");
    fs::write(&path, content).unwrap();
    assert_eq!(recognise(&path)?.map(Format::name), Some("GCT"));
    Gct.inspect(&path, &CancelToken::new())?;
    let plan = ReadPlan {
        matrix: None,
        memory,
        ..ReadPlan::default()
    };
    Gct.read(&path, &plan, &CancelToken::new())
}

fn read(content: &str) -> Result<Contents, FormatError> {
    read_with(content, 1 << 20)
}

fn values(piece: &Piece) -> Vec<f32> {
    let mut out = vec![0.0; piece.matrix.samples() * piece.matrix.features()];
    piece
        .matrix
        .fill(0..piece.matrix.samples(), &mut out)
        .unwrap();
    out
}

const OLD: &str =
    "#1.2\n3\t2\nName\tDescription\ts1\ts2\nE1\tCD4\t1.5\t-2\nE2\tCD8A\t\t0\nE2\tTBCE\t3e2\t7\n";

#[test]
fn version_1_2_is_read() {
    let contents = read(OLD).unwrap();
    let piece = &contents.pieces[0];
    assert_eq!(piece.modality, "Blood.v2");
    let values = values(piece);
    assert_eq!(
        (values[0], values[2], &values[3..]),
        (1.5, 300.0, &[-2.0, 0.0, 7.0][..])
    );
    assert!(values[1].is_nan());
    assert_eq!(piece.features.names(), ["E1", "E2 (CD8A)", "E2 (TBCE)"]);
    assert_eq!(piece.samples.names(), ["s1", "s2"]);
    assert_eq!(
        piece.var.get("Description").unwrap().text(2).unwrap(),
        "TBCE"
    );
    assert_eq!(contents.notices.len(), 1);
}

#[test]
fn version_1_3_describes_samples_and_features() {
    let text = "#1.3\n2\t2\t2\t2\nid\tsymbol\tlength\ts1\ts2\nage\t-666\tna\t30\t-666\nsex\tna\tna\tf\tm\nE1\tCD4\t12\t1\t2\nE2\tCD8A\t-666\t3\tNA\n";
    let contents = read(text).unwrap();
    let piece = &contents.pieces[0];
    assert_eq!(values(piece)[..3], [1.0, 3.0, 2.0]);
    assert!(values(piece)[3].is_nan());
    assert_eq!(
        piece.obs.get("age"),
        Some(&Column::Integer(vec![Some(30), None]))
    );
    assert_eq!(piece.obs.get("sex").unwrap().text(1).unwrap(), "m");
    assert_eq!(
        piece.var.get("length"),
        Some(&Column::Integer(vec![Some(12), None]))
    );
    assert_eq!(piece.var.get("symbol").unwrap().text(1).unwrap(), "CD8A");
}

#[test]
fn what_does_not_fit_is_named_by_its_line() {
    let ends = |content: &str, expected: &str| {
        let error = read(content).unwrap_err().to_string();
        assert!(error.contains(expected), "'{error}' lacks '{expected}'");
    };
    ends(
        &OLD.replace("3e2", "x"),
        "line 6: 'x' of sample 's1' is no number",
    );
    ends(
        &OLD.replace("3e2", "1e99"),
        "line 6: '1e99' of sample 's1' is no number",
    );
    ends(
        &OLD.replace("\t7", ""),
        "line 6: has 1 values, not one for each of 2 samples",
    );
    ends(
        &OLD.replace("\n3\t2", "\n4\t2"),
        "the file ends after 3 of 4 features",
    );
    ends(
        &OLD.replace("\n3\t2", "\n2\t2"),
        "line 6: more than the 2 features",
    );
    ends(
        &OLD.replace("\n3\t2", "\n3\t4"),
        "line 3: has 4 columns, but the second line announces 6",
    );
    ends(
        &OLD.replace("\n3\t2", "\n3000\t20"),
        "line 2: 3000 features of 20 samples are more than the file can hold",
    );
    ends(
        &OLD.replace("\n3\t2", "\nx\t2"),
        "line 2: 'x 2' should be the numbers",
    );
    ends(
        &OLD.replace("\ts2", "\ts1"),
        "line 3: two samples are called 's1'",
    );
    ends("#1.3\n", "the file ends before its values");
    for sizes in ["4000000000\t4000000000", "18446744073709551615\t9"] {
        let large = read(&OLD.replace("3\t2\nName", &format!("{sizes}\nName")));
        assert!(matches!(large, Err(FormatError::TooLarge { .. })));
    }
    assert!(matches!(
        read_with(OLD, 300),
        Err(FormatError::TooLarge { .. })
    ));
}
