//! Text in a cell of a table, so that a spreadsheet shows it and does not run it.
//!
//! Spreadsheets take text that begins with `=`, `+`, `-` or `@` for a formula. Such text is written with an apostrophe in
//! front, and read without it. Text that is the like of it after apostrophes of its own gets one more, so that every text
//! reads back as it was. Plain numbers are no formulas and stay.

use std::borrow::Cow;

/// A cell of a comma-separated table: safe from spreadsheets, and in quotes if it has to be.
pub(crate) fn write(text: &str) -> Cow<'_, str> {
    let safe: Cow<'_, str> = match is_formula(text) {
        true => format!("'{text}").into(),
        false => text.into(),
    };
    match safe.contains([',', '"', '\n', '\r', ';', '\t']) {
        true => format!("\"{}\"", safe.replace('"', "\"\"")).into(),
        false => safe,
    }
}

/// What [`write`] was given, from a cell without its quotes.
pub(crate) fn read(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text) => text,
        _ => cell,
    }
}

/// Whether it would be run, or would be if it lost apostrophes.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches(|c: char| c == '\'' || c.is_whitespace());
    // The wide forms are typed in East Asia, and run as well.
    first.starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    // Other than for `parse`, `-inf` is a formula.
    text.bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_reads_back_and_no_formula_is_written() {
        let marks = [
            "=", "+", "-", "@", "'", "''", " ", "\"", ",", "\n", "1", "x", "\u{ff1d}",
        ];
        let mut texts: Vec<String> = vec!["".into()];
        texts.extend(["=1+1", "@SUM(A1)", "-1e3", "'-1", "+5", "-inf", "\t=1"].map(str::to_owned));
        for _ in 0..4 {
            let longer = texts
                .iter()
                .flat_map(|t| marks.map(|mark| format!("{t}{mark}")));
            texts = longer.chain(texts.clone()).collect();
            texts.sort();
            texts.dedup();
        }
        let mut written = std::collections::HashSet::new();
        for text in &texts {
            let cell = write(text);
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(cell.as_bytes());
            let record = reader
                .records()
                .next()
                .map(Result::unwrap)
                .unwrap_or_default();
            let plain = record.get(0).unwrap_or_default();
            assert_eq!(read(plain), text, "{text:?} as {cell:?}");
            let begins = plain.trim_start().starts_with(['=', '+', '-', '@']);
            assert!(!begins || plain.parse::<f64>().is_ok(), "{cell:?}");
            assert!(
                written.insert(cell.into_owned()),
                "{text:?} is like another"
            );
        }
        for (text, cell) in [
            ("-1e3", "-1e3"),
            ("=1", "'=1"),
            ("'=1", "''=1"),
            ("'a", "'a"),
            ("-inf", "'-inf"),
        ] {
            assert_eq!(write(text), cell);
        }
    }
}
