//! The colours of both maps, made anew only when what they depend on changes.

use std::sync::Arc;

use super::{
    groups::{self, Group, groups, labels},
    lensed::Lensed,
};
use crate::{
    analysis::uncertainty::least_certain,
    document::{Layout, View},
    figure::palette,
    pipeline::{AnalysisResult, Given, GroupBy},
    ui::{
        scatter::{Cloud, Colors, Emphasis, Label, Mark},
        theme,
    },
};

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

/// What the colours depend on.
#[derive(Clone)]
pub(super) struct Key {
    pub result: Arc<AnalysisResult>,
    pub view: View,
    /// What the user says of samples.
    pub given: Given,
    /// Group under the pointer in the legend.
    pub pointed: Option<usize>,
    pub dark: bool,
}

impl Key {
    pub fn new(
        result: &Arc<AnalysisResult>,
        view: &View,
        given: Given,
        pointed: Option<usize>,
        dark: bool,
    ) -> Self {
        Self {
            given,
            result: result.clone(),
            // No colour depends on the sample that stays in view.
            // .. nor on where panels stand.
            view: View {
                pinned: None,
                layout: Layout::Row(Vec::new()),
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
            && (&self.view, &self.given) == (&other.view, &other.given)
            && (self.pointed, self.dark) == (other.pointed, other.dark)
    }
}

impl Colouring {
    /// What the user says of samples.
    pub fn given(&self) -> &Given {
        &self.key.given
    }

    /// A cluster by its number, counted from 1, and by the name that the user gave it.
    pub fn cluster_name(&self, cluster: u32) -> String {
        let number = cluster + 1;
        match self.key.given.cluster_names.get(&cluster) {
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
        let same_left =
            same_stage && same(&|k| (k.view.groups, k.view.rare) == (view.groups, view.rare));
        let same_values =
            same_stage && same(&|k| (k.view.lens, k.view.scale) == (view.lens, view.scale));
        let same_colours = same_values && same(&|k| k.dark == key.dark);
        let same_fade = same(&|k| fades(&k.view) == fades(view)) && (!fades(view) || same_values);
        let same_list = same_values
            && same(&|k| {
                (k.view.ambiguous, k.view.percent) == (view.ambiguous, view.percent)
                    && k.view.selection == view.selection
            });
        let (groups, group_of) = match kept {
            Some(old) if same_left && old.key.given == key.given => {
                (old.groups.clone(), old.group_of.clone())
            }
            _ => {
                let (groups, group_of) = groups(result, view, &key.given);
                (Arc::new(groups), Arc::new(group_of))
            }
        };
        let cloud = match kept {
            Some(old) if same_stage && old.cloud.is_some() => old.cloud.clone(),
            _ => cloud(result, view.stage),
        };
        let same_map = kept.is_some_and(|old| old.cloud.is_some() == cloud.is_some());
        let lens = match kept {
            Some(old) if same_colours && same_map => old.lens.clone(),
            _ => {
                let before = kept.filter(|_| same_values && same_map);
                let before = before.and_then(|old| old.lens.clone());
                let of = (view.lens, view.stage, view.scale);
                Lensed::new(result, of, key.dark, cloud.as_ref(), before)
            }
        };
        let left = match kept {
            Some(old) if same_left && same_fade && Arc::ptr_eq(&old.groups, &groups) => {
                old.left.clone()
            }
            _ => {
                let fading = lens.as_ref().filter(|_| fades(view));
                group_colours(&groups, &group_of, fading)
            }
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
            Some(old) if same_left && Arc::ptr_eq(&old.groups, &groups) => old.names.clone(),
            _ => Arc::new(labels(&groups, &group_of, stage.umap.as_deref())),
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

/// The map after a stage, in shuffled order, if it was finished.
pub(super) fn cloud(result: &AnalysisResult, stage: u8) -> Option<Cloud> {
    let umap = result.stage(stage).umap.as_ref()?;
    let points = umap.rows().into_iter().map(|p| [p[0], p[1]]);
    Some(Cloud::new(points.collect()))
}

/// How much of its colour the most uncertain sample keeps.
const FADED: f32 = 0.12;

/// Whether the colours of groups fade where samples are uncertain: only what tells of that makes them.
fn fades(view: &View) -> bool {
    view.fade && view.lens.is_uncertainty()
}

/// The colour of every sample by its group; towards grey where it is uncertain, if there is something to tell by.
fn group_colours(groups: &[Group], group_of: &[Option<u32>], fading: Option<&Lensed>) -> Colors {
    let grey = theme::colour(palette::UNLABELLED);
    let colour = |(at, group): (usize, &Option<u32>)| {
        let own = group.and_then(|g| groups.get(g as usize));
        let own = own.map_or(grey, |group| group.colour);
        let faded = match fading {
            Some(lens) if !lens.values[at].is_nan() => {
                let doubt = lens.span.share(lens.values[at]);
                own.lerp_to_gamma(grey, doubt * (1.0 - FADED))
            }
            _ => own,
        };
        faded.to_array()
    };
    Colors::new(group_of.iter().enumerate().map(colour).collect())
}

/// The colours of a map by groups after a stage, and the names on it; nothing where the data lack these groups.
pub(super) fn by_group(
    result: &AnalysisResult,
    (by, stage): (GroupBy, u8),
    given: &Given,
) -> Option<(Colors, Arc<Vec<Label>>)> {
    let stage = result.stage(stage);
    let (groups, of) = groups::listed(by.groups(result, stage, given)?);
    let names = labels(&groups, &of, stage.umap.as_deref());
    Some((group_colours(&groups, &of, None), Arc::new(names)))
}

/// The samples selected that these data have, in their order; nothing if there are none.
fn selected(result: &AnalysisResult, view: &View) -> Option<Vec<usize>> {
    let places = view.selection.as_ref()?.places_in(&result.dataset.samples);
    let places = places.iter().map(|&place| place as usize);
    (places.len() > 0).then(|| places.collect())
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
            (low..=high).contains(&lens.span.share(lens.values[i]))
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
    use crate::ui::pages::explore::scale::Span;

    #[test]
    fn the_list_is_what_the_right_map_shows() {
        let lens = Lensed {
            values: Arc::new(vec![0.1, f32::NAN, 0.9, 0.5]),
            span: Span::linear((0.0, 1.0)),
            shape: Arc::default(),
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
