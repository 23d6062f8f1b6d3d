//! What to do with a data set.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Earlier, Estimate, RunError};
use crate::{
    analysis::umap::UmapSpec,
    data::{Dataset, Labels},
    model::{DeviceChoice, NetworkSpec},
    train::TrainSpec,
};

/// Which values the parameters have unless they are changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipe {
    /// Clusters that many looks at the data agree on, answers that agree from seed to seed, and a stage 2 that does not
    /// destroy clusters.
    #[default]
    #[serde(rename = "robust-0.3")]
    Robust,
    /// Its second version, which learns the uncertainty from all samples in every epoch.
    #[serde(rename = "robust-0.2")]
    Robust02,
    /// Its first version, in which the network's starts alone vote. It was written without a number.
    #[serde(rename = "robust-0.1", alias = "robust")]
    Robust01,
    /// The recipe of the paper.
    #[serde(rename = "published")]
    Published,
}

impl Recipe {
    /// Its hyperparameters.
    pub fn train(self) -> TrainSpec {
        match self {
            Self::Robust => TrainSpec::robust(),
            Self::Robust02 => TrainSpec::robust_0_2(),
            Self::Robust01 => TrainSpec::robust_0_1(),
            Self::Published => TrainSpec::default(),
        }
    }
}

impl std::fmt::Display for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Robust => f.write_str("robust"),
            Self::Robust02 => f.write_str("robust-0.2"),
            Self::Robust01 => f.write_str("robust-0.1"),
            Self::Published => f.write_str("published"),
        }
    }
}

/// Everything that decides what an analysis computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnalysisSpec {
    /// What the parameters are unless they are changed.
    pub recipe: Recipe,
    /// Number of clusters K; by default the number of classes.
    pub clusters: Option<usize>,
    /// Decides the starting weights, mini-batches, k-means and UMAP.
    pub seed: u64,
    /// What to compute on.
    pub device: DeviceChoice,
    /// Other devices that train starts, and models of the ensemble, beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<DeviceChoice>,
    /// Hyperparameters.
    pub train: TrainSpec,
    /// Parameters of the map.
    pub umap: UmapSpec,
    /// The run whose model it goes on with, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Box<Earlier>>,
}

impl Default for AnalysisSpec {
    fn default() -> Self {
        Self::of(Recipe::default())
    }
}

impl AnalysisSpec {
    /// A recipe as it is.
    pub fn of(recipe: Recipe) -> Self {
        Self {
            recipe,
            clusters: None,
            seed: 0,
            device: DeviceChoice::default(),
            also: Vec::new(),
            train: recipe.train(),
            umap: UmapSpec::default(),
            earlier: None,
        }
    }

    /// The same with fewer votes and a rougher uncertainty, for maps that come soon. The published recipe has no such thing: it is one
    /// start as it is.
    pub fn quick_look(&self) -> Self {
        let mut quick = self.clone();
        if self.recipe == Recipe::Published {
            return quick;
        }
        let TrainSpec {
            starts,
            graph_votes,
            small_data,
            ensemble,
            held_out,
            epochs,
            ..
        } = &mut quick.train;
        *starts = (*starts).min(4);
        *graph_votes = (*graph_votes).min(24);
        (*small_data, *ensemble, *held_out) = (0, 1, 0.0);
        epochs[1] = epochs[1].min(40);
        quick
    }

    /// The whole analysis that it is a [`quick_look`](Self::quick_look) of, with the values of the recipe; itself if it is none.
    pub fn refined(&self) -> Self {
        let mut whole = self.clone();
        if self.is_quick_look() {
            let recipe = self.recipe.train();
            let [first, _, last] = self.train.epochs;
            whole.train = TrainSpec {
                starts: recipe.starts,
                graph_votes: recipe.graph_votes,
                small_data: recipe.small_data,
                ensemble: recipe.ensemble,
                held_out: recipe.held_out,
                epochs: [first, recipe.epochs[1], last],
                ..whole.train
            };
        }
        whole
    }

    /// Those of a run from the start: its own, unless it goes on with the model of another.
    pub fn from_the_start(&self) -> &Self {
        match &self.earlier {
            Some(earlier) => earlier.spec.from_the_start(),
            None => self,
        }
    }

    /// The devices that train beside the one that is chosen, each once.
    pub fn helpers(&self) -> Vec<DeviceChoice> {
        let mut all: Vec<DeviceChoice> = Vec::new();
        for choice in &self.also {
            if *choice != self.device && !all.contains(choice) {
                all.push(choice.clone());
            }
        }
        all
    }

    /// Whether other devices have something to do: there are several starts, or models of the uncertainty.
    pub fn can_be_helped(&self) -> bool {
        self.train.starts.max(self.train.models()) > 1
    }

    /// Whether it is no more than a [`quick_look`](Self::quick_look).
    pub fn is_quick_look(&self) -> bool {
        self.recipe != Recipe::Published && self.earlier.is_none() && *self == self.quick_look()
    }

    /// The parameters that are not those of the recipe, as `batch 300`.
    pub fn changes(&self) -> Vec<String> {
        if let Some(earlier) = &self.earlier {
            let mut changes = earlier.spec.from_the_start().changes();
            changes.push("on with the model of an earlier run".into());
            return changes;
        }
        let recipe = Self::of(self.recipe);
        let changes = differences(&self.train, &recipe.train)
            .into_iter()
            .chain(differences(&self.umap, &recipe.umap));
        changes.map(in_words).collect()
    }

    /// The parameters that are not those of another analysis, as `seed 1`.
    pub fn differences_from(&self, other: &Self) -> Vec<String> {
        let mut of_run = differences(self, other);
        of_run.retain(|name, _| !["train", "umap", "earlier"].contains(&name.as_str()));
        let goes_on = self.earlier.is_some() && self.earlier != other.earlier;
        let goes_on = goes_on.then(|| "goes on with the model of an earlier run".to_owned());
        let changes = of_run
            .into_iter()
            .chain(differences(&self.train, &other.train))
            .chain(differences(&self.umap, &other.umap));
        goes_on.into_iter().chain(changes.map(in_words)).collect()
    }

    /// Checks every setting against a data set: the network's shape, with its number of clusters, and what a run will need.
    /// Whether there is so much memory, [`Estimate::fits`] says.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn check(&self, dataset: &Dataset) -> Result<(NetworkSpec, Estimate), RunError> {
        let clusters = self.clusters_for(dataset)?;
        let widths = dataset.modalities.iter().map(|m| m.features.len());
        let network = self
            .train
            .check(dataset.samples(), widths.collect(), clusters)?;
        self.umap.check()?;
        let estimate = Estimate::for_dataset(self, &network, dataset);
        Ok((network, estimate))
    }

    /// Number of clusters for a data set: as asked, else what its labels suggest (see [`Labels::clusters`]).
    pub fn clusters_for(&self, dataset: &Dataset) -> Result<usize, RunError> {
        self.clusters
            .or_else(|| dataset.labels.as_ref().and_then(Labels::clusters))
            .ok_or(RunError::ClustersNeeded)
    }
}

fn in_words((name, value): (String, Value)) -> String {
    let value = value.to_string().replace(['[', ']', '"'], "");
    format!("{} {}", name.replace('_', " "), value.replace(',', ", "))
}

/// Fields of `mine` that differ from those of `other`, with their values.
pub(crate) fn differences<T: Serialize>(mine: &T, other: &T) -> Map<String, Value> {
    let fields = |spec: &T| match serde_json::to_value(spec) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    let (mut mine, other) = (fields(mine), fields(other));
    mine.retain(|name, value| other.get(name) != Some(value));
    mine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_look_is_less_of_the_same() {
        let spec = AnalysisSpec::default();
        let quick = spec.quick_look();
        assert!(quick.is_quick_look() && !spec.is_quick_look());
        assert!(quick.train.starts > 1, "starts still vote");
        assert_eq!((quick.refined(), spec.refined()), (spec.clone(), spec));
        let published = AnalysisSpec::of(Recipe::Published);
        assert!(!published.quick_look().is_quick_look());
    }

    #[test]
    fn changed_parameters_are_named() {
        let mut spec = AnalysisSpec::default();
        assert!(spec.changes().is_empty());
        spec.train.batch = Some(300);
        spec.train.epochs = [20, 10, 10];
        assert_eq!(spec.changes(), ["batch 300", "epochs 20, 10, 10"]);
    }
}
