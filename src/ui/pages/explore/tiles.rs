//! Panels side by side, above each other and on tabs, as the user wants them.

mod tree;

use std::cmp::Ordering;

use eframe::egui::{self, Color32, Rect, Response, Stroke, Style, Ui, Visuals, WidgetText};
use egui_tiles::{
    Behavior, EditAction, ResizeState, SimplificationOptions, TabState, Tabs, Tile, TileId, Tiles,
    Tree, UiResponse,
};

use super::panels::{self, MakeTable, Scene, ShowPanel};
use crate::{
    document::{Layout, Panel},
    figure::name,
    ui::theme,
};
use tree::{Maker, Pane, pane, read};

/// Signs of a title on a tab at most.
const TITLE: usize = 28;
/// Room between panels.
const GAP: f32 = 9.0;

/// A panel that is seen.
pub(super) struct Shown {
    pub title: String,
    pub panel: Panel,
    pub rect: Rect,
    /// The panel itself, to be drawn elsewhere.
    pub twin: Option<Box<dyn ShowPanel>>,
}

/// The panels, where they stand.
pub(super) struct Arrangement {
    tree: Tree<Pane>,
    /// The layout that the tree has.
    layout: Layout,
    /// Panels that were made so far.
    made: u64,
}

impl Default for Arrangement {
    fn default() -> Self {
        Self {
            tree: Tree::empty(egui::Id::unique("explore panels")),
            layout: Layout::Row(Vec::new()),
            made: 0,
        }
    }
}

impl Arrangement {
    /// One that has these panels already, for whatever layout it is to show.
    pub fn of(panels: impl IntoIterator<Item = Box<dyn ShowPanel>>) -> Self {
        let mut new = Self::default();
        for panel in panels {
            new.made += 1;
            let serial = new.made;
            _ = new.tree.tiles.insert_pane(Pane { panel, serial });
        }
        new
    }

    /// The panels that were seen in the last frame.
    pub fn shown(&self, scene: &Scene<'_>) -> Vec<Shown> {
        let tiles = &self.tree.tiles;
        let mut seen: Vec<Shown> = tiles
            .iter()
            .filter_map(|(id, tile)| {
                let panel = &pane(tile)?.panel;
                Some(Shown {
                    title: panel.title(scene),
                    panel: panel.kept(),
                    rect: tiles.rect(*id)?,
                    twin: panel.twin(),
                })
            })
            .collect();
        seen.sort_by(|a, b| {
            let place = |shown: &Shown| (shown.rect.top(), shown.rect.left());
            place(a).partial_cmp(&place(b)).unwrap_or(Ordering::Equal)
        });
        seen
    }

    /// The panels that have a table, by their titles.
    pub fn tables(&self, scene: &Scene<'_>) -> Vec<(String, MakeTable)> {
        let panes = self.tree.tiles.tiles().filter_map(pane);
        let table = |pane: &Pane| Some((pane.panel.title(scene), pane.panel.table(scene)?));
        let mut found: Vec<_> = panes.filter_map(table).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// Shows the panels of the view, and takes over how the user arranges them.
    pub fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        if self.layout != scene.view.layout {
            self.build(&scene.view.layout);
        }
        if self.tree.is_empty() {
            ui.centered_and_justified(|ui| {
                let text = "No panels. Maps, on the left, brings two back.";
                ui.label(theme::weak(ui, text));
            });
            return;
        }
        let mut arranging = Arranging {
            scene,
            edited: false,
            pin: None,
        };
        self.tree.ui(&mut arranging, ui);
        let Arranging { edited, pin, .. } = arranging;
        let tiles = &self.tree.tiles;
        let panes = || tiles.tiles().filter_map(pane);
        let known = self.layout.panels();
        let changed = panes().any(|pane| !known.contains(&&pane.panel.kept()));
        if edited || changed {
            let root = self.tree.root();
            let now = root.and_then(|root| read(tiles, root));
            self.layout = now.unwrap_or(Layout::Row(Vec::new()));
            scene.view.layout = self.layout.clone();
        }
        if let Some(panel) = pin {
            scene.view.layout.add(panel);
        }
    }

    /// Lays the tree out anew; panels that stay keep what they remember.
    fn build(&mut self, layout: &Layout) {
        let old = std::mem::replace(&mut self.tree, Self::default().tree);
        let ids: Vec<TileId> = old.tiles.tile_ids().collect();
        let mut tiles = old.tiles;
        let kept = ids.into_iter().filter_map(|id| match tiles.remove(id)? {
            Tile::Pane(pane) => Some(pane),
            Tile::Container(_) => None,
        });
        let mut maker = Maker {
            kept: kept.collect(),
            made: &mut self.made,
            tiles: Tiles::default(),
        };
        let root = maker.put(layout);
        let tiles = maker.tiles;
        if !layout.panels().is_empty() {
            self.tree = Tree::new(self.tree.id(), root, tiles);
        }
        self.layout = layout.clone();
    }
}

/// How panels look and behave.
struct Arranging<'a, 'b> {
    scene: &'a mut Scene<'b>,
    /// Whether the user arranged something in this frame.
    edited: bool,
    /// A map that is to stay as it is.
    pin: Option<Panel>,
}

impl Behavior<Pane> for Arranging<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, pane: &mut Pane) -> UiResponse {
        let Pane { panel, serial } = pane;
        ui.push_id(*serial, |ui| panel.show(ui, self.scene));
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> WidgetText {
        let title = pane.panel.title(self.scene);
        name::cut(&title, |text| text.chars().count() <= TITLE).into()
    }

    fn on_tab_button(&mut self, tiles: &mut Tiles<Pane>, tile: TileId, tab: Response) -> Response {
        let pane = tiles.get_pane(&tile);
        let title = pane.map_or_else(String::new, |pane| pane.panel.title(self.scene));
        tab.on_hover_text(format!("{title}\nDrag moves the panel"))
    }

    fn on_edit(&mut self, edit: EditAction) {
        self.edited |= edit != EditAction::TileDragged;
    }

    fn is_tab_closable(&self, _: &Tiles<Pane>, _: TileId) -> bool {
        !self.scene.on_paper
    }

    fn on_tab_close(&mut self, _: &mut Tiles<Pane>, _: TileId) -> bool {
        self.edited = true;
        true
    }

    fn top_bar_right_ui(
        &mut self,
        tiles: &Tiles<Pane>,
        ui: &mut Ui,
        _: TileId,
        tabs: &Tabs,
        _: &mut f32,
    ) {
        if self.scene.on_paper {
            return;
        }
        let shown = tabs.active.and_then(|active| tiles.get_pane(&active));
        let Some(pane) = shown else { return };
        let Some(panel) = panels::pinned(&pane.panel.kept(), self.scene.view) else {
            return;
        };
        let tip =
            "Keep a map as this one is now, beside it, while you colour this one by something else";
        let button = ui.add(egui::Button::new("Pin").frame(false));
        if button.on_hover_text(tip).clicked() {
            self.pin = Some(panel);
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions {
            all_panes_must_have_tabs: true,
            flatten_tabs_in_tabs: true,
            ..SimplificationOptions::default()
        }
    }

    /// As many columns as leave each panel the larger square.
    fn grid_auto_column_count(&self, panels: usize, room: Rect, gap: f32) -> usize {
        let side = |columns: usize| {
            let each = |length: f32, count: usize| (length + gap) / count as f32 - gap;
            let rows = panels.div_ceil(columns);
            each(room.width(), columns).min(each(room.height(), rows))
        };
        let all = 1..=panels.max(1);
        all.max_by(|&a, &b| side(a).total_cmp(&side(b)).then(b.cmp(&a)))
            .unwrap_or(1)
    }

    fn close_button_outer_size(&self) -> f32 {
        theme::CONTROL
    }

    fn close_button_inner_margin(&self) -> f32 {
        2.5 * theme::GRID
    }

    fn tab_title_spacing(&self, _: &Visuals) -> f32 {
        theme::GRID
    }

    fn min_size(&self) -> f32 {
        120.0
    }

    fn gap_width(&self, _: &Style) -> f32 {
        GAP
    }

    fn tab_bar_height(&self, _: &Style) -> f32 {
        theme::CONTROL
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        theme::of_visuals(visuals).canvas
    }

    fn tab_bg_color(&self, visuals: &Visuals, _: &Tiles<Pane>, _: TileId, _: &TabState) -> Color32 {
        theme::of_visuals(visuals).canvas
    }

    fn tab_outline_stroke(&self, _: &Visuals, _: &Tiles<Pane>, _: TileId, _: &TabState) -> Stroke {
        Stroke::NONE
    }

    fn tab_bar_hline_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, theme::of_visuals(visuals).line)
    }

    fn tab_text_color(
        &self,
        visuals: &Visuals,
        _: &Tiles<Pane>,
        _: TileId,
        state: &TabState,
    ) -> Color32 {
        let colours = theme::of_visuals(visuals);
        match state.active {
            true => colours.text,
            false => colours.weak,
        }
    }

    fn resize_stroke(&self, style: &Style, state: ResizeState) -> Stroke {
        let colours = theme::of_visuals(&style.visuals);
        match state {
            ResizeState::Idle => Stroke::new(1.0, colours.canvas),
            ResizeState::Hovering | ResizeState::Dragging => Stroke::new(2.0, colours.accent),
        }
    }
}
