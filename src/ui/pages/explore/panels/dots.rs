//! Chosen features in each group: how high they are, and how many samples have them.

use std::sync::Arc;

use eframe::egui::{self, Align2, Pos2, Rect, Sense, Shape, TextStyle, Ui, epaint, pos2, vec2};

use super::{MakeTable, Scene, ShowPanel, instead, markers};
use crate::{
    analysis::{
        distribution,
        markers::{Columns, Measure},
    },
    document::Panel,
    export::{Cell, Sheet},
    figure::ColorMap,
    job::CancelToken,
    pipeline::{AnalysisResult, Lens},
    ui::{
        later::Later,
        pages::explore::{
            picker::{Among, Picker},
            scale,
        },
        theme,
        widgets::name,
    },
};

/// Width of a feature's column and height of a group's row.
const COLUMN: f32 = 26.0;
const ROW: f32 = 24.0;
/// Room for names of features, which stand on end, and of groups, at most.
const HEADING: f32 = 92.0;
const NAMES: f32 = 150.0;
/// Features at most.
const MOST: usize = 120;
/// Markers of each group that a click adds.
const BEST: usize = 2;

/// A table of dots.
pub struct Dots {
    features: Vec<(u32, u32)>,
    /// Whether as a heat map: tiles in the colours of the means alone.
    tiles: bool,
    picker: Picker,
    found: Later<Depends, Vec<Column>>,
    /// Whether the markers of all groups are wanted.
    wanted: bool,
    best: Later<Depends, Vec<(u32, u32)>>,
}

#[derive(Clone)]
struct Depends {
    result: Arc<AnalysisResult>,
    groups: Arc<Vec<Option<u32>>>,
    count: usize,
    /// The features that are shown, or a modality to look for markers in.
    features: Vec<(u32, u32)>,
}

impl PartialEq for Depends {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.result.dataset, &other.result.dataset)
            && Arc::ptr_eq(&self.groups, &other.groups)
            && (self.count, &self.features) == (other.count, &other.features)
    }
}

/// A feature: mean and share of positive values in each group; nothing where it cannot be read.
struct Column {
    of: (u32, u32),
    groups: Option<Vec<(f32, f32)>>,
}

impl Column {
    fn of(depends: &Depends, of: (u32, u32)) -> Self {
        let lens = Lens::Feature(of.0, of.1);
        let values = lens.values(&depends.result, &depends.result.stage1);
        let groups = values.map(|values| {
            let found =
                distribution::by_group(&values, &depends.groups, depends.count, (0.0, 1.0), 0);
            found.iter().map(|of| (of.mean, of.positive)).collect()
        });
        Self { of, groups }
    }
}

impl Dots {
    pub fn new(features: Vec<(u32, u32)>, tiles: bool) -> Self {
        Self {
            features,
            tiles,
            picker: Picker::default(),
            found: Later::default(),
            wanted: false,
            best: Later::default(),
        }
    }

    fn add(&mut self, feature: (u32, u32)) {
        if !self.features.contains(&feature) && self.features.len() < MOST {
            self.features.push(feature);
        }
    }

    /// The row with what can be done.
    fn tools(&mut self, ui: &mut Ui, scene: &Scene<'_>) {
        ui.horizontal_wrapped(|ui| {
            let button = ui.button("Add a feature");
            let among = Among {
                result: scene.result,
                stage: scene.view.stage,
                now: None,
            };
            if let Some(Lens::Feature(modality, feature)) = self.picker.choose(&button, among) {
                self.add((modality, feature));
            }
            let tip = "The two strongest markers of each group, by AUROC";
            let button = ui.add_enabled(!self.wanted, egui::Button::new("Add markers"));
            if button.on_hover_text(tip).clicked() {
                self.wanted = true;
            }
            if self.wanted {
                ui.spinner();
            }
            let clear = egui::Button::new("Clear");
            if ui.add_enabled(!self.features.is_empty(), clear).clicked() {
                self.features.clear();
            }
            let tip = "A heat map: tiles in the colours of the means, without the shares";
            ui.checkbox(&mut self.tiles, "Tiles").on_hover_text(tip);
        });
        if !self.wanted {
            return;
        }
        let modality = markers::modality(scene.result, scene.view) as u32;
        let depends = self.depends(scene, vec![(modality, 0)]);
        let wanted = depends.clone();
        let make = move |_| best(&wanted);
        // What was found for other groups is no answer.
        if let Some(best) = self.best.get(ui.ctx(), &depends, false, make)
            && self.best.is_of(&depends)
        {
            self.wanted = false;
            best.iter().for_each(|&feature| self.add(feature));
        }
    }

    fn depends(&self, scene: &Scene<'_>, features: Vec<(u32, u32)>) -> Depends {
        Depends {
            result: scene.result.clone(),
            groups: scene.colouring.group_of.clone(),
            count: scene.colouring.groups.len(),
            features,
        }
    }
}

/// The strongest markers of each group, a group after the other.
fn best(depends: &Depends) -> Vec<(u32, u32)> {
    let Some(&(modality, _)) = depends.features.first() else {
        return Vec::new();
    };
    let Some(of) = depends.result.dataset.modalities.get(modality as usize) else {
        return Vec::new();
    };
    let matrix = &of.measured.matrix;
    let columns = Measure::of(matrix)
        .map_err(|error| error.to_string())
        .and_then(|m| Columns::of(matrix, m).map_err(|error| error.to_string()));
    let columns = match columns {
        Ok(columns) => columns,
        Err(error) => {
            tracing::error!("there are no markers: {error}");
            return Vec::new();
        }
    };
    let (groups, count) = (&depends.groups, depends.count);
    let found = crate::analysis::markers::markers(&columns, groups, count, &CancelToken::new());
    let mut best = Vec::new();
    for mut markers in found.unwrap_or_default() {
        markers.retain(|marker| marker.auroc > 0.5);
        markers.sort_by(|a, b| b.auroc.total_cmp(&a.auroc));
        best.extend(markers.iter().take(BEST).map(|m| (modality, m.feature)));
    }
    best
}

impl ShowPanel for Dots {
    fn kept(&self) -> Panel {
        Panel::Dots {
            features: self.features.clone(),
            tiles: self.tiles,
        }
    }

    fn twin(&self) -> Option<Box<dyn ShowPanel>> {
        Some(Box::new(Self {
            found: self.found.twin(),
            ..Self::new(self.features.clone(), self.tiles)
        }))
    }

    fn table(&self, scene: &Scene<'_>) -> Option<MakeTable> {
        let found = self.found.last()?;
        let dataset = scene.result.dataset.clone();
        let groups = scene.colouring.groups.iter();
        let groups: Vec<String> = groups.map(|group| group.name.clone()).collect();
        Some(Box::new(move || {
            let rows = found.iter().filter_map(|column| {
                let name = Lens::Feature(column.of.0, column.of.1).name(&dataset);
                Some((name, column.groups.as_ref()?))
            });
            let rows = rows.flat_map(|(name, values)| {
                let of = groups.iter().zip(values);
                let row = of.map(|(group, (mean, share))| {
                    let numbers = [*mean, *share].map(Cell::from);
                    let words = [name.as_str(), group].map(Cell::from);
                    words.into_iter().chain(numbers).collect()
                });
                row.collect::<Vec<Vec<Cell>>>()
            });
            let header = ["feature", "group", "mean", "share_above_zero"];
            Sheet {
                rows: rows.collect(),
                header: header.map(String::from).into(),
            }
        }))
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let groups = scene.view.groups.name(&scene.result.dataset);
        format!("Features by {groups}")
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        // Other data may not have what a file speaks of.
        let dataset = &scene.result.dataset;
        self.features
            .retain(|&(modality, feature)| Lens::Feature(modality, feature).fits(dataset));
        if !scene.on_paper {
            self.tools(ui, scene);
        }
        if self.features.is_empty() {
            instead(
                ui,
                "Add features to see how high they are in each group, and how many samples have them.",
            );
            return;
        }
        let depends = self.depends(scene, self.features.clone());
        let wanted = depends.clone();
        let make = move |_| {
            let features = wanted.features.iter();
            features.map(|&of| Column::of(&wanted, of)).collect()
        };
        let Some(found) = self.found.get(ui.ctx(), &depends, false, make) else {
            ui.centered_and_justified(egui::Ui::spinner);
            return;
        };
        let text = match self.tiles {
            true => "Mean, from the lowest to the highest group of each feature.",
            false => {
                "Size: share of samples above zero. Colour: mean, from the lowest to the highest group of each feature."
            }
        };
        ui.add(egui::Label::new(theme::weak(ui, text)).truncate());
        let clicked = egui::ScrollArea::both()
            .auto_shrink(false)
            .show(ui, |ui| table(ui, scene, &found, self.tiles))
            .inner;
        match clicked {
            Some((feature, true)) => self.features.retain(|of| *of != feature),
            Some(((modality, feature), false)) => {
                scene.look_through(Lens::Feature(modality, feature));
            }
            None => {}
        }
    }
}

/// Shows the table; gives the feature that was clicked, and whether it is to go.
fn table(
    ui: &mut Ui,
    scene: &Scene<'_>,
    found: &[Column],
    tiles: bool,
) -> Option<((u32, u32), bool)> {
    let c = theme::colours(ui);
    let dark = ui.visuals().dark_mode;
    let groups = &scene.colouring.groups;
    let shown: Vec<usize> = (0..groups.len())
        .filter(|&group| groups[group].samples > 0)
        .collect();
    let widest = shown.iter().map(|&group| groups[group].name.as_str());
    let widest = widest.map(|text| name::width(ui, text.into()));
    let names = (widest.fold(0.0, f32::max) + 12.0).min(NAMES);
    let widths = found.iter().map(|column| short(scene, column.of));
    let widths = widths.map(|text| name::width(ui, egui::RichText::new(text).small()));
    let heading = (widths.fold(0.0, f32::max) + 12.0).min(HEADING);
    let size = vec2(
        names + found.len() as f32 * COLUMN + 40.0,
        heading + shown.len() as f32 * ROW,
    );
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let painter = ui.painter_at(area.intersect(ui.clip_rect()));
    for (row, &group) in shown.iter().enumerate() {
        let text = &groups[group].name;
        let short = name::cut(ui, text, names - 10.0, |text| text.into());
        let place = pos2(area.left(), area.top() + heading + (row as f32 + 0.5) * ROW);
        let font = TextStyle::Body.resolve(ui.style());
        painter.text(place, Align2::LEFT_CENTER, short, font, c.text);
    }
    let mut clicked = None;
    for (column, of) in found.iter().enumerate() {
        let left = area.left() + names + column as f32 * COLUMN;
        let (modality, feature) = of.of;
        let title = Lens::Feature(modality, feature).name(&scene.result.dataset);
        let head = Rect::from_min_size(pos2(left, area.top()), vec2(COLUMN, heading - 4.0));
        let whole = Rect::from_min_max(head.min, pos2(left + COLUMN, area.bottom()));
        let id = ui.scope_id().with(("feature", modality, feature));
        let response = ui.interact(whole, id, Sense::click());
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Feature {title}"))
        });
        if response.hovered() || response.has_focus() {
            painter.rect_filled(whole, 4.0, c.card);
        }
        upright(ui, &painter, head, short(scene, of.of));
        let Some(values) = &of.groups else { continue };
        let means = || shown.iter().map(|&group| values[group].0);
        let low = means().fold(f32::INFINITY, f32::min);
        let high = means().fold(f32::NEG_INFINITY, f32::max);
        let mut under = None;
        for (row, &group) in shown.iter().enumerate() {
            let (mean, share) = values[group];
            let place = pos2(
                left + 0.5 * COLUMN,
                area.top() + heading + (row as f32 + 0.5) * ROW,
            );
            let at = if high > low {
                (mean - low) / (high - low)
            } else {
                0.5
            };
            let colour = theme::colour(scale::colour(ColorMap::Viridis, at, dark));
            let radius = 1.0 + (0.5 * COLUMN.min(ROW) - 3.0) * share.max(0.0).sqrt();
            match tiles {
                true => {
                    let tile = Rect::from_center_size(place, vec2(COLUMN, ROW)).shrink(0.5);
                    painter.rect_filled(tile, 2.0, colour);
                }
                false => {
                    painter.circle_filled(place, radius, colour);
                }
            }
            let pointer = response.hover_pos();
            if pointer.is_some_and(|p| (p.y - place.y).abs() <= 0.5 * ROW) {
                under = Some(format!(
                    "{title} in {}\nmean {}, {:.0} % of samples above zero\nClick colours the maps",
                    groups[group].name,
                    scale::in_short(mean),
                    100.0 * share
                ));
            }
        }
        let over_head = response.hover_pos().is_some_and(|p| head.contains(p));
        if response.clicked() {
            clicked = Some((of.of, over_head));
        }
        let tip = under.unwrap_or_else(|| format!("{title}\nClick takes it away"));
        response.on_hover_text_at_pointer(tip);
    }
    clicked
}

/// The name of a feature, without that of its modality.
fn short<'a>(scene: &'a Scene<'_>, (modality, feature): (u32, u32)) -> &'a str {
    let modality = scene.result.dataset.modalities.get(modality as usize);
    let names = modality.map(|m| m.measured.features.names());
    let name = names.and_then(|names| names.get(feature as usize));
    name.map_or("", String::as_str)
}

/// A text that stands on end, its start at the bottom of a place.
fn upright(ui: &Ui, painter: &egui::Painter, rect: Rect, text: &str) {
    let short = name::cut(ui, text, rect.height() - 4.0, |text| {
        egui::RichText::new(text).small()
    });
    let ink = theme::colours(ui).text;
    let font = TextStyle::Small.resolve(ui.style());
    let galley = painter.layout_no_wrap(short, font, ink);
    let left = rect.center().x - 0.5 * galley.size().y;
    let start: Pos2 = pos2(left, rect.bottom());
    let mut shape = epaint::TextShape::new(start, galley, ink);
    shape.angle = -std::f32::consts::FRAC_PI_2;
    painter.add(Shape::Text(shape));
}
