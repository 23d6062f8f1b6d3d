//! What a cell of a table holds.

use std::borrow::Cow;

/// The meaning of one cell's text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// A finite number.
    Number(f32),
    /// Nothing measured: see [`is_missing`].
    Missing,
    /// Written as infinite.
    Infinite,
    /// A number too large for 32 bits.
    TooLarge,
    /// Anything else.
    Text,
}

/// Powers of ten that a 64-bit float holds exactly.
const TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Powers of ten up to eight digits.
const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Reads a decimal number at the start of `bytes`: its value and its length in bytes.
///
/// `None` means "not the common case", not "no number": the caller then looks at the whole cell with [`classify`].
/// What is returned equals the correctly rounded value: `mantissa * 10^e` in 64 bits is off by at most a few units
/// in the last place, so its rounding to 32 bits is right unless it lies that close to a midpoint between two
/// 32-bit floats, and those cases are declined.
#[inline]
pub(super) fn number_prefix(bytes: &[u8]) -> Option<(f32, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative);
    let (mut mantissa, mut at) = digits(bytes, start, 0);
    let mut count = at - start;
    let mut exponent = 0_i32;
    if bytes.get(at) == Some(&b'.') {
        let (with_fraction, end) = digits(bytes, at + 1, mantissa);
        let fraction = end - at - 1;
        count += fraction;
        exponent = -i32::try_from(fraction).ok()?;
        (mantissa, at) = (with_fraction, end);
    }
    if count == 0 {
        return None;
    }
    // Past 19 significant digits the mantissa has wrapped around.
    if count > 19 {
        let zeros = bytes[start..at]
            .iter()
            .take_while(|b| matches!(b, b'0' | b'.'))
            .filter(|b| **b == b'0')
            .count();
        if count - zeros > 19 {
            return None;
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = bytes.get(at + 1)?;
        let from = at + 1 + usize::from(matches!(sign, b'+' | b'-'));
        let (power, end) = digits(bytes, from, 0);
        if end == from || end - from > 3 {
            return None;
        }
        let power = i32::try_from(power).ok()?;
        exponent += if *sign == b'-' { -power } else { power };
        at = end;
    }
    let scale = TEN.get(exponent.unsigned_abs() as usize)?;
    let value = if exponent < 0 {
        mantissa as f64 / scale
    } else {
        mantissa as f64 * scale
    };
    // The 29 bits that a 32-bit float drops: 1 followed by zeros is the midpoint.
    let dropped = (value.to_bits() & 0x1FFF_FFFF) as i64;
    if (dropped - 0x1000_0000).abs() <= 8 || value >= f64::from(f32::MAX) {
        return None;
    }
    let value = value as f32;
    Some((if negative { -value } else { value }, at))
}

/// Appends the decimal digits from `at` on to `mantissa` (wrapping) and returns it with the place where they end.
#[inline(always)]
fn digits(bytes: &[u8], mut at: usize, mut mantissa: u64) -> (u64, usize) {
    // Eight bytes at a time, without a branch for each: most runs of digits are shorter.
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        // A digit becomes its value; every other byte becomes more than nine.
        let word = u64::from_le_bytes(*eight) ^ 0x3030_3030_3030_3030;
        let over = (word & 0x7F7F_7F7F_7F7F_7F7F) + 0x7676_7676_7676_7676;
        let other = (over | word) & 0x8080_8080_8080_8080;
        let count = other.trailing_zeros() as usize / 8;
        if count == 0 {
            return (mantissa, at);
        }
        // Leading zeros fill up to eight digits; pairs, fours, then all are joined by one multiplication each.
        let word = word << (64 - 8 * count);
        let pairs = (word * 10).wrapping_add(word >> 8) & 0x00FF_00FF_00FF_00FF;
        let fours = (pairs * 100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
        let all = (fours * 10_000).wrapping_add(fours >> 32) & 0xFFFF_FFFF;
        mantissa = mantissa.wrapping_mul(POWERS[count]).wrapping_add(all);
        at += count;
        if count < 8 {
            return (mantissa, at);
        }
    }
    while let Some(digit) = bytes.get(at).map(|b| b.wrapping_sub(b'0')) {
        if digit > 9 {
            break;
        }
        mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (mantissa, at)
}

/// How numbers of a table are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum NumberStyle {
    /// `1046.5`: no number of the file has a comma.
    #[default]
    Plain,
    /// `1,046.5`: there may be commas between thousands.
    Point,
    /// `1.046,5`: a decimal comma, and there may be points between thousands.
    Comma,
}

/// A number without marks between its thousands and with a decimal point; `None` if it is not written in this style.
pub(super) fn ungrouped(text: &str, style: NumberStyle) -> Option<Cow<'_, str>> {
    let (group, decimal) = match style {
        NumberStyle::Plain => return (!text.contains(',')).then_some(Cow::Borrowed(text)),
        NumberStyle::Point => (',', '.'),
        NumberStyle::Comma => ('.', ','),
    };
    if !text.contains(',') && (decimal == '.' || !text.contains('.')) {
        // Two points are not a number in any style.
        let points = text.bytes().filter(|b| *b == b'.').count();
        return (points < 2).then_some(Cow::Borrowed(text));
    }
    let (mantissa, power) = match text.find(['e', 'E']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (whole, fraction) = match mantissa.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    if fraction.is_some_and(|f| f.contains([group, decimal])) || power.contains([',', '.']) {
        return None;
    }
    if whole.contains(group) {
        let mut groups = whole.trim_start_matches(['-', '+']).split(group);
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let leads = |text: &str| (1..=3).contains(&text.len()) && !text.starts_with('0');
        let first = groups.next().is_some_and(|g| leads(g) && digits(g));
        if !first || !groups.all(|g| g.len() == 3 && digits(g)) {
            return None;
        }
    }
    let mut plain = whole.replace(group, "");
    if let Some(fraction) = fraction {
        plain.push('.');
        plain.push_str(fraction);
    }
    plain.push_str(power);
    Some(plain.into())
}

/// The meaning of a whole cell, surrounding white space ignored.
pub(super) fn classify(cell: &[u8], style: NumberStyle) -> Cell {
    let cell = cell.trim_ascii();
    if is_missing(cell) {
        return Cell::Missing;
    }
    let text = std::str::from_utf8(cell).ok();
    let Some(text) = text.and_then(|text| ungrouped(text, style)) else {
        return Cell::Text;
    };
    match text.parse::<f32>() {
        Ok(value) if value.is_nan() => Cell::Missing,
        Ok(value) if value.is_finite() => Cell::Number(value),
        Ok(_) if text.bytes().any(|b| b.is_ascii_digit()) => Cell::TooLarge,
        Ok(_) => Cell::Infinite,
        Err(_) => Cell::Text,
    }
}

/// Whether a trimmed cell means "no value": empty, `.`, `-`, `--`, `?`, or, in any case, `NA`, `<NA>`, `N/A`, `#N/A`, `NaN`,
/// `null`, `none`, `missing`, `<LOD`, `<LOQ`, `[Not Available]`, `[Not Applicable]`, `[Unknown]`, `#DIV/0!`, `#VALUE!`.
pub(super) fn is_missing(cell: &[u8]) -> bool {
    const WORDS: [&[u8]; 19] = [
        b".",
        b"-",
        b"--",
        b"?",
        b"na",
        b"<na>",
        b"n/a",
        b"#n/a",
        b"nan",
        b"null",
        b"none",
        b"missing",
        b"<lod",
        b"<loq",
        b"[not available]",
        b"[not applicable]",
        b"[unknown]",
        b"#div/0!",
        b"#value!",
    ];
    let is_word = || WORDS.iter().any(|w| cell.eq_ignore_ascii_case(w));
    // Nearly all cells are numbers.
    cell.first()
        .is_none_or(|first| !first.is_ascii_digit() && is_word())
}

/// What keeps a cell from being read as the number that a person sees in it: `a percent sign`.
pub(super) fn odd_form(cell: &str) -> Option<&'static str> {
    let cell = cell.trim();
    let number = |text: &str| {
        let style = |style| ungrouped(text, style).is_some_and(|t| t.parse::<f32>().is_ok());
        style(NumberStyle::Point) || style(NumberStyle::Comma)
    };
    let without = |marks: &[char]| number(&cell.replace(marks, ""));
    if cell
        .strip_suffix('%')
        .is_some_and(|text| number(text.trim_end()))
    {
        return Some("a percent sign");
    }
    if cell.strip_suffix(['-', '\u{2212}']).is_some_and(&number) {
        return Some("a minus sign behind it");
    }
    if cell.strip_prefix('\u{2212}').is_some_and(&number) {
        return Some("a minus sign that is no hyphen (U+2212)");
    }
    if cell
        .strip_prefix(['<', '>'])
        .is_some_and(|text| number(text.trim()))
    {
        return Some("a limit of detection in place of a value");
    }
    let bracketed = cell
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    if bracketed.is_some_and(&number) {
        return Some("brackets for a minus sign");
    }
    const APOSTROPHES: [char; 2] = ['\'', '\u{2019}'];
    if cell.contains(APOSTROPHES) && without(&APOSTROPHES) {
        return Some("an apostrophe between thousands");
    }
    const SPACES: [char; 5] = [' ', '\u{a0}', '\u{2009}', '\u{202f}', '\u{fffd}'];
    if cell.contains(SPACES) && without(&SPACES) {
        return Some("a space between thousands");
    }
    None
}

/// Whether a cell is meant as a number, in whatever way it is written.
pub(super) fn is_numeric(cell: &[u8]) -> bool {
    if number_prefix(cell).is_some_and(|(_, length)| length == cell.len()) {
        return true;
    }
    // Of what begins with a letter only `inf` and `nan` can be meant as numbers.
    let first = cell.first().unwrap_or(&b' ');
    if first.is_ascii_alphabetic() && !b"iInN".contains(first) {
        return false;
    }
    let either = |style| !matches!(classify(cell, style), Cell::Text | Cell::Missing);
    either(NumberStyle::Point)
        || either(NumberStyle::Comma)
        || odd_form(&String::from_utf8_lossy(cell)).is_some()
}

/// Whether a cell is a whole number, also when written as `3.0`; returns it without the fraction.
pub(super) fn whole_number(cell: &str) -> Option<&str> {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = !digits.is_empty()
        && digits.len() <= 18
        && digits.bytes().all(|b| b.is_ascii_digit())
        && fraction.bytes().all(|b| b == b'0');
    is_whole.then_some(whole)
}

#[cfg(test)]
mod tests;
