//! The colours of both maps, made anew only when what they depend on changes.

use std::{collections::BTreeMap, sync::Arc};

use super::groups::{Group, groups, numbers};
use crate::{
    analysis::uncertainty::least_certain,
    data::demo,
    document::View,
    figure::{
        Look,
        colormap::{self, ColorMap},
        palette,
    },
    pipeline::{AnalysisResult, Lens},
    ui::{
        scatter::{Cloud, Colors, Emphasis, Label, Mark},
        theme,
    },
};

/// Percentiles that span the colour bar.
const SPAN: std::ops::Range<f32> = 0.01..0.99;
/// Groups beyond this many get numbers on the map.
const NUMBERED: usize = 15;

/// Everything the maps and the inspector draw.
pub(super) struct Colouring {
    key: Key,
    /// The left map, in shuffled order, if it was finished.
    pub cloud: Option<Cloud>,
    pub left: Colors,
    /// What the right map shows; nothing if its lens was not computed in this run.
    pub lens: Option<Lensed>,
    pub emphasis: Option<Emphasis>,
    pub names: Arc<Vec<Label>>,
    pub groups: Arc<Vec<Group>>,
    /// Index into `groups` of every sample.
    pub group_of: Arc<Vec<Option<u32>>>,
    /// The samples that stand out, the least certain first: those of the lasso, the least certain, or the least certain
    /// of the lasso.
    pub listed: Arc<Vec<usize>>,
    /// How many samples are selected, if any are.
    pub selected: Option<usize>,
}

/// A lens, looked through.
#[derive(Clone)]
pub(super) struct Lensed {
    pub values: Arc<Vec<f32>>,
    /// Values at the two ends of the colour bar.
    pub span: (f32, f32),
    /// The map with the highest values on top.
    pub cloud: Option<Cloud>,
    pub colours: Colors,
}

/// What the colours depend on.
#[derive(Clone)]
pub(super) struct Key {
    pub result: Arc<AnalysisResult>,
    pub view: View,
    /// What the user calls clusters.
    pub names: BTreeMap<u32, String>,
    /// Group under the pointer in the legend.
    pub pointed: Option<usize>,
    pub dark: bool,
}

impl Key {
    pub fn new(
        result: &Arc<AnalysisResult>,
        view: &View,
        names: BTreeMap<u32, String>,
        pointed: Option<usize>,
        dark: bool,
    ) -> Self {
        Self {
            names,
            result: result.clone(),
            // No colour depends on the sample that stays in view.
            view: View {
                pinned: None,
                ..view.clone()
            },
            pointed,
            dark,
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.result, &other.result)
            && (&self.view, &self.names) == (&other.view, &other.names)
            && (self.pointed, self.dark) == (other.pointed, other.dark)
    }
}

impl Colouring {
    /// A cluster by its number, counted from 1, and by the name that the user gave it.
    pub fn cluster_name(&self, cluster: u32) -> String {
        let number = cluster + 1;
        match self.key.names.get(&cluster) {
            Some(name) => format!("{} ({number})", name.trim()),
            None => number.to_string(),
        }
    }

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
        let same_colours = same_values && same(&|k| k.dark == key.dark);
        let same_list = same_values
            && same(&|k| {
                (k.view.ambiguous, k.view.percent) == (view.ambiguous, view.percent)
                    && k.view.selection == view.selection
            });
        let (groups, group_of) = match kept {
            Some(old) if same_left && old.key.names == key.names => {
                (old.groups.clone(), old.group_of.clone())
            }
            _ => {
                let (groups, group_of) = groups(result, view, &key.names);
                (Arc::new(groups), Arc::new(group_of))
            }
        };
        let cloud = match kept {
            Some(old) if same_stage && old.cloud.is_some() => old.cloud.clone(),
            _ => stage
                .umap
                .as_ref()
                .map(|umap| Cloud::new(umap.rows().into_iter().map(|p| [p[0], p[1]]).collect())),
        };
        let same_map = kept.is_some_and(|old| old.cloud.is_some() == cloud.is_some());
        let lens = match kept {
            Some(old) if same_colours && same_map => old.lens.clone(),
            _ => {
                let before = kept.filter(|_| same_values && same_map);
                let before = before.and_then(|old| old.lens.clone());
                lensed(&key, cloud.as_ref(), before)
            }
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
        let (listed, selected) = match kept {
            Some(old) if same_list => (old.listed.clone(), old.selected),
            _ => {
                let selected = selected(result, view);
                let listed = listed(view, selected.as_deref(), lens.as_ref(), group_of.len());
                (Arc::new(listed), selected.map(|selected| selected.len()))
            }
        };
        let names = match kept {
            Some(old) if same_left => old.names.clone(),
            _ if groups.len() > NUMBERED => {
                Arc::new(numbers(&groups, &group_of, stage.umap.as_deref()))
            }
            _ => Arc::default(),
        };
        let emphasis = emphasis(&key, &group_of, lens.as_ref(), &listed, selected);
        Self {
            cloud,
            left,
            lens,
            emphasis,
            names,
            groups,
            group_of,
            listed,
            selected,
            key,
        }
    }
}

/// The samples seen through the lens of a view, if it was computed; of what was seen before, the colours alone are new.
fn lensed(key: &Key, cloud: Option<&Cloud>, before: Option<Lensed>) -> Option<Lensed> {
    let (result, lens) = (&key.result, key.view.lens);
    let (values, span, cloud) = match before {
        Some(before) => (before.values, before.span, before.cloud),
        None => {
            let values = lens.values(result, result.stage(key.view.stage))?;
            let ordered = cloud.map(|cloud| cloud.ordered_by(&values));
            let span = colormap::range(&values, SPAN);
            (Arc::new(values), span, ordered)
        }
    };
    let map = look(result, lens).colours;
    let colours = values.iter().map(|&value| match value.is_nan() {
        true => theme::colour(palette::UNLABELLED).to_array(),
        false => theme::colour(colour(map, share(value, span), key.dark)).to_array(),
    });
    Some(Lensed {
        colours: Colors::new(colours.collect()),
        values,
        span,
        cloud,
    })
}

/// The samples selected that these data have, in their order; nothing if there are none.
fn selected(result: &AnalysisResult, view: &View) -> Option<Vec<usize>> {
    let ids = view.selection.as_ref()?.iter();
    let samples = &result.dataset.samples;
    let mut places: Vec<usize> = ids.filter_map(|id| samples.position(id)).collect();
    places.sort_unstable();
    (!places.is_empty()).then_some(places)
}

/// See [`Colouring::listed`].
fn listed(
    view: &View,
    selected: Option<&[usize]>,
    lens: Option<&Lensed>,
    samples: usize,
) -> Vec<usize> {
    match (selected, lens) {
        (None, Some(_)) if !view.ambiguous => Vec::new(),
        (None, None) => Vec::new(),
        (Some(selected), None) => selected.to_vec(),
        (selected, Some(lens)) => {
            let everything = || (0..samples).collect();
            let among = selected.map_or_else(everything, <[usize]>::to_vec);
            let share = match view.ambiguous {
                true => f64::from(view.percent) / 100.0,
                false => 1.0,
            };
            least_certain(&lens.values, &among, share)
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
        Lens::Noise | Lens::ModalityNoise(_) => Look::NOISE,
        Lens::Ambiguity => Look::AMBIGUITY,
        Lens::Disagreement | Lens::DisagreementOf(_) => Look::DISAGREEMENT,
        Lens::Contradiction => Look::CONTRADICTION,
        Lens::Truth(i) if truth.get(i).is_some_and(|c| c.name == demo::BOUNDARY) => Look {
            ends: ["one type", "between two"],
            ..Look::AMBIGUITY
        },
        Lens::Truth(_) => Look::NOISE,
        Lens::Feature(..) | Lens::Column(_) => Look::VALUE,
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

/// What stands out and what steps back; `None` when all samples are alike.
fn emphasis(
    key: &Key,
    group_of: &[Option<u32>],
    lens: Option<&Lensed>,
    listed: &[usize],
    selected: Option<usize>,
) -> Option<Emphasis> {
    let view = &key.view;
    let range = Some(view.range).filter(|range| *range != (0.0, 1.0));
    let ranged = range.zip(lens);
    // What is selected is what the list shows.
    let lifted = selected.is_some() || view.ambiguous && lens.is_some();
    let plain = view.hidden().is_empty() && ranged.is_none() && !lifted && key.pointed.is_none();
    if plain {
        return None;
    }
    let n = group_of.len();
    let mut chosen = vec![!lifted; n];
    for &sample in listed {
        if let Some(flag) = chosen.get_mut(sample) {
            *flag = true;
        }
    }
    let marks = (0..n).map(|i| {
        let group = group_of.get(i).copied().flatten().map(|g| g as usize);
        let in_range = ranged.is_none_or(|((low, high), lens)| {
            (low..=high).contains(&share(lens.values[i], lens.span))
        });
        let pointed = key.pointed.is_none() || key.pointed == group;
        if group.is_some_and(|g| view.hidden().contains(&g)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_what_the_right_map_shows() {
        let lens = Lensed {
            values: Arc::new(vec![0.1, f32::NAN, 0.9, 0.5]),
            span: (0.0, 1.0),
            cloud: None,
            colours: Colors::new(Vec::new()),
        };
        let mut view = View::default();
        assert!(listed(&view, None, Some(&lens), 4).is_empty());
        view.ambiguous = true;
        view.percent = 50.0;
        assert_eq!(listed(&view, None, Some(&lens), 4), [2, 3]);
        assert!(listed(&view, None, None, 4).is_empty(), "nothing to go by");
        // Of samples selected, the least certain of them.
        let selected = Some(&[0, 1, 3][..]);
        assert_eq!(listed(&view, selected, Some(&lens), 4), [3, 0]);
        view.ambiguous = false;
        assert_eq!(listed(&view, selected, Some(&lens), 4), [3, 0, 1]);
        assert_eq!(listed(&view, selected, None, 4), [0, 1, 3]);
    }
}
