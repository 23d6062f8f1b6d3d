//! Files of other programs, one format a file.
//!
//! A [`Format`] recognises its files by their content and reads them as they are: it changes no value, joins nothing and
//! leaves nothing out. What it reads is a list of [`Piece`]s, each one modality with its own samples; matching them by
//! sample and preparing them comes after. To add a format, write one file with one type that is a [`Format`], and
//! name it in [`ALL`].
//!
//! # A new format, as an example
//! Files that begin with `lines` and the names of the features, and then hold a sample a line: its id and its values.
//!
//! ```
//! use std::{fs, path::Path};
//!
//! use hdumec::{
//!     data::{Axis, Frame, Matrix},
//!     format::{Contents, Format, FormatError, FoundModality, Inspection, Look, Piece, ReadPlan},
//!     job::CancelToken,
//! };
//! use ndarray::Array2;
//!
//! struct Lines;
//!
//! impl Format for Lines {
//!     fn name(&self) -> &'static str {
//!         "lines"
//!     }
//!
//!     fn recognises(&self, look: &Look) -> bool {
//!         look.head.starts_with(b"lines ")
//!     }
//!
//!     fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError> {
//!         let plan = ReadPlan { memory: u64::MAX, ..ReadPlan::default() };
//!         let found = |piece: Piece| FoundModality {
//!             samples: piece.samples.len(),
//!             features: piece.features.len(),
//!             name: piece.modality,
//!             matrices: Vec::new(),
//!         };
//!         let pieces = self.read(path, &plan, cancel)?.pieces;
//!         Ok(Inspection { modalities: pieces.into_iter().map(found).collect(), obs: Vec::new() })
//!     }
//!
//!     fn read(&self, path: &Path, _: &ReadPlan, cancel: &CancelToken) -> Result<Contents, FormatError> {
//!         let damaged = |line: usize, what: &str| FormatError::Damaged {
//!             path: path.to_owned(),
//!             place: format!("line {line}"),
//!             what: what.to_owned(),
//!         };
//!         let failed = |source| FormatError::Read { path: path.to_owned(), source };
//!         let text = fs::read_to_string(path).map_err(failed)?;
//!         let mut lines = text.lines();
//!         let names = lines.next().unwrap_or_default().split(' ').skip(1);
//!         let features: Vec<String> = names.map(str::to_owned).collect();
//!         let (mut ids, mut values) = (Vec::new(), Vec::new());
//!         for (line, words) in (2..).zip(lines) {
//!             cancel.check()?;
//!             let mut words = words.split(' ');
//!             ids.push(words.next().unwrap_or_default().to_owned());
//!             for word in words {
//!                 values.push(word.parse::<f32>().map_err(|_| damaged(line, "not a number"))?);
//!             }
//!             if values.len() != ids.len() * features.len() {
//!                 return Err(damaged(line, "not a value for every feature"));
//!             }
//!         }
//!         let values = Array2::from_shape_vec((ids.len(), features.len()), values);
//!         let piece = Piece {
//!             modality: "rna".to_owned(),
//!             source: String::new(),
//!             samples: Axis::new(ids).map_err(|id| damaged(id.second + 2, "a sample again"))?,
//!             features: Axis::told_apart(features, None).0,
//!             matrix: Matrix::Dense(values.expect("checked line by line").into()),
//!             obs: Frame::default(),
//!             var: Frame::default(),
//!         };
//!         Ok(Contents { pieces: vec![piece], files: vec![path.to_owned()], ..Contents::default() })
//!     }
//! }
//!
//! let folder = tempfile::tempdir().unwrap();
//! let file = folder.path().join("any.name");
//! fs::write(&file, "lines CD4 CD8A\ncell-1 0 2.5\ncell-2 1 0\n").unwrap();
//! assert!(Lines.recognises(&Look::at(&file).unwrap()));
//! let found = Lines.inspect(&file, &CancelToken::new()).unwrap();
//! assert_eq!((found.modalities[0].samples, found.modalities[0].features), (2, 2));
//! ```

mod column;
pub mod droplets;
mod error;
mod foreign;
mod gct;
mod h5ad;
mod h5mu;
mod hdf5;
mod lines;
mod look;
mod matrix_market;
pub mod packed;
mod tenx_folder;
mod tenx_h5;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub use error::FormatError;
pub use foreign::Foreign;
pub(crate) use foreign::{Refusal, no_text};
pub use gct::Gct;
pub use h5ad::H5ad;
pub use h5mu::H5mu;
pub use hdf5::OtherHdf5;
pub use look::Look;
pub use matrix_market::MatrixMarket;
pub use tenx_folder::TenxFolder;
pub use tenx_h5::TenxH5;

use crate::{
    data::{Axis, Frame, Matrix},
    job::CancelToken,
};

/// All formats, in the order in which they are asked: `OtherHdf5` takes what no other format in HDF5 knows.
pub const ALL: &[&dyn Format] = &[
    &Foreign,
    &TenxFolder,
    &MatrixMarket,
    &Gct,
    &TenxH5,
    &H5mu,
    &H5ad,
    &OtherHdf5,
];

/// A kind of file.
pub trait Format: Sync {
    /// What people call it: `10x HDF5`.
    fn name(&self) -> &'static str;

    /// Whether a file or folder is of this kind, by what is in it rather than what it is called.
    fn recognises(&self, look: &Look) -> bool;

    /// What there is to choose from, without reading the values.
    ///
    /// # Errors
    /// If the file cannot be read or is not what it claims to be.
    fn inspect(&self, path: &Path, cancel: &CancelToken) -> Result<Inspection, FormatError>;

    /// Reads it. `cancel` is looked at for every block.
    ///
    /// # Errors
    /// If the file cannot be read, is not what it claims to be, or would take more memory than the plan allows.
    fn read(
        &self,
        path: &Path,
        plan: &ReadPlan,
        cancel: &CancelToken,
    ) -> Result<Contents, FormatError>;
}

/// The format of a file or folder, if it is one of [`ALL`].
///
/// # Errors
/// If it cannot be looked at.
pub fn recognise(path: &Path) -> Result<Option<&'static dyn Format>, FormatError> {
    let look = Look::at(path)?;
    Ok(ALL.iter().copied().find(|format| format.recognises(&look)))
}

/// How to read a file, where there is a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadPlan {
    /// Which of several matrices of one modality to take, by the name that [`FoundModality::matrices`] gives it; the format's
    /// own choice if nothing is said.
    pub matrix: Option<String>,
    /// The same for single modalities of a file that holds several, by their names.
    pub matrices: BTreeMap<String, String>,
    /// Bytes of main memory that what is read may take at most.
    pub memory: u64,
    /// Bytes of it that values may take; more are kept on disk by formats that can be read in parts. Nothing is said: all of it.
    pub values: Option<u64>,
}

/// What a file holds, as far as can be seen without reading its values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Its modalities.
    pub modalities: Vec<FoundModality>,
    /// Columns that describe the samples.
    pub obs: Vec<String>,
}

/// A modality of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundModality {
    /// Its name, as it will be called: `rna`.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// Number of features.
    pub features: usize,
    /// The matrices to choose from, the one that is taken unless another is asked for first: `X`, `layers/counts`, `raw/X`.
    pub matrices: Vec<String>,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Its modalities, at least one.
    pub pieces: Vec<Piece>,
    /// What describes the samples of all modalities together, if the file has that: ids and columns.
    pub obs: Option<(Axis, Frame)>,
    /// What there is to say.
    pub notices: Vec<Notice>,
    /// Every file that was read, for the record.
    pub files: Vec<PathBuf>,
}

/// One modality with its own samples.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Its name: `rna`.
    pub modality: String,
    /// Which of its matrices this is: `X`, `layers/counts`; empty where the file has one only.
    pub source: String,
    /// Ids of the samples.
    pub samples: Axis,
    /// Names of the features.
    pub features: Axis,
    /// The values as they stand in the file, samples x features; missing ones are NaN.
    pub matrix: Matrix,
    /// What describes the samples.
    pub obs: Frame,
    /// What describes the features; their ids, say.
    pub var: Frame,
}

/// Something to be told that does not stop the work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: a file, a modality, a column.
    pub object: String,
    /// A sentence for the user.
    pub text: String,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Note,
    /// May make the results other than what the user expects.
    Warning,
}

/// The name of the modality that 10x and others call so: `rna` for `Gene Expression`, `protein` for `Antibody Capture`, `atac`
/// for `Peaks`; other names are kept.
pub fn modality_name(feature_type: &str) -> String {
    match feature_type.trim().to_lowercase().as_str() {
        "gene expression" | "gex" | "rna" => "rna".into(),
        "antibody capture" | "antibody" | "adt" | "prot" | "protein" => "protein".into(),
        "peaks" | "atac" => "atac".into(),
        _ => feature_type.trim().to_owned(),
    }
}
