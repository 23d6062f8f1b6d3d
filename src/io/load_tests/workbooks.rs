//! Excel workbooks: a sheet is a table like any other.

mod other_programs;

use super::*;
use crate::io::workbook::fixture::{Rows, parts, workbook, write, zipped};

/// Loads a table as a workbook, alone in its folder.
fn sheet(rows: Rows<'_>) -> Result<Loaded, LoadError> {
    let folder = Folder::new(&[]);
    write(&folder.path("modality_rna.xlsx"), rows);
    folder.load()
}

fn asked(error: LoadError) -> Question {
    match error {
        LoadError::Ask(question) => *question,
        error => panic!("{error}"),
    }
}

#[test]
fn a_sheet_is_read_as_the_same_table_of_text() {
    let same = |rows: Rows<'_>, text: &str| {
        let (of_sheet, of_text) = (sheet(rows).unwrap(), one(text).unwrap());
        assert_eq!(
            of_sheet.dataset.modalities, of_text.dataset.modalities,
            "{text}"
        );
        assert_eq!(of_sheet.dataset.samples, of_text.dataset.samples, "{text}");
        of_sheet
    };
    let plain = "sample,a,b\ns1,1.5,2\ns2,3,4.25\n";
    same(
        &[
            &["sample", "a", "b"],
            &["s1", "1.5", "2"],
            &["s2", "3", "4.25"],
        ],
        plain,
    );
    // Numbers that were typed as text, with decimal commas.
    same(
        &[
            &["sample", "a", "b"],
            &["s1", "'1,5", "2"],
            &["s2", "3", "'4,25"],
        ],
        plain,
    );
    // Titles, empty rows and columns, and one more cell that is empty.
    let loaded = same(
        &[
            &["", "", "Table S1"],
            &[],
            &["", "", "sample", "a", "b", "' "],
            &["", "", "s1", "1.5", "2"],
            &[],
            &["", "", "s2", "3", "4.25"],
        ],
        plain,
    );
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("1 line above the header was passed over"),
        "{said}"
    );
    // A column between that is empty, errors, and an unnamed corner.
    let loaded = same(
        &[
            &["", "a", "", "b", "c"],
            &["s1", "1", "", "!#N/A", "2.5e-3"],
            &["s2", "2", "", "4", "!#REF!"],
            &["s3", "4", "", "6", "1e21"],
        ],
        ",a,,b,c\ns1,1,,,2.5e-3\ns2,2,,4,\ns3,4,,6,1e21\n",
    );
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("2 cells hold errors of Excel (such as D2: #N/A), read as missing"),
        "{said}"
    );
    // Features in rows.
    same(
        &[
            &["gene", "TCGA-AA-0001-01", "TCGA-AA-0002-01"],
            &["TP53", "1", "2.5"],
            &["BRCA1", "3", "4"],
            &["EGFR", "5", "1"],
        ],
        "gene,TCGA-AA-0001-01,TCGA-AA-0002-01\nTP53,1,2.5\nBRCA1,3,4\nEGFR,5,1\n",
    );
    // A number has one reading, which its text had not.
    let loaded = sheet(&[&["sample", "a"], &["s1", "1.046"], &["s2", "12"]]).unwrap();
    assert_eq!(
        loaded.dataset.modalities[0].values,
        array![[1.046], [12.0]].into()
    );
    // A feature may be called by a number as it is.
    let loaded = sheet(&[
        &["sample", "100.125", "200.25"],
        &["s1", "1", "5"],
        &["s2", "12", "3"],
    ])
    .unwrap();
    assert_eq!(
        loaded.dataset.modalities[0].features.names(),
        ["100.125", "200.25"]
    );
}

#[test]
fn errors_name_the_cell_or_the_row() {
    let fails = |rows: Rows<'_>, part: &str| {
        let said = sheet(rows).unwrap_err().to_string();
        assert!(
            said.contains("modality_rna.xlsx") && said.contains(part),
            "{said}"
        );
    };
    fails(
        &[
            &["title"],
            &[],
            &["", "sample", "a", "b"],
            &["", "s1", "1", "2"],
            &["", "s2", "high", "3"],
            &["", "s3", "4", "3"],
        ],
        "cell C5 (feature a): \"high\" is not a number",
    );
    fails(
        &[&["sample", "a"], &["s1", "1"], &["", "2"]],
        "row 3: the first column",
    );
    fails(
        &[&["sample", "a"], &["s1", "1"], &["s1", "2"]],
        "is on row 2 and again on row 3",
    );
    fails(&[], "is empty");
    fails(&[&["sample", "a"]], "no samples below");
}

#[test]
fn what_excel_made_of_genes_is_told() {
    let rows: Rows<'_> = &[
        &["gene", "TCGA-AA-0001-01", "TCGA-AA-0002-01"],
        &["TP53", "1", "2.5"],
        &["@43891", "3", "4"],
        &["BRCA1", "3", "4.5"],
        &["@44075", "5", "1"],
    ];
    let loaded = sheet(rows).unwrap();
    let features = &loaded.dataset.modalities[0].features;
    assert_eq!(
        features.names(),
        ["TP53", "2020-03-01", "BRCA1", "2020-09-01"]
    );
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("2 cells hold dates where names are expected (such as A3: 2020-03-01)"),
        "{said}"
    );
    assert!(loaded.report.notices.iter().any(LoadNotice::is_repair));
    let header: Rows<'_> = &[
        &["sample", "@43891", "CD4"],
        &["s1", "1", "2"],
        &["s2", "2", "3"],
    ];
    let loaded = sheet(header).unwrap();
    assert_eq!(
        loaded.dataset.modalities[0].features.names(),
        ["2020-03-01", "CD4"]
    );
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("1 cell holds a date where names are expected (such as B1"),
        "{said}"
    );
    // Among values a date is no number.
    let error = sheet(&[
        &["sample", "a"],
        &["s1", "1"],
        &["s2", "@43891"],
        &["s3", "4"],
    ])
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cell B3 (feature a): \"2020-03-01\""),
        "{error}"
    );
    // A column of dates is what it is.
    let dated: Rows<'_> = &[
        &["sample", "taken", "a"],
        &["s1", "@43891", "1"],
        &["s2", "@43892", "2"],
    ];
    let said = sentences(&sheet(dated).unwrap().report).join("\n");
    assert!(
        said.contains("set aside: taken") && !said.contains("hold dates"),
        "{said}"
    );
}

#[test]
fn formulas_without_values_are_told() {
    let loaded = sheet(&[
        &["sample", "a", "b"],
        &["s1", "1", "="],
        &["s2", "2", "3"],
        &["s3", "2", "4"],
    ])
    .unwrap();
    let said = sentences(&loaded.report).join("\n");
    // An empty value is a value; one that is not there is none.
    assert!(!said.contains("formula"), "{said}");
    let mut parts = parts(&[(
        "a",
        &[
            &["sample", "a", "b"],
            &["s1", "1", "="],
            &["s2", "2", "3"],
            &["s3", "2", "4"],
        ],
    )]);
    for (_, part) in &mut parts {
        *part = part.replace("<v/>", "");
    }
    let folder = Folder::new(&[]);
    fs::write(folder.path("modality_rna.xlsx"), zipped(&parts)).unwrap();
    let said = sentences(&folder.load().unwrap().report).join("\n");
    assert!(
        said.contains("1 cell holds a formula without a value (such as C2)"),
        "{said}"
    );
}

const NUMBERS: Rows<'static> = &[
    &["sample", "a", "b"],
    &["s1", "1", "2"],
    &["s2", "3", "1"],
    &["s3", "3", "4"],
];
const NOTES: Rows<'static> = &[&["who", "when"], &["Ada", "1843"], &["made by", "Ada"]];

#[test]
fn one_sheet_with_a_table_is_taken_and_several_are_asked_about() {
    let folder = Folder::new(&[]);
    let path = folder.path("modality_rna.xlsx");
    fs::write(
        &path,
        workbook(&[("read me", NOTES), ("none", &[]), ("rna", NUMBERS)]),
    )
    .unwrap();
    let loaded = folder.load().unwrap();
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("its sheet \"rna\" was read (also there: read me)"),
        "{said}"
    );
    fs::write(
        &path,
        workbook(&[("first", NUMBERS), ("second", NUMBERS), ("read me", NOTES)]),
    )
    .unwrap();
    let question = asked(folder.load().unwrap_err());
    assert!(
        question.text.contains("several sheets"),
        "{}",
        question.text
    );
    let texts: Vec<&str> = question.answers.iter().map(|a| a.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "Sheet \"first\" (4 rows, 3 columns)",
            "Sheet \"second\" (4 rows, 3 columns)"
        ]
    );
    assert_eq!(question.answers[1].choice.flag(), "--sheet 'second'");
    let mut spec = folder.spec();
    spec.choose(&question.answers[1].choice);
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(loaded.dataset.samples(), 3);
    assert!(!sentences(&loaded.report).join("\n").contains("was read ("));
    spec.sheet = Some("third".into());
    let question = asked(load(&spec, &CancelToken::new()).unwrap_err());
    assert!(
        question.text.contains("it has no sheet \"third\""),
        "{}",
        question.text
    );
}

#[test]
fn labels_may_be_a_workbook_beside_the_others() {
    let folder = Folder::new(&[("modality_rna.csv", "sample,a\ns1,1\ns2,2\ns3,3\ns4,5\n")]);
    write(
        &folder.path("labels.xlsx"),
        &[
            &["Table S2"],
            &["sample", "type"],
            &["s1", "T"],
            &["s2", "B"],
            &["s3", "T"],
            &["s4", "B"],
        ],
    );
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.dataset.labels.unwrap().classes, ["B", "T"]);
    let labels: Rows<'_> = &[
        &["sample", "type"],
        &["s1", "T"],
        &["s2", "B"],
        &["s3", "T"],
        &["s4", "B"],
    ];
    let notes: Rows<'_> = &[&["Made in May"], &["by Ada"]];
    fs::write(
        folder.path("labels.xlsx"),
        workbook(&[("notes", notes), ("types", labels)]),
    )
    .unwrap();
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.dataset.labels.unwrap().classes, ["B", "T"]);
    let said: Vec<String> = loaded
        .report
        .notices
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        said.join("\n").contains("its sheet \"types\" was read"),
        "{said:?}"
    );
    fs::write(
        folder.path("labels.xlsx"),
        workbook(&[("old", labels), ("types", labels)]),
    )
    .unwrap();
    asked(folder.load().unwrap_err());
    let error = "labels.xlsx: \"s1\" has the class \"T\" on row 2 and \"B\" on row 3";
    write(
        &folder.path("labels.xlsx"),
        &[
            &["sample", "type"],
            &["s1", "T"],
            &["s1", "B"],
            &["s2", "T"],
            &["s3", "T"],
            &["s4", "B"],
        ],
    );
    let mut spec = folder.spec();
    spec.labels = Some(folder.path("labels.xlsx"));
    let said = load(&spec, &CancelToken::new()).unwrap_err().to_string();
    assert!(said.contains(error), "{said}");
}
