//! What is told of a result is true, and what makes it less than it looks is told.

use std::{collections::BTreeSet, fs};

use hdumec::pipeline::{Lens, Warning};

use super::*;

/// The names of the files that an export writes, and everything written as text.
fn exported(result: &AnalysisResult) -> (BTreeSet<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    let spec = ExportSpec {
        directory: folder.path().join("results"),
        replace: false,
    };
    let inputs = Inputs::default();
    let files = export::export(result, &inputs, &spec, &CancelToken::new()).unwrap();
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let text = files
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    (files.iter().map(name).collect(), text.collect())
}

fn told(result: &AnalysisResult) -> BTreeSet<String> {
    let names = export::contents(result);
    let names = names.iter().flat_map(|(names, _)| names.split(", "));
    names.map(str::to_owned).collect()
}

#[test]
fn the_files_told_are_those_written() {
    let dataset = small_demo();
    let (published, _) = run(&dataset, &small_spec());
    let (files, text) = exported(&published);
    assert_eq!(told(&published), files);
    let said: String = export::contents(&published)
        .into_iter()
        .map(|(_, what)| what)
        .collect();
    assert!(!said.contains("disagreement"), "{said}");
    assert!(
        !text.contains("isagreement"),
        "a single start disagrees with none"
    );

    let (robust, events) = run(&dataset, &robust_spec());
    let (files, text) = exported(&robust);
    assert_eq!(told(&robust), files);
    assert!(text.contains("isagreement"));
    // Without a map, labels, truth or stage 2, there is less.
    let first = events.iter().find_map(|event| match event {
        Event::Result(result) => Some((**result).clone()),
        _ => None,
    });
    let mut bare = first.unwrap();
    bare.dataset = Arc::new(Dataset {
        labels: None,
        truth: Default::default(),
        ..(*bare.dataset).clone()
    });
    let (files, _) = exported(&bare);
    assert_eq!(told(&bare), files);
    assert!(!files.contains("umap.csv") && !files.contains("check.json"));
}

#[test]
fn a_lens_that_a_run_lacks_has_no_values() {
    let dataset = small_demo();
    let (published, _) = run(&dataset, &small_spec());
    for lens in Lens::all(&dataset) {
        let values = lens.values(&published, &published.stage1);
        let missing = matches!(lens, Lens::Disagreement | Lens::DisagreementOf(_));
        assert_eq!(values.is_none(), missing, "{lens}");
    }
    assert_eq!(Lens::Truth(99).values(&published, &published.stage1), None);
    let elsewhere = Lens::ModalityNoise(7).values(&published, &published.stage1);
    assert_eq!(elsewhere, None);
    let (robust, _) = run(&dataset, &robust_spec());
    let values = Lens::Disagreement.values(&robust, robust.last_stage());
    assert_eq!(values.as_ref(), robust.last_stage().disagreement.as_deref());
}

#[test]
fn lost_clusters_and_few_samples_are_warned_of() {
    let dataset = small_demo();
    let (mut result, _) = run(&dataset, &small_spec());
    let scores =
        |result: &AnalysisResult| serde_json::to_string(&export::Scores::of(result)).unwrap();
    // One cluster takes all samples but two, which another keeps.
    let stage = result.stage2.as_mut().unwrap();
    let mut clusters = vec![0; 240];
    clusters[..2].fill(1);
    stage.clusters = Arc::new(clusters);
    let warnings = result.warnings();
    let Warning::ClustersLost {
        of,
        empty,
        shrunk,
        smallest,
        ..
    } = warnings[0]
    else {
        panic!("{warnings:?}");
    };
    assert_eq!((of, empty, smallest), (12, 10, 2));
    assert_eq!(shrunk, 1);
    assert!(scores(&result).contains("10 of 12 clusters are empty"));

    // Everything as it was after stage 1, but a cluster was empty on the way.
    let stage = result.stage2.as_mut().unwrap();
    stage.clusters = result.stage1.clusters.clone();
    assert!(
        !result
            .warnings()
            .iter()
            .any(|w| matches!(w, Warning::ClustersLost { .. }))
    );
    result.history.last_mut().unwrap().sizes[3] = 0;
    assert!(matches!(
        result.warnings()[0],
        Warning::ClustersLost {
            emptied: Some(8),
            ..
        }
    ));

    let few = Arc::new(demo::generate(&DemoSpec {
        samples: 30,
        seed: 0,
    }));
    let (result, _) = run(&few, &robust_spec());
    assert!(scores(&result).contains("30 samples are few for"));
    // As many clusters as samples: every start finds the same, whatever the data.
    let mut spec = robust_spec();
    spec.clusters = Some(few.samples());
    spec.train.start_samples = 64;
    let (result, _) = run(&few, &spec);
    assert_eq!(result.consensus.unwrap().agreement, None);
}
