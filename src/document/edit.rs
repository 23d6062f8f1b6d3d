//! Changes of a document.

use std::collections::BTreeMap;

use super::{DataId, Document, NamedRun, NamedSelection, RunId, View};
use crate::{
    data::SampleSet,
    figure::Rgb,
    method::Method,
    pipeline::{AnalysisSpec, GroupBy, NoiseInjectionSpec, OwnColour, cluster_group, differences},
    prepare::Recipe,
};

/// What goes on where the same values are described otherwise, by labels that came later, say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Described {
    /// Runs on these values, and each with the new description.
    pub runs: BTreeMap<RunId, RunId>,
    /// Where every column that describes samples is now.
    pub columns: Vec<Option<u32>>,
    /// Whether the labels are others.
    pub other_labels: bool,
}

/// A change of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Other data, or the same read in another way.
    Open {
        /// The data.
        data: DataId,
        /// Whether they have labels.
        labelled: bool,
        /// Whether they come from the same files as before: then the runs stay listed.
        same_files: bool,
        /// What goes on, where some runs are on the same values, described otherwise.
        described: Option<Box<Described>>,
    },
    /// Other parameters for the next run.
    Settings(Box<AnalysisSpec>),
    /// Other steps for a modality; those it went through where there are none.
    Steps {
        /// Its name.
        modality: String,
        /// The steps.
        recipe: Option<Recipe>,
    },
    /// The steps that all modalities went through.
    StepsAsUsed,
    /// A run that has results.
    AddRun {
        /// The run.
        run: NamedRun,
        /// Whether it is shown at once.
        show: bool,
    },
    /// Another name for a run.
    RenameRun(NamedRun),
    /// Another name for a cluster of a run; none if it is empty.
    NameCluster {
        /// The run.
        run: RunId,
        /// The cluster, counted from 0.
        cluster: u32,
        /// Its name.
        name: String,
    },
    /// Names for all clusters of a run.
    NameClusters(RunId, BTreeMap<u32, String>),
    /// Takes a run off the list.
    RemoveRun(RunId),
    /// Shows the results of another run.
    ShowRun(RunId),
    /// Shows other things of it.
    View(Box<View>),
    /// Another colour for a group; its own where there is none.
    Colour {
        /// What it is a group of.
        by: GroupBy,
        /// Its name.
        group: String,
        /// The colour.
        colour: Option<Rgb>,
    },
    /// What was said of samples where results come from.
    TakeOver {
        /// Colours of groups.
        colours: Vec<OwnColour>,
        /// Selections that were kept; those of a name that is there already are passed over.
        selections: Vec<(String, SampleSet)>,
    },
    /// Keeps selections under their names; one of such a name is replaced.
    KeepSelections(Vec<NamedSelection>),
    /// Another name for a selection that was kept: the old one, and the new.
    RenameSelection(String, String),
    /// Forgets a selection that was kept.
    ForgetSelection(String),
    /// Other noise for the next check.
    Noise(Box<NoiseInjectionSpec>),
    /// Other methods for the next comparison to leave out.
    LeaveOut(Vec<Method>),
}

impl Edit {
    /// What it does to a document, in a few words. Edits of one gesture that are called the same are one step of the history.
    pub fn title(&self, before: &Document) -> String {
        match self {
            Self::Open {
                same_files,
                described,
                ..
            } => match (same_files, described) {
                (_, Some(_)) => "Labels and columns of samples".into(),
                (true, None) => "Read the data in another way".into(),
                (false, None) => "Open data".into(),
            },
            Self::Settings(spec) => settings(spec, &before.spec),
            Self::Steps { modality, .. } => format!("Steps of {modality}"),
            Self::StepsAsUsed => "Back to the steps that are used".into(),
            Self::AddRun { run, .. } => format!("Add {}", run.name),
            Self::RenameRun(_) => "Rename a run".into(),
            Self::NameCluster { cluster, .. } => format!("Name cluster {}", cluster + 1),
            Self::NameClusters(..) => "Name the clusters".into(),
            Self::RemoveRun(run) => {
                format!(
                    "Take {} off the list",
                    before.name_of(*run).unwrap_or("a run")
                )
            }
            Self::ShowRun(run) => format!("Show {}", before.name_of(*run).unwrap_or("a run")),
            Self::View(view) => view.change_from(&before.view).into(),
            Self::Colour { group, .. } => format!("Colour of {group}"),
            Self::TakeOver { .. } => "Colours and selections of the results".into(),
            Self::KeepSelections(kept) => match kept.as_slice() {
                [one] => format!("Keep {}", one.name.trim()),
                several => format!("Keep {} selections", several.len()),
            },
            Self::RenameSelection(old, _) => format!("Rename {old}"),
            Self::ForgetSelection(name) => format!("Forget {name}"),
            Self::Noise(_) => "Noise of the check".into(),
            Self::LeaveOut(_) => "Methods to compare".into(),
        }
    }

    /// Changes a document.
    pub fn apply(self, document: &mut Document) {
        match self {
            Self::Open {
                data,
                labelled,
                same_files,
                described,
            } => match described {
                Some(described) => describe(document, data, labelled, &described),
                None => open(document, data, labelled, same_files),
            },
            Self::Settings(spec) => document.spec = *spec,
            Self::Steps { modality, recipe } => {
                match recipe {
                    Some(recipe) => document.steps.insert(modality, recipe),
                    None => document.steps.remove(&modality),
                };
            }
            Self::StepsAsUsed => document.steps.clear(),
            Self::AddRun { run, show } => {
                let id = run.id;
                if document.name_of(id).is_none() {
                    document.runs.push(run);
                }
                if show {
                    self::show(document, id);
                }
            }
            Self::RenameRun(named) => {
                let known = document.runs.iter_mut().find(|run| run.id == named.id);
                let name = named.name.trim();
                if let (Some(run), false) = (known, name.is_empty()) {
                    run.name = name.into();
                }
            }
            Self::NameCluster { run, cluster, name } => {
                let known = document.runs.iter_mut().find(|known| known.id == run);
                if let Some(known) = known {
                    let before = cluster_group(cluster, &known.cluster_names);
                    recolour(&mut document.colours, &before, name.trim());
                    match name.trim().is_empty() {
                        true => known.cluster_names.remove(&cluster),
                        false => known.cluster_names.insert(cluster, name),
                    };
                    document.view.of_other_clusters();
                }
            }
            Self::NameClusters(run, names) => {
                let known = document.runs.iter_mut().find(|known| known.id == run);
                if let Some(known) = known {
                    for (&cluster, name) in &names {
                        let before = cluster_group(cluster, &known.cluster_names);
                        recolour(&mut document.colours, &before, name.trim());
                    }
                    known.cluster_names = names;
                    document.view.of_other_clusters();
                }
            }
            Self::RemoveRun(id) => {
                document.runs.retain(|run| run.id != id);
                if document.shown == Some(id) {
                    match document.runs.last().map(|run| run.id) {
                        Some(last) => self::show(document, last),
                        None => document.shown = None,
                    }
                }
            }
            Self::ShowRun(id) => self::show(document, id),
            Self::View(view) => document.view = *view,
            Self::Colour { by, group, colour } => {
                document
                    .colours
                    .retain(|own| own.by != by || own.group != group);
                let own = colour.map(|colour| OwnColour { by, group, colour });
                document.colours.extend(own);
            }
            Self::TakeOver {
                colours,
                selections,
            } => {
                document.colours = colours;
                for (name, samples) in selections {
                    if document.selections.iter().all(|known| known.name != name) {
                        document.selections.push(NamedSelection { name, samples });
                    }
                }
            }
            Self::KeepSelections(kept) => {
                for NamedSelection { name, samples } in kept {
                    let name = name.trim().to_owned();
                    let mut known = document.selections.iter_mut();
                    match known.find(|known| known.name == name) {
                        _ if name.is_empty() => {}
                        Some(known) => known.samples = samples,
                        None => document.selections.push(NamedSelection { name, samples }),
                    }
                }
            }
            Self::RenameSelection(old, new) => {
                let new = new.trim();
                let taken = document.selections.iter().any(|known| known.name == new);
                let mut known = document.selections.iter_mut();
                let known = known.find(|known| known.name == old);
                if let (Some(known), false, false) = (known, taken, new.is_empty()) {
                    known.name = new.to_owned();
                }
            }
            Self::ForgetSelection(name) => {
                document.selections.retain(|known| known.name != name);
                if document.selections.is_empty() && document.view.groups == GroupBy::Selection {
                    document.view.groups = GroupBy::Cluster;
                }
            }
            Self::Noise(noise) => document.noise = *noise,
            Self::LeaveOut(methods) => document.left_out = methods,
        }
    }
}

/// A cluster keeps the colour that it was given when its name changes.
fn recolour(colours: &mut Vec<OwnColour>, before: &str, name: &str) {
    let of = |name: &str| {
        let mut own = colours.iter();
        own.find(|own| own.by == GroupBy::Cluster && own.group == name.trim())
    };
    if let (Some(own), None) = (of(before).cloned(), of(name)) {
        colours.push(OwnColour {
            group: name.to_owned(),
            ..own
        });
    }
}

fn open(document: &mut Document, data: DataId, labelled: bool, same_files: bool) {
    let View {
        selection, pinned, ..
    } = std::mem::take(&mut document.view);
    document.view = View::of(labelled);
    if same_files {
        (document.view.selection, document.view.pinned) = (selection, pinned);
    } else {
        document.runs.clear();
        document.selections.clear();
        document.colours.clear();
        // The number of clusters belongs to the data, not to the habits of the user.
        document.spec.clusters = None;
        document.noise.modality = None;
    }
    document.shown = None;
    document.steps.clear();
    document.data = Some(data);
}

/// The same values described otherwise: runs on them, and what is shown of them, stay.
fn describe(document: &mut Document, data: DataId, labelled: bool, described: &Described) {
    let now = |id: RunId| described.runs.get(&id).copied().unwrap_or(id);
    for run in &mut document.runs {
        run.id = now(run.id);
    }
    match document.shown {
        Some(shown) if described.runs.contains_key(&shown) => document.shown = Some(now(shown)),
        // What is shown is of other values, if anything is.
        _ => {
            if let Some(&last) = described.runs.values().last() {
                show(document, last);
            }
        }
    }
    let column = |at: u32| described.columns.get(at as usize).copied().flatten();
    document.view.renumber(&column);
    document.colours = std::mem::take(&mut document.colours)
        .into_iter()
        .filter_map(|own| {
            let by = own.by.renumbered(&column)?;
            Some(OwnColour { by, ..own })
        })
        .collect();
    if described.other_labels {
        document.view.of_other_labels(labelled);
    }
    document.steps.clear();
    document.data = Some(data);
}

fn show(document: &mut Document, id: RunId) {
    if document.name_of(id).is_some() && document.shown != Some(id) {
        document.shown = Some(id);
        document.view.of_another_run();
    }
}

/// What is otherwise in some parameters, by name.
fn settings(spec: &AnalysisSpec, before: &AnalysisSpec) -> String {
    if spec.recipe != before.recipe {
        return format!("Recipe {}", spec.recipe);
    }
    let mut names: Vec<String> = Vec::new();
    for changed in [
        differences(&spec.train, &before.train),
        differences(&spec.umap, &before.umap),
        differences(spec, before),
    ] {
        let whole = ["train", "umap"];
        let changed = changed.keys().filter(|key| !whole.contains(&key.as_str()));
        names.extend(changed.map(|key| key.replace('_', " ")));
    }
    match names.as_slice() {
        [one] => format!("Setting: {one}"),
        _ => "Settings".into(),
    }
}
