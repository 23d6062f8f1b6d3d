//! The readers that are fuzzed: to add one, add a line to [`READERS`].

use std::{fmt, io::Read as _, path::Path};

use hdumec::{
    format::{self, Contents, FormatError, ReadPlan, packed},
    io::{self, LoadError, LoadSpec},
    job::CancelToken,
};

use super::{Seed, small};

/// Bytes of memory that a reader may take.
pub const BUDGET: u64 = 64 << 20;

/// Contents of so many values are also prepared for the model.
const PREPARED: usize = 20_000;

/// A reader and what it is fed with.
pub struct Reader {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Valid files.
    pub seeds: fn() -> Vec<Seed>,
    /// Reads a file or folder. Panics if what comes out contradicts itself.
    pub read: fn(&Path) -> Outcome,
}

/// All of them.
pub const READERS: &[Reader] = &[
    Reader {
        name: "table",
        seeds: small::tables,
        read: load,
    },
    Reader {
        name: "labels",
        seeds: small::labels,
        read: load,
    },
    Reader {
        name: "packed",
        seeds: small::packed,
        read: unpack,
    },
    Reader {
        name: "tenx-folder",
        seeds: small::tenx_folders,
        read: read_format,
    },
    Reader {
        name: "tenx-h5",
        seeds: || small::hdf5(&[".h5"]),
        read: read_format,
    },
    Reader {
        name: "matrix-market",
        seeds: small::matrix_market,
        read: read_format,
    },
    Reader {
        name: "gct",
        seeds: small::gct,
        read: read_format,
    },
    Reader {
        name: "h5ad",
        seeds: || small::hdf5(&[".h5ad"]),
        read: read_format,
    },
    Reader {
        name: "h5mu",
        seeds: || small::hdf5(&[".h5mu"]),
        read: read_format,
    },
    Reader {
        name: "other-hdf5",
        seeds: || small::hdf5(&[".loom", "blosc.h5ad", "legacy.h5"]),
        read: read_format,
    },
    Reader {
        name: "workbook",
        seeds: || small::of("workbooks", &[".xlsx"]),
        read: load,
    },
    Reader {
        name: "parquet",
        seeds: || small::of("parquet", &[".parquet"]),
        read: load,
    },
];

/// What a reader makes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// With the kind of the error.
    Refused(String),
}

impl Outcome {
    fn of<T, E: fmt::Debug>(read: Result<T, E>) -> Self {
        match read {
            Ok(_) => Self::Accepted,
            Err(error) => Self::Refused(kind(&error)),
        }
    }
}

/// The kind of an error: the names of its variants.
fn kind(error: &impl fmt::Debug) -> String {
    let text = format!("{error:?}");
    let end = |c: char| !(c.is_alphanumeric() || c == '(');
    let name = text.split(end).next().unwrap_or_default();
    name.trim_end_matches('(').replace('(', " ")
}

fn load(path: &Path) -> Outcome {
    let read = load_all(path);
    if let Err(error) = &read {
        say(error, &error.advice());
    }
    Outcome::of(read)
}

fn load_all(path: &Path) -> Result<(), LoadError> {
    let spec = LoadSpec {
        paths: vec![path.to_owned()],
        memory: Some(BUDGET),
        ..LoadSpec::default()
    };
    let loaded = io::load(&spec, &CancelToken::new())?;
    let dataset = &loaded.dataset;
    assert!(!dataset.modalities.is_empty(), "no modality");
    for modality in &dataset.modalities {
        let expected = (dataset.samples(), modality.features.len());
        assert_eq!(modality.values.dim(), expected, "{}", modality.name);
        let (low, high) = modality.range()?;
        assert!(
            low.is_finite() && high.is_finite(),
            "{}: {low} to {high}",
            modality.name
        );
    }
    if let Some(labels) = &dataset.labels {
        assert_eq!(labels.codes.len(), dataset.samples(), "labels");
    }
    for (name, column) in loaded.dataset.obs.columns() {
        assert_eq!(column.len(), dataset.samples(), "obs {name}");
    }
    for notice in &loaded.report.notices {
        assert!(!notice.to_string().is_empty());
    }
    Ok(())
}

fn read_format(path: &Path) -> Outcome {
    match contents(path) {
        Ok(Some(contents)) => {
            check(&contents);
            let values =
                |piece: &format::Piece| piece.samples.len().saturating_mul(piece.features.len());
            match contents.pieces.iter().map(values).sum::<usize>() <= PREPARED {
                true => load(path),
                false => Outcome::Accepted,
            }
        }
        Ok(None) => Outcome::Refused("unrecognised".to_owned()),
        Err(error) => {
            say(&error, &error.advice());
            Outcome::Refused(kind(&error))
        }
    }
}

fn contents(path: &Path) -> Result<Option<Contents>, FormatError> {
    let cancel = CancelToken::new();
    let plan = ReadPlan {
        memory: BUDGET,
        ..ReadPlan::default()
    };
    let Some(format) = format::recognise(path)? else {
        return Ok(None);
    };
    format.read(path, &plan, &cancel).map(Some)
}

/// What there is to choose from in a file, without its values; tables have no such look.
pub fn look(path: &Path) {
    let Ok(Some(format)) = format::recognise(path) else {
        return;
    };
    if let Err(error) = format.inspect(path, &CancelToken::new()) {
        say(&error, &error.advice());
    }
}

/// Everything fits: samples, features, values, and what describes them.
fn check(contents: &Contents) {
    assert!(!contents.pieces.is_empty(), "no modality");
    for piece in &contents.pieces {
        let (matrix, name) = (&piece.matrix, &piece.modality);
        let expected = (piece.samples.len(), piece.features.len());
        assert_eq!((matrix.samples(), matrix.features()), expected, "{name}");
        matrix.facts().expect("values in memory");
        for (column, words) in piece.obs.columns() {
            assert_eq!(words.len(), expected.0, "{name}: obs {column}");
        }
        for (column, words) in piece.var.columns() {
            assert_eq!(words.len(), expected.1, "{name}: var {column}");
        }
    }
    if let Some((samples, frame)) = &contents.obs {
        for (column, words) in frame.columns() {
            assert_eq!(words.len(), samples.len(), "obs {column}");
        }
    }
}

fn unpack(path: &Path) -> Outcome {
    let unpacked = packed::open(path, BUDGET).and_then(|mut stream| {
        let mut block = vec![0; 1 << 16];
        loop {
            match stream.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(packed::format_error(path, error)),
            }
        }
    });
    if let Err(error) = &unpacked {
        say(error, &error.advice());
    }
    // Formats look into packed files, whole or not.
    read_format(path);
    Outcome::of(unpacked)
}

/// Every error has words and a way out.
fn say(error: &impl fmt::Display, advice: &str) {
    assert!(
        !error.to_string().is_empty() && !advice.is_empty(),
        "{error} {advice}"
    );
}
