//! Numbers and names as people and spreadsheets write them.

pub(crate) mod cell;
pub mod date;

/// A whole number with thousands separators: `25,517`.
pub fn thousands(n: impl TryInto<u64>) -> String {
    let digits = n.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes of a hash in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes as one would say them: `1.4 GiB`.
pub fn memory_in_words(bytes: u64) -> String {
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    match mebibytes {
        ..1000.0 => format!("{mebibytes:.0} MiB"),
        ..1e6 => format!("{:.1} GiB", mebibytes / 1024.0),
        _ => format!("{:.0} TiB", mebibytes / f64::from(1 << 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_of_thousands() {
        let cases = [
            (0_u64, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (n, expected) in cases {
            assert_eq!(thousands(n), expected);
        }
    }

    #[test]
    fn memory_is_said_as_people_say_it() {
        assert_eq!(memory_in_words(300 << 20), "300 MiB");
        assert_eq!(memory_in_words(3 << 29), "1.5 GiB");
        assert_eq!(memory_in_words(5 << 40), "5 TiB");
    }
}
