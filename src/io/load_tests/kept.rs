//! What is kept of a table beside what the model gets.

use super::*;

#[test]
fn what_was_measured_is_kept_as_it_stands_in_the_file() {
    let loaded = one("sample,CD3,flat,CD4,empty\ns1,1,5,2,\ns2,,5,4,\ns3,3,5,9,\n").unwrap();
    let modality = &loaded.dataset.modalities[0];
    assert_eq!(modality.features.names(), ["CD3", "CD4"]);
    assert_eq!(modality.values.rows(1..2, &mut Vec::new()), [2.0, 4.0]);
    let measured = &modality.measured;
    assert_eq!(measured.features.names(), ["CD3", "flat", "CD4", "empty"]);
    let column = measured.matrix.column(0).unwrap();
    assert!((column[0], column[2]) == (1.0, 3.0) && column[1].is_nan());
    assert!(modality.bytes_beside() > 0);
    let report = &loaded.report.modalities[0];
    assert_eq!((report.facts.missing, report.features), (4, 2));
    assert_eq!(report.preview.samples, ["s1", "s2", "s3"]);
    assert_eq!(report.preview.values[2][..3], [3.0, 5.0, 9.0]);
    // Where nothing is left out or filled, there is one copy.
    let loaded = one("sample,CD3,CD4\ns1,1,2\ns2,2,4\n").unwrap();
    assert_eq!(loaded.dataset.modalities[0].bytes_beside(), 0);
}

#[test]
fn counts_in_tables_are_prepared_where_the_user_says_so() {
    let mut text = String::from("sample");
    (0..40).for_each(|gene| text += &format!(",GENE{gene}"));
    for sample in 0..30 {
        text += &format!("\ns{sample}");
        (0..40).for_each(|gene| {
            text += &format!(",{}", (sample * 31 + gene * 17) % 13 * (1 + sample % 7));
        });
    }
    let folder = Folder::new(&[("modality_rna.csv", &text)]);
    let told = folder.load().unwrap();
    let offered = |loaded: &Loaded| -> Vec<Choice> {
        let notices = &loaded.report.notices;
        let answers = notices.iter().flat_map(|n| loaded.report.answers(n));
        answers.map(|answer| answer.choice).collect()
    };
    assert_eq!(offered(&told), [Choice::Prepare("rna".into())]);
    assert_eq!(told.dataset.modalities[0].features.len(), 40);
    let mut spec = folder.spec();
    spec.choose(&offered(&told)[0]);
    let prepared = load(&spec, &CancelToken::new()).unwrap();
    assert!(prepared.dataset.modalities[0].features[0].starts_with("PC"));
    assert_eq!(offered(&prepared), [Choice::AsTheyAre]);
    // Also where nothing tells what was counted.
    let unknown = Folder::new(&[("modality_counts.csv", &text)]);
    let mut asked = unknown.spec();
    asked.choose(&Choice::Prepare("counts".into()));
    let loaded = load(&asked, &CancelToken::new()).unwrap();
    assert!(loaded.dataset.modalities[0].features[0].starts_with("PC"));
    // The steps stand in the record, so that they can be repeated; and they can be taken back.
    let Some(Source::Files(record)) = &prepared.inputs.source else {
        panic!("files")
    };
    assert!(record.preparation.contains_key("rna"));
    spec.choose(&Choice::AsTheyAre);
    let back = load(&spec, &CancelToken::new()).unwrap();
    assert_eq!(back.dataset, told.dataset);
}

#[test]
fn columns_that_are_no_measurement_describe_samples_or_features() {
    let cells =
        "cell,nCount_RNA,CD3,CD4,seurat_clusters\nc1,1200,1,2,B\nc2,900,3,4,T\nc3,NA,5,7,B\n";
    let loaded = one(cells).unwrap();
    assert_eq!(
        loaded.dataset.modalities[0].features.names(),
        ["CD3", "CD4"]
    );
    let obs = &loaded.dataset.obs;
    assert_eq!(
        obs.get("nCount_RNA").unwrap().text(0).as_deref(),
        Some("1200")
    );
    assert_eq!(obs.get("nCount_RNA").unwrap().missing(), 1);
    assert_eq!(
        obs.get("seurat_clusters").unwrap().text(2).as_deref(),
        Some("B")
    );
    // What another program found is not the truth.
    assert!(loaded.dataset.labels.is_none());
    let case = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cases/02-cbioportal-two-id-columns"
    );
    let spec = LoadSpec {
        paths: vec![Path::new(case).join("data_mrna.txt")],
        ..LoadSpec::default()
    };
    let loaded = load(&spec, &CancelToken::new()).unwrap();
    let measured = &loaded.dataset.modalities[0].measured;
    let entrez = measured.var.get("Entrez_Gene_Id").unwrap();
    assert_eq!(
        (entrez.len(), entrez.kind()),
        (measured.features.len(), "whole number")
    );
}
