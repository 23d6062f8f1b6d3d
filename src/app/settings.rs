//! What the window remembers between two starts.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Source;
use crate::{
    document::autosave::Autosaves,
    io::LoadSpec,
    pipeline::{AnalysisSpec, RunStore},
    store::atomic,
};

/// Data sets kept in the list of recent ones.
const RECENT: usize = 8;

/// Appearance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop is.
    #[default]
    System,
    /// Dark text on light.
    Light,
    /// Light text on dark.
    Dark,
}

/// Whether something is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// It is.
    #[default]
    Yes,
    /// It is not.
    No,
}

/// A data set that was loaded before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recent {
    /// Files and folders, as they were given.
    pub paths: Vec<PathBuf>,
    /// How they were read: what was asked then is not asked again. Not there in settings of earlier versions.
    #[serde(default)]
    pub reading: Option<LoadSpec>,
    /// Its name.
    pub name: String,
    /// Its number of samples.
    pub samples: usize,
}

/// Remembered settings. Unknown or missing fields do no harm.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Appearance.
    pub theme: Theme,
    /// Recent data, the latest first.
    pub recent: Vec<Recent>,
    /// The last parameters; in the file, of those a recipe sets only the changed ones.
    #[serde(with = "changes")]
    pub spec: AnalysisSpec,
    /// Whether a training leaves how far it is, and a session what was not saved, so that both go on after the window was killed.
    pub keep_runs: Keep,
    /// Folder for that; hdumec's own for data if nothing is said.
    pub store: Option<PathBuf>,
    /// GiB that what parts of trainings came to may take there, so that others take it over; 2 if nothing is said.
    pub store_limit: Option<f64>,
    /// Folder the last results were saved beside.
    pub results_beside: Option<PathBuf>,
    /// The user's own sets of markers, by which names are proposed; see [`read_sets`](crate::analysis::markers::sets::read_sets).
    pub marker_sets: Option<String>,
}

/// A recipe and what was changed of it: parameters that a later version adds or sets otherwise are those of its recipe.
mod changes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
    use serde_json::{Map, Value};

    use crate::pipeline::{AnalysisSpec, Recipe, differences};

    /// The fields that a recipe sets.
    const OF_RECIPE: [&str; 2] = ["train", "umap"];

    pub fn serialize<S: Serializer>(spec: &AnalysisSpec, to: S) -> Result<S::Ok, S::Error> {
        let recipe = AnalysisSpec::of(spec.recipe);
        let mut mine = fields(spec).map_err(ser::Error::custom)?;
        let train = differences(&spec.train, &recipe.train);
        let umap = differences(&spec.umap, &recipe.umap);
        for (key, changed) in OF_RECIPE.into_iter().zip([train, umap]) {
            mine.insert(key.into(), Value::Object(changed));
        }
        mine.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<AnalysisSpec, D::Error> {
        let read = Map::deserialize(from)?;
        let recipe = match read.get("recipe") {
            // What an earlier version wrote for its default is the default still.
            Some(Value::String(name)) if name == "robust" => Recipe::default(),
            Some(name) => Recipe::deserialize(name).map_err(de::Error::custom)?,
            None => Recipe::default(),
        };
        let mut spec = fields(&AnalysisSpec::of(recipe)).map_err(de::Error::custom)?;
        for (name, value) in read {
            match (spec.get_mut(&name), value) {
                (Some(Value::Object(known)), Value::Object(changed))
                    if OF_RECIPE.contains(&name.as_str()) =>
                {
                    known.extend(changed);
                }
                (_, value) => {
                    spec.insert(name, value);
                }
            }
        }
        AnalysisSpec::deserialize(Value::Object(spec)).map_err(de::Error::custom)
    }

    fn fields(spec: &AnalysisSpec) -> serde_json::Result<Map<String, Value>> {
        serde_json::to_value(spec).and_then(serde_json::from_value)
    }
}

impl Recent {
    /// Where it comes from, to be opened again.
    pub fn source(&self) -> Source {
        match &self.reading {
            Some(spec) => Source::Files(Box::new(spec.clone())),
            None => Source::files(self.paths.clone()),
        }
    }
}

impl Settings {
    /// Where trainings leave how far they are, if they are to.
    pub fn run_store(&self) -> Option<RunStore> {
        let store = match (self.keep_runs, &self.store) {
            (Keep::No, _) => None,
            (Keep::Yes, Some(folder)) => Some(RunStore::at(folder)),
            (Keep::Yes, None) => RunStore::of_user(),
        };
        store.map(|store| store.with_limit(self.store_limit))
    }

    /// Whether unsaved work is kept on this computer.
    pub fn keeps_work(&self) -> bool {
        self.keep_runs == Keep::Yes
    }

    /// The folder that it is kept in.
    pub fn work_folder(&self) -> Option<PathBuf> {
        match (&self.store, RunStore::of_user()) {
            (Some(folder), _) => Some(folder.clone()),
            (None, Some(store)) => store.folder().parent().map(Path::to_owned),
            (None, None) => None,
        }
    }

    /// Where sessions that were not saved are kept, if they are to be.
    pub fn autosaves(&self) -> Option<Autosaves> {
        match (self.keep_runs, &self.store) {
            (Keep::No, _) => None,
            (Keep::Yes, Some(folder)) => Some(Autosaves::at(&folder.join("sessions"))),
            (Keep::Yes, None) => Autosaves::of_user(),
        }
    }

    /// Where settings are kept on this system.
    pub fn path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "hdumec")
            .map(|dirs| dirs.config_dir().join("settings.json"))
    }

    /// Reads them; defaults where there are none. A file that makes no sense is an error, and is put
    /// aside as `settings.json.bad` so that nothing in it is lost.
    pub fn load(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                let _ = fs::rename(path, path.with_extension("json.bad"));
                io::Error::other(error)
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Writes them.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        atomic::write(path, |out| out.write_all(&text))
    }

    /// Puts data at the top of the recent list.
    pub fn remember(&mut self, recent: Recent) {
        self.recent.retain(|known| known.paths != recent.paths);
        self.recent.insert(0, recent);
        self.recent.truncate(RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pipeline::Recipe, train::TrainSpec};

    #[test]
    fn settings_survive_a_restart_and_foreign_fields() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        assert_eq!(Settings::load(&path).unwrap(), Settings::default());
        let mut settings = Settings {
            theme: Theme::Dark,
            ..Settings::default()
        };
        for n in 0..12 {
            let paths = vec![PathBuf::from(format!("set{}", n % 10))];
            settings.remember(Recent {
                reading: Some(LoadSpec {
                    paths: paths.clone(),
                    id_column: Some("gene".into()),
                    ..LoadSpec::default()
                }),
                paths,
                name: "set".into(),
                samples: n,
            });
        }
        assert_eq!(settings.recent.len(), RECENT);
        assert_eq!(settings.recent[0].samples, 11);
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path).unwrap(), settings);
        let Source::Files(spec) = settings.recent[0].source() else {
            panic!("files")
        };
        assert_eq!(spec.id_column.as_deref(), Some("gene"));
        fs::write(
            &path,
            r#"{"theme":"light","recent":[{"paths":["a"],"name":"a","samples":3}],"from_the_future":3,"spec":{"train":{"heads":5,"new":1}}}"#,
        )
        .unwrap();
        let read = Settings::load(&path).unwrap();
        assert_eq!((read.theme, read.spec.train.heads), (Theme::Light, 5));
        assert!(
            matches!(read.recent[0].source(), Source::Files(spec) if spec.paths[0].ends_with("a"))
        );
        assert_eq!(read.spec.train.starts, TrainSpec::robust().starts);

        settings.spec = AnalysisSpec::of(Recipe::Published);
        settings.spec.train.heads = 4;
        settings.save(&path).unwrap();
        assert_eq!(Settings::load(&path).unwrap(), settings);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("heads") && !text.contains("starts"), "{text}");
        fs::write(&path, "{").unwrap();
        assert!(Settings::load(&path).is_err());
        assert!(path.with_extension("json.bad").exists());
        assert_eq!(Settings::load(&path).unwrap(), Settings::default());
    }
}
