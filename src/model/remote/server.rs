//! Lending devices of this machine.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket},
    path::Path,
};

use burn::server::{
    AuthorizationRequest, IrohIdentity, IrohRelays, IrohTransport, RemoteServer, Transport,
    WebSocketTransport,
};

use super::{RemoteAddress, Route, Token};
use crate::model::device::{ComputeDevice, DeviceError};

/// How clients reach a server.
#[derive(Clone, Debug)]
pub enum Listen {
    /// Encrypted, without anybody between, at this UDP port of every interface.
    Direct {
        /// The port.
        port: u16,
    },
    /// Encrypted, through relays: public ones, or one's own.
    Relayed {
        /// The address of one's own.
        relay: Option<String>,
    },
    /// Not encrypted, at this TCP address.
    WebSocket {
        /// The address.
        at: SocketAddr,
    },
}

/// A server that is about to begin.
#[derive(Debug)]
pub struct Offer {
    /// The address that its clients give.
    pub address: RemoteAddress,
    transport: Transport,
}

impl Offer {
    /// Makes ready to listen. `key` is the file of the server's identity, made if there is none: with it, the server keeps its id.
    ///
    /// # Errors
    /// [`DeviceError::Serve`].
    pub fn new(listen: &Listen, key: &Path) -> Result<Self, DeviceError> {
        let identity = || {
            let made = key.parent().map_or(Ok(()), std::fs::create_dir_all);
            let identity = made.and_then(|()| IrohIdentity::load_or_create(key));
            identity.map_err(|error| failed(&format!("{}: {error}", key.display())))
        };
        let (route, transport): (Route, Transport) = match listen {
            Listen::Direct { port } => {
                let identity = identity()?;
                // It is taken for good later: now it is only seen whether it can be.
                let free = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, *port));
                free.map_err(|error| failed(&format!("UDP port {port}: {error}")))?;
                let transport = IrohTransport::new(identity)
                    .with_relays(IrohRelays::Disabled)
                    .with_port(*port);
                let route = Route::Direct {
                    id: transport.id().to_string(),
                    at: SocketAddr::from((own_address(), *port)).to_string(),
                };
                (route, transport.into())
            }
            Listen::Relayed { relay } => {
                let relays = match relay {
                    Some(relay) if relay.starts_with("https://") => relay
                        .parse::<IrohRelays>()
                        .map_err(|error| failed(&error))?,
                    Some(relay) => {
                        let what = "is no address of a relay, such as https://relay.example.org";
                        return Err(failed(&format!("'{relay}' {what}")));
                    }
                    None => IrohRelays::Public,
                };
                let transport = IrohTransport::new(identity()?).with_relays(relays);
                let route = Route::Relayed {
                    id: transport.id().to_string(),
                    relay: relay.clone(),
                };
                (route, transport.into())
            }
            Listen::WebSocket { at } => {
                let listener = TcpListener::bind(at);
                let listener = listener.map_err(|error| failed(&format!("{at}: {error}")))?;
                let mut at = listener.local_addr().map_err(|error| failed(&error))?;
                if at.ip().is_unspecified() {
                    at.set_ip(own_address());
                }
                let route = Route::WebSocket(format!("ws://{at}"));
                (route, WebSocketTransport::from_listener(listener).into())
            }
        };
        Ok(Self {
            address: RemoteAddress { route, device: 0 },
            transport,
        })
    }
}

/// Lends devices to whoever shows the token, until the process is asked to end (Ctrl-C). `tell` hears of clients that come, and of
/// those that are not let in.
///
/// # Errors
/// [`DeviceError::Serve`].
pub fn serve(
    offer: Offer,
    devices: &[ComputeDevice],
    token: Token,
    tell: impl Fn(&str) + Send + Sync + 'static,
) -> Result<(), DeviceError> {
    let authorise = move |request: AuthorizationRequest<'_>| {
        let (client, number) = (&request.client, request.device_index);
        match token.is_shown(request.credential.as_bytes()) {
            true => {
                tell(&format!("{client} is connected with device {number}."));
                Ok(())
            }
            false => {
                tell(&format!("{client} was not let in: it has another token."));
                Err("another token".to_owned())
            }
        }
    };
    RemoteServer::new(devices.iter().map(|device| device.burn.clone()))
        .with_authorizer(authorise)
        .serve(offer.transport)
        .map_err(|error| failed(&error))
}

fn failed(reason: &dyn std::fmt::Display) -> DeviceError {
    DeviceError::Serve {
        reason: reason.to_string(),
    }
}

/// The address of this machine in its network; the one it has for itself where it is in none. Nothing is sent.
fn own_address() -> std::net::IpAddr {
    let found = || -> io::Result<_> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        // A place in a network for documents: only the way there is looked up.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        Ok(socket.local_addr()?.ip())
    };
    found().unwrap_or(Ipv4Addr::LOCALHOST.into())
}
