//! Drawings as SVG text.

use std::fmt::Write as _;

use super::{
    drawing::{Anchor, Cloud, Drawing, Item, MM, Position, Text},
    palette::Rgb,
    png,
};

/// With more points than this, clouds are embedded as pictures.
pub const MAX_CIRCLES: usize = 20_000;

/// The font of the figures and what replaces it where it is not installed.
pub(super) const FONTS: &str = "'Ubuntu Light', Ubuntu, Helvetica, Arial, sans-serif";

/// Whether clouds belong into the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clouds {
    /// For the user.
    Drawn,
    /// For the PNG, where they have been painted already.
    LeftOut,
}

/// The drawing as a complete document. Writing into a string cannot fail, hence the ignored results.
pub(super) fn write(drawing: &Drawing, clouds: Clouds) -> String {
    let mut out = String::with_capacity(4096 + drawing.points() * 56);
    let (w, h) = (drawing.width, drawing.height);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" font-family=\"",
        num(w / MM),
        num(h / MM),
        num(w),
        num(h)
    );
    if let Some(font) = &drawing.font {
        out.push('\'');
        // Quotes would end the name.
        escape(&mut out, &font.replace(['\'', '"'], ""));
        out.push_str("', ");
    }
    let _ = write!(out, "{FONTS}\">\n<title>");
    escape(&mut out, &drawing.title);
    out.push_str("</title>\n");
    if !drawing.about.is_empty() {
        out.push_str("<desc>");
        escape(&mut out, &drawing.about);
        out.push_str("</desc>\n");
    }
    if clouds == Clouds::Drawn {
        let _ = writeln!(
            out,
            "<rect width=\"{}\" height=\"{}\" fill=\"#fff\"/>",
            num(w),
            num(h)
        );
        let as_picture = drawing.points() > MAX_CIRCLES;
        for (i, cloud) in drawing.clouds.iter().enumerate() {
            if as_picture {
                picture(&mut out, cloud);
            } else {
                circles(&mut out, cloud, i);
            }
        }
    }
    let mut pen = Pen {
        gradients: 0,
        light: drawing.font.is_none(),
    };
    for each in &drawing.items {
        item(&mut out, each, &mut pen);
    }
    out.push_str("</svg>\n");
    out
}

fn circles(out: &mut String, cloud: &Cloud, index: usize) {
    let _ = writeln!(
        out,
        "<g id=\"points-{}\" fill-opacity=\"{}\">",
        index + 1,
        num(cloud.opacity)
    );
    let radius = num(cloud.radius);
    for ([x, y], colour) in cloud.centres.iter().zip(&cloud.colours) {
        let _ = writeln!(
            out,
            "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\" fill=\"{colour}\"/>",
            num(*x),
            num(*y)
        );
    }
    out.push_str("</g>\n");
}

fn picture(out: &mut String, cloud: &Cloud) {
    let Some(picture) = png::embed(cloud) else {
        return;
    };
    let _ = write!(
        out,
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" xlink:href=\"data:image/png;base64,",
        num(picture.at[0]),
        num(picture.at[1]),
        num(picture.size[0]),
        num(picture.size[1])
    );
    base64(out, &picture.png);
    out.push_str("\"/>\n");
}

/// What items share.
struct Pen {
    /// Gradients so far.
    gradients: usize,
    /// Whether the words are in the built-in font, which is a light one.
    light: bool,
}

fn item(out: &mut String, item: &Item, pen: &mut Pen) {
    let _ = match item {
        Item::Text(text) => {
            words(out, text, pen.light);
            Ok(())
        }
        Item::Line { points, stroke } => {
            let _ = write!(
                out,
                "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                path(points),
                stroke.colour,
                num(stroke.width)
            );
            if stroke.dash > 0.0 {
                let _ = write!(out, " stroke-dasharray=\"{}\"", num(stroke.dash));
            }
            writeln!(out, "/>")
        }
        Item::Polygon { points, fill } => {
            writeln!(out, "<path d=\"{}Z\" fill=\"{fill}\"/>", path(points))
        }
        Item::Circle {
            centre,
            radius,
            fill,
            rim,
        } => {
            let [x, y] = centre.map(num);
            if *rim > 0.0 {
                let _ = writeln!(
                    out,
                    "<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\" fill=\"#fff\"/>",
                    num(radius + rim)
                );
            }
            writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"{}\" fill=\"{fill}\"/>",
                num(*radius)
            )
        }
        Item::Rect { at, size, fill } => rect(out, *at, *size, &fill.to_string()),
        Item::Gradient { at, size, stops } => {
            pen.gradients += 1;
            let id = format!("gradient-{}", pen.gradients);
            let _ = write!(out, "<linearGradient id=\"{id}\">");
            let last = stops.len().saturating_sub(1).max(1);
            for (i, colour) in stops.iter().enumerate() {
                let offset = num(i as f32 / last as f32);
                let _ = write!(out, "<stop offset=\"{offset}\" stop-color=\"{colour}\"/>");
            }
            out.push_str("</linearGradient>\n");
            rect(out, *at, *size, &format!("url(#{id})"))
        }
        Item::Group { id, items } => {
            out.push_str("<g id=\"");
            escape(out, id);
            out.push_str("\">\n");
            for each in items {
                self::item(out, each, pen);
            }
            writeln!(out, "</g>")
        }
    };
}

fn rect(out: &mut String, at: Position, size: [f32; 2], fill: &str) -> std::fmt::Result {
    let ([x, y], [w, h]) = (at.map(num), size.map(num));
    writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{fill}\"/>"
    )
}

fn words(out: &mut String, text: &Text, light: bool) {
    // A thin line in the colour of the text makes a light font a regular or a bold one, everywhere.
    let weight = match (light, text.bold) {
        (true, true) => 0.05,
        (true, false) => 0.018,
        (false, _) => 0.0,
    };
    let weight = text.size * weight;
    let bold = text.bold && !light;
    if text.halo {
        let rim = weight + text.size * 0.3;
        one(out, text, Rgb([255; 3]), (rim, bold));
    }
    one(out, text, text.colour, (weight, bold));
}

fn one(out: &mut String, text: &Text, colour: Rgb, (stroke, bold): (f32, bool)) {
    let [x, y] = text.at.map(num);
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{colour}\"",
        num(text.size)
    );
    if stroke > 0.0 {
        let _ = write!(
            out,
            " stroke=\"{colour}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
            num(stroke)
        );
    }
    if bold {
        out.push_str(" font-weight=\"bold\"");
    } else if text.bold {
        let _ = write!(out, " letter-spacing=\"{}\"", num(text.size * 0.025));
    }
    match text.anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push_str(" text-anchor=\"middle\""),
        Anchor::End => out.push_str(" text-anchor=\"end\""),
    }
    if text.upwards {
        let _ = write!(out, " transform=\"rotate(-90 {x} {y})\"");
    }
    out.push('>');
    escape(out, &text.text);
    out.push_str("</text>\n");
}

fn path(points: &[Position]) -> String {
    let mut d = String::with_capacity(points.len() * 14);
    for (i, [x, y]) in points.iter().enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        let _ = write!(d, "{command}{} {}", num(*x), num(*y));
    }
    d
}

/// A coordinate with at most two decimals, or four where it is small; what is not a number becomes 0.
fn num(value: f32) -> Number {
    Number(value)
}

struct Number(f32);

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scale = if self.0.abs() < 2.0 { 1e4 } else { 1e2 };
        let rounded = (f64::from(self.0) * scale).round() / scale;
        // Adding zero turns -0 into 0.
        let rounded = if rounded.is_finite() {
            rounded + 0.0
        } else {
            0.0
        };
        rounded.fmt(f)
    }
}

/// Appends text so that it is text in XML as well.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            // XML knows no way to write these.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

fn base64(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.reserve(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(DIGITS[(bits >> (18 - 6 * i)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        let encode = |text: &str| {
            let mut out = String::new();
            base64(&mut out, text.as_bytes());
            out
        };
        assert_eq!(encode("Man"), "TWFu");
        assert_eq!(encode("Ma"), "TWE=");
        assert_eq!(encode("M"), "TQ==");
        assert_eq!(encode(""), "");
    }

    #[test]
    fn numbers_are_short_and_valid() {
        let text = |x: f32| num(x).to_string();
        assert_eq!(text(12.3456), "12.35");
        assert_eq!(text(0.12345), "0.1235");
        assert_eq!(text(-0.0), "0");
        assert_eq!(text(f32::NAN), "0");
        assert_eq!(text(100.0), "100");
    }

    #[test]
    fn any_text_is_well_formed() {
        let mut out = String::new();
        escape(&mut out, "a<b> & \"c\"\u{1}\n");
        assert_eq!(out, "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd} ");
    }
}
