//! What commas and points in the numbers of a table mean: `1,046` is one thousand and forty-six, or a little more than one.
//!
//! A single cell often has two readings; other cells of the file prove one of them, or none. What nothing proves is asked about.

use super::{
    number::{NumberStyle, ungrouped},
    question::{Answer, Choice, Decimal},
};
use crate::words::thousands;

/// A cell and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The line, from 1.
    pub line: u64,
    /// What stands there.
    pub cell: String,
}

/// What the cells seen so far say of commas and points.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// The first cell in which the point can only be the decimal mark, or the comma only stands between thousands: `0.5`.
    point: Option<Seen>,
    /// The first cell for which the opposite is true: `0,5`.
    comma: Option<Seen>,
    /// The first with a comma that may be either: `1,046`.
    either_comma: Option<Seen>,
    /// The first with a point that may be either: `1.046`, where whole numbers of two digits or more stand in the same column.
    either_point: Option<Seen>,
    /// The first cell with a comma between thousands.
    grouped: Option<Seen>,
    /// Whether some column has both whole numbers and commas, which decimals rarely do.
    beside_whole: bool,
    columns: Vec<Column>,
}

/// What a column holds that tells thousands from decimals.
#[derive(Clone, Debug, Default)]
struct Column {
    whole: bool,
    comma: bool,
    point: Option<Box<Seen>>,
}

/// What the marks mean.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is one reading.
    Style(NumberStyle),
    /// There are two: a cell that shows them, and the likelier first.
    Ask(Seen, [Answer; 2]),
    /// The two are mixed: a decimal point and a decimal comma.
    Mixed(Seen, Seen),
}

/// How the marks of one cell can be read.
enum Form {
    Point,
    Comma,
    EitherPoint,
    EitherComma,
    Whole,
    Other,
}

impl Marks {
    /// Takes up the cell of a feature in this column of the file.
    pub fn add(&mut self, column: usize, line: u64, cell: &[u8]) {
        let Ok(text) = std::str::from_utf8(cell.trim_ascii()) else {
            return;
        };
        let form = form(text);
        if matches!(form, Form::Other) {
            return;
        }
        let seen = || Seen {
            line,
            cell: text.to_owned(),
        };
        let has_comma = text.contains(',');
        if self.columns.len() <= column {
            self.columns.resize(column + 1, Column::default());
        }
        let of_column = &mut self.columns[column];
        match form {
            Form::Point => _ = self.point.get_or_insert_with(seen),
            Form::Comma => _ = self.comma.get_or_insert_with(seen),
            Form::EitherComma => _ = self.either_comma.get_or_insert_with(seen),
            Form::EitherPoint => {
                of_column.point.get_or_insert_with(|| Box::new(seen()));
            }
            Form::Whole | Form::Other => of_column.whole = true,
        }
        of_column.comma |= has_comma;
        if has_comma && matches!(form, Form::Point | Form::EitherComma) {
            self.grouped.get_or_insert_with(seen);
        }
        self.beside_whole |= of_column.whole && of_column.comma;
        if of_column.whole
            && self.either_point.is_none()
            && let Some(point) = &of_column.point
        {
            self.either_point = Some((**point).clone());
        }
    }

    /// A number with commas between its thousands.
    pub fn grouped(&self) -> Option<&Seen> {
        self.grouped.as_ref()
    }

    /// Whether some cell has one reading only.
    pub fn are_proof(&self) -> bool {
        self.point.is_some() || self.comma.is_some()
    }

    /// Whether more cells could settle what these leave open.
    pub fn is_open(&self) -> bool {
        matches!(self.verdict(), Verdict::Ask(..))
    }

    /// What the marks mean, as far as these cells tell.
    pub fn verdict(&self) -> Verdict {
        let plain = match self.grouped {
            Some(_) => NumberStyle::Point,
            None => NumberStyle::Plain,
        };
        match (&self.point, &self.comma) {
            (Some(point), Some(comma)) => Verdict::Mixed(point.clone(), comma.clone()),
            (Some(_), None) => Verdict::Style(plain),
            (None, Some(_)) => Verdict::Style(NumberStyle::Comma),
            (None, None) => match (&self.either_comma, &self.either_point) {
                (Some(seen), _) => ask(seen, self.beside_whole),
                (None, Some(seen)) => ask(seen, false),
                (None, None) => Verdict::Style(plain),
            },
        }
    }
}

fn ask(seen: &Seen, point_first: bool) -> Verdict {
    let read = |style| ungrouped(&seen.cell, style).unwrap_or_default();
    let answer = |decimal, style, mark| Answer {
        text: format!("{} is {}: decimals have a {mark}", seen.cell, read(style)),
        choice: Choice::Decimal(decimal),
    };
    let point = answer(Decimal::Point, NumberStyle::Point, "point");
    let comma = answer(Decimal::Comma, NumberStyle::Comma, "comma");
    let answers = match point_first {
        true => [point, comma],
        false => [comma, point],
    };
    Verdict::Ask(seen.clone(), answers)
}

impl Seen {
    /// The question about a cell with two readings.
    pub(super) fn question(&self) -> String {
        format!(
            "line {} holds {}, which is {} or {}; no number of the file tells which.",
            thousands(self.line),
            self.cell,
            ungrouped(&self.cell, NumberStyle::Point).unwrap_or_default(),
            ungrouped(&self.cell, NumberStyle::Comma).unwrap_or_default(),
        )
    }
}

/// The form of digits with no mark but a point, which nearly all numbers are.
fn usual_form(text: &[u8]) -> Option<Form> {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(text);
    if whole == text.len() {
        return match whole {
            0 => None,
            1 => Some(Form::Other),
            _ => Some(Form::Whole),
        };
    }
    let fraction = text[whole..].strip_prefix(b".")?;
    if whole == 0 || digits(fraction) < fraction.len() {
        return None;
    }
    let may_be_thousands = fraction.len() == 3 && whole <= 3 && text[0] != b'0';
    Some(match may_be_thousands {
        true => Form::EitherPoint,
        false => Form::Point,
    })
}

fn form(text: &str) -> Form {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(form) = usual_form(text.as_bytes()) {
        return form;
    }
    let (digits, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let power = power.strip_prefix(['-', '+']).unwrap_or(power);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_number = digits.bytes().any(|b| b.is_ascii_digit())
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b',' || b == b'.');
    if !is_number || !all_digits(power) {
        return Form::Other;
    }
    let as_point = ungrouped(digits, NumberStyle::Point).is_some();
    let as_comma = ungrouped(digits, NumberStyle::Comma).is_some();
    match (as_point, as_comma) {
        (false, false) => Form::Other,
        (true, false) => Form::Point,
        (false, true) => Form::Comma,
        // Nobody puts marks between the thousands of a number with an exponent.
        (true, true) if digits.len() < text.len() && digits.contains('.') => Form::Point,
        (true, true) if digits.len() < text.len() && digits.contains(',') => Form::Comma,
        (true, true) if digits.contains('.') => Form::EitherPoint,
        (true, true) if digits.contains(',') => Form::EitherComma,
        (true, true) if digits.len() > 1 => Form::Whole,
        (true, true) => Form::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(columns: &[&[&str]]) -> Verdict {
        let mut marks = Marks::default();
        for (column, cells) in columns.iter().enumerate() {
            for (row, cell) in cells.iter().enumerate() {
                marks.add(column, row as u64 + 2, cell.as_bytes());
            }
        }
        marks.verdict()
    }

    #[test]
    fn proofs_decide() {
        let point = Verdict::Style(NumberStyle::Point);
        let comma = Verdict::Style(NumberStyle::Comma);
        let plain = Verdict::Style(NumberStyle::Plain);
        for proof in ["12.5", "0.123", "1,046.5", "1,234,567", "1.5e3", "0.5"] {
            assert_eq!(verdict(&[&["1,046", "77"], &[proof]]), point, "{proof}");
        }
        for proof in [
            "12,5",
            "0,123",
            "1.046,5",
            "1.234.567",
            "1,046e3",
            "1234,567",
        ] {
            assert_eq!(verdict(&[&["1,046", "77"], &[proof]]), comma, "{proof}");
            assert_eq!(verdict(&[&["1.046", "77"], &[proof]]), comma, "{proof}");
        }
        assert_eq!(verdict(&[&["1.046", "0.123", "77"]]), plain);
        assert_eq!(verdict(&[&["1.046", "1.5", "77"]]), plain);
        assert_eq!(verdict(&[&["1", "77", "NA", "x,y", "1,2,3"]]), plain);
        // Three decimals throughout, or whole numbers in other columns, are as usual.
        assert_eq!(verdict(&[&["1.046", "2.500"], &["63", "71"]]), plain);
        assert_eq!(verdict(&[&["1.046", "0", "3.142"]]), plain);
    }

    #[test]
    fn what_nothing_proves_is_asked_about_and_a_mix_is_named() {
        let first = |verdict: Verdict| match verdict {
            Verdict::Ask(seen, [first, second]) => {
                assert_ne!(first.choice, second.choice);
                (seen.cell, first.text)
            }
            other => panic!("{other:?}"),
        };
        let (cell, text) = first(verdict(&[&["574", "1,046"], &["3", "2,001"]]));
        assert_eq!(cell, "1,046");
        assert_eq!(text, "1,046 is 1046: decimals have a point");
        let (_, text) = first(verdict(&[&["1,046", "2,718"]]));
        assert_eq!(text, "1,046 is 1.046: decimals have a comma");
        let (_, text) = first(verdict(&[&["574", "-1.046"]]));
        assert_eq!(text, "-1.046 is -1046: decimals have a comma");
        let mixed = verdict(&[&["1,5", "2"], &["3", "2.5"]]);
        let seen = |line, cell: &str| Seen {
            line,
            cell: cell.into(),
        };
        assert_eq!(mixed, Verdict::Mixed(seen(3, "2.5"), seen(2, "1,5")));
    }
}
