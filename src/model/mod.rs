//! The network, its weights and the device it runs on.
//!
//! Everything here is the published HDUMEC network; how it is trained is in [`crate::train`].
//! Burn's tensors stay inside `model` and `train`: the rest of the program sees plain arrays.

pub mod device;
mod hardware;
pub(crate) mod layers;
pub(crate) mod layout;
pub(crate) mod limits;
pub(crate) mod network;
pub mod remote;
mod spec;
mod weights;

pub use device::{DeviceChoice, DeviceError, DeviceInfo, DeviceKind};
pub(crate) use limits::MOST_CLUSTERS;
pub use spec::{NetworkSpec, NetworkSpecError};
pub use weights::{Weights, WeightsError};
