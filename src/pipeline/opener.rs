//! What to compute on.

use super::{RunError, run::Run};
use crate::{
    data::{Masked, Storage},
    job::CancelToken,
    model::{DeviceChoice, DeviceInfo, DeviceKind, NetworkSpec, Weights, device::ComputeDevice},
    train::{Batches, BurnEngine, CpuEngine, Engine, EngineError},
};

/// A device with an engine on it, or why there is none.
type Opened = Result<(DeviceInfo, Box<dyn Engine>), RunError>;

/// Opens a device and puts a network with its data on it: what to compute on, the network's shape,
/// the data (one samples x features matrix a modality, with what was measured of it) and the starting weights.
pub type OpenEngine<'a> = dyn Fn(&DeviceChoice, &NetworkSpec, Vec<Masked>, &Weights) -> Opened + 'a;

/// Opens the engine for a device: our own on the CPU, Burn's on a GPU.
pub(super) fn opener(
    cancel: &CancelToken,
) -> impl Fn(&DeviceChoice, &NetworkSpec, Vec<Masked>, &Weights) -> Opened {
    move |choice, network, inputs, weights| open(choice, network, inputs, weights, cancel)
}

fn open(
    choice: &DeviceChoice,
    network: &NetworkSpec,
    inputs: Vec<Masked>,
    weights: &Weights,
    cancel: &CancelToken,
) -> Opened {
    // Only the CPU computes from disk.
    let on_disk = inputs
        .iter()
        .any(|data| data.values.storage() == Storage::Disk);
    let choice = match choice {
        DeviceChoice::Auto if on_disk => &DeviceChoice::Cpu,
        chosen => chosen,
    };
    let device = ComputeDevice::open(choice, cancel)?;
    let info = device.info.clone();
    let network = network.clone();
    let engine: Result<Box<dyn Engine>, _> = if info.kind == DeviceKind::Cpu {
        CpuEngine::new(network, inputs, weights).map(|engine| Box::new(engine) as _)
    } else {
        BurnEngine::new(network, inputs, weights, device).map(|engine| Box::new(engine) as _)
    };
    Ok((info, engine?))
}

impl Run<'_> {
    /// A device with the network on it and these data.
    pub(super) fn open(
        &self,
        choice: &DeviceChoice,
        inputs: Vec<Masked>,
    ) -> Result<(DeviceInfo, Box<dyn Engine>), RunError> {
        let weights = Weights::initialise(&self.network, self.spec.seed);
        let (info, mut engine) = (self.open_engine)(choice, &self.network, inputs, &weights)?;
        if let Some(size) = self.spec.train.batch {
            engine.use_batches(Batches::new(size, self.spec.seed, self.cancel.clone()));
        }
        Ok((info, engine))
    }

    /// Puts other data on the device that is open already; if it is lost, it has failed at work.
    pub fn another(
        &self,
        info: &DeviceInfo,
        inputs: Vec<Masked>,
    ) -> Result<Box<dyn Engine>, RunError> {
        let same = match info.kind {
            DeviceKind::Cpu => &DeviceChoice::Cpu,
            _ => &self.spec.device,
        };
        match self.open(same, inputs) {
            Ok((_, engine)) => Ok(engine),
            Err(RunError::Device(lost)) => Err(EngineError::Device(lost.to_string()).into()),
            Err(error) => Err(error),
        }
    }
}
