//! Reading and writing files.
//!
//! [`load`] turns files into a [`crate::data::Dataset`] and a [`LoadReport`]: `discover` finds the files,
//! `text` reads them block by block, `table` parses it on all cores, `rows` decides what the first column means and
//! which rows belong together, `clean` deals with missing values and useless features.
//!
//! [`export`] writes results, [`write_dataset`] data; both through `cell`, which keeps names from being formulas and whose
//! inverse reads them. `atomic` and `lock` see to it that a kill leaves nothing half done.
//!
//! Nothing is repaired in silence: what does not stop the work is a counted [`LoadNotice`], everything else a
//! [`LoadError`] that names the place.

pub mod atomic;
mod cell;
mod clean;
mod dataset_csv;
mod discover;
mod error;
pub mod export;
mod formats;
mod gzip;
mod inputs;
mod labels;
mod load;
#[cfg(test)]
mod load_tests;
mod lock;
mod notice;
mod number;
mod quoted;
mod report;
pub mod room;
mod rows;
mod separator;
mod table;
mod table_rows;
mod text;
mod truth;

pub use dataset_csv::write_dataset;
pub use discover::{FoundFiles, ModalityFile, discover};
pub use error::{LoadError, Place};
pub use inputs::{InputFile, Inputs, Source};
pub use load::{FirstColumn, LoadSpec, Loaded, load};
pub use notice::LoadNotice;
pub use report::{ClassCount, LabelSource, LoadReport, ModalityReport};
