//! The font of the figures, and how wide words are in it.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use resvg::usvg::{self, fontdb};

use super::svg;

/// Reading options with the built-in fonts, so that figures look the same on every machine.
pub(super) fn options() -> usvg::Options<'static> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        // For signs that the first one lacks.
        fonts.load_font_data(epaint_default_fonts::HACK_REGULAR.to_vec());
        Arc::new(fonts)
    });
    usvg::Options {
        fontdb: fonts.clone(),
        ..usvg::Options::default()
    }
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
    let tree = usvg::Tree::from_str(&svg, &options()).ok();
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

/// The text, cut at its end so that it is at most `width` wide.
pub(super) fn shortened(text: &str, size: f32, width: f32) -> String {
    let whole = widths([text], size).first().copied().unwrap_or_default();
    if whole <= width {
        return text.to_owned();
    }
    let characters: Vec<char> = text.chars().collect();
    // Averages differ between long and short cuts: try a little less until it fits.
    let mut keep = (characters.len() as f32 * width / whole) as usize;
    loop {
        let mut cut: String = characters.iter().take(keep).collect();
        cut.truncate(cut.trim_end().len());
        cut.push('\u{2026}');
        let fits = widths([cut.as_str()], size)
            .first()
            .is_none_or(|&w| w <= width);
        if fits || keep == 0 {
            return cut;
        }
        keep -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(cut.ends_with('…') && cut.starts_with("a very"), "{cut}");
        assert!(shortened("abc", 7.0, 0.0).ends_with('…'));
    }
}
