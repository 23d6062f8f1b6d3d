//! How the groups of two groupings share their samples.

use eframe::egui::{self, Ui};

use super::{
    MakeTable, Scene, ShowPanel,
    grid::{Grid, Tile},
    instead,
};
use crate::{
    document::Panel,
    export::{Cell, Sheet},
    pipeline::{AnalysisResult, Given, GroupBy, Groups},
    ui::{
        later::{AT_ONCE, Later, Same},
        theme,
        widgets::form,
    },
    words::thousands,
};

/// A table of two groupings.
pub struct Composition {
    against: GroupBy,
    counted: Later<Depends, Option<Counted>>,
}

#[derive(Clone, PartialEq)]
struct Depends {
    result: Same<AnalysisResult>,
    stage: u8,
    by: [GroupBy; 2],
    given: Given,
}

/// The groups of the rows and of the columns, and the samples of every pair of them.
struct Counted {
    rows: Groups,
    columns: Groups,
    counts: Vec<Vec<usize>>,
    totals: [Vec<usize>; 2],
    /// The columns as they stand: each below the row that it has most samples of.
    order: Vec<usize>,
}

/// Columns in the order of the rows that they have most samples of, the largest first.
fn order(counts: &[Vec<usize>], columns: usize) -> Vec<usize> {
    let best = |column: usize| {
        let rows = counts.iter().enumerate();
        let best = rows.max_by_key(|(row, counts)| (counts[column], usize::MAX - row));
        best.map_or((0, 0), |(row, counts)| (row, usize::MAX - counts[column]))
    };
    let mut order: Vec<usize> = (0..columns).collect();
    order.sort_by_key(|&column| (best(column), column));
    order
}

impl Counted {
    fn of(depends: &Depends) -> Option<Self> {
        let stage = depends.result.0.stage(depends.stage);
        let groups = |by: GroupBy| by.groups(&depends.result.0, stage, &depends.given);
        let (rows, columns) = (groups(depends.by[0])?, groups(depends.by[1])?);
        Some(Self {
            counts: rows.counts_with(&columns),
            totals: [rows.counts(), columns.counts()],
            order: order(&rows.counts_with(&columns), columns.names.len()),
            rows,
            columns,
        })
    }

    /// What is to be said of a cell.
    fn tip(&self, [row, column]: [usize; 2]) -> String {
        let count = self.counts[row][column];
        let share = |of: usize| 100.0 * count as f64 / of.max(1) as f64;
        format!(
            "{} samples of {} in {}\n{:.1} % of {}, {:.1} % of {}\nClick selects them. Numbers are percent of the row.",
            thousands(count as u64),
            self.rows.names[row],
            self.columns.names[column],
            share(self.totals[0][row]),
            self.rows.names[row],
            share(self.totals[1][column]),
            self.columns.names[column],
        )
    }
}

impl Composition {
    pub fn new(against: GroupBy) -> Self {
        Self {
            against,
            counted: Later::default(),
        }
    }
}

impl ShowPanel for Composition {
    fn kept(&self) -> Panel {
        Panel::Composition {
            against: self.against,
        }
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        let dataset = &scene.result.dataset;
        let [own, other] = [scene.view.groups, self.against].map(|by| by.name(dataset));
        format!("{own} against {other}")
    }

    fn table(&self, _: &Scene<'_>) -> Option<MakeTable> {
        let counted = self.counted.last()?;
        Some(Box::new(move || {
            let Some(counted) = &*counted else {
                return Sheet::default();
            };
            let names = counted.columns.names.iter().cloned();
            let row = |(name, counts): (&String, &Vec<usize>)| {
                let counts = counts.iter().map(|&count| Cell::Number(count as f64));
                let name = Cell::from(name.as_str());
                std::iter::once(name).chain(counts).collect()
            };
            let rows = counted.rows.names.iter().zip(&counted.counts);
            Sheet {
                header: std::iter::once("group".to_owned()).chain(names).collect(),
                rows: rows.map(row).collect(),
            }
        }))
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let dataset = &scene.result.dataset;
        let all = GroupBy::all(dataset).into_iter();
        let all: Vec<(GroupBy, String)> = all.map(|by| (by, by.name(dataset))).collect();
        if !scene.on_paper {
            form::menu(ui, "Columns", &mut self.against, &all);
        }
        let depends = Depends {
            result: Same(scene.result.clone()),
            stage: scene.view.stage,
            by: [scene.view.groups, self.against],
            given: scene.colouring.given().clone(),
        };
        let at_once = dataset.samples.len() <= AT_ONCE;
        let wanted = depends.clone();
        let make = move |_| Counted::of(&wanted);
        let Some(found) = self.counted.get(ui.ctx(), &depends, at_once, make) else {
            ui.centered_and_justified(egui::Ui::spinner);
            return;
        };
        let Some(counted) = found.as_ref() else {
            instead(
                ui,
                "These data do not have one of the two: choose other columns.",
            );
            return;
        };
        let clicked = egui::ScrollArea::both()
            .auto_shrink(false)
            .show(ui, |ui| table(ui, counted))
            .inner;
        if let Some([row, column]) = clicked {
            let found = found.clone();
            scene.select(ui, move || {
                let counted = found.iter();
                let both = counted.flat_map(|both| both.rows.of.iter().zip(&both.columns.of));
                let is = |group: &Option<u32>, at: usize| *group == Some(at as u32);
                let inside = (0..).zip(both);
                let inside = inside.filter(|(_, (own, other))| is(own, row) && is(other, column));
                inside.map(|(sample, _)| sample).collect()
            });
        }
    }
}

/// Shows the table; gives the cell that was clicked.
fn table(ui: &mut Ui, counted: &Counted) -> Option<[usize; 2]> {
    let c = theme::colours(ui);
    let names = |groups: &Groups| groups.names.clone();
    let columns = names(&counted.columns);
    let columns = counted
        .order
        .iter()
        .map(|&of| (columns[of].clone(), of + 1));
    let grid = Grid {
        rows: names(&counted.rows),
        columns: columns.collect(),
    };
    let tile = |[row, column]: [usize; 2]| {
        let count = counted.counts[row][counted.order[column]];
        let share = count as f32 / counted.totals[0][row].max(1) as f32;
        let text = match share {
            _ if count == 0 => String::new(),
            share if share < 0.01 => "<1".to_owned(),
            share => format!("{:.0}", 100.0 * share),
        };
        Tile {
            fill: c.canvas.lerp_to_gamma(c.accent, share),
            ink: if share > 0.5 { c.on_accent } else { c.text },
            text,
        }
    };
    let of = |[row, column]: [usize; 2]| [row, counted.order[column]];
    let summary = format!(
        "Table of {} by {} groups",
        grid.rows.len(),
        grid.columns.len()
    );
    let clicked = grid.show(ui, &summary, tile, |cell| counted.tip(of(cell)));
    clicked.map(of)
}
