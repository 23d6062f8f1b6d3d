//! The scatter plot as a widget.

use eframe::egui::{self, Color32, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2};
use eframe::egui_wgpu::Callback;

use super::camera::{Bounds, Camera};
use super::cloud::{Cloud, Colors, Emphasis, is_visible};
use super::enclosed::Enclosed;
use super::gpu::{self, Paint};
use super::input;
use super::outline::{self, Drawn, Lasso};
use super::overlay::{self, Label};
use super::printed;
use crate::document::Outline;

/// How far from the pointer a point can be hovered, in logical points.
const REACH: f32 = 10.0;
/// How much of its colour a dimmed point keeps.
const DIM: f32 = 0.26;
/// How much larger a highlighted point is.
const HIGHLIGHT: f32 = 1.25;

/// A scatter plot of a [`Cloud`]; see the module's page for an example.
#[must_use = "call `show` to draw the plot"]
pub struct ScatterView<'a> {
    id: Id,
    cloud: &'a Cloud,
    colors: &'a Colors,
    camera: &'a mut Camera,
    emphasis: Option<&'a Emphasis>,
    point_radius: Option<f32>,
    labels: &'a [Label],
    axes: Option<[&'a str; 2]>,
    summary: &'a str,
    linked_hover: Option<usize>,
    bounds: Option<Bounds>,
    drawn: Drawn,
    size: Option<Vec2>,
    background: Option<Color32>,
}

/// What the user did with the plot in this frame.
#[derive(Debug)]
pub struct ScatterResponse {
    /// The widget's own response, for tooltips and menus.
    pub response: Response,
    /// The visible sample under the pointer, or nearest to it within reach.
    pub hovered: Option<usize>,
    /// The sample that was clicked on.
    pub clicked: Option<usize>,
    /// A click beside all samples: the usual sign to clear a selection.
    pub clicked_background: bool,
    /// What a line was drawn around that was closed in this frame.
    pub enclosed: Option<Enclosed>,
    /// The user panned, zoomed or fitted the view.
    pub moved: bool,
}

impl<'a> ScatterView<'a> {
    /// A plot of `cloud`. `id` must differ from every other plot's in the
    /// window. Two plots given the same camera stay linked.
    pub fn new(
        id: impl std::hash::Hash + std::fmt::Debug,
        cloud: &'a Cloud,
        colors: &'a Colors,
        camera: &'a mut Camera,
    ) -> Self {
        Self {
            id: Id::unique(("scatter", id)),
            cloud,
            colors,
            camera,
            emphasis: None,
            point_radius: None,
            labels: &[],
            axes: None,
            summary: "Scatter plot",
            linked_hover: None,
            bounds: None,
            drawn: Drawn {
                always: false,
                outline: Outline::Lasso,
            },
            size: None,
            background: None,
        }
    }

    /// Dim, highlight or hide samples.
    pub fn emphasis(mut self, emphasis: Option<&'a Emphasis>) -> Self {
        self.emphasis = emphasis;
        self
    }

    /// Radius of a point in logical points; `None` chooses by count and zoom.
    pub fn point_radius(mut self, radius: Option<f32>) -> Self {
        self.point_radius = radius;
        self
    }

    /// Texts at data positions, the important ones first: where there is no
    /// room for all, the last ones are left out.
    pub fn labels(mut self, labels: &'a [Label]) -> Self {
        self.labels = labels;
        self
    }

    /// Names of the two axes, shown with small arrows in the corner.
    pub fn axes(mut self, names: [&'a str; 2]) -> Self {
        self.axes = Some(names);
        self
    }

    /// One sentence on what the plot shows: its name for screen readers.
    pub fn summary(mut self, summary: &'a str) -> Self {
        self.summary = summary;
        self
    }

    /// The sample hovered in a linked plot; it gets a ring here as well.
    pub fn linked_hover(mut self, sample: Option<usize>) -> Self {
        self.linked_hover = sample;
        self
    }

    /// What a fitted camera shows, in place of the cloud's own bounds. While
    /// a layout settles, pass the union over its frames to avoid jumps.
    pub fn bounds(mut self, bounds: Option<Bounds>) -> Self {
        self.bounds = bounds;
        self
    }

    /// What is drawn around samples; a lasso if not given.
    pub fn outline(mut self, outline: Outline) -> Self {
        self.drawn.outline = outline;
        self
    }

    /// Draw without the shift key, too.
    pub fn draws(mut self) -> Self {
        self.drawn.always = true;
        self
    }

    /// Size in logical points; all the available space if not given.
    pub fn size(mut self, size: Vec2) -> Self {
        self.size = Some(size);
        self
    }

    /// Background colour; the theme's `extreme_bg_color` if not given.
    pub fn background(mut self, background: Color32) -> Self {
        self.background = Some(background);
        self
    }

    /// Lay out, react to input and draw.
    pub fn show(self, ui: &mut Ui) -> ScatterResponse {
        let wanted = self.size.unwrap_or_else(|| ui.available_size());
        let (_, rect) = ui.allocate_space(wanted.max(Vec2::splat(1.0)));
        let response = ui.interact(rect, self.id, Sense::click_and_drag());

        let bounds = self.bounds.or(self.cloud.bounds());
        let fit = bounds.map_or_else(Camera::default, |bounds| Camera::fit(bounds, rect));
        if self.camera.fitted || !self.camera.is_usable() {
            *self.camera = fit;
        }
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let begun = outline::is_begun(ui, self.id);
        let lasso = outline::draw(ui, &response, *self.camera, self.drawn);
        let moved = input::navigate(ui, &response, self.camera, fit, &lasso);
        let hovered = self.pick(&response);
        self.repaint_linked(ui, hovered);

        if ui.is_rect_visible(rect) {
            self.paint(ui, &response, fit, hovered, &lasso);
        }
        let summary = self.summary;
        let enabled = ui.is_enabled();
        response.widget_info(|| egui::WidgetInfo::labeled(Role::Image, enabled, summary));

        // A click that draws says nothing else.
        let draws = begun || !matches!(lasso, Lasso::Idle);
        let clicked = response.clicked() && !response.double_clicked() && !draws;
        ScatterResponse {
            hovered,
            clicked: hovered.filter(|_| clicked),
            clicked_background: clicked && hovered.is_none(),
            enclosed: match lasso {
                Lasso::Closed(outline) => Some(Enclosed {
                    outline,
                    cloud: self.cloud.clone(),
                    colors: self.colors.clone(),
                    emphasis: self.emphasis.cloned(),
                }),
                Lasso::Idle | Lasso::Drawing(_) => None,
            },
            moved,
            response,
        }
    }

    fn pick(&self, response: &Response) -> Option<usize> {
        if response.dragged() {
            return None;
        }
        // A tap has no hover position, but it has a place.
        let place = response.hover_pos().or(response.interact_pointer_pos())?;
        let target = self.camera.to_data(response.rect, place);
        let points = &self.cloud.points;
        let reach = REACH / self.camera.scale;
        points
            .grid
            .nearest(&points.positions, target, reach, |index| {
                is_visible(index, self.colors, self.emphasis)
            })
    }

    /// A linked plot drawn before this one shows the ring only in the next
    /// frame: ask for that frame when the hovered sample changes.
    fn repaint_linked(&self, ui: &Ui, hovered: Option<usize>) {
        let before = ui.data_mut(|data| {
            let slot = data.get_temp_mut_or_default::<Option<usize>>(self.id);
            std::mem::replace(slot, hovered)
        });
        if before != hovered {
            ui.request_repaint();
        }
    }

    fn paint(
        &self,
        ui: &Ui,
        response: &Response,
        fit: Camera,
        hovered: Option<usize>,
        lasso: &Lasso,
    ) {
        let rect = response.rect;
        let camera = *self.camera;
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        let visuals = ui.visuals();
        let background = self.background.unwrap_or(visuals.extreme_bg_color);
        let on_paper = printed::is_printing(ui.ctx());
        // Points lie below all else on paper, which is white.
        if !on_paper {
            painter.rect_filled(rect, 0.0, background);
        }

        let automatic = || auto_radius(self.cloud.order.len(), rect, camera.scale / fit.scale);
        let radius = self.point_radius.unwrap_or_else(automatic);
        if on_paper {
            let plot = printed::Plot {
                cloud: self.cloud,
                colors: self.colors,
                emphasis: self.emphasis,
                camera,
                radius,
                background,
                dim: DIM,
                highlight: HIGHLIGHT,
            };
            plot.write(ui.ctx(), rect);
        } else if gpu::is_installed(ui.ctx()) {
            let paint = Paint {
                id: self.id,
                cloud: self.cloud.clone(),
                colors: self.colors.clone(),
                emphasis: self.emphasis.cloned(),
                origin: rect.center(),
                center: camera.center,
                scale: camera.scale,
                radius,
                background,
                dim: DIM,
                highlight: HIGHLIGHT,
            };
            painter.add(Callback::new_paint_callback(rect, paint));
        } else {
            overlay::missing_renderer(ui, &painter, rect);
        }

        if let Some(names) = self.axes {
            overlay::corner_axes(ui, &painter, rect, names);
        }
        let place = |point| camera.to_screen(rect, point);
        let labels: Vec<overlay::Placed<'_>> = self
            .labels
            .iter()
            .map(|l| (l.text.as_str(), place(l.place), l.reach * camera.scale))
            .collect();
        overlay::labels(ui, &painter, background, &labels);
        let positions = self.cloud.positions();
        let ringed = hovered
            .or(self.linked_hover)
            .filter(|&index| is_visible(index, self.colors, self.emphasis));
        if let Some(&point) = ringed.and_then(|index| positions.get(index)) {
            overlay::ring(
                &painter,
                place(point),
                radius,
                visuals.strong_text_color(),
                background,
            );
        }
        if let Lasso::Drawing(line) = lasso {
            let line = line.iter().map(|&point| place(point)).collect();
            overlay::lasso(&painter, line, visuals.selection.stroke.color);
        }
        if response.has_focus() {
            let stroke = Stroke::new(1.0, visuals.selection.stroke.color);
            painter.rect_stroke(rect, 0.0, stroke, StrokeKind::Inside);
        }
    }
}

/// A radius at which a fitted plot of `count` points is neither sparse nor a
/// blot; it grows with the square root of the magnification `zoom`.
fn auto_radius(count: usize, rect: Rect, zoom: f32) -> f32 {
    let share = rect.area() / count.max(1) as f32;
    // Slower than the square root, which would keep the covered area the same:
    // clusters overlap themselves, so few points may cover less.
    let fitted = (0.41 * share.powf(0.36)).clamp(0.6, 4.0);
    (fitted * zoom.max(0.0).sqrt()).clamp(0.5, 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_shrink_with_their_number_and_grow_with_the_zoom() {
        let rect = Rect::from_min_size(egui::Pos2::ZERO, Vec2::splat(600.0));
        let radii = [100, 2_000, 25_000, 1_000_000].map(|count| auto_radius(count, rect, 1.0));
        assert!(radii.is_sorted_by(|a, b| a > b), "{radii:?}");
        assert!(auto_radius(25_000, rect, 9.0) > 2.0 * auto_radius(25_000, rect, 1.0));
        for zoom in [0.0, -1.0, f32::INFINITY] {
            assert!((0.5..=8.0).contains(&auto_radius(0, rect, zoom)));
        }
    }
}
