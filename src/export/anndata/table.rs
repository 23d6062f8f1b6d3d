//! What was found of every sample and of every feature, as columns.

use std::io;

use crate::{
    data::{Category, Column, Frame, Labels},
    figure::{Rgb, category, match_to_classes},
    pipeline::AnalysisResult,
};

/// The columns of the samples, and the colours of some.
pub struct OfSamples {
    /// What came with the data, and what was found.
    pub frame: Frame,
    /// Colours of the categories of a column, in their order.
    pub colours: Vec<(String, Vec<Rgb>)>,
}

/// What is known of every sample: what came with the data, the labels, the clusters and how sure they are.
pub fn of_samples(result: &AnalysisResult) -> OfSamples {
    let (dataset, stage) = (&result.dataset, result.last_stage());
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
    let clusters: Vec<Option<u32>> = stage.clusters.iter().copied().map(Some).collect();
    let mut of_clusters: Vec<usize> = (0..result.clusters).collect();
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
            colours.push((name, (0..classes).map(category).collect()));
        }
        of_clusters = match_to_classes(&labels.codes, classes, &clusters, result.clusters);
    }
    let names: Vec<String> = (1..=result.clusters).map(|k| k.to_string()).collect();
    let of_cluster = |codes: Vec<Option<u32>>| {
        Column::Category(Category {
            codes,
            names: names.clone(),
            colours: None,
        })
    };
    let own = of_clusters
        .iter()
        .map(|&at| category(at))
        .collect::<Vec<_>>();
    let second = stage.ambiguity.between.iter().zip(stage.clusters.iter());
    let second = second.map(|(&[a, b], &own)| Some(if a == own { b } else { a }));
    let numbers = |values: &[f32]| {
        let values = values.iter().map(|&value| f64::from(value));
        Column::Number(values.collect())
    };
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
    colours.retain(|(name, _)| !name.starts_with("hdumec"));
    colours.extend(["hdumec", "hdumec_second"].map(|name| (name.to_owned(), own.clone())));
    OfSamples { frame, colours }
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

/// What is known of every feature of a modality: what came with the data, whether the model got it, and how noisy it takes it to be.
///
/// # Errors
/// If values on disk cannot be read.
pub fn of_features(result: &AnalysisResult, at: usize) -> io::Result<Frame> {
    let measured = &result.dataset.modalities[at].measured;
    let mut frame = measured.var.clone();
    let (Some(columns), Some(noise)) = (&measured.columns, result.uncertainty.feature.get(at))
    else {
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
    let mut used = vec![Some(false); measured.features.len()];
    let mut means = vec![f64::NAN; measured.features.len()];
    for (feature, &column) in columns.iter().enumerate() {
        let sum: f64 = sums.iter().map(|sums| sums[feature]).sum();
        used[column as usize] = Some(true);
        means[column as usize] = sum / noise.samples().max(1) as f64;
    }
    frame.set("hdumec_used", Column::Bool(used));
    frame.set("hdumec_noise", Column::Number(means));
    Ok(frame)
}
