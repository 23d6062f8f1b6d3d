use super::*;
use crate::data::Values;
use crate::io::{number::NumberStyle, separator::Layout};
use ndarray::Array2;

fn table(corner: &str, rows: &[&str], columns: &[&str]) -> Table {
    let strings =
        |names: &[&str]| -> Vec<String> { names.iter().map(|n| (*n).to_owned()).collect() };
    Table {
        features: strings(columns),
        ids: strings(rows),
        lines: (2..).take(rows.len()).collect(),
        values: Values::from(Array2::zeros((rows.len(), columns.len()))),
        aside: Default::default(),
        empty: 0,
        turned: false,
        layout: Layout {
            separator: b',',
            unnamed_ids: false,
        },
        style: NumberStyle::Plain,
        corner: corner.to_owned(),
        lacks_ids_asked_for: false,
        notices: Vec::new(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Found {
    Samples,
    Features,
    AskSamples,
    AskFeatures,
}
use Found::{AskFeatures, AskSamples, Features, Samples};

fn found(tables: &[Table], labels: &[&str]) -> Vec<Found> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    std::fs::write(&path, format!("sample,label\n{}", labels.join(",x\n"))).unwrap();
    let labels = (!labels.is_empty()).then_some(path.as_path());
    let found = |verdict: &Verdict| match verdict {
        Verdict::Samples => Samples,
        Verdict::Features(reason) => {
            assert!(!reason.is_empty());
            Features
        }
        Verdict::Open { likely: true } => AskFeatures,
        Verdict::Open { likely: false } => AskSamples,
    };
    let verdicts = judge(tables, labels, None, &CancelToken::new());
    verdicts.iter().map(found).collect()
}

fn one(corner: &str, rows: &[&str], columns: &[&str]) -> Found {
    found(&[table(corner, rows, columns)], &[]).remove(0)
}

const TUMOURS: [&str; 4] = [
    "TCGA-A1-A0SB-01",
    "TCGA-A1-A0SD-01",
    "TCGA-A2-A04P-01",
    "TCGA-A2-A04Q-01",
];
const GENES: [&str; 4] = ["TP53", "GAPDH", "ESR1", "MYC"];
const PLAIN: [&str; 4] = ["alpha", "beta", "gamma", "delta"];
const OTHER: [&str; 4] = ["one", "two", "three", "four"];

#[test]
fn names_tell() {
    assert_eq!(one("sample", &GENES, &TUMOURS), Features);
    assert_eq!(one("gene", &TUMOURS, &GENES), Samples);
    let sides: [(&[&str], &[&str]); 7] = [
        (
            &["ENSG00000141510", "ENSG00000111640"],
            &["AAACCCAAGATTGTGA-1", "AAACCCAAGATTGTGC-1"],
        ),
        (&["cg18239753", "cg08005849"], &["GSM1234567", "GSM1234568"]),
        (
            &["hsa-miR-21-5p", "hsa-let-7a"],
            &["SRR1039508", "SRR1039509"],
        ),
        (
            &["chr1:100-200", "chr2:100-200"],
            &["ctrl_AAACCCAAGATTGTGA", "ctrl_AAACCCAAGATTGTGG"],
        ),
        (&GENES, &PLAIN),
        (&PLAIN, &TUMOURS),
        (
            &["Rpl3", "Rps5", "Slc2a1", "Gapdh"],
            &["mouse_1", "mouse_2"],
        ),
    ];
    for (rows, columns) in sides {
        assert_eq!(one("", rows, columns), Features, "{rows:?}");
        assert_eq!(one("", columns, rows), Samples, "{rows:?}");
    }
    // A few well-known genes among many are enough.
    let mut rows: Vec<String> = (0..40).map(|i| format!("QZX{i}A")).collect();
    rows.extend(GENES.map(String::from));
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    assert_eq!(one("", &rows, &PLAIN), Features);
}

#[test]
fn what_names_leave_open_is_asked_about() {
    // Nothing speaks for features in rows: as documented.
    assert_eq!(one("", &PLAIN, &OTHER), Samples);
    assert_eq!(one("sample", &PLAIN, &["S1", "S2"]), Samples);
    assert_eq!(one("", &PLAIN, &["S1", "S2"]), AskFeatures);
    assert_eq!(one("protein", &PLAIN, &OTHER), AskFeatures);
    assert_eq!(
        one("protein", &PLAIN, &["patient_1", "patient_2"]),
        Features
    );
    assert_eq!(one("", &GENES, &["TP53", "MDM2", "EGFR"]), AskSamples);
    assert_eq!(one("", &TUMOURS, &TUMOURS), AskSamples);
    // The shape alone is a question, not a guess.
    let many: Vec<String> = (0..4_000).map(|i| format!("q{i}z")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(one("", &many, &PLAIN), AskFeatures);
    assert_eq!(one("", &many, &["V1", "V2", "V3"]), Samples);
    assert_eq!(one("cell", &many, &PLAIN), Samples);
    assert_eq!(one("", &PLAIN, &many), Samples);
}

#[test]
fn labels_and_other_files_tell() {
    let plain = || table("", &PLAIN, &OTHER);
    assert_eq!(found(&[plain()], &PLAIN), [Samples]);
    assert_eq!(found(&[plain()], &OTHER), [Features]);
    // What a table of known orientation calls its samples.
    let tumours = || table("", &TUMOURS, &GENES);
    let turned = table(
        "",
        &["x", "y"],
        &["TCGA-A1-A0SB-01", "TCGA-A1-A0SD-01", "TCGA-A2-A04P-01", "z"],
    );
    assert_eq!(found(&[tumours(), turned], &[]), [Samples, Features]);
    let cells = |genes: &[&str]| table("", genes, &PLAIN);
    assert_eq!(
        found(&[cells(&GENES), cells(&["x", "y"])], &[]),
        [Features, Features]
    );
    // Shared rows are samples; shared columns may be, or the files are batches.
    assert_eq!(
        found(
            &[table("", &PLAIN, &OTHER), table("", &PLAIN, &["x", "y"])],
            &[]
        ),
        [Samples; 2]
    );
    assert_eq!(
        found(
            &[table("", &OTHER, &PLAIN), table("", &["x", "y"], &PLAIN)],
            &[]
        ),
        [AskFeatures; 2]
    );
    assert_eq!(
        found(
            &[table("", &OTHER, &PLAIN), table("", &PLAIN, &["x", "y"])],
            &[]
        ),
        [AskFeatures; 2]
    );
}

#[test]
fn an_answer_is_for_the_tables_that_leave_it_open() {
    let settle = |tables: Vec<Table>, orientation| {
        let spec = LoadSpec {
            orientation,
            ..LoadSpec::default()
        };
        let paths = vec![Path::new("m.csv"); tables.len()];
        let tables = settle(&spec, &paths, tables, None, &CancelToken::new())?;
        Ok::<_, LoadError>(
            tables
                .into_iter()
                .map(|t| t.ids[0].clone())
                .collect::<Vec<_>>(),
        )
    };
    let tumours = || table("", &TUMOURS, &GENES);
    let open = || table("protein", &PLAIN, &OTHER);
    let error = settle(vec![tumours(), open()], Orientation::Auto).unwrap_err();
    let LoadError::Ask(question) = error else {
        panic!("{error}")
    };
    let choices: Vec<&Choice> = question.answers.iter().map(|a| &a.choice).collect();
    let choice = |orientation| Choice::Orientation(orientation);
    assert_eq!(
        choices,
        [
            &choice(Orientation::FeaturesInRows),
            &choice(Orientation::SamplesInRows)
        ]
    );
    let told = settle(vec![tumours(), open()], Orientation::FeaturesInRows).unwrap();
    assert_eq!(told, [TUMOURS[0], OTHER[0]]);
    // Nothing is open: it is meant for all.
    let told = settle(vec![tumours(), tumours()], Orientation::FeaturesInRows).unwrap();
    assert_eq!(told, [GENES[0], GENES[0]]);
    let told = settle(
        vec![table("", &GENES, &TUMOURS)],
        Orientation::SamplesInRows,
    )
    .unwrap();
    assert_eq!(told, [GENES[0]]);
}
