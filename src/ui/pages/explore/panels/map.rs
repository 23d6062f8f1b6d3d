//! Maps of the samples.

use std::sync::Arc;

use eframe::egui::{self, Align2, Color32, Rect, TextStyle, Ui, pos2, vec2};

use super::{Scene, ShowPanel, instead};
use crate::{
    document::{Colour, ColourScale, Map, Panel, View},
    pipeline::{AnalysisResult, Given},
    ui::{
        later::{AT_ONCE, Later, Same},
        pages::explore::{
            colouring,
            lensed::Lensed,
            scale::{self, Span},
        },
        scatter::{Cloud, Colors, Label, ScatterResponse, ScatterView},
        theme,
    },
};

/// Size of the colour bar on a map that was pinned, and its distance from the corner.
const BAR: egui::Vec2 = vec2(72.0, 8.0);
const INSET: f32 = 10.0;

/// A map.
pub struct MapPanel {
    of: Map,
    serial: u64,
    painted: Later<Depends, Option<Painted>>,
}

/// What the picture of a map that was pinned depends on.
#[derive(Clone, PartialEq)]
struct Depends {
    result: Same<AnalysisResult>,
    stage: u8,
    colour: Colour,
    scale: ColourScale,
    given: Given,
    dark: bool,
}

/// A map with its colours.
struct Painted {
    cloud: Option<Cloud>,
    colours: Colors,
    names: Arc<Vec<Label>>,
    /// Of values: those at the two ends of the colour bar.
    span: Option<Span>,
}

impl Painted {
    fn of(depends: Depends) -> Option<Self> {
        let Depends {
            result: Same(result),
            stage,
            colour,
            scale,
            given,
            dark,
        } = depends;
        let cloud = colouring::cloud(&result, stage);
        match colour {
            Colour::Values(lens) => {
                let lensed =
                    Lensed::new(&result, (lens, stage, scale), dark, cloud.as_ref(), None)?;
                Some(Self {
                    cloud: lensed.cloud,
                    colours: lensed.colours,
                    names: Arc::default(),
                    span: Some(lensed.span),
                })
            }
            Colour::Groups(by) => {
                let (colours, names) = colouring::by_group(&result, (by, stage), &given)?;
                Some(Self {
                    cloud,
                    colours,
                    names,
                    span: None,
                })
            }
        }
    }
}

/// A picture, whoever made it.
struct Picture<'a> {
    cloud: Option<&'a Cloud>,
    colours: &'a Colors,
    names: &'a [Label],
}

impl MapPanel {
    pub fn new(of: Map, serial: u64) -> Self {
        Self {
            of,
            serial,
            painted: Later::default(),
        }
    }

    /// After which stage, and what its colours mean.
    fn shown(&self, view: &View) -> (u8, Colour) {
        match self.of {
            Map::Groups => (view.stage, Colour::Groups(view.groups)),
            Map::Values => (view.stage, Colour::Values(view.lens)),
            Map::Pinned { stage, colour, .. } => (stage, colour),
        }
    }

    fn draw(
        &self,
        ui: &mut Ui,
        scene: &mut Scene<'_>,
        picture: &Picture<'_>,
    ) -> Option<ScatterResponse> {
        let Some(cloud) = picture.cloud else {
            let text = match scene.at_work {
                true => "The map is still settling: watch it on the page Train",
                false => "The map was not finished. Train again to get it.",
            };
            instead(ui, text);
            return None;
        };
        let (stage, _) = self.shown(scene.view);
        let samples = crate::words::thousands(scene.result.dataset.samples.len() as u64);
        let title = self.title(scene).to_lowercase();
        let summary = format!("Map of {samples} samples, {title}");
        let camera = &mut scene.cameras[usize::from(stage == 2)];
        let answer = ScatterView::new(("map", self.serial), cloud, picture.colours, camera)
            .emphasis(scene.colouring.emphasis.as_ref())
            .outline(scene.view.outline)
            .labels(picture.names)
            .axes(["UMAP 1", "UMAP 2"])
            .summary(&summary)
            .linked_hover(scene.marked)
            .background(theme::colours(ui).canvas)
            .show(ui);
        Some(answer)
    }
}

/// What a map's colours are called.
fn name(scene: &Scene<'_>, colour: Colour) -> String {
    let dataset = &scene.result.dataset;
    match colour {
        Colour::Groups(by) => by.name(dataset),
        Colour::Values(lens) => lens.name(dataset),
    }
}

impl ShowPanel for MapPanel {
    fn kept(&self) -> Panel {
        Panel::Map(self.of)
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let (stage, colour) = self.shown(scene.view);
        let name = name(scene, colour);
        match stage == scene.view.stage {
            true => format!("By {name}"),
            false => format!("By {name}, after stage {stage}"),
        }
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let (stage, colour) = self.shown(scene.view);
        let colouring = scene.colouring;
        let answer = match self.of {
            Map::Groups => {
                let picture = Picture {
                    cloud: colouring.cloud.as_ref(),
                    colours: &colouring.left,
                    names: &colouring.names,
                };
                self.draw(ui, scene, &picture)
            }
            Map::Values => {
                let Some(lensed) = &colouring.lens else {
                    let why = scene.view.lens.missing_because();
                    instead(ui, &format!("Not computed in this run. {why}"));
                    return;
                };
                let picture = Picture {
                    cloud: lensed.cloud.as_ref(),
                    colours: &lensed.colours,
                    names: &[],
                };
                self.draw(ui, scene, &picture)
            }
            Map::Pinned { scale, .. } => {
                let depends = Depends {
                    result: Same(scene.result.clone()),
                    // Another run may not have come so far.
                    stage: if scene.result.stage2.is_some() {
                        stage
                    } else {
                        1
                    },
                    colour,
                    scale,
                    given: scene.colouring.given().clone(),
                    dark: ui.visuals().dark_mode,
                };
                let read = matches!(colour, Colour::Values(lens) if lens.is_read());
                let at_once = scene.result.dataset.samples.len() <= AT_ONCE && !read;
                let wanted = depends.clone();
                let make = move |_| Painted::of(wanted);
                let Some(painted) = self.painted.get(ui.ctx(), &depends, at_once, make) else {
                    ui.centered_and_justified(egui::Ui::spinner);
                    return;
                };
                let Some(painted) = painted.as_ref() else {
                    instead(ui, "This run does not have what was pinned here.");
                    return;
                };
                let picture = Picture {
                    cloud: painted.cloud.as_ref(),
                    colours: &painted.colours,
                    names: &painted.names,
                };
                let answer = self.draw(ui, scene, &picture);
                if let (Some(answer), Some(span), Colour::Values(lens)) =
                    (&answer, painted.span, colour)
                {
                    let look = scale::look(scene.result, lens, depends.scale);
                    bar(ui, answer.response.rect, look, span);
                }
                answer
            }
        };
        if let Some(answer) = answer {
            answered(ui, scene, answer);
        }
    }
}

/// Takes over what the user did with a plot of samples.
pub fn answered(ui: &Ui, scene: &mut Scene<'_>, answer: ScatterResponse) {
    scene.hovered = scene.hovered.or(answer.hovered);
    if let Some(sample) = answer.clicked {
        scene.view.pinned = scene.result.dataset.samples.get(sample).cloned();
    }
    if answer.clicked_background {
        scene.picking.forget();
        (scene.view.pinned, scene.view.selection) = (None, None);
    }
    if let Some(enclosed) = answer.enclosed {
        scene.select(ui, move || enclosed.samples());
    }
}

/// The map that shows for good what one shows now; nothing for one that does already.
pub fn pinned(panel: &Panel, view: &View) -> Option<Panel> {
    let colour = match panel {
        Panel::Map(Map::Groups) => Colour::Groups(view.groups),
        Panel::Map(Map::Values) => Colour::Values(view.lens),
        _ => return None,
    };
    Some(Panel::Map(Map::Pinned {
        stage: view.stage,
        colour,
        scale: view.scale,
    }))
}

/// A small colour bar in the corner of a map, with the values at its ends.
fn bar(ui: &Ui, map: Rect, look: crate::figure::Look, span: Span) {
    if map.width() < 3.0 * BAR.x || map.height() < 3.0 * BAR.x {
        return;
    }
    let painter = ui.painter().with_clip_rect(map);
    let corner = pos2(map.right() - INSET - BAR.x, map.top() + INSET);
    let rect = Rect::from_min_size(corner, BAR);
    scale::gradient(&painter, rect, look.colours, ui.visuals().dark_mode);
    let font = TextStyle::Small.resolve(ui.style());
    let ink: Color32 = theme::colours(ui).weak;
    let (low, high) = span.ends;
    if span.is_log() {
        let place = pos2(rect.center().x, rect.bottom() + 2.0);
        painter.text(place, Align2::CENTER_TOP, "log", font.clone(), ink);
    }
    let ends = [
        (Align2::LEFT_TOP, rect.left(), low),
        (Align2::RIGHT_TOP, rect.right(), high),
    ];
    for (align, x, value) in ends {
        let place = pos2(x, rect.bottom() + 2.0);
        painter.text(
            place,
            align,
            scale::on_scale(value, span.ends),
            font.clone(),
            ink,
        );
    }
}
