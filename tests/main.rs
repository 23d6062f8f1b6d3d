//! All integration tests in one binary: linking is slow.

mod command_line;
mod data_sets;
mod hostile;
mod layering;
mod pipeline;
mod sessions;
#[cfg(feature = "gui")]
mod window;
