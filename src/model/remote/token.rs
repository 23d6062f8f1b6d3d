//! What a server's users show to be let in.

use std::{fmt, fs, io, path::Path};

use rand::RngExt as _;
use serde::{Deserialize, Serialize};
#[cfg(any(test, feature = "remote"))]
use sha2::{Digest as _, Sha256};

use crate::{store::atomic, words::hex};

/// Bytes of a new token.
const BYTES: usize = 24;
/// Letters of a token, at most: what a file says beyond that is none.
const MOST: usize = 256;

/// What a server's users show to be let in. It is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token(String);

/// Why a text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is one word of at most {MOST} letters")]
pub struct TokenError;

impl Token {
    /// Takes what was typed, or stands in a file.
    ///
    /// # Errors
    /// If it is empty, long, or more than one word.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let fits = (1..=MOST).contains(&text.len()) && !text.contains(char::is_whitespace);
        match fits && !text.contains(char::is_control) {
            true => Ok(Self(text.to_owned())),
            false => Err(TokenError),
        }
    }

    /// One that nobody knows yet.
    pub fn random() -> Self {
        let mut bytes = [0; BYTES];
        rand::rng().fill(&mut bytes[..]);
        Self(hex(&bytes))
    }

    /// Reads it from a file.
    ///
    /// # Errors
    /// If there is none, or it holds no token.
    pub fn read(file: &Path) -> io::Result<Self> {
        Self::new(&fs::read_to_string(file)?).map_err(io::Error::other)
    }

    /// Reads it from a file; where there is none, makes one that only the file's owner can read.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn read_or_create(file: &Path) -> io::Result<Self> {
        match Self::read(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let token = Self::random();
                atomic::write_private(file, |out| writeln!(out, "{}", token.0))?;
                Ok(token)
            }
            read => read,
        }
    }

    /// What a client shows: the token and a number, so that each time it begins anew.
    #[cfg(feature = "remote")]
    pub(super) fn credential(&self, number: u64) -> String {
        format!("{}.{number}", self.0)
    }

    /// Whether a client has shown it. Hashes are compared: how long that takes tells nothing about the token.
    #[cfg(any(test, feature = "remote"))]
    pub(super) fn is_shown(&self, credential: &[u8]) -> bool {
        let dot = credential.iter().rposition(|&byte| byte == b'.');
        let shown = &credential[..dot.unwrap_or(0)];
        Sha256::digest(shown) == Sha256::digest(self.0.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl TryFrom<String> for Token {
    type Error = TokenError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text)
    }
}

impl From<Token> for String {
    fn from(token: Token) -> Self {
        token.0
    }
}

/// Whether others than its owner can read a file; nothing where that cannot be told.
#[cfg(unix)]
pub(super) fn is_open_to_others(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    Some(mode & 0o077 != 0)
}

/// Whether others than its owner can read a file; nothing where that cannot be told.
#[cfg(not(unix))]
pub(super) fn is_open_to_others(_: &Path) -> Option<bool> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_is_let_in() {
        let token = Token::new(" se.cret\n").unwrap();
        for (shown, lets_in) in [
            ("se.cret.0", true),
            ("se.cret.18446744073709551615", true),
            ("se.cret", false),
            ("se.cre.0", false),
            ("se.crets.0", false),
            ("", false),
            (".", false),
        ] {
            assert_eq!(token.is_shown(shown.as_bytes()), lets_in, "{shown}");
        }
        assert_eq!(format!("{token:?}"), "Token");
        for text in ["", "two words", &"x".repeat(257)] {
            assert_eq!(Token::new(text), Err(TokenError));
        }
        assert_ne!(Token::random(), Token::random());
    }

    #[test]
    fn a_token_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new").join("token");
        let token = Token::read_or_create(&file).unwrap();
        assert_eq!(Token::read_or_create(&file).unwrap(), token);
        if cfg!(unix) {
            assert_eq!(is_open_to_others(&file), Some(false));
        }
        fs::write(&file, "two words").unwrap();
        assert!(Token::read_or_create(&file).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "two words");
    }
}
