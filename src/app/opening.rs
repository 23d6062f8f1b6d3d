//! Data and results, opened by a worker.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    AppState, LoadedData, NoticeKind, Page, Recent, Saved, SavedAs, Source, Until,
    state::{Opened, OpenedResults},
};
use crate::{
    data::Column,
    document::{
        DataId, Described, Edit, NamedRun, RunId,
        session::{self, Session},
    },
    error::{Error, UserMessage},
    export, io,
    job::CancelToken,
    pipeline::{AnalysisResult, KeptError},
    store::capsule::CapsuleError,
};

/// What is to be opened, and what is known about it.
pub(super) struct Wanted {
    /// Data, or the file or folder of results or of a session.
    pub source: Source,
    /// Whether the user knows how large the files are: then that is not asked about.
    pub known: bool,
    /// What is open: it is not read again.
    pub present: Option<LoadedData>,
    /// Where to look for data that are no longer where they were.
    pub moved_to: Vec<PathBuf>,
    /// The runs that are listed, with their data.
    pub runs: Vec<(RunId, LoadedData, Arc<AnalysisResult>)>,
}

/// Runs, with what they found, described otherwise.
pub(super) type DescribedRuns = Vec<(RunId, Arc<AnalysisResult>)>;

/// Opens data, results with their data, or a session.
pub(super) fn open(wanted: &Wanted, cancel: &CancelToken) -> Result<Opened, Error> {
    if let Source::Files(spec) = &wanted.source
        && let [path] = spec.paths.as_slice()
    {
        if session::is_one(path) {
            return session_at(path, Session::read(path), wanted, cancel);
        }
        if let Some(file) = export::results_at(path)? {
            return results(&file, wanted, cancel);
        }
    }
    let data = load(&wanted.source, wanted.known, cancel)?;
    let described = described(&data, wanted, cancel)?;
    Ok(Opened::Data(data, described))
}

/// What was found in the same values before, by the labels and columns that they have now.
fn described(
    data: &LoadedData,
    wanted: &Wanted,
    cancel: &CancelToken,
) -> Result<DescribedRuns, Error> {
    let mut runs = Vec::new();
    let same_files = |of: &LoadedData| of.has_files_of(&data.source);
    for (id, of, result) in wanted.runs.iter().filter(|(_, of, _)| same_files(of)) {
        cancel.check()?;
        let other = !Arc::ptr_eq(&of.dataset, &data.dataset);
        if other && of.fingerprint()? == data.fingerprint()? {
            runs.push((*id, Arc::new(result.described_by(data.dataset.clone()))));
        }
    }
    Ok(runs)
}

fn load(wanted: &Source, known: bool, cancel: &CancelToken) -> Result<LoadedData, Error> {
    if let (Source::Files(spec), false) = (wanted, known) {
        io::check_size(&spec.paths)?;
    }
    let (dataset, report, inputs) = wanted.open(cancel)?;
    Ok(LoadedData::new(
        wanted.clone(),
        Arc::new(dataset),
        report,
        inputs,
    )?)
}

fn results(file: &Path, wanted: &Wanted, cancel: &CancelToken) -> Result<Opened, Error> {
    let reopened = export::reopen(file)?;
    cancel.check()?;
    let present = wanted.present.as_ref();
    let data = match present.filter(|data| reopened.is_of(&data.dataset)) {
        Some(data) => data.clone(),
        None => {
            let source = reopened.source();
            let source = source.ok_or_else(|| Error::Reopen {
                path: reopened.folder().to_owned(),
                why: "they do not say where their data were".into(),
                hint: "Open their data first, then these results again.".into(),
            })?;
            let source = found(source, reopened.folder(), wanted)?;
            load(&source, wanted.known, cancel)?
        }
    };
    let folder = reopened.folder().to_owned();
    let (result, same_values) = reopened.with(data.dataset.clone())?;
    Ok(Opened::Results(OpenedResults {
        data,
        folder,
        result: Arc::new(result),
        same_values,
    }))
}

/// A session that was read from a file, with its data.
pub(super) fn session_at(
    path: &Path,
    read: Result<Session, CapsuleError>,
    wanted: &Wanted,
    cancel: &CancelToken,
) -> Result<Opened, Error> {
    let refused = |why: String, hint: &str| Error::Session {
        path: path.to_owned(),
        why,
        hint: hint.into(),
    };
    let session = read.map_err(|error| {
        let hint = match error {
            CapsuleError::Later => "Open it with that version, or a later one.",
            CapsuleError::TooLarge => "Close other programs, or open it on a larger machine.",
            _ => "Results that were saved to folders open by themselves.",
        };
        refused(error.to_string(), hint)
    })?;
    cancel.check()?;
    let mut loaded = Vec::new();
    for kept in session.data() {
        let present = wanted.present.as_ref();
        if let Some(present) = present.filter(|present| kept.is_of(&present.dataset)) {
            loaded.push(present.clone());
            continue;
        }
        let source = kept.inputs.source.as_ref().ok_or_else(|| {
            let why = format!("it does not say where the data '{}' were", kept.name);
            refused(why, "Open the data first, then the session again.")
        })?;
        let (source, unpacked) = match found(source, path, wanted) {
            Ok(source) => (source, None),
            Err(moved) => {
                let unpacked = kept.unpack(path).map_err(|error| {
                    let why = format!("the data that it carries could not be unpacked: {error}");
                    refused(
                        why,
                        "Make room in the cache folder, or open the data first.",
                    )
                })?;
                let (source, unpacked) = unpacked.ok_or(moved)?;
                (source, Some(Arc::new(unpacked)))
            }
        };
        let mut data = load(&source, wanted.known || unpacked.is_some(), cancel)?;
        data.unpacked = unpacked;
        loaded.push(data);
    }
    let opened = session.with(loaded).map_err(|error| {
        let hint = match error {
            KeptError::OtherData(_) => {
                "Open the data that it was made with first, then the session again."
            }
            KeptError::Damaged(_) | KeptError::Disk(_) => {
                "Results that were saved to folders open by themselves."
            }
        };
        refused(error.to_string(), hint)
    })?;
    Ok(Opened::Session(Box::new(opened)))
}

/// Where data are: where they were, or in the places shown by the user, under the same names.
fn found(source: &Source, of: &Path, wanted: &Wanted) -> Result<Source, Error> {
    let mut source = source.clone();
    if let Source::Files(spec) = &mut source {
        for path in spec.paths.iter_mut().chain(&mut spec.labels) {
            if path.exists() {
                continue;
            }
            let gone = path.clone();
            let name = path.file_name();
            let at = |place: &PathBuf| {
                let inside = name.map(|name| place.join(name)).filter(|at| at.exists());
                let itself = || Some(place.clone()).filter(|_| place.file_name() == name);
                inside.or_else(itself)
            };
            let found = wanted.moved_to.iter().find_map(at);
            *path = found.ok_or_else(|| Error::Moved {
                path: of.to_owned(),
                gone,
            })?;
        }
    }
    Ok(source)
}

impl AppState {
    /// Takes over what was opened from `source`.
    pub(super) fn take_opened(&mut self, opened: Opened, source: Option<&Source>) {
        let (data, results, described) = match opened {
            Opened::Data(data, described) => (data, None, described),
            Opened::Results(results) => (results.data.clone(), Some(results), Vec::new()),
            Opened::Session(session) => return self.take_session(*session, source),
        };
        // Results are remembered by their folder.
        let paths = source.filter(|_| results.is_some());
        self.remember(paths.unwrap_or(&data.source), results.is_none(), &data);
        let before = self.data.as_ref();
        let same_files = before.is_some_and(|before| before.has_files_of(&data.source));
        let labelled = data.dataset.labels.is_some();
        let id = self.shelf.add_data(data);
        // Results of what is open already go beside those that are there.
        if self.document.data != Some(id) {
            if !same_files {
                self.forget_resting();
            }
            self.run = None;
            let described = self.describe(id, described);
            let goes_on = described.is_some();
            self.edit(Edit::Open {
                data: id,
                labelled,
                same_files,
                described,
            });
            if goes_on {
                self.tell_of_description();
                if self.page_is_open(self.page).is_ok() {
                    return;
                }
            }
        }
        self.forget_problems();
        self.forget(Until::NextRun);
        if let Some(results) = results {
            return self.show_results(id, results);
        }
        // Who changed steps wants to see what they did.
        if !(same_files && self.page == Page::Prepare) {
            self.page = Page::Data;
        }
    }

    /// Puts what was found in the same values on the shelf, by their new description.
    fn describe(&mut self, id: DataId, runs: DescribedRuns) -> Option<Box<Described>> {
        let before = &self.data.as_ref()?.dataset;
        let now = &self.shelf.data(id)?.dataset;
        if runs.is_empty() {
            return None;
        }
        let place = |(name, column): (&str, &Column)| {
            let same = |(other, now): (&str, &Column)| other == name && now.kind() == column.kind();
            now.obs.columns().position(same).map(|at| at as u32)
        };
        let mut described = Described {
            runs: BTreeMap::new(),
            columns: before.obs.columns().map(place).collect(),
            other_labels: before.labels != now.labels,
        };
        for (old, result) in runs {
            let new = self.shelf.next_run();
            self.shelf.put_result(new, id, result);
            described.runs.insert(old, new);
        }
        Some(Box::new(described))
    }

    fn tell_of_description(&mut self) {
        let message = UserMessage::new(
            "What was found stays",
            "The values are the same: runs, names and selections go on, and scores are by the labels of now.",
            "",
        );
        self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
    }

    /// Puts data at the top of the recent list: by where they were opened from, with how they were read unless that is kept there.
    pub(super) fn remember(&mut self, source: &Source, reading: bool, data: &LoadedData) {
        // Some of the samples are chosen anew in the window: the list has the whole.
        if !source.chosen().is_all() {
            return;
        }
        if let Source::Files(spec) = source {
            self.settings.remember(Recent {
                paths: spec.paths.clone(),
                reading: reading.then(|| (**spec).clone()),
                name: data.dataset.name.clone(),
                samples: data.dataset.samples.len(),
            });
        }
    }

    fn show_results(&mut self, data: DataId, results: OpenedResults) {
        let OpenedResults {
            data: _,
            folder,
            result,
            same_values,
        } = results;
        let name = folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let free = |name: &String| self.document.runs.iter().all(|run| run.name != *name);
        let name = name
            .filter(free)
            .unwrap_or_else(|| self.document.free_name());
        let spec = result.spec.clone();
        let cluster_names = result.cluster_names.clone();
        let (colours, selections) = (result.colours.clone(), result.selections.clone());
        self.saved.push(Saved {
            directory: folder,
            saved_as: SavedAs::Folder,
            result: Arc::downgrade(&result),
        });
        let id = self.shelf.next_run();
        self.shelf.put_result(id, data, result);
        self.edit(Edit::AddRun {
            run: NamedRun {
                id,
                name,
                cluster_names,
            },
            show: true,
        });
        if !colours.is_empty() || !selections.is_empty() {
            self.edit(Edit::TakeOver {
                colours,
                selections,
            });
        }
        self.edit(Edit::Settings(Box::new(spec)));
        self.page = Page::Explore;
        if !same_values {
            self.tell_of_changed_data();
        }
    }

    pub(super) fn tell_of_changed_data(&mut self) {
        let message = UserMessage::new(
            "The data have changed since",
            "Samples and features are those that these results were found in, but some values are not: what was found is shown as it was saved.",
            "Train again to see what the values of now give.",
        );
        self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
    }
}
