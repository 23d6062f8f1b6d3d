//! A group for every sample of a result: its label, its cluster, or a category that describes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{Deserialize, Serialize};

use super::{AnalysisResult, StageResult};
use crate::{
    data::{Category, Column, Dataset, Labels, SampleSet},
    figure::palette::{self, Rgb},
};

/// Whole numbers with more different values than this are numbers and no groups.
const MOST_NUMBERS: usize = 100;

/// The colour of rare groups as one: not that of samples without a group.
const RARE: Rgb = Rgb::hex(0x7A_6A5A);

/// What is always there to group by.
const LABEL: &str = "label";
const CLUSTER: &str = "cluster";
const SELECTION: &str = "selection";

/// What samples are put into groups by.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// The known classes.
    #[default]
    Label,
    /// What was found.
    Cluster,
    /// The selections that the user kept; a sample of several is in the first of them.
    Selection,
    /// A column of categories, of yes and no, or of a few whole numbers that describes the samples, counted from 0 among all columns.
    Column(u32),
}

/// What the user says of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given {
    /// Names of clusters, counted from 0; those without one go by their number.
    pub cluster_names: BTreeMap<u32, String>,
    /// Selections that were kept: their names, and samples.
    pub selections: Vec<(String, SampleSet)>,
    /// Colours of groups, in the place of those that they have by themselves.
    pub colours: Vec<OwnColour>,
}

/// The colour that the user gave to a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnColour {
    /// What it is a group of.
    pub by: GroupBy,
    /// Its name.
    pub group: String,
    /// Its colour.
    pub colour: Rgb,
}

/// The groups of the samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Groups {
    /// Their names.
    pub names: Vec<String>,
    /// Their colours.
    pub colours: Vec<Rgb>,
    /// The group of every sample, counted from 0, if it has one.
    pub of: Vec<Option<u32>>,
}

impl Groups {
    fn new(names: Vec<String>, of: Vec<Option<u32>>) -> Self {
        let colours = (0..names.len()).map(palette::category).collect();
        Self { names, colours, of }
    }

    /// Samples of every group.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.names.len()];
        for &group in self.of.iter().flatten() {
            if let Some(count) = counts.get_mut(group as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// The same with all groups of fewer samples than so many, where there are several, as one at the end.
    pub fn merge_rare(self, least: usize) -> Self {
        let counts = self.counts();
        let is_rare = |&group: &usize| (1..least).contains(&counts[group]);
        let rare = (0..self.names.len()).filter(is_rare).count();
        if rare < 2 {
            return self;
        }
        let kept: Vec<usize> = (0..self.names.len())
            .filter(|group| !is_rare(group))
            .collect();
        let mut names: Vec<String> = kept
            .iter()
            .map(|&group| self.names[group].clone())
            .collect();
        let mut colours: Vec<Rgb> = kept.iter().map(|&group| self.colours[group]).collect();
        names.push(format!("{rare} rare groups"));
        colours.push(RARE);
        let place = |group: u32| kept.binary_search(&(group as usize)).unwrap_or(kept.len()) as u32;
        let of = self.of.iter().map(|group| group.map(place)).collect();
        Self { names, colours, of }
    }

    /// Samples of every pair of a group of these (rows) and a group of others (columns); those without one are left out.
    pub fn counts_with(&self, others: &Self) -> Vec<Vec<usize>> {
        let mut counts = vec![vec![0; others.names.len()]; self.names.len()];
        for pair in self.of.iter().zip(&others.of) {
            if let (Some(own), Some(other)) = pair
                && let Some(count) = counts.get_mut(*own as usize)
                && let Some(count) = count.get_mut(*other as usize)
            {
                *count += 1;
            }
        }
        counts
    }
}

impl GroupBy {
    /// Everything that the samples of a data set can be grouped by, once there is a result, in the order of a menu; selections aside.
    pub fn all(dataset: &Dataset) -> Vec<Self> {
        let label = dataset.labels.as_ref().map(|_| Self::Label);
        let columns = (0..).zip(dataset.obs.columns());
        let columns = columns.filter(|(_, (name, column))| {
            is_grouping(column) && !(*name == LABEL && are_labels(column, dataset))
        });
        let columns = columns.map(|(at, _)| Self::Column(at));
        label
            .into_iter()
            .chain([Self::Cluster])
            .chain(columns)
            .collect()
    }

    /// The same where columns that describe samples have other places; nothing where its own is gone.
    pub fn renumbered(self, column: &dyn Fn(u32) -> Option<u32>) -> Option<Self> {
        match self {
            Self::Column(at) => column(at).map(Self::Column),
            by => Some(by),
        }
    }

    /// Whether a data set has what it speaks of.
    pub fn fits(self, dataset: &Dataset) -> bool {
        match self {
            Self::Label => dataset.labels.is_some(),
            Self::Cluster | Self::Selection => true,
            Self::Column(at) => {
                let column = dataset.obs.columns().nth(at as usize);
                column.is_some_and(|(_, column)| is_grouping(column))
            }
        }
    }

    /// What it is called in a data set.
    pub fn name(self, dataset: &Dataset) -> String {
        match self {
            Self::Column(at) => match dataset.obs.columns().nth(at as usize) {
                // Not the same as what is always there.
                Some((name, _)) if [LABEL, CLUSTER, SELECTION].contains(&name) => {
                    format!("{name} (column)")
                }
                Some((name, _)) => name.to_owned(),
                None => self.to_string(),
            },
            by => by.to_string(),
        }
    }

    /// The one of this name; labels and clusters come before columns that are called so.
    pub fn of_name(name: &str, dataset: &Dataset) -> Option<Self> {
        let mut all = Self::all(dataset).into_iter();
        all.find(|by| by.name(dataset) == name)
    }

    /// The groups of the samples after a stage, with what the user has `given`. Nothing where the data lack what it speaks of.
    pub fn groups(
        self,
        result: &AnalysisResult,
        stage: &StageResult,
        given: &Given,
    ) -> Option<Groups> {
        let dataset = &result.dataset;
        let mut groups = match self {
            Self::Label => {
                let labels = dataset.labels.as_ref()?;
                Groups::new(labels.classes.clone(), labels.codes.clone())
            }
            Self::Cluster => clusters(result, stage, &given.cluster_names),
            Self::Selection => of_selections(dataset, &given.selections)?,
            Self::Column(at) => of_column(dataset.obs.columns().nth(at as usize)?.1)?,
        };
        for own in given.colours.iter().filter(|own| own.by == self) {
            let place = groups.names.iter().position(|name| *name == own.group);
            if let Some(colour) = place.and_then(|at| groups.colours.get_mut(at)) {
                *colour = own.colour;
            }
        }
        Some(groups)
    }
}

/// Whether a column is what the labels were read from: by the first samples, as it is asked in every frame.
fn are_labels(column: &Column, dataset: &Dataset) -> bool {
    const SEEN: usize = 200;
    let Some(labels) = &dataset.labels else {
        return false;
    };
    let same = |at: usize| column.text(at).as_deref() == labels.name_of(at);
    (0..dataset.samples.len().min(SEEN)).all(same)
}

/// Clusters, each in the colour of the class it mostly consists of where there are labels; those of one name are one group, in the
/// place and the colour of the first.
fn clusters(result: &AnalysisResult, stage: &StageResult, given: &BTreeMap<u32, String>) -> Groups {
    let all = 0..result.clusters as u32;
    let of: Vec<Option<u32>> = stage.clusters.iter().map(|&k| Some(k)).collect();
    let colours: Vec<Rgb> = match &result.dataset.labels {
        Some(labels) => {
            let classes = labels.classes.len();
            let own = palette::match_to_classes(&labels.codes, classes, &of, result.clusters);
            own.into_iter().map(palette::category).collect()
        }
        None => all.clone().map(|k| palette::category(k as usize)).collect(),
    };
    let (names, groups) = merged(all.map(|k| cluster_group(k, given)));
    let first = |group: u32| groups.iter().position(|&of| of == group);
    Groups {
        colours: (0..names.len() as u32)
            .filter_map(|group| colours.get(first(group)?).copied())
            .collect(),
        names,
        of: of
            .into_iter()
            .map(|k| groups.get(k? as usize).copied())
            .collect(),
    }
}

/// What the group of a cluster, counted from 0, is called: by the name `given` to it, or by its number.
pub fn cluster_group(cluster: u32, given: &BTreeMap<u32, String>) -> String {
    match given.get(&cluster) {
        Some(name) => name.trim().to_owned(),
        None => format!("Cluster {}", cluster + 1),
    }
}

/// Every name once, in the order of their first place, and which of them each is.
fn merged(all: impl Iterator<Item = String>) -> (Vec<String>, Vec<u32>) {
    let mut names: Vec<String> = Vec::new();
    let mut of = Vec::new();
    for name in all {
        let known = names.iter().position(|known| *known == name);
        of.push(known.unwrap_or(names.len()) as u32);
        if known.is_none() {
            names.push(name);
        }
    }
    (names, of)
}

/// The selections that were kept; nothing without any.
fn of_selections(dataset: &Dataset, selections: &[(String, SampleSet)]) -> Option<Groups> {
    if selections.is_empty() {
        return None;
    }
    let mut of = vec![None; dataset.samples.len()];
    for (group, (_, samples)) in (0..).zip(selections) {
        for &place in samples.places_in(&dataset.samples).iter() {
            of[place as usize].get_or_insert(group);
        }
    }
    let names = selections.iter().map(|(name, _)| name.clone());
    Some(Groups::new(names.collect(), of))
}

/// Whether the values of a column are groups.
fn is_grouping(column: &Column) -> bool {
    match column {
        Column::Category(_) | Column::Bool(_) => true,
        Column::Integer(values) => {
            let mut seen = BTreeSet::new();
            let mut known = values.iter().flatten();
            known.all(|value| {
                seen.insert(value);
                seen.len() <= MOST_NUMBERS
            })
        }
        Column::Number(_) | Column::Text(_) => false,
    }
}

fn of_column(column: &Column) -> Option<Groups> {
    match column {
        Column::Category(Category {
            codes,
            names,
            colours,
        }) => {
            let mut groups = Groups::new(names.clone(), codes.clone());
            let own = colours.as_ref().filter(|own| own.len() == names.len());
            if let Some(own) = own {
                groups.colours = own.iter().map(|&colour| Rgb(colour)).collect();
            }
            Some(groups)
        }
        Column::Bool(values) => {
            let codes = values.iter().map(|value| value.map(u32::from)).collect();
            Some(Groups::new(vec!["no".into(), "yes".into()], codes))
        }
        Column::Integer(values) if is_grouping(column) => {
            let texts: Vec<Option<String>> = values
                .iter()
                .map(|value| value.map(|value| value.to_string()))
                .collect();
            let labels = Labels::from_names(texts.iter().map(Option::as_deref));
            Some(Groups::new(labels.classes, labels.codes))
        }
        Column::Integer(_) | Column::Number(_) | Column::Text(_) => None,
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label => f.write_str(LABEL),
            Self::Cluster => f.write_str(CLUSTER),
            Self::Selection => f.write_str(SELECTION),
            Self::Column(at) => write!(f, "column {}", at + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_one_name_are_one_group() {
        let names = ["Cluster 1", "B", "Cluster 3", "B"].map(String::from);
        let (names, of) = merged(names.into_iter());
        assert_eq!(names, ["Cluster 1", "B", "Cluster 3"]);
        assert_eq!(of, [0, 1, 2, 1]);
    }

    #[test]
    fn rare_groups_are_one_at_the_end() {
        let names = ["a", "b", "c", "none", "d"].map(String::from).to_vec();
        let of = [0, 0, 0, 1, 2, 2, 2, 4, 4].map(Some).to_vec();
        let groups = Groups::new(names, [of, vec![None]].concat());
        let merged = groups.clone().merge_rare(3);
        assert_eq!(merged.names, ["a", "c", "none", "2 rare groups"]);
        assert_eq!(merged.counts(), [3, 3, 0, 3]);
        assert_eq!(merged.colours[1], groups.colours[2]);
        assert_eq!(merged.of[9], None);
        // A single one keeps its name.
        assert_eq!(groups.clone().merge_rare(2), groups);
        assert_eq!(groups.clone().merge_rare(0), groups);
    }

    #[test]
    fn columns_are_groups_with_the_colours_of_their_file() {
        let category = Column::Category(Category {
            codes: vec![Some(1), None, Some(0), Some(1)],
            names: vec!["day 1".into(), "day 2".into()],
            colours: Some(vec![[1, 2, 3], [4, 5, 6]]),
        });
        let groups = of_column(&category).unwrap();
        assert_eq!(groups.colours, [Rgb([1, 2, 3]), Rgb([4, 5, 6])]);
        assert_eq!(groups.counts(), [1, 2]);
        let numbers = Column::Integer(vec![Some(10), Some(9), None, Some(10)]);
        let numbers = of_column(&numbers).unwrap();
        assert_eq!(numbers.names, ["9", "10"]);
        assert_eq!(numbers.of, [Some(1), Some(0), None, Some(1)]);
        assert_eq!(groups.counts_with(&numbers), [[0, 0], [0, 2]]);
        let answers = Column::Bool(vec![Some(true), None, Some(false), Some(true)]);
        assert_eq!(of_column(&answers).unwrap().counts(), [1, 2]);
        // What tells every sample from every other is no grouping.
        let many = Column::Integer((0..101).map(Some).collect());
        assert!(of_column(&many).is_none());
        assert!(of_column(&Column::Text(vec![None; 4])).is_none());
    }
}
