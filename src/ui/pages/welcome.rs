//! The empty window is the tutorial.

use eframe::egui::{self, Align, Layout, Ui};

use super::canvas;
use crate::{
    app::{Command, Source, Then},
    data::demo::DemoSpec,
    ui::{context::Context, theme, widgets::open},
};

/// Width of the column in the middle.
const COLUMN: f32 = 560.0;

#[derive(Default)]
pub(super) struct WelcomePage {
    path: String,
}

impl WelcomePage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        canvas(ui, |ui| {
            egui::ScrollArea::vertical()
                .auto_shrink(false)
                .show(ui, |ui| {
                    let width = COLUMN.min(ui.available_width());
                    let room = (ui.available_height() - 560.0) / 3.0;
                    ui.add_space(room.max(8.0));
                    ui.horizontal(|ui| {
                        ui.add_space((ui.available_width() - width) / 2.0);
                        ui.allocate_ui_with_layout(
                            egui::vec2(width, 0.0),
                            Layout::top_down(Align::Min),
                            |ui| self.column(ui, context),
                        );
                    });
                });
        });
    }

    fn column(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.label(
            egui::RichText::new("See which cells belong together, and which are unsure")
                .size(24.0)
                .strong(),
        );
        ui.add_space(theme::GRID);
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "hdumec joins all measurements of the same cells or patients into one map, finds \
                 the groups in it, and shows where it is uncertain.",
            ))
            .wrap(),
        );
        ui.add_space(4.0 * theme::GRID);
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            self.open(ui, context);
        });
        ui.add_space(2.0 * theme::GRID);
        theme::card(ui).show(ui, |ui| {
            ui.set_width(ui.available_width());
            demo(ui, context);
        });
        open::recent(ui, context);
    }

    fn open(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.label(theme::heading("Drop your files here"));
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "A 10x folder or .h5, an .h5ad, .h5mu or .mtx, or one table per modality (.csv, .tsv, .xlsx): samples or \
                 features in rows. Or a folder of modality_<name>.csv files, with labels.csv if you have labels.",
            ))
            .wrap(),
        );
        ui.add_space(2.0 * theme::GRID);
        open::buttons(ui, context);
        open::path_row(ui, context, &mut self.path);
    }
}

fn demo(ui: &mut Ui, context: &mut Context<'_>) {
    ui.horizontal(|ui| {
        let button = 148.0;
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - button - 12.0);
            ui.label(theme::heading("No data at hand?"));
            ui.add(
                egui::Label::new(theme::weak(
                    ui,
                    "2,000 simulated immune cells with RNA, protein and chromatin, whose true \
                     noise is known.",
                ))
                .wrap(),
            );
        });
        ui.vertical(|ui| {
            ui.set_width(button);
            ui.add_space(8.0);
            let idle = context.state.loading.is_none();
            if theme::primary(ui, "Try the demo", idle)
                .on_hover_text("Load the demo and train on it: maps of a quick look come first, then those of the whole training")
                .clicked()
            {
                context.ask(Command::Open {
                    source: Source::Demo(DemoSpec::default()),
                    then: Then::MapsFirst,
                });
            }
        });
    });
}
