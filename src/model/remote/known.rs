//! Servers that the user knows.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{RemoteAddress, RemoteError, Token, token::is_open_to_others};
use crate::store::atomic;

/// A server, by the name that the user gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownServer {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: RemoteAddress,
    /// What it lets the user in by.
    pub token: Token,
}

/// All of them, in a file that only the user can read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownServers {
    servers: Vec<KnownServer>,
}

/// The name of their file.
pub const SERVERS: &str = "servers.json";

impl KnownServers {
    /// Where they are kept; nothing for users without a home.
    pub fn path() -> Option<PathBuf> {
        let folders = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"))?;
        Some(folders.config_dir().join(SERVERS))
    }

    /// Reads them; none where there is no file.
    ///
    /// # Errors
    /// If the file cannot be read, or makes no sense.
    pub fn load(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error),
        };
        if is_open_to_others(path) == Some(true) {
            tracing::warn!(
                "others on this machine can read '{}', which holds tokens",
                path.display()
            );
        }
        serde_json::from_slice(&bytes)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
    }

    /// Writes them.
    ///
    /// # Errors
    /// If the file cannot be written.
    fn save(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self).map_err(io::Error::other)?;
        atomic::write_private(path, |out| out.write_all(&text))
    }

    /// Changes the list in a file, whatever other programs have changed of it since it was read, and gives it as it is then.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn change(path: &Path, change: impl FnOnce(&mut Self)) -> io::Result<Self> {
        let mut known = Self::load(path)?;
        change(&mut known);
        known.save(path)?;
        Ok(known)
    }

    /// The servers, in the order in which they were added.
    pub fn all(&self) -> &[KnownServer] {
        &self.servers
    }

    /// Adds one, in the place of one of that name.
    pub fn add(&mut self, server: KnownServer) {
        match self.servers.iter_mut().find(|s| s.name == server.name) {
            Some(known) => *known = server,
            None => self.servers.push(server),
        }
    }

    /// Forgets one; whether there was one of that name.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.servers.len();
        self.servers.retain(|server| server.name != name);
        self.servers.len() < before
    }

    /// The one of a name, or at an address: another device of a server that is known needs no token of its own.
    ///
    /// # Errors
    /// [`RemoteError::Unknown`], [`RemoteError::NoToken`].
    pub fn find(&self, server: &str) -> Result<KnownServer, RemoteError> {
        if let Some(known) = self.servers.iter().find(|known| known.name == server) {
            return Ok(known.clone());
        }
        let address: RemoteAddress = server.parse().map_err(RemoteError::Unknown)?;
        let mut there = self.servers.iter();
        let known = there.find(|known| known.address.route == address.route);
        let token = known.ok_or(RemoteError::NoToken)?.token.clone();
        Ok(KnownServer {
            name: server.to_owned(),
            address,
            token,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str, address: &str) -> KnownServer {
        KnownServer {
            name: name.into(),
            address: address.parse().unwrap(),
            token: Token::new("secret").unwrap(),
        }
    }

    #[test]
    fn servers_are_kept_for_their_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("servers.json");
        assert_eq!(KnownServers::load(&path).unwrap(), KnownServers::default());
        let mut known = KnownServers::default();
        known.add(server("lab", "ws://lab:1"));
        known.add(server("desk", "ws://desk:1"));
        known.add(server("lab", "ws://lab:2"));
        known.save(&path).unwrap();
        assert_eq!(KnownServers::load(&path).unwrap(), known);
        if cfg!(unix) {
            assert_eq!(is_open_to_others(&path), Some(false));
        }
        assert!(known.remove("desk") && !known.remove("desk"));
        assert_eq!(known.all(), [server("lab", "ws://lab:2")]);
        fs::write(&path, "{").unwrap();
        let error = KnownServers::load(&path).unwrap_err().to_string();
        assert!(error.contains("servers.json"), "{error}");
    }

    #[test]
    fn a_server_is_found_by_name_and_by_address() {
        let mut known = KnownServers::default();
        known.add(server("lab", "ws://lab:1"));
        assert_eq!(known.find("lab").unwrap(), server("lab", "ws://lab:1"));
        let second = known.find("ws://lab:1#1").unwrap();
        assert_eq!(
            (second.address.device, second.name.as_str()),
            (1, "ws://lab:1#1")
        );
        assert_eq!(known.find("ws://lab:2"), Err(RemoteError::NoToken));
        assert!(matches!(known.find("desk"), Err(RemoteError::Unknown(_))));
    }
}
