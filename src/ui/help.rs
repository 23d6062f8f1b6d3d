//! The sheet behind F1.

use eframe::egui::{self, RichText};

use super::theme;

const KEYS: [(&str, &str); 12] = [
    ("Ctrl+O", "open files"),
    ("Ctrl+Shift+O", "open a folder"),
    ("Ctrl+Enter", "train"),
    ("Ctrl+.", "cancel"),
    ("Ctrl+1 to 5", "Data, Train, Explore, Check, Results"),
    ("Tab, Space, Enter", "move between controls and use them"),
    ("drag, wheel", "pan and zoom a map"),
    ("double-click, 0", "fit the map"),
    ("Shift+drag", "select samples on a map"),
    ("+, -, arrows", "zoom and pan a map that has the focus"),
    ("Esc", "dismiss the last message"),
    ("F1, Esc", "show and hide this sheet"),
];

const WORDS: [(&str, &str); 9] = [
    ("Sample", "a cell or a patient: one row of the tables"),
    (
        "Modality",
        "one kind of measurement, such as RNA or protein",
    ),
    ("Label", "the known class of a sample"),
    ("Cluster", "a group that hdumec found"),
    (
        "Embedding",
        "the few numbers that stand for a sample, learned from all modalities",
    ),
    ("UMAP", "a map of the embedding: near samples are alike"),
    (
        "Data noise",
        "how far the measurements of a sample stray from what the model expects. Look at it to find poor samples and noisy features",
    ),
    (
        "Ambiguity",
        "how undecided a sample is between two clusters. Look at it to find samples that lie between types",
    ),
    (
        "Disagreement",
        "the share of the starts that put a sample into another cluster. Look at it to see which parts of the clustering to trust",
    ),
];

/// Shows the sheet.
pub(crate) fn show(ctx: &egui::Context, open: &mut bool) {
    let sheet = egui::Modal::new(egui::Id::unique("help")).show(ctx, |ui| {
        ui.set_width(480.0);
        ui.label(theme::heading("Keys and words"));
        ui.add_space(theme::GRID);
        let height = ui.ctx().content_rect().height() - 180.0;
        egui::ScrollArea::vertical()
            .max_height(height.max(160.0))
            .show(ui, |ui| {
                for (id, rows) in [("keys", &KEYS[..]), ("words", &WORDS[..])] {
                    egui::Grid::new(id)
                        .num_columns(2)
                        .spacing([20.0, 6.0])
                        .show(ui, |ui| {
                            for (name, meaning) in rows {
                                ui.label(RichText::new(*name).strong());
                                ui.add(egui::Label::new(*meaning).wrap());
                                ui.end_row();
                            }
                        });
                    ui.add_space(4.0 * theme::GRID);
                }
            });
        ui.horizontal(|ui| {
            ui.label(theme::weak(
                ui,
                concat!("hdumec ", env!("CARGO_PKG_VERSION")),
            ));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.button("Close").clicked()
            })
            .inner
        })
        .inner
    });
    if sheet.inner || sheet.should_close() {
        *open = false;
    }
}
