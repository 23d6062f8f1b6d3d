//! Which figure shows what of a result.

use std::collections::BTreeMap;

use crate::{
    figure::{self, CurvePoint, Drawing, Grouping, Look, Shade},
    pipeline::{AnalysisResult, GroupBy, cluster_group},
    train::StopReason,
};

/// The name of the data, and the stage where it is not the last.
fn title(result: &AnalysisResult) -> String {
    let name = &result.dataset.name;
    let second = result.stage2.as_ref().and_then(|s| s.umap.as_ref());
    match second {
        Some(_) => name.clone(),
        None => format!("{name}, after stage 1"),
    }
}

/// The map by label and by cluster; clusters have the colours of the classes they mostly consist of.
pub(super) fn label(result: &AnalysisResult) -> Option<Drawing> {
    let stage = result.stage(2);
    let map = stage.umap.as_ref()?;
    let given = result.given();
    let clusters = GroupBy::Cluster.groups(result, stage, &given)?;
    let classes = GroupBy::Label.groups(result, stage, &given);
    // Those without a name go by their number alone, under a title that says what they are.
    let unnamed = (0..result.clusters as u32).filter(|k| !given.cluster_names.contains_key(k));
    let unnamed: BTreeMap<String, u32> = unnamed
        .map(|k| (cluster_group(k, &given.cluster_names), k + 1))
        .collect();
    let name = |name: &String| match unnamed.get(name) {
        Some(number) => number.to_string(),
        None => name.clone(),
    };
    let names: Vec<String> = clusters.names.iter().map(name).collect();
    let labels = result.dataset.labels.as_ref();
    let by_label = labels.map(|labels| Grouping {
        title: "Label",
        plural: "classes",
        names: &labels.classes,
        codes: &labels.codes,
        colours: classes.as_ref().map(|classes| classes.colours.as_slice()),
    });
    let by_cluster = Grouping {
        title: "Cluster",
        plural: "clusters",
        names: &names,
        codes: &clusters.of,
        colours: Some(&clusters.colours),
    };
    let groupings: Vec<Grouping<'_>> = by_label.into_iter().chain([by_cluster]).collect();
    Some(figure::umap_label(map.view(), &groupings, &title(result)))
}

/// The map by every kind of uncertainty there is.
pub(super) fn uncertainty(result: &AnalysisResult) -> Option<Drawing> {
    let stage = result.stage(2);
    let noise = result.uncertainty.sample.to_vec();
    let mut shades = vec![
        Shade {
            look: Look::NOISE,
            remark: "sum over modalities",
            values: &noise,
        },
        Shade {
            look: Look::AMBIGUITY,
            remark: "between two clusters",
            values: &stage.ambiguity.value,
        },
    ];
    let remark = result
        .consensus
        .as_ref()
        .map_or_else(String::new, |c| match c.looks {
            0 => format!("of {} starts", c.clusterings),
            _ => format!("of {} votes", c.clusterings),
        });
    if let Some(disagreement) = &stage.disagreement {
        shades.push(Shade {
            look: Look::DISAGREEMENT,
            remark: &remark,
            values: disagreement,
        });
    }
    let map = stage.umap.as_ref()?.view();
    Some(figure::umap_uncertainty(map, &shades, &title(result)))
}

/// The convergence of stage 2, once it has begun.
pub(super) fn convergence(result: &AnalysisResult) -> Option<Drawing> {
    let percent = |share: f64| 100.0 * share;
    let curve: Vec<CurvePoint> = result
        .history
        .iter()
        .filter_map(|epoch| {
            let found = epoch.clustering?;
            Some(CurvePoint {
                epoch: epoch.epoch,
                acc: found.scores.acc.map(percent),
                nmi: found.scores.nmi.map(percent),
                asw: found.scores.asw.map(percent),
                ari: found.scores.ari.map(percent),
                label_change: Some(percent(found.label_change)),
                loss: epoch.loss,
            })
        })
        .collect();
    let converged = match result.stage2.as_ref().and_then(|s| s.stop) {
        Some(StopReason::Converged(epoch)) => Some(epoch),
        _ => None,
    };
    let name = &result.dataset.name;
    (!curve.is_empty()).then(|| figure::convergence(&curve, converged, name))
}
