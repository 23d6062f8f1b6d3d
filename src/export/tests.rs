//! A whole export of a small result.

use std::{collections::BTreeSet, fs, sync::Arc};

use ndarray::{Array2, array};

use super::*;
use crate::{
    analysis::{
        ambiguity::Ambiguity, calibration::Pairs, consensus::Voter, contradiction::Contradiction,
        scores::ClusterScores, uncertainty::UncertaintySummary,
    },
    data::{Axis, Dataset, Frame, Labels, Matrix, Mixture, Modality, Truth},
    io::InputFile,
    method::Method,
    model::{DeviceInfo, Weights},
    pipeline::{
        AnalysisSpec, Compared, Comparison, Intervals, MethodClusters, ModalityIntervals,
        NoiseCheck, NoiseInjection, NoiseInjectionSpec, PartSeconds, StageResult,
    },
    train::{ClusteringStats, EpochStats, Stage, StopReason},
};

fn stage(clusters: Vec<u32>, scores: ClusterScores, stop: Option<StopReason>) -> StageResult {
    let n = clusters.len();
    StageResult {
        embedding: Arc::new(Array2::from_shape_fn((n, 3), |(i, j)| (i + j) as f32 / 7.0)),
        q: Arc::new(array![[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]]),
        clusters: Arc::new(clusters),
        margin: Arc::new(vec![0.8, 0.6, 0.0]),
        ambiguity: Arc::new(Ambiguity {
            value: vec![0.25, 0.5, 1.0],
            between: vec![[0, 1], [1, 0], [0, 1]],
        }),
        disagreement: Some(Arc::new(vec![0.0, 0.5, 0.125])),
        disagreement_of: vec![(Voter::Looks, Arc::new(vec![0.0, 0.5, 0.25]))],
        contradiction: Some(Arc::new(Contradiction {
            value: vec![0.0, 0.75, 0.25],
            modality: vec![0, 1, 0],
            says: vec![[0, 0], [1, 0], [1, 1]],
        })),
        scores,
        stop,
        umap: Some(Arc::new(Array2::from_shape_fn((n, 2), |(i, j)| {
            (i * i + j) as f32
        }))),
        umap_recall: None,
    }
}

pub(super) fn result() -> AnalysisResult {
    let scores = ClusterScores {
        acc: Some(2.0 / 3.0),
        asw: Some(f64::NAN),
        clusters: 2,
        ..ClusterScores::default()
    };
    let epoch = |stage, loss, clustering| EpochStats {
        stage,
        epoch: 1,
        epochs: 1,
        loss,
        seconds: 0.25,
        clustering,
        sizes: Vec::new(),
    };
    let found = ClusteringStats {
        scores,
        label_change: 1.0,
        seconds: 0.125,
    };
    let axis = |names: &[&str]| Axis::new(names.iter().map(|&f| f.to_owned()).collect()).unwrap();
    let modality = |name: &str, features: &[&str]| {
        let values = Array2::zeros((3, features.len()));
        Modality::new(name, axis(features), values.into())
    };
    let mut rna = modality("rna", &["g1", "g2"]);
    let measured = array![[0.0, 0.0], [0.0, f32::NAN], [0.0, 0.0]];
    (rna.measured.matrix, rna.measured.missing) = (Matrix::Dense(measured.into()), 1);
    let weights = Weights {
        tensors: [("w".to_owned(), array![1.0f32, 2.0].into_dyn())].into(),
    };
    AnalysisResult {
        scales: None,
        dataset: Arc::new(Dataset {
            name: "small".into(),
            samples: axis(&["s1", "s2", "s,3"]),
            modalities: vec![rna, modality("protein", &["CD3"])],
            obs: Frame::default(),
            labels: Some(Labels::from_names([Some("B"), None, Some("T")])),
            truth: Truth::default(),
        }),
        spec: AnalysisSpec::default(),
        clusters: 2,
        device: DeviceInfo::cpu(),
        helpers: Vec::new(),
        stage1: stage(vec![0, 0, 1], scores, None),
        stage2: Some(stage(vec![0, 1, 1], scores, Some(StopReason::Converged(1)))),
        uncertainty: Arc::new(UncertaintySummary {
            feature: vec![
                array![[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]].into(),
                array![[1.0], [2.0], [3.0]].into(),
            ],
            modality: array![[0.15, 1.0], [0.35, 2.0], [0.55, 3.0]],
            sample: array![1.15, 2.35, 3.55],
        }),
        consensus: None,
        starts: Vec::new(),
        taken_over: None,
        cluster_names: Default::default(),
        colours: Vec::new(),
        selections: Vec::new(),
        history: vec![
            epoch(Stage::Pretrain, Some(0.5), None),
            epoch(Stage::Clustering, None, Some(found)),
        ],
        injection: Some(Arc::new(NoiseInjection {
            spec: NoiseInjectionSpec::default(),
            check: NoiseCheck {
                features: vec![
                    Pairs {
                        known: vec![0.0, 0.5],
                        predicted: vec![0.1, 0.4],
                    },
                    Pairs::default(),
                ],
                samples: Pairs {
                    known: vec![0.0, 0.0, 1.0],
                    predicted: vec![0.0, 0.25, 0.75],
                },
            },
        })),
        intervals: Some(Arc::new(Intervals {
            samples: 3,
            modalities: vec![
                ModalityIntervals {
                    factor: 1.25,
                    before: 0.75,
                    covered: 0.9,
                };
                2
            ],
        })),
        comparison: Some(Arc::new(Comparison {
            clusters: 2,
            seed: 0,
            methods: vec![
                Compared {
                    method: Method::Snf,
                    outcome: Err("too many, of all".into()),
                },
                Compared {
                    method: Method::Hdumec,
                    outcome: Ok(MethodClusters {
                        labels: Arc::new(vec![0, 1, 1]),
                        scores,
                        seconds: 1.5,
                    }),
                },
            ],
            agreement: vec![vec![None, None], vec![None, Some(1.0)]],
        })),
        weights: Arc::new(weights),
        seconds: vec![PartSeconds {
            part: "pretrain".into(),
            seconds: 0.25,
        }],
    }
}

fn run(result: &AnalysisResult) -> (tempfile::TempDir, BTreeSet<String>) {
    let root = tempfile::tempdir().unwrap();
    let spec = ExportSpec {
        directory: root.path().join("out"),
        replace: false,
    };
    let inputs = Inputs {
        files: vec![InputFile {
            path: "modality_rna.csv".into(),
            bytes: 12,
            sha256: "00".into(),
        }],
        seconds: 0.5,
        source: None,
    };
    let files = export(result, &inputs, &spec, &CancelToken::new()).unwrap();
    let names = files
        .iter()
        .inspect(|file| assert!(file.is_file()))
        .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    (root, names)
}

fn read(root: &tempfile::TempDir, name: &str) -> String {
    fs::read_to_string(root.path().join("out").join(name)).unwrap()
}

#[test]
fn a_finished_result_gives_every_file() {
    let mut result = result();
    let dataset = Arc::make_mut(&mut result.dataset);
    dataset.modalities[1].measured.mixture = Some(Mixture {
        features: Axis::new(vec!["CD4".into(), "CD8".into()]).unwrap(),
        columns: vec![0, 1],
        loadings: vec![0.25, -0.5],
        values: Array2::zeros((3, 2)).into(),
        titles: vec!["CD3: \u{2212}CD8, CD4".into()],
    });
    let (root, names) = run(&result);
    assert_eq!(
        read(&root, "loadings.csv"),
        "modality,component,feature,loading\nprotein,CD3,CD8,-0.5\nprotein,CD3,CD4,0.25\n"
    );
    assert_eq!(
        names,
        FILES.iter().map(|file| file.name.to_owned()).collect()
    );
    assert_eq!(
        read(&root, "not_measured.csv"),
        "sample,modality,feature\ns2,rna,g2\n"
    );
    assert_eq!(
        read(&root, "assignment.csv"),
        "sample,label,stage1_cluster,cluster,margin,ambiguity,second_cluster,disagreement,disagreement_of_looks,contradiction,\
         contradicting_modality,it_says_cluster,others_say_cluster,q1,q2\n\
         s1,B,1,1,0.8,0.25,2,0,0,0,rna,1,1,0.9,0.1\ns2,,1,2,0.6,0.5,1,0.5,0.5,0.75,protein,2,1,0.2,0.8\n\
         \"s,3\",T,2,2,0,1,1,0.125,0.25,0.25,rna,2,2,0.5,0.5\n"
    );
    assert_eq!(
        read(&root, "uncertainty_feature.csv"),
        "sample,rna:g1,rna:g2,protein:CD3\ns1,0.1,0.2,1\ns2,0.3,0.4,2\n\"s,3\",0.5,0.6,3\n"
    );
    assert_eq!(
        read(&root, "uncertainty_sample.csv").lines().last(),
        Some("\"s,3\",3.55")
    );
    assert_eq!(
        read(&root, "umap.csv").lines().next(),
        Some("sample,umap1,umap2,stage1_umap1,stage1_umap2")
    );
    assert_eq!(
        read(&root, "convergence.csv"),
        "stage,epoch,loss,acc,nmi,ari,asw,purity,clusters,label_change,seconds,asw_error,smallest_cluster\n\
         pretrain,1,0.5,,,,,,,,0.25,,\nclustering,1,,0.6666666666666666,,,,,2,1,0.25,,\n"
    );
    assert_eq!(
        read(&root, "injected_noise.csv"),
        "of,modality,name,injected,predicted\nfeature,rna,g1,0,0.1\nfeature,rna,g2,0.5,0.4\n\
         sample,,s1,0,0\nsample,,s2,0,0.25\nsample,,\"s,3\",1,0.75\n"
    );
    assert_eq!(
        read(&root, "methods.csv"),
        "method,acc,nmi,ari,purity,clusters,seconds,failed,agreement with snf,agreement with hdumec\n\
         snf,,,,,,,\"too many, of all\",,\nhdumec,0.6666666666666666,,,,2,1.5,,,1\n"
    );
    assert_eq!(
        read(&root, "method_clusters.csv"),
        "sample,label,hdumec\ns1,B,1\ns2,,2\n\"s,3\",T,2\n"
    );
    assert_eq!(
        read(&root, "risk_coverage.csv").lines().take(3).last(),
        Some("data_noise,1,0")
    );
    let json = |name| serde_json::from_str::<serde_json::Value>(&read(&root, name)).unwrap();
    let scores = json("scores.json");
    assert_eq!(scores["stage2"]["acc"], 2.0 / 3.0);
    assert!(scores["stage1"]["asw"].is_null() && scores["stage1"]["nmi"].is_null());
    let check = json("check.json");
    assert_eq!(check["labelled"], 2);
    assert_eq!(check["injected"]["found"]["samples"]["noisy_auroc"], 1.0);
    assert!(check["truth"].is_null());
    assert_eq!(check["intervals"]["modalities"]["protein"]["factor"], 1.25);
    let run = json("run.json");
    assert_eq!(run["inputs"][0]["sha256"], "00");
    assert_eq!(run["data"]["samples"], 3);
    assert_eq!(run["stop"]["epoch"], 1);
    assert_eq!(run["parameters"]["train"]["embedding"], 20);
    let model = Weights::read(&root.path().join("out").join("model.safetensors")).unwrap();
    assert_eq!(model, *result.weights);
}

#[test]
fn a_partial_result_gives_what_there_is() {
    let mut partial = result();
    partial.stage2 = None;
    partial.stage1.umap = None;
    partial.history.truncate(1);
    partial.injection = None;
    partial.comparison = None;
    let (root, names) = run(&partial);
    assert!(
        !names
            .iter()
            .any(|n| n.contains("umap") || n.ends_with(".svg")),
        "{names:?}"
    );
    assert!(names.contains("embedding.csv") && names.contains("convergence.csv"));
    let of_comparison = |name: &&String| name.starts_with("method") && name.ends_with(".csv");
    assert_eq!(names.iter().find(of_comparison), None);
    let scores: serde_json::Value = serde_json::from_str(&read(&root, "scores.json")).unwrap();
    assert!(scores["stage2"].is_null() && scores["stage1"]["clusters"] == 2);
}

#[test]
fn a_cluster_called_by_the_number_of_another_stays_one_of_its_own() {
    let mut result = result();
    let colours = |result: &AnalysisResult| {
        let drawing = super::figures::label(result).unwrap();
        drawing.clouds.last().unwrap().colours.clone()
    };
    let before = colours(&result);
    result.cluster_names.insert(0, "2".into());
    assert_eq!(colours(&result), before);
    // Clusters of one name are one group, in the colour of the first.
    result.cluster_names.insert(1, "2".into());
    let merged = colours(&result);
    assert!(merged.iter().all(|colour| *colour == merged[0]));
}

#[test]
fn a_cancelled_export_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    let spec = ExportSpec {
        directory: root.path().join("out"),
        replace: false,
    };
    let stopped = export(&result(), &Inputs::default(), &spec, &cancel);
    assert!(matches!(stopped, Err(Error::Cancelled(_))));
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn results_open_again_as_they_were_saved() {
    let before = result();
    let (root, names) = run(&before);
    let out = root.path().join("out");
    for path in [
        out.clone(),
        out.join("run.json"),
        out.join("results.hdumec"),
    ] {
        let file = results_at(&path).unwrap().expect("results");
        let reopened = reopen(&file).unwrap();
        assert!(reopened.is_of(&before.dataset));
        let (after, same) = reopened.with(before.dataset.clone()).unwrap();
        assert!(same);
        // Whatever can be saved is the same, byte for byte.
        let (again, found) = run(&after);
        assert_eq!(found, names);
        for name in names.iter().filter(|name| *name != "run.json") {
            let bytes = |root: &tempfile::TempDir| fs::read(root.path().join("out").join(name));
            assert_eq!(bytes(&root).unwrap(), bytes(&again).unwrap(), "{name}");
        }
    }

    // Other values are told, other samples and features refused.
    let mut other = (*before.dataset).clone();
    other.modalities[1].values = array![[1.0], [0.0], [0.0]].into();
    let open = || reopen(&out.join("results.hdumec")).unwrap();
    assert!(!open().with(Arc::new(other.clone())).unwrap().1);
    other.modalities[1].name = "adt".into();
    let said = open()
        .with(Arc::new(other.clone()))
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("rna, adt by now, rna, protein then"),
        "{said}"
    );
    other.samples = Axis::new(vec!["s1".into(), "s,3".into(), "s2".into()]).unwrap();
    assert!(!open().is_of(&other));
    assert!(open().with(Arc::new(other)).is_err());

    // Folders of earlier versions are told what to do, and other folders are not taken for results.
    fs::remove_file(out.join("results.hdumec")).unwrap();
    let error = results_at(&out.join("run.json")).unwrap_err();
    assert!(error.message().hint.contains("hdumec rerun"), "{error}");
    assert_eq!(error.exit_code(), 3);
    fs::write(out.join("run.json"), "{\"tool\": {\"name\": \"other\"}}").unwrap();
    assert!(results_at(&out).unwrap().is_none());
    assert!(results_at(root.path()).unwrap().is_none());
    assert!(results_at(&root.path().join("nowhere")).unwrap().is_none());
}
