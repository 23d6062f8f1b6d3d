//! The groups in numbers: the panel to read before writing another.

use eframe::egui::{Grid, ScrollArea, Ui};

use super::{MakeTable, Scene, ShowPanel};
use crate::{
    analysis::distribution::{Distribution, by_group},
    document::Panel,
    export::{Cell, Sheet},
    ui::{
        later::{Later, Same},
        pages::explore::scale,
        theme,
    },
    words::thousands,
};

/// The values, and the group of every sample.
type Depends = (Same<Vec<f32>>, Same<Vec<Option<u32>>>);

/// A row for each group: its samples, and the values that are chosen for the page.
#[derive(Default)]
pub struct Table {
    /// Made by a worker when the values or the groups are others.
    found: Later<Depends, Vec<Distribution>>,
}

impl ShowPanel for Table {
    fn kept(&self) -> Panel {
        Panel::Table
    }

    fn title(&self, scene: &Scene<'_>) -> String {
        format!(
            "Groups by {}",
            scene.view.groups.name(&scene.result.dataset)
        )
    }

    fn table(&self, scene: &Scene<'_>) -> Option<MakeTable> {
        let found = self.found.last()?;
        let groups = scene.colouring.groups.iter();
        let groups: Vec<_> = groups.map(|g| (g.name.clone(), g.samples)).collect();
        Some(Box::new(move || {
            let row = |((name, samples), of): (&(String, usize), &Distribution)| {
                let median = of.quartiles.map(|[_, median, _]| median);
                let numbers = median.map_or([f32::NAN; 2], |median| [median, of.mean]);
                let mut cells = vec![Cell::from(name.as_str()), Cell::Number(*samples as f64)];
                cells.extend(numbers.map(Cell::from));
                cells
            };
            Sheet {
                header: ["group", "samples", "median", "mean"]
                    .map(String::from)
                    .into(),
                rows: groups.iter().zip(&*found).map(row).collect(),
            }
        }))
    }

    fn show(&mut self, ui: &mut Ui, scene: &mut Scene<'_>) {
        let colouring = scene.colouring;
        let (groups, count) = (colouring.group_of.clone(), colouring.groups.len());
        let lens = colouring.lens.as_ref();
        let values = lens.map(|lens| lens.values.clone()).unwrap_or_default();
        let key = (Same(values.clone()), Same(groups.clone()));
        let make = move |_| by_group(&values, &groups, count, (0.0, 1.0), 0);
        let Some(found) = self.found.get(ui.ctx(), &key, false, make) else {
            return;
        };
        let mut clicked = None;
        ScrollArea::both().auto_shrink(false).show(ui, |ui| {
            Grid::new("groups").striped(true).show(ui, |ui| {
                let value = scene.view.lens.name(&scene.result.dataset);
                for title in ["group", "samples", &format!("median {value}"), "mean"] {
                    ui.label(theme::weak(ui, title));
                }
                ui.end_row();
                for (at, (group, of)) in colouring.groups.iter().zip(&*found).enumerate() {
                    let name = ui.link(&group.name).on_hover_text("Click selects them");
                    clicked = name.clicked().then_some(at).or(clicked);
                    ui.label(thousands(group.samples as u64));
                    let numbers = of.quartiles.map(|[_, median, _]| [median, of.mean]);
                    for number in numbers.into_iter().flatten() {
                        ui.label(scale::in_short(number));
                    }
                    ui.end_row();
                }
            });
        });
        if let Some(group) = clicked {
            scene.select_group(ui, group);
        }
    }
}
