use super::*;

const PLAIN: NumberStyle = NumberStyle::Plain;
use rand::{RngExt as _, SeedableRng as _};

#[test]
fn the_fast_path_agrees_with_the_standard_library() {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut fast = 0;
    for i in 0..200_000 {
        let value = f64::from_bits(rng.random::<u64>());
        let scaled = (rng.random::<f64>() - 0.5) * 10_f64.powi(i % 12 - 6);
        let single = scaled as f32;
        let text = match i % 5 {
            0 => format!("{scaled}"),
            1 => format!("{single}"),
            2 => format!("{scaled:.4}"),
            3 => format!("{scaled:e}"),
            _ => format!("{value:e}"),
        };
        if let Some((read, length)) = number_prefix(text.as_bytes()) {
            fast += 1;
            assert_eq!(length, text.len(), "{text}");
            let expected: f32 = text.parse().unwrap();
            assert_eq!(read.to_bits(), expected.to_bits(), "{text}");
        }
    }
    assert!(fast > 150_000, "{fast} of 200,000 took the fast path");
}

#[test]
fn midpoints_and_odd_forms_are_declined_or_exact() {
    for text in [
        "16777217",
        "33554434.0",
        "0.1",
        "-0",
        "5.",
        ".5",
        "1e22",
        "1E-5",
    ] {
        let expected: f32 = text.parse().unwrap();
        if let Some((read, length)) = number_prefix(text.as_bytes()) {
            assert_eq!((read.to_bits(), length), (expected.to_bits(), text.len()));
        }
    }
    assert_eq!(number_prefix(b"16777217"), None);
    assert_eq!(number_prefix(b"."), None);
    assert_eq!(number_prefix(b"1e"), None);
    assert_eq!(number_prefix(b"-"), None);
    assert_eq!(number_prefix(b"12,5"), Some((12.0, 2)));
}

#[test]
fn cells_are_told_apart() {
    assert_eq!(classify(b" 1.5 ", PLAIN), Cell::Number(1.5));
    assert_eq!(classify(b"1,5", NumberStyle::Comma), Cell::Number(1.5));
    assert_eq!(classify(b"1,5", PLAIN), Cell::Text);
    for missing in [
        "",
        " ",
        "NA",
        "n/a",
        "NaN",
        "nan",
        "null",
        "None",
        ".",
        "#N/A",
        "-",
        "<LOD",
        "[Not Available]",
        "<NA>",
        "#DIV/0!",
    ] {
        assert_eq!(
            classify(missing.as_bytes(), PLAIN),
            Cell::Missing,
            "{missing}"
        );
    }
    assert_eq!(classify(b"-inf", PLAIN), Cell::Infinite);
    assert_eq!(classify(b"1e39", PLAIN), Cell::TooLarge);
    assert_eq!(classify(b"high", PLAIN), Cell::Text);
    assert_eq!(classify(b"\xff", PLAIN), Cell::Text);
}

#[test]
fn marks_between_thousands_are_right_or_refused() {
    let cases = [
        ("1,046", Some("1046"), Some("1.046")),
        ("-1,234,567.5e3", Some("-1234567.5e3"), None),
        ("1.046,5", None, Some("1046.5")),
        ("1.046", Some("1.046"), Some("1046")),
        ("0,5", None, Some("0.5")),
        ("0.5", Some("0.5"), None),
        ("1,04", None, Some("1.04")),
        ("1234,567", None, Some("1234.567")),
        ("1046", Some("1046"), Some("1046")),
        ("1.2.3", None, None),
        (",5", None, Some(".5")),
        ("5,", None, Some("5.")),
    ];
    for (text, point, comma) in cases {
        assert_eq!(
            ungrouped(text, NumberStyle::Point).as_deref(),
            point,
            "{text}"
        );
        assert_eq!(
            ungrouped(text, NumberStyle::Comma).as_deref(),
            comma,
            "{text}"
        );
    }
    assert_eq!(classify(b"1,046", NumberStyle::Point), Cell::Number(1046.0));
    assert_eq!(classify(b"1.046", NumberStyle::Comma), Cell::Number(1046.0));
    assert_eq!(classify(b"0.5", NumberStyle::Comma), Cell::Text);
}

#[test]
fn odd_forms_are_named() {
    for (text, what) in [
        ("1'046", "an apostrophe between thousands"),
        ("1\u{202f}046,5", "a space between thousands"),
        ("1 046", "a space between thousands"),
        ("12.5 %", "a percent sign"),
        ("5.5-", "a minus sign behind it"),
        ("(5.5)", "brackets for a minus sign"),
        ("\u{2212}5", "a minus sign that is no hyphen (U+2212)"),
        ("<0.05", "a limit of detection in place of a value"),
    ] {
        assert_eq!(odd_form(text), Some(what), "{text}");
        assert!(is_numeric(text.as_bytes()), "{text}");
    }
    for text in ["", "5", "T cell", "2020-01-01", "12-1", "A%", "'", "1.2.3"] {
        assert_eq!(odd_form(text), None, "{text}");
    }
    assert!(!is_numeric(b"2020-01-01") && !is_numeric(b"T") && !is_numeric(b"NA"));
}

#[test]
fn whole_numbers() {
    assert_eq!(whole_number("3.0"), Some("3"));
    assert_eq!(whole_number("-12"), Some("-12"));
    for other in ["", "3.5", "a", "-", "1e3"] {
        assert_eq!(whole_number(other), None, "{other}");
    }
}
