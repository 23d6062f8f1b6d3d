//! The type of a column that was read as text.

use super::frame::{Category, Column};
use std::collections::HashMap;

/// Words of a column, read one after another; each is held once.
#[derive(Debug, Default)]
pub struct Words {
    codes: Vec<Option<u32>>,
    known: HashMap<String, u32>,
}

impl Words {
    /// Adds a value; a word for "no value" is none (see [`is_missing`]).
    pub fn push(&mut self, word: &str) {
        if is_missing(word) {
            return self.codes.push(None);
        }
        let code = match self.known.get(word) {
            Some(&code) => code,
            None => {
                let code = self.known.len() as u32;
                self.known.insert(word.to_owned(), code);
                code
            }
        };
        self.codes.push(Some(code));
    }

    /// The values as codes and names, in the order of the file.
    pub fn finish(self) -> Category {
        let mut names = vec![String::new(); self.known.len()];
        for (name, code) in self.known {
            names[code as usize] = name;
        }
        Category {
            codes: self.codes,
            names,
            colours: None,
        }
    }
}

/// Whether a word means that there is no value: empty, `.`, `--`, or, in any case, `NA`, `N/A`, `#N/A`, `<NA>`, `NaN`,
/// `null`, `none`, `not reported`, and what the TCGA writes in brackets, as `[Not Available]`.
pub fn is_missing(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "na",
        "n/a",
        "#n/a",
        "<na>",
        "nan",
        "null",
        "none",
        "not reported",
        "[not available]",
        "[not applicable]",
        "[not evaluated]",
        "[unknown]",
        "[discrepancy]",
        "[completed]",
    ];
    let word = word.trim();
    matches!(word, "" | "." | "--") || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Gives a column of words its type, by all of its words: whole numbers, numbers (with a point, or with a comma where it
/// cannot be one of thousands), yes or no, names that repeat, or else text. `001` is no number: its zeros would be lost.
pub fn typed(words: Category) -> Column {
    let Category { codes, names, .. } = &words;
    if names.is_empty() {
        return Column::Text(vec![None; codes.len()]);
    }
    let by_code = |code: &Option<u32>| code.map(|code| code as usize);
    if let Some(values) = all(names, whole) {
        return Column::Integer(codes.iter().map(|c| Some(values[by_code(c)?])).collect());
    }
    if let Some(values) = all(names, number).or_else(|| with_commas(names)) {
        let value = |code| by_code(code).map_or(f64::NAN, |at| values[at]);
        return Column::Number(codes.iter().map(value).collect());
    }
    if let Some(values) = all(names, yes_or_no) {
        return Column::Bool(codes.iter().map(|c| Some(values[by_code(c)?])).collect());
    }
    let present = codes.iter().flatten().count();
    if names.len() * 2 <= present {
        return Column::Category(words);
    }
    let word = |code| by_code(code).map(|at| names[at].clone());
    Column::Text(codes.iter().map(word).collect())
}

/// The values of all words, if each has one.
fn all<T>(names: &[String], value: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    names.iter().map(|name| value(name)).collect()
}

fn whole(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    (plain && !padded).then(|| word.parse().ok()).flatten()
}

fn number(word: &str) -> Option<f64> {
    let digits = word.trim_start_matches(['-', '+']).as_bytes();
    // Ids such as 001 keep their zeros; "inf" and "1e999" are no measurements.
    let padded = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    let value: f64 = word.parse().ok()?;
    (!padded && value.is_finite() && digits.iter().any(u8::is_ascii_digit)).then_some(value)
}

/// The values of words such as `0,5`; `1,046` may be a thousand, so that not all may have three digits behind the comma.
fn with_commas(names: &[String]) -> Option<Vec<f64>> {
    let thousands = |name: &String| {
        let behind = name.split_once(',').map_or("000", |(_, behind)| behind);
        behind.len() == 3 && !name.starts_with("0,")
    };
    if names.iter().all(thousands) {
        return None;
    }
    all(names, |name| match name.contains('.') {
        true => None,
        false => number(&name.replacen(',', ".", 1)),
    })
}

fn yes_or_no(word: &str) -> Option<bool> {
    let is = |other: &str| word.eq_ignore_ascii_case(other);
    match (is("true") || is("yes"), is("false") || is("no")) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(words: &[&str]) -> Column {
        let mut column = Words::default();
        for word in words {
            column.push(word);
        }
        typed(column.finish())
    }

    #[test]
    fn words_have_a_type() {
        let cases: [(&[&str], &str); 12] = [
            (&["1", "-2", "NA", "30"], "whole number"),
            (&["1", "2.5", "[Not Available]"], "number"),
            (&["1e-3", "2"], "number"),
            (&["0,5", "12", "-1,25"], "number"),
            (&["1,046", "2,100", "1,046", "2,100"], "category"),
            (&["TRUE", "false", ""], "yes or no"),
            (&["yes", "no", "no"], "yes or no"),
            (&["Y", "N", "Y", "N"], "category"),
            (&["001", "002", "001", "002"], "category"),
            (&["a", "b", "c"], "text"),
            (&["inf", "1", "inf", "1"], "category"),
            (&["NA", ""], "text"),
        ];
        for (words, kind) in cases {
            assert_eq!(column(words).kind(), kind, "{words:?}");
        }
    }

    #[test]
    fn values_are_those_of_the_words() {
        assert_eq!(
            column(&["7", "null", "-1"]),
            Column::Integer(vec![Some(7), None, Some(-1)])
        );
        let Column::Number(values) = column(&["1,5", "--", "2"]) else {
            panic!("numbers");
        };
        assert_eq!((values[0], values[1].is_nan(), values[2]), (1.5, true, 2.0));
        let Column::Category(classes) = column(&["T", "B", "T", "[Unknown]", "B"]) else {
            panic!("names");
        };
        assert_eq!(classes.names, ["T", "B"]);
        assert_eq!(classes.codes, [Some(0), Some(1), Some(0), None, Some(1)]);
    }
}
