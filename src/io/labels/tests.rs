use super::*;
use crate::io::{
    error::LoadError,
    question::{Choice, Join, Question},
};

const FILE: &str = "labels.csv";

fn ids(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("s{i}")).collect()
}

/// Reads labels for these samples.
fn read_for(
    ids: &[String],
    text: &str,
    change: impl FnOnce(&mut LoadSpec),
) -> Result<(Found, Vec<LoadNotice>), LoadError> {
    let mut spec = LoadSpec::default();
    change(&mut spec);
    let samples = Samples {
        ids,
        file: Path::new("modality_rna.csv"),
        by_position: false,
    };
    let mut said = Vec::new();
    let cancel = CancelToken::new();
    let found = find(
        Path::new(FILE),
        text.as_bytes(),
        &spec,
        samples,
        &mut said,
        &cancel,
    )?;
    Ok((found, said))
}

/// Reads labels for so many samples, called s0, s1, and so on.
fn read(n: usize, text: &str) -> Result<(Found, Vec<LoadNotice>), LoadError> {
    read_for(&ids(n), text, |_| ())
}

/// A file of so many rows.
fn file(header: &str, n: usize, row: impl Fn(usize) -> String) -> String {
    let rows: String = (0..n).map(|i| row(i) + "\n").collect();
    format!("{header}\n{rows}")
}

fn column(found: &Found) -> Option<&str> {
    found.labels.as_ref().map(|(_, column)| column.as_str())
}

#[track_caller]
fn asked(result: Result<(Found, Vec<LoadNotice>), LoadError>) -> Question {
    match result {
        Err(LoadError::Ask(question)) => *question,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_column_of_labels_goes_before_annotations_clusters_and_designs() {
    let class = |i: usize, n: usize| ["A", "B", "C", "D", "E"][i % n];
    let row = |i: usize| {
        format!(
            "{},s{i},{},{},{}",
            i % 5,
            class(i, 3),
            class(i, 4),
            class(i / 2, 2)
        )
    };
    for (header, expected) in [
        ("leiden,id,batch,Cell_Type,stage", "Cell_Type"),
        ("leiden,id,batch,Cell_Type,Label", "Label"),
        ("leiden,id,batch,stage,PAM50", "PAM50"),
        ("leiden,id,batch,donor,site", "site"),
        ("leiden,id,batch,donor,patient", "leiden"),
    ] {
        let (found, said) = read(20, &file(header, 20, row)).unwrap();
        assert_eq!(column(&found), Some(expected), "{header}");
        assert_eq!(found.candidates.len(), 4);
        assert_eq!(found.columns.len(), 4);
        let told = said.iter().any(
            |notice| matches!(notice, LoadNotice::LabelsFound { others, .. } if others.len() == 3),
        );
        assert!(told, "{said:?}");
        assert!(
            said.iter()
                .any(|n| matches!(n, LoadNotice::LabelIdsFound { .. }))
        );
    }
}

#[test]
fn columns_that_are_equally_likely_are_asked_about() {
    let text = file("sample,stage,response", 20, |i| {
        format!(
            "s{i},{},{}",
            ["I", "II", "III"][i % 3],
            ["full cell", "none seen"][i / 2 % 2]
        )
    });
    let question = asked(read(20, &text));
    assert!(
        question.text.contains("stage (3 classes)"),
        "{}",
        question.text
    );
    let choices: Vec<_> = question.answers.iter().map(|a| a.choice.clone()).collect();
    let expected = ["response", "stage"].map(|name| Choice::LabelColumn(name.into()));
    assert_eq!(choices[..2], expected);
    assert_eq!(choices[2], Choice::NoLabels);
    assert_eq!(question.answers[1].text, "stage: I, II, III");
    let (found, _) = read_for(&ids(20), &text, |spec| spec.choose(&choices[1])).unwrap();
    assert_eq!(column(&found), Some("stage"));
    // Two words for the same classes are no question.
    let text = file("sample,stage,code", 20, |i| {
        format!("s{i},{},{}", ["I", "II"][i % 2], i % 2)
    });
    assert_eq!(column(&read(20, &text).unwrap().0), Some("stage"));
}

#[test]
fn ids_measurements_and_constants_are_no_classes() {
    let text = file("sample,barcode,depth,age,project,mito,site", 40, |i| {
        let site = if i < 12 { ["x", "y"][i % 2] } else { "NA" };
        format!("s{i},b{i},{i}.5,{},one,0.{},{site}", 30 + i / 2, i % 4)
    });
    let (found, said) = read(40, &text).unwrap();
    assert!(found.labels.is_none() && found.candidates.is_empty());
    assert!(
        said.iter()
            .any(|n| matches!(n, LoadNotice::NoClasses { .. }))
    );
    assert_eq!(found.obs.get("mito").unwrap().kind(), "number");
    assert_eq!(
        found.obs.get("age").unwrap().text(39).as_deref(),
        Some("49")
    );
    // Whoever asks for one gets it, or is told why not.
    let wish = |name: &str| read_for(&ids(40), &text, |s| s.label_column = Some(name.into()));
    let (found, said) = wish("7").unwrap();
    assert_eq!(column(&found), Some("site"));
    assert!(said.contains(&LoadNotice::FewLabelled {
        samples: 12,
        of: 40
    }));
    assert_eq!(found.labels.unwrap().0.clusters(), None);
    let error = wish("DEPTH").unwrap_err().to_string();
    assert!(error.contains("put 40 samples into 40 classes"), "{error}");
    let error = wish("x").unwrap_err().to_string();
    assert!(
        error.contains("no column \"x\". Its columns: sample, barcode"),
        "{error}"
    );
}

#[test]
fn the_only_column_is_that_of_the_labels() {
    for (text, classes) in [
        ("sample\twho\ns0\tA\ns1\tB\n", vec!["A", "B"]),
        ("sample,n\ns0,2.0\ns1,10\n", vec!["2", "10"]),
        ("sample,project\ns0,one\ns1,one\n", vec!["one"]),
    ] {
        let (found, _) = read(2, text).unwrap();
        assert_eq!(found.labels.unwrap().0.classes, classes);
    }
    let text = file("sample,name", 20, |i| format!("s{i},n{i}"));
    let (found, said) = read(20, &text).unwrap();
    assert!(found.labels.is_none());
    assert!(
        said.iter()
            .any(|n| matches!(n, LoadNotice::NoClasses { .. }))
    );
}

#[test]
fn a_sample_of_two_classes_is_refused_with_both_lines() {
    let same = "sample,label\ns1,T\ns1,T\ns9,T\ns2,NA\ns2,B\ns0,B\n";
    let (found, said) = read(3, same).unwrap();
    let (labels, _) = found.labels.unwrap();
    assert_eq!(labels.codes, [Some(0), Some(1), Some(0)]);
    assert!(
        said.contains(&LoadNotice::RepeatedLabels { rows: 2 }),
        "{said:?}"
    );
    assert!(said.contains(&LoadNotice::LabelsWithoutSample { labels: 1 }));
    let error = read(3, "sample,label\ns1,T\ns2,B\n\ns1,B\ns0,T\n").unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains(
            "\"s1\" has the class \"T\" on line 2 and \"B\" on line 5 (column \"label\")"
        ),
        "{said}"
    );
    assert!(error.advice().contains("one row"));
    // What is not among the samples may be as it likes.
    let other = "sample,label\ns1,T\ns2,B\ns9,B\ns9,T\ns0,T\n";
    assert!(read(3, other).unwrap().0.labels.is_some());
}

#[test]
fn ids_that_need_a_rule_are_asked_about() {
    let cells: Vec<String> = (0..20).map(|i| format!("AC{i}-1")).collect();
    let text = file("type,donor,cell", 20, |i| {
        format!("{},d{},AC{i}", ["T", "B"][i % 2], i % 5)
    });
    let question = asked(read_for(&cells, &text, |_| ()));
    assert!(
        question
            .text
            .contains("0 of its 20 ids agree with the 20 of modality_rna.csv")
    );
    assert!(
        question.text.contains("20 do without the number"),
        "{}",
        question.text
    );
    let choices: Vec<_> = question.answers.iter().map(|a| a.choice.clone()).collect();
    assert_eq!(choices, [Choice::Join(Join::Suffix), Choice::NoLabels]);
    let (found, said) = read_for(&cells, &text, |spec| spec.choose(&choices[0])).unwrap();
    let (labels, column) = found.labels.unwrap();
    assert_eq!((column.as_str(), labels.unlabelled()), ("type", 0));
    assert_eq!(labels.name_of(1), Some("B"));
    assert!(
        said.iter()
            .any(|n| matches!(n, LoadNotice::IdsJoinedByRule { ids: 20, .. }))
    );
    // Without a header, too.
    let (_, rows) = text.split_once('\n').unwrap();
    let (found, said) = read_for(&cells, rows, |spec| {
        spec.choose(&choices[0]);
        spec.choose(&Choice::LabelColumn("1".into()));
    })
    .unwrap();
    assert_eq!(found.labels.unwrap().0.unlabelled(), 0);
    assert!(
        said.iter()
            .any(|n| matches!(n, LoadNotice::LabelsWithoutHeader { .. }))
    );
}

#[test]
fn few_labelled_samples_are_asked_about_unless_the_file_names_no_more() {
    let text = file("sample,label", 30, |i| {
        format!("s{},{}", i + 25, ["T", "B"][i % 2])
    });
    let question = asked(read(30, &text));
    let choices: Vec<_> = question.answers.iter().map(|a| a.choice.clone()).collect();
    assert_eq!(choices, [Choice::FewInCommon, Choice::NoLabels]);
    let (found, said) = read_for(&ids(30), &text, |spec| spec.choose(&choices[0])).unwrap();
    assert_eq!(found.labels.unwrap().0.labelled(), 5);
    assert!(said.contains(&LoadNotice::FewLabelled { samples: 5, of: 30 }));
    let some = file("sample,label", 8, |i| format!("s{i},{}", ["T", "B"][i % 2]));
    let (found, said) = read(30, &some).unwrap();
    assert_eq!(found.labels.unwrap().0.labelled(), 8);
    assert!(said.contains(&LoadNotice::FewLabelled { samples: 8, of: 30 }));
}

#[test]
fn rows_are_matched_by_place_only_if_there_are_as_many() {
    let (found, said) = read(3, "label\n1\n2.0\n1\n").unwrap();
    let (labels, _) = found.labels.unwrap();
    assert_eq!(
        (labels.classes, labels.codes[1]),
        (vec!["1".into(), "2".into()], Some(1))
    );
    assert!(matches!(
        said.as_slice(),
        [LoadNotice::LabelsByPosition { .. }, ..]
    ));
    let (found, _) = read(4, "T cell\nB cell\nT cell\nB cell\n").unwrap();
    assert_eq!(
        found.labels.unwrap().0.codes,
        [Some(1), Some(0), Some(1), Some(0)]
    );
    for (n, text, rows) in [
        (4, "label\n1\n2\n1\n", 3),
        // The first word is a class, so that there is one row too many.
        (4, "T\nB\nT\nT\nB\n", 5),
        (3, "T\nB\nT\nT\nB\n", 5),
    ] {
        let error = read(n, text).unwrap_err().to_string();
        assert!(
            error.contains(&format!("{rows} rows for {n} samples")),
            "{error}"
        );
    }
}

#[test]
fn blanks_separate_columns_if_ids_stand_before_them() {
    let text = file("\"type\" \"n\"", 20, |i| {
        format!("\"s{i}\" \"{} cell\" {i}", ["T", "B"][i % 2])
    });
    let (found, _) = read(20, &text).unwrap();
    assert_eq!(column(&found), Some("type"));
    assert_eq!(found.labels.unwrap().0.classes, ["B cell", "T cell"]);
    let (found, said) = read(4, "T cell\nB cell\nB cell\nT cell\n").unwrap();
    assert_eq!(found.labels.unwrap().0.classes, ["B cell", "T cell"]);
    assert!(
        said.iter()
            .any(|n| matches!(n, LoadNotice::LabelsByPosition { .. }))
    );
}

#[test]
fn a_header_that_is_no_word_is_still_a_header() {
    // A series of pandas without a name, and classes that are numbers.
    let text = file(",0", 20, |i| format!("s{i},{}", i % 3));
    let (found, said) = read(20, &text).unwrap();
    assert_eq!(
        (
            column(&found),
            found.labels.as_ref().unwrap().0.unlabelled()
        ),
        (Some("0"), 0)
    );
    assert!(
        !said
            .iter()
            .any(|n| matches!(n, LoadNotice::LabelsWithoutHeader { .. }))
    );
}
