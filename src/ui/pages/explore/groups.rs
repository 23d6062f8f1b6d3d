//! The groups of the left map: classes or clusters, with their colours and numbers.

use std::collections::BTreeMap;

use crate::{
    document::{Groups, View},
    figure::palette,
    pipeline::AnalysisResult,
    ui::{scatter::Label, theme},
};

/// A group of the legend.
pub(super) struct Group {
    pub name: String,
    pub colour: eframe::egui::Color32,
    pub samples: usize,
}

/// The groups that a view shows, and the one of every sample; clusters by the names that the user gave them.
pub(super) fn groups(
    result: &AnalysisResult,
    view: &View,
    given: &BTreeMap<u32, String>,
) -> (Vec<Group>, Vec<Option<u32>>) {
    let stage = result.stage(view.stage);
    let clusters: Vec<Option<u32>> = stage.clusters.iter().map(|&k| Some(k)).collect();
    let (names, of, colours): (Vec<String>, _, Vec<usize>) =
        match (&result.dataset.labels, view.groups) {
            (Some(labels), Groups::Label) => (
                labels.classes.clone(),
                labels.codes.clone(),
                (0..labels.classes.len()).collect(),
            ),
            (labels, _) => {
                let colours = match labels {
                    Some(labels) => palette::match_to_classes(
                        &labels.codes,
                        labels.classes.len(),
                        &clusters,
                        result.clusters,
                    ),
                    None => (0..result.clusters).collect(),
                };
                let name = |k: u32| match given.get(&k) {
                    Some(name) => name.trim().to_owned(),
                    None => format!("Cluster {}", k + 1),
                };
                let names = (0..result.clusters as u32).map(name).collect();
                (names, clusters, colours)
            }
        };
    let mut counts = vec![0; names.len()];
    for group in of.iter().flatten() {
        if let Some(count) = counts.get_mut(*group as usize) {
            *count += 1;
        }
    }
    let groups = names
        .into_iter()
        .zip(colours)
        .zip(counts)
        .map(|((name, colour), samples)| Group {
            name,
            colour: theme::colour(palette::category(colour)),
            samples,
        })
        .collect();
    (groups, of)
}

/// The number of every group at its median place, with the median distance of its samples from there.
pub(super) fn numbers(
    groups: &[Group],
    group_of: &[Option<u32>],
    umap: Option<&ndarray::Array2<f32>>,
) -> Vec<Label> {
    let Some(umap) = umap else { return Vec::new() };
    let mut places: Vec<[Vec<f32>; 2]> = groups.iter().map(|_| [Vec::new(), Vec::new()]).collect();
    for (point, group) in umap.rows().into_iter().zip(group_of) {
        if let Some(place) = group.and_then(|g| places.get_mut(g as usize)) {
            place[0].push(point[0]);
            place[1].push(point[1]);
        }
    }
    let mut order: Vec<usize> = (0..groups.len())
        .filter(|&g| groups[g].samples > 0)
        .collect();
    order.sort_by_key(|&g| std::cmp::Reverse(groups[g].samples));
    let label = |g: usize| {
        let [x, y] = &places[g];
        let place = [x, y].map(|values| median(&mut values.clone()));
        let away = |(x, y): (&f32, &f32)| f32::hypot(x - place[0], y - place[1]);
        Label {
            text: (g + 1).to_string(),
            place,
            reach: median(&mut x.iter().zip(y).map(away).collect::<Vec<f32>>()),
        }
    };
    order.into_iter().map(label).collect()
}

fn median(values: &mut [f32]) -> f32 {
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        _ => *values.select_nth_unstable_by(middle, f32::total_cmp).1,
    }
}
