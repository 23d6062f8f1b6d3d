//! The sheet behind F1.

use eframe::egui::{self, RichText, Ui};

use super::theme;

const KEYS: [(&str, &str); 16] = [
    ("Ctrl+O", "open files"),
    ("Ctrl+Shift+O", "open a folder"),
    ("Ctrl+S", "save the session; with Shift, into another file"),
    ("Ctrl+Z, Ctrl+Shift+Z", "undo and redo"),
    ("Ctrl+Enter", "what the large button does"),
    ("Ctrl+.", "cancel"),
    (
        "Ctrl+1 to 7",
        "Data, Prepare, Train, Explore, Check, Compare, Results",
    ),
    ("Tab, Space, Enter", "move between controls and use them"),
    ("drag, wheel", "pan and zoom a map"),
    ("double-click, 0", "fit the map"),
    (
        "Shift+drag",
        "select samples on a map; Shift+click where polygons are drawn",
    ),
    (
        "Ctrl, Alt, both",
        "with what selects: add, take away, keep what is in both",
    ),
    ("Ctrl+K", "colour by anything, found by typing"),
    ("+, -, arrows", "zoom and pan a map that has the focus"),
    ("Esc", "dismiss the last message"),
    ("F1, Esc", "show and hide this sheet"),
];

const WORDS: [(&str, &str); 11] = [
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
        "the share of the votes, of starts and looks at the data, that put a sample into another cluster. Look at it to see which parts of the clustering to trust",
    ),
    (
        "Look at the data",
        "a clustering of a neighbour graph by one way to scale, choose and weigh features; many of them vote on the clusters",
    ),
    (
        "Contradiction",
        "how far one modality of a sample says another cluster than the others do. Look at it to find doublets and mixed-up samples",
    ),
];

/// Width of the keys and words.
const NAMES: f32 = 136.0;

/// Shows the sheet.
pub(crate) fn show(ctx: &egui::Context, open: &mut bool) {
    let id = egui::Id::unique("help");
    // Opaque from its first frame on.
    let area = egui::Modal::default_area(id).fade_in(false);
    let sheet = egui::Modal::new(id).area(area).show(ctx, |ui| {
        ui.set_width(480.0);
        ui.label(theme::heading("Keys and words"));
        ui.add_space(theme::GRID);
        let height = ui.ctx().content_rect().height() - 180.0;
        egui::ScrollArea::vertical()
            .max_height(height.max(160.0))
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                for rows in [&KEYS[..], &WORDS[..]] {
                    for (name, meaning) in rows {
                        row(ui, name, meaning);
                    }
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

/// A row with a first column of fixed width, so that the sheet has its size from its first frame on.
fn row(ui: &mut Ui, name: &str, meaning: &str) {
    let width = ui.available_width() - 3.0 * theme::GRID;
    ui.horizontal_top(|ui| {
        let column = |ui: &mut Ui, width, text: RichText| {
            let layout = egui::Layout::top_down(egui::Align::Min);
            ui.allocate_ui_with_layout(egui::vec2(width, 0.0), layout, |ui| {
                ui.set_width(width);
                ui.add(egui::Label::new(text).wrap());
            });
        };
        column(ui, NAMES, RichText::new(name).strong());
        let gap = ui.spacing().item_spacing.x;
        column(ui, width - NAMES - gap, RichText::new(meaning));
    });
}
