//! General rules of tables: orientation, ids, columns, ways to write.

use super::*;

pub(super) fn said(loaded: &Loaded) -> String {
    sentences(&loaded.report).join("\n")
}

pub(super) fn with(text: &str, change: impl Fn(&mut LoadSpec)) -> Result<Loaded, LoadError> {
    let folder = Folder::new(&[("modality_rna.csv", text)]);
    let mut spec = folder.spec();
    change(&mut spec);
    load(&spec, &CancelToken::new())
}

pub(super) fn values(loaded: &Loaded) -> Vec<f32> {
    let values = &loaded.dataset.modalities[0].values;
    values.rows(0..values.samples(), &mut Vec::new()).to_vec()
}

/// The choices of a question about one file, the likelier first.
#[track_caller]
pub(super) fn asked(text: &str) -> Vec<Choice> {
    match one(text) {
        Err(LoadError::Ask(question)) => question.answers.into_iter().map(|a| a.choice).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_is_turned_as_asked() {
    let text = "id,x,y,z\np,1,2,3\nq,4,5,7\n";
    let turned = with(text, |spec| spec.orientation = Orientation::FeaturesInRows).unwrap();
    assert_eq!(turned.dataset.samples.names(), ["x", "y", "z"]);
    assert_eq!(turned.dataset.modalities[0].features.names(), ["p", "q"]);
    assert_eq!(values(&turned), [1.0, 4.0, 2.0, 5.0, 3.0, 7.0]);
    assert!(said(&turned).contains("(as you said)"), "{}", said(&turned));
    assert_eq!(one(text).unwrap().dataset.samples.names(), ["p", "q"]);
    // Columns without a name, or of the same, are no samples.
    let error = with("id,x,x\np,1,2\nq,4,5\n", |spec| {
        spec.orientation = Orientation::FeaturesInRows
    });
    assert!(error.unwrap_err().to_string().contains("both called \"x\""));
    // On disk too.
    let kept = with(text, |spec| {
        spec.orientation = Orientation::FeaturesInRows;
        spec.memory = Some(0);
    });
    assert_eq!(kept.unwrap().dataset.modalities, turned.dataset.modalities);
}

#[test]
fn the_column_of_the_ids_is_the_one_asked_for() {
    let text = "a,who,b\n1.5,s1,2\n2.5,s2,3\n3.5,s3,5\n";
    let found = one(text).unwrap();
    assert_eq!(found.dataset.samples.names(), ["s1", "s2", "s3"]);
    assert_eq!(found.dataset.modalities[0].features.names(), ["a", "b"]);
    for wish in ["who", "WHO", "2"] {
        let told = with(text, |spec| spec.id_column = Some(wish.into())).unwrap();
        assert_eq!(told.dataset.samples, found.dataset.samples, "{wish}");
        assert_eq!(told.dataset.modalities, found.dataset.modalities, "{wish}");
    }
    let first = with(text, |spec| spec.id_column = Some("1".into())).unwrap();
    assert_eq!(first.dataset.samples.names(), ["1.5", "2.5", "3.5"]);
    assert!(said(&first).contains("set aside: who"), "{}", said(&first));
    for wish in ["0", "4", "nobody"] {
        let error = with(text, |spec| spec.id_column = Some(wish.into())).unwrap_err();
        assert!(
            error.to_string().contains("Its columns: who, a, b."),
            "{error}"
        );
    }
    assert_eq!(
        asked("nr,who,a\n7,s1,0.5\n9,s2,0.7\n"),
        [
            Choice::IdColumn("who".into()),
            Choice::IdColumn("nr".into())
        ]
    );
}

#[test]
fn measurements_are_never_ids_in_silence() {
    for text in [
        "TP53,MYC\n5.1,2\n5.2,3\n5.3,4\n",
        "x,y\n0.1,2\n3,3\n0.7,4\n",
        "TP53,MYC\n5.1,2\nNA,3\n5.3,4\n",
        "GAPDH,MYC\n1046,2.5\n988,3\n1046,4\n",
    ] {
        fails(text, &["the ids of the samples are missing"]);
    }
    let ids = Choice::FirstColumn(FirstColumn::SampleIds);
    assert_eq!(
        asked("GAPDH,MYC\n1046,2\n988,3\n1048,4\n"),
        std::slice::from_ref(&ids)
    );
    assert_eq!(asked("f0,f1,f2\n1046,2,1\n988,3,5\n1048,4,7\n"), [ids]);
    assert_eq!(asked("glucose,lactate\n35,51\n42,44\n55,9\n").len(), 1);
    let classes = Choice::FirstColumn(FirstColumn::ClassLabels);
    assert_eq!(asked("CD4,MYC\n1,2\n2,3\n1,4\n2,7\n"), [classes]);
    // Ids are what is called so, or what the user says.
    for text in [
        "Patient No.,a\n35,51\n42,44\n55,9\n",
        "PID,a\n35,51\n42,44\n55,9\n",
        "sample,a\n1.1,2\n1.2,3\n",
        "patient,a\n1046,2\n988,3\n",
        ",a\n1046,2\n988,3\n",
    ] {
        assert!(one(text).is_ok(), "{text}");
    }
    let told = with("TP53,MYC\n5.1,2\n5.2,3\n", |spec| {
        spec.first_column = FirstColumn::SampleIds
    });
    assert_eq!(told.unwrap().dataset.samples.names(), ["5.1", "5.2"]);
}

#[test]
fn classes_are_taken_by_position_without_doubt_only() {
    let rows = |corner: &str, ids: [u32; 4]| {
        let rows: String = (1..)
            .zip(ids)
            .map(|(i, id)| format!("{id},{i}.5\n"))
            .collect();
        format!("{corner},x\n{rows}")
    };
    for (corner, ids) in [("label", [0, 1, 0, 1]), ("Cluster", [1, 2, 2, 1])] {
        let loaded = one(&rows(corner, ids)).unwrap();
        assert_eq!(
            loaded.report.first_column,
            FirstColumn::ClassLabels,
            "{corner}"
        );
    }
    for (corner, ids) in [
        ("patient", [1, 2, 1, 2]),
        ("label", [7, 9, 7, 9]),
        ("visit", [1, 2, 1, 2]),
    ] {
        let choices = asked(&rows(corner, ids));
        assert_eq!(
            choices,
            [Choice::FirstColumn(FirstColumn::ClassLabels)],
            "{corner}"
        );
    }
    let two = [
        ("modality_a.csv", "label,x\n1,1\n2,2\n1,3\n2,4\n"),
        ("modality_b.csv", "label,y\n1,4\n2,3\n1,2\n2,1\n"),
    ];
    assert!(said(&Folder::new(&two).load().unwrap()).contains("by their place"));
}

#[test]
fn row_numbers_join_nothing_in_silence() {
    let files = |corner: &str| {
        let a = format!("{corner},x\n1,1.5\n2,2.5\n3,3.5\n");
        let b = format!("{corner},y\n1,1.5\n2,2.5\n3,3.5\n");
        Folder::new(&[("modality_a.csv", &a), ("modality_b.csv", &b)])
    };
    for corner in ["", "Unnamed: 0", "index"] {
        let error = files(corner).load().unwrap_err();
        let LoadError::Ask(question) = error else {
            panic!("{error}")
        };
        assert_eq!(
            question.answers[0].choice,
            Choice::FirstColumn(FirstColumn::SampleIds)
        );
        let mut spec = files(corner).spec();
        let folder = files(corner);
        spec.paths = vec![folder.0.path().to_owned()];
        spec.choose(&question.answers[0].choice);
        let loaded = load(&spec, &CancelToken::new()).unwrap();
        assert!(
            said(&loaded).contains("by their place"),
            "{}",
            said(&loaded)
        );
    }
    let named = files("sample").load().unwrap();
    assert!(said(&named).contains("by their place"), "{}", said(&named));
    assert!(one(",x\n1,1.5\n2,2.5\n").is_ok());
}

#[test]
fn what_is_no_measurement_is_told() {
    let text = "cell,nCount_RNA,CD3,type,leiden\nc1,500,1,T,0\nc2,700,2,B,1\nTotal,1200,3,,\n";
    let loaded = one(text).unwrap();
    assert_eq!(loaded.dataset.modalities[0].features.names(), ["CD3"]);
    assert_eq!(loaded.dataset.samples.names(), ["c1", "c2"]);
    let said = said(&loaded);
    assert!(
        said.contains("columns that are no measurement were set aside: nCount_RNA, type, leiden"),
        "{said}"
    );
    assert!(
        said.contains("rows that are no measurement were set aside: Total"),
        "{said}"
    );
}

#[test]
fn other_encodings_are_read_and_told() {
    let text = "sample,\u{e4},b\ns\u{e9},1,2\nt,3,5\n";
    let plain = one(text).unwrap();
    let write = |bytes: &[u8]| {
        let folder = Folder::new(&[]);
        fs::write(folder.path("modality_rna.csv"), bytes).unwrap();
        folder.load().unwrap()
    };
    let wide: Vec<u8> = format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let wide = write(&wide);
    assert_eq!(wide.dataset.modalities, plain.dataset.modalities);
    assert_eq!(wide.dataset.samples, plain.dataset.samples);
    assert!(said(&wide).contains("read as UTF-16"), "{}", said(&wide));
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let latin = write(&latin);
    assert_eq!(latin.dataset.modalities, plain.dataset.modalities);
    assert_eq!(latin.dataset.samples, plain.dataset.samples);
    assert!(
        said(&latin).contains("2 names are not UTF-8"),
        "{}",
        said(&latin)
    );
    assert!(!said(&plain).contains("UTF"), "{}", said(&plain));
}

#[test]
fn what_stands_above_a_header_moves_no_line() {
    let text = "# a comment\n# and one more\nsample,a\ns1,1\ns2,x\ns3,2\n";
    fails(text, &["line 5, column 2"]);
    let quoted = "# a comment\nsample,a\n\"s\n1\",1\ns2,x\ns3,2\n";
    fails(quoted, &["line 5, column 2"]);
    let gct = "#1.2\n2\t3\nName\tDescription\tTCGA-A1-A0SB\tTCGA-A1-A0SD\tTCGA-A2-A04P\nENSG00000000003\tTSPAN6\t1\t2\t3\nENSG00000000005\tTNMD\t4\t6\t5\n";
    let loaded = one(gct).unwrap();
    assert_eq!(loaded.dataset.samples[0], "TCGA-A1-A0SB");
    assert_eq!(
        loaded.dataset.modalities[0].features.names(),
        ["ENSG00000000003", "ENSG00000000005"]
    );
}

#[test]
fn long_tables_are_refused_with_a_way_out() {
    let text = "sample,gene,value\ns1,A,1\ns1,B,2\ns2,A,3\ns2,B,4\n";
    let error = fails(text, &["is a long table", "\"gene\""]);
    assert!(
        error
            .advice()
            .contains("pivot(index=\"sample\", columns=\"gene\""),
        "{}",
        error.advice()
    );
}

#[test]
fn rows_of_nothing_are_left_out_of_every_table_that_goes_by_position() {
    let a = "label,x\n1,1.5\n2,\n1,3.5\n2,4.5\n1,2\n";
    let b = "label,y\n1,1.5\n2,2.5\n1,3.5\n2,NA\n1,4\n";
    let loaded = Folder::new(&[("modality_a.csv", a), ("modality_b.csv", b)])
        .load()
        .unwrap();
    assert_eq!(loaded.dataset.samples(), 3);
    assert_eq!(loaded.dataset.labels.as_ref().unwrap().classes, ["1"]);
    assert_eq!(values(&loaded), [1.5, 3.5, 2.0]);
    let said = said(&loaded);
    assert!(
        said.contains("modality_a.csv: nothing was measured of 1 sample"),
        "{said}"
    );
    // A column of nothing, where features are in rows.
    let turned = "gene\tTCGA-A1-A0SB\tTCGA-A1-A0SD\tTCGA-A2-A04P\nTP53\t1\tNA\t3\nMYC\t4\tNA\t6\n";
    assert_eq!(
        one(turned).unwrap().dataset.samples.names(),
        ["TCGA-A1-A0SB", "TCGA-A2-A04P"]
    );
}

#[test]
fn an_answer_does_not_spoil_other_files() {
    let folder = Folder::new(&[
        ("modality_a.csv", "nr;who;x\n7;s1;1,046\n9;s2;574\n"),
        ("modality_b.csv", "sample,y\ns1,0.5\ns2,1.046\n"),
    ]);
    let mut spec = folder.spec();
    let loaded = loop {
        match load(&spec, &CancelToken::new()) {
            Ok(loaded) => break loaded,
            Err(LoadError::Ask(question)) => {
                assert!(question.file.ends_with("modality_a.csv"));
                spec.choose(&question.answers[0].choice);
            }
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(spec.id_column.as_deref(), Some("who"));
    assert_eq!(values(&loaded), [1046.0, 574.0]);
    assert_eq!(
        loaded.dataset.modalities[1].values,
        array![[0.5], [1.046]].into()
    );
    spec.decimal = Decimal::Comma;
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(values(&loaded), [1.046, 574.0]);
    assert_eq!(
        loaded.dataset.modalities[1].values,
        array![[0.5], [1.046]].into()
    );
}

#[test]
fn rows_and_columns_whose_names_take_too_much_memory_are_refused() {
    let read = |text: &str, names: u64| {
        let path = Path::new("m.csv");
        let open = || TextReader::of_bytes(path, text.as_bytes());
        let limit = MemoryLimit::of(0, names);
        let wishes = table::Wishes::default();
        table::read(path, open, &wishes, &limit, &CancelToken::new())
    };
    let said = |text: &str| read(text, 1 << 20).unwrap_err().to_string();
    let rows = format!("id,a\n{}", "s,1\n".repeat(10_000));
    assert!(said(&rows).contains("the names of its rows would take"));
    let columns = format!("id{}\ns{}\n", ",a".repeat(5_000), ",1".repeat(5_000));
    assert!(said(&columns).contains("the names of its columns would take"));
    assert_eq!(read(&rows, 2 << 20).unwrap().0.ids.len(), 10_000);
    // Read again for its line breaks, in no more memory.
    let quoted = format!("id,a\n{}\"s\n\",1\n", "s,1\n".repeat(7_000));
    assert_eq!(read(&quoted, 1 << 20).unwrap().0.ids.len(), 7_001);
}
