//! Recipes as files that people write: TOML, or JSON.

use std::{collections::BTreeMap, str::FromStr};

use super::{Ranking, Recipe, Step};

/// What begins every file that hdumec writes.
const HEAD: &str = "\
# What is done with every modality before the model gets it: 'hdumec run DATA --recipe-file THIS' takes it, and so does the window.
# Steps run in this order; those with settings are written {pca = {components = 50}}, or short as \"pca:50\".
";

/// The recipes of a text, by modality: TOML, or JSON where it begins with a brace. A step is written as in a run's record, or short, as
/// [`Step::from_str`] reads it.
///
/// # Errors
/// In words, with line and column.
pub fn parse_recipes(text: &str) -> Result<BTreeMap<String, Recipe>, String> {
    let read: BTreeMap<String, Written> = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map_err(|error| error.to_string())?,
        false => toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?,
    };
    if read.is_empty() {
        return Err("it holds no recipe: begin with the name of a modality, [rna]".into());
    }
    read.into_iter()
        .map(|(modality, Written { cuts, steps })| {
            let steps = steps.into_iter().map(|step| match step {
                WrittenStep::Short(text) => text.parse(),
                WrittenStep::Full(step) => Ok(step),
            });
            let steps = steps.collect::<Result<_, String>>();
            let steps = steps.map_err(|error| format!("{modality}: {error}"))?;
            Ok((modality, Recipe { cuts, steps }))
        })
        .collect()
}

/// Recipes as a text that [`parse_recipes`] reads.
pub fn write_recipes(recipes: &BTreeMap<String, Recipe>) -> String {
    let text = toml::to_string_pretty(recipes).expect("tables of numbers and words");
    format!("{HEAD}\n{text}")
}

/// A recipe as people write it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    cuts: super::Cuts,
    #[serde(default)]
    steps: Vec<WrittenStep>,
}

/// A step as people write it.
enum WrittenStep {
    Short(String),
    Full(Step),
}

impl<'de> serde::Deserialize<'de> for WrittenStep {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = WrittenStep;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a step, or a step with its settings")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(WrittenStep::Short(text.to_owned()))
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                map: A,
            ) -> Result<Self::Value, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                serde::Deserialize::deserialize(map).map(WrittenStep::Full)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl FromStr for Step {
    type Err = String;

    /// A step written short: its name, and its settings behind colons; those not given are the usual ones: `normalise`, `pca:30`,
    /// `select_variable:2000:seurat_v3`, `drop_features:MALAT1:NEAT1`.
    fn from_str(text: &str) -> Result<Self, String> {
        /// Puts the next setting, if there is one, into the place of the usual one.
        fn set<'a, T: FromStr>(
            settings: &mut impl Iterator<Item = &'a str>,
            setting: &mut T,
        ) -> Result<(), String> {
            if let Some(word) = settings.next() {
                let found = word.parse();
                *setting = found.map_err(|_| format!("'{word}' is no number that fits"))?;
            }
            Ok(())
        }
        let mut settings = text.split(':').map(str::trim);
        let name = settings.next().unwrap_or_default();
        let mut usual = Self::usual().into_iter();
        let Some(mut step) = usual.find(|step| step.name() == name) else {
            let known: Vec<&str> = Self::usual().iter().map(Self::name).collect();
            return Err(format!(
                "there is no step '{name}'; there are {}",
                known.join(", ")
            ));
        };
        let settings = &mut settings;
        let done = match &mut step {
            Self::DropFeatures { names } => {
                names.extend(settings.map(str::to_owned));
                return Ok(step);
            }
            Self::DropRare { samples: whole }
            | Self::ImputeNearest { neighbours: whole }
            | Self::Lsi { components: whole } => set(settings, whole),
            Self::Normalise { target: number }
            | Self::TfIdf { scale: number }
            | Self::Standardise { most: number } => set(settings, number),
            Self::ScaleQuantiles { low, high } => {
                set(settings, low).and_then(|()| set(settings, high))
            }
            Self::SelectVariable { features, by } => set(settings, features).and_then(|()| {
                let Some(word) = settings.next() else {
                    return Ok(());
                };
                let mut all = Ranking::ALL.into_iter();
                let found = all.find(|by| by.name() == word);
                *by = found.ok_or_else(|| {
                    format!("choose from {}", Ranking::ALL.map(Ranking::name).join(", "))
                })?;
                Ok(())
            }),
            Self::Pca {
                components,
                standardised,
            } => set(settings, components).and_then(|()| match settings.next() {
                None => Ok(()),
                Some("standardised") => {
                    *standardised = true;
                    Ok(())
                }
                Some(word) => Err(format!("write 'standardised' in the place of '{word}'")),
            }),
            Self::DropConstant
            | Self::FillMissing
            | Self::Log1p
            | Self::Log2
            | Self::MValues
            | Self::Binarise
            | Self::Clr => Ok(()),
        };
        let done = done.and_then(|()| match settings.next() {
            None => Ok(step),
            Some(word) => Err(format!("{name} has no place for '{word}'")),
        });
        done.map_err(|why| format!("'{text}': {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut recipe = Recipe::of(Step::usual());
        recipe.cuts.min_counts = Some(500.0);
        let recipes = BTreeMap::from([("rna".to_owned(), recipe)]);
        assert_eq!(parse_recipes(&write_recipes(&recipes)).unwrap(), recipes);
        let json = serde_json::to_string(&recipes).unwrap();
        assert_eq!(parse_recipes(&json).unwrap(), recipes);
    }

    #[test]
    fn steps_can_be_written_short() {
        let text = "[rna]\nsteps = ['normalise', 'log1p', 'select_variable:100:seurat_v3', {pca = {components = 20}}]\n[rna.cuts]\nmin_counts = 5\n";
        let recipe = &parse_recipes(text).unwrap()["rna"];
        assert_eq!(recipe.cuts.min_counts, Some(5.0));
        let by = Ranking::SeuratV3;
        let steps = [
            Step::Normalise { target: 1e4 },
            Step::Log1p,
            Step::SelectVariable { features: 100, by },
            Step::Pca {
                components: 20,
                standardised: false,
            },
        ];
        assert_eq!(recipe.steps, steps);
        for step in Step::usual() {
            let short = step.name().parse::<Step>().unwrap();
            assert_eq!(short, step);
        }
        for wrong in [
            "",
            "scale",
            "log1p:2",
            "pca:-1",
            "pca:5:6",
            "pca:5:standardised:6",
            "select_variable:5:mean",
        ] {
            assert!(wrong.parse::<Step>().is_err(), "{wrong}");
        }
        let scaled = "pca:30:standardised".parse::<Step>().unwrap();
        assert!(matches!(
            scaled,
            Step::Pca {
                components: 30,
                standardised: true
            }
        ));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_place() {
        for (text, said) in [
            ("[rna]\nsteps = ['pca'", "line 2"),
            ("[rna]\nstep = ['pca']", "step"),
            ("{\"rna\": {\"steps\": [}}", "line 1 column"),
            ("", "no recipe"),
            ("[rna]\nsteps = ['pcs']", "rna: there is no step 'pcs'"),
            ("[rna]\nsteps = [{pca = {components = 'x'}}]", "line 2"),
        ] {
            let error = parse_recipes(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
