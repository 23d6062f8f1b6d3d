//! Where results are saved, and as what.

use eframe::egui::{self, Ui};

use crate::{
    app::Command,
    data::Dataset,
    export,
    pipeline::AnalysisResult,
    ui::{
        context::Context,
        theme,
        widgets::{copy::copy_button, open},
    },
};

/// The button that writes a file for Python beside the folder.
pub(super) fn for_python(
    ui: &mut Ui,
    free: bool,
    dataset: &Dataset,
    folder: &str,
) -> Option<Command> {
    let ending = export::ending(dataset);
    let (kind, packages) = match ending {
        "h5ad" => ("AnnData", "scanpy"),
        _ => ("MuData", "muon and scanpy"),
    };
    let about = format!(
        "One file for Python ({kind}): what was measured, with clusters, uncertainty and map, for {packages}."
    );
    ui.add(egui::Label::new(theme::weak(ui, about)).wrap());
    let folder = folder.trim().trim_end_matches(['/', '\\']);
    let file = format!("{folder}.{ending}");
    let button = egui::Button::new(format!("Write .{ending}"));
    let button = ui.add_enabled(free && !folder.is_empty(), button);
    let clicked = button.on_hover_text(format!("Write {file}")).clicked();
    clicked.then(|| Command::SaveForPython {
        file: open::expand(&file),
        replace: false,
    })
}

/// A folder beside the last results, or among the user's documents.
pub(super) fn default_folder(context: &Context<'_>, result: &AnalysisResult) -> String {
    open::beside(context.state)
        .join(format!("hdumec-{}", result.dataset.name))
        .display()
        .to_string()
}

/// Where the results are that are saved.
pub(super) fn saved_card(ui: &mut Ui, saved: &std::path::Path) {
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.strong(format!("Saved to {}", saved.display()));
            let tip = "Copy the folder's path to the clipboard";
            copy_button(ui, "Copy path", tip, || saved.display().to_string());
        });
    });
    ui.add_space(3.0 * theme::GRID);
}
