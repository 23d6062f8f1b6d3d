//! Names in scripts that run from right to left, in the order in which egui has to be given them.
//!
//! egui sets runs of one font side by side from left to right, and shapes each in the direction of its script. So a word of Arabic or
//! Hebrew comes out right. Several words do not: the spaces and signs between them come from the first font, which has no such letters,
//! so that each word is a run of its own and they stand in the order of writing. Here words take the order in which they are seen, by the
//! Unicode bidirectional algorithm (UAX #9), and keep the order of their letters, which the shaper turns.

use std::borrow::Cow;

use eframe::egui;
use unicode_bidi::{BidiClass, BidiInfo, bidi_class};

use super::scatter::is_printing;

/// A text of one line as it is to be shown in a context.
pub(crate) fn shown<'a>(ctx: &egui::Context, text: &'a str) -> Cow<'a, str> {
    // In a figure, whoever opens it sets the text: there it stays in the order of writing.
    match is_from_the_right(text) && !is_printing(ctx) {
        true => in_order(text).into(),
        false => text.into(),
    }
}

/// Whether any letter runs from right to left. All of these lie from the block of Hebrew on.
fn is_from_the_right(text: &str) -> bool {
    let right = |c: char| c >= '\u{590}' && matches!(bidi_class(c), BidiClass::R | BidiClass::AL);
    text.chars().any(right)
}

fn in_order(text: &str) -> String {
    let found = BidiInfo::new(text, None);
    let mut shown = String::with_capacity(text.len());
    for paragraph in &found.paragraphs {
        let (levels, runs) = found.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let part = &text[run.clone()];
            if !levels[run.start].is_rtl() {
                shown.push_str(part);
                continue;
            }
            for piece in pieces(part).into_iter().rev() {
                let mut signs = piece.chars();
                match (signs.next(), signs.next()) {
                    (Some(sign), None) => shown.push(mirrored(sign)),
                    _ => shown.push_str(piece),
                }
            }
        }
    }
    shown
}

/// Words, and single signs between them.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces: Vec<(bool, std::ops::Range<usize>)> = Vec::new();
    for (at, sign) in text.char_indices() {
        let class = bidi_class(sign);
        let letter = matches!(
            class,
            BidiClass::R | BidiClass::AL | BidiClass::NSM | BidiClass::BN
        );
        let end = at + sign.len_utf8();
        match pieces.last_mut() {
            Some((true, word)) if letter => word.end = end,
            _ => pieces.push((letter, at..end)),
        }
    }
    let ranges = pieces.into_iter().map(|(_, range)| range);
    ranges.map(|range| &text[range]).collect()
}

/// What a sign of a pair is seen as from the other side.
fn mirrored(sign: char) -> char {
    const PAIRS: [(char, char); 6] = [
        ('(', ')'),
        ('[', ']'),
        ('{', '}'),
        ('<', '>'),
        ('\u{ab}', '\u{bb}'),
        ('\u{2039}', '\u{203a}'),
    ];
    let other = |&(one, two): &(char, char)| match sign {
        _ if sign == one => Some(two),
        _ if sign == two => Some(one),
        _ => None,
    };
    PAIRS.iter().find_map(other).unwrap_or(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_seen_from_right_to_left() {
        for (written, seen) in [
            // One word: the shaper turns it.
            (
                "\u{62e}\u{644}\u{627}\u{64a}\u{627}",
                "\u{62e}\u{644}\u{627}\u{64a}\u{627}",
            ),
            (
                "\u{5d0}\u{5d1} \u{5d2}\u{5d3} \u{5d4}",
                "\u{5d4} \u{5d2}\u{5d3} \u{5d0}\u{5d1}",
            ),
            // Latin letters and numbers keep their own order, signs of a pair turn.
            (
                "\u{5d0}\u{5d1} CD4+ T \u{5d2}",
                "\u{5d2} CD4+ T \u{5d0}\u{5d1}",
            ),
            ("\u{5d0} (\u{5d1} 12)", "(12 \u{5d1}) \u{5d0}"),
            // A name that begins in Latin runs from left to right.
            ("T \u{5d0} \u{5d1} cell", "T \u{5d1} \u{5d0} cell"),
        ] {
            assert_eq!(in_order(written), seen, "{written}");
        }
        for plain in ["", "CD8 T cell", "\u{7d30}\u{80de}", "na\u{ef}ve"] {
            assert!(!is_from_the_right(plain), "{plain}");
        }
    }
}
