//! Computing on a device of another machine.

use std::{
    net::ToSocketAddrs as _,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use burn::{
    remote::{ConnectError, EndpointId, IrohHost, IrohRelays, RemoteHost},
    tensor::Device,
};

use super::{KnownServer, RemoteError, Route};
use crate::{
    job::{self, CancelToken, NoAnswer},
    model::device::{ComputeDevice, DeviceError, DeviceInfo, DeviceKind, adds_up},
};

/// Time a server gets to answer: Burn itself gives up after 16 seconds.
const ANSWER_TIME: Duration = Duration::from_secs(40);

/// Sessions that were opened by this process.
static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// A session with a server, and how long its device takes to answer.
pub(super) fn connect(
    server: &KnownServer,
    cancel: &CancelToken,
) -> Result<(ComputeDevice, Duration), DeviceError> {
    let failed = |reason| DeviceError::Remote {
        server: server.name.clone(),
        reason,
    };
    let wanted = server.clone();
    let opened = job::with_timeout("connect", ANSWER_TIME, cancel, move || open(&wanted));
    let (burn, takes) = match opened {
        Ok(opened) => opened.map_err(failed)?,
        Err(NoAnswer::TooSlow) => {
            let text = format!("nothing was heard for {} seconds", ANSWER_TIME.as_secs());
            return Err(failed(RemoteError::Unreachable(text)));
        }
        Err(NoAnswer::Failed) => {
            return Err(failed(RemoteError::Broken(
                "the connection broke off".into(),
            )));
        }
        Err(NoAnswer::Cancelled) => return Err(NoAnswer::Cancelled.into()),
    };
    let info = DeviceInfo {
        name: server.name.clone(),
        kind: DeviceKind::Remote,
        interface: match server.address.route {
            Route::WebSocket(_) => "websocket".into(),
            Route::Direct { .. } | Route::Relayed { .. } => "iroh".into(),
        },
    };
    Ok((ComputeDevice::lent(info, burn), takes))
}

/// Sessions that are open: Burn ends none before the process ends.
static OPEN: Mutex<Vec<(KnownServer, Device)>> = Mutex::new(Vec::new());

fn sessions() -> MutexGuard<'static, Vec<(KnownServer, Device)>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(server: &KnownServer) -> Result<(Device, Duration), RemoteError> {
    let is_of = |open: &(KnownServer, Device)| {
        (&open.0.address, &open.0.token) == (&server.address, &server.token)
    };
    let known = sessions().iter().find(|open| is_of(open)).cloned();
    if let Some((_, device)) = known {
        let since = Instant::now();
        if adds_up(&device).is_ok() {
            return Ok((device, since.elapsed()));
        }
        sessions().retain(|open| !is_of(open));
    }
    // Burn keeps one session for each credential as long as the process lives, even when it has broken off: a number that no session
    // has had yet begins a new one.
    let number = SESSIONS.fetch_add(1, Ordering::Relaxed);
    let host = host(&server.address.route)?.with_credential(server.token.credential(number));
    let device = Device::remote_options(&host).device_index(server.address.device);
    let device = device.init().map_err(why)?;
    // The first one may have to be compiled there.
    adds_up(&device).map_err(RemoteError::Broken)?;
    let since = Instant::now();
    adds_up(&device).map_err(RemoteError::Broken)?;
    let takes = since.elapsed();
    sessions().push((server.clone(), device.clone()));
    Ok((device, takes))
}

fn host(route: &Route) -> Result<RemoteHost, RemoteError> {
    let of_id = |id: &str| {
        let id: Result<EndpointId, _> = id.parse();
        let id = id.map_err(|error| RemoteError::Unknown(error.to_string()))?;
        Ok(IrohHost::new(id))
    };
    Ok(match route {
        Route::Direct { id, at } => {
            let addresses = at.to_socket_addrs();
            let addresses =
                addresses.map_err(|error| RemoteError::Unreachable(format!("'{at}': {error}")))?;
            let host = of_id(id)?.with_relays(IrohRelays::Disabled);
            RemoteHost::iroh(addresses.fold(host, IrohHost::with_address))
        }
        Route::Relayed { id, relay: None } => {
            RemoteHost::iroh(of_id(id)?.with_relays(IrohRelays::Public))
        }
        Route::Relayed {
            id,
            relay: Some(relay),
        } => {
            let relays: Result<IrohRelays, _> = relay.parse();
            let relays = relays.map_err(|error| RemoteError::Unknown(error.to_string()))?;
            RemoteHost::iroh(of_id(id)?.with_relays(relays))
        }
        Route::WebSocket(url) => RemoteHost::websocket(url),
    })
}

fn why(error: ConnectError) -> RemoteError {
    match error {
        ConnectError::Unauthorized => RemoteError::Unauthorised,
        ConnectError::NoSuchDevice { device_count } => RemoteError::NoSuchDevice {
            devices: device_count,
        },
        ConnectError::IncompatibleProtocol {
            client_version,
            server_version,
        } => RemoteError::Version {
            theirs: server_version,
            ours: client_version,
        },
        ConnectError::Unreachable { reason } => RemoteError::Unreachable(reason),
        other => RemoteError::Broken(other.to_string()),
    }
}
