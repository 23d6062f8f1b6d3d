//! What is asked for to compute on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What the user asked to compute on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// The best hardware GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// The best hardware GPU; an error if there is none.
    Gpu,
    /// The CPU.
    Cpu,
    /// The first adapter whose name contains these words, software adapters included.
    Named(String),
    /// A device that another machine lends: the name of a server that is known, or its address.
    Remote(String),
}

/// What a device of another machine begins with.
const REMOTE: &str = "remote:";

impl FromStr for DeviceChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(server) = text.trim().strip_prefix(REMOTE) {
            return Ok(Self::Remote(server.trim().to_owned()));
        }
        Ok(match text.trim().to_lowercase().as_str() {
            "auto" | "" => Self::Auto,
            "gpu" => Self::Gpu,
            "cpu" => Self::Cpu,
            _ => Self::Named(text.trim().to_string()),
        })
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Gpu => f.write_str("gpu"),
            Self::Cpu => f.write_str("cpu"),
            Self::Named(name) => f.write_str(name),
            Self::Remote(server) => write!(f, "{REMOTE}{server}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_read_and_print_alike() {
        for text in ["auto", "gpu", "cpu", "Radeon", "remote:lab"] {
            let Ok(choice) = text.parse::<DeviceChoice>();
            assert_eq!(choice.to_string(), text);
        }
    }
}
