//! The colours of both maps, made anew only when what they depend on changes.

use std::sync::Arc;

use super::{Groups, Lens, View};
use crate::{
    analysis::uncertainty::{Ambiguous, most_ambiguous},
    data::demo,
    figure::{
        Look,
        colormap::{self, ColorMap},
        palette,
    },
    pipeline::AnalysisResult,
    ui::{
        scatter::{Cloud, Colors, Emphasis, Label, Mark},
        theme,
    },
};

/// Percentiles that span the colour bar.
const SPAN: std::ops::Range<f32> = 0.01..0.99;
/// Groups beyond this many get numbers on the map.
const NUMBERED: usize = 15;

/// A group of the legend.
pub(super) struct Group {
    pub name: String,
    pub colour: eframe::egui::Color32,
    pub samples: usize,
}

/// Everything the maps and the inspector draw.
pub(super) struct Colouring {
    key: Key,
    /// Left in shuffled order, right with the highest values on top.
    pub clouds: Option<(Cloud, Cloud)>,
    pub left: Colors,
    pub right: Colors,
    pub emphasis: Option<Emphasis>,
    pub names: Arc<Vec<Label>>,
    pub groups: Arc<Vec<Group>>,
    /// Index into `groups` of every sample.
    pub group_of: Arc<Vec<Option<u32>>>,
    pub values: Arc<Vec<f32>>,
    /// Values at the two ends of the colour bar.
    pub span: (f32, f32),
    /// The most ambiguous samples, the most ambiguous first.
    pub ambiguous: Arc<Vec<usize>>,
}

/// What the colours depend on.
#[derive(Clone)]
pub(super) struct Key {
    pub result: Arc<AnalysisResult>,
    pub view: View,
    /// Group under the pointer in the legend.
    pub pointed: Option<usize>,
    pub dark: bool,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.result, &other.result)
            && (&self.view, self.pointed, self.dark) == (&other.view, other.pointed, other.dark)
    }
}

impl Colouring {
    /// The colouring for a view; parts of `kept` are taken over where they still hold.
    pub fn new(kept: Option<&Self>, key: Key) -> Self {
        let result: &AnalysisResult = &key.result;
        let same = |test: &dyn Fn(&Key) -> bool| {
            kept.is_some_and(|k| Arc::ptr_eq(&k.key.result, &key.result) && test(&k.key))
        };
        let view = &key.view;
        let stage = result.stage(view.stage);
        let same_stage = same(&|k| k.view.stage == view.stage);
        let same_left = same_stage && same(&|k| k.view.groups == view.groups);
        let same_values = same_stage && same(&|k| k.view.lens == view.lens);
        let same_right = same_values && same(&|k| k.view.range == view.range && k.dark == key.dark);
        let same_list = same_stage
            && same(&|k| {
                (k.view.ambiguous, k.view.percent, k.view.by)
                    == (view.ambiguous, view.percent, view.by)
            });
        let (groups, group_of) = match kept {
            Some(old) if same_left => (old.groups.clone(), old.group_of.clone()),
            _ => {
                let (groups, group_of) = groups(result, view);
                (Arc::new(groups), Arc::new(group_of))
            }
        };
        let (values, span) = match kept {
            Some(old) if same_values => (old.values.clone(), old.span),
            _ => {
                let values = lens_values(result, view.stage, view.lens);
                let span = colormap::range(&values, SPAN);
                (Arc::new(values), span)
            }
        };
        let clouds = match kept {
            Some(old) if same_values && old.clouds.is_some() => old.clouds.clone(),
            Some(old) if same_stage && old.clouds.is_some() => old
                .clouds
                .as_ref()
                .map(|(left, _)| (left.clone(), left.ordered_by(&values))),
            _ => stage.umap.as_ref().map(|umap| {
                let cloud = Cloud::new(umap.rows().into_iter().map(|p| [p[0], p[1]]).collect());
                let ordered = cloud.ordered_by(&values);
                (cloud, ordered)
            }),
        };
        let left = match kept {
            Some(old) if same_left => old.left.clone(),
            _ => Colors::new(
                group_of
                    .iter()
                    .map(|g| match g {
                        Some(g) => groups[*g as usize].colour.to_array(),
                        None => theme::colour(palette::UNLABELLED).to_array(),
                    })
                    .collect(),
            ),
        };
        let right = match kept {
            Some(old) if same_right => old.right.clone(),
            _ => {
                let colours = look(result, view.lens).colours;
                let of = |&v: &f32| theme::colour(colour(colours, share(v, span), key.dark));
                Colors::new(values.iter().map(|v| of(v).to_array()).collect())
            }
        };
        let ambiguous = match kept {
            Some(old) if same_list => old.ambiguous.clone(),
            _ if view.ambiguous => {
                let by = lens_values(result, view.stage, view.by);
                let share = f64::from(view.percent) / 100.0;
                Arc::new(most_ambiguous(&by, share, Ambiguous::High))
            }
            _ => Arc::default(),
        };
        let names = match kept {
            Some(old) if same_left => old.names.clone(),
            _ if groups.len() > NUMBERED => {
                Arc::new(numbers(&groups, &group_of, stage.umap.as_deref()))
            }
            _ => Arc::default(),
        };
        let emphasis = emphasis(&key, &group_of, &values, span, &ambiguous);
        Self {
            clouds,
            left,
            right,
            emphasis,
            names,
            groups,
            group_of,
            values,
            span,
            ambiguous,
            key,
        }
    }
}

/// Position of a value on the colour bar, 0 to 1.
pub(super) fn share(value: f32, (low, high): (f32, f32)) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

/// How a lens looks; the truth looks like what it is held against.
pub(super) fn look(result: &AnalysisResult, lens: Lens) -> Look {
    let truth = &result.dataset.truth.sample;
    match lens {
        Lens::Sample | Lens::Modality(_) => Look::NOISE,
        Lens::Ambiguity => Look::AMBIGUITY,
        Lens::Disagreement => Look::DISAGREEMENT,
        Lens::Truth(i) if truth.get(i).is_some_and(|c| c.name == demo::BOUNDARY) => Look {
            ends: ["one type", "between two"],
            ..Look::AMBIGUITY
        },
        Lens::Truth(_) => Look::NOISE,
    }
}

/// Colour at a position of the colour bar.
pub(super) fn colour(colours: ColorMap, share: f32, dark: bool) -> palette::Rgb {
    if dark {
        colours.at(share)
    } else {
        colours.at_on_white(share)
    }
}

fn groups(result: &AnalysisResult, view: &View) -> (Vec<Group>, Vec<Option<u32>>) {
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
                let names = (1..=result.clusters)
                    .map(|k| format!("Cluster {k}"))
                    .collect();
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

/// Values of a lens over the samples; higher is less certain.
pub(super) fn lens_values(result: &AnalysisResult, stage: u8, lens: Lens) -> Vec<f32> {
    let uncertainty = &result.uncertainty;
    match lens {
        Lens::Sample => uncertainty.sample.to_vec(),
        Lens::Modality(v) if v < uncertainty.modality.ncols() => {
            uncertainty.modality.column(v).to_vec()
        }
        Lens::Truth(i) if i < result.dataset.truth.sample.len() => {
            result.dataset.truth.sample[i].values.clone()
        }
        Lens::Disagreement if result.stage(stage).disagreement.is_some() => {
            let disagreement = result.stage(stage).disagreement.as_deref();
            disagreement.cloned().unwrap_or_default()
        }
        _ => result.stage(stage).ambiguity.value.clone(),
    }
}

/// What stands out and what steps back; `None` when all samples are alike.
fn emphasis(
    key: &Key,
    group_of: &[Option<u32>],
    values: &[f32],
    span: (f32, f32),
    ambiguous: &[usize],
) -> Option<Emphasis> {
    let view = &key.view;
    let ranged = view.range != (0.0, 1.0);
    let plain = view.hidden.is_empty()
        && !ranged
        && !view.ambiguous
        && key.pointed.is_none()
        && view.lasso.is_none();
    if plain {
        return None;
    }
    let n = values.len();
    let mut chosen = vec![true; n];
    let mut keep_only = |samples: &[usize]| {
        let mut inside = vec![false; n];
        for &sample in samples {
            if let Some(flag) = inside.get_mut(sample) {
                *flag = true;
            }
        }
        for (flag, inside) in chosen.iter_mut().zip(inside) {
            *flag &= inside;
        }
    };
    // What is selected by hand is what the list shows.
    match &view.lasso {
        Some(lasso) => keep_only(lasso),
        None if view.ambiguous => keep_only(ambiguous),
        None => {}
    }
    let lifted = view.ambiguous || view.lasso.is_some();
    let marks = (0..n).map(|i| {
        let group = group_of.get(i).copied().flatten().map(|g| g as usize);
        let place = share(values[i], span);
        let in_range = !ranged || (view.range.0..=view.range.1).contains(&place);
        let pointed = key.pointed.is_none() || key.pointed == group;
        if group.is_some_and(|g| view.hidden.contains(&g)) {
            Mark::Hidden
        } else if !(chosen[i] && in_range && pointed) {
            Mark::Dimmed
        } else if lifted {
            Mark::Highlighted
        } else {
            Mark::Normal
        }
    });
    Some(Emphasis::new(marks.collect()))
}

/// The number of every group at its median place, with the median distance of its samples from there.
fn numbers(
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
