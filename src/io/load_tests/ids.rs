//! Ids that name the same samples and are not written alike.

use super::*;

/// A table of one feature with these ids.
fn table(ids: impl IntoIterator<Item = String>) -> String {
    let rows = ids.into_iter().enumerate();
    let rows: String = rows.map(|(i, id)| format!("{id},{i}\n")).collect();
    format!("sample,x\n{rows}")
}

fn folder(a: impl Fn(usize) -> String, b: impl Fn(usize) -> String) -> Folder {
    let (a, b) = (table((0..30).map(a)), table((0..30).rev().map(b)));
    Folder::new(&[("modality_a.csv", &a), ("modality_b.csv", &b)])
}

#[track_caller]
fn asked(spec: &LoadSpec) -> Question {
    match load(spec, &CancelToken::new()) {
        Err(LoadError::Ask(question)) => *question,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_that_makes_ids_agree_is_asked_about_and_obeyed() {
    type Id = fn(usize) -> String;
    let cases: [(Id, Id, Join, &str); 7] = [
        (
            |i| format!("Cell{i}"),
            |i| format!("CELL{i}"),
            Join::Case,
            "large and small",
        ),
        (
            |i| format!("A{i}-1"),
            |i| format!("A{i}"),
            Join::Suffix,
            "behind the last dash",
        ),
        (
            |i| format!("s_{i}"),
            |i| format!("s_{i}.1"),
            Join::Suffix,
            "behind the last dash",
        ),
        (
            |i| format!("project:A{i}-1"),
            |i| format!("GSM1_A{i}-1"),
            Join::Prefix,
            "before the first",
        ),
        (
            |i| format!("{i}-a"),
            |i| format!("X{i}.a"),
            Join::Punctuation,
            "dots, dashes",
        ),
        (
            |i| format!("{i:03}"),
            |i| format!("{i}"),
            Join::Zeros,
            "leading zeros",
        ),
        (
            |i| format!("TCGA-A1-A{i:03}-01A-11R-A144-07"),
            |i| format!("TCGA-A1-A{i:03}-01B-21D-A145-01"),
            Join::TcgaSample,
            "TCGA barcodes",
        ),
    ];
    for (a, b, join, said) in cases {
        let folder = folder(a, b);
        let mut spec = folder.spec();
        let question = asked(&spec);
        assert!(question.file.ends_with("modality_b.csv"));
        assert!(question.text.contains(said), "{}", question.text);
        let counts = "of its 30 ids agree with the 30 of modality_a.csv; 30 do";
        assert!(question.text.contains(counts), "{}", question.text);
        assert_eq!(question.answers[0].choice, Choice::Join(join));
        spec.choose(&question.answers[0].choice);
        let loaded = load(&spec, &CancelToken::new()).unwrap();
        let expected: Vec<String> = (0..30).map(a).collect();
        assert_eq!(loaded.dataset.samples.names(), expected);
        let [first, second] = loaded.dataset.modalities.as_slice() else {
            panic!("two modalities");
        };
        // The rows of the second file are in reverse order.
        let reversed: Vec<f32> = (0..30).rev().map(|i| i as f32).collect();
        let reversed = ndarray::Array2::from_shape_vec((30, 1), reversed).unwrap();
        assert_eq!(second.values, reversed.into());
        assert_ne!(first.values, second.values);
        assert!(sentences(&loaded.report).join("").contains("30 of 30 ids"));
    }
}

#[test]
fn a_rule_for_some_of_the_ids_is_asked_about_too() {
    let folder = folder(
        |i| format!("s{i}"),
        |i| format!("{}{i}", if i < 24 { "s" } else { "S" }),
    );
    let mut spec = folder.spec();
    let question = asked(&spec);
    assert!(question.text.starts_with("24 of its 30 ids agree"));
    assert!(
        question.text.contains("30 do when large"),
        "{}",
        question.text
    );
    assert!(question.text.contains("(S29 here, s29 there)"));
    spec.choose(&Choice::FewInCommon);
    let dataset = load(&spec, &CancelToken::new()).unwrap().dataset;
    assert_eq!(dataset.samples(), 24);
    spec = folder.spec();
    spec.choose(&Choice::Join(Join::Case));
    let dataset = load(&spec, &CancelToken::new()).unwrap().dataset;
    assert_eq!(
        (dataset.samples(), dataset.samples[29].as_str()),
        (30, "s29")
    );
}

#[test]
fn ids_that_a_rule_makes_the_same_are_told_and_not_joined() {
    // Two aliquots of one tumour.
    let aliquot = |i: usize, vial: &str| format!("TCGA-A1-A{i:03}-01{vial}");
    let mut a: Vec<String> = (0..20).map(|i| aliquot(i, "A")).collect();
    a.push(aliquot(7, "B"));
    let b: Vec<String> = (0..20).map(|i| aliquot(i, "C")).collect();
    let folder = Folder::new(&[("modality_a.csv", &table(a)), ("modality_b.csv", &table(b))]);
    let mut spec = folder.spec();
    let question = asked(&spec);
    for part in [
        "19 do as TCGA barcodes",
        "1 id the same as others",
        "such as TCGA-A1-A007-01A and TCGA-A1-A007-01B",
    ] {
        assert!(question.text.contains(part), "{}", question.text);
    }
    spec.choose(&question.answers[0].choice);
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(loaded.dataset.samples(), 19);
    let said = sentences(&loaded.report).join("\n");
    assert!(said.contains("1 id was not joined"), "{said}");
}

#[test]
fn few_samples_in_common_are_asked_about() {
    let share = |shared: usize| {
        folder(
            |i| format!("a{i}"),
            move |i| {
                if i < shared {
                    format!("a{i}")
                } else {
                    format!("other{}", 1000 * i)
                }
            },
        )
    };
    let few = share(9);
    let mut spec = few.spec();
    let question = asked(&spec);
    assert!(
        question.text.contains("9 of its 30 ids"),
        "{}",
        question.text
    );
    assert_eq!(question.answers[0].choice, Choice::FewInCommon);
    spec.choose(&Choice::FewInCommon);
    let dataset = load(&spec, &CancelToken::new()).unwrap().dataset;
    assert_eq!(dataset.samples(), 9);
    // Half of them are enough.
    assert_eq!(share(15).load().unwrap().dataset.samples(), 15);
    // None at all is no answer.
    let none = share(0);
    let mut spec = none.spec();
    spec.few_in_common = true;
    let error = load(&spec, &CancelToken::new()).unwrap_err();
    assert!(matches!(error, LoadError::NoCommonSample { .. }));
}

#[test]
fn lanes_are_not_joined_by_barcodes_they_share_by_chance() {
    // Every barcode of the second file is of the other lane, three of them seen in both.
    let folder = folder(
        |i| format!("AC{i}-1"),
        |i| match i {
            0..20 => format!("AC{i}-1"),
            20..23 => format!("AC{i}-2"),
            _ => format!("GT{i}-2"),
        },
    );
    assert_eq!(folder.load().unwrap().dataset.samples(), 20);
}

#[test]
fn three_files_that_share_few_are_asked_about() {
    let ids = |range: std::ops::Range<usize>| table(range.map(|i| format!("s{i}")));
    let folder = Folder::new(&[
        ("modality_a.csv", &ids(0..40)),
        ("modality_b.csv", &ids(12..52)),
        ("modality_c.csv", &ids(32..72)),
    ]);
    let mut spec = folder.spec();
    let question = asked(&spec);
    assert_eq!(question.text, "Of 72 samples only 8 are in all 3 files.");
    spec.choose(&question.answers[0].choice);
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(loaded.dataset.samples[0], "s32");
    let said = sentences(&loaded.report).join("\n");
    assert!(said.contains("32 of 72 samples have no c values"), "{said}");
}

#[test]
fn rows_numbered_from_0_and_from_1_are_not_the_same_samples() {
    let numbered = folder(|i| i.to_string(), |i| (i + 1).to_string());
    let mut spec = numbered.spec();
    let question = asked(&spec);
    assert!(
        question
            .text
            .contains("numbers from 1 on, those of modality_a.csv from 0 on"),
        "{}",
        question.text
    );
    spec.choose(&question.answers[0].choice);
    let dataset = load(&spec, &CancelToken::new()).unwrap().dataset;
    assert_eq!(dataset.samples(), 29);
    let same = folder(|i| (i + 1).to_string(), |i| (i + 1).to_string());
    assert_eq!(same.load().unwrap().dataset.samples(), 30);
}
