//! Drawings as PDF: the SVG, turned into a page.

use krilla::{Document, geom::Size, metadata::Metadata, page::PageSettings};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use resvg::usvg;

use super::{
    drawing::{Drawing, FigureError},
    svg, text,
};

/// The drawing as a file of one page.
pub(super) fn write(drawing: &Drawing) -> Result<Vec<u8>, FigureError> {
    let wrong = || FigureError::Size(drawing.width, drawing.height);
    let (width, height) = (drawing.width, drawing.height);
    let page = PageSettings::from_wh(width, height).ok_or_else(wrong)?;
    let size = Size::from_wh(width, height).ok_or_else(wrong)?;
    let failed = |why: String| FigureError::Svg(why);
    let svg = svg::write(drawing, svg::Clouds::Drawn);
    let tree = usvg::Tree::from_str(&svg, &text::options(drawing.font.as_deref()));
    let tree = tree.map_err(|error| failed(error.to_string()))?;
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(drawing.title.clone())
            .description(drawing.about.clone())
            .creator(concat!("hdumec ", env!("CARGO_PKG_VERSION")).into()),
    );
    let mut page = document.start_page_with(page);
    let mut surface = page.surface();
    surface
        .draw_svg(&tree, size, SvgSettings::default())
        .ok_or_else(|| failed("the page could not be drawn".into()))?;
    surface.finish();
    page.finish();
    document
        .finish()
        .map_err(|error| FigureError::Encode(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{
        Rgb,
        drawing::{Cloud, Text},
    };

    #[test]
    fn a_figure_is_a_page_with_words_and_points() {
        let drawing = Drawing {
            title: "Cells".into(),
            font: None,
            about: "made by a test".into(),
            width: 200.0,
            height: 100.0,
            clouds: vec![Cloud {
                centres: vec![[50.0, 50.0]; 3],
                colours: vec![Rgb::hex(0x0072B2); 3],
                radius: 2.0,
                opacity: 1.0,
            }],
            items: vec![
                Text::new([10.0, 20.0], "CD14 monocytes", 9.0, Rgb::hex(0)).into(),
                Text::new(
                    [10.0, 40.0],
                    "\u{5355}\u{6838}\u{7ec6}\u{80de}",
                    9.0,
                    Rgb::hex(0),
                )
                .into(),
            ],
        };
        let pdf = drawing.to_pdf().unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
        let has = |text: &[u8]| pdf.windows(text.len()).any(|part| part == text);
        assert!(has(b"/MediaBox [0 0 200 100]") || has(b"/MediaBox[0 0 200 100]"));
        assert!(has(b"Cells"), "the title");
        assert!(has(b"/ToUnicode"), "words can be searched for");
        let flat = Drawing {
            height: 0.0,
            ..drawing
        };
        assert!(matches!(flat.to_pdf(), Err(FigureError::Size(..))));
    }
}
