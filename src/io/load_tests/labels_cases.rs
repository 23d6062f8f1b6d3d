//! Labels and metadata as people have them: `tests/cases`, each with a README that says what is right.

use super::*;

fn case(name: &str) -> PathBuf {
    let root = option_env!("HDUMEC_ROOT").unwrap_or(env!("CARGO_MANIFEST_DIR"));
    Path::new(root).join("tests/cases").join(name)
}

fn spec(modality: &str, labels: &str) -> LoadSpec {
    LoadSpec {
        paths: vec![case(modality)],
        labels: Some(case(labels)),
        ..LoadSpec::default()
    }
}

fn opened(modality: &str, labels: &str) -> Loaded {
    load(&spec(modality, labels), &CancelToken::new()).unwrap()
}

/// The column used, and the number of samples of every class.
fn classes(loaded: &Loaded) -> (&str, Vec<usize>) {
    let Some(LabelSource::File { column, .. }) = &loaded.report.labels_from else {
        panic!("no labels: {:?}", loaded.report.notices);
    };
    let counts = loaded.report.classes.iter().map(|c| c.samples);
    (column, counts.collect())
}

const CELLS: &str = "04-metadata-sample-is-donor/modality_rna.csv";

#[test]
fn ids_and_classes_are_found_by_what_columns_hold() {
    for (file, column, clusters, others) in [
        ("labels.tsv", "celltype", "cluster", 5),
        ("fixed/labels.tsv", "celltype", "cluster", 5),
        ("b/labels.tsv", "cell_id", "leiden", 2),
        (
            "c/labels.csv",
            "predicted.celltype.l1",
            "seurat_clusters",
            3,
        ),
    ] {
        let loaded = opened(CELLS, &format!("04-metadata-sample-is-donor/{file}"));
        assert_eq!(classes(&loaded), (column, vec![30; 4]), "{file}");
        assert_eq!(loaded.report.unlabelled, 0);
        // As Python wrote it: the first cell is a macrophage, the second a T cell.
        let labels = loaded.dataset.labels.as_ref().unwrap();
        let first = ["Macrophages", "T", "B", "NK"];
        for (at, class) in first.into_iter().enumerate() {
            assert!(labels.name_of(at).unwrap().starts_with(class), "{file}");
        }
        // What else could be taken is told, with the flag that takes it.
        let candidates = &loaded.report.label_columns;
        assert_eq!(candidates.len(), others + 1, "{file}: {candidates:?}");
        assert_eq!(candidates[0].column, column);
        assert_eq!((candidates[0].classes, candidates[0].missing), (4, 0));
        assert_eq!(candidates[0].kind, "category");
        let said = sentences(&loaded.report).join("\n");
        assert!(said.contains("Others could be taken: "), "{said}");
        assert!(said.contains(clusters), "{said}");
        // And the whole table is kept.
        assert_eq!(
            loaded.dataset.obs.get(clusters).unwrap().kind(),
            "whole number"
        );
        assert_eq!(
            loaded.dataset.obs.get(clusters).unwrap().text(1).as_deref(),
            Some("1")
        );
    }
    let loaded = opened(CELLS, "04-metadata-sample-is-donor/b/labels.tsv");
    let kinds: Vec<_> = loaded
        .dataset
        .obs
        .columns()
        .map(|(name, c)| (name, c.kind()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("batch", "whole number"),
            ("UMI Count", "whole number"),
            ("Percent Mitochond.", "number"),
            ("pheno", "category"),
            ("sample", "category"),
            ("Expressed Genes", "whole number"),
            ("leiden", "whole number"),
            ("cell_id", "category"),
        ]
    );
    let depth = loaded.dataset.obs.get("UMI Count").unwrap();
    assert_eq!(
        (depth.text(0).as_deref(), depth.text(2).as_deref()),
        (Some("6000"), Some("6014"))
    );
}

#[test]
fn another_column_is_taken_if_asked_for() {
    let mut spec = spec(CELLS, "04-metadata-sample-is-donor/labels.tsv");
    spec.choose(&Choice::LabelColumn("group".into()));
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(classes(&loaded).0, "group");
    assert_eq!(loaded.dataset.labels.unwrap().classes, ["H", "S"]);
    let said = sentences(&loaded.report);
    assert!(!said.join("").contains("--label-column"), "{said:?}");
    // The donor does not name the samples, whoever says so.
    spec.choose(&Choice::LabelIds("sample".into()));
    let error = load(&spec, &CancelToken::new()).unwrap_err().to_string();
    assert!(
        error.contains("labels none of the samples. It has \"C141\""),
        "{error}"
    );
}

#[test]
fn a_file_without_a_header_labels_every_cell() {
    const DATA: &str = "09-labels-without-header/modality_rna.csv";
    let loaded = opened(DATA, "09-labels-without-header/labels.csv");
    assert_eq!(classes(&loaded), ("column_2", vec![30; 4]));
    let labels = loaded.dataset.labels.as_ref().unwrap();
    assert_eq!(labels.name_of(0), Some("Macrophages"));
    assert_eq!(loaded.report.unlabelled, 0);
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("has no header: its first line, \"TAAAATTGAACCGCCA_8, Macro"),
        "{said}"
    );

    let by_row = opened(DATA, "09-labels-without-header/one_column/labels.csv");
    assert_eq!(by_row.dataset.labels, loaded.dataset.labels);
    let said = sentences(&by_row.report).join("\n");
    assert!(said.contains("matched to the samples by row"), "{said}");
}

#[test]
fn a_header_of_r_is_one_name_short() {
    let loaded = opened(CELLS, "10-r-write-table/labels.tsv");
    assert_eq!(classes(&loaded), ("celltype", vec![30; 4]));
    assert_eq!(
        loaded
            .dataset
            .obs
            .get("nCount_RNA")
            .unwrap()
            .text(1)
            .as_deref(),
        Some("6007")
    );
    assert!(loaded.dataset.obs.get("orig.ident").is_some() && loaded.dataset.obs.len() == 3);
}

#[test]
fn tidy_labels_are_labels() {
    for (modality, labels) in [
        (
            "01-xena-genes-in-rows/right/modality_cnv.tsv",
            "01-xena-genes-in-rows/right/labels.csv",
        ),
        ("17-raw-counts/modality_rna.csv", "17-raw-counts/labels.csv"),
        (
            "30-padded-with-NA/modality_protein.csv",
            "30-padded-with-NA/labels.csv",
        ),
    ] {
        let loaded = opened(modality, labels);
        let (column, counts) = classes(&loaded);
        assert_eq!((column, counts.len()), ("subtype", 4), "{labels}");
        assert_eq!(loaded.report.unlabelled, 0, "{labels}");
        let names: Vec<&str> = loaded
            .report
            .classes
            .iter()
            .map(|c| c.name.as_str())
            .collect();
        assert_eq!(names, ["Basal", "Her2", "LumA", "LumB"]);
    }
    // Without a header.
    let loaded = opened(
        "17-raw-counts/modality_rna.csv",
        "30-padded-with-NA/measured.csv",
    );
    assert_eq!(classes(&loaded), ("column_2", vec![40, 20]));
}

#[test]
fn row_numbers_are_not_ids() {
    let spec = spec(
        "28-row-numbers-first/right/mirna.csv",
        "28-row-numbers-first/truth.csv",
    );
    let error = load(&spec, &CancelToken::new()).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains(
            "labels none of the samples. It has \"1\", the data have \"TCGA-Z2-PVPE-01\""
        ),
        "{said}"
    );
}

#[test]
fn a_packed_file_of_excel_is_read() {
    // Semicolons, decimal commas, and the character set of Windows.
    let text = b"cell;depth;type\r\ns1;1,5;na\xEFve\r\ns2;2,25;B\r\ns3;3,5;na\xEFve\r\ns4;4;B\r\n";
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    let folder = Folder::new(&[("modality_a.csv", "sample,x\ns1,1\ns2,2\ns3,3\ns4,5\n")]);
    fs::write(folder.path("labels.csv.gz"), encoder.finish().unwrap()).unwrap();
    let loaded = folder.load().unwrap();
    assert_eq!(loaded.dataset.labels.unwrap().classes, ["B", "na\u{ef}ve"]);
    let depth = crate::data::Column::Number(vec![1.5, 2.25, 3.5, 4.0]);
    assert_eq!(loaded.dataset.obs.get("depth"), Some(&depth));
    let said = sentences(&loaded.report).join("\n");
    assert!(
        said.contains("is not UTF-8 (line 2): it was read as Latin-1"),
        "{said}"
    );
}
