//! Where a data set comes from.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    error::LoadError,
    keep::Opened,
    load::{LoadSpec, load},
};
use crate::{
    data::{
        Chosen, available_memory,
        demo::{self, DemoSpec},
    },
    job::CancelToken,
    words::hex,
};

/// Bytes hashed at a time.
const BLOCK: usize = 1 << 20;

/// Where data comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The user's files.
    Files(Box<LoadSpec>),
    /// The simulated data inside the program.
    Demo(DemoSpec),
    /// Some samples of it.
    DemoPart(DemoSpec, Chosen),
}

impl Source {
    /// Files and folders, read as they look.
    pub fn files(paths: Vec<PathBuf>) -> Self {
        Self::Files(Box::new(LoadSpec {
            paths,
            ..LoadSpec::default()
        }))
        .absolute()
    }

    /// The same with absolute paths: a data set is remembered, and opened again from elsewhere.
    pub fn absolute(mut self) -> Self {
        if let Self::Files(spec) = &mut self {
            for path in spec.paths.iter_mut().chain(&mut spec.labels) {
                if let Ok(whole) = std::path::absolute(&*path) {
                    *path = whole;
                }
            }
        }
        self
    }

    /// Which samples take part.
    pub fn chosen(&self) -> &Chosen {
        match self {
            Self::Files(spec) => &spec.samples,
            Self::Demo(_) => &Chosen::All,
            Self::DemoPart(_, chosen) => chosen,
        }
    }

    /// Whether no sample was left out by choice.
    pub fn is_whole(&self) -> bool {
        self.chosen().is_all() && self.kept().is_all()
    }

    /// The same data with all of their samples.
    pub fn whole(&self) -> Self {
        self.with(Chosen::All)
    }

    /// Which of the samples that were prepared take part. Simulated data need no preparation: those that are kept are those that are
    /// chosen.
    pub fn kept(&self) -> &Chosen {
        match self {
            Self::Files(spec) => &spec.kept,
            Self::Demo(_) | Self::DemoPart(..) => self.chosen(),
        }
    }

    /// The same data, prepared as they are, of which others are kept then.
    pub fn keeping(&self, kept: Chosen) -> Self {
        match self {
            Self::Files(spec) => {
                let mut spec = spec.clone();
                spec.kept = kept;
                Self::Files(spec)
            }
            Self::Demo(_) | Self::DemoPart(..) => self.with(kept),
        }
    }

    /// Which samples are left by both choices.
    pub fn left(&self) -> Chosen {
        match (self, self.kept()) {
            (Self::Demo(_) | Self::DemoPart(..), _) | (_, Chosen::All) => self.chosen().clone(),
            (_, Chosen::Without(ids)) => self.chosen().without(ids),
            // These are some of those that were prepared.
            (_, kept) => kept.clone(),
        }
    }

    /// The same data, of which these take part: the others are left out before anything is prepared, and none after that.
    pub fn with(&self, chosen: Chosen) -> Self {
        match self {
            Self::Files(spec) => {
                let mut spec = spec.clone();
                (spec.samples, spec.kept) = (chosen, Chosen::All);
                Self::Files(spec)
            }
            Self::Demo(spec) | Self::DemoPart(spec, _) if chosen.is_all() => Self::Demo(*spec),
            Self::Demo(spec) | Self::DemoPart(spec, _) => Self::DemoPart(*spec, chosen),
        }
    }

    /// Whether it can be written down: a path that is not Unicode cannot.
    pub fn can_be_written(&self) -> bool {
        serde_json::to_value(self).is_ok()
    }

    /// Loads the files, with what there is to say about them, or simulates the demo.
    ///
    /// # Errors
    /// Those of [`load`].
    pub fn open(&self, cancel: &CancelToken) -> Result<Opened, LoadError> {
        match self {
            Self::Files(spec) => {
                let loaded = load(spec, cancel)?;
                Ok((loaded.dataset, Some(loaded.report), loaded.inputs))
            }
            Self::Demo(spec) | Self::DemoPart(spec, _) => {
                spec.check()?;
                let (needed, available) = (spec.bytes(), available_memory());
                if available > 0 && needed > available {
                    return Err(LoadError::Memory { needed, available });
                }
                let start = Instant::now();
                let whole = demo::generate(spec);
                let of = whole.samples.len();
                let dataset = whole.chosen(self.chosen())?;
                self.chosen().check(dataset.samples.len(), of)?;
                let inputs = Inputs {
                    files: Vec::new(),
                    seconds: start.elapsed().as_secs_f64(),
                    source: Some(self.clone()),
                };
                Ok((dataset, None, inputs))
            }
        }
    }
}

/// A file that went into the data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The file as it was named.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of the file as it is on disk, in lower-case hexadecimal.
    pub sha256: String,
}

impl InputFile {
    /// A file of which all bytes were hashed.
    pub(super) fn new(path: PathBuf, bytes: u64, hash: Sha256) -> Self {
        Self {
            path,
            bytes,
            sha256: hex(&hash.finalize()),
        }
    }

    /// Reads a file to hash it.
    pub(super) fn read(path: &Path, cancel: &CancelToken) -> Result<Self, LoadError> {
        let failed = |source| LoadError::Read {
            path: path.to_owned(),
            source,
        };
        let mut file = File::open(path).map_err(failed)?;
        let (mut bytes, mut hash, mut block) = (0, Sha256::new(), vec![0; BLOCK]);
        loop {
            cancel.check()?;
            match file.read(&mut block).map_err(failed)? {
                0 => return Ok(Self::new(path.to_owned(), bytes, hash)),
                read => {
                    hash.update(&block[..read]);
                    bytes += read as u64;
                }
            }
        }
    }
}

/// Where a data set comes from, and what it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Inputs {
    /// The files of the modalities, then of the labels and of known values; none for simulated data.
    pub files: Vec<InputFile>,
    /// Wall-clock seconds it took to load.
    pub seconds: f64,
    /// How to load it again.
    pub source: Option<Source>,
}

impl Inputs {
    /// The same as it can be written. A path that is not Unicode cannot: where the data are is then asked for.
    pub fn writable(&self) -> Self {
        let mut inputs = self.clone();
        inputs.source = inputs.source.filter(Source::can_be_written);
        for file in &mut inputs.files {
            file.path = file.path.to_string_lossy().into_owned().into();
        }
        inputs
    }
}
