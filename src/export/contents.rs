//! What an export of a result holds, in words.

use crate::{
    data::{Labels, demo},
    pipeline::AnalysisResult,
};

/// The files that an export of this result writes, those of a kind together, and what is in them.
pub fn contents(result: &AnalysisResult) -> Vec<(String, String)> {
    let stage = result.last_stage();
    let mapped = result.stage1.umap.is_some() || stage.umap.is_some();
    let drawn = result.stage(2).umap.is_some();
    let clustered = result
        .history
        .iter()
        .any(|epoch| epoch.clustering.is_some());
    let labels = result.dataset.labels.as_ref();
    let labelled = labels.is_some_and(Labels::tell_apart);
    let truth = result.dataset.truth.sample.iter();
    let truth = truth
        .into_iter()
        .any(|column| column.name == demo::CELL_NOISE);
    let injected = result.injection.is_some();
    let disagreement = match stage.disagreement {
        Some(_) => ", disagreement of the votes",
        None => "",
    };
    let contradiction = match stage.contradiction {
        Some(_) => ", contradiction of modalities",
        None => "",
    };
    let checks = [
        (labelled || truth || injected, "check.json"),
        (labelled, "risk_coverage.csv"),
        (injected, "injected_noise.csv"),
    ];
    let checks = checks.into_iter().filter(|(there, _)| *there);
    let checks: Vec<&str> = checks.map(|(_, name)| name).collect();
    let all = [
        (
            true,
            "embedding.csv".into(),
            "the embedding of every sample".into(),
        ),
        (mapped, "umap.csv".into(), "its place on the maps".into()),
        (
            true,
            "assignment.csv".into(),
            format!(
                "cluster, ambiguity and second cluster{disagreement}{contradiction}, soft assignment"
            ),
        ),
        (
            true,
            "uncertainty_sample.csv, uncertainty_modality.csv, uncertainty_feature.csv".into(),
            "the three levels of uncertainty".into(),
        ),
        (
            result
                .dataset
                .modalities
                .iter()
                .any(|m| m.measured.mixture.is_some()),
            "loadings.csv".into(),
            "how much of every feature goes into each component that the model got".into(),
        ),
        (
            result
                .dataset
                .modalities
                .iter()
                .any(|m| m.measured.missing > 0),
            "not_measured.csv".into(),
            match result.spec.train.masked {
                true => {
                    "the values that were missing in the files: their uncertainty is a prediction"
                }
                false => {
                    "the values that were missing in the files: means were learned in their place"
                }
            }
            .into(),
        ),
        (
            true,
            "convergence.csv".into(),
            "every epoch with its loss and scores".into(),
        ),
        (
            true,
            "scores.json".into(),
            "scores after both stages, and warnings".into(),
        ),
        (
            !checks.is_empty(),
            checks.join(", "),
            "what the uncertainty is worth, as far as it is known".into(),
        ),
        (
            result.comparison.is_some(),
            "methods.csv, method_clusters.csv".into(),
            "other methods beside this one: scores, agreement, clusters".into(),
        ),
        (
            true,
            "run.json".into(),
            "inputs with their hashes, every parameter, device, versions, times".into(),
        ),
        (
            true,
            "results.hdumec".into(),
            "all of it, to be opened again here".into(),
        ),
        (
            true,
            "model.safetensors".into(),
            "the trained network; PyTorch reads it too".into(),
        ),
        (
            drawn,
            "umap_label.png, umap_label.svg".into(),
            "the map by label and cluster".into(),
        ),
        (
            drawn,
            "umap_uncertainty.png, umap_uncertainty.svg".into(),
            match stage.disagreement {
                Some(_) => "the map by data noise, ambiguity and disagreement".into(),
                None => "the map by data noise and ambiguity".to_string(),
            },
        ),
        (
            clustered,
            "convergence.png, convergence.svg".into(),
            "the convergence curve".into(),
        ),
    ];
    let there = all.into_iter().filter(|(there, ..)| *there);
    there.map(|(_, names, what)| (names, what)).collect()
}
