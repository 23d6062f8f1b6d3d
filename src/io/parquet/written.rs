//! Values as the text of a table.

use std::io::Write as _;

use super::{
    fault::Fault,
    schema::{Meaning, Unit},
};
use crate::words::date::civil;

const SECONDS_A_DAY: i64 = 86_400;

/// The day that Impala counts from is so many days before 1970: noon of the first of January 4713 BC.
const JULIAN: i64 = 2_440_588;

/// Appends a value. Numbers with a point are the shortest text that reads back as the same bits.
pub(super) fn write(meaning: Meaning, value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    match meaning {
        Meaning::Boolean => out.extend_from_slice(match first::<1>(value)? {
            [0] => b"false",
            _ => b"true",
        }),
        Meaning::Signed => integer(signed(value)?, out),
        Meaning::Unsigned => integer(unsigned(value)?, out),
        Meaning::Float16 => float(half(u16::from_le_bytes(first(value)?)), out),
        Meaning::Float => float(f32::from_le_bytes(first(value)?), out),
        Meaning::Double => float(f64::from_le_bytes(first(value)?), out),
        Meaning::Decimal { scale, bytes } => {
            let number = match bytes {
                true => highest_first(value)?,
                false => signed(value)?.into(),
            };
            decimal(number, scale, out);
        }
        Meaning::Date => date(signed(value)?, out),
        Meaning::Time(unit) => time(nanoseconds(signed(value)?, unit), out),
        Meaning::Timestamp(unit, utc) => {
            timestamp(nanoseconds(signed(value)?, unit), out);
            out.extend_from_slice(if utc { b"Z" } else { b"" });
        }
        Meaning::Int96 => {
            let nanos = i64::from_le_bytes(first(value)?);
            let day = i32::from_le_bytes(first(value.get(8..).unwrap_or_default())?);
            let day = i64::from(day) - JULIAN;
            timestamp(
                i128::from(day * SECONDS_A_DAY) * 1_000_000_000 + i128::from(nanos),
                out,
            );
        }
        Meaning::Text => {
            let no_text = |_| Fault::damaged("holds bytes that are no text in UTF-8");
            text(std::str::from_utf8(value).map_err(no_text)?, out);
        }
        Meaning::Uuid => {
            for (at, byte) in value.iter().enumerate() {
                let dash = if matches!(at, 4 | 6 | 8 | 10) {
                    "-"
                } else {
                    ""
                };
                let _ = write!(out, "{dash}{byte:02x}");
            }
        }
    }
    Ok(())
}

/// Appends a text, in quotes where it could be taken for something else than one cell.
pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    let special = |byte: &u8| matches!(byte, b',' | b';' | b'\t' | b'|' | b'"' | b'\n' | b'\r');
    let bytes = text.as_bytes();
    let quoted = bytes.iter().any(special)
        || text.starts_with([' ', '#', '\u{feff}'])
        || text.ends_with(' ');
    if !quoted {
        return out.extend_from_slice(bytes);
    }
    out.push(b'"');
    for &byte in bytes {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn integer(number: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn float(number: impl zmij::Float, out: &mut Vec<u8>) {
    out.extend_from_slice(zmij::Buffer::new().format(number).as_bytes());
}

/// The number of a value of half the bits.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 0x3FF));
    sign * match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1024.0 + fraction) * 2_f32.powi(exponent - 25),
    }
}

/// A whole number of any number of bytes, the highest first.
fn highest_first(value: &[u8]) -> Result<i128, Fault> {
    let negative = value.first().is_some_and(|byte| byte.cast_signed() < 0);
    let filling = if negative { u8::MAX } else { 0 };
    let (above, low) = value.split_at(value.len().saturating_sub(16));
    let mut bytes = [filling; 16];
    bytes[16 - low.len()..].copy_from_slice(low);
    let number = i128::from_be_bytes(bytes);
    match above.iter().all(|byte| *byte == filling) && (number < 0) == negative {
        true => Ok(number),
        false => Err(Fault::damaged("holds a decimal of more than 128 bits")),
    }
}

/// A whole number divided by a power of ten.
fn decimal(number: i128, scale: usize, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number.unsigned_abs()).as_bytes();
    if number < 0 {
        out.push(b'-');
    }
    let whole = digits.len().saturating_sub(scale);
    out.extend_from_slice(if whole == 0 { b"0" } else { &digits[..whole] });
    if scale > 0 {
        out.push(b'.');
        out.resize(out.len() + scale - (digits.len() - whole), b'0');
        out.extend_from_slice(&digits[whole..]);
    }
}

/// A day, so many after 1970-01-01.
fn date(days: i64, out: &mut Vec<u8>) {
    let [year, month, day] = civil(days);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
}

fn nanoseconds(number: i64, unit: Unit) -> i128 {
    i128::from(number)
        * match unit {
            Unit::Milli => 1_000_000,
            Unit::Micro => 1_000,
            Unit::Nano => 1,
        }
}

fn timestamp(nanos: i128, out: &mut Vec<u8>) {
    let day = i128::from(SECONDS_A_DAY) * 1_000_000_000;
    // A number of 64 bits in milliseconds is far fewer days than one of 64 bits.
    date(nanos.div_euclid(day) as i64, out);
    out.push(b'T');
    time(nanos.rem_euclid(day), out);
}

fn time(nanos: i128, out: &mut Vec<u8>) {
    let (seconds, nanos) = (
        nanos.div_euclid(1_000_000_000),
        nanos.rem_euclid(1_000_000_000),
    );
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let _ = write!(out, "{hours:02}:{minutes:02}:{seconds:02}");
    if nanos > 0 {
        let _ = write!(out, ".{nanos:09}");
        let zeros = out.iter().rev().take_while(|byte| **byte == b'0').count();
        out.truncate(out.len() - zeros);
    }
}

/// A whole number of 32 or 64 bits.
fn signed(value: &[u8]) -> Result<i64, Fault> {
    match value.len() {
        4 => Ok(i32::from_le_bytes(first(value)?).into()),
        _ => Ok(i64::from_le_bytes(first(value)?)),
    }
}

fn unsigned(value: &[u8]) -> Result<u64, Fault> {
    match value.len() {
        4 => Ok(u32::from_le_bytes(first(value)?).into()),
        _ => Ok(u64::from_le_bytes(first(value)?)),
    }
}

fn first<const N: usize>(value: &[u8]) -> Result<[u8; N], Fault> {
    value.first_chunk().copied().ok_or(Fault::Ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(meaning: Meaning, value: &[u8]) -> String {
        let mut out = Vec::new();
        write(meaning, value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dates_of_four_thousand_years() {
        let day = |days: i32| written(Meaning::Date, &days.to_le_bytes());
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(-719_162), "0001-01-01");
        assert_eq!(day(11_016), "2000-02-29");
        assert_eq!(day(-25_509), "1900-02-28");
        assert_eq!(day(-25_508), "1900-03-01");
        assert_eq!(day(2_932_896), "9999-12-31");
        assert_eq!(day(i32::MAX), "5881580-07-11");
        assert_eq!(day(i32::MIN), "-5877641-06-23");
    }

    #[test]
    fn floats_come_back_with_their_bits() {
        // Every exponent and sign, and many fractions.
        for bits in (0..=u32::MAX).step_by(9_973) {
            let value = f32::from_bits(bits);
            let text = written(Meaning::Float, &bits.to_le_bytes());
            let back: f32 = text.parse().unwrap();
            // Some parsers read 64 bits first.
            let narrowed = text.parse::<f64>().unwrap() as f32;
            assert!(value.is_nan() && text.contains("NaN") || back.to_bits() == bits);
            assert!(value.is_nan() || narrowed.to_bits() == bits, "{text}");
        }
    }

    #[test]
    fn half_floats_are_exact() {
        let cases = [
            (0x3C00, 1.0),
            (0xC000, -2.0),
            (0x7BFF, 65504.0),
            (0x0001, 5.960_464_5e-8),
            (0x03FF, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x7C00, f32::INFINITY),
            (0xFC00, f32::NEG_INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:x}");
        }
        assert!(half(0x8000).is_sign_negative() && half(0x7C01).is_nan());
    }

    #[test]
    fn decimals_of_any_width() {
        let of = |value: &[u8], scale| written(Meaning::Decimal { scale, bytes: true }, value);
        assert_eq!(of(&[0xFF], 3), "-0.001");
        assert_eq!(of(&[0x01, 0x00], 0), "256");
        assert_eq!(of(&[0x7F, 0xFF], 2), "327.67");
        assert_eq!(of(&[], 1), "0.0");
        let wide = [&[0xFF; 24][..], &(-12_i64).to_be_bytes()].concat();
        assert_eq!(of(&wide, 1), "-1.2");
        let too_wide = [&[1][..], &[0; 16]].concat();
        let meaning = Meaning::Decimal {
            scale: 1,
            bytes: true,
        };
        assert!(write(meaning, &too_wide, &mut Vec::new()).is_err());
    }

    #[test]
    fn texts_that_could_be_taken_for_more_are_quoted() {
        let quoted = |given: &str| {
            let mut out = Vec::new();
            text(given, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(quoted("CD4 T"), "CD4 T");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
        for special in [
            "a,b", "a;b", "a\tb", "a|b", "a\nb", "a\rb", " a", "a ", "#a",
        ] {
            assert_eq!(quoted(special), format!("\"{special}\""));
        }
    }
}
