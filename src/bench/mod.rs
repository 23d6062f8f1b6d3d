//! What every part of an analysis costs on this machine, on simulated data of chosen sizes.
//!
//! Parts of known arithmetic are told as a share of what the processor can do at most: [`Machine`] measures
//! that first.

mod machine;
#[cfg(feature = "gui")]
mod map;
mod parts;

use serde::Serialize;

use crate::{data::demo::DemoSpec, limit::Limit};

pub use machine::Machine;
#[cfg(feature = "gui")]
pub use map::draw;
pub use parts::run;

/// What to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BenchSpec {
    /// Numbers of samples, one round each, in this order.
    pub samples: Vec<usize>,
    /// How often each part is run; the fastest counts.
    pub repeats: usize,
}

const ROUNDS: Limit = Limit::new(
    "the numbers of samples",
    100.0,
    "each is a round of its own",
);
const REPEATS: Limit = Limit::new(
    "the repeats",
    1_000.0,
    "the fastest of fewer is as fast, and each costs time",
);

impl BenchSpec {
    /// Whether all of it can be measured.
    ///
    /// # Errors
    /// The limit that is passed.
    pub fn check(&self) -> Result<(), Limit> {
        ROUNDS.check_count(self.samples.len())?;
        REPEATS.check_count(self.repeats)?;
        let demo = |&samples: &usize| DemoSpec { samples, seed: 0 }.check();
        self.samples.iter().try_for_each(demo)
    }
}

impl Default for BenchSpec {
    fn default() -> Self {
        Self {
            samples: vec![2_000, 25_517],
            repeats: 3,
        }
    }
}

/// One part at one size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurement {
    /// What was measured.
    pub part: &'static str,
    /// On how many samples.
    pub samples: usize,
    /// The fastest run.
    pub seconds: f64,
    /// Floating-point operations that the part's definition needs, where they are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<f64>,
    /// Bytes that have to be read or written at least, where that is what the time goes into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<f64>,
    /// Share of the machine's peak that this is: of its operations, else of its memory bandwidth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// Most memory the process has held so far, in MiB, where the system tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peak_mib: Option<f64>,
    /// Anything else worth telling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
