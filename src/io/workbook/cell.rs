//! Cells of a workbook: where they are, and how what they hold is written in a table of text.

use std::borrow::Cow;

use crate::words::date::civil;

/// Rows and columns that a sheet may have.
const MOST: [u32; 2] = [1 << 20, 1 << 14];

/// Row and column, from 0, of a cell such as `B7`.
pub(super) fn place(name: &[u8]) -> Option<[u32; 2]> {
    let letters = name.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (letters, digits) = name.split_at(letters);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let number =
        |sum: u32, letter: &u8| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1;
    let column = letters.iter().fold(0, number).checked_sub(1)?;
    let row = row(digits)?;
    (column < MOST[1]).then_some([row, column])
}

/// The row, from 0, of a number from 1.
pub(super) fn row(digits: &[u8]) -> Option<u32> {
    let number: u32 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    number.checked_sub(1).filter(|row| *row < MOST[0])
}

/// The name of the cell in this row and column: `B7`.
pub(super) fn name(row: u32, column: u32) -> String {
    format!("{}{}", column_name(column as usize + 1), row + 1)
}

/// The letters of a column, by its number from 1: `AB`.
pub(in crate::io) fn column_name(mut number: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 {
        let letter = ((number - 1) % 26) as u8;
        letters.push(char::from(b'A' + letter));
        number = (number - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// Whether numbers in this format are dates or times: it holds a letter of one that is not a literal.
pub(super) fn is_date_format(code: &str) -> bool {
    let mut letters = code.chars();
    while let Some(letter) = letters.next() {
        match letter {
            // What follows is a literal, or a width.
            '\\' | '_' | '*' => _ = letters.next(),
            '"' => _ = letters.find(|end| *end == '"'),
            '[' => {
                let inside: String = letters.by_ref().take_while(|end| *end != ']').collect();
                let is_time = |letter: char| matches!(letter, 'h' | 'H' | 'm' | 'M' | 's' | 'S');
                if !inside.is_empty() && inside.chars().all(is_time) {
                    return true;
                }
            }
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return true,
            // Other formats are for negative numbers and text. `General` has none of these letters.
            ';' => return false,
            _ => {}
        }
    }
    false
}

/// A date as `2026-03-01` or `2026-03-01 12:30:00`, a time alone as `12:30:00`; `None` outside of the years that Excel has.
///
/// Excel counts days from 1900 on as if that had been a leap year, or from 1904 on.
pub(super) fn date(number: f64, from_1904: bool) -> Option<String> {
    /// 9999-12-31.
    const LAST: f64 = 2_958_466.0;
    if !(0.0..LAST).contains(&number) {
        return None;
    }
    let seconds = (number.fract() * 86_400.0).round() as u64;
    let days = number as i64 + (seconds / 86_400) as i64;
    let seconds = seconds % 86_400;
    let time = format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    );
    if days == 0 && !from_1904 {
        return Some(time);
    }
    // Days from 1970-01-01.
    let since = match (from_1904, days < 60) {
        (true, _) => days - 24_107,
        (false, true) => days - 25_568,
        (false, false) => days - 25_569,
    };
    let [year, month, day] = civil(since);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(match seconds {
        0 => date,
        _ => format!("{date} {time}"),
    })
}

/// A number in as few digits as tell it from all others; `None` if it is none.
pub(super) fn number(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    // Fewer digits than a number has are those that were typed.
    let plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    let number: f64 = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())?;
    if text.len() < 16 && text.bytes().all(plain) {
        return Some(text.into());
    }
    let size = number.abs();
    Some(match number == 0.0 || (1e-5..1e16).contains(&size) {
        true => number.to_string().into(),
        false => format!("{number:e}").into(),
    })
}

/// Whether a number could be read with a point between its thousands: `1.046`.
pub(super) fn may_be_thousands(number: &str) -> bool {
    let decimals = number.split_once('.').map_or("", |(_, decimals)| decimals);
    decimals.len() == 3 && decimals.bytes().all(|byte| byte.is_ascii_digit())
}

/// Text with the letters that XML cannot hold, which Excel writes as `_x000D_`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    let mut rest = text;
    let mut read = String::new();
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6);
        let ended = rest.as_bytes().get(at + 6) == Some(&b'_');
        let letter = code
            .filter(|code| ended && code.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        let after = match letter {
            Some(letter) => {
                read.push_str(&rest[..at]);
                read.push(letter);
                at + 7
            }
            None => {
                read.push_str(&rest[..at + 2]);
                at + 2
            }
        };
        rest = &rest[after..];
    }
    match read.is_empty() {
        true => text.into(),
        false => (read + rest).into(),
    }
}

/// Adds a cell's text to a line whose columns are separated by tabs.
pub(super) fn add_field(text: &str, line: &mut Vec<u8>) {
    let breaks = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r');
    let unbroken = |byte: u8| if breaks(&byte) { b' ' } else { byte };
    // A line that begins with one of these would be a comment.
    let quoted = text.contains('"') || text.starts_with(['#', '%']);
    if !quoted {
        line.extend(text.bytes().map(unbroken));
        return;
    }
    line.push(b'"');
    for byte in text.bytes() {
        line.extend((byte == b'"').then_some(b'"'));
        line.push(unbroken(byte));
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_names() {
        for (cell, at) in [
            ("A1", [0, 0]),
            ("b7", [6, 1]),
            ("AA10", [9, 26]),
            ("XFD1048576", [1_048_575, 16_383]),
        ] {
            assert_eq!(place(cell.as_bytes()), Some(at));
            assert_eq!(name(at[0], at[1]), cell.to_uppercase());
        }
        for none in [
            "",
            "A",
            "7",
            "A0",
            "XFE1",
            "A1048577",
            "ABCD1",
            "A-1",
            "A99999999999",
            "Ä1",
        ] {
            assert_eq!(place(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn dates_are_those_that_excel_shows() {
        for (serial, expected) in [
            (43_891.0, "2020-03-01"),
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (61.0, "1900-03-01"),
            (44_927.5, "2023-01-01 12:00:00"),
            (0.75, "18:00:00"),
            (2_958_465.0, "9999-12-31"),
        ] {
            assert_eq!(date(serial, false).as_deref(), Some(expected));
        }
        assert_eq!(date(42_429.0, true).as_deref(), Some("2020-03-01"));
        for none in [-1.0, 1e300, f64::NAN] {
            assert_eq!(date(none, false), None);
        }
        for code in [
            "d-mmm",
            "yyyy\\-mm",
            "[h]:mm",
            "[$-409]mmm yy;@",
            "\"at\" h",
        ] {
            assert!(is_date_format(code), "{code}");
        }
        for code in [
            "General",
            "0.00E+00",
            "[Red]0",
            "0\" days\"",
            "#,##0_d",
            "0;d",
            "\\d0",
            "@",
            "\"",
            "[",
        ] {
            assert!(!is_date_format(code), "{code}");
        }
    }

    #[test]
    fn numbers_and_words_are_written_as_they_are_meant() {
        for (stored, expected) in [
            ("1.1000000000000001", "1.1"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("12", "12"),
            ("-0.5", "-0.5"),
            ("1E-3", "0.001"),
            ("1.5E-300", "1.5e-300"),
            ("3E+20", "3e20"),
            ("12345678901234567890", "1.2345678901234567e19"),
        ] {
            assert_eq!(number(stored).as_deref(), Some(expected));
        }
        for none in ["", "x", "1,5", "INF", "NaN", "-", "1.2.3"] {
            assert_eq!(number(none), None, "{none}");
        }
        assert!(may_be_thousands("1.046") && !may_be_thousands("1.0460"));
        assert_eq!(
            unescaped("a_x000D_b_x005F_x0041__xZZZZ_"),
            "a\rb_x0041__xZZZZ_"
        );
        assert_eq!(unescaped("_x"), "_x");
        let field = |text: &str| {
            let mut line = Vec::new();
            add_field(text, &mut line);
            String::from_utf8(line).unwrap()
        };
        assert_eq!(field("CD3\n(\"T3\")"), "\"CD3 (\"\"T3\"\")\"");
        assert_eq!(field("#OTU"), "\"#OTU\"");
        assert_eq!(field("a,b\tc"), "a,b c");
    }
}
