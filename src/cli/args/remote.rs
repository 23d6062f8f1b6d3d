//! Devices of other machines, and lending those of this one.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use crate::model::{DeviceChoice, remote::RemoteAddress};

/// Port of a server.
const PORT: u16 = 4733;

/// `hdumec serve`
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// A device to lend: auto, gpu, cpu, or words of an adapter's name; may be given several times
    #[arg(long = "device", value_name = "DEVICE", default_value = "auto")]
    pub devices: Vec<DeviceChoice>,
    /// UDP port to listen at, which the firewall has to let through
    #[arg(long, value_name = "N", default_value_t = PORT, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
    /// Be found from other networks too, through the public relays of Iroh or one of your own: what goes through them is encrypted
    #[arg(
        long,
        value_name = "URL",
        num_args = 0..=1,
        default_missing_value = "public",
        conflicts_with = "port"
    )]
    pub relay: Option<String>,
    /// Listen at this TCP address without encryption, for a network that is trusted; without an address, for this machine alone
    #[arg(
        long,
        value_name = "ADDRESS",
        num_args = 0..=1,
        default_missing_value = "127.0.0.1:4733",
        conflicts_with_all = ["port", "relay"]
    )]
    pub websocket: Option<SocketAddr>,
    /// File with the server's key, by which clients know it; made if there is none [default: in hdumec's folder for data]
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// File with the token that lets clients in; made if there is none [default: in hdumec's folder for data]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

/// `hdumec servers`
#[derive(Debug, Args)]
pub struct ServersArguments {
    /// What to do instead of asking all servers that are known
    #[command(subcommand)]
    pub command: Option<ServersCommand>,
}

/// What is done with the list of servers.
#[derive(Debug, Subcommand)]
pub enum ServersCommand {
    /// Know a server from now on, with the token that lets you in
    Add {
        /// Its address, as 'hdumec serve' prints it
        #[arg(value_name = "ADDRESS", value_parser = address)]
        address: RemoteAddress,
        /// What to call it [default: its address]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// File with its token [default: asks for it]
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
    },
    /// Forget a server and its token
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// An address, with or without what `--device` begins with.
fn address(text: &str) -> Result<RemoteAddress, String> {
    text.strip_prefix("remote:").unwrap_or(text).parse()
}
