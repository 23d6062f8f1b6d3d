//! What was found of every sample and of every feature, as columns.

use std::io;

use super::Contents;
use crate::{
    data::{Category, Column, Dataset, Frame, Labels, Modality},
    figure::{Rgb, category},
    pipeline::{AnalysisResult, Given, GroupBy, cluster_group},
};

/// The columns of the samples, and the colours of some.
pub struct OfSamples {
    /// What came with the data, and what was found.
    pub frame: Frame,
    /// Colours of the categories of a column, in their order.
    pub colours: Vec<(String, Vec<Rgb>)>,
}

/// What is known of every sample: what came with the data, the labels, the clusters and how sure they are.
pub fn of_samples(dataset: &Dataset, result: Option<&AnalysisResult>) -> OfSamples {
    let mut frame = dataset.obs.clone();
    let mut colours: Vec<(String, Vec<Rgb>)> = Vec::new();
    for (name, column) in dataset.obs.columns() {
        if let Column::Category(Category {
            colours: Some(own), ..
        }) = column
        {
            let own = own.iter().map(|&[r, g, b]| Rgb([r, g, b]));
            colours.push((name.to_owned(), own.collect()));
        }
    }
    if let Some(labels) = &dataset.labels {
        let name = column_of(labels, &frame);
        let classes = labels.classes.len();
        let column = Category {
            codes: labels.codes.clone(),
            names: labels.classes.clone(),
            colours: None,
        };
        frame.set(name.clone(), Column::Category(column));
        if colours.iter().all(|(known, _)| *known != name) {
            let own = result.and_then(|result| {
                GroupBy::Label.groups(result, result.last_stage(), &result.given())
            });
            let usual = || (0..classes).map(category).collect();
            colours.push((name, own.map_or_else(usual, |groups| groups.colours)));
        }
    }
    if let Some(result) = result {
        add_found(&mut frame, result);
        let own = of_clusters(result);
        colours.retain(|(name, _)| !name.starts_with("hdumec"));
        colours.extend(["hdumec", "hdumec_second"].map(|name| (name.to_owned(), own.clone())));
    }
    OfSamples { frame, colours }
}

/// The colours of the clusters: those of the classes that they are most like.
fn of_clusters(result: &AnalysisResult) -> Vec<Rgb> {
    // Every cluster has a place of its own there, also where several are called the same.
    let stage = result.last_stage();
    let own = GroupBy::Cluster.groups(result, stage, &Given::default());
    let mut colours = own.map(|groups| groups.colours).unwrap_or_default();
    for (cluster, colour) in (0..).zip(&mut colours) {
        let name = cluster_group(cluster, &result.cluster_names);
        let mut given = result.colours.iter();
        let given = given.find(|own| own.by == GroupBy::Cluster && own.group == name);
        *colour = given.map_or(*colour, |own| own.colour);
    }
    colours
}

/// Clusters, and how sure they are.
fn add_found(frame: &mut Frame, result: &AnalysisResult) {
    let stage = result.last_stage();
    let clusters: Vec<Option<u32>> = stage.clusters.iter().copied().map(Some).collect();
    let names: Vec<String> = (1..=result.clusters).map(|k| k.to_string()).collect();
    let of_cluster = |codes: Vec<Option<u32>>| {
        Column::Category(Category {
            codes,
            names: names.clone(),
            colours: None,
        })
    };
    let second = stage.ambiguity.between.iter().zip(stage.clusters.iter());
    let second = second.map(|(&[a, b], &own)| Some(if a == own { b } else { a }));
    let numbers = |values: &[f32]| {
        let values = values.iter().map(|&value| f64::from(value));
        Column::Number(values.collect())
    };
    if !result.cluster_names.is_empty() {
        // Clusters of one name are one category.
        let names: Vec<String> = stage
            .clusters
            .iter()
            .map(|&k| result.cluster_name(k))
            .collect();
        let named = Labels::from_names(names.iter().map(|name| Some(name.as_str())));
        let category = Category {
            codes: named.codes,
            names: named.classes,
            colours: None,
        };
        frame.set("hdumec_name", Column::Category(category));
    }
    if let Some(selected) = GroupBy::Selection.groups(result, stage, &result.given()) {
        let category = Category {
            codes: selected.of,
            names: selected.names,
            colours: None,
        };
        frame.set("hdumec_selection", Column::Category(category));
    }
    frame.set("hdumec", of_cluster(clusters));
    frame.set("hdumec_second", of_cluster(second.collect()));
    frame.set("hdumec_ambiguity", numbers(&stage.ambiguity.value));
    frame.set("hdumec_noise", numbers(&result.uncertainty.sample.to_vec()));
    if let Some(disagreement) = &stage.disagreement {
        frame.set("hdumec_disagreement", numbers(disagreement));
    }
    if let Some(contradiction) = &stage.contradiction {
        frame.set("hdumec_contradiction", numbers(&contradiction.value));
    }
}

/// The column that holds the labels already, or a free name for one.
fn column_of(labels: &Labels, frame: &Frame) -> String {
    let same = |column: &Column| {
        let all = 0..labels.codes.len();
        all.into_iter()
            .all(|at| column.text(at).as_deref() == labels.name_of(at))
    };
    let known = frame.columns().find(|(_, column)| same(column));
    let taken = |name: &str| frame.get(name).is_some();
    match known {
        Some((name, _)) => name.to_owned(),
        None if taken("label") => "hdumec_label".into(),
        None => "label".into(),
    }
}

/// Which features of the file were chosen, in rising order.
pub fn columns(modality: &Modality) -> Vec<u32> {
    let measured = &modality.measured;
    match (&measured.columns, &measured.mixture) {
        (Some(columns), _) => columns.clone(),
        (None, Some(mixture)) => mixture.columns.clone(),
        (None, None) => Vec::new(),
    }
}

/// What is known of every feature of a modality: what came with the data, whether it was chosen, and how noisy the model takes it to be.
///
/// # Errors
/// If values on disk cannot be read.
pub fn of_features(contents: &Contents<'_>, at: usize) -> io::Result<Frame> {
    let modality = &contents.dataset.modalities[at];
    let measured = &modality.measured;
    let mut frame = measured.var.clone();
    let mut used = vec![Some(false); measured.features.len()];
    for column in columns(modality) {
        used[column as usize] = Some(true);
    }
    frame.set("hdumec_used", Column::Bool(used));
    let noise = contents
        .result
        .and_then(|result| result.uncertainty.feature.get(at));
    let (Some(columns), Some(noise)) = (&measured.columns, noise) else {
        return Ok(frame);
    };
    let features = columns.len();
    let sums = noise.fold(
        || vec![0.0; features],
        |sums: &mut Vec<f64>, rows| {
            for row in rows.chunks_exact(features.max(1)) {
                let both = sums.iter_mut().zip(row);
                both.for_each(|(sum, &value)| *sum += f64::from(value));
            }
        },
    )?;
    let mut means = vec![f64::NAN; measured.features.len()];
    for (feature, &column) in columns.iter().enumerate() {
        let sum: f64 = sums.iter().map(|sums| sums[feature]).sum();
        means[column as usize] = sum / noise.samples().max(1) as f64;
    }
    frame.set("hdumec_noise", Column::Number(means));
    Ok(frame)
}
