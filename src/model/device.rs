//! Which device computes: a hardware GPU through wgpu, or the CPU.
//!
//! wgpu hands out software adapters where there is no GPU, and training on one is far slower
//! than on the CPU itself. So adapters are listed here first, and a software adapter is used
//! only when it is asked for by name.

mod choice;
mod info;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use burn::tensor::{Device, DeviceKind as Selector, Tensor, wgpu::WgpuBackend};
use burn_wgpu::wgpu;

use super::hardware::adapters_for;
use super::remote::{self, RemoteError};
use crate::job::{self, CancelToken, Cancelled, NoAnswer};

pub use choice::DeviceChoice;
pub use info::{DeviceInfo, DeviceKind};

/// Bytes that go to another machine in one piece: Burn takes no message beyond 1 GiB.
#[cfg(feature = "remote")]
const MESSAGE: u64 = 256 << 20;

/// Time a driver gets to answer before it counts as broken.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Why there is no device to compute on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not a failure: the user did not want to wait any longer.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A GPU was asked for.
    #[error("no hardware GPU was found")]
    NoGpu,
    /// No adapter has the name.
    #[error("no adapter is called '{name}'; there are: {found}")]
    NoSuchAdapter {
        /// The words asked for.
        name: String,
        /// The adapters there are.
        found: String,
    },
    /// The driver did not answer.
    #[error("the graphics driver did not answer within {} seconds", ANSWER_TIME.as_secs())]
    NoAnswer,
    /// The driver crashed when it was asked.
    #[error("the graphics driver crashed")]
    Crashed,
    /// A device of another machine cannot be used.
    #[error("'{server}' cannot be used: {reason}")]
    Remote {
        /// The server, as it was given.
        server: String,
        /// Why not.
        reason: RemoteError,
    },
    /// The list of machines that lend devices.
    #[error("the list of other machines: {reason}")]
    Servers {
        /// What is wrong with it.
        reason: String,
    },
    /// Devices of this machine cannot be lent.
    #[error("the server could not begin: {reason}")]
    Serve {
        /// Why not.
        reason: String,
    },
    /// The GPU could not be opened.
    #[error("'{name}' could not be started: {reason}")]
    Start {
        /// The adapter.
        name: String,
        /// What the driver said.
        reason: String,
    },
}

impl From<NoAnswer> for DeviceError {
    fn from(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::TooSlow => Self::NoAnswer,
            NoAnswer::Cancelled => Self::Cancelled(Cancelled),
            NoAnswer::Failed => Self::Crashed,
        }
    }
}

/// An adapter of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adapter {
    /// Its name and kind.
    pub info: DeviceInfo,
    backend: wgpu::Backend,
    /// Position among the adapters of its kind and interface, as the driver lists them.
    index: usize,
}

/// Lists this machine's adapters, the best first. May take seconds: not for the UI thread.
pub fn probe(cancel: &CancelToken) -> Result<Vec<Adapter>, DeviceError> {
    Ok(job::with_timeout(
        "adapter probe",
        ANSWER_TIME,
        cancel,
        list_adapters,
    )?)
}

fn list_adapters() -> Vec<Adapter> {
    let mut adapters = Vec::new();
    for backend in [
        wgpu::Backend::Vulkan,
        wgpu::Backend::Metal,
        wgpu::Backend::Dx12,
    ] {
        if !wgpu::Instance::enabled_backend_features().contains(backend.into()) {
            continue;
        }
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: backend.into(),
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let mut seen = Vec::new();
        for adapter in pollster::block_on(instance.enumerate_adapters(backend.into())) {
            let info = adapter.get_info();
            let kind = match info.device_type {
                wgpu::DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu,
                wgpu::DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu,
                wgpu::DeviceType::VirtualGpu => DeviceKind::VirtualGpu,
                wgpu::DeviceType::Cpu => DeviceKind::SoftwareGpu,
                wgpu::DeviceType::Other => continue,
            };
            let index = seen.iter().filter(|&&k| k == kind).count();
            seen.push(kind);
            adapters.push(Adapter {
                info: DeviceInfo {
                    name: info.name,
                    kind,
                    interface: backend.to_str().to_string(),
                },
                backend,
                index,
            });
        }
    }
    adapters.sort_by_key(|a| a.info.kind);
    adapters
}

/// A device ready to compute.
#[derive(Clone, Debug)]
pub struct ComputeDevice {
    /// What it is.
    pub info: DeviceInfo,
    pub(crate) burn: Device,
    lost: Arc<AtomicBool>,
    /// Bytes of a buffer, at most.
    buffer: u64,
    /// Bytes that go there or come back in one piece, at most.
    message: u64,
}

impl ComputeDevice {
    /// The CPU, always there.
    pub fn cpu() -> Self {
        Self {
            info: DeviceInfo::cpu(),
            burn: Device::flex(),
            lost: Arc::default(),
            buffer: u64::MAX,
            message: u64::MAX,
        }
    }

    /// Opens what the choice names. May take seconds: not for the UI thread.
    ///
    /// `Auto` falls back to the CPU only where no hardware GPU is listed; a GPU that is listed
    /// but does not start is an error, for the caller to report and decide.
    pub fn open(choice: &DeviceChoice, cancel: &CancelToken) -> Result<Self, DeviceError> {
        match choice {
            DeviceChoice::Cpu => return Ok(Self::cpu()),
            DeviceChoice::Remote(server) => return Ok(remote::connect(server, cancel)?.0),
            DeviceChoice::Auto | DeviceChoice::Gpu | DeviceChoice::Named(_) => {}
        }
        let adapters = adapters_for(choice, cancel)?;
        match pick(choice, &adapters)? {
            Some(adapter) => Self::open_adapter(adapter, cancel),
            None => Ok(Self::cpu()),
        }
    }

    fn open_adapter(adapter: &Adapter, cancel: &CancelToken) -> Result<Self, DeviceError> {
        // A selector can be set up once a process, so what was opened is kept.
        static OPEN: Mutex<Vec<(Adapter, ComputeDevice)>> = Mutex::new(Vec::new());
        // A driver may take its time with the one before.
        let mut open = cancel.lock(&OPEN)?;
        let failed = |reason: String| DeviceError::Start {
            name: adapter.info.name.clone(),
            reason,
        };
        if let Some((_, device)) = open.iter().find(|(known, _)| known == adapter) {
            return if device.is_lost() {
                Err(failed("it was lost; restart hdumec to use it again".into()))
            } else {
                Ok(device.clone())
            };
        }
        let wanted = adapter.clone();
        let opened = job::with_timeout("open the GPU", ANSWER_TIME, cancel, move || start(&wanted));
        let device = opened.map_err(DeviceError::from)?.map_err(failed)?;
        open.push((adapter.clone(), device.clone()));
        Ok(device)
    }

    /// One that a server lends; it cannot be lost as a GPU can: what is asked of it fails.
    #[cfg(feature = "remote")]
    pub(super) fn lent(info: DeviceInfo, burn: Device) -> Self {
        Self {
            info,
            burn,
            lost: Arc::default(),
            // What the server's device holds is not told.
            buffer: u64::MAX,
            message: MESSAGE,
        }
    }

    /// The same with other limits.
    #[cfg(test)]
    pub(crate) fn with_limits(self, buffer: u64, message: u64) -> Self {
        Self {
            buffer,
            message,
            ..self
        }
    }

    /// Whether a buffer holds so many 32-bit numbers.
    pub(crate) fn holds(&self, numbers: usize) -> bool {
        (numbers as u64).saturating_mul(4) <= self.buffer
    }

    /// Rows of so many 32-bit numbers that a buffer holds, at least 1.
    pub(crate) fn most_rows(&self, numbers: usize) -> usize {
        rows_in(self.buffer, numbers)
    }

    /// The same of what goes there, or comes back, in one piece.
    pub(crate) fn rows_at_once(&self, numbers: usize) -> usize {
        rows_in(self.message, numbers)
    }

    /// Whether the GPU was lost or reset by its driver.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Acquire)
    }
}

fn pick<'a>(
    choice: &DeviceChoice,
    adapters: &'a [Adapter],
) -> Result<Option<&'a Adapter>, DeviceError> {
    let hardware = adapters.iter().find(|a| a.info.is_gpu());
    match choice {
        DeviceChoice::Cpu | DeviceChoice::Remote(_) => Ok(None),
        DeviceChoice::Auto => Ok(hardware),
        DeviceChoice::Gpu => hardware.ok_or(DeviceError::NoGpu).map(Some),
        DeviceChoice::Named(name) => {
            let words = name.to_lowercase();
            adapters
                .iter()
                .find(|a| a.info.to_string().to_lowercase().contains(&words))
                .map(Some)
                .ok_or_else(|| DeviceError::NoSuchAdapter {
                    name: name.clone(),
                    found: if adapters.is_empty() {
                        "none".into()
                    } else {
                        adapters
                            .iter()
                            .map(|a| a.info.to_string())
                            .collect::<Vec<_>>()
                            .join(", ")
                    },
                })
        }
    }
}

/// Starts an adapter and runs one small sum on it.
fn start(adapter: &Adapter) -> Result<ComputeDevice, String> {
    let kind = match adapter.info.kind {
        DeviceKind::DiscreteGpu => Selector::DiscreteGpu(adapter.index),
        DeviceKind::IntegratedGpu => Selector::IntegratedGpu(adapter.index),
        DeviceKind::VirtualGpu => Selector::VirtualGpu(adapter.index),
        DeviceKind::Cpu | DeviceKind::SoftwareGpu | DeviceKind::Remote => Selector::Cpu,
    };
    let api = match adapter.backend {
        wgpu::Backend::Metal => WgpuBackend::Metal,
        wgpu::Backend::Dx12 => WgpuBackend::Dx12,
        _ => WgpuBackend::Vulkan,
    };
    let (burn, setup) = Device::wgpu_options()
        .device_kind(kind)
        .graphics_api(api)
        .init_with_setup()
        .map_err(|e| e.to_string())?;
    let lost: Arc<AtomicBool> = Arc::default();
    let flag = lost.clone();
    setup
        .device
        .set_device_lost_callback(move |_, _| flag.store(true, Ordering::Release));
    adds_up(&burn)?;
    let limits = setup.device.limits();
    Ok(ComputeDevice {
        info: adapter.info.clone(),
        burn,
        lost,
        buffer: limits
            .max_buffer_size
            .min(limits.max_storage_buffer_binding_size),
        message: u64::MAX,
    })
}

/// Rows of so many 32-bit numbers in so many bytes, at least 1.
fn rows_in(bytes: u64, numbers: usize) -> usize {
    let rows = bytes / 4 / (numbers as u64).max(1);
    usize::try_from(rows).unwrap_or(usize::MAX).max(1)
}

/// Runs one small sum on a device.
pub(super) fn adds_up(device: &Device) -> Result<(), String> {
    let sum = Tensor::<1>::ones([4], device).sum();
    match sum.try_into_scalar::<f32>() {
        Ok(4.0) => Ok(()),
        Ok(sum) => Err(format!("1 + 1 + 1 + 1 came out as {sum}")),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, kind: DeviceKind) -> Adapter {
        Adapter {
            info: DeviceInfo {
                name: name.into(),
                kind,
                interface: "vulkan".into(),
            },
            backend: wgpu::Backend::Vulkan,
            index: 0,
        }
    }

    #[test]
    fn software_adapters_are_used_only_by_name() {
        let soft = adapter("llvmpipe (LLVM 15)", DeviceKind::SoftwareGpu);
        let only_soft = [soft.clone()];
        assert_eq!(pick(&DeviceChoice::Auto, &only_soft), Ok(None));
        assert_eq!(
            pick(&DeviceChoice::Gpu, &only_soft),
            Err(DeviceError::NoGpu)
        );
        let named = DeviceChoice::Named("LLVMpipe".into());
        assert_eq!(pick(&named, &only_soft), Ok(Some(&soft)));
        let hard = adapter("Card", DeviceKind::DiscreteGpu);
        let both = [soft, hard.clone()];
        assert_eq!(pick(&DeviceChoice::Auto, &both), Ok(Some(&hard)));
        let unknown = pick(&DeviceChoice::Named("voodoo".into()), &both).unwrap_err();
        assert!(unknown.to_string().contains("Card"));
    }
}
