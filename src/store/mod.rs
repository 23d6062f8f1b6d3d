//! Files that are written whole or not at all, locks on them, and what processes that are gone have left.

pub mod atomic;
pub mod bits;
pub mod capsule;
pub mod left;
pub(crate) mod lock;
pub mod room;
