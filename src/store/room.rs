//! What to do when the system refuses to write.

use std::io::{self, ErrorKind};

/// Advice that fits what the system said.
pub fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "Make room on that disk, or choose a folder on another one."
        }
        ErrorKind::ReadOnlyFilesystem => {
            "That disk can only be read: choose a folder on another one."
        }
        ErrorKind::PermissionDenied => "You may not write there: choose another folder.",
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "There is no such folder, and it cannot be made: choose another one."
        }
        _ => "Choose a folder you may write to, with enough room.",
    }
}

/// Advice for values that are kept in the cache folder.
pub fn advice_on_cache(error: &io::Error) -> String {
    let first = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            "Make room on that disk"
        }
        ErrorKind::ReadOnlyFilesystem => "That disk can only be read: make it writable",
        ErrorKind::PermissionDenied => "You may not write there: get the right to",
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "There is no such folder, and it cannot be made: make one"
        }
        _ => "Look after that disk",
    };
    if cfg!(any(target_os = "windows", target_os = "macos")) {
        return format!("{first}.");
    }
    format!(
        "{first}, or set XDG_CACHE_HOME to a folder that you may write to, on a disk with room."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_follows_what_the_system_said() {
        let said = |kind: ErrorKind| {
            let error = io::Error::from(kind);
            [advice(&error).to_owned(), advice_on_cache(&error)]
        };
        for (kind, words) in [
            (ErrorKind::StorageFull, "Make room"),
            (ErrorKind::QuotaExceeded, "Make room"),
            (ErrorKind::ReadOnlyFilesystem, "can only be read"),
            (ErrorKind::PermissionDenied, "may not write there"),
            (ErrorKind::NotFound, "no such folder"),
            (ErrorKind::NotADirectory, "no such folder"),
        ] {
            for advice in said(kind) {
                assert!(
                    advice.starts_with(words) || advice.contains(words),
                    "{advice}"
                );
                assert_eq!(
                    advice.contains("room on that"),
                    words == "Make room",
                    "{advice}"
                );
            }
        }
    }
}
