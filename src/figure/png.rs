//! Drawings as PNG. Clouds are painted here, pixel by pixel (a vector renderer would take seconds for them and get
//! the same picture); `resvg` paints everything else on top, from the SVG.

use resvg::{
    tiny_skia::{Color, Pixmap, PremultipliedColorU8, Transform},
    usvg,
};

use super::{
    drawing::{Cloud, Drawing, FigureError, Position},
    svg, text,
};

/// Dots per inch of PNG files.
pub const DPI: f32 = 300.0;

/// Dots per inch of clouds inside SVG files, where they may be enlarged.
const EMBEDDED_DPI: f32 = 600.0;

/// A4 at 300 dpi has 8.7 million pixels; this bounds what a faulty size can ask for.
const MAX_SIDE: f32 = 20_000.0;

/// The drawing on white, as a PNG file.
pub(super) fn write(drawing: &Drawing, dpi: f32) -> Result<Vec<u8>, FigureError> {
    let mut png = encode(&painted(drawing, dpi)?)?;
    if !drawing.about.is_empty() {
        insert_text(&mut png, &drawing.about);
    }
    insert_resolution(&mut png, dpi);
    Ok(png)
}

/// The pixels of the drawing on white, and how many there are.
pub(super) fn pixels(drawing: &Drawing, dpi: f32) -> Result<([usize; 2], Vec<u8>), FigureError> {
    let pixmap = painted(drawing, dpi)?;
    let size = [pixmap.width() as usize, pixmap.height() as usize];
    Ok((size, pixmap.take()))
}

fn painted(drawing: &Drawing, dpi: f32) -> Result<Pixmap, FigureError> {
    let size = || FigureError::Size(drawing.width, drawing.height);
    let scale = dpi / 72.0;
    let mut pixmap = pixmap(drawing.width * scale, drawing.height * scale).ok_or_else(size)?;
    pixmap.fill(Color::WHITE);
    for cloud in &drawing.clouds {
        paint(&mut pixmap, cloud, scale, [0.0; 2]);
    }
    let svg = svg::write(drawing, svg::Clouds::LeftOut);
    let tree = usvg::Tree::from_str(&svg, &text::options(drawing.font.as_deref()))
        .map_err(|e| FigureError::Svg(e.to_string()))?;
    let transform = Transform::from_scale(
        drawing.width * scale / tree.size().width(),
        drawing.height * scale / tree.size().height(),
    );
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    Ok(pixmap)
}

/// The pixels of a PNG file, and how many there are: red, green, blue and opacity of each, not premultiplied.
///
/// # Errors
/// If it is none.
pub fn decoded(png: &[u8]) -> Result<([u32; 2], Vec<u8>), FigureError> {
    let pixmap = Pixmap::decode_png(png).map_err(|e| FigureError::Encode(e.to_string()))?;
    let pixels = pixmap.pixels().iter().map(|pixel| pixel.demultiply());
    let rgba = pixels.flat_map(|p| [p.red(), p.green(), p.blue(), p.alpha()]);
    Ok(([pixmap.width(), pixmap.height()], rgba.collect()))
}

/// A cloud as a transparent picture and where it belongs.
pub(super) struct Picture {
    pub at: Position,
    pub size: [f32; 2],
    pub png: Vec<u8>,
}

/// The cloud as a picture for an SVG file; nothing if it has no point.
pub(super) fn embed(cloud: &Cloud) -> Option<Picture> {
    let scale = EMBEDDED_DPI / 72.0;
    let margin = cloud.radius + 1.0;
    let extent = |axis: usize| {
        let values = cloud
            .centres
            .iter()
            .map(|c| c[axis])
            .filter(|v| v.is_finite());
        let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        (low - margin, high + margin)
    };
    let ((left, right), (top, bottom)) = (extent(0), extent(1));
    let mut pixmap = pixmap((right - left) * scale, (bottom - top) * scale)?;
    paint(&mut pixmap, cloud, scale, [left, top]);
    Some(Picture {
        at: [left, top],
        size: [
            pixmap.width() as f32 / scale,
            pixmap.height() as f32 / scale,
        ],
        png: encode(&pixmap).ok()?,
    })
}

fn pixmap(width: f32, height: f32) -> Option<Pixmap> {
    let side = |x: f32| (x > 0.0 && x <= MAX_SIDE).then(|| x.round().max(1.0) as u32);
    Pixmap::new(side(width)?, side(height)?)
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>, FigureError> {
    pixmap
        .encode_png()
        .map_err(|e| FigureError::Encode(e.to_string()))
}

/// Paints discs with smooth edges: a pixel is covered by how far its centre lies inside the circle.
fn paint(pixmap: &mut Pixmap, cloud: &Cloud, scale: f32, origin: Position) {
    let (width, height) = (pixmap.width() as f32, pixmap.height() as f32);
    let stride = pixmap.width() as usize;
    let radius = cloud.radius * scale;
    let reach = radius + 0.5;
    // A disc smaller than a pixel still covers its share of one.
    let dim = (radius * 2.0).min(1.0).powi(2) * cloud.opacity.clamp(0.0, 1.0);
    let pixels = pixmap.pixels_mut();
    for (centre, colour) in cloud.centres.iter().zip(&cloud.colours) {
        let x = (centre[0] - origin[0]) * scale;
        let y = (centre[1] - origin[1]) * scale;
        if !(x > -reach && y > -reach && x < width + reach && y < height + reach) {
            continue;
        }
        let span = |at: f32, limit: f32| {
            let from = (at - reach - 0.5).ceil().clamp(0.0, limit) as usize;
            let to = (at + reach + 0.5).floor().clamp(0.0, limit) as usize;
            from..to
        };
        for row in span(y, height) {
            for column in span(x, width) {
                let (dx, dy) = (column as f32 + 0.5 - x, row as f32 + 0.5 - y);
                let cover = (reach - dx.hypot(dy)).clamp(0.0, 1.0) * dim;
                if cover > 0.0
                    && let Some(pixel) = pixels.get_mut(row * stride + column)
                {
                    *pixel = over(*pixel, colour.0, cover);
                }
            }
        }
    }
}

/// A colour laid over a pixel.
fn over(under: PremultipliedColorU8, colour: [u8; 3], cover: f32) -> PremultipliedColorU8 {
    let mix = |under: u8, over: u8| {
        (f32::from(under) * (1.0 - cover) + f32::from(over) * cover + 0.5) as u8
    };
    let alpha = mix(under.alpha(), 255);
    // Rounding may lift a channel above alpha, which a premultiplied colour must not have.
    let r = mix(under.red(), colour[0]).min(alpha);
    let g = mix(under.green(), colour[1]).min(alpha);
    let b = mix(under.blue(), colour[2]).min(alpha);
    PremultipliedColorU8::from_rgba(r, g, b, alpha).unwrap_or(under)
}

/// Where the header of a PNG file ends: it has a fixed length.
const HEADER_END: usize = 8 + 25;

/// Says what the picture is (chunk iTXt), right behind the header.
fn insert_text(png: &mut Vec<u8>, about: &str) {
    // The keyword, not packed, in no language, without a translation.
    let mut chunk = b"iTXtDescription\0\0\0\0\0".to_vec();
    chunk.extend(about.as_bytes());
    insert_chunk(png, &chunk);
}

/// Puts a chunk, its kind first, behind the header.
fn insert_chunk(png: &mut Vec<u8>, chunk: &[u8]) {
    if png.len() < HEADER_END {
        return;
    }
    let length = (chunk.len() as u32 - 4).to_be_bytes();
    let checksum = crc32(chunk).to_be_bytes();
    let whole = length.iter().chain(chunk).chain(&checksum);
    png.splice(HEADER_END..HEADER_END, whole.copied().collect::<Vec<u8>>());
}

/// Says how large the picture is meant to be (chunk pHYs), right behind the header.
fn insert_resolution(png: &mut Vec<u8>, dpi: f32) {
    let per_metre = ((dpi / 0.0254).round() as u32).to_be_bytes();
    let mut chunk = b"pHYs".to_vec();
    chunk.extend(per_metre);
    chunk.extend(per_metre);
    chunk.push(1);
    insert_chunk(png, &chunk);
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::palette::Rgb;

    fn one_disc() -> Cloud {
        Cloud {
            centres: vec![[5.0, 5.0], [f32::NAN, 1.0], [1e9, 1.0]],
            colours: vec![Rgb::hex(0x0072B2); 3],
            radius: 2.0,
            opacity: 1.0,
        }
    }

    #[test]
    fn a_disc_has_its_area_and_its_colour() {
        let mut pixmap = Pixmap::new(40, 40).unwrap();
        paint(&mut pixmap, &one_disc(), 4.0, [0.0; 2]);
        let alpha: f32 = pixmap
            .pixels()
            .iter()
            .map(|p| f32::from(p.alpha()) / 255.0)
            .sum();
        let area = std::f32::consts::PI * 64.0;
        assert!((alpha / area - 1.0).abs() < 0.02, "{alpha} {area}");
        let centre = pixmap.pixel(20, 20).unwrap();
        assert_eq!(
            (centre.red(), centre.green(), centre.blue()),
            (0, 0x72, 0xB2)
        );
    }

    #[test]
    fn tiny_points_still_show() {
        let mut pixmap = Pixmap::new(10, 10).unwrap();
        let cloud = Cloud {
            radius: 0.02,
            ..one_disc()
        };
        paint(&mut pixmap, &cloud, 1.0, [0.0; 2]);
        assert!(pixmap.pixels().iter().map(|p| p.alpha()).max().unwrap_or(0) < 60);
    }

    #[test]
    fn the_checksum_is_that_of_png() {
        assert_eq!(crc32(b"IEND"), 0xAE42_6082);
    }

    #[test]
    fn the_icon_is_a_picture() {
        let (size, icon) = decoded(include_bytes!("../../assets/hdumec-64.png")).unwrap();
        assert_eq!((size, icon.len()), ([64, 64], 64 * 64 * 4));
        let pixel = |x: usize, y: usize| &icon[4 * (64 * y + x)..][..4];
        assert_eq!(pixel(0, 0)[3], 0, "round corners");
        assert!(
            pixel(16, 18)[2] > 150 && pixel(16, 18)[0] < 60,
            "a blue cluster"
        );
        assert!(decoded(b"no picture").is_err());
    }

    #[test]
    fn impossible_sizes_are_errors() {
        for (width, height) in [(0.0, 10.0), (10.0, f32::NAN), (1e9, 10.0)] {
            let drawing = Drawing {
                width,
                height,
                ..Drawing::default()
            };
            assert!(matches!(drawing.to_png(), Err(FigureError::Size(..))));
        }
    }
}
