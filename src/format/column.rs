//! Columns out of words of a text file.

use crate::data::Column;

/// Whole numbers if all words are, else numbers if all are, else text; an empty word is missing.
pub fn column_of(words: Vec<String>) -> Column {
    // What another program reads back as the same word: `007` and `1e3` stay text or become no whole number.
    let whole = |word: &&String| word.parse::<i64>().is_ok_and(|n| n.to_string() == **word);
    let number = |word: &&String| {
        let digits = word.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.');
        let padded = word.len() > 1 && word.starts_with('0') && !word.starts_with("0.");
        digits && !padded && word.parse::<f64>().is_ok()
    };
    let said = || words.iter().filter(|word| !word.is_empty());
    if said().next().is_some() && said().all(|word| whole(&word)) {
        Column::Integer(words.iter().map(|word| word.parse().ok()).collect())
    } else if said().next().is_some() && said().all(|word| number(&word)) {
        let value = |word: &String| word.parse().unwrap_or(f64::NAN);
        Column::Number(words.iter().map(value).collect())
    } else {
        let word = |word: String| (!word.is_empty()).then_some(word);
        Column::Text(words.into_iter().map(word).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_what_they_are() {
        let column = |words: &[&str]| column_of(words.iter().map(|&word| word.into()).collect());
        assert_eq!(
            column(&["3", "", "-4"]),
            Column::Integer(vec![Some(3), None, Some(-4)])
        );
        assert_eq!(
            column(&["0.5", "3", "-1e3"]),
            Column::Number(vec![0.5, 3.0, -1000.0])
        );
        assert!(matches!(column(&["0.5", ""]), Column::Number(values) if values[1].is_nan()));
        for text in [
            ["007", "1"],
            ["nan", "1"],
            ["inf", "2"],
            ["B", "2"],
            ["", ""],
        ] {
            assert_eq!(column(&text).kind(), "text", "{text:?}");
        }
    }
}
