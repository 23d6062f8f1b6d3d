//! Names that are too long for their place. They are cut in the middle: what tells two of them apart may stand at
//! either end.

use unicode_segmentation::UnicodeSegmentation as _;

/// What stands for the part that is left out.
const GAP: char = '\u{2026}';

/// Signs of a cut name at most: no place holds more, and a name may have any length.
const MOST: usize = 300;

/// The name in one line: as it is if it `fits`, else with so much of its two ends as does. What a reader sees as one
/// sign is never taken apart.
pub fn cut(name: &str, mut fits: impl FnMut(&str) -> bool) -> String {
    let name = in_one_line(name);
    let signs: Vec<&str> = name.graphemes(true).collect();
    if signs.is_empty() || signs.len() <= MOST && fits(&name) {
        return name;
    }
    let with = |kept: usize| {
        let back = kept / 2;
        let mut text = signs[..kept - back].concat();
        text.truncate(text.trim_end().len());
        text.push(GAP);
        text + signs[signs.len() - back..].concat().trim_start()
    };
    let (mut fitting, mut too_many) = (0, signs.len().min(MOST + 1));
    while fitting + 1 < too_many {
        let middle = usize::midpoint(fitting, too_many);
        if fits(&with(middle)) {
            fitting = middle;
        } else {
            too_many = middle;
        }
    }
    with(fitting)
}

/// Line breaks and the like, which quoted table cells may hold, become spaces.
fn in_one_line(name: &str) -> String {
    let blank = |c: char| if c.is_control() { ' ' } else { c };
    name.chars().map(blank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_signs(name: &str, most: usize) -> String {
        cut(name, |text| text.graphemes(true).count() <= most)
    }

    #[test]
    fn both_ends_stay() {
        let name = "CD8-positive, alpha-beta memory T cell";
        assert_eq!(of_signs(name, 24), "CD8-positive\u{2026}mory T cell");
        assert_eq!(of_signs(name, 38), name);
        assert_eq!(of_signs("ab\ncd", 9), "ab cd");
        assert_eq!(of_signs("", 0), "");
        assert_eq!(of_signs("abc", 0), "\u{2026}");
        // A space at the cut is no sign of the name.
        assert_eq!(of_signs("naive B of the blood", 8), "naiv\u{2026}ood");
    }

    #[test]
    fn names_that_differ_at_an_end_stay_apart() {
        let common = "CD8-positive, alpha-beta ";
        let kinds = ["memory T cell", "effector T cell", "cytotoxic T cell"];
        let mut cuts: Vec<String> = Vec::new();
        for kind in kinds {
            cuts.push(of_signs(&format!("{common}{kind}"), 26));
            cuts.push(of_signs(&format!("{kind} {common}"), 26));
        }
        let mut different = cuts.clone();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), cuts.len(), "{cuts:?}");
    }

    #[test]
    fn signs_of_several_characters_stay_whole() {
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}";
        let accent = "e\u{301}";
        let name = format!("{family}{accent}abcdefgh{accent}{family}");
        for most in 0..name.graphemes(true).count() {
            let text = of_signs(&name, most);
            for sign in text.graphemes(true) {
                let known = name.graphemes(true).any(|of| of == sign);
                assert!(known || sign == "\u{2026}", "{text}: {sign}");
            }
        }
        let long = "x".repeat(100_000);
        assert!(cut(&long, |_| true).chars().count() <= MOST + 1);
    }
}
