//! The menu "File": opening, saving, undo and redo, appearance.

use eframe::egui::{self, Button, Ui};

use super::{context::Context, session::SaveSheet, theme};
use crate::{
    app::{AppState, Command, Theme},
    document::Step,
};

/// Steps of the history listed at most in either direction.
const LISTED: usize = 24;

/// Side of the mark's place.
const MARK: f32 = 10.0;

/// Shows the menu, and a mark beside it where something is not saved.
pub(crate) fn show(ui: &mut Ui, context: &mut Context<'_>, save: &mut SaveSheet) {
    ui.menu_button("File", |ui| {
        ui.set_min_width(240.0);
        files(ui, context, save);
        ui.separator();
        steps(ui, context);
        ui.separator();
        ui.menu_button("Theme", |ui| themes(ui, context));
        keeping(ui, context);
    })
    .response
    .on_hover_text("Open, save, undo, appearance");
    // Its place is there without it, so that nothing moves.
    let (place, mark) = ui.allocate_exact_size(egui::Vec2::splat(MARK), egui::Sense::hover());
    if is_unsaved(context.state) {
        let accent = theme::colours(ui).accent;
        ui.painter().circle_filled(place.center(), 3.0, accent);
        mark.on_hover_text("There is something that no session file has; Ctrl+S saves it");
    }
}

/// Whether there is work that no file of a session has as it stands.
pub(crate) fn is_unsaved(state: &AppState) -> bool {
    state.has_work() && !state.session_is_saved()
}

fn entry(ui: &mut Ui, enabled: bool, text: &str, keys: &str) -> bool {
    let clicked = ui
        .add_enabled(enabled, Button::new(text).shortcut_text(keys))
        .clicked();
    if clicked {
        ui.close();
    }
    clicked
}

fn files(ui: &mut Ui, context: &mut Context<'_>, save: &mut SaveSheet) {
    let free = !context.dialogs.is_open();
    if entry(ui, free, "Open files\u{2026}", "Ctrl+O") {
        context.dialogs.open_files(ui.ctx());
    }
    if entry(ui, free, "Open a folder\u{2026}", "Ctrl+Shift+O") {
        context.dialogs.open_folder(ui.ctx());
    }
    ui.separator();
    let work = context.state.has_work() && !context.state.is_saving_session();
    if entry(ui, work, "Save session", "Ctrl+S") {
        save.save(context.state, context.commands);
    }
    if entry(ui, work, "Save session as\u{2026}", "Ctrl+Shift+S") {
        save.open(context.state);
    }
}

fn steps(ui: &mut Ui, context: &mut Context<'_>) {
    let history = &context.state.history;
    let name = |what: &str, step: Option<&Step>| match step {
        Some(step) => format!("{what}: {}", step.title),
        None => what.to_owned(),
    };
    let (past, future) = (history.past(), history.future());
    let undo = name("Undo", past.last());
    if entry(ui, !past.is_empty(), &undo, "Ctrl+Z") {
        context.commands.push(Command::Undo(1));
    }
    let redo = name("Redo", future.last());
    if entry(ui, !future.is_empty(), &redo, "Ctrl+Shift+Z") {
        context.commands.push(Command::Redo(1));
    }
    ui.add_enabled_ui(!past.is_empty() || !future.is_empty(), |ui| {
        ui.menu_button("History", |ui| {
            egui::ScrollArea::vertical()
                .max_height(0.6 * ui.ctx().content_rect().height())
                .show(ui, |ui| {
                    list(ui, context, past, future);
                });
        });
    });
}

/// The steps in their order; what was undone is weak. A click goes to where things were after that step.
fn list(ui: &mut Ui, context: &mut Context<'_>, past: &[Step], future: &[Step]) {
    let mut command = None;
    let hidden = past.len().saturating_sub(LISTED);
    if hidden == 0 {
        if ui
            .selectable_label(past.is_empty(), "The beginning")
            .clicked()
        {
            command = Some(Command::Undo(past.len()));
        }
    } else {
        ui.label(theme::weak(ui, format!("and {hidden} before")));
    }
    for (at, step) in past.iter().enumerate().skip(hidden) {
        let after = past.len() - 1 - at;
        if ui.selectable_label(after == 0, &step.title).clicked() {
            command = Some(Command::Undo(after));
        }
    }
    for (at, step) in future.iter().rev().take(LISTED).enumerate() {
        let text = theme::weak(ui, &step.title);
        if ui.selectable_label(false, text).clicked() {
            command = Some(Command::Redo(at + 1));
        }
    }
    if let Some(command) = command {
        context.commands.push(command);
        ui.close();
    }
}

fn themes(ui: &mut Ui, context: &mut Context<'_>) {
    let now = context.state.settings.theme;
    for (theme, name) in [
        (Theme::System, "As the system"),
        (Theme::Light, "Light"),
        (Theme::Dark, "Dark"),
    ] {
        if ui.radio(theme == now, name).clicked() {
            context.ask(Command::SetTheme(theme));
            ui.close();
        }
    }
}

fn keeping(ui: &mut Ui, context: &mut Context<'_>) {
    let settings = &context.state.settings;
    let mut keep = settings.keeps_work();
    let folder = settings.work_folder();
    let folder = folder.map_or_else(String::new, |folder| folder.display().to_string());
    let tip = format!(
        "So that sessions and trainings go on after the window was killed or the computer went off. What is kept, in {folder}, \
         has the ids of your samples and what was found of them. Switched off, all of it is deleted"
    );
    if ui
        .checkbox(&mut keep, "Keep unsaved work on this computer")
        .on_hover_text(tip)
        .changed()
    {
        context.ask(Command::KeepWork(keep));
    }
}
