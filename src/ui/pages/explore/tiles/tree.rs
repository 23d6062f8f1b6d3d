//! From a layout to the tree of tiles, and back.

use egui_tiles::{Container, Grid, Linear, LinearDir, Tabs, Tile, TileId, Tiles};

use crate::{
    document::{Layout, Panel, Shares},
    ui::pages::explore::panels::{self, ShowPanel},
};

/// A panel, and a number that no other has.
pub struct Pane {
    pub panel: Box<dyn ShowPanel>,
    pub serial: u64,
}

/// Makes the tree of a layout.
pub struct Maker<'a> {
    /// Panels there are already.
    pub kept: Vec<Pane>,
    /// Panels that were made so far.
    pub made: &'a mut u64,
    pub tiles: Tiles<Pane>,
}

impl Maker<'_> {
    pub fn put(&mut self, layout: &Layout) -> TileId {
        match layout {
            Layout::Panel(panel) => {
                let pane = self.pane(panel);
                self.tiles.insert_pane(pane)
            }
            Layout::Row(parts) => self.linear(LinearDir::Horizontal, parts),
            Layout::Column(parts) => self.linear(LinearDir::Vertical, parts),
            Layout::Grid { parts, shares } => {
                let children = parts.iter().map(|part| self.put(part)).collect();
                let mut grid = Grid::new(children);
                let [columns, rows] = shares;
                (grid.col_shares, grid.row_shares) = (columns.clone(), rows.clone());
                self.tiles.insert_container(grid)
            }
            Layout::Tabs { parts, shown } => {
                let children: Vec<TileId> = parts.iter().map(|part| self.put(part)).collect();
                let active = children.get(*shown).or(children.first()).copied();
                let mut tabs = Tabs::new(children);
                tabs.active = active;
                self.tiles.insert_container(tabs)
            }
        }
    }

    fn linear(&mut self, dir: LinearDir, parts: &Shares) -> TileId {
        let children: Vec<TileId> = parts.iter().map(|(_, part)| self.put(part)).collect();
        let mut linear = Linear::new(dir, children.clone());
        for (child, (share, _)) in children.into_iter().zip(parts) {
            linear.shares.set_share(child, *share);
        }
        self.tiles.insert_container(linear)
    }

    fn pane(&mut self, panel: &Panel) -> Pane {
        let mut kept = self.kept.iter();
        match kept.position(|pane| pane.panel.kept() == *panel) {
            Some(at) => self.kept.swap_remove(at),
            None => {
                *self.made += 1;
                Pane {
                    panel: panels::make(panel, *self.made),
                    serial: *self.made,
                }
            }
        }
    }
}

pub fn pane(tile: &Tile<Pane>) -> Option<&Pane> {
    match tile {
        Tile::Pane(pane) => Some(pane),
        Tile::Container(_) => None,
    }
}

/// How the tiles stand now; nothing where there are none.
pub fn read(tiles: &Tiles<Pane>, at: TileId) -> Option<Layout> {
    let container = match tiles.get(at)? {
        Tile::Pane(pane) => return Some(Layout::Panel(pane.panel.kept())),
        Tile::Container(container) => container,
    };
    let parts = || container.children().filter_map(|&child| read(tiles, child));
    match container {
        Container::Linear(linear) => {
            let share = |child: &TileId| {
                let mut known = linear.shares.iter();
                let known = known.find(|(id, _)| *id == child);
                known.map_or(1.0, |(_, share)| *share)
            };
            let children = linear.children.iter();
            let parts = children.filter_map(|child| Some((share(child), read(tiles, *child)?)));
            let parts: Shares = parts.collect();
            let found = match linear.dir {
                LinearDir::Horizontal => Layout::Row(parts),
                LinearDir::Vertical => Layout::Column(parts),
            };
            Some(found)
        }
        Container::Grid(grid) => {
            // Where all are alike it does not matter how many there are now.
            let uneven = |shares: &Vec<f32>| match shares.iter().all(|&share| share == 1.0) {
                true => Vec::new(),
                false => shares.clone(),
            };
            Some(Layout::Grid {
                parts: parts().collect(),
                shares: [uneven(&grid.col_shares), uneven(&grid.row_shares)],
            })
        }
        Container::Tabs(tabs) => {
            let mut parts: Vec<Layout> = parts().collect();
            let mut children = tabs.children.iter();
            let shown = children.position(|child| Some(*child) == tabs.active);
            match parts.len() {
                // Every panel has a tab.
                1 => parts.pop(),
                _ => Some(Layout::Tabs {
                    parts,
                    shown: shown.unwrap_or(0),
                }),
            }
        }
    }
}
