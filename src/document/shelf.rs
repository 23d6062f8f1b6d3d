//! Data and results: large, never changed, spoken of by number.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize};

use super::{Document, History, carried::Unpacked};
use crate::{
    data::{Chosen, Dataset, Fingerprint, Modality, Storage},
    io::{Inputs, LoadReport, Source},
    pipeline::{AnalysisResult, Lens},
};

/// Number of a data set on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DataId(u64);

/// Number of a run on a shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(u64);

/// A loaded data set with where it came from.
#[derive(Clone, Debug)]
pub struct LoadedData {
    /// The data.
    pub dataset: Arc<Dataset>,
    /// What loading had to say; none for the demo.
    pub report: Option<Arc<LoadReport>>,
    /// The files, with their hashes.
    pub inputs: Arc<Inputs>,
    /// How to load it again.
    pub source: Source,
    /// Smallest and largest value of every modality of the demo.
    pub ranges: Vec<(f32, f32)>,
    /// Their files, if a session carried them.
    pub unpacked: Option<Arc<Unpacked>>,
    /// What tells them from others, once it was asked for.
    fingerprint: Arc<OnceLock<Fingerprint>>,
}

impl LoadedData {
    /// Data as they were loaded.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn new(
        source: Source,
        dataset: Arc<Dataset>,
        report: Option<LoadReport>,
        inputs: Inputs,
    ) -> io::Result<Self> {
        // Of files the report tells more.
        let made = dataset.modalities.iter().filter(|_| report.is_none());
        Ok(Self {
            ranges: made.map(Modality::range).collect::<Result<_, _>>()?,
            dataset,
            report: report.map(Arc::new),
            inputs: Arc::new(inputs),
            source,
            unpacked: None,
            fingerprint: Arc::default(),
        })
    }

    /// What tells them from others; reads all values when first asked.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn fingerprint(&self) -> io::Result<&Fingerprint> {
        if let Some(known) = self.fingerprint.get() {
            return Ok(known);
        }
        let found = self.dataset.fingerprint()?;
        Ok(self.fingerprint.get_or_init(|| found))
    }

    /// Whether other data are read from the same files.
    pub fn has_files_of(&self, other: &Source) -> bool {
        match (&self.source, other) {
            (Source::Files(mine), Source::Files(other)) => mine.paths == other.paths,
            (Source::Files(_), _) | (_, Source::Files(_)) => false,
            // Of the demo any part.
            (mine, other) => mine.with(Chosen::All) == other.with(Chosen::All),
        }
    }
}

/// A run's results, and its data.
#[derive(Clone, Debug)]
struct Shelved {
    data: DataId,
    result: Arc<AnalysisResult>,
    /// The kind of uncertainty to look at first, where that is known.
    lens: Option<Lens>,
}

/// What documents speak of.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    data: BTreeMap<DataId, LoadedData>,
    runs: BTreeMap<RunId, Shelved>,
    /// Numbers given so far.
    given: u64,
}

impl Shelf {
    /// A number for data that no other has.
    pub fn next_data(&mut self) -> DataId {
        self.given += 1;
        DataId(self.given)
    }

    /// A number for a run that no other has.
    pub fn next_run(&mut self) -> RunId {
        self.given += 1;
        RunId(self.given)
    }

    /// Puts data there, and gives their number: the one they have if they are there already.
    pub fn add_data(&mut self, data: LoadedData) -> DataId {
        let same = |known: &LoadedData| Arc::ptr_eq(&known.dataset, &data.dataset);
        let known = self.data.iter().find(|(_, known)| same(known));
        if let Some((&id, _)) = known {
            return id;
        }
        let id = self.next_data();
        self.data.insert(id, data);
        id
    }

    /// Puts data there under their number.
    pub(super) fn put_data(&mut self, id: DataId, data: LoadedData) {
        self.given = self.given.max(id.0);
        self.data.insert(id, data);
    }

    /// Puts results there, in the place of earlier ones of the same run.
    pub fn put_result(&mut self, run: RunId, data: DataId, result: Arc<AnalysisResult>) {
        self.given = self.given.max(run.0);
        let lens = self.lens_of(run);
        let shelved = Shelved { data, result, lens };
        self.runs.insert(run, shelved);
    }

    /// Puts down which kind of uncertainty of a run is to be looked at first.
    pub fn show_by(&mut self, run: RunId, lens: Lens) {
        if let Some(shelved) = self.runs.get_mut(&run) {
            shelved.lens = Some(lens);
        }
    }

    /// Which kind of uncertainty of a run is to be looked at first, where that is known.
    pub fn lens_of(&self, run: RunId) -> Option<Lens> {
        self.runs.get(&run)?.lens
    }

    /// Puts more of a run's results in the place of those that are there.
    pub fn change_result(&mut self, run: RunId, change: impl FnOnce(&mut AnalysisResult)) {
        if let Some(shelved) = self.runs.get_mut(&run) {
            let mut result = (*shelved.result).clone();
            change(&mut result);
            shelved.result = Arc::new(result);
        }
    }

    /// Data by their number.
    pub fn data(&self, id: DataId) -> Option<&LoadedData> {
        self.data.get(&id)
    }

    /// The results of a run.
    pub fn result(&self, id: RunId) -> Option<&Arc<AnalysisResult>> {
        self.runs.get(&id).map(|shelved| &shelved.result)
    }

    /// The data of a run.
    pub fn data_of(&self, id: RunId) -> Option<&LoadedData> {
        self.data(self.runs.get(&id)?.data)
    }

    /// The number of the data of a run.
    pub fn data_id_of(&self, id: RunId) -> Option<DataId> {
        self.runs.get(&id).map(|shelved| shelved.data)
    }

    /// Takes away what neither a document nor its history speaks of.
    pub fn tidy(&mut self, document: &Document, history: &History) {
        let listed = |run: &RunId| document.name_of(*run).is_some() || history.has_run(*run);
        self.runs.retain(|run, _| listed(run));
        let runs = &self.runs;
        let of_a_run = |data: &DataId| runs.values().any(|run| run.data == *data);
        let open = |data: &DataId| document.data == Some(*data) || history.has_data(*data);
        self.data.retain(|data, _| open(data) || of_a_run(data));
    }

    /// Bytes of main memory that data hold, about, but for those of one number.
    pub fn bytes_but_of(&self, id: Option<DataId>) -> u64 {
        let others = self.data.iter().filter(|(other, _)| Some(**other) != id);
        let modalities = others.flat_map(|(_, data)| &data.dataset.modalities);
        let bytes = modalities.map(|modality| {
            let values = match modality.values.storage() {
                Storage::Memory => modality.values.samples() * modality.values.features(),
                Storage::Disk => 0,
            };
            4 * values as u64 + modality.bytes_beside()
        });
        bytes.sum()
    }
}
