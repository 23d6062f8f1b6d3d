//! Session files: a document with the results that it speaks of, and what tells its data from others.
//!
//! One file, written whole or not at all, with a checksum (see [`capsule`]). The data themselves stay where they are, unless their files
//! are to be carried along: a session knows their files, how they were read, and the hashes of what came of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    DataId, Document, LoadedData, Page, RunId, Shelf,
    carried::{self, Carried, Unpacked},
};
use crate::{
    data::{Dataset, Fingerprint, available_memory},
    io::{Inputs, Source},
    pipeline::{AnalysisResult, KeptError, same_data},
    store::capsule::{self, CapsuleError, Kind},
};

/// Files of sessions.
const KIND: Kind = Kind {
    name: *b"session ",
    version: 1,
};

/// Files of a document alone.
const DOCUMENT: Kind = Kind {
    name: *b"document",
    version: 1,
};

/// How the names of session files end.
pub const ENDING: &str = "hdumec";

/// A session as it stands in its file: without data.
#[derive(Debug, Serialize, Deserialize)]
pub struct Session {
    page: Page,
    document: Document,
    data: Vec<KeptData>,
    runs: Vec<KeptRun>,
}

/// What a session knows of data.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptData {
    id: DataId,
    /// Their name.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// Where they came from, and the hashes of the files.
    pub inputs: Inputs,
    fingerprint: Fingerprint,
    /// Its files, if they are to be carried along.
    #[serde(default)]
    carried: Option<Carried>,
    /// The session that carries its files, if another does.
    #[serde(default)]
    carried_by: Option<PathBuf>,
}

impl KeptData {
    /// Unpacks its files, if this session, which stands in a file, or another carries them; gives where they are to be read.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn unpack(&self, file: &Path) -> io::Result<Option<(Source, Unpacked)>> {
        let Some(source) = &self.inputs.source else {
            return Ok(None);
        };
        if let Some(carried) = &self.carried {
            return carried.unpack(source, file).map(Some);
        }
        let other = self.carried_by.as_ref().map(|by| (by, Session::read(by)));
        let Some((by, Ok(session))) = other else {
            return Ok(None);
        };
        let same = session
            .data
            .into_iter()
            .find(|data| data.fingerprint == self.fingerprint);
        let carried = same.and_then(|data| data.carried);
        carried
            .map(|carried| carried.unpack(source, by))
            .transpose()
    }

    /// Whether some data are of the same samples and features.
    pub fn is_of(&self, dataset: &Dataset) -> bool {
        self.fingerprint.has_names_of(dataset)
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptRun {
    id: RunId,
    data: DataId,
    result: AnalysisResult,
}

/// A session with its data.
#[derive(Debug)]
pub struct Opened {
    /// The page that was shown.
    pub page: Page,
    /// What the user made.
    pub document: Document,
    /// What it speaks of.
    pub shelf: Shelf,
    /// Names of data whose values are others than they were.
    pub changed: Vec<String>,
}

/// Whether a file begins like one of these.
pub fn is_one(path: &Path) -> bool {
    capsule::is_one(path, KIND)
}

/// Writes a session, with the files of its data if it is to `carry` them.
///
/// # Errors
/// If it cannot be written, or values on disk, or the files, cannot be read.
pub fn write(
    path: &Path,
    page: Page,
    document: &Document,
    shelf: &Shelf,
    carry: bool,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Lent<'a> {
        page: Page,
        document: &'a Document,
        data: Vec<KeptData>,
        runs: Vec<LentRun<'a>>,
    }
    #[derive(Serialize)]
    struct LentRun<'a> {
        id: RunId,
        data: DataId,
        result: &'a AnalysisResult,
    }
    let listed = document.runs.iter().filter_map(|run| {
        Some(LentRun {
            id: run.id,
            data: shelf.data_id_of(run.id)?,
            result: shelf.result(run.id)?,
        })
    });
    let runs: Vec<LentRun<'_>> = listed.collect();
    let of_runs = runs.iter().map(|run| run.data);
    let ids: BTreeSet<DataId> = of_runs.chain(document.data).collect();
    let known = ids.iter().filter_map(|&id| Some((id, shelf.data(id)?)));
    let data = known.map(|(id, data)| {
        Ok(KeptData {
            id,
            name: data.dataset.name.clone(),
            samples: data.dataset.samples(),
            inputs: data.inputs.writable(),
            fingerprint: data.fingerprint()?.clone(),
            carried: match carry && carried::size(data).is_ok() {
                true => Some(Carried::of(data)?),
                false => None,
            },
            // A path that is not Unicode cannot be written: where the data are is then asked for.
            carried_by: data.unpacked.as_ref().and_then(|unpacked| {
                let session = unpacked.session.to_str();
                session.map(PathBuf::from)
            }),
        })
    });
    let lent = Lent {
        page,
        document,
        data: data.collect::<io::Result<_>>()?,
        runs,
    };
    capsule::write(path, KIND, &lent)
}

/// Writes a document alone, which is small; [`Session::take_document`] reads it.
///
/// # Errors
/// If it cannot be written.
pub fn write_document(path: &Path, page: Page, document: &Document) -> io::Result<()> {
    capsule::write(path, DOCUMENT, &(page, document))
}

/// Bytes that may be read into memory.
fn most() -> u64 {
    match available_memory() {
        0 => u64::MAX,
        free => free,
    }
}

impl Session {
    /// Reads what [`write()`] wrote.
    ///
    /// # Errors
    /// See [`CapsuleError`].
    pub fn read(path: &Path) -> Result<Self, CapsuleError> {
        capsule::read(path, KIND, most()).map(|(session, _)| session)
    }

    /// Takes a later document in the place of its own, if there is one that speaks of the same data and runs.
    pub fn take_document(&mut self, path: &Path) {
        let Ok(((page, document), _)) = capsule::read::<(Page, Document)>(path, DOCUMENT, most())
        else {
            return;
        };
        let data = |id: DataId| self.data.iter().any(|data| data.id == id);
        let run = |id: RunId| self.runs.iter().any(|run| run.id == id);
        if document.data.is_none_or(data) && document.runs.iter().all(|listed| run(listed.id)) {
            (self.page, self.document) = (page, document);
        }
    }

    /// What it knows of its data: those that are open come first.
    pub fn data(&self) -> Vec<&KeptData> {
        let mut all: Vec<&KeptData> = self.data.iter().collect();
        all.sort_by_key(|data| Some(data.id) != self.document.data);
        all
    }

    /// Its name for a list: that of its data, and how many runs it holds.
    pub fn name(&self) -> String {
        let data = self.data();
        let name = data.first().map_or("no data", |data| data.name.as_str());
        match self.document.runs.len() {
            0 => name.into(),
            1 => format!("{name}, 1 run"),
            runs => format!("{name}, {runs} runs"),
        }
    }

    /// The session with its data, one for each of [`Session::data`] in that order.
    ///
    /// # Errors
    /// If these are others, or the file does not make sense.
    pub fn with(self, data: Vec<LoadedData>) -> Result<Opened, KeptError> {
        let kept: Vec<KeptData> = self.data().into_iter().cloned().collect();
        let (mut shelf, mut changed) = (Shelf::default(), Vec::new());
        let mut sets = BTreeMap::new();
        for (kept, loaded) in kept.into_iter().zip(data) {
            let now = loaded.fingerprint();
            let now = now.map_err(|error| KeptError::Disk(error.to_string()))?;
            if !same_data(&kept.fingerprint, now, loaded.dataset.samples())? {
                changed.push(kept.name);
            }
            sets.insert(kept.id, loaded.dataset.clone());
            shelf.put_data(kept.id, loaded);
        }
        for KeptRun { id, data, result } in self.runs {
            let dataset = sets.get(&data).cloned();
            let dataset = dataset.ok_or(KeptError::Damaged("a run without data"))?;
            let result = result.with_data(dataset)?;
            shelf.put_result(id, data, Arc::new(result));
        }
        let mut document = self.document;
        document.mend(&shelf);
        Ok(Opened {
            page: self.page,
            document,
            shelf,
            changed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::demo::DemoSpec,
        document::{Edit, NamedRun},
        job::CancelToken,
        model::DeviceChoice,
        pipeline::{self, AnalysisSpec},
    };
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    /// A file changed by somebody who knows how to make its checksum may say anything: it is opened or refused, and what is opened can be
    /// used.
    #[test]
    fn contents_that_lie_are_opened_or_refused() {
        let demo = DemoSpec {
            samples: 60,
            seed: 0,
        };
        let source = Source::Demo(demo);
        let (dataset, report, inputs) = source.open(&CancelToken::new()).unwrap();
        let data = LoadedData::new(source, Arc::new(dataset), report, inputs).unwrap();
        let mut spec = AnalysisSpec {
            device: DeviceChoice::Cpu,
            ..AnalysisSpec::default()
        };
        (spec.train.starts, spec.train.epochs, spec.train.hidden) = (2, [2, 1, 2], 8);
        let result = pipeline::run(&data.dataset, &spec, None, &|_| {}, &CancelToken::new());
        let (mut document, mut shelf) = (Document::default(), Shelf::default());
        let id = shelf.add_data(data.clone());
        document.data = Some(id);
        let run = NamedRun::new(shelf.next_run(), "one");
        shelf.put_result(run.id, id, Arc::new(result.unwrap()));
        Edit::AddRun { run, show: true }.apply(&mut document);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.hdumec");
        write(&path, Page::Explore, &document, &shelf, false).unwrap();
        let mut contents = Vec::new();
        ciborium::into_writer(&Session::read(&path).unwrap(), &mut contents).unwrap();

        let mut random = ChaCha8Rng::seed_from_u64(8);
        let (mut opened, mut refused) = (0, 0);
        for _ in 0..1_500 {
            let mut changed = contents.clone();
            // Half of the changes are among what is small: the document and what is known of the data.
            let most = match random.random_bool(0.5) {
                true => changed.len().min(6_000),
                false => changed.len(),
            };
            for _ in 0..random.random_range(1..4) {
                changed[random.random_range(0..most)] = random.random();
            }
            let found: Result<Session, _> = ciborium::from_reader(&*changed);
            match found.map(|session| session.with(vec![data.clone()])) {
                Ok(Ok(found)) => {
                    let document = &found.document;
                    for run in &document.runs {
                        let result = found.shelf.result(run.id).unwrap();
                        let stage = result.stage(document.view.stage);
                        document.view.lens.values(result, stage);
                        result.warnings();
                    }
                    _ = document.spec.check(&data.dataset);
                    opened += 1;
                }
                Ok(Err(_)) | Err(_) => refused += 1,
            }
        }
        assert!(opened > 50 && refused > 50, "{opened}, {refused}");
    }
}
