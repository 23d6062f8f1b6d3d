//! The one way text goes to the terminal.
//!
//! Names and ids come from files, and a terminal obeys what it is sent: whatever is no plain text is shown as a code. What
//! cannot be written is remembered, for a command that says nothing has not done what it was asked.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, ErrorKind, Write as _},
    sync::OnceLock,
};

use serde_json::Value;

/// Why standard output could not be written, if it could not.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Prints on standard output.
pub fn print(text: &str) {
    put(&visible(text));
}

/// Prints one JSON object as a line.
pub fn print_json(value: &Value) {
    put(&escaped(&format!("{value}\n"), |code| {
        format!("\\u{code:04x}")
    }));
}

/// Tells the user something on standard error. Where that is closed, nobody listens.
pub fn tell(text: &str) {
    _ = writeln!(io::stderr(), "{}", visible(text));
}

/// Remembers a failure to write to standard output. A reader that has seen enough and closed the pipe is none.
pub(super) fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        _ = FAILED.set(error);
    }
}

/// Why something that was to be printed is missing.
pub(super) fn failed() -> Option<&'static io::Error> {
    FAILED.get()
}

fn put(text: &str) {
    let mut out = io::stdout().lock();
    // What waits for the end of the process fails unseen.
    note(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// The text with codes in the place of what would steer the terminal; line ends stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |code| format!("\\u{{{code:x}}}"))
}

/// The same for what is one line: then a line end in it comes from elsewhere too.
pub(super) fn line(text: &str) -> String {
    visible(text).replace('\n', "\\u{a}")
}

fn escaped(text: &str, code: impl Fn(u32) -> String) -> Cow<'_, str> {
    if !text.contains(steers) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if steers(c) {
            // Writing into a string cannot fail.
            _ = write!(shown, "{}", code(c.into()));
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// Control characters but for line ends, and those that turn the direction of writing or break lines unseen.
fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || c.is_control() && c != '\n'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let hostile = "a\u{1b}[2J\u{7}\r\u{7f}\u{9b}31m\u{202e}txt\u{2066}\n\u{e9}\u{4e2d}";
        let shown = visible(hostile);
        assert_eq!(
            shown,
            "a\\u{1b}[2J\\u{7}\\u{d}\\u{7f}\\u{9b}31m\\u{202e}txt\\u{2066}\n\u{e9}\u{4e2d}"
        );
        assert_eq!(line("a\nhdumec: all is well"), "a\\u{a}hdumec: all is well");
        assert!(matches!(visible("plain \u{e9}\n"), Cow::Borrowed(_)));

        // JSON stays JSON of the same value.
        let value = serde_json::json!({ hostile: hostile });
        let line = escaped(&value.to_string(), |code| format!("\\u{code:04x}")).into_owned();
        assert!(!line.contains(|c: char| steers(c) || c == '\n'), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
    }
}
