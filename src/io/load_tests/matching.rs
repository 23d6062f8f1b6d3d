//! Which rows belong together, and which labels to which sample.

use super::*;

#[test]
fn the_first_column_may_hold_classes() {
    let folder = Folder::new(&[
        ("modality_a.csv", "label,x\n1,1\n2,2\n1,3\n2,4\n"),
        ("modality_b.csv", "label,y\n1.0,4\n2,3\n1,2\n2,1\n"),
    ]);
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.report.first_column, FirstColumn::ClassLabels);
    assert_eq!(loaded.dataset.samples[3], "sample_4");
    assert_eq!(loaded.dataset.labels.unwrap().classes, ["1", "2"]);
    let said = sentences(&loaded.report).join("\n");
    assert!(said.contains("read as class labels (2 classes)"), "{said}");

    let as_ids = LoadSpec {
        first_column: FirstColumn::SampleIds,
        ..folder.spec()
    };
    let error = load(&as_ids, &CancelToken::new()).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("\"1\" is on line 2 and again on line 4"),
        "{message}"
    );
    assert!(error.advice().contains("first column: class labels"));
}

#[test]
fn classes_that_disagree_are_explained() {
    let a = ("modality_a.csv", "label,x\n1,1\n2,2\n1,3\n2,4\n");
    let other = Folder::new(&[a, ("modality_b.csv", "label,y\n1,1\n2,2\n2,3\n1,4\n")]);
    let message = other.load().unwrap_err().to_string();
    assert!(
        message.contains("line 4 of") && message.contains("class 1 where"),
        "{message}"
    );
    let fewer = Folder::new(&[a, ("modality_b.csv", "label,y\n1,1\n1,2\n")]);
    let message = fewer.load().unwrap_err().to_string();
    assert!(message.contains("has 4 samples and"), "{message}");
    let text = Folder::new(&[("modality_a.csv", "type,x\nT,1\nB,2\nT,3\nB,4\n")]);
    let spec = LoadSpec {
        first_column: FirstColumn::ClassLabels,
        ..text.spec()
    };
    let data = load(&spec, &CancelToken::new()).unwrap().dataset;
    assert_eq!(data.labels.unwrap().classes, ["B", "T"]);
}

#[test]
fn labels_that_do_not_fit_stop_only_who_asked_for_them() {
    let folder = Folder::new(&[
        ("modality_a.csv", "sample,x\ns1,1\ns2,2\n"),
        ("labels.csv", "sample,label\nx1,T\nx2,B\n"),
    ]);
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.dataset.labels, None);
    let said = sentences(&loaded.report).join("\n");
    assert!(said.contains("labels.csv was not used: "), "{said}");
    let asked = LoadSpec {
        labels: Some(folder.path("labels.csv")),
        ..folder.spec()
    };
    let message = load(&asked, &CancelToken::new()).unwrap_err().to_string();
    assert!(message.contains("labels none of the samples"), "{message}");
}

#[test]
fn a_labels_file_beside_class_columns_is_matched_by_row() {
    let folder = Folder::new(&[
        ("modality_a.csv", "label,x\n1,1\n2,2\n1,3\n2,4\n"),
        ("labels.csv", "sample,label\na,T\nb,B\nc,T\nd,B\n"),
    ]);
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.dataset.labels.unwrap().classes, ["B", "T"]);
    let said = sentences(&loaded.report).join("\n");
    assert!(said.contains("matched to the samples by row"), "{said}");
}

#[test]
fn samples_are_matched_by_id() {
    let folder = Folder::new(&[
        ("modality_a.csv", "sample,x\ns1,1\ns2,2\ns3,3\ns4,4\n"),
        ("modality_b.csv", "sample,y\ns9,9\ns4,40\ns2,20\ns3,30\n"),
        ("labels.csv", "sample,label\ns2,T\ns4,B\ns5,B\n"),
    ]);
    let loaded = folder.load().unwrap();
    let data = &loaded.dataset;
    assert_eq!(data.samples.names(), ["s2", "s3", "s4"]);
    assert_eq!(
        data.modalities[1].values,
        array![[20.0], [30.0], [40.0]].into()
    );
    assert_eq!(
        data.labels.as_ref().unwrap().codes,
        [Some(1), None, Some(0)]
    );
    let said = sentences(&loaded.report).join("\n");
    for part in [
        "1 of 5 samples has no a values and was left out",
        "1 of 5 samples has no b values and was left out",
        "1 sample of the labels file is not among the samples used",
        "1 of 3 samples has no label",
    ] {
        assert!(said.contains(part), "\"{part}\" is not in: {said}");
    }
    assert_eq!(loaded.inputs.files.len(), 3);
    assert_eq!(loaded.inputs.files[0].bytes, 29);
    let without = LoadSpec {
        ignore_labels: true,
        ..folder.spec()
    };
    let without = load(&without, &CancelToken::new()).unwrap();
    assert_eq!(
        (without.dataset.labels, without.inputs.files.len()),
        (None, 2)
    );
}

#[test]
fn no_common_sample_shows_examples_and_a_reason() {
    let cases = [
        ("s_7,1\ns_8,2\n", "must name the same samples"),
        ("x,1\ny,2\n", "must name the same samples"),
    ];
    for (rows, advice) in cases {
        let folder = Folder::new(&[
            ("modality_a.csv", "sample,x\ns1,1\ns2,2\n"),
            ("modality_b.csv", &format!("sample,y\n{rows}")),
        ]);
        let error = folder.load().unwrap_err();
        let message = error.to_string();
        assert!(message.contains("modality_a.csv has s1, s2; "), "{message}");
        assert!(error.advice().contains(advice), "{}", error.advice());
    }
}

#[test]
fn what_does_not_fit_in_memory_is_read_all_the_same() {
    // Rows to pick, a value to fill in, a feature to leave out.
    let folder = Folder::new(&[
        (
            "modality_a.csv",
            "sample,x,y,z\ns1,1,NA,7\ns2,2,5,7\ns3,3,6,7\n",
        ),
        ("modality_b.csv", "sample,w\ns3,30\ns2,20\ns9,90\n"),
    ]);
    let held = folder.load().unwrap();
    let spec = LoadSpec {
        memory: Some(0),
        ..folder.spec()
    };
    let kept = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(held.dataset, kept.dataset);
    let places = |loaded: &Loaded| -> Vec<Storage> {
        let modalities = loaded.dataset.modalities.iter();
        modalities.map(|m| m.values.storage()).collect()
    };
    assert_eq!(places(&held), [Storage::Memory; 2]);
    assert_eq!(places(&kept), [Storage::Disk; 2]);
    let said = |loaded: &Loaded| {
        sentences(&loaded.report)
            .join("\n")
            .contains("kept on disk")
    };
    assert!(said(&kept) && !said(&held));
}
