//! Devices of other machines, and lending those of this one, through Burn's own remote engine.
//!
//! A server (`hdumec serve`) is known by an address ([`RemoteAddress`]) and lets in whoever has its [`Token`]. Users keep both in a
//! file that only they can read ([`KnownServers`]); what is written of an analysis has the server's name or address, never the token.
//! Data and weights go to the server once; after that only what to compute goes there, and what is asked for comes back. Nothing is
//! written to the server's disk.

mod address;
#[cfg(feature = "remote")]
mod client;
mod known;
#[cfg(feature = "remote")]
mod server;
#[cfg(all(test, feature = "remote"))]
pub(crate) mod tests;
mod token;

use std::time::Duration;

pub use address::{RemoteAddress, Route};
pub use known::{KnownServer, KnownServers, SERVERS};
#[cfg(feature = "remote")]
pub use server::{Listen, Offer, serve};
pub use token::{Token, TokenError};

use super::device::{ComputeDevice, DeviceError};
use crate::job::CancelToken;

/// Why a device of another machine cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The program cannot do it.
    #[error("this hdumec was built without the feature 'remote'")]
    NotBuilt,
    /// Neither a name nor an address.
    #[error("no server of that name is known, and it is no address: {0}")]
    Unknown(String),
    /// The list of known servers.
    #[error("the list of known servers cannot be read: {0}")]
    List(String),
    /// Nobody gave a token.
    #[error("no token is known for it")]
    NoToken,
    /// Another token.
    #[error("it does not accept the token")]
    Unauthorised,
    /// The server has fewer devices.
    #[error("it lends {devices} device{}", if *devices == 1 { "" } else { "s" })]
    NoSuchDevice {
        /// How many.
        devices: usize,
    },
    /// Another version of Burn.
    #[error("it speaks version {theirs} of Burn's protocol, this hdumec version {ours}")]
    Version {
        /// The server's.
        theirs: u16,
        /// This program's.
        ours: u16,
    },
    /// Nothing answers.
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    /// It answers, but not as it should.
    #[error("it does not work: {0}")]
    Broken(String),
}

impl RemoteError {
    /// What to do.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::NotBuilt => "Install hdumec with its usual features.",
            Self::Unknown(_) => {
                "'hdumec servers' lists those that are known, 'hdumec servers add' adds one."
            }
            Self::List(_) => "Mend the file, or delete it and add the servers again.",
            Self::NoToken | Self::Unauthorised => {
                "'hdumec servers add ADDRESS' asks for the token that 'hdumec serve' tells on the other machine."
            }
            Self::NoSuchDevice { .. } => "Leave out the number after '#', which counts from 0.",
            Self::Version { .. } => "Install the same version of hdumec on both machines.",
            Self::Unreachable(_) => {
                "Is 'hdumec serve' at work on the other machine, and does its firewall let the port through?"
            }
            Self::Broken(_) => "Start 'hdumec serve' on the other machine again.",
        }
    }
}

/// The device that a server lends: a known one by its name, or any by its address; and how long it takes to answer.
///
/// # Errors
/// [`DeviceError::Remote`], or when cancelled.
pub fn connect(
    server: &str,
    cancel: &CancelToken,
) -> Result<(ComputeDevice, Duration), DeviceError> {
    let failed = |reason| DeviceError::Remote {
        server: server.to_owned(),
        reason,
    };
    let list = |error: std::io::Error| failed(RemoteError::List(error.to_string()));
    let known = match KnownServers::path() {
        Some(path) => KnownServers::load(&path).map_err(list)?,
        None => KnownServers::default(),
    };
    let server = known.find(server).map_err(failed)?;
    connect_to(&server, cancel)
}

/// The same for a server whose token is given.
///
/// # Errors
/// Those of [`connect`].
#[cfg(feature = "remote")]
pub fn connect_to(
    server: &KnownServer,
    cancel: &CancelToken,
) -> Result<(ComputeDevice, Duration), DeviceError> {
    client::connect(server, cancel)
}

/// The same for a server whose token is given.
///
/// # Errors
/// Always: see [`RemoteError::NotBuilt`].
#[cfg(not(feature = "remote"))]
pub fn connect_to(
    server: &KnownServer,
    _: &CancelToken,
) -> Result<(ComputeDevice, Duration), DeviceError> {
    Err(DeviceError::Remote {
        server: server.name.clone(),
        reason: RemoteError::NotBuilt,
    })
}
