//! What the fuzzer and the tests of hostile files share: small valid files, ways to damage them, and the readers.

mod checksums;
mod mutation;
pub mod readers;
mod seeds;
mod small;

pub use mutation::Mutator;
pub use readers::{BUDGET, READERS, Reader, look};
pub use seeds::{Packer, Seed};
