//! hdumec integrates several measurements ("modalities") of the same samples into one embedding,
//! clusters it, and says how uncertain it is about every value, modality and sample. The method is
//! HDUMEC: hierarchical dynamic uncertainty modelling with deep embedded clustering.
//!
//! This crate is a library and one binary, which is both the desktop application and the command
//! line. To learn it, read [`pipeline`], then `app/update.rs`, then `ui/mod.rs`.
//!
//! # How data flows
//! ```text
//! paths --format, io--> Dataset + LoadReport --preprocess--> PreparedData
//!    worker thread: Engine (several starts -> consensus) -> scores -> UMAP -> AnalysisResult
//!         Events (bounded channel) --> AppState
//! AppState --&--> pages --Command--> AppState::apply --> starts or cancels a job
//! ```
//! The command line calls [`pipeline::run`] directly; the window calls the same function inside a
//! job. Neither has analysis code of its own.
//!
//! # What lives where
//! | module | owns |
//! |---|---|
//! | [`words`] | numbers and names as people and spreadsheets write them |
//! | [`limit`] | the upper bound of a setting, with its reason |
//! | [`job`] | the only threads: handle, events, cancel |
//! | [`store`] | files that are written whole or not at all, and locks |
//! | [`data`] | axes, matrices, frames; data sets, labels, the simulated demo |
//! | [`figure`] | palette, names, fonts and publication figures |
//! | [`prepare`] | recorded steps between what a file holds and what the model gets |
//! | [`mod@format`] | files of other programs, one format a file |
//! | [`io`] | tables of text, labels, and what of all files belongs together |
//! | [`preprocess`] | scaling |
//! | [`analysis`] | plain arrays: k-means, consensus, scores, neighbours, UMAP, uncertainty, ambiguity |
//! | [`model`] | the network, its weights, the device |
//! | [`train`] | the two stages over the [`Engine`](train::Engine) trait |
//! | [`method`] | ways to cluster the same samples, which vote beside the network's starts |
//! | [`pipeline`] | the whole analysis, its events and its result |
//! | [`error`] | the one place where errors become words |
//! | [`export`] | results as files |
//! | [`document`] | what the user makes, its history, and sessions |
//! | [`app`] | the window's state, commands and settings; no egui |
//! | `ui` | feature `gui`: the window itself |
//! | [`cli`] | arguments, progress, tables |
//! | [`mod@bench`] | what every part costs on this machine |
//!
//! # Rules
//! * The main thread alone owns the application's state; no lock holds any of it. Big values are
//!   immutable and shared by `Arc`.
//! * A worker gets owned inputs, a [`CancelToken`](job::CancelToken) and a sink for events. Epochs
//!   always arrive; pictures are dropped when the channel is full.
//! * No tensor leaves [`model`] and [`train`].
//! * Same seed, same device: the same bits, whatever the number of threads.
//!
//! # A panel of the page Explore
//! One file behind a small trait, and a line in `panels/mod.rs`. This is a whole one:
#![cfg_attr(
    feature = "gui",
    doc = concat!("```ignore\n", include_str!("ui/pages/explore/panels/table.rs"), "```")
)]
//!
//! # Layers
//! The table above stands in the order of the layers, from the ground up: each uses only what stands above it here, and
//! `tests/layering.rs` holds these walls.

pub mod analysis;
pub mod app;
pub mod bench;
pub mod cli;
pub mod data;
pub mod document;
pub mod error;
pub mod export;
pub mod figure;
pub mod format;
pub mod io;
pub mod job;
pub mod limit;
pub mod method;
pub mod model;
pub mod pipeline;
pub mod prepare;
pub mod preprocess;
pub mod store;
pub mod train;
#[cfg(feature = "gui")]
pub mod ui;
pub mod words;
