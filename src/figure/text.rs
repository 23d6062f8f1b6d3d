//! The font of the figures, and how wide words are in it.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use resvg::usvg::{self, FontResolver};

use super::{fonts, name, svg};

/// Reading options with the built-in fonts, so that figures look the same on every machine; other fonts are looked
/// for only where a text has characters that these lack, or one was asked for.
pub(super) fn options(font: Option<&str>) -> usvg::Options<'static> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        // For signs that the first one lacks.
        fonts.load_font_data(epaint_default_fonts::HACK_REGULAR.to_vec());
        Arc::new(fonts)
    });
    let mut fonts = fonts.clone();
    for file in font
        .iter()
        .flat_map(|name| fonts::fallback().files_of(name))
    {
        Arc::make_mut(&mut fonts).load_font_source(file.clone());
    }
    let built_in = FontResolver::default_fallback_selector();
    usvg::Options {
        fontdb: fonts,
        font_resolver: FontResolver {
            select_font: FontResolver::default_font_selector(),
            select_fallback: Box::new(move |character, used, fonts| {
                built_in(character, used, fonts).or_else(|| fallback(character, fonts))
            }),
        },
        ..usvg::Options::default()
    }
}

/// Adds a font that has the character; nothing if it is there already, for then it was of no use.
fn fallback(character: char, fonts: &mut Arc<fontdb::Database>) -> Option<fontdb::ID> {
    let font = fonts::fallback().font_for(character)?;
    let same = |face: &fontdb::FaceInfo| {
        face.index == font.index && face.post_script_name == font.post_script_name
    };
    if fonts.faces().any(same) {
        return None;
    }
    let added = Arc::make_mut(fonts).load_font_source(font.source.clone());
    let mut added = added.into_iter();
    added.find(|&id| fonts.face(id).is_some_and(same))
}

/// How wide each text is at a font size, in points, with room for the other fonts an SVG viewer may take.
pub(super) fn widths<'a>(texts: impl IntoIterator<Item = &'a str>, size: f32) -> Vec<f32> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1000\" height=\"100\" font-family=\"{}\" font-size=\"100\">",
        svg::FONTS
    );
    let mut characters = Vec::new();
    for (i, text) in texts.into_iter().enumerate() {
        let _ = write!(svg, "<text id=\"t{i}\" y=\"100\">");
        svg::escape(&mut svg, text);
        svg.push_str("</text>");
        characters.push(text.chars().count());
    }
    svg.push_str("</svg>");
    let tree = usvg::Tree::from_str(&svg, &options(None)).ok();
    let measured = |i: usize| {
        let tree = tree.as_ref()?;
        Some(tree.node_by_id(&format!("t{i}"))?.bounding_box().width() / 100.0)
    };
    characters
        .iter()
        .enumerate()
        // Half an em a character is a fair guess for what cannot be measured.
        .map(|(i, &n)| measured(i).unwrap_or(0.5 * n as f32) * size * 1.06)
        .collect()
}

/// The text, cut so that it is at most `width` wide.
pub(super) fn shortened(text: &str, size: f32, width: f32) -> String {
    let fits = |text: &str| widths([text], size).first().is_none_or(|&w| w <= width);
    name::cut(text, fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{
        Rgb,
        drawing::{Drawing, Text},
    };

    #[test]
    fn words_are_measured_in_the_font() {
        let widths = widths(["iiii", "WWWW", "", "a<b", "Ωμ≤−…"], 10.0);
        assert!(widths[0] > 5.0 && widths[0] < 15.0, "{widths:?}");
        assert!(widths[1] > 25.0 && widths[1] < 45.0, "{widths:?}");
        assert_eq!(widths[2], 0.0);
        assert!(widths[3] > 10.0 && widths[4] > 15.0, "{widths:?}");
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shortened("short", 7.0, 100.0), "short");
        let cut = shortened("a very long name of a class of cells", 7.0, 60.0);
        assert!(cut.contains('…') && cut.starts_with("a very"), "{cut}");
        assert!(cut.ends_with("cells"), "{cut}");
        assert!(shortened("abc", 7.0, 0.0).ends_with('…'));
    }

    #[test]
    fn other_scripts_are_drawn() {
        let shapes = |text: &str| {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"50\" height=\"50\" font-family=\"{}\" \
                 font-size=\"40\"><text y=\"40\">{text}</text></svg>",
                svg::FONTS
            );
            let mut pixels = resvg::tiny_skia::Pixmap::new(50, 50).unwrap();
            let tree = usvg::Tree::from_str(&svg, &options(None)).unwrap();
            resvg::render(&tree, Default::default(), &mut pixels.as_mut());
            pixels.data().to_vec()
        };
        // Without a font, all of them are the same box.
        let pairs = [
            ('\u{1F52C}', '\u{1F600}'),
            ('细', '胞'),
            ('ת', 'א'),
            ('خ', 'ب'),
        ];
        for (one, other) in pairs {
            let installed = |c| fonts::fallback().font_for(c).is_some();
            if !installed(one) || !installed(other) {
                eprintln!("skipped: no font for {one} and {other} is installed");
                continue;
            }
            let differ = shapes(&one.to_string()) != shapes(&other.to_string());
            assert!(differ, "{one} and {other}");
        }
    }

    #[test]
    fn words_are_in_the_family_that_was_asked_for() {
        let drawing = |font: Option<&str>| {
            let text = Text::new([5.0, 20.0], "Map of cells", 12.0, Rgb([0; 3]));
            Drawing {
                font: font.map(str::to_owned),
                width: 100.0,
                height: 30.0,
                items: vec![text.into()],
                ..Drawing::default()
            }
        };
        let usual = drawing(None).to_pixels(100.0).unwrap();
        // One that is not there does no harm, whatever its name.
        let missing = drawing(Some("no 'such' \"family\" <&>"));
        assert!(
            missing
                .to_svg()
                .contains("'no such family &lt;&amp;&gt;', ")
        );
        assert_eq!(missing.to_pixels(100.0).unwrap().0, usual.0);
        let Some(family) = fonts::families().first() else {
            eprintln!("skipped: no font is installed");
            return;
        };
        let own = drawing(Some(family));
        let named = format!("font-family=\"'{family}', ");
        assert!(own.to_svg().contains(&named));
        assert_ne!(own.to_pixels(100.0).unwrap().1, usual.1);
        assert!(own.to_pdf().unwrap().starts_with(b"%PDF"));
    }
}
