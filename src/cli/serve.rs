//! `hdumec serve`: lends devices of this machine.

use super::args::ServeArguments;
use crate::error::Error;

/// Runs the command.
#[cfg(not(feature = "remote"))]
pub fn serve(_: &ServeArguments) -> Result<(), Error> {
    let text = "this hdumec was built without the feature 'remote', so it lends no device";
    Err(Error::Usage(text.into()))
}

/// Runs the command.
#[cfg(feature = "remote")]
pub fn serve(arguments: &ServeArguments) -> Result<(), Error> {
    use super::terminal::{print, tell};
    use crate::{
        job::CancelToken,
        model::{
            device::{ComputeDevice, DeviceError},
            remote::{self, Listen, Offer, Route, Token},
        },
    };

    let cancel = CancelToken::new();
    let key = file(arguments.key_file.as_ref(), "server.key")?;
    let token_file = file(arguments.token_file.as_ref(), "token")?;
    let token = Token::read_or_create(&token_file).map_err(|error| DeviceError::Serve {
        reason: format!("the token in '{}': {error}", token_file.display()),
    })?;
    let devices = arguments.devices.iter();
    let devices: Vec<ComputeDevice> = devices
        .map(|choice| ComputeDevice::open(choice, &cancel))
        .collect::<Result<_, _>>()?;
    let listen = match (&arguments.relay, arguments.websocket) {
        (None, None) => Listen::Direct {
            port: arguments.port,
        },
        (Some(relay), _) => Listen::Relayed {
            relay: (relay != "public").then(|| relay.clone()),
        },
        (None, Some(at)) => Listen::WebSocket { at },
    };
    let offer = Offer::new(&listen, &key)?;
    let names: Vec<String> = devices.iter().map(|d| d.info.to_string()).collect();
    let address = &offer.address;
    if let (Route::WebSocket(_), Some(at)) = (&address.route, arguments.websocket)
        && !at.ip().is_loopback()
    {
        tell(
            "Not encrypted: whoever can read this network's traffic sees the data and the token. Without --websocket it is encrypted.",
        );
    }
    print(&format!(
        "Lending {} to whoever has the token. Ctrl-C ends it.\n\n\
         On the other machine, once:\n  hdumec servers add {address} --name lab --token-file token\n\
         then:\n  hdumec run PATH --out DIR --device remote:lab\n\
         or choose it in the window, on the page Train.\n\n\
         The token is in {}: bring the file over by a safe way, such as scp.\n",
        names.join(", "),
        token_file.display()
    ));
    remote::serve(offer, &devices, token, tell)?;
    print("No device is lent any more.\n");
    Ok(())
}

/// The file that was given, or the usual one.
#[cfg(feature = "remote")]
fn file(given: Option<&std::path::PathBuf>, name: &str) -> Result<std::path::PathBuf, Error> {
    if let Some(file) = given {
        return Ok(file.clone());
    }
    let folders = directories::ProjectDirs::from("", "", env!("CARGO_PKG_NAME"));
    let folders = folders.ok_or_else(|| {
        let text = "this user has no folder for data: give --key-file and --token-file";
        Error::Usage(text.into())
    })?;
    Ok(folders.data_local_dir().join("server").join(name))
}
