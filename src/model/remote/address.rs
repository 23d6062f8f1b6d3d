//! Where a server is.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Letters of a server's id.
const ID: usize = 64;

/// Where a server is, and which of its devices is meant.
///
/// | written | meant |
/// |---|---|
/// | `ID@192.168.1.5:4733` | the server of this id (64 hexadecimal digits) at this address, without anybody between |
/// | `ID` | the same, found through the public relays of Iroh, from any network |
/// | `ID@https://relay.example.org` | the same through a relay of one's own |
/// | `ws://127.0.0.1:4733` | a server without encryption |
///
/// `#1` at the end is the server's second device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RemoteAddress {
    /// How it is reached.
    pub route: Route,
    /// Which of its devices, counted from 0.
    pub device: usize,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Encrypted, at an address.
    Direct {
        /// The server's id.
        id: String,
        /// Host and port.
        at: String,
    },
    /// Encrypted, through relays.
    Relayed {
        /// The server's id.
        id: String,
        /// The relay; public ones where none is given.
        relay: Option<String>,
    },
    /// Not encrypted: the address of a WebSocket.
    WebSocket(String),
}

impl FromStr for RemoteAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (place, device) = match text.rsplit_once('#') {
            Some((place, number)) => {
                let device = number.parse();
                (
                    place,
                    device.map_err(|_| format!("'#{number}' is no number of a device"))?,
                )
            }
            None => (text, 0),
        };
        if place.starts_with("ws://") {
            let route = Route::WebSocket(place.to_owned());
            return Ok(Self { route, device });
        }
        let (id, at) = match place.split_once('@') {
            Some((id, at)) => (id, Some(at)),
            None => (place, None),
        };
        if id.len() != ID || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(format!(
                "the id of a server is {ID} hexadecimal digits, as 'hdumec serve' prints it"
            ));
        }
        let id = id.to_ascii_lowercase();
        let route = match at {
            None => Route::Relayed { id, relay: None },
            Some(relay) if relay.starts_with("https://") => Route::Relayed {
                id,
                relay: Some(relay.to_owned()),
            },
            Some(at) => {
                let port = at.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
                match port {
                    Some(Ok(1..)) => {}
                    _ => {
                        return Err(format!(
                            "'{at}' is no host with a port, such as 192.168.1.5:4733"
                        ));
                    }
                }
                Route::Direct {
                    id,
                    at: at.to_owned(),
                }
            }
        };
        Ok(Self { route, device })
    }
}

impl fmt::Display for RemoteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.route {
            Route::Direct { id, at } => write!(f, "{id}@{at}")?,
            Route::Relayed { id, relay: None } => f.write_str(id)?,
            Route::Relayed {
                id,
                relay: Some(relay),
            } => write!(f, "{id}@{relay}")?,
            Route::WebSocket(url) => f.write_str(url)?,
        }
        match self.device {
            0 => Ok(()),
            device => write!(f, "#{device}"),
        }
    }
}

impl TryFrom<String> for RemoteAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<RemoteAddress> for String {
    fn from(address: RemoteAddress) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_and_print_alike() {
        let id = "0123456789abcdef".repeat(4);
        for text in [
            id.clone(),
            format!("{id}@192.168.1.5:4733"),
            format!("{id}@[::1]:4733#2"),
            format!("{id}@lab-gpu.example.org:80"),
            format!("{id}@https://relay.example.org/"),
            "ws://127.0.0.1:4733".into(),
            "ws://gpu:1#3".into(),
        ] {
            let address: RemoteAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        let upper: RemoteAddress = id.to_uppercase().parse().unwrap();
        assert_eq!(upper.to_string(), id);
    }

    #[test]
    fn what_is_none_is_told() {
        let id = "0123456789abcdef".repeat(4);
        for (text, said) in [
            ("lab".to_owned(), "64 hexadecimal digits"),
            (String::new(), "64 hexadecimal digits"),
            (format!("{id}@192.168.1.5"), "a port"),
            (format!("{id}@192.168.1.5:0"), "a port"),
            (format!("{id}@:70000"), "a port"),
            (format!("{id}#x"), "no number of a device"),
            (format!("{}\u{e9}", &id[..62]), "64 hexadecimal digits"),
        ] {
            let error = text.parse::<RemoteAddress>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
