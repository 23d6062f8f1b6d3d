//! Where engines come from.

use super::{BurnEngine, CpuEngine, Engine, EngineError};
use crate::{
    data::Masked,
    job::CancelToken,
    model::{
        DeviceChoice, DeviceInfo, DeviceKind, NetworkSpec, Weights,
        device::{ComputeDevice, DeviceError},
    },
};

/// Makes engines on one device that is open, each with a network and data of its own.
pub trait EngineMaker {
    /// The device.
    fn device(&self) -> &DeviceInfo;

    /// Puts a network with its starting weights and data on the device: one samples x features matrix a modality, with what was
    /// measured of it.
    ///
    /// # Errors
    /// If the device fails, does not take data that are held on disk, or the weights are of another network.
    fn make(
        &self,
        network: &NetworkSpec,
        inputs: Vec<Masked>,
        weights: &Weights,
    ) -> Result<Box<dyn Engine>, EngineError>;
}

/// Our own engine, on the processor.
struct OnCpu(DeviceInfo);

impl EngineMaker for OnCpu {
    fn device(&self) -> &DeviceInfo {
        &self.0
    }

    fn make(
        &self,
        network: &NetworkSpec,
        inputs: Vec<Masked>,
        weights: &Weights,
    ) -> Result<Box<dyn Engine>, EngineError> {
        let engine = CpuEngine::new(network.clone(), inputs, weights)?;
        Ok(Box::new(engine))
    }
}

/// Burn's, on a graphics interface.
struct OnBurn(ComputeDevice);

impl EngineMaker for OnBurn {
    fn device(&self) -> &DeviceInfo {
        &self.0.info
    }

    fn make(
        &self,
        network: &NetworkSpec,
        inputs: Vec<Masked>,
        weights: &Weights,
    ) -> Result<Box<dyn Engine>, EngineError> {
        let engine = BurnEngine::new(network.clone(), inputs, weights, self.0.clone())?;
        Ok(Box::new(engine))
    }
}

/// Opens a device. Of data held on disk the processor computes, unless another device was asked for. May take seconds.
///
/// # Errors
/// If there is no such device, or it cannot be opened.
pub fn open_device(
    choice: &DeviceChoice,
    on_disk: bool,
    cancel: &CancelToken,
) -> Result<Box<dyn EngineMaker>, DeviceError> {
    let choice = match choice {
        DeviceChoice::Auto if on_disk => &DeviceChoice::Cpu,
        chosen => chosen,
    };
    let device = ComputeDevice::open(choice, cancel)?;
    Ok(match device.info.kind {
        DeviceKind::Cpu => Box::new(OnCpu(device.info)),
        _ => Box::new(OnBurn(device)),
    })
}
