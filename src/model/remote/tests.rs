//! Servers in this process, on the processor, and what their clients are told.

use std::{
    net::UdpSocket,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU16, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::*;
use crate::model::device::{DeviceKind, adds_up};

/// What the servers of this process were told of their clients.
static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Begins a server on the processor that runs as long as the process.
fn lend(listen: &Listen, devices: usize) -> KnownServer {
    let folder = tempfile::tempdir().unwrap().keep();
    let token = Token::read_or_create(&folder.join("token")).unwrap();
    let offer = Offer::new(listen, &folder.join("server.key")).unwrap();
    std::fs::remove_file(folder.join("token")).unwrap();
    let server = KnownServer {
        name: offer.address.to_string(),
        address: offer.address.clone(),
        token: token.clone(),
    };
    let devices: Vec<ComputeDevice> = (0..devices).map(|_| ComputeDevice::cpu()).collect();
    // Burn's server has every library of this process tell what it does, unless somebody listens already.
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
    thread::spawn(move || {
        let tell = |text: &str| TOLD.lock().unwrap().push(text.to_owned());
        serve(offer, &devices, token, tell).unwrap();
    });
    server
}

/// The one that is not encrypted, with two devices.
pub(crate) fn loopback() -> KnownServer {
    static LENT: OnceLock<KnownServer> = OnceLock::new();
    let at = "127.0.0.1:0".parse().unwrap();
    LENT.get_or_init(|| lend(&Listen::WebSocket { at }, 2))
        .clone()
}

/// The encrypted one.
fn encrypted() -> KnownServer {
    static LENT: OnceLock<KnownServer> = OnceLock::new();
    LENT.get_or_init(|| {
        let free = UdpSocket::bind("0.0.0.0:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut server = lend(&Listen::Direct { port }, 1);
        if let Route::Direct { at, .. } = &mut server.address.route {
            *at = format!("127.0.0.1:{port}");
        }
        server
    })
    .clone()
}

fn refused(server: &KnownServer) -> RemoteError {
    match connect_to(server, &CancelToken::new()) {
        Err(DeviceError::Remote { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_device_is_lent_to_whoever_has_the_token() {
    for server in [loopback(), encrypted()] {
        let (device, takes) = connect_to(&server, &CancelToken::new()).unwrap();
        assert_eq!(device.info.kind, DeviceKind::Remote);
        assert!(takes < Duration::from_secs(5));
        // Two clients at once.
        let (other, _) = connect_to(&server, &CancelToken::new()).unwrap();
        adds_up(&other.burn).unwrap();
        adds_up(&device.burn).unwrap();
        let stranger = KnownServer {
            token: Token::new("guess").unwrap(),
            ..server.clone()
        };
        assert_eq!(refused(&stranger), RemoteError::Unauthorised);
    }
    let told = TOLD.lock().unwrap();
    assert!(told.iter().any(|text| text.contains("was not let in")));
    assert!(told.iter().all(|text| !text.contains("guess")));
}

#[test]
fn devices_are_counted() {
    let mut server = loopback();
    server.address.device = 1;
    connect_to(&server, &CancelToken::new()).unwrap();
    server.address.device = 2;
    assert_eq!(refused(&server), RemoteError::NoSuchDevice { devices: 2 });
}

#[test]
fn a_server_that_is_not_there_is_told_and_can_be_given_up() {
    static PORT: AtomicU16 = AtomicU16::new(1);
    let nowhere = |port: u16| KnownServer {
        address: format!("ws://127.0.0.1:{port}").parse().unwrap(),
        ..loopback()
    };
    let cancel = CancelToken::new();
    cancel.cancel();
    let since = Instant::now();
    let outcome = connect_to(&nowhere(PORT.fetch_add(1, Ordering::Relaxed)), &cancel);
    assert!(matches!(outcome, Err(DeviceError::Cancelled(_))));
    assert!(since.elapsed() < Duration::from_secs(5));
    // Burn tries for a while, should the server be about to begin.
    assert!(matches!(
        refused(&nowhere(PORT.fetch_add(1, Ordering::Relaxed))),
        RemoteError::Unreachable(_)
    ));
}

#[test]
fn a_name_that_nobody_knows_is_told() {
    let error = connect("no such server", &CancelToken::new()).unwrap_err();
    assert!(matches!(
        error,
        DeviceError::Remote {
            reason: RemoteError::Unknown(_),
            ..
        }
    ));
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = taken.local_addr().unwrap();
    let key = tempfile::tempdir().unwrap();
    let error = Offer::new(&Listen::WebSocket { at }, &key.path().join("key")).unwrap_err();
    assert!(error.to_string().contains(&at.to_string()), "{error}");
}
