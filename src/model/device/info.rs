//! What a device is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of hardware a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// A graphics card with memory of its own.
    DiscreteGpu,
    /// A GPU that shares the processor's memory.
    IntegratedGpu,
    /// A GPU lent to a virtual machine.
    VirtualGpu,
    /// The processor, without a graphics interface.
    Cpu,
    /// A graphics interface emulated on the processor.
    SoftwareGpu,
    /// A device that another machine lends, whatever it is there.
    Remote,
}

/// A device by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// The driver's name for it, or `CPU`.
    pub name: String,
    /// What kind of hardware it is.
    pub kind: DeviceKind,
    /// The interface it is reached through: `vulkan`, `metal` or `dx12`; `native` for the processor; `iroh` or `websocket` for one of
    /// another machine.
    pub interface: String,
}

impl DeviceInfo {
    /// The processor.
    pub fn cpu() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        let plural = if threads == 1 { "" } else { "s" };
        Self {
            name: format!("CPU, {threads} thread{plural}"),
            kind: DeviceKind::Cpu,
            interface: "native".into(),
        }
    }

    /// Whether this is graphics hardware.
    pub fn is_gpu(&self) -> bool {
        self.kind < DeviceKind::Cpu
    }
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            DeviceKind::Cpu => f.write_str(&self.name),
            DeviceKind::SoftwareGpu => write!(f, "{} ({}, software)", self.name, self.interface),
            _ => write!(f, "{} ({})", self.name, self.interface),
        }
    }
}
