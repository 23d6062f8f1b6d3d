//! A small drawing model: what a figure consists of, in points (1/72 inch) from the top left corner.

use super::{palette::Rgb, pdf, png, svg};

/// Points (1/72 inch) in a millimetre.
pub const MM: f32 = 72.0 / 25.4;

/// A position: x to the right, y downwards.
pub type Position = [f32; 2];

/// A finished figure.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// What it shows, in words, for screen readers.
    pub title: String,
    /// What it was made from, for who finds the file; may be empty.
    pub about: String,
    /// The family of the words, if it is not the built-in font.
    pub font: Option<String>,
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// Clouds of points; they lie beneath everything else.
    pub clouds: Vec<Cloud>,
    /// Everything else, drawn in this order.
    pub items: Vec<Item>,
}

impl Drawing {
    /// The figure as SVG text. Very large clouds are embedded as a picture, see [`Cloud`].
    pub fn to_svg(&self) -> String {
        svg::write(self, svg::Clouds::Drawn)
    }

    /// The figure as a PNG file of 300 dots per inch on white.
    ///
    /// # Errors
    /// See [`FigureError`].
    pub fn to_png(&self) -> Result<Vec<u8>, FigureError> {
        self.to_png_at(png::DPI)
    }

    /// The same of so many dots per inch.
    ///
    /// # Errors
    /// See [`FigureError`].
    pub fn to_png_at(&self, dpi: f32) -> Result<Vec<u8>, FigureError> {
        png::write(self, dpi)
    }

    /// Its pixels at so many dots per inch: how many are beside each other and above each other, and red, green, blue and opacity of
    /// each.
    ///
    /// # Errors
    /// See [`FigureError`].
    pub fn to_pixels(&self, dpi: f32) -> Result<([usize; 2], Vec<u8>), FigureError> {
        png::pixels(self, dpi)
    }

    /// The figure as a PDF file of one page; words stay words, and very large clouds are embedded as pictures, see [`Cloud`].
    ///
    /// # Errors
    /// See [`FigureError`].
    pub fn to_pdf(&self) -> Result<Vec<u8>, FigureError> {
        pdf::write(self)
    }

    /// Number of points of all clouds.
    pub fn points(&self) -> usize {
        self.clouds.iter().map(|c| c.centres.len()).sum()
    }
}

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The figure's own SVG was not understood.
    #[error("the figure cannot be drawn: {0}")]
    Svg(String),
    /// The figure has no area, or too large a one.
    #[error("a figure of {0} x {1} points cannot be drawn")]
    Size(f32, f32),
    /// The picture could not be packed.
    #[error("the picture cannot be encoded: {0}")]
    Encode(String),
}

/// Many equal discs without outlines.
///
/// In SVG each is a circle that can be edited, up to [`svg::MAX_CIRCLES`] in the whole drawing; beyond that they are
/// embedded as one picture, so that viewers still open the file.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    /// Centres, in drawing order.
    pub centres: Vec<Position>,
    /// A colour for each.
    pub colours: Vec<Rgb>,
    /// Radius of all.
    pub radius: f32,
    /// Opacity of all, 0 to 1.
    pub opacity: f32,
}

/// Something to draw.
#[derive(Clone, Debug)]
pub enum Item {
    /// Words.
    Text(Text),
    /// A chain of straight lines; two points make a line.
    Line {
        /// Its corners.
        points: Vec<Position>,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// A filled triangle or other closed shape.
    Polygon {
        /// Its corners.
        points: Vec<Position>,
        /// Its colour.
        fill: Rgb,
    },
    /// A disc, with a white rim if wanted.
    Circle {
        /// Its centre.
        centre: Position,
        /// Its radius, without the rim.
        radius: f32,
        /// Its colour.
        fill: Rgb,
        /// Width of the rim.
        rim: f32,
    },
    /// A filled rectangle.
    Rect {
        /// Top left corner.
        at: Position,
        /// Width and height.
        size: [f32; 2],
        /// Its colour.
        fill: Rgb,
    },
    /// A rectangle filled from left to right.
    Gradient {
        /// Top left corner.
        at: Position,
        /// Width and height.
        size: [f32; 2],
        /// Colours at equal steps.
        stops: Vec<Rgb>,
    },
    /// Things that belong together.
    Group {
        /// Its name in a drawing program; unique in the drawing.
        id: String,
        /// What it consists of.
        items: Vec<Item>,
    },
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    /// Its colour.
    pub colour: Rgb,
    /// Its width.
    pub width: f32,
    /// Length of dashes and gaps; 0 for a solid line.
    pub dash: f32,
}

impl Stroke {
    /// A solid line.
    pub fn new(colour: Rgb, width: f32) -> Self {
        Self {
            colour,
            width,
            dash: 0.0,
        }
    }

    /// A straight line drawn with it.
    pub fn line(self, from: Position, to: Position) -> Item {
        Item::Line {
            points: vec![from, to],
            stroke: self,
        }
    }
}

/// Which part of a text lies at its position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// The beginning.
    #[default]
    Start,
    /// The middle.
    Middle,
    /// The end.
    End,
}

/// A line of text; its position is on the baseline.
#[derive(Clone, Debug)]
pub struct Text {
    /// Where it is anchored.
    pub at: Position,
    /// The words.
    pub text: String,
    /// Font size.
    pub size: f32,
    /// What lies at `at`.
    pub anchor: Anchor,
    /// Its colour.
    pub colour: Rgb,
    /// Drawn heavier.
    pub bold: bool,
    /// Runs upwards.
    pub upwards: bool,
    /// With a white rim, to be read on top of points.
    pub halo: bool,
}

impl Text {
    /// Plain text that begins at `at`.
    pub fn new(at: Position, text: impl Into<String>, size: f32, colour: Rgb) -> Self {
        Self {
            at,
            text: text.into(),
            size,
            anchor: Anchor::Start,
            colour,
            bold: false,
            upwards: false,
            halo: false,
        }
    }

    /// With another part of it at its position.
    pub fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    /// Drawn heavier.
    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// Running upwards.
    pub fn upwards(self) -> Self {
        Self {
            upwards: true,
            ..self
        }
    }

    /// With a white rim.
    pub fn with_halo(self) -> Self {
        Self { halo: true, ..self }
    }
}

impl From<Text> for Item {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}
