//! HDF5 files: what all formats that are written in them share.
//!
//! A [`File`] is opened with limits: nothing that it claims is believed before it is checked against the memory there is.
//! [`Group`] and [`Data`] know where in the file they stand, so that every error says so.

mod annotated;
mod cells;
mod choice;
mod coordinates;
mod file;
mod filters;
mod frame;
mod kinds;
mod matrix;
mod node;
mod number;
mod other;
#[cfg(test)]
pub(super) mod tests;

pub(super) use annotated::{Annotated, Wanted};
pub(super) use coordinates::add as add_coordinates;
pub(super) use file::File;
pub(super) use frame::{Table, names_of};
pub(super) use kinds::{by_kind, count_kinds};
pub(super) use matrix::{Order, sparse};
pub(super) use node::{Data, Group, Node};
pub use other::OtherHdf5;

/// Bytes that looking into a file may take, without reading its values.
pub(super) const LOOK_MEMORY: u64 = 512 << 20;
