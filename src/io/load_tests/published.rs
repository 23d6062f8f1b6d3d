//! Public data sets and files of earlier versions, where they are at hand: they load as they always did, to the bit.

use super::*;
use sha2::{Digest as _, Sha256};

/// Ids, features, values and labels in short.
fn fingerprint(data: &Dataset) -> String {
    let mut hash = Sha256::new();
    let mut name = |name: &str| {
        hash.update(name.as_bytes());
        hash.update([0]);
    };
    data.samples.iter().for_each(|id| name(id));
    for modality in &data.modalities {
        name(&modality.name);
        modality.features.iter().for_each(|f| name(f));
    }
    if let Some(labels) = &data.labels {
        labels.classes.iter().for_each(|class| name(class));
        let codes = labels.codes.iter();
        codes.for_each(|code| name(&format!("{code:?}")));
    }
    for modality in &data.modalities {
        let (all, mut buffer) = (0..modality.values.samples(), Vec::new());
        for value in modality.values.rows(all, &mut buffer) {
            hash.update(value.to_bits().to_le_bytes());
        }
    }
    let hash = hash.finalize();
    hash.iter().take(6).map(|b| format!("{b:02x}")).collect()
}

#[test]
fn they_load_as_before() {
    let expected = [
        ("brca_pam50", "6c5485eb0355"),
        ("breast_tcga", "c206260dbeb4"),
        ("ccle_tissue", "b5600e24f5e8"),
        ("citeseq_pbmc10k", "7b1c2dac82b9"),
        ("citeseq_pbmc_wnn", "302810158a06"),
        ("cll_drugs", "a9e3454df84c"),
        ("infant_diet", "190aea3a5b18"),
        ("patchseq_m1", "fdc9e70587a9"),
        ("sccat_lines", "844d77f04abf"),
        ("snareseq_celllines", "f2c55e9ba247"),
        ("tcga_glioma", "29e6105761ea"),
    ];
    for (name, expected) in expected {
        let folder = shared().join("data").join(name);
        if !folder.is_dir() {
            println!("skipped: {name} is not here");
            continue;
        }
        let spec = LoadSpec {
            paths: vec![folder],
            ..LoadSpec::default()
        };
        let loaded = load(&spec, &CancelToken::new()).unwrap();
        assert_eq!(fingerprint(&loaded.dataset), expected, "{name}");
        let said = sentences(&loaded.report);
        assert!(
            said.len() == 1 && said[0].starts_with("Labels were read"),
            "{said:?}"
        );
    }
}

#[test]
fn files_of_earlier_versions_load_as_before() {
    for (name, expected) in [("tidy", "ddf98cafdb01"), ("published", "49f6089aadf5")] {
        let spec = LoadSpec {
            paths: vec![root().join("tests/earlier").join(name)],
            ..LoadSpec::default()
        };
        let loaded = load(&spec, &CancelToken::new()).unwrap();
        assert_eq!(fingerprint(&loaded.dataset), expected, "{name}");
    }
}
