//! What the user has chosen to see of a run.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Combine, Layout, Outline};
use crate::{
    data::SampleSet,
    figure::ColorMap,
    pipeline::{GroupBy, Lens},
};

/// What is compared on the table of markers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkersOf {
    /// A group, counted from 0.
    Group(u32),
    /// The samples selected; the first group where there are none.
    #[default]
    Selection,
}

/// The table of markers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarkersView {
    /// Whose markers.
    pub of: MarkersOf,
    /// The group that they are held against, counted from 0; all other samples where there is none.
    pub against: Option<u32>,
    /// The modality, counted from 0; the first whose features have a meaning of their own where none is chosen.
    pub modality: Option<usize>,
}

/// Groups that are switched off, counted from 0, by what samples are grouped by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "KeptHidden", into = "KeptHidden")]
pub struct Hidden(BTreeMap<GroupBy, BTreeSet<usize>>);

/// The same as files have it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptHidden {
    /// Labels and clusters: all that there was at first.
    Two([BTreeSet<usize>; 2]),
    All(Vec<(GroupBy, BTreeSet<usize>)>),
}

impl From<Hidden> for KeptHidden {
    fn from(hidden: Hidden) -> Self {
        Self::All(hidden.0.into_iter().collect())
    }
}

impl From<KeptHidden> for Hidden {
    fn from(kept: KeptHidden) -> Self {
        let mut all = match kept {
            KeptHidden::Two([labels, clusters]) => {
                BTreeMap::from([(GroupBy::Label, labels), (GroupBy::Cluster, clusters)])
            }
            KeptHidden::All(all) => all.into_iter().collect(),
        };
        all.retain(|_, hidden| !hidden.is_empty());
        Self(all)
    }
}

/// Percent of all samples below which groups can be shown as one, at most.
pub const MOST_RARE: f32 = 20.0;

/// Which values stand at the ends of the colour bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// The smallest and the largest.
    All,
    /// The 1st and the 99th percentile.
    #[default]
    Usual,
    /// The 5th and the 95th percentile.
    Tight,
}

/// How values are spread over the colour bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColourScale {
    /// Which values stand at its ends; those beyond have their colours.
    pub ends: Ends,
    /// Whether by logarithms, where no value is below zero.
    pub log: bool,
    /// Their colours; those of what is looked at where none are chosen.
    pub colours: Option<ColorMap>,
}

/// Who chose what samples are coloured by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LensBy {
    /// Nobody: it is the usual one. Another one in a session that does not say is the user's.
    #[default]
    Usual,
    /// The run that is shown: this kind of uncertainty finds its errors best.
    Run(Lens),
    /// The user.
    User,
}

/// What the user has chosen to see. Samples are named by their ids, so that a selection holds for other runs and other preparations too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// Which embedding: after stage 1 or 2.
    pub stage: u8,
    /// What samples are put into groups by.
    pub groups: GroupBy,
    /// Groups of fewer samples than this, in percent of all, are shown as one.
    pub rare: f32,
    /// What they are coloured by, and listed by.
    pub lens: Lens,
    /// Who chose that.
    pub lens_by: LensBy,
    /// How their values are spread over the colour bar.
    pub scale: ColourScale,
    /// Whether the colours of groups fade towards grey where samples are uncertain.
    pub fade: bool,
    /// Groups switched off in the legend.
    pub hidden: Hidden,
    /// Part of the colour bar that stands out, as shares of it.
    pub range: (f32, f32),
    /// Whether only the least certain samples stand out ...
    pub ambiguous: bool,
    /// ... and how many percent of them.
    pub percent: f32,
    /// The samples selected on a map.
    pub selection: Option<SampleSet>,
    /// What becomes of them when others are picked.
    pub combine: Combine,
    /// What is drawn around them to pick them.
    pub outline: Outline,
    /// Id of the sample that was clicked, whose values stay in view.
    pub pinned: Option<String>,
    /// The table of markers.
    pub markers: MarkersView,
    /// Which panels there are, and where.
    pub layout: Layout,
}

impl Default for View {
    fn default() -> Self {
        Self {
            stage: 2,
            groups: GroupBy::default(),
            rare: 0.0,
            lens: Lens::default(),
            lens_by: LensBy::default(),
            scale: ColourScale::default(),
            fade: false,
            hidden: Default::default(),
            range: (0.0, 1.0),
            ambiguous: false,
            percent: 5.0,
            selection: None,
            combine: Combine::default(),
            outline: Outline::default(),
            pinned: None,
            markers: MarkersView::default(),
            layout: Layout::default(),
        }
    }
}

impl View {
    /// A fresh view of data with or without labels.
    pub(super) fn of(labelled: bool) -> Self {
        Self {
            groups: match labelled {
                true => GroupBy::Label,
                false => GroupBy::Cluster,
            },
            ..Self::default()
        }
    }

    /// The same for another run: cluster numbers and values mean something else there; labels and samples do not.
    pub(super) fn of_another_run(&mut self) {
        self.of_other_clusters();
        self.range = (0.0, 1.0);
        self.stage = 2;
    }

    /// The same where clusters are put together otherwise: a number means another group.
    pub(super) fn of_other_clusters(&mut self) {
        self.hidden.0.remove(&GroupBy::Cluster);
        if self.groups == GroupBy::Cluster {
            (self.markers.of, self.markers.against) = Default::default();
        }
    }

    /// The same where other labels are known, or none any more.
    pub(super) fn of_other_labels(&mut self, labelled: bool) {
        self.hidden.0.remove(&GroupBy::Label);
        (self.markers.of, self.markers.against) = Default::default();
        self.groups = match (labelled, self.groups) {
            (true, _) => GroupBy::Label,
            (false, GroupBy::Label) => GroupBy::Cluster,
            (false, by) => by,
        };
    }

    /// The same where columns that describe samples have other places; what shows one that is gone shows what is usual.
    pub(super) fn renumber(&mut self, column: &dyn Fn(u32) -> Option<u32>) {
        let usual = Self::default();
        match self.groups.renumbered(column) {
            Some(by) => self.groups = by,
            None => {
                self.groups = GroupBy::Cluster;
                (self.markers.of, self.markers.against) = Default::default();
            }
        }
        match self.lens.renumbered(column) {
            Some(lens) => self.lens = lens,
            None => (self.lens, self.range) = (usual.lens, usual.range),
        }
        let hidden = std::mem::take(&mut self.hidden.0).into_iter();
        let hidden = hidden.filter_map(|(by, groups)| Some((by.renumbered(column)?, groups)));
        self.hidden.0 = hidden.collect();
        self.layout.renumber(column);
    }

    /// Shows groups of fewer samples than `percent` of all as one: a number then means another group.
    pub fn merge_rare(&mut self, percent: f32) {
        if self.rare != percent {
            self.rare = percent;
            self.hidden = Hidden::default();
            (self.markers.of, self.markers.against) = Default::default();
        }
    }

    /// Colours by what the user chooses, from now on.
    pub fn colour_by(&mut self, lens: Lens) {
        if self.lens != lens {
            (self.lens, self.range) = (lens, (0.0, 1.0));
        }
        self.lens_by = LensBy::User;
    }

    /// Colours by the kind of uncertainty that finds errors best, unless the user has chosen what to look at.
    pub fn follow(&mut self, lens: Lens) {
        let by_itself = match self.lens_by {
            LensBy::Usual => Lens::default(),
            LensBy::Run(lens) => lens,
            LensBy::User => return,
        };
        if self.lens == by_itself && self.lens != lens {
            (self.lens, self.range) = (lens, (0.0, 1.0));
            self.lens_by = LensBy::Run(lens);
        }
    }

    /// Groups that are switched off.
    pub fn hidden(&self) -> &BTreeSet<usize> {
        const NONE: &BTreeSet<usize> = &BTreeSet::new();
        self.hidden.0.get(&self.groups).unwrap_or(NONE)
    }

    /// Switches groups off and on: labels, clusters and every column keep theirs.
    pub fn set_hidden(&mut self, hidden: BTreeSet<usize>) {
        match hidden.is_empty() {
            true => self.hidden.0.remove(&self.groups),
            false => self.hidden.0.insert(self.groups, hidden),
        };
    }

    /// What is otherwise than before, in a few words.
    pub(super) fn change_from(&self, before: &Self) -> &'static str {
        // Every field has to say what it is called.
        let Self {
            stage,
            groups,
            rare,
            lens,
            lens_by: _,
            scale,
            fade,
            hidden,
            range,
            ambiguous,
            percent,
            selection,
            combine,
            outline,
            pinned,
            markers,
            layout,
        } = self;
        let changes = [
            (*selection != before.selection, "Select samples"),
            (*lens != before.lens, "Colour by other values"),
            (*groups != before.groups, "Other groups"),
            (*rare != before.rare, "Rare groups as one"),
            (*stage != before.stage, "Show another embedding"),
            (*scale != before.scale, "Scale of the colours"),
            (*fade != before.fade, "Fade what is uncertain"),
            (*hidden != before.hidden, "Show and hide groups"),
            (*range != before.range, "Bring out a range"),
            (
                *ambiguous != before.ambiguous,
                "Bring out the least certain",
            ),
            (*percent != before.percent, "Share of the least certain"),
            (*combine != before.combine, "Combine selections"),
            (*outline != before.outline, "Draw otherwise around samples"),
            (*pinned != before.pinned, "Keep a sample in view"),
            (*layout != before.layout, "Arrange panels"),
            (*markers != before.markers, "Choose markers"),
        ];
        let changed = changes.iter().find(|(changed, _)| *changed);
        changed.map_or("Change the view", |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lens_follows_the_run_until_another_is_chosen() {
        let mut view = View::default();
        view.follow(Lens::Disagreement);
        assert_eq!(view.lens, Lens::Disagreement);
        view.follow(Lens::default());
        assert_eq!(view.lens, Lens::default(), "of another run");
        view.follow(Lens::Ambiguity);
        view.colour_by(Lens::Contradiction);
        view.follow(Lens::Disagreement);
        assert_eq!(view.lens, Lens::Contradiction, "the user's own");
        // One that a session of an earlier version holds is the user's own, too.
        let mut old = View {
            lens: Lens::Ambiguity,
            ..View::default()
        };
        old.follow(Lens::Disagreement);
        assert_eq!(old.lens, Lens::Ambiguity);
    }

    #[test]
    fn what_was_hidden_in_earlier_sessions_still_is() {
        let packed = |value: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = Vec::new();
            value(&mut bytes);
            bytes
        };
        let read = |bytes: Vec<u8>| ciborium::from_reader::<Hidden, _>(bytes.as_slice()).unwrap();
        let sets: [BTreeSet<usize>; 2] = [[1].into(), BTreeSet::new()];
        let old = packed(&|out| ciborium::into_writer(&sets, out).unwrap());
        let mut view = View {
            hidden: read(old),
            ..View::default()
        };
        assert_eq!(view.hidden(), &BTreeSet::from([1]));
        view.groups = GroupBy::Column(3);
        view.set_hidden([0, 2].into());
        let now = packed(&|out| ciborium::into_writer(&view.hidden, out).unwrap());
        assert_eq!(read(now), view.hidden);
    }
}
