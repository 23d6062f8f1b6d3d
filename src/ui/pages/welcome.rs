//! The empty window is the tutorial.

use std::path::PathBuf;

use eframe::egui::{self, Align, Layout, Ui};

use super::canvas;
use crate::{
    app::{Command, Source},
    data::demo::DemoSpec,
    io::{LoadSpec, thousands},
    ui::{context::Context, theme},
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
        recent(ui, context);
    }

    fn open(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.label(theme::heading("Drop your files here"));
        ui.add(
            egui::Label::new(theme::weak(
                ui,
                "One table per modality (.csv, .tsv, .gz): samples in rows, features in columns, \
                 sample ids in the first column. Or a folder of modality_<name>.csv files, with \
                 labels.csv if you have labels.",
            ))
            .wrap(),
        );
        ui.add_space(2.0 * theme::GRID);
        let busy = context.state.loading.is_some() || context.dialogs.is_open();
        ui.add_enabled_ui(!busy, |ui| {
            ui.horizontal(|ui| {
                if ui
                    .button("Open files\u{2026}")
                    .on_hover_text("Choose one file per modality (Ctrl+O)")
                    .clicked()
                {
                    context.dialogs.open_files(ui.ctx());
                }
                if ui
                    .button("Open folder\u{2026}")
                    .on_hover_text("Choose a folder of modality files (Ctrl+Shift+O)")
                    .clicked()
                {
                    context.dialogs.open_folder(ui.ctx());
                }
            });
            ui.horizontal(|ui| {
                let label = ui.label("or a path");
                let width = ui.available_width() - 76.0;
                let field = ui
                    .add(
                        egui::TextEdit::singleline(&mut self.path)
                            .hint_text("/data/pbmc")
                            .desired_width(width),
                    )
                    .labelled_by(label.id)
                    .on_hover_text("A file or a folder; several are separated by ;");
                let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
                let paths = typed_paths(&self.path);
                let open = ui.add_enabled(!paths.is_empty(), egui::Button::new("Open"));
                if (open.clicked() || entered) && !paths.is_empty() {
                    context.ask(open_files(paths));
                }
            });
        });
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
                .on_hover_text("Load the demo and train on it")
                .clicked()
            {
                context.ask(Command::Open {
                    source: Source::Demo(DemoSpec::default()),
                    train: true,
                });
            }
        });
    });
}

fn recent(ui: &mut Ui, context: &mut Context<'_>) {
    let recent = &context.state.settings.recent;
    if recent.is_empty() {
        return;
    }
    ui.add_space(3.0 * theme::GRID);
    let mut forget = false;
    ui.horizontal(|ui| {
        ui.strong("Recent");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            forget = ui
                .small_button("Clear list")
                .on_hover_text("Forget these; the files stay")
                .clicked();
        });
    });
    let mut open = None;
    for entry in recent {
        let paths: Vec<String> = entry
            .paths
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        ui.horizontal(|ui| {
            if ui
                .link(&entry.name)
                .on_hover_text(paths.join("\n"))
                .clicked()
            {
                open = Some(entry.paths.clone());
            }
            let text = format!("{} samples", thousands(entry.samples as u64));
            ui.label(theme::weak(ui, text));
            ui.add(egui::Label::new(theme::weak(ui, paths.join("; "))).truncate());
        });
    }
    if forget {
        context.ask(Command::ForgetRecent);
    }
    if let Some(paths) = open {
        context.ask(open_files(paths));
    }
}

fn typed_paths(text: &str) -> Vec<PathBuf> {
    let home = directories::BaseDirs::new();
    text.split(';')
        .map(|part| part.trim().trim_matches(['"', '\'']))
        .filter(|part| !part.is_empty())
        .map(|part| match (part.strip_prefix("~/"), &home) {
            (Some(rest), Some(home)) => home.home_dir().join(rest),
            _ => PathBuf::from(part),
        })
        .collect()
}

fn open_files(paths: Vec<PathBuf>) -> Command {
    Command::Open {
        source: Source::Files(LoadSpec {
            paths,
            ..LoadSpec::default()
        }),
        train: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_paths_may_be_typed() {
        assert_eq!(
            typed_paths(" /a/rna.csv ; \"/b c/adt.csv\";"),
            [PathBuf::from("/a/rna.csv"), PathBuf::from("/b c/adt.csv")]
        );
        assert!(typed_paths("  ").is_empty());
    }
}
