//! Data and results, opened by a worker.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    AppState, LoadedData, NoticeKind, Page, Recent, Saved, SavedAs, Source, Until,
    describing::{DescribedRuns, described},
    state::{Opened, OpenedResults},
    train_on::Model,
};
use crate::{
    data::Chosen,
    document::{
        DataId, Edit, NamedRun, RunId,
        session::{self, Session},
    },
    error::{Error, UserMessage},
    export, io,
    job::CancelToken,
    pipeline::{AnalysisResult, KeptError, RunError, TrainOn, check::lens_to_show},
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
    /// The run whose model is trained on with these data, if one is.
    pub model: Option<Model>,
    /// The runs that are listed, with their data.
    pub runs: Vec<(RunId, LoadedData, Arc<AnalysisResult>)>,
}

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
    let present = wanted.present.as_ref();
    let kept = present.map(|present| kept_of(present, &wanted.source));
    let data = match kept.transpose()?.flatten() {
        Some(kept) => kept,
        None => load(&wanted.source, wanted.known, cancel)?,
    };
    let described = described(&data, wanted, cancel)?;
    let model = wanted.model.as_ref();
    let model = model.map(|m| TrainOn::of(&m.result, Some(&m.source), &data.dataset));
    let model = model.transpose().map_err(RunError::from)?;
    Ok(Opened::Data(data, described, model.map(Box::new)))
}

/// Data as they are open, of which some are kept; `None` if others are wanted.
fn kept_of(present: &LoadedData, wanted: &Source) -> Result<Option<LoadedData>, Error> {
    let whole = present.source.kept().is_all();
    let same = whole && wanted.keeping(Chosen::All) == present.source;
    if !same || *wanted == present.source {
        return Ok(None);
    }
    let whole = (
        (*present.dataset).clone(),
        present.report.as_deref().cloned(),
        (*present.inputs).clone(),
    );
    let (dataset, report, inputs) = io::keep(whole, wanted.kept())?;
    let data = LoadedData::new(wanted.clone(), Arc::new(dataset), report, inputs)?;
    Ok(Some(data))
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
    let present = present.filter(|data| reopened.is_of(&data.dataset));
    // The same samples may be described otherwise: by other labels, say.
    let described_so = |data: &LoadedData| {
        let known = reopened.source();
        known == Some(&data.source) || known == data.inputs.source.as_ref()
    };
    let data = match (reopened.source(), present) {
        (_, Some(present)) if described_so(present) => present.clone(),
        (Some(source), present) => match (found(source, reopened.folder(), wanted), present) {
            (Ok(source), _) => load(&source, wanted.known, cancel)?,
            (Err(_), Some(present)) => present.clone(),
            (Err(moved), None) => return Err(moved),
        },
        (None, Some(present)) => present.clone(),
        (None, None) => {
            return Err(Error::Reopen {
                path: reopened.folder().to_owned(),
                why: "they do not say where their data were".into(),
                hint: "Open their data first, then these results again.".into(),
            });
        }
    };
    let folder = reopened.folder().to_owned();
    let (result, same_values) = reopened.with(data.dataset.clone())?;
    Ok(Opened::Results(OpenedResults {
        lens: lens_to_show(&result),
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
            Opened::Data(data, described, _) => (data, None, described),
            Opened::Results(results) => (results.data.clone(), Some(results), Vec::new()),
            Opened::Session(session) => return self.take_session(*session, source),
        };
        // Results are remembered by their folder.
        let paths = source.filter(|_| results.is_some());
        self.remember(paths.unwrap_or(&data.source), results.is_none(), &data);
        let before = self.data.as_ref();
        let same_files = before.is_some_and(|before| before.has_files_of(&data.source));
        let labelled = data.dataset.labels.is_some();
        // The same data once more are those that runs are of already.
        let (same, others): (DescribedRuns, DescribedRuns) =
            described.into_iter().partition(|(run, result)| {
                let known = self.shelf.result(*run);
                known.is_some_and(|known| Arc::ptr_eq(known, result))
            });
        let known = same
            .first()
            .and_then(|(run, _)| self.shelf.data_id_of(*run));
        let (id, described) = match known {
            Some(id) => (id, same),
            None => (self.shelf.add_data(data), others),
        };
        // Results of what is open already go beside those that are there.
        if self.document.data != Some(id) {
            if !same_files {
                self.forget_resting();
            }
            let described = self.describe(id, described);
            if described.is_none() {
                self.run = None;
            }
            let go_on = described.as_deref().cloned();
            // The maps of a training are those of the run that goes on.
            let replay = self.run.as_ref().zip(go_on.as_ref());
            let replay = replay.and_then(|(run, described)| {
                Some((*described.runs.get(&run.id)?, run.replay.clone()))
            });
            self.edit(Edit::Open {
                data: id,
                labelled,
                same_files,
                described,
            });
            if let (Some((id, replay)), Some(run)) = (replay, &mut self.run)
                && run.id == id
            {
                run.replay = replay;
            }
            if let Some(described) = go_on {
                self.goes_on(&described);
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

    /// Puts data at the top of the recent list: by where they were opened from, with how they were read unless that is kept there.
    pub(super) fn remember(&mut self, source: &Source, reading: bool, data: &LoadedData) {
        // Some of the samples are chosen anew in the window: the list has the whole.
        if !source.is_whole() {
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
            lens,
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
        self.shelf.show_by(id, lens);
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
        // The next run is a whole one.
        self.edit(Edit::Settings(Box::new(spec.from_the_start().refined())));
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
