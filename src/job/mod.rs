//! Background work: the only place that starts a thread.

mod cancel;
mod handle;
mod latest;
mod task;

pub use cancel::{CancelToken, Cancelled};
pub use handle::{
    EventSink, JobHandle, JobOutcome, MaybeCancelled, NoAnswer, panic_message, spawn, with_timeout,
};
pub use latest::Latest;
pub use task::Task;
