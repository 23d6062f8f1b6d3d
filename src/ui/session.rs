//! The sheet that asks where a session is to be saved.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Ui};

use super::{
    dialog::Dialogs,
    theme,
    widgets::{form, open},
};
use crate::{
    app::{AppState, Command},
    document::{carried, session::ENDING},
    words::memory_in_words,
};

/// The sheet, while it is open.
#[derive(Default)]
pub(crate) struct SaveSheet {
    /// The file as edited.
    file: Option<String>,
    /// Whether the files of the data go along.
    carry: bool,
}

impl SaveSheet {
    /// Saves into the session's file, or asks for one.
    pub fn save(&mut self, state: &AppState, commands: &mut Vec<Command>) {
        match &state.session.path {
            Some(file) => commands.push(Command::SaveSession {
                file: file.clone(),
                carry: state.session.carries,
                replace: true,
            }),
            None => self.open(state),
        }
    }

    /// Asks for a file.
    pub fn open(&mut self, state: &AppState) {
        let file = state.session.path.clone();
        let file = file.unwrap_or_else(|| default_file(state));
        self.file = Some(file.display().to_string());
        self.carry = state.session.carries;
    }

    /// Shows the sheet, if it is open.
    pub fn show(
        &mut self,
        ctx: &egui::Context,
        state: &AppState,
        dialogs: &mut Dialogs,
        commands: &mut Vec<Command>,
    ) {
        let Some(file) = &mut self.file else { return };
        let carry = &mut self.carry;
        let size = state.data.as_ref().map(carried::size);
        if let Some(path) = dialogs.session.take() {
            *file = path.display().to_string();
        }
        let (mut save, mut close) = (false, false);
        let sheet = egui::Modal::new(egui::Id::unique("save session")).show(ctx, |ui| {
            ui.set_width(480.0);
            (save, close) = contents(ui, file, (carry, size), dialogs);
        });
        if save {
            commands.push(Command::SaveSession {
                file: with_ending(&open::expand(file.trim())),
                carry: self.carry,
                replace: false,
            });
        }
        if save || close || sheet.should_close() {
            self.file = None;
        }
    }
}

/// Whether to save, and whether to close.
fn contents(
    ui: &mut Ui,
    file: &mut String,
    (carry, size): (&mut bool, Option<Result<u64, String>>),
    dialogs: &mut Dialogs,
) -> (bool, bool) {
    ui.label(theme::heading("Save session"));
    let text = "One file with the runs and their results, what you selected and how you look at it. The data stay where they are: \
                the file knows where that is, and whether they have changed.";
    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
    ui.add_space(theme::GRID);
    let label = ui.label("File");
    let width = ui.available_width();
    let field = form::field(ui, file, "session.hdumec", width).labelled_by(label.id);
    let entered = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    ui.add_space(theme::GRID);
    let (fits, tip) = match size {
        Some(Ok(bytes)) => (
            true,
            format!(
                "{} of files, for who has no access to them",
                memory_in_words(bytes)
            ),
        ),
        Some(Err(why)) => (false, why),
        None => (false, "There are no data".into()),
    };
    *carry &= fits;
    ui.add_enabled(fits, egui::Checkbox::new(carry, "With the data in it"))
        .on_hover_text(&tip)
        .on_disabled_hover_text(&tip);
    ui.add_space(theme::GRID);
    let mut close = false;
    let mut save = entered;
    ui.horizontal(|ui| {
        if ui.button("Choose\u{2026}").clicked() {
            dialogs.choose_session(ui.ctx(), Path::new(file.trim()));
        }
        close = ui.button("Cancel").clicked();
    });
    ui.add_space(theme::GRID);
    save |= theme::primary(ui, "Save session", !file.trim().is_empty()).clicked();
    (save && !file.trim().is_empty(), close)
}

/// A file beside the last results, or among the user's documents.
fn default_file(state: &AppState) -> PathBuf {
    let data = state.data.as_ref();
    let name = data.map_or("session", |data| data.dataset.name.as_str());
    open::beside(state).join(format!("{name}.{ENDING}"))
}

/// The ending by which a session is known, unless the file has it.
fn with_ending(file: &Path) -> PathBuf {
    match file.extension() {
        Some(ending) if ending == ENDING => file.to_owned(),
        _ => {
            let mut name = file.as_os_str().to_owned();
            name.push(format!(".{ENDING}"));
            name.into()
        }
    }
}
