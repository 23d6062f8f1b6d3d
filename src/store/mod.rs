//! Files that are written whole or not at all, and locks on them.

pub mod atomic;
pub mod bits;
pub mod capsule;
pub(crate) mod lock;
pub mod room;
