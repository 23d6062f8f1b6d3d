//! One number of each sample against another: a drag selects samples, as gates do on a flow cytometer.

use eframe::egui::{self, Align2, TextStyle, Ui, pos2, vec2};

use super::{Scene, ShowPanel, instead, map, markers};
use crate::{
    data::Dataset,
    document::{Panel, View},
    figure::colormap,
    pipeline::{AnalysisResult, Lens},
    ui::{
        later::{AT_ONCE, Later, Same},
        pages::explore::{
            picker::{Among, Picker},
            scale,
        },
        scatter::{Camera, Cloud, ScatterView},
        theme,
    },
};

/// Room for the numbers of the axes.
const MARGIN: f32 = 34.0;
/// Room for a number between two of an axis, in points.
const APART: f32 = 70.0;

/// A plot of two numbers.
pub struct Gate {
    axes: [Lens; 2],
    serial: u64,
    pickers: [Picker; 2],
    placed: Later<Depends, Placed>,
    camera: Camera,
}

#[derive(Clone, PartialEq)]
struct Depends {
    result: Same<AnalysisResult>,
    stage: u8,
    axes: [Lens; 2],
}

/// The map that two columns are the coordinates of, by its name.
pub fn map_of(dataset: &Dataset, axes: [Lens; 2]) -> Option<String> {
    let [Lens::Column(x), Lens::Column(y)] = axes else {
        return None;
    };
    let mut maps = dataset.obs.maps().into_iter();
    let found = maps.find(|(_, at)| *at == [x as usize, y as usize]);
    found.map(|(name, _)| name)
}

/// Spans of one length about the same middles: a step across a map is as long as one up.
fn of_one_length(spans: [(f32, f32); 2]) -> [(f32, f32); 2] {
    let half = |(low, high): (f32, f32)| 0.5 * (high - low);
    let longest = half(spans[0]).max(half(spans[1]));
    spans.map(|span| {
        let middle = span.0 + half(span);
        (middle - longest, middle + longest)
    })
}

/// The samples in the plane: both axes run from 0 to 1 between their `spans`.
struct Placed {
    cloud: Option<Cloud>,
    spans: [(f32, f32); 2],
}

impl Placed {
    fn of(depends: &Depends) -> Self {
        let stage = depends.result.0.stage(depends.stage);
        let values = depends
            .axes
            .map(|lens| lens.values(&depends.result.0, stage));
        let [Some(x), Some(y)] = values else {
            return Self {
                cloud: None,
                spans: [(0.0, 1.0); 2],
            };
        };
        let mut spans = [&x, &y].map(|values| colormap::range(values, 0.0..1.0));
        if let Some(map) = map_of(&depends.result.0.dataset, depends.axes) {
            spans = of_one_length(spans);
            // Places in a picture are counted from its top.
            if map.to_lowercase().contains("spatial") || map.contains("centroid") {
                spans[1] = (spans[1].1, spans[1].0);
            }
        }
        let at = |value: f32, (low, high): (f32, f32)| (value - low) / (high - low);
        let both = x.into_iter().zip(y);
        let places = both.map(|(x, y)| [at(x, spans[0]), at(y, spans[1])]);
        Self {
            cloud: Some(Cloud::new(places.collect())),
            spans,
        }
    }
}

/// What a new plot shows: what is chosen, if it is a feature, and the first two features whose names say something.
pub fn first_axes(result: &AnalysisResult, view: &View) -> [Lens; 2] {
    let modality = match view.lens {
        Lens::Feature(modality, _) => modality,
        _ => markers::modality(result, view) as u32,
    };
    let all = result.dataset.modalities.get(modality as usize);
    let features = all.map_or(0, |m| m.measured.features.len()) as u32;
    let mut chosen: Vec<Lens> = vec![view.lens];
    chosen.retain(|lens| lens.is_read());
    chosen.extend((0..features.min(3)).map(|feature| Lens::Feature(modality, feature)));
    chosen.dedup();
    match chosen.as_slice() {
        [x, y, ..] if x != y => [*x, *y],
        _ => [view.lens, Lens::Ambiguity],
    }
}

impl Gate {
    pub fn new(axes: [Lens; 2], serial: u64) -> Self {
        Self {
            axes,
            serial,
            pickers: Default::default(),
            placed: Later::default(),
            camera: Camera::default(),
        }
    }
}

impl ShowPanel for Gate {
    fn kept(&self) -> Panel {
        Panel::Gate { axes: self.axes }
    }

    fn twin(&self) -> Option<Box<dyn ShowPanel>> {
        Some(Box::new(Self {
            placed: self.placed.twin(),
            ..Self::new(self.axes, self.serial)
        }))
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let dataset = &scene.result.dataset;
        map_of(dataset, self.axes).unwrap_or_else(|| {
            let [x, y] = self.axes.map(|lens| lens.name(dataset));
            format!("{y} against {x}")
        })
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        ui.add_space(theme::GRID);
        let width = (0.5 * ui.available_width() - 56.0).clamp(120.0, 190.0);
        ui.horizontal_wrapped(|ui| {
            if scene.on_paper {
                return;
            }
            for (at, word) in ["Across", "Up"].into_iter().enumerate() {
                let among = Among {
                    result: scene.result,
                    stage: scene.view.stage,
                    now: Some(self.axes[at]),
                };
                if let Some(lens) = self.pickers[at].button(ui, word, among, width) {
                    self.axes[at] = lens;
                    self.camera = Camera::default();
                }
            }
        });
        let depends = Depends {
            result: Same(scene.result.clone()),
            stage: scene.view.stage,
            axes: self.axes,
        };
        let read = self.axes.iter().any(|lens| lens.is_read());
        let at_once = scene.result.dataset.samples.len() <= AT_ONCE && !read;
        let wanted = depends.clone();
        let make = move |_| Placed::of(&wanted);
        let Some(placed) = self.placed.get(ui.ctx(), &depends, at_once, make) else {
            ui.centered_and_justified(egui::Ui::spinner);
            return;
        };
        let Some(cloud) = &placed.cloud else {
            instead(ui, "This run does not have one of the two: choose others.");
            return;
        };
        let summary = format!(
            "{} of {} samples",
            self.title(scene),
            crate::words::thousands(cloud.len() as u64)
        );
        let area = ui.available_rect_before_wrap();
        let plot = area
            .with_min_x(area.left() + MARGIN)
            .with_max_y(area.bottom() - 18.0);
        let mut inside = ui.new_child(egui::UiBuilder::new().max_rect(plot));
        let answer = ScatterView::new(
            ("gate", self.serial),
            cloud,
            &scene.colouring.left,
            &mut self.camera,
        )
        .emphasis(scene.colouring.emphasis.as_ref())
        .draws()
        .outline(scene.view.outline)
        .summary(&summary)
        .linked_hover(scene.marked)
        .background(theme::colours(ui).canvas)
        .show(&mut inside);
        self.numbers(ui, plot, placed.spans);
        map::answered(ui, scene, answer);
    }
}

impl Gate {
    /// The numbers along both axes.
    fn numbers(&self, ui: &Ui, plot: egui::Rect, [x, y]: [(f32, f32); 2]) {
        let c = theme::colours(ui);
        let font = TextStyle::Small.resolve(ui.style());
        let value = |at: f32, (low, high): (f32, f32)| low + at * (high - low);
        let painter = ui.painter();
        let line = egui::Stroke::new(1.0, c.line);
        painter.line_segment([plot.left_bottom(), plot.right_bottom()], line);
        painter.line_segment([plot.left_bottom(), plot.left_top()], line);
        let steps = |length: f32| (length / APART).floor().clamp(1.0, 8.0) as usize;
        for step in 0..=steps(plot.width()) {
            let share = step as f32 / steps(plot.width()) as f32;
            let place = pos2(egui::lerp(plot.x_range(), share), plot.bottom());
            let at = self.camera.to_data(plot, place)[0];
            let text = scale::on_scale(value(at, x), x);
            let align = match share {
                0.0 => Align2::LEFT_TOP,
                1.0 => Align2::RIGHT_TOP,
                _ => Align2::CENTER_TOP,
            };
            painter.text(place + vec2(0.0, 3.0), align, text, font.clone(), c.weak);
        }
        for step in 0..=steps(plot.height()) {
            let share = step as f32 / steps(plot.height()) as f32;
            let place = pos2(plot.left(), egui::lerp(plot.bottom()..=plot.top(), share));
            let at = self.camera.to_data(plot, place)[1];
            let text = scale::on_scale(value(at, y), y);
            let align = match share {
                0.0 => Align2::RIGHT_BOTTOM,
                1.0 => Align2::RIGHT_TOP,
                _ => Align2::RIGHT_CENTER,
            };
            painter.text(place - vec2(4.0, 0.0), align, text, font.clone(), c.weak);
        }
    }
}
