//! Settings on the left; the live curves and the settling map on the canvas.

mod curves;
mod map;
mod parameters;
mod servers;
mod settings;
mod starts;

use eframe::egui::{self, Ui};

use super::canvas;
use crate::ui::{context::Context, theme};
use map::LiveMap;

#[derive(Default)]
pub(super) struct TrainPage {
    map: LiveMap,
    /// What the user picked to see above and below.
    above: Option<starts::Shown>,
    below: Option<curves::Shown>,
    servers: servers::Servers,
}

impl TrainPage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        settings::show(ui, context, &mut self.servers);
        self.servers.show(ui, context);
        canvas(ui, |ui| {
            let size = ui.available_size();
            let gap = 4.0 * theme::GRID;
            let narrow = size.x < 560.0;
            let left = if narrow {
                size.x
            } else {
                (size.x - gap) * 0.58
            };
            let top = (size.y - gap) * if narrow { 0.5 } else { 0.6 };
            let run = context.state.run.as_ref();
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(left);
                    let above = egui::vec2(left, top);
                    starts::show(ui, context.state, above, &mut self.above);
                    ui.add_space(gap - ui.spacing().item_spacing.y);
                    curves::losses(
                        ui,
                        context.state,
                        egui::vec2(left, size.y - top - gap),
                        &mut self.below,
                    );
                });
                if !narrow {
                    ui.add_space(gap - ui.spacing().item_spacing.x);
                    self.map.show(ui, run);
                }
            });
        });
    }
}

/// Height of [`tabs`], with the gap below.
const TABS: f32 = 36.0;

/// What a plot may show; a second click on the one picked follows the training again.
fn tabs<T: Copy + PartialEq>(
    ui: &mut Ui,
    choices: &[(T, &str)],
    shown: T,
    picked: &mut Option<T>,
    tip: &str,
) {
    ui.horizontal(|ui| {
        for &(of, text) in choices {
            let label = ui.selectable_label(of == shown, text);
            if label.on_hover_text(tip).clicked() {
                *picked = (*picked != Some(of)).then_some(of);
            }
        }
    });
}
