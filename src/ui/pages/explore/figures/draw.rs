//! A figure of what the page shows: the panels themselves, drawn on paper by a worker.

use std::{sync::Arc, time::Duration};

use eframe::egui::{self, Align2, Pos2, Rect, TextStyle, Ui, Vec2, pos2, vec2};

use super::shapes::Paper;
use crate::{
    document::{Layout, View},
    figure::Drawing,
    job::{CancelToken, Cancelled},
    pipeline::AnalysisResult,
    ui::{
        fonts, later,
        pages::explore::{
            colouring::{Colouring, Key},
            panels::{Scene, ShowPanel},
            picking::Picking,
            scale,
            tiles::Arrangement,
        },
        scatter::{self, Camera},
        theme,
    },
};

/// Width of the legend in logical points, and the height of its rows.
pub(super) const LEGEND: f32 = 168.0;
const ROW: f32 = 20.0;
/// Around the panels, in logical points.
pub(super) const MARGIN: f32 = 6.0;
/// Frames until everything has found its place.
const SETTLED: usize = 4;
/// How long a worker of a panel is waited for between frames.
const WAIT: Duration = Duration::from_millis(5);

/// What is drawn, and how large.
pub(super) struct Request {
    pub key: Key,
    pub view: View,
    pub layout: Layout,
    /// Panels as they are on the screen.
    pub panels: Vec<Box<dyn ShowPanel>>,
    /// The colours on the screen: what holds on paper as well is taken over.
    pub colouring: Arc<Colouring>,
    pub cameras: [Camera; 2],
    /// Width on the screen of what is drawn.
    pub on_screen: f32,
    /// Size in logical points, and points of paper for each.
    pub size: Vec2,
    pub scale: f32,
    pub legend: bool,
    /// The family of the words, if it is not the window's.
    pub font: Option<String>,
}

impl Request {
    /// Draws it.
    ///
    /// # Errors
    /// When cancelled.
    pub fn draw(self, cancel: &CancelToken) -> Result<Drawing, Cancelled> {
        let Self {
            mut key,
            mut view,
            layout,
            panels,
            colouring,
            mut cameras,
            on_screen,
            size,
            scale,
            legend,
            font,
        } = self;
        let result = key.result.clone();
        // Paper is white, and nobody points at it.
        (key.dark, key.pointed) = (false, None);
        let colouring = Colouring::new(Some(&colouring), key);
        view.layout = layout;
        let ctx = egui::Context::default();
        theme::install(&ctx);
        ctx.set_theme(egui::ThemePreference::Light);
        fonts::provide(&ctx);
        // One that was removed meanwhile is not missed: the window's is taken.
        let font = font.filter(|name| fonts::write_in(&ctx, name));
        scatter::print(&ctx);
        let room = match legend {
            true => size.x - LEGEND,
            false => size.x,
        };
        for camera in cameras.iter_mut().filter(|camera| !camera.fitted) {
            camera.scale *= room / on_screen.max(1.0);
        }
        let mut arrangement = Arrangement::of(panels);
        let mut frames = 0;
        let shapes = loop {
            cancel.check()?;
            later::expect_nothing(&ctx);
            scatter::printed(&ctx);
            let input = egui::RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
                ..egui::RawInput::default()
            };
            let output = ctx.run_ui(input, |ui| {
                let all = ui.max_rect();
                let panels = all.with_max_x(all.left() + room).shrink(MARGIN);
                let mut scene = Scene {
                    result: &result,
                    colouring: &colouring,
                    view: &mut view,
                    picking: &mut Picking::default(),
                    cameras: &mut cameras,
                    marked: None,
                    hovered: None,
                    at_work: false,
                    on_paper: true,
                };
                let place = egui::UiBuilder::new().max_rect(panels);
                let mut ui_panels = ui.new_child(place);
                arrangement.show(&mut ui_panels, &mut scene);
                if legend {
                    let place = all.with_min_x(all.left() + room).shrink(8.0);
                    self::legend(ui, place, &result, &colouring, &view);
                }
            });
            frames += 1;
            if frames >= SETTLED && !later::is_expected(&ctx) {
                break output.shapes;
            }
            std::thread::sleep(WAIT);
        };
        let mut paper = Paper::new(scale);
        scatter::printed(&ctx)
            .into_iter()
            .for_each(|points| paper.points(points));
        shapes.into_iter().for_each(|shape| paper.shape(shape));
        let mut drawing = paper.finish(result.dataset.name.clone(), size.into());
        drawing.about = about(&result);
        drawing.font = font;
        Ok(drawing)
    }
}

/// What the figure was made from.
fn about(result: &AnalysisResult) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let samples = result.dataset.samples.len();
    let (name, seed) = (&result.dataset.name, result.spec.seed);
    let run = match result.key() {
        Ok(key) => format!("run {key}"),
        Err(error) => {
            tracing::warn!("the data could not be read to tell the run: {error}");
            "run not known".into()
        }
    };
    format!(
        "hdumec {version}, {run}: {name}, {samples} samples, {} clusters, recipe {}, seed {seed}",
        result.clusters, result.spec.recipe
    )
}

/// Height that the legend takes in logical points: so many groups, the titles and the colour bar.
pub(super) fn legend_height(groups: usize) -> f32 {
    (groups + 6) as f32 * ROW
}

/// The groups with their colours, and the colour bar.
fn legend(ui: &Ui, place: Rect, result: &AnalysisResult, colouring: &Colouring, view: &View) {
    let c = theme::colours(ui);
    let painter = ui.painter();
    let body = TextStyle::Small.resolve(ui.style());
    let mut top = place.top();
    let words = |top: f32, indent: f32, text: &str, ink| {
        let at = pos2(place.left() + indent, top + 0.5 * ROW);
        painter.text(at, Align2::LEFT_CENTER, text, body.clone(), ink);
    };
    let layout = view.layout.panels();
    let by = view.groups.name(&result.dataset);
    words(top, 0.0, &by, c.text);
    top += ROW;
    let numbered = colouring.groups.len() > crate::ui::pages::explore::groups::NUMBERED;
    let shown = colouring.groups.iter().enumerate();
    let shown = shown.filter(|(at, group)| group.samples > 0 && !view.hidden().contains(at));
    let fit = ((place.bottom() - 4.0 * ROW - top) / ROW).max(1.0) as usize;
    let all: Vec<_> = shown.collect();
    for (at, group) in all.iter().take(fit) {
        painter.circle_filled(pos2(place.left() + 6.0, top + 0.5 * ROW), 4.5, group.colour);
        let number = if numbered {
            format!("{} ", at + 1)
        } else {
            String::new()
        };
        let name = crate::figure::name::cut(&group.name, |text| {
            let text = egui::RichText::new(format!("{number}{text}")).small();
            crate::ui::widgets::name::width(ui, text) < place.width() - 18.0
        });
        words(top, 16.0, &format!("{number}{name}"), c.text);
        top += ROW;
    }
    if all.len() > fit {
        words(top, 16.0, &format!("and {} more", all.len() - fit), c.weak);
        top += ROW;
    }
    let values = layout.iter().any(|panel| panel.shows_values());
    if let (Some(lens), true) = (&colouring.lens, values) {
        top += 0.5 * ROW;
        let mut name = view.lens.name(&result.dataset);
        if lens.span.is_log() {
            name += scale::LOG;
        }
        words(top, 0.0, &name, c.text);
        top += ROW;
        let bar = Rect::from_min_size(pos2(place.left(), top), vec2(place.width(), 9.0));
        let look = scale::look(result, view.lens, view.scale);
        scale::gradient(painter, bar, look.colours, false);
        top += 10.0;
        let (low, high) = lens.span.ends;
        let ends = [
            (Align2::LEFT_TOP, bar.left(), low),
            (Align2::RIGHT_TOP, bar.right(), high),
        ];
        for (align, x, value) in ends {
            let text = scale::on_scale(value, lens.span.ends);
            painter.text(pos2(x, top), align, text, body.clone(), c.text);
        }
    }
}
