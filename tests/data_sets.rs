//! Real labelled data sets, where they are at hand: `../shared/data` beside the checkout.

use std::path::{Path, PathBuf};

use hdumec::{
    io::{self, LoadSpec},
    job::CancelToken,
};

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(name);
    if path.exists() {
        Some(path)
    } else {
        println!("skipped: no {}", path.display());
        None
    }
}

#[test]
fn four_sets_load_as_their_readmes_say() {
    let sets: [(&str, usize, &[usize], usize); 4] = [
        ("brca_pam50", 348, &[574, 423, 645], 5),
        ("breast_tcga", 150, &[184, 200, 142], 3),
        ("citeseq_pbmc_wnn", 800, &[224, 498], 8),
        ("snareseq_celllines", 1047, &[19, 10], 4),
    ];
    for (name, samples, features, classes) in sets {
        let Some(path) = shared(name) else { return };
        let spec = LoadSpec {
            paths: vec![path],
            ..LoadSpec::default()
        };
        let loaded = io::load(&spec, &CancelToken::new()).unwrap();
        let dataset = loaded.dataset;
        assert_eq!(dataset.samples.len(), samples, "{name}");
        let found: Vec<usize> = dataset
            .modalities
            .iter()
            .map(|m| m.features.len())
            .collect();
        assert_eq!(found, features, "{name}: {:?}", loaded.report.notices);
        let labels = dataset.labels.unwrap();
        assert_eq!(labels.classes.len(), classes, "{name}");
        assert_eq!(labels.unlabelled(), 0);
    }
}
