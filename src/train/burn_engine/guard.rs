//! What goes wrong on a device, as an error.

use std::panic::{self, AssertUnwindSafe};

use burn::tensor::ExecutionError;

use crate::{
    job::panic_message,
    model::{DeviceKind, device::ComputeDevice},
    train::EngineError,
};

/// Runs work on a device. What goes wrong on a graphics interface, a panic in its driver's stack
/// included, is the device's failure; on the CPU a panic is a fault of ours and goes its way.
pub(super) fn guard<T>(
    device: &ComputeDevice,
    work: impl FnOnce() -> Result<T, EngineError>,
) -> Result<T, EngineError> {
    if device.info.kind == DeviceKind::Cpu {
        return work();
    }
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    if device.is_lost() {
        return Err(EngineError::Device("it was lost or reset".into()));
    }
    outcome.unwrap_or_else(|panic| Err(EngineError::Device(panic_message(panic.as_ref()))))
}

impl From<ExecutionError> for EngineError {
    fn from(error: ExecutionError) -> Self {
        Self::Device(error.to_string())
    }
}
