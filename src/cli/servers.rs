//! `hdumec servers`: which machines lend a device, and whether they answer.

use std::{io, path::Path};

use console::Term;

use super::{
    args::{ServersArguments, ServersCommand},
    run::cancel_on_interrupt,
    terminal::{line, print},
};
use crate::{
    error::Error,
    job::CancelToken,
    model::{
        DeviceError,
        remote::{KnownServer, KnownServers, Token, connect_to},
    },
};

/// Runs the command.
pub fn servers(arguments: &ServersArguments) -> Result<(), Error> {
    let path = KnownServers::path().ok_or_else(|| {
        let text = "this user has no folder for settings, in which servers would be kept";
        Error::Usage(text.into())
    })?;
    let failed = |error: io::Error| DeviceError::Servers {
        reason: error.to_string(),
    };
    match &arguments.command {
        None => list(&KnownServers::load(&path).map_err(failed)?),
        Some(ServersCommand::Remove { name }) => {
            let mut there = false;
            let remove = |known: &mut KnownServers| there = known.remove(name);
            KnownServers::change(&path, remove).map_err(failed)?;
            if !there {
                return Err(Error::Usage(format!("no server '{name}' is known")));
            }
            print(&format!("'{}' and its token are forgotten.\n", line(name)));
            Ok(())
        }
        Some(ServersCommand::Add {
            address,
            name,
            token_file,
        }) => {
            let name = name.clone().unwrap_or_else(|| address.to_string());
            let server = KnownServer {
                token: token(token_file.as_deref(), &name)?,
                address: address.clone(),
                name,
            };
            let name = line(&server.name);
            KnownServers::change(&path, |known| known.add(server.clone())).map_err(failed)?;
            print(&format!("'{name}' is known from now on.\n"));
            let (_, takes) = connect_to(&server, &cancel_on_interrupt())?;
            print(&format!(
                "It answers in {:.1} ms: compute on it with --device 'remote:{name}'.\n",
                1e3 * takes.as_secs_f64()
            ));
            Ok(())
        }
    }
}

/// The token in a file, or the one that is typed.
fn token(file: Option<&Path>, name: &str) -> Result<Token, Error> {
    if let Some(path) = file {
        return Token::read(path)
            .map_err(|error| Error::Usage(format!("the token in '{}': {error}", path.display())));
    }
    let terminal = Term::stderr();
    let typed = match terminal.is_term() {
        true => {
            let asked = terminal.write_str(&format!("Token of '{}': ", line(name)));
            asked.and_then(|()| terminal.read_secure_line())
        }
        false => io::read_to_string(io::stdin()),
    };
    let typed = typed.map_err(|error| Error::Usage(format!("no token was given: {error}")))?;
    Token::new(&typed).map_err(|error| Error::Usage(error.to_string()))
}

/// Asks all of them.
fn list(known: &KnownServers) -> Result<(), Error> {
    if known.all().is_empty() {
        print(
            "No server is known. 'hdumec serve' on another machine lends its device, and tells what to type here.\n",
        );
        return Ok(());
    }
    let cancel: CancelToken = cancel_on_interrupt();
    for server in known.all() {
        cancel.check()?;
        let state = match connect_to(server, &cancel) {
            Ok((_, takes)) => format!("answers in {:.1} ms", 1e3 * takes.as_secs_f64()),
            Err(error) => Error::from(error).message().text,
        };
        print(&format!(
            "{}  {}\n  {}\n",
            line(&server.name),
            server.address,
            line(&state)
        ));
    }
    Ok(())
}
