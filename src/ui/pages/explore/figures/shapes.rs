//! What egui draws, as a drawing for a file: every panel is a figure without a line of its own for it.

use eframe::egui::{
    Color32, Mesh, Pos2, Rect, Shape,
    epaint::{ClippedShape, PathShape, RectShape, TextShape},
};

use crate::{
    figure::{
        Drawing, Rgb,
        drawing::{self, Cloud, Item, Position, Stroke, Text},
    },
    ui::scatter::Printed,
};

/// Corners of a circle's line.
const CORNERS: usize = 48;

/// A drawing of shapes and points, so many points of paper for a logical point.
pub(super) struct Paper {
    pub scale: f32,
    pub items: Vec<Item>,
    pub clouds: Vec<Cloud>,
    /// Where points lie.
    plots: Vec<Rect>,
}

impl Paper {
    pub fn new(scale: f32) -> Self {
        Self {
            scale,
            items: Vec::new(),
            clouds: Vec::new(),
            plots: Vec::new(),
        }
    }

    /// The drawing of a page of this many logical points.
    pub fn finish(self, title: String, [width, height]: [f32; 2]) -> Drawing {
        Drawing {
            font: None,
            title,
            width: width * self.scale,
            height: height * self.scale,
            clouds: self.clouds,
            items: self.items,
            ..Drawing::default()
        }
    }

    pub fn points(&mut self, printed: Printed) {
        let Printed {
            rect,
            centres,
            colours,
            radius,
        } = printed;
        self.plots.push(rect);
        let centres = centres.into_iter().map(|[x, y]| self.at(Pos2::new(x, y)));
        self.clouds.push(Cloud {
            centres: centres.collect(),
            colours: colours.into_iter().map(Rgb).collect(),
            radius: radius * self.scale,
            opacity: 1.0,
        });
    }

    fn at(&self, place: Pos2) -> Position {
        [place.x * self.scale, place.y * self.scale]
    }

    /// Draws a shape unless it is out of sight.
    pub fn shape(
        &mut self,
        ClippedShape {
            clip_rect, shape, ..
        }: ClippedShape,
    ) {
        self.clipped(shape, clip_rect);
    }

    fn clipped(&mut self, shape: Shape, clip_rect: Rect) {
        if !clip_rect.intersects(shape.visual_bounding_rect()) {
            return;
        }
        match shape {
            Shape::Vec(shapes) => shapes
                .into_iter()
                .for_each(|shape| self.clipped(shape, clip_rect)),
            Shape::Rect(rect) => self.rect(&rect, clip_rect),
            Shape::Circle(circle) => {
                if let Some(fill) = solid(circle.fill) {
                    self.items.push(Item::Circle {
                        centre: self.at(circle.center),
                        radius: circle.radius * self.scale,
                        fill,
                        rim: 0.0,
                    });
                }
                let corner = |corner: usize| {
                    let angle = std::f32::consts::TAU * corner as f32 / CORNERS as f32;
                    circle.center + circle.radius * eframe::egui::Vec2::angled(angle)
                };
                let line: Vec<Pos2> = (0..=CORNERS).map(corner).collect();
                self.line(&line, circle.stroke.width, circle.stroke.color);
            }
            Shape::LineSegment { points, stroke } => {
                self.line(&points, stroke.width, stroke.color);
            }
            Shape::Path(path) => self.path(&path),
            Shape::Text(text) => self.text(&text),
            Shape::Mesh(mesh) => self.mesh(&mesh),
            // No panel draws one of these, but for the callbacks of plots, whose points were written down.
            Shape::Noop
            | Shape::Band(_)
            | Shape::Ellipse(_)
            | Shape::QuadraticBezier(_)
            | Shape::CubicBezier(_)
            | Shape::Callback(_) => {}
        }
    }

    fn rect(&mut self, shape: &RectShape, clip: Rect) {
        let rect = shape.rect.intersect(clip);
        if let Some(fill) = solid(shape.fill) {
            let (at, size) = (self.at(rect.min), rect.size() * self.scale);
            self.items.push(Item::Rect {
                at,
                size: size.into(),
                fill,
            });
        }
        let corners = [
            rect.left_top(),
            rect.right_top(),
            rect.right_bottom(),
            rect.left_bottom(),
            rect.left_top(),
        ];
        self.line(&corners, shape.stroke.width, shape.stroke.color);
    }

    fn path(&mut self, path: &PathShape) {
        if let Some(fill) = solid(path.fill) {
            let points = path.points.iter().map(|&place| self.at(place)).collect();
            self.items.push(Item::Polygon { points, fill });
        }
        let mut points = path.points.clone();
        if path.closed {
            points.extend(path.points.first());
        }
        if let eframe::egui::epaint::ColorMode::Solid(colour) = path.stroke.color {
            self.line(&points, path.stroke.width, colour);
        }
    }

    fn line(&mut self, points: &[Pos2], width: f32, colour: Color32) {
        if let (Some(colour), true) = (solid(colour), width > 0.0 && points.len() > 1) {
            let points = points.iter().map(|&place| self.at(place)).collect();
            let stroke = Stroke::new(colour, width * self.scale);
            self.items.push(Item::Line { points, stroke });
        }
    }

    /// Words row by row, so that they stay words.
    fn text(&mut self, shape: &TextShape) {
        let format = shape.galley.job.sections.first().map(|s| &s.format);
        let Some(format) = format else { return };
        let colour = match (shape.override_text_color, format.color) {
            (Some(colour), _) => colour,
            (None, Color32::PLACEHOLDER) => shape.fallback_color,
            (None, colour) => colour,
        };
        let Some(colour) = solid(colour.gamma_multiply(shape.opacity_factor)) else {
            return;
        };
        let upwards = shape.angle < -1.0;
        for row in &shape.galley.rows {
            let words: String = row.row.glyphs.iter().map(|glyph| glyph.chr).collect();
            let Some(first) = row.row.glyphs.first() else {
                continue;
            };
            let away = (row.pos + first.pos.to_vec2()).to_vec2();
            let place = match upwards {
                true => shape.pos + eframe::egui::vec2(away.y, -away.x),
                false => shape.pos + away,
            };
            let size = format.font_id.size * self.scale;
            let mut text = Text::new(self.at(place), words, size, colour);
            text.upwards = upwards;
            // Words among points have a rim.
            text.halo = self.plots.iter().any(|plot| plot.contains(place));
            self.items.push(text.into());
        }
    }

    /// Strips from left to right, as colour bars and violins are; other meshes triangle by triangle.
    fn mesh(&mut self, mesh: &Mesh) {
        let colour = |at: usize| solid(mesh.vertices[at].color);
        let place = |at: usize| mesh.vertices[at].pos;
        let pairs = mesh.vertices.len() / 2;
        let is_strip = pairs > 1
            && mesh.indices.len() == 6 * (pairs - 1)
            && (0..pairs).all(|k| place(2 * k).x == place(2 * k + 1).x);
        let Some(first) = mesh.vertices.first() else {
            return;
        };
        if is_strip && mesh.vertices.iter().all(|v| v.color == first.color) {
            let above = (0..pairs).map(|k| place(2 * k));
            let below = (0..pairs).rev().map(|k| place(2 * k + 1));
            let points = above.chain(below).map(|place| self.at(place)).collect();
            if let Some(fill) = solid(first.color) {
                self.items.push(Item::Polygon { points, fill });
            }
        } else if is_strip {
            let (min, max) = (place(0), place(mesh.vertices.len() - 1));
            let stops: Vec<Rgb> = (0..pairs).filter_map(|k| colour(2 * k)).collect();
            let size = (max - min) * self.scale;
            self.items.push(Item::Gradient {
                at: self.at(min),
                size: size.into(),
                stops,
            });
        } else {
            for corners in mesh.indices.chunks_exact(3) {
                let corners = corners.iter().map(|&at| at as usize);
                let corners: Vec<usize> = corners.collect();
                if let Some(fill) = colour(corners[0]) {
                    let points = corners.iter().map(|&at| self.at(place(at))).collect();
                    self.items.push(drawing::Item::Polygon { points, fill });
                }
            }
        }
    }
}

/// The colour as it looks on white; nothing for one that cannot be seen.
fn solid(colour: Color32) -> Option<Rgb> {
    if colour.a() == 0 {
        return None;
    }
    // Premultiplied: what is missing is the paper.
    let paper = 255 - colour.a();
    let over = |channel: u8| channel.saturating_add(paper);
    Some(Rgb([over(colour.r()), over(colour.g()), over(colour.b())]))
}
