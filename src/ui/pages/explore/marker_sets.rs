//! The known markers by which names are proposed, as a table that the user can change.

use eframe::egui::{self, Ui};

use crate::{
    analysis::markers::sets::{IMMUNE, read_sets},
    app::Command,
    ui::{context::Context, theme},
};

/// Height of the table.
const HEIGHT: f32 = 220.0;

/// The table while it is being changed.
#[derive(Default)]
pub(super) struct MarkerSets {
    text: Option<String>,
}

/// The sets that are in use: the user's own, or those that come with hdumec.
pub(super) fn in_use<'a>(context: &'a Context<'_>) -> &'a str {
    let own = context.state.settings.marker_sets.as_deref();
    own.unwrap_or(IMMUNE)
}

impl MarkerSets {
    /// The button that opens the table.
    pub fn button(&mut self, ui: &mut Ui, context: &Context<'_>) {
        let tip = "The markers by which names are proposed: see and change them";
        let open = ui.button("Marker sets\u{2026}").on_hover_text(tip);
        if open.clicked() {
            self.text = Some(in_use(context).to_owned());
        }
    }

    /// Shows the table, if it is open.
    pub fn show(&mut self, ui: &Ui, context: &mut Context<'_>) {
        let Some(text) = &mut self.text else { return };
        let mut done = false;
        let sheet = egui::Modal::new(egui::Id::unique("marker sets")).show(ui.ctx(), |ui| {
            ui.set_width(560.0);
            ui.label(theme::heading("Marker sets"));
            let about = "A kind of cell a line: its name, a comma, features that it has, and, after another comma, those that it lacks. Genes and \
                 surface proteins may stand together; what the data do not have is passed over.";
            ui.add(egui::Label::new(theme::weak(ui, about)).wrap());
            ui.add_space(theme::GRID);
            egui::ScrollArea::both().max_height(HEIGHT).show(ui, |ui| {
                let edit = egui::TextEdit::multiline(text)
                    .code_editor()
                    .desired_rows(12)
                    .desired_width(f32::INFINITY);
                let edit = ui.add(edit);
                edit.widget_info(|| {
                    let role = egui::Role::MultilineTextInput;
                    egui::WidgetInfo::labeled(role, true, "Sets of markers")
                });
            });
            ui.add_space(theme::GRID);
            let read = read_sets(text);
            let said = match &read {
                Ok(sets) => egui::RichText::new(format!("{} sets", sets.len())),
                Err(bad) => egui::RichText::new(bad.to_string())
                    .color(theme::colours(ui).problem),
            };
            ui.add(egui::Label::new(said).wrap());
            ui.add_space(theme::GRID);
            ui.horizontal(|ui| {
                let tip = "The sets of common immune cells that come with hdumec";
                if ui.button("Built-in sets").on_hover_text(tip).clicked() {
                    IMMUNE.clone_into(text);
                }
                done = ui.button("Cancel").clicked();
            });
            ui.add_space(theme::GRID);
            if theme::primary(ui, "Use these sets", read.is_ok()).clicked() {
                let own = (*text != IMMUNE).then(|| text.clone());
                context.ask(Command::SetMarkerSets(own));
                done = true;
            }
        });
        if done || sheet.should_close() {
            self.text = None;
        }
    }

    pub fn is_open(&self) -> bool {
        self.text.is_some()
    }
}
