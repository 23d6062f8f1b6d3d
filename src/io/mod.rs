//! Reading files.
//!
//! [`load`] turns files into a [`crate::data::Dataset`] and a [`LoadReport`]: `discover` finds the files,
//! `source` unpacks them or makes text of them, `text` reads that block by block, `header` and `columns` tell what a table holds, `table` parses it on all cores,
//! `orientation` turns it if features are in rows, `first_column` decides what the first column means, `rows` which rows belong
//! together, `sift` leaves out samples that were measured badly, `part` takes every modality through its preparation.
//!
//! Nothing is repaired in silence: what does not stop the work is a counted [`LoadNotice`], everything else a
//! [`LoadError`] that names the place.

mod columns;
mod containers;
mod decimal;
mod discover;
mod error;
mod features;
mod first_column;
mod header;
mod inputs;
mod keep;
mod known;
mod labels;
mod load;
#[cfg(test)]
mod load_tests;
mod marks;
mod measured;
mod metadata;
mod names;
mod near;
mod notice;
mod number;
mod orientation;
mod parquet;
mod part;
mod preamble;
mod question;
mod quoted;
mod report;
mod rows;
mod separator;
mod sift;
mod sink;
mod source;
mod table;
mod table_rows;
mod text;
mod transpose;
mod truth;
mod wide_text;
mod workbook;

pub use decimal::Seen;
pub use discover::{FoundFiles, ModalityFile, check_size, discover};
pub use error::{LoadError, Place, TableError};
pub use inputs::{InputFile, Inputs, Source};
pub use keep::{Opened, keep};
pub use load::{FirstColumn, LoadSpec, Loaded, load};
pub use notice::{About, LoadNotice, TableNotice};
pub use question::{Answer, Choice, Decimal, Join, Orientation, Question};
pub use report::{
    ClassCount, LabelCandidate, LabelSource, LoadReport, ModalityReport, Preview, SampleQuality,
};
use workbook::column_name;
