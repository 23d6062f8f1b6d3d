//! The parameters of an analysis: one table for the window, the command line, the record of a run and what is taken over.

mod table;

use serde_json::Value;

use super::{AnalysisSpec, Node, Recipe};
use crate::analysis::umap::Initialisation;
pub use table::PARAMETERS;

/// A parameter of training or of the maps.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in the record of a run, within `train` or `umap`.
    pub key: &'static str,
    /// Its flag on the command line.
    pub flag: &'static str,
    /// What the window calls it.
    pub name: &'static str,
    /// What it does, as a sentence without its full stop.
    pub about: &'static str,
    /// Which part of a run reads it first.
    pub read_by: ReadBy,
    /// What it is, and where it stands.
    pub kind: Kind,
}

/// Which part of a run reads a parameter first: what is before that part does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBy {
    /// This part.
    Part(Node),
    /// This part, of runs with several starts; others never read it.
    Several(Node),
    /// The first part that makes clusters: the votes of several starts, or else stage 1.
    Grouping,
    /// Each of its three numbers by the part of its stage.
    Stages,
    /// The maps.
    Maps,
}

impl ReadBy {
    /// Whether this part is the first that reads it in a run of one start, or of `several`.
    fn is(self, node: Node, several: bool) -> bool {
        match self {
            Self::Part(part) => node == part,
            Self::Several(part) => several && node == part,
            Self::Grouping if several => node == Node::Votes,
            Self::Grouping => node == Node::Stage1,
            Self::Stages => STAGES.contains(&node),
            Self::Maps => false,
        }
    }

    /// Whether a run of one start, or of `several`, reads it at all.
    pub fn counts(self, several: bool) -> bool {
        several || !matches!(self, Self::Several(_))
    }
}

/// The parts that the three stages of training are.
const STAGES: [Node; 3] = [Node::Starts, Node::Uncertainty, Node::Stage2];

/// Where a value of a type stands in a specification.
pub type At<T> = fn(&mut AnalysisSpec) -> &mut T;

/// What a parameter is, the least and the most that it may be, and where it stands.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A whole number.
    Count(At<usize>, [usize; 2]),
    /// A whole number, or none, for which 0 stands in the window.
    SomeCount(At<Option<usize>>, [usize; 2]),
    /// A number.
    Number(At<f64>, [f64; 2]),
    /// A number of single precision.
    Single(At<f32>, [f32; 2]),
    /// A number, or none, for which 0 stands.
    SomeNumber(At<Option<f64>>, [f64; 2]),
    /// Yes or no.
    Switch(At<bool>),
    /// Epochs of the three stages.
    Counts(At<[usize; 3]>, [usize; 2]),
    /// Numbers of the three stages.
    Numbers(At<[f64; 3]>, [f64; 2]),
    /// Where a map begins.
    Start(At<Initialisation>),
}

impl Parameter {
    /// Whether it is one of the maps, not of training.
    pub fn is_of_maps(&self) -> bool {
        self.read_by == ReadBy::Maps
    }

    /// What it is in an analysis, as it is recorded.
    pub fn value(&self, spec: &AnalysisSpec) -> Value {
        let of = match self.is_of_maps() {
            true => serde_json::to_value(spec.umap),
            false => serde_json::to_value(&spec.train),
        };
        of.unwrap_or_default()[self.key].take()
    }

    /// What of it this part of a run is the first to read; nothing if it does not.
    pub(super) fn value_for(&self, node: Node, spec: &AnalysisSpec) -> Option<Value> {
        let mine = self.read_by.is(node, spec.train.starts > 1);
        let value = mine.then(|| self.value(spec))?;
        let stage = STAGES.iter().position(|part| *part == node);
        match (self.read_by, stage) {
            (ReadBy::Stages, Some(stage)) => value.get(stage).cloned(),
            _ => Some(value),
        }
    }

    /// What it is unless it is changed, by the recipes `robust | published`; once if both say the same.
    pub fn defaults(&self) -> String {
        let of = |recipe| match self.value(&AnalysisSpec::of(recipe)) {
            Value::Null => String::new(),
            Value::String(word) => word.to_lowercase(),
            Value::Number(number) => in_short(&number),
            Value::Array(numbers) => {
                let numbers = numbers.iter().filter_map(Value::as_number).map(in_short);
                numbers.collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        };
        let (robust, published) = (of(Recipe::Robust), of(Recipe::Published));
        let none = |said: String| if said.is_empty() { "0".into() } else { said };
        match (robust == published, robust.is_empty()) {
            (true, true) => self.without().into(),
            (true, false) => robust,
            (false, _) => format!("{} | {}", none(robust), none(published)),
        }
    }

    /// What is done where nothing is said.
    fn without(&self) -> &'static str {
        match self.is_of_maps() {
            true => "500, or 200 above 10,000 samples",
            false => "all at once",
        }
    }
}

/// A number without the fraction that a whole one would be written with.
fn in_short(number: &serde_json::Number) -> String {
    match number.as_f64() {
        // Of single precision: the digits that it was written with.
        Some(x) if number.is_f64() => (x as f32).to_string(),
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_is_a_parameter_and_every_parameter_a_field() {
        let spec = AnalysisSpec::default();
        let fields = |value: Value| -> BTreeSet<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        let of = |maps: bool| -> BTreeSet<String> {
            let all = PARAMETERS.iter().filter(|p| p.is_of_maps() == maps);
            all.map(|p| p.key.to_owned()).collect()
        };
        assert_eq!(
            of(false),
            fields(serde_json::to_value(&spec.train).unwrap())
        );
        let mut umap = fields(serde_json::to_value(spec.umap).unwrap());
        // That of the analysis decides.
        assert!(umap.remove("seed"));
        assert_eq!(of(true), umap);
        for all in [|p: &Parameter| p.flag, |p: &Parameter| p.name] {
            let different: BTreeSet<&str> = PARAMETERS.iter().map(all).collect();
            assert_eq!(different.len(), PARAMETERS.len());
        }
    }

    #[test]
    fn every_place_is_that_of_its_key_and_every_default_within_its_bounds() {
        for parameter in PARAMETERS {
            for recipe in [
                Recipe::Robust,
                Recipe::Robust02,
                Recipe::Robust01,
                Recipe::Published,
            ] {
                let before = AnalysisSpec::of(recipe);
                let mut spec = before.clone();
                let within = change(parameter, &mut spec);
                assert!(within, "{parameter:?}");
                let changed: Vec<&str> = PARAMETERS
                    .iter()
                    .filter(|p| p.value(&spec) != p.value(&before))
                    .map(|p| p.key)
                    .collect();
                assert_eq!(changed, [parameter.key]);
            }
        }
    }

    /// Makes it another, and whether it was within its bounds.
    fn change(parameter: &Parameter, spec: &mut AnalysisSpec) -> bool {
        fn other<T: PartialOrd + Copy>(value: &mut T, [least, most]: [T; 2]) -> bool {
            let within = (least..=most).contains(value);
            *value = if *value == most { least } else { most };
            within
        }
        match parameter.kind {
            Kind::Count(at, bounds) => other(at(spec), bounds),
            Kind::SomeCount(at, bounds) => other(at(spec).get_or_insert(bounds[0]), bounds),
            Kind::Number(at, bounds) => other(at(spec), bounds),
            Kind::Single(at, bounds) => other(at(spec), bounds),
            Kind::SomeNumber(at, bounds) => other(at(spec).get_or_insert(bounds[0]), bounds),
            Kind::Switch(at) => {
                *at(spec) = !*at(spec);
                true
            }
            Kind::Counts(at, bounds) => at(spec).iter_mut().all(|x| other(x, bounds)),
            Kind::Numbers(at, bounds) => at(spec).iter_mut().all(|x| other(x, bounds)),
            Kind::Start(at) => {
                *at(spec) = Initialisation::Pca;
                true
            }
        }
    }

    #[test]
    fn defaults_are_said_for_both_recipes() {
        let of = |flag: &str| {
            PARAMETERS
                .iter()
                .find(|p| p.flag == flag)
                .unwrap()
                .defaults()
        };
        assert_eq!(of("starts"), "16 | 1");
        assert_eq!(of("hidden"), "512");
        assert_eq!(of("epochs"), "40,200,40 | 200,100,100");
        assert_eq!(
            of("learning-rates"),
            "0.003,0.001,0.0003 | 0.005,0.001,0.001"
        );
        assert_eq!(of("clustering-weight"), "0.1 | 0");
        assert_eq!(of("batch"), "all at once");
        assert_eq!(of("umap-min-dist"), "0.1");
        assert_eq!(of("umap-start"), "spectral");
        assert_eq!(of("guard"), "true | false");
    }
}
