//! Workbooks of other programs, and what is no workbook.

use super::*;

/// Workbooks that openpyxl wrote, and one that LibreOffice could have: `tests/cases/workbooks`.
#[test]
fn workbooks_of_other_programs() {
    let case = |name: &str| root().join("tests/cases/workbooks").join(name);
    let spec = |name: &str| LoadSpec {
        paths: vec![case(name)],
        ..LoadSpec::default()
    };
    let loaded = load(&spec("tidy.xlsx"), &CancelToken::new()).unwrap();
    let text = fs::read_to_string(case("tidy.csv")).unwrap();
    let expected = one(&text).unwrap();
    assert_eq!(
        loaded.dataset.modalities[0].values,
        expected.dataset.modalities[0].values
    );
    assert_eq!(
        loaded.dataset.modalities[0].features,
        expected.dataset.modalities[0].features
    );
    assert_eq!(loaded.dataset.samples, expected.dataset.samples);
    let said = sentences(&loaded.report).join("\n");
    for part in [
        "its sheet \"expression\" was read",
        "was passed over",
        "cells hold errors of Excel",
        "such as C2: 2020-03-01",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn other_spreadsheets_are_refused_with_what_to_do() {
    let folder = Folder::new(&[]);
    let path = folder.path("modality_rna.xlsx");
    for (part, what) in [
        ("xl/workbook.bin", ".xlsb"),
        ("content.xml", ".ods"),
        ("Index/Document.iwa", "Numbers"),
    ] {
        let parts =
            ["mimetype", "[Content_Types].xml", part].map(|name| (name.to_owned(), String::new()));
        fs::write(&path, zipped(&parts)).unwrap();
        let error = folder.load().unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
        assert!(
            error
                .advice()
                .contains("Save it as an Excel workbook (.xlsx)")
        );
    }
}
