//! The groups of a legend, and their numbers on the map.

use crate::{
    document::View,
    figure::name,
    pipeline::{AnalysisResult, Given, GroupBy, Groups},
    ui::{scatter::Label, theme},
};

/// A group of the legend.
pub(super) struct Group {
    pub name: String,
    pub colour: eframe::egui::Color32,
    pub samples: usize,
}

/// The groups that a view shows, and the one of every sample; clusters by the names that the user gave them, and in the place of what
/// the data do not have.
pub(super) fn groups(
    result: &AnalysisResult,
    view: &View,
    given: &Given,
) -> (Vec<Group>, Vec<Option<u32>>) {
    let stage = result.stage(view.stage);
    let groups = view.groups.groups(result, stage, given);
    let groups = groups.or_else(|| GroupBy::Cluster.groups(result, stage, given));
    let groups = groups.unwrap_or_default();
    let least = 0.01 * view.rare * result.dataset.samples.len() as f32;
    listed(groups.merge_rare(least.ceil() as usize))
}

/// Groups as a legend lists them, and the one of every sample.
pub(super) fn listed(groups: Groups) -> (Vec<Group>, Vec<Option<u32>>) {
    let counts = groups.counts();
    let Groups { names, colours, of } = groups;
    let all = names.into_iter().zip(colours).zip(counts);
    let group = |((name, colour), samples)| Group {
        name,
        colour: theme::colour(colour),
        samples,
    };
    (all.map(group).collect(), of)
}

/// Groups beyond this many get numbers on the map in the place of names.
pub(super) const NUMBERED: usize = 20;

/// Signs of a name on the map at most.
const LONGEST: usize = 24;

/// The name of every group, or its number where there are many, at its median place, with the median distance of its samples from there.
pub(super) fn labels(
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
            text: match groups.len() > NUMBERED {
                true => (g + 1).to_string(),
                false => name::cut(&groups[g].name, |text| text.chars().count() <= LONGEST),
            },
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
